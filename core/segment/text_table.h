/* text_table.h - where the blocks of a segment's text are, and the dictionaries that they are compressed with. The
 * format is documented in segment.h. */
#ifndef LEDE_CORE_TEXT_TABLE_H
#define LEDE_CORE_TEXT_TABLE_H

#include "segment_map.h"

struct ZSTD_DDict_s;

/* Bytes of a stretch's record in TEXT_BLOCKS, of a block's entry, and of the number of stretches. */
#define TEXT_STRETCH 32
#define TEXT_ENTRY   8
#define TEXT_COUNT   8

/* Blocks that are compressed with the same dictionary. */
struct text_stretch {
    uint64_t raw;             /* where it begins in the text */
    uint64_t frames;          /* and where its frames do in TEXT, behind its dictionary */
    uint32_t dictionary_size; /* 0: none */
    uint32_t blocks;
    uint64_t entries; /* where in TEXT_BLOCKS those of its blocks are, and one for its end */
};

void text_stretch_store(uint8_t p[TEXT_STRETCH], const struct text_stretch *t);

/* How many there are in a segment: those of the version before have no dictionaries, and count as one. */
uint32_t text_stretch_count(const struct segment *s);
struct text_stretch text_stretch(const struct segment *s, uint32_t i);

struct text_block {
    uint64_t raw, raw_end; /* in the text */
    uint64_t start, end;   /* in TEXT */
    uint32_t stretch;
};

/* The block that holds byte `at` of the text, which has so many. */
LEDE_NODISCARD lede_status text_block_find(struct text_block *out, const struct segment *s, uint64_t at,
                                           lede_error *err);

/* *out is the dictionary of a stretch, made when it is asked for first, and shared by all readers of the segment; NULL
 * if it has none. Safe to call from several threads. */
LEDE_NODISCARD lede_status text_dictionary(const struct ZSTD_DDict_s **out, const struct segment *s, uint32_t stretch,
                                           lede_error *err);

/* When a segment is opened, and closed. */
LEDE_NODISCARD lede_status text_table_open(struct segment *s, lede_error *err);
void text_table_close(struct segment *s);

#endif
