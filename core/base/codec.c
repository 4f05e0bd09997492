#include "codec.h"

#include "cpu.h"
#include "lanes.h"

#define INLINE static inline __attribute__((always_inline))

enum { ROWS = PACK_COUNT / 4 };

/* `width` is a constant where this is called, so that the loop unrolls into shifts by constants. */
INLINE void unpack_rows(uint32_t *out, const uint8_t *in, const unsigned width) {
    const uint32_t top = width == 32 ? UINT32_MAX : (UINT32_C(1) << width) - 1;
    const lanes mask = {top, top, top, top};
    lanes word = lanes_load(in);
    unsigned used = 0;
#pragma GCC unroll 32
    for (unsigned row = 0; row < ROWS; row++) {
        lanes v = word >> used;
        used += width;
        if (used >= 32) {
            used -= 32;
            if (row + 1 < ROWS) {
                in += sizeof word;
                word = lanes_load(in);
            }
            if (used > 0)
                v |= word << (width - used);
        }
        lanes_store(out + 4 * row, v & mask);
    }
}

INLINE void pack_rows(uint8_t *out, const uint32_t *in, const unsigned width) {
    lanes word = {0, 0, 0, 0};
    unsigned used = 0;
#pragma GCC unroll 32
    for (unsigned row = 0; row < ROWS; row++) {
        lanes v = lanes_load(in + 4 * row);
        word |= v << used;
        used += width;
        if (used >= 32) {
            used -= 32;
            lanes_store(out, word);
            out += sizeof word;
            word = used > 0 ? v >> (width - used) : (lanes){0, 0, 0, 0};
        }
    }
}

#define EACH_WIDTH(CASE)                                                                                               \
    FOUR_WIDTHS(CASE, 1);                                                                                              \
    FOUR_WIDTHS(CASE, 5);                                                                                              \
    FOUR_WIDTHS(CASE, 9);                                                                                              \
    FOUR_WIDTHS(CASE, 13);                                                                                             \
    FOUR_WIDTHS(CASE, 17);                                                                                             \
    FOUR_WIDTHS(CASE, 21);                                                                                             \
    FOUR_WIDTHS(CASE, 25);                                                                                             \
    FOUR_WIDTHS(CASE, 29)
#define FOUR_WIDTHS(CASE, w)                                                                                           \
    CASE(w);                                                                                                           \
    CASE(w + 1);                                                                                                       \
    CASE(w + 2);                                                                                                       \
    CASE(w + 3)

void unpack_block(uint32_t *out, const uint8_t *in, unsigned width) {
#define CASE(w)                                                                                                        \
    case w: unpack_rows(out, in, w); break
    switch (width) {
        EACH_WIDTH(CASE);
    default: memset(out, 0, PACK_COUNT * sizeof *out);
    }
#undef CASE
}

void pack_block(uint8_t *out, const uint32_t *in, unsigned width) {
#define CASE(w)                                                                                                        \
    case w: pack_rows(out, in, w); break
    switch (width) {
        EACH_WIDTH(CASE);
    default: break;
    }
#undef CASE
}

void pack_run(uint8_t *out, const uint32_t *in, size_t n, unsigned width) {
    uint64_t pending = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < n; i++) {
        pending |= (uint64_t)in[i] << bits;
        bits += width;
        /* At most 7 bits stay, so that the next number, of at most 32, always fits. */
        store_u64(out, pending);
        out += bits >> 3;
        pending >>= bits & ~7U;
        bits &= 7;
    }
    store_u64(out, pending);
}

/* --------------------------------------------------------------------------------------- unary -- */

static uint32_t sum_high(const uint32_t *in, size_t n, unsigned width) {
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += in[i] >> width;
    return sum;
}

unsigned rice_width(const uint32_t *in, size_t n, unsigned max) {
    if (n == 0)
        return 0;
    uint32_t sum = sum_high(in, n, 0);
    unsigned width = bit_width(sum / (uint32_t)n);
    width = width < max ? width : max;
    /* A wider one than that of the mean is no better: what a bit less saves in unary is below the sum, so below n. From
     * there down the cost falls, then rises. */
    uint64_t cost = width * n + sum_high(in, n, width);
    while (width > 0) {
        uint64_t next = (width - 1) * n + sum_high(in, n, width - 1);
        if (next > cost)
            break;
        cost = next;
        width--;
    }
    return width;
}

uint64_t unary_size(const uint32_t *in, size_t n, unsigned width) {
    return n + sum_high(in, n, width);
}

uint64_t unary_put(uint8_t *bits, uint64_t at, const uint32_t *in, size_t n, unsigned width) {
    for (size_t i = 0; i < n; i++) {
        at += in[i] >> width;
        bits[at >> 3] |= (uint8_t)(1U << (at & 7));
        at++;
    }
    return at;
}

/* The places of the ones in each byte, and how many these are, worked out by the compiler. */
#define REST(v)  ((v) & ((v)-1))
#define REST2(v) REST(REST(v))
#define PLACE(v) __builtin_ctz((v) | 256)
#define PLACES(v)                                                                                                      \
    {                                                                                                                  \
        PLACE(v), PLACE(REST(v)), PLACE(REST2(v)), PLACE(REST(REST2(v))), PLACE(REST2(REST2(v))),                      \
            PLACE(REST2(REST(REST2(v)))), PLACE(REST2(REST2(REST2(v)))), PLACE(REST(REST2(REST2(REST2(v)))))           \
    }
#define COUNT(v)         __builtin_popcount(v)
#define EACH_BYTE(CASE)  BYTES64(CASE, 0), BYTES64(CASE, 64), BYTES64(CASE, 128), BYTES64(CASE, 192)
#define BYTES64(CASE, v) BYTES16(CASE, v), BYTES16(CASE, v + 16), BYTES16(CASE, v + 32), BYTES16(CASE, v + 48)
#define BYTES16(CASE, v) BYTES4(CASE, v), BYTES4(CASE, v + 4), BYTES4(CASE, v + 8), BYTES4(CASE, v + 12)
#define BYTES4(CASE, v)  CASE(v), CASE(v + 1), CASE(v + 2), CASE(v + 3)

static const uint8_t byte_places[256][8] = {EACH_BYTE(PLACES)};
static const uint8_t byte_counts[256] = {EACH_BYTE(COUNT)};

typedef uint64_t word_lanes __attribute__((vector_size(16)));

bool unary_find_bytes(uint16_t *out, size_t count, const uint8_t *bits, const uint8_t *end) {
    const uint16_t *stop = out + count;
    const byte_lanes zero = {0};
    half_lanes at = {0};
    if (end - bits > UNARY_MAX / 8)
        end = bits + UNARY_MAX / 8;
    /* Eight places a byte are written, whether it has so many ones or not. */
    for (; out < stop; at += 8) {
        if (bits == end)
            return false;
        uint8_t byte = *bits++;
        byte_lanes places = (byte_lanes)(word_lanes){load_u64(byte_places[byte]), 0};
        half_lanes wide =
            (half_lanes)__builtin_shufflevector(places, zero, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        lanes_store(out, (lanes)(wide + at));
        out += byte_counts[byte];
    }
    return true;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

/* Sixty-four bits at once. */
__attribute__((target("bmi,bmi2,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2"))) static bool
unary_find_words(uint16_t *out, size_t count, const uint8_t *bits, const uint8_t *end) {
    const uint16_t *stop = out + count;
    const __m512i each =
        _mm512_set_epi64(0x3f3e3d3c3b3a3938, 0x3736353433323130, 0x2f2e2d2c2b2a2928, 0x2726252423222120,
                         0x1f1e1d1c1b1a1918, 0x1716151413121110, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
    __m512i at = _mm512_setzero_si512();
    if (end - bits > UNARY_MAX / 8)
        end = bits + UNARY_MAX / 8;
    for (; out < stop; at = _mm512_add_epi16(at, _mm512_set1_epi16(64)), bits += sizeof(uint64_t)) {
        if (bits >= end)
            return false;
        uint64_t word = 0;
        if (end - bits >= (ptrdiff_t)sizeof word)
            word = load_u64(bits);
        else
            memcpy(&word, bits, (size_t)(end - bits));
        __m512i places = _mm512_maskz_compress_epi8(word, each);
        __m512i first = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(places));
        __m512i second = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(places, 1));
        /* All of both, as what is stored by a mask is not at hand for the loads that follow. */
        _mm512_storeu_si512(out, _mm512_add_epi16(first, at));
        _mm512_storeu_si512(out + 32, _mm512_add_epi16(second, at));
        out += __builtin_popcountll(word);
    }
    return true;
}

bool unary_find(uint16_t *out, size_t count, const uint8_t *bits, const uint8_t *end) {
    return cpu_has_avx512_vbmi2() ? unary_find_words(out, count, bits, end) : unary_find_bytes(out, count, bits, end);
}
#else
bool unary_find(uint16_t *out, size_t count, const uint8_t *bits, const uint8_t *end) {
    return unary_find_bytes(out, count, bits, end);
}
#endif
