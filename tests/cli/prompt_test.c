/* The full-screen prompt as a person meets it: every key, through a pseudo-terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "prompt.h"

static void hits_follow_what_is_typed(void **state) {
    (void)state;
    start();
    vt_expect_row(&vt, INPUT, "lede>");
    ask("nego", "1 passage matches");
    vt_expect(&vt, BAR " 1 Talks in Moscow on the Simla Accord");
    assert_int_equal(vt_look_of(&vt, LIST, "negotiating") & VT_BOLD, VT_BOLD);
    ask("tiations zebra", "1 passage matches");
    vt_type(&vt, "\025elephants");
    vt_expect(&vt, "0 passages match");
    vt_type(&vt, "\025-lavrov");
    vt_expect(&vt, "only words to leave out");
    vt_type(&vt, "\025\"simla accord");
    vt_expect(&vt, "unbalanced quote");
    vt_type(&vt, "\025");
    vt_expect(&vt, "Type words to search");
    leave();
}

static void a_phrase_goes_on_while_it_is_typed(void **state) {
    (void)state;
    start();
    ask("\"simla acc", "2 passages match");
    vt_expect(&vt, "unbalanced quote: read as \"simla acc\"");
    vt_type(&vt, "\"");
    vt_expect(&vt, "0 passages match");
    leave();
}

static void what_may_have_been_meant_is_told(void **state) {
    (void)state;
    start();
    ask("lavrvo simla", "did you mean lavrov simla (Alt-s)");
    vt_expect(&vt, "2 passages match");
    vt_type(&vt, "\033s");
    vt_expect_row(&vt, INPUT, "lede> lavrov simla");
    vt_expect(&vt, "3 passages match");
    vt_expect_gone(&vt, "did you mean");
    vt_type(&vt, "\033s");
    vt_expect(&vt, "there is nothing to suggest");
    vt_expect_row(&vt, INPUT, "lede> lavrov simla");
    leave();
}

static void the_line_is_edited(void **state) {
    static const struct {
        const char *keys, *line;
        int cursor;
    } cases[] = {
        {"one two", "one two", 7},
        {"one two\001", "one two", 0},
        {"one two\033[H", "one two", 0},
        {"one two\033OH", "one two", 0},
        {"one two\001\005", "one two", 7},
        {"one two\033[1~\033[4~", "one two", 7},
        {"one two\002\002x", "one txwo", 6},
        {"one two\033[D\033OD\006x", "one twxo", 7},
        {"one two\033[D\033[D\033[Cx", "one twxo", 7},
        {"one two\033b\033bx", "xone two", 1},
        {"one two\001\033fx", "onex two", 4},
        {"one two\033[1;5Dx", "one xtwo", 5},
        {"one two\001\033[1;5C\033[1;3Cx", "one twox", 8},
        {"one two\033[1;3D\033\033[Dx", "xone two", 1},
        {"one two\177\b", "one t", 5},
        {"one two\002\004", "one tw", 6},
        {"one two\001\033[3~", "ne two", 0},
        {"one two\002\025x", "xo", 1},
        {"one two\001\006\013x", "ox", 2},
        {"one two\027x", "one x", 5},
        {"one two\033\177x", "one x", 5},
        {"one two\001\033d", " two", 0},
        {"one two\001\033[3;5~", " two", 0},
        {"one two\027\031\031", "one twotwo", 10},
        {"one two\024", "one tow", 7},
        {"one\033[2~\033[99~\033[?1c\037\034two", "onetwo", 6},
        {"caf\xC3\xA9 e\xCC\x81\002\177",
         "caf\xC3\xA9"
         "e\xCC\x81",
         4},
        {"\xE5\xA4\x96\xE5\x8B\x99\002x", "\xE5\xA4\x96x\xE5\x8B\x99", 3},
    };
    (void)state;
    start();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char row[256];
        vt_type(&vt, cases[i].keys);
        snprintf(row, sizeof row, "lede> %s", cases[i].line);
        vt_expect_row(&vt, INPUT, row);
        vt_expect_cursor(&vt, INPUT, 6 + cases[i].cursor);
        vt_type(&vt, "\013\025");
        vt_expect_row(&vt, INPUT, "lede>");
    }
    leave();
}

static void long_lines_move_sideways(void **state) {
    char line[300];
    (void)state;
    start();
    memset(line, 'a', 200);
    strcpy(line + 200, "end");
    vt_type(&vt, line);
    vt_expect_cursor(&vt, INPUT, COLUMNS - 1);
    vt_expect(&vt, "aend");
    vt_type(&vt, "\001b");
    vt_expect_cursor(&vt, INPUT, 7);
    vt_expect(&vt, "lede> baaa");
    leave();
}

static void keys_go_through_the_hits(void **state) {
    static const struct {
        const char *keys, *selected, *shown; /* shown: what has to be there besides, before the next key */
    } cases[] = {
        {"", BAR " 1 ", "  2 "},          {"\033[B", BAR " 2 ", "  3 "},
        {"\033OB", BAR " 3 ", "  4 "},    {"\033[A", BAR " 2 ", "  1 "},
        {"\033[6~", BAR " 9 ", "  8 "},   {"\033[6~", BAR "16 ", " 15 "},
        {"\033[5~", BAR " 9 ", " 10 "},   {"\033<", BAR " 1 ", "  2 "},
        {"\033[1;5F", BAR "50 ", " 51 "}, /* more are asked for */
        {"\033[B", BAR "51 ", " 50 "},    {"\033>", BAR "120 ", " 119 "},
        {"\033[6~", BAR "120 ", " 119 "}, {"\033[1;5H", BAR " 1 ", "  2 "},
    };
    (void)state;
    start_on("many.lede", ROWS, COLUMNS, NULL);
    ask("wheat", "120 passages match");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vt_type(&vt, cases[i].keys);
        vt_expect(&vt, cases[i].selected);
        vt_expect(&vt, cases[i].shown);
    }
    /* Another query starts at the top. */
    vt_type(&vt, "\033[6~");
    vt_expect_gone(&vt, BAR " 1 ");
    vt_type(&vt, " field");
    vt_expect(&vt, BAR " 1 ");
    leave();
}

/* Waits until the row of the passage in the preview is this one, or is not. */
static void expect_passage(int row, bool is_there) {
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    while ((vt_find(&vt, LIST, "\xE2\x96\x8E Here is the needle") == row) != is_there) {
        if (screen_clock() > end || !vt_read(&vt, 100)) {
            vt_print(&vt);
            fail();
        }
    }
}

/* Hides the preview and shows it again, with this text. All keys that were typed before are dealt with by then. */
static void hide_and_show(const char *text) {
    vt_type(&vt, "\033p");
    vt_expect_gone(&vt, "\xE2\x94\x82");
    vt_type(&vt, "\033p");
    vt_expect(&vt, text);
}

static void the_preview_is_moved_and_hidden(void **state) {
    static const char *const keys[][2] = {
        {"\033[1;3B", "\033[1;3A"}, {"\033[1;2B", "\033[1;2A"}, {"\033[1;5B", "\033[1;5A"}, {"\033[6;3~", "\033[5;3~"},
        {"\033[6;5~", "\033[5;5~"}, {"\033[6;2~", "\033[5;2~"}, {"\026", "\033v"},
    };
    (void)state;
    start_on("many.lede", 14, COLUMNS, NULL);
    ask("needle", "1 passage matches");
    vt_expect(&vt, "\xE2\x96\x8E Here is the needle");
    vt_expect_frame(&vt);
    int home = vt_find(&vt, LIST, "\xE2\x96\x8E Here is the needle");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        vt_type(&vt, keys[i][0]);
        expect_passage(home, false);
        vt_type(&vt, keys[i][1]);
        expect_passage(home, true);
    }
    /* It stops where the article does. */
    for (int i = 0; i < 40; i++)
        vt_type(&vt, "\026");
    vt_expect(&vt, "is paragraph 30 of");
    hide_and_show("is paragraph 30 of");
    for (int i = 0; i < 40; i++)
        vt_type(&vt, "\033v");
    vt_expect(&vt, "is paragraph 1 of");
    hide_and_show("is paragraph 1 of");
    vt_type(&vt, "\026");
    vt_expect_gone(&vt, "is paragraph 1 of");
    /* Keys that come together go no farther than those that come one by one: back from where the article ends. */
    char together[256] = "";
    for (int i = 0; i < 80; i++)
        strcat(together, "\026");
    vt_type(&vt, strcat(together, "\033v\033v\033v\033v\033v\033v"));
    hide_and_show("is paragraph 22 of");
    leave();
}

/* Waits until the line is another one than this, and the frame is whole. */
static const char *other_line(const char *line) {
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    while (strcmp(vt_row(&vt, INPUT), line) == 0 || vt.row != INPUT || vt.is_updating) {
        if (screen_clock() > end || !vt_read(&vt, 100)) {
            vt_print(&vt);
            fail();
        }
    }
    return vt_row(&vt, INPUT);
}

static void tab_completes(void **state) {
    (void)state;
    start();
    /* Only one word begins so: it is put in, with a blank, and more can be typed. */
    vt_type(&vt, "Lavr\tsim\t");
    vt_expect_row(&vt, INPUT, "lede> Lavrov simla");
    vt_expect_cursor(&vt, INPUT, 19);
    /* Several: what they share, then one after the other. */
    vt_type(&vt, "\025in\t");
    vt_expect(&vt, "indus");
    vt_expect(&vt, "interpreter");
    vt_expect_row(&vt, INPUT, "lede> in");
    char first[64], second[64];
    vt_type(&vt, "\t");
    snprintf(first, sizeof first, "%s", other_line("lede> in"));
    vt_type(&vt, "\t");
    snprintf(second, sizeof second, "%s", other_line(first));
    vt_type(&vt, "\033[Z");
    vt_expect_row(&vt, INPUT, first);
    vt_type(&vt, "\t");
    vt_expect_row(&vt, INPUT, second);
    vt_type(&vt, "\025zzz\t");
    vt_expect(&vt, "no word of the index begins like this");
    vt_type(&vt, "\025caf\t");
    vt_expect_row(&vt, INPUT, "lede> cafe");
    vt_type(&vt, "\025:st\t");
    vt_expect_row(&vt, INPUT, "lede> :stats");
    leave();
}

static void words_can_be_asked_for_together(void **state) {
    (void)state;
    start();
    ask("lavrov simla", "3 passages match");
    vt_type(&vt, "\033a");
    vt_expect(&vt, "all of the words must match");
    vt_type(&vt, " ");
    vt_expect(&vt, "all words  F1 keys");
    vt_expect(&vt, "1 passage matches");
    vt_type(&vt, "\033a");
    vt_expect(&vt, "any of the words may match");
    vt_type(&vt, "\025the");
    vt_expect(&vt, "4 passages match");
    vt_type(&vt, "\033g ");
    vt_expect(&vt, "3 articles match");
    vt_expect(&vt, "by article  F1 keys");
    vt_type(&vt, "\033g ");
    vt_expect(&vt, "4 passages match");
    leave();
}

static void copies_are_counted_and_shown(void **state) {
    (void)state;
    start_on("copies.lede", ROWS, COLUMNS, NULL);
    vt_expect(&vt, "4 articles");
    ask("ferry", "4 passages match");
    vt_expect(&vt, "+2 copies");
    vt_expect(&vt, "  2 ");
    vt_type(&vt, "\033c");
    vt_expect(&vt, "copies are hits of their own");
    vt_expect(&vt, "  4 ");
    vt_expect_gone(&vt, "+2 copies");
    vt_type(&vt, " ");
    vt_expect(&vt, "all copies  F1 keys");
    vt_type(&vt, "\025:copies off\r");
    vt_expect(&vt, "+2 copies");
    vt_expect_gone(&vt, "all copies");
    leave();
}

static void the_history_is_kept_and_searched(void **state) {
    (void)state;
    unlink(folder_entry(&folder, ".local/state/lede/history"));
    start();
    ask("farmers canals", "1 passage matches");
    leave();
    run_in_folder("printf 'lavrov simla\\n' >>.local/state/lede/history");
    start();
    vt_type(&vt, "draft\020");
    vt_expect_row(&vt, INPUT, "lede> lavrov simla");
    vt_type(&vt, "\020");
    vt_expect_row(&vt, INPUT, "lede> farmers canals");
    vt_type(&vt, "\016\016");
    vt_expect_row(&vt, INPUT, "lede> draft");
    vt_type(&vt, "\033[A");
    vt_expect_row(&vt, INPUT, "lede> lavrov simla");
    vt_type(&vt, "\033[A");
    vt_expect_row(&vt, INPUT, "lede> farmers canals");
    /* Looked for as it is typed, with its hits. */
    vt_type(&vt, "\025\022sim");
    vt_expect_row(&vt, INPUT, "history: sim  lavrov simla");
    vt_expect(&vt, "3 passages match");
    vt_type(&vt, "\022");
    vt_expect(&vt, "no earlier query like this");
    vt_type(&vt, "\177\177\177a");
    vt_expect_row(&vt, INPUT, "history: a  lavrov simla");
    vt_type(&vt, "\022");
    vt_expect_row(&vt, INPUT, "history: a  farmers canals");
    vt_type(&vt, "\r");
    vt_expect_row(&vt, INPUT, "lede> farmers canals");
    vt_type(&vt, "\022sim");
    vt_expect(&vt, "history: sim");
    vt_type(&vt, "\007");
    vt_expect_row(&vt, INPUT, "lede> farmers canals");
    leave();
    /* The plain prompt has it, too. */
    char command[1024];
    snprintf(command, sizeof command, "grep -qx 'farmers canals' .local/state/lede/history");
    run_in_folder(command);
}

static void the_keys_are_shown(void **state) {
    (void)state;
    start();
    vt_type(&vt, "?");
    vt_expect(&vt, "PgUp, PgDn");
    vt_type(&vt, "\033[B");
    vt_expect_gone(&vt, "the hit above");
    vt_type(&vt, "\033[A");
    vt_expect(&vt, "the hit above");
    vt_type(&vt, "x");
    vt_expect_gone(&vt, "the hit above");
    vt_expect_row(&vt, INPUT, "lede>");
    static const char *const keys[] = {"\033OP", "\033[11~", "\033[[A"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        vt_type(&vt, "lavrov");
        vt_type(&vt, keys[i]);
        vt_expect(&vt, "the hit above");
        vt_type(&vt, "\r\025");
        vt_expect_gone(&vt, "the hit above");
        vt_expect_row(&vt, INPUT, "lede>");
    }
    vt_type(&vt, "what?");
    vt_expect_row(&vt, INPUT, "lede> what?");
    leave();
}

static void enter_opens_the_article(void **state) {
    const char *const environment[] = {"PAGER", "cat", NULL};
    (void)state;
    start_with(environment);
    /* At once, before there was time to show anything. */
    vt_type(&vt, "steel mills\r");
    vt_expect(&vt, "articles/envoy.txt");
    vt_expect(&vt, "box of chocolates");
    vt_expect(&vt, "Enter goes back");
    assert_false(vt.is_alternate);
    vt_type(&vt, "\r");
    vt_expect(&vt, "F1 keys");
    assert_true(vt.is_alternate);
    vt_type(&vt, "\025zebra\r");
    vt_expect(&vt, "there is no hit to open");
    vt_type(&vt, "\025\r");
    vt_expect(&vt, "there is no hit to open");
    leave();
}

/* A stand-in for less that tells its options, and the line that it would put at the top. */
static void less_opens_at_the_passage(void **state) {
    static const char script[] = "#!/bin/sh\n"
                                 "for word; do case $word in +*) line=${word#+};; esac; done\n"
                                 "echo \"OPTIONS $*\"; echo \"TOP $(sed -n \"${line}p\")\"; read x </dev/tty\n";
    (void)state;
    folder_write_text(&folder, "less", script);
    assert_int_equal(chmod(folder_entry(&folder, "less"), 0700), 0);
    const char *const environment[] = {"PAGER", folder_entry(&folder, "less"), NULL};
    start_with(environment);
    ask("\"steel mills\"", "1 passage matches");
    vt_type(&vt, "\r");
    vt_expect(&vt, "OPTIONS -R -+F +");
    vt_expect(&vt, "TOP ");
    vt_expect(&vt, "The envoy met Lavrov for an hour.");
    /* Back without being asked for Enter, as less has asked. */
    vt_type(&vt, "\n");
    vt_expect(&vt, "F1 keys");
    leave();
}

static void a_pager_that_fails_is_made_up_for(void **state) {
    static const char *const pagers[] = {"no-such-pager", "true", ""};
    (void)state;
    for (size_t i = 0; i < sizeof pagers / sizeof *pagers; i++) {
        const char *const environment[] = {"PAGER", pagers[i], NULL};
        start_with(environment);
        vt_type(&vt, "simla\r");
        if (i != 1)
            vt_expect(&vt, "every table by a flag.");
        vt_expect(&vt, "Enter goes back");
        vt_type(&vt, "\r");
        vt_expect(&vt, "F1 keys");
        leave();
    }
}

/* In a screen of its own, which is left by a key. */
static void commands_show_pages(void **state) {
    static const char *const cases[][2] = {
        {":stats\r", "On disk"},
        {":help\r", ":open N"},
        {":help query\r", "NEAR/5(india treaty)"},
        {":parse\r", "should   word lavrov"},
        {":parse +sim* \"accord\r", "must     prefix sim"},
        {":parse \"accord\r", "note: unbalanced quote"},
    };
    (void)state;
    start();
    ask("lavrov", "2 passages match");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vt_type(&vt, "\025:");
        vt_expect(&vt, "Enter runs the command");
        vt_type(&vt, cases[i][0] + 1);
        vt_expect(&vt, cases[i][1]);
        vt_type(&vt, "x");
        vt_expect_row(&vt, INPUT, "lede> lavrov");
        vt_expect(&vt, "2 passages match");
    }
    /* Longer than the screen is. */
    vt_resize(&vt, 10, 40);
    vt_type(&vt, "\025:help query\r");
    vt_expect(&vt, "What can be asked");
    vt_type(&vt, "\033[B\033[B\033[B");
    vt_expect_gone(&vt, "What can be asked");
    vt_type(&vt, "\033[F");
    vt_expect(&vt, "query is read.");
    vt_type(&vt, "\033[H");
    vt_expect(&vt, "What can be asked");
    vt_type(&vt, "\033[6~\033[6~\033[6~\033[6~\033[6~\033[6~\033[6~\033[6~\033[6~");
    vt_expect(&vt, "query is read.");
    vt_type(&vt, "q");
    vt_expect_gone(&vt, "query is read.");
    vt_expect_row(&vt, INPUT, "lede> lavrov");
    leave();
}

static void commands_are_run(void **state) {
    const char *const environment[] = {"PAGER", "cat", NULL};
    (void)state;
    start_with(environment);
    ask("lavrov", "2 passages match");
    vt_type(&vt, "\025:nonsense\r");
    vt_expect(&vt, "unknown command ':nonsense'");
    vt_expect_row(&vt, INPUT, "lede> lavrov");
    vt_type(&vt, "\025:open 9\r");
    vt_expect(&vt, "there is no hit 9; open a number from 1 to 2");
    vt_type(&vt, "\025:open 1\r");
    vt_expect(&vt, "box of chocolates");
    vt_expect(&vt, "Enter goes back");
    vt_type(&vt, "\r");
    vt_expect(&vt, "2 passages match");
    vt_type(&vt, "\025:and on\r");
    vt_expect(&vt, "all words  F1 keys");
    vt_expect_row(&vt, INPUT, "lede> lavrov");
    vt_type(&vt, " simla");
    vt_expect(&vt, "1 passage matches");
    vt_type(&vt, "\025:quit\r");
    assert_int_equal(vt_finish(&vt), 0);
}

static void every_way_out_leaves_the_terminal_clean(void **state) {
    static const char *const keys[] = {"\003", "\004", "\033", "lavrov\003", "lavrov\033", ":quit\r", "\022x\003\003"};
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        start();
        vt_type(&vt, keys[i]);
        assert_int_equal(vt_finish(&vt), 0);
    }
}

static void the_screen_is_drawn_again(void **state) {
    (void)state;
    start();
    ask("simla", "2 passages match");
    vt_expect(&vt, "F1 keys");
    /* As if another program had written over it. */
    for (int row = 0; row < ROWS; row++)
        vt_blank(&vt, row, 0, COLUMNS);
    vt_type(&vt, "\014");
    vt_expect(&vt, "Talks in Moscow on the Simla Accord");
    vt_expect_row(&vt, INPUT, "lede> simla");
    leave();
}

/* With 120 articles about wheat, and a long one. */
static int make_indexes(void **state) {
    int failed = make_index(state);
    if (failed)
        return failed;
    make_many_index();
    run_in_folder(
        "for i in 1 2 3; do printf '{\"id\":\"c%d\",\"title\":\"Ferry\",\"text\":\"The ferry to the island "
        "was late again as the sea was rough and the captain did not want to leave the harbour.\"}\\n' $i; done "
        ">copies.jsonl && printf '{\"id\":\"d\",\"text\":\"Another ferry.\"}\\n' >>copies.jsonl && "
        "\"$LEDE\" index -q -i copies.lede copies.jsonl");
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_follow_what_is_typed),
        cmocka_unit_test(a_phrase_goes_on_while_it_is_typed),
        cmocka_unit_test(what_may_have_been_meant_is_told),
        cmocka_unit_test(the_line_is_edited),
        cmocka_unit_test(long_lines_move_sideways),
        cmocka_unit_test(keys_go_through_the_hits),
        cmocka_unit_test(the_preview_is_moved_and_hidden),
        cmocka_unit_test(tab_completes),
        cmocka_unit_test(words_can_be_asked_for_together),
        cmocka_unit_test(copies_are_counted_and_shown),
        cmocka_unit_test(the_history_is_kept_and_searched),
        cmocka_unit_test(the_keys_are_shown),
        cmocka_unit_test(enter_opens_the_article),
        cmocka_unit_test(less_opens_at_the_passage),
        cmocka_unit_test(a_pager_that_fails_is_made_up_for),
        cmocka_unit_test(commands_show_pages),
        cmocka_unit_test(commands_are_run),
        cmocka_unit_test(every_way_out_leaves_the_terminal_clean),
        cmocka_unit_test(the_screen_is_drawn_again),
    };
    return cmocka_run_group_tests(tests, make_indexes, remove_index);
}
