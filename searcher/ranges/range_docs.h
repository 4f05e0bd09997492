/* range_docs.h - some documents of a range, as lists: what a word gives to each of them in units, and which of them
 * reach a threshold.
 *
 *     docs    3    17   18   60   101
 *     units   410  95   388  120  402     + what is left of their blocks >= cut  ->  3  18  101
 *
 * Lists have a few entries, mostly, and how many is what a processor can't foresee, nor which of them stay: so there is
 * a version without branches on it for processors with AVX-512, besides the one in plain C; they give the same. */
#ifndef LEDE_SEARCHER_RANGE_DOCS_H
#define LEDE_SEARCHER_RANGE_DOCS_H

#include "range_sums.h"

/* Entries that may be written behind those that there are. */
enum { RANGE_SPARE = CHUNK_SPARE };

/* By blocks of CHUNK_BLOCK passages of a range. */
typedef uint16_t block_units[RANGE_DOCS / CHUNK_BLOCK];

/* Documents of a range, as distances from its first one, which rise, and units of each. */
struct range_docs {
    uint32_t count;
    uint8_t docs[RANGE_DOCS + RANGE_SPARE];
    uint16_t units[RANGE_DOCS + RANGE_SPARE];
};

/* What documents get besides, by their blocks and modulo 2^16, and what they have to reach with it. */
struct range_bar {
    block_units more;
    uint16_t cut;
};

/* What a word gives to a document that has it, in units, by frequency and the class of a length:
 *
 *     freq / (freq + base + slope * class) * factor + 1, rounded down, at most max */
struct word_gift {
    float base, slope, factor;
    uint16_t max;
};

static inline uint32_t word_gift_of(const struct word_gift *word, uint32_t freq, unsigned class) {
    float f = (float)freq, norm = word->base + word->slope * (float)class;
    uint32_t units = (uint32_t)(f / (f + norm) * word->factor) + 1;
    return units < word->max ? units : word->max;
}

/* What documents have of a word: bit i of the masks is that of document number i. `classes` are those of the lengths of
 * the range's documents, RANGE_DOCS of them. */
struct range_docs_ops {
    /* What it gives to n documents. */
    void (*give)(uint16_t *units, const uint8_t *docs, uint32_t n, const struct chunk_masks *found,
                 const struct word_gift *word, const uint8_t *classes);

    /* Adds that to the documents' units, and leaves those that reach the bar. */
    void (*add)(struct range_docs *docs, const struct chunk_masks *found, const struct word_gift *word,
                const uint8_t *classes, const struct range_bar *bar);

    /* Makes `docs` those of the list that reach the bar. */
    void (*take)(struct range_docs *docs, const struct chunk_list *found, const struct word_gift *word,
                 const uint8_t *classes, const struct range_bar *bar);

    /* Makes `docs` those of all RANGE_DOCS whose sums of units reach the cut. */
    void (*sift)(struct range_docs *docs, const uint16_t *sums, uint16_t cut);

    /* How often each of n words is in a document, by the lists of what was found of them; 0 if it is in no list. */
    void (*freqs)(uint32_t *freqs, const struct chunk_list *found, size_t n, uint8_t doc);
};

/* Leaves those that reach the bar as they are. */
void range_docs_keep(struct range_docs *docs, const struct range_bar *bar);

/* The fastest that this processor has. */
const struct range_docs_ops *range_docs_ops_best(void);

/* For tests: all that this processor has, the one in plain C last, then NULL. */
const struct range_docs_ops *const *range_docs_ops_all(void);

#endif
