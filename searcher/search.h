/* search.h - lede_search with the strategy given: they all find the same, which tests show. */
#ifndef LEDE_SEARCHER_SEARCH_H
#define LEDE_SEARCHER_SEARCH_H

#include "searcher/retrieve/retrieve.h"

#include <lede.h>

/* Those from STRATEGY_RANGES on prune; a query that they can't run is run as by AUTO without them. */
enum strategy {
    STRATEGY_AUTO,
    STRATEGY_DOCUMENTS,
    STRATEGY_WINDOWS,
    STRATEGY_RANGES,
    STRATEGY_ALL,
    STRATEGY_GATE,
    STRATEGY_STEMS,
};

LEDE_NODISCARD lede_status search_by(lede_results **out, const lede_index *index, const lede_query *query,
                                     const lede_search_options *options, enum strategy strategy, lede_error *err);

#endif
