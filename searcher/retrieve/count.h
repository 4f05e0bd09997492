/* count.h - how many passages match, counted without scoring any: for queries whose best are found by passing over most
 * of what matches. */
#ifndef LEDE_SEARCHER_COUNT_H
#define LEDE_SEARCHER_COUNT_H

#include "searcher/plan/plan.h"

/* Whether the query is one of words, required, excluded, or of which any will do; or a phrase, NEAR or ADJ of words. */
bool can_count(const struct plan *plan);

/* Those of all segments, but for deleted ones and those that filters keep out. can_count has to hold. LEDE_INTERRUPTED
 * if these are not all. */
LEDE_NODISCARD lede_status count_matches(uint64_t *count, const struct plan *plan, lede_error *err);

#endif
