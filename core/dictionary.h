/* dictionary.h - sorted keys in front-coded blocks: the terms with what is known of each, or the words with their
 * frequencies. segment.h has the reader's functions and the format. */
#ifndef LEDE_CORE_DICTIONARY_H
#define LEDE_CORE_DICTIONARY_H

#include "segment_map.h"
#include "spool.h"

/* Entries of a block: long enough that prefixes are shared and the table of blocks stays small, short enough that
 * scanning half a block costs less than the search for it. */
#define DICTIONARY_BLOCK 32

/* Builds both sections. Keys are added in bytewise order, each once. */
struct dictionary_writer {
    enum dictionary_kind kind;
    struct spool entries, blocks;
    uint64_t count;
    uint64_t postings; /* where the next term's postings are expected */
    char last[256];
    size_t last_len;
    bool failed; /* it outgrew the format (4 GiB) */
};

/* `scratch`, where what was added goes, is borrowed; NULL: it stays in memory. */
void dictionary_writer_init(struct dictionary_writer *w, enum dictionary_kind kind, struct scratch *scratch);
void dictionary_writer_release(struct dictionary_writer *w);
/* For terms, info->postings is where the previous term's positions end. For words only total_freq counts. */
void dictionary_writer_add(struct dictionary_writer *w, const char *key, size_t len, const struct term_info *info);
/* Writes both sections. False if memory ran out at some time, or the scratch file failed. */
bool dictionary_writer_finish(struct dictionary_writer *w, struct segment_writer *out);

#endif
