/* wrap.h - text cut into the rows of a screen. Nothing is remembered: a row is told by the byte it starts at, so that
 * any part of a long text can be shown without a look at the rest. */
#ifndef LEDE_CLI_WRAP_H
#define LEDE_CLI_WRAP_H

#include <stddef.h>

/* A row: its bytes without the white space around them, and where the row below starts, `len` at the end. */
struct wrapped {
    size_t start, end, next;
};

/* The row that starts at `at`, `columns` wide. Words are kept whole where they fit in a row. */
struct wrapped wrap_next(const char *text, size_t len, size_t at, unsigned columns);

/* Where the row starts that has the byte `at` in it. */
size_t wrap_start(const char *text, size_t len, size_t at, unsigned columns);

/* The start of the row above the one that starts at `start` > 0. */
size_t wrap_previous(const char *text, size_t len, size_t start, unsigned columns);

#endif
