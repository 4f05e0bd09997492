/* trec.h - runs for trec_eval: "qid Q0 docid rank score tag", one hit a line. */
#ifndef LEDE_CLI_TREC_H
#define LEDE_CLI_TREC_H

#include <stdio.h>

#include "json.h"
#include "search.h"

struct trec_run {
    FILE *out;
    const char *tag;
    bool warned; /* that white space in an id was replaced */
};

/* Prints the hits of a query that was grouped by article. White space in ids, which would break the columns, is
 * printed as "_"; the first time that is remarked on. */
LEDE_NODISCARD lede_status trec_print(struct trec_run *run, const struct search *search, const struct query_id *id,
                                      lede_error *err);

/* The shortest decimal that reads back as the same number; `text` has room for 32 bytes. Returns text. */
char *score_format(char *text, double score);

#endif
