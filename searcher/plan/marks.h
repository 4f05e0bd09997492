/* marks.h - which entries of a column have one of the values that are asked for, a bit each. */
#ifndef LEDE_SEARCHER_MARKS_H
#define LEDE_SEARCHER_MARKS_H

#include "core/segment/columns.h"

/* Sets bit i of `bits`, 64 a word, to whether taken[entry i] is 1, for all i below `entries`; the other bits of the
 * last word are 0. `taken` has a byte for each value, 0 or 1, `count` of them, whatever number of values the column
 * says that it has; entries that are not below `count` are not taken. */
void marks_take(uint64_t *bits, const struct column *c, uint32_t entries, const uint8_t *taken, uint32_t count);

/* The same without the vector unit. */
void marks_take_plainly(uint64_t *bits, const struct column *c, uint32_t entries, const uint8_t *taken, uint32_t count);

#endif
