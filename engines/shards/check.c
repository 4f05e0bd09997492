#include "check.h"

#include "core/base/error.h"
#include "core/base/faults.h"
#include "record.h"
#include "shards.h"

#include <stdlib.h>

struct check {
    struct shards shards;
    struct faults faults;
    int (*progress)(void *ctx, const lede_progress *progress);
    void *ctx; /* of the progress */
    lede_progress done;
    uint32_t expected; /* number of the passage that has to come next; 1 and more: of that article */
    uint32_t passages; /* of that article */
};

static lede_status check_files(struct check *c, size_t i, lede_error *err) {
    const struct place *place = &c->shards.shards[i].replicas->places[c->shards.shards[i].used];
    struct xapian_error failure;
    uint64_t faults = 0;
    if (!place->folder)
        return LEDE_OK;
    enum xapian_code code = c->shards.x->xapian_database_check(&faults, place->folder, NULL, NULL, &failure);
    if (code == XAPIAN_NOMEM)
        return error_nomem(err);
    if (code)
        faults_add(&c->faults, "%s: %s", place->text, failure.message);
    else if (faults)
        faults_add(&c->faults, "%s: Xapian finds %llu faults; see `xapian-check`", place->text,
                   (unsigned long long)faults);
    return LEDE_OK;
}

static void check_record(struct check *c, size_t i, uint32_t document, const struct record *r) {
    if (shards_route(&c->shards, r->article.key, r->article.key_len) != i)
        faults_add(&c->faults, "shard %zu: document %u belongs to another shard", i + 1, document);
    if (r->number != c->expected || (r->number > 1 && r->article.passages != c->passages))
        faults_add(&c->faults, "shard %zu: document %u is passage %u of %u of its article, where %u was to come", i + 1,
                   document, r->number, r->article.passages, c->expected);
    c->passages = r->article.passages;
    c->expected = r->number < r->article.passages ? r->number + 1 : 1;
}

/* The numbers of all documents of a shard. */
struct numbers {
    uint32_t *all;
    size_t count, room;
};

static int take_number(void *ctx, uint32_t document, uint32_t frequency) {
    struct numbers *n = ctx;
    (void)frequency;
    if (n->count == n->room)
        return 1;
    n->all[n->count++] = document;
    return 0;
}

static lede_status check_document(struct check *c, size_t i, uint32_t document, lede_error *err) {
    const struct xapian *x = c->shards.x;
    struct xapian_document *d = NULL;
    struct xapian_error failure;
    struct arena arena = ARENA_EMPTY;
    struct record record;
    const char *data;
    size_t len;
    bool nomem = false;
    lede_status status = LEDE_OK;
    enum xapian_code code = x->xapian_document_fetch(&d, c->shards.shards[i].db, document, &failure);
    if (!code)
        code = x->xapian_document_data(&data, &len, d, &failure);
    if (code == XAPIAN_CORRUPT || code == XAPIAN_NO_DOCUMENT)
        faults_add(&c->faults, "shard %zu: document %u: %s", i + 1, document, failure.message);
    else if (code)
        status = shards_fail(&c->shards, i, &failure, err);
    else if (record_read(&record, &arena, data, len, &nomem))
        check_record(c, i, document, &record);
    else if (nomem)
        status = error_nomem(err);
    else
        faults_add(&c->faults, "shard %zu: document %u is none of Lede's", i + 1, document);
    x->xapian_document_free(d);
    arena_release(&arena);
    return status;
}

static lede_status check_shard(struct check *c, size_t i, lede_error *err) {
    const struct xapian *x = c->shards.x;
    struct xapian_database *db = c->shards.shards[i].db;
    struct xapian_totals totals;
    struct xapian_error failure;
    if (x->xapian_database_totals(&totals, db, &failure))
        return shards_fail(&c->shards, i, &failure, err);
    struct numbers numbers = {calloc(totals.documents + 1U, sizeof *numbers.all), 0, totals.documents};
    if (!numbers.all)
        return error_nomem(err);
    lede_status status = LEDE_OK;
    if (x->xapian_database_postings(db, "", 0, take_number, &numbers, &failure))
        status = shards_fail(&c->shards, i, &failure, err);
    c->expected = 1;
    for (size_t n = 0; n < numbers.count && !status; n++) {
        status = check_document(c, i, numbers.all[n], err);
        c->done.bytes_done++;
        if (!status && n % 256 == 0 && c->progress && c->progress(c->ctx, &c->done))
            status = error_set(err, LEDE_INTERRUPTED, "%s: the check was interrupted", c->shards.name);
    }
    if (!status && c->expected != 1)
        faults_add(&c->faults, "shard %zu: its last article lacks passages from number %u on", i + 1, c->expected);
    free(numbers.all);
    return status;
}

static lede_status refuse_missing(const struct check *c, lede_error *err) {
    for (size_t i = 0; i < c->shards.count; i++)
        if (!c->shards.shards[i].db) {
            if (err)
                *err = c->shards.shards[i].failure;
            return LEDE_IO;
        }
    return LEDE_OK;
}

/* A server hangs up on who asks nothing for a minute, and those before it may have taken longer. */
static lede_status call_again(struct check *c, size_t i, lede_error *err) {
    size_t reached;
    shards_drop(&c->shards, i);
    lede_status status = shards_connect(&c->shards, &reached, err);
    return status ? status : refuse_missing(c, err);
}

/* All have to be there. */
static lede_status check_all(struct check *c, lede_error *err) {
    lede_status status = refuse_missing(c, err);
    for (size_t i = 0; i < c->shards.count && !status; i++) {
        if (i > 0)
            status = call_again(c, i, err);
        if (!status)
            status = check_files(c, i, err);
        if (!status)
            status = check_shard(c, i, err);
    }
    return status;
}

lede_status shards_check(const char *name, void (*report)(void *ctx, const char *fault),
                         int (*progress)(void *ctx, const lede_progress *progress), void *ctx, uint64_t *faults,
                         lede_error *err) {
    struct check c = {.faults = {report, ctx, 0}, .progress = progress, .ctx = ctx, .done = {.phase = "checking"}};
    lede_status status = shards_open(&c.shards, name, err);
    if (!status)
        status = check_all(&c, err);
    shards_release(&c.shards);
    if (faults)
        *faults = c.faults.count;
    return status ? status : faults_judge(&c.faults, name, err);
}
