#include "results.h"

#include "../core/error.h"
#include "../core/utf8.h"
#include "highlight.h"
#include "record.h"

struct source_path {
    struct source_path *next;
    uint64_t source;
    const char *path;
};

struct lede_results {
    struct arena arena;
    const struct lede_index *index;
    const struct lede_query *query;
    lede_hit *hits;
    const lede_passage_view **views; /* NULL where not fetched yet */
    size_t count;
    uint64_t total;
    bool exact;
    struct analyzer *analyzer; /* made when something is first to be highlighted */
    struct source_path *paths; /* fetched so far */
};

static lede_status find_passage(const struct lede_results *r, uint64_t ordinal, const struct segment **segment,
                                struct article_record *record, struct passage *passage, uint32_t *number,
                                lede_error *err) {
    const struct snapshot_segment *s = snapshot_segment_of(r->index->snapshot, ordinal);
    if (!s)
        return error_set(err, LEDE_INVALID, "%s: no passage %llu", r->index->snapshot->path,
                         (unsigned long long)ordinal);
    *segment = s->segment;
    return segment_passage(s->segment, (uint32_t)(ordinal - s->base), record, passage, number, err);
}

static lede_status take_hit(struct lede_results *r, const struct topk_entry *entry, lede_hit *hit, lede_error *err) {
    const struct segment *segment = NULL;
    struct article_record record;
    struct passage passage;
    uint32_t number;
    lede_status status = find_passage(r, entry->ordinal, &segment, &record, &passage, &number, err);
    if (status != LEDE_OK)
        return status;
    const char *key = arena_strndup(&r->arena, record.meta.key, record.meta.key_len);
    *hit = (lede_hit){entry->score, entry->ordinal, key, record.meta.key_len};
    return key ? LEDE_OK : error_nomem(err);
}

lede_status results_new(struct lede_results **out, const struct lede_index *index, const struct lede_query *query,
                        const struct found *found, lede_error *err) {
    size_t count = found->count;
    struct arena arena = ARENA_EMPTY;
    struct lede_results *r = arena_zalloc(&arena, 1, sizeof *r);
    lede_status status = LEDE_OK;
    *out = NULL;
    if (r) {
        r->hits = arena_zalloc(&arena, count + 1, sizeof *r->hits);
        r->views = arena_zalloc(&arena, count + 1, sizeof *r->views);
    }
    if (!r || !r->hits || !r->views) {
        arena_release(&arena);
        return error_nomem(err);
    }
    r->arena = arena;
    r->index = index;
    r->query = query;
    r->total = found->total;
    r->exact = found->exact;
    for (; r->count < count && status == LEDE_OK; r->count++)
        status = take_hit(r, &found->entries[r->count], &r->hits[r->count], err);
    if (status == LEDE_OK)
        *out = r;
    else
        lede_results_free(r);
    return status;
}

void lede_results_free(lede_results *results) {
    if (results) {
        analyzer_free(results->analyzer);
        /* The results lie in their own arena. */
        struct arena arena = results->arena;
        arena_release(&arena);
    }
}

size_t lede_results_count(const lede_results *results) {
    return results->count;
}

uint64_t lede_results_total(const lede_results *results, bool *exact) {
    if (exact)
        *exact = results->exact;
    return results->total;
}

const lede_hit *lede_results_hit(const lede_results *results, size_t i) {
    return i < results->count ? &results->hits[i] : NULL;
}

/* ---------------------------------------------------------------------------------- passages -- */

static lede_status take_path(struct lede_results *r, uint64_t source, const char **path, lede_error *err) {
    struct source_path *p = r->paths;
    while (p && p->source != source)
        p = p->next;
    if (!p) {
        p = arena_zalloc(&r->arena, 1, sizeof *p);
        if (!p)
            return error_nomem(err);
        lede_status status = record_path(&p->path, &r->arena, r->index->snapshot, source, err);
        if (status != LEDE_OK)
            return status;
        p->source = source;
        p->next = r->paths;
        r->paths = p;
    }
    *path = p->path;
    return LEDE_OK;
}

static lede_status light(struct lede_results *r, const char *text, size_t len, const lede_span **spans, size_t *count,
                         lede_error *err) {
    struct highlight h = {0};
    lede_status status = r->analyzer ? LEDE_OK : analyzer_new(&r->analyzer, r->index->snapshot->language, err);
    if (status == LEDE_OK)
        status = highlight_text(&h, &r->arena, r->analyzer, r->query, text, len, err);
    *spans = h.spans;
    *count = h.count;
    return status;
}

static lede_status take_texts(struct lede_results *r, const struct segment *segment,
                              const struct article_record *record, const struct passage *passage,
                              lede_passage_view *view, lede_error *err) {
    lede_status status;
    view->heading = view->text = "";
    if (r->index->snapshot->omit_text)
        return LEDE_OK;
    view->heading_len = passage->heading_len;
    view->text_len = passage->len;
    status = record_text(&view->heading, &r->arena, segment, record, passage->heading_start, passage->heading_len, err);
    if (status == LEDE_OK)
        status = record_text(&view->text, &r->arena, segment, record, passage->start, passage->len, err);
    return status;
}

static lede_status take_view(struct lede_results *r, uint64_t ordinal, lede_passage_view *view, lede_error *err) {
    const struct segment *segment = NULL;
    struct article_record record;
    struct passage passage;
    lede_status status = find_passage(r, ordinal, &segment, &record, &passage, &view->number, err);
    if (status != LEDE_OK)
        return status;
    view->number++;
    view->line = passage.line;
    status = record_copy(&view->article, &r->arena, &record, err);
    if (status == LEDE_OK)
        status = take_path(r, record.source, &view->article.path, err);
    if (status == LEDE_OK)
        status = take_texts(r, segment, &record, &passage, view, err);
    if (status == LEDE_OK)
        status = light(r, view->text, view->text_len, &view->spans, &view->span_count, err);
    if (status == LEDE_OK)
        status =
            light(r, view->article.title, view->article.title_len, &view->title_spans, &view->title_span_count, err);
    return status;
}

lede_status lede_results_passage(const lede_passage_view **out, lede_results *results, size_t i, lede_error *err) {
    *out = NULL;
    if (i >= results->count)
        return error_set(err, LEDE_INVALID, "no hit %zu: there are %zu", i + 1, results->count);
    if (!results->views[i]) {
        lede_passage_view *view = arena_zalloc(&results->arena, 1, sizeof *view);
        if (!view)
            return error_nomem(err);
        lede_status status = take_view(results, results->hits[i].passage, view, err);
        if (status != LEDE_OK)
            return status;
        results->views[i] = view;
    }
    *out = results->views[i];
    return LEDE_OK;
}
