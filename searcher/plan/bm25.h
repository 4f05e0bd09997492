/* bm25.h - what a word is worth to a passage.
 *
 *     score(w, p) = idf(w) * (k1 + 1) * tf / (tf + k1 * (1 - b + b * len(p) / avglen))
 *     idf(w)      = ln(1 + (N - df + 0.5) / (df + 0.5))
 *
 * S. Robertson, S. Walker, S. Jones, M. Hancock-Beaulieu, M. Gatford, Okapi at TREC-3, 1994; the idf as in Lucene,
 * which adds 1 under the logarithm so that words in more than half of the passages don't count against them.
 *
 * All arithmetic is in doubles and in an order that is told here, so that every way to find the best passages
 * gives the same scores to the last bit:
 *
 *     weight = count * (idf * (k1 + 1))     count: how often the query has the word, or its weight
 *     norm   = k1 * (1 - b) + (k1 * b / avglen) * len
 *     score  = weight * (tf / (tf + norm))
 *
 * tf / (tf + norm) is at most 1, grows with tf and falls with norm, after rounding too; so bounds made of the
 * greatest tf and the smallest norm hold exactly.
 */
#ifndef LEDE_SEARCHER_BM25_H
#define LEDE_SEARCHER_BM25_H

#include <lede.h>

struct bm25 {
    uint64_t passages;
    double k1;
    double norm_base, norm_slope; /* of the norm as a function of the length */
};

/* k1 and b are as in lede_search_options. LEDE_INVALID if they are out of range. */
LEDE_NODISCARD lede_status bm25_init(struct bm25 *bm25, double k1, double b, uint64_t passages, uint64_t total_length,
                                     lede_error *err);

/* The parameters as they are meant: in range, with the defaults in their places. LEDE_INVALID as for bm25_init. */
LEDE_NODISCARD lede_status bm25_parameters(double *k1_out, double *b_out, double k1, double b, lede_error *err);

/* The weight of a word that doc_freq passages hold. */
double bm25_weight(const struct bm25 *bm25, uint64_t doc_freq, double count);

static inline double bm25_norm(const struct bm25 *bm25, uint32_t length) {
    return bm25->norm_base + bm25->norm_slope * length;
}

static inline double bm25_score(double weight, uint32_t freq, double norm) {
    return weight * (freq / (freq + norm));
}

#endif
