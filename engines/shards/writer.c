/* Writing to shards. Xapian commits each database by itself, so a commit of Lede's is two steps:
 *
 *  1. Every shard commits its passages, all at the same time.
 *  2. The first shard commits what is known of the source files, and the number of the commit.
 *
 * A crash, or a host that fails, before the end of 2 leaves files whose passages are there while nothing says so:
 * indexing again reads them again, and puts each article in place of itself. What was committed before is there all the
 * time. */
#include "writer.h"

#include "core/base/error.h"
#include "documents.h"
#include "lane.h"
#include "sources.h"

#include <stdlib.h>
#include <time.h>

struct shards_writer {
    struct engine_writer base;
    struct shards shards;
    struct documents documents;
    struct lane *lanes; /* one for each shard */
    uint64_t commit;    /* the number that the next one gets */
    uint64_t stamp;     /* of what it brings: no other commit has it, nor one that failed */
};

static struct shards_writer *writer_of(struct engine_writer *base) {
    return (struct shards_writer *)(void *)base;
}

/* Each shard's changes are one transaction, as far as its process knows of it. */
static lede_status begin_all(struct shards_writer *w, lede_error *err) {
    struct xapian_error failure;
    for (size_t i = 0; i < w->shards.count; i++)
        if (w->shards.x->xapian_database_begin(w->shards.shards[i].db, &failure))
            return shards_fail(&w->shards, i, &failure, err);
    return LEDE_OK;
}

static uint64_t microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 * 1000 + (uint64_t)now.tv_nsec / 1000;
}

static lede_status start_lanes(struct shards_writer *w, lede_error *err) {
    lede_status status = LEDE_OK;
    w->commit++;
    w->stamp = microseconds();
    w->lanes = calloc(w->shards.count, sizeof *w->lanes);
    if (!w->lanes)
        return error_nomem(err);
    for (size_t i = 0; i < w->shards.count && !status; i++) {
        w->lanes[i].stamp = w->stamp;
        status = lane_start(&w->lanes[i], &w->shards, i, err);
    }
    return status;
}

lede_status shards_writer_open(struct engine_writer **out, const char *name, const struct engine_settings *wanted,
                               bool must_exist, lede_error *err) {
    *out = NULL;
    struct shards_writer *w = calloc(1, sizeof *w);
    if (!w)
        return error_nomem(err);
    lede_status status = shards_open_writable(&w->shards, name, wanted, must_exist, err);
    if (!status)
        status = sources_get_number(&w->shards, NUMBER_COMMIT, &w->commit, err);
    if (!status)
        status = begin_all(w, err);
    if (!status)
        status = start_lanes(w, err);
    if (status) {
        shards_writer_close(&w->base);
        return status;
    }
    const struct identity *id = &w->shards.identity;
    w->base.settings = (struct engine_settings){id->language, id->passages, id->omit_text};
    *out = &w->base;
    return LEDE_OK;
}

void shards_writer_close(struct engine_writer *base) {
    if (!base)
        return;
    struct shards_writer *w = writer_of(base);
    for (size_t i = 0; i < w->shards.count && w->lanes; i++)
        lane_stop(&w->lanes[i]);
    free(w->lanes);
    shards_release(&w->shards);
    documents_release(&w->documents);
    free(w);
}

/* A writer that died may have used ids that nothing was written of: these begin at a time, and so above them. */
lede_status shards_writer_load_sources(struct engine_writer *base, struct catalogue *catalogue, uint64_t *next_source,
                                       lede_error *err) {
    struct shards_writer *w = writer_of(base);
    uint64_t fresh = microseconds();
    *next_source = 0;
    lede_status status = lane_take(&w->lanes[0], err);
    if (!status)
        status = sources_get_number(&w->shards, NUMBER_NEXT_SOURCE, next_source, err);
    if (*next_source < fresh)
        *next_source = fresh;
    if (!status)
        status = sources_load(&w->shards, catalogue, err);
    lane_return(&w->lanes[0]);
    return status;
}

/* ------------------------------------------------------------------------------------ changes -- */

static bool make_room(struct lane_article *a) {
    size_t room = a->room ? 2 * a->room : 8;
    struct xapian_document **grown = reallocarray(a->documents, room, sizeof(struct xapian_document *));
    if (!grown)
        return false;
    a->documents = grown;
    a->room = room;
    return true;
}

/* An article in the making. */
struct gathering {
    const struct xapian *x;
    struct lane_article article;
};

static lede_status take_document(void *ctx, struct xapian_document *document, lede_error *err) {
    struct gathering *g = ctx;
    struct lane_article *a = &g->article;
    if (a->count == a->room && !make_room(a)) {
        g->x->xapian_document_free(document);
        return error_nomem(err);
    }
    a->documents[a->count++] = document;
    return LEDE_OK;
}

lede_status shards_writer_put(struct engine_writer *base, struct analyzer *analyzer, const struct article *article,
                              const char *path, lede_error *err) {
    struct shards_writer *w = writer_of(base);
    const struct documents_of of = {article, path, w->base.settings.omit_text, w->stamp, analyzer};
    struct gathering g = {.x = w->shards.x};
    const char *key = article->meta.key;
    size_t key_len = article->meta.key_len;
    g.article.key_len = record_key_term(g.article.key, key, key_len);
    lede_status status = documents_make(&w->documents, w->shards.x, &of, take_document, &g, err);
    if (!status)
        return lane_put(&w->lanes[shards_route(&w->shards, key, key_len)], &g.article, err);
    lane_article_release(&g.article, w->shards.x);
    return status;
}

/* With the shard taken. */
static lede_status remove_article(struct lane *l, const char *term, size_t len, uint64_t *deleted, bool *found,
                                  lede_error *err) {
    uint32_t count = 0;
    bool now = false;
    lede_status status = lane_count_term(l, term, len, &count, err);
    if (!status && count)
        status = lane_came_now(l, term, len, &now, err);
    if (!status && count)
        status = lane_delete_term(l, term, len, err);
    *found = !status && count > 0;
    *deleted = *found && !now;
    l->counts.added -= now && l->counts.added > 0;
    l->counts.passages -= now ? count : 0;
    return status;
}

lede_status shards_writer_remove(struct engine_writer *base, const char *key, size_t key_len, uint64_t *deleted,
                                 bool *found, lede_error *err) {
    struct shards_writer *w = writer_of(base);
    struct lane *l = &w->lanes[shards_route(&w->shards, key, key_len)];
    char term[SHARD_TERM_MAX];
    size_t len = record_key_term(term, key, key_len);
    *deleted = 0;
    *found = false;
    lede_status status = lane_take(l, err);
    if (!status)
        status = remove_article(l, term, len, deleted, found, err);
    lane_return(l);
    return status;
}

lede_status shards_writer_remove_source(struct engine_writer *base, uint64_t source, uint64_t *deleted,
                                        lede_error *err) {
    struct shards_writer *w = writer_of(base);
    char first[SHARD_TERM_MAX], each[SHARD_TERM_MAX];
    size_t first_len = record_source_term(first, 'A', source), each_len = record_source_term(each, 'S', source);
    lede_status status = LEDE_OK;
    *deleted = 0;
    for (size_t i = 0; i < w->shards.count && !status; i++) {
        struct lane *l = &w->lanes[i];
        uint32_t count = 0;
        status = lane_take(l, err);
        if (!status)
            status = lane_count_term(l, first, first_len, &count, err);
        if (!status && count)
            status = lane_delete_term(l, each, each_len, err);
        lane_return(l);
        *deleted += count;
    }
    return status;
}

/* ------------------------------------------------------------------------------------- commit -- */

static lede_status commit_shard(struct shards_writer *w, size_t i, lede_error *err) {
    struct xapian_error failure;
    if (w->shards.x->xapian_database_commit(w->shards.shards[i].db, &failure))
        return shards_fail(&w->shards, i, &failure, err);
    return LEDE_OK;
}

static uint64_t next_source_of(struct catalogue *catalogue) {
    struct catalogue_counters counters;
    return catalogue_get_counters(catalogue, &counters, NULL) ? 0 : counters.next_source;
}

static lede_status commit_sources(struct shards_writer *w, struct catalogue *catalogue, lede_error *err) {
    lede_status status = sources_store(&w->shards, catalogue, err);
    if (!status)
        status = sources_put_number(&w->shards, NUMBER_NEXT_SOURCE, next_source_of(catalogue), err);
    if (!status)
        status = sources_put_number(&w->shards, NUMBER_COMMIT, w->commit, err);
    return status ? status : commit_shard(w, 0, err);
}

/* And takes them. */
static lede_status commit_all(struct shards_writer *w, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < w->shards.count; i++)
        lane_commit(&w->lanes[i]);
    for (size_t i = 0; i < w->shards.count; i++) {
        lede_status answer = lane_take(&w->lanes[i], status ? NULL : err);
        status = status ? status : answer;
    }
    return status;
}

static void take_counts(struct lane_counts *counts, lede_commit_info *info) {
    info->articles_added += counts->added;
    info->articles_updated += counts->updated;
    info->articles_superseded += counts->superseded;
    info->passages_added += counts->passages;
    *counts = (struct lane_counts){.added = 0};
}

static void begin_next(struct shards_writer *w, lede_commit_info *info) {
    w->commit++;
    w->stamp++;
    for (size_t i = 0; i < w->shards.count; i++) {
        take_counts(&w->lanes[i].counts, info);
        w->lanes[i].stamp = w->stamp;
    }
}

lede_status shards_writer_commit(struct engine_writer *base, struct catalogue *catalogue, lede_commit_info *info,
                                 lede_error *err) {
    struct shards_writer *w = writer_of(base);
    lede_status status = commit_all(w, err);
    if (!status)
        status = commit_sources(w, catalogue, err);
    if (!status)
        status = begin_all(w, err);
    if (!status)
        begin_next(w, info);
    for (size_t i = 0; i < w->shards.count; i++)
        lane_return(&w->lanes[i]);
    return status;
}
