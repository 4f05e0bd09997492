/* The front of the searcher: a query to its results. */
#include "search.h"
#include "core/base/error.h"
#include "core/index/index.h"
#include "searcher/plan/damage.h"
#include "searcher/plan/plan.h"
#include "searcher/ranges/range_term.h"
#include "searcher/results/explain.h"
#include "searcher/results/results.h"
#include "searcher/retrieve/by_all.h"
#include "searcher/retrieve/by_gate.h"
#include "searcher/retrieve/by_range.h"
#include "searcher/retrieve/by_stem.h"
#include "searcher/retrieve/count.h"

#include <stdlib.h>
#include <string.h>

/* Fewer postings than these are run through in the time that bounds take, and then the count of matches is exact. */
enum { PRUNING_COST = 256 };

enum { DEFAULT_LIMIT = 10 };

static bool is_worth_pruning(const struct plan *plan) {
    uint64_t postings = 0;
    for (size_t t = 0; t < plan->query->term_count; t++)
        postings += plan->doc_freqs[t];
    for (size_t n = 0; n < plan->query->pattern_count; n++)
        postings += plan->pattern_doc_freqs[n];
    return postings > PRUNING_COST;
}

/* Whether all that matches has to be looked at. */
static bool needs_all(const struct plan *plan, const lede_search_options *o) {
    return o->group != LEDE_GROUP_NONE || o->sort != LEDE_SORT_SCORE || (o->count && !can_count(plan));
}

/* The strategy to take: the one asked for, if it can run the query, or else the one that suits it. */
static enum strategy choose(const struct plan *plan, const lede_search_options *options, enum strategy wanted) {
    if (needs_all(plan, options)) {
        bool gate = plan->text && plan->query->pattern_count && can_run_by_gate(plan) &&
                    (wanted == STRATEGY_GATE || (wanted == STRATEGY_AUTO && gate_is_worth_while(plan)));
        return gate ? STRATEGY_GATE : wanted < STRATEGY_RANGES ? wanted : STRATEGY_AUTO;
    }
    bool any = wanted == STRATEGY_AUTO, prune = (any ? is_worth_pruning(plan) : wanted >= STRATEGY_RANGES);
    if (prune && (any || wanted == STRATEGY_ALL) && can_run_by_all(plan))
        return STRATEGY_ALL;
    if (prune && (any || wanted == STRATEGY_RANGES) && can_run_by_range(plan))
        return STRATEGY_RANGES;
    prune = prune && (!any || gate_is_worth_while(plan));
    if (prune && (any || wanted == STRATEGY_STEMS) && can_run_by_stem(plan))
        return STRATEGY_STEMS;
    if (prune && (any || wanted == STRATEGY_GATE) && can_run_by_gate(plan))
        return STRATEGY_GATE;
    return wanted < STRATEGY_RANGES ? wanted : STRATEGY_AUTO;
}

/* Windows need more than a document each, at least, to be worth while. */
static bool is_for_windows(const struct cursor *root, const struct segment *segment, enum strategy strategy) {
    if (strategy != STRATEGY_AUTO)
        return strategy == STRATEGY_WINDOWS;
    return root->fits_windows && root->cost > segment_info(segment)->passages / WINDOW_DOCS;
}

static lede_status run_segment(const struct plan *plan, size_t i, enum strategy strategy, struct window *window,
                               struct collector *collector, lede_error *err) {
    const struct snapshot_segment *s = &plan->snapshot->segments[i];
    struct arena arena = ARENA_EMPTY;
    struct cursor *root;
    lede_status status = plan_segment(plan, i, &arena, &root, err);
    if (status != LEDE_OK || !root)
        goto out;
    collector_begin(collector, s);
    if (is_for_windows(root, s->segment, strategy))
        retrieve_by_window(root, window, collector);
    else
        retrieve_by_document(root, collector);
    collector_end(collector);
    status = cursor_finish(root);
    status = range_error(status != LEDE_OK ? status : collector->status, segment_path(s->segment), err);
    cursor_release(root);
out:
    arena_release(&arena);
    return status;
}

/* *exact is cleared where something that may match was passed over. */
static lede_status run_pruned(const struct plan *plan, enum strategy strategy, struct collector *collector, bool *exact,
                              lede_error *err) {
    bool skipped = false, whole = strategy == STRATEGY_STEMS;
    lede_status status = whole ? retrieve_by_stem(plan, collector, &skipped, err) : LEDE_OK;
    for (size_t i = 0; i < plan->snapshot->segment_count && status == LEDE_OK && !whole; i++) {
        switch (strategy) {
        case STRATEGY_RANGES: status = retrieve_by_range(plan, i, collector, &skipped, err); break;
        case STRATEGY_ALL: status = retrieve_by_all(plan, i, collector, &skipped, err); break;
        default: status = retrieve_by_gate(plan, i, collector, &skipped, err);
        }
        status = status == LEDE_OK ? collector->status : status;
    }
    *exact = !skipped;
    if (status == LEDE_OK && collector->top.failed)
        status = error_nomem(err);
    return status;
}

static lede_status run(const struct plan *plan, enum strategy strategy, struct collector *collector, lede_error *err) {
    lede_status status = LEDE_OK;
    struct window *window = calloc(1, sizeof *window);
    if (!window)
        return error_nomem(err);
    for (size_t i = 0; i < plan->snapshot->segment_count && status == LEDE_OK; i++)
        status = run_segment(plan, i, strategy, window, collector, err);
    free(window);
    if (status == LEDE_OK && collector->top.failed)
        status = error_nomem(err);
    return status;
}

static size_t add_saturated(size_t a, size_t b) {
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

/* Gives the entries of a heap that is sorted by date, from `first` on, their scores back. */
static lede_status score_hits(const struct plan *plan, struct topk *top, size_t first, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = first; i < top->count && status == LEDE_OK; i++)
        status = score_passage(&top->entries[i].score, plan, top->entries[i].ordinal, err);
    return status;
}

/* Passages that are left out: those of one article. */
struct left_out {
    uint64_t first, end;
};

static lede_status find_left_out(struct left_out *out, const struct snapshot *snapshot, const lede_search_options *o,
                                 lede_error *err) {
    const struct snapshot_segment *s;
    struct article_record record;
    uint32_t article;
    *out = (struct left_out){0, 0};
    if (!o->without)
        return LEDE_OK;
    lede_status status = snapshot_find_article(snapshot, o->without, o->without_len, &s, &article, err);
    if (status == LEDE_NOT_FOUND)
        return LEDE_OK;
    if (status == LEDE_OK)
        status = segment_article(s->segment, article, &record, err);
    if (status == LEDE_OK)
        *out = (struct left_out){s->base + record.first_passage, s->base + record.first_passage + record.passage_count};
    return status;
}

/* Takes them from a sorted heap. */
static void leave_out(struct topk *top, uint64_t *total, const struct left_out *out) {
    size_t kept = 0;
    for (size_t i = 0; i < top->count; i++)
        if (top->entries[i].ordinal < out->first || top->entries[i].ordinal >= out->end)
            top->entries[kept++] = top->entries[i];
    *total -= top->count - kept;
    top->count = kept;
}

/* The entries [first, end) of a sorted heap as hits, behind those that there are. */
static void take_entries(struct ranked *hits, size_t *count, const struct topk *top, size_t first) {
    for (size_t i = first; i < top->count; i++) {
        const struct topk_entry *e = &top->entries[i];
        hits[(*count)++] = (struct ranked){.passage = e->ordinal, .score = e->score, .bm25 = e->score};
    }
}

/* Hits that are wanted, from the very best on. */
static size_t hits_wanted(const lede_search_options *o) {
    return add_saturated(o->limit ? o->limit : DEFAULT_LIMIT, o->offset);
}

/* How many of the best have to be found. Copies may go from those that the second stage looks at, so that as many more
 * can be needed behind them. */
static size_t heap_limit(const lede_search_options *o) {
    return second_stage_is_wanted(o) ? add_saturated(hits_wanted(o), LEDE_RERANK_DEPTH) : hits_wanted(o);
}

/* All hits, in order. */
struct ranking {
    struct arena arena;
    struct ranked *hits; /* in it */
    size_t count;
    const struct name_report *names; /* of the query's terms; may be NULL */
};

/* What the second stage makes of the first of them, and the others as they are. */
static lede_status rank(struct ranking *r, const struct second_stage_input *in, lede_error *err) {
    struct ranked_hits first = {NULL, 0, 0, NULL};
    r->hits = arena_alloc(&r->arena, (in->top->count + 1) * sizeof *r->hits);
    if (!r->hits)
        return error_nomem(err);
    if (second_stage_is_wanted(in->options)) {
        lede_status status = second_stage_run(&first, &r->arena, in, err);
        if (status != LEDE_OK)
            return status;
        memcpy(r->hits, first.hits, first.count * sizeof *r->hits);
    }
    r->count = first.count;
    r->names = first.names;
    take_entries(r->hits, &r->count, in->top, first.used);
    return LEDE_OK;
}

/* Whether copies have taken the place of so many hits that more have to be looked for, of a heap that was full. */
static bool is_short(const struct ranking *r, const lede_search_options *o, size_t heap) {
    return o->collapse && r->count < hits_wanted(o) && heap < LEDE_COLLAPSE_DEPTH;
}

enum { HEAP_FACTOR = 4 }; /* that it is larger by, then */

/* Of all hits those that are asked for. */
static struct found take_page(const struct ranking *r, const lede_search_options *o) {
    size_t limit = o->limit ? o->limit : DEFAULT_LIMIT, left_out = o->offset < r->count ? o->offset : r->count;
    return (struct found){.hits = r->hits + left_out,
                          .count = r->count - left_out < limit ? r->count - left_out : limit,
                          .complete = true,
                          .options = o};
}

/* A search under way. */
struct searching {
    const lede_index *index;
    const lede_search_options *options;
    struct interrupt interrupt;
    struct plan plan;
    struct collector collector;
    struct left_out left_out;
    struct ranking ranking;
    bool exact, is_full;        /* the total is; the heap was */
    struct lede_query *guarded; /* the query that is run, see names.h; NULL: as it was asked */
};

static lede_status prepare(struct searching *s, const lede_query *query, lede_error *err) {
    const lede_search_options *o = s->options;
    const struct snapshot *snapshot = s->index->snapshot;
    bool has_end = o->interrupt || o->within > 0;
    interrupt_init(&s->interrupt, o);
    const struct plan_options options = {o->k1,
                                         o->b,
                                         has_end ? &s->interrupt : NULL,
                                         {s->index->team, s->index->team_least, s->index->team_least_postings}};
    lede_status status = plan_init(&s->plan, query, snapshot, &options, err);
    return status == LEDE_OK ? find_left_out(&s->left_out, snapshot, o, err) : status;
}

/* Counts what matches, of which some was found already. */
static lede_status count_all(struct searching *s, lede_error *err) {
    uint64_t count, found = s->collector.total;
    lede_status status = count_matches(&count, &s->plan, err);
    if (status == LEDE_INTERRUPTED)
        status = interrupt_status(s->plan.interrupt);
    s->collector.total = count > found ? count : found;
    s->exact = !s->interrupt.is_late;
    return status;
}

static lede_status retrieve(struct searching *s, enum strategy wanted, size_t heap, lede_error *err) {
    enum strategy strategy = choose(&s->plan, s->options, wanted);
    size_t more = (size_t)(s->left_out.end - s->left_out.first);
    collector_release(&s->collector);
    collector_init(&s->collector, add_saturated(heap, more), s->options->group, &s->plan);
    s->collector.sort = s->options->sort;
    s->collector.all = needs_all(&s->plan, s->options);
    interrupt_stage(s->plan.interrupt, SHARE_OF_PASSAGES);
    s->exact = true;
    lede_status status = strategy >= STRATEGY_RANGES ? run_pruned(&s->plan, strategy, &s->collector, &s->exact, err)
                                                     : run(&s->plan, strategy, &s->collector, err);
    /* Where time is over, what was found so far has to do. */
    if (status == LEDE_INTERRUPTED)
        status = interrupt_status(s->plan.interrupt);
    s->exact = s->exact && !s->interrupt.is_late;
    if (status == LEDE_OK && s->options->count && !s->exact && !s->interrupt.is_late)
        status = count_all(s, err);
    return status;
}

/* The best first, with their scores. */
static lede_status put_best_first(struct searching *s, lede_error *err) {
    struct topk *top = &s->collector.top;
    topk_sort(top);
    s->is_full = top->count == top->limit;
    leave_out(top, &s->collector.total, &s->left_out);
    if (top->failed)
        return error_nomem(err);
    if (s->options->sort == LEDE_SORT_SCORE)
        return LEDE_OK;
    interrupt_end_limit(s->plan.interrupt);
    return score_hits(&s->plan, top, s->options->offset, err);
}

/* Or all as they are, if there is no time for the second stage. */
static lede_status rank_in_time(struct searching *s, lede_error *err) {
    const struct plan *plan = &s->plan;
    const struct snapshot *snapshot = s->index->snapshot;
    lede_search_options plain = *s->options;
    struct second_stage_input in = {.query = plan->query,
                                    .bm25 = &plan->bm25,
                                    .doc_freqs = plan->doc_freqs,
                                    .pattern_doc_freqs = plan->pattern_doc_freqs,
                                    .language = snapshot->language,
                                    .has_text = !snapshot->omit_text,
                                    .top = &s->collector.top,
                                    .options = s->options,
                                    .wanted = hits_wanted(s->options),
                                    .plan = plan};
    interrupt_stage(plan->interrupt, SHARE_OF_SECOND_STAGE);
    lede_status status = rank(&s->ranking, &in, err);
    if (status != LEDE_INTERRUPTED || s->interrupt.is_stopped)
        return status;
    in.options = &plain;
    plain.rerank = plain.collapse = false;
    plain.recent = 0;
    return rank(&s->ranking, &in, err);
}

/* Finds the best and ranks them, again with more of them while copies have taken the place of too many. */
static lede_status find_and_rank(struct searching *s, enum strategy strategy, lede_error *err) {
    for (size_t heap = heap_limit(s->options);; heap *= HEAP_FACTOR) {
        lede_status status = retrieve(s, strategy, heap, err);
        if (status == LEDE_CORRUPT)
            damage_locate(&s->plan, err);
        if (status == LEDE_OK)
            status = put_best_first(s, err);
        if (status == LEDE_OK)
            status = rank_in_time(s, err);
        if (status != LEDE_OK || !s->is_full || s->interrupt.is_late || !is_short(&s->ranking, s->options, heap))
            return status;
    }
}

static void release_searching(struct searching *s) {
    plan_release(&s->plan);
    collector_release(&s->collector);
    arena_release(&s->ranking.arena);
    lede_query_free(s->guarded);
}

/* Takes the place of what was found before, which has counted the matches. */
static void take_run(struct searching *s, struct searching *next) {
    next->options = s->options;
    next->interrupt.is_late = s->interrupt.is_late;
    next->collector.total = s->collector.total;
    next->exact = s->exact;
    release_searching(s);
    *s = *next;
    s->plan.interrupt = s->plan.interrupt ? &s->interrupt : NULL;
    s->collector.plan = &s->plan;
}

/* Runs the query, which becomes its, and takes its place if it stands. If there is no time for that, what was found
 * without has to do. */
static lede_status run_guarded(struct searching *s, struct names *names, struct lede_query *query, lede_error *err) {
    lede_search_options options = *s->options;
    struct searching next = {.index = s->index, .options = &options, .ranking.arena = ARENA_EMPTY, .guarded = query};
    options.count = false;
    options.within = interrupt_time_left(&s->interrupt);
    lede_status status = prepare(&next, query, err);
    if (status == LEDE_OK)
        status = find_and_rank(&next, STRATEGY_AUTO, err);
    s->interrupt.is_late = next.interrupt.is_late;
    if (status == LEDE_OK && !next.interrupt.is_late && names_stand(names, next.ranking.names))
        take_run(s, &next);
    else
        release_searching(&next);
    return status;
}

/* Again with the names that were found. */
static lede_status guard_names(struct searching *s, const lede_query *query, lede_error *err) {
    struct names names;
    struct lede_query *guarded = NULL;
    const struct snapshot *snapshot = s->index->snapshot;
    if (!s->ranking.names)
        return LEDE_OK;
    lede_status status = names_init(&names, query, snapshot->language, snapshot, err);
    do {
        if (status == LEDE_OK)
            status = names_next(&guarded, &names, s->ranking.names, err);
        if (status == LEDE_OK && guarded)
            status = run_guarded(s, &names, guarded, err);
    } while (status == LEDE_OK && guarded && !s->interrupt.is_late);
    names_release(&names);
    return status;
}

static lede_status finish(lede_results **out, struct searching *s, const lede_query *query, lede_error *err) {
    struct found found = take_page(&s->ranking, s->options);
    found.total = s->collector.total;
    found.exact = s->exact;
    found.complete = !s->interrupt.is_late;
    lede_status status = results_new(out, s->index, query, &found, err);
    if (status != LEDE_OK)
        return status;
    (*out)->from_engine.missing = plan_note(&s->plan, &(*out)->arena);
    (*out)->guarded = s->guarded;
    s->guarded = NULL;
    return LEDE_OK;
}

lede_status search_by(lede_results **out, const lede_index *index, const lede_query *query,
                      const lede_search_options *options, enum strategy strategy, lede_error *err) {
    const lede_search_options defaults = {0};
    struct searching s = {.index = index, .options = options ? options : &defaults, .ranking.arena = ARENA_EMPTY};
    *out = NULL;
    hot_budget_search(&index->snapshot->hot);
    lede_status status = prepare(&s, query, err);
    if (status == LEDE_CORRUPT)
        damage_locate(&s.plan, err);
    if (status == LEDE_OK)
        status = find_and_rank(&s, strategy, err);
    if (status == LEDE_OK && !s.interrupt.is_late)
        status = guard_names(&s, query, err);
    if (status == LEDE_OK)
        status = finish(out, &s, query, err);
    if (status == LEDE_INTERRUPTED)
        error_set(err, status, "the search was asked to stop");
    release_searching(&s);
    return status;
}

/* ------------------------------------------------------------------------------------- engines -- */

/* What an engine found, on its way to results. */
struct adoption {
    const lede_index *index;
    const lede_search_options *options; /* as they were asked for */
    const struct engine_search *search; /* from the first hit on */
    struct engine_hits hits;
    struct ranking ranking; /* whose arena has all of this */
    struct topk top;        /* borrows: the hits' scores */
    lede_passage_view *views;
    struct lede_query *guarded; /* the query that is asked, see names.h; NULL: as it was asked for */
};

/* What is kept of those that the second stage looks at. */
static lede_status fetch_views(void *ctx, size_t first, size_t end, lede_error *err) {
    struct adoption *a = ctx;
    struct engine_reader *reader = a->index->reader;
    lede_status status = LEDE_OK;
    for (size_t i = first; i < end && status == LEDE_OK; i++)
        status = reader->engine->passage(&a->views[i], reader, &a->hits.hits[i], &a->ranking.arena, err);
    return status;
}

static lede_status take_entries_of(struct adoption *a, lede_error *err) {
    struct arena *arena = &a->ranking.arena;
    a->views = arena_zalloc(arena, a->hits.count + 1, sizeof *a->views);
    a->top.entries = arena_zalloc(arena, a->hits.count + 1, sizeof *a->top.entries);
    a->top.count = a->hits.count;
    if (!a->views || !a->top.entries)
        return error_nomem(err);
    for (size_t i = 0; i < a->hits.count; i++)
        a->top.entries[i] = (struct topk_entry){a->hits.hits[i].score, a->hits.hits[i].ordinal};
    return LEDE_OK;
}

static int compare_ordinals(const void *a, const void *b) {
    const struct engine_hit *x = a, *y = b;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

/* The engine's hits in the order of those that became results, so that what came with each is at hand. */
static lede_status put_in_order(struct adoption *a, const struct found *found, lede_error *err) {
    struct engine_hit *sorted = arena_zalloc(&a->ranking.arena, a->hits.count + 1, sizeof *sorted);
    struct engine_hit *order = arena_zalloc(&a->ranking.arena, found->count + 1, sizeof *order);
    if (!sorted || !order)
        return error_nomem(err);
    if (a->hits.count) {
        memcpy(sorted, a->hits.hits, a->hits.count * sizeof *sorted);
        qsort(sorted, a->hits.count, sizeof *sorted, compare_ordinals);
    }
    for (size_t i = 0; i < found->count; i++) {
        const struct engine_hit wanted = {.ordinal = found->hits[i].passage};
        const struct engine_hit *hit = bsearch(&wanted, sorted, a->hits.count, sizeof *sorted, compare_ordinals);
        if (hit)
            order[i] = *hit;
    }
    a->hits.hits = order;
    a->hits.count = found->count;
    return LEDE_OK;
}

static lede_status rank_adopted(struct adoption *a, lede_error *err) {
    const lede_search_options *o = a->options;
    const struct snapshot *s = a->index->snapshot;
    struct bm25 bm25;
    lede_status status = bm25_init(&bm25, o->k1, o->b, a->hits.passages, a->hits.total_length, err);
    const struct second_stage_input in = {.query = a->search->query,
                                          .bm25 = &bm25,
                                          .doc_freqs = a->hits.doc_freqs,
                                          .pattern_doc_freqs = a->hits.pattern_doc_freqs,
                                          .language = s->language,
                                          .has_text = !s->omit_text,
                                          .top = &a->top,
                                          .options = o,
                                          .wanted = hits_wanted(o),
                                          .views = a->views,
                                          .fetch = fetch_views,
                                          .fetch_ctx = a};
    return status == LEDE_OK ? rank(&a->ranking, &in, err) : status;
}

/* Asks for so many, and ranks them. */
static lede_status ask(struct adoption *a, lede_error *err) {
    struct engine_reader *reader = a->index->reader;
    arena_release(&a->ranking.arena);
    lede_status status = reader->engine->search(&a->hits, reader, a->search, &a->ranking.arena, err);
    if (status == LEDE_OK)
        status = take_entries_of(a, err);
    return status == LEDE_OK ? rank_adopted(a, err) : status;
}

/* From the first hit on, as the second stage may move them from page to page. */
static lede_status ask_enough(struct adoption *a, lede_search_options *all, lede_error *err) {
    lede_status status = ask(a, err);
    while (status == LEDE_OK && a->hits.count == all->limit && is_short(&a->ranking, a->options, all->limit)) {
        all->limit *= HEAP_FACTOR;
        status = ask(a, err);
    }
    return status;
}

static void release_adoption(struct adoption *a) {
    arena_release(&a->ranking.arena);
    lede_query_free(a->guarded);
}

/* As run_guarded. */
static lede_status ask_guarded(struct adoption *a, struct names *names, struct lede_query *query, lede_error *err) {
    lede_search_options all = *a->search->options;
    const struct engine_search whole = {query, &all, a->search->within}, *asked = a->search;
    struct adoption next = {
        .index = a->index, .options = a->options, .search = &whole, .ranking.arena = ARENA_EMPTY, .guarded = query};
    lede_status status = ask_enough(&next, &all, err);
    if (status != LEDE_OK || !names_stand(names, next.ranking.names)) {
        release_adoption(&next);
        return status;
    }
    next.search = asked;
    next.hits.total = a->hits.total;
    next.hits.exact = a->hits.exact;
    release_adoption(a);
    *a = next;
    return LEDE_OK;
}

/* As guard_names. */
static lede_status ask_with_names(struct adoption *a, lede_error *err) {
    struct names names;
    struct lede_query *guarded = NULL;
    if (!a->ranking.names)
        return LEDE_OK;
    lede_status status = names_init(&names, a->search->query, a->index->snapshot->language, NULL, err);
    do {
        if (status == LEDE_OK)
            status = names_next(&guarded, &names, a->ranking.names, err);
        if (status == LEDE_OK && guarded)
            status = ask_guarded(a, &names, guarded, err);
    } while (status == LEDE_OK && guarded);
    names_release(&names);
    return status;
}

static lede_status adopt(lede_results **out, struct adoption *a, lede_error *err) {
    struct found found = take_page(&a->ranking, a->options);
    found.total = a->hits.total;
    found.exact = a->hits.exact;
    lede_status status = put_in_order(a, &found, err);
    if (status == LEDE_OK)
        status = results_new(out, a->index, a->search->query, &found, err);
    if (status != LEDE_OK)
        return status;
    (*out)->from_engine = a->hits;
    (*out)->engine_arena = a->ranking.arena;
    (*out)->guarded = a->guarded;
    a->ranking.arena = ARENA_EMPTY;
    a->guarded = NULL;
    return LEDE_OK;
}

static lede_status ask_engine(lede_results **out, const lede_index *index, const struct engine_search *search,
                              lede_error *err) {
    lede_search_options all = *search->options;
    const struct engine_search whole = {search->query, &all, search->within};
    struct adoption a = {.index = index, .options = search->options, .search = &whole, .ranking.arena = ARENA_EMPTY};
    *out = NULL;
    all.limit = heap_limit(search->options);
    all.offset = 0;
    lede_status status = ask_enough(&a, &all, err);
    if (status == LEDE_OK)
        status = ask_with_names(&a, err);
    if (status == LEDE_OK)
        status = adopt(out, &a, err);
    release_adoption(&a);
    return status;
}

/* k1 and b are looked at by what takes them. */
static lede_status check_options(const lede_search_options *o, lede_error *err) {
    if (o->group < LEDE_GROUP_NONE || o->group > LEDE_GROUP_ARTICLE)
        return error_set(err, LEDE_INVALID, "there is no such group: %d", (int)o->group);
    if (o->sort < LEDE_SORT_SCORE || o->sort > LEDE_SORT_OLDEST)
        return error_set(err, LEDE_INVALID, "there is no such sort: %d", (int)o->sort);
    if (!(o->recent >= 0))
        return error_set(err, LEDE_INVALID, "recent is %g: give a number of days, or 0", o->recent);
    if (!(o->within >= 0))
        return error_set(err, LEDE_INVALID, "within is %g: give a number of seconds, or 0", o->within);
    return LEDE_OK;
}

lede_status lede_search(lede_results **out, const lede_index *index, const lede_query *query,
                        const lede_search_options *options, lede_error *err) {
    const lede_search_options defaults = {0};
    const struct engine_search search = {.query = query, .options = options ? options : &defaults};
    lede_status status = check_options(search.options, err);
    *out = NULL;
    if (status != LEDE_OK)
        return status;
    if (index->reader)
        return ask_engine(out, index, &search, err);
    return search_by(out, index, query, options, STRATEGY_AUTO, err);
}

/* Clears *done if they have to be searched for. */
static lede_status count_alone(uint64_t *count, bool *done, const lede_index *index, const lede_query *query,
                               const lede_search_options *o, lede_error *err) {
    struct plan plan;
    struct interrupt interrupt;
    interrupt_init(&interrupt, o);
    const struct plan_options options = {.interrupt = o->interrupt ? &interrupt : NULL,
                                         .team = {index->team, index->team_least, index->team_least_postings}};
    lede_status status = plan_init(&plan, query, index->snapshot, &options, err);
    *done = status != LEDE_OK || can_count(&plan);
    if (status == LEDE_OK && *done) {
        hot_budget_search(&index->snapshot->hot);
        status = count_matches(count, &plan, err);
    }
    if (status == LEDE_CORRUPT)
        damage_locate(&plan, err);
    if (status == LEDE_INTERRUPTED)
        error_set(err, status, "the count was asked to stop");
    plan_release(&plan);
    return status;
}

lede_status lede_count(uint64_t *count, const lede_index *index, const lede_query *query,
                       const lede_search_options *options, lede_error *err) {
    lede_search_options o = {.limit = 1, .count = true};
    lede_results *results = NULL;
    if (options) {
        o.group = options->group;
        o.without = options->without;
        o.without_len = options->without_len;
        o.interrupt = options->interrupt;
        o.interrupt_ctx = options->interrupt_ctx;
    }
    *count = 0;
    if (!index->reader && !o.without && o.group == LEDE_GROUP_NONE) {
        bool done;
        lede_status status = count_alone(count, &done, index, query, &o, err);
        if (done)
            return status;
    }
    lede_status status = lede_search(&results, index, query, &o, err);
    if (status == LEDE_OK)
        *count = lede_results_total(results, NULL);
    lede_results_free(results);
    return status;
}

lede_status lede_query_parse(lede_query **out, const lede_index *index, const char *text, size_t text_len,
                             const lede_query_options *options, lede_error *err) {
    const struct query_target target = {index->snapshot->language, !index->snapshot->omit_text};
    *out = NULL;
    if (options && (options->default_operator < LEDE_OR || options->default_operator > LEDE_AND))
        return error_set(err, LEDE_INVALID, "there is no such operator: %d", (int)options->default_operator);
    return query_parse(out, &target, text, text_len, options, err);
}
