/* A file as it is written: it can be read meanwhile, and what fails is told as what it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/base/file.h"
#include "support/folder.h"
#include "support/random.h"

static void what_was_written_can_be_read(void **state) {
    struct folder f;
    struct file_writer *w;
    char bytes[6] = "";
    (void)state;
    folder_make(&f);
    assert_int_equal(file_writer_open(&w, folder_entry(&f, "a"), NULL), LEDE_OK);
    file_writer_write(w, "lavrov simla", 12);
    assert_int_equal(file_writer_read(w, 7, bytes, 5, NULL), LEDE_OK);
    assert_string_equal(bytes, "simla");
    file_writer_abort(w);
    assert_false(folder_has(&f, "a"));
    folder_remove(&f);
}

static void what_cannot_be_read_is_told(void **state) {
    struct folder f;
    struct file_writer *w;
    lede_error err;
    char bytes[8];
    (void)state;
    folder_make(&f);
    assert_int_equal(file_writer_open(&w, folder_entry(&f, "a"), NULL), LEDE_OK);
    file_writer_write(w, "short", 5);
    assert_int_equal(file_writer_read(w, 0, bytes, sizeof bytes, &err), LEDE_IO);
    assert_non_null(strstr(err.message, "cannot read"));
    assert_int_equal(file_writer_commit(w, &err), LEDE_IO);
    assert_false(folder_has(&f, "a"));
    folder_remove(&f);
}

/* Pieces of all sizes, which end before, at and behind what is written at once, and a header that comes last. */
static void a_file_of_many_buffers_is_what_was_written(void **state) {
    enum { SIZE = 9 * 1024 * 1024, HEADER = 64 };
    static uint8_t bytes[SIZE], got[SIZE];
    struct random *r = *state;
    struct folder f;
    struct file_writer *w;
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)random_below(r, 256);
    folder_make(&f);
    assert_int_equal(file_writer_open(&w, folder_entry(&f, "a"), NULL), LEDE_OK);
    file_writer_write(w, got, HEADER);
    file_writer_checksum_start(w);
    for (size_t at = HEADER, n; at < SIZE; at += n) {
        size_t left = SIZE - at, most = random_below(r, 8) ? 100000 : 5000000;
        n = random_below(r, (uint32_t)(most < left ? most : left)) + 1;
        file_writer_write(w, bytes + at, n);
        assert_int_equal(file_writer_offset(w), at + n);
        size_t from = HEADER + random_below(r, (uint32_t)(at + n - HEADER));
        size_t want = at + n - from < 300000 ? at + n - from : 300000;
        assert_int_equal(file_writer_read(w, from, got, want, NULL), LEDE_OK);
        assert_memory_equal(got, bytes + from, want);
    }
    assert_int_equal(file_writer_checksum(w), file_checksum(bytes + HEADER, SIZE - HEADER));
    file_writer_patch(w, 0, bytes, HEADER);
    assert_int_equal(file_writer_commit(w, NULL), LEDE_OK);
    struct file_map map;
    assert_int_equal(file_map_open(&map, folder_entry(&f, "a"), NULL), LEDE_OK);
    assert_int_equal(map.size, SIZE);
    assert_memory_equal(map.data, bytes, SIZE);
    file_map_close(&map);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_can_be_read),
        cmocka_unit_test(what_cannot_be_read_is_told),
        cmocka_unit_test_setup_teardown(a_file_of_many_buffers_is_what_was_written, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
