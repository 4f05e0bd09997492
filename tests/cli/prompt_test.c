/* The full-screen prompt as a person meets it: every key, through a pseudo-terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "articles.h"
#include "support/vt.h"

enum { ROWS = 24, COLUMNS = 110, INPUT = 0, STATUS = 1, LIST = 2 };

static struct vt vt;

static void start_sized(int rows, int columns, const char *const *environment) {
    char program[] = LEDE;
    char *const words[] = {program, NULL};
    vt_start(&vt, folder.path, words, environment, rows, columns);
}

static void start_with(const char *const *environment) {
    start_sized(ROWS, COLUMNS, environment);
    vt_expect(&vt, "3 articles");
}

static void start(void) {
    start_with(NULL);
}

/* Types a query, and waits until the status line says this about it. */
static void ask(const char *query, const char *status) {
    vt_type(&vt, query);
    vt_expect(&vt, status);
}

static void leave(void) {
    vt_type(&vt, "\003");
    assert_int_equal(vt_finish(&vt), 0);
}

static void hits_follow_what_is_typed(void **state) {
    (void)state;
    start();
    ask("nego", "1 passage matches");
    vt_expect(&vt, "Talks in Moscow on the Simla Accord");
    assert_int_equal(vt_look_of(&vt, LIST, "negotiating") & VT_BOLD, VT_BOLD);
    ask("tiations zebra", "1 passage matches");
    vt_type(&vt, "\025elephants");
    vt_expect(&vt, "0 passages match");
    vt_type(&vt, "\025-lavrov");
    vt_expect(&vt, "only words to leave out");
    vt_type(&vt, "\025");
    vt_expect(&vt, "Type words to search");
    leave();
}

static void every_way_out_leaves_the_terminal_clean(void **state) {
    static const char *const keys[] = {"\003", "\004", "\033", "lavrov\003", "lavrov\033", ":quit\r"};
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        start();
        vt_type(&vt, keys[i]);
        assert_int_equal(vt_finish(&vt), 0);
    }
}

static void enter_opens_the_article(void **state) {
    const char *const environment[] = {"PAGER", "cat", NULL};
    (void)state;
    start_with(environment);
    ask("simla", "2 passages match");
    vt_type(&vt, "\r");
    vt_expect(&vt, "articles/talks.txt");
    vt_expect(&vt, "every table by a flag.");
    vt_expect(&vt, "Enter goes back");
    assert_false(vt.is_alternate);
    vt_type(&vt, "\r");
    vt_expect(&vt, "F1 keys");
    assert_true(vt.is_alternate);
    leave();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_follow_what_is_typed),
        cmocka_unit_test(every_way_out_leaves_the_terminal_clean),
        cmocka_unit_test(enter_opens_the_article),
    };
    return cmocka_run_group_tests(tests, make_index, remove_index);
}
