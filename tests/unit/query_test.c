/* The query language: what a query is read as, how it is written back, and that nothing breaks it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "searcher/query/query.h"
#include "support/random.h"

static const struct query_target none = {"none", true};

static struct lede_query *parsed(const char *language, const char *text, size_t len,
                                 const lede_query_options *options) {
    struct lede_query *q = NULL;
    lede_error err;
    const struct query_target target = {language, true};
    if (query_parse(&q, &target, text, len, options, &err) != LEDE_OK)
        fail_msg("%s", err.message);
    return q;
}

/* The clauses as text: terms joined by '_', sign before, weight behind if it is not 1. */
static void describe(struct buffer *out, const struct lede_query *q) {
    buffer_clear(out);
    for (size_t i = 0; i < q->clause_count; i++) {
        const struct clause *c = &q->clauses[i];
        if (i)
            buffer_append_u8(out, ' ');
        if (c->sign != CLAUSE_SHOULD)
            buffer_append_u8(out, c->sign == CLAUSE_MUST ? '+' : '-');
        for (uint32_t t = 0; t < c->term_count; t++) {
            const struct query_term *term = &q->terms[c->terms[t]];
            if (t)
                buffer_append_u8(out, '_');
            buffer_append(out, term->bytes, term->len);
        }
        if (c->weight != 1) {
            char weight[16];
            buffer_append(out, weight, (size_t)snprintf(weight, sizeof weight, "*%g", c->weight));
        }
    }
    buffer_append_u8(out, 0);
    assert_false(out->failed);
}

struct reading {
    const char *text;      /* of the query */
    const char *clauses;   /* as describe writes them */
    const char *canonical; /* NULL: the text itself */
};

static void check_readings(const struct reading *readings, size_t count, const lede_query_options *options) {
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < count; i++) {
        struct lede_query *q = parsed("none", readings[i].text, strlen(readings[i].text), options);
        describe(&out, q);
        assert_string_equal((const char *)out.data, readings[i].clauses);
        assert_string_equal(lede_query_text(q), readings[i].canonical ? readings[i].canonical : readings[i].text);
        lede_query_free(q);
    }
    buffer_release(&out);
}

static void words_phrases_and_signs(void **state) {
    (void)state;
    static const struct reading readings[] = {
        {"Lavrov Simla", "lavrov simla", NULL},
        {"  Lavrov\t\nSimla ", "lavrov simla", "Lavrov Simla"},
        {"+lavrov \"simla accord\" -delhi", "+lavrov simla_accord -delhi", NULL},
        {"+\"a b\" -\"c d\"", "+a_b -c_d", NULL},
        {"\"one\"", "one", "one"},
        {"+\"one\"", "+one", "+one"},
        {"\"one,  two\n three!\"", "one_two_three", "\"one two three\""},
        {"a\"b c\"d", "a b_c d", "a \"b c\" d"},
        {"“a b” «c d» „e f“", "a_b c_d e_f", "\"a b\" \"c d\" \"e f\""},
        {"simla simla Simla +simla", "+simla*4", "+simla^4"},
        {"\"a b\" \"A B\"", "a_b*2", "\"a b\"^2"},
        {"-a -A +b", "-a +b", "-a +b"},
        {"a -a", "a -a", NULL},
        {"don't U.S. 3.5 x", "don't u.s 3.5 x", "don't U.S 3.5 x"},
        {"(simla) accord, 1972?", "simla accord 1972", "simla accord 1972"},
        {"", "", ""},
        {"  \t ", "", ""},
        {"\"\" ... \" \"", "", ""},
        {"simla\u00a0accord\u3000x", "simla accord x", "simla accord x"},
    };
    check_readings(readings, sizeof readings / sizeof *readings, NULL);
}

static void signs_count_at_the_start_of_operands_alone(void **state) {
    (void)state;
    static const struct reading readings[] = {
        {"counter-terrorism 2014-15", "counter terrorism 2014 15", "counter terrorism 2014 15"},
        {"+counter-terrorism", "+counter +terrorism", "+counter +terrorism"},
        {"-counter-terrorism x", "-counter_terrorism x", "-\"counter terrorism\" x"},
        {"\"The Hindu\"-based +x", "the_hindu based +x", "\"The Hindu\" based +x"},
        {"a+b c- d", "a b c d", "a b c d"},
        {"--a +-b -+c", "-a +b -c", "-a +b -c"},
        {"Moscow - Delhi + x", "moscow delhi x", "Moscow Delhi x"},
        {"-- ++ -\"\" +... x", "x", "x"},
    };
    check_readings(readings, sizeof readings / sizeof *readings, NULL);
}

static void hebrew_acronyms_keep_their_quote(void **state) {
    (void)state;
    static const struct reading readings[] = {
        {"צה\"ל", "צה\"ל", NULL},
        {"\"צה\"ל x\"", "צה\"ל_x", NULL},
        {"\"צה\" y", "צה y", "צה y"},
    };
    check_readings(readings, sizeof readings / sizeof *readings, NULL);
}

static void all_words_can_be_required(void **state) {
    (void)state;
    static const struct reading readings[] = {
        {"a \"b c\" -d +e", "+a +b_c -d +e", "+a +\"b c\" -d +e"},
        {"x-y", "+x +y", "+x +y"},
    };
    const lede_query_options options = {.default_operator = LEDE_AND};
    check_readings(readings, sizeof readings / sizeof *readings, &options);
}

static void words_are_stemmed(void **state) {
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    struct lede_query *q = parsed("english", "Negotiations \"signed accords\" negotiating", 41, NULL);
    describe(&out, q);
    assert_string_equal((const char *)out.data, "negoti*2 sign_accord");
    assert_string_equal(lede_query_text(q), "Negotiations^2 \"signed accords\"");
    assert_int_equal(query_find_term(q, "nothing", 7), QUERY_NO_TERM);
    lede_query_free(q);
    buffer_release(&out);
}

/* Few words are looked through, many are hashed. */
static void words_have_numbers_by_place(void **state) {
    (void)state;
    enum { MANY = 40 };
    struct buffer text = BUFFER_EMPTY;
    for (uint32_t words = 1; words <= MANY; words++) {
        char word[16];
        text.len = 0;
        for (uint32_t i = 0; i < 2 * words; i++)
            buffer_append(&text, word, (size_t)sprintf(word, "w%ux ", (i * 7) % words));
        struct lede_query *q = parsed("none", (const char *)text.data, text.len, NULL);
        assert_int_equal(q->term_count, q->root->count);
        uint32_t number = 0;
        for (const struct node *c = q->root->first; c; c = c->next) {
            assert_int_equal(c->term, number++);
            assert_int_equal(query_find_term(q, c->shown, c->shown_len), c->term);
        }
        assert_int_equal(query_find_term(q, "wx", 2), QUERY_NO_TERM);
        lede_query_free(q);
    }
    buffer_release(&text);
}

static void a_query_that_cannot_match_is_told(void **state) {
    (void)state;
    static const struct {
        const char *text, *note;
    } cases[] = {
        {"", "no word to look for"},
        {" ... \"\"", "no word to look for"},
        {"-a", "only words to leave out: add one to look for"},
        {"-\"a b\" -c", "only words to leave out: add one to look for"},
        {"-a b", NULL},
        {"+", "sign without a word: ignored; no word to look for"},
        {"-\"a", "unbalanced quote: read as -a; only words to leave out: add one to look for"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lede_query *q = parsed("none", cases[i].text, strlen(cases[i].text), NULL);
        if (cases[i].note)
            assert_string_equal(lede_query_note(q), cases[i].note);
        else
            assert_null(lede_query_note(q));
        lede_query_free(q);
    }
}

#define NO_FIELD "not a field such as title:simla, date:2025, byline:sharma, path:news or lang:en: read as "

static void guesses_are_told_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *note;
        uint64_t offset; /* of the fault, if strict */
    } cases[] = {
        {"a \"b c\" +d", NULL, 0},
        {"a \"b c", "unbalanced quote: read as a \"b c\"", 2},
        {"a +\"b", "unbalanced quote: read as a +b", 3},
        {"a b\"", "unbalanced quote: read as a b", 3},
        {"\xff\xfe \"b", "unbalanced quote: read as b", 3},
        {"a - b", "sign without a word: read as a b", 2},
        {"a +...", "sign without a word: read as a", 2},
        {"a -\"\"", "sign without a word: read as a", 2},
        {"- \"a", "unbalanced quote, sign without a word: read as a", 0},
        {"(a b", "( without ): read as a b", 0},
        {"a b) c", ") without (: read as a b c", 3},
        {"()/3 a", "( ) without a word: read as a", 0},
        {"a (... ())^2", "( ) without a word: read as a", 7},
        {"a \"b c~\"", "~ in quotes, where words stand as they are: read as a \"b c\"", 6},
        {"a \"b~2 c\"", "~ in quotes, where words stand as they are: read as a \"b 2 c\"", 4},
        {"a \"~ b ~c d~e 10~20 f\"", NULL, 0},
        {"a OR", "operator without words on both sides: read as a or", 2},
        {"AND a", "operator without words on both sides: read as and a", 0},
        {"a OR NOT b", "nothing to leave words out of: read as a", 9},
        {"NEAR/0(a b)", "a distance that is not from 1 to 1000: read as NEAR/1(a b)", 0},
        {"NEAR/(a b)", "a distance that is not from 1 to 1000: read as NEAR/10(a b)", 0},
        {"NEAR(a -b c)", "NEAR, ADJ and SENTENCE take words and phrases: read as NEAR/10(a c)", 8},
        {"(a b)/3", "a number of operands that there are not: read as (a b)/2", 1},
        {"a^0 b", "a weight that is not from 0.001 to 1000: read as a^0.001 b", 1},
        {"a^.5 \"b c\"^.25", NULL, 0},
        {"a^-1", "a weight that is not from 0.001 to 1000: read as a 1", 1},
        {"a^2e9 b^x 2^n", "a weight that is not from 0.001 to 1000: read as a 2e9 b x 2 n", 1},
        {"word~3", "~ without a word before it, or with more than 2: read as word~2", 4},
        {"date:soon", "not a date such as 2025, 2025-04 or 2025-04-22..2025-05-10: read as date soon", 5},
        {"a date:2025..2024", "dates from later to earlier: read as a date:2024..2025", 7},
        {"a author:b", NO_FIELD "a author b", 2},
        {"-source:\"b c\" a", NO_FIELD "-source \"b c\" a", 1},
        {"url:(a b)", NO_FIELD "url a b", 0},
        {"date: 2025", NO_FIELD "date 2025", 0},
        {"(a title:)", NO_FIELD "a title", 3},
        {"https://a.b 10:30 Note:a a::b a: b", NULL, 0},
        {"a ... b", NULL, 0},
    };
    const lede_query_options strict = {.strict = true};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = strlen(cases[i].text);
        struct lede_query *q = parsed("none", cases[i].text, len, NULL);
        if (cases[i].note)
            assert_string_equal(lede_query_note(q), cases[i].note);
        else
            assert_null(lede_query_note(q));
        lede_query_free(q);
        lede_error err = {.offset = 99};
        lede_status status = query_parse(&q, &none, cases[i].text, len, &strict, &err);
        assert_int_equal(status, cases[i].note ? LEDE_INVALID : LEDE_OK);
        assert_int_equal(err.offset, cases[i].note ? cases[i].offset : 99);
        lede_query_free(q);
    }
}

static void emptiness_is_told(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool empty;
    } cases[] = {{"", true}, {"...", true}, {"-a -\"b c\"", true}, {"a", false}, {"+a", false}, {"-a b", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lede_query *q = parsed("none", cases[i].text, strlen(cases[i].text), NULL);
        assert_int_equal(lede_query_is_empty(q), cases[i].empty);
        lede_query_free(q);
    }
}

static void length_is_bounded(void **state) {
    (void)state;
    struct buffer text = BUFFER_EMPTY;
    for (int i = 0; i < LEDE_QUERY_MAX_TERMS; i++) {
        char word[16];
        buffer_append(&text, word, (size_t)snprintf(word, sizeof word, "w%d ", i));
    }
    struct lede_query *q = parsed("none", (const char *)text.data, text.len, NULL);
    assert_int_equal(q->term_count, LEDE_QUERY_MAX_TERMS);
    assert_int_equal(q->clause_count, LEDE_QUERY_MAX_TERMS);
    lede_query_free(q);
    size_t whole = text.len;
    buffer_append(&text, "w0", 2);
    q = parsed("none", (const char *)text.data, text.len, NULL);
    assert_int_equal(q->term_count, LEDE_QUERY_MAX_TERMS);
    assert_non_null(strstr(lede_query_note(q), "more than 1024 words: read as w0 w1 "));
    lede_query_free(q);
    const lede_query_options strict = {.strict = true};
    lede_error err;
    assert_int_equal(query_parse(&q, &none, (const char *)text.data, text.len, &strict, &err), LEDE_INVALID);
    assert_int_equal(err.offset, whole);
    assert_null(q);
    buffer_release(&text);
}

static void unknown_language_is_refused(void **state) {
    (void)state;
    struct lede_query *q;
    lede_error err;
    assert_int_equal(query_parse(&q, &(struct query_target){"klingon", true}, "a", 1, NULL, &err), LEDE_INVALID);
    assert_null(q);
}

/* Pieces that mean something to the parser or to the analyzer, and a few broken ones. */
static const char *const pieces[] = {
    "simla",       "Lavrov",  "accord's", "counter-terrorism",
    "3.5",         "U.S.",    " ",        " ",
    " ",           "\t",      "\n",       "\"",
    "\"",          "+",       "-",        "“",
    "”",           "«",       "»",        "\xff",
    "\xe2\x80",    ",",       "ä",        "Straße",
    "\u0301",      "\u200d",  "日本",     "語",
    "かな",        "ภาษาไทย", "צה",       "ל",
    "\u202f",      "\u00a0",  "🇮🇳",       "🇵🇰",
    "👩‍💻", "_",       ".",        "'",
    "’",           "½",       "ﬁ",        "x",
    "-\"",         "\u00ad",  "한국어",   " AND ",
    " OR ",        " NOT ",   "(",        ")",
    ")/2",         "NEAR/3(", "ADJ(",     "SENTENCE(",
    "PASSAGE(",    "title:",  "heading:", "date:2025",
    "date:..2024", "path:",   "byline:",  "lang:en",
    "한국",        "政府",    "*",        "*",
    "*",           "?",       "~",        "~2",
    "^2.5",        "^",       "=",        "= ",
};

static size_t random_text(struct random *r, char *text, size_t room) {
    size_t len = 0;
    for (uint32_t i = random_below(r, 24); i > 0; i--) {
        const char *piece = pieces[random_below(r, sizeof pieces / sizeof *pieces)];
        size_t n = strlen(piece);
        if (random_below(r, 40) == 0) {
            piece = "";
            n = 1;
        }
        if (len + n > room)
            break;
        memcpy(text + len, piece, n);
        len += n;
    }
    return len;
}

/* In scripts, too, whose words stand apart from the letter that a wildcard is taken for. */
static void stars_belong_to_the_words_next_to_them(void **state) {
    (void)state;
    static const struct {
        const char *text, *words; /* kinds and terms */
    } cases[] = {
        {"negoti*", "prefix negoti;"},
        {"*eaty", "wildcard *eaty;"},
        {"foo*-*bar", "prefix foo;wildcard *bar;"},
        {"한국*", "prefix 한국;"},
        {"*국은", "wildcard *국은;"},
        {"한*은", "wildcard 한*은;"},
        {"한국** 수도", "prefix 한국;word 수도;"},
        {"政*", "prefix 政;"},
        {"*府。政*", "wildcard *府;prefix 政;"},
        {"吗?我", "word 吗;word 我;"},
        {"政*?", "prefix 政;"},
        {"政*?府", "prefix 政;word 府;"},
        {"政*\u0301?", "prefix 政;"},
        {"政*’?", "prefix 政;"},
        {"ไทย*", "prefix ไทย;"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lede_query *q = parsed("none", cases[i].text, strlen(cases[i].text), NULL);
        buffer_clear(&out);
        for (const lede_query_node *n = lede_query_root(q)->first; n; n = n->next) {
            buffer_append(&out, n->kind, strlen(n->kind));
            buffer_append_u8(&out, ' ');
            buffer_append(&out, n->term, strlen(n->term));
            buffer_append_u8(&out, ';');
        }
        buffer_append_u8(&out, 0);
        assert_string_equal((const char *)out.data, cases[i].words);
        lede_query_free(q);
    }
    buffer_release(&out);
}

static void canonical_text_reads_as_the_same(void **state) {
    struct random *r = *state;
    struct buffer first = BUFFER_EMPTY, second = BUFFER_EMPTY;
    for (int round = 0; round < 20000; round++) {
        char text[512];
        size_t len = random_text(r, text, sizeof text);
        const lede_query_options options = {.default_operator = random_below(r, 2) ? LEDE_AND : LEDE_OR};
        const char *language = random_below(r, 4) ? "none" : "english";
        struct lede_query *q = parsed(language, text, len, &options);
        describe(&first, q);
        const char *canonical = lede_query_text(q);
        struct lede_query *again = parsed(language, canonical, strlen(canonical), &options);
        describe(&second, again);
        assert_string_equal((const char *)second.data, (const char *)first.data);
        assert_string_equal(lede_query_text(again), canonical);
        assert_int_equal(lede_query_note(again) != NULL, lede_query_is_empty(again));
        lede_query_free(again);
        lede_query_free(q);
    }
    buffer_release(&first);
    buffer_release(&second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_phrases_and_signs),
        cmocka_unit_test(signs_count_at_the_start_of_operands_alone),
        cmocka_unit_test(hebrew_acronyms_keep_their_quote),
        cmocka_unit_test(all_words_can_be_required),
        cmocka_unit_test(words_are_stemmed),
        cmocka_unit_test(words_have_numbers_by_place),
        cmocka_unit_test(a_query_that_cannot_match_is_told),
        cmocka_unit_test(guesses_are_told_or_refused),
        cmocka_unit_test(emptiness_is_told),
        cmocka_unit_test(length_is_bounded),
        cmocka_unit_test(unknown_language_is_refused),
        cmocka_unit_test(stars_belong_to_the_words_next_to_them),
        cmocka_unit_test_setup_teardown(canonical_text_reads_as_the_same, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
