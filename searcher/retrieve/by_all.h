/* by_all.h - the best passages that hold all words of a query, or a phrase: those of the rarest word, many at a time,
 * and of these alone such as can be among the best.
 *
 *     rarest word's next passages, 128 or more
 *       -> can they reach the threshold, with what their ranges allow the other words?
 *       -> do the other words stand there, the rarest of them first? after each, again with what is left
 *       -> only now exact scores, and the positions, if it is a phrase
 *
 * Scores are the same to the last bit as those of the other ways. */
#ifndef LEDE_SEARCHER_BY_ALL_H
#define LEDE_SEARCHER_BY_ALL_H

#include "retrieve.h"
#include "searcher/plan/plan.h"

/* True if all of the query is required single words, or one phrase, NEAR or ADJ of words; and if maxima help, as in
 * by_range.h. */
bool can_run_by_all(const struct plan *plan);

/* Collects the best of a segment. c->total is counted up by what was found to match; *skipped is set if something that
 * may match was passed over. The collector has to be ungrouped. */
LEDE_NODISCARD lede_status retrieve_by_all(const struct plan *plan, size_t segment, struct collector *c, bool *skipped,
                                           lede_error *err);

/* Adds to *count what matches in a segment; LEDE_INTERRUPTED if that is not all. can_run_by_all has to hold. */
LEDE_NODISCARD lede_status count_by_all(const struct plan *plan, size_t segment, uint64_t *count, lede_error *err);

#endif
