#include "warnings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"

/* About a megabyte of them. */
enum { WARNINGS_MAX = 10000 };

struct warning {
    lede_warning_kind kind;
    char *where, *why;
    struct warning *next;
};

struct warnings {
    pthread_mutex_t mutex;
    pthread_cond_t room;
    struct warning *first, *last;
    size_t count;
    bool ended;
};

static void warning_free(struct warning *w) {
    if (!w)
        return;
    free(w->where);
    free(w->why);
    free(w);
}

static struct warning *warning_new(lede_warning_kind kind, const char *where, const char *why) {
    struct warning *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->kind = kind;
    w->where = strdup(where);
    w->why = strdup(why);
    if (w->where && w->why)
        return w;
    warning_free(w);
    return NULL;
}

lede_status warnings_new(struct warnings **out, lede_error *err) {
    struct warnings *w = calloc(1, sizeof *w);
    *out = NULL;
    if (!w || pthread_mutex_init(&w->mutex, NULL) || pthread_cond_init(&w->room, NULL)) {
        free(w);
        return error_nomem(err);
    }
    *out = w;
    return LEDE_OK;
}

static void free_list(struct warning *first) {
    while (first) {
        struct warning *next = first->next;
        warning_free(first);
        first = next;
    }
}

void warnings_free(struct warnings *w) {
    if (!w)
        return;
    free_list(w->first);
    pthread_mutex_destroy(&w->mutex);
    pthread_cond_destroy(&w->room);
    free(w);
}

void warnings_put(struct warnings *w, lede_warning_kind kind, const char *where, const char *why) {
    struct warning *warning = warning_new(kind, where, why);
    if (!warning)
        return;
    pthread_mutex_lock(&w->mutex);
    while (w->count >= WARNINGS_MAX && !w->ended)
        pthread_cond_wait(&w->room, &w->mutex);
    if (w->ended) {
        warning_free(warning);
    } else {
        if (w->last)
            w->last->next = warning;
        else
            w->first = warning;
        w->last = warning;
        w->count++;
    }
    pthread_mutex_unlock(&w->mutex);
}

/* Takes all out of the queue. */
static struct warning *take_all(struct warnings *w, bool end) {
    pthread_mutex_lock(&w->mutex);
    struct warning *first = w->first;
    w->first = w->last = NULL;
    w->count = 0;
    w->ended |= end;
    pthread_cond_broadcast(&w->room);
    pthread_mutex_unlock(&w->mutex);
    return first;
}

void warnings_deliver(struct warnings *w,
                      void (*warn)(void *ctx, lede_warning_kind kind, const char *where, const char *why), void *ctx) {
    struct warning *first = take_all(w, false);
    for (const struct warning *warning = first; warning; warning = warning->next)
        warn(ctx, warning->kind, warning->where, warning->why);
    free_list(first);
}

void warnings_end(struct warnings *w) {
    free_list(take_all(w, true));
}
