#include "pager.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/common/command.h"

/* True if the command line starts with less, whatever its folder and options, and has nothing else in it. */
static bool is_less(const char *pager) {
    size_t len = strcspn(pager, " \t");
    while (len > 0 && memchr(pager, '/', len)) {
        pager++;
        len--;
    }
    return len == 4 && memcmp(pager, "less", 4) == 0 && !strpbrk(pager, "|;&<>$`");
}

bool pager_shows_color(void) {
    const char *pager = getenv("PAGER");
    return !pager || is_less(pager);
}

void pager_command(char *command, size_t size, const char *pager, size_t line) {
    if (!pager)
        snprintf(command, size, "if command -v less >/dev/null; then exec less -R -+F +%zu; else exec cat; fi",
                 line + 1);
    else if (is_less(pager))
        snprintf(command, size, "%s -R -+F +%zu", pager, line + 1);
    else
        snprintf(command, size, "%s", pager);
}

static void ignore(int signal_number) {
    (void)signal_number;
}

/* Runs the command with the text as its input. False if it could not be run at all. */
static bool feed(const char *command, const char *text, size_t len) {
    /* A pager that is left early must not kill us. A handler, unlike SIG_IGN, is not inherited by the pager. */
    struct sigaction action = {.sa_handler = ignore}, old;
    sigemptyset(&action.sa_mask);
    sigaction(SIGPIPE, &action, &old);
    FILE *pipe = popen(command, "we");
    int status = -1;
    if (pipe) {
        fwrite(text, 1, len, pipe);
        status = pclose(pipe);
    }
    sigaction(SIGPIPE, &old, NULL);
    return status != -1 && !(WIFEXITED(status) && (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127));
}

bool pager_show(const struct terminal *t, const char *text, size_t len, size_t line) {
    const char *pager = getenv("PAGER");
    char command[1024] = "";
    fflush(t->out);
    if (t->is_terminal && (!pager || strlen(pager) + 32 < sizeof command))
        pager_command(command, sizeof command, pager, line);
    if (*command && feed(command, text, len))
        return pager ? is_less(pager) : system("command -v less >/dev/null") == 0;
    if (*command)
        remark("note", "$PAGER cannot be run; here is the text");
    fwrite(text, 1, len, t->out);
    fflush(t->out);
    return false;
}
