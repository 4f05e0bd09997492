/* The binding to libxapian: databases in folders, what is kept in them, and what is said of those that can't be used.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/xapian.h"
#include "support/xapian_check.h"

struct fixture {
    struct folder folder;
    const char *path;
    struct xapian_database *db; /* writable */
};

static struct fixture fixture;

static int make(void **state) {
    (void)state;
    folder_make(&fixture.folder);
    fixture.path = folder_entry(&fixture.folder, "db");
    static char path[2 * FOLDER_PATH];
    snprintf(path, sizeof path, "%s", fixture.path);
    fixture.path = path;
    works(xapian_database_open_writable(&fixture.db, path, true, &error));
    return 0;
}

static int destroy(void **state) {
    (void)state;
    xapian_database_close(fixture.db);
    folder_remove(&fixture.folder);
    return 0;
}

static struct xapian_database *reader(void) {
    struct xapian_database *db = NULL;
    works(xapian_database_open(&db, fixture.path, &error));
    return db;
}

static void commit(void) {
    works(xapian_database_commit(fixture.db, &error));
}

static struct xapian_totals totals(const struct xapian_database *db) {
    struct xapian_totals t;
    works(xapian_database_totals(&t, db, &error));
    return t;
}

/* ------------------------------------------------------------------------------------ reading -- */

static void test_what_is_in_it(void **state) {
    (void)state;
    assert_int_equal(add_text(fixture.db, "the talks in simla"), 1);
    assert_int_equal(add_text(fixture.db, "simla simla"), 2);
    assert_int_equal(totals(fixture.db).documents, 2);
    commit();
    struct xapian_database *db = reader();
    struct xapian_totals t = totals(db);
    assert_int_equal(t.documents, 2);
    assert_int_equal(t.last_document, 2);
    assert_int_equal(t.total_length, 6);
    assert_true(t.has_positions);
    uint32_t documents = 9;
    uint64_t occurrences = 9;
    works(xapian_database_frequency(&documents, &occurrences, db, "simla", 5, &error));
    assert_int_equal(documents, 2);
    assert_int_equal(occurrences, 3);
    works(xapian_database_frequency(&documents, NULL, db, "delhi", 5, &error));
    assert_int_equal(documents, 0);
    works(xapian_database_frequency(NULL, &occurrences, db, "talks", 5, &error));
    assert_int_equal(occurrences, 1);
    xapian_database_close(db);
}

static void test_uuids_differ(void **state) {
    (void)state;
    char here[40], there[40], cut[5];
    struct xapian_database *other = NULL;
    works(xapian_database_open_writable(&other, folder_entry(&fixture.folder, "other"), true, &error));
    works(xapian_database_uuid(here, sizeof here, fixture.db, &error));
    works(xapian_database_uuid(there, sizeof there, other, &error));
    works(xapian_database_uuid(cut, sizeof cut, fixture.db, &error));
    assert_int_equal(strlen(here), 36);
    assert_string_not_equal(here, there);
    assert_memory_equal(cut, here, 4);
    assert_int_equal(cut[4], 0);
    xapian_database_close(other);
}

static int append_term(void *ctx, const char *term, size_t len, uint32_t documents) {
    char *all = ctx;
    assert_int_equal(term[len], 0);
    snprintf(all + strlen(all), 256 - strlen(all), "%s/%u ", term, documents);
    return !strcmp(term, "stop");
}

static void test_terms(void **state) {
    (void)state;
    add_text(fixture.db, "simla stop stream");
    add_text(fixture.db, "simla delhi");
    commit();
    struct xapian_database *db = reader();
    char all[256] = "", some[256] = "", none[256] = "";
    works(xapian_database_terms(db, "", 0, append_term, all, &error));
    assert_string_equal(all, "delhi/1 simla/2 stop/1 ");
    works(xapian_database_terms(db, "si", 2, append_term, some, &error));
    assert_string_equal(some, "simla/2 ");
    works(xapian_database_terms(db, "x", 1, append_term, none, &error));
    assert_string_equal(none, "");
    xapian_database_close(db);
}

static int append_number(void *ctx, uint32_t document, uint32_t frequency) {
    char *all = ctx;
    snprintf(all + strlen(all), 256 - strlen(all), "%u/%u ", document, frequency);
    return document == 3;
}

static void test_postings(void **state) {
    (void)state;
    add_text(fixture.db, "water water");
    add_text(fixture.db, "talks");
    add_text(fixture.db, "water");
    add_text(fixture.db, "water");
    commit();
    struct xapian_database *db = reader();
    char all[256] = "", every[256] = "", none[256] = "";
    works(xapian_database_postings(db, "water", 5, append_number, all, &error));
    assert_string_equal(all, "1/2 3/1 ");
    works(xapian_database_postings(db, "", 0, append_number, every, &error));
    assert_string_equal(every, "1/1 2/1 3/1 ");
    works(xapian_database_postings(db, "x", 1, append_number, none, &error));
    assert_string_equal(none, "");
    xapian_database_close(db);
}

static void test_metadata(void **state) {
    (void)state;
    const char *value = NULL;
    size_t len = 9;
    works(xapian_database_set_metadata(fixture.db, "shard:id", 8, "a\0b", 3, &error));
    works(xapian_database_set_metadata(fixture.db, "shard:n", 7, "3", 1, &error));
    works(xapian_database_set_metadata(fixture.db, "other", 5, "x", 1, &error));
    commit();
    struct xapian_database *db = reader();
    works(xapian_database_metadata(&value, &len, db, "shard:id", 8, &error));
    assert_int_equal(len, 3);
    assert_memory_equal(value, "a\0b", 4);
    works(xapian_database_metadata(&value, &len, db, "none", 4, &error));
    assert_int_equal(len, 0);
    assert_string_equal(value, "");
    char keys[256] = "";
    works(xapian_database_metadata_keys(db, "shard:", 6, append_term, keys, &error));
    assert_string_equal(keys, "shard:id/0 shard:n/0 ");
    xapian_database_close(db);
    works(xapian_database_set_metadata(fixture.db, "shard:n", 7, "", 0, &error));
    keys[0] = '\0';
    commit();
    works(xapian_database_metadata_keys(fixture.db, "shard:", 6, append_term, keys, &error));
    assert_string_equal(keys, "shard:id/0 ");
    fails(XAPIAN_INVALID, xapian_database_set_metadata(fixture.db, "", 0, "x", 1, &error));
}

/* ------------------------------------------------------------------------------------ writing -- */

static void test_replace_and_delete(void **state) {
    (void)state;
    struct xapian_document *d = document_of("new words");
    add_text(fixture.db, "old words");
    add_text(fixture.db, "old stones");
    add_text(fixture.db, "old stones");
    works(xapian_document_replace(fixture.db, 1, d, &error));
    works(xapian_document_delete(fixture.db, 2, &error));
    fails(XAPIAN_NO_DOCUMENT, xapian_document_delete(fixture.db, 2, &error));
    commit();
    struct xapian_database *db = reader();
    uint32_t count = 0;
    works(xapian_database_frequency(&count, NULL, db, "old", 3, &error));
    assert_int_equal(count, 1);
    works(xapian_database_frequency(&count, NULL, db, "new", 3, &error));
    assert_int_equal(count, 1);
    xapian_database_close(db);
    works(xapian_document_delete_by_term(fixture.db, "old", 3, &error));
    works(xapian_document_delete_by_term(fixture.db, "never", 5, &error));
    works(xapian_document_replace(fixture.db, 7, d, &error));
    commit();
    assert_int_equal(totals(fixture.db).documents, 2);
    assert_int_equal(totals(fixture.db).last_document, 7);
    xapian_document_free(d);
}

static void test_nothing_is_seen_before_the_commit(void **state) {
    (void)state;
    bool moved = false;
    commit();
    struct xapian_database *db = reader();
    add_text(fixture.db, "simla");
    works(xapian_database_reopen(db, &moved, &error));
    assert_int_equal(totals(db).documents, 0);
    commit();
    assert_int_equal(totals(db).documents, 0);
    works(xapian_database_reopen(db, &moved, &error));
    assert_true(moved);
    assert_int_equal(totals(db).documents, 1);
    works(xapian_database_keep_alive(db, &error));
    works(xapian_database_reopen(db, NULL, &error));
    xapian_database_close(db);
}

static void test_cancel_takes_back(void **state) {
    (void)state;
    add_text(fixture.db, "kept");
    commit();
    works(xapian_database_begin(fixture.db, &error));
    add_text(fixture.db, "taken back");
    works(xapian_database_cancel(fixture.db, &error));
    assert_int_equal(totals(fixture.db).documents, 1);
    works(xapian_database_begin(fixture.db, &error));
    fails(XAPIAN_INVALID, xapian_database_begin(fixture.db, &error));
    add_text(fixture.db, "kept");
    commit();
    works(xapian_database_begin(fixture.db, &error));
    add_text(fixture.db, "not committed");
    xapian_database_close(fixture.db);
    works(xapian_database_open_writable(&fixture.db, fixture.path, false, &error));
    assert_int_equal(totals(fixture.db).documents, 2);
    fails(XAPIAN_INVALID, xapian_database_cancel(fixture.db, &error));
}

static void test_a_reader_writes_nothing(void **state) {
    (void)state;
    struct xapian_document *d = document_of("x");
    commit();
    struct xapian_database *db = reader();
    fails(XAPIAN_INVALID, xapian_document_add(NULL, db, d, &error));
    fails(XAPIAN_INVALID, xapian_document_replace(db, 1, d, &error));
    fails(XAPIAN_INVALID, xapian_document_delete(db, 1, &error));
    fails(XAPIAN_INVALID, xapian_document_delete_by_term(db, "x", 1, &error));
    fails(XAPIAN_INVALID, xapian_database_set_metadata(db, "k", 1, "v", 1, &error));
    fails(XAPIAN_INVALID, xapian_database_commit(db, &error));
    fails(XAPIAN_INVALID, xapian_database_begin(db, &error));
    fails(XAPIAN_INVALID, xapian_database_cancel(db, &error));
    fails(XAPIAN_INVALID, xapian_database_add(fixture.db, db, &error));
    xapian_document_free(d);
    xapian_database_close(db);
}

static void test_a_reader_that_is_overtaken(void **state) {
    (void)state;
    for (int i = 0; i < 2000; i++)
        add_text(fixture.db, "some words that are read block by block");
    commit();
    struct xapian_database *db = reader();
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 1; i <= 2000; i++) {
            struct xapian_document *d = document_of(round % 2 ? "other words" : "words");
            works(xapian_document_replace(fixture.db, i, d, &error));
            xapian_document_free(d);
        }
        commit();
    }
    struct xapian_document *old = NULL;
    char all[256] = "";
    enum xapian_code code = xapian_database_postings(db, "block", 5, append_number, all, NULL);
    if (!code)
        code = xapian_document_fetch(&old, db, 1999, NULL);
    xapian_document_free(old);
    assert_int_equal(code, XAPIAN_MODIFIED);
    works(xapian_database_reopen(db, NULL, &error));
    assert_int_equal(totals(db).documents, 2000);
    xapian_database_close(db);
}

/* ------------------------------------------------------------------------------------ groups -- */

static void test_group(void **state) {
    (void)state;
    struct xapian_database *other = NULL, *group = NULL;
    works(xapian_database_open_writable(&other, folder_entry(&fixture.folder, "other"), true, &error));
    add_text(fixture.db, "simla");
    add_text(other, "simla");
    add_text(other, "simla delhi");
    commit();
    works(xapian_database_commit(other, &error));
    works(xapian_database_group(&group, &error));
    assert_int_equal(totals(group).documents, 0);
    works(xapian_database_add(group, fixture.db, &error));
    works(xapian_database_add(group, other, &error));
    xapian_database_close(other);
    assert_int_equal(totals(group).documents, 3);
    char all[256] = "";
    works(xapian_database_postings(group, "delhi", 5, append_number, all, &error));
    assert_string_equal(all, "4/1 ");
    char uuid[128];
    works(xapian_database_uuid(uuid, sizeof uuid, group, &error));
    assert_int_equal(strlen(uuid), 73);
    assert_int_equal(uuid[36], ':');
    xapian_database_close(group);
}

/* ------------------------------------------------------------------------------------- errors -- */

static void test_missing_and_foreign(void **state) {
    (void)state;
    struct xapian_database *db = NULL;
    const struct folder *f = &fixture.folder;
    fails(XAPIAN_NO_DATABASE, xapian_database_open(&db, folder_entry(f, "none"), &error));
    assert_null(db);
    fails(XAPIAN_NO_DATABASE, xapian_database_open_writable(&db, folder_entry(f, "none"), false, &error));
    assert_null(db);
    assert_false(folder_has(f, "none"));
    mkdir(folder_entry(f, "empty"), 0777);
    fails(XAPIAN_NO_DATABASE, xapian_database_open(&db, folder_entry(f, "empty"), &error));
    folder_write_text(f, "file", "some text that is no stub of a database\n");
    assert_int_not_equal(xapian_database_open(&db, folder_entry(f, "file"), NULL), XAPIAN_OK);
    assert_null(db);
    fails(XAPIAN_NOT_OPENED, xapian_database_open_writable(&db, folder_entry(f, "none/below"), true, &error));
}

static void test_locked(void **state) {
    (void)state;
    struct xapian_database *second = NULL;
    fails(XAPIAN_LOCKED, xapian_database_open_writable(&second, fixture.path, true, &error));
    assert_null(second);
}

static void overwrite(const char *file, long from, size_t len) {
    char name[3 * FOLDER_PATH];
    snprintf(name, sizeof name, "%s/%s", fixture.path, file);
    FILE *f = fopen(name, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, from, SEEK_SET), 0);
    for (size_t i = 0; i < len; i++)
        fputc(0xa5, f);
    assert_int_equal(fclose(f), 0);
}

static void count_line(void *ctx, const char *line) {
    assert_null(strchr(line, '\n'));
    ++*(int *)ctx;
}

static void test_check(void **state) {
    (void)state;
    uint64_t faults = 9;
    int lines = 0;
    for (int i = 0; i < 500; i++)
        add_text(fixture.db, "words of many kinds in a row");
    commit();
    works(xapian_database_check(&faults, fixture.path, count_line, &lines, &error));
    assert_int_equal(faults, 0);
    assert_true(lines > 0);
    works(xapian_database_check(&faults, fixture.path, NULL, NULL, &error));
    fails(XAPIAN_NOT_OPENED, xapian_database_check(&faults, folder_entry(&fixture.folder, "none"), NULL, NULL, &error));
    overwrite("postlist.glass", 0, 8192);
    enum xapian_code code = xapian_database_check(&faults, fixture.path, NULL, NULL, NULL);
    assert_true(code == XAPIAN_CORRUPT || (code == XAPIAN_OK && faults > 0));
}

static void test_corrupt(void **state) {
    (void)state;
    struct xapian_database *db = NULL;
    uint32_t documents;
    for (int i = 0; i < 500; i++)
        add_text(fixture.db, "words of many kinds in a row");
    commit();
    xapian_database_close(fixture.db);
    fixture.db = NULL;
    overwrite("postlist.glass", 0, 8192);
    enum xapian_code code = xapian_database_open(&db, fixture.path, NULL);
    if (!code)
        code = xapian_database_frequency(&documents, NULL, db, "words", 5, NULL);
    xapian_database_close(db);
    db = NULL;
    assert_int_equal(code, XAPIAN_CORRUPT);
    overwrite("iamglass", 0, 14);
    code = xapian_database_open(&db, fixture.path, NULL);
    assert_true(code == XAPIAN_FORMAT || code == XAPIAN_CORRUPT || code == XAPIAN_NOT_OPENED);
    assert_null(db);
}

static void test_terms_that_are_too_long(void **state) {
    (void)state;
    char term[XAPIAN_TERM_MAX + 2];
    struct xapian_document *d = NULL;
    memset(term, 'a', sizeof term);
    works(xapian_document_new(&d, &error));
    works(xapian_document_add_posting(d, term, XAPIAN_TERM_MAX, 1, &error));
    works(xapian_document_add(NULL, fixture.db, d, &error));
    commit();
    works(xapian_document_add_posting(d, term, XAPIAN_TERM_MAX + 1, 2, &error));
    fails(XAPIAN_INVALID, xapian_document_add(NULL, fixture.db, d, &error));
    xapian_document_free(d);
    commit();
    assert_int_equal(totals(fixture.db).documents, 1);
}

static void test_null_is_fine(void **state) {
    (void)state;
    xapian_database_close(NULL);
    assert_non_null(strchr(xapian_version(), '.'));
    struct xapian_database *db = NULL;
    assert_int_equal(xapian_database_open(&db, folder_entry(&fixture.folder, "none"), NULL), XAPIAN_NO_DATABASE);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, destroy)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_in_it),
        TEST(test_uuids_differ),
        TEST(test_terms),
        TEST(test_postings),
        TEST(test_metadata),
        TEST(test_replace_and_delete),
        TEST(test_nothing_is_seen_before_the_commit),
        TEST(test_cancel_takes_back),
        TEST(test_a_reader_writes_nothing),
        TEST(test_a_reader_that_is_overtaken),
        TEST(test_group),
        TEST(test_missing_and_foreign),
        TEST(test_locked),
        TEST(test_check),
        TEST(test_corrupt),
        TEST(test_terms_that_are_too_long),
        TEST(test_null_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
