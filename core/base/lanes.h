/* lanes.h - vectors of 128 bits, nearly all in the compiler's own terms: SSE2 on any x86-64, NEON on any AArch64, plain
 * words elsewhere, with the same results. */
#ifndef LEDE_CORE_LANES_H
#define LEDE_CORE_LANES_H

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

typedef uint32_t lanes __attribute__((vector_size(16)));
typedef uint16_t half_lanes __attribute__((vector_size(16)));
typedef uint64_t long_lanes __attribute__((vector_size(16)));
typedef uint8_t byte_lanes __attribute__((vector_size(16)));

static inline __attribute__((always_inline)) lanes lanes_load(const void *p) {
    lanes v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline __attribute__((always_inline)) void lanes_store(void *p, lanes v) {
    memcpy(p, &v, sizeof v);
}

/* The first four, or the last four, of eight numbers of 16 bits. */
static inline lanes lanes_first(half_lanes v) {
    return (lanes)__builtin_shufflevector(v, (half_lanes){0}, 0, 8, 1, 9, 2, 10, 3, 11);
}

static inline lanes lanes_last(half_lanes v) {
    return (lanes)__builtin_shufflevector(v, (half_lanes){0}, 4, 12, 5, 13, 6, 14, 7, 15);
}

/* Eight times the same. */
static inline half_lanes half_lanes_of(uint16_t n) {
    return (half_lanes){n, n, n, n, n, n, n, n};
}

/* All ones in the lanes whose bit is set, else 0. */
static inline half_lanes half_lanes_where(uint8_t bits) {
    const half_lanes each = {1, 2, 4, 8, 16, 32, 64, 128};
    return (half_lanes)((half_lanes_of(bits) & each) == each);
}

static inline __attribute__((always_inline)) half_lanes half_lanes_load(const void *p) {
    half_lanes v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline __attribute__((always_inline)) void half_lanes_store(void *p, half_lanes v) {
    memcpy(p, &v, sizeof v);
}

/* The upper halves of products. */
static inline half_lanes half_lanes_multiply_high(half_lanes a, half_lanes b) {
#if defined(__x86_64__)
    return (half_lanes)_mm_mulhi_epu16((__m128i)a, (__m128i)b);
#else
    half_lanes first = (half_lanes)(lanes_first(a) * lanes_first(b) >> 16);
    half_lanes last = (half_lanes)(lanes_last(a) * lanes_last(b) >> 16);
    return __builtin_shufflevector(first, last, 0, 2, 4, 6, 8, 10, 12, 14);
#endif
}

/* A bit for each lane; of lanes that are all ones or 0. */
static inline uint32_t half_lanes_bits(half_lanes v) {
#if defined(__x86_64__)
    return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16((__m128i)v, _mm_setzero_si128()));
#else
    const half_lanes each = {1, 2, 4, 8, 16, 32, 64, 128};
    const half_lanes bits = v & each;
    uint32_t all = 0;
    for (unsigned i = 0; i < 8; i++)
        all |= bits[i];
    return all;
#endif
}

/* The same of bytes. */
static inline uint32_t byte_lanes_bits(byte_lanes v) {
#if defined(__x86_64__)
    return (uint32_t)_mm_movemask_epi8((__m128i)v);
#else
    uint32_t all = 0;
    for (unsigned i = 0; i < 16; i++)
        all |= (uint32_t)(v[i] & 1) << i;
    return all;
#endif
}

/* Each number with those before it added, and the last lane of *carry; which becomes the new last lane in all. */
static inline lanes lanes_sum(lanes v, lanes *carry) {
    const lanes zero = {0, 0, 0, 0};
    v += __builtin_shufflevector(zero, v, 0, 4, 5, 6);
    v += __builtin_shufflevector(zero, v, 0, 0, 4, 5);
    const lanes sum = __builtin_shufflevector(v, v, 3, 3, 3, 3);
    v += *carry;
    *carry += sum; /* not of the new v: the next one waits for an addition alone */
    return v;
}

#endif
