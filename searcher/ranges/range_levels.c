#include "range_levels.h"

#include <stddef.h>

#include "core/base/cpu.h"

static void unpack_scalar(uint16_t *out, const uint8_t *levels, const uint16_t *table) {
    for (unsigned i = 0; i < LEVEL_BATCH / 2; i++) {
        out[2 * i] = table[levels[i] & 15];
        out[2 * i + 1] = table[levels[i] >> 4];
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512bw"))) static void unpack_avx512(uint16_t *out, const uint8_t *levels,
                                                              const uint16_t *table) {
    const __m512i numbers = _mm512_loadu_si512(table);
    for (unsigned i = 0; i < LEVEL_BATCH; i += 32) {
        /* A byte in each lane of 32 bits, and its upper half at the lane's bit 16. */
        __m512i two = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)(levels + i / 2)));
        two = _mm512_or_si512(two, _mm512_slli_epi32(two, 12));
        _mm512_storeu_si512(out + i, _mm512_permutexvar_epi16(two, numbers));
    }
}

/* The lower and the upper bytes of the numbers are looked up apart. */
__attribute__((target("avx2"))) static void unpack_avx2(uint16_t *out, const uint8_t *levels, const uint16_t *table) {
    const __m128i byte = _mm_set1_epi16(255), four = _mm_set1_epi8(15);
    __m128i first = _mm_loadu_si128((const __m128i *)(const void *)table);
    __m128i second = _mm_loadu_si128((const __m128i *)(const void *)(table + 8));
    __m128i low = _mm_packus_epi16(_mm_and_si128(first, byte), _mm_and_si128(second, byte));
    __m128i high = _mm_packus_epi16(_mm_srli_epi16(first, 8), _mm_srli_epi16(second, 8));
    for (unsigned i = 0; i < LEVEL_BATCH; i += 16) {
        __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)(levels + i / 2));
        __m128i each = _mm_and_si128(_mm_unpacklo_epi8(bytes, _mm_srli_epi16(bytes, 4)), four);
        __m128i lows = _mm_shuffle_epi8(low, each), highs = _mm_shuffle_epi8(high, each);
        _mm_storeu_si128((__m128i *)(void *)(out + i), _mm_unpacklo_epi8(lows, highs));
        _mm_storeu_si128((__m128i *)(void *)(out + i + 8), _mm_unpackhi_epi8(lows, highs));
    }
}

unpack_levels *const *unpack_levels_all(void) {
    static unpack_levels *const all[] = {unpack_avx512, unpack_avx2, unpack_scalar, NULL};
    if (!cpu_has_avx2())
        return all + 2;
    return cpu_has_avx512() ? all : all + 1;
}
#elif defined(__aarch64__)
#include <arm_neon.h>

/* The lower and the upper bytes of the numbers are looked up apart. */
static void unpack_neon(uint16_t *out, const uint8_t *levels, const uint16_t *table) {
    const uint8x16x2_t numbers = vld2q_u8((const uint8_t *)table);
    for (size_t i = 0; i < LEVEL_BATCH; i += 32) {
        uint8x16_t two = vld1q_u8(levels + i / 2), low = vandq_u8(two, vdupq_n_u8(15)), high = vshrq_n_u8(two, 4);
        uint8x16_t first = vzip1q_u8(low, high), last = vzip2q_u8(low, high);
        uint8x16x2_t firsts = {{vqtbl1q_u8(numbers.val[0], first), vqtbl1q_u8(numbers.val[1], first)}};
        uint8x16x2_t lasts = {{vqtbl1q_u8(numbers.val[0], last), vqtbl1q_u8(numbers.val[1], last)}};
        vst2q_u8((uint8_t *)(out + i), firsts);
        vst2q_u8((uint8_t *)(out + i + 16), lasts);
    }
}

unpack_levels *const *unpack_levels_all(void) {
    static unpack_levels *const all[] = {unpack_neon, unpack_scalar, NULL};
    return all;
}
#else
unpack_levels *const *unpack_levels_all(void) {
    static unpack_levels *const all[] = {unpack_scalar, NULL};
    return all;
}
#endif

unpack_levels *unpack_levels_best(void) {
    return unpack_levels_all()[0];
}
