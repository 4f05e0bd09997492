/* Retrieval through the gate against retrieval of everything: trees of all operators, with filters, on segments large
 * enough that frequent words have maxima; by score and by date, of passages and of articles. Ids and scores must be
 * equal to the last bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/codecs/maxima.h"
#include "searcher/search.h"
#include "support/dated_articles.h"

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

static void add_passages(struct built_index *b, struct random *r, uint32_t count, bool split) {
    for (uint32_t i = 0; i < count; i++) {
        char text[TEXT];
        uint32_t len = (uint32_t)make_text(r, text, i);
        add_dated_article(b, r, i, text, len, split);
    }
    built_index_flush(b);
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
    if (random_below(r, 4) == 0)
        o.sort = random_below(r, 2) ? LEDE_SORT_NEWEST : LEDE_SORT_OLDEST;
    if (random_below(r, 4) == 0)
        o.group = LEDE_GROUP_ARTICLE;
    built_check(lede_query_parse(&query, &b->index, text, strlen(text), NULL, &err), &err);
    built_check(search_by(&all, &b->index, query, &o, STRATEGY_DOCUMENTS, &err), &err);
    for (enum strategy strategy = STRATEGY_ALL; strategy <= STRATEGY_GATE; strategy++) {
        bool exact;
        o.count = random_below(r, 2);
        built_check(search_by(&best, &b->index, query, &o, strategy, &err), &err);
        assert_same_hits(all, best, text);
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
    /* Most queries leave nothing to pass over; that none of 150 does happens in one run of many. */
    for (int i = 0; i < 150 || (skipped == 0 && i < 3000); i++)
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
