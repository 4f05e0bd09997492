/* Whatever is asked for together, what a search tells fits together: scores and their explanations, to the last bit;
 * the order, pages, groups, copies, and the number of matches, counted in two ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "query/articles.h"
#include "support/explanation.h"

static const char *const queries[] = {
    "lavrov simla",
    "sim* lav~ =talks",
    "\"line of control\" agreement",
    "NEAR/9(india pakistan) water",
    "+simla -delhi",
    "(india pakistan water treaty)/2",
    "title:simla^2 treaty",
    "SENTENCE(india pakistan)",
    "*",
    "date:2025 india",
    "*a* (simla OR \"indus waters\")",
    "xyzzy",
};

static const lede_group groups[] = {LEDE_GROUP_NONE, LEDE_GROUP_ARTICLE};
static const lede_sort sorts[] = {LEDE_SORT_SCORE, LEDE_SORT_NEWEST, LEDE_SORT_OLDEST};

enum { PAGE = 3, ALL = 1000 };

/* One of all: bits of `number` choose. */
static lede_search_options options_of(unsigned number) {
    return (lede_search_options){.group = groups[number & 1],
                                 .rerank = number >> 1 & 1,
                                 .collapse = number >> 2 & 1,
                                 .recent = number >> 3 & 1 ? 30 : 0,
                                 .count = number >> 4 & 1,
                                 .k1 = number >> 5 & 1 ? 0.5 : 0,
                                 .sort = sorts[(number >> 6) % 3],
                                 .limit = ALL};
}

enum { OPTIONS = 64 * 3 };

static lede_date date_of(lede_results *results, size_t i) {
    const lede_passage_view *view;
    MUST(lede_results_passage(&view, results, i, err));
    return view->article.date;
}

/* Articles without a date are last. */
static bool is_in_order(lede_results *results, size_t i, lede_sort sort) {
    double before = lede_results_hit(results, i - 1)->score, score = lede_results_hit(results, i)->score;
    if (sort == LEDE_SORT_SCORE)
        return before >= score;
    lede_date a = date_of(results, i - 1), b = date_of(results, i);
    if (a == b || !a || !b)
        return a == b ? true : a != 0;
    return sort == LEDE_SORT_NEWEST ? a > b : a < b;
}

static void check_hits(lede_results *results, const lede_search_options *o, const char *text) {
    struct buffer told = BUFFER_EMPTY;
    for (size_t i = 0; i < lede_results_count(results); i++) {
        buffer_clear(&told);
        explanation_check(&told, results, i, text);
        if (i > 0 && !is_in_order(results, i, o->sort))
            fail_msg("%s: hit %zu is out of order", text, i);
    }
    buffer_release(&told);
}

/* A page is the piece of all hits that it should be. */
static void check_page(lede_results *all, const lede_index *index, const lede_query *query,
                       const lede_search_options *o) {
    lede_search_options paged = *o;
    lede_results *page;
    paged.limit = PAGE;
    paged.offset = 2;
    MUST(lede_search(&page, index, query, &paged, err));
    size_t count = lede_results_count(all), left = count > paged.offset ? count - paged.offset : 0;
    assert_int_equal(lede_results_count(page), left < PAGE ? left : PAGE);
    for (size_t i = 0; i < lede_results_count(page); i++) {
        const lede_hit *hit = lede_results_hit(page, i), *same = lede_results_hit(all, i + paged.offset);
        assert_int_equal(hit->passage, same->passage);
        assert_true(hit->score == same->score);
    }
    lede_results_free(page);
}

static void check(const lede_index *index, const char *text, const lede_search_options *o) {
    lede_query *query;
    lede_results *results;
    uint64_t count, copies = 0;
    bool exact;
    MUST(lede_query_parse(&query, index, text, strlen(text), NULL, err));
    MUST(lede_search(&results, index, query, o, err));
    MUST(lede_count(&count, index, query, o, err));
    for (size_t i = 0; i < lede_results_count(results); i++)
        copies += lede_results_hit(results, i)->copies;
    assert_int_equal(lede_results_count(results) + copies, count);
    assert_int_equal(lede_results_total(results, &exact), count);
    assert_true(exact);
    check_hits(results, o, text);
    check_page(results, index, query, o);
    lede_results_free(results);
    lede_query_free(query);
}

static void all_fits_together(void **state) {
    (void)state;
    struct folder f;
    lede_index *index;
    folder_make(&f);
    MUST(lede_index_open(&index, write_archive(&f), err));
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
        for (unsigned n = 0; n < OPTIONS; n++) {
            const lede_search_options o = options_of(n);
            check(index, queries[q], &o);
        }
    lede_index_close(index);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_fits_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
