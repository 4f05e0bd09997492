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

bool sketch_is_copy(const struct sketch *a, const struct sketch *b) {
    uint32_t i = 0, j = 0, either = 0, both = 0;
    /* Of the smallest hashes that either has; where one's sketch is cut off, the other's rest can't be compared. */
    while (either < SKETCH_SIZE && either - both <= SKETCH_MISSES_MOST && (i < a->count || j < b->count)) {
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

struct added {
    const struct sketch *sketch;
    uint32_t search;        /* the last one that met it, */
    uint16_t common, least; /* how often, and how often it meets copies: told here, as most are met but once */
};

struct entry {
    uint32_t hash, sketch; /* its last bits, and whose it is */
    uint32_t next;         /* of the same slot, counted from 1; 0: none */
};

static struct added *added_at(const struct sketch_table *t, uint32_t sketch) {
    return (struct added *)(void *)t->added.data + sketch;
}

static struct entry *entry_at(const struct sketch_table *t, uint32_t number) {
    return (struct entry *)(void *)t->entries.data + number - 1;
}

static uint32_t entry_count(const struct sketch_table *t) {
    return (uint32_t)(t->entries.len / sizeof(struct entry));
}

/* As many hashes a sketch has in common with any copy: more than one, as there are runs of words that many passages
 * have; no more than 7 tenths of its own. */
static uint32_t common_least(const struct sketch *s) {
    enum { COMMON_LEAST = 4 };
    uint32_t share = (s->count * 7 + 9) / 10;
    return share < COMMON_LEAST ? share : COMMON_LEAST;
}

/* How many of its first hashes are in the table. Of those of a sketch that are compared with a copy's 3 tenths at most
 * are not the copy's, too: of as many as the two have together, or of SKETCH_SIZE, both have 7 tenths. So the first few
 * hashes that both have are among so many, and these few, of each. */
static uint32_t leading(const struct sketch *s) {
    return s->count * 3 / 10 + common_least(s);
}

void sketch_table_release(struct sketch_table *t) {
    buffer_release(&t->added);
    buffer_release(&t->entries);
    free(t->slots);
    *t = (struct sketch_table){0};
}

static void link_entry(struct sketch_table *t, uint32_t number) {
    struct entry *e = entry_at(t, number);
    uint32_t *slot = &t->slots[e->hash & (t->room - 1)];
    e->next = *slot;
    *slot = number;
}

/* As many slots as entries, or more. */
static bool make_room(struct sketch_table *t, size_t entries) {
    enum { ROOM_LEAST = 1 << 10 };
    uint32_t room = t->room ? t->room : ROOM_LEAST;
    while (room < entries)
        room *= 2;
    if (room == t->room)
        return true;
    uint32_t *slots = calloc(room, sizeof *slots);
    if (!slots)
        return false;
    free(t->slots);
    t->slots = slots;
    t->room = room;
    for (uint32_t number = 1; number <= entry_count(t); number++)
        link_entry(t, number);
    return true;
}

bool sketch_table_add(struct sketch_table *t, const struct sketch *s) {
    const struct added added = {s, 0, 0, (uint16_t)common_least(s)};
    uint32_t sketch = (uint32_t)(t->added.len / sizeof added);
    buffer_append(&t->added, &added, sizeof added);
    if (t->added.failed || !make_room(t, entry_count(t) + leading(s)))
        return false;
    for (uint32_t i = 0; i < leading(s) && !t->entries.failed; i++) {
        const struct entry e = {(uint32_t)s->hashes[i], sketch, 0};
        buffer_append(&t->entries, &e, sizeof e);
        if (!t->entries.failed)
            link_entry(t, entry_count(t));
    }
    return !t->entries.failed;
}

/* Whether it was met often enough to be a copy of one that meets its copies so often, just now. */
static bool is_candidate(const struct sketch_table *t, struct added *added, uint32_t least) {
    added->common = added->search == t->searches ? added->common + 1 : 1;
    added->search = t->searches;
    return added->common == (added->least < least ? added->least : least);
}

/* Meets those that have the hash, but for those behind a copy that was found. */
static size_t find_by_hash(struct sketch_table *t, const struct sketch *s, uint32_t hash, size_t found) {
    const uint32_t least = common_least(s);
    for (uint32_t number = t->slots[hash & (t->room - 1)]; number; number = entry_at(t, number)->next) {
        const struct entry *e = entry_at(t, number);
        struct added *added = added_at(t, e->sketch);
        if (e->hash != hash || e->sketch >= found || !is_candidate(t, added, least))
            continue;
        t->compared++;
        if (sketch_is_copy(added->sketch, s))
            found = e->sketch;
    }
    return found;
}

size_t sketch_table_find(struct sketch_table *t, const struct sketch *s) {
    size_t found = SKETCH_NONE;
    t->searches++;
    for (uint32_t i = 0; t->room && i < leading(s); i++)
        found = find_by_hash(t, s, (uint32_t)s->hashes[i], found);
    return found;
}
