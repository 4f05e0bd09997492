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
#include "indexer/merge/reorder.h"
#include "support/sample.h"

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

/* ------------------------------------------------------------------------------ of segments -- */

enum { PARTS = 2, PER_PART = 240 };

/* Adds made-up articles, of which every third is deleted if `deleted` is given. Appends the numbers of the others. */
static void add_samples(struct inverter *inv, struct random *r, uint32_t first, uint8_t *deleted,
                        struct buffer *lives) {
    struct sample sample;
    for (uint32_t k = 0; k < PER_PART; k++) {
        uint32_t from = inverter_passages(inv);
        make_sample(r, &sample, first + k);
        assert_int_equal(inverter_add(inv, &sample.article, NULL), LEDE_OK);
        bool dead = deleted && k % 3 == 0;
        for (uint32_t p = from; dead && p < inverter_passages(inv); p++)
            deleted[p / 8] |= (uint8_t)(1U << p % 8);
        if (!dead)
            buffer_append_u32(lives, first + k);
    }
}

/* How many (term, live article) pairs a segment has, of terms that so many passages hold. */
static uint64_t count_postings(const struct merge_input *input, uint32_t least, uint64_t most) {
    struct dictionary_cursor *c;
    uint64_t sum = 0;
    assert_int_equal(dictionary_open(&c, input->segment, DICTIONARY_TERMS, "", 0, NULL), LEDE_OK);
    size_t len;
    while (dictionary_key(c, &len)) {
        const struct term_info *info = dictionary_info(c);
        struct postings p;
        uint32_t last = UINT32_MAX;
        postings_init(&p, input->segment, info);
        for (uint32_t d = p.doc; info->doc_freq >= least && info->doc_freq <= most && d != DOC_END;
             d = postings_next(&p)) {
            uint32_t a = segment_article_of(input->segment, d);
            sum += a != last && !(input->deleted && (input->deleted[d / 8] >> d % 8 & 1));
            last = a;
        }
        postings_release(&p);
        assert_int_equal(dictionary_next(c, NULL), LEDE_OK);
    }
    dictionary_close(c);
    return sum;
}

static void the_forward_index_has_all_postings(void **state) {
    struct folder f;
    struct analyzer *a;
    struct forward_plan plan;
    struct forward_index all, part;
    struct buffer lives = BUFFER_EMPTY;
    uint8_t deleted[PER_PART * MAX_PASSAGES / 8 + 1] = {0};
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, true);
    add_samples(inv, *state, 0, deleted, &lives);
    struct segment *s = flush(inv, folder_entry(&f, "a.seg"));
    struct merge_input input = {s, deleted};
    assert_int_equal(forward_plan_init(&plan, &(struct merge_job){.inputs = &input, .count = 1},
                                       &(struct forward_order){NULL, 0, 1, UINT64_MAX}, NULL),
                     LEDE_OK);
    assert_int_equal(plan.lives, lives.len / 4);
    const struct forward_part whole = {0, plan.lives, 0, 0}, middle = {40, 60, 0, 0}, runs = {40, 61, 2, 5};
    assert_int_equal(forward_make(&all, &plan, &whole, NULL), LEDE_OK);
    assert_int_equal(all.starts[plan.lives], count_postings(&input, plan.least, plan.most));
    for (uint32_t i = 0; i < plan.lives; i++)
        for (uint32_t k = all.starts[i]; k < all.starts[i + 1]; k++) {
            assert_true(all.list[k] < all.terms);
            assert_false(holds(all.list + all.starts[i], k - all.starts[i], all.list[k]));
        }
    assert_int_equal(forward_make(&part, &plan, &middle, NULL), LEDE_OK);
    assert_int_equal(part.starts[20], all.starts[60] - all.starts[40]);
    assert_memory_equal(part.list, all.list + all.starts[40], part.starts[20] * sizeof *part.list);
    forward_release(&part);
    /* 40 41, 50 51, 60 */
    assert_int_equal(forward_part_size(&runs), 5);
    assert_int_equal(forward_make(&part, &plan, &runs, NULL), LEDE_OK);
    assert_int_equal(part.starts[4] - part.starts[2], all.starts[52] - all.starts[50]);
    assert_memory_equal(part.list + part.starts[2], all.list + all.starts[50],
                        (part.starts[4] - part.starts[2]) * sizeof *part.list);
    assert_int_equal(part.starts[5] - part.starts[4], all.starts[61] - all.starts[60]);
    forward_release(&part);
    forward_release(&all);
    forward_plan_release(&plan);
    segment_close(s);
    buffer_release(&lives);
    inverter_free(inv);
    analyzer_free(a);
    folder_remove(&f);
}

/* Six articles, the terms 0 and 1 in every other one. */
static void gaps_are_measured(void **state) {
    uint32_t starts[] = {0, 1, 2, 3, 4, 5, 6}, last[2];
    uint16_t list[] = {0, 1, 0, 1, 0, 1};
    const uint32_t order[] = {0, 2, 4, 1, 3, 5};
    const struct forward_index f = {.articles = 6, .terms = 2, .starts = starts, .list = list};
    (void)state;
    /* From the start: gaps of 1, 2, 2 and 2, 2, 2. */
    assert_int_equal(forward_gap_bits(&f, NULL, last), 5);
    /* 1, 1, 1 and 4, 1, 1. */
    assert_int_equal(forward_gap_bits(&f, order, last), 2);
}

static void live_articles_of_all_segments_are_ordered(void **state) {
    struct folder f;
    struct analyzer *a;
    struct segment *parts[PARTS];
    struct merge_input inputs[PARTS];
    struct buffer lives = BUFFER_EMPTY;
    uint8_t deleted[PER_PART * MAX_PASSAGES / 8 + 1] = {0};
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, true);
    for (uint32_t i = 0; i < PARTS; i++) {
        add_samples(inv, *state, i * PER_PART, i ? NULL : deleted, &lives);
        parts[i] = flush(inv, folder_entry(&f, i ? "b.seg" : "a.seg"));
        inputs[i] = (struct merge_input){parts[i], i ? NULL : deleted};
    }
    struct permute_job job = {.merge = {.inputs = inputs, .count = PARTS, .memory = 64 << 20}};
    struct reordering found;
    assert_int_equal(reorder_articles(&found, &job, 2, NULL), LEDE_OK);
    assert_int_equal(found.articles, lives.len / 4);
    assert_true(found.gain < 1 << 20);
    assert_holds_all(found.order, (const void *)lives.data, found.articles);
    reordering_release(&found);
    for (uint32_t i = 0; i < PARTS; i++)
        segment_close(parts[i]);
    buffer_release(&lives);
    inverter_free(inv);
    analyzer_free(a);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(subjects_are_told_apart, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(threads_do_not_matter, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(any_number_of_articles_is_ordered, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(it_can_be_stopped, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(the_forward_index_has_all_postings, random_setup, random_teardown),
        cmocka_unit_test(gaps_are_measured),
        cmocka_unit_test_setup_teardown(live_articles_of_all_segments_are_ordered, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
