/* Retrieval through the gate, and by stems, against retrieval of everything: trees of all operators, with filters, on
 * segments large enough that frequent words have maxima; by score and by date, of passages and of articles. Ids and
 * scores must be equal to the last bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/codecs/maxima.h"
#include "searcher/search.h"
#include "support/dated_articles.h"

enum { WORDS = 40, TEXT = 4096 };

/* Forms of a word that is mostly plain: plurals, and some that are very rare; in whatever letters. */
static const char *random_ending(struct random *r) {
    static const char *const rare[] = {"ing", "ed", "'s", "S", "\xe2\x80\x99s", "ing\xc2\xa0", "\xcc\x81s", "ings"};
    return random_below(r, 4) ? "" : random_below(r, 40) ? "s" : rare[random_below(r, 8)];
}

/* Word n is in about one passage of n, in bunches: near passages have the same subjects. A few words have other forms
 * than the plain one in the first segment alone; of these some have hardly a plain one there. */
static size_t make_text(struct random *r, char *text, uint32_t number, bool split) {
    size_t len = 0;
    uint32_t subject = number / 500 % WORDS;
    for (uint32_t w = 0; w < WORDS; w++) {
        bool here = random_below(r, w + 1) == 0 || (w == subject && random_below(r, 2) == 0);
        for (uint32_t k = here ? 1 + random_below(r, random_below(r, 8) ? 2 : 7) : 0; k > 0; k--)
            len += (size_t)sprintf(text + len, "wa%ut%s%s ", w, random_ending(r), random_below(r, 6) ? "" : ". Wa");
    }
    for (uint32_t k = random_below(r, 3); k > 0; k--)
        len += (size_t)sprintf(text + len, "we%ut%s ", random_below(r, 3), split ? "" : random_ending(r));
    if (random_below(r, split ? 60 : 6) == 0)
        len += (size_t)sprintf(text + len, "wo%ut%s ", random_below(r, 3), split || !random_below(r, 400) ? "" : "s");
    for (uint32_t k = random_below(r, random_below(r, 20) ? 60 : 400); k > 0; k--)
        len += (size_t)sprintf(text + len, "x ");
    return len;
}

static void add_passages(struct built_index *b, struct random *r, uint32_t count, bool split) {
    for (uint32_t i = 0; i < count; i++) {
        char text[TEXT];
        uint32_t len = (uint32_t)make_text(r, text, i, split);
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

/* Any of some words, of which some are wanted as typed, alone or besides their stems; as those with names are run. */
static void random_words(struct random *r, char *text) {
    static const char *const forms[] = {"", "s", "ing", "ed", "ings", "s"};
    for (uint32_t n = 1 + random_below(r, 4); n > 0; n--) {
        uint32_t w = random_below(r, 1 + random_below(r, WORDS));
        const char *ab = random_below(r, 5) ? "a" : random_below(r, 2) ? "e" : "o", *form = forms[random_below(r, 6)];
        form = *ab == 'o' ? "" : form;
        w = *ab == 'a' ? w : w % 3;
        switch (random_below(r, 4)) {
        case 0: text += sprintf(text, " w%s%ut", ab, w); break;
        case 1: text += sprintf(text, " =w%s%ut%s^%u", ab, w, form, 1 + random_below(r, 2)); break;
        case 2: text += sprintf(text, " (=w%s%ut%s OR w%s%ut^0.2)", ab, w, form, ab, w); break;
        default: text += sprintf(text, " (=w%s%uts^0.5 OR =w%s%ut%s^0.5 OR w%s%ut^0.1)", ab, w, ab, w, form, ab, w);
        }
    }
}

static void random_query(struct random *r, char *text) {
    if (random_below(r, 2))
        random_trees(r, text);
    else
        random_words(r, text);
    for (uint32_t n = random_below(r, 2) ? 0 : 1 + random_below(r, 2); n > 0; n--)
        random_filter(r, text + strlen(text));
}

/* Returns how many of the strategies passed over something. */
static int compare_query(struct built_index *b, struct random *r, const char *text) {
    int skipped = 0;
    static const size_t limits[] = {1, 10, 10, 100, 1000, 30000};
    static const double k1s[] = {0, 0, 0, 0.9, 2, -1}, bs[] = {0, 0, 0, 0.4, 1, -1};
    lede_query *query;
    lede_results *all, *best;
    lede_error err;
    lede_search_options o = {
        .limit = limits[random_below(r, 6)], .k1 = k1s[random_below(r, 6)], .b = bs[random_below(r, 6)]};
    if (random_below(r, 4) == 0)
        o.sort = random_below(r, 2) ? LEDE_SORT_NEWEST : LEDE_SORT_OLDEST;
    if (random_below(r, 4) == 0)
        o.group = LEDE_GROUP_ARTICLE;
    built_check(lede_query_parse(&query, &b->index, text, strlen(text), NULL, &err), &err);
    built_check(search_by(&all, &b->index, query, &o, STRATEGY_DOCUMENTS, &err), &err);
    for (enum strategy strategy = STRATEGY_ALL; strategy <= STRATEGY_STEMS; strategy++) {
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

static int compare(struct built_index *b, struct random *r) {
    char text[1024];
    random_query(r, text);
    return compare_query(b, r, text);
}

/* Words of which texts have to be asked for in one segment, and in the other not. */
static void compare_mixed(struct built_index *b, struct random *r) {
    static const char *const queries[] = {"=wo0t", "=wo1t (=wo2t OR wo2t^0.2)", "(=wo2t OR wo2t^0.2)", "=we0t =wo0t"};
    for (int i = 0; i < 20; i++)
        compare_query(b, r, queries[i % 4]);
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
    compare_mixed(&b, r);
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
