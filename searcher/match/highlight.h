/* highlight.h - which words of a text a query is about. */
#ifndef LEDE_SEARCHER_HIGHLIGHT_H
#define LEDE_SEARCHER_HIGHLIGHT_H

#include "core/text/analyzer.h"
#include "searcher/query/query.h"

struct highlight {
    const lede_span *spans;
    size_t count;
};

/* A text, which is valid UTF-8, and the field that it is. */
struct field_text {
    enum text_field field;
    const char *bytes;
    size_t len;
};

/* Finds the words, in an arena, that the query searches for in such a text: its words, prefixes and their like
 * anywhere; those of its phrases, NEARs and sentences where they stand so. What must not be there is not lit. */
LEDE_NODISCARD lede_status highlight_text(struct highlight *out, struct arena *arena, struct analyzer *analyzer,
                                          const struct lede_query *query, const struct field_text *text,
                                          lede_error *err);

#endif
