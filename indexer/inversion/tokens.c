#include "tokens.h"

#include <stdlib.h>

static void keep_chunks(struct tokens *t, size_t most) {
    while (t->chunks_held > most)
        free(t->chunks[--t->chunks_held]);
}

void tokens_release(struct tokens *t) {
    keep_chunks(t, 0);
    free(t->chunks);
    buffer_release(&t->starts);
    *t = TOKENS_EMPTY;
}

void tokens_clear(struct tokens *t) {
    keep_chunks(t, t->chunk_count / 4 * 3);
    t->chunk_count = 0;
    t->next = t->end = NULL;
    t->count = t->longest = 0;
    t->failed = false;
    buffer_clear(&t->starts);
}

size_t tokens_memory(const struct tokens *t) {
    return t->chunks_held * TOKENS_CHUNK * sizeof **t->chunks + t->starts.cap;
}

uint32_t tokens_longest(const struct tokens *t) {
    uint32_t passages = tokens_passages(t), last = passages ? t->count - tokens_start(t, passages - 1) : 0;
    return last > t->longest ? last : t->longest;
}

void tokens_begin(struct tokens *t) {
    t->longest = tokens_longest(t);
    buffer_append_u32(&t->starts, t->count);
    t->failed |= t->starts.failed;
}

static bool add_chunk(struct tokens *t) {
    if (t->chunks_held == t->chunk_room) {
        size_t room = t->chunk_room ? t->chunk_room * 2 : 64;
        uint16_t **chunks = realloc(t->chunks, room * sizeof *chunks);
        if (!chunks)
            return false;
        t->chunks = chunks;
        t->chunk_room = room;
    }
    uint16_t *chunk = malloc((TOKENS_CHUNK + 1) * sizeof *chunk);
    if (!chunk)
        return false;
    t->chunks[t->chunks_held++] = chunk;
    return true;
}

bool tokens_grow(struct tokens *t) {
    if (t->chunk_count >= UINT32_MAX / TOKENS_CHUNK || (t->chunk_count == t->chunks_held && !add_chunk(t))) {
        t->failed = true;
        return false;
    }
    t->next = t->chunks[t->chunk_count++];
    t->end = t->next + TOKENS_CHUNK;
    return true;
}
