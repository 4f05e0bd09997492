/* places.h - where the shards of an index are, as its name tells.
 *
 *     xapian:FOLDER                     one database, in a folder here
 *     xapian://HOST:PORT,HOST:PORT      servers, one for each shard, in their order
 *     xapian:FILE                       a shard file: a line for each shard, in their order
 *
 * A line of a shard file has the places of one shard with white space between them, each HOST:PORT or, with a "/" in
 * it, a folder, relative to that of the file: replicas, of which the first that answers is read. Only the first is
 * written to; Xapian's own replication brings the others after it. "#" begins a comment. Xapian 1.4 reaches addresses
 * of IPv4 alone. */
#ifndef LEDE_ENGINES_SHARDS_PLACES_H
#define LEDE_ENGINES_SHARDS_PLACES_H

#include "core/base/arena.h"

#include <lede.h>

#define PLACES_PREFIX "xapian:"

struct place {
    const char *text; /* as it was written: for messages */
    const char *host; /* NULL: a folder */
    uint16_t port;
    const char *folder;
};

/* The places of one shard, at least one. */
struct replicas {
    struct place *places;
    size_t count;
};

/* At least one shard. All of it lies in an arena. */
struct places {
    struct replicas *shards;
    size_t count;
};

/* Reads a name that begins with PLACES_PREFIX. LEDE_INVALID, with the file and line. */
LEDE_NODISCARD lede_status places_read(struct places *out, struct arena *arena, const char *name, lede_error *err);

#endif
