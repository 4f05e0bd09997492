/* results.h - what a search found. */
#ifndef LEDE_SEARCHER_RESULTS_H
#define LEDE_SEARCHER_RESULTS_H

#include "core/base/arena.h"
#include "core/index/index.h"
#include "core/segment/stored_text.h"
#include "core/text/analyzer.h"
#include "searcher/query/query.h"
#include "second_stage.h"

struct source_path;

struct key {
    const char *bytes;
    size_t len;
};

struct lede_results {
    struct arena arena;
    const struct lede_index *index;
    const struct lede_query *query;
    struct lede_query *guarded; /* what the hits' scores are by, see names.h; NULL: the query */
    double k1, b;               /* as they were asked for */
    lede_hit *hits;
    struct ranked *ranked;           /* what each hit's score is made of */
    struct key *keys;                /* bytes are NULL where not fetched yet */
    const lede_passage_view **views; /* the same */
    size_t count;
    uint64_t total;
    bool exact, complete;
    struct analyzer *analyzer; /* made when something is first to be highlighted */
    struct text_reader texts;
    struct source_path *paths; /* fetched so far */
    /* As an engine gave them, which their arena holds; no hits where the index is a folder of segments. */
    struct engine_hits from_engine;
    struct arena engine_arena;
};

/* What a search comes to: the hits to return, best first, and how many passages or articles match. */
struct found {
    const struct ranked *hits;
    size_t count;
    uint64_t total;
    bool exact;    /* else total is a lower bound */
    bool complete; /* else time was over before all was looked at */
    const lede_search_options *options;
};

static inline const struct lede_query *results_scored_by(const struct lede_results *r) {
    return r->guarded ? r->guarded : r->query;
}

/* Makes results out of what was found. index and query are borrowed for the results' life. */
LEDE_NODISCARD lede_status results_new(struct lede_results **out, const struct lede_index *index,
                                       const struct lede_query *query, const struct found *found, lede_error *err);

#endif
