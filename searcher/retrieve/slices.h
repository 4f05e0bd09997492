/* slices.h - a segment that several threads look into at once, each into some of its ranges; or one into all of them.
 *
 *     ranges   |<------- slice 0 ------->|<------- slice 1 ------->|
 *                  own words, bounds           own words, bounds
 *                         \                         /
 *                          v                       v
 *                   the best of both, and the threshold that these give
 *
 * Each slice has a range_run of its own, and is looked into as if it were the segment. What it finds it keeps until
 * nobody else has the best in hand, or it has no more room. So a slice passes over what the best of both leave no room
 * for, a little later than one thread would; what is found is the same. */
#ifndef LEDE_SEARCHER_SLICES_H
#define LEDE_SEARCHER_SLICES_H

#include <pthread.h>

#include "retrieve.h"

struct range_run;

/* What all slices have found. */
struct shared_top {
    pthread_mutex_t mutex;
    struct topk *top;         /* behind it */
    _Atomic double threshold; /* of the best */
};

enum { SLICE_WAITING = 32 };

struct slice {
    uint32_t first, end;        /* ranges */
    struct collector collector; /* its top has nothing but the limit, and what is known of the threshold */
    struct shared_top *shared;
    struct topk_entry waiting[SLICE_WAITING]; /* to be among the best */
    uint32_t waiting_count;
    lede_status status;
    bool skipped;
};

/* Takes in a document, and what others have found. */
void slice_push(struct slice *s, double score, uint64_t ordinal);

/* Takes over the threshold that all slices have come to. */
static inline void slice_update(struct slice *s) {
    double threshold = s->shared->threshold;
    if (threshold > s->collector.top.threshold)
        s->collector.top.threshold = threshold;
}

/* Looks into a segment, or the slice of it that the run is of. */
typedef lede_status look_function(struct range_run *r, const struct plan *plan, size_t segment);

/* By the thread that calls alone. *skipped as below. */
LEDE_NODISCARD lede_status slices_look_alone(look_function *look, const struct plan *plan, size_t segment,
                                             struct collector *c, bool *skipped);

/* In as many slices as the plan's team has threads free for it. *skipped is set if something that may match was passed
 * over. */
LEDE_NODISCARD lede_status slices_look(look_function *look, const struct plan *plan, size_t segment,
                                       struct collector *c, bool *skipped);

#endif
