/* tokens.h - passages as one stream of term numbers, in order:
 *
 *     tokens   [12 7 - 3 | 12 7 - 90 3 4 | 15 ...      title 12 7, gap, body 3; title 12 7, gap, body ...
 *     starts    ^          ^               ^           where each passage begins: a token's place in its passage
 *                                                      is its position
 */
#ifndef LEDE_INDEXER_TOKENS_H
#define LEDE_INDEXER_TOKENS_H

#include "vocabulary.h"

/* Tokens of a chunk, which is what memory is asked for at once. */
#define TOKENS_CHUNK (256 * 1024)

struct tokens {
    uint32_t **chunks; /* all but the last one are full */
    size_t chunk_count, chunk_room;
    uint32_t *next, *end; /* of the last chunk: the next token, and its end */
    struct buffer starts; /* u32 each */
    uint32_t longest;     /* tokens of the longest passage but for the last one */
    bool failed;          /* out of memory, or of numbers */
};

#define TOKENS_EMPTY ((struct tokens){.chunks = NULL})

void tokens_release(struct tokens *t);
/* Forgets the tokens; gives back the memory. */
void tokens_clear(struct tokens *t);
size_t tokens_memory(const struct tokens *t);

static inline uint32_t tokens_count(const struct tokens *t) {
    return (uint32_t)(t->chunk_count * TOKENS_CHUNK - (size_t)(t->end - t->next));
}

static inline uint32_t tokens_passages(const struct tokens *t) {
    return (uint32_t)(t->starts.len / sizeof(uint32_t));
}

/* Where each passage begins, and behind the last one where it ends, once tokens_finish is called. */
static inline const uint32_t *tokens_starts(const struct tokens *t) {
    return (const uint32_t *)(const void *)t->starts.data;
}

/* Begins a passage. */
void tokens_begin(struct tokens *t);

bool tokens_grow(struct tokens *t);

/* Appends a token, which may be TERM_NONE, to the passage. */
static inline void tokens_append(struct tokens *t, uint32_t term) {
    if (t->next < t->end || tokens_grow(t))
        *t->next++ = term;
}

#endif
