/* vocabulary.h - the words and terms met by one inverter: a hash table from each surface form to its term, so that
 * the analyzer's folding and stemming run once for each distinct form.
 *
 *     word in text --surfaces--> term number --terms--> term
 *
 * By far the most words have 8 bytes or less. They are their own key, and all that is known of them stands beside it in
 * the slot, so that a lookup touches one cache line.
 */
#ifndef LEDE_INDEXER_VOCABULARY_H
#define LEDE_INDEXER_VOCABULARY_H

#include "core/base/buffer.h"
#include "core/text/analyzer.h"

/* Stands for a word that has no term, and for the gap between fields. */
#define TERM_NONE UINT32_MAX

/* The longest word that fits a slot. */
#define SHORT_WORD_MAX 8

struct short_word {
    uint64_t key;   /* its bytes, and zeros, which no word holds; 0: the slot is free */
    uint32_t term;  /* number */
    uint32_t count; /* occurrences since the last vocabulary_reset_counts */
};

/* `head` and `tail` are the first and last 8 bytes, which overlap in words of less than 16: up to 16 bytes they tell
 * words of the same length apart without a look at the bytes themselves. */
struct long_word {
    uint64_t head, tail;
    uint32_t term, count;
    uint32_t bytes; /* offset in pool */
    uint32_t len;
};

struct term_entry {
    uint32_t bytes; /* offset in pool */
    uint32_t len;
};

struct vocabulary {
    struct short_word *shorts; /* a slot each */
    struct long_word *longs;
    struct term_entry *terms;
    uint64_t *long_slots, *term_slots; /* hash in the upper half, number + 1 in the lower; 0 = free */
    uint32_t short_count, short_mask;
    uint32_t long_count, long_room, long_mask;
    uint32_t term_count, term_room, term_mask;
    uint32_t step; /* how often a word that is looked up occurs; 1 at first */
    struct buffer pool;
};

/* A word on its way through the table. */
struct lookup {
    uint64_t hash;
    uint64_t key; /* of a short word; the tail of a long one */
    const char *bytes;
    uint32_t len;
};

LEDE_NODISCARD bool vocabulary_init(struct vocabulary *v);
void vocabulary_release(struct vocabulary *v);
size_t vocabulary_memory(const struct vocabulary *v);
/* Forgets all words and terms, keeps the memory. */
void vocabulary_clear(struct vocabulary *v);
void vocabulary_reset_counts(struct vocabulary *v);

/* Words met, in no order: for i from 0 to vocabulary_words - 1, false where there is none at i. The bytes are borrowed
 * until the next lookup. */
uint32_t vocabulary_words(const struct vocabulary *v);
bool vocabulary_word(const struct vocabulary *v, uint32_t i, const char **bytes, size_t *len, uint32_t *count);

/* A hash of 16 bytes: one multiplication to 128 bits mixes both halves (as in wyhash). */
static inline uint64_t vocabulary_mix(uint64_t head, uint64_t tail) {
    __uint128_t product = (__uint128_t)(head ^ UINT64_C(0xa0761d6478bd642f)) * (tail ^ UINT64_C(0xe7037ed1a0b428db));
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The hash of a word of more than 16 bytes. */
uint64_t vocabulary_hash_longer(const char *bytes, size_t len);
static inline uint64_t vocabulary_hash_long(const char *bytes, size_t len) {
    const uint8_t *p = (const uint8_t *)bytes;
    return len <= 16 ? vocabulary_mix(load_u64(p), load_u64(p + len - 8) + len) : vocabulary_hash_longer(bytes, len);
}

/* Prepares the lookup of a word of 1 byte or more, of which `room` bytes, the word's included, may be read; and asks
 * for the cache line that it is likely to be in. */
static inline void lookup_init(struct lookup *l, const struct vocabulary *v, const char *bytes, uint32_t len,
                               size_t room) {
    l->bytes = bytes;
    l->len = len;
    l->key = 0;
    if (len > SHORT_WORD_MAX) {
        l->key = load_u64((const uint8_t *)bytes + len - 8);
        l->hash = vocabulary_hash_long(bytes, len);
        __builtin_prefetch(&v->long_slots[l->hash & v->long_mask]);
        return;
    }
    if (room >= sizeof l->key)
        l->key = load_u64((const uint8_t *)bytes) & (~UINT64_C(0) >> (64 - 8 * len));
    else
        memcpy(&l->key, bytes, len);
    l->hash = vocabulary_mix(l->key, 0);
    __builtin_prefetch(&v->shorts[l->hash & v->short_mask]);
}

/* Asks for the next cache line of a long word, when the first may have come. */
static inline void lookup_prefetch(const struct lookup *l, const struct vocabulary *v) {
    if (l->len <= SHORT_WORD_MAX)
        return;
    uint32_t number = (uint32_t)v->long_slots[l->hash & v->long_mask];
    __builtin_prefetch(&v->longs[number ? number - 1 : 0]);
}

/* As vocabulary_find, for a word that is not where it is likely to be. */
LEDE_NODISCARD bool vocabulary_find_far(struct vocabulary *v, struct analyzer *a, const struct lookup *l,
                                        uint32_t *term);

/* The number of the word's term, TERM_NONE if it has none. Counts the word. False if memory ran out. */
LEDE_NODISCARD static inline bool vocabulary_find(struct vocabulary *v, struct analyzer *a, const struct lookup *l,
                                                  uint32_t *term) {
    struct short_word *s = &v->shorts[l->hash & v->short_mask];
    if (l->len > SHORT_WORD_MAX || s->key != l->key)
        return vocabulary_find_far(v, a, l, term);
    s->count += v->step;
    *term = s->term;
    return true;
}

static inline const char *vocabulary_term(const struct vocabulary *v, uint32_t term, size_t *len) {
    *len = v->terms[term].len;
    return (const char *)v->pool.data + v->terms[term].bytes;
}

#endif
