/* by_gate.h - the best passages for any query: document by document of its cursors, in the ranges alone that can have
 * some of the best.
 *
 *     1  bounds   what a passage of each range can score at most, for the whole tree of the query: gate.h
 *     2  prime    the ranges with the highest bounds, which soon gives a high threshold
 *     3  sweep    the others, those alone whose bound reaches the threshold; all of them, if all have to be counted
 *
 * Both passes go through the segment in order, each with cursors of its own. Where words have to be verified, by their
 * positions or by the text, that is done last, and only for passages that could be among the best. */
#ifndef LEDE_SEARCHER_BY_GATE_H
#define LEDE_SEARCHER_BY_GATE_H

#include "retrieve.h"
#include "searcher/plan/plan.h"

/* True if the maxima say something, and if the query has not so many words that bounds would take much memory. */
bool can_run_by_gate(const struct plan *plan);

/* Whether more passages have to be looked at without bounds than these are worth. */
bool gate_is_worth_while(const struct plan *plan);

/* Collects the best of a segment. c->total is counted up by what was found to match; *skipped is set if something that
 * may match was passed over: never if the collector is to have all. If its order is not that of scores, or if it is
 * grouped, it has to be, and the segment is gone through once. */
LEDE_NODISCARD lede_status retrieve_by_gate(const struct plan *plan, size_t segment, struct collector *c, bool *skipped,
                                            lede_error *err);

#endif
