/* shards.h - the databases of an index, one for each shard, and what tells that they belong together.
 *
 * Each database keeps, in its metadata under "lede", which index and which part of it it is:
 *
 *     lede 2 set=6f1c22d58a9be047 shard=2/3 language=english passages=0 text=1
 *
 * 2 is the version of all that engines/shards writes; `set` was made at random with the index. An article is in the
 * shard whose number, from 0, is the XXH3 hash of its key modulo their count. */
#ifndef LEDE_ENGINES_SHARDS_SHARDS_H
#define LEDE_ENGINES_SHARDS_SHARDS_H

#include "../xapian/module.h"
#include "core/index/engine.h"
#include "places.h"

enum { SHARDS_FORMAT = 2 };

struct identity {
    uint64_t set;
    unsigned number, count; /* from 1 */
    char language[32];
    lede_passages passages;
    bool omit_text;
};

struct shard {
    const struct replicas *replicas;
    size_t used;                /* of the replicas */
    struct xapian_database *db; /* NULL: does not answer, */
    lede_error failure;         /* for this reason */
    int64_t failed_at;          /* when that was found out, in seconds of a steady clock; 0: not tried yet */
};

struct shards {
    struct arena arena;
    const struct xapian *x;
    char *name;
    struct shard *shards;
    size_t count;
    struct identity identity; /* of the first; its number means nothing */
};

/* Opens all for reading. Those that can't be reached are left out, with the reason, as long as one can; anything else
 * is an error. LEDE_UNSUPPORTED if there is no libxapian here. */
LEDE_NODISCARD lede_status shards_open(struct shards *out, const char *name, lede_error *err);

/* Opens all for writing, and makes the index with `wanted` if all are empty and `must_exist` is not set. All are looked
 * at before any is changed. */
LEDE_NODISCARD lede_status shards_open_writable(struct shards *out, const char *name,
                                                const struct engine_settings *wanted, bool must_exist, lede_error *err);
void shards_release(struct shards *s);

/* Calls those that do not answer, at each of their places, all at the same time; but not who was called a moment ago:
 * who does not answer is waited for, and not by each of many queries. *reached tells how many do now; the others'
 * failures have the reasons. LEDE_NOMEM. */
LEDE_NODISCARD lede_status shards_connect(struct shards *s, size_t *reached, lede_error *err);
/* Lets go of shard i after a failure. */
void shards_drop(struct shards *s, size_t i);

/* The number of the shard that the article with this key belongs to. */
size_t shards_route(const struct shards *s, const char *key, size_t key_len);

/* Writes what Xapian said of shard i, and its remedy, to *err. If that was the network, the server is asked nothing any
 * more. */
lede_status shards_fail(const struct shards *s, size_t i, const struct xapian_error *failure, lede_error *err);

/* Whether the other side is what failed. */
static inline bool is_network(enum xapian_code code) {
    return code == XAPIAN_NETWORK || code == XAPIAN_TIMEOUT;
}

#endif
