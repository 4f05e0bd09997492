/* by_stem.h - the best passages for words of which any will do, some of them as typed, which only texts can tell:
 * `=morales gas`, and the names of names.h, `(=morales OR morales^0.2) gas`.
 *
 *     1  promise  what a passage scores at most: its score by a query of stems alone, in which the stem of a word as
 *                 typed weighs as much as that word; "moral^1.2 gas". The passages that promise the most, by by_range.h
 *     2  verify   their texts are read, the best promises first, until no promise reaches the threshold
 *     3  the rest if that is not before the last of them: all passages that promise what the threshold is by now
 *
 * So hardly a text is read but of those that promise what the last of the best scores, which nobody can do without. A
 * word that as many occurrences were found of as the dictionary tells of is asked for no more. */
#ifndef LEDE_SEARCHER_BY_STEM_H
#define LEDE_SEARCHER_BY_STEM_H

#include "retrieve.h"
#include "searcher/plan/plan.h"

/* True if the query is of that kind, in an index that keeps texts; if stems tell the forms of words, see
 * analyzer_stems_forms; and if by_range.h could run it were it of stems. */
bool can_run_by_stem(const struct plan *plan);

/* Collects the best of all segments. c->total is counted up by what was found to match; *skipped is set if something
 * that may match was passed over. The collector has to be ungrouped, and by score. */
LEDE_NODISCARD lede_status retrieve_by_stem(const struct plan *plan, struct collector *c, bool *skipped,
                                            lede_error *err);

#endif
