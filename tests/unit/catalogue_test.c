/* The catalogue: whose database it is, what it keeps, and that a transaction is all or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "core/index/catalogue.h"
#include "core/index/layout.h"
#include "support/folder.h"

static char english[] = "english";
static const struct catalogue_settings settings = {.language = english, .passages = LEDE_PASSAGES_CUT};

static struct catalogue *make(const struct folder *f) {
    struct catalogue *c = NULL;
    lede_error err = {0};
    lede_status status = catalogue_open_writer(&c, f->path, &settings, &err);
    if (status)
        fail_msg("%s", err.message);
    return c;
}

static void run_sql(const char *file, const char *statements) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, statements, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* -------------------------------------------------------------------------- whose is it? -- */

static void settings_and_counters_are_kept(void **state) {
    (void)state;
    struct folder f;
    struct catalogue_settings s;
    struct catalogue_counters counters;
    folder_make(&f);
    struct catalogue *c = make(&f);
    assert_int_equal(catalogue_get_counters(c, &counters, NULL), LEDE_OK);
    assert_int_equal(counters.commit, 0);
    assert_int_equal(counters.next_segment, 1);
    counters = (struct catalogue_counters){.commit = 7, .next_segment = UINT64_MAX, .next_source = 9};
    assert_int_equal(catalogue_put_counters(c, &counters, NULL), LEDE_OK);
    catalogue_close(c);

    assert_int_equal(catalogue_open(&c, f.path, NULL), LEDE_OK);
    assert_int_equal(catalogue_get_settings(c, &s, NULL), LEDE_OK);
    assert_string_equal(s.language, "english");
    assert_int_equal(s.passages, LEDE_PASSAGES_CUT);
    assert_false(s.omit_text);
    assert_int_equal(catalogue_get_counters(c, &counters, NULL), LEDE_OK);
    assert_int_equal(counters.commit, 7);
    assert_true(counters.next_segment == UINT64_MAX);
    assert_int_equal(counters.next_source, 9);
    catalogue_settings_release(&s);
    catalogue_close(c);
    folder_remove(&f);
}

static void others_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *statements, *text;
        lede_status status;
    } cases[] = {
        {"PRAGMA application_id = 1; CREATE TABLE t(x)", NULL, LEDE_NOT_INDEX},
        {"CREATE TABLE t(x)", NULL, LEDE_NOT_INDEX},
        {"PRAGMA application_id = 1279607877; PRAGMA user_version = 1000; CREATE TABLE t(x)", NULL, LEDE_TOO_NEW},
        {"PRAGMA application_id = 1279607877; PRAGMA user_version = 0; CREATE TABLE t(x)", NULL, LEDE_TOO_OLD},
        {NULL,
         "this is no database, although it is long enough to be taken for one: "
         "0123456789012345678901234567890123456789012345678901234567890123456789",
         LEDE_NOT_INDEX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct folder f;
        struct catalogue *c = NULL;
        lede_error err = {0};
        folder_make(&f);
        if (cases[i].text)
            folder_write_text(&f, "catalogue.db", cases[i].text);
        else
            run_sql(folder_entry(&f, "catalogue.db"), cases[i].statements);
        assert_int_equal(catalogue_open(&c, f.path, &err), cases[i].status);
        assert_null(c);
        assert_non_null(strstr(err.message, f.path));
        assert_int_equal(catalogue_open_writer(&c, f.path, &settings, &err), cases[i].status);
        assert_null(c);
        folder_remove(&f);
    }
}

static void missing_index_is_not_found(void **state) {
    (void)state;
    struct folder f;
    struct catalogue *c = NULL;
    lede_error err = {0};
    folder_make(&f);
    assert_int_equal(catalogue_open(&c, folder_entry(&f, "none"), &err), LEDE_NOT_FOUND);
    assert_int_equal(catalogue_open(&c, f.path, &err), LEDE_NOT_FOUND);
    folder_write_text(&f, "diary.txt", "not an index");
    assert_int_equal(catalogue_open(&c, f.path, &err), LEDE_NOT_INDEX);
    assert_int_equal(catalogue_open(&c, folder_entry(&f, "diary.txt"), &err), LEDE_NOT_INDEX);
    assert_false(folder_has(&f, "catalogue.db"));
    folder_remove(&f);
}

/* A crash between SQLite's making the file and the first transaction. */
static void unfinished_catalogue_is_completed(void **state) {
    (void)state;
    struct folder f;
    struct catalogue *c = NULL;
    struct catalogue_counters counters;
    folder_make(&f);
    run_sql(folder_entry(&f, "catalogue.db"), "PRAGMA journal_mode = WAL");
    assert_int_equal(catalogue_open(&c, f.path, NULL), LEDE_NOT_FOUND);
    c = make(&f);
    assert_int_equal(catalogue_get_counters(c, &counters, NULL), LEDE_OK);
    catalogue_close(c);
    folder_remove(&f);

    folder_make(&f);
    folder_write_text(&f, "catalogue.db", "");
    folder_write_text(&f, "diary.txt", "an empty file of that name in a folder of somebody's");
    assert_int_equal(catalogue_open_writer(&c, f.path, &settings, NULL), LEDE_NOT_INDEX);
    folder_remove(&f);
}

/* ------------------------------------------------------------------------------ segments -- */

static void segments_are_kept(void **state) {
    (void)state;
    struct folder f;
    folder_make(&f);
    struct catalogue *c = make(&f);
    uint8_t bitmap[] = {0x01, 0x80, 0x01};
    const struct catalogue_segment rows[] = {
        {.id = 5, .info = {UINT64_MAX, 1, 17, 3, 400}, .deleted_passages = 3, .deleted_articles = 1, .deleted = bitmap},
        {.id = 2, .info = {100, UINT64_MAX, 8, 8, 80}},
    };
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(catalogue_put_segment(c, &rows[i], NULL), LEDE_OK);
    struct catalogue_segment *out;
    size_t count;
    assert_int_equal(catalogue_segments(c, &out, &count, NULL), LEDE_OK);
    assert_int_equal(count, 2);
    assert_int_equal(out[0].id, 2);
    assert_null(out[0].deleted);
    assert_true(out[0].info.checksum == UINT64_MAX);
    assert_int_equal(out[1].id, 5);
    assert_true(out[1].info.size == UINT64_MAX);
    assert_int_equal(out[1].info.passages, 17);
    assert_int_equal(out[1].info.total_length, 400);
    assert_int_equal(out[1].deleted_articles, 1);
    assert_memory_equal(out[1].deleted, bitmap, sizeof bitmap);
    catalogue_segments_free(out, count);

    assert_int_equal(catalogue_drop_segment(c, 2, NULL), LEDE_OK);
    assert_int_equal(catalogue_segments(c, &out, &count, NULL), LEDE_OK);
    assert_int_equal(count, 1);
    catalogue_segments_free(out, count);
    catalogue_close(c);
    folder_remove(&f);
}

static void senseless_rows_are_corrupt(void **state) {
    (void)state;
    static const char *const rows[] = {
        "1, 10, 10, 0, 0, 0, 0, 0, NULL",          "1, 10, 10, 5, 6, 0, 0, 0, NULL",  "1, 10, 10, 9, 1, 0, 1, 1, x'01'",
        "1, 10, 10, 9, 1, 0, 1, 1, NULL",          "1, 10, 10, 5, 1, 0, 6, 1, x'ff'", "1, 10, 10, 5, 1, 0, 1, 2, x'ff'",
        "1, 10, 10, 4294967295, 1, 0, 0, 0, NULL", "1, 10, 10, -1, 1, 0, 0, 0, NULL",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct folder f;
        struct catalogue *c;
        char statement[200];
        folder_make(&f);
        catalogue_close(make(&f));
        snprintf(statement, sizeof statement, "INSERT INTO segments VALUES(%s)", rows[i]);
        run_sql(folder_entry(&f, "catalogue.db"), statement);
        assert_int_equal(catalogue_open(&c, f.path, NULL), LEDE_OK);
        struct catalogue_segment *out;
        size_t count;
        lede_error err;
        assert_int_equal(catalogue_segments(c, &out, &count, &err), LEDE_CORRUPT);
        assert_null(out);
        assert_null(strstr(err.message, "not those that were written"));
        catalogue_close(c);
        folder_remove(&f);
    }
}

/* ------------------------------------------------------------------------------- sources -- */

struct listing {
    char text[256];
};

static lede_status list(void *ctx, const struct catalogue_source *source, lede_error *err) {
    struct listing *l = ctx;
    (void)err;
    size_t len = strlen(l->text);
    snprintf(l->text + len, sizeof l->text - len, "%s=%d ", source->path, (int)source->id);
    return LEDE_OK;
}

static void sources_are_found_by_path_and_folder(void **state) {
    (void)state;
    static const char *const paths[] = {"/a/b",  "/a/b/1.txt", "/a/b-c/2.txt", "/a/b/\xff.txt",
                                        "/a/b0", "/a/b/c/3",   "/a/b/1.txt",   "-"};
    struct folder f;
    struct catalogue_source s;
    folder_make(&f);
    struct catalogue *c = make(&f);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        s = (struct catalogue_source){
            .id = i + 1, .path = paths[i], .size = UINT64_MAX, .mtime = -5, .hash = i, .state = SOURCE_RACY};
        assert_int_equal(catalogue_put_source(c, &s, NULL), LEDE_OK);
    }
    assert_int_equal(catalogue_find_source(c, "/a/b/1.txt", &s, NULL), LEDE_OK);
    assert_int_equal(s.id, 7);
    assert_true(s.size == UINT64_MAX);
    assert_int_equal(s.mtime, -5);
    assert_int_equal(s.hash, 6);
    assert_int_equal(s.state, SOURCE_RACY);
    assert_int_equal(catalogue_find_source(c, "/a/b/1", &s, NULL), LEDE_NOT_FOUND);

    struct listing l = {""};
    assert_int_equal(catalogue_sources_below(c, "/a/b", list, &l, NULL), LEDE_OK);
    assert_string_equal(l.text, "/a/b/1.txt=2 /a/b/1.txt=7 /a/b/c/3=6 /a/b/\xff.txt=4 ");
    l.text[0] = '\0';
    assert_int_equal(catalogue_sources_below(c, "/", list, &l, NULL), LEDE_OK);
    assert_string_equal(l.text, "/a/b=1 /a/b-c/2.txt=3 /a/b/1.txt=2 /a/b/1.txt=7 /a/b/c/3=6 /a/b/\xff.txt=4 /a/b0=5 ");
    l.text[0] = '\0';
    assert_int_equal(catalogue_sources_of(c, "/a/b/1.txt", list, &l, NULL), LEDE_OK);
    assert_string_equal(l.text, "/a/b/1.txt=2 /a/b/1.txt=7 ");
    catalogue_close(c);
    folder_remove(&f);
}

/* Programs that know of no words read the number by sqlite3_column_int64. */
static void words_of_reading_stand_behind_the_state(void **state) {
    (void)state;
    struct folder f;
    sqlite3 *db;
    sqlite3_stmt *statement;
    folder_make(&f);
    struct catalogue *c = make(&f);
    struct catalogue_source s = {.id = 5, .path = "/a", .state = SOURCE_RACY, .reading = "tsv koi8-r"};
    assert_int_equal(catalogue_put_source(c, &s, NULL), LEDE_OK);
    s = (struct catalogue_source){.id = 6, .path = "/b", .state = SOURCE_INCOMPLETE};
    assert_int_equal(catalogue_put_source(c, &s, NULL), LEDE_OK);
    assert_int_equal(catalogue_find_source(c, "/a", &s, NULL), LEDE_OK);
    assert_int_equal(s.state, SOURCE_RACY);
    assert_string_equal(s.reading, "tsv koi8-r");
    assert_int_equal(catalogue_find_source(c, "/b", &s, NULL), LEDE_OK);
    assert_int_equal(s.state, SOURCE_INCOMPLETE);
    assert_string_equal(s.reading, "");
    catalogue_close(c);

    static const char *const all = "SELECT state, typeof(state) FROM sources ORDER BY id";
    assert_int_equal(sqlite3_open(folder_entry(&f, "catalogue.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, all, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int64(statement, 0), SOURCE_RACY);
    assert_string_equal((const char *)sqlite3_column_text(statement, 1), "text");
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int64(statement, 0), SOURCE_INCOMPLETE);
    assert_string_equal((const char *)sqlite3_column_text(statement, 1), "integer");
    sqlite3_finalize(statement);
    sqlite3_close(db);
    folder_remove(&f);
}

static void retired_sources_keep_their_path_for_a_day(void **state) {
    (void)state;
    struct folder f;
    folder_make(&f);
    struct catalogue *c = make(&f);
    struct catalogue_source s = {.id = 3, .path = "/a"};
    char *path;
    uint64_t count;
    assert_int_equal(catalogue_put_source(c, &s, NULL), LEDE_OK);
    assert_int_equal(catalogue_source_count(c, &count, NULL), LEDE_OK);
    assert_int_equal(count, 1);
    assert_int_equal(catalogue_retire_source(c, 3, 1000000, NULL), LEDE_OK);
    assert_int_equal(catalogue_source_count(c, &count, NULL), LEDE_OK);
    assert_int_equal(count, 0);
    assert_int_equal(catalogue_find_source(c, "/a", &s, NULL), LEDE_NOT_FOUND);
    assert_int_equal(catalogue_forget_retired(c, 1000000 + 86400, NULL), LEDE_OK);
    assert_int_equal(catalogue_source_path(c, 3, &path, NULL), LEDE_OK);
    assert_string_equal(path, "/a");
    free(path);
    assert_int_equal(catalogue_forget_retired(c, 1000000 + 86401, NULL), LEDE_OK);
    assert_int_equal(catalogue_source_path(c, 3, &path, NULL), LEDE_NOT_FOUND);
    assert_null(path);
    catalogue_close(c);
    folder_remove(&f);
}

/* -------------------------------------------------------------------------- transactions -- */

static uint64_t commit_number(struct catalogue *c) {
    struct catalogue_counters counters;
    assert_int_equal(catalogue_get_counters(c, &counters, NULL), LEDE_OK);
    return counters.commit;
}

static void readers_see_commits_only(void **state) {
    (void)state;
    struct folder f;
    struct catalogue *writer, *reader;
    struct catalogue_counters counters = {.commit = 1};
    folder_make(&f);
    writer = make(&f);
    assert_int_equal(catalogue_open(&reader, f.path, NULL), LEDE_OK);
    assert_int_equal(catalogue_begin(writer, NULL), LEDE_OK);
    assert_int_equal(catalogue_put_counters(writer, &counters, NULL), LEDE_OK);
    assert_int_equal(commit_number(reader), 0);
    catalogue_rollback(writer);
    assert_int_equal(commit_number(writer), 0);

    assert_int_equal(catalogue_begin(reader, NULL), LEDE_OK);
    assert_int_equal(commit_number(reader), 0);
    assert_int_equal(catalogue_begin(writer, NULL), LEDE_OK);
    assert_int_equal(catalogue_put_counters(writer, &counters, NULL), LEDE_OK);
    assert_int_equal(catalogue_commit(writer, NULL), LEDE_OK);
    assert_int_equal(commit_number(reader), 0);
    catalogue_rollback(reader);
    assert_int_equal(commit_number(reader), 1);
    catalogue_close(reader);
    catalogue_close(writer);
    folder_remove(&f);
}

static void count_fault(void *ctx, const char *fault) {
    (void)fault;
    ++*(int *)ctx;
}

/* A change that another program makes, and that SQLite has nothing against. */
static void foreign_rows_are_found(void **state) {
    (void)state;
    static const char *const changes[] = {
        "UPDATE settings SET value = 'danish' WHERE name = 'language'",
        "INSERT INTO settings VALUES('x', 1)",
        "DELETE FROM settings WHERE name = 'commit'",
        "UPDATE sources SET hash = 2",
        "UPDATE sources SET path = x'2f61' || path",
        "DELETE FROM sources",
        "UPDATE segments SET checksum = 0",
        "UPDATE digests SET value = value + 1 WHERE name = 'sources'",
        "DELETE FROM digests WHERE name = 'settings'",
        "CREATE TABLE another(x)",
        "DROP INDEX sources_by_path",
        "PRAGMA journal_mode = DELETE",
    };
    const struct catalogue_source source = {.id = 1, .path = "/a", .size = 3, .mtime = 5, .hash = 1};
    const struct catalogue_segment segment = {.id = 2, .info = {100, 7, 8, 8, 80}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct folder f;
        uint64_t faults;
        int reported = 0;
        folder_make(&f);
        struct catalogue *c = make(&f);
        assert_int_equal(catalogue_put_source(c, &source, NULL), LEDE_OK);
        assert_int_equal(catalogue_put_segment(c, &segment, NULL), LEDE_OK);
        catalogue_close(c);
        run_sql(folder_entry(&f, "catalogue.db"), changes[i]);
        assert_int_equal(catalogue_open(&c, f.path, NULL), LEDE_OK);
        assert_int_equal(catalogue_verify(c, count_fault, &reported, &faults, NULL), LEDE_OK);
        if (faults < 1)
            fail_msg("unseen: %s", changes[i]);
        assert_int_equal(reported, faults);
        catalogue_close(c);
        folder_remove(&f);
    }
}

/* The digests follow rows that are replaced, changed and removed, and a transaction that is taken back. */
static void verify_finds_nothing_wrong(void **state) {
    (void)state;
    struct folder f;
    uint64_t faults;
    int reported = 0;
    folder_make(&f);
    struct catalogue *c = make(&f);
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 20; i++) {
            const struct catalogue_source source = {.id = 1 + i % 7, .path = "/a", .size = i, .mtime = -1, .hash = ~i};
            const struct catalogue_segment segment = {.id = 1 + i % 5, .info = {100 + i, UINT64_MAX, 8, 8, 80}};
            assert_int_equal(catalogue_begin(c, NULL), LEDE_OK);
            assert_int_equal(catalogue_put_source(c, &source, NULL), LEDE_OK);
            assert_int_equal(catalogue_put_segment(c, &segment, NULL), LEDE_OK);
            assert_int_equal(catalogue_retire_source(c, 1 + i % 3, 100, NULL), LEDE_OK);
            assert_int_equal(catalogue_forget_retired(c, i % 4 ? 0 : 1000000, NULL), LEDE_OK);
            assert_int_equal(catalogue_drop_segment(c, 3, NULL), LEDE_OK);
            if (i % 3)
                assert_int_equal(catalogue_commit(c, NULL), LEDE_OK);
            else
                catalogue_rollback(c);
            assert_int_equal(catalogue_verify(c, count_fault, &reported, &faults, NULL), LEDE_OK);
            assert_int_equal(faults, 0);
        }
        catalogue_close(c);
        c = make(&f);
    }
    assert_int_equal(reported, 0);
    catalogue_close(c);
    folder_remove(&f);
}

/* Readers without permission to write: as another user, since root may do all. */
static void read_only_folder_can_be_read(void **state) {
    (void)state;
    struct folder f;
    struct catalogue *c = NULL;
    lede_error err = {0};
    if (geteuid() != 0)
        skip();
    folder_make(&f);
    catalogue_close(make(&f));
    assert_false(folder_has(&f, "catalogue.db-wal"));
    assert_int_equal(chmod(f.path, 0555), 0);
    assert_int_equal(seteuid(65534), 0);
    lede_status status = catalogue_open(&c, f.path, &err);
    assert_int_equal(seteuid(0), 0);
    if (status)
        fail_msg("%s", err.message);
    assert_int_equal(commit_number(c), 0);
    catalogue_close(c);
    folder_remove(&f);
}

static void segment_names_turn_back(void **state) {
    (void)state;
    static const char *const wrong[] = {"1.seg", "0000001f", "0000001f.seg~", "x.seg", "0000001F.seg", "-0000001.seg"};
    uint64_t id;
    assert_true(layout_segment_id("0000001f.seg", &id));
    assert_int_equal(id, 0x1f);
    assert_true(layout_segment_id("123456789.seg", &id));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(layout_segment_id(wrong[i], &id));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_and_counters_are_kept),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(missing_index_is_not_found),
        cmocka_unit_test(unfinished_catalogue_is_completed),
        cmocka_unit_test(segments_are_kept),
        cmocka_unit_test(senseless_rows_are_corrupt),
        cmocka_unit_test(sources_are_found_by_path_and_folder),
        cmocka_unit_test(words_of_reading_stand_behind_the_state),
        cmocka_unit_test(retired_sources_keep_their_path_for_a_day),
        cmocka_unit_test(readers_see_commits_only),
        cmocka_unit_test(foreign_rows_are_found),
        cmocka_unit_test(verify_finds_nothing_wrong),
        cmocka_unit_test(read_only_folder_can_be_read),
        cmocka_unit_test(segment_names_turn_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
