/* How the passages that match spread over values of their articles: all of them are run through, none is scored. */
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/index/index.h"
#include "core/segment/articles.h"
#include "searcher/cursors/cursor.h"
#include "searcher/plan/plan.h"
#include "searcher/ranges/range_term.h"
#include "spellings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lede_facets {
    struct arena arena;
    lede_facet_value *values;
    size_t count, distinct;
    uint64_t passages, articles;
};

struct counter {
    const struct plan *plan;
    const lede_facet_options *options;
    struct arena *arena;  /* of the values */
    struct buffer values; /* lede_facet_value each */
    uint32_t *slots;      /* open addressing by hash of the value: number + 1 */
    size_t slot_count;
    uint64_t passages, articles;
    struct article_cursor *cursor; /* of the segment that is run through */
    /* The source read last. */
    uint64_t source;
    char *path;
};

/* -------------------------------------------------------------------------------------- table -- */

static lede_facet_value *value_at(const struct counter *c, size_t i) {
    return (lede_facet_value *)(void *)c->values.data + i;
}

static size_t value_count(const struct counter *c) {
    return c->values.len / sizeof(lede_facet_value);
}

/* The slot that has the value, or the free one where it belongs. */
static uint32_t *slot_of(const struct counter *c, const char *value, size_t len) {
    size_t i = (size_t)file_checksum(value, len) % c->slot_count;
    for (; c->slots[i]; i = (i + 1) % c->slot_count) {
        const lede_facet_value *v = value_at(c, c->slots[i] - 1);
        if (v->len == len && memcmp(v->value, value, len) == 0)
            break;
    }
    return &c->slots[i];
}

/* At most half of the slots are taken. */
static bool make_room(struct counter *c) {
    if (c->slots && value_count(c) < c->slot_count / 2)
        return true;
    size_t slot_count = c->slot_count ? c->slot_count * 2 : 256;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (!slots)
        return false;
    free(c->slots);
    c->slots = slots;
    c->slot_count = slot_count;
    for (size_t i = 0; i < value_count(c); i++)
        *slot_of(c, value_at(c, i)->value, value_at(c, i)->len) = (uint32_t)i + 1;
    return true;
}

static lede_status add(struct counter *c, const char *value, size_t len, uint64_t passages, lede_error *err) {
    if (!make_room(c))
        return error_nomem(err);
    uint32_t *slot = slot_of(c, value, len);
    if (!*slot) {
        const lede_facet_value new = {.value = arena_strndup(c->arena, value, len), .len = len};
        buffer_append(&c->values, &new, sizeof new);
        if (!new.value || c->values.failed)
            return error_nomem(err);
        *slot = (uint32_t)value_count(c);
    }
    value_at(c, *slot - 1)->passages += passages;
    value_at(c, *slot - 1)->articles++;
    c->passages += passages;
    c->articles++;
    return LEDE_OK;
}

/* ------------------------------------------------------------------------------------- values -- */

/* A date, as far as `digits` of YYYYMMDD go and it is known; empty if even the year is not. */
static size_t write_date(char *out, lede_date date, unsigned digits) {
    unsigned year = date / 10000, month = date / 100 % 100, day = date % 100;
    if (date == 0)
        return 0;
    if (digits == 4 || month == 0)
        return (size_t)sprintf(out, "%04u", year % 1000000);
    if (digits == 6 || day == 0)
        return (size_t)sprintf(out, "%04u-%02u", year % 1000000, month);
    return (size_t)sprintf(out, "%04u-%02u-%02u", year % 1000000, month, day);
}

static lede_status add_date(struct counter *c, lede_date date, unsigned digits, uint64_t passages, lede_error *err) {
    char text[16];
    return add(c, text, write_date(text, date, digits), passages, err);
}

/* The file, or the folder it is in. */
static lede_status add_path(struct counter *c, const char *path, uint64_t passages, lede_error *err) {
    const char *slash = strrchr(path, '/');
    size_t len = strlen(path);
    if (c->options->facet == LEDE_FACET_FOLDER)
        len = slash ? (size_t)(slash - path) + (slash == path) : 0;
    return add(c, path, len, passages, err);
}

static lede_status add_source(struct counter *c, uint64_t source, uint64_t passages, lede_error *err) {
    if (!c->path || source != c->source) {
        free(c->path);
        c->path = NULL;
        lede_status status = snapshot_source_path(c->plan->snapshot, source, &c->path, err);
        if (status != LEDE_OK)
            return status;
        c->source = source;
    }
    return add_path(c, c->path, passages, err);
}

static lede_status add_article(struct counter *c, const struct segment *s, uint32_t article, uint64_t passages,
                               lede_error *err) {
    switch (c->options->facet) {
    case LEDE_FACET_YEAR: return add_date(c, segment_date(s, article), 4, passages, err);
    case LEDE_FACET_MONTH: return add_date(c, segment_date(s, article), 6, passages, err);
    case LEDE_FACET_DAY: return add_date(c, segment_date(s, article), 8, passages, err);
    default: break;
    }
    lede_status status = article_cursor_seek(c->cursor, article, err);
    if (status != LEDE_OK)
        return status;
    const lede_article *a = &c->cursor->record.meta;
    switch (c->options->facet) {
    case LEDE_FACET_BYLINE: return add(c, a->byline, a->byline_len, passages, err);
    case LEDE_FACET_DATELINE: return add(c, a->dateline, a->dateline_len, passages, err);
    case LEDE_FACET_CREDIT: return add(c, a->credit, a->credit_len, passages, err);
    case LEDE_FACET_SOURCE:
    case LEDE_FACET_FOLDER: return add_source(c, c->cursor->record.source, passages, err);
    default: break;
    }
    return error_set(err, LEDE_INVALID, "no facet %d", (int)c->options->facet);
}

/* The matches of a segment: the passages of an article stand together. */
static lede_status run_through(struct counter *c, struct cursor *root, const struct snapshot_segment *s,
                               lede_error *err) {
    lede_status status = LEDE_OK;
    uint64_t passages = 0;
    uint32_t article = 0;
    for (uint32_t d = root->doc; d != DOC_END && status == LEDE_OK; d = cursor_next(root)) {
        if (!plan_accepts(c->plan, s, d) || !cursor_confirm(root))
            continue;
        uint32_t other = segment_article_of(s->segment, d);
        if (passages && other != article) {
            status = add_article(c, s->segment, article, passages, err);
            passages = 0;
        }
        article = other;
        passages++;
    }
    if (status == LEDE_OK && passages)
        status = add_article(c, s->segment, article, passages, err);
    return status == LEDE_OK ? range_error(cursor_finish(root), segment_path(s->segment), err) : status;
}

static lede_status count_all(struct counter *c, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < c->plan->snapshot->segment_count && status == LEDE_OK; i++) {
        struct arena arena = ARENA_EMPTY;
        struct cursor *root = NULL;
        article_cursor_init(c->cursor, c->plan->snapshot->segments[i].segment);
        status = plan_segment(c->plan, i, &arena, &root, err);
        if (status == LEDE_OK && root)
            status = run_through(c, root, &c->plan->snapshot->segments[i], err);
        cursor_release(root);
        arena_release(&arena);
    }
    return status;
}

/* An engine's. */
static lede_status take_article(void *ctx, const struct engine_article *a, lede_error *err) {
    struct counter *c = ctx;
    switch (c->options->facet) {
    case LEDE_FACET_YEAR: return add_date(c, a->date, 4, a->passages, err);
    case LEDE_FACET_MONTH: return add_date(c, a->date, 6, a->passages, err);
    case LEDE_FACET_DAY: return add_date(c, a->date, 8, a->passages, err);
    case LEDE_FACET_BYLINE: return add(c, a->byline, strlen(a->byline), a->passages, err);
    case LEDE_FACET_DATELINE: return add(c, a->dateline, strlen(a->dateline), a->passages, err);
    case LEDE_FACET_CREDIT: return add(c, a->credit, strlen(a->credit), a->passages, err);
    case LEDE_FACET_SOURCE:
    case LEDE_FACET_FOLDER: return add_path(c, a->path, a->passages, err);
    }
    return error_set(err, LEDE_INVALID, "no facet %d", (int)c->options->facet);
}

static lede_status count_segments(struct counter *c, const struct lede_query *query, const struct snapshot *snapshot,
                                  lede_error *err) {
    struct plan plan;
    c->plan = &plan;
    lede_status status = plan_init(&plan, query, snapshot, &(struct plan_options){0}, err);
    c->cursor = malloc(sizeof *c->cursor);
    if (status == LEDE_OK)
        status = c->cursor ? count_all(c, err) : error_nomem(err);
    free(c->cursor);
    plan_release(&plan);
    return status;
}

/* ------------------------------------------------------------------------------------- result -- */

static int compare_values(const void *a, const void *b) {
    const lede_facet_value *x = a, *y = b;
    int order = memcmp(x->value, y->value, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static int compare_counts(const void *a, const void *b) {
    const lede_facet_value *x = a, *y = b;
    if (x->passages != y->passages)
        return x->passages > y->passages ? -1 : 1;
    return compare_values(a, b);
}

/* Names come as their writers typed them; paths and dates don't. */
static bool is_name(lede_facet facet) {
    return facet == LEDE_FACET_BYLINE || facet == LEDE_FACET_DATELINE || facet == LEDE_FACET_CREDIT;
}

static lede_status take(struct lede_facets *f, struct counter *c, lede_error *err) {
    size_t count = value_count(c);
    lede_status status = LEDE_OK;
    if (is_name(c->options->facet) && count > 1)
        status = spellings_merge(value_at(c, 0), &count, &f->arena, err);
    if (status)
        return status;
    f->values = arena_zalloc(&f->arena, count + 1, sizeof *f->values);
    if (!f->values)
        return error_nomem(err);
    if (count) {
        memcpy(f->values, c->values.data, count * sizeof *f->values);
        qsort(f->values, count, sizeof *f->values, c->options->by_value ? compare_values : compare_counts);
    }
    f->distinct = count;
    f->count = c->options->limit && c->options->limit < count ? c->options->limit : count;
    f->passages = c->passages;
    f->articles = c->articles;
    return LEDE_OK;
}

lede_status lede_index_facets(lede_facets **out, const lede_index *index, const lede_query *query,
                              const lede_facet_options *options, lede_error *err) {
    const lede_facet_options defaults = {0};
    struct engine_reader *reader = index->reader;
    *out = NULL;
    struct lede_facets *f = calloc(1, sizeof *f);
    if (!f)
        return error_nomem(err);
    struct counter c = {.options = options ? options : &defaults, .arena = &f->arena, .values = BUFFER_EMPTY};
    lede_status status = reader ? reader->engine->articles(reader, query, take_article, &c, err)
                                : count_segments(&c, query, index->snapshot, err);
    if (status == LEDE_OK)
        status = take(f, &c, err);
    if (status == LEDE_OK)
        *out = f;
    else
        lede_facets_free(f);
    buffer_release(&c.values);
    free(c.slots);
    free(c.path);
    return status;
}

void lede_facets_free(lede_facets *facets) {
    if (facets) {
        arena_release(&facets->arena);
        free(facets);
    }
}

size_t lede_facets_count(const lede_facets *facets) {
    return facets->count;
}

const lede_facet_value *lede_facets_value(const lede_facets *facets, size_t i) {
    return i < facets->count ? &facets->values[i] : NULL;
}

lede_facet_value lede_facets_total(const lede_facets *facets, size_t *distinct) {
    if (distinct)
        *distinct = facets->distinct;
    return (lede_facet_value){"", 0, facets->passages, facets->articles};
}
