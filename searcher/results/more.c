/* More passages of an article that is a hit. */
#include "core/base/error.h"
#include "results.h"
#include "searcher/cursors/cursor.h"
#include "searcher/plan/plan.h"
#include "searcher/ranges/range_term.h"

/* The article's passages that match, but for `own`, into `best`. */
static lede_status collect(struct topk *best, const struct plan *plan, const struct snapshot_segment *s, uint32_t own,
                           lede_error *err) {
    struct arena arena = ARENA_EMPTY;
    struct article_record record;
    struct cursor *root = NULL;
    lede_status status = segment_article(s->segment, segment_article_of(s->segment, own), &record, err);
    if (status == LEDE_OK)
        status = plan_segment(plan, (size_t)(s - plan->snapshot->segments), &arena, &root, err);
    if (status == LEDE_OK && root) {
        uint32_t end = record.first_passage + record.passage_count;
        for (uint32_t d = cursor_seek_match(root, record.first_passage); d < end; d = cursor_next_match(root))
            if (d != own)
                topk_push(best, cursor_score(root), s->base + d);
        status = range_error(cursor_finish(root), segment_path(s->segment), err);
    }
    cursor_release(root);
    arena_release(&arena);
    topk_sort(best);
    return status == LEDE_OK && best->failed ? error_nomem(err) : status;
}

/* The same from an engine: one hit more, as that of which more is wanted is among them. */
static lede_status ask_engine(const lede_hit **hits, size_t *count, lede_results *r, size_t i, size_t most,
                              lede_error *err) {
    const lede_passage_view *view;
    const lede_search_options options = {
        .limit = most < SIZE_MAX ? most + 1 : most, .k1 = r->k1, .b = r->b, .partial = true};
    struct engine_reader *reader = r->index->reader;
    struct engine_hits found;
    lede_status status = lede_results_passage(&view, r, i, err);
    if (status != LEDE_OK)
        return status;
    const struct engine_search search = {results_scored_by(r), &options, &view->article};
    status = reader->engine->search(&found, reader, &search, &r->arena, err);
    if (status != LEDE_OK)
        return status;
    lede_hit *copy = arena_zalloc(&r->arena, found.count + 1, sizeof *copy);
    if (!copy)
        return error_nomem(err);
    *hits = copy;
    for (size_t n = 0; n < found.count && *count < most; n++)
        if (found.hits[n].ordinal != r->hits[i].passage)
            copy[(*count)++] = (lede_hit){found.hits[n].score, found.hits[n].ordinal, 0};
    return LEDE_OK;
}

lede_status lede_results_more(const lede_hit **hits, size_t *count, lede_results *r, size_t i, size_t most,
                              lede_error *err) {
    struct plan plan;
    struct topk best;
    *hits = NULL;
    *count = 0;
    if (i >= r->count)
        return error_set(err, LEDE_INVALID, "no hit %zu: there are %zu", i, r->count);
    if (r->index->reader)
        return ask_engine(hits, count, r, i, most, err);
    const struct snapshot_segment *s = snapshot_segment_of(r->index->snapshot, r->hits[i].passage);
    topk_init(&best, most);
    const struct plan_options options = {.k1 = r->k1, .b = r->b};
    lede_status status = plan_init(&plan, results_scored_by(r), r->index->snapshot, &options, err);
    if (status == LEDE_OK)
        status = collect(&best, &plan, s, (uint32_t)(r->hits[i].passage - s->base), err);
    lede_hit *copy = status == LEDE_OK ? arena_zalloc(&r->arena, best.count + 1, sizeof *copy) : NULL;
    if (status == LEDE_OK && !copy)
        status = error_nomem(err);
    for (size_t n = 0; copy && n < best.count; n++)
        copy[n] = (lede_hit){best.entries[n].score, best.entries[n].ordinal, 0};
    *hits = copy;
    *count = copy ? best.count : 0;
    topk_release(&best);
    plan_release(&plan);
    return status;
}
