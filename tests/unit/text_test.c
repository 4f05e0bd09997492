/* Articles of prose: the parts around the paragraphs, and the paragraphs as passages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "tests/support/parsed.h"
#include "tests/support/random.h"

/* A passage's text of more than six words as its first three and last three. */
static void shorten_passage(struct buffer *out, const char *text, size_t n) {
    const char *first = text, *last = text + n;
    for (int words = 0; first < text + n && words < 3; first++)
        words += *first == ' ';
    for (int words = 0; last > first && words < 3; last--)
        words += last[-1] == ' ';
    if (last <= first) {
        buffer_append(out, text, n);
        return;
    }
    buffer_append(out, text, (size_t)(first - text));
    buffer_append(out, "..", 2);
    buffer_append(out, last, (size_t)(text + n - last));
}

static void shorten(struct buffer *out, const char *parsed) {
    for (const char *line = parsed, *next; *line; line = next) {
        next = line + strcspn(line, "\n") + 1;
        size_t n = (size_t)(next - line) - 1, prefix = strspn(line, "0123456789");
        const char *bracket = prefix && line[prefix + 1] == '[' ? memchr(line, ']', n) : NULL;
        prefix = bracket ? (size_t)(bracket + 2 - line) : prefix ? prefix + 1 : n;
        buffer_append(out, line, prefix);
        shorten_passage(out, line + prefix, n - prefix);
        buffer_append_u8(out, '\n');
    }
    buffer_append_u8(out, 0);
}

static void expect(const char *input, size_t len, lede_passages mode, const char *expected) {
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(parsed_run(&out, LEDE_FORMAT_TEXT, mode, input, len), LEDE_OK);
    assert_string_equal((const char *)out.data, expected);
    buffer_release(&out);
}

/* Real articles, which are not part of the project: skipped where they are missing. */
static void seeds_are_understood(void **state) {
    static const struct {
        const char *name, *expected;
    } seeds[] = {
        {"000_4a21ac10456abfb3.txt", "article /a/file\n"
                                     "dateline: Moscow\n"
                                     "1 Moscow:/In the wake .. de-escalating the situation.\n"
                                     "5 Speaking in an .. India and Pakistan.\n"
                                     "7 Meanwhile, on Friday, .. without third-party mediation.\n"
                                     "9 Pakistan’s Deputy Prime .. Foreign Office said.\n"
                                     "11 It is to .. and their backers.\n"
                                     "13 As many as .. bustling tourist area.\n"},
        {"001_eee6daa77016d1ca.txt",
         "article /a/file\n"
         "title: Islamabad Seeks Russia’s Help to Avert War with India After Kashmir Attack\n"
         "2 Pakistan intensified its .. killed 26 civilians.\n"
         "5 [Pakistan’s Plea for Mediation] Pakistan urgently sought .. both nations agree.\n"
         "7 [Context of Rising Tensions] The Pahalgam attack, .. alleged terrorism support.\n"
         "9 [Russia’s Neutral Stance] Russian Foreign Minister .. flashpoint since 1947.\n"},
        {"002_9225b283a0df082a.txt", "article /a/file\n"
                                     "date: 20250603\n"
                                     "credit: with PTI inputs\n"
                                     "1 Amid ongoing tensions .. President Vladimir Putin.(REUTERS)\n"
                                     "3 The delegation, which .. key security issues.\n"
                                     "7 The timing of .. TASS news agency.\n"
                                     "11 Lavrov said that .. regarding the conflict.\n"
                                     "19 [India and Pakistan tensions] Tensions between India .. on May 10.\n"},
        {"003_803e0ae6a744cee6.txt",
         "article /a/file\n"
         "title: Russia keen to deepen ties with Pakistan under SCO framework, Lavrov tells Tariq Fatemi\n"
         "dateline: MOSCOW\n"
         "3 MOSCOW: Russian Foreign .. Fatemi on Tuesday.\n"
         "5 The meeting, held .. the two countries.\n"
         "7 Fatemi conveyed greetings .. rising regional tensions.\n"
         "9 A key issue .. India and Pakistan.\n"
         "11 The suspension of .. nearly three decades.\n"
         "13 Pakistan responded with .. the United States.\n"
         "15 According to Pakistan’s .. engagement with Russia.\n"},
        {"004_846f8b5f639282ae.txt",
         "article /a/file\n"
         "title: US intensifies diplomacy to defuse India-Pakistan standoff over Kashmir attack\n"
         "dateline: ISLAMABAD\n"
         "byline: Staff Reporter\n"
         "7 ISLAMABAD: The United .. said on Tuesday.\n"
         "9 The initiative follows .. decades old accords.\n"
         "13 State Department spokesperson .. said, quoting Rubio.\n"
         "15 The Secretary of .. way or another.”\n"
         "19 While Washington has .. any Indian aggression.\n"
         "23 “While underscoring that .. in a statement.\n"
         "25 “The prime minister .. spokesman Stephane Dujarric.\n"
         "29 The current crisis .. and later released.\n"},
    };
    (void)state;
    if (access(LEDE_SHARED_DIR "/seeds", R_OK)) {
        print_message("skipped: no %s/seeds\n", LEDE_SHARED_DIR);
        skip();
    }
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        char path[4096];
        struct file_map map;
        struct buffer out = BUFFER_EMPTY, brief = BUFFER_EMPTY;
        snprintf(path, sizeof path, "%s/seeds/%s", LEDE_SHARED_DIR, seeds[i].name);
        assert_int_equal(file_map_open(&map, path, NULL), LEDE_OK);
        assert_int_equal(parsed_run(&out, LEDE_FORMAT_TEXT, LEDE_PASSAGES_CUT, (const char *)map.data, map.size),
                         LEDE_OK);
        shorten(&brief, (const char *)out.data);
        assert_string_equal((const char *)brief.data, seeds[i].expected);
        file_map_close(&map);
        buffer_release(&out);
        buffer_release(&brief);
    }
}

#define SENTENCE "The minister spoke for an hour in the old hall above the river and nobody else was heard at all. "
#define LONG     SENTENCE SENTENCE "He left." /* 42 words: a passage */

static void articles_are_taken_apart(void **state) {
    static const struct {
        const char *input, *expected;
    } cases[] = {
        /* Titles. */
        {"A title\n\n" LONG "\n", "article /a/file\ntitle: A title\n3 " LONG "\n"},
        {"A title\n" LONG, "article /a/file\ntitle: A title\n2 " LONG "\n"},
        {"A title?\r\n\r\n" LONG "\r\n", "article /a/file\ntitle: A title?\n3 " LONG "\n"},
        {"\xef\xbb\xbf\n\n  A title  \n\nA  title\n\n" LONG, "article /a/file\ntitle: A title\n7 " LONG "\n"},
        {"Talks with the U.S.\n" LONG, "article /a/file\ntitle: Talks with the U.S.\n2 " LONG "\n"},
        {LONG "\n\n" LONG, "article /a/file\n1 " LONG "\n3 " LONG "\n"},
        {"One line", "article /a/file\n1 One line\n"},
        {"A sentence stands here.\n" LONG, "article /a/file\n1 A sentence stands here./" LONG "\n"},
        /* Bylines and dates, in any order. */
        {"A title\nA title\nBy Staff Reporter\nMay 6, 2025\n" LONG,
         "article /a/file\ntitle: A title\ndate: 20250506\nbyline: Staff Reporter\n5 " LONG "\n"},
        {"Updated: 7 May 2025\nPublished: 6 May 2025\nA title\nBy Zoë M | 5 May 2025\n" LONG,
         "article /a/file\ntitle: A title\ndate: 20250507\nbyline: Zoë M\n5 " LONG "\n"},
        {LONG "\n\nBy Zoë Marchetti\n\n" LONG, "article /a/file\nbyline: Zoë Marchetti\n1 " LONG "\n5 " LONG "\n"},
        {LONG "\n" LONG "\nBy Zoë Marchetti\n" LONG,
         "article /a/file\n1 " LONG "\n2 " LONG "\n4 [By Zoë Marchetti] " LONG "\n"},
        {"A title\nBy the river of Jhelum\n" LONG,
         "article /a/file\ntitle: A title\n3 [By the river of Jhelum] " LONG "\n"},
        {" date 2025-06-03 " LONG "\n", "article /a/file\ndate: 20250603\n1 " LONG "\n"},
        {"A title\nOn 2 July 1972 they signed. " LONG,
         "article /a/file\ntitle: A title\n2 On 2 July 1972 they signed. " LONG "\n"},
        {"A title\n" LONG "\n" LONG "\nMay 6, 2025\n" LONG,
         "article /a/file\ntitle: A title\n2 " LONG "\n3 " LONG "\n5 [May 6, 2025] " LONG "\n"},
        /* Datelines stay in the text. */
        {"Moscow:\n\n" LONG, "article /a/file\ndateline: Moscow\n1 Moscow:/" LONG "\n"},
        {"A title\nISLAMABAD, May 6 (Agency) — " LONG,
         "article /a/file\ntitle: A title\ndateline: ISLAMABAD\ncredit: Agency\n2 ISLAMABAD, May 6 (Agency) — " LONG
         "\n"},
        {"ISLAMABAD, May 6, 2025 — " LONG,
         "article /a/file\ndate: 20250506\ndateline: ISLAMABAD\n1 ISLAMABAD, May 6, 2025 — " LONG "\n"},
        {LONG "\nMOSCOW: " LONG, "article /a/file\n1 " LONG "\n2 MOSCOW: " LONG "\n"},
        /* Credits. */
        {LONG "\n\n(with PTI inputs)\n", "article /a/file\ncredit: with PTI inputs\n1 " LONG "\n"},
        {LONG "(REUTERS)\n", "article /a/file\ncredit: REUTERS\n1 " LONG "\n"},
        {LONG "(REUTERS)\n" LONG "\n(with PTI inputs)",
         "article /a/file\ncredit: with PTI inputs\n1 " LONG "(REUTERS)\n2 " LONG "\n"},
        {LONG "\nPublished in Dawn, May 6th, 2025\n", "article /a/file\ndate: 20250506\n1 " LONG "\n"},
        /* Headings. */
        {"A title\n\n" LONG "\n\nA heading\n\n" LONG "\n\nNo heading\n",
         "article /a/file\ntitle: A title\n3 " LONG "\n7 [A heading] " LONG "/No heading\n"},
        {LONG "\nA heading?\n" LONG, "article /a/file\n1 " LONG "\n3 [A heading?] " LONG "\n"},
        {LONG "\nOne heading\nAnother\n" LONG, "article /a/file\n1 " LONG "\n4 [One heading/Another] " LONG "\n"},
        {LONG "\nApples\nPears\nPlums\n" LONG, "article /a/file\n1 " LONG "/Apples/Pears\n5 [Plums] " LONG "\n"},
        {LONG "\nThey were:\n" LONG, "article /a/file\n1 " LONG "\n2 They were:/" LONG "\n"},
        {LONG "\n某某某，\n" LONG, "article /a/file\n1 " LONG "\n2 某某某，/" LONG "\n"},
        {LONG "\n某某某？\n" LONG, "article /a/file\n1 " LONG "\n3 [某某某？] " LONG "\n"},
        {LONG "\nnot a heading\n" LONG, "article /a/file\n1 " LONG "\n2 not a heading/" LONG "\n"},
        /* Litter at the end, and what only speaks of it. */
        {"A title\n" LONG "\nCopyright © 2021 Independent | All rights reserved\nLeave a Reply\n"
         "Your email address will not be published. Required fields are marked *",
         "article /a/file\ntitle: A title\n2 " LONG "\n"},
        {"A title\n" LONG "\nLEAVE A REPLY\n\nPlease enter your comment!\nPlease enter your name here\n\nMust Read\n\n"
         "Another title: Ali...\n\nBRUSSELS: Another article of which only this much is shown, for you to...",
         "article /a/file\ntitle: A title\n2 " LONG "\n"},
        {LONG "\n(with PTI inputs)\nAlso read: Another title\nTags: Simla, Lahore\n",
         "article /a/file\ncredit: with PTI inputs\n1 " LONG "\n"},
        {"Leave a reply\n" LONG "\nHe wrote “leave a reply” on the door. " LONG "\nCopyright\n" LONG,
         "article /a/file\ntitle: Leave a reply\n2 " LONG "\n3 He wrote “leave a reply” on the door. " LONG
         "\n5 [Copyright] " LONG "\n"},
        /* Hard-wrapped lines are joined to paragraphs, and count. */
        {"A wrapped title\n\nThe minister spoke for an hour in the old hall above the\nriver and nobody else was "
         "heard, "
         "as far as anybody who was\nthere remembers it. He left before the others did, and for\nonce he took the "
         "train.\nA new paragraph begins here since the line was short, and it\ngoes on below.\n",
         "article /a/file\ntitle: A wrapped title\n3 The minister spoke for an hour in the old hall above the river "
         "and "
         "nobody else was heard, as far as anybody who was there remembers it. He left before the others did, and "
         "for once he took the train./A new paragraph begins here since the line was short, and it goes on "
         "below.\n"},
        /* Nothing to index. */
        {"", "skipped /a/file:0: no text in it\n"},
        {" \n\xc2\xa0\n", "skipped /a/file:0: no text in it\n"},
        {"Advertisement\n", "skipped /a/file:0: no text in it\n"},
        /* Charsets. */
        {"caf\xe9 cr\xe8me\n" LONG, "article /a/file\ntitle: café crème\n2 " LONG "\n"},
        {"na\xc3\xafve caf\xc3\xa9 \xff\n" LONG, "repaired /a/file:0: 1 broken byte replaced by U+FFFD\narticle "
                                                 "/a/file\ntitle: naïve café \xef\xbf\xbd\n2 " LONG "\n"},
        {"A title\rOld Macs ended lines so.\r", "article /a/file\ntitle: A title\n2 Old Macs ended lines so.\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i].input, strlen(cases[i].input), LEDE_PASSAGES_CUT, cases[i].expected);
}

static void nul_bytes_skip_the_file(void **state) {
    static const char input[] = "A title\nSome\0text\n";
    (void)state;
    expect(input, sizeof input - 1, LEDE_PASSAGES_CUT, "skipped /a/file:0: NUL byte at byte 12; binary?\n");
}

static void a_whole_article_is_one_passage(void **state) {
    static const char input[] = "A title\nBy Jane Doe\n" LONG "\nA heading\n" LONG "\nLeave a reply\n";
    (void)state;
    expect(input, sizeof input - 1, LEDE_PASSAGES_WHOLE,
           "article /a/file\ntitle: A title\nbyline: Jane Doe\n3 " LONG "/A heading/" LONG "\n");
}

/* The passages of a wrapped paragraph begin at the lines of the source that they begin in. */
static void lines_are_those_of_the_source(void **state) {
    struct buffer in = BUFFER_EMPTY, out = BUFFER_EMPTY;
    int passages = 0;
    (void)state;
    for (int line = 1; line < 81; line++) {
        char text[100];
        int n = snprintf(text, sizeof text, "Line %02d has these nine words, and none beside.%s", line,
                         line % 20 ? "\r\n" : "\r\n\r\n");
        buffer_append(&in, text, (size_t)n);
    }
    assert_int_equal(parsed_run(&out, LEDE_FORMAT_TEXT, LEDE_PASSAGES_CUT, (char *)in.data, in.len), LEDE_OK);
    for (const char *p = strstr((char *)out.data, "\n1 "); p && p[1]; p = strchr(p + 1, '\n'), passages++) {
        int line = 0, said = 0;
        assert_int_equal(sscanf(p, "%d Line %d has", &line, &said), 2);
        assert_int_equal(line, said + (said - 1) / 20);
    }
    assert_int_equal(passages, 8);
    assert_null(strchr(strstr((char *)out.data, "\n1 "), '/'));
    buffer_release(&in);
    buffer_release(&out);
}

static void formats_are_told_by_name_and_bytes(void **state) {
    static const struct {
        const char *name;
        lede_format format;
    } names[] = {
        {"a.txt", LEDE_FORMAT_TEXT},
        {"/x/a.TXT", LEDE_FORMAT_TEXT},
        {"a.text", LEDE_FORMAT_TEXT},
        {"a.md", LEDE_FORMAT_MARKDOWN},
        {"a.Markdown", LEDE_FORMAT_MARKDOWN},
        {"a.b.jsonl", LEDE_FORMAT_JSONL},
        {"a.ndjson", LEDE_FORMAT_JSONL},
        {"a.tsv", LEDE_FORMAT_TSV},
        {"a.HTM", LEDE_FORMAT_HTML},
        {"a.html", LEDE_FORMAT_HTML},
        {"a", LEDE_FORMAT_AUTO},
        {".txt", LEDE_FORMAT_AUTO},
        {"a.txt/b", LEDE_FORMAT_AUTO},
        {"a.png", LEDE_FORMAT_AUTO},
        {"", LEDE_FORMAT_AUTO},
    };
    static const struct {
        const char *bytes;
        lede_format format;
    } streams[] = {
        {"{\"id\": 1}", LEDE_FORMAT_JSONL},
        {"\xef\xbb\xbf\n {\"id\": 1}", LEDE_FORMAT_JSONL},
        {"[{\"id\": 1}]", LEDE_FORMAT_JSONL},
        {"\n[\n  {\n\"id\": 1", LEDE_FORMAT_JSONL},
        {"{", LEDE_FORMAT_JSONL},
        {"[{}]", LEDE_FORMAT_JSONL},
        {"{\"a \\\" b\" : \"\\x\"}", LEDE_FORMAT_JSONL},
        {"{\"a name that is cut o", LEDE_FORMAT_JSONL},
        {"[{{Infobox}} The town", LEDE_FORMAT_TEXT},
        {"[{see below}] The town", LEDE_FORMAT_TEXT},
        {"{\"Town\" is what they call it}\nand so on", LEDE_FORMAT_TEXT},
        {"{id: 1}\n", LEDE_FORMAT_TEXT},
        {"[\n  1", LEDE_FORMAT_TEXT},
        {"7\ttext", LEDE_FORMAT_TSV},
        {"\n<!DOCTYPE HTML>", LEDE_FORMAT_HTML},
        {"<html>", LEDE_FORMAT_HTML},
        {"a title\ttext", LEDE_FORMAT_TEXT},
        {"\ttext", LEDE_FORMAT_TEXT},
        {"text", LEDE_FORMAT_TEXT},
        {"\n# A heading\n\nA text.", LEDE_FORMAT_MARKDOWN},
        {"---\ntitle: A title\n---\ntext", LEDE_FORMAT_MARKDOWN},
        {"+++\ntitle = 'A title'\n+++\ntext", LEDE_FORMAT_MARKDOWN},
        {"A title\n=======\n\nA text.", LEDE_FORMAT_MARKDOWN},
        {"A text.\n\n## A heading\n\nA [link](https://example.org).", LEDE_FORMAT_MARKDOWN},
        {"---\n\nA text.", LEDE_FORMAT_TEXT},
        {"#1 in the charts\n\nA text.", LEDE_FORMAT_TEXT},
        {"A text.\n\n# 1 of its paragraphs (and [one] mark)", LEDE_FORMAT_TEXT},
        {"", LEDE_FORMAT_TEXT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(format_of_name(names[i].name), names[i].format);
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        assert_int_equal(format_of_bytes(streams[i].bytes, strlen(streams[i].bytes)), streams[i].format);
}

static void binary_files_are_told(void **state) {
    (void)state;
    assert_null(binary_reason("text", 4));
    assert_null(binary_reason("", 0));
    assert_null(binary_reason("\xff\xfe"
                              "t\0",
                              4));
    assert_null(binary_reason("caf\xe9\t\r\n\x1b[1m", 11));
    assert_non_null(strstr(binary_reason("te\0t", 4), "NUL"));
    assert_non_null(strstr(binary_reason("%PDF-1.4", 8), "PDF"));
    assert_non_null(strstr(binary_reason("\xff\xfe\0\0A\0\0\0", 8), "UTF-32"));
    assert_non_null(strstr(binary_reason("\0\0\xfe\xff\0\0\0A", 8), "UTF-32"));
    assert_non_null(strstr(binary_reason("\x01\x02\x03"
                                         "abcdef",
                                         9),
                           "control characters"));
}

/* Every word of an article that the API gives is in a passage or in a heading, and the body is left where it is. */
static void given_articles_are_cut_in_place(void **state) {
    static const char body[] = "\n\nMOSCOW: " LONG "\nA heading\n" LONG "\nLeave a reply\n";
    lede_article meta = {.key = "k", .key_len = 1, .body = body, .body_len = sizeof body - 1};
    struct parser *p;
    struct article article;
    lede_error err;
    (void)state;
    assert_int_equal(parser_new(&p, &err), LEDE_OK);
    assert_int_equal(parser_cut(p, &meta, LEDE_PASSAGES_CUT, &article, &err), LEDE_OK);
    assert_ptr_equal(article.meta.body, body);
    assert_int_equal(article.passage_count, 2);
    assert_int_equal(article.passages[0].start, 2);
    assert_int_equal(article.passages[1].line, 5);
    assert_memory_equal(body + article.passages[1].heading_start, "A heading", article.passages[1].heading_len);
    assert_int_equal(article.passages[1].start + article.passages[1].len, sizeof body - 2);
    assert_int_equal(parser_cut(p, &meta, LEDE_PASSAGES_WHOLE, &article, &err), LEDE_OK);
    assert_int_equal(article.passage_count, 1);
    meta.body_len = 0;
    meta.body = NULL;
    assert_int_equal(parser_cut(p, &meta, LEDE_PASSAGES_CUT, &article, &err), LEDE_OK);
    assert_int_equal(article.passage_count, 0);
    meta.body = "a\0b";
    meta.body_len = 3;
    assert_int_equal(parser_cut(p, &meta, LEDE_PASSAGES_CUT, &article, &err), LEDE_INVALID);
    meta.body = "caf\xe9";
    meta.body_len = 4;
    assert_int_equal(parser_cut(p, &meta, LEDE_PASSAGES_CUT, &article, &err), LEDE_OK);
    assert_memory_equal(article.meta.body, "café", 5);
    parser_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_understood),          cmocka_unit_test(articles_are_taken_apart),
        cmocka_unit_test(nul_bytes_skip_the_file),       cmocka_unit_test(a_whole_article_is_one_passage),
        cmocka_unit_test(lines_are_those_of_the_source), cmocka_unit_test(formats_are_told_by_name_and_bytes),
        cmocka_unit_test(binary_files_are_told),         cmocka_unit_test(given_articles_are_cut_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
