/* hot_kept.h - what all that is kept in memory of a hot term begins with. */
#ifndef LEDE_CORE_HOT_KEPT_H
#define LEDE_CORE_HOT_KEPT_H

#include <stddef.h>

struct hot_word;

struct hot_kept {
    size_t size;           /* bytes in all */
    struct hot_word *word; /* of hot_terms.c, if it is kept there */
    void *memory;          /* private: all of it, or NULL if it is a piece of slabs.h */
};

/* Bytes that a part takes: parts begin at lines of the cache, and have one more behind them. */
size_t hot_kept_part(size_t bytes);

/* Bytes in all that something takes of such parts, the first of which begins with a struct hot_kept. */
size_t hot_kept_size(size_t parts);

/* Allocates so many, which are 0. NULL if there is no memory. */
struct hot_kept *hot_kept_new(size_t parts);
/* Gives back what is behind so many, and `size` becomes less; nothing where it is a small one of malloc. */
void hot_kept_shrink(struct hot_kept *k, size_t parts);
/* NULL is fine. */
void hot_kept_free(struct hot_kept *k);

#endif
