/* count_windows.h - how many passages of a segment have any of some words, or all of them, and none of others: counted
 * a window of passages at a time, which stays in the nearest caches, whatever the segment's size.
 *
 *     words in memory as sets     |  a line of each, of 512 passages, and of what was marked, is joined with those of
 *     filters, or what is deleted |  the others, and its bits are counted: nothing is written
 *     other words                    their postings of the window are marked before
 */
#ifndef LEDE_SEARCHER_COUNT_WINDOWS_H
#define LEDE_SEARCHER_COUNT_WINDOWS_H

#include <lede.h>

#include "core/index/snapshot.h"
#include "core/segment/postings.h"

/* The passages of a window: whole groups of any word's chunks. A bit each, what a window comes to is in a processor's
 * second cache; with an eighth of it, in the first, but sets are read in shorter stretches, the slowest counts take a
 * tenth longer. */
#define COUNT_WINDOW (1 << (CHUNK_SHIFT_MAX + CHUNK_GROUP_SHIFT))

struct counted_words {
    const struct snapshot_segment *segment;
    const uint64_t *accepted;                    /* a bit a passage, see plan.h; NULL: all that are not deleted */
    bool all;                                    /* of the wanted words, not any */
    const struct term_info **wanted, **unwanted; /* the rarest first; each is in some passage */
    size_t wanted_count, unwanted_count;
};

/* Adds those of the passages [first, end) that match, where windows begin and end. Words are held in memory as
 * hot_terms.h has it. LEDE_NOMEM, LEDE_CORRUPT. */
LEDE_NODISCARD lede_status count_windows(uint64_t *count, const struct counted_words *t, uint32_t first, uint32_t end);

#endif
