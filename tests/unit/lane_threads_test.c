/* The threads that write to shards, on databases of the test's own: what comes out is what a writer without threads
 * would have written, failures stay and name their shard, and a shard that does not answer keeps no other waiting. A
 * database is for one thread at a time, which the thread sanitizer sees to: nothing of it is locked here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engines/shards/lane.h"
#include "support/random.h"
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

enum { SHARDS = 3, KEYS = 40, ROUNDS = 60, PUTS = 200 };

/* ------------------------------------------------------------------------------ a database of it -- */

struct xapian_document {
    uint64_t stamp;
    char value[24];
};

/* Of each key, the term `Q` and its number, so many documents with a stamp. */
struct xapian_database {
    uint32_t documents[KEYS];
    uint64_t stamps[KEYS];
    unsigned deletes, commits, adds, hung_up;
    unsigned kept_alive, dies_at; /* of these, from 1 on; 0: never */
    unsigned fails_at;            /* of the adds, from 1 on; 0: never */
    sem_t *waits_for;             /* before each add; NULL: for nothing */
    unsigned putting;             /* the key that documents are added to */
};

static atomic_int live_documents;

static unsigned key_of(const char *term, size_t len) {
    assert_true(len >= 2 && term[0] == 'Q');
    unsigned key = (unsigned)strtoul(term + 1, NULL, 10);
    assert_true(key < KEYS);
    return key;
}

static void free_document(struct xapian_document *document) {
    atomic_fetch_sub(&live_documents, document != NULL);
    free(document);
}

static struct xapian_document *new_document(uint64_t stamp) {
    struct xapian_document *d = calloc(1, sizeof *d);
    assert_non_null(d);
    d->stamp = stamp;
    atomic_fetch_add(&live_documents, 1);
    return d;
}

static enum xapian_code frequency(uint32_t *documents, uint64_t *occurrences, const struct xapian_database *db,
                                  const char *term, size_t len, struct xapian_error *err) {
    struct xapian_database *written = (struct xapian_database *)(uintptr_t)db;
    (void)occurrences;
    (void)err;
    written->putting = key_of(term, len);
    *documents = db->documents[written->putting];
    return XAPIAN_OK;
}

static enum xapian_code postings(const struct xapian_database *db, const char *term, size_t len,
                                 xapian_posting_visitor *visit, void *ctx, struct xapian_error *err) {
    (void)err;
    if (db->documents[key_of(term, len)])
        visit(ctx, key_of(term, len) + 1, 1);
    return XAPIAN_OK;
}

static enum xapian_code fetch(struct xapian_document **out, const struct xapian_database *db, uint32_t document,
                              struct xapian_error *err) {
    (void)err;
    *out = new_document(db->stamps[document - 1]);
    return XAPIAN_OK;
}

static enum xapian_code value_of(const char **value, size_t *len, struct xapian_document *document, uint32_t slot,
                                 struct xapian_error *err) {
    (void)err;
    assert_int_equal(slot, SLOT_STAMP);
    *len = (size_t)snprintf(document->value, sizeof document->value, "%llu", (unsigned long long)document->stamp);
    *value = document->value;
    return XAPIAN_OK;
}

static enum xapian_code delete_all(struct xapian_database *db, const char *term, size_t len, struct xapian_error *err) {
    (void)err;
    db->documents[key_of(term, len)] = 0;
    db->deletes++;
    return XAPIAN_OK;
}

static enum xapian_code add(uint32_t *number, struct xapian_database *db, const struct xapian_document *document,
                            struct xapian_error *err) {
    (void)number;
    if (db->waits_for)
        sem_wait(db->waits_for);
    if (++db->adds == db->fails_at) {
        *err = (struct xapian_error){XAPIAN_NETWORK, "Connection closed unexpectedly"};
        return XAPIAN_NETWORK;
    }
    db->documents[db->putting]++;
    db->stamps[db->putting] = document->stamp;
    return XAPIAN_OK;
}

/* As slow as to be met in the middle of it. */
static enum xapian_code commit(struct xapian_database *db, struct xapian_error *err) {
    (void)err;
    usleep(200);
    db->commits++;
    return XAPIAN_OK;
}

static enum xapian_code keep_alive(struct xapian_database *db, struct xapian_error *err) {
    if (++db->kept_alive != db->dies_at)
        return XAPIAN_OK;
    *err = (struct xapian_error){XAPIAN_NETWORK, "Connection closed unexpectedly"};
    return XAPIAN_NETWORK;
}

static void hang_up(struct xapian_database *db) {
    db->hung_up++;
}

static const struct xapian fake = {
    .xapian_document_free = free_document,
    .xapian_document_fetch = fetch,
    .xapian_document_value = value_of,
    .xapian_document_add = add,
    .xapian_document_delete_by_term = delete_all,
    .xapian_database_frequency = frequency,
    .xapian_database_postings = postings,
    .xapian_database_commit = commit,
    .xapian_database_hang_up = hang_up,
    .xapian_database_keep_alive = keep_alive,
};

/* --------------------------------------------------------------------------------------- lanes -- */

struct fixture {
    struct xapian_database databases[SHARDS];
    struct place places[SHARDS];
    struct replicas replicas[SHARDS];
    struct shard shard[SHARDS];
    struct shards shards;
    struct lane lanes[SHARDS];
};

static void start(struct fixture *f) {
    static const char *const names[SHARDS] = {"one:1", "two:2", "three:3"};
    static char name[] = "shards";
    *f = (struct fixture){.shards = {.x = &fake, .name = name, .count = SHARDS}};
    f->shards.shards = f->shard;
    for (size_t i = 0; i < SHARDS; i++) {
        f->places[i] = (struct place){.text = names[i], .host = names[i], .port = 1};
        f->replicas[i] = (struct replicas){&f->places[i], 1};
        f->shard[i] = (struct shard){.replicas = &f->replicas[i], .db = &f->databases[i]};
    }
    for (size_t i = 0; i < SHARDS; i++)
        f->lanes[i].keep_alive_seconds = 1;
    for (size_t i = 0; i < SHARDS; i++)
        assert_int_equal(lane_start(&f->lanes[i], &f->shards, i, NULL), LEDE_OK);
}

static void stop(struct fixture *f) {
    for (size_t i = 0; i < SHARDS; i++)
        lane_stop(&f->lanes[i]);
    assert_int_equal(atomic_load(&live_documents), 0);
}

static lede_status put(struct fixture *f, unsigned key, uint32_t documents, uint64_t stamp, lede_error *err) {
    struct lane_article a = {.room = documents, .count = documents};
    a.key_len = (size_t)snprintf(a.key, sizeof a.key, "Q%u", key);
    a.documents = calloc(documents, sizeof(struct xapian_document *));
    assert_non_null(a.documents);
    for (uint32_t i = 0; i < documents; i++)
        a.documents[i] = new_document(stamp);
    lede_status status = lane_put(&f->lanes[key % SHARDS], &a, err);
    assert_int_equal(a.count, 0);
    return status;
}

/* Commits all, and waits for them. */
static lede_status commit_all(struct fixture *f, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < SHARDS; i++)
        lane_commit(&f->lanes[i]);
    for (size_t i = 0; i < SHARDS; i++) {
        lede_status answer = lane_take(&f->lanes[i], status ? NULL : err);
        status = status ? status : answer;
    }
    for (size_t i = 0; i < SHARDS; i++)
        lane_return(&f->lanes[i]);
    return status;
}

/* --------------------------------------------------------------------------------------- tests -- */

/* What a writer without threads comes to. */
struct model {
    uint32_t documents[KEYS];
    uint64_t stamps[KEYS];
    struct lane_counts counts[SHARDS];
};

static void model_put(struct model *m, unsigned key, uint32_t documents, uint64_t stamp) {
    struct lane_counts *c = &m->counts[key % SHARDS];
    bool there = m->documents[key] > 0, now = there && m->stamps[key] == stamp;
    c->superseded += now;
    c->updated += there && !now;
    c->added += !there;
    c->passages += documents;
    c->passages -= now ? m->documents[key] : 0;
    m->documents[key] = documents;
    m->stamps[key] = stamp;
}

static void check_round(struct fixture *f, struct model *m, unsigned rounds) {
    for (size_t i = 0; i < SHARDS; i++) {
        const struct lane_counts *got = &f->lanes[i].counts, *wanted = &m->counts[i];
        assert_int_equal(got->added, wanted->added);
        assert_int_equal(got->updated, wanted->updated);
        assert_int_equal(got->superseded, wanted->superseded);
        assert_int_equal(got->passages, wanted->passages);
        assert_int_equal(f->databases[i].commits, rounds);
        for (unsigned key = 0; key < KEYS; key++)
            assert_int_equal(f->databases[i].documents[key], key % SHARDS == i ? m->documents[key] : 0);
        f->lanes[i].counts = m->counts[i] = (struct lane_counts){.added = 0};
    }
}

static void what_is_put_is_what_one_thread_would_write(void **state) {
    struct random *r = *state;
    struct fixture *f = calloc(1, sizeof *f);
    struct model m = {.documents = {0}};
    assert_non_null(f);
    start(f);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        for (size_t i = 0; i < SHARDS; i++)
            f->lanes[i].stamp = round;
        for (uint32_t n = random_below(r, PUTS); n > 0; n--) {
            unsigned key = random_below(r, KEYS);
            uint32_t documents = 1 + (random_below(r, 20) ? random_below(r, 4) : random_below(r, 2 * LANE_DOCUMENTS));
            model_put(&m, key, documents, round);
            assert_int_equal(put(f, key, documents, round, NULL), LEDE_OK);
        }
        assert_int_equal(commit_all(f, NULL), LEDE_OK);
        check_round(f, &m, round);
    }
    stop(f);
    free(f);
}

static void a_failure_stays_and_names_its_shard(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    lede_error err = {.message = ""};
    (void)state;
    assert_non_null(f);
    start(f);
    f->databases[1].fails_at = 5;
    lede_status status = LEDE_OK;
    for (unsigned n = 0; n < 10 * LANE_ARTICLES && !status; n++)
        status = put(f, 1, 1, 1, &err);
    assert_int_equal(status, LEDE_IO);
    assert_non_null(strstr(err.message, "shard 2 of 3 (two:2): Connection closed unexpectedly"));
    assert_int_equal(put(f, 0, 1, 1, NULL), LEDE_OK);
    assert_int_equal(put(f, 1, 1, 1, NULL), LEDE_IO);
    err.message[0] = '\0';
    assert_int_equal(commit_all(f, &err), LEDE_IO);
    assert_non_null(strstr(err.message, "shard 2 of 3 (two:2)"));
    assert_int_equal(f->databases[0].commits, 1);
    assert_int_equal(f->databases[1].commits, 0);
    assert_int_equal(f->databases[1].adds, 5);
    assert_int_equal(f->databases[1].hung_up, 1);
    assert_int_equal(f->databases[0].hung_up, 0);
    stop(f);
    free(f);
}

static void a_shard_that_does_not_answer_keeps_no_other_waiting(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    sem_t answers;
    (void)state;
    assert_non_null(f);
    assert_int_equal(sem_init(&answers, 0, 0), 0);
    start(f);
    f->databases[0].waits_for = &answers;
    for (unsigned n = 0; n < LANE_ARTICLES / 2; n++)
        assert_int_equal(put(f, 0, 1, 1, NULL), LEDE_OK);
    for (unsigned n = 0; n < 10 * LANE_ARTICLES; n++)
        assert_int_equal(put(f, 1, 1, 1, NULL), LEDE_OK);
    assert_int_equal(lane_take(&f->lanes[1], NULL), LEDE_OK);
    assert_int_equal(f->databases[1].adds, 10 * LANE_ARTICLES);
    lane_return(&f->lanes[1]);
    for (unsigned n = 0; n < LANE_ARTICLES / 2; n++)
        sem_post(&answers);
    assert_int_equal(lane_take(&f->lanes[0], NULL), LEDE_OK);
    assert_int_equal(f->databases[0].adds, LANE_ARTICLES / 2);
    lane_return(&f->lanes[0]);
    stop(f);
    sem_destroy(&answers);
    free(f);
}

static void what_waits_when_it_stops_is_left_undone(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    sem_t answers;
    (void)state;
    assert_non_null(f);
    assert_int_equal(sem_init(&answers, 0, 0), 0);
    start(f);
    f->databases[2].waits_for = &answers;
    for (unsigned n = 0; n < LANE_ARTICLES; n++)
        assert_int_equal(put(f, 2, 2, 1, NULL), LEDE_OK);
    for (unsigned n = 0; n < 2 * LANE_ARTICLES; n++)
        sem_post(&answers);
    stop(f);
    assert_true(f->databases[2].adds <= 2 * LANE_ARTICLES && f->databases[2].adds % 2 == 0);
    sem_destroy(&answers);
    free(f);
}

static time_t seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Waits until a lane has told its server so often that it is there. */
static void await_kept_alive(struct fixture *f, unsigned lane, unsigned times) {
    for (bool done = false; !done; usleep(10000)) {
        struct lane *l = &f->lanes[lane];
        pthread_mutex_lock(&l->mutex);
        done = !l->busy && f->databases[lane].kept_alive >= times;
        pthread_mutex_unlock(&l->mutex);
    }
}

/* The first has the database taken by another, who may use it meanwhile; of the second the server is gone. */
static void who_is_idle_says_so(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    lede_error err = {.message = ""};
    (void)state;
    assert_non_null(f);
    time_t begin = seconds();
    start(f);
    assert_int_equal(lane_take(&f->lanes[0], NULL), LEDE_OK);
    unsigned before = f->databases[0].kept_alive;
    assert_int_equal(lane_take(&f->lanes[1], NULL), LEDE_OK);
    unsigned dies_at = f->databases[1].dies_at = f->databases[1].kept_alive + 2;
    lane_return(&f->lanes[1]);
    await_kept_alive(f, 1, dies_at);
    await_kept_alive(f, 2, 2);
    assert_int_equal(f->databases[0].kept_alive, before);
    lane_return(&f->lanes[0]);
    assert_int_equal(put(f, 0, 1, 1, NULL), LEDE_OK);
    assert_int_equal(lane_take(&f->lanes[1], &err), LEDE_IO);
    assert_non_null(strstr(err.message, "shard 2 of 3 (two:2): Connection closed unexpectedly"));
    assert_int_equal(f->databases[1].kept_alive, dies_at);
    assert_int_equal(lane_take(&f->lanes[2], NULL), LEDE_OK);
    assert_in_range(f->databases[2].kept_alive, 2, seconds() - begin + 1);
    lane_return(&f->lanes[2]);
    stop(f);
    free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_put_is_what_one_thread_would_write, random_setup, random_teardown),
        cmocka_unit_test(a_failure_stays_and_names_its_shard),
        cmocka_unit_test(a_shard_that_does_not_answer_keeps_no_other_waiting),
        cmocka_unit_test(what_waits_when_it_stops_is_left_undone),
        cmocka_unit_test(who_is_idle_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
