#include "forward.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/radix.h"
#include "core/segment/articles.h"
#include "key_walk.h"

enum {
    /* Rarer terms say little about which articles belong together, and there are very many of them. */
    LEAST = 16,
    /* Terms of more than one in so many passages tell little about articles, or about bundles; of few passages these
     * would be hardly any. */
    MOST_PART = 8,
    MOST_PART_BUNDLED = 512,
    MOST_BUNDLED_MIN = 1024,
    /* What an entry of a dictionary has, about. */
    ENTRY_BYTES = 16,
    NOT_LIVE = -1,
};

void forward_release(struct forward_index *f) {
    free(f->starts);
    free(f->list);
    *f = (struct forward_index){.articles = 0};
}

void forward_plan_release(struct forward_plan *p) {
    for (size_t i = 0; p->lanes && i < p->count; i++)
        free(p->lanes[i].lives);
    free(p->lanes);
    free(p->counts);
    free(p->ranks);
    p->lanes = NULL;
    p->counts = p->ranks = NULL;
}

/* --------------------------------------------------------------------------------- live articles -- */

static lede_status number_lives(struct forward_plan *p, struct forward_lane *lane, const uint8_t *deleted,
                                lede_error *err) {
    const struct segment *s = lane->segment;
    lane->lives = malloc(s->counts.articles * sizeof *lane->lives);
    if (!lane->lives)
        return error_nomem(err);
    uint32_t article = UINT32_MAX;
    for (uint32_t d = 0; d < s->counts.passages; d++) {
        uint32_t of = segment_article_of(s, d);
        if (of != article && of < s->counts.articles)
            lane->lives[of] = deleted[d >> 3] >> (d & 7) & 1 ? (uint32_t)NOT_LIVE : p->lives++;
        article = of;
    }
    return LEDE_OK;
}

/* Numbers the articles of a lane that are in the order: those from `base` on. */
static lede_status number_ordered(struct forward_lane *lane, const struct forward_order *order, lede_error *err) {
    uint32_t articles = lane->segment->counts.articles;
    lane->lives = malloc(articles * sizeof *lane->lives);
    if (!lane->lives)
        return error_nomem(err);
    memset(lane->lives, NOT_LIVE, articles * sizeof *lane->lives);
    for (uint32_t i = 0; i < order->count; i++)
        if (order->articles[i] - lane->base < articles)
            lane->lives[order->articles[i] - lane->base] = i;
    return LEDE_OK;
}

static lede_status open_lanes(struct forward_plan *p, const struct forward_order *order, lede_error *err) {
    p->lanes = calloc(p->count, sizeof *p->lanes);
    lede_status status = p->lanes ? LEDE_OK : error_nomem(err);
    for (size_t i = 0; status == LEDE_OK && i < p->count; i++) {
        const struct segment *s = p->inputs[i].segment;
        p->lanes[i] = (struct forward_lane){.segment = s, .base = p->articles, .first = p->lives};
        p->articles += s->counts.articles;
        if (order->articles)
            status = number_ordered(&p->lanes[i], order, err);
        else if (p->inputs[i].deleted)
            status = number_lives(p, &p->lanes[i], p->inputs[i].deleted, err);
        else
            p->lives += s->counts.articles;
    }
    if (order->articles)
        p->lives = order->count;
    p->bundle = order->bundle;
    p->units = (p->lives + p->bundle - 1) / p->bundle;
    return status;
}

uint32_t *forward_lives(const struct forward_plan *p) {
    uint32_t *all = malloc(((size_t)p->lives + 1) * sizeof *all);
    for (size_t i = 0; all && i < p->count; i++) {
        const struct forward_lane *lane = &p->lanes[i];
        for (uint32_t a = 0; a < lane->segment->counts.articles; a++) {
            uint32_t number = lane->lives ? lane->lives[a] : lane->first + a;
            if (number != (uint32_t)NOT_LIVE)
                all[number] = lane->base + a;
        }
    }
    return all;
}

/* ---------------------------------------------------------------------------------------- terms -- */

static bool is_wanted(const struct forward_plan *p, uint64_t frequency) {
    return frequency >= p->least && frequency <= p->most;
}

static lede_status interrupted(lede_error *err) {
    return error_set(err, LEDE_INTERRUPTED, "reordering was stopped");
}

static uint32_t frequency_of(uint64_t key) {
    return UINT32_MAX - (uint32_t)(key >> 32);
}

/* Appends, for each wanted term, its frequency from high to low, above its number. */
static lede_status list_terms(struct forward_plan *p, struct buffer *out, lede_error *err) {
    struct key_walk walk;
    uint32_t number = 0;
    lede_status status = key_walk_open(&walk, p->inputs, p->count, DICTIONARY_TERMS, err);
    while (status == LEDE_OK && !walk.end) {
        uint64_t f = key_walk_doc_freq(&walk);
        if (is_wanted(p, f))
            buffer_append_u64(out, (UINT32_MAX - f) << 32 | number++);
        footprint_touch(&p->footprint, ENTRY_BYTES * p->count);
        status = key_walk_next(&walk, err);
    }
    key_walk_close(&walk);
    return status == LEDE_OK && out->failed ? error_nomem(err) : status;
}

/* How many of the n most frequent ones to leave out, so that the others that can be numbered have no more postings. */
static size_t count_left_out(const uint64_t *keys, size_t n, uint64_t postings_max) {
    uint64_t sum = 0;
    size_t first = 0, end = 0;
    for (; end < n && end < FORWARD_TERMS_MAX; end++)
        sum += frequency_of(keys[end]);
    for (; sum > postings_max; first++, end += end < n) {
        sum -= frequency_of(keys[first]);
        sum += end < n ? frequency_of(keys[end]) : 0;
    }
    return first;
}

static lede_status rank_terms(struct forward_plan *p, uint64_t postings_max, lede_error *err) {
    struct buffer list = BUFFER_EMPTY;
    lede_status status = list_terms(p, &list, err);
    size_t n = list.len / 8;
    uint64_t *keys = (void *)list.data, *scratch = malloc(list.len + 1);
    p->ranks = malloc((n + 1) * sizeof *p->ranks);
    if (status == LEDE_OK && (!scratch || !p->ranks))
        status = error_nomem(err);
    if (status == LEDE_OK && n > 0)
        radix_sort(keys, scratch, n, 32, 64);
    size_t left_out = status == LEDE_OK ? count_left_out(keys, n, postings_max) : 0, left = n - left_out;
    for (size_t i = 0; status == LEDE_OK && i < n; i++)
        p->ranks[(uint32_t)keys[i]] = i < left_out ? UINT32_MAX : (uint32_t)(i - left_out);
    p->rank_count = (uint32_t)n;
    p->terms = left < FORWARD_TERMS_MAX ? (uint32_t)left : FORWARD_TERMS_MAX;
    free(scratch);
    buffer_release(&list);
    return status;
}

/* ------------------------------------------------------------------------------------- postings -- */

/* Units of the live articles among the run of postings that p stands on, each article once: *last is the one before.
 * Moves p behind the run. */
static uint32_t take_units(struct postings *p, const struct forward_lane *lane, uint32_t bundle, uint32_t *last,
                           uint32_t *out) {
    const uint32_t *docs, *freqs;
    uint32_t n = postings_run(p, &docs, &freqs), count = 0;
    bool plain = segment_section(lane->segment, SECTION_PASSAGE_STARTS)->size == 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t a = plain ? docs[i] : segment_article_of(lane->segment, docs[i]);
        if (a != *last && a < lane->segment->counts.articles) {
            uint32_t number = lane->lives ? lane->lives[a] : lane->first + a;
            out[count] = number / bundle;
            count += number != (uint32_t)NOT_LIVE;
        }
        *last = a;
    }
    postings_skip(p, n);
    return count;
}

typedef void visitor(void *ctx, uint32_t term, const uint32_t *units, uint32_t count);

static lede_status visit_lane(const struct forward_lane *lane, const struct term_info *info, uint32_t bundle,
                              uint32_t term, visitor *visit, void *ctx, lede_error *err) {
    struct postings p;
    uint32_t last = UINT32_MAX, units[BLOCK_DOCS];
    postings_init(&p, lane->segment, info);
    while (p.doc != DOC_END) {
        uint32_t count = take_units(&p, lane, bundle, &last, units);
        visit(ctx, term, units, count);
    }
    postings_release(&p);
    return p.status == LEDE_OK ? LEDE_OK
                               : segment_corrupt(lane->segment, SECTION_POSTINGS, info->postings, "bad postings", err);
}

/* Bytes of the file that looking at these postings brings in: of few, far from those looked at last, mostly others. */
static uint64_t bytes_around(struct forward_lane *lane, const struct term_info *info) {
    uint64_t gap = info->postings - lane->visited;
    lane->visited = info->postings + info->postings_size;
    return info->postings_size + (gap < FOOTPRINT_AROUND ? gap : FOOTPRINT_AROUND);
}

static lede_status visit_term(struct forward_plan *p, const struct key_walk *walk, uint32_t term, visitor *visit,
                              void *ctx, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; status == LEDE_OK && i < p->count; i++) {
        const struct term_info *info = key_walk_info(walk, i);
        if (!info)
            continue;
        status = visit_lane(&p->lanes[i], info, p->bundle, term, visit, ctx, err);
        footprint_touch(&p->footprint, bytes_around(&p->lanes[i], info));
    }
    return status;
}

/* Visits all postings of the chosen terms, by unit. */
static lede_status visit_all(struct forward_plan *p, visitor *visit, void *ctx, lede_error *err) {
    struct key_walk walk;
    uint32_t number = 0;
    lede_status status = key_walk_open(&walk, p->inputs, p->count, DICTIONARY_TERMS, err);
    while (status == LEDE_OK && !walk.end) {
        if (is_wanted(p, key_walk_doc_freq(&walk)) && number < p->rank_count) {
            uint32_t term = p->ranks[number++];
            if (term < p->terms)
                status = visit_term(p, &walk, term, visit, ctx, err);
            if (status == LEDE_OK && p->stop && p->stop(p->ctx))
                status = interrupted(err);
        }
        footprint_touch(&p->footprint, ENTRY_BYTES * p->count);
        if (status == LEDE_OK)
            status = key_walk_next(&walk, err);
    }
    key_walk_close(&walk);
    return status;
}

/* A bundle comes with a term once for each of its articles that has it: the last term that came with each unit, and 1;
 * NULL if units are articles. */
static lede_status make_last_terms(uint32_t **last, const struct forward_plan *p, lede_error *err) {
    *last = p->bundle > 1 ? calloc((size_t)p->units + 1, sizeof **last) : NULL;
    return *last || p->bundle == 1 ? LEDE_OK : error_nomem(err);
}

static inline bool is_new(uint32_t *last, uint32_t unit, uint32_t term) {
    if (!last)
        return true;
    bool new = last[unit] != term + 1;
    last[unit] = term + 1;
    return new;
}

struct counting {
    uint32_t *counts, *last;
};

static void count_units(void *ctx, uint32_t term, const uint32_t *units, uint32_t count) {
    const struct counting *c = ctx;
    for (uint32_t i = 0; i < count; i++)
        c->counts[units[i]] += is_new(c->last, units[i], term);
}

static lede_status count_terms(struct forward_plan *p, lede_error *err) {
    struct counting c = {.counts = calloc((size_t)p->units + 1, sizeof *c.counts)};
    lede_status status = make_last_terms(&c.last, p, err);
    p->counts = c.counts;
    if (status == LEDE_OK && !c.counts)
        status = error_nomem(err);
    if (status == LEDE_OK)
        status = visit_all(p, count_units, &c, err);
    free(c.last);
    return status;
}

/* Passages that a chosen term has at most, of so many. */
static uint32_t most_of(uint64_t passages, bool bundled) {
    uint64_t most = passages / MOST_PART, of_bundles = passages / MOST_PART_BUNDLED;
    of_bundles = of_bundles > MOST_BUNDLED_MIN ? of_bundles : MOST_BUNDLED_MIN;
    return (uint32_t)(bundled && of_bundles < most ? of_bundles : most);
}

lede_status forward_plan_init(struct forward_plan *p, const struct merge_job *job, const struct forward_order *order,
                              lede_error *err) {
    const struct merge_input *inputs = job->inputs;
    size_t count = job->count;
    *p = (struct forward_plan){.inputs = inputs, .count = count, .stop = job->stop, .ctx = job->ctx};
    footprint_init(&p->footprint, inputs, count, job->memory);
    uint64_t passages = 0;
    for (size_t i = 0; i < count; i++)
        passages += inputs[i].segment->counts.passages;
    p->least = LEAST;
    p->most = most_of(passages, order->bundle > 1);
    lede_status status = open_lanes(p, order, err);
    if (status == LEDE_OK)
        status = rank_terms(p, order->postings_max, err);
    return status == LEDE_OK ? count_terms(p, err) : status;
}

/* --------------------------------------------------------------------------------- forward index -- */

/* The number in the part of a unit; UINT32_MAX if it is none of it. */
static inline uint32_t place_of(const struct forward_part *part, uint32_t unit) {
    if (unit < part->first || unit >= part->end)
        return UINT32_MAX;
    uint32_t i = unit - part->first;
    if (part->run == 0)
        return i;
    uint32_t run = i / part->run;
    return run % part->step == 0 ? run / part->step * part->run + i % part->run : UINT32_MAX;
}

uint32_t forward_part_size(const struct forward_part *part) {
    uint32_t n = part->end - part->first;
    if (part->run == 0)
        return n;
    uint64_t whole = (uint64_t)part->run * part->step, rest = n % whole;
    return (uint32_t)(n / whole * part->run + (rest < part->run ? rest : part->run));
}

struct filling {
    struct forward_index *out;
    const struct forward_part *part;
    uint32_t *last;
};

static void fill_units(void *ctx, uint32_t term, const uint32_t *units, uint32_t count) {
    const struct filling *f = ctx;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = place_of(f->part, units[i]);
        if (place != UINT32_MAX && is_new(f->last, units[i], term))
            f->out->list[f->out->starts[place + 1]++] = (uint16_t)term;
    }
}

/* While it is filled, starts[a + 1] is where the next term of article a goes; then it is where a ends. */
static void lay_out(struct forward_index *f, const struct forward_plan *p, const struct forward_part *part) {
    uint32_t sum = 0;
    f->starts[0] = 0;
    for (uint32_t a = part->first; a < part->end; a++) {
        uint32_t place = place_of(part, a);
        if (place == UINT32_MAX)
            continue;
        f->starts[place + 1] = sum;
        sum += p->counts[a];
    }
}

lede_status forward_make(struct forward_index *out, struct forward_plan *p, const struct forward_part *part,
                         lede_error *err) {
    uint64_t postings = 0;
    uint32_t n = forward_part_size(part);
    *out = (struct forward_index){.articles = n, .terms = p->terms};
    for (uint32_t a = part->first; a < part->end; a++)
        postings += place_of(part, a) != UINT32_MAX ? p->counts[a] : 0;
    if (postings > UINT32_MAX)
        return error_nomem(err);
    out->starts = malloc(((size_t)n + 1) * sizeof *out->starts);
    out->list = malloc((size_t)(postings + 1) * sizeof *out->list);
    if (!out->starts || !out->list) {
        forward_release(out);
        return error_nomem(err);
    }
    lay_out(out, p, part);
    struct filling filling = {.out = out, .part = part};
    lede_status status = make_last_terms(&filling.last, p, err);
    if (status == LEDE_OK)
        status = visit_all(p, fill_units, &filling, err);
    free(filling.last);
    if (status != LEDE_OK)
        forward_release(out);
    return status;
}

/* log2(n) * 1024, along straight lines between powers of two: whole numbers, so that sums are the same everywhere. */
static uint32_t log2_of(uint32_t n) {
    unsigned width = bit_width(n) - 1;
    return (width << 10) + (uint32_t)(((uint64_t)n << 10 >> width) - 1024);
}

uint64_t forward_gap_bits(const struct forward_index *f, const uint32_t *order, uint32_t *last) {
    uint64_t sum = 0;
    memset(last, 0, f->terms * sizeof *last);
    for (uint32_t i = 0; i < f->articles; i++) {
        uint32_t article = order ? order[i] : i;
        for (uint32_t k = f->starts[article]; k < f->starts[article + 1]; k++) {
            uint32_t *before = &last[f->list[k]];
            sum += log2_of(i + 1 - *before);
            *before = i + 1;
        }
    }
    return sum >> 10;
}

uint64_t forward_ranges(const struct forward_index *f, const uint32_t *order, uint32_t width, uint32_t *last) {
    uint64_t sum = 0;
    memset(last, 0, f->terms * sizeof *last);
    for (uint32_t i = 0; i < f->articles; i++) {
        uint32_t article = order ? order[i] : i, range = i / width + 1;
        for (uint32_t k = f->starts[article]; k < f->starts[article + 1]; k++) {
            uint32_t *before = &last[f->list[k]];
            sum += *before != range;
            *before = range;
        }
    }
    return sum;
}
