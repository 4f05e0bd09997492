/* filter.h - the passages of a segment whose articles a query's filters let pass, a bit each.
 *
 * A filter is asked once of each value that its column has; paths, of each source that the segment has articles from.
 */
#ifndef LEDE_SEARCHER_FILTER_H
#define LEDE_SEARCHER_FILTER_H

#include "core/base/arena.h"
#include "core/codecs/maxima.h"
#include "core/index/snapshot.h"
#include "core/text/analyzer.h"
#include "searcher/query/query.h"

/* The bits, 64 a word, of the passages that `filter`, for which node_is_filter holds, lets pass. In the arena. */
LEDE_NODISCARD lede_status filter_passages(uint64_t **bits, struct arena *arena, const struct node *filter,
                                           const struct snapshot *snapshot, size_t segment, lede_error *err);

/* Whether a byline, language or path is one that the filter asks for. */
bool filter_takes(const struct node *filter, const char *value, size_t len, struct analyzer *analyzer);

/* What a language is compared by: its name where Snowball knows it, as "en", "en-US" and "English" are the same; else
 * its first part. Empty if there is none. */
void filter_language(char out[TERM_MAX + 1], const char *language, size_t len);

/* Words of the bits of so many passages: whole ranges of core/codecs/maxima.h, and one bit more at least. */
static inline uint32_t filter_words(uint32_t passages) {
    return (passages / RANGE_DOCS + 1) * (RANGE_DOCS / 64);
}

#endif
