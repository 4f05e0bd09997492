/* query_text.h - queries told to people: the page on the language, and a parsed query as a tree. */
#ifndef LEDE_CLI_QUERY_TEXT_H
#define LEDE_CLI_QUERY_TEXT_H

#include <stdio.h>

#include "search.h"

/* The language of queries on a screen; docs/QUERY.md has more. */
extern const char query_help[];

/* Prints the canonical form of a query, what was guessed, and its tree. */
void query_print(FILE *out, const lede_query *query);

/* Parses a text and prints what it is read as: as JSON if `json`. */
LEDE_NODISCARD lede_status query_explain(const lede_index *index, const char *text, size_t len,
                                         const lede_query_options *options, bool json, lede_error *err);

#endif
