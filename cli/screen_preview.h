/* screen_preview.h - an article around a passage, in the preview of the full-screen prompt. */
#ifndef LEDE_CLI_SCREEN_PREVIEW_H
#define LEDE_CLI_SCREEN_PREVIEW_H

#include "article.h"
#include "grid.h"
#include "screen_model.h"

/* Draws title, facts and body, with the passage scroll->rows above where it stands at first. That is brought back to
 * where the body starts or ends, and told. */
void screen_draw_preview(struct grid *g, const struct area *area, const lede_hit *hit, const lede_passage_view *view,
                         const struct article *article, struct screen_scroll *scroll);

#endif
