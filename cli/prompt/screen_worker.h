/* screen_worker.h - a thread that searches, so that typing never waits. Only the newest request counts: those that were
 * not begun when another comes are forgotten. */
#ifndef LEDE_CLI_SCREEN_WORKER_H
#define LEDE_CLI_SCREEN_WORKER_H

#include "cli/output/search.h"

struct screen_request {
    const char *text; /* of the query; copied */
    size_t len;
    bool is_typed; /* up to its end: its last word may be the beginning of a longer one */
    lede_query_options query;
    lede_search_options search;
    size_t shown;    /* hits whose passages are fetched at once, as they will be shown */
    double at_once;  /* seconds after which what has been found by then is an answer, before the whole; 0: no such */
    bool is_settled; /* nothing has been typed for a while: look for what may have been meant */
};

/* What came of a request. */
struct screen_answer {
    uint64_t number; /* of the request: see screen_worker_ask */
    size_t limit;    /* hits asked for */
    bool is_draft;   /* the best found so far: another answer to the same request follows */
    lede_status status;
    lede_error err;       /* if status is not LEDE_OK; else there are results */
    struct search search; /* to be used by the thread that took the answer */
    lede_query *typed;    /* the query as it was typed, where that is not what was searched for; else NULL */
    char *suggestion;     /* another one that may have been meant; NULL: none, or not looked for */
    bool is_other_index;  /* the index has changed since the answer before */
    void *snapshot;       /* that the search borrows from */
};

struct screen_worker;

/* Opens the index at `path` and starts the thread. */
LEDE_NODISCARD lede_status screen_worker_new(struct screen_worker **out, const char *path, lede_error *err);

/* Ends the thread; answers must have been freed before. */
void screen_worker_free(struct screen_worker *w);

/* Returns the number of the request, from 1. 0: out of memory. */
uint64_t screen_worker_ask(struct screen_worker *w, const struct screen_request *request);

/* A file descriptor that can be read from when there is an answer. */
int screen_worker_fd(const struct screen_worker *w);

/* What there is to say of the query as it was typed; NULL: nothing. */
const char *screen_answer_note(const struct screen_answer *answer);

/* The newest answer; NULL if none came since the last call. When the index changes an answer to the last request
 * comes again. To be freed. */
struct screen_answer *screen_worker_take(struct screen_worker *w);
void screen_answer_free(struct screen_answer *answer);

#endif
