/* Small things that are shown or read: numbers, bytes, dates, scores, bars, lines of a batch, words to complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/commands/batch.h"
#include "cli/output/display.h"
#include "cli/output/pager.h"
#include "cli/output/progress.h"
#include "cli/output/trec.h"
#include "cli/prompt/editor.h"

static void numbers_have_commas(void **state) {
    char text[32];
    (void)state;
    assert_string_equal(number_format(text, 0), "0");
    assert_string_equal(number_format(text, 999), "999");
    assert_string_equal(number_format(text, 1000), "1,000");
    assert_string_equal(number_format(text, 1234567), "1,234,567");
    assert_string_equal(number_format(text, UINT64_MAX), "18,446,744,073,709,551,615");
}

static void bytes_have_units(void **state) {
    char text[32];
    (void)state;
    assert_string_equal(bytes_format(text, 999), "999 B");
    assert_string_equal(bytes_format(text, 1000), "1.0 kB");
    assert_string_equal(bytes_format(text, 999949), "999.9 kB");
    assert_string_equal(bytes_format(text, 999950), "1.0 MB");
    assert_string_equal(bytes_format(text, UINT64_MAX), "18.4 EB");
}

static void dates_show_what_is_known(void **state) {
    char text[16];
    (void)state;
    assert_string_equal(date_format(text, 0), "");
    assert_string_equal(date_format(text, 20250603), "2025-06-03");
    assert_string_equal(date_format(text, 20250600), "2025-06");
    assert_string_equal(date_format(text, 20250000), "2025");
    assert_string_equal(date_format(text, 660110), "0066-01-10");
    date_format(text, UINT32_MAX);
}

static void scores_read_back_as_they_were(void **state) {
    static const double scores[] = {0, 1, 10, 0.1, 1.0 / 3, 8.412345678901234, 1e-300, 123456.789, 2.5};
    char text[32];
    (void)state;
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++)
        assert_true(strtod(score_format(text, scores[i]), NULL) == scores[i]);
    assert_string_equal(score_format(text, 2.5), "2.5");
    assert_string_equal(score_format(text, 0.1), "0.1");
}

static void bars_fit_the_width(void **state) {
    const lede_progress half = {50000000, 100000000, 1, 2, 12345, "indexing"};
    const lede_progress pipe = {50000000, 0, 1, 0, 12345, "indexing"};
    char line[256];
    (void)state;
    progress_format(line, sizeof line, 79, &half, 10e6);
    assert_string_equal(line, "indexing [===========>           ]  50%  10.0 MB/s  12,345 articles  0:05 left");
    progress_format(line, sizeof line, 300, &half, 0);
    assert_string_equal(line, "indexing [====================>                   ]  50%  12,345 articles");
    progress_format(line, sizeof line, 79, &pipe, 10e6);
    assert_string_equal(line, "indexing  10.0 MB/s  12,345 articles");
    progress_format(line, sizeof line, 79, &half, 1000);
    assert_non_null(strstr(line, "13:53:20 left"));
    for (unsigned width = 0; width < 120; width++) {
        progress_format(line, sizeof line, width, &half, 10e6);
        assert_true(strlen(line) <= width);
    }
}

static void lines_of_a_batch_are_split(void **state) {
    static const struct {
        const char *line, *id, *query;
    } cases[] = {
        {"q7\tlavrov simla", "q7", "lavrov simla"},
        {"lavrov simla", "12", "lavrov simla"},
        {"q7\ta\tb", "q7", "a\tb"},
        {"\tlavrov", "12", "lavrov"},
        {"# not a comment", "12", "# not a comment"},
        {"q7\t", "q7", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch_line l;
        batch_split(&l, cases[i].line, strlen(cases[i].line), 12);
        assert_int_equal(l.id.len, strlen(cases[i].id));
        assert_memory_equal(l.id.id, cases[i].id, l.id.len);
        assert_int_equal(l.query_len, strlen(cases[i].query));
        assert_memory_equal(l.query, cases[i].query, l.query_len);
    }
}

static void words_to_complete_are_found(void **state) {
    static const struct {
        const char *line;
        size_t start;
    } cases[] = {{"", 0},          {"lav", 0},       {"simla lav", 6}, {"+lav", 1},    {"\"line of", 6},
                 {"india-pak", 6}, {"simla ", 6},    {":op", 0},       {":open x", 6}, {"a :op", 3},
                 {"don't", 0},     {"\xC3\xA9l", 0}, {"-\xC3\xA9l", 1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(editor_word_start(cases[i].line, strlen(cases[i].line)), cases[i].start);
}

static void candidates_agree_up_to_whole_characters(void **state) {
    struct candidates c = {0};
    (void)state;
    assert_int_equal(candidates_common(&c), 0);
    assert_true(candidates_add(&c, "indian", 6));
    assert_int_equal(candidates_common(&c), 6);
    assert_true(candidates_add(&c, "india", 5));
    assert_int_equal(candidates_common(&c), 5);
    assert_true(candidates_add(&c, "indus", 5));
    assert_int_equal(candidates_common(&c), 3);
    candidates_release(&c);
    /* The first bytes of e acute and e grave are the same. */
    assert_true(candidates_add(&c, "caf\xC3\xA9", 5));
    assert_true(candidates_add(&c, "caf\xC3\xA8", 5));
    assert_int_equal(candidates_common(&c), 3);
    candidates_release(&c);
}

static void pagers_get_what_they_understand(void **state) {
    static const struct {
        const char *pager, *command;
    } cases[] = {
        {"less", "less -R -+F +13"},
        {"/usr/bin/less -S", "/usr/bin/less -S -R -+F +13"},
        {"cat", "cat"},
        {"more", "more"},
        {"lessly", "lessly"},
        {"less | tee x", "less | tee x"},
        {"", ""},
    };
    char command[256];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pager_command(command, sizeof command, cases[i].pager, 12);
        assert_string_equal(command, cases[i].command);
    }
    pager_command(command, sizeof command, NULL, 12);
    assert_non_null(strstr(command, "less -R -+F +13"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_commas),
        cmocka_unit_test(bytes_have_units),
        cmocka_unit_test(dates_show_what_is_known),
        cmocka_unit_test(scores_read_back_as_they_were),
        cmocka_unit_test(bars_fit_the_width),
        cmocka_unit_test(lines_of_a_batch_are_split),
        cmocka_unit_test(words_to_complete_are_found),
        cmocka_unit_test(candidates_agree_up_to_whole_characters),
        cmocka_unit_test(pagers_get_what_they_understand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
