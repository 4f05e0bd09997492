/* Command lines: values of every kind, mistakes and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/common/options.h"

enum { WORDS_MAX = 24 };

/* All kinds of options, and where they go. */
struct values {
    bool flag;
    const char *string;
    size_t count;
    uint64_t size;
    double number;
    int choice;
};

static const struct option_choice choices[] = {{"red", 1}, {"green", 2}, {NULL, 0}};

static lede_status parse(struct values *v, struct arguments *rest, char **words, enum options_order order,
                         lede_error *err) {
    const struct option_spec specs[] = {
        {"flag", 'f', OPTION_FLAG, &v->flag, NULL},     {"string", 's', OPTION_STRING, &v->string, NULL},
        {"limit", 'n', OPTION_COUNT, &v->count, NULL},  {"memory", 0, OPTION_SIZE, &v->size, NULL},
        {"weight", 0, OPTION_NUMBER, &v->number, NULL}, {"colour", 0, OPTION_CHOICE, &v->choice, choices},
    };
    int count = 0;
    while (words[count])
        count++;
    memset(err, 0, sizeof *err);
    return options_parse(rest, (struct arguments){words, count}, specs, sizeof specs / sizeof *specs, order, err);
}

/* Cuts "a b c" into words of `store`, after the name of a program. */
static char **cut(char *store, size_t size, char **words, const char *line) {
    size_t count = 0;
    static char name[] = "lede";
    words[count++] = name;
    assert_true(strlen(line) < size);
    strcpy(store, line);
    for (char *word = strtok(store, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    words[count] = NULL;
    return words;
}

static void values_of_every_kind_are_read(void **state) {
    char store[200], *words[WORDS_MAX];
    struct values v = {0};
    struct arguments rest;
    lede_error err;
    (void)state;
    cut(store, sizeof store, words, "-f --string=x a -n 7 --memory 2G --weight 0.5 --colour green b");
    assert_int_equal(parse(&v, &rest, words, OPTIONS_ANYWHERE, &err), LEDE_OK);
    assert_true(v.flag);
    assert_string_equal(v.string, "x");
    assert_int_equal(v.count, 7);
    assert_int_equal(v.size, UINT64_C(2) << 30);
    assert_true(v.number == 0.5);
    assert_int_equal(v.choice, 2);
    assert_int_equal(rest.count, 2);
    assert_string_equal(rest.values[0], "a");
    assert_string_equal(rest.values[1], "b");
}

static void what_is_not_given_stays(void **state) {
    char store[200], *words[WORDS_MAX];
    struct values v = {.count = 10, .number = 1.2};
    struct arguments rest;
    lede_error err;
    (void)state;
    assert_int_equal(parse(&v, &rest, cut(store, sizeof store, words, ""), OPTIONS_ANYWHERE, &err), LEDE_OK);
    assert_int_equal(rest.count, 0);
    assert_int_equal(v.count, 10);
    assert_true(v.number == 1.2);
}

static void options_first_leaves_later_dashes_alone(void **state) {
    char store[200], *words[WORDS_MAX];
    struct values v = {0};
    struct arguments rest;
    lede_error err;
    (void)state;
    cut(store, sizeof store, words, "-f lavrov -delhi --limit");
    assert_int_equal(parse(&v, &rest, words, OPTIONS_FIRST, &err), LEDE_OK);
    assert_true(v.flag);
    assert_int_equal(rest.count, 3);
    assert_string_equal(rest.values[1], "-delhi");
    cut(store, sizeof store, words, "-- -delhi");
    assert_int_equal(parse(&v, &rest, words, OPTIONS_FIRST, &err), LEDE_OK);
    assert_int_equal(rest.count, 1);
    assert_string_equal(rest.values[0], "-delhi");
}

static void options_of_a_query_are_told_by_two_dashes(void **state) {
    char store[200], *words[WORDS_MAX];
    struct values v = {0};
    struct arguments rest;
    lede_error err;
    (void)state;
    cut(store, sizeof store, words, "lavrov -f -delhi --limit 3 simla --memory=2G --elephant -- --limit 4");
    assert_int_equal(parse(&v, &rest, words, OPTIONS_OF_QUERY, &err), LEDE_OK);
    assert_false(v.flag);
    assert_int_equal(v.count, 3);
    assert_int_equal(v.size, UINT64_C(2) << 30);
    const char *const kept[] = {"lavrov", "-f", "-delhi", "simla", "--elephant", "--", "--limit", "4"};
    assert_int_equal(rest.count, sizeof kept / sizeof *kept);
    for (int i = 0; i < rest.count; i++)
        assert_string_equal(rest.values[i], kept[i]);
    cut(store, sizeof store, words, "-- lavrov --limit 5");
    assert_int_equal(parse(&v, &rest, words, OPTIONS_OF_QUERY, &err), LEDE_OK);
    assert_int_equal(rest.count, 3);
    assert_int_equal(v.count, 3);
    cut(store, sizeof store, words, "lavrov --limit");
    assert_int_equal(parse(&v, &rest, words, OPTIONS_OF_QUERY, &err), LEDE_INVALID);
    assert_string_equal(err.message, "--limit needs a value");
    cut(store, sizeof store, words, "lavrov --help");
    assert_int_equal(parse(&v, &rest, words, OPTIONS_OF_QUERY, &err), LEDE_INTERRUPTED);
}

static void mistakes_are_told(void **state) {
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"--limt 3", "unknown option '--limt'; did you mean --limit?"},
        {"--limt=3", "unknown option '--limt'; did you mean --limit?"},
        {"--elephant", "unknown or ambiguous option '--elephant'; see --help"},
        {"-x", "unknown option '-x'; see --help, or put -- before words that begin with '-'"},
        {"-n", "--limit needs a value"},
        {"--limit", "--limit needs a value"},
        {"-n x", "--limit needs a number, not 'x'"},
        {"-n -1", "--limit needs a number, not '-1'"},
        {"-n 1x", "--limit needs a number, not '1x'"},
        {"-n 99999999999999999999", "--limit needs a number, not '99999999999999999999'"},
        {"--flag=1", "--flag takes no value"},
        {"--memory 1Q", "--memory needs a size such as 512M or 1G, not '1Q'"},
        {"--weight nan", "--weight needs a number of 0 or more, not 'nan'"},
        {"--weight=-1", "--weight needs a number of 0 or more, not '-1'"},
        {"--colour blue", "--colour cannot be 'blue': it is one of red, green"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char store[200], *words[WORDS_MAX];
        struct values v = {0};
        struct arguments rest;
        lede_error err;
        cut(store, sizeof store, words, cases[i].line);
        assert_int_equal(parse(&v, &rest, words, OPTIONS_ANYWHERE, &err), LEDE_INVALID);
        assert_string_equal(err.message, cases[i].message);
    }
}

static void help_interrupts(void **state) {
    static const char *const lines[] = {"--help", "-h", "-f --help x", "--hel"};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char store[200], *words[WORDS_MAX];
        struct values v = {0};
        struct arguments rest;
        lede_error err;
        cut(store, sizeof store, words, lines[i]);
        assert_int_equal(parse(&v, &rest, words, OPTIONS_ANYWHERE, &err), LEDE_INTERRUPTED);
    }
}

static void sizes_have_units(void **state) {
    static const struct {
        const char *text;
        bool valid;
        uint64_t size;
    } cases[] = {
        {"0", true, 0},      {"1", true, 1},          {"1k", true, 1024},      {"1K", true, 1024},
        {"1KB", true, 1024}, {"1KiB", true, 1024},    {"1.5M", true, 1572864}, {"2T", true, UINT64_C(2) << 40},
        {"", false, 0},      {"M", false, 0},         {"-1", false, 0},        {"1 M", false, 0},
        {"1Mx", false, 0},   {"99999999T", false, 0}, {"inf", false, 0},       {"0x", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t size = 0;
        assert_int_equal(size_read(&size, cases[i].text), cases[i].valid);
        assert_int_equal(size, cases[i].size);
    }
}

static void distances_are_those_of_the_table(void **state) {
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {
        {"", "", 0},
        {"abc", "", 3},
        {"search", "search", 0},
        {"serach", "search", 1},
        {"seach", "search", 1},
        {"kitten", "sitting", 3},
        {"stats", "status", 1},
        {"ab", "ba", 1},
    };
    char longest[100];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(edit_distance(cases[i].a, cases[i].b), cases[i].distance);
        assert_int_equal(edit_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_true(edit_distance(longest, "a") == SIZE_MAX);
}

static void own_options_are_known(void **state) {
    struct values v;
    const struct option_spec specs[] = {{"limit", 'n', OPTION_COUNT, &v.count, NULL},
                                        {"and", 0, OPTION_FLAG, &v.flag, NULL}};
    (void)state;
    static const struct {
        const char *word;
        bool known;
    } cases[] = {{"-n", true}, {"--limit", true}, {"--limit=5", true}, {"--and", true}, {"-new", false}, {"n", false},
                 {"-", false}, {"--", false},     {"--limits", false}, {"-a", false},   {"--lim", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(options_knows(specs, 2, cases[i].word), cases[i].known);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_every_kind_are_read),
        cmocka_unit_test(what_is_not_given_stays),
        cmocka_unit_test(options_first_leaves_later_dashes_alone),
        cmocka_unit_test(options_of_a_query_are_told_by_two_dashes),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(help_interrupts),
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(distances_are_those_of_the_table),
        cmocka_unit_test(own_options_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
