/* plan.h - from a query to cursors.
 *
 *     +simla "indus treaty" water -delhi          not
 *                                                /   \
 *                                              and   term delhi
 *                        required: term simla / | \ term water
 *                                           phrase
 *                                              |
 *                                             and
 *                                            /   \
 *                                   term indus   term treaty
 */
#ifndef LEDE_SEARCHER_PLAN_H
#define LEDE_SEARCHER_PLAN_H

#include "../core/snapshot.h"
#include "bm25.h"
#include "cursor.h"
#include "query.h"

/* What a query needs to know of a whole snapshot. */
struct plan {
    struct arena arena;
    const struct lede_query *query;
    const struct snapshot *snapshot;
    struct bm25 bm25;
    struct term_info *infos; /* of term t in segment s: [s * term_count + t]; doc_freq is 0 if it is not there */
    uint64_t *doc_freqs;     /* of term t in the snapshot */
};

/* query and snapshot are borrowed for the plan's life. Release it even if this fails. */
LEDE_NODISCARD lede_status plan_init(struct plan *plan, const struct lede_query *query, const struct snapshot *snapshot,
                                     double k1, double b, lede_error *err);
void plan_release(struct plan *plan);

/* Makes the cursor, in `arena`, on all that matches in a segment of the snapshot; NULL if nothing can. */
LEDE_NODISCARD lede_status plan_segment(const struct plan *plan, size_t segment, struct arena *arena,
                                        struct cursor **out, lede_error *err);

#endif
