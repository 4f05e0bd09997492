/* UTF-8 by the tables of the Unicode standard, and the charsets that files come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/text/charset.h"
#include "support/random.h"

#define FFFD "\xef\xbf\xbd"

static void characters_read_as_written(void **state) {
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char bytes[UTF8_MAX];
        size_t n = utf8_write(bytes, c);
        uint32_t back = 0;
        size_t len = utf8_read(bytes, bytes + n, &back);
        bool surrogate = c >= 0xd800 && c < 0xe000;
        if (len != (surrogate ? 1 : n) || back != (surrogate ? UTF8_BROKEN : c) || utf8_valid(bytes, n) == surrogate)
            fail_msg("U+%04X", c);
        for (size_t cut = 1; cut < n && !surrogate; cut++) {
            len = utf8_read(bytes, bytes + cut, &back);
            if (len != cut || back != UTF8_BROKEN)
                fail_msg("U+%04X cut to %zu bytes", c, cut);
        }
    }
}

static void repair_replaces_maximal_subparts(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
        uint64_t replaced;
    } cases[] = {
        {"plain", "plain", 0},
        {"na\xc3\xafve", "na\xc3\xafve", 0},
        /* Tables 3-8 to 3-11 of the standard. */
        {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A", 8},
        {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A", 8},
        {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B", 7},
        {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", FFFD FFFD FFFD FFFD "A", 8},
        {"cut \xe2\x80", "cut " FFFD, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        assert_int_equal(utf8_repair(&out, cases[i].in, strlen(cases[i].in)), cases[i].replaced);
        assert_int_equal(utf8_valid(cases[i].in, strlen(cases[i].in)), cases[i].replaced == 0);
        buffer_append_u8(&out, 0);
        assert_string_equal((char *)out.data, cases[i].out);
        buffer_release(&out);
    }
}

/* Checking takes short cuts that reading does not: every three bytes, whole and cut. */
static void checking_agrees_with_reading(void **state) {
    (void)state;
    for (uint32_t bytes = 0x800000; bytes < 0x1000000; bytes++) {
        char s[4] = {(char)(bytes >> 16), (char)(bytes >> 8), (char)bytes, 'x'};
        uint32_t c;
        size_t len = utf8_read(s, s + 4, &c), n = 2 + bytes % 3;
        bool first = c != UTF8_BROKEN && len <= n;
        if ((utf8_valid_prefix(s, n) >= len) != first)
            fail_msg("%06x in %zu bytes", bytes, n);
    }
}

static void cut_keeps_characters_whole(void **state) {
    (void)state;
    const char *s = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (size_t limit = 0; limit < sizeof expected / sizeof *expected; limit++)
        assert_int_equal(utf8_cut(s, strlen(s), limit), expected[limit]);
}

static void ascii_is_told_at_every_length(void **state) {
    (void)state;
    char s[70];
    memset(s, 'x', sizeof s);
    for (size_t n = 0; n <= sizeof s; n++) {
        assert_true(utf8_is_ascii(s, n));
        assert_true(utf8_valid(s, n));
        for (size_t i = 0; i < n; i++) {
            s[i] = (char)0xe9;
            assert_false(utf8_is_ascii(s, n));
            assert_int_equal(utf8_valid_prefix(s, n), i);
            s[i] = 'x';
        }
    }
}

#define BYTES(s) s, sizeof s - 1

static void files_become_utf8(void **state) {
    (void)state;
    static const struct {
        const char *in;
        size_t len;
        enum charset charset;
        const char *out;
        uint64_t replaced;
    } cases[] = {
        {BYTES(""), CHARSET_UTF8, "", 0},
        {BYTES("Simla"), CHARSET_UTF8, "Simla", 0},
        {BYTES("\xef\xbb\xbfSimla"), CHARSET_UTF8, "Simla", 0},
        {BYTES("\xef\xbb\xbf\xff"), CHARSET_BROKEN_UTF8, FFFD, 1},
        {BYTES("caf\xc3\xa9 \xe2\x80\x93 \xff"), CHARSET_BROKEN_UTF8, "caf\xc3\xa9 \xe2\x80\x93 " FFFD, 1},
        {BYTES("caf\xe9"), CHARSET_WINDOWS_1252, "caf\xc3\xa9", 0},
        {BYTES("\x93quoted\x94 \x80"), CHARSET_WINDOWS_1252, "\xe2\x80\x9cquoted\xe2\x80\x9d \xe2\x82\xac", 0},
        {BYTES("\x81\xe9\x8d"), CHARSET_WINDOWS_1252, FFFD "\xc3\xa9" FFFD, 2},
        {BYTES("\xff\xfe"
               "A\0\xe9\0"),
         CHARSET_UTF16_LE, "A\xc3\xa9", 0},
        {BYTES("\xfe\xff"
               "\0A\0\xe9"),
         CHARSET_UTF16_BE, "A\xc3\xa9", 0},
        {BYTES("\xff\xfe\x3d\xd8\x00\xde"), CHARSET_UTF16_LE, "\xf0\x9f\x98\x80", 0},
        {BYTES("\xff\xfe\x3d\xd8"
               "A\0"),
         CHARSET_UTF16_LE, FFFD "A", 2},
        {BYTES("\xff\xfe\x00\xde"
               "A\0\x3d\xd8"),
         CHARSET_UTF16_LE, FFFD "A" FFFD, 4},
        {BYTES("\xfe\xff"
               "\0A\0"),
         CHARSET_UTF16_BE, "A" FFFD, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        uint64_t replaced = 0;
        lede_error err;
        assert_int_equal(charset_detect(cases[i].in, cases[i].len), cases[i].charset);
        assert_int_equal(text_to_utf8(&out, cases[i].in, cases[i].len, &replaced, &err), LEDE_OK);
        assert_int_equal(replaced, cases[i].replaced);
        assert_int_equal(out.len, strlen(cases[i].out));
        buffer_append_u8(&out, 0);
        assert_string_equal((char *)out.data, cases[i].out);
        buffer_release(&out);
    }
}

static void any_bytes_become_valid(void **state) {
    struct random *r = *state;
    for (int round = 0; round < 20000; round++) {
        char bytes[64];
        size_t n = 0;
        for (size_t len = random_below(r, 64); n < len; n++) {
            static const char alphabet[] = "a \xc3\xa9\xe2\x80\x99\xed\xa0\xf0\x90\xf4\xff\xfe\xef\xbb\xbf";
            bytes[n] = alphabet[random_below(r, sizeof alphabet)];
        }
        struct buffer out = BUFFER_EMPTY;
        uint64_t replaced = 0;
        assert_int_equal(text_to_utf8(&out, bytes, n, &replaced, NULL), LEDE_OK);
        assert_true(utf8_valid((char *)out.data, out.len));
        assert_true(replaced <= n);
        out.len = 0;
        assert_int_equal(utf8_repair(&out, bytes, n) == 0, utf8_valid(bytes, n));
        assert_true(utf8_valid((char *)out.data, out.len));
        buffer_release(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_read_as_written),
        cmocka_unit_test(repair_replaces_maximal_subparts),
        cmocka_unit_test(checking_agrees_with_reading),
        cmocka_unit_test(cut_keeps_characters_whole),
        cmocka_unit_test(ascii_is_told_at_every_length),
        cmocka_unit_test(files_become_utf8),
        cmocka_unit_test_setup_teardown(any_bytes_become_valid, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
