/* merge.h - many segments into one. */
#ifndef LEDE_INDEXER_MERGE_H
#define LEDE_INDEXER_MERGE_H

#include "core/segment/segment.h"

struct merge_input {
    const struct segment *segment;
    const uint8_t
        *deleted; /* a bit a passage, as in struct snapshot_segment; articles are deleted whole; NULL if none is */
};

struct merge_job {
    const struct merge_input *inputs;
    size_t count;
    bool settled; /* to be noted of the segment: its order need not be looked for again */
    /* Asked now and then; a value other than 0 ends the work with LEDE_INTERRUPTED. May be NULL. */
    int (*stop)(void *ctx);
    void *ctx;
    uint64_t memory; /* bytes to stay below; 0, or less than 16 MiB: that much */
    uint64_t *done;  /* how many bytes of the inputs, of the sum of their sizes, are dealt with; may be NULL */
};

/* Writes the live passages of the inputs, in their order, to a new segment file at `path` (fsynced). At least one is
 * live. On failure no file is left. Safe to call from any thread.
 *
 * What it takes does not grow with the inputs, but for what is deleted:
 *     pages of the inputs        given back by bytes touched (footprint.h); LENGTHS stay while they are an eighth
 *     tables of articles, dictionaries, the parts of a long term     spools (core/base/spool.h), 8 or 128 KiB each
 *     sorting the keys           slices of 65,536, about (core/segment/keys.h)
 *     bylines and languages      as many as 1 MiB holds (core/segment/columns.h); of dates little more than a bit for
 * each day what is deleted            1/128 byte a passage of inputs where something is, besides the bitmap */
LEDE_NODISCARD lede_status merge_segments(const struct merge_job *job, const char *path, struct segment_info *info,
                                          lede_error *err);

#endif
