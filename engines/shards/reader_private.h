/* reader_private.h - what reader.c and search.c share. */
#ifndef LEDE_ENGINES_SHARDS_READER_PRIVATE_H
#define LEDE_ENGINES_SHARDS_READER_PRIVATE_H

#include "reader.h"
#include "record.h"
#include "shards.h"
#include "words.h"

#include <pthread.h>

/* Passages that one answer counts the articles of, at most: what comes from the servers is in proportion to them. */
enum { COUNTED_MOST = 1000000 };

/* A sample of the shards is one of so many, from the first on: a word that 500 passages hold is missing there once in
 * 10^14 times. */
enum { SAMPLED_OF = 16 };

struct shards_reader {
    struct engine_reader base;
    pthread_mutex_t mutex; /* libxapian's objects are for one thread at a time */
    struct shards shards;
    struct xapian_database *groups[2]; /* those that answer, and a sample of these; NULL: to be made */
    size_t *members;                   /* their numbers, in order */
    size_t member_count;
    struct words words[2]; /* of the groups */
    char *missing;         /* one line about those that don't; NULL if all do */
    uint32_t counted_most;
};

static inline struct shards_reader *reader_of(struct engine_reader *base) {
    return (struct shards_reader *)(void *)base;
}

/* Passage `document` of shard i, as an ordinal and back. */
static inline uint64_t ordinal_of(size_t shard, uint32_t document) {
    return (uint64_t)shard << 32 | (document - 1);
}
static inline size_t ordinal_shard(uint64_t ordinal) {
    return (size_t)(ordinal >> 32);
}
static inline uint32_t ordinal_document(uint64_t ordinal) {
    return (uint32_t)ordinal + 1;
}

/* With the mutex held: tries to reach the shards that are missing, and makes the group anew if something changed.
 * LEDE_IO if not one of them answers. */
LEDE_NODISCARD lede_status reader_gather(struct shards_reader *r, lede_error *err);
/* After a failure: whether to try again, as it is no wonder, and now may go better. Lets go of shards that do not
 * answer any more, and then *err names the first of them; it may be NULL. */
bool reader_recover(struct shards_reader *r, const struct xapian_error *failure, int tries, lede_error *err);

/* Sets doc_freq of each term, of the shards that answer or a sample of them, with one question to each of their
 * servers. */
XAPIAN_NODISCARD enum xapian_code reader_frequencies(struct shards_reader *r, enum engine_extent of,
                                                     struct engine_term *terms, size_t count,
                                                     struct xapian_totals *totals, struct xapian_error *failure);

#endif
