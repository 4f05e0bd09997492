/* Where lines end, in bytes and in UTF-16. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "indexer/formats/lines.h"

/* Bytes of a literal, without its terminating NUL. */
#define BYTES(s) s, sizeof(s) - 1

static void ends_are_found(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        enum line_unit unit;
        size_t first, last, count;
    } cases[] = {
        {BYTES(""), LINES_BYTES, 0, 0, 0},
        {BYTES("abc"), LINES_BYTES, 0, 0, 0},
        {BYTES("\n"), LINES_BYTES, 1, 1, 1},
        {BYTES("a\nbc\n\nd"), LINES_BYTES, 2, 6, 3},
        {BYTES("a\0\n\0b\0"), LINES_UTF16_LE, 4, 4, 1},
        {BYTES("\0a\0\n\0b\0\n\0c"), LINES_UTF16_BE, 4, 8, 2},
        /* U+0A00, U+000B, U+0A0A and U+010A have a byte 0A, and no line feed; nor has a pair across two units. */
        {BYTES("\x00\x0a\x0b\x00\x0a\x0a\x0a\x01"), LINES_UTF16_LE, 0, 0, 0},
        {BYTES("\x0a\x00\x00\x0b\x0a\x0a\x01\x0a"), LINES_UTF16_BE, 0, 0, 0},
        {BYTES("\x01\x0a\x00\x01"), LINES_UTF16_LE, 0, 0, 0},
        /* Half a unit at the end. */
        {BYTES("\n\0\n"), LINES_UTF16_LE, 2, 2, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(lines_first_end(cases[i].bytes, cases[i].len, cases[i].unit), cases[i].first);
        assert_int_equal(lines_last_end(cases[i].bytes, cases[i].len, cases[i].unit), cases[i].last);
        assert_int_equal(lines_count(cases[i].bytes, cases[i].len, cases[i].unit), cases[i].count);
    }
}

static void units_are_told_by_the_bom(void **state) {
    (void)state;
    assert_int_equal(lines_detect(BYTES("\xff\xfe"
                                        "a\0")),
                     LINES_UTF16_LE);
    assert_int_equal(lines_detect(BYTES("\xfe\xff"
                                        "\0a")),
                     LINES_UTF16_BE);
    assert_int_equal(lines_detect(BYTES("\xef\xbb\xbf"
                                        "a")),
                     LINES_BYTES);
    assert_int_equal(lines_detect(BYTES("\xff")), LINES_BYTES);
    assert_int_equal(lines_detect(BYTES("")), LINES_BYTES);
}

/* Many, and at any place. */
static void feeds_are_counted(void **state) {
    char bytes[1000];
    (void)state;
    for (size_t len = 0; len <= sizeof bytes; len++) {
        memset(bytes, '\n', len);
        assert_int_equal(lines_count(bytes, len, LINES_BYTES), len);
        memset(bytes, 'a', len / 2);
        assert_int_equal(lines_count(bytes, len, LINES_BYTES), len - len / 2);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_are_found),
        cmocka_unit_test(units_are_told_by_the_bom),
        cmocka_unit_test(feeds_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
