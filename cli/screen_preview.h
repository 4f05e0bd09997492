/* screen_preview.h - an article around a passage, in the preview of the full-screen prompt. */
#ifndef LEDE_CLI_SCREEN_PREVIEW_H
#define LEDE_CLI_SCREEN_PREVIEW_H

#include "article.h"
#include "grid.h"

/* Draws title, facts and body, with the passage `scroll` rows above where it stands at first. *scroll is brought back
 * to where the body starts or ends. */
void screen_draw_preview(struct grid *g, const struct area *area, const lede_hit *hit, const lede_passage_view *view,
                         const struct article *article, long *scroll);

#endif
