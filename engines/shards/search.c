/* Searching shards: a query to its hits, with what is kept of each. */
#include "core/base/error.h"
#include "query.h"
#include "reader_private.h"
#include "searcher/plan/bm25.h"

#include <stdlib.h>

/* A search in progress; with the mutex held. */
struct searching {
    struct shards_reader *reader;
    const struct engine_search *search;
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

/* By date, where that is asked for; else, and where dates are equal, by score; then by key, whatever the number of
 * shards. The passages of an article are in order, as they are in one shard. */
static enum xapian_code put_in_order(const struct searching *s, struct xapian_enquire *enquire,
                                     struct xapian_error *failure) {
    const struct xapian *x = s->reader->shards.x;
    switch (s->options->sort) {
    case LEDE_SORT_NEWEST: return x->xapian_enquire_sort(enquire, SLOT_DATE, XAPIAN_VALUE_FIRST, true, failure);
    case LEDE_SORT_OLDEST: return x->xapian_enquire_sort(enquire, SLOT_OLDEST, XAPIAN_VALUE_FIRST, true, failure);
    default: return x->xapian_enquire_sort(enquire, SLOT_ARTICLE, XAPIAN_VALUE_LAST, false, failure);
    }
}

static enum xapian_code run(const struct searching *s, const struct xapian_query *query, struct xapian_mset **mset,
                            struct xapian_error *failure) {
    const struct xapian *x = s->reader->shards.x;
    struct xapian_enquire *enquire = NULL;
    enum xapian_code code = x->xapian_enquire_new(&enquire, s->reader->groups[ENGINE_ALL], query, &s->bm25, failure);
    if (!code && s->options->group == LEDE_GROUP_ARTICLE)
        code = x->xapian_enquire_collapse(enquire, SLOT_ARTICLE, failure);
    if (!code)
        code = put_in_order(s, enquire, failure);
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
    /* In which order Xapian adds up the parts of a score depends on the other passages of the shard, and on that the
     * score's last bits. */
    out->score = (double)(float)hit->weight;
    out->ordinal = ordinal_of(r->members[at % members], at / members + 1);
    if (!code)
        code = x->xapian_document_data(&data, &out->record_len, document, failure);
    if (!code && !(out->record = arena_strndup(s->arena, data, out->record_len)))
        code = failure->code = XAPIAN_NOMEM;
    x->xapian_document_free(document);
    return code;
}

/* By score, and where that is equal by key and place, as Xapian orders them; but its scores have other last bits. */
static int by_score(const void *a, const void *b) {
    const struct engine_hit *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    int order = record_compare_keys(x->record, x->record_len, y->record, y->record_len);
    return order ? order : (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
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
    if (!code && count && s->options->sort == LEDE_SORT_SCORE)
        qsort(hits, count, sizeof *hits, by_score);
    *out = (struct engine_hits){
        .hits = hits, .count = count, .total = matches.lower, .exact = matches.lower == matches.upper};
    return code;
}

static enum xapian_code take_statistics(const struct searching *s, const struct xapian_mset *mset,
                                        struct engine_hits *out, struct xapian_error *failure) {
    const struct xapian *x = s->reader->shards.x;
    const lede_query *query = s->search->query;
    struct xapian_totals totals;
    uint64_t *doc_freqs = arena_zalloc(s->arena, query->term_count + 1, sizeof *doc_freqs);
    enum xapian_code code = doc_freqs ? XAPIAN_OK : (failure->code = XAPIAN_NOMEM);
    for (size_t i = 0; i < query->term_count && !code; i++) {
        char term[SHARD_TERM_MAX];
        uint32_t documents = 0;
        size_t len = record_word_term(term, "", query->terms[i].bytes, query->terms[i].len);
        code = x->xapian_mset_frequency(&documents, mset, term, len, failure);
        doc_freqs[i] = documents;
    }
    if (!code)
        code = x->xapian_database_totals(&totals, s->reader->groups[ENGINE_ALL], failure);
    out->doc_freqs = doc_freqs;
    out->passages = code ? 0 : totals.documents;
    out->total_length = code ? 0 : totals.total_length / RECORD_WORD_TERMS;
    return code;
}

/* How many passages have what each of the query's words stands for, as one word is counted. */
static bool take_patterns(const struct searching *s, const struct expansions *e, struct engine_hits *out) {
    uint64_t *doc_freqs = arena_zalloc(s->arena, e->count + 1, sizeof *doc_freqs);
    struct meaning m;
    for (uint32_t i = 0; i < e->count && doc_freqs; i++) {
        for (size_t at = 0; expansion_next(e, i, &at, &m);)
            doc_freqs[i] += m.doc_freq;
        doc_freqs[i] = doc_freqs[i] < e->passages ? doc_freqs[i] : e->passages;
    }
    out->pattern_doc_freqs = doc_freqs;
    return doc_freqs;
}

static lede_status find(const struct searching *s, const struct xapian_query *query, struct engine_hits *out,
                        struct xapian_error *failure, lede_error *err) {
    const struct xapian *x = s->reader->shards.x;
    struct xapian_mset *mset = NULL;
    enum xapian_code code = run(s, query, &mset, failure);
    if (!code)
        code = take_hits(s, mset, out, failure);
    if (!code)
        code = take_statistics(s, mset, out, failure);
    x->xapian_mset_free(mset);
    if (!code || code == XAPIAN_NOMEM)
        return code ? error_nomem(err) : LEDE_OK;
    failure->code = code;
    return error_set(err, LEDE_IO, "%s: %s", s->reader->shards.name, failure->message);
}

/* If Xapian fails, *failure has the reason; its code is XAPIAN_OK otherwise. */
static lede_status attempt(const struct searching *s, struct engine_hits *out, struct xapian_error *failure,
                           lede_error *err) {
    struct shards_reader *r = s->reader;
    struct query_parts parts = {.paths = NULL};
    struct xapian_query *q = NULL;
    lede_status status = query_parts_find(&parts, r, s->search->query, failure, err);
    if (!status)
        status = shards_query(&q, r->shards.x, s->search, &parts, err);
    if (!status)
        status = find(s, q, out, failure, err);
    if (!status && !take_patterns(s, &parts.expansions, out))
        status = error_nomem(err);
    r->shards.x->xapian_query_free(q);
    query_parts_release(&parts);
    return status;
}

/* Runs the search until it succeeds, or can't: what was written meanwhile is read anew, and who hung up is called
 * again, or at another of its places. */
static lede_status persist(const struct searching *s, struct engine_hits *out, lede_error *err) {
    struct shards_reader *r = s->reader;
    for (int tries = 0;; tries++) {
        struct xapian_error failure = {XAPIAN_OK, ""};
        lede_status status = reader_gather(r, err);
        if (status)
            return status;
        if (r->missing && !s->options->partial)
            return error_set(err, LEDE_IO, "%s", r->missing);
        status = attempt(s, out, &failure, err);
        if (!status || !failure.code || !reader_recover(r, &failure, tries, err))
            return status;
    }
}

lede_status shards_reader_search(struct engine_hits *out, struct engine_reader *base,
                                 const struct engine_search *search, struct arena *arena, lede_error *err) {
    struct shards_reader *r = reader_of(base);
    const lede_search_options *options = search->options;
    struct searching s = {r, search, options, {0, 0}, window_of(options), arena};
    *out = (struct engine_hits){.count = 0};
    lede_status status = bm25_parameters(&s.bm25.k1, &s.bm25.b, options->k1, options->b, err);
    if (!status)
        status = shards_query_check(search->query, err);
    if (status)
        return status;
    pthread_mutex_lock(&r->mutex);
    status = persist(&s, out, err);
    if (!status && r->missing && !(out->missing = arena_strndup(arena, r->missing, strlen(r->missing))))
        status = error_nomem(err);
    if (!status && r->missing)
        out->exact = false;
    pthread_mutex_unlock(&r->mutex);
    return status;
}
