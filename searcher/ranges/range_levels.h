/* range_levels.h - what the levels of maxima stand for, looked up many at once.
 *
 * There is a version for each level of processor, chosen at run time; they give the same. */
#ifndef LEDE_SEARCHER_RANGE_LEVELS_H
#define LEDE_SEARCHER_RANGE_LEVELS_H

#include "core/codecs/maxima.h"

/* A number for each level, and the same again behind them, as an instruction looks up that takes five bits. */
enum { LEVELS_ALL = MAXIMA_LEVELS + 1 };
typedef uint16_t level_table[2 * LEVELS_ALL];

/* Fills the second half in. */
static inline void level_table_finish(uint16_t *table) {
    memcpy(table + LEVELS_ALL, table, LEVELS_ALL * sizeof *table);
}

/* Levels that are looked up at once. */
#define LEVEL_BATCH 256

/* Of LEVEL_BATCH levels, two a byte, the first in the lower half. */
typedef void unpack_levels(uint16_t *out, const uint8_t *levels, const uint16_t *table);

/* The fastest that this processor has. */
unpack_levels *unpack_levels_best(void);

/* For tests: all that this processor has, the one in plain C last, then NULL. */
unpack_levels *const *unpack_levels_all(void);

#endif
