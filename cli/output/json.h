/* json.h - hits and figures as JSON, one object a line. The schema is told in docs/JSON.md. */
#ifndef LEDE_CLI_JSON_H
#define LEDE_CLI_JSON_H

#include <stdio.h>

#include "facets.h"
#include "search.h"
#include "timeline.h"

/* Goes into every object as "version"; raised when a program that reads the output would have to be changed. */
#define JSON_VERSION 1

/* What a batch knows of the query; id NULL outside of one. */
struct query_id {
    const char *id;
    size_t len;
};

/* {"version":1,"query":...,"hits":[...]} */
LEDE_NODISCARD lede_status json_print_search(FILE *out, const struct search *search, const struct detail *detail,
                                             const struct query_id *id, lede_error *err);
/* {"version":1,"query":...,"tree":{...}}: what a query is read as. */
LEDE_NODISCARD lede_status json_print_query(FILE *out, const lede_query *query, lede_error *err);
/* {"version":1,"query":...,"by":"month","bins":[...]} */
LEDE_NODISCARD lede_status json_print_timeline(FILE *out, const lede_query *query, const struct timeline *timeline,
                                               lede_error *err);
/* Words that tell of results: {"version":1,"query":...,"words":[...]} */
struct telling_words {
    const lede_telling_word *words;
    size_t count, hits; /* hits that they were taken from */
};
LEDE_NODISCARD lede_status json_print_terms(FILE *out, const lede_query *query, const struct telling_words *words,
                                            lede_error *err);
LEDE_NODISCARD lede_status json_print_stats(FILE *out, const char *path, const lede_stats *stats, lede_error *err);

/* What `lede index` did. */
struct index_summary {
    lede_commit_info info;
    const char *path;
    double seconds;
    bool interrupted;
};
LEDE_NODISCARD lede_status json_print_index(FILE *out, const struct index_summary *summary, lede_error *err);

/* Faults that `lede check` found: an array of `count` lines. */
LEDE_NODISCARD lede_status json_print_check(FILE *out, const char *path, char *const *faults, size_t count,
                                            lede_error *err);
LEDE_NODISCARD lede_status json_print_delete(FILE *out, uint64_t deleted, char *const *missing, size_t count,
                                             lede_error *err);
LEDE_NODISCARD lede_status json_print_optimize(FILE *out, const char *path, uint64_t before, uint64_t after,
                                               double seconds, lede_error *err);

#endif
