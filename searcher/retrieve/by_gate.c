#include "by_gate.h"

#include <string.h>

#include "core/base/counters.h"
#include "core/base/error.h"
#include "searcher/cursors/gate.h"
#include "searcher/ranges/range_term.h"

/* Words of a query: each may have bounds of its own, 31 KB for a million passages. */
enum { WORDS_MOST = 64 };

/* Fewer passages than these are looked at in the time that bounds take; and if their text may have to be read. */
enum { COST = 8192, COST_OF_TEXT = 128 };

/* Ranges looked at first, as in range_run.c. */
enum { PRIME = 48, PRIME_PER_RESULT = 16 };

bool can_run_by_gate(const struct plan *plan) {
    const struct lede_query *q = plan->query;
    return q->term_count + q->pattern_count <= WORDS_MOST && range_maxima_help(plan);
}

/* Passages of a segment that have to be looked at, about, if nothing is passed over. */
static uint64_t cost_of(const struct plan *p, size_t segment, const struct node *node) {
    uint64_t sum = 0, least = UINT64_MAX;
    if (node_is_filter(node) || node->kind == NODE_ALL)
        return segment_info(p->snapshot->segments[segment].segment)->passages;
    if (node->kind == NODE_WORD && node->word == WORD_STEM)
        return p->infos[segment * p->query->term_count + node->term].doc_freq;
    if (node->kind == NODE_WORD) {
        const struct expansion *e = &p->expansions[segment * p->query->pattern_count + node->number];
        for (uint32_t i = 0; i < e->count; i++)
            sum += e->terms[i].info.doc_freq;
        return sum;
    }
    for (const struct node *c = node->first; c; c = c->next) {
        if (node->kind == NODE_GROUP && c->occur != OCCUR_SHOULD && c->occur != OCCUR_MUST)
            continue;
        uint64_t cost = cost_of(p, segment, c);
        if (node->kind != NODE_SYNONYM && (node->kind != NODE_GROUP || c->occur == OCCUR_MUST))
            least = cost < least ? cost : least;
        sum += cost;
    }
    return least < sum ? least : sum;
}

bool gate_is_worth_while(const struct plan *plan) {
    uint64_t cost = 0;
    for (size_t i = 0; i < plan->snapshot->segment_count; i++)
        cost += cost_of(plan, i, plan->query->root);
    return cost > (plan->text ? COST_OF_TEXT : COST);
}

/* A bound that `want` ranges reach, or a few more. */
static float prime_bound(const struct gate *g, size_t want) {
    enum { CLASSES = 1024 };
    uint32_t counts[CLASSES] = {0};
    float most = 0;
    for (uint32_t i = 0; i < g->count; i++)
        most = g->bounds[i] > most ? g->bounds[i] : most;
    if (most <= 0)
        return 0;
    for (uint32_t i = 0; i < g->count; i++)
        counts[(uint32_t)(g->bounds[i] / most * (CLASSES - 1))]++;
    size_t found = 0;
    uint32_t class = CLASSES;
    while (class > 1 && found < want)
        found += counts[--class];
    return most * ((float)class / (CLASSES - 1)) * 0.999F;
}

/* The root's first document from `doc` on in a range that is wanted. */
static uint32_t pass_gate(struct gate *g, struct cursor *root, uint32_t doc) {
    uint32_t wanted = gate_next(g, doc);
    while (wanted != doc && wanted != DOC_END) {
        doc = cursor_seek(root, wanted);
        wanted = gate_next(g, doc);
    }
    return wanted;
}

/* One that can't be among the best is confirmed only if it has to be counted, and is not known to match. */
static void take_document(struct gate *g, struct cursor *root, struct collector *c) {
    uint32_t doc = root->doc;
    double score = cursor_score(root);
    COUNT(scored, 1);
    bool hopeless = root->lazy && !collector_wants(c, doc, score);
    if (hopeless && !g->all) {
        g->skipped = true;
        return;
    }
    g->merely = hopeless;
    if (!(hopeless && cursor_is_certain(root)) && !cursor_confirm(root))
        return;
    collector_count(c, 1);
    score = hopeless ? 0 : root->lazy ? cursor_score(root) : score;
    if (c->group != LEDE_GROUP_NONE || (!hopeless && score > collector_bar(c)))
        collector_add(c, doc, score);
    g->threshold = c->top.threshold;
}

static void take_documents(struct gate *g, struct cursor *root, struct collector *c) {
    enum { ASK_EVERY = 256 };
    uint32_t left = ASK_EVERY;
    for (uint32_t doc = root->doc; (doc = pass_gate(g, root, doc)) != DOC_END; doc = cursor_next(root)) {
        if (--left == 0 && collector_is_interrupted(c))
            return;
        left = left ? left : ASK_EVERY;
        if (!collector_accepts(c, doc))
            continue;
        take_document(g, root, c);
    }
}

/* As many ranges in a row at a time as are wanted. */
static void take_windows(struct gate *g, struct cursor *root, struct window *w, struct collector *c) {
    for (uint32_t doc; (doc = pass_gate(g, root, root->doc)) != DOC_END && !collector_is_interrupted(c);) {
        uint32_t end = gate_end(g, doc);
        window_move(w, doc);
        w->end = end < w->end ? end : w->end;
        cursor_accumulate(root, w);
        window_harvest(w, c);
        g->threshold = c->top.threshold;
    }
}

static lede_status pass(struct gate *g, struct window *w, struct collector *c, lede_error *err) {
    struct arena arena = ARENA_EMPTY;
    struct cursor *root;
    lede_status status = plan_gated(g->plan, g, &arena, &root, err);
    if (status == LEDE_OK && root) {
        if (root->fits_windows && !root->lazy)
            take_windows(g, root, w, c);
        else
            take_documents(g, root, c);
        lede_status failed = cursor_finish(root);
        status = range_error(failed != LEDE_OK ? failed : c->status, segment_path(c->segment.segment), err);
        cursor_release(root);
    }
    arena_release(&arena);
    return status;
}

static lede_status run(struct gate *g, struct window *w, struct collector *c, lede_error *err) {
    size_t limit = c->top.limit < SIZE_MAX / 2 ? c->top.limit : SIZE_MAX / 2;
    if (c->group == LEDE_GROUP_NONE && c->sort == LEDE_SORT_SCORE)
        g->least = prime_bound(g, PRIME + limit / PRIME_PER_RESULT);
    g->all = c->all;
    g->threshold = c->top.threshold;
    lede_status status = pass(g, w, c, err);
    for (uint32_t i = 0; i < g->count; i++)
        g->bounds[i] = g->bounds[i] >= g->least ? 0 : g->bounds[i];
    g->least = 0;
    return status == LEDE_OK && gate_next(g, 0) != DOC_END ? pass(g, w, c, err) : status;
}

lede_status retrieve_by_gate(const struct plan *plan, size_t segment, struct collector *c, bool *skipped,
                             lede_error *err) {
    struct arena arena = ARENA_EMPTY;
    struct gate *gate;
    struct window *window = arena_zalloc(&arena, 1, sizeof *window);
    if (!window)
        return error_nomem(err);
    collector_begin(c, &plan->snapshot->segments[segment]);
    c->jumps = c->group == LEDE_GROUP_NONE && c->sort == LEDE_SORT_SCORE;
    lede_status status = gate_new(&gate, &arena, plan, segment, err);
    interrupt_stage(plan->interrupt, SHARE_OF_PASSAGES);
    if (status == LEDE_OK)
        status = run(gate, window, c, err);
    collector_end(c);
    *skipped |= status == LEDE_OK && gate->skipped;
    arena_release(&arena);
    return status;
}
