/* results.h - what a search found. */
#ifndef LEDE_SEARCHER_RESULTS_H
#define LEDE_SEARCHER_RESULTS_H

#include "../core/index.h"
#include "query.h"
#include "topk.h"

/* Makes results out of `count` entries, best first. index and query are borrowed for the results' life. */
LEDE_NODISCARD lede_status results_new(struct lede_results **out, const struct lede_index *index,
                                       const struct lede_query *query, const struct topk_entry *entries, size_t count,
                                       uint64_t total, lede_error *err);

#endif
