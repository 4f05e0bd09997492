/* query_text.h - queries told to people: the page on the language, and a parsed query as a tree. */
#ifndef LEDE_CLI_QUERY_TEXT_H
#define LEDE_CLI_QUERY_TEXT_H

#include <stdio.h>

#include "report.h"

/* The language of queries on a screen; docs/QUERY.md has more. */
extern const char query_help[];

/* Parses a text and prints what it is read as, in the format and where the report goes. */
LEDE_NODISCARD lede_status query_explain(const struct report *report, const lede_index *index, const char *text,
                                         const lede_query_options *options, lede_error *err);

#endif
