/* Writing to shards. Xapian commits each database by itself, so a commit of Lede's is two steps:
 *
 *  1. Every shard commits its passages.
 *  2. The first shard commits what is known of the source files, and the number of the commit.
 *
 * A crash, or a host that fails, before the end of 2 leaves files whose passages are there while nothing says so:
 * indexing again reads them again, and puts each article in place of itself. What was committed before is there all the
 * time. */
#include "writer.h"

#include "../../core/error.h"
#include "documents.h"
#include "sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct shards_writer {
    struct engine_writer base;
    struct shards shards;
    struct documents documents;
    uint64_t commit; /* the number that the next one gets */
    uint64_t added, updated, superseded, passages;
    size_t target; /* the shard that documents go to */
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
    if (status) {
        shards_writer_close(&w->base);
        return status;
    }
    const struct identity *id = &w->shards.identity;
    w->commit++;
    w->base.settings = (struct engine_settings){id->language, id->passages, id->omit_text};
    *out = &w->base;
    return LEDE_OK;
}

void shards_writer_close(struct engine_writer *base) {
    if (!base)
        return;
    struct shards_writer *w = writer_of(base);
    shards_release(&w->shards);
    documents_release(&w->documents);
    free(w);
}

/* A writer that died may have used ids that nothing was written of: these begin at a time, and so above them. */
lede_status shards_writer_load_sources(struct engine_writer *base, struct catalogue *catalogue, uint64_t *next_source,
                                       lede_error *err) {
    const struct shards_writer *w = writer_of(base);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t fresh = (uint64_t)now.tv_sec * 1000 * 1000 + (uint64_t)now.tv_nsec / 1000;
    lede_status status = sources_get_number(&w->shards, NUMBER_NEXT_SOURCE, next_source, err);
    if (*next_source < fresh)
        *next_source = fresh;
    return status ? status : sources_load(&w->shards, catalogue, err);
}

/* ------------------------------------------------------------------------------------ changes -- */

static lede_status count_term(const struct shards_writer *w, size_t shard, const char *term, size_t len,
                              uint32_t *count, lede_error *err) {
    struct xapian_error failure;
    if (w->shards.x->xapian_database_frequency(count, NULL, w->shards.shards[shard].db, term, len, &failure))
        return shards_fail(&w->shards, shard, &failure, err);
    return LEDE_OK;
}

static lede_status delete_term(const struct shards_writer *w, size_t shard, const char *term, size_t len,
                               lede_error *err) {
    struct xapian_error failure;
    if (w->shards.x->xapian_document_delete_by_term(w->shards.shards[shard].db, term, len, &failure))
        return shards_fail(&w->shards, shard, &failure, err);
    return LEDE_OK;
}

static int take_first(void *number, uint32_t document, uint32_t frequency) {
    (void)frequency;
    *(uint32_t *)number = document;
    return 1;
}

/* Whether the article that has this term came with the commit in hand. */
static lede_status came_now(const struct shards_writer *w, size_t shard, const char *term, size_t len, bool *now,
                            lede_error *err) {
    const struct xapian *x = w->shards.x;
    struct xapian_database *db = w->shards.shards[shard].db;
    struct xapian_document *document = NULL;
    struct xapian_error failure;
    const char *value = "";
    size_t value_len;
    uint32_t number = 0;
    enum xapian_code code = x->xapian_database_postings(db, term, len, take_first, &number, &failure);
    if (!code)
        code = x->xapian_document_fetch(&document, db, number, &failure);
    if (!code)
        code = x->xapian_document_value(&value, &value_len, document, SLOT_COMMIT, &failure);
    *now = !code && strtoull(value, NULL, 10) == w->commit;
    x->xapian_document_free(document);
    return code ? shards_fail(&w->shards, shard, &failure, err) : LEDE_OK;
}

static lede_status add_document(void *ctx, const struct xapian_document *document, lede_error *err) {
    struct shards_writer *w = ctx;
    struct xapian_error failure;
    if (w->shards.x->xapian_document_add(NULL, w->shards.shards[w->target].db, document, &failure))
        return shards_fail(&w->shards, w->target, &failure, err);
    w->passages++;
    return LEDE_OK;
}

/* Takes away the article that has this key, as far as there is one, and counts what putting another in its place is. */
static lede_status make_place(struct shards_writer *w, const char *term, size_t len, lede_error *err) {
    uint32_t old = 0;
    bool now = false;
    lede_status status = count_term(w, w->target, term, len, &old, err);
    if (!status && old)
        status = came_now(w, w->target, term, len, &now, err);
    if (!status && old)
        status = delete_term(w, w->target, term, len, err);
    w->superseded += now;
    w->passages -= now ? old : 0;
    w->updated += old && !now;
    w->added += !old;
    return status;
}

lede_status shards_writer_put(struct engine_writer *base, struct analyzer *analyzer, const struct article *article,
                              const char *path, lede_error *err) {
    struct shards_writer *w = writer_of(base);
    const struct documents_of of = {article, path, w->base.settings.omit_text, w->commit, analyzer};
    char term[SHARD_TERM_MAX];
    size_t len = record_key_term(term, article->meta.key, article->meta.key_len);
    w->target = shards_route(&w->shards, article->meta.key, article->meta.key_len);
    lede_status status = make_place(w, term, len, err);
    return status ? status : documents_make(&w->documents, w->shards.x, &of, add_document, w, err);
}

lede_status shards_writer_remove(struct engine_writer *base, const char *key, size_t key_len, uint64_t *deleted,
                                 bool *found, lede_error *err) {
    struct shards_writer *w = writer_of(base);
    char term[SHARD_TERM_MAX];
    size_t len = record_key_term(term, key, key_len), shard = shards_route(&w->shards, key, key_len);
    uint32_t count = 0;
    bool now = false;
    lede_status status = count_term(w, shard, term, len, &count, err);
    if (!status && count)
        status = came_now(w, shard, term, len, &now, err);
    if (!status && count)
        status = delete_term(w, shard, term, len, err);
    *found = !status && count > 0;
    *deleted = *found && !now;
    w->added -= now && w->added > 0;
    w->passages -= now ? count : 0;
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
        uint32_t count = 0;
        status = count_term(w, i, first, first_len, &count, err);
        if (!status && count)
            status = delete_term(w, i, each, each_len, err);
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

lede_status shards_writer_commit(struct engine_writer *base, struct catalogue *catalogue, lede_commit_info *info,
                                 lede_error *err) {
    struct shards_writer *w = writer_of(base);
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < w->shards.count && !status; i++)
        status = commit_shard(w, i, err);
    if (!status)
        status = commit_sources(w, catalogue, err);
    if (!status)
        status = begin_all(w, err);
    if (status)
        return status;
    info->articles_added += w->added;
    info->articles_updated += w->updated;
    info->articles_superseded += w->superseded;
    info->passages_added += w->passages;
    w->added = w->updated = w->superseded = w->passages = 0;
    w->commit++;
    return LEDE_OK;
}
