/* second_stage.h - the best passages by BM25, looked at more closely.
 *
 *     the best LEDE_RERANK_DEPTH   -> how near the words are to each other     proximity.h   from the positions
 *                                  -> which of them stand there as typed       surface.h     from the stored text
 *                                  -> how recent                               recency.h     from the article's date
 *     sorted by the sum of BM25 and the gains, copies put under the best of them (duplicates.h)
 *
 * What the best hundred tell of names in the query, see names.h, is reported.
 *
 * How many may gain does not depend on how many hits are wanted, so that pages fit together; those behind them follow
 * in the order of BM25, as many as it takes until there are as many hits, but for copies. No gain is negative, so none
 * of them scores more.
 */
#ifndef LEDE_SEARCHER_SECOND_STAGE_H
#define LEDE_SEARCHER_SECOND_STAGE_H

#include "searcher/plan/plan.h"
#include "searcher/retrieve/topk.h"
#include "searcher/words/names.h"

/* A hit, and what became of it. */
struct ranked {
    uint64_t passage;
    double score, bm25, proximity, surface, recency; /* the score is the sum of the others, in this order */
    const uint64_t *copies;                          /* of it, best first, in the arena */
    size_t copy_count;
};

static inline bool second_stage_is_wanted(const lede_search_options *o) {
    return o->collapse || (o->sort == LEDE_SORT_SCORE && (o->rerank || o->recent > 0));
}

/* What it works on: a sorted heap. Where its entries are in segments, the plan tells; where an engine has them, `views`
 * has what is kept of each of those that were fetched, in the order of the entries. */
struct second_stage_input {
    const struct lede_query *query;
    const struct bm25 *bm25;
    const uint64_t *doc_freqs;         /* of the query's terms */
    const uint64_t *pattern_doc_freqs; /* of its prefixes and their like */
    const char *language;
    bool has_text;
    const struct topk *top;
    const lede_search_options *options;
    size_t wanted;           /* hits */
    const struct plan *plan; /* or NULL, and */
    const lede_passage_view *views;
    /* Fetches the views of entries [first, end). */
    lede_status (*fetch)(void *ctx, size_t first, size_t end, lede_error *err);
    void *fetch_ctx;
};

/* The hits that the first `used` entries come to: fewer than entries where copies were put together. */
struct ranked_hits {
    struct ranked *hits; /* in the arena */
    size_t count, used;
    const struct name_report *names; /* of the query's terms, in the arena; NULL: nothing was looked at for that */
};

LEDE_NODISCARD lede_status second_stage_run(struct ranked_hits *out, struct arena *arena,
                                            const struct second_stage_input *input, lede_error *err);

#endif
