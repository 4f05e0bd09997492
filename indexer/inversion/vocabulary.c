#include "vocabulary.h"

#include <stdlib.h>

#include "core/base/file.h"

enum { SLOTS_MIN = 1 << 14 };

bool vocabulary_init(struct vocabulary *v) {
    memset(v, 0, sizeof *v);
    v->step = 1;
    v->short_mask = v->long_mask = v->term_mask = SLOTS_MIN - 1;
    v->shorts = calloc(SLOTS_MIN, sizeof *v->shorts);
    v->long_slots = calloc(SLOTS_MIN, sizeof *v->long_slots);
    v->term_slots = calloc(SLOTS_MIN, sizeof *v->term_slots);
    if (v->shorts && v->long_slots && v->term_slots)
        return true;
    vocabulary_release(v);
    return false;
}

void vocabulary_release(struct vocabulary *v) {
    free(v->shorts);
    free(v->longs);
    free(v->terms);
    free(v->long_slots);
    free(v->term_slots);
    buffer_release(&v->pool);
    memset(v, 0, sizeof *v);
    v->step = 1;
}

static size_t slots(uint32_t mask) {
    return (size_t)mask + 1;
}

size_t vocabulary_memory(const struct vocabulary *v) {
    return slots(v->short_mask) * sizeof *v->shorts + v->long_room * sizeof *v->longs +
           slots(v->long_mask) * sizeof *v->long_slots + v->term_room * sizeof *v->terms +
           slots(v->term_mask) * sizeof *v->term_slots + v->pool.cap;
}

void vocabulary_clear(struct vocabulary *v) {
    memset(v->shorts, 0, slots(v->short_mask) * sizeof *v->shorts);
    memset(v->long_slots, 0, slots(v->long_mask) * sizeof *v->long_slots);
    memset(v->term_slots, 0, slots(v->term_mask) * sizeof *v->term_slots);
    v->short_count = v->long_count = v->term_count = 0;
    buffer_clear(&v->pool);
}

void vocabulary_reset_counts(struct vocabulary *v) {
    for (size_t i = 0; i < slots(v->short_mask); i++)
        v->shorts[i].count = 0;
    for (uint32_t i = 0; i < v->long_count; i++)
        v->longs[i].count = 0;
}

uint32_t vocabulary_words(const struct vocabulary *v) {
    return v->short_mask + 1 + v->long_count;
}

static size_t short_length(uint64_t key) {
    return SHORT_WORD_MAX - (size_t)__builtin_clzll(key) / 8;
}

bool vocabulary_word(const struct vocabulary *v, uint32_t i, const char **bytes, size_t *len, uint32_t *count) {
    if (i > v->short_mask) {
        const struct long_word *w = &v->longs[i - v->short_mask - 1];
        *bytes = (const char *)v->pool.data + w->bytes;
        *len = w->len;
        *count = w->count;
        return true;
    }
    const struct short_word *w = &v->shorts[i];
    if (w->key == 0)
        return false;
    *bytes = (const char *)&w->key;
    *len = short_length(w->key);
    *count = w->count;
    return true;
}

/* -------------------------------------------------------------------------------------- terms -- */

/* Puts a number into the first free slot from its hash on; the mask leaves the upper half of the hash to be compared.
 */
static void put_slot(uint64_t *slots, uint32_t mask, uint64_t hash, uint32_t number) {
    size_t i = hash & mask;
    while (slots[i])
        i = (i + 1) & mask;
    slots[i] = (hash >> 32 << 32) | (number + 1);
}

static uint64_t term_hash(const char *term, size_t len) {
    return file_checksum(term, len);
}

/* Twice the slots, so that no more than half are taken. */
static void *new_slots(uint32_t mask, size_t size, uint32_t *new_mask) {
    *new_mask = mask * 2 + 1;
    return mask < UINT32_MAX / 2 ? calloc(slots(*new_mask), size) : NULL;
}

static bool grow_terms(struct vocabulary *v) {
    if (v->term_count == v->term_room) {
        uint32_t room = v->term_room ? v->term_room / 2 * 3 : SLOTS_MIN / 2;
        struct term_entry *terms = realloc(v->terms, room * sizeof *terms);
        if (!terms)
            return false;
        v->terms = terms;
        v->term_room = room;
    }
    if (v->term_count < v->term_mask / 2)
        return true;
    uint32_t mask;
    uint64_t *grown = new_slots(v->term_mask, sizeof *grown, &mask);
    if (!grown)
        return false;
    for (uint32_t i = 0; i < v->term_count; i++) {
        size_t len;
        const char *term = vocabulary_term(v, i, &len);
        put_slot(grown, mask, term_hash(term, len), i);
    }
    free(v->term_slots);
    v->term_slots = grown;
    v->term_mask = mask;
    return true;
}

static uint32_t append_pool(struct vocabulary *v, const char *bytes, size_t len) {
    uint32_t at = (uint32_t)v->pool.len;
    buffer_append(&v->pool, bytes, len);
    v->pool.failed |= v->pool.len > UINT32_MAX;
    return at;
}

static bool find_term(struct vocabulary *v, const char *term, size_t len, uint32_t *number) {
    uint64_t hash = term_hash(term, len);
    for (size_t i = hash & v->term_mask; v->term_slots[i]; i = (i + 1) & v->term_mask) {
        *number = (uint32_t)v->term_slots[i] - 1;
        size_t other_len;
        if (v->term_slots[i] >> 32 == hash >> 32) {
            const char *other = vocabulary_term(v, *number, &other_len);
            if (other_len == len && memcmp(other, term, len) == 0)
                return true;
        }
    }
    if (!grow_terms(v))
        return false;
    *number = v->term_count++;
    v->terms[*number] = (struct term_entry){append_pool(v, term, len), (uint32_t)len};
    put_slot(v->term_slots, v->term_mask, hash, *number);
    return !v->pool.failed;
}

/* The term of a word met for the first time. */
static bool analyze(struct vocabulary *v, struct analyzer *a, const struct lookup *l, uint32_t *number) {
    char term[TERM_MAX + 1];
    size_t len = analyzer_term(a, l->bytes, l->len, term);
    *number = TERM_NONE;
    return len == 0 || find_term(v, term, len, number);
}

/* ------------------------------------------------------------------------------- short words -- */

static struct short_word *find_short(struct short_word *shorts, uint32_t mask, uint64_t hash, uint64_t key) {
    size_t i = hash & mask;
    while (shorts[i].key && shorts[i].key != key)
        i = (i + 1) & mask;
    return &shorts[i];
}

static bool grow_shorts(struct vocabulary *v) {
    uint32_t mask;
    if (v->short_count < v->short_mask / 4 * 3)
        return true;
    struct short_word *grown = new_slots(v->short_mask, sizeof *grown, &mask);
    if (!grown)
        return false;
    for (size_t i = 0; i < slots(v->short_mask); i++) {
        const struct short_word *s = &v->shorts[i];
        if (s->key)
            *find_short(grown, mask, vocabulary_mix(s->key, 0), s->key) = *s;
    }
    free(v->shorts);
    v->shorts = grown;
    v->short_mask = mask;
    return true;
}

static bool find_short_word(struct vocabulary *v, struct analyzer *a, const struct lookup *l, uint32_t *term) {
    struct short_word *s = find_short(v->shorts, v->short_mask, l->hash, l->key);
    if (!s->key) {
        if (!grow_shorts(v) || !analyze(v, a, l, term))
            return false;
        s = find_short(v->shorts, v->short_mask, l->hash, l->key);
        *s = (struct short_word){l->key, *term, 0};
        v->short_count++;
    }
    s->count += v->step;
    *term = s->term;
    return true;
}

/* -------------------------------------------------------------------------------- long words -- */

uint64_t vocabulary_hash_longer(const char *bytes, size_t len) {
    return file_checksum(bytes, len);
}

static bool grow_longs(struct vocabulary *v) {
    if (v->long_count == v->long_room) {
        uint32_t room = v->long_room ? v->long_room / 2 * 3 : SLOTS_MIN / 2;
        struct long_word *longs = realloc(v->longs, room * sizeof *longs);
        if (!longs)
            return false;
        v->longs = longs;
        v->long_room = room;
    }
    if (v->long_count < v->long_mask / 2)
        return true;
    uint32_t mask;
    uint64_t *grown = new_slots(v->long_mask, sizeof *grown, &mask);
    if (!grown)
        return false;
    for (uint32_t i = 0; i < v->long_count; i++)
        put_slot(grown, mask, vocabulary_hash_long((const char *)v->pool.data + v->longs[i].bytes, v->longs[i].len), i);
    free(v->long_slots);
    v->long_slots = grown;
    v->long_mask = mask;
    return true;
}

static bool is_same(const struct vocabulary *v, const struct long_word *w, const struct lookup *l) {
    return w->tail == l->key && w->len == l->len && w->head == load_u64((const uint8_t *)l->bytes) &&
           (l->len <= 16 || memcmp(v->pool.data + w->bytes, l->bytes, l->len) == 0);
}

/* Its number, or long_count if it is not there. */
static uint32_t find_long(const struct vocabulary *v, const struct lookup *l) {
    for (size_t i = l->hash & v->long_mask;; i = (i + 1) & v->long_mask) {
        uint64_t slot = v->long_slots[i];
        uint32_t number = slot ? (uint32_t)slot - 1 : v->long_count;
        if (!slot || (slot >> 32 == l->hash >> 32 && is_same(v, &v->longs[number], l)))
            return number;
    }
}

static bool find_long_word(struct vocabulary *v, struct analyzer *a, const struct lookup *l, uint32_t *term) {
    uint32_t number = find_long(v, l);
    if (number == v->long_count) {
        if (!grow_longs(v) || !analyze(v, a, l, term))
            return false;
        uint32_t bytes = append_pool(v, l->bytes, l->len);
        v->longs[number] = (struct long_word){load_u64((const uint8_t *)l->bytes), l->key, *term, 0, bytes, l->len};
        v->long_count++;
        put_slot(v->long_slots, v->long_mask, l->hash, number);
    }
    v->longs[number].count += v->step;
    *term = v->longs[number].term;
    return !v->pool.failed;
}

bool vocabulary_find_far(struct vocabulary *v, struct analyzer *a, const struct lookup *l, uint32_t *term) {
    return l->len <= SHORT_WORD_MAX ? find_short_word(v, a, l, term) : find_long_word(v, a, l, term);
}
