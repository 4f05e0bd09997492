/* The arithmetic of ranking, against numbers worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "searcher/plan/bm25.h"

static struct bm25 made(double k1, double b, uint64_t passages, uint64_t total_length) {
    struct bm25 bm25;
    assert_int_equal(bm25_init(&bm25, k1, b, passages, total_length, NULL), LEDE_OK);
    return bm25;
}

/* Four passages of 40 words together, k1 = 1.2, b = 0.75. A word that two of them hold:
 * idf = ln(1 + 2.5 / 2.5) = ln 2; weight = 2.2 ln 2 = 1.524924. In a passage of 20 words, twice:
 * norm = 1.2 * (0.25 + 0.75 * 20 / 10) = 2.1; score = 1.524924 * 2 / 4.1 = 0.743865. */
static void score_is_as_worked_out_by_hand(void **state) {
    (void)state;
    struct bm25 bm25 = made(1.2, 0.75, 4, 40);
    double weight = bm25_weight(&bm25, 2, 1);
    assert_true(fabs(weight - 1.524923797) < 1e-9);
    assert_true(fabs(bm25_norm(&bm25, 20) - 2.1) < 1e-12);
    assert_true(fabs(bm25_score(weight, 2, bm25_norm(&bm25, 20)) - 0.743865267) < 1e-9);
    assert_true(bm25_weight(&bm25, 2, 3) == 3 * weight);
}

static void weight_is_positive_and_falls(void **state) {
    (void)state;
    struct bm25 bm25 = made(0, 0, 1000, 1000);
    double before = INFINITY;
    for (uint64_t df = 1; df <= 1000; df++) {
        double weight = bm25_weight(&bm25, df, 1);
        assert_true(weight > 0 && weight < before);
        before = weight;
    }
}

static void score_grows_with_frequency_and_falls_with_length(void **state) {
    (void)state;
    struct bm25 bm25 = made(0.9, 0.4, 1000, 70000);
    for (uint32_t length = 0; length < 3000; length = length * 2 + 1)
        for (uint32_t freq = 1; freq < 5000; freq += freq) {
            double score = bm25_score(7.7, freq, bm25_norm(&bm25, length));
            assert_true(score <= 7.7);
            assert_true(bm25_score(7.7, freq + 1, bm25_norm(&bm25, length)) > score);
            assert_true(bm25_score(7.7, freq, bm25_norm(&bm25, length + 1)) < score);
        }
}

static void parameters_have_defaults_and_bounds(void **state) {
    (void)state;
    struct bm25 standard = made(0, 0, 10, 100), given = made(LEDE_DEFAULT_K1, LEDE_DEFAULT_B, 10, 100);
    assert_memory_equal(&standard, &given, sizeof given);
    assert_true(made(-1, 0, 10, 100).k1 == 0);
    struct bm25 flat = made(2, -1, 10, 100);
    assert_true(bm25_norm(&flat, 1) == 2 && bm25_norm(&flat, 999) == 2);
    static const struct { double k1, b; } wrong[] = {{NAN, 0}, {0, NAN}, {INFINITY, 0}, {0, 1.01}, {1001, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct bm25 bm25;
        lede_error err;
        assert_int_equal(bm25_init(&bm25, wrong[i].k1, wrong[i].b, 1, 1, &err), LEDE_INVALID);
        assert_int_equal(err.status, LEDE_INVALID);
    }
}

static void index_without_words_has_finite_norms(void **state) {
    (void)state;
    struct bm25 bm25 = made(0, 0, 0, 0);
    assert_true(isfinite(bm25_norm(&bm25, 0)));
    assert_true(isfinite(bm25_weight(&bm25, 0, 1)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(score_is_as_worked_out_by_hand),
        cmocka_unit_test(weight_is_positive_and_falls),
        cmocka_unit_test(score_grows_with_frequency_and_falls_with_length),
        cmocka_unit_test(parameters_have_defaults_and_bounds),
        cmocka_unit_test(index_without_words_has_finite_norms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
