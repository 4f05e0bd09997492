/* What is searched for while a word is still being typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/prompt/live_query.h"
#include "support/folder.h"

static struct folder folder;
static lede_index *opened;

/* An article with many words that begin alike. */
static int make(void **state) {
    static char body[1 << 20];
    size_t n = (size_t)sprintf(body, "Lavrov in Simla; word0 word0.");
    lede_writer *writer = NULL;
    lede_error err;
    (void)state;
    folder_make(&folder);
    for (int i = 0; i < 300; i++)
        n += (size_t)sprintf(body + n, " word%d", i);
    for (int i = 0; i < 100000; i++)
        n += (size_t)sprintf(body + n, " the");
    n += (size_t)sprintf(body + n, " contro");
    for (int i = 0; i < 20000; i++)
        n += (size_t)sprintf(body + n, " control");
    const lede_article article = {.key = "a", .key_len = 1, .body = body, .body_len = n};
    const lede_writer_options options = {.threads = 1};
    if (lede_writer_open(&writer, folder_entry(&folder, "i.lede"), &options, &err) ||
        lede_writer_add_article(writer, &article, &err) || lede_writer_commit(writer, NULL, &err))
        fail_msg("%s", err.message);
    lede_writer_close(writer);
    if (lede_index_open(&opened, folder_entry(&folder, "i.lede"), &err))
        fail_msg("%s", err.message);
    return 0;
}

static int clean_up(void **state) {
    (void)state;
    lede_index_close(opened);
    folder_remove(&folder);
    return 0;
}

/* Weights are told by W: what they are depends on how often words occur. */
static void hide_weights(char *live) {
    char *to = live;
    for (const char *from = live; *from;) {
        *to++ = *from++;
        if (to[-1] != '^')
            continue;
        from += strspn(from, "0123456789.");
        *to++ = 'W';
    }
    *to = '\0';
}

static void the_last_word_may_go_on(void **state) {
    static const struct {
        const char *text, *live; /* NULL: as it is */
    } cases[] = {
        {"", NULL},
        {"a", NULL},
        {"s", NULL},
        {"xy", NULL}, /* no word begins so */
        {"si", "(si^W OR simla)"},
        {"simla", NULL},
        {"the", NULL}, /* too many begin so, and it is a word itself */
        {"th", "(th^W OR the)"},
        {"wor", "(wor^W OR word0^W OR word1^W OR word10^W OR word100^W OR word101^W OR word102^W OR word103^W OR "
                "word104^W)"},
        {"word12", "(word12^W OR word120^W OR word121^W OR word122^W OR word123^W OR word124^W OR word125^W OR "
                   "word126^W OR word127^W)"},
        {"lavrov sim", "lavrov (sim^W OR simla)"},
        {"lavrov +sim", "lavrov +(sim^W OR simla)"},
        {"+sim", "+(sim^W OR simla)"},
        {"caf\xC3\xA9", NULL},
        {"CAF", NULL},
        {"\"line of\" sim", "\"line of\" (sim^W OR simla)"},
        {"lavrov ", NULL},
        {"lavrov -sim", NULL},
        {"\"line of sim", "(\"line of sim\" OR \"line of simla\")"},
        {"+\"line of sim", "+(\"line of sim\" OR \"line of simla\")"},
        {"\xE2\x80\x9Cline of sim", "(\xE2\x80\x9Cline of sim\" OR \xE2\x80\x9Cline of simla\")"},
        {"\"line of contro", "(\"line of contro\" OR \"line of control\")"}, /* frequent, but not too much */
        {"-\"line of sim", NULL},
        {"\"line of t", "(\"line of t\")"},
        {"\"line of the ", "(\"line of the\")"},
        {"\"the", "(the)"},
        {"\"the ", "(the)"},
        {"\"sim,", "(sim)"},
        {"\"s", "(s)"},
        {"\"sim", "(sim^W OR simla)"},
        {"\"", NULL},
        {"\" ", NULL},
        {"title:sim", NULL},
        {"=sim", NULL},
        {"sim~2", NULL},
        {"sim^10", NULL},
        {"si*m", NULL},
        {"NEAR/5(lavrov sim", NULL},
        {"lavrov AND", NULL},
        {"lavrov AND sim", "lavrov AND (sim^W OR simla)"},
        {"date:2025-04", NULL},
        {"lavrov: sim", "lavrov: (sim^W OR simla)"},
        {":stats", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct live_query q;
        lede_error err;
        assert_int_equal(live_query_init(&q, opened, cases[i].text, strlen(cases[i].text), &err), LEDE_OK);
        assert_true(!q.text || q.len == strlen(q.text));
        if (q.text)
            hide_weights(q.text);
        if (!q.text != !cases[i].live || (q.text && strcmp(q.text, cases[i].live) != 0))
            fail_msg("%s became %s", cases[i].text, q.text ? q.text : "nothing");
        live_query_release(&q);
    }
}

/* The weight of a word in a text; 1 where none stands. */
static double weight_of(const char *text, const char *word) {
    const char *at = strstr(text, word);
    assert_non_null(at);
    at += strlen(word);
    return *at == '^' ? strtod(at + 1, NULL) : 1;
}

/* Seldom words would be taken for the best of all that begin so. */
static void the_rarer_a_word_the_less_it_weighs(void **state) {
    struct live_query q;
    lede_error err;
    (void)state;
    assert_int_equal(live_query_init(&q, opened, "wor", 3, &err), LEDE_OK);
    assert_true(weight_of(q.text, "word1") <= weight_of(q.text, "word0"));
    assert_true(weight_of(q.text, "wor") <= weight_of(q.text, "word1"));
    assert_true(weight_of(q.text, "word0") < 1);
    live_query_release(&q);
}

/* What others begin with ten times as often as it is a word itself is not typed to its end. */
static void a_beginning_is_told_from_a_word(void **state) {
    static const struct {
        const char *text;
        size_t beginning;
    } cases[] = {
        {"sim", 0},           {"lavrov sim", 7},   {"\"line of sim", 9}, {"lavrov word1", 7},
        {"lavrov word12", 7}, {"th", 0},           {"simla", SIZE_MAX},  {"word0", SIZE_MAX},
        {"xy", SIZE_MAX},     {"sim ", SIZE_MAX},  {"in", SIZE_MAX},     {"word30", SIZE_MAX}, /* no others begin so */
        {"lavrov -sim", 8},   {"(lavrov sim", 8},  {"title:sim", 6},     {"lavrov SIM", 7},
        {"=sim", 1},          {"sim~2", SIZE_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct live_query q;
        lede_error err;
        assert_int_equal(live_query_init(&q, opened, cases[i].text, strlen(cases[i].text), &err), LEDE_OK);
        if (q.beginning != cases[i].beginning)
            fail_msg("%s: %zu", cases[i].text, q.beginning);
        live_query_release(&q);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_word_may_go_on),
        cmocka_unit_test(the_rarer_a_word_the_less_it_weighs),
        cmocka_unit_test(a_beginning_is_told_from_a_word),
    };
    return cmocka_run_group_tests(tests, make, clean_up);
}
