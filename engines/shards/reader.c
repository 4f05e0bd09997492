/* Opening shards, and fetching passages and articles from them. */
#include "core/base/error.h"
#include "reader_private.h"
#include "sources.h"

#include <stdio.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------ members -- */

static void forget_groups(struct shards_reader *r) {
    for (int i = ENGINE_ALL; i <= ENGINE_SAMPLE; i++) {
        if (r->shards.x)
            r->shards.x->xapian_database_close(r->groups[i]);
        r->groups[i] = NULL;
        words_forget(&r->words[i]);
    }
    free(r->missing);
    r->missing = NULL;
}

static lede_status tell_missing(struct shards_reader *r, lede_error *err) {
    const struct shards *s = &r->shards;
    for (size_t i = 0; i < s->count; i++) {
        char *old = r->missing;
        if (s->shards[i].db)
            continue;
        int n = old ? asprintf(&r->missing, "%s; %s", old, s->shards[i].failure.message)
                    : asprintf(&r->missing, "%s", s->shards[i].failure.message);
        if (n < 0)
            r->missing = NULL;
        free(old);
        if (n < 0)
            return error_nomem(err);
    }
    return LEDE_OK;
}

/* A database of the first so many members. */
static lede_status group(struct shards_reader *r, enum engine_extent of, size_t count, lede_error *err) {
    const struct shards *s = &r->shards;
    struct xapian_error failure;
    if (s->x->xapian_database_group(&r->groups[of], &failure))
        return shards_fail(s, 0, &failure, err);
    for (size_t i = 0; i < count; i++)
        if (s->x->xapian_database_add(r->groups[of], s->shards[r->members[i]].db, &failure))
            return shards_fail(s, r->members[i], &failure, err);
    r->words[of].db = r->groups[of];
    return LEDE_OK;
}

static lede_status make_groups(struct shards_reader *r, lede_error *err) {
    r->member_count = 0;
    for (size_t i = 0; i < r->shards.count; i++)
        if (r->shards.shards[i].db)
            r->members[r->member_count++] = i;
    size_t sampled = (r->member_count + SAMPLED_OF - 1) / SAMPLED_OF;
    r->base.sample = (double)sampled / (double)r->member_count;
    lede_status status = group(r, ENGINE_ALL, r->member_count, err);
    if (!status)
        status = group(r, ENGINE_SAMPLE, sampled, err);
    return status ? status : tell_missing(r, err);
}

lede_status reader_gather(struct shards_reader *r, lede_error *err) {
    struct shards *s = &r->shards;
    size_t reached, answering = 0;
    lede_status status = shards_connect(s, &reached, err);
    if (reached)
        forget_groups(r);
    for (size_t i = 0; i < s->count; i++)
        answering += s->shards[i].db != NULL;
    if (!status && !answering) {
        if (err)
            *err = s->shards[0].failure;
        return LEDE_IO;
    }
    if (!status && !r->groups[ENGINE_ALL])
        status = make_groups(r, err);
    if (status)
        forget_groups(r);
    return status;
}

/* Whether Xapian says that it is this one's server which failed. */
static bool is_named(const struct shard *shard, const struct xapian_error *failure) {
    const struct place *place = &shard->replicas->places[shard->used];
    char name[300];
    if (!place->host)
        return false;
    snprintf(name, sizeof name, "(%s:%u)", place->host, place->port);
    return strstr(failure->message, name) != NULL;
}

/* The shard that failed: whose name was told, or else the first that does not answer; s->count if all do. Asking one
 * that does not answer takes as long again. */
static size_t find_lost(const struct shards *s, const struct xapian_error *failure, struct xapian_error *own) {
    *own = *failure;
    for (size_t i = 0; i < s->count; i++)
        if (s->shards[i].db && is_named(&s->shards[i], failure))
            return i;
    for (size_t i = 0; i < s->count; i++)
        if (s->shards[i].db && s->x->xapian_database_keep_alive(s->shards[i].db, own))
            return i;
    return s->count;
}

/* Lets go of all servers if one is lost, which is returned; NULL if none is. A search that failed has left the others
 * in the middle of a conversation, which they would not begin anew; and with one others may be lost, each of which
 * would be waited for: they are all called again, at the same time. */
static const struct shard *lose(struct shards_reader *r, const struct xapian_error *failure) {
    struct shards *s = &r->shards;
    struct xapian_error own;
    size_t lost = find_lost(s, failure, &own);
    if (lost == s->count)
        return NULL;
    (void)shards_fail(s, lost, &own, &s->shards[lost].failure);
    shards_drop(s, lost);
    for (size_t i = 0; i < s->count; i++)
        if (s->shards[i].db && s->shards[i].replicas->places[s->shards[i].used].host)
            shards_drop(s, i);
    forget_groups(r);
    return &s->shards[lost];
}

/* Moves all to the last commit: what was found before is found no more. */
static lede_status reopen(struct shards_reader *r, lede_error *err) {
    struct shards *s = &r->shards;
    for (size_t i = 0; i < s->count; i++) {
        struct xapian_error failure;
        if (!s->shards[i].db || !s->x->xapian_database_reopen(s->shards[i].db, NULL, &failure))
            continue;
        if (!is_network(failure.code))
            return shards_fail(s, i, &failure, err);
        (void)shards_fail(s, i, &failure, &s->shards[i].failure);
        shards_drop(s, i);
    }
    forget_groups(r);
    return reader_gather(r, err);
}

bool reader_recover(struct shards_reader *r, const struct xapian_error *failure, int tries, lede_error *err) {
    enum { MOST_TRIES = 3 };
    if (failure->code == XAPIAN_MODIFIED)
        return tries < MOST_TRIES && reopen(r, NULL) == LEDE_OK;
    if (!is_network(failure->code))
        return false;
    const struct shard *lost = lose(r, failure);
    if (lost && err)
        *err = lost->failure;
    return tries < MOST_TRIES && (lost || tries == 0);
}

/* -------------------------------------------------------------------------------- open and close -- */

lede_status shards_reader_open(struct engine_reader **out, const char *name, lede_error *err) {
    *out = NULL;
    struct shards_reader *r = calloc(1, sizeof *r);
    if (!r || pthread_mutex_init(&r->mutex, NULL)) {
        free(r);
        return error_nomem(err);
    }
    r->counted_most = COUNTED_MOST;
    lede_status status = shards_open(&r->shards, name, err);
    if (!status && !(r->members = calloc(r->shards.count, sizeof *r->members)))
        status = error_nomem(err);
    for (int i = ENGINE_ALL; i <= ENGINE_SAMPLE; i++)
        r->words[i] = (struct words){
            .x = r->shards.x, .language = r->shards.identity.language, .has_text = !r->shards.identity.omit_text};
    if (!status)
        status = make_groups(r, err);
    if (!status && r->shards.shards[0].db)
        status = sources_get_number(&r->shards, NUMBER_COMMIT, &r->base.commit, err);
    if (status) {
        shards_reader_close(&r->base);
        return status;
    }
    const struct identity *id = &r->shards.identity;
    r->base.settings = (struct engine_settings){id->language, id->passages, id->omit_text};
    *out = &r->base;
    return LEDE_OK;
}

void shards_reader_close(struct engine_reader *base) {
    if (!base)
        return;
    struct shards_reader *r = reader_of(base);
    forget_groups(r);
    shards_release(&r->shards);
    free(r->members);
    pthread_mutex_destroy(&r->mutex);
    free(r);
}

bool shards_reader_is_stale(struct engine_reader *base) {
    struct shards_reader *r = reader_of(base);
    uint64_t commit = base->commit;
    pthread_mutex_lock(&r->mutex);
    lede_status status = reopen(r, NULL);
    if (!status && r->shards.shards[0].db)
        status = sources_get_number(&r->shards, NUMBER_COMMIT, &commit, NULL);
    pthread_mutex_unlock(&r->mutex);
    return !status && commit != base->commit;
}

/* ----------------------------------------------------------------------------------- passages -- */

static lede_status refuse_record(const struct shards_reader *r, uint64_t ordinal, bool nomem, lede_error *err) {
    return nomem ? error_nomem(err)
                 : error_set(err, LEDE_CORRUPT, "%s: document %u of shard %zu is none of Lede's; index again",
                             r->shards.name, ordinal_document(ordinal), ordinal_shard(ordinal) + 1);
}

/* Where a record goes, and what became of it. */
struct fetching {
    struct record *record;
    struct arena *arena;
    bool whole, nomem;
};

/* Reads the data of a document. With the mutex held. */
static enum xapian_code fetch(const struct shards_reader *r, uint64_t ordinal, struct fetching *f,
                              struct xapian_error *failure) {
    const struct xapian *x = r->shards.x;
    struct xapian_document *document = NULL;
    const char *data;
    size_t len;
    enum xapian_code code = x->xapian_document_fetch(&document, r->shards.shards[ordinal_shard(ordinal)].db,
                                                     ordinal_document(ordinal), failure);
    if (!code)
        code = x->xapian_document_data(&data, &len, document, failure);
    if (!code)
        f->whole = record_read(f->record, f->arena, data, len, &f->nomem);
    x->xapian_document_free(document);
    return code;
}

static lede_status refuse_ordinal(const struct shards_reader *r, uint64_t ordinal, lede_error *err) {
    return error_set(err, LEDE_INVALID, "%s: no passage %llu", r->shards.name, (unsigned long long)ordinal);
}

/* The same for a caller of the table: a shard that hung up meanwhile is asked again. */
static lede_status fetch_record(struct shards_reader *r, uint64_t ordinal, struct record *out, struct arena *arena,
                                lede_error *err) {
    size_t shard = ordinal_shard(ordinal);
    struct fetching f = {.record = out, .arena = arena};
    struct xapian_error failure;
    if (shard >= r->shards.count)
        return refuse_ordinal(r, ordinal, err);
    for (int tries = 0;; tries++) {
        lede_status status = r->shards.shards[shard].db ? LEDE_OK : reader_gather(r, err);
        if (!status && !r->shards.shards[shard].db) {
            if (err)
                *err = r->shards.shards[shard].failure;
            return LEDE_IO;
        }
        enum xapian_code code = status ? XAPIAN_OK : fetch(r, ordinal, &f, &failure);
        if (status)
            return status;
        if (!code)
            return f.whole ? LEDE_OK : refuse_record(r, ordinal, f.nomem, err);
        if (code == XAPIAN_NO_DOCUMENT)
            return refuse_ordinal(r, ordinal, err);
        if (!reader_recover(r, &failure, tries, NULL))
            return shards_fail(&r->shards, shard, &failure, err);
    }
}

static lede_status show(lede_passage_view *view, const struct record *record, uint64_t ordinal, struct arena *arena,
                        lede_error *err) {
    *view = (lede_passage_view){.article = record->article,
                                .heading = record->heading,
                                .heading_len = record->heading_len,
                                .text = arena_strndup(arena, record->chunk + record->skip, record->len),
                                .text_len = record->len,
                                .passage = ordinal,
                                .number = record->number,
                                .line = record->line};
    view->article.body_len = 0;
    return view->text ? LEDE_OK : error_nomem(err);
}

lede_status shards_reader_passage(lede_passage_view *out, struct engine_reader *base, const struct engine_hit *hit,
                                  struct arena *arena, lede_error *err) {
    struct shards_reader *r = reader_of(base);
    struct record record;
    bool nomem = false;
    lede_status status = LEDE_OK;
    if (hit->record) {
        if (!record_read(&record, arena, hit->record, hit->record_len, &nomem))
            status = refuse_record(r, hit->ordinal, nomem, err);
    } else {
        pthread_mutex_lock(&r->mutex);
        status = fetch_record(r, hit->ordinal, &record, arena, err);
        pthread_mutex_unlock(&r->mutex);
    }
    return status ? status : show(out, &record, hit->ordinal, arena, err);
}

/* ----------------------------------------------------------------------------------- articles -- */

/* The documents of an article, in order. */
struct article_documents {
    uint32_t *numbers;
    size_t count, room;
    bool failed;
};

static int take_document(void *ctx, uint32_t document, uint32_t frequency) {
    struct article_documents *d = ctx;
    (void)frequency;
    if (d->count == d->room) {
        size_t room = d->room ? d->room * 2 : 16;
        uint32_t *grown = reallocarray(d->numbers, room, sizeof *grown);
        d->failed = !grown;
        if (!grown)
            return 1;
        d->numbers = grown;
        d->room = room;
    }
    d->numbers[d->count++] = document;
    return 0;
}

/* With the mutex held. Passages of an article are put in order, so that their numbers rise. */
static lede_status find_documents(struct shards_reader *r, const char *key, size_t key_len, size_t *shard,
                                  struct article_documents *out, lede_error *err) {
    char term[SHARD_TERM_MAX];
    size_t len = record_key_term(term, key, key_len);
    struct xapian_error failure;
    *shard = shards_route(&r->shards, key, key_len);
    for (int tries = 0;; tries++) {
        *out = (struct article_documents){.count = 0};
        if (!r->shards.shards[*shard].db)
            (void)!reader_gather(r, NULL);
        if (!r->shards.shards[*shard].db) {
            if (err)
                *err = r->shards.shards[*shard].failure;
            return LEDE_IO;
        }
        enum xapian_code code =
            r->shards.x->xapian_database_postings(r->shards.shards[*shard].db, term, len, take_document, out, &failure);
        if (!code && out->failed)
            return error_nomem(err);
        if (!code && out->count)
            return LEDE_OK;
        if (!code)
            return error_set(err, LEDE_NOT_FOUND, "%s: no article with the key %.*s", r->shards.name, (int)key_len,
                             key);
        free(out->numbers);
        out->numbers = NULL;
        if (!reader_recover(r, &failure, tries, NULL))
            return shards_fail(&r->shards, *shard, &failure, err);
    }
}

lede_status shards_reader_passage_start(size_t *out, struct engine_reader *base, const char *key, size_t key_len,
                                        uint32_t number, lede_error *err) {
    struct shards_reader *r = reader_of(base);
    struct article_documents documents = {.count = 0};
    struct arena arena = ARENA_EMPTY;
    struct record record;
    size_t shard;
    *out = 0;
    pthread_mutex_lock(&r->mutex);
    lede_status status = find_documents(r, key, key_len, &shard, &documents, err);
    bool there = number && number <= documents.count;
    if (!status)
        status = fetch_record(r, ordinal_of(shard, documents.numbers[there ? number - 1 : 0]), &record, &arena, err);
    pthread_mutex_unlock(&r->mutex);
    if (!status)
        *out = there ? record.start : record.article.body_len;
    free(documents.numbers);
    arena_release(&arena);
    return status;
}

/* Puts the chunks together. */
static lede_status take_body(struct shards_reader *r, size_t shard, const struct article_documents *documents,
                             lede_article *out, struct arena *arena, lede_error *err) {
    char *body = NULL;
    size_t at = 0;
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < documents->count && !status; i++) {
        struct record record;
        uint64_t ordinal = ordinal_of(shard, documents->numbers[i]);
        status = fetch_record(r, ordinal, &record, arena, err);
        if (status)
            break;
        if (i == 0) {
            *out = record.article;
            body = arena_bytes(arena, out->body_len + 1);
        }
        if (!body)
            return error_nomem(err);
        if (record.chunk_len > out->body_len - at)
            return refuse_record(r, ordinal, false, err);
        memcpy(body + at, record.chunk, record.chunk_len);
        at += record.chunk_len;
    }
    if (status)
        return status;
    body[at] = '\0';
    out->body = body;
    out->body_len = at;
    return LEDE_OK;
}

lede_status shards_reader_article(lede_article *out, struct engine_reader *base, const char *key, size_t key_len,
                                  struct arena *arena, lede_error *err) {
    struct shards_reader *r = reader_of(base);
    struct article_documents documents = {.count = 0};
    size_t shard;
    pthread_mutex_lock(&r->mutex);
    lede_status status = find_documents(r, key, key_len, &shard, &documents, err);
    if (!status)
        status = take_body(r, shard, &documents, out, arena, err);
    pthread_mutex_unlock(&r->mutex);
    free(documents.numbers);
    return status;
}

/* -------------------------------------------------------------------------------------- figures -- */

static lede_status add_shard(const struct shards_reader *r, size_t i, lede_stats *out, uint64_t *length,
                             lede_error *err) {
    const struct shard *shard = &r->shards.shards[i];
    struct xapian_totals totals;
    struct xapian_error failure;
    uint32_t articles = 0;
    if (!shard->db) {
        if (err)
            *err = shard->failure;
        return LEDE_IO;
    }
    if (r->shards.x->xapian_database_totals(&totals, shard->db, &failure) ||
        r->shards.x->xapian_database_frequency(&articles, NULL, shard->db, TERM_ARTICLE, strlen(TERM_ARTICLE),
                                               &failure))
        return shards_fail(&r->shards, i, &failure, err);
    out->articles += articles;
    out->passages += totals.documents;
    out->positions += totals.total_length / RECORD_WORD_TERMS;
    *length += totals.total_length / RECORD_WORD_TERMS;
    return LEDE_OK;
}

lede_status shards_reader_stats(lede_stats *out, struct engine_reader *base, lede_error *err) {
    struct shards_reader *r = reader_of(base);
    uint64_t length = 0;
    *out = (lede_stats){.shards = r->shards.count};
    pthread_mutex_lock(&r->mutex);
    lede_status status = reopen(r, err);
    for (size_t i = 0; i < r->shards.count && !status; i++)
        status = add_shard(r, i, out, &length, err);
    if (!status)
        status = sources_count(&r->shards, &out->sources, err);
    pthread_mutex_unlock(&r->mutex);
    out->average_length = out->passages ? (double)length / (double)out->passages : 0;
    out->language = base->settings.language;
    out->passages_mode = base->settings.passages;
    out->has_text = !base->settings.omit_text;
    out->commit = base->commit;
    return status;
}
