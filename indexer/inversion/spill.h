/* spill.h - what an inverter puts away when its memory is full, and how that becomes postings in the end.
 *
 * Segments of all that was read would have to be merged, which means to decode and code again. A spill is cheaper to
 * write and to read: terms in order, and for each its places, as they lie in memory:
 *
 *     terms    [shared bytes, rest of the key, tokens] ...     in bytewise order; the words, the same way
 *     places   for each token of each term the distance from the token before, from 0 for the first, in units of 16
 * bits
 *
 * A place is (passage << shift) + position, the passage counted from the spill's first. Most distances take one unit.
 * Spills of one inverter are of passages that follow each other, so a term's postings are those of spill 0, of spill
 * 1 ...: the same as if there had been memory for all, and so is every byte of the segment. (External inversion by
 * sorted runs: Heinz and Zobel, Efficient single-pass index construction for text databases, 2003.) */
#ifndef LEDE_INDEXER_SPILL_H
#define LEDE_INDEXER_SPILL_H

#include "core/base/spool.h"
#include "core/segment/postings_writer.h"
#include "core/segment/segment_map.h"

/* Spills that are read at the same time: each takes 64 KiB then. */
#define SPILLS_MAX 128

/* Keys that rise, each with two numbers. */
struct key_list {
    struct spool spool;
    size_t last_len;
    char last[256];
};

void key_list_add(struct key_list *l, const char *key, size_t len, uint64_t tokens, uint64_t passages);

struct spill {
    struct key_list terms, words; /* of words the passages are not known: 0 */
    struct spool places;
    unsigned shift;
    uint32_t first_passage;
};

/* `scratch` is borrowed. */
void spill_init(struct spill *s, struct scratch *scratch, uint32_t first_passage, unsigned shift);
void spill_release(struct spill *s);
bool spill_failed(const struct spill *s);
size_t spill_memory(const struct spill *s);

/* The term under way: its last place, 0 at first, and how many passages have it. */
struct spilled_term {
    uint64_t last, passages;
};

/* Appends n places of the term, which rise. */
void spill_places(struct spill *s, const uint32_t *places, uint32_t n, struct spilled_term *term);
/* The same for positions in a passage, counted from the spill's first. */
void spill_positions(struct spill *s, uint32_t passage, const uint32_t *positions, uint32_t n,
                     struct spilled_term *term);
/* All is there: gives back what memory it has. */
void spill_end(struct spill *s);

/* Puts all spills of a segment together. */
struct spill_merge {
    struct spill *spills;
    size_t count;
    struct segment_writer *out;
    struct segment_counts *counts; /* passages and length are known, the others to be told */
    const uint8_t *lengths;        /* of all passages, counts->length_width bytes each */
    struct scratch *scratch;       /* for dictionaries */
    struct scratch *term;          /* for the term in hand */
    void (*pulse)(void *ctx);      /* called now and then; may be NULL */
    void *ctx;
};

/* Writes SECTION_POSTINGS and the dictionary of terms; or that of words. False if memory ran out, or a scratch file
 * failed. */
bool spills_write_terms(const struct spill_merge *m);
bool spills_write_words(const struct spill_merge *m);

#endif
