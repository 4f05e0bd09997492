/* inversion.h - from a stream of tokens to the postings of each term.
 *
 * A counting sort: the occurrences of each term are counted, a run is laid out for each in the order wanted, and the
 * places of the tokens are scattered into the runs. The stream is in order of passages, so each run is too, and a
 * term's postings are coded from its run front to end. No list grows by term. That is 2 bytes a token for the stream,
 * and 4 for the places.
 *
 * A place is a number that tells passage and position at once: passages take up slots of 2^shift positions, most of
 * them one, and a place is (slot << shift) + position.
 */
#ifndef LEDE_INDEXER_INVERSION_H
#define LEDE_INDEXER_INVERSION_H

#include "core/segment/postings_writer.h"
#include "spill.h"
#include "tokens.h"

/* Memory for places, kept from one inversion to the next. All zero is empty. */
struct place_buffer {
    uint32_t *places;
    size_t room;
};

void place_buffer_release(struct place_buffer *b);

struct inversion {
    const struct tokens *tokens;
    uint32_t *counts; /* occurrences of each token; once laid out, where its run starts */
    uint32_t *next;   /* where the next one goes */
    uint32_t terms;   /* numbers */
    uint32_t total;   /* occurrences of all */
    uint32_t at;      /* of all runs, what is written */
    uint32_t *places; /* of them */
    unsigned shift;
    /* Where passages have more than one slot, else NULL: the passage of each slot, and the first slot of each passage.
     */
    uint32_t *slots, *firsts;
};

/* Counts the terms, whose numbers are below `terms`. Tokens and buffer are borrowed. False if memory ran out; release
 * it whatever comes back. */
LEDE_NODISCARD bool inversion_init(struct inversion *v, struct place_buffer *buffer, const struct tokens *tokens,
                                   uint32_t terms);
void inversion_release(struct inversion *v);

/* Bytes that it takes with the buffer, but for 8 a term. */
size_t inversion_memory(const struct tokens *tokens, const struct place_buffer *buffer);

/* Occurrences of a term, before they are laid out. */
static inline uint32_t inversion_count(const struct inversion *v, uint32_t term) {
    return v->counts[term + 1];
}

/* Says in which order the terms, all that occur, will be written, and sorts the places so. False if memory ran
 * out. */
LEDE_NODISCARD bool inversion_lay_out(struct inversion *v, const uint32_t *order, uint32_t count);

/* Where the run of a term starts that is laid out. */
static inline uint32_t inversion_start(const struct inversion *v, uint32_t term) {
    return v->counts[term + 1];
}

/* How many passages have the next term, whose run goes up to `end`. */
uint32_t inversion_passages(const struct inversion *v, uint32_t end);

/* Hands the postings of the next term, whose run goes up to `end`, to the writer. `lengths` are those of the passages,
 * in words. */
void inversion_write(struct inversion *v, uint32_t end, const uint32_t *lengths, struct postings_writer *out);
/* The same to a spill, whose shift is inversion_shift; returns how many passages they are. */
uint64_t inversion_spill(struct inversion *v, uint32_t end, struct spill *out);
/* Bits that positions in any of the passages take. */
unsigned inversion_shift(const struct tokens *tokens);

#endif
