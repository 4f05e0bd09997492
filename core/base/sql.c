#include "sql.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "error.h"

/* More than a catalogue has statements. */
enum { STATEMENTS_MAX = 32 };

/* Bytes that are read of a file at once. */
enum { CHUNK = 64 * 1024 };

/* Milliseconds to wait for another connection: those hold locks for as long as a small transaction takes. */
enum { PATIENCE = 10000 };

struct sql {
    sqlite3 *db;
    char *path;
    bool frozen;
    size_t count;
    struct {
        const char *text;
        sqlite3_stmt *statement;
    } statements[STATEMENTS_MAX];
};

sqlite3 *sql_database(const struct sql *sql) {
    return sql->db;
}

const char *sql_path(const struct sql *sql) {
    return sql->path;
}

/* What the operating system said beneath an error of SQLite's, if it did. */
static lede_status say_system(const struct sql *sql, lede_error *err) {
    int code = sqlite3_system_errno(sql->db);
    if (!code)
        return error_set(err, LEDE_IO, "%s: cannot be read or written: %s", sql->path, sqlite3_errmsg(sql->db));
    errno = code;
    return error_io(err, sql->path, "cannot be read or written");
}

lede_status sql_error(const struct sql *sql, lede_error *err) {
    const char *why = sqlite3_errmsg(sql->db);
    switch (sqlite3_errcode(sql->db) & 0xff) {
    case SQLITE_NOMEM: return error_nomem(err);
    case SQLITE_FULL:
        return error_set(err, LEDE_FULL, "%s: no space left on the device; make room and try again", sql->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return error_set(err, LEDE_LOCKED, "%s: held by another program; try again", sql->path);
    case SQLITE_NOTADB: return error_set(err, LEDE_NOT_INDEX, "%s: not a catalogue of Lede", sql->path);
    case SQLITE_CORRUPT:
        return error_set(err, LEDE_CORRUPT, "%s: %s; restore the index or index again", sql->path, why);
    case SQLITE_READONLY: return error_set(err, LEDE_IO, "%s: cannot be written to", sql->path);
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR: return say_system(sql, err);
    default: return error_set(err, LEDE_IO, "%s: %s", sql->path, why);
    }
}

static lede_status open_database(struct sql *sql, const char *name, int flags, lede_error *err) {
    if (sqlite3_open_v2(name, &sql->db, flags | SQLITE_OPEN_NOMUTEX, NULL))
        return sql->db ? sql_error(sql, err) : error_nomem(err);
    sqlite3_extended_result_codes(sql->db, 1);
    sqlite3_busy_timeout(sql->db, PATIENCE);
    return LEDE_OK;
}

/* The path as a URI that tells SQLite that nobody will change the file; NULL if out of memory. */
static char *immutable_uri(const char *path) {
    char *uri = malloc(3 * strlen(path) + sizeof "file:?immutable=1"), *p = uri;
    if (!uri)
        return NULL;
    p += sprintf(p, "file:");
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        p += sprintf(p, isalnum(c) || strchr("/._-", c) ? "%c" : "%%%02X", c);
    }
    sprintf(p, "?immutable=1");
    return uri;
}

/* A log with something in it. */
static bool has_log(const char *path) {
    char *log = NULL;
    if (asprintf(&log, "%s-wal", path) < 0)
        return true;
    struct stat st;
    bool has = !stat(log, &st) && st.st_size > 0;
    free(log);
    return has;
}

/* SQLite wants to write beside a database in WAL mode even to read it. Where it can't, the file alone is the database
 * if there is no log. */
static lede_status read_schema(struct sql *sql, lede_error *err) {
    lede_error first = {.status = LEDE_OK};
    int64_t number;
    lede_status status = sql_number(sql, "PRAGMA schema_version", &number, &first);
    int code = sqlite3_errcode(sql->db) & 0xff;
    if (status && (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && !has_log(sql->path)) {
        char *uri = immutable_uri(sql->path);
        if (!uri)
            return error_nomem(err);
        sqlite3_close(sql->db);
        sql->db = NULL;
        status = open_database(sql, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
        free(uri);
        sql->frozen = true;
        return status ? status : sql_number(sql, "PRAGMA schema_version", &number, err);
    }
    if (status && err)
        *err = first;
    return status;
}

lede_status sql_open(struct sql **out, const char *path, enum sql_mode mode, lede_error *err) {
    *out = NULL;
    struct sql *sql = calloc(1, sizeof *sql);
    if (!sql)
        return error_nomem(err);
    lede_status status;
    sql->path = strdup(path);
    if (!sql->path)
        status = error_nomem(err);
    else if (mode == SQL_WRITE)
        status = open_database(sql, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
    else
        status = open_database(sql, path, SQLITE_OPEN_READONLY, err);
    if (!status)
        status = read_schema(sql, err);
    if (status)
        sql_close(sql);
    else
        *out = sql;
    return status;
}

static bool digest_bytes(sqlite3_file *file, XXH3_state_t *state, uint8_t *chunk) {
    sqlite3_int64 size = 0;
    bool read = file->pMethods->xFileSize(file, &size) == SQLITE_OK;
    for (sqlite3_int64 at = 0; read && at < size; at += CHUNK) {
        int n = size - at < CHUNK ? (int)(size - at) : CHUNK;
        read = file->pMethods->xRead(file, chunk, n, at) == SQLITE_OK;
        XXH3_64bits_update(state, chunk, (size_t)n);
    }
    return read;
}

bool sql_file_digest(const char *path, uint64_t *digest) {
    struct sql sql = {.db = NULL};
    sqlite3_file *file = NULL;
    char *uri = immutable_uri(path);
    uint8_t *chunk = malloc(CHUNK);
    XXH3_state_t *state = XXH3_createState();
    bool read = uri && chunk && state && !open_database(&sql, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) &&
                !sqlite3_file_control(sql.db, "main", SQLITE_FCNTL_FILE_POINTER, &file) && file->pMethods;
    if (read) {
        XXH3_64bits_reset(state);
        read = digest_bytes(file, state, chunk);
    }
    if (read)
        *digest = XXH3_64bits_digest(state);
    sqlite3_close(sql.db);
    XXH3_freeState(state);
    free(chunk);
    free(uri);
    return read;
}

void sql_close(struct sql *sql) {
    if (!sql)
        return;
    for (size_t i = 0; i < sql->count; i++)
        sqlite3_finalize(sql->statements[i].statement);
    sqlite3_close(sql->db);
    free(sql->path);
    free(sql);
}

bool sql_is_frozen(const struct sql *sql) {
    return sql->frozen;
}

bool sql_has_log(const struct sql *sql) {
    return has_log(sql->path);
}

lede_status sql_run(struct sql *sql, const char *statements, lede_error *err) {
    return sqlite3_exec(sql->db, statements, NULL, NULL, NULL) ? sql_error(sql, err) : LEDE_OK;
}

lede_status sql_number(struct sql *sql, const char *statement, int64_t *value, lede_error *err) {
    sqlite3_stmt *s = NULL;
    *value = 0;
    if (sqlite3_prepare_v2(sql->db, statement, -1, &s, NULL))
        return sql_error(sql, err);
    lede_status status = LEDE_OK;
    int code = sqlite3_step(s);
    if (code == SQLITE_ROW)
        *value = sqlite3_column_int64(s, 0);
    else if (code != SQLITE_DONE)
        status = sql_error(sql, err);
    sqlite3_finalize(s);
    return status;
}

lede_status sql_prepare(sqlite3_stmt **out, struct sql *sql, const char *text, lede_error *err) {
    for (size_t i = 0; i < sql->count; i++) {
        if (sql->statements[i].text == text) {
            *out = sql->statements[i].statement;
            sqlite3_reset(*out);
            sqlite3_clear_bindings(*out);
            return LEDE_OK;
        }
    }
    *out = NULL;
    if (sql->count == STATEMENTS_MAX)
        return error_set(err, LEDE_INVALID, "%s: too many statements", sql->path);
    if (sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL))
        return sql_error(sql, err);
    sql->statements[sql->count].text = text;
    sql->statements[sql->count++].statement = *out;
    return LEDE_OK;
}

lede_status sql_step(struct sql *sql, sqlite3_stmt *s, bool *row, lede_error *err) {
    int code = sqlite3_step(s);
    *row = code == SQLITE_ROW;
    if (*row)
        return LEDE_OK;
    lede_status status = code == SQLITE_DONE ? LEDE_OK : sql_error(sql, err);
    sqlite3_reset(s);
    return status;
}

lede_status sql_execute(struct sql *sql, sqlite3_stmt *s, lede_error *err) {
    bool row = false;
    lede_status status = sql_step(sql, s, &row, err);
    sqlite3_reset(s);
    return status;
}

void sql_bind_u64(sqlite3_stmt *s, int column, uint64_t value) {
    sqlite3_bind_int64(s, column, (int64_t)value);
}

void sql_bind_i64(sqlite3_stmt *s, int column, int64_t value) {
    sqlite3_bind_int64(s, column, value);
}

void sql_bind_bytes(sqlite3_stmt *s, int column, const void *bytes, size_t len) {
    sqlite3_bind_blob64(s, column, bytes, len, SQLITE_STATIC);
}

void sql_bind_text(sqlite3_stmt *s, int column, const char *text) {
    sqlite3_bind_text(s, column, text, -1, SQLITE_STATIC);
}
