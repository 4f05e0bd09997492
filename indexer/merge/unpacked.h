/* unpacked.h - the text of several segments in a file without a name, where pieces can be read in any order. */
#ifndef LEDE_INDEXER_UNPACKED_H
#define LEDE_INDEXER_UNPACKED_H

#include "merge.h"

struct unpacked {
    int fd;
    uint64_t *starts; /* of each segment's text in the file */
    const char *path; /* borrowed, for messages */
};

/* Unpacks into the folder of the file `path`. Release it whatever comes back. `stop` as in merge_segments. */
LEDE_NODISCARD lede_status unpacked_init(struct unpacked *u, const struct merge_input *inputs, size_t count,
                                         const char *path, lede_error *err);
LEDE_NODISCARD lede_status unpacked_add(struct unpacked *u, const struct segment *s, size_t i, int (*stop)(void *ctx),
                                        void *ctx, lede_error *err);
void unpacked_release(struct unpacked *u);

/* Replaces *out with bytes [start, start + len) of the text of segment i. */
LEDE_NODISCARD lede_status unpacked_read(const struct unpacked *u, size_t i, uint64_t start, size_t len,
                                         struct buffer *out, lede_error *err);

#endif
