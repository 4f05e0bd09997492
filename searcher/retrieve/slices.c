#include "slices.h"

#include <string.h>

#include "core/codecs/chunk.h"
#include "range_run.h"

/* ----------------------------------------------------------------------------------- the best -- */

/* Adds what waits to the best, by the thread that has the mutex. */
static void hand_over(struct slice *s) {
    struct shared_top *shared = s->shared;
    for (uint32_t i = 0; i < s->waiting_count; i++)
        topk_push(shared->top, s->waiting[i].score, s->waiting[i].ordinal);
    s->waiting_count = 0;
    if (shared->top->threshold > shared->threshold)
        shared->threshold = shared->top->threshold;
    pthread_mutex_unlock(&shared->mutex);
}

static void finish(struct slice *s) {
    pthread_mutex_lock(&s->shared->mutex);
    hand_over(s);
}

NOINLINE void slice_push(struct slice *s, double score, uint64_t ordinal) {
    if (s->waiting_count == SLICE_WAITING)
        finish(s);
    s->waiting[s->waiting_count++] = (struct topk_entry){score, ordinal};
    if (pthread_mutex_trylock(&s->shared->mutex) == 0)
        hand_over(s);
    slice_update(s);
}

/* ------------------------------------------------------------------------------------- slices -- */

lede_status slices_look_alone(look_function *look, const struct plan *plan, size_t segment, struct collector *c,
                              bool *skipped) {
    struct range_run *r = range_run_new(plan, segment, c);
    if (!r)
        return LEDE_NOMEM;
    lede_status status = look(r, plan, segment);
    *skipped |= r->cut > 1; /* there is a threshold, and what could not reach it was passed over */
    range_run_free(r);
    return status;
}

static uint32_t ranges_of(const struct plan *plan, size_t segment) {
    return maxima_ranges(segment_info(plan->snapshot->segments[segment].segment)->passages, RANGE_SHIFT);
}

struct slicing {
    look_function *look;
    const struct plan *plan;
    size_t segment;
    struct collector *collector;
    struct shared_top shared;
    struct slice slices[TEAM_MAX];
};

static void look_into_slice(void *ctx, unsigned part, bool is_helper) {
    struct slicing *x = ctx;
    struct slice *s = &x->slices[part];
    struct range_run *r;
    s->collector.is_helper = is_helper;
    if (!(r = range_run_new(x->plan, x->segment, &s->collector))) {
        s->status = LEDE_NOMEM;
        return;
    }
    range_run_take_slice(r, s);
    s->status = x->look(r, x->plan, x->segment);
    s->skipped = r->cut > 1;
    range_run_free(r);
    finish(s);
}

/* While helpers are at work: so that they hear of it if the search has to end. */
static void ask_for_helpers(void *ctx) {
    struct slicing *x = ctx;
    interrupt_is_due(x->plan->interrupt);
}

/* A slice has whole chunks of all words, and of what bounds are summed up in. */
enum { STEP = 1 << (CHUNK_SHIFT_MAX - RANGE_SHIFT) };
_Static_assert(STEP % LEVEL_BATCH == 0 && STEP % REACH_WIDTH == 0, "slices have whole batches");

static uint32_t steps_of(uint32_t ranges) {
    return (ranges + STEP - 1) / STEP;
}

static uint32_t start_of(uint32_t ranges, unsigned i, unsigned n) {
    return i == n ? ranges : steps_of(ranges) * i / n * STEP;
}

static void cut(struct slicing *x, unsigned n, uint32_t ranges) {
    for (unsigned i = 0; i < n; i++) {
        struct slice *s = &x->slices[i];
        s->first = start_of(ranges, i, n);
        s->end = start_of(ranges, i + 1, n);
        s->collector = *x->collector;
        s->collector.top = (struct topk){.limit = x->collector->top.limit, .threshold = x->collector->top.threshold};
        s->collector.total = 0;
        s->shared = &x->shared;
        s->waiting_count = 0;
        s->status = LEDE_OK;
        s->skipped = false;
    }
}

/* What the slices have come to; the status of the first that failed. */
static lede_status add_up(struct slicing *x, unsigned n, bool *skipped) {
    lede_status status = LEDE_OK;
    for (unsigned i = 0; i < n; i++) {
        const struct slice *s = &x->slices[i];
        x->collector->total += s->collector.total;
        *skipped |= s->skipped;
        status = status == LEDE_OK ? s->status : status;
        if (s->collector.status != LEDE_OK)
            x->collector->status = s->collector.status;
    }
    return status;
}

static lede_status look_together(look_function *look, const struct plan *plan, size_t segment, struct collector *c,
                                 unsigned n, bool *skipped) {
    struct slicing x;
    x.look = look;
    x.plan = plan;
    x.segment = segment;
    x.collector = c;
    x.shared.top = &c->top;
    x.shared.threshold = c->top.threshold;
    pthread_mutex_init(&x.shared.mutex, NULL);
    cut(&x, n, ranges_of(plan, segment));
    const struct team_job job = {look_into_slice, ask_for_helpers, &x};
    team_run(plan->team.team, n, &job);
    pthread_mutex_destroy(&x.shared.mutex);
    return add_up(&x, n, skipped);
}

lede_status slices_look(look_function *look, const struct plan *plan, size_t segment, struct collector *c,
                        bool *skipped) {
    const struct team_use *use = &plan->team;
    bool is_large = segment_info(plan->snapshot->segments[segment].segment)->passages >= use->least;
    unsigned threads = use->team && is_large ? team_take(use->team) : 1, most = steps_of(ranges_of(plan, segment));
    unsigned n = threads < most ? threads : most;
    lede_status status =
        n > 1 ? look_together(look, plan, segment, c, n, skipped) : slices_look_alone(look, plan, segment, c, skipped);
    team_give_back(use->team, threads);
    return status;
}
