/* proximity.h - what a passage gains by having the words of a query near each other.
 *
 * S. Büttcher, C. Clarke, B. Lushman, Term proximity scoring for ad-hoc retrieval on very large text collections, 2006:
 * each two occurrences of different words that follow each other, d positions apart, add w / d^2 to what either word
 * has accumulated, where w is the other's idf; and
 *
 *     proximity = sum over words of  min(1, idf) * acc * (k1 + 1) / (acc + norm)
 *
 * with the norm of BM25, so that it grows and saturates as the score itself does.
 */
#ifndef LEDE_SEARCHER_PROXIMITY_H
#define LEDE_SEARCHER_PROXIMITY_H

#include <stddef.h>
#include <stdint.h>

/* A word of the query in a passage. */
struct occurrence {
    uint32_t position;
    uint32_t word; /* number among the words that are looked at */
};

/* What the formula needs to know. */
struct proximity {
    const double *idfs; /* of each word */
    double *sums;       /* scratch: one for each word */
    size_t words;
    double k1;
};

/* The gain, 0 or more, of a passage of this norm. The occurrences are sorted in place. */
double proximity_gain(const struct proximity *p, struct occurrence *occurrences, size_t count, double norm);

#endif
