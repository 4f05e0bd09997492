/* screen.h - a program in a pseudo-terminal, and what it shows. Include it behind cmocka.h. */
#ifndef LEDE_TESTS_SUPPORT_SCREEN_H
#define LEDE_TESTS_SUPPORT_SCREEN_H

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SCREEN_SIZE = 1 << 20, SCREEN_PATIENCE_MS = 60000, SCREEN_COLUMNS = 60 };

/* A terminal with a program in it, and all that it has shown. */
struct screen {
    int terminal;
    pid_t pid;
    char *text;
    size_t len, seen; /* what was waited for already */
};

/* Starts a program (words[0] is its path) in `folder`, in a window of `rows` and `columns`. `environment` is NULL, or
 * names and values in turn, ended by NULL. */
static inline void screen_start_sized(struct screen *s, const char *folder, char *const *words,
                                      const char *const *environment, unsigned short rows, unsigned short columns) {
    const struct winsize size = {.ws_row = rows, .ws_col = columns};
    memset(s, 0, sizeof *s);
    assert_non_null(s->text = calloc(1, SCREEN_SIZE + 1));
    s->pid = forkpty(&s->terminal, NULL, NULL, &size);
    assert_true(s->pid >= 0);
    if (s->pid > 0)
        return;
    for (; environment && *environment; environment += 2)
        setenv(environment[0], environment[1], 1);
    if (chdir(folder) == 0)
        execv(words[0], words);
    _exit(99);
}

static inline void screen_start(struct screen *s, const char *folder, char *const *words,
                                const char *const *environment) {
    screen_start_sized(s, folder, words, environment, 24, SCREEN_COLUMNS);
}

/* Reads what there is within `ms`. False when the other side is gone. */
static inline bool screen_read(struct screen *s, int ms) {
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

static inline int64_t screen_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits until `text` is on the screen, behind what was waited for before. */
static inline void screen_expect(struct screen *s, const char *text) {
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    const char *found;
    while (!(found = strstr(s->text + s->seen, text))) {
        if (screen_clock() > end || !screen_read(s, 100)) {
            print_error("waited for: %s\non the screen:\n%s\n", text, s->text + s->seen);
            fail();
        }
    }
    s->seen = (size_t)(found - s->text) + strlen(text);
}

static inline void screen_type(struct screen *s, const char *keys) {
    size_t len = strlen(keys);
    assert_int_equal(write(s->terminal, keys, len), len);
}

/* Waits for the end and returns the exit status; 128 + signal if it was killed. */
static inline int screen_finish(struct screen *s) {
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    int status = 0;
    while (screen_clock() < end && screen_read(s, 100))
        ;
    pid_t done = 0;
    while ((done = waitpid(s->pid, &status, WNOHANG)) == 0 && screen_clock() < end)
        poll(NULL, 0, 10);
    if (done == 0) {
        kill(s->pid, SIGKILL);
        waitpid(s->pid, &status, 0);
    }
    close(s->terminal);
    free(s->text);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
