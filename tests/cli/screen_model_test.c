/* The full-screen prompt without a screen: where its parts stand, and what keys make of its state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/prompt/screen_layout.h"
#include "cli/prompt/screen_model.h"

static bool is(const struct area *a, unsigned row, unsigned column, unsigned rows, unsigned columns) {
    return a->row == row && a->column == column && a->rows == rows && a->columns == columns;
}

static void parts_are_placed_by_the_size(void **state) {
    static const struct {
        unsigned rows, columns;
        bool preview;
        struct area list, shown;
        unsigned hit_rows;
    } cases[] = {
        {24, 120, true, {2, 0, 22, 48}, {2, 49, 22, 71}, 3}, {24, 96, true, {2, 0, 22, 44}, {2, 45, 22, 51}, 3},
        {24, 80, true, {2, 0, 10, 80}, {13, 0, 11, 80}, 2},  {50, 300, true, {2, 0, 48, 76}, {2, 77, 48, 223}, 3},
        {10, 40, true, {2, 0, 3, 40}, {6, 0, 4, 40}, 1},     {24, 120, false, {2, 0, 22, 120}, {0, 0, 0, 0}, 3},
        {8, 40, true, {2, 0, 6, 40}, {0, 0, 0, 0}, 2},       {3, 40, true, {2, 0, 1, 40}, {0, 0, 0, 0}, 1},
        {2, 40, true, {2, 0, 0, 40}, {0, 0, 0, 0}, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct screen_layout l = screen_layout(cases[i].rows, cases[i].columns, cases[i].preview);
        const struct area *list = &cases[i].list, *shown = &cases[i].shown;
        if (!is(&l.list, list->row, list->column, list->rows, list->columns) ||
            !is(&l.preview, shown->row, shown->column, shown->rows, shown->columns) || l.hit_rows != cases[i].hit_rows)
            fail_msg("case %zu: list %u rows %u, preview at %u %u, rows %u, hits of %u", i, l.list.rows, l.list.columns,
                     l.preview.row, l.preview.column, l.preview.rows, l.hit_rows);
    }
}

/* No part reaches beyond the window or into another, in any window. */
static void parts_never_overlap(void **state) {
    (void)state;
    for (unsigned rows = 1; rows < 70; rows++)
        for (unsigned columns = 1; columns < 220; columns += 3) {
            struct screen_layout l = screen_layout(rows, columns, true);
            const struct area *parts[] = {&l.input, &l.status, &l.list, &l.rule, &l.preview};
            char taken[70][220] = {{0}};
            for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
                for (unsigned row = 0; row < parts[i]->rows; row++)
                    for (unsigned column = 0; column < parts[i]->columns; column++) {
                        assert_true(parts[i]->row + row < rows && parts[i]->column + column < columns);
                        assert_false(taken[parts[i]->row + row][parts[i]->column + column]++);
                    }
            assert_true(l.hit_rows >= 1);
        }
}

static enum screen_effect press(struct screen_model *m, uint32_t code, unsigned modifiers) {
    struct key key = {code, modifiers};
    return screen_press(m, &key);
}

static enum screen_effect type(struct screen_model *m, const char *text) {
    enum screen_effect effect = SCREEN_NOTHING;
    for (const char *c = text; *c; c++)
        effect = press(m, (uint32_t)(unsigned char)*c, 0);
    return effect;
}

static void the_selection_stays_in_view(void **state) {
    static const struct {
        uint32_t code;
        unsigned modifiers;
        size_t selected, top;
    } cases[] = {
        {KEYS_DOWN, 0, 1, 0},         {KEYS_PAGE_DOWN, 0, 6, 2},    {KEYS_UP, 0, 5, 2},         {KEYS_PAGE_UP, 0, 0, 0},
        {'>', KEYS_ALT, 11, 7},       {KEYS_DOWN, 0, 11, 7},        {KEYS_PAGE_DOWN, 0, 11, 7}, {'<', KEYS_ALT, 0, 0},
        {KEYS_END, KEYS_CTRL, 11, 7}, {KEYS_HOME, KEYS_CTRL, 0, 0},
    };
    struct screen_model m = {0};
    (void)state;
    press(&m, KEYS_DOWN, 0);
    assert_int_equal(m.selected, 0);
    screen_set_room(&m, (struct screen_room){5, 20, 10});
    screen_set_hits(&m, 12, true);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        m.scroll.rows = 3;
        assert_int_equal(press(&m, cases[i].code, cases[i].modifiers), SCREEN_NOTHING);
        assert_int_equal(m.selected, cases[i].selected);
        assert_int_equal(m.top, cases[i].top);
    }
    press(&m, KEYS_END, KEYS_CTRL);
    screen_set_room(&m, (struct screen_room){2, 20, 10});
    assert_int_equal(m.top, 10);
    /* What was scrolled off comes back when there is room. */
    screen_set_room(&m, (struct screen_room){10, 20, 10});
    assert_int_equal(m.top, 2);
    screen_set_room(&m, (struct screen_room){20, 20, 10});
    assert_int_equal(m.top, 0);
    assert_int_equal(m.selected, 11);
    screen_set_hits(&m, 48, false);
    assert_int_equal(m.selected, 11);
    screen_set_hits(&m, 3, false);
    assert_int_equal(m.selected, 2);
    screen_set_hits(&m, 3, true);
    assert_int_equal(m.selected, 0);
    screen_model_release(&m);
}

static void keys_have_effects(void **state) {
    static const struct {
        uint32_t code;
        unsigned modifiers;
        enum screen_effect effect;
    } cases[] = {
        {'x', 0, SCREEN_QUERY},
        {KEYS_ENTER, 0, SCREEN_OPEN},
        {KEYS_TAB, 0, SCREEN_COMPLETE},
        {KEYS_BACK_TAB, 0, SCREEN_COMPLETE_BACK},
        {'l', KEYS_CTRL, SCREEN_REDRAW},
        {'z', KEYS_CTRL, SCREEN_STOP},
        {'c', KEYS_CTRL, SCREEN_QUIT},
        {KEYS_ESCAPE, 0, SCREEN_QUIT},
        {'a', KEYS_ALT, SCREEN_QUERY},
        {'g', KEYS_ALT, SCREEN_QUERY},
        {'p', KEYS_ALT, SCREEN_NOTHING},
        {'d', KEYS_CTRL, SCREEN_NOTHING},
        {'u', KEYS_CTRL, SCREEN_QUERY},
        {'y', KEYS_CTRL, SCREEN_QUERY},
        {'d', KEYS_CTRL, SCREEN_NOTHING},
        {KEYS_UNKNOWN, 0, SCREEN_NOTHING},
        {'x', KEYS_ALT | KEYS_CTRL, SCREEN_NOTHING},
    };
    struct screen_model m = {0};
    (void)state;
    assert_int_equal(press(&m, 'd', KEYS_CTRL), SCREEN_QUIT);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (press(&m, cases[i].code, cases[i].modifiers) != cases[i].effect)
            fail_msg("case %zu", i);
    assert_true(m.all_words && m.by_article && m.hide_preview);
    screen_model_release(&m);
}

/* Where the preview is, as far as nothing stops it. */
static long moved(const struct screen_model *m) {
    long rows = m->scroll.rows;
    for (unsigned i = 0; i < m->scroll.count; i++)
        rows += m->scroll.moves[i];
    return rows;
}

static void the_preview_is_moved(void **state) {
    static const struct {
        uint32_t code;
        unsigned modifiers;
        long scroll;
    } cases[] = {
        {KEYS_DOWN, KEYS_ALT, 1},
        {KEYS_DOWN, KEYS_SHIFT, 2},
        {KEYS_DOWN, KEYS_CTRL, 3},
        {KEYS_UP, KEYS_ALT, 2},
        {KEYS_UP, KEYS_SHIFT, 1},
        {KEYS_UP, KEYS_CTRL, 0},
        {KEYS_PAGE_DOWN, KEYS_ALT, 5},
        {KEYS_PAGE_DOWN, KEYS_CTRL, 10},
        {KEYS_PAGE_DOWN, KEYS_SHIFT, 15},
        {KEYS_PAGE_UP, KEYS_ALT, 10},
        {KEYS_PAGE_UP, KEYS_CTRL, 5},
        {KEYS_PAGE_UP, KEYS_SHIFT, 0},
        {'v', KEYS_CTRL, 5},
        {'v', KEYS_ALT, 0},
    };
    struct screen_model m = {0};
    (void)state;
    screen_set_room(&m, (struct screen_room){4, 10, 10});
    screen_set_hits(&m, 8, true);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(press(&m, cases[i].code, cases[i].modifiers), SCREEN_NOTHING);
        assert_int_equal(moved(&m), cases[i].scroll);
    }
    /* Not beyond what there is, however many keys come before it is drawn again. */
    m.scroll = (struct screen_scroll){.rows = 4, .is_last = true};
    press(&m, 'v', KEYS_CTRL);
    press(&m, KEYS_DOWN, KEYS_ALT);
    assert_int_equal(moved(&m), 4);
    press(&m, KEYS_UP, KEYS_ALT);
    press(&m, KEYS_DOWN, KEYS_ALT);
    assert_int_equal(moved(&m), 4);
    /* Each turn waits for what comes of the move before it; any number of turns is taken. */
    m.scroll = (struct screen_scroll){.rows = 4};
    for (int i = 0; i < 3; i++)
        press(&m, 'v', KEYS_CTRL);
    press(&m, KEYS_UP, KEYS_ALT);
    assert_int_equal(m.scroll.count, 2);
    assert_int_equal(m.scroll.moves[0], 15);
    assert_int_equal(m.scroll.moves[1], -1);
    for (int i = 0; i < 100; i++)
        press(&m, i % 2 ? KEYS_UP : KEYS_DOWN, KEYS_ALT);
    assert_int_equal(moved(&m), 18);
    m.scroll = (struct screen_scroll){.rows = 4, .is_first = true};
    press(&m, KEYS_UP, KEYS_ALT);
    assert_int_equal(moved(&m), 4);
    m.scroll.rows = 7;
    press(&m, KEYS_DOWN, 0);
    assert_int_equal(moved(&m), 0);
    screen_model_release(&m);
}

static void the_keys_are_shown(void **state) {
    struct screen_model m = {0};
    (void)state;
    assert_int_equal(type(&m, "?"), SCREEN_NOTHING);
    assert_int_equal(m.mode, SCREEN_PAGE);
    assert_non_null(strstr(m.page_text, "PgUp, PgDn            a page of hits\n"));
    type(&m, "x");
    assert_int_equal(m.mode, SCREEN_SEARCH);
    assert_int_equal(m.line.len, 0);
    type(&m, "wh?");
    assert_string_equal(screen_query(&m), "wh?");
    press(&m, KEYS_F1, 0);
    assert_int_equal(m.mode, SCREEN_PAGE);
    press(&m, KEYS_ESCAPE, 0);
    assert_int_equal(m.mode, SCREEN_SEARCH);
    screen_model_release(&m);
}

static void a_page_is_moved(void **state) {
    static const struct {
        uint32_t code;
        unsigned modifiers;
        size_t top;
    } cases[] = {
        {KEYS_UP, 0, 0},         {KEYS_DOWN, 0, 1},  {KEYS_DOWN, 0, 2},   {KEYS_UP, 0, 1},
        {KEYS_PAGE_DOWN, 0, 10}, {' ', 0, 19},       {KEYS_HOME, 0, 0},   {KEYS_END, 0, 30},
        {KEYS_PAGE_UP, 0, 21},   {'<', KEYS_ALT, 0}, {'>', KEYS_ALT, 30}, {KEYS_UP, 0, 29},
    };
    struct screen_model m = {0};
    (void)state;
    screen_set_room(&m, (struct screen_room){4, 10, 10});
    screen_show_page(&m, strdup("line\nline\nline\nline\nline\nline\n"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(press(&m, cases[i].code, cases[i].modifiers), SCREEN_NOTHING);
        assert_int_equal(m.mode, SCREEN_PAGE);
        if (m.page_top != cases[i].top)
            fail_msg("case %zu: row %zu", i, m.page_top);
    }
    /* Another begins at its first row. */
    screen_show_page(&m, strdup("x\n"));
    assert_int_equal(m.page_top, 0);
    press(&m, KEYS_ENTER, 0);
    assert_int_equal(m.mode, SCREEN_SEARCH);
    screen_show_page(&m, NULL);
    assert_int_equal(m.mode, SCREEN_SEARCH);
    assert_string_equal(m.note, "out of memory");
    screen_model_release(&m);
}

static void the_history_is_searched(void **state) {
    struct screen_model m = {0};
    (void)state;
    recall_add(&m.recall, "lavrov simla");
    recall_add(&m.recall, "indus treaty");
    recall_add(&m.recall, "simla accord");
    type(&m, "draft");
    assert_int_equal(press(&m, 'r', KEYS_CTRL), SCREEN_NOTHING);
    assert_string_equal(screen_query(&m), "draft");
    assert_int_equal(type(&m, "sim"), SCREEN_QUERY);
    assert_string_equal(screen_query(&m), "simla accord");
    assert_int_equal(press(&m, 'r', KEYS_CTRL), SCREEN_QUERY);
    assert_string_equal(screen_query(&m), "lavrov simla");
    assert_int_equal(press(&m, 'r', KEYS_CTRL), SCREEN_NOTHING);
    assert_string_equal(m.note, "no earlier query like this");
    assert_string_equal(screen_query(&m), "lavrov simla");
    press(&m, KEYS_BACKSPACE, 0);
    assert_string_equal(screen_query(&m), "simla accord");
    /* Given up: as it was. */
    press(&m, KEYS_ESCAPE, 0);
    assert_string_equal(screen_query(&m), "draft");
    press(&m, 'r', KEYS_CTRL);
    type(&m, "treaty");
    assert_int_equal(press(&m, KEYS_ENTER, 0), SCREEN_QUERY);
    assert_string_equal(line_text(&m.line), "indus treaty");
    /* From there on the arrows go. */
    press(&m, 'p', KEYS_CTRL);
    assert_string_equal(line_text(&m.line), "lavrov simla");
    /* A key of editing takes what was found, and edits it. */
    press(&m, 'r', KEYS_CTRL);
    type(&m, "accord");
    assert_int_equal(press(&m, 'w', KEYS_CTRL), SCREEN_QUERY);
    assert_string_equal(line_text(&m.line), "simla ");
    screen_model_release(&m);
}

static void up_at_the_top_goes_back_in_time(void **state) {
    struct screen_model m = {0};
    (void)state;
    recall_add(&m.recall, "one");
    recall_add(&m.recall, "two");
    screen_set_room(&m, (struct screen_room){4, 10, 10});
    screen_set_hits(&m, 8, true);
    type(&m, "draft");
    press(&m, KEYS_DOWN, 0);
    assert_int_equal(press(&m, KEYS_UP, 0), SCREEN_NOTHING);
    assert_int_equal(press(&m, KEYS_UP, 0), SCREEN_QUERY);
    assert_string_equal(line_text(&m.line), "two");
    press(&m, KEYS_UP, 0);
    assert_string_equal(line_text(&m.line), "one");
    assert_int_equal(press(&m, KEYS_UP, 0), SCREEN_NOTHING);
    press(&m, 'n', KEYS_CTRL);
    press(&m, 'n', KEYS_CTRL);
    assert_string_equal(line_text(&m.line), "draft");
    screen_model_release(&m);
}

static void pasted_text_is_no_keys(void **state) {
    struct screen_model m = {0};
    (void)state;
    press(&m, KEYS_PASTE, 0);
    type(&m, "?one");
    assert_int_equal(press(&m, KEYS_ENTER, 0), SCREEN_QUERY);
    press(&m, 'c', KEYS_CTRL);
    press(&m, KEYS_ESCAPE, 0);
    press(&m, KEYS_TAB, 0);
    type(&m, "two");
    press(&m, KEYS_PASTE_END, 0);
    assert_string_equal(line_text(&m.line), "?one two");
    assert_int_equal(press(&m, KEYS_ENTER, 0), SCREEN_OPEN);
    screen_model_release(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_placed_by_the_size),
        cmocka_unit_test(parts_never_overlap),
        cmocka_unit_test(the_selection_stays_in_view),
        cmocka_unit_test(keys_have_effects),
        cmocka_unit_test(the_preview_is_moved),
        cmocka_unit_test(the_keys_are_shown),
        cmocka_unit_test(a_page_is_moved),
        cmocka_unit_test(the_history_is_searched),
        cmocka_unit_test(up_at_the_top_goes_back_in_time),
        cmocka_unit_test(pasted_text_is_no_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
