#include "interrupt.h"

#include <time.h>

#define LEAST_TIME 1e-6

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void interrupt_init(struct interrupt *i, const lede_search_options *options) {
    *i = (struct interrupt){.ask = options->interrupt, .ctx = options->interrupt_ctx};
    if (options->within > 0) {
        i->within = options->within;
        i->start = now();
    }
}

void interrupt_stage(struct interrupt *i, double share) {
    if (i)
        i->until = i->start + share * i->within;
}

void interrupt_end_limit(struct interrupt *i) {
    if (i)
        i->within = 0;
}

double interrupt_time_left(const struct interrupt *i) {
    double left = i->within > 0 ? i->until - now() : 0;
    return i->within > 0 && left < LEAST_TIME ? LEAST_TIME : left;
}

bool interrupt_is_due(struct interrupt *i) {
    if (i && !i->is_stopped && i->ask && i->ask(i->ctx) != 0)
        i->is_stopped = true;
    return interrupt_is_due_helper(i);
}

bool interrupt_is_due_helper(struct interrupt *i) {
    if (!i)
        return false;
    if (i->is_stopped)
        return true;
    if (i->within <= 0 || now() < i->until)
        return false;
    i->is_late = true;
    return true;
}
