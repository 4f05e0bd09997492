/* tokens.h - passages as one stream of term numbers, in order:
 *
 *     tokens   [12 7 - 3 | 12 7 - 90 3 4 | 15 ...      title 12 7, gap, body 3; title 12 7, gap, body ...
 *     starts    ^          ^               ^           where each passage begins: a token's place in its passage
 *                                                      is its position
 *
 * A token is one more than the number of its term, 0 if it has none, in one unit of 16 bits or, from TOKENS_WIDE on, in
 * two. Terms are numbered as they come, so the frequent ones are among the short.
 */
#ifndef LEDE_INDEXER_TOKENS_H
#define LEDE_INDEXER_TOKENS_H

#include "vocabulary.h"

/* Units of a chunk, which is what memory is asked for at once. */
#define TOKENS_CHUNK (256 * 1024)
#define TOKENS_WIDE  0xe000U
/* No token is as large. */
#define TOKENS_MAX ((0x10000U - TOKENS_WIDE) << 16)

struct tokens {
    uint16_t **chunks; /* no token begins at TOKENS_CHUNK of one, but one may end there */
    size_t chunk_count, chunk_room;
    size_t chunks_held;   /* that are there: those behind chunk_count are empty */
    uint16_t *next, *end; /* in the last chunk */
    uint32_t count;
    uint32_t longest;     /* tokens of the longest passage but for the last one */
    struct buffer starts; /* u32 each */
    bool failed;          /* out of memory, or of numbers */
};

#define TOKENS_EMPTY ((struct tokens){.chunks = NULL})

void tokens_release(struct tokens *t);
/* Forgets the tokens; keeps some of the memory, which is not fetched from the system again then. */
void tokens_clear(struct tokens *t);
size_t tokens_memory(const struct tokens *t);

static inline uint32_t tokens_passages(const struct tokens *t) {
    return (uint32_t)(t->starts.len / sizeof(uint32_t));
}

/* The first token of a passage, and the one behind its last. */
static inline uint32_t tokens_start(const struct tokens *t, uint32_t passage) {
    return load_u32(t->starts.data + passage * sizeof(uint32_t));
}

static inline uint32_t tokens_end(const struct tokens *t, uint32_t passage) {
    return passage + 1 < tokens_passages(t) ? tokens_start(t, passage + 1) : t->count;
}

/* The tokens of the longest passage. */
uint32_t tokens_longest(const struct tokens *t);

/* Begins a passage. */
void tokens_begin(struct tokens *t);

bool tokens_grow(struct tokens *t);

/* Appends a token, which may be of TERM_NONE, to the passage. */
static inline void tokens_append(struct tokens *t, uint32_t term) {
    uint32_t token = term + 1;
    if (t->next >= t->end && !tokens_grow(t))
        return;
    if (token >= TOKENS_WIDE) {
        t->failed |= token >= TOKENS_MAX;
        *t->next++ = (uint16_t)(TOKENS_WIDE + (token >> 16));
    }
    *t->next++ = (uint16_t)token;
    t->count++;
}

/* Reads the stream from its start. */
struct token_reader {
    const struct tokens *tokens;
    size_t chunk; /* the next one */
    const uint16_t *next, *end;
};

static inline void token_reader_init(struct token_reader *r, const struct tokens *t) {
    *r = (struct token_reader){.tokens = t};
}

/* There has to be one. */
static inline uint32_t token_read(struct token_reader *r) {
    if (r->next >= r->end) {
        r->next = r->tokens->chunks[r->chunk++];
        r->end = r->next + TOKENS_CHUNK;
    }
    uint32_t unit = *r->next++;
    return unit < TOKENS_WIDE ? unit : (unit - TOKENS_WIDE) << 16 | *r->next++;
}

#endif
