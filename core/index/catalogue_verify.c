#include <stdio.h>
#include <string.h>

#include "catalogue_private.h"
#include "core/base/error.h"

/* ----------------------------------------------------------------------------------- digests -- */

const struct digested catalogue_segment_rows = {
    "segments",
    {"id", "size", "checksum", "passages", "articles", "total_length", "deleted_passages", "deleted_articles",
     "deleted"},
};
static const struct digested setting_rows = {"settings", {"name", "value"}};
static const struct digested source_rows = {"sources", {"id", "path", "size", "mtime", "hash", "state", "retired"}};
static const struct digested schema_rows = {"sqlite_schema", {"type", "name", "tbl_name", "sql"}};

static const struct digested *const changing[] = {&setting_rows, &catalogue_segment_rows, &source_rows};
enum { CHANGING = sizeof changing / sizeof *changing };

lede_status catalogue_follow_digests(struct catalogue *c, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; !status && i < CHANGING; i++)
        status = digest_follow(c->sql, changing[i], err);
    return status;
}

lede_status catalogue_begin_digests(struct catalogue *c, lede_error *err) {
    lede_status status = digest_begin(c->sql, &schema_rows, err);
    for (size_t i = 0; !status && i < CHANGING; i++)
        status = digest_begin(c->sql, changing[i], err);
    return status ? status : catalogue_follow_digests(c, err);
}

/* ------------------------------------------------------------------------------------ verify -- */

struct verify {
    struct catalogue *catalogue;
    void (*report)(void *ctx, const char *fault);
    void *ctx;
    uint64_t faults;
};

static void fault(struct verify *v, const char *what) {
    v->faults++;
    v->report(v->ctx, what);
}

static void fault_in_file(struct verify *v, const char *what) {
    char line[LEDE_ERROR_MESSAGE_SIZE];
    snprintf(line, sizeof line, "%s: %s", sql_path(v->catalogue->sql), what);
    fault(v, line);
}

/* Trees, pages and indexes. Each row is a fault, but the one that says "ok". */
static lede_status verify_structure(struct verify *v, lede_error *err) {
    sqlite3_stmt *s;
    bool row = false;
    struct sql *sql = v->catalogue->sql;
    lede_status status = sql_prepare(&s, sql, "PRAGMA integrity_check", err);
    if (!status)
        status = sql_step(sql, s, &row, err);
    while (!status && row) {
        const char *line = (const char *)sqlite3_column_text(s, 0);
        if (!line || strcmp(line, "ok"))
            fault_in_file(v, line ? line : "unknown fault");
        status = sql_step(sql, s, &row, err);
    }
    return status;
}

static lede_status verify_rows(struct verify *v, const struct digested *table, lede_error *err) {
    lede_error failure = {.status = LEDE_OK};
    lede_status status = digest_verify(v->catalogue->sql, table, &failure);
    if (status == LEDE_CORRUPT)
        fault(v, failure.message);
    else if (status && err)
        *err = failure;
    return status == LEDE_CORRUPT ? LEDE_OK : status;
}

/* What of the header is the same in each catalogue, whatever its size and history (https://sqlite.org/fileformat2.html,
 * 1.3). SQLite itself looks at some of it only when it has to. */
static bool header_is_ours(const uint8_t *h) {
    static const uint8_t zeros[20];
    return h[18] == 2 && h[19] == 2 && h[20] == 0 &&                  /* log; no room reserved in pages */
           h[21] == 64 && h[22] == 32 && h[23] == 32 &&               /* payload fractions */
           !memcmp(h + 44, "\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\1", 16) && /* schema format; cache size; vacuum; UTF-8 */
           !memcmp(h + 64, zeros, 4) && !memcmp(h + 72, zeros, 20);
}

/* Through SQLite, as to open and close its file behind its back would end the locks that the process has on it. */
static lede_status verify_header(struct verify *v, lede_error *err) {
    struct sql *sql = v->catalogue->sql;
    sqlite3_file *file = NULL;
    uint8_t header[100];
    if (sqlite3_file_control(sql_database(sql), "main", SQLITE_FCNTL_FILE_POINTER, &file) || !file->pMethods)
        return error_set(err, LEDE_IO, "%s: SQLite has no file of it", sql_path(sql));
    int code = file->pMethods->xRead(file, header, sizeof header, 0);
    if (code && code != SQLITE_IOERR_SHORT_READ)
        return error_set(err, LEDE_IO, "%s: cannot be read", sql_path(sql));
    /* With a log, which our connection keeps from going away, the one that counts may stand there. */
    if (!sql_has_log(sql) && (code || !header_is_ours(header)))
        fault_in_file(v, "its header is not that of a catalogue; restore the index or index again");
    return LEDE_OK;
}

lede_status catalogue_verify(struct catalogue *c, void (*report)(void *ctx, const char *fault), void *ctx,
                             uint64_t *faults, lede_error *err) {
    struct verify v = {c, report, ctx, 0};
    lede_status status = verify_structure(&v, err);
    if (!status)
        status = verify_header(&v, err);
    if (!status)
        status = verify_rows(&v, &schema_rows, err);
    for (size_t i = 0; !status && i < CHANGING; i++)
        status = verify_rows(&v, changing[i], err);
    *faults = v.faults;
    return status;
}
