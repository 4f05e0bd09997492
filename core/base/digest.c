#include "digest.h"

#include <string.h>
#include <xxhash.h>

#include "error.h"

/* ------------------------------------------------------------------------------ SQL functions -- */

static uint64_t digest_of_value(sqlite3_value *v, uint64_t seed) {
    int type = sqlite3_value_type(v);
    seed += (uint64_t)type;
    switch (type) {
    case SQLITE_INTEGER: {
        uint8_t bytes[8];
        uint64_t number = (uint64_t)sqlite3_value_int64(v);
        for (unsigned i = 0; i < 8; i++)
            bytes[i] = (uint8_t)(number >> 8 * i);
        return XXH3_64bits_withSeed(bytes, sizeof bytes, seed);
    }
    case SQLITE_NULL: return XXH3_64bits_withSeed("", 0, seed);
    default: {
        const void *bytes = sqlite3_value_blob(v); /* of a number that is no integer, which we never store, its text */
        return XXH3_64bits_withSeed(bytes ? bytes : "", bytes ? (size_t)sqlite3_value_bytes(v) : 0, seed);
    }
    }
}

static uint64_t digest_of_row(int n, sqlite3_value **values) {
    uint64_t digest = 0;
    for (int i = 0; i < n; i++)
        digest = digest_of_value(values[i], digest);
    return digest;
}

/* digest_add(digest, columns...) */
static void add_row(sqlite3_context *context, int n, sqlite3_value **values) {
    uint64_t sum = (uint64_t)sqlite3_value_int64(values[0]) + digest_of_row(n - 1, values + 1);
    sqlite3_result_int64(context, (int64_t)sum);
}

/* digest_subtract(digest, columns...) */
static void subtract_row(sqlite3_context *context, int n, sqlite3_value **values) {
    uint64_t sum = (uint64_t)sqlite3_value_int64(values[0]) - digest_of_row(n - 1, values + 1);
    sqlite3_result_int64(context, (int64_t)sum);
}

/* digest(columns...), over all rows */
static void step(sqlite3_context *context, int n, sqlite3_value **values) {
    uint64_t *sum = sqlite3_aggregate_context(context, sizeof *sum);
    if (sum)
        *sum += digest_of_row(n, values);
    else
        sqlite3_result_error_nomem(context);
}

static void finish(sqlite3_context *context) {
    const uint64_t *sum = sqlite3_aggregate_context(context, 0);
    sqlite3_result_int64(context, sum ? (int64_t)*sum : 0);
}

lede_status digest_prepare(struct sql *sql, lede_error *err) {
    enum { FLAGS = SQLITE_UTF8 | SQLITE_DETERMINISTIC };
    sqlite3 *db = sql_database(sql);
    bool failed = sqlite3_create_function_v2(db, "digest_add", -1, FLAGS, NULL, add_row, NULL, NULL, NULL) ||
                  sqlite3_create_function_v2(db, "digest_subtract", -1, FLAGS, NULL, subtract_row, NULL, NULL, NULL) ||
                  sqlite3_create_function_v2(db, "digest", -1, FLAGS, NULL, NULL, step, finish, NULL);
    return failed ? sql_error(sql, err) : LEDE_OK;
}

/* --------------------------------------------------------------------------------- statements -- */

/* ", new.id, new.path"; with an empty prefix, "id, path". */
static void append_columns(sqlite3_str *s, const struct digested *table, const char *prefix) {
    for (size_t i = 0; table->columns[i]; i++)
        sqlite3_str_appendf(s, "%s%s%s", i || *prefix ? ", " : "", prefix, table->columns[i]);
}

static void append_trigger(sqlite3_str *s, const struct digested *table, const char *event, bool out, bool in) {
    sqlite3_str_appendf(s,
                        "CREATE TEMP TRIGGER %s_%s AFTER %s ON main.%s BEGIN UPDATE digests SET value = ", table->table,
                        event, event, table->table);
    sqlite3_str_appendf(s, "%s%svalue", in ? "digest_add(" : "", out ? "digest_subtract(" : "");
    if (out) {
        append_columns(s, table, "old.");
        sqlite3_str_appendall(s, ")");
    }
    if (in) {
        append_columns(s, table, "new.");
        sqlite3_str_appendall(s, ")");
    }
    sqlite3_str_appendf(s, " WHERE name = '%s'; END;", table->table);
}

static lede_status run_built(struct sql *sql, sqlite3_str *s, lede_error *err) {
    char *statements = sqlite3_str_finish(s);
    lede_status status = statements ? sql_run(sql, statements, err) : error_nomem(err);
    sqlite3_free(statements);
    return status;
}

lede_status digest_follow(struct sql *sql, const struct digested *table, lede_error *err) {
    sqlite3_str *s = sqlite3_str_new(sql_database(sql));
    /* Without the first, a row that is replaced would leave unseen. */
    sqlite3_str_appendall(s, "PRAGMA recursive_triggers = ON; PRAGMA temp_store = MEMORY;");
    append_trigger(s, table, "INSERT", false, true);
    append_trigger(s, table, "UPDATE", true, true);
    append_trigger(s, table, "DELETE", true, false);
    return run_built(sql, s, err);
}

static void append_digest(sqlite3_str *s, const struct digested *table) {
    sqlite3_str_appendall(s, "SELECT digest(");
    append_columns(s, table, "");
    sqlite3_str_appendf(s, ") FROM main.%s", table->table);
}

lede_status digest_begin(struct sql *sql, const struct digested *table, lede_error *err) {
    sqlite3_str *s = sqlite3_str_new(sql_database(sql));
    sqlite3_str_appendf(s, "INSERT INTO digests(name, value) VALUES('%s', (", table->table);
    append_digest(s, table);
    sqlite3_str_appendall(s, "));");
    return run_built(sql, s, err);
}

lede_status digest_verify(struct sql *sql, const struct digested *table, lede_error *err) {
    int64_t same = 0;
    sqlite3_str *s = sqlite3_str_new(sql_database(sql));
    sqlite3_str_appendall(s, "SELECT (");
    append_digest(s, table);
    sqlite3_str_appendf(s, ") = (SELECT value FROM digests WHERE name = '%s')", table->table);
    char *statement = sqlite3_str_finish(s);
    lede_status status = statement ? sql_number(sql, statement, &same, err) : error_nomem(err);
    sqlite3_free(statement);
    return status || same
               ? status
               : error_set(err, LEDE_CORRUPT,
                           "%s: the rows of %s are not those that were written; restore the index or index again",
                           sql_path(sql), table->table);
}
