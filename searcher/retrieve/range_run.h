/* range_run.h - what the strategies that go range by range share: the words of a query in one segment, the bounds of
 * its ranges, and the threshold.
 *
 *     add words -> choose the scale -> sum up bounds -> look at ranges, as their bounds tell
 */
#ifndef LEDE_SEARCHER_RANGE_RUN_H
#define LEDE_SEARCHER_RANGE_RUN_H

#include "core/base/cpu.h"
#include "range_blocks.h"
#include "retrieve.h"
#include "searcher/ranges/range_bounds.h"
#include "slices.h"

/* What a word that is not kept in memory can give to a passage of each block. */
static inline half_lanes word_shares(const struct word_bounds *w, uint32_t range) {
    return half_lanes_of(w->units[range]) & half_lanes_where(w->blocks[range]);
}

struct range_run {
    struct arena arena;
    struct range_term *terms;  /* in the order of the query, which is that of scoring */
    struct range_term **order; /* in the order in which ranges are read */
    size_t count;
    struct range_scorer scorer;
    struct range_bounds bounds;
    struct collector *collector;
    struct slice *slice; /* that it is of; NULL: it is of the whole segment */
    reach_function *reach;
    uint32_t cut;                    /* units of the threshold; 1 if there is none yet */
    struct word_bounds *word_bounds; /* in that order, too */
    uint8_t *all_blocks;             /* of ranges whose blocks are not known */
    bool is_filtered;                /* there are passages that may not be among the best */
    bool has_hot;                    /* some words are kept in memory */
    /* The range under way, its words in that order, and what each can give to a passage of each block. */
    uint32_t range;
    size_t here_count;
    const struct word_bounds **here;
    block_units *shares;
    uint16_t sums[RANGE_DOCS]; /* units of its documents */
    struct range_lengths lengths;
    uint32_t lengths_of; /* the range, UINT32_MAX: none */
    uint8_t classes[RANGE_DOCS];
    struct range_docs alive;
    /* How often each of its words is in documents of the range, as far as it was read, right for those that are left.
     */
    struct chunk_list *found;
    uint32_t *freqs; /* and in one document, words as in `terms` */
    double *weights;
    struct range_blocks blocks;
};

/* For a segment of the plan's snapshot, with room for as many words as the query has. NULL if out of memory. */
struct range_run *range_run_new(const struct plan *plan, size_t segment, struct collector *collector);
/* NULL is fine. */
void range_run_free(struct range_run *r);

/* Makes it a run of a slice, whose collector it has. */
void range_run_take_slice(struct range_run *r, struct slice *slice);

/* Adds a term of the query, which counts `count` times. */
LEDE_NODISCARD lede_status range_run_add(struct range_run *r, const struct plan *plan, size_t segment, uint32_t term,
                                         double count);

/* Chooses the scale, once all words are there; `all` as for range_terms_scale. `order` is theirs until the caller
 * changes it. */
void range_run_scale(struct range_run *r, bool all);

/* Works out a threshold that so many passages as are wanted are known to reach, for lists that are long enough for this
 * to be worth while: of each range the best passage with one word counts. The ranges of all words are known.
 * LEDE_NOMEM. */
LEDE_NODISCARD lede_status range_run_foresee(struct range_run *r);

/* How many documents of a range the query's filters let pass; RANGE_DOCS if there are none. */
static inline uint32_t range_run_accepted(const struct range_run *r, uint32_t range) {
    const uint64_t *accepted = r->collector->accepted;
    if (!accepted)
        return RANGE_DOCS;
    accepted += range * (RANGE_DOCS / 64);
    return (uint32_t)(__builtin_popcountll(accepted[0]) + __builtin_popcountll(accepted[1]));
}

/* Leaves of `alive` the documents that filters let pass, and that are not deleted; and makes it all of those, of what
 * the words can give. */
void range_run_limit(struct range_run *r, uint32_t range);
void range_run_take_accepted(struct range_run *r, uint32_t range, const block_units rest);

/* The ranges that it is of: [first, end). */
struct range_part {
    uint32_t first, end;
};

struct range_part range_run_part(const struct range_run *r);

/* How many parts of that size the segment has. */
double range_run_parts(const struct range_run *r);

/* A set of ranges, a bit each as for range_terms_find_blocks: with none. NULL if out of memory. */
uint64_t *range_run_new_set(struct range_run *r);

/* Those that it is of; *set is NULL if these are all. False if out of memory. */
LEDE_NODISCARD bool range_run_part_set(struct range_run *r, const uint64_t **set);

/* Bounds of 0 of these ranges; the scale is chosen. False if out of memory. */
LEDE_NODISCARD bool range_run_begin_bounds(struct range_run *r);

/* Whether the search has to end; nothing reaches the threshold any more then. */
bool range_run_is_due(struct range_run *r);

/* How many ranges, or documents, to look at first. */
size_t range_run_prime_count(const struct range_run *r);

/* Takes in a document with its exact score. */
void range_run_push(struct range_run *r, uint32_t doc, double score);

/* Sets r->lengths to those of a range's documents. */
static inline void range_run_know_lengths(struct range_run *r, uint32_t range) {
    if (r->lengths_of != range) {
        r->lengths.classes = range_classes(&r->scorer, range, r->classes);
        r->lengths.known = 0;
        r->lengths_of = range;
    }
}

/* The lengths of a range's passages are a line or two of the cache, which is better fetched while another range is
 * evaluated. (The same for chunks of words gained nothing.) */
FETCHING void range_run_fetch_lengths(const struct range_run *r, uint32_t range) {
    const struct range_scorer *s = &r->scorer;
    const uint8_t *lengths = s->lengths + ((size_t)range << RANGE_SHIFT) * s->length_width;
    for (size_t i = 0; i < RANGE_DOCS * s->length_width; i += 64)
        fetch_line(lengths + i);
}

/* The exact score of a document that has the words as often as r->freqs tells, in the order of the query. */
double range_run_score(const struct range_run *r, uint32_t doc);

#endif
