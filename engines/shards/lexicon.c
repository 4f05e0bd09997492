/* Words and terms of all shards, as completion and the choice of telling words ask for them. */
#include "core/base/error.h"
#include "reader_private.h"

#include <stdlib.h>

/* Shards that lack are not passed over here: who asks could not tell. */
static lede_status gather_all(struct shards_reader *r, lede_error *err) {
    lede_status status = reader_gather(r, err);
    return !status && r->missing ? error_set(err, LEDE_IO, "%s", r->missing) : status;
}

lede_status shards_reader_words(struct engine_reader *base, const struct engine_beginning *beginning,
                                engine_visit_word *visit, void *ctx, lede_error *err) {
    struct shards_reader *r = reader_of(base);
    struct xapian_error failure = {XAPIAN_OK, ""};
    lede_status status;
    pthread_mutex_lock(&r->mutex);
    for (int tries = 0;; tries++) {
        status = gather_all(r, err);
        if (!status)
            status = words_of(&r->words[beginning->of], beginning, visit, ctx, &failure, err);
        if (!status || !failure.code || !reader_recover(r, &failure, tries, err))
            break;
    }
    pthread_mutex_unlock(&r->mutex);
    return status;
}

/* ---------------------------------------------------------------------------------- frequencies -- */

static size_t term_of(char term[SHARD_TERM_MAX], const struct engine_term *t) {
    return record_word_term(term, t->is_form ? "F" : "", t->bytes, t->len);
}

/* A query of all terms: the statistics that a search of it begins with have their frequencies, from all servers at
 * once. */
static enum xapian_code make_query(struct xapian_query **out, const struct shards_reader *r,
                                   const struct engine_term *terms, size_t count, struct xapian_error *failure) {
    const struct xapian *x = r->shards.x;
    struct xapian_query **each = calloc(count + 1, sizeof(struct xapian_query *));
    enum xapian_code code = each ? XAPIAN_OK : (failure->code = XAPIAN_NOMEM);
    size_t n = 0;
    for (; n < count && !code; n++) {
        char term[SHARD_TERM_MAX];
        code = x->xapian_query_term(&each[n], term, term_of(term, &terms[n]), failure);
    }
    if (!code)
        code = x->xapian_query_combine(out, XAPIAN_OR, (const struct xapian_query *const *)each, n, 0, failure);
    for (size_t i = 0; i < n; i++)
        x->xapian_query_free(each[i]);
    free(each);
    return code;
}

enum xapian_code reader_frequencies(struct shards_reader *r, enum engine_extent of, struct engine_term *terms,
                                    size_t count, struct xapian_totals *totals, struct xapian_error *failure) {
    const struct xapian *x = r->shards.x;
    static const struct xapian_bm25 bm25 = {1, 0.5};
    static const struct xapian_window nothing = {0, 0, 0};
    struct xapian_query *query = NULL;
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    enum xapian_code code = make_query(&query, r, terms, count, failure);
    if (!code)
        code = x->xapian_enquire_new(&enquire, r->groups[of], query, &bm25, failure);
    if (!code)
        code = x->xapian_enquire_run(&mset, enquire, &nothing, failure);
    for (size_t i = 0; i < count && !code; i++) {
        char term[SHARD_TERM_MAX];
        uint32_t documents;
        size_t len = term_of(term, &terms[i]);
        code = x->xapian_mset_frequency(&documents, mset, term, len, failure);
        terms[i].doc_freq = documents;
    }
    if (!code)
        code = x->xapian_database_totals(totals, r->groups[of], failure);
    x->xapian_mset_free(mset);
    x->xapian_enquire_free(enquire);
    x->xapian_query_free(query);
    return code;
}

lede_status shards_reader_frequencies(struct engine_term *terms, size_t count, enum engine_extent of,
                                      uint64_t *passages, struct engine_reader *base, lede_error *err) {
    struct shards_reader *r = reader_of(base);
    struct xapian_error failure = {XAPIAN_OK, ""};
    struct xapian_totals totals = {.documents = 0};
    lede_status status;
    pthread_mutex_lock(&r->mutex);
    for (int tries = 0;; tries++) {
        status = gather_all(r, err);
        failure.code = XAPIAN_OK;
        enum xapian_code code = status ? XAPIAN_OK : reader_frequencies(r, of, terms, count, &totals, &failure);
        if (code)
            status = code == XAPIAN_NOMEM ? error_nomem(err)
                                          : error_set(err, LEDE_IO, "%s: %s", r->shards.name, failure.message);
        if (!code || !reader_recover(r, &failure, tries, err))
            break;
    }
    pthread_mutex_unlock(&r->mutex);
    *passages = totals.documents;
    return status;
}
