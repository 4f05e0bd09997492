/* screen_view.h - the full-screen prompt, drawn into a grid. */
#ifndef LEDE_CLI_SCREEN_VIEW_H
#define LEDE_CLI_SCREEN_VIEW_H

#include "cli/output/article.h"
#include "screen_layout.h"
#include "screen_model.h"
#include "screen_worker.h"

/* What is to be seen. */
struct screen_scene {
    struct screen_layout layout;
    struct screen_model *model;   /* its scroll is brought back to what there is */
    struct screen_answer *answer; /* to the last query; NULL: none yet */
    struct article *article;      /* of the selected hit; NULL: none */
    const char *greeting;         /* shown while there is nothing typed */
    const char *news;             /* said before the rest in the status line, or "" */
    bool is_waiting;              /* for an answer, for longer than one notices */
};

/* Draws all of it, and places the cursor. */
void screen_draw(struct grid *g, const struct screen_scene *scene);

#endif
