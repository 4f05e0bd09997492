/* Completion: words as written, frequencies added up over segments, the most frequent first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/built_index.h"

static void add(struct built_index *b, const char *key, const char *body) {
    const struct passage all = {.len = (uint32_t)strlen(body), .line = 1};
    struct article article = {.passages = &all, .passage_count = 1};
    article.meta.key = key;
    article.meta.key_len = strlen(key);
    article.meta.body = body;
    article.meta.body_len = strlen(body);
    built_index_add(b, &article);
}

static int setup(void **state) {
    struct built_index *b = malloc(sizeof *b);
    if (!b)
        return -1;
    built_index_init(b, "english");
    add(b, "1", "Treaty treaties treat water");
    add(b, "2", "waters Straße");
    built_index_flush(b);
    add(b, "3", "treaties Treaties TREATED wait");
    built_index_flush(b);
    *state = b;
    return 0;
}

static int teardown(void **state) {
    built_index_release(*state);
    free(*state);
    return 0;
}

struct visits {
    char text[256];
    size_t len, left;
};

static int visit(void *ctx, const char *word, size_t len, uint64_t frequency) {
    struct visits *v = ctx;
    assert_int_equal(strlen(word), len);
    v->len +=
        (size_t)snprintf(v->text + v->len, sizeof v->text - v->len, "%s %llu, ", word, (unsigned long long)frequency);
    return --v->left == 0;
}

static void check(struct built_index *b, const char *prefix, size_t limit, size_t stop, const char *expected) {
    struct visits v = {.left = stop};
    lede_error err;
    built_check(lede_index_complete(&b->index, prefix, strlen(prefix), limit, visit, &v, &err), &err);
    assert_string_equal(v.text, expected);
}

static void most_frequent_come_first(void **state) {
    check(*state, "tr", 10, 10, "treaties 3, treat 1, treated 1, treaty 1, ");
    check(*state, "treat", 2, 10, "treaties 3, treat 1, ");
    check(*state, "wa", 10, 10, "wait 1, water 1, waters 1, ");
    check(*state, "waters", 10, 10, "waters 1, ");
    check(*state, "watersx", 10, 10, "");
    check(*state, "zz", 10, 10, "");
    check(*state, "tr", 0, 10, "");
    check(*state, "", 1, 10, "treaties 3, ");
}

static void prefix_is_folded(void **state) {
    check(*state, "TREATI", 10, 10, "treaties 3, ");
    check(*state, "Stra\u00df", 10, 10, "strasse 1, ");
    check(*state, "tréat", 1, 10, "treaties 3, ");
    check(*state, "\xff", 10, 10, "");
}

static void visitor_can_stop(void **state) {
    check(*state, "tr", 10, 1, "treaties 3, ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(most_frequent_come_first),
        cmocka_unit_test(prefix_is_folded),
        cmocka_unit_test(visitor_can_stop),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
