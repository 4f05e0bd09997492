/* sequence.h - when the articles of a new segment came in, and what tells their keys apart.
 *
 * Batches of input are numbered as they are read, and handed to workers in turn, so neighbours in a segment need not be
 * neighbours in the input. Which of two articles with the same key is the later one is told by the numbers of their
 * batches, then by their order in the worker's segments. */
#ifndef LEDE_INDEXER_SEQUENCE_H
#define LEDE_INDEXER_SEQUENCE_H

#include "../core/spool.h"

/* Articles from `first` on came from this batch. */
struct sequence_run {
    uint32_t first;
    uint64_t batch;
};

/* Tags of the entries of the segment's keys (core/keys.h), a byte each: one of each 64 pairs of keys that have the same
 * hash by chance has the same tag, too, and only those have to be read. */
struct key_tags {
    struct scratch scratch;
    struct spool spool;
};

struct sequence {
    struct sequence_run *runs;
    size_t count, cap;
    struct key_tags *tags; /* NULL: not known */
};

#define SEQUENCE_EMPTY ((struct sequence){NULL, 0, 0, NULL})

/* Makes place for the tags; in the folder of `path`, which is borrowed, if they are many. */
LEDE_NODISCARD lede_status sequence_make_tags(struct sequence *s, const char *path, lede_error *err);
void sequence_release(struct sequence *s);
/* Articles from `first`, not less than any before, came from `batch`. */
LEDE_NODISCARD lede_status sequence_append(struct sequence *s, uint32_t first, uint64_t batch, lede_error *err);
/* Appends that of a segment whose articles follow as `first` and on. */
LEDE_NODISCARD lede_status sequence_concatenate(struct sequence *s, const struct sequence *tail, uint32_t first,
                                                lede_error *err);
/* The batch of an article; 0 if there are no runs. */
uint64_t sequence_batch(const struct sequence *s, uint32_t article);

#endif
