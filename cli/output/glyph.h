/* glyph.h - what takes a place of its own on the screen: a character with the marks upon it.
 *
 * Terminals disagree about the columns that joined emoji, variation selectors and marks of direction take. So what
 * they disagree about is not sent to them: the parts of a joined emoji stand side by side, and the rest is left out. */
#ifndef LEDE_CLI_GLYPH_H
#define LEDE_CLI_GLYPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A base and the marks upon it; what has more loses the last ones. */
enum { GLYPH_CHARACTERS = 4 };

struct glyph {
    uint32_t characters[GLYPH_CHARACTERS];
    unsigned count; /* of them; 0: nothing is to be shown */
    unsigned width; /* columns, 0 to 2 */
    bool is_space;  /* white space, shown as one blank */
    bool ends_line; /* a line end, which is white space, too */
    bool is_rtl;    /* written from right to left */
};

/* Reads the glyph at text[*at], *at < len, and moves *at behind it. Broken bytes and controls are U+FFFD. */
void glyph_next(struct glyph *g, const char *text, size_t len, size_t *at);

/* Where the glyph before text[at] starts, at > 0, when glyphs are counted from the start of the text. */
size_t glyph_before(const char *text, size_t at);

/* The columns that a text takes in one row. */
size_t glyph_columns(const char *text, size_t len);

#endif
