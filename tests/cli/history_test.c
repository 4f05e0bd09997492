/* The history of the prompt: kept, trimmed, private. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/prompt/history.h"
#include "support/folder.h"

/* What was loaded: how many lines, the first and the last. */
struct seen {
    size_t count;
    char first[64], last[64];
};

static void see(void *ctx, const char *line) {
    struct seen *seen = ctx;
    if (seen->count++ == 0)
        snprintf(seen->first, sizeof seen->first, "%s", line);
    snprintf(seen->last, sizeof seen->last, "%s", line);
}

static struct seen load(const char *path) {
    struct seen seen = {0};
    history_load(path, see, &seen);
    return seen;
}

static void the_place_follows_the_environment(void **state) {
    char *path;
    (void)state;
    setenv("HOME", "/home/ana", 1);
    unsetenv("XDG_STATE_HOME");
    assert_non_null(path = history_path());
    assert_string_equal(path, "/home/ana/.local/state/lede/history");
    free(path);
    setenv("XDG_STATE_HOME", "/var/ana", 1);
    assert_non_null(path = history_path());
    assert_string_equal(path, "/var/ana/lede/history");
    free(path);
    unsetenv("HOME");
    setenv("XDG_STATE_HOME", "relative", 1);
    assert_null(history_path());
}

static void lines_come_back_in_order(void **state) {
    struct folder f;
    struct stat info;
    (void)state;
    folder_make(&f);
    const char *path = folder_entry(&f, "deep/below/history");
    assert_int_equal(load(path).count, 0);
    assert_true(history_append(path, "first"));
    assert_true(history_append(path, "second \x1b"));
    assert_true(history_append(path, "third"));
    struct seen seen = load(path);
    assert_int_equal(seen.count, 3);
    assert_string_equal(seen.first, "first");
    assert_string_equal(seen.last, "third");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    folder_remove(&f);
}

static void a_long_history_is_cut(void **state) {
    struct folder f;
    struct stat before, after;
    char line[32];
    (void)state;
    folder_make(&f);
    const char *path = folder_entry(&f, "history");
    for (int i = 0; i < 2 * HISTORY_MAX - 1; i++) {
        snprintf(line, sizeof line, "query %d", i);
        assert_true(history_append(path, line));
    }
    assert_int_equal(stat(path, &before), 0);
    struct seen seen = load(path);
    assert_int_equal(seen.count, HISTORY_MAX);
    assert_string_equal(seen.first, "query 999");
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    assert_true(history_append(path, "one more"));
    seen = load(path);
    assert_int_equal(seen.count, HISTORY_MAX);
    assert_string_equal(seen.last, "one more");
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_size < before.st_size);
    seen = load(path);
    assert_int_equal(seen.count, HISTORY_MAX);
    assert_string_equal(seen.first, "query 1000");
    folder_remove(&f);
}

static void odd_files_do_no_harm(void **state) {
    struct folder f;
    (void)state;
    folder_make(&f);
    folder_write_text(&f, "blank", "\n\n\na\n\n");
    assert_int_equal(load(folder_entry(&f, "blank")).count, 1);
    folder_write_text(&f, "open end", "a\nb");
    assert_string_equal(load(folder_entry(&f, "open end")).last, "b");
    folder_write(&f, "nul", "a\0b\nc\n", 6);
    load(folder_entry(&f, "nul"));
    assert_int_equal(load(f.path).count, 0);
    assert_false(history_append(f.path, "a folder"));
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_place_follows_the_environment),
        cmocka_unit_test(lines_come_back_in_order),
        cmocka_unit_test(a_long_history_is_cut),
        cmocka_unit_test(odd_files_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
