/* The full-screen prompt on terminals of all kinds and sizes, and how it ends there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "prompt.h"

static void signals_end_it_cleanly(void **state) {
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        start();
        ask("simla", "2 passages match");
        assert_int_equal(kill(vt.screen.pid, signals[i]), 0);
        assert_int_equal(vt_finish(&vt), 128 + signals[i]);
    }
}

/* While it waits for the reader of an article, too. */
static void signals_end_it_beside_a_pager(void **state) {
    const char *const environment[] = {"PAGER", "cat", NULL};
    static const int signals[] = {SIGTERM, SIGHUP};
    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        start_with(environment);
        vt_type(&vt, "simla\r");
        vt_expect(&vt, "Enter goes back");
        assert_int_equal(kill(vt.screen.pid, SIGWINCH), 0);
        assert_int_equal(kill(vt.screen.pid, SIGINT), 0);
        vt_expect(&vt, "F1 keys");
        vt_type(&vt, "\r");
        vt_expect(&vt, "Enter goes back");
        assert_int_equal(kill(vt.screen.pid, signals[i]), 0);
        assert_int_equal(vt_finish(&vt), 128 + signals[i]);
    }
}

/* As after a failed assertion, or worse. */
static void a_crash_leaves_the_terminal_clean(void **state) {
    static const int signals[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV};
    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        start();
        assert_true(vt.is_alternate && vt.is_pasting);
        assert_int_equal(kill(vt.screen.pid, signals[i]), 0);
        assert_int_equal(vt_finish(&vt), 128 + signals[i]);
    }
}

static void a_terminal_that_goes_away_ends_it(void **state) {
    int status = 0;
    (void)state;
    start();
    ask("simla", "2 passages match");
    close(vt.screen.terminal);
    assert_int_equal(waitpid(vt.screen.pid, &status, 0), vt.screen.pid);
    assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGHUP : WIFEXITED(status));
    free(vt.screen.text);
}

/* Only a shell can take us back, so that there has to be one. */
static void it_stops_and_goes_on(void **state) {
    char bash[] = "/bin/bash", plain[] = "--norc";
    char *const words[] = {bash, plain, NULL};
    const char *const environment[] = {"PS1", "shell> ", "LEDE", LEDE, NULL};
    (void)state;
    vt_start(&vt, folder.path, words, environment, ROWS, COLUMNS);
    vt_expect(&vt, "shell>");
    vt_type(&vt, "$LEDE\r");
    vt_expect(&vt, "3 articles");
    vt_type(&vt, "lav");
    vt_expect(&vt, "2 passages match");
    for (int i = 0; i < 2; i++) {
        vt_type(&vt, "\032");
        vt_expect(&vt, "Stopped");
        assert_false(vt.is_alternate);
        vt_type(&vt, "fg\r");
        vt_expect_row(&vt, INPUT, i ? "lede> lavr" : "lede> lav");
        assert_true(vt.is_alternate);
        vt_type(&vt, i ? "ov" : "r");
        vt_expect_row(&vt, INPUT, i ? "lede> lavrov" : "lede> lavr");
    }
    vt_type(&vt, "\003");
    vt_expect(&vt, "shell>");
    assert_false(vt.is_alternate);
    vt_type(&vt, "exit\r");
    assert_int_equal(screen_finish(&vt.screen), 0);
}

/* By a signal that can't be caught: when it goes on it takes the terminal again. */
static void it_is_stopped_and_goes_on(void **state) {
    (void)state;
    start();
    ask("simla", "2 passages match");
    kill(vt.screen.pid, SIGSTOP);
    for (int row = 0; row < ROWS; row++)
        vt_blank(&vt, row, 0, COLUMNS);
    kill(vt.screen.pid, SIGCONT);
    vt_expect_row(&vt, INPUT, "lede> simla");
    /* A shell would take us back from this one; without one it is not heeded. */
    kill(vt.screen.pid, SIGTSTP);
    vt_type(&vt, " accord");
    vt_expect_row(&vt, INPUT, "lede> simla accord");
    leave();
}

static void windows_change_their_size(void **state) {
    static const int sizes[][2] = {{10, 40}, {24, 80}, {60, 200}, {3, 20},  {2, 10},
                                   {1, 1},   {5, 3},   {40, 96},  {24, 110}};
    (void)state;
    start();
    ask("simla", "2 passages match");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        vt_resize(&vt, sizes[i][0], sizes[i][1]);
        if (sizes[i][1] >= 12)
            vt_expect_row(&vt, INPUT, "lede> simla");
        if (sizes[i][0] >= 10)
            vt_expect(&vt, "Talks in Moscow on the Simla");
        /* Beside the list, or below it. */
        if (sizes[i][1] >= 96)
            vt_expect(&vt, "\xE2\x94\x82 Talks in Moscow on the Simla Accord");
        else if (sizes[i][0] >= 10)
            vt_expect(&vt, "\xE2\x94\x80\xE2\x94\x80\xE2\x94\x80");
        vt_type(&vt, "\033[B\033[A");
    }
    leave();
}

static void a_small_window_has_all_there_is(void **state) {
    (void)state;
    start_on(NULL, 10, 40, NULL);
    vt_expect(&vt, "3 articles");
    ask("simla", "2 passages match");
    vt_expect_row(&vt, LIST, BAR " 1 Talks in Mo\xE2\x80\xA6  \xE2\x80\xA6the Simla Accord of \xE2\x80\xA6");
    vt_expect_row(&vt, LIST + 4, " Talks in Moscow on the Simla Accord");
    vt_type(&vt, "\033[B");
    vt_expect(&vt, BAR " 2 ");
    leave();
}

static void terminals_without_colours_underline(void **state) {
    static const char *const environments[][5] = {
        {"NO_COLOR", "1", NULL}, {"TERM", "vt100", NULL}, {"TERM", "vt220", NULL}, {"TERM", "xterm-mono", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof environments / sizeof *environments; i++) {
        start_with(environments[i]);
        ask("lavrov simla", "3 passages match");
        assert_int_equal(vt_look_of(&vt, LIST, "Simla Accord of"), VT_BOLD | VT_UNDERLINE);
        for (int row = 0; row < ROWS; row++)
            for (int column = 0; column < COLUMNS; column++)
                assert_int_equal(vt.cells[row][column].look & VT_COLOR, 0);
        leave();
    }
}

static void every_terminal_with_a_cursor_will_do(void **state) {
    static const char *const terms[] = {"xterm-256color", "screen-256color", "tmux-256color",
                                        "linux",          "rxvt-unicode",    "ansi"};
    (void)state;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        const char *const environment[] = {"TERM", terms[i], NULL};
        start_with(environment);
        ask("lavrov simla", "3 passages match");
        vt_expect(&vt, BAR " 1 Talks in Moscow on the Simla Accord");
        leave();
    }
}

static void other_terminals_get_the_plain_prompt(void **state) {
    static const char *const terms[] = {"dumb", "", "no-such-terminal"};
    (void)state;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        const char *const environment[] = {"TERM", terms[i], NULL};
        char program[] = LEDE;
        char *const words[] = {program, NULL};
        struct screen s;
        screen_start(&s, folder.path, words, environment);
        if (i == 2)
            screen_expect(&s, "terminals of the kind 'no-such-terminal' can't show a full screen");
        screen_expect(&s, "lede> ");
        screen_type(&s, "negotiations\n");
        screen_expect(&s, "1 passage matches");
        screen_expect(&s, "lede> ");
        screen_type(&s, ":quit\n");
        assert_int_equal(screen_finish(&s), 0);
    }
}

static void without_an_index_it_says_what_to_do(void **state) {
    char program[] = LEDE;
    char *const words[] = {program, NULL};
    struct screen s;
    (void)state;
    screen_start(&s, "/", words, NULL);
    screen_expect(&s, "lede: no index");
    screen_expect(&s, "lede index");
    assert_int_equal(screen_finish(&s), 2);
}

static void pasted_text_is_one_line(void **state) {
    (void)state;
    start();
    vt_type(&vt, "\033[200~?lavrov\r\nsimla\t\003\033[Aaccord\033[201~");
    vt_expect_row(&vt, INPUT, "lede> ?lavrov simla accord");
    vt_expect(&vt, "3 passages match");
    leave();
}

static void any_input_is_survived(void **state) {
    static char longest[20000];
    (void)state;
    start();
    vt_type(&vt, "\xff\xfe\x80 \xc3( \xf0\x9f");
    vt_type(&vt, "\x01\x02\x05\x06\x0b\x0c\x0e\x0f\x10\x14\x15\x17\x18\x19\x1d\x1e\x1f");
    vt_type(&vt, "\033[\033[999~\033O\033[1;5Z\"\"\" + - +\"");
    assert_int_equal(write(vt.screen.terminal, "\0\0", 2), 2);
    memset(longest, 'a', sizeof longest - 1);
    /* Piece by piece, as the terminal's line buffer is small. */
    for (size_t at = 0; at < sizeof longest - 1; at += 1000) {
        size_t left = sizeof longest - 1 - at, n = left < 1000 ? left : 1000;
        assert_int_equal(write(vt.screen.terminal, longest + at, n), n);
        vt_read(&vt, 100);
    }
    vt_type(&vt, "\005\025lavrov");
    vt_expect_row(&vt, INPUT, "lede> lavrov");
    vt_expect(&vt, "2 passages match");
    leave();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_end_it_cleanly),
        cmocka_unit_test(signals_end_it_beside_a_pager),
        cmocka_unit_test(a_crash_leaves_the_terminal_clean),
        cmocka_unit_test(a_terminal_that_goes_away_ends_it),
        cmocka_unit_test(it_stops_and_goes_on),
        cmocka_unit_test(it_is_stopped_and_goes_on),
        cmocka_unit_test(windows_change_their_size),
        cmocka_unit_test(a_small_window_has_all_there_is),
        cmocka_unit_test(terminals_without_colours_underline),
        cmocka_unit_test(every_terminal_with_a_cursor_will_do),
        cmocka_unit_test(other_terminals_get_the_plain_prompt),
        cmocka_unit_test(without_an_index_it_says_what_to_do),
        cmocka_unit_test(pasted_text_is_one_line),
        cmocka_unit_test(any_input_is_survived),
    };
    return cmocka_run_group_tests(tests, make_index, remove_index);
}
