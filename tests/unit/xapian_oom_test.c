/* The binding to libxapian: memory runs out at each allocation in turn. It says so, nothing that it was given has
 * changed hands, and no out parameter is set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Seen by the C++ library, which takes its memory from malloc. */
#pragma GCC visibility push(default)
#include "support/failing_malloc.h"
#pragma GCC visibility pop

#include "support/folder.h"
#include "support/xapian.h"

enum { PATIENCE = 20000 };

static struct folder folder;
static char path[2 * FOLDER_PATH];

static int make(void **state) {
    (void)state;
    struct xapian_database *db = NULL;
    folder_make(&folder);
    snprintf(path, sizeof path, "%s", folder_entry(&folder, "db"));
    works(xapian_database_open_writable(&db, path, true, &error));
    add_text(db, "the talks in simla");
    add_text(db, "simla simla");
    works(xapian_database_set_metadata(db, "a key that is long enough to be allocated", 41, "value", 5, &error));
    works(xapian_database_commit(db, &error));
    xapian_database_close(db);
    return 0;
}

static int destroy(void **state) {
    (void)state;
    folder_remove(&folder);
    return 0;
}

static int stop(void *ctx, const char *term, size_t len, uint32_t documents) {
    (void)ctx, (void)term, (void)len, (void)documents;
    return 0;
}

static enum xapian_code search(struct xapian_database *db, const struct xapian_query *q, struct xapian_error *err) {
    const struct xapian_bm25 bm25 = {1.2, 0.75};
    const struct xapian_window window = {.limit = 10, .check = 10};
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    struct xapian_document *d = NULL;
    const char *bytes;
    size_t len;
    enum xapian_code code = xapian_enquire_new(&enquire, db, q, &bm25, err);
    if (!code)
        code = xapian_enquire_collapse(enquire, 1, err);
    if (!code)
        code = xapian_enquire_run(&mset, enquire, &window, err);
    if (!code)
        code = xapian_mset_document(&d, mset, 0, err);
    if (!code)
        code = xapian_document_data(&bytes, &len, d, err);
    if (!code)
        code = xapian_document_value(&bytes, &len, d, 0, err);
    if (!code)
        code = xapian_document_terms(d, stop, NULL, err);
    xapian_document_free(d);
    xapian_mset_free(mset);
    xapian_enquire_free(enquire);
    return code;
}

static enum xapian_code ask(struct xapian_database *db, struct xapian_error *err) {
    struct xapian_query *a = NULL, *b = NULL, *pair = NULL, *twice = NULL;
    enum xapian_code code = xapian_query_term(&a, "talks in a place of many letters", 5, err);
    if (!code)
        code = xapian_query_prefix(&b, "si", 2, 0, err);
    const struct xapian_query *const operands[] = {a, b};
    if (!code)
        code = xapian_query_combine(&pair, XAPIAN_OR, operands, 2, 0, err);
    if (!code)
        code = xapian_query_scale(&twice, pair, 2, err);
    if (!code)
        code = search(db, twice, err);
    else
        assert_null(twice);
    xapian_query_free(a);
    xapian_query_free(b);
    xapian_query_free(pair);
    xapian_query_free(twice);
    return code;
}

static enum xapian_code read_all(struct xapian_error *err) {
    struct xapian_database *db = NULL, *group = NULL;
    struct xapian_totals totals;
    const char *value;
    size_t len;
    uint32_t documents;
    char uuid[64];
    enum xapian_code code = xapian_database_open(&db, path, err);
    if (code)
        assert_null(db);
    if (!code)
        code = xapian_database_group(&group, err);
    if (!code)
        code = xapian_database_add(group, db, err);
    if (!code)
        code = xapian_database_totals(&totals, group, err);
    if (!code)
        code = xapian_database_uuid(uuid, sizeof uuid, db, err);
    if (!code)
        code = xapian_database_frequency(&documents, NULL, group, "simla", 5, err);
    if (!code)
        code = xapian_database_terms(group, "s", 1, stop, NULL, err);
    if (!code)
        code = xapian_database_metadata(&value, &len, db, "a key that is long enough to be allocated", 41, err);
    if (!code)
        code = ask(group, err);
    xapian_database_close(db);
    xapian_database_close(group);
    return code;
}

static enum xapian_code write_some(struct xapian_error *err) {
    struct xapian_database *db = NULL;
    struct xapian_document *d = NULL;
    uint32_t number = 9;
    enum xapian_code code = xapian_database_open_writable(&db, path, false, err);
    if (!code)
        code = xapian_database_begin(db, err);
    if (!code)
        code = xapian_document_new(&d, err);
    if (!code)
        code = xapian_document_set_data(d, "data of a document that is allocated", 36, err);
    if (!code)
        code = xapian_document_set_value(d, 1, "value of a document that is allocated", 37, err);
    if (!code)
        code = xapian_document_add_posting(d, "simla", 5, 1, err);
    if (!code)
        code = xapian_document_add_filter(d, "Ksome key", 9, err);
    if (!code) {
        code = xapian_document_add(&number, db, d, err);
        assert_int_equal(number == 0, code != XAPIAN_OK);
    }
    if (!code)
        code = xapian_database_cancel(db, err);
    xapian_document_free(d);
    xapian_database_close(db);
    return code;
}

static void exhaust(enum xapian_code (*work)(struct xapian_error *)) {
    for (long n = 0;; n++) {
        struct xapian_error err = {XAPIAN_OK, ""};
        failing_malloc_after(n);
        enum xapian_code code = work(&err);
        failing_malloc_never();
        assert_int_equal(code, err.code);
        if (code == XAPIAN_OK) {
            assert_true(n > 50 || !FAILING_MALLOC);
            break;
        }
        assert_int_equal(code, XAPIAN_NOMEM);
        assert_string_equal(err.message, "out of memory");
        assert_true(n < PATIENCE);
    }
}

static void test_reading(void **state) {
    (void)state;
    exhaust(read_all);
}

static void test_writing(void **state) {
    (void)state;
    exhaust(write_some);
    struct xapian_database *db = NULL;
    struct xapian_totals totals;
    works(xapian_database_open(&db, path, &error));
    works(xapian_database_totals(&totals, db, &error));
    assert_int_equal(totals.documents, 2);
    xapian_database_close(db);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reading), cmocka_unit_test(test_writing)};
    return cmocka_run_group_tests(tests, make, destroy);
}
