#include "screen_layout.h"

enum {
    WIDE = 96,           /* columns from which on the preview stands beside the list */
    LIST_NARROWEST = 44, /* beside a preview */
    LIST_WIDEST = 76,
    PREVIEW_LEAST = 3, /* rows, below a list */
    ROOMY = 6,         /* rows of a list from which on a hit gets two */
    GENEROUS = 20,     /* and three */
};

static unsigned between(unsigned least, unsigned value, unsigned most) {
    return value < least ? least : value > most ? most : value;
}

static void put_beside(struct screen_layout *l, struct area body) {
    unsigned width = between(LIST_NARROWEST, body.columns * 2 / 5, LIST_WIDEST);
    l->list = (struct area){body.row, 0, body.rows, width};
    l->rule = (struct area){body.row, width, body.rows, 1};
    l->preview = (struct area){body.row, width + 1, body.rows, body.columns - width - 1};
}

static void put_below(struct screen_layout *l, struct area body) {
    unsigned rows = between(PREVIEW_LEAST, body.rows / 2, body.rows - PREVIEW_LEAST - 1);
    l->list = (struct area){body.row, 0, body.rows - rows - 1, body.columns};
    l->rule = (struct area){body.row + l->list.rows, 0, 1, body.columns};
    l->preview = (struct area){l->rule.row + 1, 0, rows, body.columns};
}

struct screen_layout screen_layout(unsigned rows, unsigned columns, bool with_preview) {
    struct screen_layout l = {.input = {0, 0, rows > 0, columns}, .status = {1, 0, rows > 1, columns}};
    struct area body = {2, 0, rows > 2 ? rows - 2 : 0, columns};
    if (with_preview && columns >= WIDE && body.rows >= PREVIEW_LEAST)
        put_beside(&l, body);
    else if (with_preview && body.rows >= 2 * PREVIEW_LEAST + 1)
        put_below(&l, body);
    else
        l.list = body;
    l.hit_rows = l.list.rows >= GENEROUS ? 3 : l.list.rows >= ROOMY ? 2 : 1;
    return l;
}
