/* check.h - lede_index_check for shards. */
#ifndef LEDE_ENGINES_SHARDS_CHECK_H
#define LEDE_ENGINES_SHARDS_CHECK_H

#include <lede.h>

/* Databases in folders here are verified by Xapian. Then, of all shards, every passage is read, and whether it makes
 * sense, is in the shard that it belongs to, and has the others of its article before it. */
LEDE_NODISCARD lede_status shards_check(const char *name, void (*report)(void *ctx, const char *fault),
                                        int (*progress)(void *ctx, const lede_progress *progress), void *ctx,
                                        uint64_t *faults, lede_error *err);

#endif
