#include "arena.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*  chunks -> [next | bytes ...... ] -> [next | bytes ....] -> NULL
 *                   ^next     ^end                                  newest first  */
struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* behind the header */
};

enum {
    ALIGNMENT = 16,
    HEADER = (sizeof(struct arena_chunk) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT,
    /* Large enough that the chunk headers and tails don't count, small enough that an arena for one
     * query stays cheap. */
    CHUNK = 64 * 1024,
    /* Chunks are so large, or twice or four times; larger pieces have sizes of their own, which few others need. */
    SIZES = 3,
    LARGE = CHUNK << (SIZES - 1),
    /* Of each size as many as a search for a thousand has, and some. */
    SPARES = 12,
};

/* Chunks that were given back, for the next arena. A search's memory is more than malloc keeps when it is freed, and
 * to fetch it from the system again, page by page, took a fifth of the time of a short search. The address sanitizer is
 * to see what is used after it was given back. */
#ifdef __SANITIZE_ADDRESS__
#define KEEP_SPARES false
#else
#define KEEP_SPARES true
#endif
static _Atomic(struct arena_chunk *) spares[SIZES][SPARES];

/* Those of a size that is at most LARGE. */
static _Atomic(struct arena_chunk *) *spares_of(size_t size) {
    return spares[size > 2 * (size_t)CHUNK ? 2 : size > CHUNK];
}

static bool keep_spare(struct arena_chunk *c) {
    /* Once it is kept it may be another thread's: nothing of it is read any more. */
    if (!KEEP_SPARES || c->size > LARGE)
        return false;
    _Atomic(struct arena_chunk *) *of_size = spares_of(c->size);
    for (size_t i = 0; i < SPARES; i++) {
        struct arena_chunk *none = NULL;
        if (atomic_compare_exchange_strong(&of_size[i], &none, c))
            return true;
    }
    return false;
}

static struct arena_chunk *take_spare(size_t size) {
    _Atomic(struct arena_chunk *) *of_size = spares_of(size);
    for (size_t i = 0; KEEP_SPARES && i < SPARES; i++) {
        struct arena_chunk *c = atomic_load_explicit(&of_size[i], memory_order_relaxed);
        c = c ? atomic_exchange(&of_size[i], NULL) : NULL;
        if (c)
            return c;
    }
    return NULL;
}

void arena_release(struct arena *a) {
    for (struct arena_chunk *c = a->chunks; c;) {
        struct arena_chunk *next = c->next;
        if (!keep_spare(c))
            free(c);
        c = next;
    }
    *a = ARENA_EMPTY;
}

static void *arena_chunk_add(struct arena *a, size_t n) {
    size_t size = CHUNK;
    while (size < n && size < LARGE)
        size *= 2;
    size = size < n ? n : size;
    if (size > SIZE_MAX - HEADER)
        return NULL;
    struct arena_chunk *c = size <= LARGE ? take_spare(size) : NULL;
    if (!c)
        c = malloc(HEADER + size);
    if (!c)
        return NULL;
    c->size = size;
    a->used += HEADER + size;
    c->next = a->chunks;
    a->chunks = c;
    uint8_t *p = (uint8_t *)c + HEADER;
    /* A chunk made for one large piece must not end the use of the current one. */
    if ((size_t)(a->end - a->next) < size - n || a->next == NULL) {
        a->next = p + n;
        a->end = p + size;
    }
    return p;
}

void *arena_alloc(struct arena *a, size_t n) {
    size_t pad = (size_t)(-(uintptr_t)a->next) & (ALIGNMENT - 1);
    size_t left = (size_t)(a->end - a->next);
    if (left >= pad && left - pad >= n && a->next) {
        uint8_t *p = a->next + pad;
        a->next = p + n;
        return p;
    }
    return arena_chunk_add(a, n);
}

void *arena_zalloc(struct arena *a, size_t count, size_t size) {
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        return NULL;
    void *p = arena_alloc(a, n);
    return p ? memset(p, 0, n) : NULL;
}

char *arena_bytes(struct arena *a, size_t n) {
    if (a->next && (size_t)(a->end - a->next) >= n) {
        char *p = (char *)a->next;
        a->next += n;
        return p;
    }
    return arena_chunk_add(a, n);
}

char *arena_strndup(struct arena *a, const char *s, size_t n) {
    if (n == SIZE_MAX)
        return NULL;
    char *p = arena_bytes(a, n + 1);
    if (p) {
        if (n)
            memcpy(p, s, n);
        p[n] = 0;
    }
    return p;
}
