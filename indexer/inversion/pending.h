/* pending.h - segments that are written and wait for their commit. */
#ifndef LEDE_INDEXER_PENDING_H
#define LEDE_INDEXER_PENDING_H

#include "core/segment/segment.h"
#include "indexer/merge/sequence.h"

struct pending {
    uint64_t id;
    struct segment_info info;
    struct sequence sequence;
};

/* In the order in which they were written. All zero is none. */
struct pending_list {
    struct pending *items;
    size_t count;
};

void pending_list_release(struct pending_list *l);
/* Takes over *sequence, also on failure. */
LEDE_NODISCARD lede_status pending_list_add(struct pending_list *l, uint64_t id, const struct segment_info *info,
                                            struct sequence *sequence, lede_error *err);
/* Moves all of `tail` behind the others. */
LEDE_NODISCARD lede_status pending_list_join(struct pending_list *l, struct pending_list *tail, lede_error *err);

#endif
