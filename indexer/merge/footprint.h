/* footprint.h - how much of mapped segments is in memory.
 *
 * Pages of a mapped file count as the process's memory from when they are touched until they are given back. So who
 * goes through segments tells how many bytes that may have been, and all pages are given back when it is as much as the
 * budget allows. They stay in the system's cache: what is still needed comes back in a microsecond for each 64 KiB. */
#ifndef LEDE_INDEXER_FOOTPRINT_H
#define LEDE_INDEXER_FOOTPRINT_H

#include "merge.h"

/* What touching a byte may bring in: the system maps as much around a page that it has. */
#define FOOTPRINT_AROUND (64 * 1024)

struct footprint {
    const struct merge_input *inputs;
    size_t count;
    uint64_t touched, most;
    bool lengths; /* so many that they are told of */
};

/* The inputs are borrowed. `memory`: of the whole work, of which this takes up to an eighth, 4 MiB at least, and
 * LENGTHS up to another eighth. */
void footprint_init(struct footprint *f, const struct merge_input *inputs, size_t count, uint64_t memory);
void footprint_drop(struct footprint *f);

/* So many bytes, one after the other. */
static inline void footprint_touch(struct footprint *f, uint64_t bytes) {
    f->touched += bytes;
    if (f->touched > f->most)
        footprint_drop(f);
}

/* The lengths of n passages from `first` to `last`. These come again with each term, in order; where all of them fit
 * in, they are not counted. */
static inline void footprint_touch_lengths(struct footprint *f, uint32_t first, uint32_t last, uint32_t n) {
    uint64_t span = (uint64_t)(last - first) * sizeof(uint32_t), far = (uint64_t)n * FOOTPRINT_AROUND;
    if (f->lengths)
        footprint_touch(f, span < far ? span : far);
}

#endif
