/* lede_index_check: opens the parts one by one and trusts none of them. */
#include <stdlib.h>

#include "brief.h"
#include "catalogue.h"
#include "core/base/error.h"
#include "core/base/faults.h"
#include "engine.h"
#include "layout.h"

/* Articles between two looks at whether to go on. */
enum { ARTICLE_STEP = 1024 };

struct check {
    const char *path;
    struct catalogue *catalogue;
    struct faults faults;
    int (*progress)(void *ctx, const lede_progress *progress);
    void *ctx; /* of the progress */
    lede_progress done;
    struct catalogue_segment *rows;
    struct segment **segments; /* NULL where one can't be opened, */
    lede_error *failures;      /* for this reason */
    size_t count;
};

/* ----------------------------------------------------------------------------------- reports -- */

/* What failed because of the bytes is a fault, which the check goes on after; the rest ends it. */
static lede_status judge(struct check *c, lede_status status, const lede_error *failure, lede_error *err) {
    switch (status) {
    case LEDE_OK: return LEDE_OK;
    case LEDE_NOMEM:
    case LEDE_INTERRUPTED:
        if (err)
            *err = *failure;
        return status;
    default: faults_add(&c->faults, "%s", failure->message); return LEDE_OK;
    }
}

static int advance(void *check, uint64_t bytes) {
    struct check *c = check;
    c->done.bytes_done += bytes;
    return c->progress ? c->progress(c->ctx, &c->done) : 0;
}

static lede_status go_on(struct check *c, lede_error *err) {
    return advance(c, 0) ? error_set(err, LEDE_INTERRUPTED, "%s: the check was interrupted", c->path) : LEDE_OK;
}

/* ---------------------------------------------------------------------------------- segments -- */

/* Opens all files, so that a commit meanwhile can unlink none before it is looked at. *missing is set if one is not
 * there. */
static lede_status open_segments(struct check *c, bool *missing, lede_error *err) {
    for (size_t i = 0; i < c->count; i++) {
        char *path = layout_segment(c->path, c->rows[i].id);
        if (!path)
            return error_nomem(err);
        lede_status status = segment_open(&c->segments[i], path, &c->rows[i].info, &c->failures[i]);
        *missing |= status == LEDE_NOT_FOUND;
        free(path);
    }
    return LEDE_OK;
}

static bool same_counts(const struct segment_info *a, const struct segment_info *b) {
    return a->passages == b->passages && a->articles == b->articles && a->total_length == b->total_length;
}

static bool has_bit(const uint8_t *bitmap, uint32_t passage) {
    return bitmap && (bitmap[passage >> 3] >> (passage & 7) & 1);
}

/* Articles are deleted whole, and as many of them, and of passages, as the row says. */
static lede_status check_deletions(struct check *c, size_t i, lede_error *err) {
    const struct catalogue_segment *row = &c->rows[i];
    lede_error failure = {.status = LEDE_OK};
    uint32_t passages = 0, articles = 0;
    lede_status status = LEDE_OK;
    struct article_record *record = malloc(sizeof *record);
    if (!record)
        return error_nomem(err);
    for (uint32_t a = 0; !status && row->deleted && a < row->info.articles; a++) {
        status = segment_article(c->segments[i], a, record, &failure);
        if (status)
            break;
        uint32_t deleted = 0;
        for (uint32_t p = 0; p < record->passage_count; p++)
            deleted += has_bit(row->deleted, record->first_passage + p);
        if (deleted != 0 && deleted != record->passage_count)
            faults_add(&c->faults, "%s: article %u is deleted in part", segment_path(c->segments[i]), a);
        passages += deleted;
        articles += deleted > 0;
    }
    free(record);
    if (!status && (passages != row->deleted_passages || articles != row->deleted_articles))
        faults_add(&c->faults, "%s: the catalogue says %u deleted passages in %u articles, its bitmap %u in %u",
                   segment_path(c->segments[i]), row->deleted_passages, row->deleted_articles, passages, articles);
    return judge(c, status, &failure, err);
}

static lede_status check_sources(struct check *c, size_t i, lede_error *err) {
    lede_error failure = {.status = LEDE_OK};
    lede_status status = LEDE_OK;
    const struct segment *s = c->segments[i];
    struct article_record *record = malloc(sizeof *record);
    if (!record)
        return error_nomem(err);
    for (uint32_t r = 0; !status && r < segment_source_run_count(s); r++) {
        struct source_run run;
        char *path = NULL;
        segment_source_run(s, r, &run);
        status = run.source ? catalogue_source_path(c->catalogue, run.source, &path, &failure) : LEDE_OK;
        free(path);
        if (status != LEDE_NOT_FOUND)
            continue;
        /* Rows of files that are gone are forgotten in time, while their deleted articles wait for a merge. */
        status = LEDE_OK;
        for (uint32_t a = 0; !status && a < run.count; a++) {
            status = segment_article(s, run.first_article + a, record, &failure);
            if (!status && !has_bit(c->rows[i].deleted, record->first_passage)) {
                faults_add(&c->faults, "%s: article %u is of file %llu, which the catalogue does not know",
                           segment_path(s), run.first_article + a, (unsigned long long)run.source);
                break;
            }
        }
    }
    free(record);
    return judge(c, status, &failure, err);
}

static lede_status check_segment(struct check *c, size_t i, lede_error *err) {
    lede_status status = judge(c, c->failures[i].status, &c->failures[i], err);
    if (status || !c->segments[i])
        return status;
    if (!same_counts(segment_info(c->segments[i]), &c->rows[i].info)) {
        faults_add(&c->faults, "%s: the catalogue has other counts of it than its header",
                   segment_path(c->segments[i]));
        return LEDE_OK;
    }
    uint64_t before = c->faults.count;
    status = segment_check(c->segments[i], &c->faults, advance, c, err);
    if (c->faults.count > before) {
        segment_close(c->segments[i]);
        c->segments[i] = NULL; /* its keys are not to be trusted */
        return status;
    }
    if (!status)
        status = check_deletions(c, i, err);
    return status ? status : check_sources(c, i, err);
}

/* -------------------------------------------------------------------------------------- keys -- */

/* Whether a live article with this key stands in a segment after the i-th, or later in the i-th itself. */
static lede_status check_key(struct check *c, size_t i, uint32_t article, const struct article_record *record,
                             lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t j = i; !status && j < c->count; j++) {
        uint32_t other;
        if (!c->segments[j])
            continue;
        status =
            segment_find_key(c->segments[j], c->rows[j].deleted, record->meta.key, record->meta.key_len, &other, err);
        if (!status && (j != i || other != article))
            faults_add(&c->faults, "%s: the key of article %u is also that of article %u in %s",
                       segment_path(c->segments[i]), article, other, segment_path(c->segments[j]));
        if (status == LEDE_NOT_FOUND)
            status = LEDE_OK;
    }
    return status;
}

static lede_status check_keys_of(struct check *c, size_t i, struct article_record *record, lede_error *err) {
    lede_status status = LEDE_OK;
    for (uint32_t a = 0; !status && a < c->rows[i].info.articles; a++) {
        status = a % ARTICLE_STEP ? LEDE_OK : go_on(c, err);
        if (!status)
            status = segment_article(c->segments[i], a, record, err);
        if (!status && !has_bit(c->rows[i].deleted, record->first_passage))
            status = check_key(c, i, a, record, err);
    }
    return status;
}

static lede_status check_keys(struct check *c, lede_error *err) {
    lede_error failure = {.status = LEDE_OK};
    lede_status status = LEDE_OK;
    struct article_record *record = malloc(sizeof *record);
    if (!record)
        return error_nomem(err);
    for (size_t i = 0; !status && i < c->count; i++)
        if (c->segments[i])
            status = check_keys_of(c, i, record, &failure);
    free(record);
    return judge(c, status, &failure, err);
}

/* --------------------------------------------------------------------------------- catalogue -- */

static lede_status check_counters(struct check *c, lede_error *err) {
    struct catalogue_counters counters;
    struct catalogue_settings settings;
    lede_error failure = {.status = LEDE_OK};
    lede_status status = catalogue_get_settings(c->catalogue, &settings, &failure);
    if (!status)
        status = catalogue_get_counters(c->catalogue, &counters, &failure);
    if (!status && c->count > 0 && c->rows[c->count - 1].id >= counters.next_segment)
        faults_add(&c->faults, "%s: the catalogue would give the number of segment %llu again", c->path,
                   (unsigned long long)c->rows[c->count - 1].id);
    catalogue_settings_release(&settings);
    return judge(c, status, &failure, err);
}

static lede_status read_rows(struct check *c, lede_error *err) {
    lede_error failure = {.status = LEDE_OK};
    lede_status status = catalogue_segments(c->catalogue, &c->rows, &c->count, &failure);
    status = judge(c, status, &failure, err);
    c->segments = calloc(c->count + 1, sizeof(struct segment *));
    c->failures = calloc(c->count + 1, sizeof *c->failures);
    if (!status && (!c->segments || !c->failures))
        status = error_nomem(err);
    for (size_t i = 0; i < c->count; i++)
        c->done.bytes_total += c->rows[i].info.size;
    return status;
}

static lede_status verify_catalogue(struct check *c, lede_error *err) {
    lede_error failure = {.status = LEDE_OK};
    uint64_t faults = 0;
    lede_status status = catalogue_verify(c->catalogue, faults_pass, &c->faults, &faults, &failure);
    c->faults.count += faults;
    return judge(c, status, &failure, err);
}

/* What SQLite doesn't look at: its counters, the room that is free in its pages. `found`: there are faults already. */
static void check_bytes(struct check *c, bool found) {
    const char *file = found ? NULL : brief_denies(c->path);
    if (file)
        faults_add(&c->faults, "%s/catalogue.db%s: not the bytes that were written; restore the index or index again",
                   c->path, file);
}

static void check_brief(struct check *c) {
    const char *fault = brief_fault(c->path, c->catalogue);
    if (fault)
        faults_add(&c->faults, "%s/segments/brief: %s; remove it: nobody needs it, and the next commit makes another",
                   c->path, fault);
}

/* One transaction sees one commit. *missing tells whether a file that it names is not there. */
static lede_status open_parts(struct check *c, bool *missing, lede_error *err) {
    *missing = false;
    lede_status status = catalogue_open(&c->catalogue, c->path, err);
    if (!status)
        status = catalogue_begin(c->catalogue, err);
    if (!status)
        status = read_rows(c, err);
    return status ? status : open_segments(c, missing, err);
}

static void close_parts(struct check *c) {
    for (size_t i = 0; c->segments && i < c->count; i++)
        segment_close(c->segments[i]);
    free(c->segments);
    free(c->failures);
    catalogue_segments_free(c->rows, c->count);
    catalogue_close(c->catalogue);
}

static lede_status check_parts(struct check *c, lede_error *err) {
    lede_status status = verify_catalogue(c, err);
    if (!status)
        status = check_counters(c, err);
    check_bytes(c, c->faults.count > 0);
    check_brief(c);
    for (size_t i = 0; !status && i < c->count; i++)
        status = check_segment(c, i, err);
    return status ? status : check_keys(c, err);
}

lede_status lede_index_check(const char *path, void (*report)(void *ctx, const char *fault),
                             int (*progress)(void *ctx, const lede_progress *progress), void *ctx, uint64_t *faults,
                             lede_error *err) {
    const struct check fresh = {
        .path = path, .faults = {report, ctx, 0}, .progress = progress, .ctx = ctx, .done = {.phase = "checking"}};
    struct check c = fresh;
    bool missing = false;
    const struct engine *engine = engine_of(path);
    if (engine)
        return engine->check(path, report, progress, ctx, faults, err);
    lede_status status = open_parts(&c, &missing, err);
    /* A writer may unlink a file between the reading of the catalogue and the opening: then a later look finds none
     * missing. */
    for (int tries = 0; !status && missing && tries < 2; tries++) {
        close_parts(&c);
        c = fresh;
        status = open_parts(&c, &missing, err);
    }
    if (!status)
        status = check_parts(&c, err);
    close_parts(&c);
    if (faults)
        *faults = c.faults.count;
    return status ? status : faults_judge(&c.faults, path, err);
}
