/* hot_term.h - a frequent term that is searched for again and again, as it is kept in memory: laid out to be read where
 * a search wants it, with nothing to decode.
 *
 *     ranges   of each range of RANGE_DOCS passages, the greatest impact of the term there    a byte
 *     blocks   the same of each block of HOT_BLOCK passages                                   a byte
 *     freqs    of each block, how often its passages have it, HOT_FREQ: that or more          half a byte a passage;
 *              of a term in less than a HOT_PART of all passages, of its own blocks alone:
 *     starts   of each range, the number of its first block in `freqs`                        four bytes
 *
 * Impacts are in 255ths of the term's greatest, rounded up, and 0 where no passage has it; see maxima.h. All is made of
 * the term's postings, and immutable from then on. */
#ifndef LEDE_CORE_HOT_TERM_H
#define LEDE_CORE_HOT_TERM_H

#include "core/codecs/maxima.h"
#include "hot_kept.h"
#include "segment.h"

enum { HOT_BLOCK = 16, HOT_BLOCKS = RANGE_DOCS / HOT_BLOCK, HOT_FREQ = 15, HOT_PART = 8 };

/* Each part may be read 64 bytes beyond its end. */
struct hot_term {
    struct hot_kept kept;
    uint8_t *ranges, *blocks;
    uint32_t *starts; /* NULL: freqs has all blocks */
    uint8_t *freqs;   /* of passages 2 i and 2 i + 1 of a block, the former in the lower half */
};

/* Bytes that a term takes at most which doc_freq of `passages` have. */
size_t hot_term_size(uint32_t passages, uint32_t doc_freq);

/* Makes one in steps, so that no search has to wait until all postings are read. NULL if there is no memory, or the
 * term is rare: it has no maxima. The segment is borrowed. */
struct hot_maker;
struct hot_maker *hot_maker_new(const struct segment *segment, const struct term_info *info);

/* Reads so many postings, or a few more; true once there is nothing left to do. */
bool hot_maker_go(struct hot_maker *m, uint32_t postings);

/* The term, if all could be read, or NULL. The maker is gone. */
struct hot_term *hot_maker_finish(struct hot_maker *m);

/* Gives up. NULL is fine. */
void hot_maker_free(struct hot_maker *m);
/* NULL is fine. */
static inline void hot_term_free(struct hot_term *t) {
    hot_kept_free(t ? &t->kept : NULL);
}

#endif
