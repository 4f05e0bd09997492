/* hot_positions.h - where a frequent term stands in its passages, kept in memory, as phrases are looked for with it
 * again and again: a byte for each position, and little to tell where they begin. In a segment all that stands before
 * them in a run of passages has to be measured (core/codecs/positions.h).
 *
 *     ranks   of each range that the term's set has, how many postings are before it            4 bytes
 *     runs    of each HOT_RUN postings: where their positions begin                             4 bytes
 *             and how many each has, half a byte; 0: of that it is not told where it stands     8 bytes
 *     of      the positions of one posting after the other                                      a byte each
 *
 * May be not told are positions in passages too long for masks (position_mask.h), and more than 15. Which posting a
 * passage is tells the term's set (hot_set.h). */
#ifndef LEDE_CORE_HOT_POSITIONS_H
#define LEDE_CORE_HOT_POSITIONS_H

#include "core/codecs/position_mask.h"
#include "hot_set.h"

enum { HOT_RUN = 16 };

struct hot_run {
    uint32_t at;
    uint8_t freqs[HOT_RUN / 2]; /* of postings 2 i and 2 i + 1, the former in the lower half */
};

/* Made of the term's postings, and immutable from then on. */
struct hot_positions {
    struct hot_kept kept;
    uint32_t *ranks;
    struct hot_run *runs;
    uint8_t *of;
};

/* Bytes that they take at most of a term that stands so often in so many of the passages. */
size_t hot_positions_size(uint32_t passages, const struct term_info *info);

/* Makes them in steps, as hot_maker_new does. NULL if there is no memory, or the term is rare. The segment is borrowed.
 */
struct hot_positions_maker;
struct hot_positions_maker *hot_positions_maker_new(const struct segment *segment, const struct term_info *info);

/* Reads so many postings, or a few more; true once there is nothing left to do. */
bool hot_positions_maker_go(struct hot_positions_maker *m, uint32_t postings);

/* The positions, if all could be read, or NULL; free them by hot_kept_free. The maker is gone. */
struct hot_positions *hot_positions_maker_finish(struct hot_positions_maker *m);

/* Gives up. NULL is fine. */
void hot_positions_maker_free(struct hot_positions_maker *m);

/* Where the term stands in n <= POSITION_MASKS documents, as masks; `set` is the term's. Of those of which it is not
 * told, or that don't have the term, there is no position, and their number is 0. */
void hot_positions_read(const struct hot_positions *p, const struct hot_set *set, const uint32_t *docs, uint32_t n,
                        struct position_masks *out);

#endif
