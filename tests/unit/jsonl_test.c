/* JSON Lines in the shapes that are about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/parsed.h"

static void expect(const char *input, const char *expected) {
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(parsed_run(&out, LEDE_FORMAT_JSONL, LEDE_PASSAGES_CUT, input, strlen(input)), LEDE_OK);
    assert_string_equal((const char *)out.data, expected);
    buffer_release(&out);
}

static void objects_are_articles(void **state) {
    static const struct {
        const char *input, *expected;
    } cases[] = {
        {"", ""},
        {"\n\r\n", ""},
        /* BEIR */
        {"{\"_id\": \"d1\", \"title\": \"Simla\", \"text\": \"A town.\", \"metadata\": {}}\n",
         "article d1\ntitle: Simla\n1 A town.\n"},
        {"{\"_id\": \"d1\", \"title\": \"\", \"text\": \"A town\\nin the hills.\"}",
         "article d1\n1 A town/in the hills.\n"},
        {"{\"_id\": \"d1\", \"title\": \"Simla\", \"text\": \"Simla\\nA town.\"}",
         "article d1\ntitle: Simla\n1 A town.\n"},
        {"{\"_id\": \"d1\", \"title\": \"A\", \"text\": \"T.\", \"metadata\": {\"date\": \"2025-06-03\", \"author\": "
         "\"Zoë\"}}",
         "article d1\ntitle: A\ndate: 20250603\nbyline: Zoë\n1 T.\n"},
        /* Anserini */
        {"{\"id\": \"d1\", \"contents\": \"A town.\"}", "article d1\n1 A town.\n"},
        {"{\"id\": \"d1\", \"contents\": \"Simla\\nA town.\"}", "article d1\ntitle: Simla\n1 A town.\n"},
        {"{\"id\": \"d1\", \"contents\": \"This is no title.\\nA town.\"}",
         "article d1\n1 This is no title./A town.\n"},
        /* Others */
        {"{\"docid\": 17, \"headline\": \"Simla\\n again\", \"body\": \"A town.\", \"date\": \"June 3, 2025\", "
         "\"authors\": [\"A\", \"B\"], \"source\": \"TASS\", \"dateline\": \"MOSCOW\"}",
         "article 17\ntitle: Simla again\ndate: 20250603\ndateline: MOSCOW\nbyline: A, B\ncredit: TASS\n1 A town.\n"},
        {"{\"key\": \"k\", \"content\": \"T.\", \"published\": 1748908800, \"source\": \"http://x/\", \"author\": 7}",
         "article k\ndate: 20250603\n1 T.\n"},
        {"{\"id\": \"k\", \"text\": \"T.\", \"date\": 20250603}", "article k\ndate: 20250603\n1 T.\n"},
        {"{\"id\": null, \"_id\": null, \"key\": \"\", \"text\": \"T.\"}\n\n{\"text\": \"U.\"}",
         "article /a/file:1\n1 T.\narticle /a/file:3\n3 U.\n"},
        {"{\"id\": -3, \"text\": null, \"body\": \"T.\"}", "article -3\n1 T.\n"},
        {"{\"id\": \"d\", \"text\": \"\\u00e9\\ud83d\\ude00\"}", "article d\n1 é😀\n"},
        {"{\"id\": \"d\", \"text\": \"caf\xe9\"}", "article d\n1 café\n"},
        {"\xef\xbb\xbf{\"id\": \"d\", \"text\": \"T\"}\r\n", "article d\n1 T\n"},
        /* Fields with nothing in them count for nothing. */
        {"{\"_id\": \"\", \"id\": \"d\", \"title\": \" \", \"headline\": \"H\", \"text\": \"\", \"content\": [], "
         "\"body\": "
         "\"T.\", \"date\": \"\", \"created\": \"2025-06-03\", \"author\": {}, \"authors\": \"A\"}",
         "article d\ntitle: H\ndate: 20250603\nbyline: A\n1 T.\n"},
        /* Paragraphs, and names as schema.org has them. */
        {"{\"id\": \"d\", \"text\": [\"One.\", \" \", 7, \"Two.\\n\"], \"author\": {\"@type\": \"Person\", \"name\": "
         "\"Zoë\"}}",
         "article d\nbyline: Zoë\n1 One./Two.\n"},
        {"{\"id\": \"d\", \"text\": [1], \"title\": \"T\", \"authors\": [{\"url\": \"x\"}, {\"name\": \"A\"}, 3, "
         "\"B\"]}",
         "article d\ntitle: T\nbyline: A, B\n"},
        /* A title without text is found by its title. */
        {"{\"_id\": \"d1\", \"title\": \"Simla\", \"text\": \"\"}", "article d1\ntitle: Simla\n"},
        {"{\"_id\": \"d1\", \"title\": \"Simla\"}", "article d1\ntitle: Simla\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i].input, cases[i].expected);
}

static void faults_skip_their_line(void **state) {
    static const struct {
        const char *input, *why;
    } cases[] = {
        {"{\"_id\": \"1\", \"text\" \"T\"}", "invalid JSON at column 23: ':' expected near '\"T\"'"},
        {"{\"_id\": \"1\"", "invalid JSON at column 11: '}' expected near end of file"},
        {"{\"_id\": \"1\", \"text\": \"\\ud800\" \"T\"}", "invalid JSON at column 33: '}' expected near '\"T\"'"},
        {"{} {}", "invalid JSON at column 4: end of file expected near '{'"},
        {"{\"id\": 99999999999999999999, \"text\": \"T\"}",
         "invalid JSON at column 27: too big integer near '99999999999999999999'"},
        {"{\"a\": \"A\\\xc3\xa9\"}", "invalid JSON at column 10: invalid escape near '\"A\\?'"},
        {"[1, 2]", "not a JSON object; expected {\"_id\": ..., \"title\": ..., \"text\": ...} on each line"},
        {"[{\"_id\": \"1\"}]", "an array, not a JSON object on each line; jq -c '.[]' makes lines of it"},
        {"[", "an array, not a JSON object on each line; jq -c '.[]' makes lines of it"},
        {" {", "an object of several lines, not one on each line; jq -c . makes a line of it"},
        {"7", "not a JSON object; expected {\"_id\": ..., \"title\": ..., \"text\": ...} on each line"},
        {"{\"_id\": \"1\", \"title\": \" \", \"text\": \"\\n\"}",
         "neither a text nor a title; expected the fields _id, title, text"},
        {"{}", "neither a text nor a title; expected the fields _id, title, text"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char input[256], expected[512];
        snprintf(input, sizeof input, "{\"id\":1,\"text\":\"T\"}\n%s\n{\"id\":3,\"text\":\"U\"}", cases[i].input);
        snprintf(expected, sizeof expected, "article 1\n1 T\nskipped /a/file:2: %s\narticle 3\n3 U\n", cases[i].why);
        expect(input, expected);
    }
}

/* As pages cut within a character, and careless programs, write them. */
static void broken_escapes_are_replaced(void **state) {
    static const struct {
        const char *text, *expected;
        int count;
    } cases[] = {
        {"a\\u0000b",
         "a\xef\xbf\xbd"
         "b",
         1},
        {"\\ud83d", "\xef\xbf\xbd", 1},
        {"\\uD83D\\uDE00 \\uDE00\\uD83D", "\xf0\x9f\x98\x80 \xef\xbf\xbd\xef\xbf\xbd", 2},
        {"\\ud83d\\u0041",
         "\xef\xbf\xbd"
         "A",
         1},
        {"\\\\ud83d \\ud83d", "\\ud83d \xef\xbf\xbd", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char input[256], expected[256];
        snprintf(input, sizeof input, "{\"id\":1,\"text\":\"%s\"}", cases[i].text);
        snprintf(expected, sizeof expected,
                 "repaired /a/file:1: %d broken escape%s replaced by U+FFFD\narticle 1\n1 %s\n", cases[i].count,
                 cases[i].count == 1 ? "" : "s", cases[i].expected);
        expect(input, expected);
    }
}

static void deep_nesting_is_a_fault(void **state) {
    enum { DEPTH = 100000 };
    struct buffer in = BUFFER_EMPTY, out = BUFFER_EMPTY;
    (void)state;
    for (int i = 0; i < DEPTH; i++)
        buffer_append_u8(&in, '[');
    assert_int_equal(parsed_run(&out, LEDE_FORMAT_JSONL, LEDE_PASSAGES_CUT, (char *)in.data, in.len), LEDE_OK);
    assert_non_null(strstr((char *)out.data, "skipped /a/file:1: invalid JSON at column "));
    buffer_release(&in);
    buffer_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_articles),
        cmocka_unit_test(faults_skip_their_line),
        cmocka_unit_test(broken_escapes_are_replaced),
        cmocka_unit_test(deep_nesting_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
