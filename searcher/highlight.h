/* highlight.h - which words of a text a query is about. */
#ifndef LEDE_SEARCHER_HIGHLIGHT_H
#define LEDE_SEARCHER_HIGHLIGHT_H

#include "../core/analyzer.h"
#include "query.h"

struct highlight {
    const lede_span *spans;
    size_t count;
};

/* Finds the words, in an arena, whose terms the query searches for: those of its words anywhere, those of its phrases
 * where they stand in a phrase. The text is valid UTF-8. */
LEDE_NODISCARD lede_status highlight_text(struct highlight *out, struct arena *arena, struct analyzer *analyzer,
                                          const struct lede_query *query, const char *text, size_t len,
                                          lede_error *err);

#endif
