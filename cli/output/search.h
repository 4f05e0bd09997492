/* search.h - a query with its results, as every way of showing them needs it. */
#ifndef LEDE_CLI_SEARCH_H
#define LEDE_CLI_SEARCH_H

#include <lede.h>

#include "facets.h"

/* What to show of each hit besides its passage. */
struct detail {
    bool no_hits;    /* nothing of it: only how many match is of interest */
    bool total;      /* how many match was asked for: told wherever the output goes */
    bool explain;    /* the parts of its score */
    size_t context;  /* so many passages before and behind it */
    size_t passages; /* so many more of its article, as far as they match */
    size_t lines;    /* of text at most, on a terminal; 0: all */
    struct facet_list facets;
};

struct search {
    const lede_index *index; /* borrowed */
    lede_query *query;
    lede_results *results;
    size_t offset;  /* hits left out at the top */
    double seconds; /* that it took */
};

/* Parses and searches. `search` is filled whatever happens, and to be released. */
LEDE_NODISCARD lede_status search_run(struct search *search, const lede_index *index, const char *text, size_t len,
                                      const lede_query_options *query_options, const lede_search_options *options,
                                      lede_error *err);
void search_release(struct search *search);

#endif
