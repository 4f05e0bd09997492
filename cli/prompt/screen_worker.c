#include "screen_worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "cli/common/command.h"
#include "live_query.h"
#include "session.h"

enum { LOOK_EVERY = 1 }; /* seconds between looks for a newer commit */

/* For a draft there are so many seconds at least, however late it is already. */
static const double draft_least = 0.002;

/* An index that the worker and the answers use. */
struct snapshot {
    lede_index *index;
    atomic_uint users;
};

struct work {
    uint64_t number;
    char *text;
    struct screen_request request;
    double start; /* by the clock */
};

struct screen_worker {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    int event;
    char *path;
    /* Behind the mutex: */
    bool is_ending;
    uint64_t asked;
    struct work next; /* number 0: nothing to do */
    struct screen_answer *answer;
    atomic_bool is_overtaken; /* there is a newer request, or the end: changed behind the mutex, read anywhere */
    /* The thread's own: */
    struct snapshot *snapshot;
    struct work current; /* what was answered last */
    bool is_newer;       /* the snapshot is newer than that of the last answer */
};

static struct snapshot *snapshot_open(const char *path, lede_status *status, lede_error *err) {
    struct snapshot *s = calloc(1, sizeof *s);
    *status = s ? session_open_index(&s->index, path, err) : error_write(err, LEDE_NOMEM, "out of memory");
    if (*status || !s) {
        free(s);
        return NULL;
    }
    atomic_init(&s->users, 1);
    return s;
}

static void snapshot_leave(struct snapshot *s) {
    if (!s || atomic_fetch_sub(&s->users, 1) > 1)
        return;
    lede_index_close(s->index);
    free(s);
}

void screen_answer_free(struct screen_answer *answer) {
    if (!answer)
        return;
    search_release(&answer->search);
    lede_query_free(answer->typed);
    free(answer->suggestion);
    snapshot_leave(answer->snapshot);
    free(answer);
}

const char *screen_answer_note(const struct screen_answer *answer) {
    const lede_query *query = answer->typed ? answer->typed : answer->search.query;
    return query ? lede_query_note(query) : NULL;
}

static void signal_answer(const struct screen_worker *w) {
    uint64_t one = 1;
    while (write(w->event, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static void hand_over(struct screen_worker *w, struct screen_answer *answer) {
    pthread_mutex_lock(&w->mutex);
    struct screen_answer *old = w->answer;
    if (old && answer)
        answer->is_other_index = answer->is_other_index || old->is_other_index;
    w->answer = answer;
    pthread_mutex_unlock(&w->mutex);
    screen_answer_free(old);
    signal_answer(w);
}

/* Fetches what will be shown first: the index may be on a slow disk, and cold. */
static lede_status fetch(struct screen_answer *answer, size_t shown, lede_error *err) {
    lede_status status = LEDE_OK;
    size_t count = lede_results_count(answer->search.results);
    for (size_t i = 0; i < count && i < shown && status == LEDE_OK; i++) {
        const lede_passage_view *view;
        status = lede_results_passage(&view, answer->search.results, i, err);
    }
    return status;
}

static struct screen_answer *answer_new(struct screen_worker *w) {
    struct screen_answer *answer = calloc(1, sizeof *answer);
    if (!answer)
        return NULL;
    answer->number = w->current.number;
    answer->limit = w->current.request.search.limit;
    answer->snapshot = w->snapshot;
    atomic_fetch_add(&w->snapshot->users, 1);
    return answer;
}

/* The query that is searched for while this one is typed. */
static lede_status go_on_typing(struct live_query *live, struct screen_answer *answer, const lede_index *index,
                                const struct screen_request *r) {
    *live = (struct live_query){.beginning = SIZE_MAX};
    if (!r->is_typed)
        return LEDE_OK;
    lede_status status = live_query_init(live, index, r->text, r->len, &answer->err);
    if (status == LEDE_OK && live->text)
        status = lede_query_parse(&answer->typed, index, r->text, r->len, &r->query, &answer->err);
    return status;
}

static int is_overtaken(void *ctx) {
    struct screen_worker *w = ctx;
    return atomic_load(&w->is_overtaken);
}

/* What is left of the time in which there has to be an answer. */
static double time_left(const struct work *work) {
    double left = work->request.at_once - (clock_seconds() - work->start);
    return left > draft_least ? left : draft_least;
}

static lede_status search_for(struct screen_worker *w, struct screen_answer *answer, const struct live_query *live) {
    const struct screen_request *r = &w->current.request;
    lede_search_options options = r->search;
    const char *text = live->text ? live->text : r->text;
    options.within = answer->is_draft ? time_left(&w->current) : 0;
    options.interrupt = is_overtaken;
    options.interrupt_ctx = w;
    lede_status status = search_run(&answer->search, w->snapshot->index, text, live->text ? live->len : r->len,
                                    &r->query, &options, &answer->err);
    return status ? status : fetch(answer, r->shown, &answer->err);
}

/* Whether a suggestion has another word than the query in place of its last one alone. */
static bool is_of_last_word(const char *suggestion, const char *query, const char *word) {
    size_t same = 0, last = SIZE_MAX;
    while (query[same] && query[same] == suggestion[same])
        same++;
    for (const char *at = query; (at = strstr(at, word)); at++)
        last = (size_t)(at - query);
    return same >= last;
}

/* A line of what may have been meant is worth no error. Nor is another word for one that is not typed to its end:
 * `beginning`, or NULL. */
static void suggest(struct screen_answer *answer, const lede_index *index, const char *beginning) {
    const lede_query *query = answer->typed ? answer->typed : answer->search.query;
    char *suggestion = NULL;
    if (answer->status || lede_index_suggest(&suggestion, index, query, NULL) || !suggestion)
        return;
    if (!beginning || !is_of_last_word(suggestion, lede_query_text(query), beginning))
        answer->suggestion = suggestion;
    else
        free(suggestion);
}

/* What was found in time may be all there is. */
static bool is_whole(const struct screen_answer *answer) {
    return answer->status != LEDE_OK || lede_results_complete(answer->search.results);
}

/* Hits that are found later take the place of others; none would do so for nothing. */
static bool is_worth_showing(const struct screen_answer *answer) {
    return !answer->is_draft || lede_results_count(answer->search.results);
}

/* True if that was the last answer to the work. */
static bool answer_work(struct screen_worker *w, bool is_draft) {
    const struct screen_request *r = &w->current.request;
    const lede_index *index = w->snapshot->index;
    struct screen_answer *answer = answer_new(w);
    struct live_query live;
    if (!answer)
        return true;
    answer->is_draft = is_draft;
    answer->is_other_index = w->is_newer;
    answer->status = go_on_typing(&live, answer, index, r);
    if (answer->status == LEDE_OK)
        answer->status = search_for(w, answer, &live);
    if (r->is_settled)
        suggest(answer, index, live.beginning == SIZE_MAX ? NULL : r->text + live.beginning);
    live_query_release(&live);
    answer->is_draft = is_draft && !is_whole(answer);
    bool is_last = !answer->is_draft;
    if (answer->status == LEDE_INTERRUPTED || !is_worth_showing(answer)) {
        screen_answer_free(answer);
        return is_last;
    }
    w->is_newer = false;
    hand_over(w, answer);
    return is_last;
}

/* Goes over to a newer commit, if there is one and it can be opened. */
static bool refresh(struct screen_worker *w) {
    lede_status status;
    struct snapshot *newer;
    if (!lede_index_is_stale(w->snapshot->index) || !(newer = snapshot_open(w->path, &status, NULL)))
        return false;
    snapshot_leave(w->snapshot);
    w->snapshot = newer;
    return true;
}

/* Waits for work, or until it is time to look after the index. */
static bool next_work(struct screen_worker *w, bool *is_ending) {
    struct timespec until;
    bool got = false;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LOOK_EVERY;
    pthread_mutex_lock(&w->mutex);
    while (!w->is_ending && !w->next.number)
        if (pthread_cond_timedwait(&w->wake, &w->mutex, &until) == ETIMEDOUT)
            break;
    if (w->next.number) {
        free(w->current.text);
        w->current = w->next;
        w->next = (struct work){0};
        atomic_store(&w->is_overtaken, w->is_ending);
        got = true;
    }
    *is_ending = w->is_ending;
    pthread_mutex_unlock(&w->mutex);
    return got;
}

static void *work(void *ctx) {
    struct screen_worker *w = ctx;
    for (;;) {
        bool is_ending, has_work = next_work(w, &is_ending);
        if (is_ending)
            return NULL;
        w->is_newer = refresh(w) || w->is_newer;
        if (!has_work && !(w->is_newer && w->current.number))
            continue;
        bool is_done = has_work && w->current.request.at_once > 0 && answer_work(w, true);
        if (!is_done && !is_overtaken(w))
            answer_work(w, false);
    }
}

/* Signals are for the thread that has the terminal. */
static bool start(struct screen_worker *w) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    bool started = pthread_create(&w->thread, NULL, work, w) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return started;
}

static void discard(struct screen_worker *w) {
    screen_answer_free(w->answer);
    snapshot_leave(w->snapshot);
    free(w->next.text);
    free(w->current.text);
    if (w->event >= 0)
        close(w->event);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->mutex);
    free(w->path);
    free(w);
}

lede_status screen_worker_new(struct screen_worker **out, const char *path, lede_error *err) {
    struct screen_worker *w = calloc(1, sizeof *w);
    pthread_condattr_t attributes;
    lede_status status = LEDE_OK;
    *out = NULL;
    if (!w)
        return error_write(err, LEDE_NOMEM, "out of memory");
    pthread_mutex_init(&w->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    w->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->path = strdup(path);
    if (w->path)
        w->snapshot = snapshot_open(path, &status, err);
    if (!w->path || (w->snapshot && w->event < 0))
        status = error_write(err, LEDE_NOMEM, "out of memory, or of file descriptors");
    if (status == LEDE_OK && !start(w))
        status = error_write(err, LEDE_IO, "no thread can be started to search: %s", strerror(errno));
    if (status)
        discard(w);
    else
        *out = w;
    return status;
}

void screen_worker_free(struct screen_worker *w) {
    if (!w)
        return;
    pthread_mutex_lock(&w->mutex);
    w->is_ending = true;
    atomic_store(&w->is_overtaken, true);
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->thread, NULL);
    discard(w);
}

uint64_t screen_worker_ask(struct screen_worker *w, const struct screen_request *request) {
    char *text = malloc(request->len + 1);
    if (!text)
        return 0;
    memcpy(text, request->text, request->len);
    text[request->len] = '\0';
    pthread_mutex_lock(&w->mutex);
    free(w->next.text);
    w->next = (struct work){++w->asked, text, *request, clock_seconds()};
    w->next.request.text = text;
    atomic_store(&w->is_overtaken, true);
    uint64_t number = w->asked;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->mutex);
    return number;
}

int screen_worker_fd(const struct screen_worker *w) {
    return w->event;
}

struct screen_answer *screen_worker_take(struct screen_worker *w) {
    uint64_t count;
    /* Nothing to read: an answer that was taken already. */
    ssize_t n = read(w->event, &count, sizeof count);
    (void)n;
    pthread_mutex_lock(&w->mutex);
    struct screen_answer *answer = w->answer;
    w->answer = NULL;
    pthread_mutex_unlock(&w->mutex);
    return answer;
}
