#include "reach.h"

#include <stddef.h>

#include "core/base/cpu.h"

uint64_t reach_scalar(const uint16_t *sums, uint16_t cut) {
    uint64_t bits = 0;
    for (unsigned i = 0; i < REACH_WIDTH; i++)
        bits |= (uint64_t)(sums[i] >= cut) << i;
    return bits;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512bw"))) static uint64_t reach_avx512(const uint16_t *sums, uint16_t cut) {
    const __m512i c = _mm512_set1_epi16((short)cut);
    uint64_t low = _mm512_cmpge_epu16_mask(_mm512_loadu_si512(sums), c);
    uint64_t high = _mm512_cmpge_epu16_mask(_mm512_loadu_si512(sums + REACH_WIDTH / 2), c);
    return low | high << REACH_WIDTH / 2;
}

__attribute__((target("avx2"))) static uint64_t reach_avx2(const uint16_t *sums, uint16_t cut) {
    const __m256i c = _mm256_set1_epi16((short)cut);
    uint64_t bits = 0;
    for (unsigned i = 0; i < REACH_WIDTH; i += 32) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(sums + i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(sums + i + 16));
        a = _mm256_cmpeq_epi16(_mm256_max_epu16(a, c), a);
        b = _mm256_cmpeq_epi16(_mm256_max_epu16(b, c), b);
        /* Packing takes the halves of both in turn. */
        __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xd8);
        bits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(packed) << i;
    }
    return bits;
}

reach_function *const *reach_all(void) {
    static reach_function *const all[] = {reach_avx512, reach_avx2, reach_scalar, NULL};
    if (!cpu_has_avx2())
        return all + 2;
    return cpu_has_avx512() ? all : all + 1;
}

reach_function *reach_best(void) {
    return reach_all()[0];
}

#elif defined(__aarch64__)
#include "core/base/neon.h"

static uint64_t reach_neon(const uint16_t *sums, uint16_t cut) {
    const uint16x8_t c = vdupq_n_u16(cut);
    uint8x16_t hits[REACH_WIDTH / 16];
    for (size_t i = 0; i < REACH_WIDTH / 16; i++) {
        uint16x8_t low = vcgeq_u16(vld1q_u16(sums + 16 * i), c), high = vcgeq_u16(vld1q_u16(sums + 16 * i + 8), c);
        hits[i] = vmovn_high_u16(vmovn_u16(low), high);
    }
    return neon_bits(hits);
}

reach_function *const *reach_all(void) {
    static reach_function *const all[] = {reach_neon, reach_scalar, NULL};
    return all;
}

reach_function *reach_best(void) {
    return reach_neon;
}

#else

reach_function *const *reach_all(void) {
    static reach_function *const all[] = {reach_scalar, NULL};
    return all;
}

reach_function *reach_best(void) {
    return reach_scalar;
}
#endif
