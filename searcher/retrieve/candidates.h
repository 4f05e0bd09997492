/* candidates.h - documents that may have all words, where a rare word leads or where words that are alike in frequency
 * were intersected by bitmaps (overlap.h): looked at the best first, if they are many. */
#ifndef LEDE_SEARCHER_CANDIDATES_H
#define LEDE_SEARCHER_CANDIDATES_H

#include "intersection.h"

/* Those of a rare word, or those that several words have. */
struct candidates {
    uint32_t count;
    uint32_t *docs;    /* they rise */
    uint32_t *indices; /* among the rarest word's documents, if x->leads */
    uint16_t *bounds;  /* NULL: not known, and not needed */
};

/* Looks at all of them. */
void candidates_look_at(struct intersection *x, const struct candidates *c);

/* Looks at those whose bounds reach the threshold, the best first, more and more at a time: for words of which one
 * passage is read in no more time than one of many. Behind the bounds there are REACH_WIDTH that are 0. */
void candidates_look_at_best(struct intersection *x, const struct candidates *c);

/* About how many documents have all words. */
double candidates_guess(const struct range_run *r);

/* Whether there will be a threshold that spares something, of so many documents that have the `known` first words. */
bool candidates_are_bounded(const struct intersection *x, uint32_t candidates, size_t known);

/* Looks at the documents of the rarest word, which is held as a list; `few`: as few are expected to match that words
 * are intersected before any bounds are summed up. */
LEDE_NODISCARD lede_status candidates_of_rarest(struct intersection *x, bool few);

/* Looks at the documents that the `width` first words have. */
LEDE_NODISCARD lede_status candidates_of_overlap(struct intersection *x, size_t width);

#endif
