/* buffer.h - a growable run of bytes. Appenders carry a sticky error: append as often as you like,
 * look at `failed` once at the end. */
#ifndef LEDE_CORE_BUFFER_H
#define LEDE_CORE_BUFFER_H

#include "bytes.h"

struct buffer {
    uint8_t *data;
    size_t len, cap;
    bool failed; /* out of memory at some time: the content is not whole */
};

#define BUFFER_EMPTY ((struct buffer){NULL, 0, 0, false})

void buffer_release(struct buffer *b);

/* Forgets the content and the error, keeps the memory. */
static inline void buffer_clear(struct buffer *b) {
    b->len = 0;
    b->failed = false;
}

/* Room for n more bytes at data + len; NULL, and failed set, if there is none. */
uint8_t *buffer_reserve(struct buffer *b, size_t n);

void buffer_append(struct buffer *b, const void *bytes, size_t n);
void buffer_append_zeros(struct buffer *b, size_t n);

static inline void buffer_append_u8(struct buffer *b, uint8_t v) {
    if (b->len < b->cap)
        b->data[b->len++] = v;
    else
        buffer_append(b, &v, 1);
}

static inline void buffer_append_varint(struct buffer *b, uint64_t v) {
    uint8_t *p = buffer_reserve(b, VARINT_MAX);
    if (p)
        b->len += varint_put(p, v);
}

static inline void buffer_append_u32(struct buffer *b, uint32_t v) {
    uint8_t *p = buffer_reserve(b, sizeof v);
    if (p) {
        store_u32(p, v);
        b->len += sizeof v;
    }
}

static inline void buffer_append_u64(struct buffer *b, uint64_t v) {
    uint8_t *p = buffer_reserve(b, sizeof v);
    if (p) {
        store_u64(p, v);
        b->len += sizeof v;
    }
}

/* Length as a varint, then the bytes. */
void buffer_append_string(struct buffer *b, const char *s, size_t n);

#endif
