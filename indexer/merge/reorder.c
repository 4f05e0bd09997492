#include "reorder.h"

#include <stdlib.h>

#include "bisect.h"
#include "core/base/error.h"
#include "natural.h"

/* Bytes that an article takes in the forward index and in the array of the window's order; a posting in the forward
 * index; and an article in tables that last: counts, the order, and what numbers the live ones. */
enum { ARTICLE = 8, POSTING = 2, ARTICLE_LASTING = 16 };

/* What an article and a passage take when it is put in order: two orders, and new numbers. */
enum { ARTICLE_ORDER = 8, PASSAGE_NUMBER = 4 };

enum {
    /* Fewer articles are put in order at once. */
    PROBE_MIN = 1 << 16,
    /* Of more, one run of neighbours in so many is looked at, or in more if the memory is short. */
    PROBE_RUN = 4096,
    PROBE_STEP = 8,
};

/* Each window reads all postings again, so there should not be many: one of a quarter of the memory, and of this. */
#define WINDOW_MEMORY_MIN (UINT64_C(8) << 20)

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

/* What the parts that are put in order one after the other have in common. */
struct ordering {
    const struct permute_job *job;
    struct forward_plan *plan;
    unsigned threads;
    uint64_t before, after; /* bits that gaps between postings took, and take */
};

static lede_status add_gaps(struct ordering *o, const struct forward_index *f, const uint32_t *order, lede_error *err) {
    uint32_t *last = malloc((f->terms + (size_t)1) * sizeof *last);
    if (!last)
        return error_nomem(err);
    o->before += forward_gap_bits(f, NULL, last);
    o->after += forward_gap_bits(f, order, last);
    free(last);
    return LEDE_OK;
}

/* Puts a part of the articles in order; they are numbered from 0. */
static lede_status order_part(struct ordering *o, const struct forward_part *part, uint32_t *order, lede_error *err) {
    struct forward_index forward;
    const struct bisect_options options = {o->threads, o->job->merge.stop, o->job->merge.ctx};
    lede_status status = forward_make(&forward, o->plan, part, err);
    if (status != LEDE_OK)
        return status;
    status = bisect_order(order, &forward, &options, err);
    if (status == LEDE_OK)
        status = add_gaps(o, &forward, order, err);
    forward_release(&forward);
    return status;
}

/* LEDE_NOT_FOUND if an order of a sample is no better than the one it has. That takes a tenth of the time. */
static lede_status probe(struct ordering *o, uint64_t memory, uint32_t *order, lede_error *err) {
    struct forward_part sample = {0, o->plan->lives, PROBE_RUN, PROBE_STEP};
    struct ordering trial = *o;
    uint64_t needed = bisect_memory(o->plan->lives) + (uint64_t)o->plan->lives * ARTICLE;
    if (o->plan->lives < PROBE_MIN)
        return LEDE_OK;
    for (uint32_t a = 0; a < o->plan->lives; a++)
        needed += (uint64_t)o->plan->counts[a] * POSTING;
    if (needed / memory >= sample.step)
        sample.step = (uint32_t)(needed / memory) + 1;
    lede_status status = order_part(&trial, &sample, order, err);
    return status == LEDE_OK && trial.after >= trial.before ? LEDE_NOT_FOUND : status;
}

static lede_status order_all(struct ordering *o, uint64_t memory, uint32_t *order, lede_error *err) {
    lede_status status = LEDE_OK;
    struct forward_part window = {0, 0, 0, 0};
    for (; status == LEDE_OK && window.first < o->plan->lives; window.first = window.end) {
        window.end = end_of_window(o->plan, window.first, memory);
        status = order_part(o, &window, order + window.first, err);
        for (uint32_t i = window.first; i < window.end; i++)
            order[i] += window.first;
    }
    return status;
}

/* What is left of the memory for a window; 0 if it is too little. */
static uint64_t window_memory(const struct merge_job *job, uint64_t articles) {
    uint64_t passages = 0, threads = job->memory / 8, least = job->memory / 4;
    for (size_t i = 0; i < job->count; i++)
        passages += segment_info(job->inputs[i].segment)->passages;
    uint64_t order = articles * ARTICLE_LASTING, permute = articles * ARTICLE_ORDER + passages * PASSAGE_NUMBER;
    uint64_t taken = threads + (order > permute ? order : permute);
    least = least > WINDOW_MEMORY_MIN ? least : WINDOW_MEMORY_MIN;
    return job->memory < taken + least ? 0 : job->memory - taken;
}

static lede_status order_lives(struct ordering *o, uint32_t *order, lede_error *err) {
    const struct merge_job *job = &o->job->merge;
    /* Windows must not depend on the threads, so an eighth is always theirs. */
    uint64_t most = 1 + job->memory / 8 / BISECT_THREAD_MEMORY, memory = window_memory(job, o->plan->articles);
    o->threads = o->threads < most ? o->threads : (unsigned)most;
    lede_status status = probe(o, memory, order, err);
    return status == LEDE_OK ? order_all(o, memory, order, err) : status;
}

/* Puts the order found into places, as numbers among all articles. */
static lede_status find_order(struct ordering *o, uint32_t *places, lede_error *err) {
    lede_status status = order_lives(o, places, err);
    if (status != LEDE_OK)
        return status;
    uint32_t *lives = forward_lives(o->plan);
    if (!lives)
        return error_nomem(err);
    for (uint32_t i = 0; i < o->plan->lives; i++)
        places[i] = lives[places[i]];
    free(lives);
    return LEDE_OK;
}

static lede_status order_from(const uint32_t *natural, uint32_t **order, struct ordering *o, uint32_t count,
                              lede_error *err) {
    struct forward_plan plan;
    o->plan = &plan;
    lede_status status = forward_plan_init(&plan, &o->job->merge, &(struct forward_order){natural, count}, err);
    if (status == LEDE_OK && !(*order = malloc(((size_t)plan.lives + 1) * sizeof **order)))
        status = error_nomem(err);
    if (status == LEDE_OK)
        status = find_order(o, *order, err);
    forward_plan_release(&plan);
    if (status != LEDE_OK) {
        free(*order);
        *order = NULL;
    }
    return status;
}

lede_status reorder_articles(struct reordering *out, const struct permute_job *job, unsigned threads, lede_error *err) {
    struct ordering ordering = {job, NULL, threads, 0, 0};
    uint64_t articles = 0;
    *out = (struct reordering){.order = NULL};
    for (size_t i = 0; i < job->merge.count; i++)
        articles += segment_info(job->merge.inputs[i].segment)->articles;
    if (window_memory(&job->merge, articles) == 0)
        return LEDE_NOT_FOUND;
    lede_status status = natural_order(&out->natural, &out->articles, &job->merge, err);
    if (status == LEDE_OK)
        status = order_from(out->natural, &out->order, &ordering, out->articles, err);
    if (status == LEDE_NOT_FOUND && out->natural)
        status = LEDE_OK;
    if (status != LEDE_OK)
        reordering_release(out);
    out->gain = ordering.before > ordering.after ? (ordering.before - ordering.after) / 8 : 0;
    return status;
}

void reordering_release(struct reordering *r) {
    free(r->order);
    free(r->natural);
    r->order = r->natural = NULL;
}
