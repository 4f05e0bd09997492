/* One-shot commands on a terminal: colours, lines that fit, the bar that shows how far indexing has come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "articles.h"

/* Runs a line of shell in a terminal, where $LEDE is the command. */
static void start(struct screen *s, const char *line, const char *name, const char *value) {
    char bash[] = "/bin/bash", flag[] = "-c", copy[1024];
    char *const words[] = {bash, flag, copy, NULL};
    const char *const environment[] = {"LEDE", LEDE, name, value, NULL};
    snprintf(copy, sizeof copy, "%s", line);
    screen_start(s, folder.path, words, environment);
}

/* The last byte of what sets a colour, or begins or ends a link. */
static const char *end_of_escape(const char *p) {
    if (p[1] != ']')
        return p + strcspn(p, "m");
    const char *end = strstr(p + 1, "\033\\");
    assert_non_null(end);
    return end + 1;
}

/* The widest line of what is on the screen, without escape sequences. */
static size_t widest(const char *text) {
    size_t column = 0, most = 0;
    for (const char *p = text; *p; p++) {
        if (*p == '\033')
            p = end_of_escape(p);
        else if (*p == '\n')
            column = 0;
        else
            column += *p != '\r' && ((unsigned char)*p & 0xC0) != 0x80;
        most = column > most ? column : most;
    }
    return most;
}

/* Waits for the end; *text is what was shown, to be freed. */
static int watch(struct screen *s, char **text) {
    while (screen_read(s, 1000))
        ;
    assert_non_null(*text = strdup(s->text));
    return screen_finish(s);
}

static void hits_are_lit_and_fit(void **state) {
    static const struct {
        const char *name, *value;
        bool lit;
        size_t width;
    } cases[] = {
        {NULL, NULL, true, SCREEN_COLUMNS},
        {"NO_COLOR", "1", false, SCREEN_COLUMNS},
        {"NO_COLOR", "", true, SCREEN_COLUMNS},
        {"TERM", "dumb", false, SCREEN_COLUMNS},
        {"COLUMNS", "40", true, 40},
        {"COLUMNS", "none", true, SCREEN_COLUMNS},
        {"LC_ALL", "POSIX", true, SCREEN_COLUMNS},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct screen s;
        char *text;
        start(&s, "$LEDE search negotiations treaty cafe", cases[i].name, cases[i].value);
        assert_int_equal(watch(&s, &text), 0);
        assert_int_equal(strstr(text, MATCH_ON "negotiating" MATCH_OFF) != NULL, cases[i].lit);
        assert_int_equal(strchr(text, '\033') != NULL, cases[i].lit);
        assert_non_null(strstr(text, "3 passages match, "));
        assert_true(widest(text) <= cases[i].width);
        assert_true(widest(text) > cases[i].width - 12);
        free(text);
    }
}

/* Names of files are links that a terminal can open. */
static void files_are_links(void **state) {
    static const struct {
        const char *command, *name, *value;
        bool linked;
    } cases[] = {
        {"$LEDE search lavrov", NULL, NULL, true},
        {"$LEDE search --links never lavrov", NULL, NULL, false},
        {"$LEDE search lavrov", "TERM", "linux", false},
        {"$LEDE search lavrov", "VTE_VERSION", "4200", false},
        {"$LEDE search lavrov", "VTE_VERSION", "7000", true},
        {"$LEDE search lavrov | cat", NULL, NULL, false},
        {"$LEDE search --links always lavrov | cat", NULL, NULL, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct screen s;
        char *text;
        start(&s, cases[i].command, cases[i].name, cases[i].value);
        assert_int_equal(watch(&s, &text), 0);
        const char *link = strstr(text, "\033]8;;file://");
        assert_int_equal(link != NULL, cases[i].linked);
        assert_true(!link || strstr(link, "/articles/"));
        assert_true(!link || strstr(link, "\033]8;;\033\\"));
        free(text);
    }
}

/* As many lines of a passage as were asked for, around what matched. */
static void passages_are_cut_to_their_matches(void **state) {
    (void)state;
    struct screen s;
    char *text;
    start(&s, "$LEDE search --lines 1 --color never ministry statement control", NULL, NULL);
    assert_int_equal(watch(&s, &text), 0);
    const char *start_of_text = strstr(text, "\r\n     \xE2\x80\xA6 ");
    assert_non_null(start_of_text);
    const char *matches = strstr(start_of_text, "Control, the ministry");
    assert_non_null(matches);
    const char *end = strstr(matches, " \xE2\x80\xA6\r\n");
    assert_non_null(end);
    assert_null(memchr(start_of_text + 2, '\n', (size_t)(end - start_of_text - 2)));
    free(text);
    start(&s, "$LEDE search --lines 0 --color never ministry statement control", NULL, NULL);
    assert_int_equal(watch(&s, &text), 0);
    assert_null(strstr(text, "\xE2\x80\xA6"));
    assert_non_null(strstr(text, "Ministers were"));
    free(text);
}

/* Beside the place where there is room, else below it; with what matched in it. */
static void headings_fit_too(void **state) {
    static const char *const widths[] = {"300", "60", "30"};
    (void)state;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct screen s;
        char *text;
        start(&s,
              "shopt -u checkwinsize; . " LEDE_SOURCE_DIR
              "/tests/cli/support.sh; mkdir -p headed; cd headed; make_headed b.txt; "
              "$LEDE index -q -i i.lede b.txt; $LEDE search -i i.lede builders boat",
              "COLUMNS", widths[i]);
        assert_int_equal(watch(&s, &text), 0);
        assert_non_null(strstr(text, MATCH_ON "builders"));
        assert_int_equal(strstr(text, "b.txt\033[0m\033[0;36m:7\033[0m\033]8;;\033\\  \033[0;2mWhat the ") != NULL,
                         i == 0);
        assert_true(i == 0 || widest(text) <= (size_t)atoi(widths[i]));
        free(text);
    }
}

static void color_can_be_forbidden(void **state) {
    struct screen s;
    char *text;
    (void)state;
    start(&s, "$LEDE search --color=never negotiations", NULL, NULL);
    assert_int_equal(watch(&s, &text), 0);
    assert_null(strchr(text, '\033'));
    free(text);
    start(&s, "$LEDE search elephants", NULL, NULL);
    assert_int_equal(watch(&s, &text), 1);
    assert_non_null(strstr(text, "0 passages match, "));
    free(text);
}

/* Input that comes slowly, so that there is something to watch. */
#define SLOWLY                                                                                                         \
    "for i in 1 2 3 4 5 6; do echo \"{\\\"id\\\":$i,\\\"text\\\":\\\"word $i\\\"}\"; sleep 0.2; done |"                \
    "$LEDE index -i slow.lede --format jsonl -"

static void a_bar_shows_how_far_it_has_come(void **state) {
    struct screen s;
    char *text;
    (void)state;
    start(&s, SLOWLY, NULL, NULL);
    screen_expect(&s, "\rindexing");
    screen_expect(&s, "\033[K");
    screen_expect(&s, "\r\033[K");
    screen_expect(&s, "indexed 6 articles");
    assert_int_equal(screen_finish(&s), 0);
    static const struct {
        const char *line, *name, *value;
    } silent[] = {
        {SLOWLY " -q", NULL, NULL},
        {SLOWLY " 2>&1 | cat", NULL, NULL},
        {SLOWLY, "TERM", "dumb"},
    };
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        start(&s, silent[i].line, silent[i].name, silent[i].value);
        assert_int_equal(watch(&s, &text), 0);
        assert_null(strstr(text, "\rindexing"));
        assert_null(strstr(text, "\033[K"));
        free(text);
    }
}

static void control_c_keeps_what_was_read(void **state) {
    struct screen s;
    (void)state;
    start(&s,
          "(for i in 1 2; do echo '{\"id\":'$i',\"text\":\"A zebra.\"}'; sleep 0.5; done; exec sleep 60) |"
          "$LEDE index -i c.lede --format jsonl -",
          NULL, NULL);
    /* There is a rate when there was something to read. */
    screen_expect(&s, "B/s");
    screen_type(&s, "\003");
    screen_expect(&s, "stopped: indexed ");
    screen_finish(&s);
    start(&s, "$LEDE search -q -i c.lede zebra", NULL, NULL);
    assert_int_equal(screen_finish(&s), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_are_lit_and_fit),
        cmocka_unit_test(files_are_links),
        cmocka_unit_test(passages_are_cut_to_their_matches),
        cmocka_unit_test(headings_fit_too),
        cmocka_unit_test(color_can_be_forbidden),
        cmocka_unit_test(a_bar_shows_how_far_it_has_come),
        cmocka_unit_test(control_c_keeps_what_was_read),
    };
    return cmocka_run_group_tests(tests, make_index, remove_index);
}
