/* segment_map.h - the insides of a segment that the modules of its sections share: the mapped file, and the file
 * while it is written. Private to what reads and writes segments; the format is documented in segment.h. */
#ifndef LEDE_CORE_SEGMENT_MAP_H
#define LEDE_CORE_SEGMENT_MAP_H

#include <stdatomic.h>

#include "columns.h"
#include "core/base/buffer.h"
#include "core/base/file.h"
#include "core/base/spool.h"
#include "segment.h"

enum section_kind {
    SECTION_ARTICLES = 1,
    SECTION_ARTICLE_GROUPS,
    SECTION_PASSAGE_STARTS,
    SECTION_LENGTHS,
    SECTION_KEYS,
    SECTION_SOURCES,
    SECTION_TEXT,
    SECTION_TEXT_BLOCKS,
    SECTION_POSTINGS,
    SECTION_TERMS,
    SECTION_TERM_BLOCKS,
    SECTION_WORDS,
    SECTION_WORD_BLOCKS,
    SECTION_COLUMNS,
    SECTION_COUNT = SECTION_COLUMNS,
};

/* Bytes of the header: fixed fields, an entry for each section, the checksum. */
#define SEGMENT_SECTIONS_AT   112
#define SEGMENT_SECTION_ENTRY 24
#define SEGMENT_CHECKSUM_AT   (SEGMENT_SECTIONS_AT + SECTION_COUNT * SEGMENT_SECTION_ENTRY)
#define SEGMENT_HEADER_SIZE   (SEGMENT_CHECKSUM_AT + 8)

struct section {
    const uint8_t *data;
    uint64_t size;
    uint64_t offset; /* of data in the file */
    uint64_t checksum;
};

/* Counts that stand in the header. */
struct segment_counts {
    uint32_t passages, articles;
    uint64_t total_length;
    uint64_t terms, words;
    uint64_t postings, positions;
    uint64_t text_size;      /* bytes of text before compression */
    uint64_t position_bytes; /* how much of POSTINGS are positions */
    uint32_t length_width;   /* bytes of an entry of LENGTHS: 1, 2 or 4 */
    uint32_t source_runs;
    uint32_t key_runs;
    uint32_t common_terms; /* terms in the table of common ones; 0: there is no table */
    bool settled;          /* the order of articles need not be looked for again */
    bool exact_words;      /* WORDS has the occurrences that there are, none of passages that were dropped */
};

/* The version that is written, and the one before, which is read, too: it has other blocks of text. A segment that
 * keeps no text is written as that. */
#define SEGMENT_VERSION        5
#define SEGMENT_VERSION_BEFORE 4

struct ZSTD_DDict_s;

struct segment {
    struct file_map map;
    char *path;
    struct segment_info info;
    struct segment_counts counts;
    struct section sections[SECTION_COUNT + 1]; /* by kind */
    struct column columns[COLUMN_COUNT];
    uint32_t version, stretches;                  /* of the text, see text_table.h, */
    _Atomic(struct ZSTD_DDict_s *) *dictionaries; /* and one for each; NULL: there are none */
    struct hot_terms *hot;                        /* NULL: nothing is kept */
};

static inline const struct section *segment_section(const struct segment *s, enum section_kind kind) {
    return &s->sections[kind];
}

/* Tells the system that the first `size` bytes of a section won't be read again soon, so that a merge of large segments
 * doesn't count as memory in use. They can still be read. */
void segment_drop(const struct segment *s, enum section_kind kind, uint64_t size);

/* LEDE_CORRUPT at byte `at` of a section. */
lede_status segment_corrupt(const struct segment *s, enum section_kind kind, uint64_t at, const char *what,
                            lede_error *err);

/* A segment file being written: sections one after the other, each between begin and end; then commit. Errors of
 * writing are sticky until commit. */
struct segment_writer;

LEDE_NODISCARD lede_status segment_writer_open(struct segment_writer **out, const char *path, lede_error *err);
void segment_writer_begin(struct segment_writer *w, enum section_kind kind);
void segment_writer_write(struct segment_writer *w, const void *bytes, size_t n);
/* All of a spool. False if it has failed. */
bool segment_writer_spool(struct segment_writer *w, struct spool *s);
/* Bytes written to the current section so far. */
uint64_t segment_writer_offset(const struct segment_writer *w);
void segment_writer_end(struct segment_writer *w);
/* Bytes of a section that was written. */
uint64_t segment_writer_size(const struct segment_writer *w, enum section_kind kind);
/* The content of a section that was written: *out is to be freed. */
LEDE_NODISCARD lede_status segment_writer_read(uint8_t **out, struct segment_writer *w, enum section_kind kind,
                                               lede_error *err);
/* Writes the header, fsyncs; the writer is gone. */
LEDE_NODISCARD lede_status segment_writer_commit(struct segment_writer *w, const struct segment_counts *counts,
                                                 struct segment_info *info, lede_error *err);
/* Gives up and removes the file. NULL is fine. */
void segment_writer_abort(struct segment_writer *w);

#endif
