/* range_bounds.h - what a passage of each range can score at most, for all ranges of a segment.
 *
 * Sums are in sixteen bits: the score of a passage that had the best of every word is near the largest number. Each
 * word's share is rounded up, so a range whose sum is below that of a score has no passage with the score. */
#ifndef LEDE_SEARCHER_RANGE_BOUNDS_H
#define LEDE_SEARCHER_RANGE_BOUNDS_H

#include "range_term.h"

struct range_bounds {
    uint16_t *sums; /* 0: no passage of the range has any word; padded with zeros to a multiple of RANGE_BOUNDS_STEP */
    uint32_t count;
    double scale; /* score to sum */
};

/* Ranges that are passed over at one step. */
#define RANGE_BOUNDS_STEP 64

/* False if out of memory. The terms are at their first range afterwards. */
LEDE_NODISCARD bool range_bounds_init(struct range_bounds *b, struct arena *arena, uint32_t passages,
                                      struct range_term *terms, size_t count);

/* The least sum of a range that may have a passage with this score; at least 1. */
uint32_t range_bounds_of(const struct range_bounds *b, double score);

/* A sum that about `want` ranges reach: as many or a little more, but where sums are equal. At least 1. */
uint32_t range_bounds_cut(const struct range_bounds *b, size_t want);

/* The first range from `range` on whose sum is at least `cut`, which is not 0; b->count if there is none. */
uint32_t range_bounds_next(const struct range_bounds *b, uint32_t range, uint32_t cut);

#endif
