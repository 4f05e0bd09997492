#include "json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/common/options.h"
#include "cli/common/text.h"
#include "display.h"

/* An object that is being put together. As with a buffer the error is sticky: jansson's setters take NULL for a
 * value that could not be made, and fail. */
struct object {
    json_t *json;
    bool failed;
};

static void put(struct object *o, const char *name, json_t *value) {
    if (json_object_set_new(o->json, name, value))
        o->failed = true;
}

/* An empty array, to be filled afterwards; NULL, which takes nothing, if it could not be put. */
static json_t *put_array(struct object *o, const char *name) {
    put(o, name, json_array());
    return json_object_get(o->json, name);
}

static void put_string(struct object *o, const char *name, const char *text, size_t len) {
    size_t n = 0;
    char *valid = text_repair(text ? text : "", text ? len : 0, &n);
    put(o, name, valid ? json_stringn(valid, n) : NULL);
    free(valid);
}

static void put_text(struct object *o, const char *name, const char *text) {
    put_string(o, name, text, text ? strlen(text) : 0);
}

/* An empty text is null. */
static void put_optional(struct object *o, const char *name, const char *text, size_t len) {
    if (len)
        put_string(o, name, text, len);
    else
        put(o, name, json_null());
}

static void put_integer(struct object *o, const char *name, uint64_t number) {
    put(o, name, json_integer((json_int_t)number));
}

/* [[start,end],...] in characters, counted in one pass: the spans are in order. */
static json_t *make_spans(const char *text, size_t len, const lede_span *spans, size_t count) {
    json_t *array = json_array();
    size_t at = 0, characters = 0;
    json_int_t start = 0;
    for (size_t i = 0; i < 2 * count; i++) {
        size_t target = i % 2 ? spans[i / 2].end : spans[i / 2].start;
        for (; at < target && at < len; characters++)
            text_next(text, len, &at);
        if (i % 2 == 0)
            start = (json_int_t)characters;
        else if (json_array_append_new(array, json_pack("[II]", start, (json_int_t)characters))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static void put_date(struct object *o, lede_date date) {
    char text[16];
    date_format(text, date);
    put_optional(o, "date", text, strlen(text));
}

static void put_article(struct object *o, const lede_article *article) {
    put_string(o, "key", article->key, article->key_len);
    put_optional(o, "title", article->title, article->title_len);
    put_date(o, article->date);
    put_optional(o, "byline", article->byline, article->byline_len);
    put_optional(o, "dateline", article->dateline, article->dateline_len);
    put_optional(o, "credit", article->credit, article->credit_len);
    put_optional(o, "path", article->path, article->path ? strlen(article->path) : 0);
}

/* Passage, place and what is lit. */
static void put_passage(struct object *o, const lede_passage_view *view) {
    put_integer(o, "line", view->line);
    put_optional(o, "heading", view->heading, view->heading_len);
    put_integer(o, "passage", view->number);
    put_string(o, "text", view->text, view->text_len);
    put(o, "spans", make_spans(view->text, view->text_len, view->spans, view->span_count));
    put(o, "heading_spans",
        make_spans(view->heading, view->heading_len, view->heading_spans, view->heading_span_count));
}

static void append(struct object *o, json_t *array, json_t *value) {
    if (json_array_append_new(array, value))
        o->failed = true;
}

/* The object, which is not to be used on; NULL if it could not be made. */
static json_t *finish(struct object *o) {
    if (!o->failed)
        return o->json;
    json_decref(o->json);
    return NULL;
}

static json_t *make_part(const lede_score_part *parts, size_t count, size_t *at) {
    const lede_score_part *p = &parts[(*at)++];
    struct object o = {json_object(), false};
    put_text(&o, "name", p->name);
    put(&o, "value", json_real(p->value));
    if (p->kind == LEDE_PART_WORD) {
        put(&o, "weight", json_real(p->weight));
        put_integer(&o, "frequency", p->frequency);
        put(&o, "norm", json_real(p->norm));
        put_integer(&o, "length", p->length);
        put_integer(&o, "passages", p->doc_freq);
    } else if (*at < count && parts[*at].depth > p->depth) {
        json_t *children = put_array(&o, "parts");
        while (*at < count && parts[*at].depth > p->depth)
            append(&o, children, make_part(parts, count, at));
    }
    return finish(&o);
}

static lede_status put_explanation(struct object *o, lede_results *results, size_t i, lede_error *err) {
    const lede_score_part *parts;
    size_t count, at = 0;
    lede_status status = lede_results_explain(&parts, &count, results, i, err);
    if (status == LEDE_OK)
        put(o, "explanation", make_part(parts, count, &at));
    return status;
}

/* Passages [first, end) of the snapshot, as an array. */
static lede_status put_context(struct object *o, const char *name, lede_results *results, uint64_t first, uint64_t end,
                               lede_error *err) {
    json_t *array = put_array(o, name);
    for (uint64_t p = first; p < end; p++) {
        const lede_passage_view *view;
        struct object passage = {json_object(), false};
        lede_status status = lede_results_passage_at(&view, results, p, err);
        if (status == LEDE_OK)
            put_passage(&passage, view);
        append(o, array, finish(&passage));
        if (status)
            return status;
    }
    return LEDE_OK;
}

static lede_status put_contexts(struct object *o, lede_results *results, const lede_passage_view *view, size_t most,
                                lede_error *err) {
    uint64_t before = view->number - 1, behind = view->article.passages - view->number;
    before = before < most ? before : most;
    behind = behind < most ? behind : most;
    lede_status status = put_context(o, "before", results, view->passage - before, view->passage, err);
    if (status == LEDE_OK)
        status = put_context(o, "after", results, view->passage + 1, view->passage + 1 + behind, err);
    return status;
}

static lede_status put_more(struct object *o, lede_results *results, size_t i, size_t most, lede_error *err) {
    const lede_hit *more;
    size_t count;
    json_t *array = put_array(o, "more");
    lede_status status = lede_results_more(&more, &count, results, i, most, err);
    for (size_t n = 0; n < count && status == LEDE_OK; n++) {
        const lede_passage_view *view;
        struct object passage = {json_object(), false};
        status = lede_results_passage_at(&view, results, more[n].passage, err);
        put(&passage, "score", json_real(more[n].score));
        if (status == LEDE_OK)
            put_passage(&passage, view);
        append(o, array, finish(&passage));
    }
    return status;
}

static lede_status put_copies(struct object *o, lede_results *results, size_t i, lede_error *err) {
    const uint64_t *copies = lede_results_copies(results, i);
    json_t *array = put_array(o, "copies");
    for (size_t n = 0; n < lede_results_hit(results, i)->copies; n++) {
        const char *key;
        size_t len, valid_len;
        lede_status status = lede_results_key_at(&key, &len, results, copies[n], err);
        if (status)
            return status;
        char *valid = text_repair(key, len, &valid_len);
        append(o, array, valid ? json_stringn(valid, valid_len) : NULL);
        free(valid);
    }
    return LEDE_OK;
}

static lede_status put_hit(struct object *hit, const struct search *search, const struct detail *detail, size_t i,
                           lede_error *err) {
    const lede_passage_view *view;
    lede_status status = lede_results_passage(&view, search->results, i, err);
    if (status)
        return status;
    put_integer(hit, "rank", search->offset + i + 1);
    put(hit, "score", json_real(lede_results_hit(search->results, i)->score));
    put_article(hit, &view->article);
    put_integer(hit, "passages", view->article.passages);
    put(hit, "title_spans",
        make_spans(view->article.title, view->article.title_len, view->title_spans, view->title_span_count));
    put_passage(hit, view);
    status = put_copies(hit, search->results, i, err);
    if (status == LEDE_OK && detail->explain)
        status = put_explanation(hit, search->results, i, err);
    if (status == LEDE_OK && detail->context)
        status = put_contexts(hit, search->results, view, detail->context, err);
    if (status == LEDE_OK && detail->passages)
        status = put_more(hit, search->results, i, detail->passages, err);
    return status;
}

static lede_status put_hits(struct object *o, const struct search *search, const struct detail *detail,
                            lede_error *err) {
    size_t count = detail->no_hits ? 0 : lede_results_count(search->results);
    json_t *hits = put_array(o, "hits");
    for (size_t i = 0; i < count; i++) {
        struct object hit = {json_object(), false};
        lede_status status = put_hit(&hit, search, detail, i, err);
        append(o, hits, finish(&hit));
        if (status)
            return status;
    }
    return LEDE_OK;
}

/* Writes the object on a line of its own, and frees it. */
static lede_status print(FILE *out, struct object *o, lede_error *err) {
    char *line = o->failed ? NULL : json_dumps(o->json, JSON_COMPACT);
    json_decref(o->json);
    if (!line)
        return error_write(err, LEDE_NOMEM, "out of memory");
    fprintf(out, "%s\n", line);
    free(line);
    return LEDE_OK;
}

static struct object start(void) {
    struct object o = {json_object(), false};
    put_integer(&o, "version", JSON_VERSION);
    return o;
}

static lede_status put_suggestion(struct object *o, const struct search *search, lede_error *err) {
    char *suggestion = NULL;
    lede_status status = lede_index_suggest(&suggestion, search->index, search->query, err);
    put_optional(o, "suggestion", suggestion, suggestion ? strlen(suggestion) : 0);
    free(suggestion);
    return status;
}

/* {"month": [{"value": "2025-04", "passages": 33, "articles": 7}, ...], ...} */
static lede_status put_facets(struct object *o, const struct search *search, const struct detail *detail,
                              lede_error *err) {
    struct object facets = {json_object(), false};
    for (size_t i = 0; i < detail->facets.count; i++) {
        const struct facet_name *name = detail->facets.names[i];
        const lede_facet_options options = {.facet = name->facet, .limit = detail->facets.limit};
        lede_facets *found = NULL;
        json_t *array = put_array(&facets, name->name);
        lede_status status = lede_index_facets(&found, search->index, search->query, &options, err);
        for (size_t n = 0; status == LEDE_OK && n < lede_facets_count(found); n++) {
            const lede_facet_value *v = lede_facets_value(found, n);
            struct object value = {json_object(), false};
            put_optional(&value, "value", v->value, v->len);
            put_integer(&value, "passages", v->passages);
            put_integer(&value, "articles", v->articles);
            append(&facets, array, finish(&value));
        }
        lede_facets_free(found);
        if (status) {
            json_decref(facets.json);
            return status;
        }
    }
    put(o, "facets", finish(&facets));
    return LEDE_OK;
}

lede_status json_print_search(FILE *out, const struct search *search, const struct detail *detail,
                              const struct query_id *id, lede_error *err) {
    struct object o = start();
    bool exact;
    uint64_t total = lede_results_total(search->results, &exact);
    const char *note = lede_query_note(search->query), *missing = lede_results_missing(search->results);
    if (id && id->id)
        put_string(&o, "qid", id->id, id->len);
    put_text(&o, "query", lede_query_text(search->query));
    put_optional(&o, "note", note, note ? strlen(note) : 0);
    if (missing)
        put_text(&o, "missing", missing);
    put_integer(&o, "total", total);
    put(&o, "exact", json_boolean(exact));
    if (!lede_results_complete(search->results))
        put(&o, "complete", json_false());
    put(&o, "seconds", json_real(search->seconds));
    lede_status status = put_suggestion(&o, search, err);
    if (status == LEDE_OK && detail->facets.count)
        status = put_facets(&o, search, detail, err);
    if (status == LEDE_OK)
        status = put_hits(&o, search, detail, err);
    if (status) {
        json_decref(o.json);
        return status;
    }
    return print(out, &o, err);
}

static void put_counts(struct object *o, uint64_t passages, uint64_t articles) {
    put_integer(o, "passages", passages);
    put_integer(o, "articles", articles);
}

static void put_query(struct object *o, const lede_query *query) {
    const char *note = lede_query_note(query);
    put_text(o, "query", lede_query_text(query));
    put_optional(o, "note", note, note ? strlen(note) : 0);
}

static json_t *make_bin(const struct timeline_bin *bin) {
    struct object o = {json_object(), false};
    put_date(&o, bin->date);
    put_counts(&o, bin->passages, bin->articles);
    return finish(&o);
}

lede_status json_print_timeline(FILE *out, const lede_query *query, const struct timeline *timeline, lede_error *err) {
    static const char *const units[] = {"day", "month", "year"};
    struct object o = start();
    put_query(&o, query);
    put_text(&o, "by", units[timeline->unit]);
    put_counts(&o, timeline->passages, timeline->articles);
    json_t *bins = put_array(&o, "bins");
    for (size_t i = 0; i < timeline->count; i++)
        append(&o, bins, make_bin(&timeline->bins[i]));
    put(&o, "undated", make_bin(&timeline->undated));
    return print(out, &o, err);
}

lede_status json_print_terms(FILE *out, const lede_query *query, const struct telling_words *words, lede_error *err) {
    struct object o = start();
    put_query(&o, query);
    put_integer(&o, "hits", words->hits);
    json_t *array = put_array(&o, "words");
    for (size_t i = 0; i < words->count; i++) {
        const lede_telling_word *w = &words->words[i];
        struct object word = {json_object(), false};
        put_string(&word, "word", w->word, w->len);
        put(&word, "weight", json_real(w->weight));
        put_integer(&word, "hits", w->hits);
        put_integer(&word, "passages", w->passages);
        append(&o, array, finish(&word));
    }
    return print(out, &o, err);
}

static json_t *make_bytes(const lede_stats *s) {
    struct object o = {json_object(), false};
    put_integer(&o, "total", s->bytes_total);
    put_integer(&o, "terms", s->bytes_terms);
    put_integer(&o, "postings", s->bytes_postings);
    put_integer(&o, "positions", s->bytes_positions);
    put_integer(&o, "lengths", s->bytes_lengths);
    put_integer(&o, "words", s->bytes_words);
    put_integer(&o, "articles", s->bytes_articles);
    put_integer(&o, "keys", s->bytes_keys);
    put_integer(&o, "text", s->bytes_text);
    put_integer(&o, "catalogue", s->bytes_catalogue);
    put_integer(&o, "other", s->bytes_other);
    return finish(&o);
}

static json_t *make_node(const lede_query_node *n) {
    struct object o = {json_object(), false};
    put_text(&o, "kind", n->kind);
    put_optional(&o, "occur", n->occur, strlen(n->occur));
    put_optional(&o, "field", n->field, strlen(n->field));
    put_optional(&o, "text", n->text, strlen(n->text));
    put_optional(&o, "term", n->term, strlen(n->term));
    put(&o, "weight", json_real(n->weight));
    put(&o, "number", n->number ? json_integer(n->number) : json_null());
    put_integer(&o, "offset", n->offset);
    json_t *children = put_array(&o, "children");
    for (const lede_query_node *c = n->first; c; c = c->next)
        append(&o, children, make_node(c));
    return finish(&o);
}

lede_status json_print_query(FILE *out, const lede_query *query, lede_error *err) {
    struct object o = start();
    const char *note = lede_query_note(query);
    put_text(&o, "query", lede_query_text(query));
    put_optional(&o, "note", note, note ? strlen(note) : 0);
    put(&o, "tree", make_node(lede_query_root(query)));
    return print(out, &o, err);
}

lede_status json_print_stats(FILE *out, const char *path, const lede_stats *s, lede_error *err) {
    static const char *const modes[] = {"auto", "cut", "whole"};
    struct object o = start();
    put_text(&o, "index", path);
    put_integer(&o, "articles", s->articles);
    put_integer(&o, "passages", s->passages);
    put_integer(&o, "deleted_passages", s->deleted_passages);
    put_integer(&o, "files", s->sources);
    put_integer(&o, "segments", s->segments);
    if (s->shards)
        put_integer(&o, "shards", s->shards);
    put_integer(&o, "terms", s->terms);
    put_integer(&o, "words", s->words);
    put_integer(&o, "postings", s->postings);
    put_integer(&o, "positions", s->positions);
    put(&o, "average_length", json_real(s->average_length));
    put_text(&o, "language", s->language);
    put_text(&o, "passages_mode", modes[s->passages_mode]);
    put(&o, "has_text", json_boolean(s->has_text));
    put_integer(&o, "commit", s->commit);
    put(&o, "bytes", make_bytes(s));
    return print(out, &o, err);
}

lede_status json_print_index(FILE *out, const struct index_summary *summary, lede_error *err) {
    const lede_commit_info *info = &summary->info;
    struct object o = start();
    put_text(&o, "index", summary->path);
    put_integer(&o, "articles_added", info->articles_added);
    put_integer(&o, "articles_updated", info->articles_updated);
    put_integer(&o, "articles_superseded", info->articles_superseded);
    put_integer(&o, "articles_deleted", info->articles_deleted);
    put_integer(&o, "passages_added", info->passages_added);
    put_integer(&o, "files_indexed", info->files_indexed);
    put_integer(&o, "files_unchanged", info->files_unchanged);
    put_integer(&o, "files_vanished", info->files_vanished);
    put_integer(&o, "files_skipped", info->files_skipped);
    put_integer(&o, "files_passed_over", info->files_passed_over);
    put_integer(&o, "records_skipped", info->records_skipped);
    put_integer(&o, "bytes_replaced", info->bytes_replaced);
    put_integer(&o, "bytes_read", info->bytes_read);
    put(&o, "seconds", json_real(summary->seconds));
    put(&o, "interrupted", json_boolean(summary->interrupted));
    return print(out, &o, err);
}

static void put_strings(struct object *o, const char *name, char *const *texts, size_t count) {
    json_t *array = put_array(o, name);
    for (size_t i = 0; i < count; i++) {
        size_t len = 0;
        char *valid = text_repair(texts[i], strlen(texts[i]), &len);
        append(o, array, valid ? json_stringn(valid, len) : NULL);
        free(valid);
    }
}

lede_status json_print_check(FILE *out, const char *path, char *const *faults, size_t count, lede_error *err) {
    struct object o = start();
    put_text(&o, "index", path);
    put(&o, "sound", json_boolean(count == 0));
    put_strings(&o, "faults", faults, count);
    return print(out, &o, err);
}

lede_status json_print_delete(FILE *out, uint64_t deleted, char *const *missing, size_t count, lede_error *err) {
    struct object o = start();
    put_integer(&o, "articles_deleted", deleted);
    put_strings(&o, "missing", missing, count);
    return print(out, &o, err);
}

lede_status json_print_optimize(FILE *out, const char *path, uint64_t before, uint64_t after, double seconds,
                                lede_error *err) {
    struct object o = start();
    put_text(&o, "index", path);
    put_integer(&o, "bytes_before", before);
    put_integer(&o, "bytes_after", after);
    put(&o, "seconds", json_real(seconds));
    return print(out, &o, err);
}
