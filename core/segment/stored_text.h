/* stored_text.h - the articles' bodies, one after the other, in small blocks compressed with zstd. */
#ifndef LEDE_CORE_STORED_TEXT_H
#define LEDE_CORE_STORED_TEXT_H

#include "segment_map.h"

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
