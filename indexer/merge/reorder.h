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
};

/* Finds orders for the inputs of the merge. The natural one is where it begins, so that it does not matter how many
 * threads have indexed them. LEDE_NOT_FOUND, with err untouched, if a sample of the articles shows that none is better
 * than the one they have, or if they are too many for job->merge.memory: it takes 16 bytes an article (or 8, and 4 a
 * passage, if that is more; 20 for a while), and three eighths of it besides. More articles than that, some 8 million
 * with the default memory, stay in the order in which they are. Where the memory does not do for all articles at once,
 * each run of as many as it does for is put in order by itself. The order depends on the inputs and the memory alone,
 * not on the number of threads. Release it whatever comes back. */
LEDE_NODISCARD lede_status reorder_articles(struct reordering *out, const struct permute_job *job, unsigned threads,
                                            lede_error *err);
void reordering_release(struct reordering *r);

#endif
