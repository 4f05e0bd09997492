/* Spans: white space, words, letters; and that the fast count of words is the slow one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "core/text/span.h"
#include "tests/support/random.h"

static struct span span_of(const char *s) {
    return (struct span){s, strlen(s)};
}

static size_t count_slowly(struct span t) {
    size_t units = 0, run = 0;
    for (size_t at = 0; at < t.n;) {
        struct step step = span_step(t, at, &run);
        units += step.units;
        at += step.len;
    }
    return units;
}

static void words_are_counted_the_same_fast_and_slow(void **state) {
    static const char *const pieces[] = {" ",  "a", "bc", ",",         "\n",          "\xc2\xa0", "é",
                                         "語", "ไ", "😀",  "word word", "-----------", "\x01",     "\x7f"};
    struct random *r = *state;
    for (int round = 0; round < 20000; round++) {
        struct buffer b = BUFFER_EMPTY;
        uint32_t kinds = 1 + random_below(r, 14), count = random_below(r, round % 10 ? 40 : 300);
        for (uint32_t i = 0; i < count; i++) {
            const char *piece = pieces[random_below(r, kinds)];
            buffer_append(&b, piece, strlen(piece));
        }
        struct span t = {(const char *)b.data, b.len};
        size_t units = count_slowly(t);
        assert_int_equal(span_words(t), units);
        size_t words = random_below(r, 60);
        assert_true(span_has_words(t, words) == (units >= words * WORD));
        buffer_release(&b);
    }
}

static void words_are_counted(void **state) {
    static const struct {
        const char *text;
        size_t units;
    } cases[] = {
        {"", 0},          {" \n\xc2\xa0", 0}, {"one", 10},      {" one  two\n", 20}, {"l'eau du\xc2\xa0Rhin", 30},
        {"東京都庁", 20}, {"AI技術", 20},     {"Лавров в", 20}, {"ไทย", 6},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(span_words(span_of(cases[i].text)), cases[i].units);
}

static void ends_are_trimmed(void **state) {
    static const char *const cases[] = {"a",
                                        " a ",
                                        "\t a\r\n",
                                        "\xc2\xa0"
                                        "a\xe3\x80\x80",
                                        "\xef\xbb\xbf"
                                        "a\xe2\x80\x8b",
                                        "\xe2\x80\xa9"
                                        "a"};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span t = span_trim(span_of(cases[i]));
        assert_int_equal(t.n, 1);
        assert_memory_equal(t.s, "a", 1);
    }
    assert_int_equal(span_trim(span_of(" \xc2\xa0 ")).n, 0);
    assert_int_equal(span_trim(span_of("é")).n, 2);
    assert_int_equal(span_trim(span_of("à")).n, 2); /* its last byte is that of a no-break space */
}

static void lines_end_with_any_mark(void **state) {
    static const char *const lines[] = {"a", "", "b", "c", "d"};
    struct span rest = span_of("a\n\r\nb\r\nc\rd"), line;
    size_t n = 0;
    (void)state;
    for (; span_next_line(&rest, &line); n++) {
        assert_int_equal(line.n, strlen(lines[n]));
        assert_memory_equal(line.s, lines[n], line.n);
    }
    assert_int_equal(n, 5);
}

static void texts_are_compared(void **state) {
    (void)state;
    assert_true(span_equal(span_of("ABC"), "abc"));
    assert_false(span_equal(span_of("ABC"), "abcd"));
    assert_false(span_equal(span_of("ABCD"), "abc"));
    assert_true(span_equal(span_of(""), ""));
    assert_true(span_starts(span_of("ABCD"), "abc"));
    assert_false(span_starts(span_of("AB"), "abc"));
    assert_true(span_ends(span_of("xyZ"), "yz"));
    assert_true(span_same_words(span_of(" A  b\nC "), span_of("a b c")));
    assert_false(span_same_words(span_of("a b"), span_of("a bc")));
    assert_false(span_same_words(span_of("a b"), span_of("a b c")));
    assert_int_equal(span_find(span_of("xxABc"), "abC"), 2);
    assert_int_equal(span_find(span_of("xxAB"), "abC"), 4);
}

static void letters_have_cases(void **state) {
    static const struct {
        const char *text;
        enum letter letter;
    } cases[] = {
        {"a", LETTER_LOWER}, {"Z", LETTER_UPPER}, {"7", LETTER_NONE},  {"é", LETTER_LOWER}, {"Ö", LETTER_UPPER},
        {"ß", LETTER_LOWER}, {"÷", LETTER_NONE},  {"Š", LETTER_UPPER}, {"š", LETTER_LOWER}, {"Ž", LETTER_UPPER},
        {"ž", LETTER_LOWER}, {"Ł", LETTER_UPPER}, {"ł", LETTER_LOWER}, {"Ω", LETTER_UPPER}, {"ω", LETTER_LOWER},
        {"Л", LETTER_UPPER}, {"л", LETTER_LOWER}, {"Ё", LETTER_UPPER}, {"ё", LETTER_LOWER}, {"語", LETTER_OTHER},
        {"ش", LETTER_OTHER}, {"“", LETTER_NONE},  {"—", LETTER_NONE},  {"。", LETTER_NONE}, {"،", LETTER_NONE},
        {"।", LETTER_NONE},
    };
    size_t len;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (span_letter(span_of(cases[i].text), 0, &len) != cases[i].letter || len != strlen(cases[i].text))
            fail_msg("%s", cases[i].text);
        assert_true(span_last(span_of(cases[i].text), &len) > 0 && len == strlen(cases[i].text));
    }
    assert_true(span_is_capitals(span_of("NEU-DELHI 7")));
    assert_false(span_is_capitals(span_of("NEU-DELHi")));
    assert_false(span_is_capitals(span_of("7 — 8")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_are_counted_the_same_fast_and_slow, random_setup, random_teardown),
        cmocka_unit_test(words_are_counted),
        cmocka_unit_test(ends_are_trimmed),
        cmocka_unit_test(lines_end_with_any_mark),
        cmocka_unit_test(texts_are_compared),
        cmocka_unit_test(letters_have_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
