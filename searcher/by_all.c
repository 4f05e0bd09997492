#include "by_all.h"

#include "../core/error.h"
#include "phrase.h"
#include "range_bounds.h"
#include "range_term.h"

struct run {
    struct range_term *terms;  /* in the order of the query, which is that of scoring */
    struct range_term **order; /* rarest first */
    size_t count;
    /* A phrase: word i is terms[slots[i]]. */
    uint32_t *slots;
    struct phrase_slot *places;
    uint32_t slot_count; /* 0: none */
    struct range_scorer scorer;
    struct range_bounds bounds; /* if the rarest word is frequent; else count is 0 */
    uint32_t cut;               /* of the bounds, for the threshold at the time */
    struct collector *collector;
    uint32_t range; /* that `rest` is of */
    double *rest;   /* rest[i]: what order[i] and those behind it can give at most in the range */
    bool skipped;
};

/* Sums of a few scores in different orders differ by less than this part of them. */
#define SLACK (1 + 1e-12)

static bool is_simple(const struct lede_query *q) {
    if (q->clause_count == 1 && q->clauses[0].sign != CLAUSE_MUST_NOT)
        return q->clauses[0].term_count > 1;
    for (size_t i = 0; i < q->clause_count; i++)
        if (q->clauses[i].term_count != 1 || q->clauses[i].sign != CLAUSE_MUST)
            return false;
    return q->clause_count > 0;
}

bool can_run_by_all(const struct plan *plan) {
    return is_simple(plan->query) && range_maxima_help(plan);
}

/* ------------------------------------------------------------------------------ retrieving -- */

static double threshold(const struct run *r) {
    return r->collector->top.threshold;
}

/* Sums up what the words can give in the range; false if one of them is not in it. */
static bool enter(struct run *r, uint32_t range) {
    r->range = range;
    for (size_t i = r->count; i > 0; i--) {
        double bound = range_term_bound(r->order[i - 1], range);
        if (bound <= 0)
            return false;
        r->rest[i - 1] = (r->rest[i] + bound) * SLACK;
    }
    return true;
}

/* The next document of the rarest word in a range that is worth entering, from `doc` on. */
static uint32_t next_worthy(struct run *r, uint32_t doc) {
    while ((doc = range_term_seek(r->order[0], doc)) != DOC_END && doc >> RANGE_SHIFT != r->range) {
        uint32_t range = doc >> RANGE_SHIFT;
        if (r->bounds.count) {
            uint32_t next = range_bounds_next(&r->bounds, range, r->cut);
            if (next != range) {
                r->skipped = true;
                if (next == r->bounds.count)
                    return DOC_END;
                doc = next << RANGE_SHIFT;
                continue;
            }
        }
        bool all = enter(r, range);
        if (all && r->rest[0] >= threshold(r))
            return doc;
        r->skipped |= all;
        r->range = UINT32_MAX;
        if (range == UINT32_MAX >> RANGE_SHIFT)
            return DOC_END;
        doc = (range + 1) << RANGE_SHIFT;
    }
    return doc;
}

/* Moves the other words to the document; *doc is it if they are all there and it can reach the threshold, else the one
 * to go on with. */
static bool confirm(struct run *r, uint32_t *doc) {
    double sum = range_term_score(r->order[0]);
    for (size_t i = 1; i < r->count; i++) {
        if ((sum + r->rest[i]) * SLACK < threshold(r)) {
            r->skipped = true;
            *doc += 1;
            return false;
        }
        uint32_t other = range_term_seek(r->order[i], *doc);
        if (other != *doc) {
            *doc = other;
            return false;
        }
        sum += range_term_score(r->order[i]);
    }
    return true;
}

static double score(const struct run *r) {
    double sum = 0;
    for (size_t i = 0; i < r->count; i++)
        sum += range_term_score(&r->terms[i]);
    return sum;
}

static bool follow_one_another(struct run *r) {
    for (uint32_t i = 0; i < r->slot_count; i++) {
        struct phrase_slot *p = &r->places[i];
        p->at = 0;
        p->positions = range_term_positions(&r->terms[r->slots[i]], &p->count);
        if (!p->positions)
            return false;
    }
    return !r->slot_count || phrase_matches(r->places, r->slot_count);
}

static void take(struct run *r, uint32_t doc) {
    struct collector *c = r->collector;
    double s = score(r);
    /* Documents come in order, so one that only equals the worst of the best is behind it. */
    if (s <= c->top.threshold) {
        r->skipped = true;
    } else if (!snapshot_is_deleted(&c->segment, doc) && follow_one_another(r)) {
        c->total++;
        topk_push(&c->top, s, c->segment.base + doc);
        if (r->bounds.count)
            r->cut = range_bounds_of(&r->bounds, threshold(r));
    }
}

static void run_all(struct run *r) {
    uint32_t doc = next_worthy(r, 0);
    while (doc != DOC_END) {
        if (confirm(r, &doc))
            take(r, doc++);
        if (doc != DOC_END)
            doc = next_worthy(r, doc);
    }
}

/* --------------------------------------------------------------------------------- opening -- */

static lede_status add_term(struct run *r, const struct plan *plan, size_t segment, uint32_t term, uint32_t count) {
    const struct term_info *info = &plan->infos[segment * plan->query->term_count + term];
    struct range_term *t = &r->terms[r->count];
    double weight = bm25_weight(&plan->bm25, plan->doc_freqs[term], count);
    size_t i = r->count++;
    for (; i > 0 && r->order[i - 1]->doc_freq > info->doc_freq; i--)
        r->order[i] = r->order[i - 1];
    r->order[i] = t;
    return range_term_init(t, NULL, &r->scorer, info, weight);
}

static lede_status open_phrase(struct run *r, const struct plan *plan, size_t segment, struct arena *arena) {
    const struct clause *c = &plan->query->clauses[0];
    uint32_t *numbers = arena_zalloc(arena, 3 * (size_t)c->term_count, sizeof *numbers);
    r->places = arena_zalloc(arena, c->term_count, sizeof *r->places);
    if (!numbers || !r->places)
        return LEDE_NOMEM;
    uint32_t *terms = numbers + c->term_count, *counts = terms + c->term_count;
    r->slots = numbers;
    r->slot_count = c->term_count;
    uint32_t distinct = clause_words(c, r->slots, terms, counts);
    lede_status status = LEDE_OK;
    for (uint32_t n = 0; n < distinct && status == LEDE_OK; n++)
        status = add_term(r, plan, segment, terms[n], counts[n] * c->weight);
    return status;
}

static lede_status open_terms(struct run *r, const struct plan *plan, size_t segment, struct arena *arena) {
    const struct lede_query *q = plan->query;
    r->terms = arena_alloc(arena, q->term_count * sizeof *r->terms);
    r->order = arena_alloc(arena, q->term_count * sizeof(struct range_term *));
    r->rest = arena_zalloc(arena, q->term_count + 1, sizeof *r->rest);
    if (!r->terms || !r->order || !r->rest)
        return LEDE_NOMEM;
    if (q->clauses[0].term_count > 1)
        return open_phrase(r, plan, segment, arena);
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < q->clause_count && status == LEDE_OK; i++)
        status = add_term(r, plan, segment, q->clauses[i].terms[0], q->clauses[i].weight);
    return status;
}

static bool has_all(const struct plan *plan, size_t segment) {
    for (size_t t = 0; t < plan->query->term_count; t++)
        if (plan->infos[segment * plan->query->term_count + t].doc_freq == 0)
            return false;
    return true;
}

static lede_status run_segment(struct run *r, const struct plan *plan, size_t segment, struct arena *arena) {
    const struct segment *s = plan->snapshot->segments[segment].segment;
    collector_begin(r->collector, &plan->snapshot->segments[segment]);
    range_scorer_init(&r->scorer, s, &plan->bm25);
    lede_status status = open_terms(r, plan, segment, arena);
    if (status != LEDE_OK)
        return status;
    if (r->order[0]->postings.levels &&
        !range_bounds_init(&r->bounds, arena, segment_info(s)->passages, r->terms, r->count))
        return LEDE_NOMEM;
    if (r->bounds.count)
        r->cut = range_bounds_of(&r->bounds, threshold(r));
    r->range = UINT32_MAX;
    run_all(r);
    return range_terms_status(r->terms, r->count);
}

lede_status retrieve_by_all(const struct plan *plan, size_t segment, struct collector *c, bool *skipped,
                            lede_error *err) {
    struct arena arena = ARENA_EMPTY;
    if (!has_all(plan, segment))
        return LEDE_OK;
    struct run *r = arena_zalloc(&arena, 1, sizeof *r);
    if (!r)
        return error_nomem(err);
    r->collector = c;
    lede_status status = run_segment(r, plan, segment, &arena);
    *skipped |= r->skipped;
    for (size_t i = 0; i < r->count; i++)
        range_term_release(&r->terms[i]);
    const char *path = segment_path(plan->snapshot->segments[segment].segment);
    arena_release(&arena);
    return range_error(status, path, err);
}
