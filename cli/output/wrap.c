#include "wrap.h"

#include "glyph.h"

/* Bytes to look back for the start of a paragraph; what is longer is cut somewhere in between. */
enum { PARAGRAPH_MOST = 1 << 16 };

/* Behind white space, and behind one line end among it. */
static size_t skip_space(const char *text, size_t len, size_t at) {
    struct glyph g;
    while (at < len) {
        size_t next = at;
        glyph_next(&g, text, len, &next);
        if (!g.is_space)
            return at;
        at = next;
        if (g.ends_line)
            return at;
    }
    return at;
}

/* Behind blanks, but not behind a line end. */
static size_t skip_blanks(const char *text, size_t len, size_t at) {
    struct glyph g;
    while (at < len) {
        size_t next = at;
        glyph_next(&g, text, len, &next);
        if (!g.is_space || g.ends_line)
            return at;
        at = next;
    }
    return at;
}

struct wrapped wrap_next(const char *text, size_t len, size_t at, unsigned columns) {
    struct wrapped row = {skip_blanks(text, len, at), 0, 0};
    struct wrapped broken = row; /* at the last place where it can be */
    unsigned column = 0;
    struct glyph g;
    at = row.start;
    while (at < len) {
        size_t here = at;
        glyph_next(&g, text, len, &at);
        bool can_break = here > row.start && (g.is_space || g.width == 2);
        if (can_break && !(g.is_space && broken.end && broken.next == here))
            broken.end = here;
        if (can_break)
            broken.next = g.is_space ? at : here;
        if (g.ends_line) {
            row.end = can_break ? broken.end : here;
            row.next = at;
            return row;
        }
        if (column + g.width > columns && here > row.start) {
            row.end = broken.end ? broken.end : here;
            row.next = broken.end ? skip_space(text, len, broken.end) : here;
            return row;
        }
        column += g.width;
    }
    row.end = broken.end && broken.next == len ? broken.end : len;
    row.next = len;
    return row;
}

/* Where the paragraph starts that has the byte `at` in it. */
static size_t paragraph_start(const char *text, size_t at) {
    size_t least = at > PARAGRAPH_MOST ? at - PARAGRAPH_MOST : 0;
    while (at > least && text[at - 1] != '\n')
        at--;
    while (at > 0 && at == least && ((unsigned char)text[at] & 0xC0) == 0x80)
        at--, least--;
    return at;
}

size_t wrap_start(const char *text, size_t len, size_t at, unsigned columns) {
    size_t start = paragraph_start(text, at);
    for (;;) {
        struct wrapped row = wrap_next(text, len, start, columns);
        if (row.next > at || row.next >= len)
            return start;
        start = row.next;
    }
}

size_t wrap_previous(const char *text, size_t len, size_t start, unsigned columns) {
    return wrap_start(text, len, start - 1, columns);
}
