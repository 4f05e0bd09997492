/* hot_set.h - which passages have a frequent term that is searched for again and again, kept in memory: a bit each.
 * What asks for passages that have several words needs nothing else of most of them, and of words in one of
 * HOT_SET_PART passages or more a bit for each passage is read in less time than the words' postings are. Of the memory
 * that hot_term.h takes it takes a fifth if the term is in many passages, and three quarters if in one of HOT_SET_PART;
 * and it is made in less time. */
#ifndef LEDE_CORE_HOT_SET_H
#define LEDE_CORE_HOT_SET_H

#include "hot_kept.h"
#include "segment.h"

enum { HOT_SET_PART = 128 };

/* Made of the term's postings, and immutable from then on. */
struct hot_set {
    struct hot_kept kept;
    uint64_t *bits; /* passage p is bit p % 64 of bits[p / 64]; whole ranges of passages, and 64 bytes more */
};

static inline bool hot_set_has(const struct hot_set *s, uint32_t doc) {
    return s->bits[doc / 64] >> doc % 64 & 1;
}

/* Bytes that one takes in a segment of so many passages. */
size_t hot_set_size(uint32_t passages);

/* Makes one in steps, as hot_maker_new does; NULL if there is no memory, or the term is rare. The segment is borrowed.
 */
struct hot_set_maker;
struct hot_set_maker *hot_set_maker_new(const struct segment *segment, const struct term_info *info);

/* Reads about so many postings; true once there is nothing left to do. */
bool hot_set_maker_go(struct hot_set_maker *m, uint32_t postings);

/* The set, if all postings could be read, or NULL; free it by hot_kept_free. The maker is gone. */
struct hot_set *hot_set_maker_finish(struct hot_set_maker *m);

/* Gives up. NULL is fine. */
void hot_set_maker_free(struct hot_set_maker *m);

#endif
