#include "shards.h"

#include "../../core/error.h"
#include "../../core/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum {
    CONNECT_MILLISECONDS = 3000,
    /* A query that takes longer is not worth waiting for; a commit of a large batch may well. */
    READ_MILLISECONDS = 10000,
    RETRY_SECONDS = 5,
    WRITE_MILLISECONDS = 600000,
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
    [XAPIAN_NETWORK] = {LEDE_IO, "; is its server running there, of the same version of Xapian?"},
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

static const char *remedy_of(const struct xapian_error *failure) {
    return strstr(failure->message, "Couldn't resolve host") ? "; is its name right, and has it an address of IPv4?"
                                                             : answers[failure->code].remedy;
}

lede_status shards_fail(const struct shards *s, size_t i, const struct xapian_error *failure, lede_error *err) {
    char where[512];
    if (failure->code == XAPIAN_NOMEM)
        return error_nomem(err);
    describe(where, s, i);
    return error_set(err, answers[failure->code].status, "%s: %s%s", where, failure->message, remedy_of(failure));
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
        return error_set(err, LEDE_INVALID, "%s: is a shard of another index than those before it", where);
    return LEDE_OK;
}

/* A database without an identity: one that is new, or that somebody else's program wrote. */
static lede_status refuse_nameless(const struct shards *s, size_t i, lede_error *err) {
    char where[512];
    struct xapian_totals totals;
    struct xapian_error failure;
    if (s->x->xapian_database_totals(&totals, s->shards[i].db, &failure))
        return shards_fail(s, i, &failure, err);
    describe(where, s, i);
    if (totals.documents)
        return error_set(err, LEDE_NOT_INDEX, "%s: a Xapian database, but not one that Lede wrote", where);
    return error_set(err, LEDE_NOT_FOUND, "%s: nothing was indexed there yet; make the index with `lede index`", where);
}

/* ------------------------------------------------------------------------------------- opening -- */

static enum xapian_code open_place(const struct shards *s, const struct place *place, bool make,
                                   struct xapian_database **db, struct xapian_error *failure) {
    if (!place->host)
        return s->writable ? s->x->xapian_database_open_writable(db, place->folder, make, failure)
                           : s->x->xapian_database_open(db, place->folder, failure);
    const struct xapian_remote remote = {place->host, place->port, CONNECT_MILLISECONDS,
                                         s->writable ? WRITE_MILLISECONDS : READ_MILLISECONDS, s->writable};
    return s->x->xapian_database_connect(db, &remote, failure);
}

/* Opens the first place that answers. *failure tells of the first otherwise. */
static enum xapian_code open_replica(struct shards *s, size_t i, bool make, struct xapian_error *failure) {
    struct shard *shard = &s->shards[i];
    enum xapian_code code = XAPIAN_OTHER;
    size_t count = s->writable ? 1 : shard->replicas->count;
    struct xapian_error other;
    for (size_t r = 0; r < count; r++) {
        enum xapian_code now = open_place(s, &shard->replicas->places[r], make, &shard->db, r ? &other : failure);
        if (r == 0 || !now)
            code = now;
        shard->used = now ? 0 : r;
        if (!is_network(now) && now != XAPIAN_NO_DATABASE)
            break;
    }
    return code;
}

static lede_status shards_init(struct shards *s, const char *name, bool writable, lede_error *err) {
    struct places places;
    *s = (struct shards){.arena = ARENA_EMPTY, .writable = writable};
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

bool shards_may_connect(const struct shards *s, size_t i) {
    int64_t failed_at = s->shards[i].failed_at;
    return failed_at == 0 || steady_seconds() - failed_at >= RETRY_SECONDS;
}

lede_status shards_connect(struct shards *s, size_t i) {
    struct xapian_error failure;
    lede_error *err = &s->shards[i].failure;
    enum xapian_code code = open_replica(s, i, false, &failure);
    lede_status status = code ? shards_fail(s, i, &failure, err) : verify(s, i, err);
    if (status)
        shards_drop(s, i);
    s->shards[i].failed_at = status ? steady_seconds() : 0;
    return code && !is_network(code) && status == LEDE_IO ? LEDE_CORRUPT : status;
}

lede_status shards_open(struct shards *s, const char *name, lede_error *err) {
    size_t reached = 0;
    lede_status status = shards_init(s, name, false, err);
    for (size_t i = 0; i < s->count && !status; i++) {
        lede_status answer = shards_connect(s, i);
        reached += answer == LEDE_OK;
        if (answer && answer != LEDE_IO) {
            status = answer;
            if (err)
                *err = s->shards[i].failure;
        }
    }
    if (!status && !reached) {
        status = LEDE_IO;
        if (err)
            *err = s->shards[0].failure;
    }
    if (status)
        shards_release(s);
    return status;
}

static lede_status open_all_writable(struct shards *s, bool make, lede_error *err) {
    struct xapian_error failure;
    for (size_t i = 0; i < s->count; i++)
        if (open_replica(s, i, make, &failure))
            return shards_fail(s, i, &failure, err);
    return LEDE_OK;
}

static lede_status make_index(struct shards *s, const struct engine_settings *wanted, lede_error *err) {
    s->identity =
        (struct identity){.count = (unsigned)s->count, .passages = wanted->passages, .omit_text = wanted->omit_text};
    snprintf(s->identity.language, sizeof s->identity.language, "%s", wanted->language);
    if (getrandom(&s->identity.set, sizeof s->identity.set, 0) != sizeof s->identity.set)
        return error_io(err, s->name, "cannot get a random number");
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < s->count && !status; i++) {
        struct xapian_totals totals;
        struct xapian_error failure;
        if (s->x->xapian_database_totals(&totals, s->shards[i].db, &failure))
            status = shards_fail(s, i, &failure, err);
        else if (totals.documents)
            status = refuse_nameless(s, i, err);
    }
    for (size_t i = 0; i < s->count && !status; i++)
        status = write_identity(s, i, err);
    return status;
}

/* A crash while the index was made leaves some without an identity: then nothing was put in any of them. */
static lede_status identify(struct shards *s, const struct engine_settings *wanted, bool must_exist, lede_error *err) {
    lede_status status = LEDE_OK;
    size_t named = 0, nameless = 0;
    for (size_t i = 0; i < s->count && !status; i++) {
        struct identity id;
        bool there;
        status = read_identity(s, i, &id, &there, err);
        if (!status && there && !named)
            s->identity = id;
        if (!status && there)
            status = compare_identity(s, i, &id, err);
        named += there;
        if (!there)
            nameless = i;
    }
    if (status || named == s->count)
        return status;
    if (named || must_exist)
        return refuse_nameless(s, nameless, err);
    return make_index(s, wanted, err);
}

lede_status shards_open_writable(struct shards *s, const char *name, const struct engine_settings *wanted,
                                 bool must_exist, lede_error *err) {
    lede_status status = shards_init(s, name, true, err);
    if (!status)
        status = open_all_writable(s, !must_exist, err);
    if (!status)
        status = identify(s, wanted, must_exist, err);
    if (status)
        shards_release(s);
    return status;
}

size_t shards_route(const struct shards *s, const char *key, size_t key_len) {
    return (size_t)(file_checksum(key, key_len) % s->count);
}
