#include "copies.h"

#include "core/base/cpu.h"

enum {
    BAG_WORDS = 4, /* 256 bits: as many as three times the words of most passages */
    /* Passages that each is compared with, and sketches compared, before there is a table. To put all in takes as long.
     */
    BAGS_MOST = 512,
    COMPARED_MOST = 512,
};

struct bag {
    uint64_t bits[BAG_WORDS];
    int64_t shingles; /* at most */
};

static struct bag bag_of(const struct wording *w) {
    struct bag bag = {.shingles = w->count < SHINGLE_WORDS ? w->count > 0 : (int64_t)w->count - SHINGLE_WORDS + 1};
    for (size_t i = 0; i < w->count; i++)
        bag.bits[w->hashes[i] >> 62] |= UINT64_C(1) << (w->hashes[i] >> 56 & 63);
    return bag;
}

/* False of those that are no copies. Let the two have s shingles, u different ones in all, and m that only one has:
 * then 2 u <= s + m. They are copies where of the smallest SKETCH_SIZE of the u, or of them all, 3 tenths at most are
 * of the m:
 *
 *     of them all:  m <= 3/10 u, so 17 m <= 3 s
 *     of fewer:     those left out are u - SKETCH_SIZE, so m - (u - SKETCH_SIZE) <= SKETCH_MISSES_MOST,
 *                   so m <= s - 2 (SKETCH_SIZE - SKETCH_MISSES_MOST) */
static inline bool may_be_copies(const struct bag *a, const struct bag *b) {
    int64_t differ = 0, s = a->shingles + b->shingles;
    for (size_t i = 0; i < BAG_WORDS; i++)
        differ += __builtin_popcountll(a->bits[i] ^ b->bits[i]);
    int64_t m = differ - 2 * (SHINGLE_WORDS - 1);
    return 17 * m <= 3 * s || m <= s - 2 * (SKETCH_SIZE - SKETCH_MISSES_MOST);
}

/* From number i on the first that may be one of which b is a copy; `count` if there is none. */
FOR_EACH_CPU static size_t find_similar(const struct bag *bags, size_t i, size_t count, const struct bag *b) {
    while (i < count && !may_be_copies(&bags[i], b))
        i++;
    return i;
}

static size_t count_of(const struct copies *c) {
    return c->bags.len / sizeof(struct bag);
}

static struct wording *added_at(const struct copies *c, size_t i) {
    return ((struct wording **)(void *)c->added.data)[i];
}

void copies_release(struct copies *c) {
    buffer_release(&c->added);
    buffer_release(&c->bags);
    buffer_release(&c->scratch);
    sketch_table_release(&c->table);
}

static bool need_sketch(struct copies *c, struct wording *w) {
    if (w->sketch)
        return true;
    buffer_clear(&c->scratch);
    uint8_t *room = buffer_reserve(&c->scratch, (2 * w->count + 1) * sizeof(uint64_t));
    struct sketch *sketch = arena_alloc(c->arena, sizeof *sketch);
    if (!room || !sketch)
        return false;
    sketch_make(sketch, w->hashes, w->count, (uint64_t *)(void *)room);
    w->sketch = sketch;
    return true;
}

static bool tabulate(struct copies *c) {
    c->is_tabled = true;
    for (size_t i = 0; i < count_of(c); i++)
        if (!need_sketch(c, added_at(c, i)) || !sketch_table_add(&c->table, added_at(c, i)->sketch))
            return false;
    return true;
}

static bool find_by_bags(struct copies *c, struct wording *w, size_t *found) {
    const struct bag *bags = (const struct bag *)(void *)c->bags.data, bag = bag_of(w);
    const size_t count = count_of(c);
    for (size_t i = find_similar(bags, 0, count, &bag); i < count; i = find_similar(bags, i + 1, count, &bag)) {
        if (!need_sketch(c, w) || !need_sketch(c, added_at(c, i)))
            return false;
        c->compared++;
        if (sketch_is_copy(added_at(c, i)->sketch, w->sketch)) {
            *found = i;
            return true;
        }
    }
    *found = SKETCH_NONE;
    return true;
}

bool copies_find(struct copies *c, struct wording *w, size_t *found) {
    if (!c->is_tabled)
        return find_by_bags(c, w, found);
    if (!need_sketch(c, w))
        return false;
    *found = sketch_table_find(&c->table, w->sketch);
    return true;
}

bool copies_add(struct copies *c, struct wording *w) {
    if (c->is_tabled)
        return need_sketch(c, w) && sketch_table_add(&c->table, w->sketch);
    const struct bag bag = bag_of(w);
    buffer_append(&c->added, &w, sizeof w);
    buffer_append(&c->bags, &bag, sizeof bag);
    if (c->added.failed || c->bags.failed)
        return false;
    return (count_of(c) < BAGS_MOST && c->compared < COMPARED_MOST) || tabulate(c);
}
