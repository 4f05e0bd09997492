#include "results.h"

#include "core/base/error.h"
#include "record.h"
#include "searcher/match/highlight.h"

#include <string.h>

struct source_path {
    struct source_path *next;
    uint64_t source;
    const char *path;
};

/* A passage as its segment has it. */
struct stored_passage {
    const struct segment *segment;
    struct article_record record;
    struct passage passage;
    uint32_t number; /* in its article, from 0 */
};

static lede_status find_passage(struct stored_passage *out, const struct lede_results *r, uint64_t ordinal,
                                lede_error *err) {
    const struct snapshot_segment *s = snapshot_segment_of(r->index->snapshot, ordinal);
    if (!s)
        return error_set(err, LEDE_INVALID, "%s: no passage %llu", r->index->snapshot->path,
                         (unsigned long long)ordinal);
    out->segment = s->segment;
    return segment_passage(s->segment, (uint32_t)(ordinal - s->base), &out->record, &out->passage, &out->number, err);
}

/* From an engine. */
static lede_status ask_key(const char **key, size_t *key_len, lede_results *r, uint64_t ordinal, lede_error *err) {
    const struct engine_hit hit = {.ordinal = ordinal};
    struct engine_reader *reader = r->index->reader;
    lede_passage_view view;
    lede_status status = reader->engine->passage(&view, reader, &hit, &r->arena, err);
    if (status == LEDE_OK) {
        *key = view.article.key;
        *key_len = view.article.key_len;
    }
    return status;
}

/* The key of hit i, which is in the view of it. */
static lede_status take_viewed_key(struct key *k, lede_results *r, size_t i, lede_error *err) {
    const lede_passage_view *view;
    lede_status status = lede_results_passage(&view, r, i, err);
    if (status == LEDE_OK)
        *k = (struct key){view->article.key, view->article.key_len};
    return status;
}

lede_status lede_results_key_at(const char **key, size_t *key_len, lede_results *r, uint64_t ordinal, lede_error *err) {
    struct stored_passage found;
    *key = NULL;
    *key_len = 0;
    if (r->index->reader)
        return ask_key(key, key_len, r, ordinal, err);
    lede_status status = find_passage(&found, r, ordinal, err);
    if (status != LEDE_OK)
        return status;
    *key = arena_strndup(&r->arena, found.record.meta.key, found.record.meta.key_len);
    if (!*key)
        return error_nomem(err);
    *key_len = found.record.meta.key_len;
    return LEDE_OK;
}

lede_status lede_results_key(const char **key, size_t *key_len, lede_results *r, size_t i, lede_error *err) {
    lede_status status = LEDE_OK;
    *key = NULL;
    *key_len = 0;
    if (i >= r->count)
        return error_set(err, LEDE_INVALID, "no hit %zu: there are %zu", i, r->count);
    struct key *k = &r->keys[i];
    if (!k->bytes && r->index->reader)
        status = take_viewed_key(k, r, i, err);
    else if (!k->bytes)
        status = lede_results_key_at(&k->bytes, &k->len, r, r->hits[i].passage, err);
    *key = k->bytes;
    *key_len = k->len;
    return status;
}

/* Copies the hit to the end of the results. */
static bool take_hit(struct lede_results *r, const struct ranked *hit) {
    static const uint64_t none = 0;
    uint64_t *copies = NULL;
    if (hit->copy_count) {
        copies = arena_alloc(&r->arena, hit->copy_count * sizeof *copies);
        if (!copies)
            return false;
        memcpy(copies, hit->copies, hit->copy_count * sizeof *copies);
    }
    r->hits[r->count] = (lede_hit){hit->score, hit->passage, hit->copy_count};
    r->ranked[r->count] = *hit;
    r->ranked[r->count].copies = copies ? copies : &none;
    return true;
}

lede_status results_new(struct lede_results **out, const struct lede_index *index, const struct lede_query *query,
                        const struct found *found, lede_error *err) {
    size_t count = found->count;
    struct arena arena = ARENA_EMPTY;
    struct lede_results *r = arena_zalloc(&arena, 1, sizeof *r);
    *out = NULL;
    if (r) {
        r->hits = arena_alloc(&arena, (count + 1) * sizeof *r->hits);
        r->ranked = arena_alloc(&arena, (count + 1) * sizeof *r->ranked);
        r->keys = arena_zalloc(&arena, count + 1, sizeof *r->keys);
        r->views = arena_zalloc(&arena, count + 1, sizeof *r->views);
    }
    if (!r || !r->hits || !r->ranked || !r->keys || !r->views) {
        arena_release(&arena);
        return error_nomem(err);
    }
    r->arena = arena;
    r->texts = TEXT_READER_EMPTY;
    r->index = index;
    r->query = query;
    r->total = found->total;
    r->exact = found->exact;
    r->complete = found->complete;
    r->k1 = found->options->k1;
    r->b = found->options->b;
    *out = r;
    for (; r->count < count; r->count++)
        if (!take_hit(r, &found->hits[r->count]))
            break;
    if (r->count == count)
        return LEDE_OK;
    lede_results_free(r);
    *out = NULL;
    return error_nomem(err);
}

void lede_results_free(lede_results *results) {
    if (results) {
        analyzer_free(results->analyzer);
        text_reader_release(&results->texts);
        arena_release(&results->engine_arena);
        lede_query_free(results->guarded);
        /* The results lie in their own arena. */
        struct arena arena = results->arena;
        arena_release(&arena);
    }
}

size_t lede_results_count(const lede_results *results) {
    return results->count;
}

bool lede_results_complete(const lede_results *results) {
    return results->complete;
}

uint64_t lede_results_total(const lede_results *results, bool *exact) {
    if (exact)
        *exact = results->exact;
    return results->total;
}

const char *lede_results_missing(const lede_results *results) {
    return results->from_engine.missing;
}

const lede_hit *lede_results_hit(const lede_results *results, size_t i) {
    return i < results->count ? &results->hits[i] : NULL;
}

const uint64_t *lede_results_copies(const lede_results *results, size_t i) {
    return i < results->count ? results->ranked[i].copies : NULL;
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

static lede_status light(struct highlight *h, struct lede_results *r, const struct field_text *text, lede_error *err) {
    lede_status status = r->analyzer ? LEDE_OK : analyzer_new(&r->analyzer, r->index->snapshot->language, err);
    if (status == LEDE_OK)
        status = highlight_text(h, &r->arena, r->analyzer, r->query, text, err);
    return status;
}

static lede_status light_view(struct lede_results *r, lede_passage_view *view, lede_error *err) {
    const lede_article *a = &view->article;
    struct highlight text = {0}, title = {0}, heading = {0};
    lede_status status = light(&text, r, &(struct field_text){FIELD_BODY, view->text, view->text_len}, err);
    if (status == LEDE_OK)
        status = light(&title, r, &(struct field_text){FIELD_TITLE, a->title, a->title_len}, err);
    if (status == LEDE_OK)
        status = light(&heading, r, &(struct field_text){FIELD_HEADING, view->heading, view->heading_len}, err);
    view->spans = text.spans;
    view->span_count = text.count;
    view->title_spans = title.spans;
    view->title_span_count = title.count;
    view->heading_spans = heading.spans;
    view->heading_span_count = heading.count;
    return status;
}

static lede_status take_texts(struct lede_results *r, const struct stored_passage *found, lede_passage_view *view,
                              lede_error *err) {
    const struct article_record *record = &found->record;
    const struct passage *passage = &found->passage;
    lede_status status;
    view->heading = view->text = "";
    if (r->index->snapshot->omit_text)
        return LEDE_OK;
    view->heading_len = passage->heading_len;
    view->text_len = passage->len;
    text_reader_use(&r->texts, found->segment);
    status =
        record_text(&view->heading, &r->arena, &r->texts, record, passage->heading_start, passage->heading_len, err);
    if (status == LEDE_OK)
        status = record_text(&view->text, &r->arena, &r->texts, record, passage->start, passage->len, err);
    return status;
}

/* From a segment. */
static lede_status find_view(struct lede_results *r, uint64_t ordinal, lede_passage_view *view, lede_error *err) {
    struct stored_passage found;
    lede_status status = find_passage(&found, r, ordinal, err);
    if (status != LEDE_OK)
        return status;
    view->passage = ordinal;
    view->number = found.number + 1;
    view->line = found.passage.line;
    status = record_copy(&view->article, &r->arena, &found.record, err);
    if (status == LEDE_OK)
        status = take_path(r, found.record.source, &view->article.path, err);
    if (status == LEDE_OK)
        status = take_texts(r, &found, view, err);
    return status;
}

static lede_status take_view(struct lede_results *r, const struct engine_hit *hit, lede_passage_view *view,
                             lede_error *err) {
    struct engine_reader *reader = r->index->reader;
    lede_status status =
        reader ? reader->engine->passage(view, reader, hit, &r->arena, err) : find_view(r, hit->ordinal, view, err);
    if (status == LEDE_OK)
        status = light_view(r, view, err);
    return status;
}

static lede_status new_view(const lede_passage_view **out, struct lede_results *r, const struct engine_hit *hit,
                            lede_error *err) {
    lede_passage_view *view = arena_zalloc(&r->arena, 1, sizeof *view);
    *out = NULL;
    lede_status status = view ? take_view(r, hit, view, err) : error_nomem(err);
    if (status == LEDE_OK)
        *out = view;
    return status;
}

lede_status lede_results_passage_at(const lede_passage_view **out, lede_results *results, uint64_t passage,
                                    lede_error *err) {
    const struct engine_hit hit = {.ordinal = passage};
    return new_view(out, results, &hit, err);
}

lede_status lede_results_passage(const lede_passage_view **out, lede_results *results, size_t i, lede_error *err) {
    lede_status status = LEDE_OK;
    *out = NULL;
    if (i >= results->count)
        return error_set(err, LEDE_INVALID, "no hit %zu: there are %zu", i, results->count);
    const struct engine_hit hit = {.ordinal = results->hits[i].passage}, *given = results->from_engine.hits;
    if (!results->views[i])
        status = new_view(&results->views[i], results, given ? &given[i] : &hit, err);
    *out = results->views[i];
    return status;
}
