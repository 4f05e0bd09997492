/* topk.h - the best passages seen so far.
 *
 * A few are kept in a heap with the worst of them on top. More are only counted, by classes of scores, which tells the
 * threshold to 1 part in 256. At the end those below the floor are sorted out, and the others put into buckets, a few
 * in each, and sorted:
 *
 *     entries   4.1  7.3  5.0  7.4 ...        in the order they came
 *     counts    |  1 |  1 |  0 |  2 |         how many have a score in the class
 *                         ^ floor             the highest class such that it and those above hold `limit` entries
 */
#ifndef LEDE_SEARCHER_TOPK_H
#define LEDE_SEARCHER_TOPK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"

struct topk_entry {
    double score;
    uint64_t ordinal;
};

struct topk {
    struct topk_entry *entries;
    size_t count, room;
    size_t limit;
    double threshold; /* an entry whose ordinal is greater than all before has to score more; below 0 until full */
    bool failed;      /* out of memory at some time: the content is not whole */
    /* Private: if there is no heap, and `limit` entries were there. */
    struct arena arena; /* what it has besides entries */
    uint32_t *counts;
    uint32_t floor; /* class: see above */
    size_t above;   /* entries in the classes from floor on */
};

/* Takes no memory before there are entries, so `limit` may be as large as can be. */
void topk_init(struct topk *t, size_t limit);
void topk_release(struct topk *t);

/* Adds an entry, score >= 0, if it is among the best `limit` so far. Of equal scores the smaller ordinal is better. */
void topk_push(struct topk *t, double score, uint64_t ordinal);

/* Leaves the best, sorted, best first. Push no more afterwards. */
void topk_sort(struct topk *t);

#endif
