/* block.h - the lines of a text into paragraphs and headings. */
#ifndef LEDE_INDEXER_BLOCK_H
#define LEDE_INDEXER_BLOCK_H

#include "core/text/span.h"
#include "passage.h"

/* Most words that a heading or a title has, and most bytes (in scripts where a byte counts for more). */
enum { HEADING_WORDS = 14, TITLE_WORDS = 30, TITLE_BYTES = 300 };

static inline struct span block_span(const char *text, const struct block *b) {
    return (struct span){text + b->start, b->len};
}

/* Appends the paragraphs of a text, as struct block, to `blocks`, headings not yet told apart. A line is a paragraph,
 * unless the text is wrapped: its lines then end where the next word would have passed a right margin, and those up to
 * a blank line, or to a line that was ended before the margin, make one. `lines` is scratch. `line` is the number
 * of the first. Texts are shorter than 4 GiB. */
LEDE_NODISCARD lede_status block_read(struct buffer *blocks, struct buffer *lines, struct span text, uint32_t line,
                                      lede_error *err);

/* Marks the headings: short lines that don't end as a sentence or a list item does, begin in upper case, and have a
 * paragraph below. */
void block_mark_headings(struct block *blocks, size_t count, const char *text);

/* Blocks of a text that is written as it is read: open one, append its text, close it. */
struct block_writer {
    struct buffer *text, *blocks;
    bool open; /* the last block may go on */
};
/* A block that begins at the end of the text. */
void block_open(struct block_writer *w, uint32_t line, bool heading, bool gap);
void block_close(struct block_writer *w);
/* The last block; there is one. */
struct block *block_last(const struct block_writer *w);

/* Whether a line could be a title or, with fewer words, a heading. */
bool block_is_title(struct span line);
bool block_is_heading(struct span line);

#endif
