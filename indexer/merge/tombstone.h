/* tombstone.h - which articles of a segment are deleted.
 *
 * Segments never change, so a deleted article stays in its file until the next merge, and is passed over by readers:
 * a bit a passage, kept in the segment's row of the catalogue. Articles are deleted whole.
 */
#ifndef LEDE_INDEXER_TOMBSTONE_H
#define LEDE_INDEXER_TOMBSTONE_H

#include "core/segment/segment.h"

struct tombstones {
    const struct segment *segment;
    uint8_t *bitmap;             /* passage p: byte p / 8, bit p % 8; NULL if none is deleted */
    uint32_t passages, articles; /* how many are deleted */
    bool changed;                /* set by tombstones_add; the owner clears it */
};

/* None are deleted; or those of `bitmap`, which is taken over. */
void tombstones_init(struct tombstones *t, const struct segment *segment, uint8_t *bitmap, uint32_t passages,
                     uint32_t articles);
void tombstones_release(struct tombstones *t);

/* True if the article whose first passage this is is deleted. */
static inline bool tombstones_has(const struct tombstones *t, uint32_t first_passage) {
    return t->bitmap && (t->bitmap[first_passage >> 3] >> (first_passage & 7) & 1);
}

/* Deletes an article, given with its record; *added tells whether it was live until now. */
LEDE_NODISCARD lede_status tombstones_add(struct tombstones *t, const struct article_record *record, bool *added,
                                          lede_error *err);

/* True if nothing of the segment is left. */
static inline bool tombstones_cover(const struct tombstones *t) {
    return t->passages == segment_info(t->segment)->passages;
}

#endif
