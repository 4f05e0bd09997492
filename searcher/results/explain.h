/* explain.h - what the score of a passage is made of. lede_results_explain tells it of a hit. */
#ifndef LEDE_SEARCHER_EXPLAIN_H
#define LEDE_SEARCHER_EXPLAIN_H

#include <lede.h>

struct plan;

/* The score of a passage that matches, by a cursor of its own. */
LEDE_NODISCARD lede_status score_passage(double *score, const struct plan *plan, uint64_t ordinal, lede_error *err);

#endif
