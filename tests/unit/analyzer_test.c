/* Forms, terms and languages; the words themselves are in scanner_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libstemmer.h>
#include <string.h>

#include "core/base/buffer.h"
#include "core/text/analyzer.h"
#include "core/text/utf8.h"
#include "support/nasty_text.h"

static struct analyzer *new_analyzer(const char *language) {
    struct analyzer *a;
    lede_error err = {LEDE_OK, 0, ""};
    if (analyzer_new(&a, language, &err))
        fail_msg("%s", err.message);
    return a;
}

static void free_analyzer(struct analyzer *a) {
    lede_error err;
    assert_int_equal(analyzer_status(a, &err), LEDE_OK);
    analyzer_free(a);
}

static void forms_are_folded(void **state) {
    (void)state;
    static const struct {
        const char *word, *form;
    } cases[] = {
        {"Simla", "simla"},       {"AGREEMENT1972", "agreement1972"},
        {"Modi’s", "modi's"},     {"O‘Brien", "o'brien"},
        {"Modi's", "modi's"},     {"snake_Case", "snake_case"},
        {"São", "sao"},           {"Sa\u0303o", "sao"},
        {"NAÏVE", "naive"},       {"Straße", "strasse"},
        {"Ærø", "aero"},          {"Łódź", "lodz"},
        {"Đặng", "dang"},         {"Þór", "thor"},
        {"İstanbul", "istanbul"}, {"ırmak", "irmak"},
        {"ﬁnance", "finance"},    {"ＴＡＳＳ", "tass"},
        {"co\u00adop", "coop"},   {"Ёлка", "елка"},
        {"Мой", "мой"},           {"Мои\u0306", "мой"},
        {"Україї́на", "україїна"}, {"Λαβρώφ", "λαβρωφ"},
        {"ΣΊΜΛΑΣ", "σιμλασ"},     {"שָׁלוֹם", "שלום"},
        {"مُحَمَّد", "محمد"},         {"الـــهند", "الهند"},
        {"أحمد", "احمد"},         {"آباد", "اباد"},
        {"سؤال", "سؤال"},         {"हिंदी", "हिंदी"},
        {"क़लम", "क\u093cलम"},     {"२०२५", "2025"},
        {"١٩٧٢", "1972"},         {"インド", "インド"},
        {"ｲﾝﾄﾞ", "インド"},       {"北京", "北京"},
        {"한국", "한국"},         {"ไทย", "ไทย"},
        {"\u200d", ""},           {"ـ", ""},
    };
    struct analyzer *a = new_analyzer("none");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char form[TERM_MAX + 1], again[TERM_MAX + 1], term[TERM_MAX + 1];
        size_t n = analyzer_form(a, cases[i].word, strlen(cases[i].word), form);
        assert_string_equal(form, cases[i].form);
        assert_int_equal(n, strlen(form));
        assert_int_equal(analyzer_form(a, form, n, again), n);
        assert_string_equal(again, form);
        assert_int_equal(analyzer_term(a, cases[i].word, strlen(cases[i].word), term), n);
        assert_string_equal(term, form);
    }
    free_analyzer(a);
}

static void terms_are_stems(void **state) {
    (void)state;
    static const struct {
        const char *language, *word, *term;
    } cases[] = {
        {"english", "Negotiations", "negoti"},
        {"english", "negotiating", "negoti"},
        {"english", "Lavrov's", "lavrov"},
        {"english", "Lavrov’s", "lavrov"},
        {"english", "cafés", "cafe"},
        {"porter", "negotiations", "negoti"},
        {"none", "Negotiations", "negotiations"},
        {"french", "négociations", "negoci"},
        {"french", "NÉGOCIATION", "negoci"},
        {"french", "L’accord", "accord"},
        {"french", "qu'elle", "elle"},
        {"french", "aujourd'hui", "aujourd'hui"},
        {"french", "l'", "l'"},
        {"italian", "dell'accordo", "accord"},
        {"catalan", "l'aigua", "aigu"},
        {"irish", "d'fhear", "fear"},
        {"turkish", "Ankara'da", "ankar"},
        {"turkish", "'da", "'da"},
        {"german", "Verhandlungen", "verhandl"},
        {"german", "Bücher", "buch"},
        {"german", "Straßen", "strass"},
        {"spanish", "acción", "accion"},
        {"spanish", "ACCION", "accion"},
        {"russian", "переговоров", "переговор"},
        {"russian", "ЛАВРОВА", "лавров"},
        {"turkish", "IRMAKLARI", "irmak"},
        {"turkish", "ırmakları", "irmak"},
        {"turkish", "İSTANBUL", "istanbul"},
        {"arabic", "المَدرسة", "مدرس"},
        {"hindi", "समझौतों", "समझौत"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct analyzer *a = new_analyzer(cases[i].language);
        char term[TERM_MAX + 1];
        size_t n = analyzer_term(a, cases[i].word, strlen(cases[i].word), term);
        assert_string_equal(term, cases[i].term);
        assert_int_equal(n, strlen(term));
        free_analyzer(a);
    }
}

static void same_terms_find_each_other(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"Negotiations", "negotiating"},
        {"India’s", "india"},
        {"Łódź", "LODZ"},
        {"Straße", "strasse"},
        {"ＴＡＳＳ", "tass"},
        {"مُحَمَّد", "محمد"},
        {"२०२५", "2025"},
        {"talks", "talk"},
    };
    struct analyzer *a = new_analyzer("english");
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char terms[2][TERM_MAX + 1];
        for (size_t j = 0; j < 2; j++)
            analyzer_term(a, pairs[i][j], strlen(pairs[i][j]), terms[j]);
        assert_string_equal(terms[0], terms[1]);
    }
    free_analyzer(a);
}

static void languages_have_names_and_codes(void **state) {
    (void)state;
    static const struct {
        const char *name, *language;
    } cases[] = {
        {NULL, "english"}, {"english", "english"}, {"English", "english"},
        {"en", "english"}, {"de", "german"},       {"ger", "german"},
        {"DEU", "german"}, {"nb", "norwegian"},    {"porter", "porter"},
        {"none", "none"},  {"unicode", "none"},    {"", NULL},
        {"klingon", NULL}, {"en de", NULL},        {"e", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *language = analyzer_language(cases[i].name);
        if (cases[i].language)
            assert_string_equal(language, cases[i].language);
        else
            assert_null(language);
    }
    for (const char **p = sb_stemmer_list(); *p; p++) {
        assert_string_equal(analyzer_language(*p), *p);
        free_analyzer(new_analyzer(*p));
    }
}

/* One that was given back is the next one of its language, and of no other. */
static void analyzers_are_as_new(void **state) {
    (void)state;
    static const struct {
        const char *language, *term;
    } cases[] = {{"english", "agreement"}, {"english", "agreement"}, {"none", "agreements"}, {NULL, "agreement"},
                 {"NONE", "agreements"},   {"German", "agreement"},  {"de", "agreement"},    {"English", "agreement"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct analyzer *a = new_analyzer(cases[i].language), *other = new_analyzer("none");
        char term[TERM_MAX + 1];
        struct word word;
        assert_ptr_not_equal(a, other);
        assert_false(analyzer_next(a, &word));
        assert_int_equal(analyzer_stems(a), strcmp(cases[i].term, "agreements") != 0);
        analyzer_term(a, "Agreements", 10, term);
        assert_string_equal(term, cases[i].term);
        analyzer_term(other, "Agreements", 10, term);
        assert_string_equal(term, "agreements");
        analyzer_reset(a, "left unread", 11);
        free_analyzer(other);
        free_analyzer(a);
    }
}

static void unknown_language_names_the_known(void **state) {
    (void)state;
    struct analyzer *a;
    lede_error err;
    assert_int_equal(analyzer_new(&a, "klingon", &err), LEDE_INVALID);
    assert_null(a);
    assert_non_null(strstr(err.message, "\"klingon\""));
    assert_non_null(strstr(err.message, "english"));
    assert_non_null(strstr(err.message, "yiddish"));
    assert_non_null(strstr(err.message, "none"));
}

static void long_words_are_cut_at_a_character(void **state) {
    (void)state;
    static const char *const languages[] = {"none", "english", "russian", "turkish"};
    static const char *const letters[] = {"A", "é", "Ж", "I", "北", "𐐀", "ﷺ", "æ", "\u0301"};
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        struct analyzer *a = new_analyzer(languages[i]);
        for (size_t j = 0; j < sizeof letters / sizeof *letters; j++) {
            char word[6000], out[TERM_MAX + 1];
            size_t n = 0;
            while (n + 5 < sizeof word) {
                memcpy(word + n, letters[j], strlen(letters[j]));
                n += strlen(letters[j]);
                size_t form = analyzer_form(a, word, n, out);
                assert_true(form <= TERM_MAX && out[form] == 0 && utf8_valid(out, form));
                size_t term = analyzer_term(a, word, n, out);
                assert_true(term <= TERM_MAX && out[term] == 0 && utf8_valid(out, term));
                n += n > 600 ? n : 0;
                if (n > sizeof word / 2)
                    break;
                memset(word, 'x', n > 600 ? n : 0);
            }
        }
        free_analyzer(a);
    }
}

static void words_carry_over_resets(void **state) {
    (void)state;
    struct analyzer *a = new_analyzer(NULL);
    struct word w;
    analyzer_reset(a, "one, two", 8);
    assert_true(analyzer_next(a, &w) && w.start == 0 && w.end == 3);
    analyzer_reset(a, "", 0);
    assert_false(analyzer_next(a, &w));
    assert_false(analyzer_next(a, &w));
    analyzer_reset(a, "北京 x", 8);
    assert_true(analyzer_next(a, &w) && w.start == 0 && w.end == 6);
    analyzer_reset(a, "-three", 6);
    assert_true(analyzer_next(a, &w) && w.start == 1 && w.end == 6);
    assert_false(analyzer_next(a, &w));
    free_analyzer(a);
}

/* Whatever the bytes: words come in order, in range and whole; folding twice folds no further. */
static void assert_analysis_holds(struct analyzer *a, const char *text, size_t len) {
    struct word w;
    uint32_t last = 0;
    analyzer_reset(a, text, len);
    while (analyzer_next(a, &w)) {
        assert_true(w.start >= last && w.start < w.end && w.end <= len);
        assert_true(((uint8_t)text[w.start] & 0xc0) != 0x80);
        assert_true(w.end == len || ((uint8_t)text[w.end] & 0xc0) != 0x80);
        last = w.end;
        char form[TERM_MAX + 1], again[TERM_MAX + 1], term[TERM_MAX + 1];
        size_t n = analyzer_form(a, text + w.start, w.end - w.start, form);
        assert_true(n <= TERM_MAX && strlen(form) == n && utf8_valid(form, n));
        assert_int_equal(analyzer_form(a, form, n, again), n);
        assert_string_equal(again, form);
        size_t term_len = analyzer_term(a, text + w.start, w.end - w.start, term);
        assert_true(term_len <= TERM_MAX && strlen(term) == term_len && utf8_valid(term, term_len));
        assert_true((n == 0) == (term_len == 0));
    }
}

static void random_texts_are_analysed(void **state) {
    static const char *const languages[] = {"english", "russian", "arabic", "turkish", "none"};
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        struct analyzer *a = new_analyzer(languages[i]);
        for (int round = 0; round < 3000; round++) {
            char text[2048];
            assert_analysis_holds(a, text, nasty_mixture(text, sizeof text, *state));
        }
        free_analyzer(a);
    }
}

static void random_bytes_are_analysed_when_repaired(void **state) {
    struct analyzer *a = new_analyzer("german");
    for (int round = 0; round < 5000; round++) {
        char bytes[256];
        size_t len = nasty_mixture(bytes, sizeof bytes, *state);
        for (size_t i = 0; i < len; i++)
            if (random_below(*state, 8) == 0)
                bytes[i] = (char)random_next(*state);
        for (size_t i = 0; i < len; i++)
            if (!bytes[i])
                bytes[i] = '0';
        struct buffer text = BUFFER_EMPTY;
        utf8_repair(&text, bytes, len);
        assert_false(text.failed);
        assert_analysis_holds(a, (char *)text.data, text.len);
        buffer_release(&text);
    }
    free_analyzer(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_folded),
        cmocka_unit_test(terms_are_stems),
        cmocka_unit_test(same_terms_find_each_other),
        cmocka_unit_test(languages_have_names_and_codes),
        cmocka_unit_test(analyzers_are_as_new),
        cmocka_unit_test(unknown_language_names_the_known),
        cmocka_unit_test(long_words_are_cut_at_a_character),
        cmocka_unit_test(words_carry_over_resets),
        cmocka_unit_test_setup_teardown(random_texts_are_analysed, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(random_bytes_are_analysed_when_repaired, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
