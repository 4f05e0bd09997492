#include "count.h"

#include "../core/cpu.h"
#include "../core/error.h"
#include "../core/postings.h"
#include "range_term.h"

bool can_count(const struct lede_query *q) {
    for (size_t i = 0; i < q->clause_count; i++)
        if (q->clauses[i].term_count != 1 || q->clauses[i].sign != CLAUSE_SHOULD)
            return false;
    return q->clause_count > 0;
}

/* A rare term: postings one after the other. */
static void mark_run(struct postings *p, uint64_t *bits) {
    const uint32_t *docs, *freqs;
    postings_go(p, 0);
    for (uint32_t n; (n = postings_run(p, &docs, &freqs)) > 0; postings_skip(p, n))
        for (uint32_t i = 0; i < n; i++)
            bits[docs[i] / 64] |= UINT64_C(1) << docs[i] % 64;
}

static lede_status mark_term(const struct segment *segment, const struct term_info *info, uint64_t *bits) {
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
        *count += plan->infos[segment * q->term_count + q->clauses[0].terms[0]].doc_freq;
        return LEDE_OK;
    }
    size_t words = ((size_t)passages + CHUNK_RANGE - 1) / CHUNK_RANGE * (CHUNK_RANGE / 64);
    struct arena arena = ARENA_EMPTY;
    uint64_t *bits = arena_zalloc(&arena, words, sizeof *bits);
    lede_status status = bits ? LEDE_OK : LEDE_NOMEM;
    for (size_t i = 0; i < q->clause_count && status == LEDE_OK; i++) {
        const struct term_info *info = &plan->infos[segment * q->term_count + q->clauses[i].terms[0]];
        if (info->doc_freq > 0)
            status = mark_term(s->segment, info, bits);
    }
    if (status == LEDE_OK && !plan->accepted)
        drop_deleted(bits, s, passages);
    if (status == LEDE_OK)
        *count += count_bits(bits, plan->accepted ? plan->accepted[segment] : NULL, ((size_t)passages + 63) / 64);
    arena_release(&arena);
    return range_error(status, segment_path(s->segment), err);
}

lede_status count_matches(uint64_t *count, const struct plan *plan, lede_error *err) {
    lede_status status = LEDE_OK;
    *count = 0;
    for (size_t i = 0; i < plan->snapshot->segment_count && status == LEDE_OK; i++)
        status = count_segment(count, plan, i, err);
    return status;
}
