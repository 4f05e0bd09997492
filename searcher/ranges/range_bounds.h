/* range_bounds.h - what a passage of each range can score at most, in units, for all ranges of a segment.
 *
 * Each word's share is rounded up, so a range whose sum is below that of a score has no passage with the score. */
#ifndef LEDE_SEARCHER_RANGE_BOUNDS_H
#define LEDE_SEARCHER_RANGE_BOUNDS_H

#include "range_term.h"
#include "reach.h"

struct range_bounds {
    uint16_t *sums;   /* 0: no passage of the range can match; padded with zeros to a multiple of REACH_WIDTH */
    uint16_t *groups; /* the greatest of each REACH_WIDTH of them, or more; padded likewise */
    uint32_t count;
    uint32_t first; /* those before it are not summed up, and have no groups; a multiple of LEVEL_BATCH */
    double scale;   /* score to sum */
};

/* What a word can give in each range, and where it is. */
struct word_bounds {
    /* Where its units are put by range_bounds_sum, for each range: right if it has one there, and any number if not.
     * NULL: nowhere, or it is kept in memory, and has them. */
    uint16_t *units;
    const uint8_t *blocks; /* as the term has them, or all of each range */
    struct range_term *term;
    size_t place;               /* of the word, in the query */
    const struct hot_term *hot; /* the term's */
    uint16_t most;              /* what its greatest impact gives */
};

/* Room for all; they are not known yet. False if out of memory. `first` may be raised then, and `count` become less. */
LEDE_NODISCARD bool range_bounds_init(struct range_bounds *b, struct arena *arena, uint32_t passages, double scale);

/* So many numbers of a range there have to be room for, where a word's are put. */
static inline size_t range_bounds_room(const struct range_bounds *b) {
    return ((size_t)b->count + LEVEL_BATCH - 1) / LEVEL_BATCH * LEVEL_BATCH;
}

/* Sums up what n words can give. Of rare words whose units are wanted, it finds the blocks, too, for which there is
 * room. If they have to be there all, ranges that don't have one get 0, and their units are not put anywhere. */
void range_bounds_sum(struct range_bounds *b, const struct word_bounds *words, size_t n, bool all);

/* Gives 0 to all ranges. */
void range_bounds_clear(struct range_bounds *b);

/* Raises the sums to what the word alone gives at least to the best passage of each range that has it, or of one in
 * each 2^k ranges, where its maxima are of so many. Then no longer bounds, but what passages are known to reach; of
 * groups that are not known before range_bounds_fold. */
void range_bounds_raise(struct range_bounds *b, const struct range_term *t);

/* Leaves the greatest of each 2^k sums, and as many ranges; and finds their groups. */
void range_bounds_fold(struct range_bounds *b, unsigned k);

/* Gives 0 to the ranges of which no passage has its bit set, of bits as filter.h has them. */
void range_bounds_limit(struct range_bounds *b, const uint64_t *accepted);

/* The least sum of a range that may have a passage with this score; at least 1. */
uint32_t range_bounds_of(const struct range_bounds *b, double score);

/* A sum that about `want` ranges reach: as many or a little more, but where sums are equal. At least 1. */
uint32_t range_bounds_cut(const struct range_bounds *b, size_t want);

/* The first group from `group` on that may have a sum that is no less; or one behind all. */
static inline uint32_t range_bounds_next(const struct range_bounds *b, reach_function *reach, uint32_t group,
                                         uint32_t cut) {
    uint32_t end = (b->count + REACH_WIDTH - 1) / REACH_WIDTH;
    if (group < end && b->groups[group] >= cut) /* mostly, where many are */
        return group;
    while (group < end) {
        uint32_t first = group / REACH_WIDTH * REACH_WIDTH;
        uint64_t bits = reach(b->groups + first, (uint16_t)cut) & UINT64_MAX << group % REACH_WIDTH;
        if (bits)
            return first + (uint32_t)__builtin_ctzll(bits);
        group = first + REACH_WIDTH;
    }
    return end;
}

#endif
