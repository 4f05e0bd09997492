/* Articles of few subjects, all mixed up, are told apart again; the order is one of all articles, the same with any
 * number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/codecs/maxima.h"
#include "indexer/merge/bisect.h"
#include "support/random.h"

enum { SUBJECTS = 24, OWN_TERMS = 120, COMMON_TERMS = 400, TERMS_EACH = 20 };

static uint16_t make_term(struct random *r, uint32_t subject) {
    if (random_below(r, 2))
        return (uint16_t)random_below(r, COMMON_TERMS);
    return (uint16_t)(COMMON_TERMS + subject * OWN_TERMS + random_below(r, OWN_TERMS));
}

static bool holds(const uint16_t *list, uint32_t n, uint16_t term) {
    while (n > 0)
        if (list[--n] == term)
            return true;
    return false;
}

static struct forward_index make_forward(struct random *r, uint32_t articles) {
    struct forward_index f = {.articles = articles, .terms = COMMON_TERMS + SUBJECTS * OWN_TERMS};
    f.starts = malloc((articles + 1) * sizeof *f.starts);
    f.list = malloc((size_t)articles * TERMS_EACH * sizeof *f.list);
    assert_non_null(f.starts);
    assert_non_null(f.list);
    uint32_t at = 0;
    for (uint32_t a = 0; a < articles; a++) {
        uint32_t subject = random_below(r, SUBJECTS), count = random_below(r, TERMS_EACH + 1);
        f.starts[a] = at;
        for (uint32_t k = 0; k < count; k++) {
            uint16_t term = make_term(r, subject);
            if (!holds(f.list + f.starts[a], at - f.starts[a], term))
                f.list[at++] = term;
        }
    }
    f.starts[articles] = at;
    return f;
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void assert_holds_all(const uint32_t *order, const uint32_t *expected, uint32_t n) {
    uint32_t *sorted = malloc((n + 1) * sizeof *sorted);
    assert_non_null(sorted);
    memcpy(sorted, order, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_number);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(sorted[i], expected ? expected[i] : i);
    free(sorted);
}

/* Bits of the gaps between the articles of each term. */
static double cost_of(const struct forward_index *f, const uint32_t *order) {
    uint32_t *last = calloc(f->terms, sizeof *last);
    double bits = 0;
    assert_non_null(last);
    for (uint32_t i = 0; i < f->articles; i++)
        for (uint32_t k = f->starts[order[i]]; k < f->starts[order[i] + 1]; k++) {
            bits += log2(i + 1 - last[f->list[k]]);
            last[f->list[k]] = i + 1;
        }
    free(last);
    return bits;
}

/* (term, range) pairs, which are what a search has to bound. */
static uint64_t ranges_of(const struct forward_index *f, const uint32_t *order) {
    uint32_t *last = calloc(f->terms, sizeof *last);
    uint64_t pairs = 0;
    assert_non_null(last);
    for (uint32_t i = 0; i < f->articles; i++)
        for (uint32_t k = f->starts[order[i]]; k < f->starts[order[i] + 1]; k++) {
            pairs += last[f->list[k]] != i / RANGE_DOCS + 1;
            last[f->list[k]] = i / RANGE_DOCS + 1;
        }
    free(last);
    return pairs;
}

static void order_by(struct forward_index *f, uint32_t *order, unsigned threads) {
    const struct bisect_options options = {.threads = threads, .leaf = RANGE_DOCS, .most = UINT32_MAX};
    assert_int_equal(bisect_order(order, f, &options, NULL), LEDE_OK);
    assert_holds_all(order, NULL, f->articles);
}

static void subjects_are_told_apart(void **state) {
    enum { N = 8000 };
    static uint32_t before[N], order[N];
    struct forward_index f = make_forward(*state, N);
    for (uint32_t i = 0; i < N; i++)
        before[i] = i;
    order_by(&f, order, 1);
    double cost = cost_of(&f, order) / cost_of(&f, before);
    double ranges = (double)ranges_of(&f, order) / (double)ranges_of(&f, before);
    print_message("gaps: %.2f of the bits before; ranges: %.2f of those before\n", cost, ranges);
    assert_true(cost < 0.85);
    assert_true(ranges < 0.6);
    forward_release(&f);
}

static void threads_do_not_matter(void **state) {
    enum { N = 7001 };
    static uint32_t one[N], many[N];
    struct forward_index f = make_forward(*state, N);
    order_by(&f, one, 1);
    for (unsigned threads = 2; threads <= 5; threads++) {
        order_by(&f, many, threads);
        assert_memory_equal(one, many, sizeof one);
    }
    forward_release(&f);
}

static void any_number_of_articles_is_ordered(void **state) {
    static const uint32_t sizes[] = {0, 1, 2, 3, 127, 128, 129, 255, 257, 300, 1025};
    static uint32_t order[1025];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct forward_index f = make_forward(*state, sizes[i]);
        order_by(&f, order, 2);
        forward_release(&f);
    }
}

static uint64_t count_ranges(const struct forward_index *f, const uint32_t *order, uint32_t width) {
    uint32_t *last = malloc(f->terms * sizeof *last);
    assert_non_null(last);
    uint64_t ranges = forward_ranges(f, order, width, last);
    free(last);
    return ranges;
}

static void leaves_are_as_small_as_wanted(void **state) {
    enum { N = 3000, LEAF = 16 };
    static uint32_t order[N], coarse[N];
    struct forward_index f = make_forward(*state, N);
    const struct bisect_options options = {.threads = 1, .leaf = LEAF, .most = UINT32_MAX};
    assert_int_equal(bisect_order(order, &f, &options, NULL), LEDE_OK);
    assert_holds_all(order, NULL, N);
    for (uint32_t i = 0; i < N; i++)
        assert_true(i % LEAF == 0 || order[i - 1] < order[i]);
    order_by(&f, coarse, 1);
    assert_true(100 * count_ranges(&f, order, LEAF) < 95 * count_ranges(&f, coarse, LEAF));
    forward_release(&f);
}

/* A node of all articles that may be put in order is ordered as if there were no others; those above stay. */
static void assert_ordered_alone(const struct forward_index *f, const uint32_t *order, uint32_t first, uint32_t n,
                                 const struct bisect_options *options) {
    if (n > options->most) {
        uint32_t leaves = (n + options->leaf - 1) / options->leaf, middle = leaves / 2 * options->leaf;
        assert_ordered_alone(f, order, first, middle, options);
        assert_ordered_alone(f, order, first + middle, n - middle, options);
        return;
    }
    const struct forward_index part = {.articles = n, .terms = f->terms, .starts = f->starts + first, .list = f->list};
    uint32_t *alone = malloc(n * sizeof *alone);
    bool moved = false;
    assert_non_null(alone);
    assert_int_equal(bisect_order(alone, &part, options, NULL), LEDE_OK);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(order[first + i], first + alone[i]);
        moved |= alone[i] != i;
    }
    assert_true(moved);
    free(alone);
}

static void large_nodes_stay_as_they_are(void **state) {
    enum { N = 7001 };
    static uint32_t order[N];
    struct forward_index f = make_forward(*state, N);
    for (unsigned threads = 1; threads <= 2; threads++) {
        const struct bisect_options options = {.threads = threads, .leaf = 32, .most = 2000};
        assert_int_equal(bisect_order(order, &f, &options, NULL), LEDE_OK);
        assert_ordered_alone(&f, order, 0, N, &options);
    }
    forward_release(&f);
}

static int stop_at_once(void *ctx) {
    ++*(int *)ctx;
    return 1;
}

static void it_can_be_stopped(void **state) {
    enum { N = 100000 };
    int asked = 0;
    uint32_t *order = malloc(N * sizeof *order);
    struct forward_index f = make_forward(*state, N);
    const struct bisect_options options = {
        .threads = 2, .leaf = RANGE_DOCS, .most = UINT32_MAX, .stop = stop_at_once, .ctx = &asked};
    assert_non_null(order);
    assert_int_equal(bisect_order(order, &f, &options, NULL), LEDE_INTERRUPTED);
    assert_int_equal(asked, 1);
    free(order);
    forward_release(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(subjects_are_told_apart, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(threads_do_not_matter, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(any_number_of_articles_is_ordered, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(leaves_are_as_small_as_wanted, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(large_nodes_stay_as_they_are, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(it_can_be_stopped, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
