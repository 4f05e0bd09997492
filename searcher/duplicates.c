#include "duplicates.h"

#include <stdlib.h>
#include <string.h>

/* The last step of MurmurHash3, by which every bit of the input changes half of the output's. */
static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

static uint64_t hash_run(const uint64_t *words, size_t count) {
    uint64_t hash = 0;
    for (size_t i = 0; i < count; i++)
        hash = mix(hash * 31 + words[i]);
    return hash;
}

static int compare_hashes(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Sorts hashes, which are spread evenly: by the first bits, which leaves a few for each place, and those by insertion.
 * `room` is for as many again. */
static void sort_hashes(uint64_t *hashes, size_t count, uint64_t *room) {
    enum { PLACE_BITS = 7, PLACES = 1 << PLACE_BITS, SHIFT = 64 - PLACE_BITS, FEW = 32 };
    uint32_t starts[PLACES + 1] = {0};
    if (count > (size_t)PLACES * FEW) {
        qsort(hashes, count, sizeof *hashes, compare_hashes);
        return;
    }
    for (size_t i = 0; i < count; i++)
        starts[(hashes[i] >> SHIFT) + 1]++;
    for (size_t i = 1; i <= PLACES; i++)
        starts[i] += starts[i - 1];
    for (size_t i = 0; i < count; i++)
        room[starts[hashes[i] >> SHIFT]++] = hashes[i];
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = room[i];
        size_t k = i;
        for (; k > 0 && hashes[k - 1] > hash; k--)
            hashes[k] = hashes[k - 1];
        hashes[k] = hash;
    }
}

void sketch_make(struct sketch *out, const uint64_t *words, size_t word_count, uint64_t *scratch) {
    size_t run = word_count < SHINGLE_WORDS ? word_count : SHINGLE_WORDS;
    size_t count = word_count ? word_count - run + 1 : 0;
    out->count = 0;
    for (size_t i = 0; i < count; i++)
        scratch[i] = hash_run(words + i, run);
    sort_hashes(scratch, count, scratch + count);
    for (size_t i = 0; i < count && out->count < SKETCH_SIZE; i++)
        if (i == 0 || scratch[i] != scratch[i - 1])
            out->hashes[out->count++] = scratch[i];
}

/* Hashes that only one of two copies has are no more than these, of SKETCH_SIZE in all: 1 - COPY_RESEMBLANCE. */
enum { MISSES_MOST = SKETCH_SIZE * 3 / 10 };

bool sketch_is_copy(const struct sketch *a, const struct sketch *b) {
    uint32_t i = 0, j = 0, either = 0, both = 0;
    /* Of the smallest hashes that either has; where one's sketch is cut off, the other's rest can't be compared. */
    while (either < SKETCH_SIZE && either - both <= MISSES_MOST && (i < a->count || j < b->count)) {
        bool a_done = i == a->count, b_done = j == b->count;
        if ((a_done && a->count == SKETCH_SIZE) || (b_done && b->count == SKETCH_SIZE))
            break;
        bool take_a = b_done || (!a_done && a->hashes[i] <= b->hashes[j]);
        bool take_b = a_done || (!b_done && b->hashes[j] <= a->hashes[i]);
        both += take_a && take_b;
        i += take_a;
        j += take_b;
        either++;
    }
    return either > 0 && both >= COPY_RESEMBLANCE * either;
}

/* ------------------------------------------------------------------------------------- table -- */

/* Before the first hash that two copies share stand MISSES_MOST others of the two at most, so it is among the first of
 * these of both. */
static uint32_t leading(const struct sketch *s) {
    return s->count < MISSES_MOST + 1 ? s->count : MISSES_MOST + 1;
}

/* Where a hash stands, by its last bits, or the free slot where it belongs. */
static uint32_t slot_of(const struct sketch_table *t, uint64_t hash, uint32_t tag) {
    uint32_t i = (uint32_t)hash & (t->room - 1);
    while (t->slots[i] && t->slots[i] != tag)
        i = (i + 1) & (t->room - 1);
    return i;
}

enum { SPARE = 4 }; /* slots for each hash */

static uint32_t tag_of(uint64_t hash) {
    return (uint32_t)(hash >> 16) | 1;
}

void sketch_table_release(struct sketch_table *t) {
    free(t->slots);
    *t = (struct sketch_table){NULL, 0, 0};
}

bool sketch_table_resize(struct sketch_table *t, size_t sketches) {
    uint32_t room = 1 << 10;
    while (room / SPARE < sketches * (MISSES_MOST + 1) && room < 1u << 31)
        room *= 2;
    sketch_table_release(t);
    t->slots = calloc(room, sizeof *t->slots);
    t->room = t->slots ? room : 0;
    return t->slots;
}

bool sketch_table_add(struct sketch_table *t, const struct sketch *s) {
    if (t->used + MISSES_MOST + 1 > t->room / SPARE)
        return false;
    for (uint32_t i = 0; i < leading(s); i++)
        t->slots[slot_of(t, s->hashes[i], tag_of(s->hashes[i]))] = tag_of(s->hashes[i]);
    t->used += leading(s);
    return true;
}

bool sketch_table_may_have(const struct sketch_table *t, const struct sketch *s) {
    for (uint32_t i = 0; t->room && i < leading(s); i++)
        if (t->slots[slot_of(t, s->hashes[i], tag_of(s->hashes[i]))])
            return true;
    return false;
}
