/* interleave.h - the postings of a term in several segments whose passages alternate in the output, as several workers
 * leave them: those of each segment keep their order, so that they need no sorting. */
#ifndef LEDE_INDEXER_INTERLEAVE_H
#define LEDE_INDEXER_INTERLEAVE_H

#include "merge_output.h"

#define INTERLEAVE_NOWHERE UINT32_MAX /* new number of a deleted passage */

struct interleaver {
    struct merge_output *output;
    struct interleave_lane *lanes; /* one an input */
    size_t count;
};

/* The output is borrowed. False if memory ran out. Release it whatever comes back. */
bool interleaver_init(struct interleaver *il, struct merge_output *output, size_t count);
void interleaver_release(struct interleaver *il);

/* Hands the postings of the walk's term on to output->postings. `renumber` has for each input the new numbers of its
 * passages, which rise but for those that are nowhere. Takes two blocks of postings an input. */
LEDE_NODISCARD lede_status interleave_postings(struct interleaver *il, const struct key_walk *walk,
                                               uint32_t *const *renumber);

#endif
