/* excerpt.h - the part of a passage to show where there is not room for all of it. */
#ifndef LEDE_CLI_EXCERPT_H
#define LEDE_CLI_EXCERPT_H

#include "text.h"

/* Where the part of `columns` columns starts that has the most matches in it: at a word, with some words before the
 * first match. 0 if there is no reason to start elsewhere. */
size_t excerpt_start(const struct marked_text *text, size_t columns);

#endif
