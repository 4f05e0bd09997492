/* edit.h - what is called of libedit: editing lines at a terminal. */
#ifndef LEDE_MODULES_EDIT_H
#define LEDE_MODULES_EDIT_H

#include <histedit.h>

#include "module.h"

#define EDIT_FUNCTIONS(DO)                                                                                             \
    DO(el_cursor)                                                                                                      \
    DO(el_end)                                                                                                         \
    DO(el_get)                                                                                                         \
    DO(el_gets)                                                                                                        \
    DO(el_init)                                                                                                        \
    DO(el_insertstr)                                                                                                   \
    DO(el_line)                                                                                                        \
    DO(el_push)                                                                                                        \
    DO(el_resize)                                                                                                      \
    DO(el_set)                                                                                                         \
    DO(el_source)                                                                                                      \
    DO(el_wset)                                                                                                        \
    DO(history)                                                                                                        \
    DO(history_end)                                                                                                    \
    DO(history_init)

MODULE_DECLARE(edit, EDIT_FUNCTIONS)

#endif
