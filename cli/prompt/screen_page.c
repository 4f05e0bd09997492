#include "screen_page.h"

#include <string.h>

/* A row of the page: bytes of its text, some columns to the right. */
struct page_row {
    size_t start, end, next;
    unsigned indent;
    bool is_first; /* of its line */
};

static size_t line_end(const char *text, size_t at) {
    return at + strcspn(text + at, "\n");
}

/* The columns by which a line that begins at `at` is indented where it goes on. */
static unsigned hanging_indent(const char *text, size_t at, unsigned columns) {
    size_t end = line_end(text, at), first = at + strspn(text + at, " "), gap = first;
    while (gap < end && memcmp(text + gap, "  ", 2) != 0)
        gap++;
    size_t second = gap + strspn(text + gap, " ");
    size_t indent = second < end ? glyph_columns(text + at, second - at) : first - at;
    if (indent > columns / 2)
        indent = first - at + 2;
    return indent > columns / 2 ? 0 : (unsigned)indent;
}

/* As far as the columns go, at least one glyph; back to a blank if a word would be cut that fits in a row. */
static void fill_row(struct page_row *row, const char *text, size_t line, unsigned columns) {
    size_t blank = row->start, at = row->start;
    unsigned used = 0;
    struct glyph glyph;
    while (at < line) {
        size_t next = at;
        glyph_next(&glyph, text, line, &next);
        if (used + glyph.width > columns && at > row->start)
            break;
        blank = text[at] == ' ' ? at : blank;
        used += glyph.width;
        at = next;
    }
    row->end = at == line || text[at] == ' ' || blank == row->start ? at : blank;
    row->next = row->end + strspn(text + row->end, " ");
    row->next = row->next == line && text[line] ? line + 1 : row->next;
}

/* The row that starts at `at`, where the line begins at *line, which moves on with it. */
static struct page_row next_row(const char *text, size_t at, size_t *line, unsigned columns) {
    struct page_row row = {.start = at};
    row.is_first = at == *line;
    row.indent = row.is_first ? 0 : hanging_indent(text, *line, columns);
    fill_row(&row, text, line_end(text, at), columns - row.indent);
    if (row.next > 0 && text[row.next - 1] == '\n')
        *line = row.next;
    return row;
}

static size_t count_rows(const char *text, unsigned columns) {
    size_t count = 0, line = 0;
    for (size_t at = 0; text[at]; count++)
        at = next_row(text, at, &line, columns).next;
    return count;
}

/* Blank by blank, unlike articles: they are what columns are made of. */
static void draw_row(struct pen *p, const char *text, const struct page_row *row) {
    struct glyph glyph;
    pen_skip(p, row->indent);
    for (size_t at = row->start, next; at < row->end; at = next) {
        next = at;
        glyph_next(&glyph, text, row->end, &next);
        pen_write(p, text + at, next - at);
    }
}

void screen_draw_page(struct grid *g, const struct area *area, const char *text, size_t *top) {
    unsigned columns = area->columns ? area->columns : 1;
    size_t rows = count_rows(text, columns), line = 0, at = 0, last = rows > area->rows ? rows - area->rows : 0;
    *top = *top < last ? *top : last;
    for (size_t i = 0; text[at] && i < *top + area->rows; i++) {
        struct page_row row = next_row(text, at, &line, columns);
        at = row.next;
        if (i < *top)
            continue;
        struct pen p = pen_at(g, area, (unsigned)(i - *top));
        draw_row(&p, text, &row);
    }
}
