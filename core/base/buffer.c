#include "buffer.h"

#include <stdlib.h>

void buffer_release(struct buffer *b) {
    free(b->data);
    *b = BUFFER_EMPTY;
}

uint8_t *buffer_reserve(struct buffer *b, size_t n) {
    if (b->cap - b->len >= n)
        return b->data + b->len;
    uint8_t *data = NULL;
    size_t need, cap;
    if (b->failed || __builtin_add_overflow(b->len, n, &need))
        goto failed;
    cap = b->cap < 64 ? 64 : b->cap;
    while (cap < need)
        if (__builtin_add_overflow(cap, cap / 2, &cap))
            goto failed;
    data = realloc(b->data, cap);
    if (!data)
        goto failed;
    b->data = data;
    b->cap = cap;
    return data + b->len;
failed:
    b->failed = true;
    return NULL;
}

void buffer_append(struct buffer *b, const void *bytes, size_t n) {
    uint8_t *p = n ? buffer_reserve(b, n) : NULL;
    if (p) {
        memcpy(p, bytes, n);
        b->len += n;
    }
}

void buffer_append_zeros(struct buffer *b, size_t n) {
    uint8_t *p = n ? buffer_reserve(b, n) : NULL;
    if (p) {
        memset(p, 0, n);
        b->len += n;
    }
}

void buffer_append_string(struct buffer *b, const char *s, size_t n) {
    buffer_append_varint(b, n);
    buffer_append(b, s, n);
}
