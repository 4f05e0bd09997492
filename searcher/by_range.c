#include "by_range.h"

#include <string.h>

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

/* Finds the words that the range has; returns how many, and in *rest what they can give together. */
static size_t find_words(struct range_run *r, uint32_t range, uint32_t *rest) {
    size_t n = 0;
    *rest = 0;
    for (size_t i = 0; i < r->count; i++) {
        uint32_t share = range_term_bound(r->order[i], range);
        r->here[n] = r->order[i];
        r->shares[n] = share;
        *rest += share;
        n += share > 0;
    }
    return n;
}

/* Leaves the documents that were read of a word whose units reach `cut`. */
static void keep(struct range_run *r, const struct range_term *t, uint32_t cut) {
    const struct range_docs *all = &r->read;
    struct range_docs *alive = &r->alive;
    uint32_t n = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        alive->docs[n] = all->docs[i];
        alive->units[n] = all->units[i];
        range_run_know(r, t, all->docs[i], all->freqs[i]);
        n += all->units[i] >= cut;
    }
    alive->count = n;
    r->known[t - r->terms] = true;
}

/* The same of the sums over several words. */
static void keep_sums(const struct range_run *r, struct range_docs *alive, uint32_t cut) {
    uint32_t n = 0;
    for (unsigned w = 0; w < RANGE_DOCS; w += REACH_WIDTH) {
        for (uint64_t bits = r->reach(r->sums + w, (uint16_t)cut); bits; bits &= bits - 1) {
            uint32_t doc = w + (uint32_t)__builtin_ctzll(bits);
            alive->docs[n] = (uint8_t)doc;
            alive->units[n++] = r->sums[doc];
        }
    }
    alive->count = n;
}

/* Adds a word that is dense in the range to the sums of its documents, for those at least that are wanted. */
static void add_dense(struct range_run *r, uint32_t range, struct range_term *t, const uint64_t *wanted) {
    size_t k = (size_t)(t - r->terms);
    struct chunk_masks *m = &r->masks[k];
    const uint32_t *freq = m->more;
    range_term_add_all(t, range, range_lengths_of(r, range), wanted, m, r->sums);
    r->masks_of[k] = range;
    for (unsigned w = 0; w < RANGE_DOCS / 64; w++)
        for (uint64_t bits = m->above[2][w] & m->set[w] & wanted[w]; bits; bits &= bits - 1)
            r->freqs[k][w * 64 + (uint32_t)__builtin_ctzll(bits)] = *freq++;
}

/* Adds any word to the sums, and keeps what is known of its documents then. */
static void add_to_sums(struct range_run *r, uint32_t range, struct range_term *t) {
    static const uint64_t all[] = {UINT64_MAX, UINT64_MAX};
    size_t k = (size_t)(t - r->terms);
    struct chunk_masks *m = &r->masks[k];
    if (range_term_is_dense(t, range)) {
        add_dense(r, range, t, all);
        return;
    }
    range_term_read(t, range, &r->read);
    r->masks_of[k] = range;
    m->set[0] = m->set[1] = 0;
    for (uint32_t i = 0; i < r->read.count; i++) {
        uint32_t doc = r->read.docs[i];
        m->set[doc / 64] |= UINT64_C(1) << doc % 64;
        r->freqs[k][doc] = r->read.freqs[i];
        r->sums[doc] = (uint16_t)(r->sums[doc] + r->read.units[i]);
    }
    memcpy(m->above[2], m->set, sizeof m->set);
}

/* Adds up words until a document needs one of them to reach the threshold. Returns how many these are; leaves what the
 * others can give in *rest, and in r->alive the documents that can still reach it. */
static size_t add_essential(struct range_run *r, uint32_t range, uint32_t *rest) {
    size_t i = 0;
    uint32_t cut = r->cut;
    if (*rest - r->shares[0] < cut && !range_term_is_dense(r->here[0], range)) {
        *rest -= r->shares[0];
        range_term_read(r->here[0], range, &r->read);
        keep(r, r->here[0], cut - *rest);
        return 1;
    }
    for (unsigned doc = 0; doc < RANGE_DOCS; doc += 8)
        lanes_store(r->sums + doc, (lanes){0, 0, 0, 0});
    do {
        add_to_sums(r, range, r->here[i]);
        *rest -= r->shares[i++];
    } while (*rest >= cut);
    keep_sums(r, &r->alive, cut - *rest);
    return i;
}

/* Fewer documents are looked for in a word's chunk. */
enum { MANY = 12 };

/* By the sums of all of the range's documents, of which only those of the ones that are left are right. */
static void add_dense_other(struct range_run *r, uint32_t range, struct range_term *t, uint32_t cut) {
    struct range_docs *alive = &r->alive;
    uint64_t wanted[RANGE_DOCS / 64] = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < alive->count; i++) {
        r->sums[alive->docs[i]] = alive->units[i];
        wanted[alive->docs[i] / 64] |= UINT64_C(1) << alive->docs[i] % 64;
    }
    add_dense(r, range, t, wanted);
    for (uint32_t i = 0; i < alive->count; i++) {
        uint32_t doc = alive->docs[i];
        alive->docs[n] = (uint8_t)doc;
        alive->units[n] = r->sums[doc];
        n += r->sums[doc] >= cut;
    }
    alive->count = n;
}

/* Adds a word to the documents that are left. */
static void add_other(struct range_run *r, uint32_t range, struct range_term *t, uint32_t cut) {
    struct range_docs *alive = &r->alive;
    if (alive->count >= MANY && range_term_is_dense(t, range)) {
        add_dense_other(r, range, t, cut);
        return;
    }
    uint32_t n = 0, freqs[RANGE_DOCS];
    range_term_add(t, range, alive, freqs);
    for (uint32_t i = 0; i < alive->count; i++) {
        range_run_know(r, t, alive->docs[i], freqs[i]);
        alive->docs[n] = alive->docs[i];
        alive->units[n] = alive->units[i];
        n += alive->units[i] >= cut;
    }
    alive->count = n;
    r->known[t - r->terms] = true;
}

/* Of a range of which filters leave no more documents than these, it takes less time to look for each of them. */
enum { FEW_ACCEPTED = 4 };

/* Word by word, the weightiest first, until none of the documents can reach the threshold with what is left. */
static void evaluate(struct range_run *r, void *ctx, uint32_t range) {
    uint32_t rest, cut = r->cut, first = range << RANGE_SHIFT;
    size_t n = find_words(r, range, &rest);
    (void)ctx;
    if (rest < cut)
        return;
    memset(r->known, 0, r->count * sizeof *r->known);
    size_t i = 0;
    if (range_run_accepted(r, range) <= FEW_ACCEPTED) {
        range_run_take_accepted(r, range);
    } else {
        i = add_essential(r, range, &rest);
        range_run_limit(r, range);
    }
    for (; i < n && r->alive.count > 0; i++) {
        rest -= r->shares[i];
        add_other(r, range, r->here[i], cut > rest ? cut - rest : 0);
    }
    for (uint32_t k = 0; k < r->alive.count; k++) {
        uint32_t doc = first + r->alive.docs[k];
        if (r->alive.units[k] >= r->cut && collector_accepts(r->collector, doc))
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
    range_run_scale(r, true);
    order_terms(r);
    if (!range_bounds_init(&r->bounds, &r->arena, segment_info(r->scorer.segment)->passages, r->scorer.scale))
        return LEDE_NOMEM;
    lede_status status = range_terms_find_ranges(r->terms, r->count, &r->arena);
    if (status != LEDE_OK)
        return status;
    status = range_run_foresee(r);
    if (status != LEDE_OK)
        return status;
    for (size_t i = 0; i < r->count; i++)
        range_bounds_add(&r->bounds, &r->terms[i]);
    range_run_sweep(r, evaluate, NULL);
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
