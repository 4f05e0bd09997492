/* The tables that stand for ICU are held to it; what is made of it is in scanner_test.c and analyzer_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/text/letters.h"
#include "core/text/unicode.h"
#include "core/text/utf8.h"
#include "modules/icu.h"
#include "support/random.h"

static int set_up(void **state) {
    struct unicode *u = NULL;
    lede_error err;
    if (unicode_new(&u, &err))
        return -1;
    *state = u;
    return 0;
}

static int tear_down(void **state) {
    unicode_free(*state);
    return 0;
}

typedef bool known_folding(const char *s, size_t n, char *out, size_t cap, size_t *len);
typedef size_t any_folding(struct unicode *u, const char *s, size_t n, char *out, size_t cap);

/* No table knows it, and it goes with nothing. */
#define STRANGER "北"

/* Fails unless the table knows nothing of s, or gives what ICU does. True if it knows. */
static bool assert_same_folding(struct unicode *u, known_folding *known, any_folding *any, const char *s, size_t n) {
    char found[600], strange[600], expected[600];
    size_t len;
    if (!known(s, n, found, sizeof found, &len))
        return false;
    memcpy(strange, s, n);
    memcpy(strange + n, STRANGER, strlen(STRANGER));
    size_t expected_len = any(u, strange, n + strlen(STRANGER), expected, sizeof expected);
    assert_int_equal(len + strlen(STRANGER), expected_len);
    assert_memory_equal(expected + len, STRANGER, strlen(STRANGER));
    assert_memory_equal(found, expected, len);
    return true;
}

static void known_letters_fold_as_icu_has_it(void **state) {
    size_t casefolded = 0, stripped = 0;
    for (uint32_t c = 1; c < 0x30000; c++) {
        char s[UTF8_MAX], small[UTF8_MAX * 4];
        size_t n = utf8_write(s, c >= 0xd800 && c < 0xe000 ? 'x' : c), len;
        if (!assert_same_folding(*state, letters_casefold, unicode_casefold, s, n))
            continue;
        casefolded++;
        assert_true(letters_casefold(s, n, small, sizeof small, &len));
        stripped += assert_same_folding(*state, letters_strip, unicode_strip, small, len);
    }
    /* ASCII, two apostrophes, and the letters that the tables are for. */
    assert_in_range(casefolded, 127 + 2 + 240, 2500);
    assert_in_range(stripped, 127 + 2 + 235, 2500);
}

static void known_words_fold_as_icu_has_it(void **state) {
    static const uint32_t firsts[] = {'0', 'A', 0xc0, 0x100, 0x140, 0x400, 0x430};
    void *random = NULL;
    size_t known = 0;
    assert_int_equal(random_setup(&random), 0);
    for (int round = 0; round < 20000; round++) {
        char s[64];
        size_t n = 0;
        for (uint64_t left = 1 + random_below(random, 8); left; left--)
            n += utf8_write(s + n, firsts[random_below(random, 7)] + (uint32_t)random_below(random, 64));
        known += assert_same_folding(*state, letters_casefold, unicode_casefold, s, n);
        known += assert_same_folding(*state, letters_strip, unicode_strip, s, n);
    }
    assert_true(known > 2000);
    assert_int_equal(random_teardown(&random), 0);
}

static void what_is_too_long_is_left_to_icu(void **state) {
    (void)state;
    char out[16];
    size_t len;
    assert_true(letters_casefold("ÀÀÀ", 6, out, 16, &len));
    assert_int_equal(len, 6);
    assert_false(letters_casefold("ÀÀÀÀÀÀÀÀ", 16, out, 15, &len));
    assert_false(letters_strip("àààà", 8, out, 3, &len));
}

/* Whether a character that the tables class is a letter, or goes with one, as ICU has it; scanner_test.c looks at what
 * comes of all classes. */
static void known_classes_are_icus(void **state) {
    (void)state;
    size_t pages = 0;
    for (uint32_t page = 0; page < 0x1100; page++) {
        uint8_t classes[256];
        if (!letters_classes(classes, page))
            continue;
        pages++;
        for (uint32_t i = 0; i < 256; i++) {
            int32_t word_break = u_getIntPropertyValue((UChar32)(page * 256 + i), UCHAR_WORD_BREAK);
            bool extends = word_break == U_WB_EXTEND || word_break == U_WB_FORMAT || word_break == U_WB_ZWJ;
            assert_int_equal(classes[i] == WORD_EXTEND, extends);
            assert_int_equal(classes[i] == WORD_NUMBER, word_break == U_WB_NUMERIC);
            if (classes[i] == WORD_LETTER)
                assert_int_equal(word_break, U_WB_ALETTER);
        }
    }
    assert_int_equal(pages, 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_letters_fold_as_icu_has_it),
        cmocka_unit_test(known_words_fold_as_icu_has_it),
        cmocka_unit_test(what_is_too_long_is_left_to_icu),
        cmocka_unit_test(known_classes_are_icus),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
