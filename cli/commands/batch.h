/* batch.h - many queries from a file, one a line: "qid<TAB>query", or a query alone, whose qid is its line number. */
#ifndef LEDE_CLI_BATCH_H
#define LEDE_CLI_BATCH_H

#include <stdatomic.h>

#include "cli/output/report.h"

struct batch {
    const lede_index *index; /* borrowed */
    const char *path;        /* of the file of queries; "-": standard input */
    lede_query_options query;
    lede_search_options options;
    struct report *report;
    unsigned threads; /* that search at once, 1 or more */
    /* How it went: */
    bool has_found, has_failed;
    atomic_bool is_cut_off; /* nobody reads the output any more */
};

/* Searches for all of them. A query that can't be read is complained of and passed over. Returns the exit status:
 * EXIT_FOUND if any query found something. */
int batch_run(struct batch *batch);

/* A line of the file: its query, and the query's id. */
struct batch_line {
    struct query_id id;
    const char *query;
    size_t query_len;
    char number[24]; /* the id, if the line has none */
};

/* Splits a line, without its line end, and borrows it; `number` is the line's. */
void batch_split(struct batch_line *out, const char *line, size_t len, size_t number);

#endif
