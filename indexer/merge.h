/* merge.h - many segments into one. */
#ifndef LEDE_INDEXER_MERGE_H
#define LEDE_INDEXER_MERGE_H

#include "../core/segment.h"

struct merge_input {
    const struct segment *segment;
    const uint8_t
        *deleted; /* a bit a passage, as in struct snapshot_segment; articles are deleted whole; NULL if none is */
};

/* Writes the live passages of the inputs, in their order, to a new segment file at `path` (fsynced). At least one is
 * live. `stop`, which may be NULL, is asked now and then: a value other than 0 ends the work with LEDE_INTERRUPTED. On
 * failure no file is left. Safe to call from any thread. */
LEDE_NODISCARD lede_status merge_segments(const struct merge_input *inputs, size_t count, const char *path,
                                          struct segment_info *info, int (*stop)(void *ctx), void *ctx,
                                          lede_error *err);

#endif
