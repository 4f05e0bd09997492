/* A prefix of very many words: all of them are found; within a phrase the most frequent ones, which is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/index.h"

enum { WORDS = 1200, LOOKED_FOR = 1024 };

static const char *write_words(const struct folder *f) {
    const char *path = folder_entry(f, "words.lede");
    lede_writer *w = writer_on(path, NULL);
    for (int i = 0; i < WORDS; i++) {
        char key[16], body[32];
        snprintf(key, sizeof key, "%d", i);
        snprintf(body, sizeof body, "q%dx simla", i);
        put_article(w, key, body);
    }
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    return path;
}

static void expect(const lede_index *index, const char *text, uint64_t total, const char *missing) {
    lede_query *query;
    lede_results *results;
    const lede_search_options options = {.count = true};
    MUST(lede_query_parse(&query, index, text, strlen(text), NULL, err));
    MUST(lede_search(&results, index, query, &options, err));
    assert_int_equal(lede_results_total(results, NULL), total);
    if (missing)
        assert_string_equal(lede_results_missing(results), missing);
    else
        assert_null(lede_results_missing(results));
    lede_results_free(results);
    lede_query_free(query);
}

static void all_are_found_and_what_is_cut_is_said(void **state) {
    (void)state;
    struct folder f;
    lede_index *index;
    folder_make(&f);
    MUST(lede_index_open(&index, write_words(&f), err));
    static const char cut[] =
        "q*: within a phrase or NEAR only the 1024 most frequent of its 1200 words were looked for";
    expect(index, "q*", WORDS, NULL);
    expect(index, "+q* +simla", WORDS, NULL);
    expect(index, "\"q* simla\"", LOOKED_FOR, cut);
    expect(index, "NEAR/3(simla q*)", LOOKED_FOR, cut);
    expect(index, "\"q1* simla\"", 1 + 10 + 100 + 200, NULL);
    lede_index_close(index);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_found_and_what_is_cut_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
