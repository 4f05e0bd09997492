/* Threads that help another one: each part of a job is run once, whoever comes late, and when the job is done all that
 * was done is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "core/base/team.h"

enum { ROUNDS = 3000, MOST = 9, CALLERS = 3 };

struct counted {
    unsigned runs[MOST]; /* plain, as the team has to order them */
    pthread_t caller;
    atomic_bool is_wrong;
};

static void count(void *ctx, unsigned part, bool is_helper) {
    struct counted *c = ctx;
    c->runs[part]++;
    if (is_helper == (pthread_equal(pthread_self(), c->caller) != 0) || (part == 0 && is_helper))
        c->is_wrong = true;
}

/* False if a part was not run once. */
static bool run_once(struct team *t, unsigned parts) {
    struct counted c = {.caller = pthread_self()};
    team_run(t, parts, &(struct team_job){count, NULL, &c});
    for (unsigned i = 0; i < MOST; i++)
        if (c.runs[i] != (i < parts))
            return false;
    return !c.is_wrong;
}

static void each_part_is_run_once(void **state) {
    (void)state;
    for (unsigned threads = 2; threads <= 5; threads++) {
        struct team *t = team_new();
        assert_non_null(t);
        team_set_threads(t, threads);
        for (unsigned i = 0; i < ROUNDS; i++) {
            unsigned taken = team_take(t);
            assert_int_equal(taken, threads);
            assert_true(run_once(t, 1 + i % MOST));
            team_give_back(t, taken);
        }
        team_free(t);
    }
}

static void one_has_the_team_at_a_time(void **state) {
    (void)state;
    struct team *t = team_new();
    assert_int_equal(team_take(t), 1);
    team_set_threads(t, 3);
    assert_int_equal(team_take(t), 3);
    assert_int_equal(team_take(t), 1);
    team_give_back(t, 1);
    assert_int_equal(team_take(t), 1);
    team_give_back(t, 3);
    assert_int_equal(team_take(t), 3);
    team_give_back(t, 3);
    team_set_threads(t, 2);
    assert_int_equal(team_take(t), 2);
    team_give_back(t, 2);
    team_set_threads(t, 1);
    assert_int_equal(team_take(t), 1);
    team_set_threads(t, 0); /* at least one processor */
    unsigned taken = team_take(t);
    assert_in_range(taken, 1, TEAM_MAX);
    team_give_back(t, taken);
    team_set_threads(t, UINT32_MAX);
    taken = team_take(t);
    assert_in_range(taken, 2, TEAM_MAX);
    assert_true(run_once(t, MOST));
    team_give_back(t, taken);
    team_free(t);
    team_free(NULL);
}

/* A helper that is not done before the caller has looked after other things. */
struct slow {
    atomic_bool has_helper, has_waited;
};

static void take_long(void *ctx, unsigned part, bool is_helper) {
    struct slow *s = ctx;
    (void)part;
    if (is_helper)
        s->has_helper = true;
    while (!(is_helper ? s->has_waited : s->has_helper))
        sched_yield();
}

static void note_waiting(void *ctx) {
    struct slow *s = ctx;
    s->has_waited = true;
}

static void the_caller_is_asked_while_it_waits(void **state) {
    (void)state;
    struct team *t = team_new();
    struct slow s = {.has_helper = false};
    team_set_threads(t, 2);
    assert_int_equal(team_take(t), 2);
    team_run(t, 2, &(struct team_job){take_long, note_waiting, &s});
    assert_true(s.has_helper && s.has_waited);
    team_give_back(t, 2);
    team_free(t);
}

struct calls {
    struct team *team;
    unsigned together, alone;
    bool is_right;
};

static void *call(void *ctx) {
    struct calls *c = ctx;
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned taken = team_take(c->team);
        c->together += taken > 1;
        c->alone += taken == 1;
        c->is_right &= taken == 1 || run_once(c->team, taken);
        team_give_back(c->team, taken);
    }
    return NULL;
}

static void callers_meet(void **state) {
    (void)state;
    struct team *t = team_new();
    struct calls calls[CALLERS];
    pthread_t threads[CALLERS];
    unsigned together = 0;
    team_set_threads(t, 3);
    for (unsigned i = 0; i < CALLERS; i++) {
        calls[i] = (struct calls){t, 0, 0, true};
        assert_int_equal(pthread_create(&threads[i], NULL, call, &calls[i]), 0);
    }
    for (unsigned i = 0; i < CALLERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(calls[i].is_right);
        assert_int_equal(calls[i].together + calls[i].alone, ROUNDS);
        together += calls[i].together;
    }
    assert_true(together > 0);
    team_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_is_run_once),
        cmocka_unit_test(one_has_the_team_at_a_time),
        cmocka_unit_test(the_caller_is_asked_while_it_waits),
        cmocka_unit_test(callers_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
