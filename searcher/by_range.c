#include "by_range.h"

#include <string.h>

#include "../core/counters.h"
#include "../core/error.h"
#include "../core/lanes.h"
#include "range_run.h"

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

/* Whether a document of some block can reach the threshold. */
static inline bool reaches(half_lanes units, uint32_t cut) {
    long_lanes hits = (long_lanes)(units >= half_lanes_of((uint16_t)cut));
    return (hits[0] | hits[1]) != 0;
}

/* Word number k of those that the range under way has, and what it can give to a document of each block. */
static inline struct range_term *word_of(const struct range_run *r, size_t k) {
    return r->order[r->here[k]];
}

static inline half_lanes share_of(const struct range_run *r, size_t k) {
    return half_lanes_load(r->shares[k]);
}

/* Finds the words that the range has; returns how many, and in *rest what they can give together to a document of each
 * block. */
static size_t find_words(struct range_run *r, uint32_t range, half_lanes *rest) {
    const struct word_bounds *bounds = r->word_bounds;
    block_units *shares = r->shares;
    uint32_t *here = r->here;
    size_t n = 0, count = r->count;
    half_lanes all = half_lanes_of(0);
    for (size_t i = 0; i < count; i++) {
        uint32_t units = bounds[i].units[range], blocks = bounds[i].blocks[range];
        half_lanes share = half_lanes_of((uint16_t)units) & half_lanes_where((uint8_t)blocks);
        here[n] = (uint32_t)i;
        half_lanes_store(shares[n], share);
        all += share;
        n += units * blocks > 0;
    }
    *rest = all;
    return n;
}

/* Leaves the documents of the first word that reach the threshold with what is left. */
static void take(struct range_run *r, uint32_t range, half_lanes rest) {
    struct range_bar bar = {.cut = (uint16_t)r->cut};
    half_lanes_store(bar.more, rest);
    range_term_take(word_of(r, 0), range, range_lengths_of(r, range), &bar, &r->found[0], &r->alive);
}

/* Adds any word to the sums. */
static void add_to_sums(struct range_run *r, uint32_t range, size_t k) {
    static const uint64_t all[] = {UINT64_MAX, UINT64_MAX};
    struct range_term *t = word_of(r, k);
    struct chunk_list *found = &r->found[k];
    uint16_t units[RANGE_DOCS + RANGE_SPARE];
    if (range_term_is_dense(t, range)) {
        range_term_add_all(t, range, range_lengths_of(r, range), all, &found->masks, r->sums);
        found->count = RANGE_DOCS;
        for (uint32_t i = 0; i < RANGE_DOCS; i++)
            found->docs[i] = (uint8_t)i;
        return;
    }
    range_term_read(t, range, range_lengths_of(r, range), found, units);
    for (uint32_t i = 0; i < found->count; i++)
        r->sums[found->docs[i]] = (uint16_t)(r->sums[found->docs[i]] + units[i]);
}

/* Adds up words until a document needs one of them to reach the threshold. Returns how many these are; leaves in
 * r->alive the documents that can still reach it, with what the other words can give. */
static size_t add_essential(struct range_run *r, uint32_t range, half_lanes rest) {
    size_t n = 0;
    do
        rest -= share_of(r, n++);
    while (reaches(rest, r->cut));
    if (n == 1 && !range_term_is_dense(word_of(r, 0), range)) {
        take(r, range, rest);
        return n;
    }
    block_units others;
    half_lanes_store(others, rest);
    for (unsigned doc = 0; doc < RANGE_DOCS; doc += 8)
        half_lanes_store(r->sums + doc, half_lanes_of(others[doc / CHUNK_BLOCK]));
    for (size_t k = 0; k < n; k++)
        add_to_sums(r, range, k);
    r->scorer.docs_ops->sift(&r->alive, r->sums, (uint16_t)r->cut);
    return n;
}

/* Puts what word number k of the range gives to the documents that are left in place of what it can give. */
static void add_other(struct range_run *r, uint32_t range, size_t k) {
    struct range_bar bar = {.cut = (uint16_t)r->cut};
    half_lanes_store(bar.more, -share_of(r, k));
    range_term_add(word_of(r, k), range, range_lengths_of(r, range), &bar, &r->found[k], &r->alive);
}

/* The rest of the n words, from number `read` on, for one document: whether it reaches the threshold. Leaves in
 * r->freqs how often it has each word of the query. */
static bool ask(struct range_run *r, uint32_t doc, uint32_t units, size_t read, size_t n) {
    uint32_t *freqs = r->freqs + r->count;
    for (size_t k = read; k < n && units >= r->cut; k++) {
        units = (uint16_t)(units - r->shares[k][doc % RANGE_DOCS / CHUNK_BLOCK]);
        units = (uint16_t)(units + range_term_units(word_of(r, k), doc, &freqs[k]));
    }
    if (units < r->cut)
        return false;
    r->scorer.docs_ops->freqs(freqs, r->found, read, (uint8_t)(doc % RANGE_DOCS));
    if (n < r->count)
        memset(r->freqs, 0, r->count * sizeof *r->freqs);
    for (size_t k = 0; k < n; k++)
        r->freqs[r->word_bounds[r->here[k]].place] = freqs[k];
    return true;
}

/* Of a range of which filters leave no more documents than these, it takes less time to look for each of them. */
enum { FEW_ACCEPTED = 4 };

/* So few are asked for one by one. */
enum { FEW = 2 };

/* Word by word, the weightiest first, until none of the documents can reach the threshold with what is left. */
static void evaluate(struct range_run *r, void *ctx, uint32_t range) {
    uint32_t first = range << RANGE_SHIFT;
    half_lanes rest;
    size_t n = find_words(r, range, &rest), k = 0;
    (void)ctx;
    if (!reaches(rest, r->cut))
        return;
    COUNT(opened, 1);
    if (range_run_accepted(r, range) <= FEW_ACCEPTED) {
        block_units all;
        half_lanes_store(all, rest);
        range_run_take_accepted(r, range, all);
    } else {
        k = add_essential(r, range, rest);
        range_run_limit(r, range);
    }
    for (; k < n && r->alive.count > FEW; k++)
        add_other(r, range, k);
    for (uint32_t i = 0; i < r->alive.count; i++) {
        uint32_t doc = first + r->alive.docs[i];
        if (collector_accepts(r->collector, doc) && ask(r, doc, r->alive.units[i], k, n))
            range_run_push(r, doc, range_run_score(r, doc));
    }
}

/* ------------------------------------------------------------------------------------ segment -- */

/* Puts the weightiest word first. */
static void order_terms(struct range_run *r) {
    for (size_t i = 1; i < r->count; i++) {
        struct range_term *t = r->order[i];
        size_t k = i;
        for (; k > 0 && r->order[k - 1]->max_score < t->max_score; k--)
            r->order[k] = r->order[k - 1];
        r->order[k] = t;
    }
}

/* Notes where words may be, as far as that is known. */
static void know_blocks(struct range_run *r) {
    for (size_t i = 0; i < r->count; i++)
        r->word_bounds[i].blocks = r->order[i]->blocks ? r->order[i]->blocks : r->all_blocks;
}

/* Adds what the words can give, and notes it for each range. */
static lede_status add_bounds(struct range_run *r) {
    size_t count = range_bounds_room(&r->bounds);
    r->all_blocks = arena_alloc(&r->arena, count);
    if (!r->all_blocks)
        return LEDE_NOMEM;
    memset(r->all_blocks, UINT8_MAX, count);
    for (size_t i = 0; i < r->count; i++) {
        r->word_bounds[i].place = (size_t)(r->order[i] - r->terms);
        uint16_t *units = r->word_bounds[i].units = arena_alloc(&r->arena, count * sizeof *units);
        if (!units)
            return LEDE_NOMEM;
        range_bounds_add(&r->bounds, r->order[i], units);
    }
    know_blocks(r);
    return LEDE_OK;
}

/* The ranges that are left to be looked into, a bit each, and how many these are. */
static uint64_t *ranges_left(struct range_run *r, size_t *count) {
    const struct range_bounds *b = &r->bounds;
    uint64_t *left = arena_alloc(&r->arena, ((size_t)b->count / REACH_WIDTH + 1) * sizeof *left);
    *count = 0;
    for (uint32_t i = 0; left && i < b->count; i += REACH_WIDTH) {
        left[i / REACH_WIDTH] = r->reach(b->sums + i, (uint16_t)r->cut);
        *count += (unsigned)__builtin_popcountll(left[i / REACH_WIDTH]);
    }
    return left;
}

/* Finds the blocks of more words in the ranges that are left, of those that are in few blocks, where many ranges are
 * left: by blocks a quarter of these are passed over, or more, but for long lists, and a range takes as long as it
 * takes to mark some 64 postings. */
static lede_status mark_more(struct range_run *r) {
    enum { LONG_LIST = 100, POSTINGS = 16, PART = 16 };
    uint32_t passages = segment_info(r->scorer.segment)->passages;
    size_t count;
    if (r->collector->top.limit >= LONG_LIST)
        return LEDE_OK;
    const uint64_t *left = ranges_left(r, &count);
    if (!left)
        return LEDE_NOMEM;
    uint32_t most = count * POSTINGS < passages / PART ? (uint32_t)count * POSTINGS : passages / PART;
    lede_status status = range_terms_find_blocks(r->terms, r->count, most, left, &r->arena);
    know_blocks(r);
    return status;
}

static lede_status run_segment(struct range_run *r, const struct plan *plan, size_t segment) {
    const struct lede_query *q = plan->query;
    for (size_t i = 0; i < q->clause_count; i++) {
        uint32_t term = q->clauses[i].terms[0];
        lede_status status = plan->infos[segment * q->term_count + term].doc_freq
                                 ? range_run_add(r, plan, segment, term, q->clauses[i].weight)
                                 : LEDE_OK;
        if (status != LEDE_OK)
            return status;
    }
    lede_status status = range_terms_find_blocks(r->terms, r->count, 0, NULL, &r->arena);
    if (status != LEDE_OK)
        return status;
    range_run_scale(r, true);
    order_terms(r);
    if (!range_bounds_init(&r->bounds, &r->arena, segment_info(r->scorer.segment)->passages, r->scorer.scale))
        return LEDE_NOMEM;
    status = range_run_foresee(r);
    if (status == LEDE_OK)
        status = add_bounds(r);
    if (status != LEDE_OK)
        return status;
    uint32_t primed = range_run_prime(r, evaluate, NULL);
    status = mark_more(r);
    if (status != LEDE_OK)
        return status;
    range_run_sweep(r, primed, evaluate, NULL);
    return range_terms_status(r->terms, r->count);
}

lede_status retrieve_by_range(const struct plan *plan, size_t segment, struct collector *c, bool *skipped,
                              lede_error *err) {
    struct range_run *r = range_run_new(plan, segment, c);
    if (!r)
        return error_nomem(err);
    lede_status status = run_segment(r, plan, segment);
    *skipped |= r->cut > 1; /* there is a threshold, and what could not reach it was passed over */
    range_run_free(r);
    return range_error(status, segment_path(plan->snapshot->segments[segment].segment), err);
}
