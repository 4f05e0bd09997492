/* Text of articles on its way to a terminal: decoded, measured, wrapped, marked, harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/common/text.h"
#include "support/random.h"

static void characters_are_decoded(void **state) {
    static const struct {
        const char *bytes;
        uint32_t character;
        size_t len;
    } cases[] = {
        {"a", 'a', 1},
        {"\xC3\xA9", 0xE9, 2},
        {"\xE2\x80\x99", 0x2019, 3},
        {"\xF0\x9F\x98\x80", 0x1F600, 4},
        {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4},
        {"\xFF", REPLACEMENT_CHARACTER, 1},
        {"\x80", REPLACEMENT_CHARACTER, 1},
        {"\xC3", REPLACEMENT_CHARACTER, 1},
        {"\xC3(", REPLACEMENT_CHARACTER, 1},
        {"\xC0\x80", REPLACEMENT_CHARACTER, 1},         /* longer than need be */
        {"\xE0\x80\x80", REPLACEMENT_CHARACTER, 1},     /* likewise */
        {"\xED\xA0\x80", REPLACEMENT_CHARACTER, 1},     /* a surrogate */
        {"\xF4\x90\x80\x80", REPLACEMENT_CHARACTER, 1}, /* beyond Unicode */
        {"\xE2\x80", REPLACEMENT_CHARACTER, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t at = 0;
        assert_int_equal(text_next(cases[i].bytes, strlen(cases[i].bytes), &at), cases[i].character);
        assert_int_equal(at, cases[i].len);
    }
}

static void widths_are_those_of_the_terminal(void **state) {
    (void)state;
    assert_int_equal(text_width('a'), 1);
    assert_int_equal(text_width(0xE9), 1);
    assert_int_equal(text_width(0x5916), 2);
    assert_int_equal(text_width(0x0301), 0);
    assert_int_equal(text_width(REPLACEMENT_CHARACTER), 1);
    assert_int_equal(text_width(0x202E), 0);
}

static void cleaning_leaves_one_harmless_line(void **state) {
    static const struct {
        const char *text, *clean;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"  a\t\n b \r\n", "a b"},
        {"\x1b[31mred\x07", "\xEF\xBF\xBD[31mred\xEF\xBF\xBD"},
        {"\xC2\x9B"
         "31m",
         "\xEF\xBF\xBD"
         "31m"}, /* CSI in one character */
        {"a\xFF", "a\xEF\xBF\xBD"},
        {"a\x7F", "a\xEF\xBF\xBD"},
        {"\xE3\x80\x80"
         "a",
         "a"},
        {"a\u202Eb\u2066c\u200F", "a\uFFFDb\uFFFDc\u200F"}, /* turns what follows; a mark turns nothing */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = 0;
        char *clean = text_clean(cases[i].text, strlen(cases[i].text), &len);
        assert_non_null(clean);
        assert_string_equal(clean, cases[i].clean);
        assert_int_equal(len, strlen(clean));
        free(clean);
    }
}

static void repairing_keeps_controls(void **state) {
    (void)state;
    size_t len = 0;
    char *valid = text_repair("a\n\xFF\x1b\xC3\xA9", 6, &len);
    assert_non_null(valid);
    assert_string_equal(valid, "a\n\xEF\xBF\xBD\x1b\xC3\xA9");
    assert_int_equal(len, 8);
    free(valid);
}

/* Lays out into memory, to be freed. */
static char *lay_out(const char *text, const lede_span *spans, size_t span_count, unsigned width, bool color,
                     struct text_layout layout, size_t *lines, size_t *upto) {
    char *out = NULL;
    size_t len = 0, count;
    struct terminal t = {.out = open_memstream(&out, &len), .is_terminal = width > 0, .color = color, .width = width};
    const struct marked_text marked = {text, strlen(text), spans, span_count};
    assert_non_null(t.out);
    layout.terminal = &t;
    count = text_print(&layout, &marked, upto);
    if (lines)
        *lines = count;
    fclose(t.out);
    return out;
}

static void lines_are_wrapped(void **state) {
    static const struct {
        const char *text;
        unsigned width, indent;
        enum text_lines lines;
        const char *out;
    } cases[] = {
        {"one two three four", 0, 0, TEXT_LINES, "one two three four\n"},
        {"one two three four", 13, 0, TEXT_LINES, "one two three\nfour\n"},
        {"one two three four", 12, 0, TEXT_LINES, "one two\nthree four\n"},
        {"one two three four", 14, 2, TEXT_LINES, "  one two\n  three four\n"},
        {"a\nb", 20, 0, TEXT_LINES, "a\nb\n"},
        {"a\n\n\nb", 20, 0, TEXT_LINES, "a\nb\n"},
        {"a\n\nb", 20, 0, TEXT_BLANK_LINES, "a\n\nb\n"},
        {"a\r\n\r\nb", 20, 0, TEXT_BLANK_LINES, "a\n\nb\n"},
        {"a\xE2\x80\xA8"
         "b",
         20, 0, TEXT_LINES, "a\nb\n"},
        {"a\n\nb\nc", 20, 0, TEXT_ONE_LINE, "a b c\n"},
        {"  a   b  ", 20, 0, TEXT_LINES, "a b\n"},
        {"", 20, 0, TEXT_LINES, "\n"},
        {"\n\n", 20, 0, TEXT_LINES, "\n"},
        {"abcdefghijklmnopqrstuvwxyz", 10, 0, TEXT_LINES, "abcdefghij\nklmnopqrst\nuvwxyz\n"},
        {"ab abcdefghijkl", 10, 0, TEXT_LINES, "ab abcdefg\nhijkl\n"},
        /* A narrow terminal still gets ten columns of text. */
        {"one two three", 3, 2, TEXT_LINES, "  one two\n  three\n"},
        /* Wide characters may be parted anywhere; six take twelve columns. */
        {"\xE5\xA4\x96\xE5\x8B\x99\xE5\xA4\xA7\xE8\x87\xA3\xE4\xBC\x9A\xE8\xAB\x87", 11, 0, TEXT_LINES,
         "\xE5\xA4\x96\xE5\x8B\x99\xE5\xA4\xA7\xE8\x87\xA3\xE4\xBC\x9A\n\xE8\xAB\x87\n"},
        /* A combining accent takes no column. */
        {"abcdefghe\xCC\x81 x", 10, 0, TEXT_LINES, "abcdefghe\xCC\x81\nx\n"},
        {"bell\x07 esc\x1b[0m", 0, 0, TEXT_LINES, "bell\xEF\xBF\xBD esc\xEF\xBF\xBD[0m\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text_layout layout = {NULL, cases[i].indent, 0, STYLE_PLAIN, cases[i].lines};
        size_t lines, ends = 0;
        char *out = lay_out(cases[i].text, NULL, 0, cases[i].width, false, layout, &lines, NULL);
        assert_string_equal(out, cases[i].out);
        for (const char *p = out; *p; p++)
            ends += *p == '\n';
        assert_int_equal(lines, ends);
        free(out);
    }
}

#define ON  "\033[0;1;31m"
#define OFF "\033[0m"

static void matches_are_marked(void **state) {
    static const struct {
        const char *text;
        lede_span spans[3];
        size_t count;
        unsigned width;
        const char *out;
    } cases[] = {
        {"Lavrov in Simla", {{0, 6}, {10, 15}}, 2, 0, ON "Lavrov" OFF " in " ON "Simla" OFF "\n"},
        {"all", {{0, 3}}, 1, 0, ON "all" OFF "\n"},
        {"x line of control", {{2, 17}}, 1, 0, "x " ON "line of control" OFF "\n"},
        {"\u202Edoc\u202C \u2067.exe\u2069", {{3, 6}}, 1, 8, ON "doc" OFF " .exe\n"},
        /* Off before the line ends, on again behind the next. */
        {"aaaaaaaaaaaaaa", {{8, 12}}, 1, 10, "aaaaaaaa" ON "aa" OFF "\n" ON "aa" OFF "aa\n"},
        {"none", {{0, 0}}, 0, 0, "none\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text_layout layout = {NULL, 0, 0, STYLE_PLAIN, TEXT_LINES};
        char *out = lay_out(cases[i].text, cases[i].spans, cases[i].count, cases[i].width, true, layout, NULL, NULL);
        assert_string_equal(out, cases[i].out);
        free(out);
    }
}

static void matches_in_a_title_go_back_to_bold(void **state) {
    const lede_span span = {0, 1};
    struct text_layout layout = {NULL, 5, 5, STYLE_TITLE, TEXT_LINES};
    (void)state;
    char *out = lay_out("a b", &span, 1, 0, true, layout, NULL, NULL);
    assert_string_equal(out, "\033[0;1m" ON "a\033[0;1m b" OFF "\n");
    free(out);
}

static void the_line_of_an_offset_is_found(void **state) {
    static const struct {
        size_t offset, line;
    } cases[] = {{0, 0}, {4, 0}, {8, 1}, {12, 1}, {13, 3}, {15, 3}, {20, 4}, {1000, 4}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text_layout layout = {NULL, 0, 0, STYLE_PLAIN, TEXT_BLANK_LINES};
        size_t at = cases[i].offset;
        /* "one two" "three" "" "four" "five" */
        char *out = lay_out("one two three\n\nfour\nfive", NULL, 0, 10, false, layout, NULL, &at);
        assert_int_equal(at, cases[i].line);
        free(out);
    }
}

/* Whatever the bytes and the width: nothing but text, spaces and newlines comes out, and no line is too wide. */
static void any_bytes_are_harmless(void **state) {
    (void)state;
    srand((unsigned)random_seed());
    for (int round = 0; round < 2000; round++) {
        char text[64];
        size_t len = (size_t)rand() % sizeof text;
        for (size_t i = 0; i < len; i++)
            text[i] = (char)(rand() % 3 ? 1 + rand() % 255 : ' ');
        if (len > 8)
            memcpy(text + (size_t)rand() % (len - 4), "\u202E", 3);
        text[len ? len - 1 : 0] = '\0';
        unsigned width = 10 + (unsigned)rand() % 20;
        struct text_layout layout = {NULL, 0, 0, STYLE_PLAIN, (enum text_lines)(rand() % 2)};
        char *out = lay_out(text, NULL, 0, width, false, layout, NULL, NULL);
        size_t n = strlen(out), column = 0;
        for (size_t at = 0; at < n;) {
            uint32_t c = text_next(out, n, &at);
            assert_true(c == '\n' || (!text_is_control(c) && !text_turns(c)));
            column = c == '\n' ? 0 : column + text_width(c);
            assert_true(column <= width);
        }
        free(out);
    }
}

int main(void) {
    terminal_use_utf8();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_decoded),
        cmocka_unit_test(widths_are_those_of_the_terminal),
        cmocka_unit_test(cleaning_leaves_one_harmless_line),
        cmocka_unit_test(repairing_keeps_controls),
        cmocka_unit_test(lines_are_wrapped),
        cmocka_unit_test(matches_are_marked),
        cmocka_unit_test(matches_in_a_title_go_back_to_bold),
        cmocka_unit_test(the_line_of_an_offset_is_found),
        cmocka_unit_test(any_bytes_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
