#include "search.h"

#include <string.h>

#include "cli/common/command.h"

lede_status search_run(struct search *search, const lede_index *index, const char *text, size_t len,
                       const lede_query_options *query_options, const lede_search_options *options, lede_error *err) {
    double start = clock_seconds();
    *search = (struct search){index, NULL, NULL, options->offset, 0};
    lede_status status = lede_query_parse(&search->query, index, text, len, query_options, err);
    if (status == LEDE_OK)
        status = lede_search(&search->results, index, search->query, options, err);
    search->seconds = clock_seconds() - start;
    return status;
}

void search_release(struct search *search) {
    lede_results_free(search->results);
    lede_query_free(search->query);
    memset(search, 0, sizeof *search);
}
