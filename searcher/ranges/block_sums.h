/* block_sums.h - what words give to the passages of a block of HOT_BLOCK, in units: of all words, for all of them, side
 * by side and without a branch.
 *
 *                   passage   0    1    2    3  ...  15
 *     freqs of word 0         .    1    .    .       2
 *     freqs of word 1         1    3    .    .       .
 *     units                 210  902    0    0     733     >= cut?  one bit each
 *
 * There is a version for processors with AVX-512, and one in plain C; they give the same. */
#ifndef LEDE_SEARCHER_BLOCK_SUMS_H
#define LEDE_SEARCHER_BLOCK_SUMS_H

#include "hot_units.h"
#include "range_docs.h"

/* Sets sums to the units of all n words, whose gifts are told, by the classes of the passages' lengths. Returns the
 * passages that reach the cut, a bit each. */
typedef uint32_t sum_block(uint16_t *sums, const struct block_freqs *freqs, const struct word_gift *const *gifts,
                           size_t n, const uint8_t *classes, uint16_t cut);

/* The fastest that this processor has. */
sum_block *sum_block_best(void);

/* For tests: all that this processor has, the one in plain C last, then NULL. */
sum_block *const *sum_block_all(void);

#endif
