/* pipeline.h - from batches of input to segments, on as many threads as there are.
 *
 *     caller: reads --> batch 1 --> worker 1 --> its spills, then its segment
 *                       batch 2 --> worker 2 --> its spills, then its segment
 *                       batch 3 --> worker 1 ...
 *
 * Batch n goes to worker n modulo their number, whichever is free sooner, so that the same input and
 * number of threads always give the same segments. The number of batches is bounded: the caller waits for one that is
 * done with. With one thread no threads are made: pipeline_send does the work.
 *
 * Memory: 24 MiB of the budget (five eighths of it, if that is less) are left for code, tables of ICU and SQLite,
 * batches and parsers; of what the inverters leave a half is for the tree of a record or page (trees.h). 75 % of the
 * rest is for the workers' inverters in equal shares, flushes included; a merge takes as much when nothing is indexed.
 * A batch larger than PIPELINE_OUTSIZED times the usual (one huge record) is worked on alone, after all have made room.
 */
#ifndef LEDE_INDEXER_PIPELINE_H
#define LEDE_INDEXER_PIPELINE_H

#include "batch.h"
#include "findings.h"
#include "pending.h"

#define PIPELINE_OUTSIZED 8

struct pipeline;

struct pipeline_options {
    const char *index;    /* these strings are borrowed for the pipeline's life */
    const char *language; /* canonical */
    lede_passages passages;
    bool omit_text;
    unsigned threads;
    uint64_t memory;
    uint64_t next_segment;       /* the first id that is free */
    struct engine_writer *store; /* where articles go instead of segments, with one thread; NULL: segments */
    /* Both are called on the thread that calls the pipeline. tick is called now and then while it waits; what it
     * returns is not looked at. */
    int (*tick)(void *ctx);
    void (*warn)(void *ctx, lede_warning_kind kind, const char *where, const char *why);
    void *ctx;
};

/* What the inverters of all workers together may take of a budget. */
uint64_t pipeline_memory(uint64_t memory);

LEDE_NODISCARD lede_status pipeline_new(struct pipeline **out, const struct pipeline_options *options, lede_error *err);
/* Ends the threads. Segment files that were not handed out stay, for their owner to sweep. */
void pipeline_free(struct pipeline *p);

/* Bytes that a batch should hold, and that a single record may have. */
size_t pipeline_batch_size(const struct pipeline *p);
size_t pipeline_record_max(const struct pipeline *p);

/* An empty batch to fill. */
LEDE_NODISCARD lede_status pipeline_take(struct pipeline *p, struct batch **out, lede_error *err);
/* Hands it on, or takes it back if it has no pieces. The pipeline owns it from then on, also on failure. A failure may
 * be that of an earlier batch. */
LEDE_NODISCARD lede_status pipeline_send(struct pipeline *p, struct batch *batch, lede_error *err);
/* Number of the next batch to be sent. */
uint64_t pipeline_next_batch(const struct pipeline *p);

/* Waits until all that was sent is in segments on disk, and hands over those, in order of input as far as
 * workers go, behind what is in *out. */
LEDE_NODISCARD lede_status pipeline_flush(struct pipeline *p, struct pending_list *out, lede_error *err);

/* Makes room for a merge of the caller's: gives back what the workers keep for their next segments. The pipeline has to
 * be flushed. And how many passages such a merge may have. */
LEDE_NODISCARD lede_status pipeline_relax(struct pipeline *p, lede_error *err);
uint64_t pipeline_merge_max(const struct pipeline *p);

/* An id for a segment that the caller writes, above all that were ever handed out. The pipeline has to be flushed. */
uint64_t pipeline_take_id(struct pipeline *p);

/* Articles inverted so far; at any time. */
uint64_t pipeline_articles(struct pipeline *p);
/* What the parsers counted since the last call. The pipeline has to be flushed. */
void pipeline_take_counts(struct pipeline *p, uint64_t *bytes_replaced, uint64_t *records_skipped);
/* The same of what they found, which is added to *out. */
LEDE_NODISCARD lede_status pipeline_take_findings(struct pipeline *p, struct findings *out, lede_error *err);

#endif
