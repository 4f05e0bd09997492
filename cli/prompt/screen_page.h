/* screen_page.h - a text of some screens in place of the hits: the keys, help, what a query is read as. It stands in
 * lines that end in '\n'; those that are too wide for the screen go on below, as far to the right as their second
 * column, if they have one, else as their beginning. */
#ifndef LEDE_CLI_SCREEN_PAGE_H
#define LEDE_CLI_SCREEN_PAGE_H

#include "grid.h"

/* Draws the rows of a text from row *top on; *top becomes less if the text would end above the last row of the area. */
void screen_draw_page(struct grid *g, const struct area *area, const char *text, size_t *top);

#endif
