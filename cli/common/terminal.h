/* terminal.h - what an output stream can show. */
#ifndef LEDE_CLI_TERMINAL_H
#define LEDE_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

enum terminal_color { COLOR_AUTO = 0, COLOR_ALWAYS, COLOR_NEVER };

struct terminal {
    FILE *out;
    bool is_terminal;
    bool can_move; /* a terminal that obeys a carriage return and escape sequences */
    bool color;
    bool links;     /* names of files are links */
    unsigned width; /* columns to wrap at; 0: don't wrap, as it is not a terminal */
};

/* Colours: on terminals, unless NO_COLOR is set or TERM is "dumb"; or as `color` demands. Width: $COLUMNS, else
 * what the terminal says, else 80. */
void terminal_init(struct terminal *t, FILE *out, enum terminal_color color);

/* Whether names of files are links: where there are colours, on terminals that are not known to show a link's own text;
 * or as `when` demands. To be called behind terminal_init. */
void terminal_use_links(struct terminal *t, enum terminal_color when);

/* Begins a link to the file (OSC 8, which most terminals have), and ends it. Does nothing without t->links, or if the
 * path is not absolute. */
void terminal_begin_link(const struct terminal *t, const char *path);
void terminal_end_link(const struct terminal *t, const char *path);

/* Asks for the width again: windows change. */
void terminal_resize(struct terminal *t);

/* Lets the C library read and measure UTF-8, whatever the locale, as articles are in UTF-8. Only what is written for a
 * terminal has to be measured, so terminal_init does it for one: loading a locale takes a part of a search. */
void terminal_use_utf8(void);

enum style {
    STYLE_PLAIN = 0,
    STYLE_TITLE, /* bold */
    STYLE_MATCH, /* a matched word: bold and coloured */
    STYLE_PATH,
    STYLE_FAINT, /* what surrounds the matter */
    STYLE_COUNT,
};

/* Switches to a style; does nothing without colour. */
void terminal_style(const struct terminal *t, enum style style);

/* printf in a style, then back to plain. */
void terminal_print(const struct terminal *t, enum style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
