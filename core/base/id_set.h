/* id_set.h - a set of numbers: bits, in pages of those that are near each other, in order. So it takes little more than
 * a bit for each number that there may be, at most, and less where few are in it. */
#ifndef LEDE_CORE_ID_SET_H
#define LEDE_CORE_ID_SET_H

#include <lede.h>

/* 512 numbers: few enough that one which is alone does not take much. */
enum { ID_PAGE_SHIFT = 9, ID_PAGE_WORDS = 1 << (ID_PAGE_SHIFT - 6) };

struct id_page {
    uint64_t number; /* they rise */
    uint64_t before; /* how many numbers of the set are in pages before, when ranks were asked for */
    uint64_t words[ID_PAGE_WORDS];
};

struct id_set {
    struct id_page *pages;
    size_t page_count, cap;
    uint64_t count; /* of the numbers that are in it */
};

#define ID_SET_EMPTY ((struct id_set){NULL, 0, 0, 0})

void id_set_release(struct id_set *set);
size_t id_set_memory(const struct id_set *set);
LEDE_NODISCARD lede_status id_set_add(struct id_set *set, uint64_t id, lede_error *err);
void id_set_remove(struct id_set *set, uint64_t id);
LEDE_NODISCARD lede_status id_set_add_all(struct id_set *set, const struct id_set *other, lede_error *err);
bool id_set_has(const struct id_set *set, uint64_t id);
/* Moves *id to the first number of the set that is not below it; false if there is none. */
bool id_set_next(const struct id_set *set, uint64_t *id);

/* Makes ranks be those of the set as it is. */
void id_set_number(struct id_set *set);
/* How many numbers of the set are below id, which it has. */
uint64_t id_set_rank(const struct id_set *set, uint64_t id);

#endif
