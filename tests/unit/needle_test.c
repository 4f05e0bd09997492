/* What a needle says of a text against all words of the text: it is never missed where a word is one that is asked for;
 * and of plain texts it tells most that have none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/text/analyzer.h"
#include "searcher/match/needle.h"
#include "searcher/query/naming.h"
#include "support/random.h"

enum { TEXT = 1024 };

/* Of pieces that make the words that are asked for, in letters of all kinds: with accents, wide, with signs within that
 * folding drops or that words end at. */
static size_t random_text(struct random *r, char *text, bool plain) {
    static const char *const pieces[] = {"morale",
                                         "MORALE",
                                         "s",
                                         "S",
                                         "'s",
                                         " ",
                                         " ",
                                         ". ",
                                         "-",
                                         "mor",
                                         "ale",
                                         "k",
                                         "n",
                                         "x",
                                         "moral ",
                                         "\xe2\x80\x99s",
                                         "\xe2\x80\x94",
                                         "\xe2\x80\x9c",
                                         "\xe2\x80\x8b",
                                         "\xc2\xad",
                                         "\xcc\x81",
                                         "\xc3\xa9",
                                         "\xc5\xbf",
                                         "\xe2\x84\xaa",
                                         "\xef\xbd\x8d\xef\xbd\x8f\xef\xbd\x92",
                                         "\xe2\x80\x8d",
                                         "\xe2\x80\xa6",
                                         "\xef\xac\x81",
                                         "\xe6\x97\xa5"};
    size_t n = 0, most = random_below(r, 30) ? 40 : TEXT;
    for (uint32_t left = 1 + random_below(r, 30); left > 0 && n + 16 < most; left--)
        n += (size_t)sprintf(text + n, "%s", pieces[random_below(r, plain ? 15 : sizeof pieces / sizeof *pieces)]);
    return n;
}

static bool has_word(struct analyzer *a, const struct node *node, const char *text, size_t len) {
    struct word word;
    bool has = false;
    analyzer_reset(a, text, len);
    while (!has && analyzer_next(a, &word)) {
        char form[TERM_MAX + 1];
        size_t n = analyzer_form(a, text + word.start, word.end - word.start, form);
        has = n && node_takes_form(node, form, n);
    }
    return has;
}

static void no_word_is_missed(void **state) {
    struct naming naming[2];
    assert_true(naming_init(&naming[0], "english"));
    naming[1] = naming[0];
    naming[1].number = true;
    const struct node nodes[] = {
        {.kind = NODE_WORD, .word = WORD_FORM, .form = "morales", .form_len = 7},
        {.kind = NODE_WORD, .word = WORD_FORM, .form = "morales", .form_len = 7, .naming = &naming[0]},
        {.kind = NODE_WORD, .word = WORD_FORM, .form = "morale", .form_len = 6, .naming = &naming[1]},
        {.kind = NODE_WORD, .word = WORD_FORM, .form = "k's", .form_len = 3},
        {.kind = NODE_WORD, .word = WORD_FORM, .form = "\xe6\x97\xa5", .form_len = 3},
        {.kind = NODE_WORD, .word = WORD_PREFIX, .form = "mora", .form_len = 4},
        {.kind = NODE_WORD, .word = WORD_WILDCARD, .form = "m?ral*s", .form_len = 7},
        {.kind = NODE_WORD, .word = WORD_FUZZY, .form = "morels", .form_len = 6, .edits = 1},
    };
    struct analyzer *analyzer;
    assert_int_equal(analyzer_new(&analyzer, "english", NULL), LEDE_OK);
    for (size_t n = 0; n < sizeof nodes / sizeof *nodes; n++) {
        const struct needle needle = needle_of(&nodes[n]);
        uint32_t has = 0, denied = 0;
        for (uint32_t i = 0; i < 60000; i++) {
            char text[TEXT];
            size_t len = random_text(*state, text, i % 3 == 0);
            bool there = has_word(analyzer, &nodes[n], text, len), may_be = needle_may_be_in(&needle, text, len);
            if (there && !may_be)
                fail_msg("word %zu is in \"%.*s\"", n, (int)len, text);
            has += there;
            denied += !may_be;
        }
        assert_in_range(has, 5, 60000);
        if (needle.len)
            assert_in_range(denied, 3000, 60000);
        else
            assert_int_equal(denied, 0);
    }
    analyzer_free(analyzer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_word_is_missed, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
