#include "grid.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LEFT_TO_RIGHT_MARK = 0x200E };

static const char ellipsis[] = "\xE2\x80\xA6";

bool grid_reset(struct grid *g, unsigned rows, unsigned columns) {
    size_t count = (size_t)rows * columns;
    if (rows != g->rows || columns != g->columns || !g->cells) {
        struct cell *cells = realloc(g->cells, (count + 1) * sizeof *cells);
        if (!cells)
            return false;
        *g = (struct grid){.rows = rows, .columns = columns, .cells = cells};
    }
    for (size_t i = 0; i < count; i++)
        g->cells[i] = (struct cell){.characters = {' '}, .width = 1};
    g->cursor_row = g->cursor_column = 0;
    return true;
}

void grid_release(struct grid *g) {
    free(g->cells);
    *g = (struct grid){0};
}

struct cell *grid_cell(const struct grid *g, unsigned row, unsigned column) {
    return &g->cells[(size_t)row * g->columns + column];
}

struct pen pen_at(struct grid *g, const struct area *area, unsigned row) {
    struct pen p = {.grid = g, .row = area->row + row, .column = area->column};
    unsigned end = area->column + area->columns;
    bool is_there = row < area->rows && p.row < g->rows && area->column < g->columns;
    p.end = !is_there ? p.column : end < g->columns ? end : g->columns;
    return p;
}

static bool put(struct pen *p, const struct glyph *glyph) {
    if (glyph->count == 0)
        return true;
    if (p->column >= p->end || glyph->width > p->end - p->column)
        return false;
    struct cell *cell = grid_cell(p->grid, p->row, p->column);
    *cell = (struct cell){.ink = p->ink, .width = (uint8_t)glyph->width};
    memcpy(cell->characters, glyph->characters, glyph->count * sizeof *glyph->characters);
    if (glyph->width == 2)
        cell[1] = (struct cell){.ink = p->ink};
    p->column += glyph->width;
    p->is_rtl = glyph->is_rtl || (p->is_rtl && glyph->is_space);
    return true;
}

static bool write_range(struct pen *p, const char *text, size_t len, size_t *at, bool *spaced) {
    struct glyph glyph;
    while (*at < len) {
        size_t next = *at;
        glyph_next(&glyph, text, len, &next);
        if (!(glyph.is_space && *spaced) && !put(p, &glyph))
            return false;
        *spaced = glyph.is_space;
        *at = next;
    }
    return true;
}

bool pen_write(struct pen *p, const char *text, size_t len) {
    size_t at = 0;
    bool spaced = false;
    return write_range(p, text, len, &at, &spaced);
}

bool pen_print(struct pen *p, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    return pen_write(p, text, len);
}

bool pen_write_marked(struct pen *p, const struct marked_text *text, size_t from, size_t to) {
    uint8_t ink = p->ink;
    size_t at = from;
    bool spaced = false, whole = true;
    for (size_t i = 0; i <= text->span_count && at < to && whole; i++) {
        bool is_last = i == text->span_count;
        size_t start = is_last ? to : text->spans[i].start, end = is_last ? to : text->spans[i].end;
        if (end <= at)
            continue;
        whole = at >= start || write_range(p, text->text, start < to ? start : to, &at, &spaced);
        p->ink = (uint8_t)(INK_MATCH | (ink & INK_SELECTED));
        whole = whole && (is_last || write_range(p, text->text, end < to ? end : to, &at, &spaced));
        p->ink = ink;
    }
    return whole;
}

void pen_write_cut(struct pen *p, const struct marked_text *text, unsigned columns) {
    unsigned end = p->end, room = p->column < end ? end - p->column : 0;
    bool is_cut = glyph_columns(text->text, text->len) > (columns < room ? columns : room);
    if (columns < room)
        p->end = p->column + columns;
    if (is_cut && p->end > p->column) {
        p->end--;
        pen_write_marked(p, text, 0, text->len);
        p->end++;
        pen_close(p);
        pen_write(p, ellipsis, sizeof ellipsis - 1);
    } else {
        pen_write_marked(p, text, 0, text->len);
    }
    p->end = end;
}

void pen_close(struct pen *p) {
    if (!p->is_rtl)
        return;
    struct cell *cell = grid_cell(p->grid, p->row, p->column - 1);
    if (cell->width == 0)
        cell--;
    size_t i = 0;
    while (i < CELL_CHARACTERS && cell->characters[i])
        i++;
    if (i < CELL_CHARACTERS)
        cell->characters[i] = LEFT_TO_RIGHT_MARK;
    p->is_rtl = false;
}

void pen_skip(struct pen *p, unsigned columns) {
    pen_move(p, p->column + columns);
}

void pen_move(struct pen *p, unsigned column) {
    pen_close(p);
    if (column > p->column)
        p->column = column < p->end ? column : p->end;
}

void grid_ink(struct grid *g, unsigned row, unsigned from, unsigned to, uint8_t flag) {
    for (unsigned column = from; row < g->rows && column < to && column < g->columns; column++) {
        struct cell *cell = grid_cell(g, row, column);
        cell->ink = (uint8_t)(cell->ink | flag);
    }
}
