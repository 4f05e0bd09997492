/* natural.h - the order in which articles stood in their input: by source, in the order in which sources were first
 * read, then by line. Of what several workers indexed each segment has every other batch, so that neighbours of the
 * input, which are often alike, are torn apart. */
#ifndef LEDE_INDEXER_NATURAL_H
#define LEDE_INDEXER_NATURAL_H

#include "merge.h"

/* *order: the live articles, numbered through all inputs, in that order, `*count` of them; an array to be freed. NULL
 * if they have it already. Takes 20 bytes an article for a while. */
LEDE_NODISCARD lede_status natural_order(uint32_t **order, uint32_t *count, const struct merge_job *job,
                                         lede_error *err);

#endif
