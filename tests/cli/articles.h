/* articles.h - what the tests with a terminal share: the articles of support.sh, indexed, in a folder of their own,
 * which is HOME. Include it behind cmocka.h. */
#ifndef LEDE_TESTS_CLI_ARTICLES_H
#define LEDE_TESTS_CLI_ARTICLES_H

#include "support/folder.h"
#include "support/screen.h"

/* How a matched word looks. */
#define MATCH_ON  "\033[0;1;31m"
#define MATCH_OFF "\033[0m"

static struct folder folder;

static inline int run_shell(const char *command) {
    return system(command);
}

static inline int make_index(void **state) {
    char command[4096];
    (void)state;
    folder_make(&folder);
    setenv("HOME", folder.path, 1);
    unsetenv("XDG_STATE_HOME");
    unsetenv("NO_COLOR");
    unsetenv("COLUMNS");
    setenv("TERM", "xterm", 1);
    unsetenv("LINES");
    unsetenv("PAGER");
    unsetenv("LESS");
    snprintf(command, sizeof command,
             "cd '%s' && bash -c '. %s/tests/cli/support.sh; make_articles articles' && '%s' index -q articles",
             folder.path, LEDE_SOURCE_DIR, LEDE);
    return run_shell(command);
}

static inline int remove_index(void **state) {
    (void)state;
    folder_remove(&folder);
    return 0;
}

#endif
