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

/* many.lede: 120 passages with wheat, and a long article with a needle. */
static inline int make_many_index(void) {
    run_in_folder(
        "for i in $(seq 120); do printf '{\"id\":\"w%d\",\"text\":\"wheat number %d stands in a field\"}\\n' $i $i; "
        "done >many.jsonl && mkdir -p long && { printf 'A long article\\n\\n'; for i in $(seq 30); do "
        "[ $i = 11 ] && printf 'Here is the needle of this haystack, in a paragraph of its own which is long "
        "enough to be a passage by itself, as it has some forty words in it, or a few more than that, so that "
        "nothing is joined to it from its neighbours above or below it.\\n\\n'; printf 'This is paragraph %d of a long "
        "article, and "
        "it goes on for some time without saying anything that is worth to be remembered, as it is there to be "
        "scrolled over, and it ends only when there are more than forty words in it.\\n\\n' $i; done; } "
        ">long/long.txt && \"$LEDE\" index -q -i many.lede many.jsonl long");
    return 0;
}

#endif
