/* by_range.h - the best passages for words of which any will do: range by range of 128 passages, most of them passed
 * over.
 *
 *     1  bounds   what a passage of each range can score at most: a sum over the words, for all ranges at once
 *     2  prime    the ranges with the highest bounds are evaluated first, which soon gives a high threshold
 *     3  sweep    the others, the better half of them first, those alone whose bound reaches the threshold
 *
 * Within a range, words are taken by falling weight until what the others can add does not reach the threshold
 * (Turtle and Flood, Query evaluation: strategies and optimizations, 1995); of those only the passages are looked up
 * that can still reach it. What is left is scored in the order of the query, as everywhere, so scores are the same to
 * the last bit. */
#ifndef LEDE_SEARCHER_BY_RANGE_H
#define LEDE_SEARCHER_BY_RANGE_H

#include "retrieve.h"
#include "searcher/plan/plan.h"

/* True if the query is of a kind that can be run by ranges: single words only, none required; and if it ranks with
 * parameters not so far from those of the maxima that these say little. */
bool can_run_by_range(const struct plan *plan);

/* Collects the best of a segment. c->total is counted up by what was seen; *skipped is set if something that may match
 * was passed over. The collector has to be ungrouped. */
LEDE_NODISCARD lede_status retrieve_by_range(const struct plan *plan, size_t segment, struct collector *c,
                                             bool *skipped, lede_error *err);

#endif
