/* id<TAB>text lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/parsed.h"

static void expect(const char *input, size_t len, lede_passages passages, const char *expected) {
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(parsed_run(&out, LEDE_FORMAT_TSV, passages, input, len), LEDE_OK);
    assert_string_equal((const char *)out.data, expected);
    buffer_release(&out);
}

#define WHY "; expected id<TAB>text\n"

static void lines_are_articles(void **state) {
    static const struct {
        const char *input, *expected;
    } cases[] = {
        {"", ""},
        {"\n\r\n", ""},
        {"7\tA text.\n", "article 7\n1 A text.\n"},
        {"7\tA text.", "article 7\n1 A text.\n"},
        {"7\tA text.\r\n8\tB\r\n", "article 7\n1 A text.\narticle 8\n2 B\n"},
        {"an id\ttext\twith tabs\n", "article an id\n1 text\twith tabs\n"},
        {"\xef\xbb\xbf"
         "7\tA\n",
         "article 7\n1 A\n"},
        {"no tab\n\n8\tB\n", "skipped /a/file:1: no tab" WHY "article 8\n3 B\n"},
        {"\tno id\n", "skipped /a/file:1: empty id before the tab" WHY},
        {"7\t \n8\t", "skipped /a/file:1: no text after the tab" WHY "skipped /a/file:2: no text after the tab" WHY},
        /* Each line is read for itself: UTF-8, Latin-1, damaged UTF-8. */
        {"1\tcaf\xc3\xa9\n2\tcaf\xe9\n3\tna\xc3\xafve caf\xc3\xa9 \xff\n",
         "article 1\n1 café\narticle 2\n2 café\nrepaired /a/file:3: 1 broken byte replaced by U+FFFD\n"
         "article 3\n3 naïve café \xef\xbf\xbd\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i].input, strlen(cases[i].input), LEDE_PASSAGES_WHOLE, cases[i].expected);
}

static void nul_bytes_skip_their_line(void **state) {
    static const char input[] = "1\tone\n2\tt\0o\n3\tthree\n";
    (void)state;
    expect(input, sizeof input - 1, LEDE_PASSAGES_WHOLE,
           "article 1\n1 one\nskipped /a/file:2: NUL byte at byte 3 of the line; binary?\narticle 3\n3 three\n");
}

static void utf16_is_converted_whole(void **state) {
    static const char input[] = "\xff\xfe"
                                "1\0\t\0\xe9\0\n\0"
                                "2\0\t\0b\0";
    (void)state;
    expect(input, sizeof input - 1, LEDE_PASSAGES_WHOLE, "article 1\n1 é\narticle 2\n2 b\n");
}

static void whole_and_cut(void **state) {
    struct buffer in = BUFFER_EMPTY, out = BUFFER_EMPTY;
    (void)state;
    buffer_append(&in, "1\t", 2);
    for (int i = 0; i < 50; i++)
        buffer_append(&in, "Five words make one sentence. ", 30);
    assert_int_equal(parsed_run(&out, LEDE_FORMAT_TSV, LEDE_PASSAGES_WHOLE, (char *)in.data, in.len), LEDE_OK);
    assert_int_equal(out.len, strlen("article 1\n1 \n") + 50 * 30 + 1);
    assert_int_equal(parsed_run(&out, LEDE_FORMAT_TSV, LEDE_PASSAGES_CUT, (char *)in.data, in.len), LEDE_OK);
    const char *second = strstr((char *)out.data, ".\n1 Five");
    assert_non_null(second);
    assert_null(strstr(second + 1, ".\n1 Five"));
    buffer_release(&in);
    buffer_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_articles),
        cmocka_unit_test(nul_bytes_skip_their_line),
        cmocka_unit_test(utf16_is_converted_whole),
        cmocka_unit_test(whole_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
