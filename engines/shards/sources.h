/* sources.h - what is known of the source files, kept with the shards: whoever indexes from wherever knows what
 * changed.
 *
 * The metadata of the first shard have it, under "lede:sources:00" to "lede:sources:3f": a source is under the XXH3
 * hash of its path modulo 64, so that few of them are written anew when few files changed. Each is a list, by path and
 * then id, of varints (core/base/bytes.h) and strings (length, bytes):
 *
 *     path, id, size, mtime (zigzag), hash, state
 *
 * "lede:next_source" is an id above all that were ever used, in decimal; "lede:commit" the number of commits. */
#ifndef LEDE_ENGINES_SHARDS_SOURCES_H
#define LEDE_ENGINES_SHARDS_SOURCES_H

#include "core/index/catalogue.h"
#include "shards.h"

/* Puts all into the catalogue. */
LEDE_NODISCARD lede_status sources_load(const struct shards *s, struct catalogue *catalogue, lede_error *err);
/* Writes those lists that are other than they were; they are committed with the shard. */
LEDE_NODISCARD lede_status sources_store(const struct shards *s, struct catalogue *catalogue, lede_error *err);
/* Visits each. */
LEDE_NODISCARD lede_status sources_visit(const struct shards *s, source_visit visit, void *ctx, lede_error *err);
/* How many there are. */
LEDE_NODISCARD lede_status sources_count(const struct shards *s, uint64_t *count, lede_error *err);

/* A number in the first shard's metadata; 0 if it is not there. */
LEDE_NODISCARD lede_status sources_get_number(const struct shards *s, const char *key, uint64_t *number,
                                              lede_error *err);
LEDE_NODISCARD lede_status sources_put_number(const struct shards *s, const char *key, uint64_t number,
                                              lede_error *err);

#define NUMBER_NEXT_SOURCE "lede:next_source"
#define NUMBER_COMMIT      "lede:commit"

#endif
