/* Searching shards: a query to its hits, with what is kept of each. */
#include "../../core/error.h"
#include "../../searcher/bm25.h"
#include "query.h"
#include "reader_private.h"

/* A search in progress; with the mutex held. */
struct searching {
    struct shards_reader *reader;
    const struct xapian_query *query;
    const lede_search_options *options;
    struct xapian_bm25 bm25;
    struct xapian_window window;
    struct arena *arena;
};

/* The window of so many hits, which Xapian counts in 32 bits. */
static struct xapian_window window_of(const lede_search_options *o) {
    size_t limit = o->limit ? o->limit : 10, most = UINT32_MAX / 2;
    return (struct xapian_window){
        .offset = (uint32_t)(o->offset < most ? o->offset : most),
        .limit = (uint32_t)(limit < most ? limit : most),
        .check = o->count ? UINT32_MAX : 0,
    };
}

static enum xapian_code run(const struct searching *s, struct xapian_mset **mset, struct xapian_error *failure) {
    const struct xapian *x = s->reader->shards.x;
    struct xapian_enquire *enquire = NULL;
    enum xapian_code code = x->xapian_enquire_new(&enquire, s->reader->group, s->query, &s->bm25, failure);
    if (!code && s->options->group == LEDE_GROUP_ARTICLE)
        code = x->xapian_enquire_collapse(enquire, SLOT_ARTICLE, failure);
    if (!code)
        code = x->xapian_enquire_run(mset, enquire, &s->window, failure);
    if (!code)
        code = x->xapian_mset_prefetch(*mset, 0, UINT32_MAX, failure);
    x->xapian_enquire_free(enquire);
    return code;
}

static enum xapian_code take_hit(const struct searching *s, const struct xapian_mset *mset, uint32_t i,
                                 struct engine_hit *out, struct xapian_error *failure) {
    const struct shards_reader *r = s->reader;
    const struct xapian *x = r->shards.x;
    const struct xapian_hit *hit = x->xapian_mset_hit(mset, i);
    uint32_t members = (uint32_t)r->member_count, at = hit->document - 1;
    struct xapian_document *document = NULL;
    const char *data = NULL;
    enum xapian_code code = x->xapian_mset_document(&document, mset, i, failure);
    out->score = hit->weight;
    out->ordinal = ordinal_of(r->members[at % members], at / members + 1);
    if (!code)
        code = x->xapian_document_data(&data, &out->record_len, document, failure);
    if (!code && !(out->record = arena_strndup(s->arena, data, out->record_len)))
        code = failure->code = XAPIAN_NOMEM;
    x->xapian_document_free(document);
    return code;
}

static enum xapian_code take_hits(const struct searching *s, const struct xapian_mset *mset, struct engine_hits *out,
                                  struct xapian_error *failure) {
    const struct xapian *x = s->reader->shards.x;
    uint32_t count = x->xapian_mset_count(mset);
    struct xapian_matches matches = x->xapian_mset_matches(mset);
    struct engine_hit *hits = arena_zalloc(s->arena, count + 1, sizeof *hits);
    enum xapian_code code = hits ? XAPIAN_OK : (failure->code = XAPIAN_NOMEM);
    for (uint32_t i = 0; i < count && !code; i++)
        code = take_hit(s, mset, i, &hits[i], failure);
    *out = (struct engine_hits){
        .hits = hits, .count = count, .total = matches.lower, .exact = matches.lower == matches.upper};
    return code;
}

/* Runs the search until it succeeds, or can't: what was written meanwhile is read anew, and who hung up is called
 * again, or at another of its places. */
static lede_status persist(const struct searching *s, struct engine_hits *out, lede_error *err) {
    struct shards_reader *r = s->reader;
    for (int tries = 0;; tries++) {
        struct xapian_error failure = {XAPIAN_OK, ""};
        struct xapian_mset *mset = NULL;
        lede_status status = reader_gather(r, err);
        if (status)
            return status;
        if (r->missing && !s->options->partial)
            return error_set(err, LEDE_IO, "%s", r->missing);
        enum xapian_code code = run(s, &mset, &failure);
        if (!code)
            code = take_hits(s, mset, out, &failure);
        r->shards.x->xapian_mset_free(mset);
        if (!code)
            return LEDE_OK;
        bool again = is_network(code) ? reader_lose(r, &failure) || tries == 0
                                      : code == XAPIAN_MODIFIED && reader_reopen(r, NULL) == LEDE_OK;
        if (!again || tries == 3)
            return code == XAPIAN_NOMEM ? error_nomem(err)
                                        : error_set(err, LEDE_IO, "%s: %s", r->shards.name, failure.message);
    }
}

lede_status shards_reader_search(struct engine_hits *out, struct engine_reader *base,
                                 const struct engine_search *search, struct arena *arena, lede_error *err) {
    struct shards_reader *r = reader_of(base);
    const lede_search_options *options = search->options;
    struct searching s = {.reader = r, .options = options, .window = window_of(options), .arena = arena};
    struct xapian_query *q = NULL;
    *out = (struct engine_hits){.count = 0};
    lede_status status = bm25_parameters(&s.bm25.k1, &s.bm25.b, options->k1, options->b, err);
    if (!status)
        status = shards_query(&q, r->shards.x, search->query, search->within, err);
    if (status)
        return status;
    s.query = q;
    pthread_mutex_lock(&r->mutex);
    status = persist(&s, out, err);
    if (!status && r->missing && !(out->missing = arena_strndup(arena, r->missing, strlen(r->missing))))
        status = error_nomem(err);
    if (!status && r->missing)
        out->exact = false;
    pthread_mutex_unlock(&r->mutex);
    r->shards.x->xapian_query_free(q);
    return status;
}
