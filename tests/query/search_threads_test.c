/* One index, and one query, used by several threads at once: each finds what one alone finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "query/articles.h"

enum { THREADS = 4, ROUNDS = 60 };

static const char *const queries[] = {"Lavrov Simla", "\"night train\" water", "+signed -declaration treaty", "résumé",
                                      "sim* treat?es"};

enum { QUERIES = sizeof queries / sizeof *queries, FOUND = 2048 };

struct shared {
    lede_index *index;
    lede_query *queries[QUERIES];
    char expected[QUERIES][FOUND];
    atomic_int failures;
};

static bool search_for(const lede_query *query, lede_index *index, char *out, size_t room) {
    lede_results *results = NULL;
    lede_article *article = NULL;
    const lede_passage_view *view;
    size_t at = 0;
    bool ok = lede_search(&results, index, query, NULL, NULL) == LEDE_OK;
    for (size_t i = 0; ok && i < lede_results_count(results); i++) {
        const lede_hit *hit = lede_results_hit(results, i);
        ok = lede_results_passage(&view, results, i, NULL) == LEDE_OK &&
             lede_index_article(&article, index, view->article.key, view->article.key_len, NULL) == LEDE_OK;
        if (ok)
            at += (size_t)snprintf(out + at, room - at, "%s %.17g %zu %zu\n", view->article.key, hit->score,
                                   view->span_count, article->body_len);
        lede_article_free(article);
        article = NULL;
    }
    lede_results_free(results);
    return ok;
}

static bool search_once(lede_index *index, const char *text, char *out, size_t room) {
    lede_query *query = NULL;
    bool ok = lede_query_parse(&query, index, text, strlen(text), NULL, NULL) == LEDE_OK &&
              search_for(query, index, out, room);
    lede_query_free(query);
    return ok;
}

static int ignore(void *ctx, const char *word, size_t len, uint64_t frequency) {
    (void)ctx;
    (void)word;
    (void)len;
    return frequency == 0;
}

static void *run(void *arg) {
    struct shared *s = arg;
    for (size_t i = 0; i < ROUNDS; i++) {
        char found[FOUND] = "", again[FOUND] = "";
        if (!search_once(s->index, queries[i % QUERIES], found, sizeof found) ||
            !search_for(s->queries[i % QUERIES], s->index, again, sizeof again) ||
            strcmp(found, s->expected[i % QUERIES]) != 0 || strcmp(found, again) != 0 ||
            lede_index_complete(s->index, "tr", 2, 5, ignore, NULL, NULL) != LEDE_OK)
            atomic_fetch_add(&s->failures, 1);
    }
    return NULL;
}

static void threads_share_an_index(void **state) {
    (void)state;
    struct folder f;
    struct shared s = {.failures = 0};
    pthread_t threads[THREADS];
    folder_make(&f);
    MUST(lede_index_open(&s.index, write_archive(&f), err));
    for (size_t i = 0; i < QUERIES; i++) {
        assert_true(search_once(s.index, queries[i], s.expected[i], FOUND));
        assert_true(s.expected[i][0] != 0);
        MUST(lede_query_parse(&s.queries[i], s.index, queries[i], strlen(queries[i]), NULL, err));
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, &s), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(s.failures, 0);
    for (size_t i = 0; i < QUERIES; i++)
        lede_query_free(s.queries[i]);
    lede_index_close(s.index);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_share_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
