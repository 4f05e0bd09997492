/* chunk_shape.h - how chunks are laid out in bits, as writer and reader have to agree on it; see chunk.h. */
#ifndef LEDE_CORE_CHUNK_SHAPE_H
#define LEDE_CORE_CHUNK_SHAPE_H

#include "chunk.h"
#include "core/base/cpu.h"

enum {
    COUNT_FOLLOWS = 255, /* a count that stands before the set */

    BITMAP_COUNT = 33, /* from so many on, a set of CHUNK_RANGE passages is a bitmap */

    HEADER = 1 + CHUNK_GROUP,
    FOLLOWING_HEADER = 32 + 8, /* bits */
    PLANES = 3,
    UNIT_MAX = 16,
    LIST_MAX = 8,    /* repeats in a list */
    LIST_HEADER = 6, /* bits */
    WORD_BITS = 56,  /* that a load has at any bit */
    SPANS = 32,      /* groups that are found before the first of them is looked into */
};

/* Everything that a search runs through becomes part of the few functions that are compiled for each processor; but for
 * what is NOINLINE. */
#define INLINE static inline __attribute__((always_inline))

/* How a set of `count` offsets below 2^shift is coded. */
struct shape {
    bool is_bitmap;
    unsigned low_width, index_width;
    uint32_t high_size;
    uint64_t size; /* bits */
};

/* Bits of `count` - 1, which is 0 or more. */
INLINE unsigned width_below(uint32_t count) {
    return 31 ^ (unsigned)__builtin_clz(2 * count - 1);
}

/* Highs and lows are shorter than a bitmap up to a quarter of all offsets: count * (shift - k + 1) + 2^k - 1 bits rise
 * with the count, and are 2^shift - 1 where it is 2^(shift - 2). */
INLINE struct shape shape_of(uint32_t count, unsigned shift) {
    if (count == 0)
        return (struct shape){0};
    unsigned k = width_below(count);
    uint32_t bitmap = UINT32_C(1) << shift, high = count + (UINT32_C(1) << k) - 1;
    int width = (int)shift - (int)k;
    if (width < 2) /* count - 1 is 2^(shift - 2) or more */
        return (struct shape){true, 0, k, bitmap, bitmap};
    return (struct shape){false, (unsigned)width, k, high, high + (uint64_t)count * (unsigned)width};
}

/* Of a set with fewer postings than COUNT_FOLLOWS, shape_of(count, shift).size is the lesser of 2^shift and this more
 * than count * shift. */
#define CEIL_LOG2(c) ((c) > 1 ? 32 - __builtin_clz((c)-1) : 0)
#define SIZE_REST(c) (int16_t)((c) ? (1 << CEIL_LOG2(c)) - 1 - (int)(c) * (CEIL_LOG2(c) - 1) : 0)
#define REST4(c)     SIZE_REST(c), SIZE_REST(c + 1), SIZE_REST(c + 2), SIZE_REST(c + 3)
#define REST16(c)    REST4(c), REST4(c + 4), REST4(c + 8), REST4(c + 12)
#define REST64(c)    REST16(c), REST16(c + 16), REST16(c + 32), REST16(c + 48)
static const int16_t size_rests[256] = {REST64(0U), REST64(64U), REST64(128U), REST64(192U)};

INLINE uint32_t set_size(uint32_t count, unsigned shift) {
    uint32_t size = (uint32_t)((int)(count * shift) + size_rests[count]), bitmap = UINT32_C(1) << shift;
    return size < bitmap ? size : bitmap;
}

/* Groups that cover so many passages. */
INLINE uint32_t groups_of(uint32_t passages, unsigned shift) {
    unsigned wide = shift + CHUNK_GROUP_SHIFT;
    return (uint32_t)(((uint64_t)passages + (UINT64_C(1) << wide) - 1) >> wide);
}

#endif
