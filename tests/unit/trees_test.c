/* Records and pages that would take more memory than there is are left out, and told of; what they say they take is
 * what they take, about. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "indexer/formats/trees.h"
#include "support/failing_malloc.h"
#include "support/parsed.h"

/* `head`, `n` times the piece, `tail`. */
static struct span repeated(struct buffer *out, const char *head, const char *piece, size_t n, const char *tail) {
    buffer_clear(out);
    buffer_append(out, head, strlen(head));
    while (n-- > 0)
        buffer_append(out, piece, strlen(piece));
    buffer_append(out, tail, strlen(tail));
    assert_false(out->failed);
    return (struct span){(const char *)out->data, out->len};
}

#define RECORD(piece)                                                                                                  \
    { LEDE_FORMAT_JSONL, "{\"id\":\"a\",\"text\":\"T.\",\"x\":[0", piece, "]}" }
#define PAGE(piece)                                                                                                    \
    { LEDE_FORMAT_HTML, "<html><body><p>T.", piece, "</body></html>" }

static const struct {
    lede_format format;
    const char *head, *piece, *tail;
} inputs[] = {
    RECORD(",1"),
    RECORD(",\"s\""),
    RECORD(",{}"),
    RECORD(",[]"),
    RECORD(",{\"a\":1,\"b\":\"\"}"),
    PAGE("<p>"),
    PAGE("<p>x"),
    PAGE("<p>x</p> "),
    PAGE("<br>"),
    PAGE("<p a=1 b=2>"),
    PAGE("<!--x-->"),
    PAGE("<a href='x'>y</a>"),
};
enum { INPUTS = sizeof inputs / sizeof *inputs, PIECES = 20000 };

static size_t estimate(size_t i, struct span text) {
    return inputs[i].format == LEDE_FORMAT_HTML ? trees_of_html(text) : trees_of_json(text);
}

static lede_status take_nothing(void *ctx, const struct article *a, lede_error *err) {
    (void)ctx, (void)a, (void)err;
    return LEDE_OK;
}

static void warn_nothing(void *ctx, lede_warning_kind kind, const char *path, uint32_t line, const char *why) {
    (void)kind, (void)path, (void)line, (void)why;
    ++*(size_t *)ctx;
}

/* How many records or files are left out. */
static size_t skipped(size_t i, struct span text, struct trees *trees) {
    size_t warnings = 0;
    struct parser *p;
    const struct parse_input input = {inputs[i].format, LEDE_PASSAGES_CUT, "/a/file", text.s, text.n, 1, 1};
    struct parse_sink sink = {&warnings, take_nothing, warn_nothing, 0, 0};
    assert_int_equal(parser_new(&p, NULL), LEDE_OK);
    parser_limit(p, trees);
    assert_int_equal(parser_run(p, &input, &sink, NULL), LEDE_OK);
    parser_free(p);
    return warnings;
}

static void large_ones_are_left_out(void **state) {
    struct buffer text = BUFFER_EMPTY;
    struct trees trees;
    (void)state;
    for (size_t i = 0; i < INPUTS; i++) {
        struct span t = repeated(&text, inputs[i].head, inputs[i].piece, PIECES, inputs[i].tail);
        size_t bytes = estimate(i, t);
        assert_true(trees_init(&trees, 2 * bytes, 3));
        assert_int_equal(skipped(i, t, &trees), 0);
        assert_true(pthread_mutex_trylock(&trees.large) == 0); /* it was given back */
        pthread_mutex_unlock(&trees.large);
        trees_release(&trees);
        assert_true(trees_init(&trees, 2 * bytes - 2, 3));
        assert_int_equal(skipped(i, t, &trees), 1);
        trees_release(&trees);
        assert_int_equal(skipped(i, t, NULL), 0);
    }
    buffer_release(&text);
}

/* Text is no more than text, whatever is in it. */
static void strings_are_not_looked_into(void **state) {
    struct buffer text = BUFFER_EMPTY;
    (void)state;
    struct span t = repeated(&text, "{\"text\":\"", "1,{[:\\\"\\\\", PIECES, "\"}");
    assert_true(trees_of_json(t) < t.n + 1024);
    t = repeated(&text, "<p>", "1 > 2, a=b, ", PIECES, "</p>");
    assert_true(trees_of_html(t) < t.n + 1024);
    buffer_release(&text);
}

static void a_tag_of_too_many_attributes_is_broken(void **state) {
    struct buffer text = BUFFER_EMPTY, out = BUFFER_EMPTY;
    (void)state;
    struct span t = repeated(&text, "<html><body><p", " a=1", TREES_ATTRIBUTES_MAX + 1, ">T.</body></html>");
    assert_int_equal(trees_attributes(t), TREES_ATTRIBUTES_MAX + 1);
    assert_int_equal(parsed_run(&out, LEDE_FORMAT_HTML, LEDE_PASSAGES_CUT, t.s, t.n), LEDE_OK);
    assert_string_equal((const char *)out.data,
                        "skipped /a/file:0: a tag with more attributes than any page has; broken?\n");
    t = repeated(&text, "<html><body><p a=1>T.</p>", " a", TREES_ATTRIBUTES_MAX + 1, "< b </body></html>");
    assert_int_equal(trees_attributes(t), 1);
    buffer_release(&text);
    buffer_release(&out);
}

/* Bytes that a process of its own takes to read it. */
static size_t peak(size_t i, struct span text, struct trees *trees) {
    int status;
    struct rusage usage;
    malloc_trim(0); /* what is free here the child would use first */
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit((int)skipped(i, text, trees));
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return (size_t)usage.ru_maxrss * 1024;
}

static void estimates_are_not_too_low(void **state) {
    struct buffer text = BUFFER_EMPTY, little = BUFFER_EMPTY;
    struct trees trees;
    (void)state;
    if (!FAILING_MALLOC)
        skip(); /* a sanitizer takes memory of its own */
    assert_true(trees_init(&trees, SIZE_MAX, 1));
    for (size_t i = 0; i < INPUTS; i++) {
        struct span t = repeated(&text, inputs[i].head, inputs[i].piece, PIECES, inputs[i].tail);
        size_t bytes = estimate(i, t), taken = peak(i, t, &trees);
        taken -= peak(i, repeated(&little, inputs[i].head, inputs[i].piece, 1, inputs[i].tail), &trees);
        print_message("%s: %zu KiB of %zu\n", inputs[i].piece, taken / 1024, bytes / 1024);
        assert_true(taken <= bytes + bytes / 4);
    }
    trees_release(&trees);
    buffer_release(&text);
    buffer_release(&little);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_are_not_too_low),
        cmocka_unit_test(large_ones_are_left_out),
        cmocka_unit_test(strings_are_not_looked_into),
        cmocka_unit_test(a_tag_of_too_many_attributes_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
