/* retrieve.h - from a cursor on all that matches in a segment to the best of it.
 *
 * The strategies find the same, to the last bit of every score; they differ in time alone. One file each.
 */
#ifndef LEDE_SEARCHER_RETRIEVE_H
#define LEDE_SEARCHER_RETRIEVE_H

#include <float.h>

#include "core/index/snapshot.h"
#include "searcher/cursors/cursor.h"
#include "topk.h"

struct plan;

/* Takes in the documents that match, segment by segment and within each in order. */
struct collector {
    struct topk top; /* ordinals in the snapshot */
    uint64_t total;  /* passages, or articles if grouped, that matched so far */
    lede_group group;
    lede_sort sort;
    bool all;           /* all that matches has to be counted: nothing may be passed over */
    bool jumps;         /* documents don't come in order, so that those that score as much as the worst may be better */
    bool is_helper;     /* of a thread that helps the one that searches */
    lede_status status; /* sticky: LEDE_INTERRUPTED */
    struct snapshot_segment segment; /* current one */
    const struct plan *plan;         /* of what passages may match */
    const uint64_t *accepted;        /* those of the current segment, see plan.h; NULL: all that are not deleted */
    /* The best passage of the current article, if grouped. */
    bool has_article;
    uint32_t article;
    struct topk_entry best;
};

void collector_init(struct collector *c, size_t limit, lede_group group, const struct plan *plan);
void collector_release(struct collector *c);
void collector_begin(struct collector *c, const struct snapshot_segment *segment);
/* A document of the current segment that matches, is not deleted, and scores more than collector_bar. */
void collector_add(struct collector *c, uint32_t doc, double score);

/* Whether a document of the current segment may be added: it is not deleted, and the query's filters let it pass. */
static inline bool collector_accepts(const struct collector *c, uint32_t doc) {
    return c->accepted ? c->accepted[doc / 64] >> doc % 64 & 1 : !snapshot_is_deleted(&c->segment, doc);
}

/* Documents that don't score more than this need only be counted. */
static inline double collector_bar(const struct collector *c) {
    if (c->group != LEDE_GROUP_NONE || c->sort != LEDE_SORT_SCORE || c->top.threshold <= 0)
        return 0;
    return c->jumps ? c->top.threshold * (1 - DBL_EPSILON) : c->top.threshold;
}

/* Whether a document that scores no more than `most` may be among the best. */
bool collector_wants(const struct collector *c, uint32_t doc, double most);

/* Asks whether to stop, which is the collector's status then. */
bool collector_is_interrupted(struct collector *c);

/* n documents that match and are not deleted, among them those that are added. */
static inline void collector_count(struct collector *c, uint64_t n) {
    c->total += c->group == LEDE_GROUP_NONE ? n : 0; /* articles are counted as they come */
}

/* To be called behind the last document of a segment. */
void collector_end(struct collector *c);

/* Document at a time: moves the cursor through the segment. Best where matches are few. */
void retrieve_by_document(struct cursor *root, struct collector *c);

/* Window at a time: see window.h. `scratch` is all zero before and after. Best for many documents with any of
 * several words. */
void retrieve_by_window(struct cursor *root, struct window *scratch, struct collector *c);

/* Hands what a window holds to the collector, and clears it. */
void window_harvest(struct window *w, struct collector *c);

#endif
