/* screen_list.h - hits as they stand in the list of the full-screen prompt. */
#ifndef LEDE_CLI_SCREEN_LIST_H
#define LEDE_CLI_SCREEN_LIST_H

#include <lede.h>

#include "grid.h"

/* Draws a hit into the area: its title and date, and in the rows below the part of the passage that has the most
 * matches. `is_flat`: title and passage share the only row. */
void screen_draw_hit(struct grid *g, const struct area *area, size_t rank, const lede_passage_view *view,
                     bool is_selected, bool is_flat);

#endif
