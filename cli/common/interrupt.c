#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

/* What a signal handler writes has to be static. */
static volatile sig_atomic_t noted;

static void note(int signal_number) {
    noted = signal_number;
}

void interrupt_watch(void) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    noted = 0;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction old;
        /* Ignored by our parent, as nohup does: stays so. */
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

int interrupt_signal(void) {
    return noted;
}
