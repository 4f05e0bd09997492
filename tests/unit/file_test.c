/* A file as it is written: it can be read meanwhile, and what fails is told as what it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/file.h"
#include "support/folder.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_can_be_read),
        cmocka_unit_test(what_cannot_be_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
