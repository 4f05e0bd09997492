/* The binding to libxapian: documents, queries, and what they find. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/xapian.h"

static struct folder folder;
static struct xapian_database *db;

/* In slot 0 stands the number of the document, in two digits; in slot 1 whether it is odd. */
static const char *const texts[] = {
    "the talks in simla went well", "simla simla simla", "talks about water in delhi",
    "water treaty of simla",        "the treaty",        "in simla the talks ended",
};
enum { TEXTS = sizeof texts / sizeof *texts };

static int make(void **state) {
    (void)state;
    folder_make(&folder);
    works(xapian_database_open_writable(&db, folder_entry(&folder, "db"), true, &error));
    for (uint32_t i = 0; i < TEXTS; i++) {
        char number[3];
        struct xapian_document *d = document_of(texts[i]);
        snprintf(number, sizeof number, "%02u", i + 1);
        works(xapian_document_set_value(d, 0, number, 2, &error));
        works(xapian_document_set_value(d, 1, i % 2 ? "even" : "odd", i % 2 ? 4 : 3, &error));
        works(xapian_document_add_filter(d, i % 2 ? "Keven" : "Kodd", i % 2 ? 5 : 4, &error));
        works(xapian_document_add(NULL, db, d, &error));
        xapian_document_free(d);
    }
    works(xapian_database_commit(db, &error));
    return 0;
}

static int destroy(void **state) {
    (void)state;
    xapian_database_close(db);
    folder_remove(&folder);
    return 0;
}

/* The documents that a query, which is handed over, finds, in order of number: as digits. */
static const char *found(struct xapian_query *q) {
    static char digits[TEXTS + 1];
    bool has[TEXTS + 1] = {false};
    size_t n = 0;
    struct xapian_mset *mset = run_query(db, q, 100);
    for (uint32_t i = 0; i < xapian_mset_count(mset); i++)
        has[xapian_mset_hit(mset, i)->document] = true;
    for (uint32_t d = 1; d <= TEXTS; d++)
        if (has[d])
            digits[n++] = (char)('0' + d);
    digits[n] = '\0';
    assert_int_equal(xapian_mset_matches(mset).lower, n);
    assert_int_equal(xapian_mset_matches(mset).upper, n);
    xapian_mset_free(mset);
    return digits;
}

static struct xapian_query *words(enum xapian_operator op, const char *const *terms, size_t count, uint32_t window) {
    struct xapian_query *operands[8], *q = NULL;
    const struct xapian_query *borrowed[8] = {NULL};
    for (size_t i = 0; i < count; i++)
        borrowed[i] = operands[i] = term_query(terms[i]);
    works(xapian_query_combine(&q, op, borrowed, count, window, &error));
    for (size_t i = 0; i < count; i++)
        xapian_query_free(operands[i]);
    return q;
}

/* ---------------------------------------------------------------------------------- operators -- */

static void test_operators(void **state) {
    (void)state;
    static const struct {
        enum xapian_operator op;
        const char *terms[3];
        size_t count;
        uint32_t window;
        const char *found;
    } cases[] = {
        {XAPIAN_AND, {"simla", "talks"}, 2, 0, "16"},
        {XAPIAN_OR, {"delhi", "ended"}, 2, 0, "36"},
        {XAPIAN_AND_NOT, {"simla", "talks"}, 2, 0, "24"},
        {XAPIAN_AND_NOT, {"simla", "talks", "water"}, 3, 0, "2"},
        {XAPIAN_AND_MAYBE, {"water", "simla"}, 2, 0, "34"},
        {XAPIAN_FILTER, {"simla", "Keven"}, 2, 0, "246"},
        {XAPIAN_XOR, {"simla", "talks"}, 2, 0, "234"},
        {XAPIAN_PHRASE, {"the", "talks"}, 2, 0, "16"},
        {XAPIAN_PHRASE, {"talks", "in"}, 2, 0, "1"},
        {XAPIAN_PHRASE, {"in", "simla", "the"}, 3, 0, "6"},
        {XAPIAN_PHRASE, {"talks", "water"}, 2, 3, "3"},
        {XAPIAN_PHRASE, {"talks", "water"}, 2, 2, ""},
        {XAPIAN_NEAR, {"simla", "talks"}, 2, 3, "16"},
        {XAPIAN_NEAR, {"simla", "water"}, 2, 4, "4"},
        {XAPIAN_SYNONYM, {"delhi", "ended"}, 2, 0, "36"},
        {XAPIAN_MAX, {"delhi", "ended"}, 2, 0, "36"},
        {XAPIAN_AND, {"simla"}, 1, 0, "1246"},
        {XAPIAN_AND, {NULL}, 0, 0, ""},
        {XAPIAN_OR, {"nowhere", "talks"}, 2, 0, "136"},
        {XAPIAN_AND, {"nowhere", "talks"}, 2, 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = found(words(cases[i].op, cases[i].terms, cases[i].count, cases[i].window));
        if (strcmp(got, cases[i].found))
            fail_msg("case %zu: found %s, not %s", i, got, cases[i].found);
    }
}

static void test_all_and_nothing(void **state) {
    (void)state;
    struct xapian_query *q = NULL;
    works(xapian_query_all(&q, &error));
    assert_string_equal(found(q), "123456");
    works(xapian_query_nothing(&q, &error));
    assert_string_equal(found(q), "");
}

static void test_ranges(void **state) {
    (void)state;
    struct xapian_query *q = NULL;
    works(xapian_query_range(&q, 0, "02", 2, "04", 2, &error));
    assert_string_equal(found(q), "234");
    works(xapian_query_range(&q, 0, "05", 2, NULL, 0, &error));
    assert_string_equal(found(q), "56");
    works(xapian_query_range(&q, 0, NULL, 0, "01", 2, &error));
    assert_string_equal(found(q), "1");
    works(xapian_query_range(&q, 0, NULL, 0, NULL, 0, &error));
    assert_string_equal(found(q), "123456");
    works(xapian_query_range(&q, 0, "04", 2, "03", 2, &error));
    assert_string_equal(found(q), "");
    works(xapian_query_range(&q, 7, "a", 1, NULL, 0, &error));
    assert_string_equal(found(both(XAPIAN_FILTER, term_query("simla"), q)), "");
}

static void test_prefixes(void **state) {
    (void)state;
    struct xapian_query *q = NULL;
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    const struct xapian_bm25 bm25 = {1.2, 0.75};
    const struct xapian_window window = {.limit = 10};
    works(xapian_query_prefix(&q, "t", 1, 0, &error));
    assert_string_equal(found(q), "13456");
    works(xapian_query_prefix(&q, "tr", 2, 3, &error));
    assert_string_equal(found(q), "45");
    works(xapian_query_prefix(&q, "t", 1, 2, &error));
    works(xapian_enquire_new(&enquire, db, q, &bm25, &error));
    fails(XAPIAN_INVALID, xapian_enquire_run(&mset, enquire, &window, &error));
    assert_null(mset);
    xapian_enquire_free(enquire);
    xapian_query_free(q);
}

static void test_queries_that_can_not_be(void **state) {
    (void)state;
    struct xapian_query *q = NULL, *a = term_query("a");
    fails(XAPIAN_INVALID, xapian_query_term(&q, "", 0, &error));
    fails(XAPIAN_INVALID, xapian_query_scale(&q, a, -1, &error));
    assert_null(q);
    xapian_query_free(a);
    xapian_query_free(NULL);
}

static void test_operands_of_phrases(void **state) {
    (void)state;
    struct xapian_query *any = both(XAPIAN_OR, term_query("water"), term_query("the"));
    assert_string_equal(found(both(XAPIAN_PHRASE, any, term_query("treaty"))), "45");
    struct xapian_query *all = both(XAPIAN_AND, term_query("water"), term_query("the")), *treaty = term_query("treaty");
    const struct xapian_query *const operands[] = {all, treaty};
    struct xapian_query *q = NULL;
    const struct xapian_bm25 bm25 = {1.2, 0.75};
    const struct xapian_window window = {.limit = 10};
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    enum xapian_code code = xapian_query_combine(&q, XAPIAN_PHRASE, operands, 2, 0, NULL);
    if (!code)
        code = xapian_enquire_new(&enquire, db, q, &bm25, NULL);
    if (!code)
        code = xapian_enquire_run(&mset, enquire, &window, NULL);
    assert_int_equal(code, XAPIAN_UNIMPLEMENTED);
    xapian_enquire_free(enquire);
    xapian_query_free(q);
    xapian_query_free(all);
    xapian_query_free(treaty);
}

/* ------------------------------------------------------------------------------------ weights -- */

/* The formula that binding.h tells. */
static double bm25_of(double tf, double len, double df, double factor) {
    const double n = TEXTS, average = 25.0 / TEXTS, k1 = 1.2, b = 0.75;
    return factor * log((n + 1) / df) * (k1 + 1) * tf / (tf + k1 * (1 - b + b * len / average));
}

static double weight_of(struct xapian_query *q, uint32_t document) {
    double weight = -1;
    struct xapian_mset *mset = run_query(db, q, 100);
    for (uint32_t i = 0; i < xapian_mset_count(mset); i++)
        if (xapian_mset_hit(mset, i)->document == document)
            weight = xapian_mset_hit(mset, i)->weight;
    xapian_mset_free(mset);
    return weight;
}

static struct xapian_query *scaled(struct xapian_query *q, double factor) {
    struct xapian_query *out = NULL;
    works(xapian_query_scale(&out, q, factor, &error));
    xapian_query_free(q);
    return out;
}

static void assert_near(double a, double b) {
    if (!(fabs(a - b) < 1e-9))
        fail_msg("%.12f, not %.12f", a, b);
}

static void test_weights_are_the_formula(void **state) {
    (void)state;
    struct xapian_totals t;
    works(xapian_database_totals(&t, db, &error));
    assert_int_equal(t.total_length, 25);
    assert_near(weight_of(term_query("simla"), 2), bm25_of(3, 3, 4, 1));
    assert_near(weight_of(term_query("simla"), 1), bm25_of(1, 6, 4, 1));
    assert_near(weight_of(term_query("delhi"), 3), bm25_of(1, 5, 1, 1));
    assert_near(weight_of(scaled(term_query("delhi"), 3), 3), bm25_of(1, 5, 1, 3));
    assert_near(weight_of(both(XAPIAN_OR, term_query("water"), term_query("delhi")), 3),
                bm25_of(1, 5, 1, 1) + bm25_of(1, 5, 2, 1));
    assert_near(weight_of(both(XAPIAN_PHRASE, term_query("the"), term_query("treaty")), 5),
                bm25_of(1, 2, 3, 1) + bm25_of(1, 2, 2, 1));
    assert_near(weight_of(both(XAPIAN_FILTER, term_query("simla"), term_query("Keven")), 2), bm25_of(3, 3, 4, 1));
}

static void test_order_and_windows(void **state) {
    (void)state;
    struct xapian_mset *all = run_query(db, term_query("simla"), 100);
    assert_int_equal(xapian_mset_count(all), 4);
    assert_int_equal(xapian_mset_hit(all, 0)->document, 2);
    for (uint32_t i = 1; i < 4; i++)
        assert_true(xapian_mset_hit(all, i - 1)->weight >= xapian_mset_hit(all, i)->weight);
    assert_null(xapian_mset_hit(all, 4));

    struct xapian_query *q = term_query("simla");
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *part = NULL;
    const struct xapian_bm25 bm25 = {1.2, 0.75};
    const struct xapian_window window = {.offset = 1, .limit = 2};
    works(xapian_enquire_new(&enquire, db, q, &bm25, &error));
    works(xapian_enquire_run(&part, enquire, &window, &error));
    assert_int_equal(xapian_mset_count(part), 2);
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(xapian_mset_hit(part, i)->document, xapian_mset_hit(all, i + 1)->document);
    assert_true(xapian_mset_matches(part).lower <= 4 && xapian_mset_matches(part).upper >= 4);
    xapian_mset_free(part);
    xapian_mset_free(all);
    xapian_enquire_free(enquire);
    xapian_query_free(q);
    xapian_mset_free(NULL);
    xapian_enquire_free(NULL);
}

static void test_collapse(void **state) {
    (void)state;
    struct xapian_query *q = term_query("simla");
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    const struct xapian_bm25 bm25 = {1.2, 0.75};
    const struct xapian_window window = {.limit = 10, .check = UINT32_MAX};
    works(xapian_enquire_new(&enquire, db, q, &bm25, &error));
    works(xapian_enquire_collapse(enquire, 1, &error));
    works(xapian_enquire_run(&mset, enquire, &window, &error));
    assert_int_equal(xapian_mset_count(mset), 2);
    assert_int_equal(xapian_mset_hit(mset, 0)->document, 2);
    assert_int_equal(xapian_mset_hit(mset, 1)->document, 1);
    xapian_mset_free(mset);
    xapian_enquire_free(enquire);
    xapian_query_free(q);
}

/* The numbers of those that have a term, in their order. */
static const char *order(const char *term, uint32_t slot, enum xapian_sort sort, bool descending) {
    static char digits[TEXTS + 1];
    struct xapian_query *q = term_query(term);
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    const struct xapian_bm25 bm25 = {1.2, 0.75};
    const struct xapian_window window = {.limit = 10, .check = UINT32_MAX};
    works(xapian_enquire_new(&enquire, db, q, &bm25, &error));
    works(xapian_enquire_sort(enquire, slot, sort, descending, &error));
    works(xapian_enquire_run(&mset, enquire, &window, &error));
    uint32_t count = xapian_mset_count(mset);
    for (uint32_t i = 0; i < count; i++)
        digits[i] = (char)('0' + xapian_mset_hit(mset, i)->document);
    digits[count] = '\0';
    xapian_mset_free(mset);
    xapian_enquire_free(enquire);
    xapian_query_free(q);
    return digits;
}

static void test_orders_by_values(void **state) {
    (void)state;
    assert_string_equal(order("simla", 0, XAPIAN_VALUE_FIRST, false), "1246");
    assert_string_equal(order("simla", 0, XAPIAN_VALUE_FIRST, true), "6421");
    assert_string_equal(order("Keven", 0, XAPIAN_VALUE_LAST, true), "642"); /* all weigh nothing */
    assert_int_equal(order("simla", 0, XAPIAN_VALUE_LAST, true)[0], '2');   /* has it three times */
}

static int append_value(void *ctx, const char *value, size_t len, uint32_t documents) {
    char *all = ctx;
    snprintf(all + strlen(all), 64 - strlen(all), "%.*s/%u ", (int)len, value, documents);
    return 0;
}

static void test_values_are_counted(void **state) {
    (void)state;
    char all[64] = "";
    struct xapian_query *q = term_query("simla");
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    uint32_t documents;
    const struct xapian_bm25 bm25 = {1.2, 0.75};
    const struct xapian_window window = {.check = UINT32_MAX};
    works(xapian_enquire_new(&enquire, db, q, &bm25, &error));
    fails(XAPIAN_INVALID, xapian_enquire_tallied(enquire, append_value, all, &error));
    works(xapian_enquire_tally(enquire, 1, &error));
    works(xapian_enquire_run(&mset, enquire, &window, &error));
    works(xapian_enquire_tallied(enquire, append_value, all, &error));
    assert_string_equal(all, "even/3 odd/1 ");
    works(xapian_mset_frequency(&documents, mset, "simla", 5, &error));
    assert_int_equal(documents, 4);
    works(xapian_mset_frequency(&documents, mset, "water", 5, &error));
    assert_int_equal(documents, 2);
    works(xapian_mset_frequency(&documents, mset, "nowhere", 7, &error));
    assert_int_equal(documents, 0);
    xapian_mset_free(mset);
    xapian_enquire_free(enquire);
    xapian_query_free(q);
}

static void test_constant_weights(void **state) {
    (void)state;
    struct xapian_query *q = NULL;
    works(xapian_query_constant(&q, 2.5, &error));
    struct xapian_mset *mset = run_query(db, both(XAPIAN_FILTER, q, term_query("water")), 10);
    assert_int_equal(xapian_mset_count(mset), 2);
    assert_true(xapian_mset_hit(mset, 0)->weight == 2.5 && xapian_mset_hit(mset, 1)->weight == 2.5);
    xapian_mset_free(mset);
    fails(XAPIAN_INVALID, xapian_query_constant(&q, -1, &error));
    assert_null(q);
}

/* ---------------------------------------------------------------------------------- documents -- */

static int append_term(void *ctx, const char *term, size_t len, uint32_t frequency) {
    char *all = ctx;
    (void)len;
    snprintf(all + strlen(all), 256 - strlen(all), "%s/%u ", term, frequency);
    return !strcmp(term, "simla");
}

static void test_documents(void **state) {
    (void)state;
    struct xapian_document *d = NULL;
    const char *bytes = NULL;
    size_t len = 0;
    works(xapian_document_fetch(&d, db, 2, &error));
    works(xapian_document_data(&bytes, &len, d, &error));
    assert_int_equal(len, strlen(texts[1]));
    assert_string_equal(bytes, texts[1]);
    works(xapian_document_value(&bytes, &len, d, 0, &error));
    assert_string_equal(bytes, "02");
    works(xapian_document_value(&bytes, &len, d, 99, &error));
    assert_int_equal(len, 0);
    char all[256] = "";
    works(xapian_document_terms(d, append_term, all, &error));
    assert_string_equal(all, "Keven/0 simla/3 ");
    xapian_document_free(d);
    fails(XAPIAN_NO_DOCUMENT, xapian_document_fetch(&d, db, 99, &error));
    assert_null(d);
    fails(XAPIAN_INVALID, xapian_document_fetch(&d, db, 0, &error));
    xapian_document_free(NULL);
}

static void test_documents_of_matches(void **state) {
    (void)state;
    struct xapian_mset *mset = run_query(db, term_query("simla"), 100);
    works(xapian_mset_prefetch(mset, 0, 100, &error));
    works(xapian_mset_prefetch(mset, 3, 1, &error));
    works(xapian_mset_prefetch(mset, 4, 1, &error));
    struct xapian_document *d = NULL;
    const char *bytes;
    size_t len;
    for (uint32_t i = 0; i < xapian_mset_count(mset); i++) {
        works(xapian_mset_document(&d, mset, i, &error));
        works(xapian_document_data(&bytes, &len, d, &error));
        assert_string_equal(bytes, texts[xapian_mset_hit(mset, i)->document - 1]);
        xapian_document_free(d);
    }
    fails(XAPIAN_RANGE, xapian_mset_document(&d, mset, 4, &error));
    assert_null(d);
    xapian_mset_free(mset);
}

static void test_objects_outlive_each_other(void **state) {
    (void)state;
    struct xapian_mset *mset = run_query(db, term_query("delhi"), 1);
    struct xapian_document *d = NULL;
    const char *bytes;
    size_t len;
    works(xapian_mset_document(&d, mset, 0, &error));
    xapian_mset_free(mset);
    works(xapian_document_data(&bytes, &len, d, &error));
    assert_string_equal(bytes, texts[2]);
    xapian_document_free(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_all_and_nothing),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_queries_that_can_not_be),
        cmocka_unit_test(test_operands_of_phrases),
        cmocka_unit_test(test_weights_are_the_formula),
        cmocka_unit_test(test_order_and_windows),
        cmocka_unit_test(test_collapse),
        cmocka_unit_test(test_orders_by_values),
        cmocka_unit_test(test_values_are_counted),
        cmocka_unit_test(test_constant_weights),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_documents_of_matches),
        cmocka_unit_test(test_objects_outlive_each_other),
    };
    return cmocka_run_group_tests(tests, make, destroy);
}
