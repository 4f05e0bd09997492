/* waiting_ranges.h - what goes through ranges block by block: which of their blocks reach the threshold is told twice,
 * when a range is put with those that wait, and when it is looked at, as the threshold may have risen. */
#ifndef LEDE_SEARCHER_WAITING_RANGES_H
#define LEDE_SEARCHER_WAITING_RANGES_H

#include "core/base/counters.h"
#include "range_run.h"

/* The blocks whose bounds do, a bit each. */
static inline uint32_t blocks_reaching(half_lanes bounds, uint32_t cut) {
    return half_lanes_bits((half_lanes)(bounds >= half_lanes_of((uint16_t)cut)));
}

/* Those that filters leave a passage of, the same. */
static inline uint32_t blocks_accepted(const struct range_run *r, uint32_t range) {
    const uint64_t *accepted = r->collector->accepted;
    uint16_t each[HOT_BLOCKS];
    if (!accepted)
        return UINT8_MAX;
    memcpy(each, accepted + (size_t)range * (RANGE_DOCS / 64), sizeof each);
    return ~half_lanes_bits((half_lanes)(half_lanes_load(each) == half_lanes_of(0))) & UINT8_MAX;
}

/* Puts a range with those that wait; whether there is no room for more. */
static inline bool waiting_put(struct range_blocks *b, uint32_t range, half_lanes bounds) {
    struct waiting_range *w = &b->waiting[b->count++];
    w->range = range;
    half_lanes_store(w->bounds, bounds);
    return b->count == RANGES_WAITING;
}

/* While number i is looked at, fetches the lengths of passages in blocks of one that waits behind it, where they are
 * not fetched before: those of a range take several lines of the cache if they have two bytes each. */
FETCHING void waiting_fetch_lengths(const struct range_run *r, size_t i, uint32_t cut) {
    enum { AHEAD = 4 };
    const struct range_scorer *s = &r->scorer;
    if (s->length_width == 1 || i + AHEAD >= r->blocks.count)
        return;
    const struct waiting_range *w = &r->blocks.waiting[i + AHEAD];
    const uint8_t *lengths = s->lengths + ((size_t)w->range << RANGE_SHIFT) * s->length_width;
    for (uint32_t blocks = blocks_reaching(half_lanes_load(w->bounds), cut); blocks; blocks &= blocks - 1)
        fetch_line(lengths + (size_t)__builtin_ctz(blocks) * HOT_BLOCK * s->length_width);
}

/* The blocks of a range that waited which are to be looked at. */
static inline uint32_t waiting_blocks(const struct range_run *r, const struct waiting_range *w, uint32_t cut) {
    uint32_t blocks = blocks_reaching(half_lanes_load(w->bounds), cut) & blocks_accepted(r, w->range);
    COUNT(opened, blocks != 0);
    return blocks;
}

#endif
