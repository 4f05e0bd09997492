/* batch.h - some input on its way from the reader to a worker: whole small files, whole lines of large ones, and
 * articles given through the API, a few hundred KiB of them together. */
#ifndef LEDE_INDEXER_BATCH_H
#define LEDE_INDEXER_BATCH_H

#include "core/base/buffer.h"
#include "indexer/formats/parser.h"

/* What one call of the parser takes; or, if is_article, one article of the API. */
struct piece {
    bool is_article;
    lede_format format;
    lede_passages passages;
    uint64_t source;
    uint32_t line;
    size_t path;       /* offset of its path in the batch's names */
    size_t start, len; /* in the batch's bytes */
};

struct batch {
    uint64_t number; /* in order of input, from 1 */
    struct buffer bytes;
    struct buffer names;
    struct piece *pieces;
    size_t count, cap;
    struct batch *next; /* in whatever list it is in */
};

LEDE_NODISCARD lede_status batch_new(struct batch **out, lede_error *err);
void batch_free(struct batch *b);
/* Empties it; keeps up to `keep` bytes of memory. */
void batch_clear(struct batch *b, size_t keep);

/* Makes the last `len` bytes a piece, with the other fields of *piece as given. */
LEDE_NODISCARD lede_status batch_add_piece(struct batch *b, const struct piece *piece, const char *path, size_t len,
                                           lede_error *err);
/* Copies an article in, and hands it out again: its strings are views into the batch. */
LEDE_NODISCARD lede_status batch_add_article(struct batch *b, const lede_article *article, lede_error *err);
void batch_article(const struct batch *b, const struct piece *piece, lede_article *out);

static inline const char *batch_bytes(const struct batch *b, const struct piece *piece) {
    return (const char *)b->bytes.data + piece->start;
}

static inline const char *batch_path(const struct batch *b, const struct piece *piece) {
    return (const char *)b->names.data + piece->path;
}

#endif
