/* One bit of one file of an index is another, and lede check finds it, wherever it is: in records, in room that is
 * free, in counters that nobody reads. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

enum { ARTICLES = 12, FILES = 5, FILE_MAX = 1 << 20 };

/* Of bytes that are zero, most of which are free room, one in so many is tried. */
enum { SPARSE = 64 };

/* With files, with deleted passages, and with a file that is gone. */
static lede_writer *write_index(const struct folder *f) {
    char name[64], body[128];
    lede_writer *w = writer_on(folder_entry(f, "a.lede"), NULL);
    assert_int_equal(mkdir(folder_entry(f, "texts"), 0777), 0);
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "texts/article-%d.txt", i);
        snprintf(body, sizeof body, "Article %d\n\nLavrov met the delegation at Simla on day %d of the talks.\n", i, i);
        folder_write_text(f, name, body);
    }
    MUST(lede_writer_add_path(w, folder_entry(f, "texts"), err));
    for (int i = 0; i < ARTICLES; i++) {
        snprintf(name, sizeof name, "key %d", i);
        put_article(w, name, "It was agreed that the Line of Control shall be respected by both sides.");
    }
    MUST(lede_writer_commit(w, NULL, err));
    assert_int_equal(unlink(folder_entry(f, "texts/article-3.txt")), 0);
    MUST(lede_writer_add_path(w, folder_entry(f, "texts"), err));
    uint64_t deleted;
    MUST(lede_writer_delete(w, "key 4", 5, &deleted, err));
    MUST(lede_writer_commit(w, NULL, err));
    return w;
}

static bool check_finds(const char *index) {
    uint64_t faults;
    return lede_index_check(index, NULL, NULL, NULL, &faults, NULL) != LEDE_OK;
}

/* ------------------------------------------------------------------------------------- flips -- */

struct flips {
    struct random *random;
    const char *index, *path; /* of the file in hand */
    size_t tried;
    int fd;
    struct stat st; /* of the file as it was */
};

/* As old as it was, too: a disk that fails does not tell. */
static void put_byte(const struct flips *f, size_t at, uint8_t byte) {
    const struct timespec times[] = {f->st.st_atim, f->st.st_mtim};
    assert_int_equal(pwrite(f->fd, &byte, 1, (off_t)at), 1);
    assert_int_equal(futimens(f->fd, times), 0);
}

static void flip(struct flips *f, size_t at, uint8_t byte) {
    unsigned bit = random_below(f->random, 8);
    f->tried++;
    put_byte(f, at, byte ^ (uint8_t)(1U << bit));
    if (!check_finds(f->index))
        fail_msg("%s: bit %u of byte %zu is another, and check does not see it", f->path, bit, at);
    put_byte(f, at, byte);
}

static void flip_each(struct flips *f, const char *path) {
    static uint8_t bytes[FILE_MAX];
    f->path = path;
    f->fd = open(path, O_RDWR);
    assert_true(f->fd >= 0);
    assert_int_equal(fstat(f->fd, &f->st), 0);
    ssize_t size = read(f->fd, bytes, sizeof bytes);
    assert_true(size >= 0 && size < FILE_MAX);
    size_t before = f->tried;
    for (size_t i = 0; i < (size_t)size; i++)
        if (bytes[i] || random_below(f->random, SPARSE) == 0)
            flip(f, i, bytes[i]);
    close(f->fd);
    print_message("%s: %zd bytes, %zu flips\n", path, size, f->tried - before);
}

/* Not SQLite's, which is made anew by the first who opens it; nor a killed writer's lock, which has its process's
 * number in it, for people. */
static bool is_content(const char *name) {
    return !strstr(name, "-shm") && strcmp(name, "write.lock") != 0;
}

/* Each file of a folder, and of those in it. */
static size_t flip_all(struct flips *f, const char *folder) {
    char path[3 * FOLDER_PATH];
    size_t files = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (const struct dirent *entry; (entry = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            files += flip_all(f, path);
        if (entry->d_type != DT_REG || !is_content(entry->d_name))
            continue;
        flip_each(f, path);
        files++;
    }
    closedir(d);
    return files;
}

static void expect_all_seen(struct random *r, const char *index, size_t files) {
    struct flips f = {.random = r, .index = index};
    check_index(index);
    size_t found = flip_all(&f, index);
    assert_true(found >= files);
    check_index(index);
    assert_true(f.tried > 3000);
}

/* The catalogue, the brief, a segment; the lock is empty. */
static void no_flipped_bit_goes_unseen(void **state) {
    struct folder f;
    struct stat lock;
    char index[2 * FOLDER_PATH];
    folder_make(&f);
    snprintf(index, sizeof index, "%s", folder_entry(&f, "a.lede"));
    lede_writer_close(write_index(&f));
    assert_int_equal(stat(folder_entry(&f, "a.lede/write.lock"), &lock), 0);
    assert_int_equal(lock.st_size, 0);
    expect_all_seen(*state, index, 3);
    folder_remove(&f);
}

static void copy_folder(const char *from, const char *to) {
    char command[5 * FOLDER_PATH];
    snprintf(command, sizeof command, "cp -rp '%s' '%s'", from, to);
    assert_int_equal(system(command), 0);
}

/* What a writer leaves that is killed: SQLite's log is still there. */
static void nor_does_one_of_an_index_that_was_not_closed(void **state) {
    struct folder f;
    char index[2 * FOLDER_PATH], copy[2 * FOLDER_PATH];
    folder_make(&f);
    snprintf(index, sizeof index, "%s", folder_entry(&f, "a.lede"));
    snprintf(copy, sizeof copy, "%s", folder_entry(&f, "copy.lede"));
    lede_writer *w = write_index(&f);
    copy_folder(index, copy);
    lede_writer_close(w);
    expect_all_seen(*state, copy, 4);
    folder_remove(&f);
}

/* ---------------------------------------------------------------------------------- no faults -- */

/* Bytes 24 to 27 of the header count changes, and are of no consequence while there is a log. */
static void flip_counter(const char *index) {
    char path[3 * FOLDER_PATH];
    uint8_t byte = 0;
    snprintf(path, sizeof path, "%s/catalogue.db", index);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, 27), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, 27), 1);
    close(fd);
}

/* Its files are of another time than the brief says. */
static void a_copy_is_checked_as_well(void **state) {
    (void)state;
    struct folder f;
    char index[2 * FOLDER_PATH], copy[2 * FOLDER_PATH], command[8 * FOLDER_PATH];
    folder_make(&f);
    snprintf(index, sizeof index, "%s", folder_entry(&f, "a.lede"));
    snprintf(copy, sizeof copy, "%s", folder_entry(&f, "copy.lede"));
    lede_writer_close(write_index(&f));
    snprintf(command, sizeof command, "cp -r '%s' '%s' && touch '%s/catalogue.db'", index, copy, copy);
    assert_int_equal(system(command), 0);
    check_index(copy);
    flip_counter(copy);
    assert_true(check_finds(copy));
    flip_counter(copy);
    check_index(copy);
    folder_remove(&f);
}

/* Without the brief there is nothing to compare with; the next writer makes another. */
static void a_brief_that_is_gone_is_no_damage(void **state) {
    (void)state;
    struct folder f;
    char index[2 * FOLDER_PATH];
    folder_make(&f);
    snprintf(index, sizeof index, "%s", folder_entry(&f, "a.lede"));
    lede_writer_close(write_index(&f));
    assert_int_equal(unlink(folder_entry(&f, "a.lede/segments/brief")), 0);
    check_index(index);
    lede_writer_close(writer_on(index, NULL));
    assert_true(folder_has(&f, "a.lede/segments/brief"));
    check_index(index);
    flip_counter(index);
    assert_true(check_finds(index));
    folder_remove(&f);
}

/* One of files as they were before SQLite took its log into the catalogue, as a crash may leave it. */
static void nor_is_a_stale_one(void **state) {
    (void)state;
    struct folder f;
    char index[2 * FOLDER_PATH], brief[3 * FOLDER_PATH];
    folder_make(&f);
    snprintf(index, sizeof index, "%s", folder_entry(&f, "a.lede"));
    lede_writer *w = write_index(&f);
    snprintf(brief, sizeof brief, "%s", folder_entry(&f, "brief"));
    copy_folder(folder_entry(&f, "a.lede/segments/brief"), brief);
    lede_writer_close(w);
    copy_folder(brief, folder_entry(&f, "a.lede/segments/brief"));
    check_index(index);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_flipped_bit_goes_unseen, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(nor_does_one_of_an_index_that_was_not_closed, random_setup, random_teardown),
        cmocka_unit_test(a_copy_is_checked_as_well),
        cmocka_unit_test(a_brief_that_is_gone_is_no_damage),
        cmocka_unit_test(nor_is_a_stale_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
