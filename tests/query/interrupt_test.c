/* A search that is not wanted any more stops, wherever it is; until then being asked changes nothing. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "searcher/plan/plan.h"
#include "searcher/retrieve/retrieve.h"
#include "support/folder.h"
#include "support/index.h"

enum { ARTICLES = 5000 };

static struct folder folder;
static lede_index *opened;

static int make(void **state) {
    (void)state;
    folder_make(&folder);
    const char *path = folder_entry(&folder, "i.lede");
    lede_writer *w = writer_on(path, NULL);
    for (int i = 0; i < ARTICLES; i++) {
        char key[16], body[64];
        snprintf(key, sizeof key, "%d", i);
        snprintf(body, sizeof body, "They %s along the river q%d", i % 2 ? "walk" : "walked", i % 700);
        put_article(w, key, body);
    }
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&opened, path, err));
    return 0;
}

static int clean_up(void **state) {
    (void)state;
    lede_index_close(opened);
    folder_remove(&folder);
    return 0;
}

struct asked {
    int times, most;
};

static int ask(void *ctx) {
    struct asked *a = ctx;
    return ++a->times > a->most;
}

static lede_status search(lede_results **results, const char *text, struct asked *asked, lede_error *err) {
    lede_query *query = NULL;
    lede_search_options options = {.limit = 20, .count = true, .rerank = true};
    if (asked) {
        options.interrupt = ask;
        options.interrupt_ctx = asked;
    }
    lede_status status = lede_query_parse(&query, opened, text, strlen(text), NULL, err);
    assert_int_equal(status, LEDE_OK);
    status = lede_search(results, opened, query, &options, err);
    lede_results_free(status ? NULL : *results);
    lede_query_free(query);
    return status;
}

/* What a search that is part of another may take: never nothing, which would be no limit. */
static void time_that_is_over_is_some(void **state) {
    const lede_search_options none = {.within = 0}, some = {.within = 1000};
    struct interrupt i;
    (void)state;
    interrupt_init(&i, &none);
    interrupt_stage(&i, 1);
    assert_true(interrupt_time_left(&i) == 0);
    interrupt_init(&i, &some);
    interrupt_stage(&i, 1);
    assert_true(interrupt_time_left(&i) > 900 && interrupt_time_left(&i) <= 1000);
    interrupt_stage(&i, -1);
    assert_true(interrupt_time_left(&i) > 0 && interrupt_time_left(&i) < 0.001);
    interrupt_end_limit(&i);
    assert_true(interrupt_time_left(&i) == 0);
}

/* Whoever looks into a part of a segment; by the thread that searches the program is asked, too. */
static bool ends(struct interrupt *i, bool is_helper) {
    const struct plan plan = {.interrupt = i};
    struct collector c;
    collector_init(&c, 10, LEDE_GROUP_NONE, &plan);
    c.is_helper = is_helper;
    bool is_interrupted = collector_is_interrupted(&c);
    assert_int_equal(c.status, is_interrupted ? LEDE_INTERRUPTED : LEDE_OK);
    collector_release(&c);
    return is_interrupted;
}

static void helpers_end_when_time_is_over(void **state) {
    struct asked asked = {0, 2};
    const lede_search_options options = {.within = 1000, .interrupt = ask, .interrupt_ctx = &asked};
    struct interrupt i;
    (void)state;
    interrupt_init(&i, &options);
    for (int is_helper = 0; is_helper <= 1; is_helper++) {
        interrupt_stage(&i, 1);
        assert_true(!ends(&i, is_helper));
        interrupt_stage(&i, -1);
        assert_true(ends(&i, is_helper));
        assert_int_equal(asked.times, 2);
    }
    /* And when the program wants no more, as they hear from the one that asked it. */
    interrupt_stage(&i, 1);
    assert_true(!ends(&i, true));
    assert_true(ends(&i, false));
    assert_int_equal(asked.times, 3);
    assert_true(ends(&i, true));
}

static void a_search_stops_when_it_is_asked_to(void **state) {
    /* The texts of all passages, a cursor document by document, windows; and the texts while they are planned. */
    static const char *const queries[] = {
        "=walk", "NEAR/4(walk river)", "walk NEAR/9(they river)", "+walk* q1*",  "walk*", "wakl~",
        "*a*",   "they walk",          "\"walk along the\"",      "+they +river"};
    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct asked never = {0, INT_MAX};
        lede_results *results;
        lede_error err;
        assert_int_equal(search(&results, queries[i], &never, &err), LEDE_OK);
        if (never.times == 0)
            fail_msg("%s: nothing is asked", queries[i]);
        const int places[] = {0, never.times / 2, never.times - 1};
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            struct asked asked = {0, places[k]};
            results = (lede_results *)(void *)&asked;
            assert_int_equal(search(&results, queries[i], &asked, &err), LEDE_INTERRUPTED);
            assert_null(results);
            assert_string_equal(err.message, "the search was asked to stop");
            assert_int_equal(asked.times, places[k] + 1);
        }
    }
}

static void being_asked_changes_nothing(void **state) {
    static const char text[] = "=walk q17 river*";
    struct asked never = {0, INT_MAX};
    const lede_search_options options[] = {{.limit = 50, .count = true},
                                           {.limit = 50, .count = true, .interrupt = ask, .interrupt_ctx = &never}};
    lede_results *results[2];
    lede_query *query;
    (void)state;
    MUST(lede_query_parse(&query, opened, text, strlen(text), NULL, err));
    for (int i = 0; i < 2; i++)
        MUST(lede_search(&results[i], opened, query, &options[i], err));
    assert_true(never.times > 0);
    assert_int_equal(lede_results_count(results[0]), 50);
    assert_int_equal(lede_results_count(results[1]), 50);
    assert_int_equal(lede_results_total(results[0], NULL), lede_results_total(results[1], NULL));
    for (size_t i = 0; i < 50; i++) {
        const lede_hit *a = lede_results_hit(results[0], i), *b = lede_results_hit(results[1], i);
        assert_int_equal(a->passage, b->passage);
        assert_true(a->score == b->score);
    }
    for (int i = 0; i < 2; i++)
        lede_results_free(results[i]);
    lede_query_free(query);
}

static size_t search_within(lede_results **results, lede_query **query, const char *text, double within) {
    const lede_search_options options = {.limit = ARTICLES, .rerank = true, .collapse = true, .within = within};
    MUST(lede_query_parse(query, opened, text, strlen(text), NULL, err));
    MUST(lede_search(results, opened, *query, &options, err));
    return lede_results_count(*results);
}

/* The passages of a search without an end, and what they score by BM25. */
static const lede_hit *find_hit(const lede_results *whole, uint64_t passage) {
    for (size_t i = 0; i < lede_results_count(whole); i++)
        if (lede_results_hit(whole, i)->passage == passage)
            return lede_results_hit(whole, i);
    return NULL;
}

/* However early it ends: what is found is right, and that it may be not all is said. */
static void what_is_found_in_time_is_right(void **state) {
    static const char *const queries[] = {"they river",
                                          "+they +river",
                                          "\"along the river\"",
                                          "=walk",
                                          "NEAR/4(walk river)",
                                          "+walk* q1*",
                                          "walk*",
                                          "q?7*",
                                          "wakl~",
                                          "q6~2 +=walked",
                                          "they -q17",
                                          "*",
                                          "(they walk q1)/2",
                                          "SENTENCE(walk q3)",
                                          "path:* walk"};
    static const double times[] = {1e-9, 1e-5, 1e-4, 1e-3, 1000};
    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        lede_results *whole;
        lede_query *query, *again;
        const lede_search_options plain = {.limit = ARTICLES};
        MUST(lede_query_parse(&query, opened, queries[i], strlen(queries[i]), NULL, err));
        MUST(lede_search(&whole, opened, query, &plain, err));
        assert_true(lede_results_complete(whole));
        for (size_t k = 0; k < sizeof times / sizeof *times; k++) {
            lede_results *part;
            size_t count = search_within(&part, &again, queries[i], times[k]);
            uint64_t total = lede_results_total(part, NULL);
            if (!lede_results_complete(part) && times[k] >= 1000)
                fail_msg("%s within %g: %zu hits", queries[i], times[k], count);
            assert_true(total <= lede_results_total(whole, NULL));
            for (size_t n = 0; n < count; n++)
                if (!find_hit(whole, lede_results_hit(part, n)->passage))
                    fail_msg("%s within %g: hit %zu does not match", queries[i], times[k], n + 1);
            lede_results_free(part);
            lede_query_free(again);
        }
        lede_results_free(whole);
        lede_query_free(query);
    }
}

/* The first look at the clock is too late. */
static void time_that_is_over_is_told(void **state) {
    static const char *const queries[] = {"they river", "+they +river", "\"along the river\"", "=walk", "walk*", "*"};
    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        lede_results *part;
        lede_query *query;
        search_within(&part, &query, queries[i], 1e-9);
        bool exact = true;
        lede_results_total(part, &exact);
        if (lede_results_complete(part) || exact)
            fail_msg("%s: complete %d, exact %d", queries[i], lede_results_complete(part), exact);
        lede_results_free(part);
        lede_query_free(query);
    }
}

/* Counting asks as searching does, and counts the same. */
static void a_count_stops(void **state) {
    static const char *const texts[] = {"\"they walked along\"", "\"along the river\"", "wal*"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct asked never = {0, INT_MAX}, once = {0, 0};
        lede_query *query = NULL;
        lede_error stopped;
        uint64_t count, same;
        MUST(lede_query_parse(&query, opened, texts[i], strlen(texts[i]), NULL, err));
        MUST(lede_count(&count, opened, query, NULL, err));
        assert_true(count > 0);
        MUST(lede_count(&same, opened, query, &(lede_search_options){.interrupt = ask, .interrupt_ctx = &never}, err));
        assert_int_equal(same, count);
        assert_true(never.times > 0);
        lede_search_options stop = {.interrupt = ask, .interrupt_ctx = &once};
        assert_int_equal(lede_count(&same, opened, query, &stop, &stopped), LEDE_INTERRUPTED);
        assert_non_null(strstr(stopped.message, "asked to stop"));
        lede_query_free(query);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_that_is_over_is_some),
        cmocka_unit_test(helpers_end_when_time_is_over),
        cmocka_unit_test(a_search_stops_when_it_is_asked_to),
        cmocka_unit_test(being_asked_changes_nothing),
        cmocka_unit_test(what_is_found_in_time_is_right),
        cmocka_unit_test(time_that_is_over_is_told),
        cmocka_unit_test(a_count_stops),
    };
    return cmocka_run_group_tests(tests, make, clean_up);
}
