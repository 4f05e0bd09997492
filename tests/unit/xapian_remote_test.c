/* The binding to libxapian: databases on servers, with the servers that Debian has, and what is said of servers that
 * are not there, do not answer, or are something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/tcp.h>
#include <time.h>

#include "support/folder.h"
#include "support/shard_server.h"
#include "support/xapian.h"

enum { SHARDS = 3, TIMEOUT = 5000 };

struct fixture {
    struct folder folder;
    struct shard_server servers[SHARDS];
};

static struct fixture fixture;

static const char *shard_path(int i) {
    char name[8];
    snprintf(name, sizeof name, "s%d", i);
    return folder_entry(&fixture.folder, name);
}

static int make(void **state) {
    (void)state;
    folder_make(&fixture.folder);
    for (int i = 0; i < SHARDS; i++) {
        struct xapian_database *db = NULL;
        works(xapian_database_open_writable(&db, shard_path(i), true, &error));
        works(xapian_database_commit(db, &error));
        xapian_database_close(db);
        shard_server_start(&fixture.servers[i], shard_path(i), true);
    }
    return 0;
}

static int destroy(void **state) {
    (void)state;
    for (int i = 0; i < SHARDS; i++)
        shard_server_stop(&fixture.servers[i]);
    folder_remove(&fixture.folder);
    return 0;
}

static struct xapian_remote remote_at(uint16_t port, bool writable) {
    return (struct xapian_remote){
        .host = "127.0.0.1", .port = port, .connect_timeout = TIMEOUT, .timeout = TIMEOUT, .writable = writable};
}

static struct xapian_database *connect_to(uint16_t port, bool writable) {
    const struct xapian_remote remote = remote_at(port, writable);
    struct xapian_database *db = NULL;
    works(xapian_database_connect(&db, &remote, &error));
    return db;
}

/* Text t goes to shard t modulo their number. */
static const char *const texts[] = {
    "the talks in simla went well", "simla simla simla", "talks about water in delhi",
    "water treaty of simla",        "the treaty",        "simla had water",
    "delhi talks of talks",
};
enum { TEXTS = sizeof texts / sizeof *texts };

static void fill(void) {
    for (int i = 0; i < SHARDS; i++) {
        struct xapian_database *db = connect_to(fixture.servers[i].port, true);
        for (int t = i; t < TEXTS; t += SHARDS)
            add_text(db, texts[t]);
        works(xapian_database_commit(db, &error));
        xapian_database_close(db);
    }
}

static struct xapian_database *open_all(void) {
    struct xapian_database *group = NULL;
    works(xapian_database_group(&group, &error));
    for (int i = 0; i < SHARDS; i++) {
        struct xapian_database *db = connect_to(fixture.servers[i].port, false);
        works(xapian_database_add(group, db, &error));
        xapian_database_close(db);
    }
    return group;
}

/* ----------------------------------------------------------------------------------- all is well -- */

static void test_writing_and_reading(void **state) {
    (void)state;
    struct xapian_database *db = connect_to(fixture.servers[0].port, true);
    struct xapian_totals totals;
    const char *value;
    size_t len;
    uint32_t documents;
    assert_int_equal(add_text(db, "old words"), 1);
    add_text(db, "old stones");
    works(xapian_database_set_metadata(db, "shard", 5, "1 of 3", 6, &error));
    works(xapian_database_commit(db, &error));
    works(xapian_document_delete_by_term(db, "stones", 6, &error));
    struct xapian_document *d = document_of("new words");
    works(xapian_document_replace(db, 1, d, &error));
    xapian_document_free(d);
    works(xapian_database_commit(db, &error));
    xapian_database_close(db);

    db = connect_to(fixture.servers[0].port, false);
    works(xapian_database_totals(&totals, db, &error));
    assert_int_equal(totals.documents, 1);
    assert_int_equal(totals.total_length, 2);
    works(xapian_database_metadata(&value, &len, db, "shard", 5, &error));
    assert_string_equal(value, "1 of 3");
    works(xapian_database_frequency(&documents, NULL, db, "new", 3, &error));
    assert_int_equal(documents, 1);
    works(xapian_document_fetch(&d, db, 1, &error));
    works(xapian_document_data(&value, &len, d, &error));
    assert_string_equal(value, "new words");
    xapian_document_free(d);
    works(xapian_database_keep_alive(db, &error));
    works(xapian_database_reopen(db, NULL, &error));
    xapian_database_close(db);
}

/* One database that has what the shards have, in the order of the group. */
static struct xapian_database *open_one(void) {
    struct xapian_database *db = NULL;
    works(xapian_database_open_writable(&db, folder_entry(&fixture.folder, "one"), true, &error));
    for (int t = 0; t < TEXTS; t++)
        add_text(db, texts[t]);
    works(xapian_database_commit(db, &error));
    return db;
}

static void compare(const struct xapian_database *one, const struct xapian_database *all, const char *a,
                    enum xapian_operator op, const char *b) {
    struct xapian_mset *x = run_query(one, both(op, term_query(a), term_query(b)), 100);
    struct xapian_mset *y = run_query(all, both(op, term_query(a), term_query(b)), 100);
    assert_int_equal(xapian_mset_count(x), xapian_mset_count(y));
    assert_true(xapian_mset_count(x) > 0);
    works(xapian_mset_prefetch(y, 0, 100, &error));
    for (uint32_t i = 0; i < xapian_mset_count(x); i++) {
        const char *bytes;
        size_t len;
        struct xapian_document *d = NULL;
        assert_int_equal(xapian_mset_hit(x, i)->document, xapian_mset_hit(y, i)->document);
        assert_true(xapian_mset_hit(x, i)->weight == xapian_mset_hit(y, i)->weight);
        works(xapian_mset_document(&d, y, i, &error));
        works(xapian_document_data(&bytes, &len, d, &error));
        assert_string_equal(bytes, texts[xapian_mset_hit(y, i)->document - 1]);
        xapian_document_free(d);
    }
    xapian_mset_free(x);
    xapian_mset_free(y);
}

static void test_shards_rank_as_one(void **state) {
    (void)state;
    fill();
    struct xapian_database *one = open_one(), *all = open_all();
    compare(one, all, "simla", XAPIAN_OR, "talks");
    compare(one, all, "water", XAPIAN_OR, "delhi");
    compare(one, all, "water", XAPIAN_AND, "simla");
    compare(one, all, "the", XAPIAN_PHRASE, "treaty");
    compare(one, all, "simla", XAPIAN_AND_NOT, "talks");
    xapian_database_close(one);
    xapian_database_close(all);
}

/* --------------------------------------------------------------------------------- what goes wrong -- */

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_nothing_listens(void **state) {
    (void)state;
    const struct xapian_remote remote = remote_at(free_port(), false);
    struct xapian_database *db = NULL;
    fails(XAPIAN_NETWORK, xapian_database_connect(&db, &remote, &error));
    assert_null(db);
}

static void test_no_such_host(void **state) {
    (void)state;
    const struct xapian_remote remote = {
        .host = "no-such-host.invalid", .port = 9, .connect_timeout = 1000, .timeout = 1000};
    struct xapian_database *db = NULL;
    fails(XAPIAN_NETWORK, xapian_database_connect(&db, &remote, &error));
    assert_null(db);
}

static void test_a_host_that_does_not_answer(void **state) {
    (void)state;
    struct xapian_remote remote = {.host = "127.0.0.1", .connect_timeout = 300, .timeout = 300};
    int fd = bound_socket(&remote.port);
    assert_int_equal(listen(fd, 1), 0);
    struct xapian_database *db = NULL;
    double start = seconds();
    fails(XAPIAN_TIMEOUT, xapian_database_connect(&db, &remote, &error));
    assert_true(seconds() - start < 5);
    assert_null(db);
    close(fd);
}

static void test_a_server_of_something_else(void **state) {
    (void)state;
    struct xapian_remote remote = {.host = "127.0.0.1", .connect_timeout = 2000, .timeout = 2000};
    int fd = bound_socket(&remote.port);
    assert_int_equal(listen(fd, 1), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int peer = accept(fd, NULL, NULL);
        static const char hello[] = "220 mail.example.org ready when you are, and it goes on for a while\r\n";
        ssize_t n = write(peer, hello, sizeof hello - 1);
        sleep(1);
        _exit(n < 0);
    }
    struct xapian_database *db = NULL;
    double start = seconds();
    enum xapian_code code = xapian_database_connect(&db, &remote, NULL);
    assert_true(code == XAPIAN_NETWORK || code == XAPIAN_TIMEOUT);
    assert_true(seconds() - start < 10);
    assert_null(db);
    close(fd);
    waitpid(pid, NULL, 0);
}

static void test_a_server_that_only_reads(void **state) {
    (void)state;
    struct shard_server server;
    struct xapian_database *db = NULL;
    shard_server_stop(&fixture.servers[0]);
    shard_server_start(&server, shard_path(0), false);
    const struct xapian_remote remote = remote_at(server.port, true);
    fails(XAPIAN_READ_ONLY, xapian_database_connect(&db, &remote, &error));
    assert_null(db);
    xapian_database_close(connect_to(server.port, false));
    shard_server_stop(&server);
}

static void test_a_second_writer(void **state) {
    (void)state;
    struct xapian_database *first = connect_to(fixture.servers[0].port, true), *second = NULL;
    const struct xapian_remote remote = remote_at(fixture.servers[0].port, true);
    fails(XAPIAN_LOCKED, xapian_database_connect(&second, &remote, &error));
    assert_null(second);
    xapian_database_close(first);
}

static void test_a_server_that_is_killed(void **state) {
    (void)state;
    fill();
    struct xapian_database *all = open_all();
    shard_server_stop(&fixture.servers[1]);
    struct xapian_query *q = term_query("simla");
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    const struct xapian_bm25 bm25 = {1.2, 0.75};
    const struct xapian_window window = {.limit = 10};
    works(xapian_enquire_new(&enquire, all, q, &bm25, &error));
    double start = seconds();
    fails(XAPIAN_NETWORK, xapian_enquire_run(&mset, enquire, &window, &error));
    assert_true(seconds() - start < TIMEOUT / 1000.0 + 5);
    assert_null(mset);
    xapian_enquire_free(enquire);
    xapian_query_free(q);
    xapian_database_close(all);
}

/* Closing waits for the server's word, and so for ever for that of one that hangs; after hanging up it does not. */
static void test_a_server_that_hangs(void **state) {
    (void)state;
    struct xapian_remote remote = remote_at(fixture.servers[0].port, true);
    struct xapian_database *db = NULL;
    remote.timeout = 300;
    remote.silence = 20000;
    works(xapian_database_connect(&db, &remote, &error));
    add_text(db, "words");
    assert_int_equal(kill(-fixture.servers[0].pid, SIGSTOP), 0);
    double start = seconds();
    fails(XAPIAN_TIMEOUT, xapian_database_commit(db, &error));
    xapian_database_hang_up(db);
    fails(XAPIAN_NETWORK, xapian_database_commit(db, &error));
    xapian_database_close(db);
    assert_true(seconds() - start < 5);
    assert_int_equal(kill(-fixture.servers[0].pid, SIGCONT), 0);
}

/* Of the socket that is connected to a port. */
static int option_of(uint16_t port, int level, int name) {
    for (int fd = 0; fd < 256; fd++) {
        struct sockaddr_in peer;
        socklen_t len = sizeof peer, value_len = sizeof(int);
        int value = -1;
        if (!getpeername(fd, (struct sockaddr *)&peer, &len) && ntohs(peer.sin_port) == port) {
            assert_int_equal(getsockopt(fd, level, name, &value, &value_len), 0);
            return value;
        }
    }
    fail_msg("no socket to port %u", port);
    return -1;
}

/* That the system then finds a host lost takes one whose link can be cut: scripts/shards-over-hosts has some. */
static void test_silence_is_limited(void **state) {
    (void)state;
    struct xapian_remote remote = remote_at(fixture.servers[0].port, true);
    struct xapian_database *first = NULL, *second = NULL;
    remote.silence = 8000;
    works(xapian_database_connect(&first, &remote, &error));
    assert_int_equal(option_of(remote.port, IPPROTO_TCP, TCP_USER_TIMEOUT), 8000);
    assert_int_equal(option_of(remote.port, IPPROTO_TCP, TCP_KEEPIDLE), 2);
    assert_int_equal(option_of(remote.port, SOL_SOCKET, SO_KEEPALIVE), 1);
    remote.port = fixture.servers[1].port;
    remote.silence = 0;
    works(xapian_database_connect(&second, &remote, &error));
    assert_int_equal(option_of(remote.port, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
    add_text(second, "words");
    xapian_database_hang_up(second);
    works(xapian_database_commit(second, &error));
    xapian_database_close(first);
    xapian_database_close(second);
}

static void test_what_was_committed_outlasts_its_server(void **state) {
    (void)state;
    struct xapian_totals totals;
    fill();
    uint16_t port = fixture.servers[0].port;
    shard_server_stop(&fixture.servers[0]);
    assert_true(shard_server_start_at(&fixture.servers[0], shard_path(0), port, true));
    struct xapian_database *db = connect_to(port, true);
    works(xapian_database_totals(&totals, db, &error));
    assert_int_equal(totals.documents, 3);
    xapian_database_close(db);
}

int main(void) {
    if (!shard_server_is_installed()) {
        puts("skipped: no xapian-tcpsrv here; install the Debian package xapian-tools");
        return 77;
    }
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, destroy)
    const struct CMUnitTest tests[] = {
        TEST(test_writing_and_reading),
        TEST(test_shards_rank_as_one),
        TEST(test_nothing_listens),
        TEST(test_no_such_host),
        TEST(test_a_host_that_does_not_answer),
        TEST(test_a_server_of_something_else),
        TEST(test_a_server_that_only_reads),
        TEST(test_a_second_writer),
        TEST(test_a_server_that_is_killed),
        TEST(test_a_server_that_hangs),
        TEST(test_silence_is_limited),
        TEST(test_what_was_committed_outlasts_its_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
