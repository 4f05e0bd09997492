#include "by_stem.h"

#include <stdio.h>
#include <stdlib.h>

#include "by_range.h"
#include "core/base/counters.h"
#include "core/base/error.h"
#include "core/segment/segment_map.h"
#include "searcher/plan/passage_text.h"
#include "searcher/ranges/range_term.h"

/* Promises are sums of a few doubles, in another order than scores. */
#define SLACK 1e-9

/* ------------------------------------------------------------------------------- the kind of query -- */

static bool takes_word(const struct plan *p, const struct node *word) {
    if (word->word != WORD_STEM && word->word != WORD_FORM)
        return false;
    for (size_t s = 0; s < p->snapshot->segment_count && word->word == WORD_FORM; s++)
        if (!p->expansions[s * p->query->pattern_count + word->number].is_own)
            return false;
    return true;
}

static bool takes(const struct plan *p, const struct node *node) {
    if (node->kind == NODE_WORD)
        return takes_word(p, node);
    bool all = node->kind == NODE_GROUP && node->least == 0 && node->count > 0;
    for (const struct node *c = node->first; c && all; c = c->next)
        all = c->occur == OCCUR_SHOULD && takes(p, c);
    return all;
}

/* What plan->accepted has done with. */
static bool is_done(const struct node *child) {
    return (child->occur == OCCUR_FILTER || child->occur == OCCUR_MUST_NOT) && node_is_filter(child);
}

bool can_run_by_stem(const struct plan *plan) {
    const struct node *root = plan->query->root;
    size_t searched = 0;
    bool all = plan->text && plan->query->pattern_count && root->least == 0 && range_maxima_help(plan);
    for (const struct node *c = root->first; c && all; c = c->next) {
        searched += !is_done(c);
        all = is_done(c) || (c->occur == OCCUR_SHOULD && takes(plan, c));
    }
    return all && searched > 0;
}

/* ---------------------------------------------------------------------------------------- promises -- */

/* What passages are worth by their stems. */
enum worth {
    WORTH_MOST,    /* if all that is of a stem is as typed */
    WORTH_WITHOUT, /* if nothing is, that texts have to be asked for: but for rounding, what it scores then */
    WORTHS,
};

/* A query of stems, and the plan that was made, but of that query. */
struct stems {
    struct plan plan;
    struct lede_query query;
};

struct by_stem {
    struct arena arena;
    const struct plan *plan;
    struct collector *collector;
    struct stems stems[WORTHS];
    struct collector found; /* passages by such a query */
    uint64_t *left;         /* of word n in segment s: [s * pattern_count + n], see plan_picked */
    uint64_t *verified;     /* passages of the snapshot, a bit each; NULL as long as nobody asks */
    bool skipped;
};

static const struct expansion *expansion_in(const struct plan *p, size_t segment, const struct node *word) {
    return &p->expansions[segment * p->query->pattern_count + word->number];
}

/* Whether texts have to be asked for the word in the segment. */
static bool asks_text(const struct plan *p, size_t segment, const struct node *word) {
    return word->word == WORD_FORM && expansion_in(p, segment, word)->ask_text;
}

static bool asks_text_somewhere(const struct plan *p, const struct node *word) {
    bool asks = false;
    for (size_t s = 0; s < p->snapshot->segment_count && !asks; s++)
        asks = asks_text(p, s, word);
    return asks;
}

static void add_weights(const struct plan *p, const struct node *node, enum worth worth, double *weights) {
    if (node->kind == NODE_WORD && (worth == WORTH_MOST || !asks_text_somewhere(p, node)))
        weights[node->term] += plan_weight(p, node, 1);
    for (const struct node *c = node->first; c; c = c->next)
        if (!is_done(c))
            add_weights(p, c, worth, weights);
}

static bool make_query(struct by_stem *r, enum worth worth) {
    const struct plan *p = r->plan;
    struct stems *s = &r->stems[worth];
    size_t count = p->query->term_count;
    double *weights = arena_zalloc(&r->arena, count + 1, sizeof *weights);
    struct clause *clauses = arena_zalloc(&r->arena, count + 1, sizeof *clauses);
    uint32_t *terms = arena_zalloc(&r->arena, count + 1, sizeof *terms);
    if (!weights || !clauses || !terms)
        return false;
    add_weights(p, p->query->root, worth, weights);
    s->query = (struct lede_query){.terms = p->query->terms, .term_count = count, .clauses = clauses};
    for (uint32_t t = 0; t < count; t++) {
        if (weights[t] <= 0 || p->doc_freqs[t] == 0)
            continue;
        double times = weights[t] / bm25_weight(&p->bm25, p->doc_freqs[t], 1);
        terms[t] = t;
        clauses[s->query.clause_count++] = (struct clause){CLAUSE_SHOULD, times, 1, &terms[t], 0, false};
    }
    s->plan = *p;
    s->plan.query = &s->query;
    return true;
}

/* How many occurrences of each word's forms there are. */
static bool take_left(struct by_stem *r) {
    size_t count = r->plan->snapshot->segment_count * r->plan->query->pattern_count;
    r->left = arena_alloc(&r->arena, count * sizeof *r->left);
    for (size_t i = 0; r->left && i < count; i++) {
        const struct expansion *e = &r->plan->expansions[i];
        r->left[i] = e->count && e->terms[0].most < UINT32_MAX ? e->terms[0].most : UINT64_MAX;
    }
    return r->left;
}

/* The passages that are worth the most, or all that are worth no less than `least` if that is above 0; sorted. */
static lede_status find(struct by_stem *r, enum worth worth, size_t limit, double least, lede_error *err) {
    const struct stems *stems = &r->stems[worth];
    lede_status status = LEDE_OK;
    struct collector *c = &r->found;
    collector_release(c);
    collector_init(c, limit, LEDE_GROUP_NONE, &stems->plan);
    if (least > 0)
        c->top.threshold = least;
    for (size_t s = 0; s < r->plan->snapshot->segment_count && status == LEDE_OK && stems->query.clause_count; s++) {
        status = retrieve_by_range(&stems->plan, s, c, &r->skipped, err);
        status = status == LEDE_OK ? c->status : status;
    }
    topk_sort(&c->top);
    return status == LEDE_OK && c->top.failed ? error_nomem(err) : status;
}

/* All those whose worth does not keep them from being among the best. */
static lede_status find_rest(struct by_stem *r, enum worth worth, lede_error *err) {
    return find(r, worth, SIZE_MAX, r->collector->top.threshold * (1 - SLACK), err);
}

/* ------------------------------------------------------------------------------------ verification -- */

static bool may_be_best(const struct by_stem *r, double worth) {
    return worth * (1 + SLACK) >= r->collector->top.threshold;
}

static bool is_verified(const struct by_stem *r, uint64_t passage) {
    return r->verified && r->verified[passage / 64] >> passage % 64 & 1;
}

static void note_verified(struct by_stem *r, uint64_t passage) {
    if (r->verified)
        r->verified[passage / 64] |= UINT64_C(1) << passage % 64;
}

static void take_document(struct by_stem *r, struct cursor *root) {
    struct collector *c = r->collector;
    uint32_t doc = root->doc;
    double score = cursor_score(root);
    COUNT(scored, 1);
    if (!collector_wants(c, doc, score)) {
        r->skipped = true;
        return;
    }
    if (!cursor_confirm(root))
        return;
    collector_count(c, 1);
    score = cursor_score(root);
    if (score > collector_bar(c))
        collector_add(c, doc, score);
}

/* Whether the passage has a word as typed that texts have to be asked for, and that is left. */
static lede_status has_typed(struct by_stem *r, size_t number, uint32_t doc, bool *has) {
    const struct plan *p = r->plan;
    lede_status status = LEDE_OK;
    *has = false;
    for (uint32_t n = 0; n < p->query->pattern_count && status == LEDE_OK && !*has; n++) {
        size_t i = number * p->query->pattern_count + n;
        uint32_t count = 0;
        if (p->expansions[i].ask_text && r->left[i])
            status = passage_text_count(p->text, doc, &p->verdicts[n], 1, &count);
        *has = count > 0;
    }
    return status;
}

/* The texts come first where few passages have a word as typed: of the others the score is not asked for. */
static lede_status verify_passages(struct by_stem *r, size_t number, const struct topk_entry *entries, size_t n,
                                   bool texts_first, struct cursor *root) {
    enum { ASK_EVERY = 256 };
    struct collector *c = r->collector;
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < n && root->doc != DOC_END && status == LEDE_OK; i++) {
        uint32_t doc = (uint32_t)(entries[i].ordinal - c->segment.base);
        bool may_be = may_be_best(r, entries[i].score), wanted = may_be && !is_verified(r, entries[i].ordinal);
        r->skipped |= !may_be;
        if (i % ASK_EVERY == ASK_EVERY - 1 && collector_is_interrupted(c))
            return c->status;
        if (wanted && texts_first)
            status = has_typed(r, number, doc, &wanted);
        if (status != LEDE_OK || !wanted)
            continue;
        if (cursor_seek(root, doc) == doc)
            take_document(r, root);
        note_verified(r, entries[i].ordinal);
    }
    return status;
}

/* Of a segment, in order. */
static lede_status verify(struct by_stem *r, size_t number, const struct topk_entry *entries, size_t n,
                          bool texts_first, lede_error *err) {
    const struct snapshot_segment *s = &r->plan->snapshot->segments[number];
    struct arena arena = ARENA_EMPTY;
    struct cursor *root;
    lede_status status =
        plan_picked(r->plan, number, r->left + number * r->plan->query->pattern_count, &arena, &root, err);
    if (status == LEDE_OK && root) {
        collector_begin(r->collector, s);
        status = verify_passages(r, number, entries, n, texts_first, root);
        collector_end(r->collector);
        lede_status failed = cursor_finish(root);
        status = range_error(failed != LEDE_OK ? failed : status, segment_path(s->segment), err);
        cursor_release(root);
    }
    arena_release(&arena);
    return status;
}

static int by_ordinal(const void *a, const void *b) {
    const struct topk_entry *x = a, *y = b;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

/* Segment by segment, and in each in the order of its texts. */
static lede_status look_at(struct by_stem *r, struct topk_entry *entries, size_t n, bool texts_first, lede_error *err) {
    const struct snapshot *snapshot = r->plan->snapshot;
    lede_status status = LEDE_OK;
    qsort(entries, n, sizeof *entries, by_ordinal);
    for (size_t first = 0, end; first < n && status == LEDE_OK; first = end) {
        const struct snapshot_segment *s = snapshot_segment_of(snapshot, entries[first].ordinal);
        uint64_t behind = s->base + segment_info(s->segment)->passages;
        size_t number = (size_t)(s - snapshot->segments);
        for (end = first + 1; end < n && entries[end].ordinal < behind; end++)
            ;
        status = verify(r, number, entries + first, end - first, texts_first, err);
    }
    return status;
}

/* Looks at those that were found, the best first, some at a time: the threshold that these give tells how many more
 * there have to be. Larger parts, whose passages more often share blocks of the text, if most of them are not expected
 * to raise it. */
static lede_status look_at_all(struct by_stem *r, bool texts_first, lede_error *err) {
    enum { LEAST = 32, TIMES = 3 };
    const struct topk *top = &r->found.top;
    size_t wanted = r->collector->top.limit;
    lede_status status = LEDE_OK;
    for (size_t at = 0, n; at < top->count && status == LEDE_OK; at += n) {
        size_t more = texts_first ? TIMES * at : at / 2, most = at < wanted ? wanted - at : more > LEAST ? more : LEAST;
        most = most < top->count - at ? most : top->count - at;
        for (n = 0; n < most && may_be_best(r, top->entries[at + n].score); n++)
            ;
        if (n == 0) {
            r->skipped = true;
            break;
        }
        status = look_at(r, top->entries + at, n, texts_first, err);
    }
    return status;
}

/* Some word as typed is one that the texts of some segments are asked for, and others not: then no query of stems tells
 * what a passage is worth without. */
static bool is_mixed(const struct plan *p, const struct node *node) {
    bool mixed = false;
    for (size_t s = 0; s < p->snapshot->segment_count && node->kind == NODE_WORD && node->word == WORD_FORM; s++)
        mixed |= expansion_in(p, s, node)->count && asks_text(p, s, node) != asks_text_somewhere(p, node);
    for (const struct node *c = node->first; c && !mixed; c = c->next)
        mixed = is_mixed(p, c);
    return mixed;
}

/* The last of those that were found, all of which were verified, may be among the best, and so may be others that are
 * worth no more. */
static lede_status look_at_rest(struct by_stem *r, lede_error *err) {
    bool texts_first = !is_mixed(r->plan, r->plan->query->root);
    r->verified = arena_zalloc(&r->arena, r->plan->snapshot->passages / 64 + 1, sizeof *r->verified);
    if (!r->verified)
        return error_nomem(err);
    for (size_t i = 0; i < r->found.top.count; i++)
        note_verified(r, r->found.top.entries[i].ordinal);
    lede_status status = texts_first ? find(r, WORTH_WITHOUT, r->collector->top.limit, 0, err) : LEDE_OK;
    if (status == LEDE_OK && texts_first)
        status = look_at_all(r, false, err);
    if (status == LEDE_OK)
        status = find_rest(r, WORTH_MOST, err);
    if (status == LEDE_OK)
        status = look_at_all(r, texts_first, err);
    if (status == LEDE_OK && texts_first)
        status = find_rest(r, WORTH_WITHOUT, err);
    return status == LEDE_OK && texts_first ? look_at_all(r, false, err) : status;
}

/* The first promises have a share of the time, so that some is left for the texts of those that were found by then. */
static lede_status find_first(struct by_stem *r, size_t limit, bool *late, lede_error *err) {
    struct interrupt *interrupt = r->plan->interrupt;
    interrupt_stage(interrupt, SHARE_OF_BOUNDS);
    lede_status status = find(r, WORTH_MOST, limit, 0, err);
    interrupt_stage(interrupt, SHARE_OF_PASSAGES);
    *late = status == LEDE_INTERRUPTED && interrupt_status(interrupt) == LEDE_OK;
    return *late ? LEDE_OK : status;
}

static lede_status run(struct by_stem *r, lede_error *err) {
    enum { MORE = 32 };
    const struct topk *top = &r->found.top;
    size_t wanted = r->collector->top.limit, limit = wanted < SIZE_MAX / 4 ? 2 * wanted + MORE : wanted;
    bool late;
    lede_status status = find_first(r, limit, &late, err);
    double last = top->count ? top->entries[top->count - 1].score : 0;
    if (status == LEDE_OK)
        status = look_at_all(r, false, err);
    if (status == LEDE_OK && late)
        return LEDE_INTERRUPTED;
    bool rest = top->count == limit && may_be_best(r, last);
    return status == LEDE_OK && rest ? look_at_rest(r, err) : status;
}

lede_status retrieve_by_stem(const struct plan *plan, struct collector *c, bool *skipped, lede_error *err) {
    struct by_stem r = {.arena = ARENA_EMPTY, .plan = plan, .collector = c};
    bool made = make_query(&r, WORTH_MOST) && make_query(&r, WORTH_WITHOUT) && take_left(&r);
    lede_status status = made ? LEDE_OK : error_nomem(err);
    c->jumps = true;
    if (status == LEDE_OK)
        status = run(&r, err);
    *skipped |= r.skipped;
    collector_release(&r.found);
    arena_release(&r.arena);
    return status;
}
