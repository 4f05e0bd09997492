/* stored_text.h - the articles' bodies, one after the other, in blocks compressed with zstd. */
#ifndef LEDE_CORE_STORED_TEXT_H
#define LEDE_CORE_STORED_TEXT_H

#include "core/base/spool.h"
#include "segment_map.h"

struct text_writer;

/* `scratch`, where blocks go that are not drained, and their table, is borrowed; NULL: they stay in memory. */
LEDE_NODISCARD lede_status text_writer_new(struct text_writer **out, struct scratch *scratch, lede_error *err);
void text_writer_free(struct text_writer *w);
size_t text_writer_memory(const struct text_writer *w);

void text_writer_add(struct text_writer *w, const char *text, size_t len);
/* Writes the blocks that are ready to the section that `out` is at. */
void text_writer_drain(struct text_writer *w, struct segment_writer *out);
/* Ends the last block, writes what is left to the section that `out` is at, ends it, and writes the table of blocks;
 * the writer is empty then. False if memory ran out, or zstd or the scratch file failed,
 * at some time. */
bool text_writer_finish(struct text_writer *w, struct segment_writer *out, uint64_t *text_size);

/* Copies all blocks of a segment as they are, behind what was added. */
LEDE_NODISCARD lede_status text_writer_copy(struct text_writer *w, const struct segment *s, struct segment_writer *out,
                                            lede_error *err);

/* Reads pieces of text that mostly follow each other: keeps the block it read last, and what it takes to decompress
 * the next. */
struct text_reader {
    const struct segment *segment; /* of the block */
    uint64_t raw, raw_end;         /* what `block` holds of the segment's text */
    struct buffer block;
    struct ZSTD_DCtx_s *context;
};

#define TEXT_READER_EMPTY ((struct text_reader){NULL, 0, 0, BUFFER_EMPTY, NULL})

/* Reads from this segment from now on. To be called first. */
void text_reader_use(struct text_reader *r, const struct segment *s);
void text_reader_release(struct text_reader *r);
/* Appends bytes [start, start + len) of the text. LEDE_UNSUPPORTED if the segment keeps none. */
LEDE_NODISCARD lede_status text_reader_read(struct text_reader *r, uint64_t start, uint64_t len, struct buffer *out,
                                            lede_error *err);

#endif
