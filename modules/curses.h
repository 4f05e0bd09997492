/* curses.h - what is called of ncurses: drawing on a terminal. */
#ifndef LEDE_MODULES_CURSES_H
#define LEDE_MODULES_CURSES_H

/* Functions instead of macros, and names of ours alone. */
#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "module.h"

/* Not out of <term.h>, which makes macros of names such as "columns". */
struct term;
int setupterm(const char *term, int fd, int *found);
struct term *set_curterm(struct term *term);
int del_curterm(struct term *term);

#define CURSES_FUNCTIONS(DO)                                                                                           \
    DO(clearok)                                                                                                        \
    DO(curs_set)                                                                                                       \
    DO(del_curterm)                                                                                                    \
    DO(delscreen)                                                                                                      \
    DO(delwin)                                                                                                         \
    DO(doupdate)                                                                                                       \
    DO(endwin)                                                                                                         \
    DO(has_colors)                                                                                                     \
    DO(init_pair)                                                                                                      \
    DO(newterm)                                                                                                        \
    DO(newwin)                                                                                                         \
    DO(noecho)                                                                                                         \
    DO(nonl)                                                                                                           \
    DO(raw)                                                                                                            \
    DO(resizeterm)                                                                                                     \
    DO(set_curterm)                                                                                                    \
    DO(setcchar)                                                                                                       \
    DO(setupterm)                                                                                                      \
    DO(start_color)                                                                                                    \
    DO(tigetstr)                                                                                                       \
    DO(typeahead)                                                                                                      \
    DO(use_default_colors)                                                                                             \
    DO(wadd_wch)                                                                                                       \
    DO(wmove)                                                                                                          \
    DO(wnoutrefresh)                                                                                                   \
    DO(wresize)

MODULE_DECLARE(curses, CURSES_FUNCTIONS)

#endif
