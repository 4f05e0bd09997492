/* The forms of a text's words are those of the words, one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/text/forms.h"
#include "support/nasty_text.h"

static void assert_forms(struct forms *f, struct analyzer *words, const char *text, size_t len) {
    char form[TERM_MAX + 1];
    struct word word;
    struct form_word got;
    assert_true(forms_reset(f, text, len));
    analyzer_reset(words, text, len);
    while (analyzer_next(words, &word)) {
        size_t n = analyzer_form(words, text + word.start, word.end - word.start, form);
        assert_true(forms_next(f, &got));
        assert_int_equal(got.start, word.start);
        assert_int_equal(got.end, word.end);
        assert_int_equal(got.len, n);
        assert_memory_equal(got.form, form, n);
        assert_int_equal(got.apostrophe, memchr(form, '\'', n) != NULL);
    }
    assert_false(forms_next(f, &got));
}

static void forms_are_those_of_the_words(void **state) {
    enum { TEXT_MAX = 4096, ROUNDS = 3000 };
    static char text[TEXT_MAX];
    struct random *r = *state;
    struct analyzer *a, *words;
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    assert_int_equal(analyzer_new(&words, "english", NULL), LEDE_OK);
    struct forms f = FORMS_EMPTY(a);
    for (int i = 0; i < ROUNDS; i++) {
        size_t len = random_below(r, 4) ? nasty_mixture(text, sizeof text, r)
                                        : nasty_text(text, sizeof text, &nasty_alphabets[random_below(r, 2)], 200, r);
        assert_forms(&f, words, text, len);
    }
    forms_release(&f);
    assert_int_equal(analyzer_status(a, NULL), LEDE_OK);
    analyzer_free(words);
    analyzer_free(a);
}

static void long_words_are_cut_the_same(void **state) {
    char text[2 * TERM_MAX + 8];
    struct analyzer *a, *words;
    (void)state;
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    assert_int_equal(analyzer_new(&words, "english", NULL), LEDE_OK);
    struct forms f = FORMS_EMPTY(a);
    for (size_t len = TERM_MAX - 2; len < TERM_MAX + 3; len++) {
        memset(text, 'A', len);
        memcpy(text + len, " b", 2);
        assert_forms(&f, words, text, len + 2);
        memcpy(text + len, "'s it's", 7);
        assert_forms(&f, words, text, len + 7);
    }
    assert_forms(&f, words, "", 0);
    forms_release(&f);
    analyzer_free(words);
    analyzer_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forms_are_those_of_the_words, random_setup, random_teardown),
        cmocka_unit_test(long_words_are_cut_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
