/* range_sums.h - what a word gives to each passage of a range, in units: 128 sums at once.
 *
 *     impact = freq / (freq + norm), in 65535ths and rounded up    by the frequency and the class of the length
 *     units  = impact * weight / 65536 + 1, rounded down, at most the word's greatest
 *
 * There is a version for each level of processor, chosen at run time; they give the same. */
#ifndef LEDE_SEARCHER_RANGE_SUMS_H
#define LEDE_SEARCHER_RANGE_SUMS_H

#include "core/codecs/chunk.h"
#include "core/codecs/maxima.h"

/* Frequencies from 0 on whose impacts stand in a table, by classes of lengths. */
enum { IMPACT_FREQS = 4, LENGTH_CLASSES = 256 };

typedef struct {
    uint16_t of[IMPACT_FREQS][LENGTH_CLASSES];
} impact_table;

/* `norms` are the least of each class. */
void impact_table_fill(impact_table *t, const float *norms);

/* The passages of a range, and their impacts as far as they were looked up. */
struct range_lengths {
    const uint8_t *classes; /* of their lengths, RANGE_DOCS of them */
    uint32_t known;         /* a bit for each frequency whose impacts are known */
    uint16_t impacts[IMPACT_FREQS][RANGE_DOCS];
};

/* What a word can give. */
struct word_units {
    uint16_t weight, max;
};

static inline uint32_t word_units_of(struct word_units word, uint32_t impact) {
    uint32_t units = (impact * word.weight >> 16) + 1;
    return units < word.max ? units : word.max;
}

/* Adds the units of passages whose frequency is in the table. No sum may get above UINT16_MAX. */
typedef void add_units(uint16_t *sums, struct range_lengths *lengths, const impact_table *table,
                       const struct chunk_masks *postings, struct word_units word);

/* The fastest that this processor has. */
add_units *add_units_best(void);

/* For tests: all that this processor has, the one in plain C last, then NULL. */
add_units *const *add_units_all(void);

#endif
