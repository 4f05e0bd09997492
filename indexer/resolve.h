/* resolve.h - which articles a commit supersedes: keys are unique in an index, and a source that is gone takes its
 * articles with it.
 *
 * Of several articles with one key the one that came in last is kept: one of the new segments rather than one
 * that was committed before, and among the new ones the one of the later batch, then the later one in the order of
 * segments and articles.
 */
#ifndef LEDE_INDEXER_RESOLVE_H
#define LEDE_INDEXER_RESOLVE_H

#include "core/base/id_set.h"
#include "indexer/merge/sequence.h"
#include "indexer/merge/tombstone.h"

/* A segment that takes part. */
struct contender {
    struct tombstones *tombstones;
    struct sequence *sequence; /* of a new segment; NULL for one that was committed before */
};

/* Deletes the articles that came from one of the sources; adds to *deleted how many were live. */
LEDE_NODISCARD lede_status resolve_sources(struct tombstones *t, const struct id_set *sources, uint64_t *deleted,
                                           lede_error *err);

/* Deletes the articles of a new segment with this key that came in before `batch`. */
LEDE_NODISCARD lede_status resolve_deletion(const struct contender *segment, const char *key, size_t key_len,
                                            uint64_t batch, lede_error *err);

/* Articles committed before that new ones have taken the place of; and that went with them, as the new one's source is
 * gone already. */
struct resolution {
    uint64_t replaced, deleted;
};

/* Deletes all but the last article of each key that new segments hold. New segments are in the order in which later
 * ones win. Articles of sources that are gone contend as others do, and are left for resolve_sources. Of `memory` bytes
 * a quarter at most are taken (footprint.h). */
LEDE_NODISCARD lede_status resolve_keys(const struct contender *segments, size_t count, const struct id_set *gone,
                                        uint64_t memory, struct resolution *resolution, lede_error *err);

#endif
