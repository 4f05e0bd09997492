#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue_private.h"
#include "core/base/error.h"

/* How long the path of a source that is no more is kept for readers of older snapshots: longer than one
 * is looked at, usually, and short enough not to gather rows. */
enum { RETIRED_SECONDS = 24 * 60 * 60 };

#define COLUMNS "id, path, size, mtime, hash, state"

/* What stands behind the number. */
static const char *words_of_state(sqlite3_stmt *s, int column) {
    const char *text =
        sqlite3_column_type(s, column) == SQLITE_TEXT ? (const char *)sqlite3_column_text(s, column) : NULL;
    const char *space = text ? strchr(text, ' ') : NULL;
    return space ? space + 1 : "";
}

static void bind_state(sqlite3_stmt *s, int parameter, const struct catalogue_source *source) {
    char text[SOURCE_READING_SIZE + 16];
    snprintf(text, sizeof text, "%d %s", (int)source->state, source->reading);
    if (*source->reading)
        sqlite3_bind_text(s, parameter, text, -1, SQLITE_TRANSIENT);
    else
        sql_bind_u64(s, parameter, (uint64_t)source->state);
}

/* The row as a source, whose path is a copy that *path owns. */
static lede_status read_source(struct catalogue *c, sqlite3_stmt *s, struct catalogue_source *out, char **path,
                               lede_error *err) {
    const void *bytes = sqlite3_column_blob(s, 1);
    size_t len = (size_t)sqlite3_column_bytes(s, 1);
    int64_t state = sqlite3_column_int64(s, 5);
    const char *words = words_of_state(s, 5);
    if (state < SOURCE_COMPLETE || state > SOURCE_INCOMPLETE || strlen(words) >= SOURCE_READING_SIZE)
        return catalogue_corrupt(c, "a source is in a state that makes no sense", err);
    *path = strndup(bytes ? bytes : "", bytes ? len : 0);
    if (!*path)
        return error_nomem(err);
    *out = (struct catalogue_source){
        .id = sql_u64(s, 0),
        .path = *path,
        .size = sql_u64(s, 2),
        .mtime = sqlite3_column_int64(s, 3),
        .hash = sql_u64(s, 4),
        .state = (enum source_state)state,
    };
    strcpy(out->reading, words);
    return LEDE_OK;
}

static lede_status visit_rows(struct catalogue *c, sqlite3_stmt *s, source_visit visit, void *ctx, lede_error *err) {
    bool row = false;
    lede_status status = sql_step(c->sql, s, &row, err);
    while (!status && row) {
        struct catalogue_source source;
        char *path = NULL;
        status = read_source(c, s, &source, &path, err);
        if (!status)
            status = visit(ctx, &source, err);
        free(path);
        if (!status)
            status = sql_step(c->sql, s, &row, err);
    }
    sqlite3_reset(s);
    return status;
}

lede_status catalogue_find_source(struct catalogue *c, const char *path, struct catalogue_source *out,
                                  lede_error *err) {
    sqlite3_stmt *s;
    bool row = false;
    lede_status status = sql_prepare(&s, c->sql,
                                     "SELECT " COLUMNS " FROM sources WHERE path = ?1 AND retired IS NULL"
                                     " ORDER BY id DESC LIMIT 1",
                                     err);
    if (status)
        return status;
    sql_bind_bytes(s, 1, path, strlen(path));
    status = sql_step(c->sql, s, &row, err);
    if (!status && !row)
        return LEDE_NOT_FOUND;
    char *copy = NULL;
    if (!status)
        status = read_source(c, s, out, &copy, err);
    out->path = path;
    free(copy);
    sqlite3_reset(s);
    return status;
}

lede_status catalogue_put_source(struct catalogue *c, const struct catalogue_source *source, lede_error *err) {
    sqlite3_stmt *s;
    lede_status status = sql_prepare(
        &s, c->sql, "INSERT OR REPLACE INTO sources(" COLUMNS ", retired) VALUES(?1, ?2, ?3, ?4, ?5, ?6, NULL)", err);
    if (status)
        return status;
    sql_bind_u64(s, 1, source->id);
    sql_bind_bytes(s, 2, source->path, strlen(source->path));
    sql_bind_u64(s, 3, source->size);
    sql_bind_i64(s, 4, source->mtime);
    sql_bind_u64(s, 5, source->hash);
    bind_state(s, 6, source);
    return sql_execute(c->sql, s, err);
}

static lede_status visit_path(struct catalogue *c, const char *query, const char *path, source_visit visit, void *ctx,
                              lede_error *err) {
    sqlite3_stmt *s;
    lede_status status = sql_prepare(&s, c->sql, query, err);
    if (status)
        return status;
    sql_bind_bytes(s, 1, path, strlen(path));
    return visit_rows(c, s, visit, ctx, err);
}

lede_status catalogue_sources_of(struct catalogue *c, const char *path, source_visit visit, void *ctx,
                                 lede_error *err) {
    return visit_path(c, "SELECT " COLUMNS " FROM sources WHERE path = ?1 AND retired IS NULL ORDER BY id", path, visit,
                      ctx, err);
}

lede_status catalogue_retired_of(struct catalogue *c, const char *path, source_visit visit, void *ctx,
                                 lede_error *err) {
    return visit_path(c, "SELECT " COLUMNS " FROM sources WHERE path = ?1 AND retired IS NOT NULL ORDER BY id", path,
                      visit, ctx, err);
}

lede_status catalogue_sources_below(struct catalogue *c, const char *folder, source_visit visit, void *ctx,
                                    lede_error *err) {
    sqlite3_stmt *s;
    lede_status status = sql_prepare(&s, c->sql,
                                     "SELECT " COLUMNS " FROM sources WHERE path >= ?1 AND path < ?2"
                                     " AND retired IS NULL ORDER BY path, id",
                                     err);
    if (status)
        return status;
    /* Paths that begin with "FOLDER/" are those from there up to "FOLDER0", as '0' follows '/'. */
    size_t len = strlen(folder);
    while (len > 0 && folder[len - 1] == '/')
        len--;
    char *first = malloc(len + 1), *last = malloc(len + 1);
    if (first && last) {
        memcpy(first, folder, len);
        memcpy(last, folder, len);
        first[len] = '/';
        last[len] = '/' + 1;
        sql_bind_bytes(s, 1, first, len + 1);
        sql_bind_bytes(s, 2, last, len + 1);
        status = visit_rows(c, s, visit, ctx, err);
    } else {
        status = error_nomem(err);
    }
    free(first);
    free(last);
    return status;
}

lede_status catalogue_retire_source(struct catalogue *c, uint64_t id, int64_t now, lede_error *err) {
    sqlite3_stmt *s;
    lede_status status = sql_prepare(&s, c->sql, "UPDATE sources SET retired = ?2 WHERE id = ?1", err);
    if (status)
        return status;
    sql_bind_u64(s, 1, id);
    sql_bind_i64(s, 2, now);
    return sql_execute(c->sql, s, err);
}

lede_status catalogue_restore_source(struct catalogue *c, uint64_t id, lede_error *err) {
    sqlite3_stmt *s;
    lede_status status = sql_prepare(&s, c->sql, "UPDATE sources SET retired = NULL WHERE id = ?1", err);
    if (status)
        return status;
    sql_bind_u64(s, 1, id);
    return sql_execute(c->sql, s, err);
}

lede_status catalogue_forget_retired(struct catalogue *c, int64_t now, lede_error *err) {
    sqlite3_stmt *s;
    lede_status status = sql_prepare(&s, c->sql, "DELETE FROM sources WHERE retired IS NOT NULL AND retired < ?1", err);
    if (status)
        return status;
    sql_bind_i64(s, 1, now - RETIRED_SECONDS);
    return sql_execute(c->sql, s, err);
}

lede_status catalogue_source_path(struct catalogue *c, uint64_t id, char **path, lede_error *err) {
    sqlite3_stmt *s;
    bool row = false;
    *path = NULL;
    lede_status status = sql_prepare(&s, c->sql, "SELECT " COLUMNS " FROM sources WHERE id = ?1", err);
    if (status)
        return status;
    sql_bind_u64(s, 1, id);
    status = sql_step(c->sql, s, &row, err);
    if (!status && !row)
        return LEDE_NOT_FOUND;
    struct catalogue_source source;
    if (!status)
        status = read_source(c, s, &source, path, err);
    sqlite3_reset(s);
    return status;
}

lede_status catalogue_source_count(struct catalogue *c, uint64_t *count, lede_error *err) {
    int64_t n = 0;
    lede_status status = sql_number(c->sql, "SELECT count(DISTINCT path) FROM sources WHERE retired IS NULL", &n, err);
    *count = (uint64_t)n;
    return status;
}
