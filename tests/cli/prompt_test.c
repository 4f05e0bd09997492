/* The prompt as a person meets it: through a pseudo-terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>

#include "support/folder.h"

enum { SCREEN_SIZE = 1 << 20, PATIENCE_MS = 20000, COLUMNS = 60 };

#define MATCH_ON  "\033[0;1;31m"
#define MATCH_OFF "\033[0m"

/* A terminal with `lede` in it, and all that it has shown. */
struct screen {
    int terminal;
    pid_t pid;
    char *text;
    size_t len, seen; /* what was waited for already */
};

/* An index of the articles that the shell tests use, too, in a folder of its own, which is HOME. */
static struct folder folder;

static int run_shell(const char *command) {
    return system(command);
}

static int make_index(void **state) {
    char command[4096];
    (void)state;
    folder_make(&folder);
    setenv("HOME", folder.path, 1);
    unsetenv("XDG_STATE_HOME");
    unsetenv("NO_COLOR");
    unsetenv("COLUMNS");
    setenv("TERM", "xterm", 1);
    snprintf(command, sizeof command,
             "cd '%s' && bash -c '. %s/tests/cli/support.sh; make_articles articles' && '%s' index -q articles",
             folder.path, LEDE_SOURCE_DIR, LEDE);
    return run_shell(command);
}

static int remove_index(void **state) {
    (void)state;
    folder_remove(&folder);
    return 0;
}

static void start_program(struct screen *s, char *const *words, const char *const *environment) {
    const struct winsize size = {.ws_row = 24, .ws_col = COLUMNS};
    memset(s, 0, sizeof *s);
    assert_non_null(s->text = calloc(1, SCREEN_SIZE + 1));
    s->pid = forkpty(&s->terminal, NULL, NULL, &size);
    assert_true(s->pid >= 0);
    if (s->pid > 0)
        return;
    for (; environment && *environment; environment += 2)
        setenv(environment[0], environment[1], 1);
    if (chdir(folder.path) == 0)
        execv(words[0], words);
    _exit(99);
}

static void start_with(struct screen *s, const char *const *environment) {
    char program[] = LEDE;
    char *const words[] = {program, NULL};
    start_program(s, words, environment);
}

/* Reads what there is within `ms`. False when the other side is gone. */
static bool read_some(struct screen *s, int ms) {
    struct pollfd wait = {s->terminal, POLLIN, 0};
    if (poll(&wait, 1, ms) <= 0)
        return true;
    ssize_t n = read(s->terminal, s->text + s->len, SCREEN_SIZE - s->len);
    if (n <= 0)
        return n < 0 && errno == EINTR;
    /* NUL bytes, which a terminal ignores, would end our string. */
    for (ssize_t i = 0; i < n; i++)
        if (s->text[s->len + (size_t)i] == '\0')
            s->text[s->len + (size_t)i] = ' ';
    s->len += (size_t)n;
    return true;
}

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits until `text` is on the screen, behind what was waited for before. */
static void expect(struct screen *s, const char *text) {
    int64_t end = now_ms() + PATIENCE_MS;
    const char *found;
    while (!(found = strstr(s->text + s->seen, text))) {
        if (now_ms() > end || !read_some(s, 100)) {
            print_error("waited for: %s\non the screen:\n%s\n", text, s->text + s->seen);
            fail();
        }
    }
    s->seen = (size_t)(found - s->text) + strlen(text);
}

static void type(struct screen *s, const char *keys) {
    size_t len = strlen(keys);
    assert_int_equal(write(s->terminal, keys, len), len);
}

/* Types a line when the prompt is there. */
static void enter(struct screen *s, const char *line) {
    expect(s, "lede> ");
    type(s, line);
    type(s, "\n");
}

static void start(struct screen *s) {
    start_with(s, NULL);
    expect(s, "3 articles");
    expect(s, ":help");
}

/* Waits for the end and returns the exit status; 128 + signal if it was killed. */
static int finish(struct screen *s) {
    int64_t end = now_ms() + PATIENCE_MS;
    int status = 0;
    while (now_ms() < end && read_some(s, 100))
        ;
    pid_t done = 0;
    while ((done = waitpid(s->pid, &status, WNOHANG)) == 0 && now_ms() < end)
        poll(NULL, 0, 10);
    if (done == 0) {
        kill(s->pid, SIGKILL);
        waitpid(s->pid, &status, 0);
    }
    close(s->terminal);
    free(s->text);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int quit(struct screen *s) {
    enter(s, ":quit");
    return finish(s);
}

static void a_query_is_answered_with_stems_lit(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    enter(&s, "negotiations");
    expect(&s, "Talks in Moscow");
    expect(&s, "articles/talks.txt");
    expect(&s, MATCH_ON "negotiating" MATCH_OFF);
    expect(&s, "1 passage matches");
    enter(&s, "elephants");
    expect(&s, "0 passages match");
    assert_int_equal(quit(&s), 0);
}

static void lines_fit_the_window(void **state) {
    struct screen s;
    (void)state;
    const char *const environment[] = {"NO_COLOR", "1", NULL};
    start_with(&s, environment);
    expect(&s, ":help");
    enter(&s, "simla treaty");
    size_t from = s.seen;
    expect(&s, "passages match");
    size_t column = 0;
    for (const char *p = s.text + from; p < s.text + s.seen; p++) {
        assert_int_not_equal(*p, '\033');
        column = *p == '\n' ? 0 : column + (*p != '\r' && ((unsigned char)*p & 0xC0) != 0x80);
        assert_true(column <= COLUMNS);
    }
    assert_int_equal(quit(&s), 0);
}

static void tab_completes(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    expect(&s, "lede> ");
    /* Only one word begins so: it is put in, with a space, and more can be typed. */
    type(&s, "Lavr\tsim\t\n");
    expect(&s, MATCH_ON "Simla" MATCH_OFF);
    expect(&s, "lede> ");
    /* Several: the first TAB puts in what they share, the next lists them. */
    type(&s, "in\t");
    expect(&s, "in");
    expect(&s, "indus");
    expect(&s, "interpreter");
    type(&s, "d\t\n");
    expect(&s, MATCH_ON "Indus" MATCH_OFF);
    expect(&s, "lede> ");
    type(&s, "caf\t\n");
    expect(&s, MATCH_ON "caf\xC3\xA9" MATCH_OFF);
    /* Commands, too. */
    expect(&s, "lede> ");
    type(&s, ":st\t\n");
    expect(&s, "postings");
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
    expect(&s, "lede> ");
    type(&s, "elephants");
    expect(&s, "elephants");
    type(&s, "\003");
    expect(&s, "^C");
    expect(&s, "lede> ");
    type(&s, "\003");
    expect(&s, "^C");
    /* In one go with what is typed before and after it, too. */
    expect(&s, "lede> ");
    type(&s, "elephants\003lavrov\n");
    expect(&s, MATCH_ON "Lavrov" MATCH_OFF);
    assert_int_equal(quit(&s), 0);
}

/* Only a shell can take us back, so that there has to be one. */
static void control_z_stops_and_goes_on(void **state) {
    char bash[] = "/bin/bash", plain[] = "--norc";
    char *const words[] = {bash, plain, NULL};
    const char *const environment[] = {"PS1", "shell> ", "LEDE", LEDE, NULL};
    struct screen s;
    (void)state;
    start_program(&s, words, environment);
    expect(&s, "shell> ");
    type(&s, "$LEDE\n");
    for (int i = 0; i < 2; i++) {
        expect(&s, "lede> ");
        type(&s, i ? "rov" : "lav");
        expect(&s, i ? "rov" : "lav");
        type(&s, "\032");
        expect(&s, "Stopped");
        expect(&s, "shell> ");
        type(&s, "fg\n");
    }
    expect(&s, "lede> lavrov");
    type(&s, "\n");
    expect(&s, MATCH_ON "Lavrov" MATCH_OFF);
    enter(&s, ":quit");
    expect(&s, "shell> ");
    type(&s, "exit\n");
    assert_int_equal(finish(&s), 0);
}

static void control_d_leaves(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    expect(&s, "lede> ");
    type(&s, "\004");
    assert_int_equal(finish(&s), 0);
}

static void pages_follow_each_other(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    enter(&s, ":more");
    expect(&s, "no query yet");
    enter(&s, ":n 1");
    enter(&s, "lavrov");
    expect(&s, "  1  ");
    expect(&s, "; :more for the next");
    enter(&s, ":more");
    expect(&s, "  2  ");
    expect(&s, "2 passages match");
    enter(&s, ":m");
    expect(&s, "no more hits");
    enter(&s, ":and on");
    enter(&s, "lavrov simla");
    expect(&s, "1 passage matches");
    enter(&s, ":and off");
    enter(&s, "lavrov simla");
    expect(&s, "3 passages match");
    assert_int_equal(quit(&s), 0);
}

static void open_shows_the_whole_article(void **state) {
    struct screen s;
    (void)state;
    const char *const environment[] = {"PAGER", "cat", NULL};
    start_with(&s, environment);
    enter(&s, ":open 1");
    expect(&s, "no query yet");
    enter(&s, "simla");
    expect(&s, "lede> ");
    type(&s, ":open 1\n");
    expect(&s, "Talks in Moscow on the Simla Accord");
    expect(&s, "articles/talks.txt");
    expect(&s, "negotiating late on Friday");
    expect(&s, "every table by a flag.");
    enter(&s, ":open 7");
    expect(&s, "there is no hit 7; open a number from 1 to 2");
    enter(&s, ":open x");
    expect(&s, "there is no hit 0");
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
    expect(&s, "OPTIONS -R +");
    expect(&s, "TOP The envoy met Lavrov for an hour.");
    assert_int_equal(quit(&s), 0);
}

static void a_pager_that_fails_is_made_up_for(void **state) {
    struct screen s;
    (void)state;
    const char *const environment[] = {"PAGER", "no-such-pager", NULL};
    start_with(&s, environment);
    enter(&s, "simla");
    enter(&s, ":open 1");
    expect(&s, "$PAGER cannot be run");
    expect(&s, "every table by a flag.");
    assert_int_equal(quit(&s), 0);
    /* One that is left early does no harm. */
    const char *const early[] = {"PAGER", "true", NULL};
    start_with(&s, early);
    enter(&s, "simla");
    enter(&s, ":open 1");
    enter(&s, "lavrov");
    expect(&s, "2 passages match");
    assert_int_equal(quit(&s), 0);
}

static void history_is_kept_across_runs(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    enter(&s, "farmers canals");
    expect(&s, "1 passage matches");
    assert_int_equal(quit(&s), 0);
    start(&s);
    expect(&s, "lede> ");
    type(&s, "\033[A\033[A\n"); /* up: ":quit", up: the query */
    expect(&s, MATCH_ON "Farmers" MATCH_OFF);
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
    expect(&s, "lede> ");
    /* Piece by piece, as the terminal's line buffer is small. */
    for (size_t at = 0; at < sizeof longest - 1; at += 1000) {
        size_t left = sizeof longest - 1 - at, n = left < 1000 ? left : 1000;
        assert_int_equal(write(s.terminal, longest + at, n), n);
        read_some(&s, 100);
    }
    type(&s, "\n");
    assert_int_equal(write(s.terminal, "\0\0", 2), 2);
    enter(&s, "lavrov");
    expect(&s, MATCH_ON "Lavrov" MATCH_OFF);
    assert_int_equal(quit(&s), 0);
}

static void a_newer_commit_is_seen(void **state) {
    struct screen s;
    char command[2048];
    (void)state;
    start(&s);
    enter(&s, "armadillo");
    expect(&s, "0 passages match");
    folder_write_text(&folder, "more.jsonl", "{\"id\":\"m\",\"text\":\"An armadillo crossed the road.\"}\n");
    snprintf(command, sizeof command, "cd '%s' && '%s' index -q more.jsonl", folder.path, LEDE);
    assert_int_equal(run_shell(command), 0);
    enter(&s, "armadillo");
    expect(&s, "1 passage matches");
    assert_int_equal(quit(&s), 0);
    snprintf(command, sizeof command, "cd '%s' && '%s' delete -q m", folder.path, LEDE);
    assert_int_equal(run_shell(command), 0);
}

static void help_and_stats_are_at_hand(void **state) {
    struct screen s;
    (void)state;
    start(&s);
    enter(&s, ":help");
    expect(&s, "Type words to search");
    expect(&s, ":open N");
    expect(&s, ":quit");
    enter(&s, ":stats");
    expect(&s, "passages");
    expect(&s, "On disk");
    enter(&s, ":nonsense");
    expect(&s, "unknown command ':nonsense'");
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
