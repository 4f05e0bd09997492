/* passage.h - paragraphs and headings of a body into passages. */
#ifndef LEDE_INDEXER_PASSAGE_H
#define LEDE_INDEXER_PASSAGE_H

#include "core/base/buffer.h"
#include "core/segment/article.h"

/* In words, as span_words counts them. A paragraph of more than PASSAGE_MAX is split, one of less than PASSAGE_MIN is
 * joined to a neighbour under the same heading, so that a passage has less than PASSAGE_MIN words only where all
 * that stands under its heading has, and PASSAGE_MIN + PASSAGE_SPLIT words at most. */
enum {
    PASSAGE_MIN = 40,
    PASSAGE_MAX = 150,
    PASSAGE_SPLIT = 160, /* of a split paragraph, a part that ends with a sentence may have as many as this */
};

/* A paragraph or a heading: bytes [start, start + len) of a body, in order, with white space in between. */
struct block {
    uint32_t start, len;
    uint32_t line; /* of its first byte in the source file */
    bool heading;
    bool gap; /* a blank line, or the start of the text, stands before it */
};

/* What stands in a body, until its passages are cut, where a line of a wrapped paragraph was ended. The passages' lines
 * are counted by it; after that it is a space, as many bytes as it was. */
#define PASSAGE_WRAP '\v'

/* Appends the passages of a body, as struct passage, to `out`. Where a passage begins inside a block, its line is that
 * of the block and one more for each newline, or PASSAGE_WRAP, before it. Fails for lack of memory alone. */
LEDE_NODISCARD lede_status passage_cut(struct buffer *out, const char *body, const struct block *blocks, size_t count,
                                       lede_error *err);
/* Appends one passage, from the first block to the last; none if there are no blocks. */
LEDE_NODISCARD lede_status passage_whole(struct buffer *out, const struct block *blocks, size_t count, lede_error *err);

#endif
