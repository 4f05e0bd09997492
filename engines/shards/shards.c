#include "shards.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "sources.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum {
    CONNECT_MILLISECONDS = 3000,
    /* A query that takes longer is not worth waiting for; a commit of a large batch may well. */
    READ_MILLISECONDS = 10000,
    WRITE_MILLISECONDS = 600000,
    /* Longer than a link is away when a switch starts anew. */
    SILENCE_MILLISECONDS = 30000,
    RETRY_SECONDS = 5,
};

static const char IDENTITY_KEY[] = "lede";

/* ------------------------------------------------------------------------------------ errors -- */

static const struct {
    lede_status status;
    const char *remedy;
} answers[] = {
    [XAPIAN_NOMEM] = {LEDE_NOMEM, ""},
    [XAPIAN_INVALID] = {LEDE_INVALID, ""},
    [XAPIAN_RANGE] = {LEDE_INVALID, ""},
    [XAPIAN_UNIMPLEMENTED] = {LEDE_UNSUPPORTED, ""},
    [XAPIAN_NO_DATABASE] = {LEDE_NOT_FOUND, "; make it with `lede index`"},
    [XAPIAN_NOT_OPENED] = {LEDE_NOT_INDEX, ""},
    [XAPIAN_FORMAT] = {LEDE_TOO_NEW, "; use the version of Xapian that wrote it"},
    [XAPIAN_CORRUPT] = {LEDE_CORRUPT, "; restore it or index again"},
    [XAPIAN_LOCKED] = {LEDE_LOCKED, "; another process is writing it: try again when that is done"},
    [XAPIAN_MODIFIED] = {LEDE_IO, "; it is being written: try again"},
    [XAPIAN_NO_DOCUMENT] = {LEDE_NOT_FOUND, ""},
    [XAPIAN_READ_ONLY] = {LEDE_INVALID, "; start it with `lede shard serve --writable` to index"},
    [XAPIAN_DATABASE] = {LEDE_IO, ""},
    [XAPIAN_NETWORK] = {LEDE_IO, "; is its server running there?"},
    [XAPIAN_TIMEOUT] = {LEDE_IO, "; is its host up, and its server running?"},
    [XAPIAN_OTHER] = {LEDE_IO, ""},
};

/* "shard 2 of 3 (host:7000)", or the name if there is one alone. */
static void describe(char out[512], const struct shards *s, size_t i) {
    const struct shard *shard = &s->shards[i];
    if (s->count == 1)
        snprintf(out, 512, "%s", s->name);
    else
        snprintf(out, 512, "shard %zu of %zu (%s)", i + 1, s->count, shard->replicas->places[shard->used].text);
}

/* What Xapian says by words alone. */
static const struct {
    const char *words, *remedy;
} hints[] = {
    {"Couldn't resolve host", "; is its name right, and has it an address of IPv4?"},
    {"Server supports protocol version", "; run Xapian of the same series on both hosts"},
    {"Handshake failed", "; is its port right?"},
    {"Connection timed out", "; is its host up?"},
    {"Timeout expired", "; is its server busy, or is it another program that listens there?"},
    {"closed unexpectedly", "; is it Xapian's server, and still running?"},
};

static const char *remedy_of(const struct xapian_error *failure) {
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strstr(failure->message, hints[i].words))
            return hints[i].remedy;
    return answers[failure->code].remedy;
}

/* Without what Xapian puts before it: the address, which is told already, and that a server said it. */
static const char *message_of(const struct shards *s, size_t i, const struct xapian_error *failure) {
    static const char said[] = "REMOTE:";
    const struct place *place = &s->shards[i].replicas->places[s->shards[i].used];
    const char *message = failure->message;
    char address[300];
    size_t len = (size_t)snprintf(address, sizeof address, "remote:tcp(%s): ", place->text);
    if (!strncmp(message, address, len))
        message += len;
    return strncmp(message, said, strlen(said)) ? message : message + strlen(said);
}

lede_status shards_fail(const struct shards *s, size_t i, const struct xapian_error *failure, lede_error *err) {
    char where[512];
    /* An answer that comes too late would be taken for that to the next question. */
    if (is_network(failure->code) && s->shards[i].db)
        s->x->xapian_database_hang_up(s->shards[i].db);
    if (failure->code == XAPIAN_NOMEM)
        return error_nomem(err);
    describe(where, s, i);
    return error_set(err, answers[failure->code].status, "%s: %s%s", where, message_of(s, i, failure),
                     remedy_of(failure));
}

static lede_status load(const struct xapian **out, const char *name, lede_error *err) {
    lede_error why;
    lede_status status = xapian_load(out, &why);
    if (!status)
        return LEDE_OK;
    return error_set(err, status,
                     "%s: this takes the Debian package libxapian30, and a Lede that was built where "
                     "libxapian-dev is installed (%s)",
                     name, why.message);
}

/* ---------------------------------------------------------------------------------- identity -- */

static lede_status read_identity(const struct shards *s, size_t i, struct identity *out, bool *there, lede_error *err) {
    const char *text;
    size_t len;
    unsigned format = 0, passages = 0, text_kept = 0;
    unsigned long long set = 0;
    struct xapian_error failure;
    char where[512];
    *there = false;
    *out = (struct identity){.set = 0};
    if (s->x->xapian_database_metadata(&text, &len, s->shards[i].db, IDENTITY_KEY, strlen(IDENTITY_KEY), &failure))
        return shards_fail(s, i, &failure, err);
    describe(where, s, i);
    if (len == 0)
        return LEDE_OK;
    *there = true;
    if (sscanf(text, "lede %u", &format) == 1 && format > SHARDS_FORMAT)
        return error_set(err, LEDE_TOO_NEW, "%s: written by a newer Lede; use that one", where);
    if (format && format < SHARDS_FORMAT)
        return error_set(err, LEDE_TOO_OLD, "%s: written by an older Lede; index again, into new databases", where);
    if (sscanf(text, "lede %u set=%llx shard=%u/%u language=%31s passages=%u text=%u", &format, &set, &out->number,
               &out->count, out->language, &passages, &text_kept) != 7 ||
        passages > LEDE_PASSAGES_WHOLE || out->number == 0 || out->number > out->count)
        return error_set(err, LEDE_CORRUPT, "%s: what it tells of its place in the index makes no sense; index again",
                         where);
    out->set = set;
    out->passages = (lede_passages)passages;
    out->omit_text = !text_kept;
    return LEDE_OK;
}

static lede_status write_identity(const struct shards *s, size_t i, lede_error *err) {
    char text[256];
    struct xapian_error failure;
    const struct identity *id = &s->identity;
    int len =
        snprintf(text, sizeof text, "lede %d set=%016llx shard=%zu/%zu language=%s passages=%u text=%d", SHARDS_FORMAT,
                 (unsigned long long)id->set, i + 1, s->count, id->language, (unsigned)id->passages, !id->omit_text);
    if (s->x->xapian_database_set_metadata(s->shards[i].db, IDENTITY_KEY, strlen(IDENTITY_KEY), text, (size_t)len,
                                           &failure) ||
        s->x->xapian_database_commit(s->shards[i].db, &failure))
        return shards_fail(s, i, &failure, err);
    return LEDE_OK;
}

/* Whether shard i is the i-th of the index whose identity is in s->identity. */
static lede_status compare_identity(const struct shards *s, size_t i, const struct identity *id, lede_error *err) {
    char where[512];
    describe(where, s, i);
    if (id->count != s->count)
        return error_set(err, LEDE_INVALID,
                         "%s: the database of this index is shard %u of %u; name all %u, in their order", where,
                         id->number, id->count, id->count);
    if (id->number != i + 1)
        return error_set(err, LEDE_INVALID, "%s: is shard %u of %u; name the shards in their order", where, id->number,
                         id->count);
    if (id->set != s->identity.set)
        return error_set(err, LEDE_INVALID, "%s: is a shard of another index than those before it; name those of one",
                         where);
    return LEDE_OK;
}

/* A database without an identity: one that is new, or that somebody else's program wrote. */
static lede_status refuse_nameless(const struct shards *s, size_t i, lede_error *err) {
    char where[512];
    struct xapian_totals totals = {.documents = 0};
    struct xapian_error failure;
    if (s->shards[i].db && s->x->xapian_database_totals(&totals, s->shards[i].db, &failure))
        return shards_fail(s, i, &failure, err);
    describe(where, s, i);
    if (totals.documents)
        return error_set(err, LEDE_NOT_INDEX, "%s: a Xapian database, but not one that Lede wrote; name another",
                         where);
    if (s->identity.count)
        return error_set(err, LEDE_INVALID,
                         "%s: is empty, while others are shards of an index; name its server, or restore its database",
                         where);
    return error_set(err, LEDE_NOT_FOUND, "%s: nothing was indexed there yet; make the index with `lede index`", where);
}

/* ------------------------------------------------------------------------------------- opening -- */

/* To look at is to read the place that would be written. */
enum purpose { TO_READ, TO_LOOK_AT, TO_WRITE, TO_MAKE };

static enum xapian_code open_place(const struct shards *s, const struct place *place, enum purpose purpose,
                                   struct xapian_database **db, struct xapian_error *failure) {
    bool writes = purpose >= TO_WRITE;
    if (!place->host)
        return writes ? s->x->xapian_database_open_writable(db, place->folder, purpose == TO_MAKE, failure)
                      : s->x->xapian_database_open(db, place->folder, failure);
    const struct xapian_remote remote = {.host = place->host,
                                         .port = place->port,
                                         .connect_timeout = CONNECT_MILLISECONDS,
                                         .timeout = writes ? WRITE_MILLISECONDS : READ_MILLISECONDS,
                                         .silence = writes ? SILENCE_MILLISECONDS : 0,
                                         .writable = writes};
    return s->x->xapian_database_connect(db, &remote, failure);
}

/* Opens the first place that answers. *failure tells of the first otherwise. */
static enum xapian_code open_replica(struct shards *s, size_t i, enum purpose purpose, struct xapian_error *failure) {
    struct shard *shard = &s->shards[i];
    enum xapian_code code = XAPIAN_OTHER;
    size_t count = purpose == TO_READ ? shard->replicas->count : 1;
    struct xapian_error other;
    for (size_t r = 0; r < count; r++) {
        enum xapian_code now = open_place(s, &shard->replicas->places[r], purpose, &shard->db, r ? &other : failure);
        if (r == 0 || !now)
            code = now;
        shard->used = now ? 0 : r;
        if (!is_network(now) && now != XAPIAN_NO_DATABASE)
            break;
    }
    return code;
}

static lede_status shards_init(struct shards *s, const char *name, lede_error *err) {
    struct places places;
    *s = (struct shards){.arena = ARENA_EMPTY};
    lede_status status = load(&s->x, name, err);
    if (!status)
        status = places_read(&places, &s->arena, name, err);
    if (status)
        return status;
    s->name = arena_strndup(&s->arena, name, strlen(name));
    s->shards = arena_zalloc(&s->arena, places.count, sizeof *s->shards);
    if (!s->name || !s->shards)
        return error_nomem(err);
    for (; s->count < places.count; s->count++)
        s->shards[s->count].replicas = &places.shards[s->count];
    return LEDE_OK;
}

void shards_drop(struct shards *s, size_t i) {
    s->x->xapian_database_close(s->shards[i].db);
    s->shards[i].db = NULL;
}

void shards_release(struct shards *s) {
    for (size_t i = 0; i < s->count; i++)
        shards_drop(s, i);
    struct arena arena = s->arena;
    *s = (struct shards){.arena = ARENA_EMPTY};
    arena_release(&arena);
}

/* Shard i after it was opened for reading. */
static lede_status verify(struct shards *s, size_t i, lede_error *err) {
    struct identity id;
    bool there;
    lede_status status = read_identity(s, i, &id, &there, err);
    if (!status && !there)
        status = refuse_nameless(s, i, err);
    if (!status && !s->identity.count)
        s->identity = id;
    return status ? status : compare_identity(s, i, &id, err);
}

static int64_t steady_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static bool may_connect(const struct shard *shard) {
    return !shard->db && (shard->failed_at == 0 || steady_seconds() - shard->failed_at >= RETRY_SECONDS);
}

/* One that is called, in a thread if it can be. */
struct call {
    struct shards *shards;
    size_t number;
    pthread_t thread;
    bool in_thread;
    enum xapian_code code;
    struct xapian_error failure;
};

static void *call_up(void *call) {
    struct call *c = call;
    c->code = open_replica(c->shards, c->number, TO_READ, &c->failure);
    return NULL;
}

/* What came of a call: whether it is a shard of this index that answers. */
static bool settle(const struct call *c) {
    struct shard *shard = &c->shards->shards[c->number];
    lede_status status = c->code ? shards_fail(c->shards, c->number, &c->failure, &shard->failure)
                                 : verify(c->shards, c->number, &shard->failure);
    if (c->code && !is_network(c->code) && status == LEDE_IO)
        shard->failure.status = LEDE_CORRUPT;
    if (status)
        shards_drop(c->shards, c->number);
    shard->failed_at = status ? steady_seconds() : 0;
    return !status;
}

/* Calls all at the same time, as each may have to be waited for. */
static size_t call_all(struct call *calls, size_t count) {
    size_t reached = 0;
    for (size_t i = 0; i + 1 < count; i++)
        calls[i].in_thread = !pthread_create(&calls[i].thread, NULL, call_up, &calls[i]);
    for (size_t i = 0; i < count; i++)
        if (!calls[i].in_thread)
            call_up(&calls[i]);
    for (size_t i = 0; i < count; i++) {
        if (calls[i].in_thread)
            pthread_join(calls[i].thread, NULL);
        reached += settle(&calls[i]);
    }
    return reached;
}

lede_status shards_connect(struct shards *s, size_t *reached, lede_error *err) {
    size_t count = 0, n = 0;
    *reached = 0;
    for (size_t i = 0; i < s->count; i++)
        count += may_connect(&s->shards[i]);
    if (!count)
        return LEDE_OK;
    struct call *calls = calloc(count, sizeof *calls);
    if (!calls)
        return error_nomem(err);
    for (size_t i = 0; i < s->count && n < count; i++)
        if (may_connect(&s->shards[i]))
            calls[n++] = (struct call){.shards = s, .number = i};
    *reached = call_all(calls, n);
    free(calls);
    return LEDE_OK;
}

/* The failure of the first that is there but is not what it should be; or of the first, if none answers. */
static lede_status judge(const struct shards *s, size_t reached, lede_error *err) {
    const lede_error *worst = NULL;
    for (size_t i = 0; i < s->count && !worst; i++)
        if (!s->shards[i].db && s->shards[i].failure.status != LEDE_IO)
            worst = &s->shards[i].failure;
    if (!worst && !reached)
        worst = &s->shards[0].failure;
    if (worst && err)
        *err = *worst;
    return worst ? worst->status : LEDE_OK;
}

lede_status shards_open(struct shards *s, const char *name, lede_error *err) {
    size_t reached = 0;
    lede_status status = shards_init(s, name, err);
    if (!status)
        status = shards_connect(s, &reached, err);
    if (!status)
        status = judge(s, reached, err);
    if (status)
        shards_release(s);
    return status;
}

/* ------------------------------------------------------------------------------------- writing -- */

static lede_status open_all(struct shards *s, enum purpose purpose, lede_error *err) {
    struct xapian_error failure;
    for (size_t i = 0; i < s->count; i++) {
        enum xapian_code code = open_replica(s, i, purpose, &failure);
        if (code && !(purpose == TO_LOOK_AT && code == XAPIAN_NO_DATABASE))
            return shards_fail(s, i, &failure, err);
    }
    return LEDE_OK;
}

/* What the databases of a list are, all together. */
struct survey {
    size_t named;    /* how many, from the first on, have an identity */
    size_t nameless; /* how many others there are, none of which has */
    bool has_documents;
};

static lede_status survey_shard(struct shards *s, size_t i, struct survey *v, lede_error *err) {
    struct identity id;
    bool there = false;
    struct xapian_totals totals = {.documents = 0};
    struct xapian_error failure;
    lede_status status = LEDE_OK;
    if (s->shards[i].db)
        status = read_identity(s, i, &id, &there, err);
    if (!status && s->shards[i].db && s->x->xapian_database_totals(&totals, s->shards[i].db, &failure))
        status = shards_fail(s, i, &failure, err);
    if (!status && there && !s->identity.count)
        s->identity = id;
    if (!status && there)
        status = compare_identity(s, i, &id, err);
    if (!status && (there ? v->nameless > 0 : totals.documents > 0))
        status = refuse_nameless(s, there ? v->named : i, err);
    v->named += there;
    v->nameless += !there;
    v->has_documents |= totals.documents > 0;
    return status;
}

/* A crash while the index was made leaves the last ones without an identity, and nothing in any. */
static lede_status is_half_made(const struct shards *s, const struct survey *v, bool *half, lede_error *err) {
    uint64_t commits = 0;
    lede_status status = v->named ? sources_get_number(s, NUMBER_COMMIT, &commits, err) : LEDE_OK;
    *half = v->named && !v->has_documents && commits == 0;
    return status;
}

/* Whether they are the shards of one index, or can be made one. */
static lede_status survey(struct shards *s, struct survey *v, bool must_exist, lede_error *err) {
    bool half_made;
    lede_status status = LEDE_OK;
    *v = (struct survey){.named = 0};
    s->identity = (struct identity){.set = 0};
    for (size_t i = 0; i < s->count && !status; i++)
        status = survey_shard(s, i, v, err);
    if (status || !v->nameless)
        return status;
    status = is_half_made(s, v, &half_made, err);
    if (!status && (must_exist || (v->named && !half_made)))
        status = refuse_nameless(s, v->named, err);
    return status;
}

/* One that is new may be in the list under two names, which its identity does not tell yet. */
static lede_status refuse_twins(const struct shards *s, lede_error *err) {
    enum { UUID_SIZE = 40 };
    char(*uuids)[UUID_SIZE] = calloc(s->count, sizeof *uuids);
    lede_status status = uuids ? LEDE_OK : error_nomem(err);
    for (size_t i = 0; i < s->count && !status; i++) {
        struct xapian_error failure;
        char where[512];
        if (s->shards[i].db && s->x->xapian_database_uuid(uuids[i], UUID_SIZE, s->shards[i].db, &failure))
            status = shards_fail(s, i, &failure, err);
        describe(where, s, i);
        for (size_t k = 0; k < i && !status && *uuids[i]; k++)
            if (!strcmp(uuids[k], uuids[i]))
                status = error_set(err, LEDE_INVALID,
                                   "%s: is the database of shard %zu, or a copy of it; name another for each shard",
                                   where, k + 1);
    }
    free(uuids);
    return status;
}

/* Before any is opened for writing, which waits long for answers, keeps others from it, and makes what is not there. */
static lede_status look(struct shards *s, bool must_exist, lede_error *err) {
    struct survey v;
    lede_status status = open_all(s, TO_LOOK_AT, err);
    if (!status)
        status = survey(s, &v, must_exist, err);
    if (!status)
        status = refuse_twins(s, err);
    for (size_t i = 0; i < s->count; i++)
        shards_drop(s, i);
    return status;
}

/* Gives those their identity that have none yet. */
static lede_status make_index(struct shards *s, const struct survey *v, const struct engine_settings *wanted,
                              lede_error *err) {
    lede_status status = LEDE_OK;
    if (!v->named) {
        s->identity = (struct identity){
            .count = (unsigned)s->count, .passages = wanted->passages, .omit_text = wanted->omit_text};
        snprintf(s->identity.language, sizeof s->identity.language, "%s", wanted->language);
        if (getrandom(&s->identity.set, sizeof s->identity.set, 0) != sizeof s->identity.set)
            return error_io(err, s->name, "cannot get a random number");
    }
    for (size_t i = v->named; i < s->count && !status; i++)
        status = write_identity(s, i, err);
    return status;
}

lede_status shards_open_writable(struct shards *s, const char *name, const struct engine_settings *wanted,
                                 bool must_exist, lede_error *err) {
    struct survey v = {.named = 0};
    lede_status status = shards_init(s, name, err);
    if (!status)
        status = look(s, must_exist, err);
    if (!status)
        status = open_all(s, must_exist ? TO_WRITE : TO_MAKE, err);
    if (!status)
        status = survey(s, &v, must_exist, err);
    if (!status)
        status = make_index(s, &v, wanted, err);
    if (status)
        shards_release(s);
    return status;
}

size_t shards_route(const struct shards *s, const char *key, size_t key_len) {
    return (size_t)(file_checksum(key, key_len) % s->count);
}
