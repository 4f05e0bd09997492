/* Bounds of ranges: sums of rare, frequent and hot words, the greatest of each group of them, and what is asked of
 * these, against what all sums say one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "searcher/ranges/range_bounds.h"
#include "support/random.h"

enum { WORDS = 5, MOST_RANGES = 12000 };

/* A word that was put together by hand, and what it gives in each range. */
struct word {
    struct range_term term;
    struct hot_term hot;
    uint16_t units[MOST_RANGES];
};

struct fixture {
    struct random random;
    struct arena arena;
    struct range_bounds bounds;
    struct word words[WORDS];
    struct word_bounds list[WORDS];
    uint32_t ranges;
    uint16_t expected[MOST_RANGES];
};

static void make_rare(struct fixture *f, struct word *w) {
    struct range_term *t = &w->term;
    uint32_t most = f->ranges < 500 ? f->ranges : 500, range = 0;
    t->docs = arena_zalloc(&f->arena, most, sizeof *t->docs);
    t->doc_units = arena_zalloc(&f->arena, most, sizeof *t->doc_units);
    t->starts = arena_zalloc(&f->arena, f->ranges, sizeof *t->starts);
    t->blocks = arena_zalloc(&f->arena, f->ranges, 1);
    assert_true(t->docs && t->doc_units && t->starts && t->blocks);
    while (t->doc_freq < most && (range += random_below(&f->random, f->ranges / most + 2)) < f->ranges) {
        uint32_t doc = range * RANGE_DOCS + random_below(&f->random, RANGE_DOCS), n = t->doc_freq;
        if (n > 0 && doc <= t->docs[n - 1])
            continue;
        t->docs[n] = doc;
        t->doc_units[n] = (uint16_t)(1 + random_below(&f->random, 9000));
        w->units[range] = t->doc_units[n] > w->units[range] ? t->doc_units[n] : w->units[range];
        t->doc_freq++;
    }
}

static void make_hot(struct fixture *f, struct word *w) {
    w->term.hot = &w->hot;
    w->term.max_units = 1 + random_below(&f->random, 9000);
    w->hot.ranges = arena_zalloc(&f->arena, f->ranges + 64, 1);
    assert_non_null(w->hot.ranges);
    for (uint32_t i = 0; i < f->ranges; i++) {
        w->hot.ranges[i] = (uint8_t)(random_below(&f->random, 3) ? random_below(&f->random, 256) : 0);
        w->units[i] = hot_share(w->hot.ranges[i], range_term_most(&w->term));
    }
}

/* Its levels tell of one range each, or of several; then there may be marks that tell of each. */
static void make_frequent(struct fixture *f, struct word *w) {
    unsigned wider = random_below(&f->random, 4) * random_below(&f->random, 4);
    uint8_t *levels = arena_zalloc(&f->arena, f->ranges / 2 + 1, 1), *blocks = arena_zalloc(&f->arena, f->ranges, 1);
    assert_true(levels && blocks);
    for (uint32_t i = 0; i < f->ranges / 2 + 1; i++)
        levels[i] = (uint8_t)random_below(&f->random, 256);
    for (unsigned i = 1; i < LEVELS_ALL; i++)
        w->term.level_units[i] = (uint16_t)random_below(&f->random, 9000);
    level_table_finish(w->term.level_units);
    w->term.postings.levels = levels;
    w->term.postings.shift = RANGE_SHIFT + wider;
    if (random_below(&f->random, 2))
        w->term.blocks = blocks;
    for (uint32_t i = 0; i < f->ranges; i++) {
        blocks[i] = (uint8_t)random_below(&f->random, 2);
        w->units[i] = w->term.level_units[maxima_level(levels, i >> wider)];
        if (w->term.blocks && wider > 0 && !blocks[i])
            w->units[i] = 0;
    }
}

static void make_words(struct fixture *f, size_t n, bool all) {
    memset(f->words, 0, sizeof f->words);
    for (size_t i = 0; i < n; i++) {
        struct word *w = &f->words[i];
        void (*const make[])(struct fixture *, struct word *) = {make_rare, make_hot, make_frequent};
        make[random_below(&f->random, 3)](f, w);
        f->list[i] = (struct word_bounds){.term = &w->term, .hot = w->term.hot};
        f->list[i].most = range_term_most(&w->term);
        if (!w->term.hot && !all && random_below(&f->random, 2))
            f->list[i].units = arena_zalloc(&f->arena, range_bounds_room(&f->bounds), sizeof(uint16_t));
    }
}

static void expect(struct fixture *f, size_t n, bool all) {
    for (uint32_t i = 0; i < f->ranges; i++) {
        bool has = true;
        f->expected[i] = 0;
        for (size_t k = 0; k < n; k++) {
            f->expected[i] = (uint16_t)(f->expected[i] + f->words[k].units[i]);
            has = has && f->words[k].units[i];
        }
        f->expected[i] = all && !has ? 0 : f->expected[i];
    }
}

static size_t reaching(const struct fixture *f, uint32_t cut) {
    size_t count = 0;
    for (uint32_t i = 0; i < f->ranges; i++)
        count += f->expected[i] >= cut;
    return count;
}

/* All sums, and nothing behind them; the greatest of each group, and which groups reach a cut. */
static void check(struct fixture *f) {
    const struct range_bounds *b = &f->bounds;
    uint32_t groups = (f->ranges + REACH_WIDTH - 1) / REACH_WIDTH, cut = 1 + random_below(&f->random, 40000), next = 0;
    for (uint32_t i = 0; i < groups * REACH_WIDTH; i++)
        assert_int_equal(b->sums[i], i < f->ranges ? f->expected[i] : 0);
    for (uint32_t g = 0; g < groups; g++) {
        uint16_t most = 0;
        for (uint32_t i = g * REACH_WIDTH; i < (g + 1) * REACH_WIDTH; i++)
            most = b->sums[i] > most ? b->sums[i] : most;
        assert_int_equal(b->groups[g], most);
        if (most >= cut) {
            assert_int_equal(range_bounds_next(b, reach_best(), next, cut), g);
            next = g + 1;
        }
    }
    assert_int_equal(range_bounds_next(b, reach_best(), next, cut), groups);
}

static void check_cut(const struct fixture *f, size_t want) {
    uint32_t cut = range_bounds_cut(&f->bounds, want), steps = 1 << 8;
    if (cut > 1)
        assert_true(cut % steps == 0 && reaching(f, cut) >= want);
    if (cut < UINT16_MAX - steps)
        assert_true(reaching(f, cut / steps * steps + steps) < want);
}

static void sums_are_those_of_all_words(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 200; round++) {
        bool all = random_below(&f->random, 2);
        size_t n = random_below(&f->random, WORDS + 1);
        f->ranges = 1 + random_below(&f->random, round % 4 ? 700 : MOST_RANGES - 1);
        f->arena = ARENA_EMPTY;
        assert_true(range_bounds_init(&f->bounds, &f->arena, f->ranges * RANGE_DOCS, 1));
        make_words(f, n, all);
        range_bounds_sum(&f->bounds, f->list, n, all);
        expect(f, n, all);
        check(f);
        check_cut(f, 1 + random_below(&f->random, 100));
        for (size_t i = 0; i < n; i++)
            for (uint32_t k = 0; f->list[i].units && k < f->ranges; k++)
                if (f->words[i].units[k])
                    assert_int_equal(f->list[i].units[k], f->words[i].units[k]);
        arena_release(&f->arena);
    }
}

/* Of a part of the ranges: the same sums there, groups of no others, and no more is asked of it. */
static void parts_have_the_sums_of_the_whole(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 100; round++) {
        bool all = random_below(&f->random, 2);
        size_t n = 1 + random_below(&f->random, WORDS);
        f->ranges = 2 * LEVEL_BATCH + random_below(&f->random, MOST_RANGES - 2 * LEVEL_BATCH);
        f->arena = ARENA_EMPTY;
        assert_true(range_bounds_init(&f->bounds, &f->arena, f->ranges * RANGE_DOCS, 1));
        make_words(f, n, all);
        expect(f, n, all);
        uint32_t batches = (f->ranges - 1) / LEVEL_BATCH, from = random_below(&f->random, batches);
        uint32_t to = from + 1 + random_below(&f->random, batches - from), count = 0;
        struct range_bounds *b = &f->bounds;
        b->first = from * LEVEL_BATCH;
        b->count = random_below(&f->random, 3) ? to * LEVEL_BATCH : f->ranges;
        range_bounds_sum(b, f->list, n, all);
        for (uint32_t i = 0; i < f->ranges; i++) {
            bool is_in = i >= b->first && i < b->count;
            assert_true(!is_in || b->sums[i] == f->expected[i]);
            f->expected[i] = is_in ? f->expected[i] : 0;
            count += f->expected[i] > 0;
        }
        for (uint32_t g = 0; g < b->first / REACH_WIDTH; g++)
            assert_int_equal(b->groups[g], 0);
        if (count > 0)
            check_cut(f, 1 + random_below(&f->random, count));
        arena_release(&f->arena);
    }
}

static void filters_leave_groups_as_they_are(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 50; round++) {
        uint64_t accepted[2 * 1000];
        f->ranges = 1 + random_below(&f->random, 1000);
        f->arena = ARENA_EMPTY;
        assert_true(range_bounds_init(&f->bounds, &f->arena, f->ranges * RANGE_DOCS, 1));
        make_words(f, 2, false);
        range_bounds_sum(&f->bounds, f->list, 2, false);
        expect(f, 2, false);
        for (uint32_t i = 0; i < 2 * f->ranges; i++)
            accepted[i] = random_below(&f->random, 4) ? 0 : UINT64_C(1) << random_below(&f->random, 64);
        for (uint32_t i = 0; i < f->ranges; i++)
            f->expected[i] = accepted[2 * i] | accepted[2 * i + 1] ? f->expected[i] : 0;
        range_bounds_limit(&f->bounds, accepted);
        check(f);
        arena_release(&f->arena);
    }
}

static void folding_leaves_the_greatest(void **state) {
    struct fixture *f = *state;
    for (unsigned k = 0; k < 8; k++) {
        uint32_t ranges = f->ranges = 1 + random_below(&f->random, 3000);
        f->arena = ARENA_EMPTY;
        assert_true(range_bounds_init(&f->bounds, &f->arena, ranges * RANGE_DOCS, 1));
        range_bounds_clear(&f->bounds);
        for (uint32_t i = 0; i < ranges; i++)
            f->bounds.sums[i] = (uint16_t)random_below(&f->random, 50000);
        f->ranges = ((ranges - 1) >> k) + 1;
        memset(f->expected, 0, sizeof f->expected);
        for (uint32_t i = 0; i < ranges; i++)
            if (f->bounds.sums[i] > f->expected[i >> k])
                f->expected[i >> k] = f->bounds.sums[i];
        range_bounds_fold(&f->bounds, k);
        assert_int_equal(f->bounds.count, f->ranges);
        check(f);
        arena_release(&f->arena);
    }
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->random.state = random_seed();
    *state = f;
    return 0;
}

static int teardown(void **state) {
    free(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sums_are_those_of_all_words, setup, teardown),
        cmocka_unit_test_setup_teardown(parts_have_the_sums_of_the_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(filters_leave_groups_as_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(folding_leaves_the_greatest, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
