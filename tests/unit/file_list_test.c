/* Lists of files: in order and once each, as sorting in memory has it, whatever the order in which they come; and in
 * memory that does not grow with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "indexer/files/file_list.h"
#include "support/folder.h"
#include "support/random.h"

enum { FILES = 400000, MEMORY = 4 << 20 };

static void name_file(char *path, size_t size, uint32_t number) {
    snprintf(path, size, "/a folder/of many files/%u/%08x.txt", number % 7, number);
}

/* Those of the numbers below `count` in an order by chance, some of them twice. */
static void fill(struct file_list *l, struct random *r, uint32_t count) {
    char path[100];
    uint32_t *order = malloc(count * sizeof *order);
    assert_non_null(order);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = random_below(r, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct listed_file file = {path, order[i], -(int64_t)order[i], LEDE_FORMAT_TEXT};
        name_file(path, sizeof path, order[i]);
        for (uint32_t times = 1 + !random_below(r, 4); times > 0; times--)
            file_list_add(l, &file);
        assert_true(file_list_memory(l) <= MEMORY);
    }
    free(order);
}

static void assert_listed(struct file_list *l, uint32_t count) {
    struct file_cursor c;
    const struct listed_file *file;
    char path[100];
    lede_error err;
    uint64_t bytes = 0;
    file_cursor_init(&c, l);
    for (uint32_t folder = 0; folder < 7; folder++) {
        for (uint32_t i = folder; i < count; i += 7) {
            name_file(path, sizeof path, i);
            file = file_cursor_next(&c);
            assert_non_null(file);
            assert_string_equal(file->path, path);
            assert_int_equal(file->size, i);
            assert_int_equal(file->mtime, -(int64_t)i);
            assert_int_equal(file->format, LEDE_FORMAT_TEXT);
            bytes += i;
        }
    }
    assert_null(file_cursor_next(&c));
    assert_int_equal(file_cursor_status(&c, &err), LEDE_OK);
    assert_int_equal(l->count, count);
    assert_int_equal(l->bytes, bytes);
    file_cursor_release(&c);
}

static void files_are_sorted_whatever_their_number(void **state) {
    static const uint32_t counts[] = {0, 1, 2, 1000, 20000, FILES};
    struct random r = {random_seed()};
    struct folder f;
    lede_error err;
    (void)state;
    folder_make(&f);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct scratch scratch;
        struct file_list l;
        scratch_init(&scratch, folder_entry(&f, "list"));
        file_list_init(&l, &scratch);
        fill(&l, &r, counts[i]);
        assert_int_equal(file_list_finish(&l, &err), LEDE_OK);
        assert_int_equal(scratch.end > 0, counts[i] >= 20000);
        assert_true(file_list_memory(&l) <= MEMORY);
        assert_listed(&l, counts[i]);
        assert_listed(&l, counts[i]);
        file_list_release(&l);
        scratch_release(&scratch);
    }
    folder_remove(&f);
}

/* A link may have a name of another format than its file. */
static void of_two_formats_the_first_is_kept(void **state) {
    struct scratch scratch;
    struct file_list l;
    struct file_cursor c;
    lede_error err;
    (void)state;
    scratch_init(&scratch, "none");
    file_list_init(&l, &scratch);
    file_list_add(&l, &(struct listed_file){"/a", 1, 2, LEDE_FORMAT_HTML});
    file_list_add(&l, &(struct listed_file){"/a", 1, 2, LEDE_FORMAT_TEXT});
    file_list_add(&l, &(struct listed_file){"/a", 1, 2, LEDE_FORMAT_TSV});
    assert_int_equal(file_list_finish(&l, &err), LEDE_OK);
    assert_int_equal(l.count, 1);
    file_cursor_init(&c, &l);
    assert_int_equal(file_cursor_next(&c)->format, LEDE_FORMAT_TEXT);
    file_cursor_release(&c);
    file_list_release(&l);
}

static void no_room_for_the_scratch_file_is_told(void **state) {
    struct scratch scratch;
    struct file_list l;
    char path[100];
    lede_error err;
    (void)state;
    scratch_init(&scratch, "/no such folder/list");
    file_list_init(&l, &scratch);
    for (uint32_t i = 0; i < FILES; i++) {
        name_file(path, sizeof path, i);
        file_list_add(&l, &(struct listed_file){path, i, 0, LEDE_FORMAT_TEXT});
    }
    assert_true(file_list_memory(&l) <= MEMORY);
    assert_int_equal(file_list_finish(&l, &err), LEDE_NOT_FOUND);
    assert_non_null(strstr(err.message, "/no such folder/list: cannot write a file beside it"));
    file_list_release(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_sorted_whatever_their_number),
        cmocka_unit_test(of_two_formats_the_first_is_kept),
        cmocka_unit_test(no_room_for_the_scratch_file_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
