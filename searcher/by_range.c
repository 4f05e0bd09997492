#include "by_range.h"

#include <math.h>
#include <stdlib.h>

#include "../core/error.h"
#include "range_bounds.h"
#include "range_term.h"

/* Ranges evaluated first: enough that the threshold is near its final height, few enough not to count. More for longer
 * lists of results, which need more passages to be full. */
enum { PRIME = 48, PRIME_PER_RESULT = 16 };

/* Sums of a few scores in different orders differ by less than this part of them. */
#define SLACK (1 + 1e-12)

struct run {
    struct range_term *terms; /* in the order of the query */
    size_t count;
    struct range_scorer scorer;
    struct range_bounds bounds;
    struct collector *collector;
    struct range_term **order; /* words in the range under way, in the order they are taken */
    double *rest;              /* rest[i]: what order[i] and those behind it can give at most */
    double partial[RANGE_DOCS];
};

static bool is_simple(const struct lede_query *q) {
    for (size_t i = 0; i < q->clause_count; i++)
        if (q->clauses[i].term_count != 1 || q->clauses[i].sign != CLAUSE_SHOULD)
            return false;
    return q->clause_count > 0;
}

bool can_run_by_range(const struct plan *plan) {
    return is_simple(plan->query) && range_maxima_help(plan);
}

/* ------------------------------------------------------------------------------- one range -- */

static bool is_empty(const struct range_bits *b) {
    uint64_t any = 0;
    for (unsigned w = 0; w < RANGE_DOCS / 64; w++)
        any |= b->words[w];
    return any == 0;
}

static void insert(struct range_term **order, double *bounds, size_t n, struct range_term *t, double bound) {
    for (; n > 0 && bounds[n - 1] < bound; n--) {
        order[n] = order[n - 1];
        bounds[n] = bounds[n - 1];
    }
    order[n] = t;
    bounds[n] = bound;
}

/* Orders the words that the range has, best bound first, and sums up the rests; returns how many there are. */
static size_t order_terms(struct run *r, uint32_t range) {
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++) {
        double bound = range_term_bound(&r->terms[i], range);
        if (bound > 0)
            insert(r->order, r->rest, n++, &r->terms[i], bound);
    }
    r->rest[n] = 0;
    for (size_t i = n; i > 0; i--)
        r->rest[i - 1] = (r->rest[i - 1] + r->rest[i]) * SLACK;
    return n;
}

/* Drops the documents that can't reach the threshold with what is left. */
static void drop_hopeless(const struct run *r, struct range_bits *alive, double rest) {
    double threshold = r->collector->top.threshold;
    for (unsigned w = 0; w < RANGE_DOCS / 64; w++) {
        uint64_t kept = 0;
        for (uint64_t bits = alive->words[w]; bits; bits &= bits - 1) {
            unsigned i = (unsigned)__builtin_ctzll(bits);
            kept |= (uint64_t)((r->partial[w * 64 + i] + rest) * SLACK >= threshold) << i;
        }
        alive->words[w] = kept;
    }
}

static double exact_score(const struct run *r, uint32_t i) {
    double score = 0;
    for (size_t k = 0; k < r->count; k++)
        if (r->terms[k].here.words[i / 64] >> i % 64 & 1)
            score += r->terms[k].range_scores[i];
    return score;
}

static void collect(struct run *r, uint32_t range, const struct range_bits *alive) {
    struct collector *c = r->collector;
    for (unsigned w = 0; w < RANGE_DOCS / 64; w++) {
        for (uint64_t bits = alive->words[w]; bits; bits &= bits - 1) {
            uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(bits), doc = (range << RANGE_SHIFT) + i;
            if (snapshot_is_deleted(&c->segment, doc))
                continue;
            c->total++;
            topk_push(&c->top, exact_score(r, i), c->segment.base + doc);
        }
    }
}

/* Takes the words that a document needs one of to reach the threshold; returns how many these are. */
static size_t add_essential(struct run *r, uint32_t range, size_t n, struct range_bits *alive) {
    size_t i = 0;
    *alive = (struct range_bits){{0}};
    do {
        range_term_add(r->order[i], range, r->partial);
        for (unsigned w = 0; w < RANGE_DOCS / 64; w++)
            alive->words[w] |= r->order[i]->here.words[w];
        i++;
    } while (i < n && r->rest[i] >= r->collector->top.threshold);
    return i;
}

static void forget(struct run *r) {
    for (size_t k = 0; k < r->count; k++)
        r->terms[k].here = (struct range_bits){{0}};
}

static void evaluate(struct run *r, uint32_t range) {
    size_t n = order_terms(r, range);
    struct range_bits alive;
    if (n == 0 || r->rest[0] < r->collector->top.threshold)
        return;
    size_t i = add_essential(r, range, n, &alive);
    struct range_bits touched = alive;
    drop_hopeless(r, &alive, r->rest[i]);
    for (; i < n && !is_empty(&alive); i++) {
        range_term_find(r->order[i], range, &alive, r->partial);
        drop_hopeless(r, &alive, r->rest[i + 1]);
    }
    collect(r, range, &alive);
    for (unsigned w = 0; w < RANGE_DOCS / 64; w++)
        for (uint64_t bits = touched.words[w]; bits; bits &= bits - 1)
            r->partial[w * 64 + (uint32_t)__builtin_ctzll(bits)] = 0;
    forget(r);
}

/* ------------------------------------------------------------------------------ all ranges -- */

static void rewind_all(struct run *r) {
    for (size_t i = 0; i < r->count; i++)
        range_term_rewind(&r->terms[i]);
}

static size_t prime_count(const struct run *r) {
    size_t limit = r->collector->top.limit;
    return PRIME + (limit < SIZE_MAX / 2 ? limit : SIZE_MAX / 2) / PRIME_PER_RESULT;
}

static void prime(struct run *r) {
    uint32_t cut = range_bounds_cut(&r->bounds, prime_count(r));
    for (uint32_t i = 0; (i = range_bounds_next(&r->bounds, i, cut)) < r->bounds.count; i++) {
        evaluate(r, i);
        r->bounds.sums[i] = 0;
    }
    rewind_all(r);
}

static void sweep(struct run *r) {
    double threshold = r->collector->top.threshold;
    uint32_t cut = range_bounds_of(&r->bounds, threshold);
    for (uint32_t i = 0; (i = range_bounds_next(&r->bounds, i, cut)) < r->bounds.count; i++) {
        evaluate(r, i);
        if (r->collector->top.threshold > threshold) {
            threshold = r->collector->top.threshold;
            cut = range_bounds_of(&r->bounds, threshold);
        }
    }
}

static lede_status run_ranges(struct run *r, struct arena *arena, uint32_t passages) {
    if (!range_bounds_init(&r->bounds, arena, passages, r->terms, r->count))
        return LEDE_NOMEM;
    prime(r);
    sweep(r);
    return LEDE_OK;
}

/* Opens the words of the query that the segment has. */
static lede_status open_terms(struct run *r, const struct plan *plan, size_t segment, struct arena *arena) {
    const struct lede_query *q = plan->query;
    r->terms = arena_alloc(arena, q->clause_count * sizeof *r->terms);
    r->order = arena_alloc(arena, q->clause_count * sizeof(struct range_term *));
    r->rest = arena_alloc(arena, (q->clause_count + 1) * sizeof *r->rest);
    if (!r->terms || !r->order || !r->rest)
        return LEDE_NOMEM;
    lede_status status = LEDE_OK;
    for (size_t i = 0; status == LEDE_OK && i < q->clause_count; i++) {
        uint32_t term = q->clauses[i].terms[0];
        const struct term_info *info = &plan->infos[segment * q->term_count + term];
        double weight = bm25_weight(&plan->bm25, plan->doc_freqs[term], q->clauses[i].weight);
        if (info->doc_freq)
            status = range_term_init(&r->terms[r->count++], arena, &r->scorer, info, weight);
    }
    return status;
}

lede_status retrieve_by_range(const struct plan *plan, size_t segment, struct collector *c, lede_error *err) {
    const struct snapshot *snapshot = plan->snapshot;
    const struct segment *s = snapshot->segments[segment].segment;
    struct arena arena = ARENA_EMPTY;
    struct run *r = arena_zalloc(&arena, 1, sizeof *r);
    if (!r)
        return error_nomem(err);
    r->collector = c;
    collector_begin(c, &snapshot->segments[segment]);
    range_scorer_init(&r->scorer, s, &plan->bm25);
    lede_status status = open_terms(r, plan, segment, &arena);
    if (status == LEDE_OK && r->count > 0)
        status = run_ranges(r, &arena, segment_info(s)->passages);
    if (status == LEDE_OK)
        status = range_terms_status(r->terms, r->count);
    for (size_t i = 0; i < r->count; i++)
        range_term_release(&r->terms[i]);
    arena_release(&arena);
    return range_error(status, segment_path(s), err);
}
