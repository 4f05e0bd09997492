/* Retrieval through the gate against retrieval of everything: trees of all operators, with filters, on segments large
 * enough that frequent words have maxima. Ids and scores must be equal to the last bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/maxima.h"
#include "searcher/search.h"
#include "support/built_index.h"
#include "support/random.h"

enum { WORDS = 40, TEXT = 4096 };

/* Word n is in about one passage of n, in bunches: near passages have the same subjects. Some of them are
 * plurals. */
static size_t make_text(struct random *r, char *text, uint32_t number) {
    size_t len = 0;
    uint32_t subject = number / 500 % WORDS;
    for (uint32_t w = 0; w < WORDS; w++) {
        bool here = random_below(r, w + 1) == 0 || (w == subject && random_below(r, 2) == 0);
        for (uint32_t k = here ? 1 + random_below(r, random_below(r, 8) ? 2 : 7) : 0; k > 0; k--)
            len += (size_t)sprintf(text + len, "wa%ut%s%s ", w, random_below(r, 4) ? "" : "s",
                                   random_below(r, 6) ? "" : ". Wa");
    }
    for (uint32_t k = random_below(r, random_below(r, 20) ? 60 : 400); k > 0; k--)
        len += (size_t)sprintf(text + len, "x ");
    return len;
}

/* Dates are mostly in order, a thousand passages a day; the first of the languages is everywhere, the last hardly. */
static void add_passages(struct built_index *b, struct random *r, uint32_t count, bool split) {
    static const char *const languages[] = {"en", "de", "fr", "ru"}, *const bylines[] = {"", "A. Sharma", "R. Gupta"};
    for (uint32_t i = 0; i < count; i++) {
        char text[TEXT], key[16];
        uint32_t day = random_below(r, 8) ? i / 1000 : random_below(r, 28), odd = random_below(r, 1000);
        uint32_t len = (uint32_t)make_text(r, text, i), half = split && i % 3 == 0 ? len / 2 : len;
        struct passage passages[] = {{.len = half, .line = 1}, {.start = half, .len = len - half, .line = 1}};
        struct article a = {.meta = {.key = key,
                                     .key_len = (size_t)sprintf(key, "%u", i),
                                     .line = 1,
                                     .body = text,
                                     .body_len = len,
                                     .date = random_below(r, 50) ? (lede_date)(20250101 + day) : 0,
                                     .language = languages[odd < 600   ? 0
                                                           : odd < 950 ? 1
                                                           : odd < 995 ? 2
                                                                       : 3],
                                     .language_len = 2,
                                     .byline = bylines[i % 3],
                                     .byline_len = strlen(bylines[i % 3])},
                            .passages = passages,
                            .passage_count = half < len ? 2 : 1};
        built_index_add(b, &a);
    }
    built_index_flush(b);
}

static size_t random_filter(struct random *r, char *text) {
    static const char *const filters[] = {"lang:en", "lang:de", "lang:fr", "lang:ru", "byline:sharma", "lang:xx"};
    const char *sign = random_below(r, 5) ? "" : "-";
    uint32_t from = 1 + random_below(r, 28), to = from + random_below(r, random_below(r, 2) ? 3 : 29 - from);
    if (random_below(r, 2))
        return (size_t)sprintf(text, " %s%s", sign, filters[random_below(r, 6)]);
    return (size_t)sprintf(text, " %sdate:2025-01-%02u..2025-01-%02u", sign, from, to < 31 ? to : 31);
}

/* Words of every kind, most of them frequent. */
static size_t random_operand(struct random *r, char *text) {
    static const char *const patterns[] = {"wa1*", "wa*ts", "wa?t", "wa1?ts", "wa2*", "wa12t~", "wa3ts~", "wa*"};
    uint32_t w = random_below(r, 1 + random_below(r, WORDS));
    switch (random_below(r, 6)) {
    case 0: return (size_t)sprintf(text, "=wa%ut%s", w, random_below(r, 2) ? "s" : "");
    case 1: return (size_t)sprintf(text, "%s", patterns[random_below(r, 8)]);
    case 2: return (size_t)sprintf(text, "\"wa%ut wa%ut\"", w, w + random_below(r, 3));
    default: return (size_t)sprintf(text, "wa%ut", w);
    }
}

static size_t random_tree(struct random *r, char *text, unsigned depth) {
    static const char *const heads[] = {"NEAR/3(", "ADJ/4(", "SENTENCE(", "PASSAGE(", "body:("};
    static const char *const joints[] = {" ", " AND ", " OR ", " NOT "};
    uint32_t kind = depth < 2 ? random_below(r, 9) : 8, n = 2 + random_below(r, 2);
    if (kind == 8)
        return random_operand(r, text);
    bool in_row = kind < 4;
    const char *joint = in_row ? " " : joints[random_below(r, 4)];
    size_t len = (size_t)sprintf(text, "%s", kind < 5 ? heads[kind] : "(");
    for (uint32_t i = 0; i < n; i++) {
        len += (size_t)sprintf(text + len, "%s", i ? joint : "");
        len += in_row ? random_operand(r, text + len) : random_tree(r, text + len, depth + 1);
    }
    len += (size_t)sprintf(text + len, "%s", kind == 7 ? ")/2" : ")");
    return len;
}

static void random_trees(struct random *r, char *text) {
    static const char *const signs[] = {"", "", "+", "-"};
    for (uint32_t n = 1 + random_below(r, 2); n > 0; n--) {
        text += sprintf(text, " %s", signs[random_below(r, 4)]);
        text += random_tree(r, text, 0);
    }
}

static void random_query(struct random *r, char *text) {
    random_trees(r, text);
    for (uint32_t n = random_below(r, 2) ? 0 : 1 + random_below(r, 2); n > 0; n--)
        random_filter(r, text + strlen(text));
}

static void assert_same(lede_results *a, lede_results *b, const char *query) {
    assert_int_equal(lede_results_count(a), lede_results_count(b));
    for (size_t i = 0; i < lede_results_count(a); i++) {
        const lede_hit *x = lede_results_hit(a, i), *y = lede_results_hit(b, i);
        if (x->passage != y->passage || x->score != y->score)
            fail_msg("query %s: hit %zu is %llu (%.17g), not %llu (%.17g)", query, i, (unsigned long long)y->passage,
                     y->score, (unsigned long long)x->passage, x->score);
    }
}

/* Returns how many of the strategies passed over something. */
static int compare(struct built_index *b, struct random *r) {
    int skipped = 0;
    static const size_t limits[] = {1, 10, 10, 100, 1000, 30000};
    static const double k1s[] = {0, 0, 0, 0.9, 2, -1}, bs[] = {0, 0, 0, 0.4, 1, -1};
    char text[1024];
    lede_query *query;
    lede_results *all, *best;
    lede_error err;
    random_query(r, text);
    lede_search_options o = {
        .limit = limits[random_below(r, 6)], .k1 = k1s[random_below(r, 6)], .b = bs[random_below(r, 6)]};
    built_check(lede_query_parse(&query, &b->index, text, strlen(text), NULL, &err), &err);
    built_check(search_by(&all, &b->index, query, &o, STRATEGY_DOCUMENTS, &err), &err);
    for (enum strategy strategy = STRATEGY_ALL; strategy <= STRATEGY_GATE; strategy++) {
        bool exact;
        o.count = random_below(r, 2);
        built_check(search_by(&best, &b->index, query, &o, strategy, &err), &err);
        assert_same(all, best, text);
        uint64_t total = lede_results_total(all, NULL), found = lede_results_total(best, &exact);
        assert_true(exact ? found == total : found <= total && !o.count);
        skipped += !exact;
        lede_results_free(best);
    }
    lede_results_free(all);
    lede_query_free(query);
    return skipped;
}

static void trees_equal_everything(void **state) {
    struct random *r = *state;
    struct built_index b;
    built_index_init(&b, "english");
    add_passages(&b, r, 9000, false);
    add_passages(&b, r, 1500, true);
    int skipped = 0;
    for (int i = 0; i < 150; i++)
        skipped += compare(&b, r);
    assert_true(skipped > 0);
    for (int i = 0; i < 1000; i++)
        built_index_delete(&b, (size_t)i % 2, random_below(r, 1500) * (i % 2 == 1 ? 1 : 6));
    for (int i = 0; i < 50; i++)
        compare(&b, r);
    built_index_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(trees_equal_everything, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
