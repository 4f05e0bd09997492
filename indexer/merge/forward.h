/* forward.h - which terms each article holds: the index turned round, as reordering needs it.
 *
 * Only terms that tell articles apart are in it: not those of more than an eighth of the passages, nor the very rare
 * ones, and not more than can be numbered in 16 bits. They are numbered from the most frequent one on, so that what is
 * looked up by them most often lies together.
 *
 * Neighbours may be bundled: some of them are one article of the forward index then, which has the terms that any of
 * them has. The rarer ones tell bundles apart, so more frequent ones are left out. */
#ifndef LEDE_INDEXER_FORWARD_H
#define LEDE_INDEXER_FORWARD_H

#include "footprint.h"

#define FORWARD_TERMS_MAX 65536

struct forward_index {
    uint32_t articles, terms;
    uint32_t *starts; /* terms of article a: list[starts[a]] to list[starts[a + 1] - 1], each once */
    uint16_t *list;
};

void forward_release(struct forward_index *f);

struct forward_lane {
    const struct segment *segment;
    uint32_t base;    /* of its articles among those of all inputs */
    uint32_t *lives;  /* number among the live ones of each article; NULL if none is deleted and they are in order */
    uint32_t first;   /* of its live articles */
    uint64_t visited; /* postings end here that were looked at last */
};

/* What is known before the forward index, or a part of it, is made. Articles are numbered through all inputs, and so
 * are the live ones, `bundle` of which, in their order, are a unit of the forward index. */
struct forward_plan {
    const struct merge_input *inputs;
    struct forward_lane *lanes; /* one an input */
    size_t count;
    uint32_t articles, lives;
    uint32_t bundle, units;
    uint32_t terms;   /* chosen */
    uint32_t *counts; /* chosen terms of each unit */
    uint32_t *ranks;  /* of the terms frequent enough, in their order: by falling frequency */
    uint32_t rank_count;
    uint32_t least, most; /* passages of such a term */
    struct footprint footprint;
    int (*stop)(void *ctx);
    void *ctx;
};

/* The live ones, numbered through all inputs, in the order in which they are to be numbered. */
struct forward_order {
    const uint32_t *articles; /* NULL: as they stand */
    uint32_t count;
    uint32_t bundle;       /* so many of them are a unit; at least 1 */
    uint64_t postings_max; /* of the chosen terms: if they have more, the most frequent ones are left out */
};

/* For the job's inputs, which are borrowed; `stop` is asked now and then. Release the plan whatever comes back. */
LEDE_NODISCARD lede_status forward_plan_init(struct forward_plan *p, const struct merge_job *job,
                                             const struct forward_order *order, lede_error *err);
void forward_plan_release(struct forward_plan *p);

/* Some of the units: from `first` to `end` - 1; and if `run` is not 0, of these the first `run` of each
 * step * run. */
struct forward_part {
    uint32_t first, end, run, step;
};

/* How many these are. */
uint32_t forward_part_size(const struct forward_part *part);

/* Makes it for a part of the units, which are articles 0 and on in it. */
LEDE_NODISCARD lede_status forward_make(struct forward_index *out, struct forward_plan *p,
                                        const struct forward_part *part, lede_error *err);

/* About how many bits the gaps between the articles of each term take, if these are put in the order given, or in that
 * of their numbers if it is NULL. `last` has room for a number for each term. */
uint64_t forward_gap_bits(const struct forward_index *f, const uint32_t *order, uint32_t *last);

/* In how many ranges of so many articles each term is then, of all terms together: what searching looks into. */
uint64_t forward_ranges(const struct forward_index *f, const uint32_t *order, uint32_t width, uint32_t *last);

/* The numbers among all articles of the live ones, in their order: an array to be freed; NULL if out of memory. */
uint32_t *forward_lives(const struct forward_plan *p);

#endif
