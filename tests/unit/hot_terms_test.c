/* Which terms are hot: those that are used, as far as there is room, and as long as nobody else's are used more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/copied_postings.h"
#include "support/failing_malloc.h"
#include "support/hot_words.h"

enum { PLENTY = 100 << 20 };

static bool use_once(const struct hot_words *x, enum hot_segment s, const char *word) {
    const struct hot_term *t = hot_words_use(x, s, word);
    hot_terms_give_back(x->terms[s], t);
    return t != NULL;
}

/* How many uses it takes to find it. */
static unsigned uses_until_hot(const struct hot_words *x, enum hot_segment s, const char *word) {
    unsigned n = 1;
    while (!use_once(x, s, word)) {
        assert_true(x->budget->used <= x->budget->limit);
        assert_true(++n < 1000000);
    }
    return n;
}

static void use(const struct hot_words *x, const char *word, unsigned times) {
    for (unsigned i = 0; i < times; i++)
        (void)!use_once(x, FIRST, word);
}

static void terms_are_hot_from_their_third_use_on(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, PLENTY);
    assert_int_equal(HOT_USES, 3);
    assert_null(hot_words_use(&x, FIRST, "w0"));
    assert_null(hot_words_use(&x, FIRST, "w0"));
    assert_int_equal(x.budget->used, 0);
    const struct hot_term *t = hot_words_use(&x, FIRST, "w0");
    assert_non_null(t);
    assert_int_equal(t->kept.size, hot_words_size(&x, FIRST, "w0"));
    assert_int_equal(x.budget->used, t->kept.size);
    assert_ptr_equal(hot_words_use(&x, FIRST, "w0"), t);
    assert_null(hot_words_use(&x, FIRST, "w1"));
    hot_terms_give_back(x.terms[FIRST], t);
    hot_terms_give_back(x.terms[FIRST], t);
    assert_ptr_equal(hot_words_use(&x, FIRST, "w0"), t);
    hot_terms_give_back(x.terms[FIRST], t);
    hot_words_release(&x);
}

/* However often it asks; its next use by another search is counted. */
static void one_search_is_one_use(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, PLENTY);
    struct term_info info = hot_words_find(&x, FIRST, "w0");
    for (unsigned search = 1; search < HOT_USES; search++) {
        hot_budget_search(x.budget);
        for (unsigned i = 0; i < 10; i++)
            assert_null(hot_terms_hold(x.terms[FIRST], x.segments[FIRST], &info));
    }
    assert_int_equal(x.budget->used, 0);
    assert_true(use_once(&x, FIRST, "w0"));
    hot_words_release(&x);
}

static void long_ones_are_made_step_by_step(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, PLENTY);
    assert_int_equal(uses_until_hot(&x, SECOND, "x"), HOT_USES - 1 + HOT_SECOND_PASSAGES / HOT_STEP + 1);
    assert_int_equal(x.budget->used, hot_words_size(&x, SECOND, "x"));
    /* Half made ones go with their segment. */
    hot_budget_set_limit(x.budget, 0);
    hot_budget_set_limit(x.budget, PLENTY);
    assert_false(use_once(&x, SECOND, "x"));
    assert_int_equal(x.budget->used, hot_words_size(&x, SECOND, "x"));
    hot_words_release(&x);
}

static void rare_ones_and_those_without_memory_are_never_hot(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, PLENTY);
    struct term_info info = hot_words_find(&x, FIRST, "w0");
    for (unsigned i = 0; i < 10; i++) {
        assert_null(hot_words_use(&x, FIRST, "rare"));
        assert_null(hot_terms_hold(NULL, x.segments[FIRST], &info));
    }
    hot_budget_set_limit(x.budget, 0);
    for (unsigned i = 0; i < 10; i++)
        assert_null(hot_words_use(&x, FIRST, "w0"));
    hot_terms_give_back(x.terms[FIRST], NULL);
    hot_terms_give_back(NULL, NULL);
    hot_budget_set_limit(x.budget, hot_words_size(&x, FIRST, "w0") - 1);
    for (unsigned i = 0; i < 100; i++)
        assert_null(hot_words_use(&x, FIRST, "w0"));
    assert_int_equal(x.budget->used, 0);
    hot_words_release(&x);
}

static void those_used_least_make_room_for_those_used_twice_as_often(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, PLENTY);
    hot_budget_set_limit(x.budget, 3 * hot_words_size(&x, FIRST, "w0"));
    use(&x, "w0", 30);
    use(&x, "w1", 10);
    use(&x, "w2", 20);
    assert_int_equal(x.budget->used, x.budget->limit);
    assert_int_equal(uses_until_hot(&x, FIRST, "w3"), 32); /* room is asked for at powers of two */
    assert_int_equal(x.budget->used, x.budget->limit);
    assert_true(use_once(&x, FIRST, "w0"));
    assert_false(use_once(&x, FIRST, "w1"));
    assert_true(use_once(&x, FIRST, "w2"));
    hot_words_release(&x);
}

static void large_ones_have_to_be_used_more(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, PLENTY);
    size_t large = hot_words_size(&x, SECOND, "x"), small = hot_words_size(&x, FIRST, "w0");
    hot_budget_set_limit(x.budget, large);
    use(&x, "w0", 20);
    assert_int_equal(x.budget->used, small);
    unsigned uses = uses_until_hot(&x, SECOND, "x");
    assert_true(uses >= 2 * 20 * large / small);
    assert_true(uses <= 2 * 2 * 20 * large / small + 4);
    assert_int_equal(x.budget->used, large);
    assert_false(use_once(&x, FIRST, "w0"));
    hot_words_release(&x);
}

static void uses_of_long_ago_count_less(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, PLENTY);
    hot_budget_set_limit(x.budget, 2 * hot_words_size(&x, FIRST, "w0"));
    use(&x, "w0", 4000);
    use(&x, "w1", 6 << 15);
    assert_true(uses_until_hot(&x, FIRST, "w2") <= 2 * 2 * 4000 >> 5);
    assert_false(use_once(&x, FIRST, "w0"));
    hot_words_release(&x);
}

static void what_is_held_stays(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, PLENTY);
    size_t size = hot_words_size(&x, FIRST, "w0");
    hot_budget_set_limit(x.budget, size);
    use(&x, "w0", HOT_USES - 1);
    const struct hot_term *t = hot_words_use(&x, FIRST, "w0");
    for (unsigned i = 0; i < 100; i++)
        assert_null(hot_words_use(&x, FIRST, "w1"));
    hot_budget_set_limit(x.budget, 0);
    assert_int_equal(x.budget->used, size);
    assert_int_equal(t->ranges[0], 255);
    hot_terms_give_back(x.terms[FIRST], t);
    assert_int_equal(x.budget->used, 0);
    hot_words_release(&x);
}

static void lower_limits_leave_those_that_are_used_most(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, PLENTY);
    size_t size = hot_words_size(&x, FIRST, "w0");
    use(&x, "w0", 3);
    use(&x, "w1", 5);
    use(&x, "w2", 4);
    assert_int_equal(lede_index_cache_bytes(&x.built.index), 3 * size);
    lede_index_set_cache(&x.built.index, 2 * size - 1);
    assert_int_equal(lede_index_cache_bytes(&x.built.index), size);
    assert_false(use_once(&x, FIRST, "w0"));
    assert_true(use_once(&x, FIRST, "w1"));
    assert_false(use_once(&x, FIRST, "w2"));
    lede_index_set_cache(&x.built.index, PLENTY);
    assert_true(use_once(&x, FIRST, "w2"));
    hot_words_release(&x);
}

static void broken_ones_are_not_tried_again(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, PLENTY);
    struct segment broken;
    struct term_info info = hot_words_find(&x, FIRST, "w0");
    uint8_t *bytes = copy_postings(&broken, x.segments[FIRST]);
    memset(bytes + info.postings, 0xff, info.postings_size);
    for (unsigned i = 0; i < 10; i++) {
        hot_budget_search(x.budget);
        assert_null(hot_terms_hold(x.terms[FIRST], &broken, &info));
    }
    assert_int_equal(x.budget->used, 0);
    /* Those of the segment are right, but not looked at any more. */
    for (unsigned i = 0; i < 10; i++)
        assert_null(hot_words_use(&x, FIRST, "w0"));
    free(bytes);
    hot_words_release(&x);
}

static void without_memory_nothing_else_happens(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, PLENTY);
    struct term_info info = hot_words_find(&x, FIRST, "w0");
    for (long n = 0, hot = 0; !hot; n++) {
        failing_malloc_after(n);
        for (unsigned i = 0; i < 4 && !hot; i++) {
            hot_budget_search(x.budget);
            const struct hot_term *t = hot_terms_hold(x.terms[FIRST], x.segments[FIRST], &info);
            hot_terms_give_back(x.terms[FIRST], t);
            hot = t != NULL;
        }
        failing_malloc_never();
        assert_int_equal(x.budget->used, hot ? hot_words_size(&x, FIRST, "w0") : 0);
        assert_true(!FAILING_MALLOC || n > 0 || !hot);
    }
    hot_words_release(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_are_hot_from_their_third_use_on),
        cmocka_unit_test(one_search_is_one_use),
        cmocka_unit_test(long_ones_are_made_step_by_step),
        cmocka_unit_test(rare_ones_and_those_without_memory_are_never_hot),
        cmocka_unit_test(those_used_least_make_room_for_those_used_twice_as_often),
        cmocka_unit_test(large_ones_have_to_be_used_more),
        cmocka_unit_test(uses_of_long_ago_count_less),
        cmocka_unit_test(what_is_held_stays),
        cmocka_unit_test(lower_limits_leave_those_that_are_used_most),
        cmocka_unit_test(broken_ones_are_not_tried_again),
        cmocka_unit_test(without_memory_nothing_else_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
