#include "vocabulary.h"

#include <stdlib.h>

#include "../core/file.h"

enum { SLOTS_MIN = 1 << 14 };

/* Words of up to 16 bytes are hashed from head and tail, which hold all of their bytes (as in wyhash: one
 * multiplication to 128 bits mixes both). */
static uint64_t mix(uint64_t head, uint64_t tail, uint64_t len) {
    __uint128_t product =
        (__uint128_t)(head ^ UINT64_C(0xa0761d6478bd642f)) * ((tail ^ UINT64_C(0xe7037ed1a0b428db)) + len);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

void lookup_init(struct lookup *l, const char *bytes, uint32_t len) {
    const uint8_t *p = (const uint8_t *)bytes;
    l->bytes = bytes;
    l->len = len;
    if (len >= 8) {
        l->head = load_u64(p);
        l->tail = load_u64(p + len - 8);
    } else if (len >= 4) {
        l->head = load_u32(p);
        l->tail = load_u32(p + len - 4);
    } else {
        l->head = p[0] | (uint64_t)p[len / 2] << 8 | (uint64_t)p[len - 1] << 16;
        l->tail = 0;
    }
    l->hash = len <= 16 ? mix(l->head, l->tail, len) : file_checksum(bytes, len);
}

bool vocabulary_init(struct vocabulary *v) {
    memset(v, 0, sizeof *v);
    v->surface_mask = v->term_mask = SLOTS_MIN - 1;
    v->surface_slots = calloc(SLOTS_MIN, sizeof *v->surface_slots);
    v->term_slots = calloc(SLOTS_MIN, sizeof *v->term_slots);
    if (v->surface_slots && v->term_slots)
        return true;
    vocabulary_release(v);
    return false;
}

void vocabulary_release(struct vocabulary *v) {
    free(v->surfaces);
    free(v->terms);
    free(v->surface_slots);
    free(v->term_slots);
    buffer_release(&v->pool);
    memset(v, 0, sizeof *v);
}

size_t vocabulary_memory(const struct vocabulary *v) {
    return v->surface_room * sizeof *v->surfaces + v->term_room * sizeof *v->terms +
           (v->surface_mask + (size_t)1) * sizeof *v->surface_slots +
           (v->term_mask + (size_t)1) * sizeof *v->term_slots + v->pool.cap;
}

void vocabulary_clear(struct vocabulary *v) {
    memset(v->surface_slots, 0, (v->surface_mask + (size_t)1) * sizeof *v->surface_slots);
    memset(v->term_slots, 0, (v->term_mask + (size_t)1) * sizeof *v->term_slots);
    v->surface_count = v->term_count = 0;
    buffer_clear(&v->pool);
}

void vocabulary_reset_counts(struct vocabulary *v) {
    for (uint32_t i = 0; i < v->surface_count; i++)
        v->surfaces[i].count = 0;
}

/* Puts a number into the first free slot from its hash on; the mask leaves the upper half of the hash to be compared.
 */
static void put_slot(uint64_t *slots, uint32_t mask, uint64_t hash, uint32_t number) {
    size_t i = hash & mask;
    while (slots[i])
        i = (i + 1) & mask;
    slots[i] = (hash >> 32 << 32) | (number + 1);
}

static uint64_t surface_hash(const struct vocabulary *v, const struct surface *s) {
    return s->len <= 16 ? mix(s->head, s->tail, s->len) : file_checksum(v->pool.data + s->bytes, s->len);
}

static uint64_t term_hash(const char *term, size_t len) {
    return file_checksum(term, len);
}

/* Twice the slots, so that no more than half are taken. */
static uint64_t *new_slots(uint32_t mask, uint32_t *new_mask) {
    *new_mask = mask * 2 + 1;
    return mask < UINT32_MAX / 2 ? calloc(*new_mask + (size_t)1, sizeof(uint64_t)) : NULL;
}

static bool grow_surfaces(struct vocabulary *v) {
    if (v->surface_count == v->surface_room) {
        uint32_t room = v->surface_room ? v->surface_room / 2 * 3 : SLOTS_MIN / 2;
        struct surface *surfaces = realloc(v->surfaces, room * sizeof *surfaces);
        if (!surfaces)
            return false;
        v->surfaces = surfaces;
        v->surface_room = room;
    }
    if (v->surface_count < v->surface_mask / 2)
        return true;
    uint32_t mask;
    uint64_t *slots = new_slots(v->surface_mask, &mask);
    if (!slots)
        return false;
    for (uint32_t i = 0; i < v->surface_count; i++)
        put_slot(slots, mask, surface_hash(v, &v->surfaces[i]), i);
    free(v->surface_slots);
    v->surface_slots = slots;
    v->surface_mask = mask;
    return true;
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
    uint64_t *slots = new_slots(v->term_mask, &mask);
    if (!slots)
        return false;
    for (uint32_t i = 0; i < v->term_count; i++) {
        size_t len;
        const char *term = vocabulary_term(v, i, &len);
        put_slot(slots, mask, term_hash(term, len), i);
    }
    free(v->term_slots);
    v->term_slots = slots;
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

/* A word met for the first time. */
static bool add_surface(struct vocabulary *v, struct analyzer *a, const struct lookup *l, uint32_t *number) {
    char term[TERM_MAX + 1];
    size_t len = analyzer_term(a, l->bytes, l->len, term);
    uint32_t term_number = TERM_NONE;
    if ((len > 0 && !find_term(v, term, len, &term_number)) || !grow_surfaces(v))
        return false;
    *number = v->surface_count++;
    v->surfaces[*number] = (struct surface){l->head, l->tail, term_number, 0, append_pool(v, l->bytes, l->len), l->len};
    put_slot(v->surface_slots, v->surface_mask, l->hash, *number);
    return !v->pool.failed;
}

static bool is_same(const struct vocabulary *v, const struct surface *s, const struct lookup *l) {
    return s->head == l->head && s->tail == l->tail && s->len == l->len &&
           (l->len <= 16 || memcmp(v->pool.data + s->bytes, l->bytes, l->len) == 0);
}

bool vocabulary_find(struct vocabulary *v, struct analyzer *a, const struct lookup *l, uint32_t *term) {
    uint32_t number;
    size_t i = l->hash & v->surface_mask;
    for (;; i = (i + 1) & v->surface_mask) {
        uint64_t slot = v->surface_slots[i];
        if (!slot) {
            if (!add_surface(v, a, l, &number))
                return false;
            break;
        }
        number = (uint32_t)slot - 1;
        if (slot >> 32 == l->hash >> 32 && is_same(v, &v->surfaces[number], l))
            break;
    }
    v->surfaces[number].count++;
    *term = v->surfaces[number].term;
    return true;
}
