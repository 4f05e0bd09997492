/* Cells: what stands in them, whatever the script, and text cut into rows of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/output/snippet.h"
#include "cli/output/wrap.h"
#include "cli/prompt/grid.h"
#include "cli/prompt/screen_page.h"
#include "support/random.h"

#define WOMAN  "\xF0\x9F\x91\xA9"
#define GIRL   "\xF0\x9F\x91\xA7"
#define THUMB  "\xF0\x9F\x91\x8D"
#define TONE   "\xF0\x9F\x8F\xBD"
#define JOINER "\xE2\x80\x8D"
#define SHALOM "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"
#define MARK   "\xE2\x80\x8E" /* left to right */
#define WAI    "\xE5\xA4\x96"
#define MU     "\xE5\x8B\x99"

static size_t encode(char *out, uint32_t c) {
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(n == 1 ? c : (0xF00u >> n & 0xFF) | c);
    return n;
}

/* A row of a grid as text; '_' is a blank, '>' the right half of a wide cell. */
static const char *row_of(const struct grid *g, unsigned row) {
    static char text[1024];
    size_t n = 0;
    for (unsigned column = 0; column < g->columns; column++) {
        const struct cell *cell = grid_cell(g, row, column);
        if (cell->width == 0)
            text[n++] = '>';
        for (size_t i = 0; cell->width && i < CELL_CHARACTERS && cell->characters[i]; i++)
            n += encode(text + n, cell->characters[i] == ' ' && i == 0 ? '_' : cell->characters[i]);
    }
    text[n] = '\0';
    return text;
}

static void glyphs_take_the_cells_that_terminals_give_them(void **state) {
    static const struct {
        const char *text, *cells;
    } cases[] = {
        {"abc", "abc_____"},
        {"a  \t\n b", "a_b_____"},
        {"e\xCC\x81x", "e\xCC\x81x______"},
        {"e\xCC\x81\xCC\x82\xCC\x83\xCC\x84x", "e\xCC\x81\xCC\x82\xCC\x83x______"},
        {"\xCC\x81x", "\xC2\xA0\xCC\x81x______"},
        {WAI MU "x", WAI ">" MU ">x___"},
        {"abcdefg" WAI, "abcdefg_"},
        {"abcdef" WAI, "abcdef" WAI ">"},
        {WOMAN JOINER GIRL "x", WOMAN ">" GIRL ">x___"},
        {THUMB TONE "x", THUMB ">x_____"},
        {TONE "x", TONE ">x_____"},
        {"\xE2\x9D\xA4\xEF\xB8\x8Fx", "\xE2\x9D\xA4x______"},
        {"\xE2\x80\xAE"
         "abc\xE2\x80\xAC",
         "abc_____"},
        {"\xEF\xBB\xBF"
         "a\xC2\xAD"
         "b",
         "ab______"},
        {"a\033[31mb", "a\xEF\xBF\xBD[31mb_"},
        {"a\xFF\xC3(", "a\xEF\xBF\xBD\xEF\xBF\xBD(____"},
        {"\xE0\xA4\x95\xE0\xA5\x8D" JOINER "x", "\xE0\xA4\x95\xE0\xA5\x8D" JOINER "x______"},
        {"\r\n", "________"},
        {"", "________"},
        {SHALOM, SHALOM MARK "____"},
        {SHALOM " ", SHALOM "_" MARK "___"},
        {SHALOM " x", SHALOM "_x__"},
    };
    struct grid g = {0};
    const struct area all = {0, 0, 1, 8};
    (void)state;
    terminal_use_utf8();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(grid_reset(&g, 1, 8));
        struct pen p = pen_at(&g, &all, 0);
        pen_write(&p, cases[i].text, strlen(cases[i].text));
        pen_close(&p);
        if (strcmp(row_of(&g, 0), cases[i].cells) != 0)
            fail_msg("case %zu: %s", i, row_of(&g, 0));
    }
    grid_release(&g);
}

static void matches_are_lit_and_cuts_are_marked(void **state) {
    static const lede_span spans[] = {{4, 10}, {13, 19}};
    const struct marked_text text = {"The treaty of treaty", 20, spans, 2};
    struct grid g = {0};
    const struct area all = {0, 0, 2, 24};
    (void)state;
    assert_true(grid_reset(&g, 2, 24));
    struct pen p = pen_at(&g, &all, 0);
    pen_write_cut(&p, &text, 22);
    assert_string_equal(row_of(&g, 0), "The_treaty_of_treaty____");
    for (unsigned column = 0; column < 24; column++) {
        bool is_lit = (column >= 4 && column < 10) || (column >= 13 && column < 19);
        assert_int_equal(grid_cell(&g, 0, column)->ink, is_lit ? INK_MATCH : INK_PLAIN);
    }
    p = pen_at(&g, &all, 1);
    pen_write_cut(&p, &text, 8);
    assert_string_equal(row_of(&g, 1), "The_tre\xE2\x80\xA6________________");
    grid_ink(&g, 1, 0, 100, INK_SELECTED);
    assert_int_equal(grid_cell(&g, 1, 5)->ink, INK_MATCH | INK_SELECTED);
    /* A pen beside the grid draws nothing. */
    p = pen_at(&g, &(struct area){0, 30, 1, 5}, 0);
    assert_false(pen_write(&p, "x", 1));
    p = pen_at(&g, &all, 7);
    assert_false(pen_write(&p, "x", 1));
    grid_release(&g);
}

static void rows_are_wrapped(void **state) {
    static const struct {
        const char *text;
        unsigned columns;
        const char *rows; /* with '|' between them */
    } cases[] = {
        {"one two three", 20, "one two three"},
        {"one two three", 8, "one two|three"},
        {"one two three", 7, "one two|three"},
        {"one two three", 5, "one|two|three"},
        {"one two three", 2, "on|e|tw|o|th|re|e"},
        {"one\ntwo", 8, "one|two"},
        {"one \n two", 8, "one|two"},
        {"one\n\ntwo", 8, "one||two"},
        {"one two\nthree", 7, "one two|three"},
        {"one two \nthree", 7, "one two|three"},
        {"one\r\ntwo", 8, "one|two"},
        {"  one", 8, "one"},
        {"one  ", 4, "one"},
        {"one  two", 4, "one|two"},
        {WAI MU WAI, 4, WAI MU "|" WAI},
        {"a " WAI MU, 4, "a " WAI "|" MU},
        {"abcdefgh i", 4, "abcd|efgh|i"},
        {WAI, 1, WAI},
        {"", 8, ""},
    };
    char rows[256];
    (void)state;
    terminal_use_utf8();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text;
        size_t len = strlen(text), n = 0;
        for (size_t at = 0; at < len;) {
            struct wrapped w = wrap_next(text, len, at, cases[i].columns);
            n += (size_t)sprintf(rows + n, "%s%.*s", at ? "|" : "", (int)(w.end - w.start), text + w.start);
            at = w.next;
        }
        rows[n] = '\0';
        if (strcmp(rows, cases[i].rows) != 0)
            fail_msg("case %zu: %s", i, rows);
    }
}

/* Rows follow each other without a gap that is not white space, fit, and can be gone through backwards. */
static void any_text_is_wrapped_and_found_again(void **state) {
    static const char *const pieces[] = {"a", "word",      " ",        "  ",   "\n",  "\r\n",
                                         WAI, "e\xCC\x81", THUMB TONE, "\xFF", SHALOM};
    struct random *r = *state;
    terminal_use_utf8();
    for (int round = 0; round < 3000; round++) {
        char text[512] = "";
        size_t starts[512], count = 0, n = random_below(r, 60);
        for (size_t i = 0; i < n; i++)
            strcat(text, pieces[random_below(r, sizeof pieces / sizeof *pieces)]);
        size_t len = strlen(text);
        unsigned columns = 2 + random_below(r, 20);
        for (size_t at = 0; at < len;) {
            struct wrapped w = wrap_next(text, len, at, columns);
            assert_true(w.start >= at && w.end >= w.start && w.next > at && w.next >= w.end);
            assert_true(glyph_columns(text + w.start, w.end - w.start) <= columns);
            for (size_t i = w.end; i < w.next; i++)
                assert_non_null(memchr(" \r\n", text[i], 3));
            starts[count++] = at;
            at = w.next;
        }
        for (size_t i = 1; i < count; i++) {
            assert_int_equal(wrap_previous(text, len, starts[i], columns), starts[i - 1]);
            assert_int_equal(wrap_start(text, len, starts[i], columns), starts[i]);
        }
    }
}

static void snippets_show_the_most_matches(void **state) {
    static const char text[] = "one two three four five six seven eight nine ten eleven twelve";
    static const struct {
        const char *matches[3];
        size_t columns;
        const char *start;
    } cases[] = {
        {{NULL}, 20, "one"},
        {{"two"}, 20, "one"},
        {{"twelve"}, 200, "one"},
        {{"seven"}, 20, "six"},
        {{"twelve"}, 20, "eleven"},
        {{"two", "nine", "ten"}, 20, "nine"},
        {{"two", "five", "twelve"}, 24, "two"},
        {{"two", "five", "twelve"}, 28, "one"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lede_span spans[3];
        struct marked_text marked = {text, sizeof text - 1, spans, 0};
        for (size_t k = 0; k < 3 && cases[i].matches[k]; k++) {
            uint32_t at = (uint32_t)(strstr(text, cases[i].matches[k]) - text);
            spans[marked.span_count++] = (lede_span){at, at + (uint32_t)strlen(cases[i].matches[k])};
        }
        size_t start = snippet_start(&marked, cases[i].columns);
        if (start != (size_t)(strstr(text, cases[i].start) - text))
            fail_msg("case %zu: starts with %s", i, text + start);
    }
}

static void row_text(char *out, const struct grid *g, unsigned row) {
    size_t n = 0;
    for (unsigned column = 0; column < g->columns; column++)
        out[n++] = (char)(grid_cell(g, row, column)->characters[0] ? grid_cell(g, row, column)->characters[0] : ' ');
    while (n && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

static void pages_go_on_below_what_they_belong_to(void **state) {
    static const char text[] = "Keys and what they do, in a line\n"
                               "\n"
                               "  Up, Down   the hit above, the hit below\n"
                               "abcdefghijklmnopqrstuvwxyzabcdefghij\n"
                               "end\n";
    static const char *const rows[] = {
        "Keys and what they do, in a", "line",      "",    "  Up, Down   the hit above,", "             the hit below",
        "abcdefghijklmnopqrstuvwxyza", "bcdefghij", "end",
    };
    enum { COLUMNS = 27, ROWS = 4, ALL = sizeof rows / sizeof *rows };
    const struct area area = {0, 0, ROWS, COLUMNS};
    struct grid g = {0};
    char shown[64];
    (void)state;
    for (size_t top = 0; top < ALL + 2; top++) {
        size_t at = top;
        assert_true(grid_reset(&g, ROWS, COLUMNS));
        screen_draw_page(&g, &area, text, &at);
        /* The last row of the page is never above the last of the screen. */
        assert_int_equal(at, top < ALL - ROWS ? top : ALL - ROWS);
        for (unsigned row = 0; row < ROWS; row++) {
            row_text(shown, &g, row);
            assert_string_equal(shown, rows[at + row]);
        }
    }
    /* Any width will do. */
    for (unsigned columns = 1; columns < 60; columns++) {
        const struct area narrow = {0, 0, ROWS, columns};
        size_t at = 1000;
        assert_true(grid_reset(&g, ROWS, columns));
        screen_draw_page(&g, &narrow, text, &at);
        row_text(shown, &g, ROWS - 1);
        assert_string_equal(columns >= 3 ? shown : "end", "end");
    }
    grid_release(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glyphs_take_the_cells_that_terminals_give_them),
        cmocka_unit_test(matches_are_lit_and_cuts_are_marked),
        cmocka_unit_test(rows_are_wrapped),
        cmocka_unit_test_setup_teardown(any_text_is_wrapped_and_found_again, random_setup, random_teardown),
        cmocka_unit_test(pages_go_on_below_what_they_belong_to),
        cmocka_unit_test(snippets_show_the_most_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
