#include "count.h"

#include "by_all.h"
#include "core/base/arena.h"
#include "searcher/ranges/range_term.h"
#include "tally.h"

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

static const struct term_info *info_of(const struct plan *plan, size_t segment, const struct clause *c) {
    return &plan->infos[segment * plan->query->term_count + c->terms[0]];
}

/* The words of a sign that are in some passage, the rarest first; *is_lacking tells whether others are in none. Returns
 * how many. */
static size_t sort_words(const struct term_info **out, bool *is_lacking, const struct plan *plan, size_t segment,
                         enum clause_sign sign) {
    const struct lede_query *q = plan->query;
    size_t count = 0;
    *is_lacking = false;
    for (size_t i = 0; i < q->clause_count; i++) {
        const struct term_info *info = info_of(plan, segment, &q->clauses[i]);
        if (q->clauses[i].sign != sign)
            continue;
        if (info->doc_freq == 0) {
            *is_lacking = true;
            continue;
        }
        size_t k = count++;
        for (; k > 0 && out[k - 1]->doc_freq > info->doc_freq; k--)
            out[k] = out[k - 1];
        out[k] = info;
    }
    return count;
}

/* Whether the number of matches in a segment is a word's number of passages. */
static bool is_known(const struct plan *plan, const struct snapshot_segment *s) {
    return plan->query->clause_count == 1 && !plan->accepted && !s->deleted;
}

/* What is asked for; false if there is no memory. */
static bool make_tally(struct tally *t, struct arena *arena, const struct plan *plan, size_t segment) {
    size_t words = plan->query->clause_count;
    bool lacks_one, is_lacking;
    t->wanted = arena_alloc(arena, words * sizeof *t->wanted);
    t->unwanted = arena_alloc(arena, words * sizeof *t->unwanted);
    if (!t->wanted || !t->unwanted)
        return false;
    t->wanted_count = sort_words(t->wanted, &lacks_one, plan, segment, CLAUSE_MUST);
    t->all = t->wanted_count > 0 || lacks_one;
    if (lacks_one)
        t->wanted_count = 0;
    if (!t->all)
        t->wanted_count = sort_words(t->wanted, &is_lacking, plan, segment, CLAUSE_SHOULD);
    t->unwanted_count = sort_words(t->unwanted, &is_lacking, plan, segment, CLAUSE_MUST_NOT);
    return true;
}

static lede_status count_segment(uint64_t *count, const struct plan *plan, size_t segment, lede_error *err) {
    const struct snapshot_segment *s = &plan->snapshot->segments[segment];
    const struct lede_query *q = plan->query;
    if (is_known(plan, s)) {
        *count += info_of(plan, segment, &q->clauses[0])->doc_freq;
        return LEDE_OK;
    }
    struct arena arena = ARENA_EMPTY;
    struct tally t = {.segment = s, .accepted = plan->accepted ? plan->accepted[segment] : NULL};
    lede_status status = make_tally(&t, &arena, plan, segment)
                             ? tally_count(count, &t, 0, segment_info(s->segment)->passages)
                             : LEDE_NOMEM;
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
