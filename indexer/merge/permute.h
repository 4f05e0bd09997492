/* permute.h - many segments into one, with the articles in another order.
 *
 * Where the articles of each input keep their order, as those of several workers do when the order of the input is made
 * again, it takes little more than a merge. Else text is unpacked to a file without a name beside the new segment, so
 * the disk needs room for all of the text as it is before compression. */
#ifndef LEDE_INDEXER_PERMUTE_H
#define LEDE_INDEXER_PERMUTE_H

#include "merge.h"

struct permute_job {
    struct merge_job merge; /* tables of the order take 8 bytes a passage of its memory */
    const uint32_t *order;  /* numbers of all live articles, through all inputs, in the order wanted */
    uint32_t articles;      /* live ones, at least one */
    /* Bytes of postings that the order is expected to save; NULL if it is wanted whatever it saves. */
    const uint64_t *gain;
};

/* What merge_segments gives, but for the order: the same bytes as if articles had been merged from segments in which
 * they stand in that order. LEDE_NOT_FOUND, with err untouched and no file left, if the gain is known and less than
 * what articles and text, of which neighbours share less in that order, take more. */
LEDE_NODISCARD lede_status permute_segments(const struct permute_job *job, const char *path, struct segment_info *info,
                                            lede_error *err);

#endif
