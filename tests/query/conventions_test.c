/* What lede.h says once, in its conventions, of every function there. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/index.h"

static struct folder folder;
static char path[2 * FOLDER_PATH], absent[2 * FOLDER_PATH];
static lede_index *opened;

static int setup(void **state) {
    (void)state;
    folder_make(&folder);
    snprintf(path, sizeof path, "%s", folder_entry(&folder, "i.lede"));
    snprintf(absent, sizeof absent, "%s", folder_entry(&folder, "absent/i.lede"));
    lede_writer *w = writer_on(path, NULL);
    lede_article a = {.key = "a", .key_len = 1, .body = "Simla, 1972", .body_len = 11, .date = 19720702};
    MUST(lede_writer_add_article(w, &a, err));
    put_article(w, "b", "the Simla accord");
    MUST(lede_writer_commit(w, NULL, err));
    MUST(lede_writer_optimize(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&opened, path, err));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    lede_index_close(opened);
    folder_remove(&folder);
    return 0;
}

static lede_query *parsed(const char *text) {
    lede_query *query;
    MUST(lede_query_parse(&query, opened, text, strlen(text), NULL, err));
    return query;
}

static void nothing_is_freed_without_harm(void **state) {
    (void)state;
    lede_writer_close(NULL);
    lede_index_close(NULL);
    lede_query_free(NULL);
    lede_results_free(NULL);
    lede_article_free(NULL);
    lede_facets_free(NULL);
}

static void options_that_are_left_out_are_defaults(void **state) {
    (void)state;
    lede_query *query = parsed("simla");
    const lede_search_options search = {.limit = 0};
    const lede_facet_options facet = {.limit = 0};
    lede_results *results[2];
    lede_facets *facets[2];
    uint64_t count;
    MUST(lede_search(&results[0], opened, query, NULL, err));
    MUST(lede_search(&results[1], opened, query, &search, err));
    assert_int_equal(lede_results_count(results[0]), 2);
    assert_int_equal(lede_results_count(results[1]), 2);
    MUST(lede_index_facets(&facets[0], opened, query, NULL, err));
    MUST(lede_index_facets(&facets[1], opened, query, &facet, err));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(lede_facets_count(facets[i]), 2);
        assert_string_equal(lede_facets_value(facets[i], 1)->value, "1972");
        lede_results_free(results[i]);
        lede_facets_free(facets[i]);
    }
    MUST(lede_count(&count, opened, query, NULL, err));
    assert_int_equal(count, 2);
    lede_query_free(query);
}

/* Puts something there that a failure has to take away. */
#define UNSET(type) ((type *)(uintptr_t)&folder)

static void after_a_failure_nothing_is_handed_out(void **state) {
    (void)state;
    lede_index *index = UNSET(lede_index);
    lede_writer *writer = UNSET(lede_writer);
    lede_article *article = UNSET(lede_article);
    lede_query *query = UNSET(lede_query);
    lede_query *asked = parsed("simla");
    lede_results *results = UNSET(lede_results);
    lede_facets *facets = UNSET(lede_facets);
    lede_span *spans = UNSET(lede_span);
    char *found = UNSET(char);
    size_t count = 1;
    const lede_search_options search = {.k1 = 1e9};
    const lede_facet_options facet = {.facet = (lede_facet)99};
    const lede_query_options strict = {.strict = true};
    assert_int_equal(lede_index_open(&index, absent, NULL), LEDE_NOT_FOUND);
    assert_null(index);
    assert_int_equal(lede_index_find(&found, absent, NULL), LEDE_NOT_FOUND);
    assert_null(found);
    assert_int_equal(lede_writer_open(&writer, path, &(lede_writer_options){.memory = 1}, NULL), LEDE_INVALID);
    assert_null(writer);
    assert_int_equal(lede_query_parse(&query, opened, "\"simla", 6, &strict, NULL), LEDE_INVALID);
    assert_null(query);
    assert_int_equal(lede_search(&results, opened, asked, &search, NULL), LEDE_INVALID);
    assert_null(results);
    assert_int_equal(lede_index_facets(&facets, opened, asked, &facet, NULL), LEDE_INVALID);
    assert_null(facets);
    assert_int_equal(lede_index_article(&article, opened, "c", 1, NULL), LEDE_NOT_FOUND);
    assert_null(article);
    assert_int_equal(lede_query_similar(&query, opened, "c", 1, 0, NULL), LEDE_NOT_FOUND);
    assert_null(query);
    assert_int_equal(lede_query_highlight(&spans, &count, asked, opened, "\xff", 1, NULL), LEDE_INVALID);
    assert_null(spans);
    assert_int_equal(count, 0);
    lede_query_free(asked);
}

static void options_that_make_no_sense_are_refused(void **state) {
    (void)state;
    static const lede_search_options searches[] = {
        {.group = (lede_group)7}, {.sort = (lede_sort)7}, {.recent = -30}, {.recent = NAN},
        {.within = -1},           {.within = NAN},        {.k1 = NAN},     {.b = 2},
    };
    const lede_query_options parse = {.default_operator = (lede_operator)7};
    lede_query *query = parsed("simla"), *none = UNSET(lede_query);
    lede_error told;
    uint64_t count = 1;
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
        lede_results *results = UNSET(lede_results);
        assert_int_equal(lede_search(&results, opened, query, &searches[i], &told), LEDE_INVALID);
        assert_null(results);
    }
    assert_int_equal(lede_count(&count, opened, query, &searches[0], &told), LEDE_INVALID);
    assert_int_equal(count, 0);
    assert_string_equal(told.message, "there is no such group: 7");
    assert_int_equal(lede_query_parse(&none, opened, "simla", 5, &parse, &told), LEDE_INVALID);
    assert_null(none);
    lede_query_free(query);
}

static void hits_that_are_not_there_are_told(void **state) {
    (void)state;
    lede_query *query = parsed("simla");
    lede_results *results;
    const lede_passage_view *view = UNSET(lede_passage_view);
    const lede_score_part *parts = UNSET(lede_score_part);
    const lede_hit *more = UNSET(lede_hit);
    const char *key = "", *message = "no hit 2: there are 2"; /* as it was asked for, from 0 */
    size_t count = 1, len = 1;
    lede_error told;
    MUST(lede_search(&results, opened, query, NULL, err));
    assert_null(lede_results_hit(results, 2));
    assert_null(lede_results_copies(results, 2));
    assert_int_equal(lede_results_passage(&view, results, 2, &told), LEDE_INVALID);
    assert_string_equal(told.message, message);
    assert_null(view);
    assert_int_equal(lede_results_key(&key, &len, results, 2, &told), LEDE_INVALID);
    assert_string_equal(told.message, message);
    assert_null(key);
    assert_int_equal(len, 0);
    assert_int_equal(lede_results_explain(&parts, &count, results, 2, &told), LEDE_INVALID);
    assert_string_equal(told.message, message);
    assert_null(parts);
    assert_int_equal(count, 0);
    assert_int_equal(lede_results_more(&more, &count, results, 2, 5, &told), LEDE_INVALID);
    assert_string_equal(told.message, message);
    assert_null(more);
    assert_int_equal(lede_results_passage_at(&view, results, 99, NULL), LEDE_INVALID);
    assert_null(view);
    assert_int_equal(lede_results_key_at(&key, &len, results, 99, NULL), LEDE_INVALID);
    assert_null(key);
    lede_results_free(results);
    lede_query_free(query);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_freed_without_harm),
        cmocka_unit_test(options_that_are_left_out_are_defaults),
        cmocka_unit_test(after_a_failure_nothing_is_handed_out),
        cmocka_unit_test(options_that_make_no_sense_are_refused),
        cmocka_unit_test(hits_that_are_not_there_are_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
