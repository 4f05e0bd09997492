/* The front of the searcher: a query to its results. */
#include "search.h"
#include "../core/error.h"
#include "../core/index.h"
#include "by_all.h"
#include "by_range.h"
#include "damage.h"
#include "plan.h"
#include "results.h"

#include <stdlib.h>

/* Fewer postings than these are run through in the time that bounds take, and then the count of matches is exact. */
enum { PRUNING_COST = 4 * 1024 };

static bool is_worth_pruning(const struct plan *plan) {
    uint64_t postings = 0;
    for (size_t t = 0; t < plan->query->term_count; t++)
        postings += plan->doc_freqs[t];
    return postings > PRUNING_COST;
}

/* The strategy to take: the one asked for, if it can run the query, or else the one that suits it. */
static enum strategy choose(const struct plan *plan, const lede_search_options *options, enum strategy wanted) {
    bool prune = options->group == LEDE_GROUP_NONE && !options->count &&
                 (wanted == STRATEGY_AUTO ? is_worth_pruning(plan) : wanted >= STRATEGY_RANGES);
    if (prune && wanted != STRATEGY_RANGES && can_run_by_all(plan))
        return STRATEGY_ALL;
    if (prune && wanted != STRATEGY_ALL && can_run_by_range(plan))
        return STRATEGY_RANGES;
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
    status = root->status;
    if (status == LEDE_NOMEM)
        error_nomem(err);
    else if (status != LEDE_OK)
        error_set(err, status, "%s: corrupt postings; run `lede check`, then restore the index or index again",
                  segment_path(s->segment));
    cursor_release(root);
out:
    arena_release(&arena);
    return status;
}

/* *exact is cleared where something that may match was passed over. */
static lede_status run_pruned(const struct plan *plan, enum strategy strategy, struct collector *collector, bool *exact,
                              lede_error *err) {
    lede_status status = LEDE_OK;
    bool skipped = strategy == STRATEGY_RANGES;
    for (size_t i = 0; i < plan->snapshot->segment_count && status == LEDE_OK; i++)
        status = strategy == STRATEGY_RANGES ? retrieve_by_range(plan, i, collector, err)
                                             : retrieve_by_all(plan, i, collector, &skipped, err);
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

lede_status search_by(lede_results **out, const lede_index *index, const lede_query *query,
                      const lede_search_options *options, enum strategy strategy, lede_error *err) {
    const lede_search_options defaults = {0};
    const lede_search_options *o = options ? options : &defaults;
    size_t limit = o->limit ? o->limit : 10;
    struct plan plan;
    struct collector collector;
    *out = NULL;
    collector_init(&collector, limit > SIZE_MAX - o->offset ? SIZE_MAX : limit + o->offset, o->group);
    lede_status status = plan_init(&plan, query, index->snapshot, o->k1, o->b, err);
    bool exact = true;
    if (status == LEDE_OK)
        strategy = choose(&plan, o, strategy);
    if (status == LEDE_OK)
        status = strategy >= STRATEGY_RANGES ? run_pruned(&plan, strategy, &collector, &exact, err)
                                             : run(&plan, strategy, &collector, err);
    if (status == LEDE_CORRUPT)
        damage_locate(&plan, err);
    if (status == LEDE_OK) {
        topk_sort(&collector.top);
        size_t left_out = o->offset < collector.top.count ? o->offset : collector.top.count;
        struct found found = {collector.top.entries ? collector.top.entries + left_out : NULL,
                              collector.top.count - left_out, collector.total, exact, o};
        status = results_new(out, index, query, &found, err);
    }
    plan_release(&plan);
    collector_release(&collector);
    return status;
}

lede_status lede_search(lede_results **out, const lede_index *index, const lede_query *query,
                        const lede_search_options *options, lede_error *err) {
    return search_by(out, index, query, options, STRATEGY_AUTO, err);
}

lede_status lede_query_parse(lede_query **out, const lede_index *index, const char *text, size_t text_len,
                             const lede_query_options *options, lede_error *err) {
    return query_parse(out, index->snapshot->language, text, text_len, options, err);
}
