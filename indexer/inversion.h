/* inversion.h - from a stream of tokens to the postings of each term.
 *
 * A counting sort: the occurrences of each term are counted, a run is laid out for each in the order wanted, and the
 * places of the tokens are scattered into the runs. The stream is in order of passages, so each run is too, and a
 * term's postings are coded from its run front to end. That is 8 bytes a token at the peak, and no list grows by term.
 *
 * A place is a number that tells passage and position at once: passages take up slots of 2^shift positions, most of
 * them one, and a place is (slot << shift) + position.
 */
#ifndef LEDE_INDEXER_INVERSION_H
#define LEDE_INDEXER_INVERSION_H

#include "../core/postings_writer.h"
#include "tokens.h"

struct inversion {
    const struct tokens *tokens;
    uint32_t *counts; /* occurrences of each term; once scattered, where its run ends */
    uint32_t *places;
    unsigned shift;
    /* Where passages have more than one slot, else NULL: the passage of each slot, and the first slot of each passage.
     */
    uint32_t *slots, *firsts;
};

/* Counts the terms, whose numbers are below `terms`. The tokens are borrowed. False if memory ran out; release it
 * whatever comes back. */
LEDE_NODISCARD bool inversion_init(struct inversion *v, const struct tokens *tokens, uint32_t terms);
void inversion_release(struct inversion *v);

/* Bytes that it will take of so many tokens and passages, but for 4 a term. */
size_t inversion_memory(const struct tokens *tokens);

/* Lays out the runs of the terms, which are all that occur, in the order given. False if memory ran out. */
LEDE_NODISCARD bool inversion_scatter(struct inversion *v, const uint32_t *order, uint32_t count);

/* Hands the postings of the term whose run starts at `begin` to the writer. Returns where the next one starts. */
uint32_t inversion_write(struct inversion *v, uint32_t term, uint32_t begin, struct postings_writer *out);

#endif
