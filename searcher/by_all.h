/* by_all.h - the best passages that hold all words of a query, or a phrase: document by document of the rarest word,
 * those alone that can be among the best.
 *
 *     rarest word's next passage
 *       -> can it reach the threshold, with what its range allows the other words?        no: pass over it, or the
 * range
 *       -> do the other words stand there, the rarest of them first? again with what is left
 *       -> only now the positions, if it is a phrase
 *
 * Scores are the same to the last bit as those of the other ways. */
#ifndef LEDE_SEARCHER_BY_ALL_H
#define LEDE_SEARCHER_BY_ALL_H

#include "plan.h"
#include "retrieve.h"

/* True if all of the query is required single words, or one phrase; and if maxima help, as in by_range.h. */
bool can_run_by_all(const struct plan *plan);

/* Collects the best of a segment. c->total is counted up by what was found to match; *skipped is set if something that
 * may match was passed over. The collector has to be ungrouped. */
LEDE_NODISCARD lede_status retrieve_by_all(const struct plan *plan, size_t segment, struct collector *c, bool *skipped,
                                           lede_error *err);

#endif
