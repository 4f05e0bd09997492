/* hot_units.h - what a term that is kept in memory can give, in units: in a range, and in each block of it.
 *
 * An impact of n is n 255ths of the greatest, and n * 257 as many 65535ths. */
#ifndef LEDE_SEARCHER_HOT_UNITS_H
#define LEDE_SEARCHER_HOT_UNITS_H

#include "core/base/cpu.h"
#include "core/base/lanes.h"
#include "core/segment/hot_term.h"

/* Put behind what the product rounds down, so that no share is less than it should be, nor more than 2 above. */
enum { HOT_ROUNDED = 2 };

/* Of a term whose greatest impact gives `most` units, rounded up. */
static inline uint16_t hot_share(uint8_t impact, uint16_t most) {
    uint16_t part = (uint16_t)(impact * 257); /* in 16 bits, so that compilers see a product's upper half */
    return (uint16_t)((uint16_t)((uint32_t)part * most >> 16) + (part ? HOT_ROUNDED : 0));
}

/* The same of the blocks of a range. */
static inline half_lanes hot_block_shares(const struct hot_term *t, uint32_t range, uint16_t most) {
    uint64_t impacts;
    memcpy(&impacts, t->blocks + (size_t)range * HOT_BLOCKS, sizeof impacts);
    byte_lanes b = (byte_lanes)(long_lanes){impacts, 0};
    half_lanes part = (half_lanes)__builtin_shufflevector(b, b, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    half_lanes units = half_lanes_multiply_high(part, half_lanes_of(most)) + half_lanes_of(HOT_ROUNDED);
    return units & (half_lanes)(part != half_lanes_of(0));
}

/* Fetches what the former reads, and where the frequencies start. */
FETCHING void hot_fetch_bounds(const struct hot_term *t, uint32_t range) {
    fetch_line(t->blocks + (size_t)range * HOT_BLOCKS);
    if (t->starts)
        fetch_line(t->starts + range);
}

/* Fetches how often passages of the range have the term, as far as one line of the cache has it. */
FETCHING void hot_fetch_freqs(const struct hot_term *t, uint32_t range) {
    size_t first = t->starts ? t->starts[range] : (size_t)range * HOT_BLOCKS;
    fetch_line(t->freqs + first * (HOT_BLOCK / 2));
}

/* How often each passage of a block has a word; HOT_FREQ: that or more. */
struct block_freqs {
    uint8_t of[HOT_BLOCK];
};

/* How many blocks of the range before this one have the term: bytes that are not 0. */
static inline uint32_t hot_blocks_before(const struct hot_term *t, uint32_t range, uint32_t block) {
    const uint64_t sevens = UINT64_C(0x7f7f7f7f7f7f7f7f), ones = UINT64_C(0x0101010101010101);
    uint64_t impacts;
    memcpy(&impacts, t->blocks + (size_t)range * HOT_BLOCKS, sizeof impacts);
    impacts &= (UINT64_C(1) << 8 * block) - 1;
    return (uint32_t)(((((impacts & sevens) + sevens) | impacts) >> 7 & ones) * ones >> 56);
}

/* Of a block that has the term. */
static inline void hot_block_freqs(struct block_freqs *freqs, const struct hot_term *t, uint32_t range,
                                   uint32_t block) {
    const uint64_t halves = UINT64_C(0x0f0f0f0f0f0f0f0f);
    size_t number = (size_t)range * HOT_BLOCKS + block;
    uint64_t two;
    if (t->starts)
        number = t->starts[range] + hot_blocks_before(t, range, block);
    memcpy(&two, t->freqs + number * (HOT_BLOCK / 2), sizeof two);
    byte_lanes even = (byte_lanes)(long_lanes){two & halves, 0}, odd = (byte_lanes)(long_lanes){two >> 4 & halves, 0};
    byte_lanes all = __builtin_shufflevector(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    memcpy(freqs->of, &all, sizeof all);
}

#endif
