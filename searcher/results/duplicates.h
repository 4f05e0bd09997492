/* duplicates.h - passages that say the same in nearly the same words, as wire copy does.
 *
 * The resemblance of two passages is the share of their shingles, runs of three words, that both have: |A and B| / |A
 * or B|. A sketch keeps the 128 smallest hashes of a passage's shingles; that is all of them in passages of the usual
 * length, so the resemblance is exact there, and an unbiased estimate of it in longer ones (A. Broder, On the
 * resemblance and containment of documents, 1997).
 */
#ifndef LEDE_SEARCHER_DUPLICATES_H
#define LEDE_SEARCHER_DUPLICATES_H

#include "core/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHINGLE_WORDS = 3, SKETCH_SIZE = 128 };

/* Two passages are copies from this resemblance on: a word replaced costs three shingles of some fifty, so a few words
 * may differ, or a sentence be gone; passages that follow a pattern ("shares of X rose by Y percent") stay apart. */
#define COPY_RESEMBLANCE 0.7
/* Hashes that only one of two copies has are no more than these, of SKETCH_SIZE in all: 1 - COPY_RESEMBLANCE. */
enum { SKETCH_MISSES_MOST = SKETCH_SIZE * 3 / 10 };

struct sketch {
    uint32_t count; /* of hashes, which rise */
    uint64_t hashes[SKETCH_SIZE];
};

/* Makes the sketch of a passage out of the hashes of its words, in order. `scratch` has room for twice word_count
 * numbers. A passage of fewer words than a shingle has one of all its words; one without words none, and is no copy of
 * any. */
void sketch_make(struct sketch *out, const uint64_t *words, size_t word_count, uint64_t *scratch);

bool sketch_is_copy(const struct sketch *a, const struct sketch *b);

/* Sketches, found by the hashes that a copy of them shares with them: one is compared with those alone that have such a
 * hash in common with it, which are few among many. Sketches stay the caller's, and outlive the table. */
struct sketch_table {
    struct buffer added, entries; /* the sketches in order, and a few hashes of each, */
    uint32_t *slots;              /* the last of which with the same last bits these tell */
    uint32_t room, searches;      /* slots, a power of two; and how often one was looked for */
    uint64_t compared;            /* how many were, in all */
};

#define SKETCH_NONE SIZE_MAX

/* All zero is an empty one. */
void sketch_table_release(struct sketch_table *t);
/* False if out of memory; the table can be released only, then. */
bool sketch_table_add(struct sketch_table *t, const struct sketch *s);
/* The first that was added of those that the sketch is a copy of, counted from 0, or SKETCH_NONE. */
size_t sketch_table_find(struct sketch_table *t, const struct sketch *s);

#endif
