/* policy.h - which segments to merge next.
 *
 * Segments fall into tiers by size, each POLICY_TIER times the one before; all below POLICY_FLOOR bytes are the first.
 * A tier that has POLICY_TIER segments is merged into one, the lowest tier first. So an index of n bytes has
 * at most POLICY_TIER - 1 segments for each power of POLICY_TIER in n / POLICY_FLOOR, and each article is rewritten
 * once a tier. A segment of which more than half is deleted is rewritten, whatever its tier. (Tiered merging:
 * McCandless, Lucene's TieredMergePolicy, 2011; the log-structured merge tree, O'Neil et al., 1996.)
 */
#ifndef LEDE_INDEXER_POLICY_H
#define LEDE_INDEXER_POLICY_H

#include <lede.h>

#define POLICY_TIER 8

/* Merging what is smaller costs little more than opening the files. */
#define POLICY_FLOOR (UINT64_C(1) << 20)

/* Passages of a segment at most: ordinals in a segment have 32 bits. */
#define POLICY_PASSAGES_MAX (UINT64_C(1) << 31)

/* Of a merge the bits of what is deleted are all that grows with its passages (merge.h), by 1/8 byte each, and 1/128:
 * so many a byte of memory bound it well. */
#define POLICY_MERGE_PASSAGES 2

/* Segments that are merged at once, at most: of each some hundred KiB are in memory. */
#define POLICY_FAN 32

/* Bytes of bylines of a segment at most: the 4 GiB that there may be, less what a merge may double of them. */
#define POLICY_STRINGS_MAX (UINT64_C(2) << 30)

struct policy_segment {
    uint64_t size; /* bytes */
    uint32_t passages, deleted;
    uint64_t strings; /* bytes of bylines */
};

/* Passages that a merge may give in so many bytes of memory. */
uint64_t policy_passages_max(uint64_t memory);

/* Writes the indexes of the segments to merge into one, ascending, to `picked`, which has room for `count`. Returns how
 * many: 0 if all is well. The result will have `passages_max` passages at most. Pure, so that the same segments are
 * always merged the same way. */
size_t policy_pick(const struct policy_segment *segments, size_t count, uint64_t passages_max, size_t *picked);

/* How many of `count` > 0 segments, from the first on, one merge can make one of `passages_max` passages at most: at
 * least 1. */
size_t policy_run(const struct policy_segment *segments, size_t count, uint64_t passages_max);

#endif
