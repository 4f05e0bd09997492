/* range_term.h - a word of a query, read range by range.
 *
 * Ranges are the RANGE_DOCS documents of core/maxima.h. A rare word is decoded and scored whole at the start; of a
 * frequent one, the maxima tell which ranges are worth decoding. Ranges are asked for in rising order, until
 * range_term_rewind. */
#ifndef LEDE_SEARCHER_RANGE_TERM_H
#define LEDE_SEARCHER_RANGE_TERM_H

#include "../core/arena.h"
#include "../core/maxima.h"
#include "../core/segment.h"
#include "plan.h"

/* Documents of a range, a bit each. */
struct range_bits {
    uint64_t words[RANGE_DOCS / 64];
};

/* What scores in a segment depend on, besides the word. */
struct range_scorer {
    const struct segment *segment;
    const struct bm25 *bm25;
    const uint8_t *lengths; /* a byte each; NULL if the segment's are wider */
    double stretch;         /* of the segment's maxima, see maxima_stretch */
    double norms[256];      /* by length */
};

/* Whether the maxima of all segments say something about scores with the plan's parameters. */
bool range_maxima_help(const struct plan *plan);

/* range_maxima_help has to hold. */
void range_scorer_init(struct range_scorer *s, const struct segment *segment, const struct bm25 *bm25);

struct range_term {
    const struct range_scorer *scorer;
    double weight;
    double max_score; /* no document's score is above */
    uint32_t doc_freq;
    struct term_info info;
    /* A rare word: */
    uint32_t *docs; /* doc_freq of them, then DOC_END; NULL for a frequent one */
    double *scores;
    uint32_t at;
    /* A frequent one: */
    struct postings postings;
    double level_scores[MAXIMA_LEVELS + 1]; /* no document of a range of that level scores more */
    /* In the range under way, by range_term_add or range_term_find: */
    struct range_bits here; /* documents that have it */
    double range_scores[RANGE_DOCS];
};

/* A rare word is decoded into `arena`, or, if that is NULL, read like a frequent one, with the same bound for all
 * ranges. LEDE_NOMEM, LEDE_CORRUPT. Release it even if this fails. */
LEDE_NODISCARD lede_status range_term_init(struct range_term *t, struct arena *arena, const struct range_scorer *scorer,
                                           const struct term_info *info, double weight);
void range_term_release(struct range_term *t);

/* The first status of the terms' postings that is not LEDE_OK, and a status as an error of the segment at `path`. */
lede_status range_terms_status(const struct range_term *terms, size_t count);
lede_status range_error(lede_status status, const char *path, lede_error *err);

/* Starts again with the first range. */
void range_term_rewind(struct range_term *t);

double range_term_bound_decoded(struct range_term *t, uint32_t range);

/* What a document of the range can get from the word at most; 0 if none has it. */
static inline double range_term_bound(struct range_term *t, uint32_t range) {
    const struct postings *p = &t->postings;
    if (t->docs)
        return range_term_bound_decoded(t, range);
    return p->levels ? t->level_scores[maxima_level(p->levels, range >> (p->shift - RANGE_SHIFT))] : t->max_score;
}

/* Document by document, for words that are not decoded: the first document from `doc` on, which rises from call to
 * call, or DOC_END; the score of that one; and its positions, as postings_positions gives them. */
uint32_t range_term_seek(struct range_term *t, uint32_t doc);
double range_term_score(const struct range_term *t);
const uint32_t *range_term_positions(struct range_term *t, uint32_t *count);

/* Scores all documents of the range that have the word: sets `here` and range_scores, and adds these to `sums`. */
void range_term_add(struct range_term *t, uint32_t range, double *sums);

/* Scores those among `wanted`, of which there is at least one. */
void range_term_find(struct range_term *t, uint32_t range, const struct range_bits *wanted, double *sums);

#endif
