/* range_bounds.h - what a passage of each range can score at most, in units, for all ranges of a segment.
 *
 * Each word's share is rounded up, so a range whose sum is below that of a score has no passage with the score. */
#ifndef LEDE_SEARCHER_RANGE_BOUNDS_H
#define LEDE_SEARCHER_RANGE_BOUNDS_H

#include "range_term.h"

struct range_bounds {
    uint16_t *sums; /* 0: no passage of the range can match; padded with zeros to a multiple of REACH_WIDTH */
    uint32_t count;
    double scale; /* score to sum */
};

/* All zero. False if out of memory. */
LEDE_NODISCARD bool range_bounds_init(struct range_bounds *b, struct arena *arena, uint32_t passages, double scale);

/* So many numbers of a range there have to be room for, where a word's are put. */
static inline size_t range_bounds_room(const struct range_bounds *b) {
    return ((size_t)b->count + LEVEL_BATCH - 1) / LEVEL_BATCH * LEVEL_BATCH;
}

/* Adds what a word can give. Unless `units` is NULL, or the word is kept in memory, puts that there for each range; of
 * a rare word for those that have it, and finds its blocks, for which there is room. */
void range_bounds_add(struct range_bounds *b, const struct range_term *t, uint16_t *units);

/* The same for a word that has to be there: ranges that don't have it, or had a sum of 0 before, get 0. Not for the
 * first word. */
void range_bounds_require(struct range_bounds *b, const struct range_term *t);

/* Raises the sums to what the word alone gives at least to the best passage of each range that has it, or of one in
 * each 2^k ranges, where its maxima are of so many. Then no longer bounds, but what passages are known to reach. */
void range_bounds_raise(struct range_bounds *b, const struct range_term *t);

/* Leaves the greatest of each 2^k sums, and as many ranges. */
void range_bounds_fold(struct range_bounds *b, unsigned k);

/* Gives 0 to the ranges of which no passage has its bit set, of bits as filter.h has them. */
void range_bounds_limit(struct range_bounds *b, const uint64_t *accepted);

/* The least sum of a range that may have a passage with this score; at least 1. */
uint32_t range_bounds_of(const struct range_bounds *b, double score);

/* How many ranges have a sum that is no less. */
size_t range_bounds_reaching(const struct range_bounds *b, uint32_t sum);

/* A sum that about `want` ranges reach: as many or a little more, but where sums are equal. At least 1. */
uint32_t range_bounds_cut(const struct range_bounds *b, size_t want);

#endif
