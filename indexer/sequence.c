#include "sequence.h"

#include <stdlib.h>

#include "../core/error.h"

static void free_tags(struct key_tags *tags) {
    if (!tags)
        return;
    spool_release(&tags->spool);
    scratch_release(&tags->scratch);
    free(tags);
}

lede_status sequence_make_tags(struct sequence *s, const char *path, lede_error *err) {
    free_tags(s->tags);
    s->tags = malloc(sizeof *s->tags);
    if (!s->tags)
        return error_nomem(err);
    scratch_init(&s->tags->scratch, path);
    spool_init(&s->tags->spool, &s->tags->scratch, SPOOL_ROOM);
    return LEDE_OK;
}

void sequence_release(struct sequence *s) {
    free(s->runs);
    free_tags(s->tags);
    *s = SEQUENCE_EMPTY;
}

lede_status sequence_append(struct sequence *s, uint32_t first, uint64_t batch, lede_error *err) {
    if (s->count > 0 && s->runs[s->count - 1].batch == batch)
        return LEDE_OK;
    if (s->count > 0 && s->runs[s->count - 1].first == first)
        s->count--; /* no articles came from that batch */
    if (s->count == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 16;
        struct sequence_run *grown = reallocarray(s->runs, cap, sizeof *grown);
        if (!grown)
            return error_nomem(err);
        s->runs = grown;
        s->cap = cap;
    }
    s->runs[s->count++] = (struct sequence_run){.first = first, .batch = batch};
    return LEDE_OK;
}

lede_status sequence_concatenate(struct sequence *s, const struct sequence *tail, uint32_t first, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; !status && i < tail->count; i++)
        status = sequence_append(s, first + tail->runs[i].first, tail->runs[i].batch, err);
    return status;
}

uint64_t sequence_batch(const struct sequence *s, uint32_t article) {
    size_t low = 0, high = s->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->runs[middle].first <= article)
            low = middle;
        else
            high = middle;
    }
    return s->count ? s->runs[low].batch : 0;
}
