/* feed.h - reads files and streams, and articles of the API, into batches for the pipeline.
 *
 * Small files share a batch, whole. Files of lines are cut behind line ends; what follows the last one goes to the
 * next batch. A line or file of prose longer than pipeline_record_max is left out, with a warning.
 */
#ifndef LEDE_INDEXER_FEED_H
#define LEDE_INDEXER_FEED_H

#include "core/text/converter.h"
#include "indexer/inversion/pipeline.h"

struct feed {
    struct pipeline *pipeline;
    struct batch *batch;         /* being filled; NULL if none is */
    struct buffer rest;          /* what follows the last line end */
    struct converter *converter; /* from the charset that was named last; NULL if none was */
    /* Called now and then; a value other than 0 ends the reading at a record's end. */
    int (*tick)(void *ctx);
    void (*warn)(void *ctx, lede_warning_kind kind, const char *where, const char *why);
    void *ctx;
    uint64_t bytes_read;
    uint64_t records_skipped, bytes_replaced;
};

struct feed_input {
    int fd;
    const char *path;   /* as the articles name it; "-" for standard input */
    lede_format format; /* AUTO: by the first bytes */
    /* As converter_name gives it, of inputs that don't tell their charset: it is told by a BOM, by what a page declares
     * but for UTF-8, and by more than ASCII that is well-formed UTF-8, as hardly any other text is. NULL: by the bytes
     */
    const char *charset;
    uint64_t source;
    uint64_t size; /* as far as it is known; 0 if not */
};

struct feed_result {
    uint64_t size, hash; /* of the bytes read */
    bool complete;       /* to the end */
    bool skipped;        /* nothing of it was used, as was warned */
    bool lines_skipped;  /* some were too long, as was warned */
};

void feed_init(struct feed *f, struct pipeline *pipeline);
void feed_release(struct feed *f);

/* Reads all of the input. What can't be read or used is warned of, and not an error. */
LEDE_NODISCARD lede_status feed_read(struct feed *f, const struct feed_input *input, struct feed_result *result,
                                     lede_error *err);

LEDE_NODISCARD lede_status feed_article(struct feed *f, const lede_article *article, lede_error *err);

/* Hands on what has gathered. */
LEDE_NODISCARD lede_status feed_flush(struct feed *f, lede_error *err);

/* Reads a file to its end, for its hash alone; false if that fails or is stopped. */
bool feed_hash(struct feed *f, int fd, uint64_t *hash);

#endif
