/* grid.h - a screenful of cells, drawn in memory before the terminal gets it. */
#ifndef LEDE_CLI_GRID_H
#define LEDE_CLI_GRID_H

#include "cli/common/text.h"
#include "cli/output/glyph.h"

/* How a cell looks; a screen decides what that is in its colours. Flags are added to one of the first. */
enum ink {
    INK_PLAIN = 0,
    INK_TITLE,
    INK_MATCH,
    INK_PATH,
    INK_FAINT,
    INK_ERROR,
    INK_COUNT,
    INK_SELECTED = 0x80,
};

/* A glyph and, behind what is written from right to left, a mark that keeps it from what follows. */
enum { CELL_CHARACTERS = GLYPH_CHARACTERS + 1 };

struct cell {
    uint32_t characters[CELL_CHARACTERS]; /* unused ones are 0 */
    uint8_t ink;
    uint8_t width; /* 1 or 2; 0 behind a wide one */
};

struct grid {
    unsigned rows, columns;
    struct cell *cells;
    unsigned cursor_row, cursor_column;
};

/* A part of a grid. */
struct area {
    unsigned row, column, rows, columns;
};

/* All blank. False: out of memory, and the grid is as it was. Zeroed storage is an empty grid. */
bool grid_reset(struct grid *g, unsigned rows, unsigned columns);
void grid_release(struct grid *g);

struct cell *grid_cell(const struct grid *g, unsigned row, unsigned column);

/* A place in a row where text goes, up to but without column `end`. */
struct pen {
    struct grid *grid;
    unsigned row, column, end;
    uint8_t ink;
    bool is_rtl; /* the last that was written was */
};

/* A pen at the start of a row of the area; one without room if the area has no such row. */
struct pen pen_at(struct grid *g, const struct area *area, unsigned row);

/* Writes in one line: runs of white space become a blank. Returns false if there was not room for all of it. */
bool pen_write(struct pen *p, const char *text, size_t len);
bool pen_print(struct pen *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The bytes from `from` to `to` of a text, with what matched lit. */
bool pen_write_marked(struct pen *p, const struct marked_text *text, size_t from, size_t to);

/* The text, with an ellipsis if it is longer than `columns`. */
void pen_write_cut(struct pen *p, const struct marked_text *text, unsigned columns);

/* Ends a field: what is written from right to left does not change places with what comes behind it. */
void pen_close(struct pen *p);

/* Goes `columns` further, or to a column of the grid, if that is not behind. */
void pen_skip(struct pen *p, unsigned columns);
void pen_move(struct pen *p, unsigned column);

/* Gives the row's cells from `from` to `to` another look. */
void grid_ink(struct grid *g, unsigned row, unsigned from, unsigned to, uint8_t flag);

#endif
