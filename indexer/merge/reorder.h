/* reorder.h - the order in which the articles of segments are best written to a new one: similar ones together. */
#ifndef LEDE_INDEXER_REORDER_H
#define LEDE_INDEXER_REORDER_H

#include "permute.h"

/* With fewer live passages, which are few ranges, an order gains nothing. */
#define REORDER_PASSAGES_MIN 4096

struct reordering {
    uint32_t *order;   /* NULL: none is better than the natural one */
    uint32_t *natural; /* in which they stood in the input (natural.h); NULL: they have it */
    uint32_t articles; /* live ones, as many as both have */
    uint64_t gain;     /* bytes of postings that `order` saves, about, beside the natural one */
    double ranges;     /* how many ranges have a term of an article, beside as many as in the natural one */
};

/* Finds orders for the inputs of the merge. The natural one is where it begins, so that it does not matter how many
 * threads have indexed them. It is improved on from far to near:
 *
 *     1. Bundles of 64 neighbours are put in order: parts of the input that are about the same come together, while
 *        what stood together stays so. An order of single articles would tear it apart, and where each half of the
 *        input is about all there is, as if it had been gone on with for years, no article is drawn to either half.
 *     2. If that has found an order, bundles of 8, within some ten thousand articles.
 *     3. Single articles, if a sample of runs of neighbours shows that their order can be improved on.
 *
 * What is better has smaller gaps between postings, and fewer ranges that have a term. LEDE_NOT_FOUND, with err
 * untouched, if none is better than the order they have, or if they are too many for job->merge.memory: it takes 20
 * bytes an article, deleted ones too, and an eighth of it besides; and for windows of single articles 16 (or 20, if
 * bundles were put in order) and three eighths. More articles than that, some 8 million with the default memory, stay
 * in the order in which they are, and from some 6 million on only bundles are moved. Where the memory does not do for
 * all articles at once, each run of as many as it does for is put in order by itself, but for the bundles of 64. The
 * order depends on the inputs and the memory alone, not on the number of threads. Release it whatever comes back. */
LEDE_NODISCARD lede_status reorder_articles(struct reordering *out, const struct permute_job *job, unsigned threads,
                                            lede_error *err);
void reordering_release(struct reordering *r);

#endif
