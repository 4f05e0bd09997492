/* Every key of the full-screen prompt, in a terminal: there is a case here for each that fails if the key does nothing,
 * and people are told of it. The table of keys is the prompt's own, so that a new key without a case fails as well. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/prompt/screen_model.h"
#include "prompt.h"

#define DOWN       "\033[B"
#define CLEAR      "\005\025"
#define PAGER_ENDS "-- Enter goes back to the search --"

/* What is typed is `before`, the key, `after`. */
static const struct key_case {
    const char *name, *before, *after;
    /* Row of the input that comes of it, and of the same without the key; or NULL, and */
    const char *line, *line_without;
    /* what is on the screen before the key and goes away by it, and what comes by it; NULL: not looked at. */
    const char *gone, *shown, *moves; /* moves: keys that are typed behind `before`, when hits are shown */
} cases[] = {
    {"Left", "ab", "X", "lede> aXb", "lede> abX", NULL, NULL, NULL},
    {"Ctrl-B", "ab", "X", "lede> aXb", "lede> abX", NULL, NULL, NULL},
    {"Right", "ab\001", "X", "lede> aXb", "lede> Xab", NULL, NULL, NULL},
    {"Ctrl-F", "ab\001", "X", "lede> aXb", "lede> Xab", NULL, NULL, NULL},
    {"Ctrl-Left", "ab cd", "X", "lede> ab Xcd", "lede> ab cdX", NULL, NULL, NULL},
    {"Alt-Left", "ab cd", "X", "lede> ab Xcd", "lede> ab cdX", NULL, NULL, NULL},
    {"Alt-b", "ab cd", "X", "lede> ab Xcd", "lede> ab cdX", NULL, NULL, NULL},
    {"Ctrl-Right", "ab cd\001", "X", "lede> abX cd", "lede> Xab cd", NULL, NULL, NULL},
    {"Alt-Right", "ab cd\001", "X", "lede> abX cd", "lede> Xab cd", NULL, NULL, NULL},
    {"Alt-f", "ab cd\001", "X", "lede> abX cd", "lede> Xab cd", NULL, NULL, NULL},
    {"Home", "ab", "X", "lede> Xab", "lede> abX", NULL, NULL, NULL},
    {"Ctrl-A", "ab", "X", "lede> Xab", "lede> abX", NULL, NULL, NULL},
    {"End", "ab\001", "X", "lede> abX", "lede> Xab", NULL, NULL, NULL},
    {"Ctrl-E", "ab\001", "X", "lede> abX", "lede> Xab", NULL, NULL, NULL},
    {"Backspace", "ab", "X", "lede> aX", "lede> abX", NULL, NULL, NULL},
    {"Delete", "ab\001", "X", "lede> Xb", "lede> Xab", NULL, NULL, NULL},
    {"Ctrl-D", "ab\001", "X", "lede> Xb", "lede> Xab", NULL, NULL, NULL},
    {"Ctrl-U", "ab cd", "X", "lede> X", "lede> ab cdX", NULL, NULL, NULL},
    {"Ctrl-K", "ab cd\001", "X", "lede> X", "lede> Xab cd", NULL, NULL, NULL},
    {"Ctrl-W", "ab c,d", "X", "lede> ab X", "lede> ab c,dX", NULL, NULL, NULL},
    {"Alt-Backspace", "ab c,d", "X", "lede> ab c,X", "lede> ab c,dX", NULL, NULL, NULL},
    {"Alt-d", "ab cd\001", "X", "lede> X cd", "lede> Xab cd", NULL, NULL, NULL},
    {"Ctrl-Delete", "ab cd\001", "X", "lede> X cd", "lede> Xab cd", NULL, NULL, NULL},
    {"Ctrl-Y", "ab\025", "X", "lede> abX", "lede> X", NULL, NULL, NULL},
    {"Ctrl-T", "ab", "X", "lede> baX", "lede> abX", NULL, NULL, NULL},
    {"Tab", "needl", "X", "lede> needle X", "lede> needlX", NULL, NULL, NULL},
    {"Ctrl-P", "draft", "", "lede> older query", "lede> draft", NULL, NULL, NULL},
    {"Ctrl-N", "draft\020", "", "lede> draft", "lede> older query", NULL, NULL, NULL},
    {"Ctrl-R", "", "old", "history: old  older query", "lede> old", NULL, NULL, NULL},
    {"Up", "wheat", "", NULL, NULL, BAR " 2 ", BAR " 1 ", DOWN},
    {"Down", "wheat", "", NULL, NULL, BAR " 1 ", BAR " 2 ", NULL},
    {"PgUp", "wheat", "", NULL, NULL, BAR " 3 ", BAR " 1 ", DOWN DOWN},
    {"PgDn", "wheat", "", NULL, NULL, BAR " 1 ", BAR " 8 ", NULL},
    {"Alt->", "wheat", "", NULL, NULL, BAR " 1 ", BAR "50 ", NULL},
    {"Ctrl-End", "wheat", "", NULL, NULL, BAR " 1 ", BAR "50 ", NULL},
    {"Alt-<", "wheat", "", NULL, NULL, BAR " 3 ", BAR " 1 ", DOWN DOWN},
    {"Ctrl-Home", "wheat", "", NULL, NULL, BAR " 3 ", BAR " 1 ", DOWN DOWN},
    {"Alt-p", "wheat", "\033p", NULL, NULL, "\xE2\x94\x82", NULL, NULL},
    {"Alt-a", "wheat", "\033a", NULL, NULL, NULL, "all of the words must match", NULL},
    {"Alt-g", "wheat", "\033g", NULL, NULL, NULL, "the best passage of each article", NULL},
    {"Alt-c", "wheat", "\033c", NULL, NULL, NULL, "copies are hits of their own", NULL},
    {"Alt-s", "whaet", "", NULL, NULL, "did you mean", "lede> wheat", NULL},
    {"F1", "", "x", NULL, NULL, NULL, "the hit above, below", NULL},
    {"Enter", "needle", "\r", NULL, NULL, NULL, PAGER_ENDS, NULL},
};

/* Those that are looked at in another way: below, and Ctrl-Z, for which it takes a shell, in prompt_terminal_test.c. */
static const char *const others[] = {
    "Alt-Up",     "Shift-Up",  "Ctrl-Up",  "Alt-Down",   "Shift-Down", "Ctrl-Down", "Alt-PgUp",
    "Shift-PgUp", "Ctrl-PgUp", "Alt-PgDn", "Shift-PgDn", "Ctrl-PgDn",  "Alt-v",     "Ctrl-V",
    "Shift-Tab",  "Ctrl-L",    "Ctrl-Z",   "Ctrl-C",     "Esc",
};

/* ----------------------------------------------------------------------------------- the table -- */

static const struct key_case *find_case(const char *name) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(cases[i].name, name) == 0)
            return &cases[i];
    return NULL;
}

static bool is_other(const char *name) {
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i], name) == 0)
            return true;
    return false;
}

static const struct screen_binding *find_binding(const char *name) {
    size_t count;
    const struct screen_binding *bindings = screen_bindings(&count);
    for (size_t i = 0; i < count; i++)
        if (bindings[i].name && strcmp(bindings[i].name, name) == 0)
            return &bindings[i];
    fail_msg("there is no key %s", name);
    return NULL;
}

/* Whether a text has the name by itself. */
static bool names(const char *text, const char *name) {
    size_t len = strlen(name);
    for (const char *p = text; (p = strstr(p, name)); p++) {
        bool starts = p == text || (!isalnum((unsigned char)p[-1]) && p[-1] != '-');
        if (starts && !isalnum((unsigned char)p[len]) && p[len] != '-')
            return true;
    }
    return false;
}

static char *read_manual(void) {
    static char text[1 << 16];
    FILE *in = fopen(LEDE_SOURCE_DIR "/docs/man/lede-prompt.1", "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    return text;
}

static bool is_told(const char *help, int action) {
    size_t count;
    const struct screen_binding *bindings = screen_bindings(&count);
    for (size_t i = 0; i < count; i++)
        if (bindings[i].action == action && (!bindings[i].name || names(help, bindings[i].name)))
            return true;
    return false;
}

static void every_key_has_a_case_and_is_told_of(void **state) {
    struct screen_model m = {0};
    size_t count;
    const struct key f1 = {KEYS_F1, 0};
    const struct screen_binding *bindings = screen_bindings(&count);
    const char *manual = read_manual();
    (void)state;
    screen_press(&m, &f1);
    assert_true(count > 50);
    for (size_t i = 0; i < count; i++) {
        const char *name = bindings[i].name;
        if (name && !find_case(name) && !is_other(name))
            fail_msg("%s has no case in this test", name);
        if (name && !names(manual, name))
            fail_msg("lede-prompt(1) does not tell of %s", name);
        if (!is_told(m.page_text, bindings[i].action))
            fail_msg("the help of ? does not tell of what %s does", name);
    }
    screen_model_release(&m);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        find_binding(cases[i].name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        find_binding(others[i]);
}

/* --------------------------------------------------------------------------- what terminals send -- */

static const char *bytes_of(const struct screen_binding *b) {
    static char bytes[16];
    static const struct {
        uint32_t code;
        char letter;
        int number;
    } keys[] = {{KEYS_UP, 'A', 0},      {KEYS_DOWN, 'B', 0}, {KEYS_RIGHT, 'C', 0},    {KEYS_LEFT, 'D', 0},
                {KEYS_HOME, 'H', 0},    {KEYS_END, 'F', 0},  {KEYS_BACK_TAB, 'Z', 0}, {KEYS_PAGE_UP, 0, 5},
                {KEYS_PAGE_DOWN, 0, 6}, {KEYS_DELETE, 0, 3}, {KEYS_F1, 0, 11}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i].code != b->code)
            continue;
        unsigned modifiers = b->modifiers + 1;
        if (keys[i].number)
            snprintf(bytes, sizeof bytes, modifiers > 1 ? "\033[%d;%u~" : "\033[%d~", keys[i].number, modifiers);
        else if (modifiers > 1)
            snprintf(bytes, sizeof bytes, "\033[1;%u%c", modifiers, keys[i].letter);
        else
            snprintf(bytes, sizeof bytes, "\033[%c", keys[i].letter);
        return bytes;
    }
    char c = b->code == KEYS_ENTER       ? '\r'
             : b->code == KEYS_TAB       ? '\t'
             : b->code == KEYS_ESCAPE    ? '\033'
             : b->code == KEYS_BACKSPACE ? '\177'
                                         : (char)b->code;
    c = b->modifiers == KEYS_CTRL ? (char)(c & 0x1F) : c;
    snprintf(bytes, sizeof bytes, b->modifiers == KEYS_ALT ? "\033%c" : "%c", c);
    return bytes;
}

static void press(const char *name) {
    vt_type(&vt, bytes_of(find_binding(name)));
}

/* The table's codes are what comes of what is sent. */
static void keys_are_read_as_they_are_sent(void **state) {
    size_t count;
    const struct screen_binding *bindings = screen_bindings(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct key key;
        if (!bindings[i].name)
            continue;
        const char *bytes = bytes_of(&bindings[i]);
        size_t n = keys_next(&key, bytes, strlen(bytes), true);
        if (n != strlen(bytes) || key.code != bindings[i].code || key.modifiers != bindings[i].modifiers)
            fail_msg("%s: %zu bytes, key %x with %u", bindings[i].name, n, key.code, key.modifiers);
    }
}

/* -------------------------------------------------------------------------------------- effects -- */

static void start_keys(int rows) {
    static const char *const environment[] = {"PAGER", "true", NULL};
    run_in_folder("mkdir -p .local/state/lede && echo 'older query' >.local/state/lede/history");
    start_on("many.lede", rows, COLUMNS, environment);
    vt_expect(&vt, "Type words");
}

static void clear_line(void) {
    vt_type(&vt, CLEAR);
    vt_expect_row(&vt, INPUT, "lede>");
    vt_expect(&vt, "Type words");
}

static void try_line(const struct key_case *c) {
    vt_type(&vt, c->before);
    vt_type(&vt, c->after);
    vt_expect_row(&vt, INPUT, c->line_without);
    assert_string_not_equal(c->line, c->line_without);
    clear_line();
    vt_type(&vt, c->before);
    press(c->name);
    vt_type(&vt, c->after);
    vt_expect_row(&vt, INPUT, c->line);
}

static void try_screen(const struct key_case *c) {
    assert_true(c->gone || c->shown);
    vt_type(&vt, c->before);
    if (c->moves) {
        vt_expect(&vt, BAR " 1 ");
        vt_type(&vt, c->moves);
    }
    if (c->gone)
        vt_expect(&vt, c->gone);
    else if (*c->before)
        vt_expect(&vt, BAR " 1 ");
    vt_expect_frame(&vt);
    if (c->shown && vt_find(&vt, 0, c->shown) >= 0)
        fail_msg("%s: before the key there is %s", c->name, c->shown);
    press(c->name);
    if (c->gone)
        vt_expect_gone(&vt, c->gone);
    if (c->shown)
        vt_expect(&vt, c->shown);
    vt_type(&vt, c->after);
    if (*c->after && c->shown)
        vt_expect_gone(&vt, c->shown);
}

static void every_key_does_what_it_is_for(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        start_keys(ROWS);
        if (cases[i].line)
            try_line(&cases[i]);
        else
            try_screen(&cases[i]);
        vt_type(&vt, "\007"); /* ends the search in the history */
        leave();
    }
}

static int passage_row(void) {
    vt_expect_frame(&vt);
    return vt_find(&vt, LIST, "\xE2\x96\x8E Here is the needle");
}

/* Waits until the passage stands above, or below, the row, or is not to be seen any more. */
static void expect_moved(const char *name, int row, bool is_down) {
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    int now;
    while ((now = passage_row()) == row)
        if (screen_clock() > end || !vt_read(&vt, 100))
            fail_msg("%s does not move the preview", name);
    if (now >= 0 && (is_down ? now > row : now < row))
        fail_msg("%s moves the preview the other way", name);
}

static void keys_move_the_preview(void **state) {
    static const char *const keys[][2] = {
        {"Alt-Down", "Alt-Up"},       {"Shift-Down", "Shift-Up"}, {"Ctrl-Down", "Ctrl-Up"}, {"Alt-PgDn", "Alt-PgUp"},
        {"Shift-PgDn", "Shift-PgUp"}, {"Ctrl-PgDn", "Ctrl-PgUp"}, {"Ctrl-V", "Alt-v"}};
    (void)state;
    start_keys(14);
    ask("needle", "1 passage matches");
    vt_expect(&vt, "\xE2\x96\x8E Here is the needle");
    int home = passage_row();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
        press(keys[i][0]);
        expect_moved(keys[i][0], home, true);
        press(keys[i][1]);
        while (passage_row() != home)
            if (screen_clock() > end || !vt_read(&vt, 100))
                fail_msg("%s does not move the preview back", keys[i][1]);
    }
    leave();
}

static void shift_tab_goes_back(void **state) {
    char first[256];
    (void)state;
    start_keys(ROWS);
    vt_type(&vt, "w\t");
    vt_expect(&vt, "wheat words");
    vt_type(&vt, "\t");
    vt_expect_frame(&vt);
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    while (strcmp(vt_row(&vt, INPUT), "lede> w") == 0)
        assert_true(screen_clock() < end && vt_read(&vt, 100));
    vt_expect_frame(&vt);
    snprintf(first, sizeof first, "%s", vt_row(&vt, INPUT));
    vt_type(&vt, "\t");
    while (strcmp(vt_row(&vt, INPUT), first) == 0)
        assert_true(screen_clock() < end && vt_read(&vt, 100));
    press("Shift-Tab");
    vt_expect_row(&vt, INPUT, first);
    leave();
}

static void the_screen_is_drawn_anew(void **state) {
    (void)state;
    start_keys(ROWS);
    ask("wheat", BAR " 1 ");
    vt_expect_frame(&vt);
    for (int row = 0; row < ROWS; row++)
        vt_blank(&vt, row, 0, COLUMNS);
    assert_int_equal(vt_find(&vt, 0, BAR " 1 "), -1);
    press("Ctrl-L");
    vt_expect(&vt, BAR " 1 ");
    vt_expect_row(&vt, INPUT, "lede> wheat");
    leave();
}

static void keys_leave(void **state) {
    static const char *const keys[] = {"Ctrl-C", "Esc", "Ctrl-D"};
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        start_keys(ROWS);
        press(keys[i]);
        assert_int_equal(vt_finish(&vt), 0);
    }
}

static int make(void **state) {
    return make_index(state) ? 1 : make_many_index();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_has_a_case_and_is_told_of),
        cmocka_unit_test(keys_are_read_as_they_are_sent),
        cmocka_unit_test(every_key_does_what_it_is_for),
        cmocka_unit_test(keys_move_the_preview),
        cmocka_unit_test(shift_tab_goes_back),
        cmocka_unit_test(the_screen_is_drawn_anew),
        cmocka_unit_test(keys_leave),
    };
    return cmocka_run_group_tests(tests, make, remove_index);
}
