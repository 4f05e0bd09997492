#include "index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "layout.h"

/* The reader, and its settings as a snapshot's. */
static lede_status open_reader(struct lede_index *index, const struct engine *engine, const char *name,
                               lede_error *err) {
    lede_status status = engine->open(&index->reader, name, err);
    if (status)
        return status;
    const struct engine_settings *settings = &index->reader->settings;
    struct snapshot *s = index->snapshot = calloc(1, sizeof *s);
    index->reader->engine = engine;
    if (!s)
        return error_nomem(err);
    hot_budget_init(&s->hot, 0);
    if (!(s->path = strdup(name)) || !(s->language = strdup(settings->language)))
        return error_nomem(err);
    s->passages_mode = settings->passages;
    s->omit_text = settings->omit_text;
    s->commit = index->reader->commit;
    return LEDE_OK;
}

lede_status lede_index_open(lede_index **out, const char *path, lede_error *err) {
    *out = NULL;
    lede_index *index = calloc(1, sizeof *index);
    if (!index)
        return error_nomem(err);
    const struct engine *engine = engine_of(path);
    index->team_least = TEAM_LEAST;
    index->team_least_postings = TEAM_LEAST_POSTINGS;
    if (!engine && !(index->team = team_new())) {
        lede_index_close(index);
        return error_nomem(err);
    }
    lede_status status = engine ? open_reader(index, engine, path, err) : snapshot_open(&index->snapshot, path, err);
    if (status)
        lede_index_close(index);
    else
        *out = index;
    return status;
}

void lede_index_close(lede_index *index) {
    if (!index)
        return;
    if (index->reader)
        index->reader->engine->close(index->reader);
    team_free(index->team);
    snapshot_close(index->snapshot);
    free(index);
}

bool lede_index_is_stale(lede_index *index) {
    if (index->reader)
        return index->reader->engine->is_stale(index->reader);
    return snapshot_is_stale(index->snapshot);
}

void lede_index_set_cache(lede_index *index, uint64_t bytes) {
    hot_budget_set_limit(&index->snapshot->hot, bytes);
}

uint64_t lede_index_cache_bytes(const lede_index *index) {
    return index->snapshot->hot.used;
}

void lede_index_set_threads(lede_index *index, unsigned threads) {
    if (index->team)
        team_set_threads(index->team, threads);
}

/* True, with its path in *found, if there is an index in `folder`. */
static lede_status look_in(const char *folder, char **found, bool *there, lede_error *err) {
    char *path = NULL;
    *there = false;
    if (asprintf(&path, "%s/.lede", strcmp(folder, "/") ? folder : "") < 0)
        return error_nomem(err);
    char *catalogue = layout_catalogue(path);
    struct stat st;
    *there = catalogue && !stat(catalogue, &st);
    lede_status status = catalogue ? LEDE_OK : error_nomem(err);
    free(catalogue);
    if (*there)
        *found = path;
    else
        free(path);
    return status;
}

lede_status lede_index_find(char **path, const char *start, lede_error *err) {
    *path = NULL;
    char *folder = realpath(start ? start : ".", NULL);
    if (!folder)
        return error_io(err, start ? start : ".", "cannot look for an index");
    lede_status status = LEDE_OK;
    bool there = false;
    for (size_t len = strlen(folder); !status && !there && len > 0;) {
        folder[len] = '\0';
        status = look_in(folder, path, &there, err);
        while (len > 1 && folder[len - 1] != '/')
            len--;
        /* The parent's name ends before the slash, but for the root's. */
        len = len == 1 && !folder[1] ? 0 : len > 1 ? len - 1 : 1;
    }
    free(folder);
    if (!status && !there)
        status = error_set(err, LEDE_NOT_FOUND,
                           "no index (.lede) in this folder or above it; make one with `lede index PATH`, or name one "
                           "with -i");
    return status;
}
