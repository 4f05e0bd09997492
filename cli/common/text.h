/* text.h - text of articles, made fit to be shown: harmless, measured, wrapped. */
#ifndef LEDE_CLI_TEXT_H
#define LEDE_CLI_TEXT_H

#include <lede.h>

#include "terminal.h"

#define REPLACEMENT_CHARACTER 0xFFFD

/* Reads the character at text[*at], *at < len, and moves *at behind it. A broken byte is
 * U+FFFD, of one byte. */
uint32_t text_next(const char *text, size_t len, size_t *at);

/* The columns a character takes, 0 to 2. */
unsigned text_width(uint32_t character);

/* The columns a text takes in one line. */
size_t text_columns(const char *text, size_t len);

/* Characters that a terminal might obey instead of showing them: controls of ASCII and Latin-1, newlines included. */
bool text_is_control(uint32_t character);

/* Characters that turn the direction of all that follows, even of what we print behind the text: embeddings, overrides
 * and isolates of Unicode's bidirectional algorithm, and their ends. Marks of direction, which turn nothing, are none.
 */
bool text_turns(uint32_t character);

/* White space of every kind that articles have, line ends included; and the line ends alone. */
bool text_is_space(uint32_t character);
bool text_is_line_end(uint32_t character);

/* `text` with broken bytes, control characters and those that turn replaced by U+FFFD, white space by single spaces; to
 * be freed. *out_len may be NULL. NULL: out of memory. */
char *text_clean(const char *text, size_t len, size_t *out_len);

/* `text` with broken bytes replaced by U+FFFD: valid UTF-8 for JSON; to be freed. NULL: out of memory. */
char *text_repair(const char *text, size_t len, size_t *out_len);

/* A text with matched words. */
struct marked_text {
    const char *text;
    size_t len;
    const lede_span *spans; /* in order, not overlapping */
    size_t span_count;
};

/* What becomes of line ends in the text. */
enum text_lines {
    TEXT_LINES = 0,   /* lines end where the text's do; blank ones are left out */
    TEXT_BLANK_LINES, /* blank ones are kept */
    TEXT_ONE_LINE,    /* they are spaces */
};

/* How to lay it out. */
struct text_layout {
    const struct terminal *terminal;
    unsigned indent;  /* columns before every line */
    unsigned column;  /* column that the first line starts in, if it is begun already; else 0 */
    enum style style; /* of what is not matched */
    enum text_lines lines;
};

/* Prints the text and a newline. Lines are wrapped to the terminal's width if it has one. Runs of white space become
 * one space; characters that turn are left out. Returns how many lines that made. With `upto` not NULL, *upto gives an
 * offset in the text and receives the number of the line, from 0, that it stands in. */
size_t text_print(const struct text_layout *layout, const struct marked_text *text, size_t *upto);

#endif
