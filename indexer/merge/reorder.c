#include "reorder.h"

#include <stdlib.h>

#include "bisect.h"
#include "core/base/error.h"
#include "core/codecs/maxima.h"
#include "natural.h"

/* Bytes that a unit, an article or a bundle, takes in the forward index and in the array of the window's order; a
 * posting in the forward index; a unit in tables that last, counts and the order, and a bundle while a term is told
 * once of each; an article, deleted ones too, in what numbers the live ones; a live one in the natural order, and in
 * one found before. */
enum { UNIT = 8, POSTING = 2, UNIT_LASTING = 8, BUNDLE_TOLD = 4, ARTICLE_NUMBERED = 4, ARTICLE_PLACED = 4 };

/* What an article takes at most before and after that: see natural.h, and adopt. */
enum { ARTICLE_MOST = 20 };

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

/* The end of the longest run of units from `first` on that fits the memory, and of one at least. */
static uint32_t end_of_window(const struct forward_plan *p, uint32_t first, uint64_t memory) {
    uint64_t postings = 0;
    uint32_t end = first;
    while (end < p->units) {
        postings += p->counts[end];
        uint64_t needed = (uint64_t)(end - first + 1) * UNIT + postings * POSTING;
        if (end > first && (postings > UINT32_MAX || needed + bisect_memory(end - first + 1) > memory))
            break;
        end++;
    }
    return end;
}

/* What an order makes of the terms of articles, or of bundles. */
struct effect {
    uint64_t gaps;   /* bits that gaps between postings take */
    uint64_t ranges; /* that have a term, of all terms together */
};

/* What is put in order. */
struct level {
    uint32_t bundle; /* so many articles are a unit */
    bool whole;      /* all at once, with fewer terms if the memory is short; else in windows */
    uint32_t most;   /* of more articles, which are in an order that is good for so many, halves stay as they are */
};

struct work {
    const struct permute_job *job;
    unsigned threads;
    uint64_t articles; /* deleted ones too */
};

/* What the parts that are put in order one after the other have in common. */
struct ordering {
    const struct work *work;
    const struct level *level;
    struct forward_plan *plan;
    uint64_t memory; /* for a part */
    struct effect before, after;
};

static void add_effect(struct effect *e, const struct forward_index *f, const uint32_t *order, uint32_t width,
                       uint32_t *last) {
    e->gaps += forward_gap_bits(f, order, last);
    e->ranges += forward_ranges(f, order, width, last);
}

static lede_status add_effects(struct ordering *o, const struct forward_index *f, const uint32_t *order,
                               lede_error *err) {
    const uint32_t width = RANGE_DOCS / o->level->bundle;
    uint32_t *last = malloc((f->terms + (size_t)1) * sizeof *last);
    if (!last)
        return error_nomem(err);
    add_effect(&o->before, f, NULL, width, last);
    add_effect(&o->after, f, order, width, last);
    free(last);
    return LEDE_OK;
}

/* Puts a part of the units in order; they are numbered from 0. */
static lede_status order_part(struct ordering *o, const struct forward_part *part, uint32_t *order, lede_error *err) {
    struct forward_index forward;
    const struct bisect_options options = {.threads = o->work->threads,
                                           .leaf = RANGE_DOCS / o->level->bundle,
                                           .most = o->level->most / o->level->bundle,
                                           .stop = o->work->job->merge.stop,
                                           .ctx = o->work->job->merge.ctx};
    lede_status status = forward_make(&forward, o->plan, part, err);
    if (status != LEDE_OK)
        return status;
    status = bisect_order(order, &forward, &options, err);
    if (status == LEDE_OK)
        status = add_effects(o, &forward, order, err);
    forward_release(&forward);
    return status;
}

static lede_status order_all(struct ordering *o, uint32_t *order, lede_error *err) {
    lede_status status = LEDE_OK;
    struct forward_part window = {0, 0, 0, 0};
    for (; status == LEDE_OK && window.first < o->plan->units; window.first = window.end) {
        window.end = end_of_window(o->plan, window.first, o->memory);
        status = order_part(o, &window, order + window.first, err);
        for (uint32_t i = window.first; status == LEDE_OK && i < window.end; i++)
            order[i] += window.first;
    }
    return status;
}

/* Whether less is read to search, and less is written, than in the order that there is. */
static bool is_better(const struct ordering *o) {
    return o->after.gaps < o->before.gaps && o->after.ranges < o->before.ranges;
}

/* LEDE_NOT_FOUND if an order of a sample is no better than the one it has. That takes a tenth of the time. */
static lede_status probe(const struct ordering *o, uint32_t *order, lede_error *err) {
    const struct forward_plan *p = o->plan;
    struct forward_part sample = {0, p->units, PROBE_RUN, PROBE_STEP};
    struct ordering trial = *o;
    uint64_t needed = bisect_memory(p->units) + (uint64_t)p->units * UNIT;
    for (uint32_t u = 0; u < p->units; u++)
        needed += (uint64_t)p->counts[u] * POSTING;
    const uint64_t most = o->memory < UINT32_MAX ? o->memory : UINT32_MAX;
    if (needed / most >= sample.step)
        sample.step = (uint32_t)(needed / most) + 1;
    lede_status status = order_part(&trial, &sample, order, err);
    return status == LEDE_OK && !is_better(&trial) ? LEDE_NOT_FOUND : status;
}

/* Puts the units in order; LEDE_NOT_FOUND if none is better than the one they have. */
static lede_status order_units(struct ordering *o, uint32_t *order, lede_error *err) {
    bool probed = o->plan->bundle == 1 && o->plan->lives >= PROBE_MIN;
    lede_status status = probed ? probe(o, order, err) : LEDE_OK;
    if (status == LEDE_OK)
        status = order_all(o, order, err);
    return status == LEDE_OK && !is_better(o) ? LEDE_NOT_FOUND : status;
}

/* The articles of units in their order: an array to be freed, or NULL. `lives` has them by their numbers in the plan.
 */
static uint32_t *articles_of(const struct forward_plan *p, const uint32_t *lives, const uint32_t *units) {
    uint32_t *out = malloc(((size_t)p->lives + 1) * sizeof *out), n = 0;
    for (uint32_t i = 0; out && i < p->units; i++)
        for (uint32_t k = 0; k < p->bundle && units[i] * p->bundle + k < p->lives; k++)
            out[n++] = lives[units[i] * p->bundle + k];
    return out;
}

/* What is left beside tables of so many bytes: an eighth is for threads, on whose number windows must not depend. 0:
 * too little. */
static uint64_t memory_for_window(const struct merge_job *job, uint64_t tables) {
    uint64_t taken = job->memory / 8 + tables, least = job->memory / 4;
    least = least > WINDOW_MEMORY_MIN ? least : WINDOW_MEMORY_MIN;
    return job->memory < taken + least ? 0 : job->memory - taken;
}

/* Whether there is enough to put so many articles, and their passages, in an order. */
static bool is_memory_enough(const struct merge_job *job, uint64_t articles) {
    uint64_t passages = 0;
    for (size_t i = 0; i < job->count; i++)
        passages += segment_info(job->inputs[i].segment)->passages;
    return articles * ARTICLE_MOST <= job->memory / 8 * 7 &&
           memory_for_window(job, articles * ARTICLE_ORDER + passages * PASSAGE_NUMBER) > 0;
}

/* Lets the order found be that of the articles. */
static lede_status adopt(struct reordering *out, const struct ordering *o, const uint32_t *units, lede_error *err) {
    const uint32_t *before = out->order ? out->order : out->natural;
    uint32_t *made = before ? NULL : forward_lives(o->plan), *articles = NULL;
    if (before || made)
        articles = articles_of(o->plan, before ? before : made, units);
    free(made);
    if (!articles)
        return error_nomem(err);
    free(out->order);
    out->order = articles;
    out->gain += (o->before.gaps - o->after.gaps) / 8;
    out->ranges *= (double)o->after.ranges / (double)o->before.ranges;
    return LEDE_OK;
}

static lede_status order_planned(struct reordering *out, struct ordering *o, lede_error *err) {
    uint32_t *units = malloc(((size_t)o->plan->units + 1) * sizeof *units);
    lede_status status = units ? order_units(o, units, err) : error_nomem(err);
    if (status == LEDE_OK)
        status = adopt(out, o, units, err);
    free(units);
    return status;
}

/* How many fit so much memory, and can be numbered. */
static uint64_t postings_of(uint64_t memory) {
    return memory / POSTING < UINT32_MAX ? memory / POSTING : UINT32_MAX;
}

/* Puts the articles, which are in out->order or else in the natural one, in a better one. LEDE_NOT_FOUND if there is
 * none, or if the memory does not do for it. */
static lede_status improve(struct reordering *out, const struct work *work, const struct level *level,
                           lede_error *err) {
    const struct merge_job *job = &work->job->merge;
    const uint64_t units = out->articles / level->bundle + 1, part = bisect_memory((uint32_t)units) + units * UNIT;
    const uint64_t orders = (out->order ? 2 : 1) * (uint64_t)out->articles * ARTICLE_PLACED;
    struct forward_plan plan = {0};
    struct ordering o = {.work = work, .plan = &plan, .level = level};
    struct forward_order order = {out->order ? out->order : out->natural, out->articles, level->bundle, UINT64_MAX};
    const uint64_t of_unit = UNIT_LASTING + (level->bundle > 1 ? BUNDLE_TOLD : 0);
    o.memory = memory_for_window(job, work->articles * ARTICLE_NUMBERED + orders + units * of_unit);
    if (o.memory == 0 || (level->whole && o.memory <= part))
        return LEDE_NOT_FOUND;
    if (level->whole)
        order.postings_max = postings_of(o.memory - part);
    lede_status status = forward_plan_init(&plan, job, &order, err);
    if (status == LEDE_OK)
        status = order_planned(out, &o, err);
    forward_plan_release(&plan);
    return status;
}

/* From far to near, see reorder.h. */
static lede_status improve_all(struct reordering *out, const struct work *work, lede_error *err) {
    static const struct level coarse = {.bundle = 64, .whole = true, .most = UINT32_MAX};
    static const struct level fine = {.bundle = 8, .most = 1 << 15}, single = {.bundle = 1, .most = UINT32_MAX};
    lede_status status = improve(out, work, &coarse, err);
    if (status == LEDE_OK)
        status = improve(out, work, &fine, err);
    if (status == LEDE_OK || status == LEDE_NOT_FOUND)
        status = improve(out, work, &single, err);
    return status == LEDE_NOT_FOUND ? LEDE_OK : status;
}

/* Threads that the memory does for. */
static unsigned threads_of(const struct merge_job *job, unsigned threads) {
    uint64_t most = 1 + job->memory / 8 / BISECT_THREAD_MEMORY;
    return threads < most ? threads : (unsigned)most;
}

lede_status reorder_articles(struct reordering *out, const struct permute_job *job, unsigned threads, lede_error *err) {
    struct work work = {job, threads_of(&job->merge, threads), 0};
    *out = (struct reordering){.ranges = 1};
    for (size_t i = 0; i < job->merge.count; i++)
        work.articles += segment_info(job->merge.inputs[i].segment)->articles;
    if (!is_memory_enough(&job->merge, work.articles))
        return LEDE_NOT_FOUND;
    lede_status status = natural_order(&out->natural, &out->articles, &job->merge, err);
    if (status == LEDE_OK)
        status = improve_all(out, &work, err);
    if (status == LEDE_OK && !out->order && !out->natural)
        status = LEDE_NOT_FOUND;
    if (status != LEDE_OK)
        reordering_release(out);
    return status;
}

void reordering_release(struct reordering *r) {
    free(r->order);
    free(r->natural);
    r->order = r->natural = NULL;
}
