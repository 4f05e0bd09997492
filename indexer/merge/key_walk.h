/* key_walk.h - the dictionaries of several segments, walked together:
 *
 *     status = key_walk_open(&walk, inputs, count, DICTIONARY_TERMS, err);
 *     while (status == LEDE_OK && !walk.end) {
 *         for (size_t i = 0; i < count; i++)
 *             if ((info = key_walk_info(&walk, i)))
 *                 ... input i has walk.key ...
 *         status = key_walk_next(&walk, err);
 *     }
 *     key_walk_close(&walk);
 */
#ifndef LEDE_INDEXER_KEY_WALK_H
#define LEDE_INDEXER_KEY_WALK_H

#include "merge.h"

struct key_lane {
    struct dictionary_cursor *cursor;
    const char *key; /* it stands on; NULL at the end */
    size_t key_len;
    bool here; /* which is the walk's */
};

struct key_walk {
    struct key_lane *lanes; /* one an input */
    size_t count;
    bool end;
    size_t key_len;
    char key[256]; /* the smallest that is left in any */
};

/* Stands on the first key of all. Close it whatever comes back. */
LEDE_NODISCARD lede_status key_walk_open(struct key_walk *w, const struct merge_input *inputs, size_t count,
                                         enum dictionary_kind kind, lede_error *err);
LEDE_NODISCARD lede_status key_walk_next(struct key_walk *w, lede_error *err);
void key_walk_close(struct key_walk *w);

/* What input i knows of the key; NULL if it does not have it. */
const struct term_info *key_walk_info(const struct key_walk *w, size_t i);
/* How many passages have the key in all inputs together. */
uint64_t key_walk_doc_freq(const struct key_walk *w);

#endif
