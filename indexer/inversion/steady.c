#include "steady.h"

#include <errno.h>
#include <time.h>

int64_t steady_nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

bool steady_condition_init(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes))
        return false;
    bool made = !pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) && !pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
    return made;
}

bool steady_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, long milliseconds) {
    int64_t until = steady_nanoseconds() + (int64_t)milliseconds * 1000000;
    const struct timespec t = {.tv_sec = until / 1000000000, .tv_nsec = until % 1000000000};
    return pthread_cond_timedwait(condition, mutex, &t) != ETIMEDOUT;
}
