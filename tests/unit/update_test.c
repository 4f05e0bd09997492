/* Indexing again: what is read, what is left, what is dropped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <time.h>

#include "indexer/files/update.h"
#include "support/folder.h"
#include "support/index.h"

/* A folder of articles beside its index. */
struct world {
    struct folder folder;
    char index[FOLDER_PATH], articles[FOLDER_PATH];
    lede_commit_info info; /* of the last run */
    int warnings;
    int ticks_left;   /* until the progress callback stops; below 0: never */
    uint64_t stop_at; /* bytes after which it stops, and till then takes its time, so that it is called again at once */
};

static void make_world(struct world *w) {
    *w = (struct world){.ticks_left = -1};
    folder_make(&w->folder);
    snprintf(w->index, sizeof w->index, "%s", folder_entry(&w->folder, "i.lede"));
    snprintf(w->articles, sizeof w->articles, "%s", folder_entry(&w->folder, "in"));
    assert_int_equal(mkdir(w->articles, 0777), 0);
    assert_int_equal(mkdir(folder_entry(&w->folder, "in/sub"), 0777), 0);
}

static void remove_world(struct world *w) {
    check_index(w->index);
    folder_remove(&w->folder);
}

/* Sets a file's time of modification, in seconds before now. */
static void set_age(const struct world *w, const char *name, int seconds) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const struct timespec times[2] = {{.tv_sec = now.tv_sec - seconds}, {.tv_sec = now.tv_sec - seconds}};
    assert_int_equal(utimensat(AT_FDCWD, folder_entry(&w->folder, name), times, 0), 0);
}

static void write_aged(const struct world *w, const char *name, const char *text, int seconds) {
    folder_write_text(&w->folder, name, text);
    set_age(w, name, seconds);
}

static int count_tick(void *ctx, const lede_progress *progress) {
    struct world *w = ctx;
    if (w->stop_at) {
        usleep(110000);
        return progress->bytes_done >= w->stop_at;
    }
    return w->ticks_left >= 0 && w->ticks_left-- == 0;
}

static void count_warning(void *ctx, lede_warning_kind kind, const char *where, const char *why) {
    struct world *w = ctx;
    (void)kind;
    (void)where;
    (void)why;
    w->warnings++;
}

static lede_status index_path(struct world *w, const char *path) {
    const lede_writer_options options = {.memory = 32 << 20, .progress = count_tick, .warn = count_warning, .ctx = w};
    lede_writer *writer = writer_on(w->index, &options);
    lede_status status = lede_writer_add_path(writer, path, NULL);
    w->ticks_left = -1;
    w->stop_at = 0;
    if (status == LEDE_OK || status == LEDE_INTERRUPTED)
        MUST(lede_writer_commit(writer, &w->info, err));
    lede_writer_close(writer);
    return status;
}

static void index_all(struct world *w) {
    w->warnings = 0;
    assert_int_equal(index_path(w, w->articles), LEDE_OK);
}

static char *key_of(const struct world *w, const char *name) {
    char *path = realpath(w->folder.path, NULL);
    assert_non_null(path);
    static char key[2 * FOLDER_PATH];
    snprintf(key, sizeof key, "%s/%s", path, name);
    free(path);
    return key;
}

static void expect_text(const struct world *w, const char *name, const char *expected) {
    expect_body(w->index, key_of(w, name), expected);
}

/* -------------------------------------------------------------------------------------- files -- */

static void verdicts_are_by_size_time_and_state(void **state) {
    (void)state;
    static const struct {
        struct catalogue_source known;
        enum update_verdict verdict;
    } cases[] = {
        {{.size = 10, .mtime = 5, .state = SOURCE_COMPLETE}, UPDATE_UNCHANGED},
        {{.size = 10, .mtime = 6, .state = SOURCE_COMPLETE}, UPDATE_HASH},
        {{.size = 11, .mtime = 5, .state = SOURCE_COMPLETE}, UPDATE_CHANGED},
        {{.size = 10, .mtime = 5, .state = SOURCE_RACY}, UPDATE_HASH},
        {{.size = 11, .mtime = 5, .state = SOURCE_RACY}, UPDATE_CHANGED},
        {{.size = 10, .mtime = 5, .state = SOURCE_INCOMPLETE}, UPDATE_CHANGED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(update_judge(&cases[i].known, 10, 5), cases[i].verdict);
    assert_int_equal(update_judge(NULL, 10, 5), UPDATE_NEW);
    assert_true(update_is_racy(1000, 1000));
    assert_true(update_is_racy(2000, 1000));
    assert_true(update_is_racy(1000, 1000 + UPDATE_RACY_NANOSECONDS - 1));
    assert_false(update_is_racy(1000, 1000 + UPDATE_RACY_NANOSECONDS));
}

static void unchanged_files_are_not_read(void **state) {
    (void)state;
    struct world w;
    make_world(&w);
    write_aged(&w, "in/a.txt", "The first article.\n", 100);
    write_aged(&w, "in/sub/b.txt", "The second article.\n", 100);
    index_all(&w);
    assert_int_equal(w.info.files_indexed, 2);
    assert_int_equal(w.info.articles_added, 2);
    index_all(&w);
    assert_int_equal(w.info.files_unchanged, 2);
    assert_int_equal(w.info.bytes_read, 0);
    assert_int_equal(index_path(&w, folder_entry(&w.folder, "in/sub")), LEDE_OK);
    assert_int_equal(w.info.files_unchanged, 1);
    assert_int_equal(stats_of(w.index).articles, 2);
    assert_int_equal(stats_of(w.index).commit, 1);
    /* A new time and the same content: read once, then known by the new time. */
    set_age(&w, "in/a.txt", 50);
    index_all(&w);
    assert_int_equal(w.info.files_unchanged, 2);
    assert_int_equal(w.info.bytes_read, 19);
    index_all(&w);
    assert_int_equal(w.info.bytes_read, 0);
    remove_world(&w);
}

static void changed_files_are_indexed_again(void **state) {
    (void)state;
    struct world w;
    make_world(&w);
    write_aged(&w, "in/a.txt", "The first article.\n", 100);
    write_aged(&w, "in/b.txt", "The second article.\n", 100);
    index_all(&w);
    write_aged(&w, "in/a.txt", "The first, changed.\n", 50);
    index_all(&w);
    assert_int_equal(w.info.files_indexed, 1);
    assert_int_equal(w.info.files_unchanged, 1);
    assert_int_equal(w.info.articles_updated, 1);
    assert_int_equal(w.info.articles_added, 0);
    assert_int_equal(w.info.articles_deleted, 0);
    expect_text(&w, "in/a.txt", "The first, changed.");
    assert_int_equal(stats_of(w.index).articles, 2);
    assert_int_equal(stats_of(w.index).sources, 2);
    remove_world(&w);
}

static void change_at_the_same_time_is_noticed(void **state) {
    (void)state;
    struct world w;
    make_world(&w);
    write_aged(&w, "in/a.txt", "one\n", -60); /* not old when it is read, however long that takes */
    index_all(&w);
    struct stat st;
    assert_int_equal(stat(folder_entry(&w.folder, "in/a.txt"), &st), 0);
    folder_write_text(&w.folder, "in/a.txt", "two\n");
    const struct timespec times[2] = {st.st_mtim, st.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, folder_entry(&w.folder, "in/a.txt"), times, 0), 0);
    index_all(&w);
    assert_int_equal(w.info.articles_updated, 1);
    expect_text(&w, "in/a.txt", "two");
    remove_world(&w);
}

static void vanished_files_are_dropped(void **state) {
    (void)state;
    struct world w;
    make_world(&w);
    write_aged(&w, "in/a.txt", "The first article.\n", 100);
    write_aged(&w, "in/sub/b.txt", "The second article.\n", 100);
    write_aged(&w, "in/sub-c.txt", "The third article.\n", 100);
    index_all(&w);
    unlink(folder_entry(&w.folder, "in/a.txt"));
    /* Another folder's files are none of its business. */
    assert_int_equal(index_path(&w, folder_entry(&w.folder, "in/sub")), LEDE_OK);
    assert_int_equal(w.info.files_vanished, 0);
    unlink(folder_entry(&w.folder, "in/sub/b.txt"));
    assert_int_equal(index_path(&w, folder_entry(&w.folder, "in/sub")), LEDE_OK);
    assert_int_equal(w.info.files_vanished, 1);
    assert_int_equal(w.info.articles_deleted, 1);
    expect_text(&w, "in/sub/b.txt", NULL);
    expect_text(&w, "in/a.txt", "The first article.");
    index_all(&w);
    assert_int_equal(w.info.files_vanished, 1);
    expect_text(&w, "in/a.txt", NULL);
    expect_text(&w, "in/sub-c.txt", "The third article.");
    assert_int_equal(stats_of(w.index).sources, 1);
    remove_world(&w);
}

static void file_of_any_name_stays_when_its_folder_is_indexed(void **state) {
    (void)state;
    struct world w;
    make_world(&w);
    write_aged(&w, "in/notes.log", "Indexed by name.\n", 100);
    assert_int_equal(index_path(&w, folder_entry(&w.folder, "in/notes.log")), LEDE_OK);
    assert_int_equal(w.info.files_indexed, 1);
    index_all(&w);
    assert_int_equal(w.info.files_vanished, 0);
    expect_text(&w, "in/notes.log", "Indexed by name.");
    remove_world(&w);
}

static void file_that_turns_binary_is_dropped(void **state) {
    (void)state;
    struct world w;
    make_world(&w);
    write_aged(&w, "in/a.txt", "The first article.\n", 100);
    index_all(&w);
    folder_write(&w.folder, "in/a.txt", "\0\1\2\3\0\0", 6);
    index_all(&w);
    assert_int_equal(w.info.files_skipped, 1);
    assert_int_equal(w.warnings, 1);
    assert_int_equal(w.info.articles_deleted, 1);
    expect_text(&w, "in/a.txt", NULL);
    remove_world(&w);
}

static void records_that_left_their_file_are_deleted(void **state) {
    (void)state;
    struct world w;
    make_world(&w);
    write_aged(&w, "in/a.tsv", "one\tThe first.\ntwo\tThe second.\nthree\tThe third.\n", 100);
    index_all(&w);
    assert_int_equal(w.info.articles_added, 3);
    write_aged(&w, "in/a.tsv", "one\tThe first.\nthree\tThe third, changed.\nfour\tThe fourth.\n", 50);
    index_all(&w);
    assert_int_equal(w.info.articles_added, 1);
    assert_int_equal(w.info.articles_updated, 2);
    assert_int_equal(w.info.articles_deleted, 1);
    expect_body(w.index, "two", NULL);
    expect_body(w.index, "three", "The third, changed.");
    /* A key that another file has taken over stays when the first one drops it. */
    write_aged(&w, "in/b.tsv", "one\tThe first, in another file.\n", 50);
    index_all(&w);
    write_aged(&w, "in/a.tsv", "four\tThe fourth.\n", 40);
    index_all(&w);
    assert_int_equal(w.info.articles_deleted, 1);
    expect_body(w.index, "one", "The first, in another file.");
    expect_body(w.index, "three", NULL);
    remove_world(&w);
}

static void missing_path_is_an_error_and_changes_nothing(void **state) {
    (void)state;
    struct world w;
    make_world(&w);
    write_aged(&w, "in/a.txt", "The first article.\n", 100);
    index_all(&w);
    assert_int_equal(index_path(&w, folder_entry(&w.folder, "in/none.txt")), LEDE_NOT_FOUND);
    assert_int_equal(stats_of(w.index).commit, 1);
    expect_text(&w, "in/a.txt", "The first article.");
    remove_world(&w);
}

/* ------------------------------------------------------------------------- stop and delete -- */

static void stopped_work_is_taken_up_again(void **state) {
    (void)state;
    struct world w;
    make_world(&w);
    for (int i = 0; i < 20; i++) {
        char name[32], text[32];
        snprintf(name, sizeof name, "in/%02d.txt", i);
        snprintf(text, sizeof text, "Article number %d.\n", i);
        write_aged(&w, name, text, 100);
    }
    /* The callback is called at once when the phase changes: scanning, then indexing. */
    w.ticks_left = 1;
    assert_int_equal(index_path(&w, w.articles), LEDE_INTERRUPTED);
    assert_true(w.info.files_indexed < 20);
    check_index(w.index);
    index_all(&w);
    assert_int_equal(stats_of(w.index).articles, 20);
    expect_text(&w, "in/19.txt", "Article number 19.");
    remove_world(&w);
}

static void write_records(const struct world *w, int count, const char *version) {
    FILE *f = fopen(folder_entry(&w->folder, "in/a.tsv"), "wb");
    assert_non_null(f);
    for (int i = 0; i < count; i++)
        fprintf(f, "k%d\tRecord %d of version %s, with some more words to make the line longer.\n", i, i, version);
    assert_int_equal(fclose(f), 0);
}

/* What was read of a changed file replaces what it replaces; the rest stays as it was until the file is read to its
 * end. */
static void file_stopped_in_its_middle_is_read_again(void **state) {
    (void)state;
    enum { RECORDS = 6000 };
    struct world w;
    char first[128], last[128];
    make_world(&w);
    write_records(&w, RECORDS, "one");
    index_all(&w);
    write_records(&w, RECORDS - 100, "two");
    set_age(&w, "in/a.tsv", 100);
    w.stop_at = 200000;
    assert_int_equal(index_path(&w, w.articles), LEDE_INTERRUPTED);
    assert_int_equal(w.info.files_indexed, 0);
    assert_true(w.info.articles_updated > 500 && w.info.articles_updated < RECORDS - 1000);
    assert_int_equal(w.info.articles_deleted, 0);
    assert_int_equal(stats_of(w.index).articles, RECORDS);
    assert_int_equal(stats_of(w.index).sources, 1);
    check_index(w.index);
    snprintf(first, sizeof first, "Record 0 of version two, with some more words to make the line longer.");
    snprintf(last, sizeof last, "Record %d of version one, with some more words to make the line longer.", RECORDS - 1);
    expect_body(w.index, "k0", first);
    expect_body(w.index, "k5999", last);
    index_all(&w);
    assert_int_equal(w.info.files_indexed, 1);
    assert_int_equal(w.info.articles_updated, RECORDS - 100);
    assert_int_equal(w.info.articles_deleted, 100);
    index_all(&w);
    assert_int_equal(w.info.files_unchanged, 1);
    remove_world(&w);
}

static uint64_t delete_named(struct world *w, const char *name, lede_status expected) {
    uint64_t deleted = 0;
    lede_writer *writer = writer_on(w->index, NULL);
    assert_int_equal(lede_writer_delete(writer, name, strlen(name), &deleted, NULL), expected);
    MUST(lede_writer_commit(writer, &w->info, err));
    lede_writer_close(writer);
    assert_int_equal(w->info.articles_deleted, deleted);
    return deleted;
}

static void files_and_folders_are_deleted_by_name(void **state) {
    (void)state;
    struct world w;
    make_world(&w);
    write_aged(&w, "in/a.tsv", "one\tThe first.\ntwo\tThe second.\n", 100);
    write_aged(&w, "in/sub/b.txt", "The third article.\n", 100);
    write_aged(&w, "in/sub/c.txt", "The fourth article.\n", 100);
    write_aged(&w, "in/d.txt", "The fifth article.\n", 100);
    write_aged(&w, "in/e.txt", "The sixth article.\n", 100);
    index_all(&w);
    assert_int_equal(delete_named(&w, "nothing", LEDE_NOT_FOUND), 0);
    assert_int_equal(delete_named(&w, "one", LEDE_OK), 1);
    assert_int_equal(delete_named(&w, folder_entry(&w.folder, "in/a.tsv"), LEDE_OK), 1);
    unlink(folder_entry(&w.folder, "in/sub/b.txt"));
    assert_int_equal(delete_named(&w, folder_entry(&w.folder, "in/sub/"), LEDE_OK), 2);
    assert_int_equal(delete_named(&w, folder_entry(&w.folder, "in/sub"), LEDE_NOT_FOUND), 0);
    unlink(folder_entry(&w.folder, "in/d.txt"));
    assert_int_equal(delete_named(&w, folder_entry(&w.folder, "in/sub/../d.txt"), LEDE_OK), 1);
    assert_int_equal(delete_named(&w, key_of(&w, "in/e.txt"), LEDE_OK), 1);
    assert_int_equal(stats_of(w.index).articles, 0);
    assert_int_equal(stats_of(w.index).segments, 0);
    /* What is on disk comes back when it is indexed again. */
    index_all(&w);
    assert_int_equal(w.info.articles_added, 4);
    remove_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_are_by_size_time_and_state),
        cmocka_unit_test(unchanged_files_are_not_read),
        cmocka_unit_test(changed_files_are_indexed_again),
        cmocka_unit_test(change_at_the_same_time_is_noticed),
        cmocka_unit_test(vanished_files_are_dropped),
        cmocka_unit_test(file_of_any_name_stays_when_its_folder_is_indexed),
        cmocka_unit_test(file_that_turns_binary_is_dropped),
        cmocka_unit_test(records_that_left_their_file_are_deleted),
        cmocka_unit_test(missing_path_is_an_error_and_changes_nothing),
        cmocka_unit_test(stopped_work_is_taken_up_again),
        cmocka_unit_test(file_stopped_in_its_middle_is_read_again),
        cmocka_unit_test(files_and_folders_are_deleted_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
