/* The forward index has what the segments' postings have, by article or by bundle, but for terms that are left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "indexer/merge/forward.h"
#include "indexer/merge/key_walk.h"
#include "support/sample.h"

enum { PARTS = 2, PER_PART = 240 };

/* Segments of made-up articles; every third one of the first is deleted. */
struct scene {
    struct folder folder;
    struct segment *parts[PARTS];
    struct merge_input inputs[PARTS];
    uint8_t deleted[PER_PART * MAX_PASSAGES / 8 + 1];
    uint32_t lives[PARTS * PER_PART]; /* numbers, through all parts, of the others */
    uint32_t count;                   /* of them */
};

static void add_samples(struct scene *s, uint32_t part, struct inverter *inv, struct random *r) {
    struct sample sample;
    for (uint32_t k = 0; k < PER_PART; k++) {
        uint32_t from = inverter_passages(inv), number = part * PER_PART + k;
        make_sample(r, &sample, number);
        assert_int_equal(inverter_add(inv, &sample.article, NULL), LEDE_OK);
        bool dead = part == 0 && k % 3 == 0;
        for (uint32_t p = from; dead && p < inverter_passages(inv); p++)
            s->deleted[p / 8] |= (uint8_t)(1U << p % 8);
        if (!dead)
            s->lives[s->count++] = number;
    }
}

static void scene_make(struct scene *s, struct random *r) {
    struct analyzer *a;
    memset(s, 0, sizeof *s);
    folder_make(&s->folder);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, true);
    for (uint32_t i = 0; i < PARTS; i++) {
        add_samples(s, i, inv, r);
        s->parts[i] = flush(inv, folder_entry(&s->folder, i ? "b.seg" : "a.seg"));
        s->inputs[i] = (struct merge_input){s->parts[i], i ? NULL : s->deleted};
    }
    inverter_free(inv);
    analyzer_free(a);
}

static void scene_remove(struct scene *s) {
    for (uint32_t i = 0; i < PARTS; i++)
        segment_close(s->parts[i]);
    folder_remove(&s->folder);
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

static void make_plan(struct forward_plan *plan, const struct scene *s, size_t parts,
                      const struct forward_order *order) {
    const struct merge_job job = {.inputs = s->inputs, .count = parts};
    assert_int_equal(forward_plan_init(plan, &job, order, NULL), LEDE_OK);
}

/* All units, each of which has each of its terms once. */
static struct forward_index make_all(struct forward_plan *plan) {
    struct forward_index all;
    const struct forward_part whole = {0, plan->units, 0, 0};
    assert_int_equal(forward_make(&all, plan, &whole, NULL), LEDE_OK);
    assert_int_equal(all.articles, (plan->lives + plan->bundle - 1) / plan->bundle);
    uint32_t *last = calloc(all.terms + 1, sizeof *last);
    assert_non_null(last);
    for (uint32_t u = 0; u < plan->units; u++) {
        assert_int_equal(all.starts[u + 1] - all.starts[u], plan->counts[u]);
        for (uint32_t k = all.starts[u]; k < all.starts[u + 1]; k++) {
            assert_true(all.list[k] < all.terms);
            assert_true(last[all.list[k]] != u + 1);
            last[all.list[k]] = u + 1;
        }
    }
    free(last);
    return all;
}

static void the_forward_index_has_all_postings(void **state) {
    struct scene s;
    struct forward_plan plan;
    struct forward_index part;
    scene_make(&s, *state);
    make_plan(&plan, &s, 1, &(struct forward_order){NULL, 0, 1, UINT64_MAX});
    assert_int_equal(plan.lives, PER_PART - PER_PART / 3);
    const struct forward_part middle = {40, 60, 0, 0}, runs = {40, 61, 2, 5};
    struct forward_index all = make_all(&plan);
    assert_int_equal(all.starts[plan.lives], count_postings(&s.inputs[0], plan.least, plan.most));
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
    scene_remove(&s);
}

/* The live articles, one of each part in turn while there are any. */
static void alternate(uint32_t *order, const struct scene *s) {
    uint32_t first = 0, second = 0, n = 0;
    while (s->lives[second] < PER_PART)
        second++;
    for (const uint32_t end = second; n < s->count;) {
        if (first < end)
            order[n++] = s->lives[first++];
        if (second < s->count)
            order[n++] = s->lives[second++];
    }
}

/* Fails unless each bundle has the terms of its articles, but for the `left_out` most frequent ones. */
static void assert_bundled(const struct forward_index *bundles, const struct forward_index *articles, uint32_t bundle,
                           uint32_t left_out) {
    assert_int_equal(bundles->articles, (articles->articles + bundle - 1) / bundle);
    for (uint32_t u = 0; u < bundles->articles; u++) {
        uint32_t end = (u + 1) * bundle < articles->articles ? (u + 1) * bundle : articles->articles, expected = 0;
        bool *has = calloc(articles->terms, sizeof *has);
        assert_non_null(has);
        for (uint32_t k = articles->starts[u * bundle]; k < articles->starts[end]; k++) {
            expected += articles->list[k] >= left_out && !has[articles->list[k]];
            has[articles->list[k]] = true;
        }
        for (uint32_t k = bundles->starts[u]; k < bundles->starts[u + 1]; k++)
            assert_true(has[bundles->list[k] + left_out]);
        assert_int_equal(bundles->starts[u + 1] - bundles->starts[u], expected); /* each is there once */
        free(has);
    }
}

static void bundles_have_the_terms_of_their_articles(void **state) {
    enum { BUNDLE = 8 };
    struct scene s;
    struct forward_plan plan;
    uint32_t order[PARTS * PER_PART];
    scene_make(&s, *state);
    alternate(order, &s);
    /* The last bundle is smaller. */
    const uint32_t count = s.count / BUNDLE * BUNDLE - 3;
    make_plan(&plan, &s, PARTS, &(struct forward_order){order, count, 1, UINT64_MAX});
    struct forward_index articles = make_all(&plan);
    forward_plan_release(&plan);
    make_plan(&plan, &s, PARTS, &(struct forward_order){order, count, BUNDLE, UINT64_MAX});
    struct forward_index bundles = make_all(&plan), part;
    assert_true(bundles.starts[bundles.articles] < articles.starts[articles.articles]);
    assert_bundled(&bundles, &articles, BUNDLE, 0);
    const struct forward_part last = {plan.units - 3, plan.units, 0, 0};
    assert_int_equal(forward_make(&part, &plan, &last, NULL), LEDE_OK);
    assert_int_equal(part.starts[3], bundles.starts[plan.units] - bundles.starts[last.first]);
    assert_memory_equal(part.list, bundles.list + bundles.starts[last.first], part.starts[3] * sizeof *part.list);
    forward_release(&part);
    forward_release(&bundles);
    forward_release(&articles);
    forward_plan_release(&plan);
    scene_remove(&s);
}

static int by_falling_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

/* Passages of the terms that a plan may choose, from the most frequent one on. */
static uint32_t list_frequencies(uint32_t *out, uint32_t most, const struct scene *s, const struct forward_plan *plan) {
    struct key_walk walk;
    uint32_t n = 0;
    assert_int_equal(key_walk_open(&walk, s->inputs, PARTS, DICTIONARY_TERMS, NULL), LEDE_OK);
    while (!walk.end) {
        uint64_t f = key_walk_doc_freq(&walk);
        assert_true(n < most);
        if (f >= plan->least && f <= plan->most)
            out[n++] = (uint32_t)f;
        assert_int_equal(key_walk_next(&walk, NULL), LEDE_OK);
    }
    key_walk_close(&walk);
    qsort(out, n, sizeof *out, by_falling_number);
    return n;
}

static void frequent_terms_are_left_out_if_there_are_too_many_postings(void **state) {
    enum { BUNDLE = 8, TERMS = 10000 };
    struct scene s;
    struct forward_plan plan;
    static uint32_t frequencies[TERMS];
    scene_make(&s, *state);
    make_plan(&plan, &s, PARTS, &(struct forward_order){NULL, 0, 1, UINT64_MAX});
    struct forward_index articles = make_all(&plan);
    const uint32_t terms = list_frequencies(frequencies, TERMS, &s, &plan);
    assert_int_equal(plan.terms, terms);
    forward_plan_release(&plan);
    /* Half of them are to stay, or all but one, or none. */
    for (uint32_t left_out = terms / 2;; left_out = left_out == 1 ? terms : 1) {
        uint64_t sum = 0;
        for (uint32_t t = left_out; t < terms; t++)
            sum += frequencies[t];
        make_plan(&plan, &s, PARTS, &(struct forward_order){NULL, 0, BUNDLE, sum});
        assert_int_equal(plan.terms, terms - left_out);
        struct forward_index bundles = make_all(&plan);
        assert_bundled(&bundles, &articles, BUNDLE, left_out);
        forward_release(&bundles);
        forward_plan_release(&plan);
        if (left_out == terms)
            break;
    }
    forward_release(&articles);
    scene_remove(&s);
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

static void ranges_are_counted(void **state) {
    uint32_t starts[] = {0, 2, 3, 4, 4, 6}, last[3];
    uint16_t list[] = {0, 1, 0, 1, 0, 2};
    const uint32_t order[] = {0, 1, 4, 3, 2};
    const struct forward_index f = {.articles = 5, .terms = 3, .starts = starts, .list = list};
    (void)state;
    /* Two at a time: 0 1 and 0; 1 and nothing; 0 2. */
    assert_int_equal(forward_ranges(&f, NULL, 2, last), 5);
    /* 0 1 and 0; 0 2 and nothing; 1. */
    assert_int_equal(forward_ranges(&f, order, 2, last), 5);
    /* 0 1, 0 and 1; nothing and 0 2. */
    assert_int_equal(forward_ranges(&f, NULL, 3, last), 4);
    /* 0 1, 0 and 0 2; nothing and 1. */
    assert_int_equal(forward_ranges(&f, order, 3, last), 4);
    assert_int_equal(forward_ranges(&f, NULL, 4, last), 4);
    assert_int_equal(forward_ranges(&f, order, 4, last), 4);
    assert_int_equal(forward_ranges(&f, order, 1, last), 6);
    assert_int_equal(forward_ranges(&f, order, 5, last), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_forward_index_has_all_postings, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(bundles_have_the_terms_of_their_articles, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(frequent_terms_are_left_out_if_there_are_too_many_postings, random_setup,
                                        random_teardown),
        cmocka_unit_test(gaps_are_measured),
        cmocka_unit_test(ranges_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
