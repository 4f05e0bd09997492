#include "set_join.h"

#include <string.h>

#include "core/base/cpu.h"

enum { RANGE_WORDS = HOT_SET_RANGE_WORDS };

lede_status set_join_init(struct set_join *j, uint32_t passages, size_t most, struct arena *arena) {
    const size_t ranges = ((size_t)passages + RANGE_DOCS - 1) / RANGE_DOCS;
    *j = (struct set_join){.range_words = (ranges + 63) / 64};
    j->sets = arena_alloc(arena, (most + 1) * sizeof *j->sets);
    j->ranges = arena_alloc(arena, (j->range_words + 1) * sizeof *j->ranges);
    if (!j->sets || !j->ranges)
        return LEDE_NOMEM;
    memset(j->ranges, 0xff, j->range_words * sizeof *j->ranges);
    return LEDE_OK;
}

FOR_EACH_CPU static void and_bits(uint64_t *restrict bits, const uint64_t *restrict others, size_t words) {
    for (size_t i = 0; i < words; i++)
        bits[i] &= others[i];
}

void set_join_limit(struct set_join *j, const uint64_t *ranges) {
    and_bits(j->ranges, ranges, j->range_words);
}

void set_join_add(struct set_join *j, const struct hot_set *set) {
    j->sets[j->count++] = set;
    set_join_limit(j, set->ranges);
}

/* ------------------------------------------------------------------------------------- found -- */

/* Passages that were found. Of these there are far fewer than the rarest word has, so that room is made as they come:
 * as many as it has would be memory that is fetched from the system for each search. */
struct found {
    uint32_t *docs, count;
    size_t room;
    struct arena *arena;
};

/* Room for those of so many more ranges; false if out of memory. */
static bool make_room(struct found *f, size_t ranges) {
    enum { FIRST_ROOM = (1 << 14) - 2 * RANGE_DOCS }; /* in the least chunk of an arena, with what is wanted */
    const size_t wanted = f->count + ranges * RANGE_DOCS;
    if (wanted <= f->room)
        return true;
    size_t room = 2 * f->room > wanted ? 2 * f->room : wanted + FIRST_ROOM;
    uint32_t *docs = arena_alloc(f->arena, room * sizeof *docs);
    if (!docs)
        return false;
    if (f->count > 0)
        memcpy(docs, f->docs, f->count * sizeof *docs);
    f->docs = docs;
    f->room = room;
    return true;
}

/* Appends the passages of a range. */
static inline uint32_t append(uint32_t *docs, uint32_t n, uint32_t range, const uint64_t *bits) {
    for (size_t k = 0; k < RANGE_WORDS; k++)
        for (uint64_t left = bits[k]; left; left &= left - 1)
            docs[n++] = range * RANGE_DOCS + (uint32_t)(64 * k) + (uint32_t)__builtin_ctzll(left);
    return n;
}

/* --------------------------------------------------------------------------------- few ranges -- */

/* Ranges that are joined together, where they are few: else the processor foresees what is read next. */
enum { RANGES_TOGETHER = 256, FETCHED_PART = 8 };

/* Some ranges, and which of their passages the words so far have. */
struct joined {
    uint32_t count;
    uint32_t ranges[RANGES_TOGETHER + 64];
    uint64_t left[RANGES_TOGETHER + 64][RANGE_WORDS];
};

FETCHING void fetch_ranges(const struct hot_set *set, const struct joined *some) {
    for (uint32_t i = 0; i < some->count; i++)
        fetch_line(hot_set_range(set, some->ranges[i]));
}

/* Leaves the ranges that have passages of all words so far and of this one, too. */
static inline void join_next(struct joined *some, const struct hot_set *set) {
    _Static_assert(RANGE_WORDS == 2, "a range is two words");
    uint32_t n = 0;
    for (uint32_t i = 0; i < some->count; i++) {
        const uint64_t *more = hot_set_range(set, some->ranges[i]);
        uint64_t low = some->left[i][0] & more[0], high = some->left[i][1] & more[1];
        some->ranges[n] = some->ranges[i];
        some->left[n][0] = low;
        some->left[n][1] = high;
        n += (low | high) != 0;
    }
    some->count = n;
}

/* Leaves those that have passages of all words. Three of four ranges that all words are in have no passage with the two
 * rarest ones, so that there is nothing to be read of the others. */
static inline void join_some(const struct set_join *j, struct joined *some) {
    enum { TOGETHER = 2 };
    memset(some->left, 0xff, some->count * sizeof *some->left);
    for (size_t s = 0; s < j->count && s < TOGETHER; s++)
        fetch_ranges(j->sets[s], some);
    for (size_t s = 0; s < j->count; s++) {
        if (s >= TOGETHER)
            fetch_ranges(j->sets[s], some);
        join_next(some, j->sets[s]);
    }
}

FOR_EACH_CPU static bool find_in_few(const struct set_join *j, struct found *f) {
    struct joined some;
    some.count = 0;
    for (size_t i = 0; i < j->range_words; i++) {
        for (uint64_t left = j->ranges[i]; left; left &= left - 1)
            some.ranges[some.count++] = (uint32_t)(64 * i) + (uint32_t)__builtin_ctzll(left);
        if (some.count < RANGES_TOGETHER && i + 1 < j->range_words)
            continue;
        join_some(j, &some);
        if (!make_room(f, some.count))
            return false;
        for (uint32_t k = 0; k < some.count; k++)
            f->count = append(f->docs, f->count, some.ranges[k], some.left[k]);
        some.count = 0;
    }
    return true;
}

/* -------------------------------------------------------------------------------- many ranges -- */

/* Appends the passages of a range that all sets have. */
static inline uint32_t join_range(uint32_t *docs, uint32_t n, const struct set_join *j, uint32_t range) {
    uint64_t left[RANGE_WORDS];
    memcpy(left, hot_set_range(j->sets[0], range), sizeof left);
    for (size_t s = 1; s < j->count; s++) {
        const uint64_t *more = hot_set_range(j->sets[s], range);
        for (size_t k = 0; k < RANGE_WORDS; k++)
            left[k] &= more[k];
    }
    return append(docs, n, range, left);
}

FOR_EACH_CPU static bool find_in_many(const struct set_join *j, struct found *f) {
    const struct set_join join = *j; /* else it might be written over, for all that is known */
    for (size_t i = 0; i < join.range_words; i++) {
        uint64_t left = join.ranges[i];
        if (!make_room(f, (size_t)__builtin_popcountll(left)))
            return false;
        uint32_t *docs = f->docs, n = f->count;
        for (; left; left &= left - 1)
            n = join_range(docs, n, &join, (uint32_t)(64 * i) + (uint32_t)__builtin_ctzll(left));
        f->count = n;
    }
    return true;
}

FOR_EACH_CPU static size_t count_ranges(const struct set_join *j) {
    size_t count = 0;
    for (size_t i = 0; i < j->range_words; i++)
        count += (size_t)__builtin_popcountll(j->ranges[i]);
    return count;
}

lede_status set_join_find(const struct set_join *j, uint32_t **docs, uint32_t *count, struct arena *arena) {
    struct found f = {.arena = arena};
    bool few = count_ranges(j) < 64 * j->range_words / FETCHED_PART;
    if (!make_room(&f, 1) || !(few ? find_in_few(j, &f) : find_in_many(j, &f)))
        return LEDE_NOMEM;
    *docs = f.docs;
    *count = f.count;
    return LEDE_OK;
}

uint32_t set_join_leave(const struct set_join *j, uint32_t *docs, const uint32_t *from, uint32_t n) {
    const uint32_t last = (uint32_t)(64 * j->range_words) * RANGE_DOCS - 1;
    uint32_t left = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t doc = from[i], range = (doc < last ? doc : last) / RANGE_DOCS;
        docs[left] = doc;
        left += (uint32_t)(j->ranges[range / 64] >> range % 64 & 1) | (doc > last);
    }
    return left;
}
