#include "codec.h"

typedef uint32_t lanes __attribute__((vector_size(16)));

#define INLINE static inline __attribute__((always_inline))

INLINE lanes lanes_load(const void *p) {
    lanes v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void lanes_store(void *p, lanes v) {
    memcpy(p, &v, sizeof v);
}

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

unsigned pack_width(const uint32_t *in, size_t n) {
    uint32_t all = 0;
    for (size_t i = 0; i < n; i++)
        all |= in[i];
    return bit_width(all);
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
