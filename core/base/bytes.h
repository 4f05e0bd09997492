/* bytes.h - little-endian loads and stores, varints, and checked arithmetic. No struct is ever laid
 * over bytes. */
#ifndef LEDE_CORE_BYTES_H
#define LEDE_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Lede's loads assume a little-endian machine"
#endif

static inline uint16_t load_u16(const uint8_t *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t load_u32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t load_u64(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void store_u16(uint8_t *p, uint16_t v) {
    memcpy(p, &v, sizeof v);
}

static inline void store_u32(uint8_t *p, uint32_t v) {
    memcpy(p, &v, sizeof v);
}

static inline void store_u64(uint8_t *p, uint64_t v) {
    memcpy(p, &v, sizeof v);
}

/* The most bytes that a varint takes (LEB128: seven bits a byte, lowest first). */
#define VARINT_MAX 10

static inline size_t varint_put(uint8_t *p, uint64_t v) {
    size_t n = 0;
    while (v >= 0x80) {
        p[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    p[n++] = (uint8_t)v;
    return n;
}

/* Reads a varint at *p and moves *p behind it. False, with *p where it was, if it would pass `end`
 * or does not fit 64 bits. */
static inline bool varint_get(const uint8_t **p, const uint8_t *end, uint64_t *v) {
    const uint8_t *q = *p;
    uint64_t x = 0;
    for (unsigned shift = 0; q < end && shift < 64; shift += 7) {
        uint8_t byte = *q++;
        if (shift == 63 && byte > 1)
            return false;
        x |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *v = x;
            *p = q;
            return true;
        }
    }
    return false;
}

static inline bool varint_get_u32(const uint8_t **p, const uint8_t *end, uint32_t *v) {
    const uint8_t *q = *p;
    uint64_t wide;
    if (!varint_get(&q, end, &wide) || wide > UINT32_MAX)
        return false;
    *v = (uint32_t)wide;
    *p = q;
    return true;
}

/* The sum of the n <= 8 lowest bytes. */
static inline uint32_t sum_bytes(uint64_t bytes, unsigned n) {
    const uint64_t every_other = UINT64_C(0x00ff00ff00ff00ff);
    bytes &= n < 8 ? (UINT64_C(1) << 8 * n) - 1 : UINT64_MAX;
    return (uint32_t)(((bytes & every_other) + (bytes >> 8 & every_other)) * UINT64_C(0x0001000100010001) >> 48);
}

/* Unsigned image of a signed number, small for small magnitudes. */
static inline uint64_t zigzag_encode(int64_t v) {
    return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}

static inline int64_t zigzag_decode(uint64_t v) {
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* How many bits v needs: 0 for 0. */
static inline unsigned bit_width(uint32_t v) {
    return v ? 32U - (unsigned)__builtin_clz(v) : 0U;
}

#endif
