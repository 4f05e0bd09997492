#include "key_walk.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"

static int compare(const struct key_lane *a, const struct key_lane *b) {
    size_t n = a->key_len < b->key_len ? a->key_len : b->key_len;
    int order = memcmp(a->key, b->key, n);
    return order ? order : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

/* Stands on the smallest of the lanes' keys. */
static void settle(struct key_walk *w) {
    const struct key_lane *best = NULL;
    for (size_t i = 0; i < w->count; i++)
        if (w->lanes[i].key && (!best || compare(&w->lanes[i], best) < 0))
            best = &w->lanes[i];
    w->end = !best;
    if (!best)
        return;
    for (size_t i = 0; i < w->count; i++)
        w->lanes[i].here = w->lanes[i].key && compare(&w->lanes[i], best) == 0;
    w->key_len = best->key_len;
    memcpy(w->key, best->key, best->key_len);
}

lede_status key_walk_open(struct key_walk *w, const struct merge_input *inputs, size_t count, enum dictionary_kind kind,
                          lede_error *err) {
    w->end = true;
    w->count = count;
    w->lanes = calloc(count, sizeof *w->lanes);
    lede_status status = w->lanes ? LEDE_OK : error_nomem(err);
    for (size_t i = 0; status == LEDE_OK && i < count; i++) {
        struct key_lane *lane = &w->lanes[i];
        status = dictionary_open(&lane->cursor, inputs[i].segment, kind, "", 0, err);
        lane->key = status == LEDE_OK ? dictionary_key(lane->cursor, &lane->key_len) : NULL;
    }
    if (status == LEDE_OK)
        settle(w);
    return status;
}

lede_status key_walk_next(struct key_walk *w, lede_error *err) {
    for (size_t i = 0; i < w->count; i++) {
        struct key_lane *lane = &w->lanes[i];
        if (!lane->here)
            continue;
        lede_status status = dictionary_next(lane->cursor, err);
        if (status != LEDE_OK)
            return status;
        lane->here = false;
        lane->key = dictionary_key(lane->cursor, &lane->key_len);
    }
    settle(w);
    return LEDE_OK;
}

void key_walk_close(struct key_walk *w) {
    for (size_t i = 0; w->lanes && i < w->count; i++)
        dictionary_close(w->lanes[i].cursor);
    free(w->lanes);
    w->lanes = NULL;
}

const struct term_info *key_walk_info(const struct key_walk *w, size_t i) {
    return w->lanes[i].here ? dictionary_info(w->lanes[i].cursor) : NULL;
}

uint64_t key_walk_doc_freq(const struct key_walk *w) {
    uint64_t sum = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct term_info *info = key_walk_info(w, i);
        sum += info ? info->doc_freq : 0;
    }
    return sum;
}
