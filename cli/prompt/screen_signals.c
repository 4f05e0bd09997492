#include "screen_signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
enum { WATCHED = sizeof watched / sizeof *watched };

/* Static, as handlers are given nothing else. */
static int ends[2] = {-1, -1};
static struct sigaction before[WATCHED];

static void note(int signal_number) {
    int saved = errno;
    char byte = (char)signal_number;
    /* A full pipe has enough to tell. */
    ssize_t n = write(ends[1], &byte, 1);
    (void)n;
    errno = saved;
}

static void handle(int signal_number, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

bool screen_signals_watch(void) {
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    for (size_t i = 0; i < WATCHED; i++) {
        sigaction(watched[i], NULL, &before[i]);
        bool is_job_control = watched[i] == SIGCONT || watched[i] == SIGWINCH;
        if (is_job_control || before[i].sa_handler != SIG_IGN)
            handle(watched[i], note);
    }
    return true;
}

void screen_signals_end(void) {
    for (size_t i = 0; i < WATCHED && ends[0] >= 0; i++)
        sigaction(watched[i], &before[i], NULL);
    for (size_t i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
        ends[i] = -1;
    }
}

int screen_signals_fd(void) {
    return ends[0];
}

int screen_signals_take(void) {
    char byte;
    return read(ends[0], &byte, 1) == 1 ? byte : 0;
}

void screen_signals_lend(void) {
    handle(SIGTSTP, SIG_DFL);
}

void screen_signals_return(void) {
    int last = 0;
    handle(SIGTSTP, note);
    /* What ^C did to the other program is no matter of ours; what ends us is. */
    for (int got; (got = screen_signals_take());)
        last = got == SIGTERM || got == SIGHUP ? got : last;
    if (last)
        note(last);
}

void screen_signals_stop(bool whole_group) {
    handle(SIGTSTP, SIG_DFL);
    if (whole_group)
        kill(0, SIGTSTP);
    else
        raise(SIGTSTP);
    handle(SIGTSTP, note);
}
