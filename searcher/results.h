/* results.h - what a search found. */
#ifndef LEDE_SEARCHER_RESULTS_H
#define LEDE_SEARCHER_RESULTS_H

#include "../core/index.h"
#include "query.h"
#include "topk.h"

/* What a search comes to: the hits to return, best first, and how many passages or articles match. */
struct found {
    const struct topk_entry *entries;
    size_t count;
    uint64_t total;
    bool exact; /* else total is a lower bound */
};

/* Makes results out of what was found. index and query are borrowed for the results' life. */
LEDE_NODISCARD lede_status results_new(struct lede_results **out, const struct lede_index *index,
                                       const struct lede_query *query, const struct found *found, lede_error *err);

#endif
