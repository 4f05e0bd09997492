/* Charsets by name, piece by piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/text/converter.h"

/* The whole text in pieces of so many bytes. */
static uint64_t convert(struct converter *c, struct buffer *out, lede_span whole, const char *text, size_t piece) {
    uint64_t replaced = 0;
    buffer_clear(out);
    converter_reset(c);
    for (size_t i = whole.start; i < whole.end; i += piece) {
        size_t n = whole.end - i < piece ? whole.end - i : piece;
        assert_int_equal(converter_run(c, out, text + i, n, i + n == whole.end, &replaced, NULL), LEDE_OK);
    }
    return replaced;
}

static void texts_are_the_same_however_they_are_cut(void **state) {
    (void)state;
    static const struct {
        const char *charset, *name, *text;
        uint32_t len;
        const char *utf8;
        uint64_t replaced;
    } cases[] = {
        {"windows-1251", "windows-1251", "\xcc\xee\xf1\xea\xe2\xe0", 6, "Москва", 0},
        {"cp1251", "windows-1251", "\x98-\xb9", 3, "\xc2\x98-№", 0},
        {"greek", "ISO-8859-7", "\xff-\xe1", 3, "\xef\xbf\xbd-α", 1},
        {"koi8-r", "KOI8-R", "\xed\xcf\xd3\xcb\xd7\xc1", 6, "Москва", 0},
        {"Shift_JIS", "Shift_JIS", "\x93\x8c\x8b\x9e\x93", 5, "東京\xef\xbf\xbd", 1},
        {"gb18030", "GB18030", "\x94\x39\xda\x33.", 5, "\xf0\x9f\x92\xa9.", 0},
        {"utf-16le", "UTF-16LE", "\x3d\xd8\xa9\xdc.\0", 6, "\xf0\x9f\x92\xa9.", 0},
        {"utf-16le", "UTF-16LE", "\x3d\xd8.\0", 4, "\xef\xbf\xbd.", 2},
        {"ISO-2022-JP", "ISO-2022-JP", "\x1b$B5~\x1b(Ba", 9, "京a", 0},
        {"utf-8", "UTF-8", "a\xffz", 3, "a\xef\xbf\xbdz", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct converter *c = NULL;
        struct buffer out = BUFFER_EMPTY;
        assert_int_equal(converter_new(&c, cases[i].charset, NULL), LEDE_OK);
        assert_string_equal(converter_name(c), cases[i].name);
        for (size_t piece = 1; piece <= cases[i].len; piece++) {
            lede_span whole = {0, cases[i].len};
            assert_int_equal(convert(c, &out, whole, cases[i].text, piece), cases[i].replaced);
            assert_int_equal(out.len, strlen(cases[i].utf8));
            assert_memory_equal(out.data, cases[i].utf8, out.len);
        }
        buffer_release(&out);
        converter_free(c);
    }
}

static void long_texts_fit(void **state) {
    (void)state;
    enum { LEN = 10000 };
    char text[LEN];
    struct converter *c = NULL;
    struct buffer out = BUFFER_EMPTY;
    uint64_t replaced = 0;
    memset(text, 0xcc, sizeof text);
    assert_int_equal(converter_new(&c, "windows-1251", NULL), LEDE_OK);
    assert_int_equal(converter_run(c, &out, text, LEN, true, &replaced, NULL), LEDE_OK);
    assert_int_equal(out.len, 2 * LEN);
    for (size_t i = 0; i < LEN; i++)
        assert_memory_equal(out.data + 2 * i, "М", 2);
    assert_int_equal(replaced, 0);
    buffer_release(&out);
    converter_free(c);
}

static void unknown_names_are_refused(void **state) {
    (void)state;
    static const char longest[] = "a-name-that-is-longer-than-those-of-all-charsets-that-there-have-ever-been";
    const char *names[] = {"klingon", "", longest};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct converter *c = NULL;
        lede_error err;
        assert_int_equal(converter_new(&c, names[i], &err), LEDE_INVALID);
        assert_null(c);
        assert_non_null(strstr(err.message, "there is no charset '"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_the_same_however_they_are_cut),
        cmocka_unit_test(long_texts_fit),
        cmocka_unit_test(unknown_names_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
