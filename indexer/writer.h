/* writer.h - what stands behind a lede_writer; writer.c opens and closes it, add.c puts articles in, delete.c takes
 * them out, commit.c makes that durable. */
#ifndef LEDE_INDEXER_WRITER_H
#define LEDE_INDEXER_WRITER_H

#include "core/index/catalogue.h"
#include "core/index/engine.h"
#include "core/index/lock.h"
#include "indexer/files/feed.h"
#include "indexer/files/reading.h"
#include "indexer/files/update.h"
#include "resolve.h"

/* A live segment, or one that the commit in hand makes so. */
struct writer_segment {
    uint64_t id;
    struct segment *segment;
    struct tombstones tombstones;
    struct sequence sequence;
    bool fresh; /* not committed yet */
};

/* An article to delete among those that wait for the commit. */
struct deletion {
    char *key;
    size_t key_len;
    uint64_t batch; /* it concerns articles of earlier batches */
};

struct lede_writer {
    char *path; /* of the index, absolute; of a folder for the catalogue alone, if the index lies in an engine */
    char *name; /* of the index, for messages */
    lede_writer_options options;
    char *charset;               /* of options, by its one name; NULL if none */
    bool forgets_format;         /* BY_NAME was asked for; options.format is AUTO then */
    struct engine_writer *store; /* NULL: a folder of segments */
    struct catalogue_settings settings;
    struct lock lock;
    bool made_folder, never_committed; /* a new index is removed again if nothing is committed to it */
    struct catalogue *catalogue;
    struct catalogue_counters counters;
    bool in_transaction;
    struct buffer brief; /* of the last commit; empty if there was none, or one that failed */
    struct pipeline *pipeline;
    struct feed feed;
    struct update update;
    struct findings findings;        /* of what came in since the last commit */
    struct writer_segment *segments; /* committed ones in order of id, then fresh ones in order of input */
    size_t count;
    struct deletion *deletions;
    size_t deletion_count;
    bool in_flight; /* articles were added that are not in segments yet */
    lede_commit_info info;
    uint64_t bytes_reported; /* of feed.bytes_read, in the info of earlier commits */
    lede_progress progress;
    uint64_t bytes_passed;              /* of files that are done with */
    uint64_t read_before, reading_size; /* feed.bytes_read before the file in hand, and the size of that; or 0 */
    const uint64_t *merge_done;         /* bytes, of merge_total; NULL while nothing is merged */
    uint64_t merge_total;
    int64_t last_tick; /* nanoseconds of a steady clock */
    bool stopped;      /* the progress callback asked to */
    bool failed;       /* nothing can be done but to close */
};

/* The status, after noting that the writer is of no more use. */
lede_status writer_fail(struct lede_writer *w, lede_status status);
/* What is left of options.memory beside a bit for each passage of the segments, which tells what of them is deleted. */
uint64_t writer_memory(const struct lede_writer *w);
/* LEDE_OK unless it is of no more use. */
LEDE_NODISCARD lede_status writer_usable(const struct lede_writer *w, lede_error *err);

/* Starts the catalogue's transaction, if there is none: it lasts until the commit. */
LEDE_NODISCARD lede_status writer_begin(struct lede_writer *w, lede_error *err);

/* Reports progress if it is time to; nonzero if the user asked to stop. */
int writer_tick(void *writer);
/* Reports it now. */
void writer_report(struct lede_writer *w, const char *phase);
void writer_warn(void *writer, lede_warning_kind kind, const char *where, const char *why);

/* Appends a segment; its file is opened. Takes over `deleted` and *sequence (which may be NULL), also on failure. */
struct new_segment {
    uint64_t id;
    const struct segment_info *info;
    uint8_t *deleted;
    uint32_t deleted_passages, deleted_articles;
    struct sequence *sequence;
};
LEDE_NODISCARD lede_status writer_append_segment(struct lede_writer *w, const struct new_segment *segment,
                                                 lede_error *err);
void writer_segment_release(struct writer_segment *segment);

/* Takes all in hand into fresh segments at the end of w->segments. */
LEDE_NODISCARD lede_status writer_collect(struct lede_writer *w, lede_error *err);

#endif
