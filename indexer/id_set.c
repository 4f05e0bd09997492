#include "id_set.h"

#include <stdlib.h>

#include "../core/error.h"

void id_set_release(struct id_set *set) {
    free(set->ids);
    *set = ID_SET_EMPTY;
}

void id_set_clear(struct id_set *set) {
    set->count = set->sorted = 0;
}

lede_status id_set_add(struct id_set *set, uint64_t id, lede_error *err) {
    if (set->count == set->cap) {
        size_t cap = set->cap ? 2 * set->cap : 64;
        uint64_t *grown = reallocarray(set->ids, cap, sizeof *grown);
        if (!grown)
            return error_nomem(err);
        set->ids = grown;
        set->cap = cap;
    }
    set->ids[set->count++] = id;
    return LEDE_OK;
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

bool id_set_has(struct id_set *set, uint64_t id) {
    if (set->count == 0)
        return false;
    if (set->sorted < set->count) {
        qsort(set->ids, set->count, sizeof *set->ids, by_value);
        set->sorted = set->count;
    }
    return bsearch(&id, set->ids, set->count, sizeof *set->ids, by_value) != NULL;
}
