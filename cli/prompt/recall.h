/* recall.h - earlier queries, gone through one by one or searched. */
#ifndef LEDE_CLI_RECALL_H
#define LEDE_CLI_RECALL_H

#include <stdbool.h>
#include <stddef.h>

struct recall {
    char **lines; /* the oldest first */
    size_t count, capacity;
    size_t at;   /* the one that is shown; `count` is the draft */
    char *draft; /* what was typed when going through them began; NULL: nothing */
};

void recall_release(struct recall *r);

/* Adds a line at the end, unless it is the last one already; the draft is shown. True if it was added. */
bool recall_add(struct recall *r, const char *line);

/* The line before or behind the one that is shown, other than `current`, which is kept if it is the draft. NULL if
 * there is none. */
const char *recall_older(struct recall *r, const char *current);
const char *recall_newer(struct recall *r, const char *current);

/* The last line before number `from` (`count`: of all) that has `text` in it, in any case of ASCII. Returns its
 * number; `count` if there is none. */
size_t recall_find(const struct recall *r, size_t from, const char *text);

#endif
