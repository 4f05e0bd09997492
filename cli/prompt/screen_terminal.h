/* screen_terminal.h - a grid on a terminal, by curses. However the program ends, but for SIGKILL, the terminal is as it
 * was before. */
#ifndef LEDE_CLI_SCREEN_TERMINAL_H
#define LEDE_CLI_SCREEN_TERMINAL_H

#include <lede.h>

#include "grid.h"

struct screen_terminal;

/* Takes over the terminal of standard input and output, of which there can be one. LEDE_UNSUPPORTED, with the terminal
 * as it was, if it is one that can't place its cursor, or if curses can't be loaded. */
LEDE_NODISCARD lede_status screen_terminal_new(struct screen_terminal **out, bool color, lede_error *err);
void screen_terminal_free(struct screen_terminal *t);

/* Shows the grid; only what is other than before is sent. */
void screen_terminal_show(struct screen_terminal *t, const struct grid *g);

/* Rows and columns; true if they are others than at the last call. */
bool screen_terminal_size(struct screen_terminal *t, unsigned *rows, unsigned *columns);

/* Gives the terminal back, as for a pager, and takes it again: then all is drawn anew at the next show. */
void screen_terminal_leave(struct screen_terminal *t);
void screen_terminal_enter(struct screen_terminal *t);

/* The next show draws all of it, as something else may have written there. */
void screen_terminal_spoil(struct screen_terminal *t);

#endif
