#include "reorder.h"

#include <stdlib.h>

#include "../core/error.h"
#include "bisect.h"

/* Bytes that an article takes in the forward index and in the array of the window's order; a posting in the forward
 * index; and an article in tables that last: counts, the order, and what numbers the live ones. */
enum { ARTICLE = 8, POSTING = 2, ARTICLE_LASTING = 12 };

/* Each window reads all postings again, so there should not be many. */
#define WINDOW_MEMORY_MIN (UINT64_C(24) << 20)

/* The end of the longest run of articles from `first` on that fits the memory, and of two at least. */
static uint32_t end_of_window(const struct forward_plan *p, uint32_t first, uint64_t memory) {
    uint64_t postings = 0;
    uint32_t end = first;
    while (end < p->lives) {
        postings += p->counts[end];
        uint64_t needed = (uint64_t)(end - first + 1) * ARTICLE + postings * POSTING;
        if (end > first && (postings > UINT32_MAX || needed + bisect_memory(end - first + 1) > memory))
            break;
        end++;
    }
    return end;
}

/* Adds to *gain the bytes that an order saves. */
static lede_status add_gain(uint64_t *gain, const struct forward_index *f, const uint32_t *order, lede_error *err) {
    uint32_t *last = malloc((f->terms + (size_t)1) * sizeof *last);
    if (!last)
        return error_nomem(err);
    uint64_t before = forward_gap_bits(f, NULL, last), after = forward_gap_bits(f, order, last);
    *gain += before > after ? (before - after) / 8 : 0;
    free(last);
    return LEDE_OK;
}

/* What the windows have in common. */
struct ordering {
    const struct permute_job *job;
    const struct forward_plan *plan;
    unsigned threads;
    uint32_t *order;
    uint64_t gain;
};

/* Puts articles from `first` to `end` - 1 in order. */
static lede_status order_window(struct ordering *o, uint32_t first, uint32_t end, lede_error *err) {
    const struct permute_job *job = o->job;
    uint32_t *order = o->order + first;
    struct forward_index forward;
    const struct bisect_options options = {o->threads, job->merge.stop, job->merge.ctx};
    lede_status status = forward_make(&forward, o->plan, first, end, err);
    if (status != LEDE_OK)
        return status;
    status = bisect_order(order, &forward, &options, err);
    if (status == LEDE_OK)
        status = add_gain(&o->gain, &forward, order, err);
    for (uint32_t i = 0; i < end - first; i++)
        order[i] += first;
    forward_release(&forward);
    return status;
}

static lede_status order_lives(struct ordering *o, lede_error *err) {
    const struct permute_job *job = o->job;
    const struct forward_plan *p = o->plan;
    lede_status status = LEDE_OK;
    /* Windows must not depend on the threads, so an eighth is always theirs. */
    uint64_t most = 1 + job->memory / 8 / BISECT_THREAD_MEMORY;
    uint64_t taken = job->memory / 8 + (uint64_t)p->articles * ARTICLE_LASTING;
    uint64_t memory = job->memory > taken + WINDOW_MEMORY_MIN ? job->memory - taken : WINDOW_MEMORY_MIN;
    o->threads = o->threads < most ? o->threads : (unsigned)most;
    for (uint32_t first = 0, end; status == LEDE_OK && first < p->lives; first = end) {
        end = end_of_window(p, first, memory);
        status = order_window(o, first, end, err);
    }
    return status;
}

lede_status reorder_articles(uint32_t **order, uint64_t *gain, struct permute_job *job, unsigned threads,
                             lede_error *err) {
    struct forward_plan plan;
    struct ordering ordering = {job, &plan, threads, NULL, 0};
    uint32_t *places = NULL, *lives = NULL;
    *order = NULL;
    lede_status status =
        forward_plan_init(&plan, job->merge.inputs, job->merge.count, job->merge.stop, job->merge.ctx, err);
    if (status == LEDE_OK && !(places = malloc(((size_t)plan.lives + 1) * sizeof *places)))
        status = error_nomem(err);
    ordering.order = places;
    if (status == LEDE_OK)
        status = order_lives(&ordering, err);
    if (status == LEDE_OK && !(lives = forward_lives(&plan)))
        status = error_nomem(err);
    for (uint32_t i = 0; status == LEDE_OK && i < plan.lives; i++)
        places[i] = lives[places[i]];
    uint32_t articles = plan.lives;
    forward_plan_release(&plan);
    free(lives);
    if (status != LEDE_OK) {
        free(places);
        return status;
    }
    *gain = ordering.gain;
    job->order = *order = places;
    job->articles = articles;
    return LEDE_OK;
}
