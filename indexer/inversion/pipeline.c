#include "pipeline.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pthread.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "indexer/merge/policy.h"
#include "steady.h"
#include "warnings.h"
#include "worker.h"

enum {
    /* Batches a worker: one in work and others waiting, so that it doesn't run dry while the others' batches
     * are read. */
    BATCHES_EACH = 4,
    BATCH_MIN = 64 * 1024,
    BATCH_MAX = 512 * 1024,
    /* A record takes up to seven times its size while the workers' inverters are full: what the budget leaves beside
     * them is enough for one of this part of it. */
    RECORD_PART = 24,
    RECORD_MIN = 1024 * 1024,
    RECORD_MAX = 64 * 1024 * 1024,
    TICK_MILLISECONDS = 50,
    OVERHEAD = 24 * 1024 * 1024,
};

/* What a worker is asked for besides batches: to make room in memory, or to write its segment. */
enum call { CALL_NONE, CALL_SPILL, CALL_FLUSH };

/* A worker with its thread and queue. */
struct lane {
    struct worker worker;
    struct pipeline *pipeline;
    pthread_t thread;
    bool started;
    pthread_cond_t called;
    struct batch *first, *last;
    bool busy;
    enum call call; /* asked for, when the queue is empty */
};

struct pipeline {
    struct pipeline_options options;
    struct worker_settings settings;
    struct warnings *warnings;
    uint64_t memory; /* for the inverters */
    size_t batch_size, record_max;
    struct lane *lanes;
    unsigned count;
    bool threaded;
    uint64_t next_batch;
    struct batch *held; /* the one that the caller fills */
    /* The mutex guards what follows, and the lanes' queues and flags. */
    pthread_mutex_t mutex;
    pthread_cond_t caller;
    struct batch *free;
    size_t batches;
    bool ending;
    lede_status status;
    lede_error err;
};

size_t pipeline_batch_size(const struct pipeline *p) {
    return p->batch_size;
}

size_t pipeline_record_max(const struct pipeline *p) {
    return p->record_max;
}

uint64_t pipeline_next_batch(const struct pipeline *p) {
    return p->next_batch;
}

uint64_t pipeline_articles(struct pipeline *p) {
    return atomic_load_explicit(&p->settings.articles, memory_order_relaxed);
}

/* ------------------------------------------------------------------------ the workers' threads -- */

/* With the mutex held, as all functions of this part. */
static void keep_failure(struct pipeline *p, lede_status status, const lede_error *err) {
    if (status && !p->status) {
        p->status = status;
        p->err = *err;
    }
}

static void give_back(struct pipeline *p, struct batch *batch) {
    batch_clear(batch, 2 * p->batch_size);
    batch->next = p->free;
    p->free = batch;
}

static bool is_outsized(const struct pipeline *p, const struct batch *batch) {
    return batch->bytes.len > PIPELINE_OUTSIZED * p->batch_size;
}

/* Works on a batch, or does what it is called for if there is none. */
static lede_status work(struct pipeline *p, struct worker *worker, const struct batch *batch, enum call call,
                        lede_error *err) {
    if (!batch)
        return call == CALL_SPILL ? worker_spill(worker, err) : worker_flush(worker, err);
    lede_status status = worker_run(worker, batch, err);
    if (status || !is_outsized(p, batch))
        return status;
    status = worker_spill(worker, err);
    return status ? status : worker_renew(worker, err);
}

/* The next thing to do is done without the mutex. After a failure what comes is dropped. */
static void take_turn(struct lane *lane) {
    struct pipeline *p = lane->pipeline;
    struct batch *batch = lane->first;
    lede_error err = {.status = LEDE_OK};
    lede_status status = p->status;
    if (batch && !(lane->first = batch->next))
        lane->last = NULL;
    lane->busy = true;
    if (!status) {
        pthread_mutex_unlock(&p->mutex);
        status = work(p, &lane->worker, batch, lane->call, &err);
        pthread_mutex_lock(&p->mutex);
    }
    keep_failure(p, status, &err);
    lane->busy = false;
    if (batch)
        give_back(p, batch);
    else
        lane->call = CALL_NONE;
    pthread_cond_signal(&p->caller);
}

static void *run_lane(void *ctx) {
    struct lane *lane = ctx;
    struct pipeline *p = lane->pipeline;
    pthread_mutex_lock(&p->mutex);
    while (!p->ending) {
        if (lane->first || lane->call)
            take_turn(lane);
        else
            pthread_cond_wait(&lane->called, &p->mutex);
    }
    pthread_mutex_unlock(&p->mutex);
    return NULL;
}

/* ------------------------------------------------------------------------------- the caller -- */

static void warn_from_worker(void *ctx, lede_warning_kind kind, const char *where, const char *why) {
    struct pipeline *p = ctx;
    if (p->threaded)
        warnings_put(p->warnings, kind, where, why);
    else
        p->options.warn(p->options.ctx, kind, where, why);
}

static void deliver(struct pipeline *p) {
    warnings_deliver(p->warnings, p->options.warn, p->options.ctx);
}

static void tick(void *ctx) {
    struct pipeline *p = ctx;
    deliver(p);
    p->options.tick(p->options.ctx);
}

/* Waits for a worker to have done something, a moment at most, with a tick. The mutex is held before and after. */
static void wait_a_moment(struct pipeline *p) {
    steady_wait(&p->caller, &p->mutex, TICK_MILLISECONDS);
    pthread_mutex_unlock(&p->mutex);
    tick(p);
    pthread_mutex_lock(&p->mutex);
}

static lede_status failure(const struct pipeline *p, lede_error *err) {
    if (p->status && err)
        *err = p->err;
    return p->status;
}

static lede_status find_free(struct pipeline *p, struct batch **out, lede_error *err) {
    lede_status status = failure(p, err);
    while (!status && !p->free && p->batches == BATCHES_EACH * p->count + 1) {
        wait_a_moment(p);
        status = failure(p, err);
    }
    if (!status && !p->free) {
        status = batch_new(&p->free, err);
        p->batches += !status;
    }
    if (!status) {
        *out = p->free;
        p->free = (*out)->next;
        (*out)->next = NULL;
    }
    return status;
}

lede_status pipeline_take(struct pipeline *p, struct batch **out, lede_error *err) {
    *out = NULL;
    pthread_mutex_lock(&p->mutex);
    lede_status status = find_free(p, out, err);
    pthread_mutex_unlock(&p->mutex);
    if (status)
        return status;
    p->held = *out;
    if (!buffer_reserve(&p->held->bytes, p->batch_size))
        return error_nomem(err);
    return LEDE_OK;
}

static struct lane *lane_of(struct pipeline *p, uint64_t batch) {
    return &p->lanes[(batch - 1) % p->count];
}

/* With one thread the caller is the worker. */
static lede_status drain(struct pipeline *p, lede_error *err) {
    pthread_mutex_lock(&p->mutex);
    for (unsigned i = 0; i < p->count; i++) {
        const struct lane *lane = &p->lanes[i];
        while (!p->threaded && (lane->first || lane->call))
            take_turn(&p->lanes[i]);
        while (lane->first || lane->call || lane->busy)
            wait_a_moment(p);
    }
    lede_status status = failure(p, err);
    pthread_mutex_unlock(&p->mutex);
    return status;
}

static lede_status call_workers(struct pipeline *p, enum call call, lede_error *err) {
    pthread_mutex_lock(&p->mutex);
    for (unsigned i = 0; i < p->count; i++) {
        p->lanes[i].call = call;
        pthread_cond_signal(&p->lanes[i].called);
    }
    pthread_mutex_unlock(&p->mutex);
    return drain(p, err);
}

static void enqueue(struct pipeline *p, struct batch *batch) {
    struct lane *lane = lane_of(p, p->next_batch);
    batch->number = p->next_batch++;
    pthread_mutex_lock(&p->mutex);
    if (lane->last)
        lane->last->next = batch;
    else
        lane->first = batch;
    lane->last = batch;
    pthread_cond_signal(&lane->called);
    pthread_mutex_unlock(&p->mutex);
}

lede_status pipeline_send(struct pipeline *p, struct batch *batch, lede_error *err) {
    p->held = NULL;
    if (batch->count == 0) {
        pthread_mutex_lock(&p->mutex);
        give_back(p, batch);
        pthread_mutex_unlock(&p->mutex);
        return LEDE_OK;
    }
    bool outsized = is_outsized(p, batch);
    lede_status status = outsized ? call_workers(p, CALL_SPILL, err) : LEDE_OK;
    enqueue(p, batch);
    if (!status && (outsized || !p->threaded))
        status = drain(p, err);
    tick(p);
    return status;
}

lede_status pipeline_flush(struct pipeline *p, struct pending_list *out, lede_error *err) {
    lede_status status = call_workers(p, CALL_FLUSH, err);
    deliver(p); /* those that came after the last wait, if there was any */
    for (unsigned i = 0; !status && i < p->count; i++)
        status = pending_list_join(out, &p->lanes[i].worker.done, err);
    return status;
}

lede_status pipeline_relax(struct pipeline *p, lede_error *err) {
    lede_status status = LEDE_OK;
    for (unsigned i = 0; !status && i < p->count; i++)
        status = worker_relax(&p->lanes[i].worker, err);
#ifdef __GLIBC__
    malloc_trim(0); /* what is freed counts as the process's until it is given back to the system */
#endif
    return status;
}

uint64_t pipeline_merge_max(const struct pipeline *p) {
    return policy_passages_max(p->memory);
}

uint64_t pipeline_take_id(struct pipeline *p) {
    uint64_t id = 0;
    for (unsigned i = 0; i < p->count; i++)
        if (p->lanes[i].worker.next_id > id)
            id = p->lanes[i].worker.next_id;
    for (unsigned i = 0; i < p->count; i++)
        p->lanes[i].worker.next_id = id + 1 + i;
    return id;
}

void pipeline_take_counts(struct pipeline *p, uint64_t *bytes_replaced, uint64_t *records_skipped) {
    *bytes_replaced = *records_skipped = 0;
    for (unsigned i = 0; i < p->count; i++) {
        struct parse_sink *sink = &p->lanes[i].worker.sink;
        *bytes_replaced += sink->bytes_replaced;
        *records_skipped += sink->records_skipped;
        sink->bytes_replaced = sink->records_skipped = 0;
    }
}

lede_status pipeline_take_findings(struct pipeline *p, struct findings *out, lede_error *err) {
    lede_status status = LEDE_OK;
    for (unsigned i = 0; !status && i < p->count; i++)
        status = findings_join(out, &p->lanes[i].worker.findings, err);
    return status;
}

/* ---------------------------------------------------------------------------- new and free -- */

uint64_t pipeline_memory(uint64_t memory) {
    uint64_t most = memory / 8 * 5; /* what is left at least */
    return (memory - (most < OVERHEAD ? most : OVERHEAD)) / 4 * 3;
}

static uint64_t clamp(uint64_t value, uint64_t low, uint64_t high) {
    return value < low ? low : value > high ? high : value;
}

static lede_status start_lane(struct pipeline *p, lede_error *err) {
    struct lane *lane = &p->lanes[p->count];
    lane->pipeline = p;
    if (pthread_cond_init(&lane->called, NULL))
        return error_nomem(err);
    lede_status status =
        worker_init(&lane->worker, &p->settings, p->options.next_segment + p->count, p->options.threads, err);
    p->count++;
    if (!status && p->threaded) {
        if (pthread_create(&lane->thread, NULL, run_lane, lane))
            status = error_set(err, LEDE_NOMEM, "cannot start a thread; index with fewer (--threads)");
        else
            lane->started = true;
    }
    return status;
}

static lede_status start(struct pipeline *p, lede_error *err) {
    if (pthread_mutex_init(&p->mutex, NULL) || !steady_condition_init(&p->caller))
        return error_nomem(err);
    if (!trees_init(&p->settings.trees, p->options.memory - p->memory, p->options.threads))
        return error_nomem(err);
    lede_status status = warnings_new(&p->warnings, err);
    p->lanes = calloc(p->options.threads, sizeof *p->lanes);
    if (!status && !p->lanes)
        status = error_nomem(err);
    for (unsigned i = 0; !status && i < p->options.threads; i++)
        status = start_lane(p, err);
    return status;
}

lede_status pipeline_new(struct pipeline **out, const struct pipeline_options *options, lede_error *err) {
    *out = NULL;
    struct pipeline *p = calloc(1, sizeof *p);
    if (!p)
        return error_nomem(err);
    p->options = *options;
    p->threaded = options->threads > 1;
    p->next_batch = 1;
    p->memory = pipeline_memory(options->memory);
    p->batch_size = clamp(options->memory / 512, BATCH_MIN, BATCH_MAX);
    p->record_max = clamp(options->memory / RECORD_PART, RECORD_MIN, RECORD_MAX);
    p->settings = (struct worker_settings){
        .index = options->index,
        .language = options->language,
        .passages = options->passages,
        .omit_text = options->omit_text,
        .share = p->memory / options->threads,
        .store = options->store,
        .warn = warn_from_worker,
        .pulse = p->threaded ? NULL : tick,
        .ctx = p,
    };
    lede_status status = start(p, err);
    if (status)
        pipeline_free(p);
    else
        *out = p;
    return status;
}

static void end_threads(struct pipeline *p) {
    if (p->warnings)
        warnings_end(p->warnings);
    pthread_mutex_lock(&p->mutex);
    p->ending = true;
    for (unsigned i = 0; i < p->count; i++)
        pthread_cond_signal(&p->lanes[i].called);
    pthread_mutex_unlock(&p->mutex);
    for (unsigned i = 0; i < p->count; i++)
        if (p->lanes[i].started)
            pthread_join(p->lanes[i].thread, NULL);
}

static void free_batches(struct batch *first) {
    while (first) {
        struct batch *next = first->next;
        batch_free(first);
        first = next;
    }
}

void pipeline_free(struct pipeline *p) {
    if (!p)
        return;
    end_threads(p);
    for (unsigned i = 0; i < p->count; i++) {
        free_batches(p->lanes[i].first);
        worker_release(&p->lanes[i].worker);
        pthread_cond_destroy(&p->lanes[i].called);
    }
    free_batches(p->free);
    batch_free(p->held);
    free(p->lanes);
    warnings_free(p->warnings);
    trees_release(&p->settings.trees);
    pthread_mutex_destroy(&p->mutex);
    pthread_cond_destroy(&p->caller);
    free(p);
}
