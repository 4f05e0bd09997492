/* highlight.h - which words of a text a query is about. */
#ifndef LEDE_SEARCHER_HIGHLIGHT_H
#define LEDE_SEARCHER_HIGHLIGHT_H

#include "../core/analyzer.h"
#include "query.h"

struct highlight {
    const lede_span *spans;
    size_t count;
};

/* Finds the words, in an arena, that the query searches for in a text of this field: its words, prefixes and their like
 * anywhere; those of its phrases, NEARs and sentences where they stand so. What must not be there is not lit. The text
 * is valid UTF-8. */
LEDE_NODISCARD lede_status highlight_text(struct highlight *out, struct arena *arena, struct analyzer *analyzer,
                                          const struct lede_query *query, enum text_field field, const char *text,
                                          size_t len, lede_error *err);

#endif
