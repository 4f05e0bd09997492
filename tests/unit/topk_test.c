/* The heap of the best, against sorting everything. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "searcher/retrieve/topk.h"
#include "support/random.h"

static int compare_best_first(const void *a, const void *b) {
    const struct topk_entry *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->ordinal < y->ordinal ? -1 : x->ordinal > y->ordinal;
}

static void push_all(struct topk *t, const struct topk_entry *entries, size_t count) {
    for (size_t i = 0; i < count; i++)
        topk_push(t, entries[i].score, entries[i].ordinal);
    topk_sort(t);
}

static void assert_entries_equal(const struct topk *t, const struct topk_entry *expected, size_t count) {
    assert_int_equal(t->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(t->entries[i].score == expected[i].score);
        assert_int_equal(t->entries[i].ordinal, expected[i].ordinal);
    }
}

/* Of the entries, which are sorted here, the best ones are what a list of so many has in the end. */
static void assert_best_are_kept(size_t limit, struct topk_entry *entries, size_t count) {
    struct topk t;
    topk_init(&t, limit);
    push_all(&t, entries, count);
    assert_false(t.failed);
    if (count)
        qsort(entries, count, sizeof *entries, compare_best_first);
    assert_entries_equal(&t, entries, count < limit ? count : limit);
    topk_release(&t);
}

/* Few distinct scores, so that ties abound; in any order of ordinals. */
static void best_are_those_of_a_full_sort(void **state) {
    struct random *random = *state;
    for (int round = 0; round < 500; round++) {
        enum { MOST = 200 };
        struct topk_entry entries[MOST];
        size_t count = random_below(random, MOST), limit = random_below(random, MOST + 20) + 1;
        for (size_t i = 0; i < count; i++)
            entries[i] = (struct topk_entry){(double)random_below(random, 12) / 8, i};
        for (size_t i = 1; i < count && round % 2; i++) {
            size_t j = random_below(random, (uint32_t)i + 1);
            struct topk_entry swap = entries[i];
            entries[i] = entries[j];
            entries[j] = swap;
        }
        assert_best_are_kept(limit, entries, count);
    }
}

/* More than are compared with each other: scores near each other but for a few, so that some share a bucket, and the
 * same scores hundreds of times. */
static void many_are_sorted(void **state) {
    struct random *random = *state;
    for (int round = 0; round < 100; round++) {
        enum { MOST = 5000 };
        static struct topk_entry entries[MOST];
        size_t count = random_below(random, MOST), limit = 65 + random_below(random, MOST);
        uint32_t distinct = 1U << random_below(random, 25);
        for (size_t i = 0; i < count; i++) {
            double most = random_below(random, 100) ? 1.5 : 40;
            entries[i] = (struct topk_entry){most * random_below(random, distinct) / distinct, i * 7919 % MOST};
        }
        if (count > 1)
            entries[1].score = round % 2 ? -0.0 : INFINITY;
        assert_best_are_kept(limit, entries, count);
    }
}

static void threshold_tells_what_is_in_vain(void **state) {
    (void)state;
    struct topk t;
    topk_init(&t, 2);
    assert_true(0 > t.threshold);
    topk_push(&t, 3, 0);
    assert_true(0 > t.threshold);
    topk_push(&t, 1, 1);
    assert_true(t.threshold == 1);
    topk_push(&t, 1, 2);
    topk_push(&t, 2, 3);
    assert_true(t.threshold == 2);
    topk_sort(&t);
    assert_entries_equal(&t, (const struct topk_entry[]){{3, 0}, {2, 3}}, 2);
    topk_release(&t);
}

static void any_limit_is_fine(void **state) {
    (void)state;
    const struct topk_entry entry = {1, 7};
    struct topk t;
    topk_init(&t, SIZE_MAX);
    push_all(&t, &entry, 1);
    assert_entries_equal(&t, &entry, 1);
    topk_release(&t);
    topk_init(&t, 0);
    push_all(&t, &entry, 1);
    assert_int_equal(t.count, 0);
    topk_release(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(best_are_those_of_a_full_sort, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(many_are_sorted, random_setup, random_teardown),
        cmocka_unit_test(threshold_tells_what_is_in_vain),
        cmocka_unit_test(any_limit_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
