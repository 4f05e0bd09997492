/* screen_layout.h - where the parts of the full-screen prompt stand, by the size of the window.
 *
 *     lede> lavrov simla                              lede> lavrov simla
 *     52 passages match, 0.8 ms                       52 passages match
 *     list           | preview                        list
 *                    |                                -----------------
 *                    |                                preview
 */
#ifndef LEDE_CLI_SCREEN_LAYOUT_H
#define LEDE_CLI_SCREEN_LAYOUT_H

#include "grid.h"

/* Parts that there is no room for have no rows. */
struct screen_layout {
    struct area input, status, list, preview;
    struct area rule;  /* between list and preview: one column, or one row */
    unsigned hit_rows; /* that a hit takes in the list */
};

struct screen_layout screen_layout(unsigned rows, unsigned columns, bool with_preview);

#endif
