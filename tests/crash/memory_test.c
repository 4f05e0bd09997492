/* Memory runs out at each allocation in turn, while an index is searched and while it is written: the answer is
 * LEDE_NOMEM, nothing crashes, and the index is as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lede.h>

#include "support/failing_malloc.h"
#include "support/folder.h"

enum { ARTICLES = 40, PATIENCE = 20000 };

static lede_status add_articles(lede_writer *w, const char *kind, lede_error *err) {
    lede_status status = LEDE_OK;
    for (int i = 0; i < ARTICLES && status == LEDE_OK; i++) {
        char key[32], body[256];
        lede_article a = {.key = key, .title = "Simla", .title_len = 5, .body = body};
        a.key_len = (size_t)sprintf(key, "%s-%d", kind, i);
        a.body_len = (size_t)sprintf(body, "%s négociations about water in w%d, Lavrov said on day %d", kind, i % 7, i);
        status = lede_writer_add_article(w, &a, err);
    }
    return status;
}

static lede_status write_index(const char *path, const char *kind, lede_error *err) {
    lede_writer *w = NULL;
    lede_writer_options options = {.threads = 1};
    lede_status status = lede_writer_open(&w, path, &options, err);
    if (status == LEDE_OK)
        status = add_articles(w, kind, err);
    if (status == LEDE_OK)
        status = lede_writer_commit(w, NULL, err);
    lede_writer_close(w);
    return status;
}

static int stop_never(void *ctx, const char *word, size_t len, uint64_t frequency) {
    (void)ctx, (void)word, (void)len, (void)frequency;
    return 0;
}

static lede_status look_at_hits(lede_index *index, lede_results *results, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < lede_results_count(results) && status == LEDE_OK; i++) {
        const lede_passage_view *view;
        lede_article *article = NULL;
        status = lede_results_passage(&view, results, i, err);
        if (status == LEDE_OK)
            status = lede_index_article(&article, index, view->article.key, view->article.key_len, err);
        lede_article_free(article);
    }
    return status;
}

/* What a search found. */
struct answer {
    size_t hits;
    double scores, explained; /* their sums */
};

static lede_status take_answer(struct answer *a, lede_results *results, lede_error *err) {
    lede_status status = LEDE_OK;
    *a = (struct answer){.hits = lede_results_count(results)};
    for (size_t i = 0; i < a->hits && status == LEDE_OK; i++) {
        const lede_score_part *parts;
        size_t count;
        status = lede_results_explain(&parts, &count, results, i, err);
        a->scores += lede_results_hit(results, i)->score;
        a->explained += status == LEDE_OK ? parts[0].value : 0;
    }
    return status;
}

static lede_status search_index(const char *path, const char *text, const lede_search_options *options,
                                struct answer *answer, lede_error *err) {
    lede_index *index = NULL;
    lede_query *query = NULL;
    lede_results *results = NULL;
    lede_status status = lede_index_open(&index, path, err);
    if (status == LEDE_OK)
        status = lede_query_parse(&query, index, text, strlen(text), NULL, err);
    if (status == LEDE_OK)
        status = lede_search(&results, index, query, options, err);
    if (status == LEDE_OK)
        status = look_at_hits(index, results, err);
    if (status == LEDE_OK)
        status = lede_index_complete(index, "wa", 2, 5, stop_never, NULL, err);
    *answer = (struct answer){0};
    if (status == LEDE_OK)
        status = take_answer(answer, results, err);
    lede_results_free(results);
    lede_query_free(query);
    lede_index_close(index);
    return status;
}

static void assert_nomem(lede_status status, const lede_error *err, long n) {
    if (status != LEDE_NOMEM)
        fail_msg("allocation %ld: status %d instead of LEDE_NOMEM: %s", n, status, err->message);
}

static void search_without_memory(const char *path, const char *text, const lede_search_options *options) {
    lede_status status = LEDE_NOMEM;
    lede_error err = {0};
    struct answer answer = {0};
    long n = 0;
    for (; status != LEDE_OK && n < PATIENCE; n++) {
        failing_malloc_after(n);
        status = search_index(path, text, options, &answer, &err);
        failing_malloc_never();
        if (status != LEDE_OK)
            assert_nomem(status, &err, n);
    }
    print_message("%ld allocations for %s\n", n - 1, text);
    assert_true(n < PATIENCE);
    assert_int_equal(answer.hits, 10);
}

static void searching_without_memory(void **state) {
    static const char *const queries[] = {"Lavrov water", "\"water in\" +négociations -w3", "+lavrov +simla"};
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
        search_without_memory(*state, queries[q], NULL);
}

static void search_with_one_failure(const char *path, const char *text, const lede_search_options *options) {
    struct answer expected, answer;
    bool reached = true;
    lede_error err;
    assert_int_equal(search_index(path, text, options, &expected, &err), LEDE_OK);
    for (long n = 0; reached && n < PATIENCE; n++) {
        failing_malloc_once(n);
        lede_status status = search_index(path, text, options, &answer, &err);
        reached = failing_malloc_left < 0;
        failing_malloc_never();
        if (status != LEDE_OK)
            assert_nomem(status, &err, n);
        else if (memcmp(&answer, &expected, sizeof answer) != 0)
            fail_msg("%s: %zu hits of %zu, scores of %g and %g instead of %g as allocation %ld fails", text,
                     answer.hits, expected.hits, answer.scores, answer.explained, expected.scores, n);
    }
    assert_false(reached);
    assert_true(expected.hits > 10);
    assert_true(expected.scores == expected.explained);
}

/* One allocation fails, and those after it succeed: no hit goes missing for it, and no part of a score. */
static void a_search_finds_all_or_fails(void **state) {
    static const char *const queries[] = {"Lavrov water", "\"water in\" +négociations -w3", "ADJ/4(water w*)",
                                          "lavr* wat?r", "+lavrov (=water \"in w2\")"};
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        search_with_one_failure(*state, queries[q], &(const lede_search_options){.limit = 1000});
        search_with_one_failure(*state, queries[q],
                                &(const lede_search_options){.limit = 1000, .sort = LEDE_SORT_NEWEST});
    }
}

/* A name that others of its stem crowd out, so that it is looked for by itself. */
static void ranking_names_without_memory(void **state) {
    static const lede_search_options full = {.rerank = true, .collapse = true};
    char path[2 * FOLDER_PATH];
    lede_writer *w;
    lede_error err;
    snprintf(path, sizeof path, "%s2", (const char *)*state);
    assert_int_equal(lede_writer_open(&w, path, NULL, &err), LEDE_OK);
    for (int i = 0; i < 3 * LEDE_RERANK_DEPTH / 2; i++) {
        char key[16], body[128];
        lede_article a = {.key = key, .body = body};
        a.key_len = (size_t)sprintf(key, "%d", i);
        a.body_len = (size_t)(i ? sprintf(body, "Moral number %d, moral %d.", i, i)
                                : sprintf(body, "The president received Morales for talks about gas and water."));
        assert_int_equal(lede_writer_add_article(w, &a, &err), LEDE_OK);
    }
    assert_int_equal(lede_writer_commit(w, NULL, &err), LEDE_OK);
    lede_writer_close(w);
    search_without_memory(path, "morales", &full);
}

static void assert_articles(const char *path, uint64_t articles) {
    lede_index *index;
    lede_stats stats;
    lede_error err;
    uint64_t faults = 0;
    assert_int_equal(lede_index_open(&index, path, &err), LEDE_OK);
    assert_int_equal(lede_index_stats(&stats, index, &err), LEDE_OK);
    assert_int_equal(stats.articles, articles);
    lede_index_close(index);
    if (lede_index_check(path, NULL, NULL, NULL, &faults, &err) != LEDE_OK)
        fail_msg("%s", err.message);
}

static void writing_without_memory(void **state) {
    const char *path = *state;
    lede_error err = {0};
    lede_status status = LEDE_NOMEM;
    long n = 0;
    for (; status != LEDE_OK && n < PATIENCE; n++) {
        failing_malloc_after(n);
        status = write_index(path, "second", &err);
        failing_malloc_never();
        if (status != LEDE_OK) {
            assert_nomem(status, &err, n);
            assert_articles(path, ARTICLES);
        }
    }
    print_message("%ld allocations\n", n - 1);
    assert_true(n < PATIENCE);
    assert_articles(path, 2 * ARTICLES);
}

static struct folder folder;

static int setup(void **state) {
    static char path[2 * FOLDER_PATH];
    lede_error err;
    folder_make(&folder);
    snprintf(path, sizeof path, "%s", folder_entry(&folder, "memory.lede"));
    *state = path;
    if (write_index(path, "first", &err) == LEDE_OK)
        return 0;
    print_error("%s\n", err.message);
    return -1;
}

static int teardown(void **state) {
    (void)state;
    folder_remove(&folder);
    return 0;
}

int main(void) {
    if (!FAILING_MALLOC)
        return 77; /* the sanitizer's malloc doesn't fail */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(searching_without_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(a_search_finds_all_or_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(ranking_names_without_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(writing_without_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
