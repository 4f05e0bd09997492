/* line.h - the line that is typed: UTF-8, edited as readline does it. */
#ifndef LEDE_CLI_LINE_H
#define LEDE_CLI_LINE_H

#include <stdbool.h>
#include <stddef.h>

enum { LINE_MOST = 1 << 16 }; /* bytes that a line can have */

struct line {
    char *text; /* ends in NUL; NULL before the first change */
    size_t len, cursor;
    char *killed; /* by the last kills, to be yanked */
    size_t killed_len;
    bool is_killing; /* the last edit was a kill: the next one adds to it */
};

enum line_edit {
    LINE_LEFT,
    LINE_RIGHT,
    LINE_WORD_LEFT,
    LINE_WORD_RIGHT,
    LINE_START,
    LINE_END,
    LINE_BACKSPACE,
    LINE_DELETE,
    LINE_KILL_START,      /* all before the cursor */
    LINE_KILL_END,        /* all behind it */
    LINE_KILL_BLANK_WORD, /* back to white space */
    LINE_KILL_WORD_LEFT,
    LINE_KILL_WORD_RIGHT,
    LINE_YANK,
    LINE_SWAP, /* the characters around the cursor */
};

void line_release(struct line *line);

/* Does it; false if the text is as it was. */
bool line_edit(struct line *line, enum line_edit edit);

/* Puts text in at the cursor; control characters in it become blanks, broken bytes U+FFFD. False if there is no room,
 * and nothing is put in. */
bool line_insert(struct line *line, const char *text, size_t len);

/* Replaces all of it; the cursor is at the end. */
bool line_set(struct line *line, const char *text, size_t len);

/* Replaces the bytes from `from` to the cursor. */
bool line_replace(struct line *line, size_t from, const char *text, size_t len);

/* The text, "" if there is none. */
const char *line_text(const struct line *line);

#endif
