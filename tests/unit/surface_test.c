/* Which words of a text are told of as the query's: against a look at each word by the definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/base/file.h"
#include "searcher/match/surface.h"
#include "support/random.h"

enum { WORDS_MOST = 40, PIECES_MOST = 3 };

/* What words are put together of, so that many are the same but for an ending, an apostrophe or an elided word. */
static const char *const pieces[] = {"a",  "s",  "y",     "ies",   "'s", "'", "’s",
                                     "l'", "d’", "roman", "wells", "é",  "x", "7"};
static const char *const languages[] = {"english", "french", "swedish", "german"};

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

static void random_words(struct random *r, char *text, uint32_t words) {
    *text = 0;
    for (; words > 0; words--) {
        for (uint32_t n = 1 + random_below(r, PIECES_MOST); n > 0; n--)
            strcat(text, pieces[random_below(r, COUNT_OF(pieces))]);
        strcat(text, " ");
    }
}

/* A word of the query, or of the text: its term, and the bytes of its form without what names take, and of that
 * without the ending of number. */
struct bared {
    char term[TERM_MAX + 1], form[TERM_MAX + 1];
    size_t term_len, form_len, len, number_len;
    const char *bare, *number;
};

static void bare(struct bared *b, struct surface *s, struct analyzer *a, const char *word, size_t len) {
    b->term_len = analyzer_term(a, word, len, b->term);
    b->len = b->form_len = analyzer_form(a, word, len, b->form);
    b->bare = b->form;
    if (s->has_names)
        b->len = naming_bare(&s->naming, b->form, b->form_len, &b->bare);
    b->number_len = naming_bare(&s->number, b->bare, b->len, &b->number);
}

static bool is_same(const char *a, size_t a_len, const char *b, size_t b_len) {
    return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* What the text's words, all small, are to be told as for one of the query's. */
static void expect(const struct lede_query *q, struct surface *s, const struct bared *asked, const struct bared *word,
                   bool *terms, struct surface_case *cases) {
    uint32_t t = query_find_term(q, asked->term, asked->term_len);
    if (t == QUERY_NO_TERM || word->form_len == 0)
        return;
    if (is_same(asked->bare, asked->len, word->bare, word->len)) {
        terms[t] = terms[t] || is_same(word->term, word->term_len, q->terms[t].bytes, q->terms[t].len);
        cases[t].small += terms[t];
    } else if (s->has_names && is_same(asked->number, asked->number_len, word->number, word->number_len)) {
        cases[t].number_small++;
    }
}

static size_t bare_all(struct bared *out, struct surface *s, struct analyzer *a, const char *text) {
    struct word word;
    size_t n = 0;
    analyzer_reset(a, text, strlen(text));
    while (n < 2 * WORDS_MOST && analyzer_next(a, &word))
        bare(&out[n++], s, a, text + word.start, word.end - word.start);
    return n;
}

/* Of two of the query's words with the same term and form one counts. */
static bool is_first(const struct bared *asked, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (is_same(asked[k].term, asked[k].term_len, asked[i].term, asked[i].term_len) &&
            is_same(asked[k].bare, asked[k].len, asked[i].bare, asked[i].len))
            return false;
    return true;
}

static void assert_read(struct surface *s, const struct lede_query *q, struct analyzer *a, const char *text) {
    static struct bared asked[2 * WORDS_MOST], words[2 * WORDS_MOST];
    bool terms[WORDS_MOST] = {false}, got_terms[WORDS_MOST] = {false};
    struct surface_case cases[WORDS_MOST] = {{0}}, got[WORDS_MOST] = {{0}};
    struct buffer hashes = BUFFER_EMPTY;
    const struct surface_report report = {.terms = got_terms, .cases = got, .hashes = &hashes};
    const struct surface_text read = {text, strlen(text), 0};
    size_t asked_count = bare_all(asked, s, a, q->text), count = bare_all(words, s, a, text), at = 0;
    assert_int_equal(surface_read(s, &read, &report, NULL), LEDE_OK);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < asked_count; k++)
            if (is_first(asked, k))
                expect(q, s, &asked[k], &words[i], terms, cases);
        if (words[i].form_len)
            assert_true(load_u64(hashes.data + 8 * at++) == file_checksum(words[i].form, words[i].form_len));
    }
    assert_int_equal(hashes.len, 8 * at);
    assert_memory_equal(got_terms, terms, q->term_count * sizeof *terms);
    assert_memory_equal(got, cases, q->term_count * sizeof *cases);
    buffer_release(&hashes);
}

static void words_are_told_as_defined(void **state) {
    enum { QUERIES = 200, TEXTS = 20 };
    char text[WORDS_MOST * 32];
    struct random *r = *state;
    for (int i = 0; i < QUERIES; i++) {
        const struct query_target target = {languages[(size_t)i % COUNT_OF(languages)], true};
        struct lede_query *q;
        struct surface s;
        struct analyzer *a;
        random_words(r, text, 1 + random_below(r, 5));
        assert_int_equal(query_parse(&q, &target, text, strlen(text), NULL, NULL), LEDE_OK);
        assert_int_equal(analyzer_new(&a, target.language, NULL), LEDE_OK);
        assert_int_equal(surface_init(&s, q, target.language, NULL), LEDE_OK);
        for (int k = 0; k < TEXTS; k++) {
            random_words(r, text, random_below(r, WORDS_MOST));
            assert_read(&s, q, a, text);
        }
        surface_release(&s);
        analyzer_free(a);
        lede_query_free(q);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_are_told_as_defined, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
