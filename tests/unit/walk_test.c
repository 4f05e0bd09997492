/* Which files a folder holds for an index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "indexer/files/walk.h"

/* A folder of its own, removed at the end; the process works inside. */
static int enter(void **state) {
    char folder[] = "/tmp/walk_test.XXXXXX";
    if (!mkdtemp(folder) || chdir(folder))
        return -1;
    *state = realpath(".", NULL);
    return *state ? 0 : -1;
}

static int leave(void **state) {
    char command[4200];
    snprintf(command, sizeof command, "chmod -R u+rwx '%s' && rm -rf '%s'", (char *)*state, (char *)*state);
    int failed = chdir("/") || system(command);
    free(*state);
    return failed;
}

static void put(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void note(void *ctx, lede_warning_kind kind, const char *where, const char *why) {
    struct buffer *notes = ctx;
    assert_int_equal(kind, LEDE_WARNING_SKIPPED);
    const char *slash = strrchr(where, '/');
    buffer_append(notes, slash + 1, strlen(slash + 1));
    buffer_append(notes, ": ", 2);
    buffer_append(notes, why, strlen(why));
    buffer_append(notes, "\n", 1);
}

/* The paths below the root, one a line. */
static char *list(const char *path, struct buffer *notes, size_t *count) {
    static char text[4096];
    struct walk w;
    struct file_cursor c;
    const struct listed_file *file;
    lede_error err;
    const struct walk_options options = {.scratch = "scratch", .warn = note, .ctx = notes};
    if (walk_path(&w, path, &options, &err))
        fail_msg("%s", err.message);
    text[0] = 0;
    file_cursor_init(&c, &w.files);
    while ((file = file_cursor_next(&c))) {
        size_t n = strncmp(file->path, w.root, strlen(w.root)) ? 0 : strlen(w.root) + 1;
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s\n", file->path + n);
    }
    file_cursor_release(&c);
    *count = w.files.count;
    walk_release(&w);
    buffer_append_u8(notes, 0);
    return text;
}

static void folders_are_sorted_and_sifted(void **state) {
    struct buffer notes = BUFFER_EMPTY;
    size_t count;
    (void)state;
    assert_int_equal(system("mkdir -p b/c .git my.lede d.txt empty"), 0);
    const char *const files[] = {"b.txt",    "b/z.MD",     "b/c/y.jsonl", "a.text",        "B.tsv",
                                 "x.ndjson", "v.markdown", ".git/t.txt",  "my.lede/t.txt", ".h.txt",
                                 "noext",    "pic.png",    "d.txt/i.txt"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        put(files[i], "text");
    assert_string_equal(list(".", &notes, &count),
                        "B.tsv\na.text\nb.txt\nb/c/y.jsonl\nb/z.MD\nd.txt/i.txt\nv.markdown\nx.ndjson\n");
    assert_string_equal((char *)notes.data, "");
    buffer_release(&notes);
}

static void links_are_followed_to_files_once(void **state) {
    struct buffer notes = BUFFER_EMPTY;
    size_t count;
    (void)state;
    assert_int_equal(system("mkdir -p in/sub out && ln -s .. in/sub/loop && ln -s ../out in/folder.txt"), 0);
    put("out/far", "far");
    put("in/near.txt", "near");
    assert_int_equal(system("cd in && ln -s ../out/far far.txt && ln -s near.txt again.txt && ln -s gone lost.txt"), 0);
    const char *text = list("in", &notes, &count);
    assert_int_equal(count, 2);
    assert_non_null(strstr(text, "near.txt\n"));
    assert_non_null(strstr(text, "/out/far\n"));
    assert_string_equal((char *)notes.data, "lost.txt: cannot follow the link: No such file or directory\n");
    buffer_release(&notes);
}

static void what_cannot_be_read_is_told(void **state) {
    struct buffer notes = BUFFER_EMPTY;
    size_t count;
    (void)state;
    put("ok.txt", "text");
    assert_int_equal(mkfifo("pipe.tsv", 0600) || mkfifo("pipe", 0600), 0);
    assert_string_equal(list(".", &notes, &count), "ok.txt\n");
    assert_string_equal((char *)notes.data, "pipe.tsv: not a regular file; pipe it to standard input instead\n");
    buffer_clear(&notes);
    put("secret.txt", "text");
    assert_int_equal(chmod("secret.txt", 0) || mkdir("locked", 0), 0);
    uid_t self = geteuid();
    if (self == 0) /* who may read everything */
        assert_int_equal(chmod(".", 0755) || seteuid(65534), 0);
    const char *text = list(".", &notes, &count);
    assert_int_equal(seteuid(self), 0);
    assert_string_equal(text, "ok.txt\n");
    assert_non_null(strstr((char *)notes.data, "secret.txt: cannot read: Permission denied\n"));
    assert_non_null(strstr((char *)notes.data, "locked: cannot read the folder: Permission denied\n"));
    buffer_release(&notes);
}

/* Walks a single file, which has to be there, at `expected`. */
static void assert_file(const char *path, lede_format given, const char *expected, struct listed_file *file) {
    const struct walk_options options = {.scratch = "scratch", .format = given};
    struct walk w;
    struct file_cursor c;
    lede_error err;
    assert_int_equal(walk_path(&w, path, &options, &err), LEDE_OK);
    file_cursor_init(&c, &w.files);
    *file = *file_cursor_next(&c);
    assert_string_equal(file->path, expected);
    assert_string_equal(w.root, expected);
    assert_false(w.is_folder);
    assert_int_equal(w.files.count, 1);
    assert_int_equal(w.files.bytes, file->size);
    assert_null(file_cursor_next(&c));
    assert_int_equal(file_cursor_status(&c, &err), LEDE_OK);
    file_cursor_release(&c);
    walk_release(&w);
}

static void a_file_may_have_any_name(void **state) {
    static const struct walk_options options = {.scratch = "scratch"};
    struct walk w;
    struct listed_file file;
    lede_error err;
    char expected[4200];
    put("noext", "12345");
    assert_int_equal(system("ln -s noext link.md"), 0);
    assert_int_equal(walk_path(&w, "./../walk_test.X/../noext", &options, &err), LEDE_NOT_FOUND);
    assert_int_equal(walk_path(&w, "", &options, &err), LEDE_INVALID);
    assert_string_equal(err.message, "a file or folder without a name; name one");
    snprintf(expected, sizeof expected, "%s/noext", (char *)*state);
    assert_file("./noext", LEDE_FORMAT_AUTO, expected, &file);
    assert_int_equal(file.size, 5);
    assert_int_equal(file.format, LEDE_FORMAT_AUTO);
    assert_true(file.mtime > INT64_C(1500000000) * 1000000000);
    assert_file("noext", LEDE_FORMAT_TSV, expected, &file);
    assert_int_equal(file.format, LEDE_FORMAT_TSV);
    assert_file("link.md", LEDE_FORMAT_AUTO, expected, &file);
    assert_int_equal(file.format, LEDE_FORMAT_MARKDOWN);
    assert_int_equal(walk_path(&w, "/dev/null", &options, &err), LEDE_IO);
    assert_null(w.root);
}

static int stop_at_once(void *ctx) {
    ++*(int *)ctx;
    return 1;
}

static void a_walk_can_be_stopped(void **state) {
    int asked = 0;
    const struct walk_options options = {.scratch = "scratch", .tick = stop_at_once, .ctx = &asked};
    struct walk w;
    lede_error err;
    (void)state;
    put("a.txt", "a");
    assert_int_equal(walk_path(&w, ".", &options, &err), LEDE_OK);
    assert_int_equal(asked, 1);
    assert_int_equal(w.files.count, 0);
    walk_release(&w);
}

/* More folders side by side than are kept in memory, each with a file. */
static void many_folders_are_walked(void **state) {
    enum { FOLDERS = 6000 };
    const struct walk_options options = {.scratch = "scratch"};
    struct walk w;
    struct file_cursor c;
    char path[128], expected[4400];
    lede_error err;
    for (int i = 0; i < FOLDERS; i++) {
        snprintf(path, sizeof path, "%040d", i);
        assert_int_equal(mkdir(path, 0755), 0);
        snprintf(path, sizeof path, "%040d/%d.txt", i, i);
        put(path, "text");
    }
    assert_int_equal(walk_path(&w, ".", &options, &err), LEDE_OK);
    assert_int_equal(w.files.count, FOLDERS);
    assert_true(w.scratch.end > 0);
    file_cursor_init(&c, &w.files);
    for (int i = 0; i < FOLDERS; i++) {
        snprintf(expected, sizeof expected, "%s/%040d/%d.txt", (char *)*state, i, i);
        assert_string_equal(file_cursor_next(&c)->path, expected);
    }
    assert_null(file_cursor_next(&c));
    file_cursor_release(&c);
    walk_release(&w);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(folders_are_sorted_and_sifted), IN_FOLDER(links_are_followed_to_files_once),
        IN_FOLDER(what_cannot_be_read_is_told),   IN_FOLDER(a_file_may_have_any_name),
        IN_FOLDER(a_walk_can_be_stopped),         IN_FOLDER(many_folders_are_walked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
