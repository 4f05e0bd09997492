/* sequence.h - when the articles of a new segment came in, and what tells their keys apart.
 *
 * Batches of input are numbered as they are read, and handed to workers in turn, so neighbours in a segment need not be
 * neighbours in the input. Which of two articles with the same key is the later one is told by the numbers of their
 * batches, then by their order in the worker's segments.
 *
 * All of it waits for the commit in a file, which a worker's segments share: in memory are four bytes for some hundred
 * batches. */
#ifndef LEDE_INDEXER_SEQUENCE_H
#define LEDE_INDEXER_SEQUENCE_H

#include "core/base/spool.h"

/* The file. It is there as long as somebody uses it. */
struct sequence_file {
    struct scratch scratch;
    unsigned users;
};

/* Articles from `first` on came from this batch. */
struct sequence_run {
    uint32_t first;
    uint64_t batch;
};

struct sequence {
    struct sequence_file *file; /* NULL: all stays in memory */
    struct sequence_run last;   /* not in `runs` yet, if there is any */
    bool has_last;
    struct spool runs;    /* u32 first, u64 batch each */
    struct buffer firsts; /* u32: of each of their pieces in the file */
    /* Tags of the entries of the segment's keys (core/segment/keys.h), a byte each: one of each 64 pairs of keys that
     * have the same hash by chance has the same tag, too, and only those have to be read. None: they are not known. */
    struct spool tags;
    struct spool_reader reader; /* of runs: the piece that was looked into last, or NULL, and */
    const uint8_t *piece;
    size_t piece_number, piece_size;
};

#define SEQUENCE_EMPTY ((struct sequence){.file = NULL})

/* One that lies in *file, which is made if it is NULL, in the folder of `path` (borrowed), and anew if nobody else uses
 * it any more. The caller is a user of *file, too, until sequence_file_release. */
LEDE_NODISCARD lede_status sequence_begin(struct sequence *s, struct sequence_file **file, const char *path,
                                          lede_error *err);
void sequence_file_release(struct sequence_file *file);
void sequence_release(struct sequence *s);

/* Articles from `first` on, not less than any before, came from `batch`. Failures are sticky, see sequence_status. */
void sequence_append(struct sequence *s, uint32_t first, uint64_t batch);
/* Nothing more will come: gives back the memory of what is in the file. */
void sequence_end(struct sequence *s);
/* The batch of an article; 0 if there are no runs. */
uint64_t sequence_batch(struct sequence *s, uint32_t article);
LEDE_NODISCARD lede_status sequence_status(const struct sequence *s, lede_error *err);

#endif
