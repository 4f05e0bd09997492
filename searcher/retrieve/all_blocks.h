/* all_blocks.h - passages that have all words of a query, or may have its phrase, where all words are kept in memory:
 * looked for block by block, as range_blocks.h has them.
 *
 *     range --bounds of the blocks that have all words--> waits, see waiting_ranges.h
 *       -> how often the block's 16 passages have each word -> units of those that have all -> which of them reach it
 *       -> scored; or put with others of a phrase, and then their positions are read
 *
 * It saves what can't reach the threshold: the positions, most of all. Where a threshold is not to be expected, as few
 * passages have the phrase, bitmaps find all that have its words in less time (overlap.h). How many have it shows in
 * those that are looked at first. */
#ifndef LEDE_SEARCHER_ALL_BLOCKS_H
#define LEDE_SEARCHER_ALL_BLOCKS_H

#include "candidates.h"

/* Holds all words as they are kept in memory. False if one of them is not: none is held then. */
LEDE_NODISCARD bool all_blocks_hold(struct range_run *r);

/* Looks at ranges, all words of which are held and all bounds known, until none can reach the threshold: true; or until
 * it shows that there will be none: false. Then those that were looked at have a bound of 0. */
LEDE_NODISCARD bool all_blocks_look(struct intersection *x);

/* Bounds candidates that have all words, which are held, by what these can give to their blocks: 0 where one of them is
 * not, or where filters don't let the passage pass. */
void all_blocks_bound(const struct range_run *r, struct candidates *c);

#endif
