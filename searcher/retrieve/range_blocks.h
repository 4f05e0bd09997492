/* range_blocks.h - ranges looked at block by block, where what words can give to each block is known.
 *
 *     range --bounds of its blocks--> waits until there are some; meanwhile what it takes is fetched
 *                                       |
 *                                       v   of a block whose bound reaches the threshold:
 *                                     how often its 16 passages have each word -> units of all -> those that reach it
 *
 * Words that are kept in memory tell all of that (core/segment/hot_term.h), as rare words do, which were decoded. */
#ifndef LEDE_SEARCHER_RANGE_BLOCKS_H
#define LEDE_SEARCHER_RANGE_BLOCKS_H

#include "core/base/arena.h"
#include "searcher/ranges/block_sums.h"

/* Ranges that wait together. */
enum { RANGES_WAITING = 16 };

struct waiting_range {
    uint32_t range;
    block_units bounds;
};

struct range_blocks {
    struct waiting_range waiting[RANGES_WAITING];
    size_t count;
    sum_block *sum;
    /* Of the words of the block under way, by their numbers among all: */
    size_t *words;
    const struct word_gift **gifts;
    struct block_freqs *freqs;
    uint8_t classes[RANGE_DOCS]; /* room for those of its lengths */
};

struct range_run;

/* Room for so many words. False if out of memory. */
LEDE_NODISCARD bool range_blocks_init(struct range_blocks *b, struct arena *arena, size_t words);

/* Whether the range under way can be looked at so, with the words that it has. */
bool range_blocks_can(const struct range_run *r);

/* Has a range wait, of which the words can give so much to the passages of each block. */
void range_blocks_put(struct range_run *r, uint32_t range, half_lanes bounds);

/* Looks at all that wait. */
void range_blocks_finish(struct range_run *r);

#endif
