#include "text_sample.h"

#include <stdlib.h>
#include <string.h>

static bool append(struct text_sample *s, const uint8_t *piece, size_t len) {
    if (s->count == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 256;
        size_t *sizes = realloc(s->sizes, cap * sizeof *sizes);
        if (!sizes)
            return false;
        s->sizes = sizes;
        s->cap = cap;
    }
    buffer_append(&s->bytes, piece, len);
    s->sizes[s->count++] = len;
    return !s->bytes.failed;
}

/* Drops every second piece. */
static void thin(struct text_sample *s) {
    size_t kept = 0, from = 0, to = 0;
    for (size_t i = 0; i < s->count; from += s->sizes[i++])
        if (i % 2 == 0) {
            memmove(s->bytes.data + to, s->bytes.data + from, s->sizes[i]);
            to += s->sizes[i];
            s->sizes[kept++] = s->sizes[i];
        }
    s->count = kept;
    s->bytes.len = to;
}

bool text_sample_take(struct text_sample *s, const uint8_t *piece, size_t len) {
    if (s->seen++ % (s->step ? s->step : 1))
        return true;
    if (s->bytes.len + len > TEXT_SAMPLE_ROOM && s->count > 1) {
        thin(s);
        s->step = s->step ? 2 * s->step : 2;
        if ((s->seen - 1) % s->step)
            return true;
    }
    return append(s, piece, len);
}

void text_sample_clear(struct text_sample *s) {
    buffer_clear(&s->bytes);
    s->count = 0;
    s->seen = s->step = 0;
}

size_t text_sample_memory(const struct text_sample *s) {
    return s->bytes.cap + s->cap * sizeof *s->sizes;
}

void text_sample_release(struct text_sample *s) {
    buffer_release(&s->bytes);
    free(s->sizes);
    *s = (struct text_sample){0};
}
