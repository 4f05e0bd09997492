/* vocabulary.h - the words and terms met by one inverter: a hash table from each surface form to its term, so that
 * the analyzer's folding and stemming run once for each distinct form.
 *
 *     word in text --surfaces--> term number --terms--> term
 */
#ifndef LEDE_INDEXER_VOCABULARY_H
#define LEDE_INDEXER_VOCABULARY_H

#include "../core/analyzer.h"
#include "../core/buffer.h"

/* Stands for a word that has no term, and for the gap between fields. */
#define TERM_NONE UINT32_MAX

/* A surface form. `head` and `tail` are its first and last 8 bytes, which overlap in words of less than 16: up to 16
 * bytes they tell words of the same length apart without a look at the bytes themselves. */
struct surface {
    uint64_t head, tail;
    uint32_t term;
    uint32_t count; /* occurrences since the last vocabulary_reset_counts */
    uint32_t bytes; /* offset in pool */
    uint32_t len;
};

struct term_entry {
    uint32_t bytes; /* offset in pool */
    uint32_t len;
};

struct vocabulary {
    struct surface *surfaces;
    struct term_entry *terms;
    uint64_t *surface_slots, *term_slots; /* hash in the upper half, number + 1 in the lower; 0 = free */
    uint32_t surface_count, surface_room, surface_mask;
    uint32_t term_count, term_room, term_mask;
    struct buffer pool;
};

/* A word on its way through the table. */
struct lookup {
    uint64_t hash, head, tail;
    const char *bytes;
    uint32_t len;
};

LEDE_NODISCARD bool vocabulary_init(struct vocabulary *v);
void vocabulary_release(struct vocabulary *v);
size_t vocabulary_memory(const struct vocabulary *v);
/* Forgets all words and terms, keeps the memory. */
void vocabulary_clear(struct vocabulary *v);
void vocabulary_reset_counts(struct vocabulary *v);

/* Prepares the lookup of a word of 1 byte or more. */
void lookup_init(struct lookup *l, const char *bytes, uint32_t len);

/* Asks for the cache lines that vocabulary_find will read: first the slot, later, when that has come, the form. */
static inline void vocabulary_prefetch_slot(const struct vocabulary *v, const struct lookup *l) {
    __builtin_prefetch(&v->surface_slots[l->hash & v->surface_mask]);
}

static inline void vocabulary_prefetch_surface(const struct vocabulary *v, const struct lookup *l) {
    uint32_t number = (uint32_t)v->surface_slots[l->hash & v->surface_mask];
    __builtin_prefetch(&v->surfaces[number ? number - 1 : 0]);
}

/* The number of the word's term, TERM_NONE if it has none. Counts the word. False if memory ran out. */
LEDE_NODISCARD bool vocabulary_find(struct vocabulary *v, struct analyzer *a, const struct lookup *l, uint32_t *term);

static inline const char *vocabulary_term(const struct vocabulary *v, uint32_t term, size_t *len) {
    *len = v->terms[term].len;
    return (const char *)v->pool.data + v->terms[term].bytes;
}

static inline const char *vocabulary_surface(const struct vocabulary *v, uint32_t number, size_t *len) {
    *len = v->surfaces[number].len;
    return (const char *)v->pool.data + v->surfaces[number].bytes;
}

#endif
