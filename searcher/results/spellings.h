/* spellings.h - values of a facet that are the same name in other letters: "MOSCOW" and "Moscow", "St. Gallen" and "ST
 * GALLEN". */
#ifndef LEDE_SEARCHER_SPELLINGS_H
#define LEDE_SEARCHER_SPELLINGS_H

#include <lede.h>

#include "core/base/arena.h"

/* Makes one value of all whose words have the same forms in the same order, which is how filters compare them: under
 * the spelling that most articles have, of several such the first in bytewise order. The values' order is lost. */
LEDE_NODISCARD lede_status spellings_merge(lede_facet_value *values, size_t *count, struct arena *arena,
                                           lede_error *err);

#endif
