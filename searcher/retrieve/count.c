#include "count.h"

#include "by_all.h"
#include "core/base/arena.h"
#include "count_windows.h"
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
static bool choose_words(struct counted_words *t, struct arena *arena, const struct plan *plan, size_t segment) {
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

/* Threads that count, each its own part of the windows. */
struct sharing {
    const struct counted_words *words;
    uint32_t passages;
    unsigned parts;
    uint64_t counts[TEAM_MAX];
    lede_status statuses[TEAM_MAX];
};

static uint32_t start_of(const struct sharing *s, unsigned part) {
    uint64_t windows = ((uint64_t)s->passages + COUNT_WINDOW - 1) / COUNT_WINDOW;
    return part == s->parts ? s->passages : (uint32_t)(windows * part / s->parts * COUNT_WINDOW);
}

static void count_part(void *ctx, unsigned part, bool is_helper) {
    struct sharing *s = ctx;
    (void)is_helper;
    s->counts[part] = 0;
    s->statuses[part] = count_windows(&s->counts[part], s->words, start_of(s, part), start_of(s, part + 1));
}

static lede_status count_together(uint64_t *count, struct sharing *s, struct team *team) {
    lede_status status = LEDE_OK;
    team_run(team, s->parts, &(struct team_job){.run = count_part, .ctx = s});
    for (unsigned i = 0; i < s->parts; i++) {
        *count += s->counts[i];
        status = status == LEDE_OK ? s->statuses[i] : status;
    }
    return status;
}

/* With as many threads as are free for it. */
static lede_status count_words(uint64_t *count, const struct counted_words *t, const struct team_use *use) {
    uint32_t passages = segment_info(t->segment->segment)->passages, windows = passages / COUNT_WINDOW + 1;
    unsigned threads = use->team && passages >= use->least ? team_take(use->team) : 1;
    struct sharing s = {.words = t, .passages = passages, .parts = threads < windows ? threads : windows};
    lede_status status = s.parts > 1 ? count_together(count, &s, use->team) : count_windows(count, t, 0, passages);
    team_give_back(use->team, threads);
    return status;
}

static lede_status count_segment(uint64_t *count, const struct plan *plan, size_t segment, lede_error *err) {
    const struct snapshot_segment *s = &plan->snapshot->segments[segment];
    const struct lede_query *q = plan->query;
    if (is_known(plan, s)) {
        *count += info_of(plan, segment, &q->clauses[0])->doc_freq;
        return LEDE_OK;
    }
    struct arena arena = ARENA_EMPTY;
    struct counted_words t = {.segment = s, .accepted = plan->accepted ? plan->accepted[segment] : NULL};
    lede_status status = choose_words(&t, &arena, plan, segment) ? count_words(count, &t, &plan->team) : LEDE_NOMEM;
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
