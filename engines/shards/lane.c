#include "lane.h"

#include "core/base/error.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

void lane_article_release(struct lane_article *a, const struct xapian *x) {
    for (size_t i = 0; i < a->count; i++)
        x->xapian_document_free(a->documents[i]);
    free(a->documents);
    *a = (struct lane_article){.count = 0};
}

/* --------------------------------------------------------------------------------- the shard -- */

static struct xapian_database *database_of(const struct lane *l) {
    return l->shards->shards[l->number].db;
}

lede_status lane_count_term(const struct lane *l, const char *term, size_t len, uint32_t *count, lede_error *err) {
    struct xapian_error failure;
    if (l->shards->x->xapian_database_frequency(count, NULL, database_of(l), term, len, &failure))
        return shards_fail(l->shards, l->number, &failure, err);
    return LEDE_OK;
}

lede_status lane_delete_term(const struct lane *l, const char *term, size_t len, lede_error *err) {
    struct xapian_error failure;
    if (l->shards->x->xapian_document_delete_by_term(database_of(l), term, len, &failure))
        return shards_fail(l->shards, l->number, &failure, err);
    return LEDE_OK;
}

static int take_first(void *number, uint32_t document, uint32_t frequency) {
    (void)frequency;
    *(uint32_t *)number = document;
    return 1;
}

lede_status lane_came_now(const struct lane *l, const char *term, size_t len, bool *now, lede_error *err) {
    const struct xapian *x = l->shards->x;
    struct xapian_document *document = NULL;
    struct xapian_error failure;
    const char *value = "";
    size_t value_len;
    uint32_t number = 0;
    enum xapian_code code = x->xapian_database_postings(database_of(l), term, len, take_first, &number, &failure);
    if (!code)
        code = x->xapian_document_fetch(&document, database_of(l), number, &failure);
    if (!code)
        code = x->xapian_document_value(&value, &value_len, document, SLOT_STAMP, &failure);
    *now = !code && strtoull(value, NULL, 10) == l->stamp;
    x->xapian_document_free(document);
    return code ? shards_fail(l->shards, l->number, &failure, err) : LEDE_OK;
}

/* Takes away the article that has this key, as far as there is one, and counts what putting another in its place is. */
static lede_status make_place(struct lane *l, const struct lane_article *a, lede_error *err) {
    uint32_t old = 0;
    bool now = false;
    lede_status status = lane_count_term(l, a->key, a->key_len, &old, err);
    if (!status && old)
        status = lane_came_now(l, a->key, a->key_len, &now, err);
    if (!status && old)
        status = lane_delete_term(l, a->key, a->key_len, err);
    l->counts.superseded += now;
    l->counts.passages -= now ? old : 0;
    l->counts.updated += old && !now;
    l->counts.added += !old;
    return status;
}

static lede_status put(struct lane *l, const struct lane_article *a, lede_error *err) {
    struct xapian_error failure;
    lede_status status = make_place(l, a, err);
    for (size_t i = 0; i < a->count && !status; i++, l->counts.passages++)
        if (l->shards->x->xapian_document_add(NULL, database_of(l), a->documents[i], &failure))
            status = shards_fail(l->shards, l->number, &failure, err);
    return status;
}

static lede_status commit(const struct lane *l, lede_error *err) {
    struct xapian_error failure;
    if (l->shards->x->xapian_database_commit(database_of(l), &failure))
        return shards_fail(l->shards, l->number, &failure, err);
    return LEDE_OK;
}

/* -------------------------------------------------------------------------------- the thread -- */

/* What there is to do next, with the mutex held: an article, which is put into *article, or a commit. */
static bool take_work(struct lane *l, struct lane_article *article, bool *commits) {
    *commits = l->commits && !l->waiting;
    if (!l->waiting && !l->commits)
        return false;
    if (*commits) {
        l->commits = false;
        return true;
    }
    *article = l->articles[l->first];
    l->articles[l->first] = (struct lane_article){.count = 0};
    l->first = (l->first + 1) % LANE_ARTICLES;
    l->waiting--;
    l->documents -= article->count;
    return true;
}

static lede_status keep_alive(const struct lane *l, lede_error *err) {
    struct xapian_error failure;
    if (l->shards->x->xapian_database_keep_alive(database_of(l), &failure))
        return shards_fail(l->shards, l->number, &failure, err);
    return LEDE_OK;
}

/* Waits for a change, with the mutex held; false if there was none for so long that the server has to be told. */
static bool rest(struct lane *l) {
    struct timespec until;
    if (l->taken || l->status) {
        pthread_cond_wait(&l->changed, &l->mutex);
        return true;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += l->keep_alive_seconds;
    return pthread_cond_clockwait(&l->changed, &l->mutex, CLOCK_MONOTONIC, &until) != ETIMEDOUT || l->taken;
}

static void *run(void *lane) {
    struct lane *l = lane;
    pthread_mutex_lock(&l->mutex);
    while (!l->stops) {
        struct lane_article article = {.count = 0};
        bool commits, works = take_work(l, &article, &commits);
        if (!works && rest(l))
            continue;
        lede_status status = l->status;
        lede_error failure = l->failure;
        l->busy = true;
        pthread_mutex_unlock(&l->mutex);
        if (!status)
            status = !works ? keep_alive(l, &failure) : commits ? commit(l, &failure) : put(l, &article, &failure);
        lane_article_release(&article, l->shards->x);
        pthread_mutex_lock(&l->mutex);
        l->busy = false;
        l->status = status;
        l->failure = failure;
        pthread_cond_broadcast(&l->changed);
    }
    pthread_mutex_unlock(&l->mutex);
    return NULL;
}

lede_status lane_start(struct lane *l, const struct shards *shards, size_t number, lede_error *err) {
    l->shards = shards;
    l->number = number;
    if (!l->keep_alive_seconds)
        l->keep_alive_seconds = LANE_KEEP_ALIVE_SECONDS;
    if (pthread_mutex_init(&l->mutex, NULL))
        return error_nomem(err);
    if (pthread_cond_init(&l->changed, NULL)) {
        pthread_mutex_destroy(&l->mutex);
        return error_nomem(err);
    }
    if (pthread_create(&l->thread, NULL, run, l)) {
        pthread_cond_destroy(&l->changed);
        pthread_mutex_destroy(&l->mutex);
        return error_io(err, shards->name, "cannot start a thread");
    }
    l->running = true;
    return LEDE_OK;
}

void lane_stop(struct lane *l) {
    if (!l->running)
        return;
    pthread_mutex_lock(&l->mutex);
    l->stops = true;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->mutex);
    pthread_join(l->thread, NULL);
    for (size_t i = 0; i < LANE_ARTICLES; i++)
        lane_article_release(&l->articles[i], l->shards->x);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->mutex);
    l->running = false;
}

/* With the mutex held. */
static lede_status tell(const struct lane *l, lede_error *err) {
    if (l->status && err)
        *err = l->failure;
    return l->status;
}

/* With the mutex held. */
static bool has_room(const struct lane *l, const struct lane_article *article) {
    return l->waiting == 0 || (l->waiting < LANE_ARTICLES && l->documents + article->count <= LANE_DOCUMENTS);
}

lede_status lane_put(struct lane *l, struct lane_article *article, lede_error *err) {
    pthread_mutex_lock(&l->mutex);
    while (!has_room(l, article) && !l->status)
        pthread_cond_wait(&l->changed, &l->mutex);
    lede_status status = tell(l, err);
    if (!status) {
        l->articles[(l->first + l->waiting++) % LANE_ARTICLES] = *article;
        l->documents += article->count;
        *article = (struct lane_article){.count = 0};
        pthread_cond_broadcast(&l->changed);
    }
    pthread_mutex_unlock(&l->mutex);
    lane_article_release(article, l->shards->x);
    return status;
}

void lane_commit(struct lane *l) {
    pthread_mutex_lock(&l->mutex);
    l->commits = true;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->mutex);
}

lede_status lane_take(struct lane *l, lede_error *err) {
    pthread_mutex_lock(&l->mutex);
    while (l->waiting || l->busy || l->commits)
        pthread_cond_wait(&l->changed, &l->mutex);
    lede_status status = tell(l, err);
    l->taken = !status;
    pthread_mutex_unlock(&l->mutex);
    return status;
}

void lane_return(struct lane *l) {
    pthread_mutex_lock(&l->mutex);
    l->taken = false;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->mutex);
}
