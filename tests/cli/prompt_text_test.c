/* The full-screen prompt on texts of all scripts, and on an index that changes or lacks something. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "prompt.h"

#define MARK     "\xE2\x80\x8E" /* left to right */
#define SHALOM   "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"
#define SALAM    "\xD8\xB3\xD9\x84\xD8\xA7\xD9\x85"
#define GAIMU    "\xE5\xA4\x96\xE5\x8B\x99\xE5\xA4\xA7\xE8\x87\xA3"
#define E_ACUTE  "e\xCC\x81"
#define FAMILY   "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"
#define FAMILIES "\xF0\x9F\x91\xA9\xF0\x9F\x91\xA7"

/* The column in which a text of one cell stands in a row; -1 if it does not. */
static int column_of(int row, const char *text) {
    for (int column = 0; column < vt.columns; column++)
        if (strcmp(vt.cells[row][column].text, text) == 0)
            return column;
    return -1;
}

/* All rows have the line between list and preview in the same column, whatever stands left of it. */
static void expect_straight_rule(void) {
    vt_expect(&vt, "\xE2\x94\x82");
    vt_expect_frame(&vt);
    int rule = column_of(LIST, "\xE2\x94\x82");
    assert_true(rule > 0);
    for (int row = LIST; row < vt.rows; row++)
        assert_int_equal(column_of(row, "\xE2\x94\x82"), rule);
}

static void wide_and_combined_characters_keep_their_columns(void **state) {
    (void)state;
    start_on("scripts.lede", ROWS, COLUMNS, NULL);
    vt_expect(&vt, "5 articles");
    ask("scripts", "5 passages match");
    vt_expect(&vt, GAIMU);
    vt_expect(&vt, "R" E_ACUTE "sum" E_ACUTE);
    vt_expect(&vt, FAMILIES);
    expect_straight_rule();
    for (int i = 0; i < 5; i++) {
        vt_type(&vt, "\033[B");
        expect_straight_rule();
    }
    /* Narrower than any word of it. */
    vt_resize(&vt, 20, 16);
    vt_expect(&vt, "lede> scripts");
    vt_type(&vt, "\025" GAIMU);
    vt_expect_cursor(&vt, INPUT, 14);
    vt_expect(&vt, GAIMU);
    vt_type(&vt, GAIMU);
    vt_expect_cursor(&vt, INPUT, 14);
    vt_type(&vt, "\001");
    vt_expect_cursor(&vt, INPUT, 6);
    leave();
}

/* In the order in which it is read, and kept from what stands beside it by a mark. */
static void right_to_left_text_is_kept_apart(void **state) {
    (void)state;
    start_on("scripts.lede", ROWS, COLUMNS, NULL);
    vt_expect(&vt, "5 articles");
    ask(SHALOM, "1 passage matches");
    vt_expect(&vt, BAR " 1 " SHALOM MARK);
    /* As far as the preview, where the cells are what one would count. */
    vt_expect(&vt, "\xE2\x96\x8E " SHALOM);
    expect_straight_rule();
    vt_type(&vt, "\025" SALAM);
    vt_expect(&vt, BAR " 1 " SALAM MARK);
    vt_expect_cursor(&vt, INPUT, 6 + 4);
    expect_straight_rule();
    leave();
}

static void broken_and_hostile_texts_do_no_harm(void **state) {
    (void)state;
    start_on("scripts.lede", ROWS, COLUMNS, NULL);
    vt_expect(&vt, "5 articles");
    ask("hostile", "1 passage matches");
    vt_expect(&vt, "bell \xEF\xBF\xBD escape \xEF\xBF\xBD[2J end");
    vt_type(&vt, "\025h\xC3stile");
    vt_expect_row(&vt, INPUT, "lede> h\xEF\xBF\xBDstile");
    leave();
}

static void an_index_that_changes_is_seen(void **state) {
    (void)state;
    start();
    ask("armadillo", "0 passages match");
    run_in_folder("printf '{\"id\":\"m\",\"text\":\"An armadillo crossed the road.\"}\\n' >more.jsonl && "
                  "\"$LEDE\" index -q more.jsonl");
    /* Without a key. */
    vt_expect(&vt, "the index has changed");
    vt_expect(&vt, "1 passage matches");
    vt_expect(&vt, BAR " 1 m");
    vt_type(&vt, " ");
    vt_expect_gone(&vt, "the index has changed");
    run_in_folder("\"$LEDE\" delete -q m");
    vt_expect(&vt, "0 passages match");
    leave();
}

static void an_index_without_text_tells_where_it_is(void **state) {
    (void)state;
    start_on("bare.lede", ROWS, COLUMNS, NULL);
    vt_expect(&vt, "3 articles");
    ask("simla", "2 passages match");
    vt_expect(&vt, "The index keeps no text of this article.");
    vt_expect(&vt, "articles/talks.txt:3");
    vt_type(&vt, "\r");
    vt_expect(&vt, "the index keeps no text; see articles/talks.txt, line 3");
    leave();
}

static void an_index_that_goes_away_is_told(void **state) {
    (void)state;
    run_in_folder("cp -r .lede gone.lede");
    start_on("gone.lede", ROWS, COLUMNS, NULL);
    vt_expect(&vt, "3 articles");
    ask("simla", "2 passages match");
    run_in_folder("rm -r gone.lede");
    /* What was opened stays open. */
    vt_type(&vt, " lavrov");
    vt_expect(&vt, "3 passages match");
    leave();
}

static void a_query_that_is_too_long_is_told(void **state) {
    (void)state;
    start();
    vt_type(&vt, "\033[200~");
    for (int i = 0; i < 1100; i++)
        vt_type(&vt, "simla ");
    vt_type(&vt, "\033[201~");
    vt_expect(&vt, "1024");
    vt_type(&vt, "\025simla");
    vt_expect(&vt, "2 passages match");
    leave();
}

static int make_indexes(void **state) {
    int failed = make_index(state);
    if (failed)
        return failed;
    folder_write_text(
        &folder, "scripts.jsonl",
        "{\"id\":\"a\",\"title\":\"" GAIMU "\",\"text\":\"scripts: " GAIMU GAIMU GAIMU GAIMU GAIMU GAIMU GAIMU "\"}\n"
        "{\"id\":\"b\",\"title\":\"R" E_ACUTE "sum" E_ACUTE "\",\"text\":\"scripts: " E_ACUTE E_ACUTE " " FAMILY
        " " FAMILY "\"}\n"
        "{\"id\":\"c\",\"title\":\"" SHALOM "\",\"date\":\"2025-01-02\",\"text\":\"" SHALOM ", 1972 " SHALOM
        " scripts\"}\n"
        "{\"id\":\"d\",\"title\":\"" SALAM "\",\"text\":\"" SALAM " (" SALAM ") scripts\"}\n"
        "{\"id\":\"e\",\"title\":\"hostile\",\"text\":\"scripts: bell \\u0007 escape \\u001b[2J end\"}\n");
    run_in_folder(
        "\"$LEDE\" index -q -i scripts.lede scripts.jsonl && \"$LEDE\" index -q --no-text -i bare.lede articles");
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_and_combined_characters_keep_their_columns),
        cmocka_unit_test(right_to_left_text_is_kept_apart),
        cmocka_unit_test(broken_and_hostile_texts_do_no_harm),
        cmocka_unit_test(an_index_that_changes_is_seen),
        cmocka_unit_test(an_index_without_text_tells_where_it_is),
        cmocka_unit_test(an_index_that_goes_away_is_told),
        cmocka_unit_test(a_query_that_is_too_long_is_told),
    };
    return cmocka_run_group_tests(tests, make_indexes, remove_index);
}
