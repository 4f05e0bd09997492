/* screen_preview.h - an article around a passage, in the preview of the full-screen prompt. */
#ifndef LEDE_CLI_SCREEN_PREVIEW_H
#define LEDE_CLI_SCREEN_PREVIEW_H

#include "cli/output/article.h"
#include "grid.h"
#include "screen_model.h"

/* Draws title, facts and body, with the passage scroll->rows above where it stands at first, and then moved as it was
 * asked to. Each move ends where the body starts or ends; what came of them is told. */
void screen_draw_preview(struct grid *g, const struct area *area, const lede_hit *hit, const lede_passage_view *view,
                         const struct article *article, struct screen_scroll *scroll);

#endif
