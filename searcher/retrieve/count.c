#include "count.h"

#include <string.h>

#include "by_all.h"
#include "core/base/cpu.h"
#include "core/segment/hot_terms.h"
#include "core/segment/postings.h"
#include "searcher/ranges/range_term.h"

static bool is_phrase(const struct lede_query *q) {
    return q->clause_count == 1 && q->clauses[0].term_count > 1;
}

bool can_count(const struct plan *plan) {
    const struct lede_query *q = plan->query;
    size_t wanted = 0;
    if (is_phrase(q))
        return can_run_by_all(plan);
    for (size_t i = 0; i < q->clause_count; i++) {
        if (q->clauses[i].term_count != 1)
            return false;
        wanted += q->clauses[i].sign != CLAUSE_MUST_NOT;
    }
    return wanted > 0;
}

FOR_EACH_CPU static void and_bits(uint64_t *bits, const uint64_t *mask, uint64_t flip, size_t words) {
    for (size_t i = 0; i < words; i++)
        bits[i] &= mask[i] ^ flip;
}

FOR_EACH_CPU static void or_bits(uint64_t *bits, const uint64_t *others, size_t words) {
    for (size_t i = 0; i < words; i++)
        bits[i] |= others[i];
}

/* A rare term: postings one after the other. */
static void mark_run(struct postings *p, uint64_t *bits) {
    const uint32_t *docs, *freqs;
    postings_go(p, 0);
    for (uint32_t n; (n = postings_run(p, &docs, &freqs)) > 0; postings_skip(p, n))
        for (uint32_t i = 0; i < n; i++)
            bits[docs[i] / 64] |= UINT64_C(1) << docs[i] % 64;
}

static lede_status mark_postings(const struct segment *segment, const struct term_info *info, uint64_t *bits) {
    struct postings p;
    postings_open(&p, segment, info);
    if (p.status == LEDE_OK && p.levels) {
        if (!chunk_table_mark(&p.chunks, segment_info(segment)->passages, bits))
            p.status = LEDE_CORRUPT;
    } else if (p.status == LEDE_OK) {
        mark_run(&p, bits);
    }
    postings_release(&p);
    return p.status;
}

/* To look a passage up takes as long as to mark so many postings. */
enum { LOOK_UP_COST = 40 };

/* What is counted in a segment. */
struct tally {
    const struct segment *segment;
    size_t words;          /* of 64 passages; whole ranges */
    uint64_t *bits, *mask; /* those that match so far; room for a word's own */
};

/* Marks those that have the word. */
static lede_status mark_term(const struct tally *t, const struct term_info *info) {
    const struct hot_set *set = hot_terms_hold_set(segment_hot(t->segment), t->segment, info);
    if (!set)
        return mark_postings(t->segment, info, t->bits);
    or_bits(t->bits, set->bits, t->words);
    hot_terms_give_back_set(segment_hot(t->segment), set);
    return LEDE_OK;
}

/* Clears the bits of those of n passages that the word does not have. */
static bool keep_found(struct chunk_table *t, const uint32_t *docs, uint32_t n, uint64_t *bits) {
    uint32_t indices[CHUNK_RANGE];
    if (!chunk_table_find_all(t, docs, n, indices, NULL))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (indices[i] == UINT32_MAX)
            bits[docs[i] / 64] &= ~(UINT64_C(1) << docs[i] % 64);
    return true;
}

static lede_status look_up(const struct tally *t, const struct term_info *info) {
    struct postings p;
    uint32_t docs[CHUNK_RANGE], n = 0;
    postings_open(&p, t->segment, info);
    bool good = p.status == LEDE_OK;
    for (size_t w = 0; w < t->words && good; w++) {
        for (uint64_t bits = t->bits[w]; bits; bits &= bits - 1)
            docs[n++] = (uint32_t)(64 * w) + (uint32_t)__builtin_ctzll(bits);
        if (n > CHUNK_RANGE - 64 || w + 1 == t->words) {
            good = keep_found(&p.chunks, docs, n, t->bits);
            n = 0;
        }
    }
    if (!good && p.status == LEDE_OK)
        p.status = LEDE_CORRUPT;
    postings_release(&p);
    return p.status;
}

/* Leaves those that have the word, or with `flip` of all ones those that don't. */
static lede_status mask_term(const struct tally *t, const struct term_info *info, uint64_t flip) {
    const struct hot_set *set = hot_terms_hold_set(segment_hot(t->segment), t->segment, info);
    lede_status status = LEDE_OK;
    if (!set) {
        memset(t->mask, 0, t->words * sizeof *t->mask);
        status = mark_postings(t->segment, info, t->mask);
    }
    and_bits(t->bits, set ? set->bits : t->mask, flip, t->words);
    hot_terms_give_back_set(segment_hot(t->segment), set);
    return status;
}

/* Marks those that have all of the words, the rarest of which comes first. */
static lede_status intersect(const struct tally *t, const struct term_info *const *infos, size_t count) {
    uint32_t left = infos[0]->doc_freq;
    lede_status status = left ? mark_term(t, infos[0]) : LEDE_OK;
    for (size_t i = 1; i < count && left > 0 && status == LEDE_OK; i++) {
        bool is_far_rarer = infos[i]->doc_freq >= MAXIMA_DOCS && left < infos[i]->doc_freq / LOOK_UP_COST;
        status = is_far_rarer ? look_up(t, infos[i]) : mask_term(t, infos[i], 0);
    }
    return status;
}

static const struct term_info *info_of(const struct plan *plan, size_t segment, const struct clause *c) {
    return &plan->infos[segment * plan->query->term_count + c->terms[0]];
}

/* The clauses of a sign, the rarest first. Returns how many. */
static size_t sort_clauses(const struct term_info **out, const struct plan *plan, size_t segment,
                           enum clause_sign sign) {
    const struct lede_query *q = plan->query;
    size_t count = 0;
    for (size_t i = 0; i < q->clause_count; i++) {
        if (q->clauses[i].sign != sign)
            continue;
        const struct term_info *info = info_of(plan, segment, &q->clauses[i]);
        size_t k = count++;
        for (; k > 0 && out[k - 1]->doc_freq > info->doc_freq; k--)
            out[k] = out[k - 1];
        out[k] = info;
    }
    return count;
}

/* Marks those that match, deleted ones among them. */
static lede_status mark_matches(const struct tally *t, const struct term_info **infos, const struct plan *plan,
                                size_t segment) {
    lede_status status = LEDE_OK;
    size_t count = sort_clauses(infos, plan, segment, CLAUSE_MUST);
    if (count > 0) {
        status = intersect(t, infos, count);
    } else {
        count = sort_clauses(infos, plan, segment, CLAUSE_SHOULD);
        for (size_t i = 0; i < count && status == LEDE_OK; i++)
            if (infos[i]->doc_freq > 0)
                status = mark_term(t, infos[i]);
    }
    count = sort_clauses(infos, plan, segment, CLAUSE_MUST_NOT);
    for (size_t i = 0; i < count && status == LEDE_OK; i++)
        if (infos[i]->doc_freq > 0)
            status = mask_term(t, infos[i], UINT64_MAX);
    return status;
}

/* Clears those that are deleted. */
static void drop_deleted(uint64_t *bits, const struct snapshot_segment *s, uint32_t passages) {
    for (uint32_t i = 0; s->deleted && i < passages; i += 8)
        bits[i / 64] &= ~((uint64_t)s->deleted[i / 8] << i % 64);
}

FOR_EACH_CPU static uint64_t count_bits(const uint64_t *bits, const uint64_t *accepted, size_t words) {
    uint64_t count = 0;
    for (size_t i = 0; i < words; i++)
        count += (uint64_t)__builtin_popcountll(accepted ? bits[i] & accepted[i] : bits[i]);
    return count;
}

/* Whether the number of matches in a segment is a word's number of passages. */
static bool is_known(const struct plan *plan, const struct snapshot_segment *s) {
    return plan->query->clause_count == 1 && !plan->accepted && !s->deleted;
}

static lede_status count_segment(uint64_t *count, const struct plan *plan, size_t segment, lede_error *err) {
    const struct snapshot_segment *s = &plan->snapshot->segments[segment];
    const struct lede_query *q = plan->query;
    uint32_t passages = segment_info(s->segment)->passages;
    if (is_known(plan, s)) {
        *count += info_of(plan, segment, &q->clauses[0])->doc_freq;
        return LEDE_OK;
    }
    struct arena arena = ARENA_EMPTY;
    struct tally t = {.segment = s->segment};
    t.words = ((size_t)passages + CHUNK_RANGE - 1) / CHUNK_RANGE * (CHUNK_RANGE / 64);
    t.bits = arena_zalloc(&arena, t.words, sizeof *t.bits);
    t.mask = arena_alloc(&arena, t.words * sizeof *t.mask);
    const struct term_info **infos = arena_alloc(&arena, q->clause_count * sizeof(const struct term_info *));
    lede_status status = t.bits && t.mask && infos ? mark_matches(&t, infos, plan, segment) : LEDE_NOMEM;
    if (status == LEDE_OK && !plan->accepted)
        drop_deleted(t.bits, s, passages);
    if (status == LEDE_OK)
        *count += count_bits(t.bits, plan->accepted ? plan->accepted[segment] : NULL, ((size_t)passages + 63) / 64);
    arena_release(&arena);
    return range_error(status, segment_path(s->segment), err);
}

/* Whether few enough passages have the rarest of the words, all of which are required, that these are better gone
 * through than a bitmap of all. */
static bool is_sparse(const struct plan *plan, size_t segment) {
    const struct lede_query *q = plan->query;
    uint32_t passages = segment_info(plan->snapshot->segments[segment].segment)->passages, least = passages;
    for (size_t i = 0; i < q->clause_count; i++) {
        uint32_t doc_freq = info_of(plan, segment, &q->clauses[i])->doc_freq;
        least = doc_freq < least ? doc_freq : least;
    }
    return chunk_shift(passages, least) > CHUNK_SHIFT_MIN;
}

lede_status count_matches(uint64_t *count, const struct plan *plan, lede_error *err) {
    lede_status status = LEDE_OK;
    bool phrase = is_phrase(plan->query), all = !phrase && plan->query->clause_count > 1 && can_run_by_all(plan);
    *count = 0;
    for (size_t i = 0; i < plan->snapshot->segment_count && status == LEDE_OK; i++)
        status = phrase || (all && is_sparse(plan, i)) ? count_by_all(plan, i, count, err)
                                                       : count_segment(count, plan, i, err);
    return status;
}
