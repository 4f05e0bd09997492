/* interrupt.h - when a search has to end: it is not wanted any more (lede_search_options.interrupt), or its time is
 * over (lede_search_options.within). Asked now and then by what may run for long.
 *
 * Of the time that there is each stage may take until a share of it is over, so that the next one has some left:
 *
 *     look up words      0.1    the first stage: words beginning so, and the like, that were not found by then are
 *     their terms        0.25   left out, and so on
 *     add them up        0.45
 *     bounds             0.55
 *     passages           0.8    the best so far have to do
 *     second stage       1      is left out, if it has not ended by then
 */
#ifndef LEDE_SEARCHER_INTERRUPT_H
#define LEDE_SEARCHER_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

#include <lede.h>

#define SHARE_OF_WORDS        0.1
#define SHARE_OF_TERMS        0.25
#define SHARE_OF_TALLIES      0.45
#define SHARE_OF_BOUNDS       0.55
#define SHARE_OF_PASSAGES     0.8
#define SHARE_OF_SECOND_STAGE 1.0

struct interrupt {
    int (*ask)(void *ctx); /* NULL: it is wanted */
    void *ctx;
    double start, within;    /* seconds by the monotonic clock; within 0: there is no limit */
    double until;            /* when the stage under way has to end */
    _Atomic bool is_stopped; /* it was asked to stop; sticky */
    _Atomic bool is_late;    /* some stage had to end early; sticky */
};

/* The clock starts with it. */
void interrupt_init(struct interrupt *i, const lede_search_options *options);

/* Begins a stage. NULL is fine here and below: nothing ends the search. */
void interrupt_stage(struct interrupt *i, double share);

/* What has no limit, whatever was before. */
void interrupt_end_limit(struct interrupt *i);

/* Seconds that the stage has left, as lede_search_options.within: 0 if there is no limit. */
double interrupt_time_left(const struct interrupt *i);

/* Whether the stage has to end now. */
bool interrupt_is_due(struct interrupt *i);

/* The same for a thread that helps the one that searches, which alone asks the program. Stages begin while none does.
 */
bool interrupt_is_due_helper(struct interrupt *i);

/* The same, asked by what is called very often: it looks each `every`th time, a power of 2. */
static inline bool interrupt_is_due_each(struct interrupt *i, uint32_t *count, uint32_t every) {
    return i && (++*count & (every - 1)) == 0 && interrupt_is_due(i);
}

/* Of a stage that has ended: LEDE_INTERRUPTED if the search is not wanted any more. */
static inline lede_status interrupt_status(const struct interrupt *i) {
    return i && i->is_stopped ? LEDE_INTERRUPTED : LEDE_OK;
}

#endif
