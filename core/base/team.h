/* team.h - threads that help another one with the parts of a job that takes well under a millisecond.
 *
 *     unsigned n = team_take(team);                       1 at once if another thread has the team
 *     if (n > 1) team_run(team, n, &(struct team_job){...});
 *     team_give_back(team, n);
 *
 *     caller    part 0 ------->  part 2 ---->  wait   |
 *     helper         part 1 ------------------------> |   spin a little, then sleep
 *
 * The first part is the caller's. The others are handed out one by one to whoever is free, the caller too, so that
 * nobody waits for a helper that comes late, as all processors are busy. Helpers are started by the first job, and end
 * with the team. */
#ifndef LEDE_CORE_TEAM_H
#define LEDE_CORE_TEAM_H

#include <stdbool.h>
#include <stddef.h>

/* More threads than these are not taken. */
#define TEAM_MAX 64

struct team_job {
    /* Part number `part`, by one of the helpers or by the caller; the first one, 0, by the caller. */
    void (*run)(void *ctx, unsigned part, bool is_helper);
    /* Called by the caller each millisecond or so while it waits for helpers; may be NULL. */
    void (*wait)(void *ctx);
    void *ctx;
};

struct team;

/* Of one thread, the caller. NULL if out of memory. */
struct team *team_new(void);
/* Nobody has it any more. NULL is fine. */
void team_free(struct team *t);

/* How many threads a job may take from now on, the caller among them; 0: one for each processor. At any time. */
void team_set_threads(struct team *t, unsigned threads);

/* How many threads there are for the caller, itself among them, until it gives them back: 1 if others have the team, if
 * no more are wanted, or there can be none. */
unsigned team_take(struct team *t);
void team_give_back(struct team *t, unsigned taken);

/* Runs the job's parts, each once, and returns when all are done: by the thread that took the team. */
void team_run(struct team *t, unsigned parts, const struct team_job *job);

#endif
