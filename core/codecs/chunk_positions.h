/* chunk_positions.h - the positions of a very frequent term: those of each chunk of 128 passages for themselves, so
 * that whoever has a chunk in hand finds them without a look at the postings around it.
 *
 *     group := (nothing, if no chunk of it has a posting)
 *            | u8 w, packed run of 7 numbers of w bits, chunk*
 *              number i - 1: where chunk i begins, less size * postings of the chunks before it / postings of the
 *              group, rounded down, more by 2^(w - 1) if w > 0; `size` is that of all chunks
 *     chunk := (nothing, if it has no posting) | positions of its passages, see core/codecs/positions.h
 *
 * Groups are those of core/codecs/chunk.h, of 8 chunks; where each ends stands elsewhere. Most chunks have about as
 * many bytes for each posting as the others of their group, so the numbers are small. */
#ifndef LEDE_CORE_CHUNK_POSITIONS_H
#define LEDE_CORE_CHUNK_POSITIONS_H

#include "chunk.h"
#include "positions.h"

/* Codes the positions of one term, chunk after chunk. */
struct chunk_positions_writer {
    struct spool *out;   /* borrowed: where groups go */
    struct spool *ends;  /* borrowed: u32, the end of each group there */
    struct buffer group; /* the chunks of the group under way */
    struct buffer places;
    uint32_t number; /* of the chunk under way */
    uint32_t begins[CHUNK_GROUP + 1], counts[CHUNK_GROUP];
    uint32_t count, freqs[CHUNK_RANGE], lengths[CHUNK_RANGE];
    bool failed;
};

/* All zero is a writer; begins with the first chunk of a term. */
void chunk_positions_start(struct chunk_positions_writer *w, struct spool *out, struct spool *ends);
/* Those of `count` passages, which rise and are above those added before; their positions stand one after the other. */
void chunk_positions_add(struct chunk_positions_writer *w, const uint32_t *docs, const struct position_run *run,
                         const uint32_t *positions);
/* Ends the groups of a segment of so many passages. False if memory ran out, or the term outgrew the format (4 GiB). */
bool chunk_positions_finish(struct chunk_positions_writer *w, uint32_t passages);
void chunk_positions_release(struct chunk_positions_writer *w);

/* Finds those of chunk i in the bytes of its group, whose chunks have so many postings, a byte each: the bytes from
 * *begin to *end are the chunk's then. False if they can't be. May read 8 bytes beyond the end. */
bool chunk_positions_find(const uint8_t **begin, const uint8_t **end, uint64_t counts, uint32_t i);

#endif
