/* sql.h - a connection to a SQLite database, with its statements kept ready, and SQLite's errors as ours.
 *
 *     sqlite3_stmt *s;
 *     bool row = false;
 *     lede_status status = sql_prepare(&s, sql, "SELECT path FROM sources WHERE id = ?1", err);
 *     if (!status) {
 *         sql_bind_u64(s, 1, id);
 *         status = sql_step(sql, s, &row, err);
 *         if (row)
 *             ... sqlite3_column_blob(s, 0) ...
 *         sqlite3_reset(s);
 *     }
 */
#ifndef LEDE_CORE_SQL_H
#define LEDE_CORE_SQL_H

#include <lede.h>
#include <sqlite3.h>

struct sql;

enum sql_mode { SQL_READ, SQL_WRITE };

/* Opens the database file; with SQL_WRITE it is made, empty, if there is none. One in WAL mode on a file system that
 * can't be written to is read as it is, if there is no log beside it that would have to be read too. */
LEDE_NODISCARD lede_status sql_open(struct sql **out, const char *path, enum sql_mode mode, lede_error *err);
void sql_close(struct sql *sql);
/* Whether it is read so, and shows no later changes. */
bool sql_is_frozen(const struct sql *sql);
/* Whether some of it stands in the log beside the file. */
bool sql_has_log(const struct sql *sql);

/* The digest (XXH3, 64 bits) of a database's file as it is, of whatever bytes. It is read through SQLite: to open and
 * close the file behind its back would end the locks that this process has on it. False if it can't be read. */
bool sql_file_digest(const char *path, uint64_t *digest);

sqlite3 *sql_database(const struct sql *sql);
const char *sql_path(const struct sql *sql);

/* The status and message of the last failure of the connection. */
lede_status sql_error(const struct sql *sql, lede_error *err);

/* Runs statements that give no rows. */
LEDE_NODISCARD lede_status sql_run(struct sql *sql, const char *statements, lede_error *err);
/* Runs a statement that gives one number, such as a PRAGMA. */
LEDE_NODISCARD lede_status sql_number(struct sql *sql, const char *statement, int64_t *value, lede_error *err);

/* A statement, reset and without bindings; borrowed. `text` is a string literal: its address is what the statement is
 * known by the next time. */
LEDE_NODISCARD lede_status sql_prepare(sqlite3_stmt **out, struct sql *sql, const char *text, lede_error *err);
/* *row tells whether it stands on a row. When it does not, or failed, the statement is reset already. */
LEDE_NODISCARD lede_status sql_step(struct sql *sql, sqlite3_stmt *s, bool *row, lede_error *err);
/* One step of a statement without rows. */
LEDE_NODISCARD lede_status sql_execute(struct sql *sql, sqlite3_stmt *s, lede_error *err);

/* Binding can't fail, as values are borrowed until the statement is prepared again. */
void sql_bind_u64(sqlite3_stmt *s, int column, uint64_t value);
void sql_bind_i64(sqlite3_stmt *s, int column, int64_t value);
void sql_bind_bytes(sqlite3_stmt *s, int column, const void *bytes, size_t len);
void sql_bind_text(sqlite3_stmt *s, int column, const char *text);

static inline uint64_t sql_u64(sqlite3_stmt *s, int column) {
    return (uint64_t)sqlite3_column_int64(s, column);
}

#endif
