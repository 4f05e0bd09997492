/* postings.h - the passages that hold a term, how often, and where.
 *
 * A cursor follows the contract that all of Lede's cursors share. It stands on a document from its
 * creation on; `doc` is DOC_END, which is larger than any document, once it is exhausted:
 *
 *     for (uint32_t d = c.doc; d != DOC_END; d = postings_next(&c))
 *         ...
 *     if (c.status != LEDE_OK) ...
 *
 * seek(t), for any t >= doc, equals: while (c.doc < t) postings_next(&c);
 * A cursor that meets corrupt bytes ends, with a sticky status.
 */
#ifndef LEDE_CORE_POSTINGS_H
#define LEDE_CORE_POSTINGS_H

#include <lede.h>

#include "core/codecs/chunk.h"
#include "core/codecs/position_mask.h"

#define DOC_END UINT32_MAX

/* Documents whose positions are coded together, and those of a rare term. */
#define BLOCK_DOCS 128

/* Where a term is in one of so many passages or more, the positions of each chunk are coded together instead. */
#define DENSE_PART 8

struct segment;

/* What the dictionary knows of a term. */
struct term_info {
    uint32_t doc_freq;   /* passages that hold it, deleted ones included; at least 1 */
    uint64_t total_freq; /* occurrences; at least doc_freq */
    uint64_t postings;   /* offset in the segment's postings section */
    uint64_t positions;  /* offset in its positions section */
    uint64_t postings_size, positions_size;
};

struct postings {
    uint32_t doc;  /* ordinal in the segment, or DOC_END */
    uint32_t freq; /* of the term in doc; at least 1; valid while doc != DOC_END */
    uint32_t doc_freq;
    lede_status status;
    const uint8_t *levels; /* of its ranges of 2^shift documents, see maxima.h; NULL if it has none */
    const uint8_t *parts;  /* that the levels stand for */
    unsigned shift;
    float best;                /* impact; 1 if it has no levels */
    struct chunk_table chunks; /* of a term with levels */
    /* Private from here on. */
    const struct segment *segment;
    struct slope position_ends; /* of the blocks' bytes, or of those of groups of chunks */
    bool by_chunks;             /* a block is a chunk */
    uint32_t picked;            /* chunk whose frequencies and lengths are in `bytes` */
    uint32_t held;              /* block of a term that is not by chunks, the same */
    uint64_t chunk_counts;      /* of the group of chunks that the block is in */
    /* A rare term: */
    const uint8_t *lasts; /* documents of the blocks */
    unsigned last_width;
    struct slope ends; /* of the blocks' bytes */
    const uint8_t *blocks, *blocks_end;
    /* A frequent one: the posting that comes behind the block, and its chunk. */
    struct chunk_walk walk;
    uint32_t walk_chunk, rank;
    const uint8_t *positions, *positions_end;
    uint32_t block, block_count, block_len, at; /* block; whole blocks in all; documents in this one; index in it */
    uint32_t given; /* documents in this block and those before it that it came to one after the other */
    uint32_t *position_buffer;
    uint32_t position_room;
    uint32_t ready, measured; /* documents of the block that are decoded; those whose lengths are known */
    uint32_t positions_read;  /* one more than the index whose positions are in the buffer; 0: none of the block */
    struct position_reader reader;
    uint32_t docs[BLOCK_DOCS];
    uint32_t freqs[BLOCK_DOCS];
    uint32_t lengths[BLOCK_DOCS]; /* known while positions are read */
    struct position_bytes bytes;
};

/* Fetches what opening a cursor on the term looks at first, which mostly is in no cache: terms that are opened together
 * wait together. */
void postings_fetch(const struct segment *segment, const struct term_info *info);

/* Opens a cursor on the term's first document. The struct is the caller's; release it. */
void postings_init(struct postings *p, const struct segment *segment, const struct term_info *info);
void postings_release(struct postings *p);

/* Opens it without standing on a document: postings_go comes first. `levels`, `best` and `chunks` can be used. */
void postings_open(struct postings *p, const struct segment *segment, const struct term_info *info);

/* Stands on posting number `rank` of the term, which is below doc_freq. */
uint32_t postings_go(struct postings *p, uint32_t rank);

/* The postings of a rare term (`levels` is NULL) that are before its last block, at most doc_freq, without a move of
 * the cursor; how many these are. 0 if there are none, or, with a sticky error, if bytes are corrupt. */
uint32_t postings_take_blocks(struct postings *p, uint32_t *docs, uint32_t *freqs);

uint32_t postings_next(struct postings *p);
uint32_t postings_seek(struct postings *p, uint32_t target);

/* The current document and those behind it as far as they are decoded, with their frequencies; how many there are, 0 at
 * the end. Borrowed until the cursor moves. */
static inline uint32_t postings_run(const struct postings *p, const uint32_t **docs, const uint32_t **freqs) {
    *docs = p->docs + p->at;
    *freqs = p->freqs + p->at;
    return p->doc == DOC_END ? 0 : p->ready - p->at;
}

/* Equals postings_next n times; n is at most what postings_run gives. */
uint32_t postings_skip(struct postings *p, uint32_t n);

/* The positions of the term in the current document, p->freq of them, rising, borrowed until the cursor moves or
 * is released; NULL on a sticky error. Position 0 is the first word of the title; see segment.h for the layout of
 * fields. */
const uint32_t *postings_positions(struct postings *p);

/* The positions in all documents of postings_run, one after the other, borrowed until the cursor moves or is released;
 * NULL on a sticky error. */
const uint32_t *postings_run_positions(struct postings *p);

/* The positions in n documents that the term has, rising: of a frequent term, posting number indices[i] of the chunk
 * that docs[i] is in; of a rare one, of all. They stand one after the other, counts[i] of docs[i], borrowed until
 * others are asked for; NULL on a sticky error. On which document the cursor stands then is not told. */
const uint32_t *postings_pick(struct postings *p, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                              uint32_t *counts);

/* The same as masks, of n <= POSITION_MASKS documents; false on a sticky error. Of a frequent term `indices` may be
 * NULL: they are found, too, in less time than by themselves. */
bool postings_pick_masks(struct postings *p, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                         struct position_masks *out);

/* Whether n > 0 documents that were read rise from `least` on, and are some of the passages: unless bytes are broken.
 */
bool postings_are_good(const uint32_t *docs, uint32_t n, uint32_t least, uint32_t passages);

/* The lengths of the passages of postings_run, once postings_run_positions was called. */
static inline const uint32_t *postings_run_lengths(const struct postings *p) {
    return p->lengths + p->at;
}

#endif
