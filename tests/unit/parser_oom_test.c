/* Memory runs out at each allocation of a parser in turn: it says so, and leaks nothing of what it had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "indexer/formats/parser.h"
#include "tests/support/failing_malloc.h"

static lede_status take(void *ctx, const struct article *article, lede_error *err) {
    (void)err;
    *(uint64_t *)ctx += article->passage_count + 1000;
    return LEDE_OK;
}

static void warn(void *ctx, lede_warning_kind kind, const char *path, uint32_t line, const char *why) {
    (void)kind;
    (void)path;
    (void)line;
    (void)why;
    *(uint64_t *)ctx += 1;
}

struct input {
    lede_format format;
    const char *bytes;
};

#define TEXT                                                                                                           \
    "The minister spoke for an hour in the old hall above the river, and those who heard him say that he did not "     \
    "once look at his paper. "

static const struct input inputs[] = {
    {LEDE_FORMAT_TEXT,
     "A title\nBy Jane Doe\n" TEXT "\n" TEXT TEXT "\nA heading\n" TEXT TEXT TEXT "\n(with PTI inputs)\n"},
    {LEDE_FORMAT_TEXT, "caf\xe9\n" TEXT},
    {LEDE_FORMAT_MARKDOWN, "---\ntitle: T\nauthor: [A, B]\n---\n" TEXT TEXT "\n\n## Heading\n\n*" TEXT "* [a](b)\n"},
    {LEDE_FORMAT_MARKDOWN, "# T\n\n" TEXT},
    {LEDE_FORMAT_JSONL, "{\"id\": 1, \"title\": \"T\", \"text\": \"" TEXT "\\n" TEXT "\", \"author\": [\"A\", \"B\"]}\n"
                        "{\"id\": \"2\", \"contents\": \"caf\xe9\"}\nbad\n"},
    {LEDE_FORMAT_HTML,
     "<script type='application/ld+json'>{\"@graph\": [{\"@type\": \"NewsArticle\", \"headline\": \"H\", "
     "\"author\": [{\"@id\": \"#a\"}]}, {\"@id\": \"#a\", \"name\": \"A\"}]}</script><p>" TEXT},
    {LEDE_FORMAT_HTML, "<meta name=author content=A><h1>T</h1><p>" TEXT "<h2>Heading</h2><p>" TEXT TEXT TEXT},
    {LEDE_FORMAT_TSV, "1\ttext\n2\tcaf\xe9\nbad\n"},
};

/* What was seen, as one number. */
static lede_status parse(const struct input *in, uint64_t *seen) {
    struct parser *p = NULL;
    struct parse_input input = {in->format, LEDE_PASSAGES_CUT, "/a/file", in->bytes, strlen(in->bytes), 1, 1};
    struct parse_sink sink = {seen, take, warn, 0, 0};
    lede_article meta = {.key = "k", .key_len = 1, .body = in->bytes, .body_len = strlen(in->bytes)};
    struct article article;
    lede_error err = {.status = LEDE_OK};
    *seen = 0;
    lede_status status = parser_new(&p, &err);
    if (!status)
        status = parser_run(p, &input, &sink, &err);
    if (!status)
        status = parser_cut(p, &meta, LEDE_PASSAGES_CUT, &article, &err);
    assert_int_equal(status, err.status);
    parser_free(p);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    if (!FAILING_MALLOC)
        skip();
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        uint64_t expected, seen;
        assert_int_equal(parse(&inputs[i], &expected), LEDE_OK);
        lede_status status = LEDE_NOMEM;
        for (long n = 0; status; n++) {
            failing_malloc_after(n);
            status = parse(&inputs[i], &seen);
            failing_malloc_never();
            assert_true(status == LEDE_OK || status == LEDE_NOMEM);
            assert_true(n > 4 || status);
        }
        assert_int_equal(seen, expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
