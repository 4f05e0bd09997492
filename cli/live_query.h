/* live_query.h - a query whose last word is still being typed. */
#ifndef LEDE_CLI_LIVE_QUERY_H
#define LEDE_CLI_LIVE_QUERY_H

#include <lede.h>

/* The query with its last word completed, if the cursor is right behind that and no article has the word itself; to be
 * freed. *out is NULL if it is to be searched for as it is. */
LEDE_NODISCARD lede_status live_query(char **out, size_t *out_len, const lede_index *index, const char *text,
                                      size_t len, lede_error *err);

#endif
