/* The articles that a query finds, for facets: Xapian counts the passages of each by the value that tells articles
 * apart, which has with it all that is counted of them. All servers count at once; where that is too much for one
 * answer, each by itself, as an article is in one shard. */
#include "core/base/error.h"
#include "query.h"
#include "reader_private.h"
#include "sources.h"

#include <stdlib.h>

/* The paths of source files: each id as a u64, and the path with its NUL. */
struct source_paths {
    struct buffer all;
    struct buffer offsets; /* size_t each, by id when sorted */
};

static lede_status take_source(void *ctx, const struct catalogue_source *source, lede_error *err) {
    struct source_paths *p = ctx;
    size_t at = p->all.len;
    buffer_append(&p->offsets, &at, sizeof at);
    buffer_append_u64(&p->all, source->id);
    buffer_append(&p->all, source->path, strlen(source->path) + 1);
    return p->all.failed || p->offsets.failed ? error_nomem(err) : LEDE_OK;
}

static int compare_ids(const void *a, const void *b, void *all) {
    uint64_t x = load_u64((const uint8_t *)all + *(const size_t *)a),
             y = load_u64((const uint8_t *)all + *(const size_t *)b);
    return (x > y) - (x < y);
}

static const char *path_of(const struct source_paths *p, uint64_t id) {
    const size_t *offsets = (const size_t *)(const void *)p->offsets.data;
    size_t low = 0, high = p->offsets.len / sizeof *offsets;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t at = load_u64(p->all.data + offsets[middle]);
        if (at == id)
            return (const char *)p->all.data + offsets[middle] + sizeof id;
        if (at < id)
            low = middle + 1;
        else
            high = middle;
    }
    return "";
}

/* ------------------------------------------------------------------------------------- counting -- */

static const char *next_part(const char **at, const char *end) {
    const char *part = *at, *nul = memchr(part, 0, (size_t)(end - part));
    *at = nul && nul < end ? nul + 1 : end;
    return part;
}

/* What was counted: each article's passages as a u32, the length of its value without the key as a u32, and that with a
 * NUL. */
static int keep(void *ctx, const char *value, size_t len, uint32_t documents) {
    struct buffer *counted = ctx;
    const char *at = value, *end = value + len;
    (void)next_part(&at, end);
    buffer_append_u32(counted, documents);
    buffer_append_u32(counted, (uint32_t)(end - at));
    buffer_append(counted, at, (size_t)(end - at));
    buffer_append_u8(counted, 0);
    return counted->failed;
}

struct counting {
    struct shards_reader *reader;
    const struct engine_search *search;
    struct source_paths paths;
    struct buffer articles;
};

static lede_status refuse_many(const struct counting *c, lede_error *err) {
    return error_set(err, LEDE_UNSUPPORTED,
                     "%s: more than %u passages of a shard match, too many to count by their articles",
                     c->reader->shards.name, c->reader->counted_most);
}

static enum xapian_code new_enquire(const struct counting *c, struct xapian_enquire **out,
                                    const struct xapian_database *db, const struct xapian_query *query,
                                    struct xapian_error *failure) {
    static const struct xapian_bm25 bm25 = {1, 0.5};
    return c->reader->shards.x->xapian_enquire_new(out, db, query, &bm25, failure);
}

/* Whether more match than one answer may tell of, as far as the servers can say without looking. */
static enum xapian_code are_many(const struct counting *c, const struct xapian_database *db,
                                 const struct xapian_query *query, bool *many, struct xapian_error *failure) {
    static const struct xapian_window guess = {0, 0, 0};
    const struct xapian *x = c->reader->shards.x;
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    enum xapian_code code = new_enquire(c, &enquire, db, query, failure);
    if (!code)
        code = x->xapian_enquire_run(&mset, enquire, &guess, failure);
    *many = !code && x->xapian_mset_matches(mset).estimate > c->reader->counted_most;
    x->xapian_mset_free(mset);
    x->xapian_enquire_free(enquire);
    return code;
}

static enum xapian_code tally(struct counting *c, const struct xapian_database *db, const struct xapian_query *query,
                              struct xapian_error *failure) {
    static const struct xapian_window all = {0, 0, UINT32_MAX};
    const struct xapian *x = c->reader->shards.x;
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    enum xapian_code code = new_enquire(c, &enquire, db, query, failure);
    if (!code)
        code = x->xapian_enquire_tally(enquire, SLOT_ARTICLE, failure);
    if (!code)
        code = x->xapian_enquire_run(&mset, enquire, &all, failure);
    if (!code)
        code = x->xapian_enquire_tallied(enquire, keep, &c->articles, failure);
    x->xapian_mset_free(mset);
    x->xapian_enquire_free(enquire);
    return code;
}

static enum xapian_code run(struct counting *c, const struct xapian_query *query, bool *many,
                            struct xapian_error *failure) {
    const struct shards_reader *r = c->reader;
    enum xapian_code code = are_many(c, r->groups[ENGINE_ALL], query, many, failure);
    if (code || !*many)
        return code ? code : tally(c, r->groups[ENGINE_ALL], query, failure);
    *many = false;
    for (size_t i = 0; i < r->member_count && !code && !*many; i++) {
        const struct xapian_database *db = r->shards.shards[r->members[i]].db;
        code = are_many(c, db, query, many, failure);
        if (!code && !*many)
            code = tally(c, db, query, failure);
    }
    return code;
}

static lede_status count(struct counting *c, struct xapian_error *failure, lede_error *err) {
    struct shards_reader *r = c->reader;
    struct query_parts parts = {.paths = NULL};
    struct xapian_query *q = NULL;
    bool many = false;
    buffer_clear(&c->articles);
    lede_status status = query_parts_find(&parts, r, c->search->query, failure, err);
    if (!status)
        status = shards_query(&q, r->shards.x, c->search, &parts, err);
    enum xapian_code code = status ? XAPIAN_OK : run(c, q, &many, failure);
    r->shards.x->xapian_query_free(q);
    query_parts_release(&parts);
    if (c->articles.failed || code == XAPIAN_NOMEM)
        return error_nomem(err);
    if (code)
        return error_set(err, LEDE_IO, "%s: %s", r->shards.name, failure->message);
    return many ? refuse_many(c, err) : status;
}

static lede_status load_paths(struct counting *c, struct xapian_error *failure, lede_error *err) {
    buffer_clear(&c->paths.all);
    buffer_clear(&c->paths.offsets);
    lede_status status = sources_visit(&c->reader->shards, take_source, &c->paths, err);
    if (status == LEDE_IO)
        failure->code = XAPIAN_NETWORK;
    if (!status && c->paths.offsets.len)
        qsort_r(c->paths.offsets.data, c->paths.offsets.len / sizeof(size_t), sizeof(size_t), compare_ids,
                c->paths.all.data);
    return status;
}

/* All shards have to be there: who asks could not tell what lacks. */
static lede_status persist(struct counting *c, lede_error *err) {
    struct shards_reader *r = c->reader;
    for (int tries = 0;; tries++) {
        struct xapian_error failure = {XAPIAN_OK, ""};
        lede_status status = reader_gather(r, err);
        if (!status && r->missing)
            status = error_set(err, LEDE_IO, "%s", r->missing);
        if (!status)
            status = count(c, &failure, err);
        if (!status)
            status = load_paths(c, &failure, err);
        if (!status || !failure.code || !reader_recover(r, &failure, tries, err))
            return status;
    }
}

/* ------------------------------------------------------------------------------------- visiting -- */

static void read_article(struct engine_article *out, const struct source_paths *paths, const char *value, size_t len) {
    const char *at = value, *end = value + len;
    out->date = (lede_date)strtoul(next_part(&at, end), NULL, 10);
    out->path = path_of(paths, strtoull(next_part(&at, end), NULL, 16));
    out->byline = next_part(&at, end);
    out->dateline = next_part(&at, end);
    out->credit = next_part(&at, end);
}

static lede_status visit_all(const struct counting *c, engine_visit_article *visit, void *ctx, lede_error *err) {
    const uint8_t *at = c->articles.data, *end = at + c->articles.len;
    lede_status status = LEDE_OK;
    while (at < end && !status) {
        struct engine_article article = {.passages = load_u32(at)};
        uint32_t len = load_u32(at + 4);
        read_article(&article, &c->paths, (const char *)at + 8, len);
        status = visit(ctx, &article, err);
        at += 8 + len + 1;
    }
    return status;
}

lede_status shards_reader_articles(struct engine_reader *base, const lede_query *query, engine_visit_article *visit,
                                   void *ctx, lede_error *err) {
    struct shards_reader *r = reader_of(base);
    const lede_search_options options = {0};
    const struct engine_search search = {.query = query, .options = &options};
    struct counting c = {.reader = r, .search = &search};
    lede_status status = shards_query_check(query, err);
    if (status)
        return status;
    pthread_mutex_lock(&r->mutex);
    status = persist(&c, err);
    pthread_mutex_unlock(&r->mutex);
    if (!status)
        status = visit_all(&c, visit, ctx, err);
    buffer_release(&c.articles);
    buffer_release(&c.paths.all);
    buffer_release(&c.paths.offsets);
    return status;
}
