/* Verdicts on words of texts are those that folding and comparing each gives, whatever was met before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "searcher/match/verdicts.h"
#include "searcher/query/naming.h"
#include "support/random.h"

/* Random words of few letters, so that many are alike; some longer than are remembered. */
static size_t random_surface(struct random *r, char word[64]) {
    static const char *const letters[] = {"a", "A", "b", "é", "É", "s", "S", "x", "日", "’"};
    size_t n = 0;
    for (uint32_t left = 1 + random_below(r, random_below(r, 8) ? 6 : 20); left > 0; left--)
        n += (size_t)snprintf(word + n, 64 - n, "%s", letters[random_below(r, 10)]);
    return n;
}

static void verdicts_are_those_of_forms(void **state) {
    static const struct node nodes[] = {
        {.kind = NODE_WORD, .word = WORD_FORM, .form = "as", .form_len = 2},
        {.kind = NODE_WORD, .word = WORD_PREFIX, .form = "ab", .form_len = 2},
        {.kind = NODE_WORD, .word = WORD_WILDCARD, .form = "*e?s*", .form_len = 5},
        {.kind = NODE_WORD, .word = WORD_FUZZY, .form = "bases", .form_len = 5, .edits = 2},
    };
    struct analyzer *analyzer;
    assert_int_equal(analyzer_new(&analyzer, "english", NULL), LEDE_OK);
    for (size_t n = 0; n < sizeof nodes / sizeof *nodes; n++) {
        struct verdicts verdicts = VERDICTS_EMPTY(&nodes[n], NULL);
        uint32_t taken = 0;
        for (uint32_t i = 0; i < 100000; i++) {
            char word[64 + VERDICTS_PADDING] = {0}, form[TERM_MAX + 1];
            size_t len = random_surface(*state, word), form_len = analyzer_form(analyzer, word, len, form);
            bool takes = form_len && node_takes_form(&nodes[n], form, form_len);
            memset(word + len, (int)random_below(*state, 256), VERDICTS_PADDING);
            assert_int_equal(verdicts_take(&verdicts, analyzer, word, len), takes);
            taken += takes;
        }
        assert_in_range(taken, 100, 99900);
        verdicts_release(&verdicts);
    }
    analyzer_free(analyzer);
}

/* Of a name's forms those alone count that its stem stands for: what texts tell is no more than what positions do. */
static void forms_have_to_come_to_the_term(void **state) {
    struct naming naming;
    struct analyzer *analyzer;
    char padded[16 + VERDICTS_PADDING] = {0};
    (void)state;
    assert_true(naming_init(&naming, "english"));
    naming.number = true;
    assert_int_equal(analyzer_new(&analyzer, "english", NULL), LEDE_OK);
    const struct node node = {.kind = NODE_WORD, .word = WORD_FORM, .form = "lord", .form_len = 4, .naming = &naming};
    const struct query_term term = {"lord", 4};
    static const struct {
        const char *word;
        bool takes, takes_of_term; /* Lordy is stemmed to "lordi" */
    } cases[] = {{"Lord", true, true},
                 {"Lords", true, true},
                 {"Lord’s", true, true},
                 {"Lordy", true, false},
                 {"Ford", false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct verdicts any = VERDICTS_EMPTY(&node, NULL), own = VERDICTS_EMPTY(&node, &term);
        strcpy(padded, cases[i].word);
        assert_int_equal(verdicts_take(&any, analyzer, padded, strlen(padded)), cases[i].takes);
        assert_int_equal(verdicts_take(&own, analyzer, padded, strlen(padded)), cases[i].takes_of_term);
        verdicts_release(&any);
        verdicts_release(&own);
    }
    analyzer_free(analyzer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(verdicts_are_those_of_forms, random_setup, random_teardown),
        cmocka_unit_test(forms_have_to_come_to_the_term),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
