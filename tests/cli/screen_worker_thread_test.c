/* The thread that searches for the full-screen prompt. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/prompt/screen_worker.h"
#include "support/folder.h"

enum { PATIENCE_MS = 60000 };

static struct folder folder;
static const char *path;

static void add(const char *key, const char *text) {
    lede_writer *writer = NULL;
    lede_error err;
    const lede_article article = {.key = key, .key_len = strlen(key), .body = text, .body_len = strlen(text)};
    const lede_writer_options options = {.threads = 1};
    if (lede_writer_open(&writer, path, &options, &err) || lede_writer_add_article(writer, &article, &err) ||
        lede_writer_commit(writer, NULL, &err))
        fail_msg("%s", err.message);
    lede_writer_close(writer);
}

static uint64_t ask(struct screen_worker *w, const char *text, bool is_typed) {
    const struct screen_request request = {
        .text = text, .len = strlen(text), .is_typed = is_typed, .search = {.limit = 10}, .shown = 3};
    uint64_t number = screen_worker_ask(w, &request);
    assert_true(number > 0);
    return number;
}

/* The next answer; it must be there in time. */
static struct screen_answer *take(struct screen_worker *w) {
    struct screen_answer *answer = NULL;
    for (int left = PATIENCE_MS; !answer && left > 0; left -= 100) {
        struct pollfd wait = {screen_worker_fd(w), POLLIN, 0};
        if (poll(&wait, 1, 100) > 0)
            answer = screen_worker_take(w);
    }
    assert_non_null(answer);
    return answer;
}

static struct screen_worker *start(void) {
    struct screen_worker *w = NULL;
    lede_error err;
    if (screen_worker_new(&w, path, &err))
        fail_msg("%s", err.message);
    return w;
}

static void the_newest_request_is_answered(void **state) {
    struct screen_worker *w = start();
    struct screen_answer *answer = NULL;
    uint64_t last = 0;
    (void)state;
    assert_null(screen_worker_take(w));
    for (int i = 0; i < 500; i++)
        last = ask(w, i % 2 ? "wheat" : "barley", false);
    /* Some of the others may be answered, too, but never behind it. */
    do {
        screen_answer_free(answer);
        answer = take(w);
        assert_true(answer->number <= last);
    } while (answer->number < last);
    assert_int_equal(answer->status, LEDE_OK);
    assert_int_equal(lede_results_count(answer->search.results), 1);
    assert_null(screen_worker_take(w));
    screen_answer_free(answer);
    /* Ended while it has something to do. */
    ask(w, "wheat", false);
    screen_worker_free(w);
}

static void words_that_are_typed_are_completed(void **state) {
    static const struct {
        const char *text;
        bool is_typed;
        size_t count;
    } cases[] = {
        {"whea", true, 1},  {"whea", false, 0}, {"whea ", true, 0},
        {"wheat", true, 1}, {"zebra", true, 0}, {"", true, 0},
    };
    struct screen_worker *w = start();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ask(w, cases[i].text, cases[i].is_typed);
        struct screen_answer *answer = take(w);
        assert_int_equal(answer->status, LEDE_OK);
        if (lede_results_count(answer->search.results) != cases[i].count)
            fail_msg("case %zu: %zu hits", i, lede_results_count(answer->search.results));
        screen_answer_free(answer);
    }
    screen_worker_free(w);
}

/* What may have been meant is looked for, but not in place of a word that is not typed to its end. */
static void a_beginning_is_no_mistake(void **state) {
    static const struct {
        const char *text;
        bool is_typed;
        const char *suggestion;
    } cases[] = {
        {"whea", false, "wheat"},
        {"whea", true, NULL},
        {"wheet", true, "wheat"},
        {"wheet whea", true, "wheat wheat"},
        {"wheat whea", true, NULL},
        {"wheat", true, NULL},
        {"wheat -whea", true, NULL},
        {"(wheat whea", true, NULL},
        {"title:whea", true, NULL},
        {"WHEA", true, NULL},
        {"(wheet whea", true, "wheat wheat"},
        {"\xE2\x80\x9Cwheat whea", true, NULL},
    };
    struct screen_worker *w = start();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct screen_request request = {.text = cases[i].text,
                                               .len = strlen(cases[i].text),
                                               .is_typed = cases[i].is_typed,
                                               .is_settled = true,
                                               .search = {.limit = 10},
                                               .shown = 3};
        screen_worker_ask(w, &request);
        struct screen_answer *answer = take(w);
        const char *said = answer->suggestion ? answer->suggestion : "nothing";
        if (strcmp(said, cases[i].suggestion ? cases[i].suggestion : "nothing") != 0)
            fail_msg("%s: %s", cases[i].text, said);
        screen_answer_free(answer);
    }
    screen_worker_free(w);
}

static void errors_are_answers(void **state) {
    const struct screen_request request = {
        .text = "\"wheat", .len = 6, .query = {.strict = true}, .search = {.limit = 10}, .shown = 3};
    struct screen_worker *w = NULL;
    lede_error err;
    (void)state;
    assert_int_equal(screen_worker_new(&w, folder_entry(&folder, "none"), &err), LEDE_NOT_FOUND);
    assert_null(w);
    w = start();
    screen_worker_ask(w, &request);
    struct screen_answer *answer = take(w);
    assert_int_equal(answer->status, LEDE_INVALID);
    assert_non_null(strstr(answer->err.message, "quote"));
    screen_answer_free(answer);
    screen_worker_free(w);
}

/* What was found when the time was over comes first, if it is anything; then the whole. */
static void the_best_so_far_comes_first(void **state) {
    struct screen_worker *w = start();
    const struct screen_request request = {
        .text = "fie*", .len = 4, .search = {.limit = 10, .collapse = true}, .shown = 3, .at_once = 1e-9};
    const struct screen_request patient = {.text = "field", .len = 5, .search = {.limit = 10}, .at_once = 1000};
    (void)state;
    for (int i = 0; i < 20; i++) {
        uint64_t number = screen_worker_ask(w, &request);
        struct screen_answer *answer = take(w);
        assert_int_equal(answer->number, number);
        if (answer->is_draft) {
            assert_false(lede_results_complete(answer->search.results));
            screen_answer_free(answer);
            answer = take(w);
            assert_int_equal(answer->number, number);
        }
        assert_false(answer->is_draft);
        assert_true(lede_results_complete(answer->search.results));
        assert_int_equal(lede_results_count(answer->search.results), 2);
        screen_answer_free(answer);
    }
    uint64_t number = screen_worker_ask(w, &patient);
    struct screen_answer *answer = take(w);
    assert_int_equal(answer->number, number);
    assert_false(answer->is_draft);
    assert_int_equal(lede_results_count(answer->search.results), 2);
    screen_answer_free(answer);
    screen_worker_free(w);
}

/* Results of before stay good while the worker has gone over to the new index. */
static void a_newer_index_is_searched(void **state) {
    struct screen_worker *w = start();
    (void)state;
    uint64_t number = ask(w, "oats", false);
    struct screen_answer *before = take(w);
    assert_int_equal(lede_results_count(before->search.results), 0);
    assert_false(before->is_other_index);
    add("c", "A field of oats and wheat.");
    struct screen_answer *after = take(w);
    assert_int_equal(after->number, number);
    assert_true(after->is_other_index);
    assert_int_equal(lede_results_count(after->search.results), 1);
    assert_int_equal(lede_results_count(before->search.results), 0);
    screen_answer_free(before);
    screen_answer_free(after);
    screen_worker_free(w);
}

static int make(void **state) {
    (void)state;
    folder_make(&folder);
    static char place[1100];
    snprintf(place, sizeof place, "%s/i.lede", folder.path);
    path = place;
    add("a", "A field of wheat.");
    add("b", "A field of barley.");
    return 0;
}

static int clean_up(void **state) {
    (void)state;
    folder_remove(&folder);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_request_is_answered), cmocka_unit_test(words_that_are_typed_are_completed),
        cmocka_unit_test(a_beginning_is_no_mistake),      cmocka_unit_test(errors_are_answers),
        cmocka_unit_test(the_best_so_far_comes_first),    cmocka_unit_test(a_newer_index_is_searched),
    };
    return cmocka_run_group_tests(tests, make, clean_up);
}
