/* steady.h - the clock that nobody sets, and waiting by it. */
#ifndef LEDE_INDEXER_STEADY_H
#define LEDE_INDEXER_STEADY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

int64_t steady_nanoseconds(void);

/* A condition whose timed waits go by that clock. False if it can't be made. */
bool steady_condition_init(pthread_cond_t *condition);

/* Waits for the condition, so many milliseconds at most; false if they are over. */
bool steady_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, long milliseconds);

#endif
