/* screen_list.h - hits as they stand in the list of the full-screen prompt. */
#ifndef LEDE_CLI_SCREEN_LIST_H
#define LEDE_CLI_SCREEN_LIST_H

#include <lede.h>

#include "grid.h"

/* Draws a hit into all rows of the area: its title and date, and in what rows are left the part of the passage that has
 * the most matches. With one row they stand side by side. */
void screen_draw_hit(struct grid *g, const struct area *area, size_t rank, const lede_passage_view *view,
                     bool is_selected);

#endif
