/* maxima.h - how much a frequent term can give to any passage of a range: what lets a search pass over most of the
 * passages that hold it.
 *
 * The impact of a term in a passage is freq / (freq + norm), the part of its BM25 score that depends on the passage,
 *
 *     norm = k1 (1 - b + b length / average)          k1 = 1.2, b = 0.75, average: of the segment
 *
 * A term of MAXIMA_DOCS passages or more has, for each range of 2^shift passages, the greatest impact there as a
 * level: 0 where no passage of the range has it, else the least L in 1..15 with impact <= best part[L] / 255, where
 * best is the greatest impact of all. The parts are the term's own: near each other where the impacts of its ranges
 * are. shift is the least from RANGE_SHIFT on that makes no more ranges than twice the term's passages. (The idea of
 * bounds per fixed range instead of per block of postings: Mallia, Suel and Tonellotto, Faster learned sparse retrieval
 * with block-max pruning, 2024.)
 *
 *     maxima := f32 best, u8 part[1..15], which rise, the last is 255,
 *               u4 level of each range, the first in the lower half
 *
 * A search may rank with other parameters, and over segments whose average is another: maxima_stretch gives the
 * factor by which impacts are greater then, at most. */
#ifndef LEDE_CORE_MAXIMA_H
#define LEDE_CORE_MAXIMA_H

#include "core/base/spool.h"

#define RANGE_SHIFT 7
#define RANGE_DOCS  (1 << RANGE_SHIFT)

/* Less frequent terms are decoded whole in the time that reading their maxima would take. */
#define MAXIMA_DOCS 4096

#define MAXIMA_LEVELS 15
#define MAXIMA_PARTS  255 /* of the best impact */

#define MAXIMA_K1 1.2
#define MAXIMA_B  0.75

/* 0 if a term with so many passages has no maxima. */
static inline unsigned maxima_shift(uint32_t passages, uint32_t doc_freq) {
    unsigned shift = RANGE_SHIFT;
    if (doc_freq < MAXIMA_DOCS)
        return 0;
    while (passages >> shift > 2 * (uint64_t)doc_freq)
        shift++;
    return shift;
}

static inline uint32_t maxima_ranges(uint32_t passages, unsigned shift) {
    return (uint32_t)(((uint64_t)passages + (UINT64_C(1) << shift) - 1) >> shift);
}

/* What stands before the levels. */
#define MAXIMA_HEADER (sizeof(float) + MAXIMA_LEVELS)

/* Bytes of a term's maxima. */
static inline size_t maxima_size(uint32_t passages, uint32_t doc_freq) {
    unsigned shift = maxima_shift(passages, doc_freq);
    return shift ? MAXIMA_HEADER + ((size_t)maxima_ranges(passages, shift) + 1) / 2 : 0;
}

static inline unsigned maxima_level(const uint8_t *levels, uint32_t range) {
    return levels[range / 2] >> (range % 2 * 4) & 15;
}

/* Of the best impact: no passage of a range with this level has more. */
static inline unsigned maxima_part(const uint8_t *parts, unsigned level) {
    return level ? parts[level - 1] : 0;
}

/* At most how many times as great the impacts are where the norm is base + slope * length; INFINITY if there is no such
 * bound. The segment's own average length is total_length / passages. */
double maxima_stretch(uint32_t passages, uint64_t total_length, double base, double slope);

/* At least how many times as great they are; above 0. */
double maxima_shrink(uint32_t passages, uint64_t total_length, double base, double slope);

/* norm = base + slope * length, with the parameters above. */
struct impact_norm {
    float base, slope;
};

static inline struct impact_norm impact_norm_of(uint32_t passages, uint64_t total_length) {
    double average = total_length ? (double)total_length / passages : 1;
    return (struct impact_norm){(float)(MAXIMA_K1 * (1 - MAXIMA_B)), (float)(MAXIMA_K1 * MAXIMA_B / average)};
}

static inline float impact_of(struct impact_norm n, uint32_t freq, uint32_t length) {
    return (float)freq / ((float)freq + (n.base + n.slope * (float)length));
}

/* Collects one term after the other. */
struct maxima_writer {
    uint32_t passages;
    struct impact_norm norm;
    struct spool ranges; /* u32 range of RANGE_DOCS, float impact: where the term occurs */
    uint32_t range;
    float impact, best; /* of the range under way, and of those before */
};

/* `scratch`, where ranges go that are many, is borrowed; NULL: they stay in memory. */
void maxima_writer_init(struct maxima_writer *w, uint32_t passages, uint64_t total_length, struct scratch *scratch);
void maxima_writer_release(struct maxima_writer *w);

/* At most so many documents at a time, which rise from call to call. */
#define MAXIMA_BATCH 128

void maxima_writer_add(struct maxima_writer *w, const uint32_t *docs, const uint32_t *freqs, const uint32_t *lengths,
                       uint32_t count);

/* Appends the maxima of a term that has them, and starts afresh. */
void maxima_writer_finish(struct maxima_writer *w, uint32_t doc_freq, struct spool *out);

#endif
