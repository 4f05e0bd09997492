/* shelf.h - a worker's segments that wait for their commit, in the order in which it wrote them.
 *
 * When SHELF_TIER of the same tier stand at the end they are merged into one of the next tier:
 *
 *     0 0 0 0 0 0 0 0  ->  1      1 0 0 0 0 0 0 0 0  ->  1 1      1 1 1 1 1 1 1 1  ->  2
 *
 * so at most SHELF_TIER - 1 of each tier stand there, as long as a merge fits into the memory. What is merged, and into
 * which id, depends on the worker's input alone and not on time, so the same input gives the same segments.
 */
#ifndef LEDE_INDEXER_SHELF_H
#define LEDE_INDEXER_SHELF_H

#include "merger.h"

#define SHELF_TIER 8

struct shelf {
    struct merger *merger;     /* borrowed */
    uint64_t passages_max;     /* of a merged segment */
    uint64_t next_id, id_step; /* workers take turns in the numbers */
    struct pending **items;
    size_t count;
};

void shelf_init(struct shelf *s, struct merger *merger, uint64_t first_id, uint64_t id_step, uint64_t passages_max);
void shelf_release(struct shelf *s);

/* An id for a new segment. */
uint64_t shelf_take_id(struct shelf *s);

/* Puts a segment there whose file is written; takes over *sequence. */
LEDE_NODISCARD lede_status shelf_put(struct shelf *s, uint64_t id, const struct segment_info *info,
                                     struct sequence *sequence, lede_error *err);

/* Hands over all segments that have a file, in order, appended to (*out)[*count]; the array and what it points to are
 * the caller's to free. Merges have to be idle. The shelf is empty then. */
LEDE_NODISCARD lede_status shelf_clear(struct shelf *s, struct pending ***out, size_t *count, lede_error *err);

#endif
