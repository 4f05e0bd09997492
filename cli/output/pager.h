/* pager.h - long texts in the user's pager. */
#ifndef LEDE_CLI_PAGER_H
#define LEDE_CLI_PAGER_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/common/terminal.h"

/* True if the pager shows colours instead of escape sequences: less does. */
bool pager_shows_color(void);

/* Shows the text in $PAGER (default: less -R) with line `line`, from 0, at the top if the pager is less. Without a
 * terminal, with an empty $PAGER, or if the pager can't be run, prints it instead. True if it was less, which ends when
 * the reader says so; after others the text may still have to be read. */
bool pager_show(const struct terminal *t, const char *text, size_t len, size_t line);

/* The shell command that does it; an empty one if the text is to be printed. */
void pager_command(char *command, size_t size, const char *pager, size_t line);

#endif
