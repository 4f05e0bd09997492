/* prompt.h - what the tests of the full-screen prompt share. Include it behind cmocka.h. */
#ifndef LEDE_TESTS_CLI_PROMPT_H
#define LEDE_TESTS_CLI_PROMPT_H

#include "articles.h"
#include "support/vt.h"

enum { ROWS = 24, COLUMNS = 110, INPUT = 0, STATUS = 1, LIST = 2 };

#define BAR "\xE2\x96\x8C"

static struct vt vt;

/* `index` is NULL: the one that is found. */
static inline void start_on(const char *index, int rows, int columns, const char *const *environment) {
    char program[] = LEDE, option[] = "-i", name[64];
    char *const words[] = {program, index ? option : NULL, name, NULL};
    snprintf(name, sizeof name, "%s", index ? index : "");
    vt_start(&vt, folder.path, words, environment, rows, columns);
}

static inline void start_with(const char *const *environment) {
    start_on(NULL, ROWS, COLUMNS, environment);
    vt_expect(&vt, "3 articles");
}

static inline void start(void) {
    start_with(NULL);
}

/* Types a query, and waits until the status line says this about it. */
static inline void ask(const char *query, const char *status) {
    vt_type(&vt, query);
    vt_expect(&vt, status);
}

static inline void leave(void) {
    vt_type(&vt, "\003");
    assert_int_equal(vt_finish(&vt), 0);
}

/* Runs a line of shell in the folder, where $LEDE is the command. */
static inline void run_in_folder(const char *line) {
    char command[4096];
    setenv("LEDE", LEDE, 1);
    snprintf(command, sizeof command, "cd '%s' && %s", folder.path, line);
    assert_int_equal(run_shell(command), 0);
}

#endif
