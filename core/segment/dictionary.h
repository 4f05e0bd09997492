/* dictionary.h - sorted keys in front-coded blocks: the terms with what is known of each, or the words with their
 * frequencies. segment.h has the reader's functions and the format. */
#ifndef LEDE_CORE_DICTIONARY_H
#define LEDE_CORE_DICTIONARY_H

#include "core/base/spool.h"
#include "segment_map.h"

/* Entries of a block: long enough that prefixes are shared and the table of blocks stays small, short enough that
 * scanning half a block costs less than the search for it. */
#define DICTIONARY_BLOCK 32

/* Passages of a common term: of so many that few terms have them, and most words of queries. */
#define DICTIONARY_COMMON 256

/* Builds both sections. Keys are added in bytewise order, each once. */
struct dictionary_writer {
    enum dictionary_kind kind;
    struct spool entries, blocks;
    struct buffer commons, common_entries; /* those of the table of common terms, and their entries */
    uint64_t count;
    char last[256];
    size_t last_len;
    bool failed; /* it outgrew the format (4 GiB) */
};

/* `scratch`, where what was added goes, is borrowed; NULL: it stays in memory. */
void dictionary_writer_init(struct dictionary_writer *w, enum dictionary_kind kind, struct scratch *scratch);
void dictionary_writer_release(struct dictionary_writer *w);
/* For terms, info->postings is where the previous term's positions end. For words only total_freq counts. */
void dictionary_writer_add(struct dictionary_writer *w, const char *key, size_t len, const struct term_info *info);
/* Writes both sections, and sets what `counts` has of them. False if memory ran out at some time, or the scratch file
 * failed. */
bool dictionary_writer_finish(struct dictionary_writer *w, struct segment_writer *out, struct segment_counts *counts);

/* What the table of common terms has of a term; LEDE_NOT_FOUND if nothing, or if there is no table. */
LEDE_NODISCARD lede_status dictionary_find_common(const struct segment *s, const char *term, size_t len,
                                                  struct term_info *info, lede_error *err);
/* How many entries it has; LEDE_CORRUPT unless each is read, and where its hash says. */
LEDE_NODISCARD lede_status dictionary_count_commons(const struct segment *s, uint64_t *count, lede_error *err);

#endif
