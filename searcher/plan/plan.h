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
 *
 * plan.c looks up what the whole snapshot has of the query: terms, the forms of prefixes and their like, the passages
 * that filters let pass; build.c makes the cursors of a segment.
 */
#ifndef LEDE_SEARCHER_PLAN_H
#define LEDE_SEARCHER_PLAN_H

#include "bm25.h"
#include "core/base/team.h"
#include "core/index/snapshot.h"
#include "interrupt.h"
#include "searcher/query/query.h"

struct cursor;
struct passage_text;
struct verdicts;

/* A term that some forms of a word have. */
struct expanded_term {
    struct term_info info;
    bool whole;    /* all its occurrences are of these forms; else the text has to be asked */
    uint32_t most; /* a passage has no more that are of these forms */
};

/* What a word, not a WORD_STEM, comes to in a segment. */
struct expansion {
    struct expanded_term *terms; /* bytewise by term */
    uint32_t count;
    uint64_t postings; /* of the terms in all */
    bool ask_text;     /* of some of them */
    bool is_own;       /* of a WORD_FORM: no word that is one of its forms has another term than the query's own */
};

/* The threads that a search may take, for a segment of so many passages at least. */
struct team_use {
    struct team *team; /* NULL: none but its own */
    uint32_t least;
    uint32_t least_postings; /* of a word that has to be there */
};

/* What a query needs to know of a whole snapshot. */
struct plan {
    struct arena arena;
    const struct lede_query *query;
    const struct snapshot *snapshot;
    struct bm25 bm25;
    struct term_info *infos;      /* of term t in segment s: [s * term_count + t]; doc_freq is 0 if it is not there */
    uint64_t *doc_freqs;          /* of term t in the snapshot */
    struct expansion *expansions; /* of word n in segment s: [s * pattern_count + n] */
    uint64_t *pattern_doc_freqs;  /* of word n: of its terms together, at most all passages */
    uint64_t **accepted;          /* by segment: passages not deleted that the root's filters let pass, a bit each;
                                     NULL: there are no filters */
    uint64_t accepted_count;      /* of them in all */
    struct verdicts *verdicts;    /* of word n */
    struct passage_text *text;    /* NULL if the snapshot keeps none, or nothing needs it */
    struct interrupt *interrupt;  /* NULL: nothing ends the search */
    struct team_use team;
};

/* How to search: all zero for the defaults, and without an end. */
struct plan_options {
    double k1, b;
    struct interrupt *interrupt; /* borrowed: what runs by the plan ends then, with LEDE_INTERRUPTED */
    struct team_use team;        /* borrowed */
};

/* query and snapshot are borrowed for the plan's life. Release it even if this fails. If there is no time for all words
 * of a prefix and its like, those that were found have to do. */
LEDE_NODISCARD lede_status plan_init(struct plan *plan, const struct lede_query *query, const struct snapshot *snapshot,
                                     const struct plan_options *options, lede_error *err);
void plan_release(struct plan *plan);

/* More terms of a word than these are not merged, but added up, or the most frequent ones merged. */
#define PLAN_MERGED_TERMS 16

/* Whether the terms of a word are cheaper to add up, see tally.h, than to merge: where they are many, or the text of
 * many passages may have to be asked. */
bool plan_adds_up(const struct plan *plan, size_t segment, const struct node *word);

/* What a word, or a choice among words, gives that counts `factor` times, apart from the passage. */
double plan_weight(const struct plan *plan, const struct node *word, double factor);
/* How many passages of the snapshot count as having the word, or the choice. */
uint64_t plan_doc_freq(const struct plan *plan, const struct node *word);

struct gate;

/* Makes the cursor, in `arena`, on all that matches in a segment of the snapshot; NULL if nothing can. Of passages that
 * plan->accepted has not it may have some. Cursors of one segment of a plan are in use at a time. */
LEDE_NODISCARD lede_status plan_segment(const struct plan *plan, size_t segment, struct arena *arena,
                                        struct cursor **out, lede_error *err);

/* The same where no other passage than this one is of interest: on it, if it matches. */
LEDE_NODISCARD lede_status plan_passage(const struct plan *plan, size_t segment, uint32_t doc, struct arena *arena,
                                        struct cursor **out, lede_error *err);

/* The same with a gate, see gate.h, which is used as long as the cursor is. */
LEDE_NODISCARD lede_status plan_gated(const struct plan *plan, struct gate *gate, struct arena *arena,
                                      struct cursor **out, lede_error *err);

/* The same for some passages, each of which is confirmed once at most; without what to go through all takes. Of word n,
 * in all passages of the segment that are not confirmed yet, left[n] occurrences are of its forms at most, which is
 * kept so. */
LEDE_NODISCARD lede_status plan_picked(const struct plan *plan, size_t segment, uint64_t *left, struct arena *arena,
                                       struct cursor **out, lede_error *err);

/* Whether a passage of a segment may be a hit: it is not deleted, and the query's filters let it pass. */
static inline bool plan_accepts(const struct plan *plan, const struct snapshot_segment *s, uint32_t doc) {
    const uint64_t *accepted = plan->accepted ? plan->accepted[s - plan->snapshot->segments] : NULL;
    return accepted ? accepted[doc / 64] >> doc % 64 & 1 : !snapshot_is_deleted(s, doc);
}

/* Terms that a word among those of a phrase, NEAR and the like has at most: the most frequent ones. */
#define PLAN_POSITION_TERMS 1024

/* What was left out of a query to bound the work, as one line; NULL if nothing was. In the arena. */
const char *plan_note(const struct plan *plan, struct arena *arena);

#endif
