/* id_set.h - a set of numbers: filled first, then asked. */
#ifndef LEDE_INDEXER_ID_SET_H
#define LEDE_INDEXER_ID_SET_H

#include <lede.h>

struct id_set {
    uint64_t *ids;
    size_t count, cap, sorted; /* ids[0 .. sorted) are in order */
};

#define ID_SET_EMPTY ((struct id_set){NULL, 0, 0, 0})

void id_set_release(struct id_set *set);
/* Keeps the memory. */
void id_set_clear(struct id_set *set);
LEDE_NODISCARD lede_status id_set_add(struct id_set *set, uint64_t id, lede_error *err);
bool id_set_has(struct id_set *set, uint64_t id);

#endif
