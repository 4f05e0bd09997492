/* Passages that several sets have: those that a search passage by passage finds, whether few ranges have all words or
 * many, and however many passages these have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "searcher/ranges/set_join.h"
#include "support/random.h"

enum {
    PASSAGES = 600000 + 17,
    RANGES = (PASSAGES + RANGE_DOCS - 1) / RANGE_DOCS,
    RANGE_WORDS = (RANGES + 63) / 64,
    WORDS = 5
};

/* A set with all it may have: it is sparse if its bits are taken away. */
struct made {
    struct hot_set set;
    uint64_t ranges[RANGE_WORDS + 8], bits[RANGES * HOT_SET_RANGE_WORDS + 8], parts[RANGES * HOT_SET_RANGE_WORDS + 8];
    uint32_t before[RANGE_WORDS + 1];
};

static void set_bit(uint64_t *bits, uint32_t i) {
    bits[i / 64] |= UINT64_C(1) << i % 64;
}

static void lay_out(struct made *m, bool sparse) {
    uint32_t n = 0;
    for (uint32_t range = 0; range < RANGES; range++) {
        if (range % 64 == 0)
            m->before[range / 64] = n;
        const uint64_t *bits = m->bits + range * HOT_SET_RANGE_WORDS;
        if (!bits[0] && !bits[1])
            continue;
        set_bit(m->ranges, range);
        memcpy(m->parts + n++ * HOT_SET_RANGE_WORDS, bits, HOT_SET_RANGE_WORDS * sizeof *bits);
    }
    m->set = (struct hot_set){.ranges = m->ranges};
    if (sparse) {
        m->set.parts = m->parts;
        m->set.before = m->before;
    } else {
        m->set.bits = m->bits;
    }
}

/* A word of one passage in `part`, in stretches of ranges: one in `apart` of these has it. */
static void make(struct made *m, struct random *r, uint32_t part, uint32_t apart) {
    enum { STRETCH = 1 << 12 };
    memset(m, 0, sizeof *m);
    for (uint32_t first = 0; first < PASSAGES; first += STRETCH) {
        uint32_t end = PASSAGES - first < STRETCH ? PASSAGES : first + STRETCH;
        if (random_below(r, apart) > 0)
            continue;
        for (uint32_t doc = first; doc < end; doc++)
            if (random_below(r, part) == 0)
                set_bit(m->bits, doc);
    }
    lay_out(m, random_below(r, 2) == 0);
}

static bool has_all(const struct made *words, size_t count, uint32_t doc) {
    bool has = true;
    for (size_t w = 0; w < count; w++)
        has = has && (words[w].bits[doc / 64] >> doc % 64 & 1);
    return has;
}

/* Of the ranges that are limited to, a bit each, NULL: all. */
static void compare(const struct made *words, size_t count, const uint64_t *limit) {
    struct arena arena = ARENA_EMPTY;
    struct set_join join;
    uint32_t *docs, n, at = 0;
    assert_int_equal(set_join_init(&join, PASSAGES, count, &arena), LEDE_OK);
    for (size_t w = 0; w < count; w++)
        set_join_add(&join, &words[w].set);
    if (limit)
        set_join_limit(&join, limit);
    assert_int_equal(set_join_find(&join, &docs, &n, &arena), LEDE_OK);
    for (uint32_t doc = 0; doc < PASSAGES; doc++)
        if (has_all(words, count, doc) && (!limit || limit[doc / RANGE_DOCS / 64] >> doc / RANGE_DOCS % 64 & 1)) {
            assert_true(at < n);
            assert_int_equal(docs[at++], doc);
        }
    assert_int_equal(at, n);
    arena_release(&arena);
}

static void passages_of_all_sets_are_found(void **state) {
    static struct made words[WORDS];
    static uint64_t limit[RANGE_WORDS];
    static const uint32_t parts[] = {1, 1, 2, 3, 10, 40, 200}, aparts[] = {1, 1, 2, 4, 16};
    for (int round = 0; round < 40; round++) {
        size_t count = 1 + random_below(*state, WORDS);
        for (size_t w = 0; w < count; w++)
            make(&words[w], *state, parts[random_below(*state, 7)], aparts[random_below(*state, 5)]);
        for (size_t i = 0; i < RANGE_WORDS; i++)
            limit[i] = random_next(*state) & random_next(*state);
        compare(words, count, NULL);
        compare(words, count, limit);
    }
}

/* More than there was room made for at first, at once and one after the other. */
static void all_passages_of_some_ranges_are_found(void **state) {
    static struct made words[2];
    for (uint32_t apart = 1; apart <= 16; apart *= 2) {
        make(&words[0], *state, 1, apart);
        make(&words[1], *state, 1, 1);
        compare(words, 2, NULL);
        compare(words, 1, NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(passages_of_all_sets_are_found, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(all_passages_of_some_ranges_are_found, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
