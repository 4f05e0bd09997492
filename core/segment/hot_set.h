/* hot_set.h - which passages have a frequent term that is searched for again and again, kept in memory: a bit each.
 * What asks for passages that have several words needs nothing else of most of them. Which ranges of RANGE_DOCS
 * passages have the term is kept, too, a bit each: joined first, these leave few ranges of which passages are joined.
 *
 * Of a term in one of HOT_SET_PART passages or more there is a bit for each passage; of the memory that hot_term.h
 * takes it takes a fifth if the term is in many passages, and three quarters if in one of HOT_SET_PART; and it is made
 * in less time. Of a rarer one it is sparse, and has bits of the ranges alone that have it, one after the other:
 *
 *     ranges   ..1..1.1......1.     parts   [bits of range 2] [of range 5] [7] [14] */
#ifndef LEDE_CORE_HOT_SET_H
#define LEDE_CORE_HOT_SET_H

#include "core/codecs/maxima.h"
#include "hot_kept.h"
#include "segment.h"

enum { HOT_SET_PART = 128, HOT_SET_RANGE_WORDS = RANGE_DOCS / 64 };

/* Made of the term's postings, and immutable from then on. Either `bits` are NULL, or `parts` and `before`. */
struct hot_set {
    struct hot_kept kept;
    uint64_t *ranges; /* range r is bit r % 64 of ranges[r / 64]; of all passages, and 64 bytes more */
    uint64_t *bits;   /* passage p is bit p % 64 of bits[p / 64]; whole ranges of passages, and 64 bytes more */
    uint64_t *parts;  /* the same of ranges that have the term, HOT_SET_RANGE_WORDS each, and 64 bytes more */
    uint32_t *before; /* how many of these there are before those of ranges[r / 64] */
};

static inline bool hot_set_has_range(const struct hot_set *s, uint32_t range) {
    return s->ranges[range / 64] >> range % 64 & 1;
}

/* The number of a range that has the term among those that there are bits of; of another range one that may be read. */
static inline uint32_t hot_set_part(const struct hot_set *s, uint32_t range) {
    if (s->bits)
        return range;
    uint64_t below = s->ranges[range / 64] & ((UINT64_C(1) << range % 64) - 1);
    return s->before[range / 64] + (uint32_t)__builtin_popcountll(below);
}

/* The passages of a range that has the term, a bit each; of another range something that may be read. */
static inline const uint64_t *hot_set_range(const struct hot_set *s, uint32_t range) {
    const uint64_t *parts = s->bits ? s->bits : s->parts;
    return parts + (size_t)hot_set_part(s, range) * HOT_SET_RANGE_WORDS;
}

static inline bool hot_set_has(const struct hot_set *s, uint32_t doc) {
    if (s->bits)
        return s->bits[doc / 64] >> doc % 64 & 1;
    uint32_t range = doc / RANGE_DOCS;
    return hot_set_has_range(s, range) & (hot_set_range(s, range)[doc / 64 % HOT_SET_RANGE_WORDS] >> doc % 64);
}

/* Whether that of a term is sparse, which so many of the passages have. */
static inline bool hot_set_is_sparse(uint32_t passages, uint32_t doc_freq) {
    return doc_freq < passages / HOT_SET_PART;
}

/* Bytes that one takes in a segment of so many passages, of which so many have the term; a sparse one at most. */
size_t hot_set_size(uint32_t passages, uint32_t doc_freq, bool sparse);

/* Makes one in steps, as hot_maker_new does; NULL if there is no memory, or the term is rare. The segment is borrowed.
 */
struct hot_set_maker;
struct hot_set_maker *hot_set_maker_new(const struct segment *segment, const struct term_info *info, bool sparse);

/* Reads about so many postings; true once there is nothing left to do. */
bool hot_set_maker_go(struct hot_set_maker *m, uint32_t postings);

/* The set, if all postings could be read, or NULL; free it by hot_kept_free. The maker is gone. */
struct hot_set *hot_set_maker_finish(struct hot_set_maker *m);

/* Gives up. NULL is fine. */
void hot_set_maker_free(struct hot_set_maker *m);

#endif
