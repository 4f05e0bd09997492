#include "explain.h"

#include <string.h>

#include "core/base/error.h"
#include "results.h"
#include "searcher/cursors/explanation.h"
#include "searcher/plan/plan.h"
#include "searcher/ranges/range_term.h"

/* Makes the cursor on what matches in the passage's segment, and puts it on the passage. */
static lede_status stand_on(struct cursor **root, struct arena *arena, const struct plan *plan, uint64_t ordinal,
                            lede_error *err) {
    const struct snapshot_segment *s = snapshot_segment_of(plan->snapshot, ordinal);
    uint32_t doc = (uint32_t)(ordinal - s->base);
    lede_status status = plan_passage(plan, (size_t)(s - plan->snapshot->segments), doc, arena, root, err);
    if (status != LEDE_OK || (*root && cursor_seek(*root, doc) == doc && cursor_confirm(*root)))
        return status;
    status = *root ? range_error(cursor_finish(*root), segment_path(s->segment), err) : LEDE_OK;
    return status ? status
                  : error_set(err, LEDE_CORRUPT, "%s: a passage that matched does so no more; run `lede check`",
                              segment_path(s->segment));
}

/* Whether all of it could be read, once what it tells of the passage was taken. */
static lede_status leave(struct cursor *root, const struct plan *plan, uint64_t ordinal, lede_error *err) {
    const struct snapshot_segment *s = snapshot_segment_of(plan->snapshot, ordinal);
    return range_error(cursor_finish(root), segment_path(s->segment), err);
}

static lede_status explain_passage(struct explanation *e, uint64_t ordinal, lede_error *err) {
    struct arena arena = ARENA_EMPTY;
    struct cursor *root = NULL;
    lede_status status = stand_on(&root, &arena, e->plan, ordinal, err);
    if (status == LEDE_OK) {
        cursor_explain(root, e);
        status = leave(root, e->plan, ordinal, err);
    }
    cursor_release(root);
    arena_release(&arena);
    return status;
}

lede_status score_passage(double *score, const struct plan *plan, uint64_t ordinal, lede_error *err) {
    struct arena arena = ARENA_EMPTY;
    struct cursor *root = NULL;
    lede_status status = stand_on(&root, &arena, plan, ordinal, err);
    if (status == LEDE_OK) {
        *score = cursor_score(root);
        status = leave(root, plan, ordinal, err);
    }
    cursor_release(root);
    arena_release(&arena);
    return status;
}

static lede_status explain_by_engine(struct explanation *e, lede_results *r, const struct ranked *hit,
                                     lede_error *err) {
    const lede_search_options options = {.k1 = r->k1, .b = r->b};
    const struct engine_search search = {.query = results_scored_by(r), .options = &options};
    const struct engine_hit wanted = {.score = hit->bm25, .ordinal = hit->passage};
    struct engine_reader *reader = r->index->reader;
    return reader->engine->explain(e, reader, &search, &wanted, &r->arena, err);
}

static lede_status explain_bm25(struct explanation *e, lede_results *r, const struct ranked *hit, lede_error *err) {
    struct plan plan;
    if (r->index->reader)
        return explain_by_engine(e, r, hit, err);
    const struct plan_options options = {.k1 = r->k1, .b = r->b};
    lede_status status = plan_init(&plan, results_scored_by(r), r->index->snapshot, &options, err);
    e->plan = &plan;
    if (status == LEDE_OK)
        status = explain_passage(e, hit->passage, err);
    plan_release(&plan);
    e->plan = NULL;
    return status;
}

/* The gains of the second stage stand beside the score by BM25, if it ran. */
static lede_status explain_hit(struct explanation *e, lede_results *r, const struct ranked *hit, lede_error *err) {
    if (hit->score == hit->bm25)
        return explain_bm25(e, r, hit, err);
    size_t sum = explanation_begin(e, "score");
    lede_status status = explain_bm25(e, r, hit, err);
    if (hit->proximity > 0)
        explanation_add(e, LEDE_PART_PROXIMITY, "near each other", hit->proximity);
    if (hit->surface > 0)
        explanation_add(e, LEDE_PART_SURFACE, "as typed", hit->surface);
    if (hit->recency > 0)
        explanation_add(e, LEDE_PART_RECENCY, "recent", hit->recency);
    explanation_end(e, sum);
    return status;
}

/* A copy of the parts; NULL if out of memory, now or before. */
static const lede_score_part *take_parts(struct arena *arena, const struct explanation *e) {
    lede_score_part *copy = e->parts.failed ? NULL : arena_alloc(arena, e->parts.len);
    if (copy)
        memcpy(copy, e->parts.data, e->parts.len);
    return copy;
}

lede_status lede_results_explain(const lede_score_part **parts, size_t *count, lede_results *r, size_t i,
                                 lede_error *err) {
    struct explanation e = {.parts = BUFFER_EMPTY};
    *parts = NULL;
    *count = 0;
    if (i >= r->count)
        return error_set(err, LEDE_INVALID, "no hit %zu: there are %zu", i, r->count);
    lede_status status = explain_hit(&e, r, &r->ranked[i], err);
    if (status == LEDE_OK) {
        *parts = take_parts(&r->arena, &e);
        *count = explanation_count(&e);
        if (!*parts)
            status = error_nomem(err);
    }
    buffer_release(&e.parts);
    return status;
}
