/* duplicates.h - passages that say the same in nearly the same words, as wire copy does.
 *
 * The resemblance of two passages is the share of their shingles, runs of three words, that both have: |A and B| / |A
 * or B|. A sketch keeps the 128 smallest hashes of a passage's shingles; that is all of them in passages of the usual
 * length, so the resemblance is exact there, and an unbiased estimate of it in longer ones (A. Broder, On the
 * resemblance and containment of documents, 1997).
 */
#ifndef LEDE_SEARCHER_DUPLICATES_H
#define LEDE_SEARCHER_DUPLICATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHINGLE_WORDS = 3, SKETCH_SIZE = 128 };

/* Two passages are copies from this resemblance on: a word replaced costs three shingles of some fifty, so a few words
 * may differ, or a sentence be gone; passages that follow a pattern ("shares of X rose by Y percent") stay apart. */
#define COPY_RESEMBLANCE 0.7

struct sketch {
    uint32_t count; /* of hashes, which rise */
    uint64_t hashes[SKETCH_SIZE];
};

/* Makes the sketch of a passage out of the hashes of its words, in order. `scratch` has room for twice word_count
 * numbers. A passage of fewer words than a shingle has one of all its words; one without words none, and is no copy of
 * any. */
void sketch_make(struct sketch *out, const uint64_t *words, size_t word_count, uint64_t *scratch);

bool sketch_is_copy(const struct sketch *a, const struct sketch *b);

/* The hashes of sketches that are there already, those of a copy of any of which are looked for: most sketches have
 * none in common with any other, which takes no comparison with each. */
struct sketch_table {
    uint32_t *slots; /* a power of two */
    uint32_t room, used;
};

/* All zero is an empty one. NULL is fine for none. */
void sketch_table_release(struct sketch_table *t);
/* False if it has no room for one more: it is to be made larger. */
bool sketch_table_add(struct sketch_table *t, const struct sketch *s);
/* Makes it empty, with room for so many sketches, or a few more. False if out of memory. */
bool sketch_table_resize(struct sketch_table *t, size_t sketches);
/* False if the sketch is a copy of none that was added. */
bool sketch_table_may_have(const struct sketch_table *t, const struct sketch *s);

#endif
