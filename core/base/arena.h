/* arena.h - memory that is given back all at once. */
#ifndef LEDE_CORE_ARENA_H
#define LEDE_CORE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks;
    uint8_t *next, *end;
    size_t used; /* bytes taken from the system */
};

#define ARENA_EMPTY ((struct arena){NULL, NULL, NULL, 0})

void arena_release(struct arena *a);

/* n bytes, aligned to 16, not cleared; NULL if out of memory. Valid until arena_release. */
void *arena_alloc(struct arena *a, size_t n);
/* count * size zero bytes; NULL also if that overflows. */
void *arena_zalloc(struct arena *a, size_t count, size_t size);
/* n bytes without alignment, for strings. */
char *arena_bytes(struct arena *a, size_t n);
/* A copy of n bytes of s with a NUL behind it. */
char *arena_strndup(struct arena *a, const char *s, size_t n);

#endif
