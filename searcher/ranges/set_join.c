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

/* Appends the passages of a range that all sets have. */
static inline uint32_t join_range(uint32_t *docs, uint32_t n, const struct set_join *j, uint32_t range) {
    uint64_t left[RANGE_WORDS];
    memcpy(left, hot_set_range(j->sets[0], range), sizeof left);
    for (size_t s = 1; s < j->count; s++) {
        const uint64_t *more = hot_set_range(j->sets[s], range);
        for (size_t k = 0; k < RANGE_WORDS; k++)
            left[k] &= more[k];
    }
    for (size_t k = 0; k < RANGE_WORDS; k++)
        for (; left[k]; left[k] &= left[k] - 1)
            docs[n++] = range * RANGE_DOCS + (uint32_t)(64 * k) + (uint32_t)__builtin_ctzll(left[k]);
    return n;
}

/* Ranges that are fetched together, where they are few: else the processor foresees what is read next. */
enum { RANGES_TOGETHER = 32, FETCHED_PART = 8 };

FETCHING void fetch_ranges(const struct set_join *j, const uint32_t *ranges, size_t n) {
    for (size_t s = 0; s < j->count; s++)
        for (size_t i = 0; i < n; i++)
            __builtin_prefetch(hot_set_range(j->sets[s], ranges[i]));
}

FOR_EACH_CPU static uint32_t find_in_few(const struct set_join *j, uint32_t *docs) {
    uint32_t together[RANGES_TOGETHER + 64], count = 0, n = 0;
    for (size_t i = 0; i < j->range_words; i++) {
        for (uint64_t left = j->ranges[i]; left; left &= left - 1)
            together[count++] = (uint32_t)(64 * i) + (uint32_t)__builtin_ctzll(left);
        if (count < RANGES_TOGETHER && i + 1 < j->range_words)
            continue;
        fetch_ranges(j, together, count);
        for (uint32_t k = 0; k < count; k++)
            n = join_range(docs, n, j, together[k]);
        count = 0;
    }
    return n;
}

FOR_EACH_CPU static uint32_t find_in_many(const struct set_join *j, uint32_t *docs) {
    const struct set_join join = *j; /* else it might be written over, for all that is known */
    uint32_t n = 0;
    for (size_t i = 0; i < join.range_words; i++)
        for (uint64_t left = join.ranges[i]; left; left &= left - 1)
            n = join_range(docs, n, &join, (uint32_t)(64 * i) + (uint32_t)__builtin_ctzll(left));
    return n;
}

FOR_EACH_CPU static size_t count_ranges(const struct set_join *j) {
    size_t count = 0;
    for (size_t i = 0; i < j->range_words; i++)
        count += (size_t)__builtin_popcountll(j->ranges[i]);
    return count;
}

uint32_t set_join_find(const struct set_join *j, uint32_t *docs) {
    bool few = count_ranges(j) < 64 * j->range_words / FETCHED_PART;
    return few ? find_in_few(j, docs) : find_in_many(j, docs);
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
