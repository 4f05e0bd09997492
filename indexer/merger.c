#include "merger.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "../core/error.h"
#include "../core/layout.h"
#include "merge.h"
#include "steady.h"

struct merger {
    const char *index;
    int (*stop)(void *ctx);
    void *ctx;
    bool threaded;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t requested, done;
    struct pending *first, *last; /* the queue; the first one is in work */
    atomic_bool give_up;
    bool ending;
    lede_status status;
    lede_error err;
};

void pending_free(struct pending *p) {
    if (!p)
        return;
    for (size_t i = 0; i < p->input_count; i++)
        pending_free(p->inputs[i]);
    free(p->inputs);
    sequence_release(&p->sequence);
    free(p);
}

/* ------------------------------------------------------------------------------------- merge -- */

static bool inputs_are_ready(const struct pending *p) {
    for (size_t i = 0; i < p->input_count; i++)
        if (!p->inputs[i]->ready)
            return false;
    return true;
}

static lede_status open_inputs(const struct merger *m, const struct pending *p, struct segment **opened,
                               struct merge_input *inputs, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; !status && i < p->input_count; i++) {
        char *path = layout_segment(m->index, p->inputs[i]->id);
        status = path ? segment_open(&opened[i], path, &p->inputs[i]->info, err) : error_nomem(err);
        inputs[i] = (struct merge_input){.segment = opened[i]};
        free(path);
    }
    return status;
}

static int should_stop(void *ctx) {
    struct merger *m = ctx;
    return atomic_load(&m->give_up) || (m->stop && m->stop(m->ctx));
}

static lede_status merge_files(struct merger *m, const struct pending *p, struct segment_info *info, lede_error *err) {
    struct segment **opened = calloc(p->input_count, sizeof(struct segment *));
    struct merge_input *inputs = calloc(p->input_count, sizeof *inputs);
    char *path = layout_segment(m->index, p->id);
    lede_status status = opened && inputs && path ? LEDE_OK : error_nomem(err);
    if (!status)
        status = open_inputs(m, p, opened, inputs, err);
    if (!status)
        status =
            merge_segments(&(struct merge_job){inputs, p->input_count, .stop = should_stop, .ctx = m}, path, info, err);
    for (size_t i = 0; opened && i < p->input_count; i++)
        segment_close(opened[i]);
    free(path);
    free(opened);
    free(inputs);
    return status;
}

/* The inputs' files were never committed, so nobody misses them. */
static void remove_inputs(const struct merger *m, struct pending *p) {
    for (size_t i = 0; i < p->input_count; i++) {
        char *path = layout_segment(m->index, p->inputs[i]->id);
        if (path)
            unlink(path);
        free(path);
        pending_free(p->inputs[i]);
    }
    free(p->inputs);
    p->inputs = NULL;
    p->input_count = 0;
}

static lede_status merge_pending(struct merger *m, struct pending *p, lede_error *err) {
    struct segment_info info;
    if (!inputs_are_ready(p))
        return LEDE_OK;
    lede_status status = merge_files(m, p, &info, err);
    if (status)
        return status == LEDE_INTERRUPTED ? LEDE_OK : status;
    /* The counts may be read meanwhile, and are what they were. */
    p->info.size = info.size;
    p->info.checksum = info.checksum;
    p->info.total_length = info.total_length;
    remove_inputs(m, p);
    p->ready = true;
    return LEDE_OK;
}

/* ------------------------------------------------------------------------------------ thread -- */

static void keep_failure(struct merger *m, lede_status status, const lede_error *err) {
    if (status && !m->status) {
        m->status = status;
        m->err = *err;
    }
}

static void *run(void *ctx) {
    struct merger *m = ctx;
    pthread_mutex_lock(&m->mutex);
    while (!m->ending || m->first) {
        struct pending *p = m->first;
        if (!p) {
            pthread_cond_wait(&m->requested, &m->mutex);
            continue;
        }
        lede_error err = {.status = LEDE_OK};
        lede_status status = m->status;
        pthread_mutex_unlock(&m->mutex);
        if (!status && !atomic_load(&m->give_up))
            status = merge_pending(m, p, &err);
        pthread_mutex_lock(&m->mutex);
        keep_failure(m, status, &err);
        m->first = p->next;
        p->next = NULL;
        if (!m->first)
            m->last = NULL;
        pthread_cond_broadcast(&m->done);
    }
    pthread_mutex_unlock(&m->mutex);
    return NULL;
}

static bool make_conditions(struct merger *m) {
    return !pthread_mutex_init(&m->mutex, NULL) && !pthread_cond_init(&m->requested, NULL) &&
           steady_condition_init(&m->done);
}

lede_status merger_new(struct merger **out, const char *index, bool threaded, int (*stop)(void *ctx), void *ctx,
                       lede_error *err) {
    *out = NULL;
    struct merger *m = calloc(1, sizeof *m);
    if (!m)
        return error_nomem(err);
    m->index = index;
    m->stop = threaded ? NULL : stop;
    m->ctx = ctx;
    m->threaded = threaded;
    if (!make_conditions(m) || (threaded && pthread_create(&m->thread, NULL, run, m))) {
        free(m);
        return error_set(err, LEDE_NOMEM, "cannot start a thread for merging");
    }
    *out = m;
    return LEDE_OK;
}

void merger_free(struct merger *m) {
    if (!m)
        return;
    if (m->threaded) {
        atomic_store(&m->give_up, true);
        pthread_mutex_lock(&m->mutex);
        m->ending = true;
        pthread_cond_signal(&m->requested);
        pthread_mutex_unlock(&m->mutex);
        pthread_join(m->thread, NULL);
    }
    pthread_mutex_destroy(&m->mutex);
    pthread_cond_destroy(&m->requested);
    pthread_cond_destroy(&m->done);
    free(m);
}

void merger_request(struct merger *m, struct pending *p) {
    if (!m->threaded) {
        lede_error err = {.status = LEDE_OK};
        lede_status status = m->status ? m->status : merge_pending(m, p, &err);
        keep_failure(m, status, &err);
        return;
    }
    pthread_mutex_lock(&m->mutex);
    if (m->last)
        m->last->next = p;
    else
        m->first = p;
    m->last = p;
    pthread_cond_signal(&m->requested);
    pthread_mutex_unlock(&m->mutex);
}

lede_status merger_wait(struct merger *m, long milliseconds, bool give_up, bool *idle, lede_error *err) {
    pthread_mutex_lock(&m->mutex);
    if (give_up)
        atomic_store(&m->give_up, true);
    if (m->first)
        steady_wait(&m->done, &m->mutex, milliseconds);
    *idle = !m->first;
    if (*idle)
        atomic_store(&m->give_up, false);
    lede_status status = m->status;
    if (status && err)
        *err = m->err;
    pthread_mutex_unlock(&m->mutex);
    return status;
}
