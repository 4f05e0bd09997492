/* live_query.h - a query whose last word is still being typed. */
#ifndef LEDE_CLI_LIVE_QUERY_H
#define LEDE_CLI_LIVE_QUERY_H

#include <lede.h>

/* The query with its last word as the beginning of others, too: "lavrov sim" as "lavrov (sim OR sim*)". Where that is
 * the beginning of so many that they could not be searched for within a frame it is the most frequent of them instead,
 * "lavrov simla", unless it is a word itself. *out is to be freed; NULL if the query is to be searched for as it is, or
 * if the last thing typed is no word, is left out of what is found, or stands in a phrase or in parentheses. */
LEDE_NODISCARD lede_status live_query(char **out, size_t *out_len, const lede_index *index, const char *text,
                                      size_t len, lede_error *err);

#endif
