/* position_mask.h - positions as bits, so that words can be compared many passages at a time: the positions at which
 * one word stands i behind another are those of `mask & other >> i`. */
#ifndef LEDE_CORE_POSITION_MASK_H
#define LEDE_CORE_POSITION_MASK_H

#include "positions.h"

/* Passages that masks have room for, and positions that can be told by a mask: those below this. */
#define POSITION_MASKS      256
#define POSITION_MASK_BITS  256
#define POSITION_MASK_WORDS (POSITION_MASK_BITS / 64)

/* Position p of passage i is bit p % 64 of words[p / 64][i]. None is set of a passage whose length and slack allow
 * positions that can't be told. */
struct position_masks {
    uint64_t words[POSITION_MASK_WORDS][POSITION_MASKS];
};

/* Reads those of n passages of a run, which rise, into the masks from number `at` on, with a reader that has read
 * none, and which is of no use then. False if they don't fit the bits or the passages. */
bool positions_mask(struct position_reader *r, const struct position_run *run, const uint32_t *which, uint32_t n,
                    struct position_masks *out, uint32_t at);

/* A run of passages of up to 255 words, as bytes; with room for vectors. */
struct position_bytes {
    uint32_t count;
    uint8_t freqs[POSITION_RUN_MAX + 64], lengths[POSITION_RUN_MAX + 64];
};

/* The same of such a run, in less time. */
bool positions_mask_bytes(struct position_reader *r, const struct position_bytes *run, const uint32_t *which,
                          uint32_t n, struct position_masks *out, uint32_t at);

#endif
