#include "natural.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/radix.h"
#include "core/segment/articles.h"
#include "footprint.h"

/* What tables have of an article, about. */
enum { ARTICLE_BYTES = 16 };

/* The live articles of all inputs, one after the other. */
struct walk {
    const struct merge_job *job;
    struct footprint footprint;
    struct article_cursor *cursor;
    size_t input;
    uint32_t base;  /* of the input's articles */
    uint32_t place; /* of the article that it stands on, among all */
    uint64_t source;
    struct source_run run;
    uint32_t next_run;
};

static lede_status walk_open(struct walk *w, const struct merge_job *job, lede_error *err) {
    *w = (struct walk){.job = job, .cursor = malloc(sizeof *w->cursor)};
    if (!w->cursor)
        return error_nomem(err);
    footprint_init(&w->footprint, job->inputs, job->count, job->memory);
    article_cursor_init(w->cursor, job->inputs[0].segment);
    return LEDE_OK;
}

/* The next article of the input in hand; false at its end, or on an error. */
static bool next_of_input(struct walk *w, lede_status *status, lede_error *err) {
    const struct merge_input *input = &w->job->inputs[w->input];
    const struct article_cursor *c = w->cursor;
    while (article_cursor_next(w->cursor, status, err)) {
        uint32_t article = c->next - 1, first = c->record.first_passage;
        footprint_touch(&w->footprint, ARTICLE_BYTES);
        while (article >= w->run.first_article + w->run.count && w->next_run < segment_source_run_count(input->segment))
            segment_source_run(input->segment, w->next_run++, &w->run);
        w->source = w->run.source;
        w->place = w->base + article;
        if (!input->deleted || !(input->deleted[first >> 3] >> (first & 7) & 1))
            return true;
    }
    return false;
}

static bool walk_next(struct walk *w, lede_status *status, lede_error *err) {
    while (!next_of_input(w, status, err)) {
        if (*status || w->input + 1 == w->job->count)
            return false;
        w->base += segment_info(w->job->inputs[w->input].segment)->articles;
        article_cursor_init(w->cursor, w->job->inputs[++w->input].segment);
        w->run = (struct source_run){.source = 0};
        w->next_run = 0;
    }
    return true;
}

static void walk_close(struct walk *w) {
    footprint_drop(&w->footprint);
    free(w->cursor);
}

/* The live articles as they are found: lines above places; and the source of each place. */
struct table {
    uint64_t *keys, *scratch;
    uint32_t *sources;
    uint32_t count;
    bool in_order;
};

static bool table_init(struct table *t, const struct merge_job *job) {
    size_t n = 0;
    for (size_t i = 0; i < job->count; i++)
        n += segment_info(job->inputs[i].segment)->articles;
    *t = (struct table){.keys = malloc(n * sizeof *t->keys),
                        .scratch = malloc(n * sizeof *t->scratch),
                        .sources = malloc(n * sizeof *t->sources)};
    return t->keys && t->scratch && t->sources;
}

static lede_status fill(struct table *t, const struct merge_job *job, lede_error *err) {
    struct walk w;
    uint64_t source = 0;
    uint32_t line = 0;
    lede_status status = walk_open(&w, job, err);
    t->in_order = true;
    while (!status && walk_next(&w, &status, err)) {
        uint32_t here = w.cursor->record.meta.line;
        t->in_order &= w.source > source || (w.source == source && here >= line);
        source = w.source;
        line = here;
        t->keys[t->count++] = (uint64_t)here << 32 | w.place;
        t->sources[w.place] = (uint32_t)source;
    }
    if (w.cursor)
        walk_close(&w);
    return status;
}

/* By line, and then, as sorting is stable, by source. */
static void sort(struct table *t) {
    radix_sort(t->keys, t->scratch, t->count, 32, 64);
    for (uint32_t i = 0; i < t->count; i++)
        t->keys[i] = (uint64_t)t->sources[(uint32_t)t->keys[i]] << 32 | (uint32_t)t->keys[i];
    radix_sort(t->keys, t->scratch, t->count, 32, 64);
}

/* The places of the sorted table: an array to be freed, or NULL if memory ran out. */
static uint32_t *places(struct table *t) {
    uint32_t *order = (void *)t->scratch;
    for (uint32_t i = 0; i < t->count; i++)
        order[i] = (uint32_t)t->keys[i];
    uint32_t *shrunk = realloc(order, t->count * sizeof *shrunk);
    if (shrunk)
        t->scratch = NULL;
    return shrunk;
}

lede_status natural_order(uint32_t **order, uint32_t *count, const struct merge_job *job, lede_error *err) {
    struct table t;
    *order = NULL;
    lede_status status = table_init(&t, job) ? fill(&t, job, err) : error_nomem(err);
    *count = t.count;
    if (status == LEDE_OK && !t.in_order) {
        sort(&t);
        *order = places(&t);
        status = *order ? LEDE_OK : error_nomem(err);
    }
    free(t.keys);
    free(t.scratch);
    free(t.sources);
    return status;
}
