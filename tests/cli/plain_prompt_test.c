/* The plain prompt as a person meets it: through a pseudo-terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "articles.h"

static void start_with(struct screen *s, const char *const *environment) {
    char program[] = LEDE, plain[] = "--plain";
    char *const words[] = {program, plain, NULL};
    screen_start(s, folder.path, words, environment);
}

/* Types a line when the prompt is there. */
static void enter(struct screen *s, const char *line) {
    screen_expect(s, "lede> ");
    screen_type(s, line);
    screen_type(s, "\n");
}

static void start(struct screen *s) {
    start_with(s, NULL);
    screen_expect(s, "3 articles");
    screen_expect(s, ":help");
}

static int quit(struct screen *s) {
    enter(s, ":quit");
    return screen_finish(s);
}

static void a_query_is_answered_with_stems_lit(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    enter(&s, "negotiations");
    screen_expect(&s, "Talks in Moscow");
    screen_expect(&s, "articles/talks.txt");
    screen_expect(&s, MATCH_ON "negotiating" MATCH_OFF);
    screen_expect(&s, "1 passage matches");
    enter(&s, "elephants");
    screen_expect(&s, "0 passages match");
    enter(&s, ":open 1");
    screen_expect(&s, "the last query found nothing to open");
    enter(&s, "-lavrov");
    screen_expect(&s, "only words to leave out");
    assert_int_equal(quit(&s), 0);
}

static void lines_fit_the_window(void **state) {
    struct screen s;
    (void)state;
    const char *const environment[] = {"NO_COLOR", "1", NULL};
    start_with(&s, environment);
    screen_expect(&s, ":help");
    enter(&s, "simla treaty");
    size_t from = s.seen;
    screen_expect(&s, "passages match");
    size_t column = 0;
    for (const char *p = s.text + from; p < s.text + s.seen; p++) {
        assert_int_not_equal(*p, '\033');
        column = *p == '\n' ? 0 : column + (*p != '\r' && ((unsigned char)*p & 0xC0) != 0x80);
        assert_true(column <= SCREEN_COLUMNS);
    }
    assert_int_equal(quit(&s), 0);
}

static void tab_completes(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    screen_expect(&s, "lede> ");
    /* Only one word begins so: it is put in, with a space, and more can be typed. */
    screen_type(&s, "Lavr\tsim\t\n");
    screen_expect(&s, MATCH_ON "Simla" MATCH_OFF);
    screen_expect(&s, "lede> ");
    /* Several: the first TAB puts in what they share, the next lists them. */
    screen_type(&s, "in\t");
    screen_expect(&s, "in");
    screen_expect(&s, "indus");
    screen_expect(&s, "interpreter");
    screen_type(&s, "d\t\n");
    screen_expect(&s, MATCH_ON "Indus" MATCH_OFF);
    screen_expect(&s, "lede> ");
    screen_type(&s, "caf\t\n");
    screen_expect(&s, MATCH_ON "caf\xC3\xA9" MATCH_OFF);
    /* Commands, too. */
    screen_expect(&s, "lede> ");
    screen_type(&s, ":st\t\n");
    screen_expect(&s, "postings");
    assert_int_equal(quit(&s), 0);
    char *text = NULL;
    size_t size = 0;
    FILE *history = fopen(folder_entry(&folder, ".local/state/lede/history"), "r");
    assert_non_null(history);
    bool completed = false;
    while (getline(&text, &size, history) >= 0)
        completed = completed || strcmp(text, "Lavrov simla\n") == 0;
    assert_true(completed);
    free(text);
    fclose(history);
}

static void control_c_drops_the_line(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    screen_expect(&s, "lede> ");
    screen_type(&s, "elephants");
    screen_expect(&s, "elephants");
    screen_type(&s, "\003");
    screen_expect(&s, "^C\r\nlede> ");
    screen_type(&s, "\003");
    screen_expect(&s, "^C\r\n");
    /* Below the last row of a long line, wherever in it the cursor is. */
    screen_expect(&s, "lede> ");
    screen_type(&s, "a line that goes on and on until it takes more than one row\001");
    screen_expect(&s, "row");
    screen_type(&s, "\003");
    screen_expect(&s, "^C");
    screen_expect(&s, "\nlede> ");
    /* In one go with what is typed before and after it, too. */
    screen_type(&s, "elephants\003lavrov\n");
    screen_expect(&s, MATCH_ON "Lavrov" MATCH_OFF);
    assert_int_equal(quit(&s), 0);
}

/* Only a shell can take us back, so that there has to be one. */
static void control_z_stops_and_goes_on(void **state) {
    char bash[] = "/bin/bash", plain[] = "--norc";
    char *const words[] = {bash, plain, NULL};
    const char *const environment[] = {"PS1", "shell> ", "LEDE", LEDE, NULL};
    struct screen s;
    (void)state;
    screen_start(&s, folder.path, words, environment);
    screen_expect(&s, "shell> ");
    screen_type(&s, "$LEDE --plain\n");
    for (int i = 0; i < 2; i++) {
        screen_expect(&s, "lede> ");
        screen_type(&s, i ? "rov" : "lav");
        screen_expect(&s, i ? "rov" : "lav");
        screen_type(&s, "\032");
        screen_expect(&s, "Stopped");
        screen_expect(&s, "shell> ");
        screen_type(&s, "fg\n");
    }
    screen_expect(&s, "lede> lavrov");
    screen_type(&s, "\n");
    screen_expect(&s, MATCH_ON "Lavrov" MATCH_OFF);
    enter(&s, ":quit");
    screen_expect(&s, "shell> ");
    screen_type(&s, "exit\n");
    assert_int_equal(screen_finish(&s), 0);
}

static void control_d_leaves(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    screen_expect(&s, "lede> ");
    screen_type(&s, "\004");
    assert_int_equal(screen_finish(&s), 0);
}

static void pages_follow_each_other(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    enter(&s, ":more");
    screen_expect(&s, "no query yet");
    enter(&s, ":n 1");
    enter(&s, "lavrov");
    screen_expect(&s, "  1  ");
    screen_expect(&s, "; :more for the next");
    enter(&s, ":more");
    screen_expect(&s, "  2  ");
    screen_expect(&s, "2 passages match");
    enter(&s, ":m");
    screen_expect(&s, "no more hits");
    enter(&s, ":and on");
    enter(&s, "lavrov simla");
    screen_expect(&s, "1 passage matches");
    enter(&s, ":and off");
    enter(&s, "lavrov simla");
    screen_expect(&s, "3 passages match");
    assert_int_equal(quit(&s), 0);
}

static void open_shows_the_whole_article(void **state) {
    struct screen s;
    (void)state;
    const char *const environment[] = {"PAGER", "cat", NULL};
    start_with(&s, environment);
    enter(&s, ":open 1");
    screen_expect(&s, "no query yet");
    enter(&s, "simla");
    screen_expect(&s, "lede> ");
    screen_type(&s, ":open 1\n");
    screen_expect(&s, "Talks in Moscow on the Simla Accord");
    screen_expect(&s, "articles/talks.txt");
    screen_expect(&s, "negotiating late on Friday");
    screen_expect(&s, "every table by a flag.");
    enter(&s, ":open 7");
    screen_expect(&s, "there is no hit 7; open a number from 1 to 2");
    enter(&s, ":open x");
    screen_expect(&s, "there is no hit 0");
    assert_int_equal(quit(&s), 0);
}

/* A stand-in for less that tells its options, and the line that it would put at the top. */
static void less_opens_at_the_passage(void **state) {
    static const char script[] = "#!/bin/sh\n"
                                 "for word; do case $word in +*) line=${word#+};; esac; done\n"
                                 "echo \"OPTIONS $*\"; echo \"TOP $(sed -n \"${line}p\")\"\n";
    struct screen s;
    (void)state;
    folder_write_text(&folder, "less", script);
    assert_int_equal(chmod(folder_entry(&folder, "less"), 0700), 0);
    const char *const environment[] = {"PAGER", folder_entry(&folder, "less"), NULL};
    start_with(&s, environment);
    enter(&s, "\"steel mills\"");
    enter(&s, ":open");
    screen_expect(&s, "OPTIONS -R -+F +");
    screen_expect(&s, "TOP The envoy met Lavrov for an hour.");
    assert_int_equal(quit(&s), 0);
}

static void a_pager_that_fails_is_made_up_for(void **state) {
    struct screen s;
    (void)state;
    const char *const environment[] = {"PAGER", "no-such-pager", NULL};
    start_with(&s, environment);
    enter(&s, "simla");
    enter(&s, ":open 1");
    screen_expect(&s, "$PAGER cannot be run");
    screen_expect(&s, "every table by a flag.");
    assert_int_equal(quit(&s), 0);
    /* One that is left early does no harm. */
    const char *const early[] = {"PAGER", "true", NULL};
    start_with(&s, early);
    enter(&s, "simla");
    enter(&s, ":open 1");
    enter(&s, "lavrov");
    screen_expect(&s, "2 passages match");
    assert_int_equal(quit(&s), 0);
}

static void history_is_kept_across_runs(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    enter(&s, "farmers canals");
    screen_expect(&s, "1 passage matches");
    assert_int_equal(quit(&s), 0);
    start(&s);
    screen_expect(&s, "lede> ");
    screen_type(&s, "\033[A\033[A\n"); /* up: ":quit", up: the query */
    screen_expect(&s, MATCH_ON "Farmers" MATCH_OFF);
    assert_int_equal(quit(&s), 0);
}

static void any_input_is_survived(void **state) {
    static char longest[20000];
    struct screen s;
    (void)state;
    start(&s);
    enter(&s, "\xff\xfe\x80 \xc3( \xf0\x9f");
    enter(&s, "\x01\x02\x05\x06\x0b\x0c\x0e\x0f\x10\x14\x15\x17\x18\x19\x1d\x1e\x1f");
    enter(&s, "\033\033[\033[999~\033O\033[1;5Z");
    enter(&s, "\"\"\" + - +\"");
    enter(&s, ":");
    enter(&s, ":\xff");
    memset(longest, 'a', sizeof longest - 1);
    screen_expect(&s, "lede> ");
    /* Piece by piece, as the terminal's line buffer is small. */
    for (size_t at = 0; at < sizeof longest - 1; at += 1000) {
        size_t left = sizeof longest - 1 - at, n = left < 1000 ? left : 1000;
        assert_int_equal(write(s.terminal, longest + at, n), n);
        screen_read(&s, 100);
    }
    screen_type(&s, "\n");
    assert_int_equal(write(s.terminal, "\0\0", 2), 2);
    enter(&s, "lavrov");
    screen_expect(&s, MATCH_ON "Lavrov" MATCH_OFF);
    assert_int_equal(quit(&s), 0);
}

static void a_newer_commit_is_seen(void **state) {
    struct screen s;
    char command[2048];
    (void)state;
    start(&s);
    enter(&s, "armadillo");
    screen_expect(&s, "0 passages match");
    folder_write_text(&folder, "more.jsonl", "{\"id\":\"m\",\"text\":\"An armadillo crossed the road.\"}\n");
    snprintf(command, sizeof command, "cd '%s' && '%s' index -q more.jsonl", folder.path, LEDE);
    assert_int_equal(run_shell(command), 0);
    enter(&s, "armadillo");
    screen_expect(&s, "1 passage matches");
    assert_int_equal(quit(&s), 0);
    snprintf(command, sizeof command, "cd '%s' && '%s' delete -q m", folder.path, LEDE);
    assert_int_equal(run_shell(command), 0);
}

static void help_and_stats_are_at_hand(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    enter(&s, ":help");
    screen_expect(&s, "Type words to search");
    screen_expect(&s, ":open N");
    screen_expect(&s, ":quit");
    enter(&s, ":stats");
    screen_expect(&s, "passages");
    screen_expect(&s, "On disk");
    enter(&s, ":nonsense");
    screen_expect(&s, "unknown command ':nonsense'");
    assert_int_equal(quit(&s), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_answered_with_stems_lit),
        cmocka_unit_test(lines_fit_the_window),
        cmocka_unit_test(tab_completes),
        cmocka_unit_test(control_c_drops_the_line),
        cmocka_unit_test(control_z_stops_and_goes_on),
        cmocka_unit_test(control_d_leaves),
        cmocka_unit_test(pages_follow_each_other),
        cmocka_unit_test(open_shows_the_whole_article),
        cmocka_unit_test(less_opens_at_the_passage),
        cmocka_unit_test(a_pager_that_fails_is_made_up_for),
        cmocka_unit_test(history_is_kept_across_runs),
        cmocka_unit_test(any_input_is_survived),
        cmocka_unit_test(a_newer_commit_is_seen),
        cmocka_unit_test(help_and_stats_are_at_hand),
    };
    return cmocka_run_group_tests(tests, make_index, remove_index);
}
