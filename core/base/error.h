/* error.h - filling in a caller's lede_error. */
#ifndef LEDE_CORE_ERROR_H
#define LEDE_CORE_ERROR_H

#include <lede.h>

/* Writes status and a formatted one-line message, with no offset, and returns the status. `err` may
 * be NULL. Every fallible function ends in one of these three, so that the deepest one that knows
 * the file and place is the one that says it. */
lede_status error_set(lede_error *err, lede_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "PATH: WHAT: <text of errno>" with the status that fits errno: LEDE_FULL, LEDE_NOMEM, LEDE_NOT_FOUND, LEDE_IO. */
lede_status error_io(lede_error *err, const char *path, const char *what);

/* "PATH: corrupt at byte OFFSET: WHAT; ..." with the remedy. */
lede_status error_corrupt(lede_error *err, const char *path, uint64_t offset, const char *what);

/* "out of memory" */
lede_status error_nomem(lede_error *err);

#endif
