/* digest.h - whether the tables of a database still hold the rows that were written: SQLite notices damage to its
 * trees, but takes any value in a row.
 *
 * The digest of a row is XXH3 over its columns, that of a table the sum of its rows' modulo 2^64, so a change costs
 * the same however large the table is. It stands in a row of
 *
 *     digests(name TEXT PRIMARY KEY, value INTEGER NOT NULL)
 *
 * and the connection that writes keeps it true with triggers of its own, in the transaction of the change. Another
 * connection's changes are damage, too.
 */
#ifndef LEDE_CORE_DIGEST_H
#define LEDE_CORE_DIGEST_H

#include "sql.h"

struct digested {
    const char *table;
    const char *columns[12]; /* all of them; the rest NULL */
};

#define DIGEST_SCHEMA "CREATE TABLE digests(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"

/* Gives the connection the functions that the others rest on. */
LEDE_NODISCARD lede_status digest_prepare(struct sql *sql, lede_error *err);

/* From here on the changes that this connection makes to the table count. */
LEDE_NODISCARD lede_status digest_follow(struct sql *sql, const struct digested *table, lede_error *err);

/* Of an empty table, or one that never changes, as it is now. */
LEDE_NODISCARD lede_status digest_begin(struct sql *sql, const struct digested *table, lede_error *err);

/* LEDE_CORRUPT if the table's rows are not those that were written. Reads all of them. */
LEDE_NODISCARD lede_status digest_verify(struct sql *sql, const struct digested *table, lede_error *err);

#endif
