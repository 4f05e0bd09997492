#include "team.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "processors.h"

enum {
    /* Nanoseconds that a helper looks out for the next job before it sleeps, which one after the other has, and that
     * the caller waits for a last part: to wake a thread takes that long. */
    SPIN = 50000,
    SPIN_LOOKS = 64, /* between two looks at the clock */
    WAIT = 1000000,
};

/* What is left of the job under way: how many parts it has, and the next one, which is that many when none is left. One
 * number, so that a helper that comes late, after another job has begun, takes a part of that, if there is one, and
 * never one of what has ended. */
enum { PART_BITS = 8 };
_Static_assert(TEAM_MAX < 1 << PART_BITS, "a part fits");

struct team {
    _Atomic unsigned threads; /* that are wanted */
    _Atomic bool is_taken;
    /* Of the thread that has it: */
    pthread_t helpers[TEAM_MAX];
    unsigned helper_count;
    /* Nobody looks at a job who has not taken a part of it. */
    struct team_job job;
    _Atomic uint32_t left;
    _Atomic unsigned running; /* parts that are not done */
    /* To sleep: */
    pthread_mutex_t mutex;
    pthread_cond_t has_work, is_done;
    _Atomic unsigned asleep; /* helpers */
    _Atomic bool is_waiting; /* the caller is */
    _Atomic bool is_ending;
};

/* What a search did is counted by one thread. */
#ifdef LEDE_COUNTERS
#define CAN_HELP false
#else
#define CAN_HELP true
#endif

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* ------------------------------------------------------------------------------------- parts -- */

static bool has_part(uint32_t left) {
    return (left & ((1 << PART_BITS) - 1)) < left >> PART_BITS;
}

/* Takes the next part; false if there is none. */
static bool take_part(struct team *t, unsigned *part) {
    uint32_t left = atomic_load(&t->left);
    while (has_part(left))
        if (atomic_compare_exchange_weak(&t->left, &left, left + 1)) {
            *part = left & ((1 << PART_BITS) - 1);
            return true;
        }
    return false;
}

static void run_parts(struct team *t, bool is_helper) {
    unsigned part;
    while (take_part(t, &part)) {
        t->job.run(t->job.ctx, part, is_helper);
        if (atomic_fetch_sub(&t->running, 1) > 1 || !atomic_load(&t->is_waiting))
            continue;
        pthread_mutex_lock(&t->mutex);
        pthread_cond_signal(&t->is_done);
        pthread_mutex_unlock(&t->mutex);
    }
}

/* ----------------------------------------------------------------------------------- helpers -- */

static bool has_work(struct team *t) {
    return has_part(atomic_load(&t->left)) || atomic_load(&t->is_ending);
}

static bool is_done(struct team *t) {
    return atomic_load(&t->running) == 0;
}

/* Whether it was seen that `what` holds, before the time was over. */
static bool spin_until(struct team *t, bool (*what)(struct team *t)) {
    uint64_t end = now() + SPIN;
    do
        for (int i = 0; i < SPIN_LOOKS; i++) {
            if (what(t))
                return true;
            relax();
        }
    while (now() < end);
    return false;
}

static void sleep_until_work(struct team *t) {
    pthread_mutex_lock(&t->mutex);
    atomic_fetch_add(&t->asleep, 1);
    while (!has_work(t))
        pthread_cond_wait(&t->has_work, &t->mutex);
    atomic_fetch_sub(&t->asleep, 1);
    pthread_mutex_unlock(&t->mutex);
}

static void *help(void *ctx) {
    struct team *t = ctx;
    while (!atomic_load(&t->is_ending)) {
        if (!spin_until(t, has_work))
            sleep_until_work(t);
        run_parts(t, true);
    }
    return NULL;
}

/* As many as are missing, and can be started. Signals are for the program's own threads. */
static void start_helpers(struct team *t, unsigned wanted) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    while (t->helper_count < wanted && pthread_create(&t->helpers[t->helper_count], NULL, help, t) == 0)
        t->helper_count++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* ------------------------------------------------------------------------------------ callers -- */

struct team *team_new(void) {
    struct team *t = calloc(1, sizeof *t);
    pthread_condattr_t by_clock;
    if (!t)
        return NULL;
    t->threads = 1;
    pthread_mutex_init(&t->mutex, NULL);
    pthread_cond_init(&t->has_work, NULL);
    pthread_condattr_init(&by_clock);
    pthread_condattr_setclock(&by_clock, CLOCK_MONOTONIC);
    pthread_cond_init(&t->is_done, &by_clock);
    pthread_condattr_destroy(&by_clock);
    return t;
}

static void wake(struct team *t) {
    if (atomic_load(&t->asleep) == 0)
        return;
    pthread_mutex_lock(&t->mutex);
    pthread_cond_broadcast(&t->has_work);
    pthread_mutex_unlock(&t->mutex);
}

void team_free(struct team *t) {
    if (!t)
        return;
    atomic_store(&t->is_ending, true);
    wake(t);
    for (unsigned i = 0; i < t->helper_count; i++)
        pthread_join(t->helpers[i], NULL);
    pthread_cond_destroy(&t->has_work);
    pthread_cond_destroy(&t->is_done);
    pthread_mutex_destroy(&t->mutex);
    free(t);
}

void team_set_threads(struct team *t, unsigned threads) {
    threads = threads ? threads : processors();
    atomic_store(&t->threads, threads < TEAM_MAX ? threads : TEAM_MAX);
}

unsigned team_take(struct team *t) {
    unsigned threads = CAN_HELP ? atomic_load(&t->threads) : 1;
    if (threads <= 1 || atomic_exchange(&t->is_taken, true))
        return 1;
    if (t->helper_count < threads - 1)
        start_helpers(t, threads - 1);
    threads = t->helper_count < threads - 1 ? t->helper_count + 1 : threads;
    if (threads <= 1)
        atomic_store(&t->is_taken, false);
    return threads;
}

void team_give_back(struct team *t, unsigned taken) {
    if (taken > 1)
        atomic_store(&t->is_taken, false);
}

/* Wakes up now and then, for what else the caller has to look after. */
static void wait_for_helpers(struct team *t) {
    pthread_mutex_lock(&t->mutex);
    atomic_store(&t->is_waiting, true);
    while (!is_done(t)) {
        uint64_t until = now() + WAIT;
        struct timespec at = {(time_t)(until / 1000000000), (long)(until % 1000000000)};
        pthread_cond_timedwait(&t->is_done, &t->mutex, &at);
        if (t->job.wait)
            t->job.wait(t->job.ctx);
    }
    atomic_store(&t->is_waiting, false);
    pthread_mutex_unlock(&t->mutex);
}

void team_run(struct team *t, unsigned parts, const struct team_job *job) {
    t->job = *job;
    atomic_store(&t->running, parts);
    atomic_store(&t->left, parts << PART_BITS | 1);
    wake(t);
    job->run(job->ctx, 0, false);
    atomic_fetch_sub(&t->running, 1);
    run_parts(t, false);
    if (!spin_until(t, is_done))
        wait_for_helpers(t);
}
