/* history.h - the queries of earlier sessions: a text file, one a line, the oldest first, in
 * ${XDG_STATE_HOME:-~/.local/state}/lede/history. Lines are appended one by one, so that several prompts at once
 * keep what each of them saw. */
#ifndef LEDE_CLI_HISTORY_H
#define LEDE_CLI_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

enum { HISTORY_MAX = 1000 }; /* lines to remember */

/* Where it is; to be freed. NULL if there is no home. */
char *history_path(void);

/* Calls `each` with the last HISTORY_MAX lines, NUL-terminated. A file that has grown to twice as many is cut. */
void history_load(const char *path, void (*each)(void *ctx, const char *line), void *ctx);

/* Appends a line, after making the folder if need be. False, with errno set, if it can't be. */
bool history_append(const char *path, const char *line);

#endif
