/* Which words light up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "searcher/match/highlight.h"

/* The text with brackets around what is lit. */
static void mark(struct buffer *out, const char *text, const struct highlight *h) {
    uint32_t at = 0;
    for (size_t i = 0; i < h->count; i++) {
        assert_true(h->spans[i].start >= at && h->spans[i].end > h->spans[i].start);
        buffer_append(out, text + at, h->spans[i].start - at);
        buffer_append_u8(out, '[');
        buffer_append(out, text + h->spans[i].start, h->spans[i].end - h->spans[i].start);
        buffer_append_u8(out, ']');
        at = h->spans[i].end;
    }
    buffer_append(out, text + at, strlen(text + at) + 1);
}

static void check(const char *language, const char *query, const char *text, const char *expected) {
    struct arena arena = ARENA_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct analyzer *analyzer;
    struct lede_query *q;
    struct highlight h;
    assert_int_equal(analyzer_new(&analyzer, language, NULL), LEDE_OK);
    assert_int_equal(query_parse(&q, &(struct query_target){language, true}, query, strlen(query), NULL, NULL),
                     LEDE_OK);
    assert_int_equal(
        highlight_text(&h, &arena, analyzer, q, &(struct field_text){FIELD_BODY, text, strlen(text)}, NULL), LEDE_OK);
    mark(&out, text, &h);
    assert_string_equal((const char *)out.data, expected);
    buffer_release(&out);
    lede_query_free(q);
    analyzer_free(analyzer);
    arena_release(&arena);
}

static void words_light_up_where_their_stems_match(void **state) {
    (void)state;
    check("english", "negotiations Simla", "Negotiating at simla, they negotiate.",
          "[Negotiating] at [simla], they [negotiate].");
    check("none", "negotiations Simla", "Negotiating at simla.", "Negotiating at [simla].");
    check("english", "resume", "A résumé of the war’s resumés", "A [résumé] of the war’s [resumés]");
    check("english", "simla", "", "");
    check("english", "", "Simla", "Simla");
}

static void exclusions_stay_dark(void **state) {
    (void)state;
    check("english", "+simla -delhi", "Simla, not Delhi", "[Simla], not Delhi");
    check("english", "simla -\"new delhi\" -simla", "New Delhi, Simla", "New Delhi, [Simla]");
}

static void phrases_light_up_as_a_whole_alone(void **state) {
    (void)state;
    check("english", "\"simla accord\"", "An accord: the Simla accords of Simla.",
          "An accord: the [Simla] [accords] of Simla.");
    check("english", "\"simla accord\" simla", "accord, Simla accord, Simla", "accord, [Simla] [accord], [Simla]");
    check("none", "\"a b a\"", "a b a b a a b", "[a] [b] [a] [b] [a] a b");
    check("none", "+\"x y\" \"y z\"", "x y z, y, z", "[x] [y] [z], [y], [z]");
    check("none", "\"x y z\"", "x y", "x y");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_light_up_where_their_stems_match),
        cmocka_unit_test(exclusions_stay_dark),
        cmocka_unit_test(phrases_light_up_as_a_whole_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
