/* columns.h - what filters and fields ask of every article or passage, apart from the records, so that a million of
 * them are looked at in less than a millisecond.
 *
 * COLUMNS: five columns, one after the other: the articles' dates, bylines and languages, as numbers of values; and the
 * words of the articles' titles, and of the passages' headings, as positions count them, as the numbers themselves.
 *
 *     column  := u32 values, n; u32 bytes of an entry, 0, 1, 2 or 4; u64 bytes of values; values; entries
 *     values  := [dates] u32 each, rising
 *              | [bylines, languages] u32 where each ends in the bytes behind; the bytes. In order of first occurrence;
 *                where they are very many one may stand there again
 *              | [words] none
 *     entries := of each article or passage, little-endian; of no bytes if all of them are 0
 *   Values and entries are each followed by zeros up to a multiple of 8.
 */
#ifndef LEDE_CORE_COLUMNS_H
#define LEDE_CORE_COLUMNS_H

#include "core/base/id_set.h"
#include "core/base/spool.h"

struct article;
struct segment;
struct segment_writer;
struct section;

enum column_kind { COLUMN_DATES, COLUMN_BYLINES, COLUMN_LANGUAGES, COLUMN_TITLES, COLUMN_HEADINGS, COLUMN_COUNT };

struct column {
    const uint8_t *values, *entries;
    uint64_t values_size; /* bytes */
    uint32_t count, width;
};

/* Finds the columns in their section. False if it has not the size that they ask for. */
bool columns_read(struct column columns[COLUMN_COUNT], const struct section *section, uint32_t articles,
                  uint32_t passages);

/* Entry i, of an article or passage. */
static inline uint32_t column_entry(const struct column *c, uint32_t i) {
    switch (c->width) {
    case 0: return 0;
    case 1: return c->entries[i];
    case 2: return load_u16(c->entries + 2 * (size_t)i);
    default: return load_u32(c->entries + 4 * (size_t)i);
    }
}

/* Value i: a date; 0 if there is none such. */
uint32_t column_date(const struct column *c, uint32_t i);
/* Bytes of a segment's bylines, or of its languages if they are more. */
uint64_t segment_strings(const struct segment *s);
/* Value i: a byline or language, borrowed, without NUL; empty if there is none such. */
const char *column_string(const struct column *c, uint32_t i, size_t *len);

/* ------------------------------------------------------------------------------------- writer -- */

/* What is kept of the distinct strings of a column, about: those before are forgotten then, so that what comes again of
 * them is put down again. */
#define COLUMN_STRINGS_ROOM (UINT32_C(1) << 20)

/* Strings, numbered in order of first occurrence. */
struct string_table {
    struct spool bytes, ends;      /* of all; ends: u32 each */
    struct buffer known, known_to; /* those that are kept, and where each ends, u32 */
    uint32_t *slots;               /* of these, open addressing by hash: which one + 1 */
    uint32_t slot_count, forgotten;
};

struct columns_writer {
    struct spool entries[COLUMN_COUNT]; /* u32 each; of dates the dates themselves */
    uint32_t most[COLUMN_COUNT];        /* the greatest of them */
    struct string_table bylines, languages;
    struct id_set dates;
    bool failed;
};

/* `scratch`, where entries and strings go, is borrowed; NULL: they stay in memory. */
void columns_writer_init(struct columns_writer *w, struct scratch *scratch);
void columns_writer_release(struct columns_writer *w);
/* Bytes of all bylines, or of all languages if they are more: of 4 GiB and more there can't be a column. */
uint64_t columns_writer_strings(const struct columns_writer *w);
size_t columns_writer_memory(const struct columns_writer *w);
/* `headings` are the words of each passage's; NULL: none has any. */
void columns_writer_add(struct columns_writer *w, const struct article *article, uint32_t title_words,
                        const uint32_t *headings, uint32_t passages);
/* Writes the section. False if memory ran out at some time, or the scratch file failed. */
bool columns_writer_finish(struct columns_writer *w, struct segment_writer *out);

#endif
