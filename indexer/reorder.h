/* reorder.h - the order in which the articles of segments are best written to a new one: similar ones together. */
#ifndef LEDE_INDEXER_REORDER_H
#define LEDE_INDEXER_REORDER_H

#include "permute.h"

/* With fewer live passages, which are few ranges, an order gains nothing. */
#define REORDER_PASSAGES_MIN 4096

/* Finds the order for job->merge.inputs: *order, to be freed, which is also put into the job, with its length; and in
 * *gain how many bytes of postings it will save, about. LEDE_NOT_FOUND, with err untouched, if a sample of the articles
 * shows that none is better than the one they have, or if they are too many for job->merge.memory: it takes 16 bytes an
 * article (or 4, and 4 a passage, if that is more), and three eighths of it besides. Where the memory does not do for
 * all articles at once, each run of as many as it does for is put in order by itself. The order depends on the inputs
 * and the memory alone, not on the number of threads. */
LEDE_NODISCARD lede_status reorder_articles(uint32_t **order, uint64_t *gain, struct permute_job *job, unsigned threads,
                                            lede_error *err);

#endif
