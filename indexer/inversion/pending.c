#include "pending.h"

#include <stdlib.h>

#include "core/base/error.h"

void pending_list_release(struct pending_list *l) {
    for (size_t i = 0; i < l->count; i++)
        sequence_release(&l->items[i].sequence);
    free(l->items);
    *l = (struct pending_list){NULL, 0};
}

/* Grown at powers of two, so that no capacity has to be kept. */
static bool grow(struct pending_list *l) {
    if ((l->count & (l->count - 1)) != 0)
        return true;
    struct pending *grown = reallocarray(l->items, l->count ? 2 * l->count : 1, sizeof *grown);
    if (grown)
        l->items = grown;
    return grown != NULL;
}

lede_status pending_list_add(struct pending_list *l, uint64_t id, const struct segment_info *info,
                             struct sequence *sequence, lede_error *err) {
    if (!grow(l)) {
        sequence_release(sequence);
        return error_nomem(err);
    }
    l->items[l->count++] = (struct pending){id, *info, *sequence};
    *sequence = SEQUENCE_EMPTY;
    return LEDE_OK;
}

lede_status pending_list_join(struct pending_list *l, struct pending_list *tail, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; !status && i < tail->count; i++)
        status = pending_list_add(l, tail->items[i].id, &tail->items[i].info, &tail->items[i].sequence, err);
    if (!status)
        pending_list_release(tail);
    return status;
}
