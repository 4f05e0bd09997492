/* picks.h - where a frequent term stands in some passages, as masks: what stands in several chunks, or blocks, is found
 * step by step for all of these. Of a single one each step waits for the one before it, and some wait for memory, too.
 */
#ifndef LEDE_CORE_PICKS_H
#define LEDE_CORE_PICKS_H

#include "core/codecs/position_lists.h"
#include "postings.h"

/* Loads frequencies and lengths of chunk `number` into p->bytes, and what is known of its group, of a term whose
 * positions stand by chunks. False if bytes don't tell all of them, or they can't be read. */
bool picks_load_chunk(struct postings *p, uint32_t number);

/* Finds the bytes of the positions of chunk `number`, of a term whose positions stand by chunks; the chunks of its
 * group have so many postings. False if they can't be. */
bool picks_find_chunk(const struct postings *p, uint32_t number, uint64_t counts, const uint8_t **from,
                      const uint8_t **to);

/* The same of a block of another term. */
bool picks_find_block(const struct postings *p, uint32_t block, const uint8_t **from, const uint8_t **to);

/* Adds passages of a term that has chunks to masks, as postings_pick_masks does, up to some whose lengths or
 * frequencies bytes don't tell, or that are to be looked for first; returns how many. With a sticky error if bytes are
 * corrupt. */
uint32_t picks_add(struct postings *p, struct mask_reader *masks, const uint32_t *docs, const uint32_t *indices,
                   uint32_t n);

/* More positions of a posting are not told by a picked run. */
#define PICKED_MANY 15

/* Postings as they follow one another: all of some chunks, or blocks, of a term that has chunks. */
struct picked_run {
    uint32_t count, parts; /* of postings, and of chunks or blocks */
    /* By chunks, which they are, and how many each has; else the documents of all. */
    uint32_t numbers[CHUNK_PICKS], counts[CHUNK_PICKS];
    uint32_t docs[CHUNK_PICKS * BLOCK_DOCS + 64];
    struct position_lists lists; /* of each posting, whose frequency is there also if it is of these: */
    uint32_t more;
    uint8_t many[CHUNK_PICKS * BLOCK_DOCS][PICKED_MANY + 1]; /* those that have more than POSITION_LIST, in order */
    struct position_masks masks;                             /* room */
};

/* Reads those from posting number `rank` on, which is the first of a chunk or block, up to one whose lengths or
 * frequencies bytes don't tell: if that is the first there are 0, and it is to be read in another way. *number, 0 at
 * first, goes on: by chunks it is the next one that may have postings, to be set behind what was read in another way.
 * False if bytes are corrupt. */
bool picks_read_run(struct postings *p, uint32_t rank, uint32_t *number, struct picked_run *out);

#endif
