/* screen_list.h - hits as they stand in the list of the full-screen prompt. */
#ifndef LEDE_CLI_SCREEN_LIST_H
#define LEDE_CLI_SCREEN_LIST_H

#include <lede.h>

#include "grid.h"

struct listed_hit {
    size_t rank;   /* from 1 */
    size_t copies; /* that were put under it */
    bool is_flat;  /* title and passage share the only row */
};

/* Draws a hit into the area: its title, how many copies it has, and its date, and in the rows below the part of the
 * passage that has the most matches. */
void screen_draw_hit(struct grid *g, const struct area *area, const struct listed_hit *hit,
                     const lede_passage_view *view, bool is_selected);

#endif
