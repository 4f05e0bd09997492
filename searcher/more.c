/* More passages of an article that is a hit. */
#include "../core/error.h"
#include "plan.h"
#include "results.h"

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
        for (uint32_t d = cursor_seek(root, record.first_passage); d < end; d = cursor_next(root))
            if (d != own)
                topk_push(best, cursor_score(root), s->base + d);
        if (root->status != LEDE_OK)
            status = error_set(err, root->status, "%s: the postings can't be read; run `lede check`",
                               segment_path(s->segment));
    }
    cursor_release(root);
    arena_release(&arena);
    topk_sort(best);
    return status == LEDE_OK && best->failed ? error_nomem(err) : status;
}

lede_status lede_results_more(const lede_hit **hits, size_t *count, lede_results *r, size_t i, size_t most,
                              lede_error *err) {
    struct plan plan;
    struct topk best;
    *hits = NULL;
    *count = 0;
    if (i >= r->count)
        return error_set(err, LEDE_INVALID, "no hit %zu: there are %zu", i + 1, r->count);
    const struct snapshot_segment *s = snapshot_segment_of(r->index->snapshot, r->hits[i].passage);
    topk_init(&best, most);
    lede_status status = plan_init(&plan, r->query, r->index->snapshot, r->k1, r->b, err);
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
