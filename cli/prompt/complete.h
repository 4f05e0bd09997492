/* complete.h - what TAB may make of a word: one of the index, or a command. */
#ifndef LEDE_CLI_COMPLETE_H
#define LEDE_CLI_COMPLETE_H

#include "editor.h"

/* As editor_options.complete; `ctx` is a session. */
void complete_word(void *ctx, struct candidates *out, const char *prefix, size_t len, bool is_first);

#endif
