/* report.h - results in the format that was asked for: text, JSON or a TREC run. */
#ifndef LEDE_CLI_REPORT_H
#define LEDE_CLI_REPORT_H

#include "cli/common/terminal.h"
#include "search.h"
#include "trec.h"

enum report_format { REPORT_TEXT = 0, REPORT_JSON, REPORT_TREC };

struct report {
    enum report_format format;
    struct terminal terminal; /* standard output */
    struct trec_run trec;
    struct detail detail;
    bool quiet;         /* print nothing */
    bool no_suggestion; /* of other words, as a person did not write the query */
    const char *unit;   /* of what is counted: "passage", "article" */
    const char *hint;   /* how to see more, for a person at a terminal; NULL: none */
};

/* Prints what a search found, and on standard error what the parser had to guess. `id` is NULL outside of a batch. */
LEDE_NODISCARD lede_status report_print(struct report *report, const struct search *search, const struct query_id *id,
                                        lede_error *err);

#endif
