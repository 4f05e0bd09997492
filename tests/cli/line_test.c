/* The line that is typed, and the lines of before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/common/terminal.h"
#include "cli/prompt/line.h"
#include "cli/prompt/recall.h"
#include "support/random.h"

/* Text with a '|' where the cursor is. */
static void set(struct line *line, const char *text) {
    const char *bar = strchr(text, '|');
    size_t at = (size_t)(bar - text);
    char copy[256];
    snprintf(copy, sizeof copy, "%.*s%s", (int)at, text, bar + 1);
    assert_true(line_set(line, copy, strlen(copy)));
    line->cursor = at;
}

static const char *get(const struct line *line) {
    static char text[512];
    snprintf(text, sizeof text, "%.*s|%s", (int)line->cursor, line_text(line), line_text(line) + line->cursor);
    return text;
}

#define E_ACUTE "e\xCC\x81"                                    /* with a combining accent */
#define FAMILY  "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7" /* woman, joiner, girl */
#define THUMB   "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD"             /* thumb, skin tone */

static void edits_are_those_of_readline(void **state) {
    static const struct {
        const char *before;
        enum line_edit edit;
        const char *after;
        bool changes;
    } cases[] = {
        {"ab|c", LINE_LEFT, "a|bc", false},
        {"|abc", LINE_LEFT, "|abc", false},
        {"ab|c", LINE_RIGHT, "abc|", false},
        {"abc|", LINE_RIGHT, "abc|", false},
        {"|" E_ACUTE "x", LINE_RIGHT, E_ACUTE "|x", false},
        {E_ACUTE "|x", LINE_LEFT, "|" E_ACUTE "x", false},
        {"|" THUMB "x", LINE_RIGHT, THUMB "|x", false},
        {"one two|", LINE_WORD_LEFT, "one |two", false},
        {"one |two", LINE_WORD_LEFT, "|one two", false},
        {"one, +|two", LINE_WORD_LEFT, "|one, +two", false},
        {"|one two", LINE_WORD_RIGHT, "one| two", false},
        {"one| +two", LINE_WORD_RIGHT, "one +two|", false},
        {"|caf\xC3\xA9 x", LINE_WORD_RIGHT, "caf\xC3\xA9| x", false},
        {"on|e", LINE_START, "|one", false},
        {"on|e", LINE_END, "one|", false},
        {"on|e", LINE_BACKSPACE, "o|e", true},
        {"|one", LINE_BACKSPACE, "|one", false},
        {"x" E_ACUTE "|y", LINE_BACKSPACE, "x|y", true},
        {"o|ne", LINE_DELETE, "o|e", true},
        {"one|", LINE_DELETE, "one|", false},
        {"|" E_ACUTE "y", LINE_DELETE, "|y", true},
        {"one tw|o", LINE_KILL_START, "|o", true},
        {"|o", LINE_KILL_START, "|o", false},
        {"one| two", LINE_KILL_END, "one|", true},
        {"one|", LINE_KILL_END, "one|", false},
        {"one -\"two|", LINE_KILL_BLANK_WORD, "one |", true},
        {"one two  |", LINE_KILL_BLANK_WORD, "one |", true},
        {"one -two|", LINE_KILL_WORD_LEFT, "one -|", true},
        {"one| -two x", LINE_KILL_WORD_RIGHT, "one| x", true},
        {"ab|cd", LINE_SWAP, "acb|d", true},
        {"abcd|", LINE_SWAP, "abdc|", true},
        {"|ab", LINE_SWAP, "|ab", false},
        {"a|", LINE_SWAP, "a|", false},
        {"x" E_ACUTE "|y", LINE_SWAP, "xy" E_ACUTE "|", true},
    };
    struct line line = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set(&line, cases[i].before);
        bool changed = line_edit(&line, cases[i].edit);
        if (strcmp(get(&line), cases[i].after) != 0 || changed != cases[i].changes)
            fail_msg("case %zu: %s became %s", i, cases[i].before, get(&line));
    }
    line_release(&line);
}

static void what_was_killed_comes_back(void **state) {
    struct line line = {0};
    (void)state;
    assert_false(line_edit(&line, LINE_YANK));
    set(&line, "one two |three");
    line_edit(&line, LINE_KILL_BLANK_WORD);
    line_edit(&line, LINE_KILL_BLANK_WORD);
    line_edit(&line, LINE_KILL_END);
    assert_string_equal(get(&line), "|");
    /* Kills in a row are one; backward ones stand before what was killed already. */
    assert_true(line_edit(&line, LINE_YANK));
    assert_string_equal(get(&line), "one two three|");
    line_edit(&line, LINE_YANK);
    assert_string_equal(get(&line), "one two threeone two three|");
    line_edit(&line, LINE_KILL_BLANK_WORD);
    line_edit(&line, LINE_LEFT);
    line_edit(&line, LINE_KILL_END);
    line_edit(&line, LINE_YANK);
    assert_string_equal(get(&line), "one two threeone two |");
    line_release(&line);
}

static void text_is_put_in_clean(void **state) {
    struct line line = {0};
    static char most[LINE_MOST + 1];
    (void)state;
    assert_string_equal(line_text(&line), "");
    assert_true(line_insert(&line, "a\tb\nc\033d\xFF", 8));
    assert_string_equal(get(&line), "a b c d\xEF\xBF\xBD|");
    line.cursor = 1;
    assert_true(line_replace(&line, 0, "xyz", 3));
    assert_string_equal(get(&line), "xyz| b c d\xEF\xBF\xBD");
    memset(most, 'a', sizeof most);
    assert_false(line_insert(&line, most, sizeof most));
    assert_string_equal(get(&line), "xyz| b c d\xEF\xBF\xBD");
    assert_true(line_set(&line, most, LINE_MOST));
    assert_false(line_insert(&line, "b", 1));
    assert_int_equal(line.len, LINE_MOST);
    line_release(&line);
}

/* Cursor and text stay whole, whatever is done. */
static void any_edits_keep_the_line_whole(void **state) {
    static const char *const pieces[] = {"a", " ",    E_ACUTE,   FAMILY, THUMB, "\xCC\x81", "\xE2\x80\x8D",
                                         "+", "\xFF", "\xD7\xA9"};
    struct random *r = *state;
    struct line line = {0};
    for (int round = 0; round < 20000; round++) {
        const char *piece = pieces[random_below(r, sizeof pieces / sizeof *pieces)];
        if (random_below(r, 2))
            line_insert(&line, piece, strlen(piece));
        else
            line_edit(&line, (enum line_edit)random_below(r, LINE_SWAP + 1));
        assert_true(line.cursor <= line.len && line.len <= LINE_MOST);
        if (line.text)
            assert_true(line.text[line.len] == '\0' && (line.text[line.cursor] & 0xC0) != 0x80);
        if (line.len > 200)
            line_set(&line, "", 0);
    }
    line_release(&line);
}

static void earlier_lines_are_gone_through(void **state) {
    struct recall r = {0};
    (void)state;
    assert_null(recall_older(&r, ""));
    assert_null(recall_newer(&r, ""));
    assert_false(recall_add(&r, ""));
    assert_true(recall_add(&r, "one"));
    assert_false(recall_add(&r, "one"));
    assert_true(recall_add(&r, "two"));
    assert_true(recall_add(&r, "three"));
    assert_string_equal(recall_older(&r, "draft"), "three");
    assert_string_equal(recall_older(&r, "three"), "two");
    assert_string_equal(recall_newer(&r, "two"), "three");
    assert_string_equal(recall_newer(&r, "three"), "draft");
    assert_null(recall_newer(&r, "draft"));
    /* What is shown already is passed over. */
    assert_string_equal(recall_older(&r, "three"), "two");
    assert_string_equal(recall_older(&r, "two"), "one");
    assert_null(recall_older(&r, "one"));
    recall_release(&r);
}

static void earlier_lines_are_found(void **state) {
    struct recall r = {0};
    (void)state;
    assert_int_equal(recall_find(&r, 0, "x"), 0);
    recall_add(&r, "Lavrov Simla");
    recall_add(&r, "indus treaty");
    recall_add(&r, "simla accord");
    assert_int_equal(recall_find(&r, 3, "SIMLA"), 2);
    assert_int_equal(recall_find(&r, 2, "simla"), 0);
    assert_int_equal(recall_find(&r, 0, "simla"), 3);
    assert_int_equal(recall_find(&r, 3, "zebra"), 3);
    recall_release(&r);
}

static int use_utf8(void **state) {
    (void)state;
    terminal_use_utf8();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_those_of_readline),
        cmocka_unit_test(what_was_killed_comes_back),
        cmocka_unit_test(text_is_put_in_clean),
        cmocka_unit_test_setup_teardown(any_edits_keep_the_line_whole, random_setup, random_teardown),
        cmocka_unit_test(earlier_lines_are_gone_through),
        cmocka_unit_test(earlier_lines_are_found),
    };
    return cmocka_run_group_tests(tests, use_utf8, NULL);
}
