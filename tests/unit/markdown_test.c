/* Markdown: front matter, headings, and words without their markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "indexer/formats/inline.h"
#include "tests/support/parsed.h"

static void lines_lose_their_markup(void **state) {
    static const struct {
        const char *line, *text;
    } cases[] = {
        {"plain words", "plain words"},
        {"a *word* and **two words**, ***all***.", "a word and two words, all."},
        {"_a_ and __b__ but snake_case_name", "a and b but snake_case_name"},
        {"~~gone~~ but ~5", "gone but ~5"},
        {"2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"},
        {"fields are marked *", "fields are marked *"},
        {"[Simla](https://e.org/a_(b) \"title\") and ![a map](m.png)", "Simla and a map"},
        {"[Simla][1], [Lahore][] and [not a link]", "Simla, Lahore and [not a link]"},
        {"[a *bold* [inner](x)](y)", "a bold inner"},
        {"a note[^1] here", "a note here"},
        {"an <em>old</em> tag<br>and <https://e.org> or <me@e.org>", "an old tag and https://e.org or me@e.org"},
        {"a < b and c > d", "a < b and c > d"},
        {"`code *stays*` and ``a ` b``", "code *stays* and a ` b"},
        {"`open", "`open"},
        {"\\*not emphasis\\* \\[x\\]", "*not emphasis* [x]"},
        {"AT&amp;T &lt;3 &unknown; R&D", "AT&T <3 &unknown; R&D"},
        {"![](image.png)", ""},
        {"[](", "[]("},
        {"!", "!"},
        {"\\", "\\"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        inline_append(&out, (struct span){cases[i].line, strlen(cases[i].line)});
        buffer_append_u8(&out, 0);
        assert_string_equal((char *)out.data, cases[i].text);
        buffer_release(&out);
    }
}

static void brackets_alone_take_no_time(void **state) {
    static const char *const units[] = {"[", "`a", "<a", "*a", "[](", "![[", "&"};
    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct buffer in = BUFFER_EMPTY, out = BUFFER_EMPTY;
        for (int k = 0; k < 50000; k++)
            buffer_append(&in, units[i], strlen(units[i]));
        inline_append(&out, (struct span){(char *)in.data, in.len});
        assert_false(out.failed);
        buffer_release(&in);
        buffer_release(&out);
    }
}

#define WORDS    "The minister spoke for an hour in the old hall above the river and nobody else was heard at all."
#define SENTENCE WORDS " "
#define LONG     SENTENCE SENTENCE "He left."

static void files_are_taken_apart(void **state) {
    static const struct {
        const char *input, *expected;
    } cases[] = {
        {"# A title\n\n" LONG "\n\n## A heading ##\n\n" LONG "\n",
         "article /a/file\ntitle: A title\n3 " LONG "\n7 [A heading] " LONG "\n"},
        {"A title\n=====\n" LONG "\n\nA heading\n---\n" LONG "\n",
         "article /a/file\ntitle: A title\n3 " LONG "\n7 [A heading] " LONG "\n"},
        {"---\ntitle: 'A: title'\ndate: 2025-06-03\nauthors: [\"A B\", C]\nlang: en\n---\n# A: title\n" LONG,
         "article /a/file\ntitle: A: title\ndate: 20250603\nbyline: A B, C\n8 " LONG "\n"},
        {"+++\ntitle = \"A title\"\ndate = 2025-06-03T10:00:00Z\n+++\n" LONG,
         "article /a/file\ntitle: A title\ndate: 20250603\n5 " LONG "\n"},
        {"---\n" LONG "\n", "article /a/file\n2 " LONG "\n"},
        {"---\ntitle: A\n---\n\n# Another\n" LONG, "article /a/file\ntitle: A\n6 [Another] " LONG "\n"},
        {LONG "\n\n# A heading\n\n### One below\n\n" LONG,
         "article /a/file\n1 " LONG "\n7 [A heading/One below] " LONG "\n"},
        {"No title\n\n" LONG, "article /a/file\n1 No title/" LONG "\n"},
        {"# T\n\n**A bold heading**\n\n" LONG "\n\n*By Jane Doe*\n",
         "article /a/file\ntitle: T\n5 [A bold heading] " LONG "/By Jane Doe\n"},
        {"# T\n\n*By Jane Doe, Reuters*\n\n_May 6, 2025_\n\nMOSCOW: " LONG,
         "article /a/file\ntitle: T\ndate: 20250506\ndateline: MOSCOW\nbyline: Jane Doe, Reuters\n7 MOSCOW: " LONG
         "\n"},
        {"# T\n\n" SENTENCE "\n" SENTENCE "\n\n> A quote\n> of two.\n\n---\n\n- a\n- b\n",
         "article /a/file\ntitle: T\n3 " WORDS " " WORDS "/A quote of two./- a/- b\n"},
        {"A paragraph that is\r\nwrapped *in\r\nthe* source, and\r\n",
         "article /a/file\n1 A paragraph that is wrapped in the source, and\n"},
        {"- one item\n  goes on\n- another\n\n1. first\n2) second\n\n    of the list",
         "article /a/file\n1 - one item goes on/- another/1. first/2) second/of the list\n"},
        {"| a | b |\n|---|---|\n| c | d |\nbelow\nit", "article /a/file\n1 | a | b |/|---|---|/| c | d |/below it\n"},
        {"broken by  \nblanks, by\\\na backslash\nand not",
         "article /a/file\n1 broken by/blanks, by/a backslash and not\n"},
        {"As in\n\n    int a[3];\n    *b = 1;\nand\nso on\n\n\ttab\n",
         "article /a/file\n1 As in/int a[3];/*b = 1;/and so on/tab\n"},
        {"# T\n\n```c\n# not *a* heading\n\nint a[3];\n```\nafter *it*\n\n[1]: http://e.org\n![](x.png)\n",
         "article /a/file\ntitle: T\n4 # not *a* heading/int a[3];/after it\n"},
        {"# T\n\n" LONG "\n\n## Related articles\n\n- [Another](x)\n", "article /a/file\ntitle: T\n3 " LONG "\n"},
        {"# Only a title\n", "article /a/file\ntitle: Only a title\n"},
        {"#no heading\n\n####### nor this\n", "article /a/file\n1 #no heading/####### nor this\n"},
        /* Lists, folded text and maps of YAML; what is in a map of another field is nobody's. */
        {"---\ntitle: >-\n  A title that\n  goes on\nauthors:\n  - Jane Doe\n  - \"J. Roe\"\ntags:\n- a\ndate: "
         "2025-05-06\n---\nText.\n",
         "article /a/file\ntitle: A title that goes on\ndate: 20250506\nbyline: Jane Doe, J. Roe\n12 Text.\n"},
        {"---\nauthor:\n- name: Jane Doe\n  email: j@doe.example\n- name: J. Roe\nseo:\n  title: No\n  date: "
         "1999-01-01\ntitle: |\n  "
         "Yes\n---\nText.\n",
         "article /a/file\ntitle: Yes\nbyline: Jane Doe, J. Roe\n12 Text.\n"},
        {"---\nauthor:\n  name: Jane Doe\n  url: http://doe.example\n---\nText.\n",
         "article /a/file\nbyline: Jane Doe\n6 Text.\n"},
        {"---\n  title: T\n  author:\ndate: 2025\n---\nText.\n",
         "article /a/file\ntitle: T\ndate: 20250000\n6 Text.\n"},
        {"![](x.png)\n", "skipped /a/file:0: no text in it\n"},
        {"", "skipped /a/file:0: no text in it\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        assert_int_equal(
            parsed_run(&out, LEDE_FORMAT_MARKDOWN, LEDE_PASSAGES_CUT, cases[i].input, strlen(cases[i].input)), LEDE_OK);
        assert_string_equal((char *)out.data, cases[i].expected);
        buffer_release(&out);
    }
}

/* Lines of a wrapped paragraph that is split stay those of the source. */
static void lines_are_those_of_the_source(void **state) {
    struct buffer in = BUFFER_EMPTY, out = BUFFER_EMPTY;
    int passages = 0;
    (void)state;
    buffer_append(&in, "# T\n\n", 5);
    for (int line = 3; line < 43; line++) {
        char text[100];
        int n = snprintf(text, sizeof text, "*Line %d* has got these eleven words in it and no others.\n", line);
        buffer_append(&in, text, (size_t)n);
    }
    assert_int_equal(parsed_run(&out, LEDE_FORMAT_MARKDOWN, LEDE_PASSAGES_CUT, (char *)in.data, in.len), LEDE_OK);
    for (const char *p = strstr((char *)out.data, "\n3 "); p && p[1]; p = strchr(p + 1, '\n'), passages++) {
        int line = 0, said = 0;
        assert_int_equal(sscanf(p, "%d Line %d has", &line, &said), 2);
        assert_int_equal(line, said);
    }
    assert_in_range(passages, 3, 4);
    buffer_release(&in);
    buffer_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_lose_their_markup),
        cmocka_unit_test(brackets_alone_take_no_time),
        cmocka_unit_test(files_are_taken_apart),
        cmocka_unit_test(lines_are_those_of_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
