/* typed_hits.h - the best passages that have a word as it was typed, where those of its stem crowd them out: of a name
 * such as Morales, whose stem is that of "moral", the hundred best by BM25 may have none.
 *
 *     a query     lavrov morales date:2025
 *     asks for    +(lavrov morales) +=morales^0.001 date:2025
 *
 * so that they come nearly in the order of their scores by the query, and match it.
 */
#ifndef LEDE_SEARCHER_TYPED_HITS_H
#define LEDE_SEARCHER_TYPED_HITS_H

#include "query.h"

struct typed_word {
    const struct lede_query *query; /* that has it */
    uint32_t term;
    const char *form; /* that it has to be written in */
    size_t form_len;
    bool only_if_rare; /* nothing is looked for unless it is one of 20 words of its stem, and that in few passages */
};

struct typed_hits {
    uint64_t *passages; /* ordinals, in the arena */
    size_t count;
    bool complete; /* else time was over before all was looked at */
};

/* As many as options.limit, of different articles if options.group says so. */
LEDE_NODISCARD lede_status typed_hits_find(struct typed_hits *out, struct arena *arena, const lede_index *index,
                                           const struct typed_word *word, const lede_search_options *options,
                                           lede_error *err);

#endif
