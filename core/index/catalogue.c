#include "catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "catalogue_private.h"
#include "core/base/error.h"
#include "layout.h"

/* Pages of the database that a connection keeps, in KiB (negative, as SQLite wants it): rows of sources pass through
 * once, so more would not help. */
#define CACHE_SIZE "PRAGMA cache_size = -2048;"

static const char SCHEMA[] =
    "CREATE TABLE settings(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE segments(id INTEGER PRIMARY KEY, size INTEGER NOT NULL, checksum INTEGER NOT NULL,"
    " passages INTEGER NOT NULL, articles INTEGER NOT NULL, total_length INTEGER NOT NULL,"
    " deleted_passages INTEGER NOT NULL, deleted_articles INTEGER NOT NULL, deleted BLOB);"
    "CREATE TABLE sources(id INTEGER PRIMARY KEY, path BLOB NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,"
    " hash INTEGER NOT NULL, state INTEGER NOT NULL, retired INTEGER);"
    "CREATE INDEX sources_by_path ON sources(path) WHERE retired IS NULL;"
    "CREATE INDEX sources_by_retirement ON sources(retired) WHERE retired IS NOT NULL;" DIGEST_SCHEMA;

/* --------------------------------------------------------------------------- open and close -- */

struct identity {
    int64_t application, version, tables;
};

static lede_status identify(struct identity *id, struct sql *sql, lede_error *err) {
    lede_status status = sql_number(sql, "PRAGMA application_id", &id->application, err);
    if (!status)
        status = sql_number(sql, "PRAGMA user_version", &id->version, err);
    if (!status)
        status = sql_number(sql, "SELECT count(*) FROM sqlite_schema", &id->tables, err);
    return status;
}

/* What SQLite makes before the first transaction, in which a catalogue becomes one. */
static bool is_blank(const struct identity *id) {
    return id->application == 0 && id->version == 0 && id->tables == 0;
}

static lede_status judge(const struct identity *id, const char *index, lede_error *err) {
    if (id->application != CATALOGUE_APPLICATION_ID)
        return error_set(err, LEDE_NOT_INDEX, "%s: not a Lede index: its catalogue.db belongs to another program",
                         index);
    if (id->version > CATALOGUE_VERSION)
        return error_set(err, LEDE_TOO_NEW, "%s: written by a newer version (format %lld, this one reads %d); upgrade",
                         index, (long long)id->version, CATALOGUE_VERSION);
    if (id->version < CATALOGUE_VERSION)
        return error_set(err, LEDE_TOO_OLD,
                         "%s: written by an older version (format %lld, this one reads %d); remove it and index again",
                         index, (long long)id->version, CATALOGUE_VERSION);
    return LEDE_OK;
}

/* Opens catalogue.db, and says in terms of the index what is wrong if that fails. */
static lede_status open_file(struct catalogue **out, const char *index, enum sql_mode mode, lede_error *err) {
    lede_status status = LEDE_OK;
    char *path = layout_catalogue(index);
    struct catalogue *c = calloc(1, sizeof *c);
    if (!path || !c)
        status = error_nomem(err);
    else
        status = sql_open(&c->sql, path, mode, err);
    if (!status)
        status = sql_run(c->sql, CACHE_SIZE, err);
    if (!status)
        status = digest_prepare(c->sql, err);
    free(path);
    if (status)
        catalogue_close(c);
    else
        *out = c;
    return status == LEDE_NOT_INDEX
               ? error_set(err, status, "%s: not a Lede index: its catalogue.db is no database", index)
               : status;
}

static lede_status refuse(enum layout_state state, const char *index, lede_error *err) {
    if (state == LAYOUT_ABSENT)
        return error_set(err, LEDE_NOT_FOUND, "%s: there is no such index; make it with `lede index`", index);
    if (state == LAYOUT_BARE)
        return error_set(err, LEDE_NOT_FOUND, "%s: there is no index in this folder; make it with `lede index`", index);
    return error_set(err, LEDE_NOT_INDEX, "%s: not a Lede index, and not empty; name another folder", index);
}

lede_status catalogue_open(struct catalogue **out, const char *index, lede_error *err) {
    *out = NULL;
    enum layout_state state;
    lede_status status = layout_inspect(&state, index, err);
    if (status)
        return status;
    if (state != LAYOUT_INDEX)
        return refuse(state, index, err);
    struct catalogue *c = NULL;
    struct identity id = {0, 0, 0};
    status = open_file(&c, index, SQL_READ, err);
    if (!status)
        status = identify(&id, c->sql, err);
    if (!status)
        status = is_blank(&id) && layout_is_ours(index) ? refuse(LAYOUT_BARE, index, err) : judge(&id, index, err);
    if (status)
        catalogue_close(c);
    else
        *out = c;
    return status;
}

static lede_status put_setting(struct sql *sql, const char *name, const char *text, uint64_t number, lede_error *err) {
    sqlite3_stmt *s;
    lede_status status = sql_prepare(&s, sql, "INSERT OR REPLACE INTO settings(name, value) VALUES(?1, ?2)", err);
    if (status)
        return status;
    sql_bind_text(s, 1, name);
    if (text)
        sql_bind_text(s, 2, text);
    else
        sql_bind_u64(s, 2, number);
    return sql_execute(sql, s, err);
}

static lede_status put_settings(struct catalogue *c, const struct catalogue_settings *settings, lede_error *err) {
    lede_status status = put_setting(c->sql, "language", settings->language, 0, err);
    if (!status)
        status = put_setting(c->sql, "passages", NULL, (uint64_t)settings->passages, err);
    if (!status)
        status = put_setting(c->sql, "omit_text", NULL, settings->omit_text, err);
    return status;
}

/* Everything that makes a file a catalogue, in one transaction. */
static lede_status initialise(struct catalogue *c, const struct catalogue_settings *settings, lede_error *err) {
    static const struct catalogue_counters first = {.commit = 0, .next_segment = 1, .next_source = 1};
    char pragmas[128];
    sqlite3_snprintf(sizeof pragmas, pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
                     CATALOGUE_APPLICATION_ID, CATALOGUE_VERSION);
    lede_status status = catalogue_begin(c, err);
    if (!status)
        status = sql_run(c->sql, pragmas, err);
    if (!status)
        status = sql_run(c->sql, SCHEMA, err);
    if (!status)
        status = catalogue_begin_digests(c, err);
    if (!status)
        status = put_settings(c, settings, err);
    if (!status)
        status = catalogue_put_counters(c, &first, err);
    if (!status)
        status = catalogue_commit(c, err);
    if (status)
        catalogue_rollback(c);
    return status;
}

/* Durable at each commit, and readers go on meanwhile. */
static lede_status use_log(struct catalogue *c, lede_error *err) {
    return sql_run(c->sql, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", err);
}

lede_status catalogue_open_writer(struct catalogue **out, const char *index, const struct catalogue_settings *settings,
                                  lede_error *err) {
    *out = NULL;
    struct catalogue *c = NULL;
    struct identity id = {0, 0, 0};
    lede_status status = open_file(&c, index, SQL_WRITE, err);
    if (!status) {
        c->writable = true;
        status = identify(&id, c->sql, err);
    }
    bool fresh = !status && is_blank(&id) && layout_is_ours(index);
    if (!status && !fresh)
        status = judge(&id, index, err);
    if (!status)
        status = use_log(c, err);
    if (!status)
        status = fresh ? initialise(c, settings, err) : catalogue_follow_digests(c, err);
    if (status)
        catalogue_close(c);
    else
        *out = c;
    return status;
}

void catalogue_close(struct catalogue *c) {
    if (!c)
        return;
    catalogue_rollback(c);
    sql_close(c->sql);
    free(c);
}

bool catalogue_is_frozen(const struct catalogue *c) {
    return sql_is_frozen(c->sql);
}

/* ------------------------------------------------------------------- transactions, settings -- */

lede_status catalogue_begin(struct catalogue *c, lede_error *err) {
    return sql_run(c->sql, c->writable ? "BEGIN IMMEDIATE" : "BEGIN", err);
}

lede_status catalogue_commit(struct catalogue *c, lede_error *err) {
    return sql_run(c->sql, "COMMIT", err);
}

void catalogue_rollback(struct catalogue *c) {
    if (c->sql && !sqlite3_get_autocommit(sql_database(c->sql)))
        sqlite3_exec(sql_database(c->sql), "ROLLBACK", NULL, NULL, NULL);
}

lede_status catalogue_corrupt(const struct catalogue *c, const char *what, lede_error *err) {
    return error_set(err, LEDE_CORRUPT, "%s: %s; restore the index or index again", sql_path(c->sql), what);
}

static lede_status get_setting(struct catalogue *c, const char *name, char **text, uint64_t *number, lede_error *err) {
    sqlite3_stmt *s;
    bool row = false;
    lede_status status = sql_prepare(&s, c->sql, "SELECT value FROM settings WHERE name = ?1", err);
    if (status)
        return status;
    sql_bind_text(s, 1, name);
    status = sql_step(c->sql, s, &row, err);
    if (!status && !row)
        status = catalogue_corrupt(c, "a setting is missing", err);
    if (!status && text) {
        const unsigned char *value = sqlite3_column_text(s, 0);
        *text = value ? strdup((const char *)value) : NULL;
        if (!*text)
            status = error_nomem(err);
    } else if (!status) {
        *number = sql_u64(s, 0);
    }
    sqlite3_reset(s);
    return status;
}

lede_status catalogue_get_settings(struct catalogue *c, struct catalogue_settings *out, lede_error *err) {
    *out = (struct catalogue_settings){.language = NULL};
    uint64_t passages = 0, omit_text = 0;
    lede_status status = get_setting(c, "language", &out->language, NULL, err);
    if (!status)
        status = get_setting(c, "passages", NULL, &passages, err);
    if (!status)
        status = get_setting(c, "omit_text", NULL, &omit_text, err);
    if (!status && (passages > LEDE_PASSAGES_WHOLE || omit_text > 1))
        status = catalogue_corrupt(c, "a setting makes no sense", err);
    if (status) {
        catalogue_settings_release(out);
        return status;
    }
    out->passages = (lede_passages)passages;
    out->omit_text = omit_text;
    return LEDE_OK;
}

void catalogue_settings_release(struct catalogue_settings *s) {
    free(s->language);
    s->language = NULL;
}

lede_status catalogue_get_counters(struct catalogue *c, struct catalogue_counters *out, lede_error *err) {
    lede_status status = get_setting(c, "commit", NULL, &out->commit, err);
    if (!status)
        status = get_setting(c, "next_segment", NULL, &out->next_segment, err);
    if (!status)
        status = get_setting(c, "next_source", NULL, &out->next_source, err);
    return status;
}

lede_status catalogue_put_counters(struct catalogue *c, const struct catalogue_counters *counters, lede_error *err) {
    lede_status status = put_setting(c->sql, "commit", NULL, counters->commit, err);
    if (!status)
        status = put_setting(c->sql, "next_segment", NULL, counters->next_segment, err);
    if (!status)
        status = put_setting(c->sql, "next_source", NULL, counters->next_source, err);
    return status;
}

/* --------------------------------------------------------------------------------- segments -- */

/* Takes over the row's bitmap of deleted passages. */
static lede_status read_deleted(struct catalogue *c, sqlite3_stmt *s, struct catalogue_segment *segment,
                                lede_error *err) {
    size_t size = catalogue_bitmap_size(segment->info.passages);
    const void *bitmap = sqlite3_column_blob(s, 8);
    if (!bitmap && !segment->deleted_passages)
        return LEDE_OK;
    if (!bitmap || (size_t)sqlite3_column_bytes(s, 8) != size || segment->deleted_passages > segment->info.passages)
        return catalogue_corrupt(c, "the deletions of a segment do not fit it", err);
    segment->deleted = malloc(size ? size : 1);
    if (!segment->deleted)
        return error_nomem(err);
    memcpy(segment->deleted, bitmap, size);
    return LEDE_OK;
}

static lede_status read_segment(struct catalogue *c, sqlite3_stmt *s, struct catalogue_segment *out, lede_error *err) {
    int64_t passages = sqlite3_column_int64(s, 3), articles = sqlite3_column_int64(s, 4);
    int64_t deleted_passages = sqlite3_column_int64(s, 6), deleted_articles = sqlite3_column_int64(s, 7);
    if (passages < 1 || passages >= DOC_END || articles < 1 || articles > passages || deleted_passages < 0 ||
        deleted_passages > passages || deleted_articles < 0 || deleted_articles > articles)
        return catalogue_corrupt(c, "the counts of a segment make no sense", err);
    *out = (struct catalogue_segment){
        .id = sql_u64(s, 0),
        .info = {.size = sql_u64(s, 1),
                 .checksum = sql_u64(s, 2),
                 .passages = (uint32_t)passages,
                 .articles = (uint32_t)articles,
                 .total_length = sql_u64(s, 5)},
        .deleted_passages = (uint32_t)deleted_passages,
        .deleted_articles = (uint32_t)deleted_articles,
    };
    return read_deleted(c, s, out, err);
}

static lede_status read_segments(struct catalogue *c, sqlite3_stmt *s, struct catalogue_segment **out, size_t *count,
                                 lede_error *err) {
    size_t cap = 0;
    bool row = false;
    lede_status status = sql_step(c->sql, s, &row, err);
    while (!status && row) {
        if (*count == cap) {
            cap = cap ? 2 * cap : 16;
            struct catalogue_segment *grown = reallocarray(*out, cap, sizeof *grown);
            if (!grown)
                return error_nomem(err);
            *out = grown;
        }
        status = read_segment(c, s, *out + *count, err);
        if (!status) {
            ++*count;
            status = sql_step(c->sql, s, &row, err);
        }
    }
    return status;
}

lede_status catalogue_segments(struct catalogue *c, struct catalogue_segment **out, size_t *count, lede_error *err) {
    sqlite3_stmt *s;
    *out = NULL;
    *count = 0;
    lede_status status = sql_prepare(&s, c->sql,
                                     "SELECT id, size, checksum, passages, articles, total_length, deleted_passages,"
                                     " deleted_articles, deleted FROM segments ORDER BY id",
                                     err);
    if (status)
        return status;
    status = read_segments(c, s, out, count, err);
    sqlite3_reset(s);
    if (!status)
        status = digest_verify(c->sql, &catalogue_segment_rows, err);
    if (status) {
        catalogue_segments_free(*out, *count);
        *out = NULL;
        *count = 0;
    }
    return status;
}

lede_status catalogue_bitmaps_size(struct catalogue *c, uint64_t *bytes, lede_error *err) {
    int64_t sum;
    lede_status status = sql_number(c->sql, "SELECT coalesce(sum(length(deleted)), 0) FROM segments", &sum, err);
    *bytes = status ? 0 : (uint64_t)sum;
    return status;
}

void catalogue_segments_free(struct catalogue_segment *segments, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(segments[i].deleted);
    free(segments);
}

lede_status catalogue_put_segment(struct catalogue *c, const struct catalogue_segment *segment, lede_error *err) {
    sqlite3_stmt *s;
    lede_status status = sql_prepare(&s, c->sql,
                                     "INSERT OR REPLACE INTO segments(id, size, checksum, passages, articles,"
                                     " total_length, deleted_passages, deleted_articles, deleted)"
                                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                                     err);
    if (status)
        return status;
    sql_bind_u64(s, 1, segment->id);
    sql_bind_u64(s, 2, segment->info.size);
    sql_bind_u64(s, 3, segment->info.checksum);
    sql_bind_u64(s, 4, segment->info.passages);
    sql_bind_u64(s, 5, segment->info.articles);
    sql_bind_u64(s, 6, segment->info.total_length);
    sql_bind_u64(s, 7, segment->deleted_passages);
    sql_bind_u64(s, 8, segment->deleted_articles);
    if (segment->deleted_passages)
        sql_bind_bytes(s, 9, segment->deleted, catalogue_bitmap_size(segment->info.passages));
    return sql_execute(c->sql, s, err);
}

lede_status catalogue_drop_segment(struct catalogue *c, uint64_t id, lede_error *err) {
    sqlite3_stmt *s;
    lede_status status = sql_prepare(&s, c->sql, "DELETE FROM segments WHERE id = ?1", err);
    if (status)
        return status;
    sql_bind_u64(s, 1, id);
    return sql_execute(c->sql, s, err);
}
