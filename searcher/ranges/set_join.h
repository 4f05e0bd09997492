/* set_join.h - the passages that several words have, whose sets are in memory (hot_set.h): ranges first that all of
 * them have, and the passages of these.
 *
 *     ranges of barn   .1.11...1.1
 *               owl    11..1..1..1
 *     joined           .1..1.....1     three ranges are looked into, of each word 16 bytes */
#ifndef LEDE_SEARCHER_SET_JOIN_H
#define LEDE_SEARCHER_SET_JOIN_H

#include "core/base/arena.h"
#include "core/segment/hot_set.h"

struct set_join {
    const struct hot_set **sets;
    size_t count;
    uint64_t *ranges; /* a bit for each that may have all, of so many words */
    size_t range_words;
};

/* For `most` sets at most of so many passages, none of which is in it yet. LEDE_NOMEM. */
LEDE_NODISCARD lede_status set_join_init(struct set_join *j, uint32_t passages, size_t most, struct arena *arena);

/* Adds a set, which is borrowed. */
void set_join_add(struct set_join *j, const struct hot_set *set);

/* Leaves these ranges alone, a bit each. */
void set_join_limit(struct set_join *j, const uint64_t *ranges);

/* Finds the passages that all sets have, of which there has to be one: *count `docs`, which rise, in the arena.
 * LEDE_NOMEM. */
LEDE_NODISCARD lede_status set_join_find(const struct set_join *j, uint32_t **docs, uint32_t *count,
                                         struct arena *arena);

/* Puts those of n documents, which may be of broken postings, into `docs` that are in the ranges, and those that there
 * are not; returns how many. */
uint32_t set_join_leave(const struct set_join *j, uint32_t *docs, const uint32_t *from, uint32_t n);

#endif
