#include "batch_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS_A_THREAD = 4 };

/* Jobs are numbered as they come; number n is in the row at n % size. */
struct batch_pool {
    struct batch *batch;
    const struct batch_steps *steps;
    pthread_mutex_t mutex;
    pthread_cond_t has_work, has_result, has_room;
    struct batch_job *jobs;
    size_t size;
    /* Behind the mutex: */
    size_t added, taken, shown;
    bool is_ending;
    /* The caller's own: */
    pthread_t *threads; /* the last one shows */
    size_t thread_count;
};

/* ------------------------------------------------------------------------------------ threads -- */

/* The next job that nobody searches for; NULL when there will be none. */
static struct batch_job *take_job(struct batch_pool *p) {
    struct batch_job *job = NULL;
    pthread_mutex_lock(&p->mutex);
    while (p->taken == p->added && !p->is_ending)
        pthread_cond_wait(&p->has_work, &p->mutex);
    if (p->taken < p->added)
        job = &p->jobs[p->taken++ % p->size];
    pthread_mutex_unlock(&p->mutex);
    return job;
}

static void *search_jobs(void *ctx) {
    struct batch_pool *p = ctx;
    for (struct batch_job *job; (job = take_job(p));) {
        p->steps->search(p->batch, job);
        pthread_mutex_lock(&p->mutex);
        job->is_done = true;
        pthread_cond_signal(&p->has_result);
        pthread_mutex_unlock(&p->mutex);
    }
    return NULL;
}

static bool is_result_there(const struct batch_pool *p) {
    return p->shown < p->added && p->jobs[p->shown % p->size].is_done;
}

/* The next job in order, when it is done; NULL when there will be none. */
static struct batch_job *wait_for_result(struct batch_pool *p) {
    pthread_mutex_lock(&p->mutex);
    bool has_to_wait = !is_result_there(p);
    pthread_mutex_unlock(&p->mutex);
    if (has_to_wait)
        p->steps->pause(p->batch);
    pthread_mutex_lock(&p->mutex);
    while (!is_result_there(p) && !(p->is_ending && p->shown == p->added))
        pthread_cond_wait(&p->has_result, &p->mutex);
    struct batch_job *job = is_result_there(p) ? &p->jobs[p->shown % p->size] : NULL;
    pthread_mutex_unlock(&p->mutex);
    return job;
}

static void *show_jobs(void *ctx) {
    struct batch_pool *p = ctx;
    for (struct batch_job *job; (job = wait_for_result(p));) {
        p->steps->show(p->batch, job);
        pthread_mutex_lock(&p->mutex);
        job->is_done = false;
        p->shown++;
        pthread_cond_signal(&p->has_room);
        pthread_mutex_unlock(&p->mutex);
    }
    return NULL;
}

/* -------------------------------------------------------------------------------- the caller's -- */

static void pool_free(struct batch_pool *p) {
    for (size_t i = 0; p->jobs && i < p->size; i++)
        free(p->jobs[i].line);
    pthread_cond_destroy(&p->has_work);
    pthread_cond_destroy(&p->has_result);
    pthread_cond_destroy(&p->has_room);
    pthread_mutex_destroy(&p->mutex);
    free(p->jobs);
    free(p->threads);
    free(p);
}

/* As many threads as can be started, one that searches and one that shows at least. */
static bool start_threads(struct batch_pool *p, unsigned searching) {
    for (unsigned i = 0; i < searching; i++)
        if (pthread_create(&p->threads[p->thread_count], NULL, search_jobs, p) == 0)
            p->thread_count++;
    if (p->thread_count && pthread_create(&p->threads[p->thread_count], NULL, show_jobs, p) == 0) {
        p->thread_count++;
        return true;
    }
    return false;
}

struct batch_pool *batch_pool_new(struct batch *batch, const struct batch_steps *steps, unsigned threads) {
    struct batch_pool *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->batch = batch;
    p->steps = steps;
    p->size = (size_t)JOBS_A_THREAD * threads;
    p->jobs = calloc(p->size, sizeof *p->jobs);
    p->threads = calloc((size_t)threads + 1, sizeof *p->threads);
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->has_work, NULL);
    pthread_cond_init(&p->has_result, NULL);
    pthread_cond_init(&p->has_room, NULL);
    if (p->jobs && p->threads && start_threads(p, threads))
        return p;
    batch_pool_finish(p);
    return NULL;
}

static bool copy_line(struct batch_job *job, const char *line, size_t len, size_t number) {
    if (job->room < len + 1) {
        free(job->line);
        job->line = malloc(2 * len + 1);
        job->room = job->line ? 2 * len + 1 : 0;
    }
    if (!job->line)
        return false;
    memcpy(job->line, line, len);
    job->line[len] = '\0';
    job->number = number;
    batch_split(&job->parts, job->line, len, number);
    return true;
}

bool batch_pool_add(struct batch_pool *p, const char *line, size_t len, size_t number) {
    pthread_mutex_lock(&p->mutex);
    while (p->added - p->shown == p->size)
        pthread_cond_wait(&p->has_room, &p->mutex);
    pthread_mutex_unlock(&p->mutex);
    /* Nobody else looks at a job before it is counted. */
    if (!copy_line(&p->jobs[p->added % p->size], line, len, number))
        return false;
    pthread_mutex_lock(&p->mutex);
    p->added++;
    pthread_cond_signal(&p->has_work);
    pthread_mutex_unlock(&p->mutex);
    return true;
}

void batch_pool_finish(struct batch_pool *p) {
    if (!p)
        return;
    pthread_mutex_lock(&p->mutex);
    p->is_ending = true;
    pthread_cond_broadcast(&p->has_work);
    pthread_cond_broadcast(&p->has_result);
    pthread_mutex_unlock(&p->mutex);
    for (size_t i = 0; i < p->thread_count; i++)
        pthread_join(p->threads[i], NULL);
    pool_free(p);
}
