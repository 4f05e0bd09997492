/* expand.h - the forms of a segment that a word of the query stands for, from its dictionary of words.
 *
 * Prefixes and wildcards scan the range of words that begin as they do. Fuzzy words are walked as by an automaton
 * (Schulz and Mihov, Fast string correction with Levenshtein automata, 2002), whose states are rows of distances: where
 * a beginning can't come near the word any more, the walk seeks the next one that can. */
#ifndef LEDE_SEARCHER_EXPAND_H
#define LEDE_SEARCHER_EXPAND_H

#include "core/segment/segment.h"
#include "interrupt.h"
#include "searcher/query/query.h"

/* Takes a form, borrowed during the call, that occurs so many times. LEDE_OK to go on. */
struct expand_visitor {
    lede_status (*visit)(void *ctx, const char *form, size_t len, uint64_t occurrences, lede_error *err);
    void *ctx;
};

/* Visits the forms that the word, not a WORD_STEM, stands for, in bytewise order; until the interrupt, which may be
 * NULL, is due. */
LEDE_NODISCARD lede_status expand_word(const struct node *word, const struct segment *segment,
                                       struct interrupt *interrupt, const struct expand_visitor *visitor,
                                       lede_error *err);

#endif
