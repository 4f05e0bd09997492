/* What is counted over all that matches, against a count by hand: facets, the order by date; and words that tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

enum { ARTICLES = 400 };

static const char *const bylines[] = {"", "Ana", "Ben", "Cleo Ö."};

/* Articles of one passage; even ones match "simla", more often the more they are worth. */
struct model {
    struct random *random;
    struct folder folder;
    lede_index *index;
    lede_date dates[ARTICLES];
    unsigned byline[ARTICLES];
    bool matches[ARTICLES];
};

static lede_date random_date(struct random *r) {
    lede_date date = (2020 + random_below(r, 4)) * 10000;
    if (random_below(r, 8) == 0)
        return 0;
    if (random_below(r, 8) == 0)
        return date;
    date += (1 + random_below(r, 12)) * 100;
    return random_below(r, 8) ? date + 1 + random_below(r, 28) : date;
}

static void add(struct model *m, lede_writer *w, size_t i) {
    char key[16], body[256] = "";
    snprintf(key, sizeof key, "k%zu", i);
    m->dates[i] = random_date(m->random);
    m->byline[i] = random_below(m->random, 4);
    m->matches[i] = random_below(m->random, 2);
    for (size_t n = 1 + random_below(m->random, 12), at = 0; n > 0; n--)
        at += (size_t)snprintf(body + at, sizeof body - at, "%s ",
                               m->matches[i] && (n == 1 || random_below(m->random, 3) == 0) ? "simla" : "rain");
    const lede_article a = {.key = key,
                            .key_len = strlen(key),
                            .body = body,
                            .body_len = strlen(body),
                            .byline = bylines[m->byline[i]],
                            .byline_len = strlen(bylines[m->byline[i]]),
                            .date = m->dates[i]};
    MUST(lede_writer_add_article(w, &a, err));
}

static int setup(void **state) {
    struct model *m = calloc(1, sizeof *m);
    if (!m || random_setup((void **)&m->random))
        return -1;
    folder_make(&m->folder);
    const char *path = folder_entry(&m->folder, "a.lede");
    lede_writer *w = writer_on(path, NULL);
    for (size_t i = 0; i < ARTICLES; i++) {
        add(m, w, i);
        if (i % 150 == 149)
            MUST(lede_writer_commit(w, NULL, err));
    }
    uint64_t deleted;
    for (size_t i = 0; i < ARTICLES; i += 7) {
        char key[16];
        MUST(lede_writer_delete(w, key, (size_t)snprintf(key, sizeof key, "k%zu", i), &deleted, err));
        m->matches[i] = false;
    }
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&m->index, path, err));
    *state = m;
    return 0;
}

static int teardown(void **state) {
    struct model *m = *state;
    lede_index_close(m->index);
    folder_remove(&m->folder);
    random_teardown((void **)&m->random);
    free(m);
    return 0;
}

static lede_query *parse(struct model *m, const char *text) {
    lede_query *q;
    MUST(lede_query_parse(&q, m->index, text, strlen(text), NULL, err));
    return q;
}

/* The value of an article as a facet has it. */
static const char *value_of(const struct model *m, size_t i, lede_facet facet, char text[16]) {
    unsigned year = m->dates[i] / 10000, month = m->dates[i] / 100 % 100, day = m->dates[i] % 100;
    *text = '\0';
    if (facet == LEDE_FACET_BYLINE)
        return bylines[m->byline[i]];
    if (year)
        snprintf(text, 16, "%04u", year % 10000);
    if (month && facet != LEDE_FACET_YEAR)
        snprintf(text, 16, "%04u-%02u", year % 10000, month % 100);
    if (day && facet == LEDE_FACET_DAY)
        snprintf(text, 16, "%04u-%02u-%02u", year % 10000, month % 100, day % 100);
    return text;
}

static void facets_equal_a_count_by_hand(void **state) {
    static const lede_facet all[] = {LEDE_FACET_YEAR, LEDE_FACET_MONTH, LEDE_FACET_DAY, LEDE_FACET_BYLINE};
    struct model *m = *state;
    lede_query *q = parse(m, "simla");
    for (size_t f = 0; f < sizeof all / sizeof *all; f++) {
        const lede_facet_options options = {.facet = all[f]}, some = {.facet = all[f], .limit = 2, .by_value = true};
        lede_facets *facets, *two;
        char text[16];
        uint64_t total = 0, sum = 0, last = UINT64_MAX;
        MUST(lede_index_facets(&facets, m->index, q, &options, err));
        for (size_t i = 0; i < ARTICLES; i++)
            total += m->matches[i];
        for (size_t v = 0; v < lede_facets_count(facets); v++) {
            const lede_facet_value *value = lede_facets_value(facets, v);
            uint64_t expected = 0;
            for (size_t i = 0; i < ARTICLES; i++)
                expected += m->matches[i] && strcmp(value_of(m, i, all[f], text), value->value) == 0;
            assert_int_equal(value->passages, expected);
            assert_int_equal(value->articles, expected);
            assert_int_equal(value->len, strlen(value->value));
            assert_true(value->passages <= last);
            last = value->passages;
            sum += value->passages;
        }
        assert_int_equal(sum, total);
        assert_int_equal(lede_facets_total(facets, NULL).passages, total);
        assert_null(lede_facets_value(facets, lede_facets_count(facets)));
        size_t distinct;
        MUST(lede_index_facets(&two, m->index, q, &some, err));
        assert_int_equal(lede_facets_count(two), 2);
        assert_true(strcmp(lede_facets_value(two, 0)->value, lede_facets_value(two, 1)->value) < 0);
        assert_int_equal(lede_facets_total(two, &distinct).articles, total);
        assert_int_equal(distinct, lede_facets_count(facets));
        lede_facets_free(two);
        lede_facets_free(facets);
    }
    lede_query_free(q);
}

/* Whatever letters a name is written in, it is counted once, under the spelling that most articles have. */
static void spellings_are_one_name(void **state) {
    (void)state;
    static const struct {
        const char *place;
        unsigned articles;
    } cases[] = {{"Moscow", 3}, {"MOSCOW", 2},     {"moscow", 2},   {"NEW DELHI", 2}, {"New  Delhi", 2},
                 {"Delhi", 1},  {"", 2},           {"MALMÖ", 2},    {"Malmo", 1},     {"...", 1},
                 {"-", 1},      {"St. Gallen", 1}, {"ST GALLEN", 1}};
    enum { CASES = sizeof cases / sizeof *cases };
    static const struct {
        const char *shown;
        uint64_t articles;
    } expected[] = {{"Moscow", 7},    {"NEW DELHI", 4}, {"MALMÖ", 3}, {"", 2},
                    {"ST GALLEN", 2}, {"-", 1},         {"...", 1},   {"Delhi", 1}};
    static const lede_facet facets[] = {LEDE_FACET_DATELINE, LEDE_FACET_BYLINE, LEDE_FACET_CREDIT};
    struct folder folder;
    lede_writer *w;
    lede_index *index;
    lede_query *q;
    unsigned n = 0;
    folder_make(&folder);
    MUST(lede_writer_open(&w, folder_entry(&folder, "i.lede"), NULL, err));
    for (size_t i = 0; i < CASES; i++)
        for (unsigned k = 0; k < cases[i].articles; k++) {
            char key[16];
            const char *place = cases[i].place;
            size_t len = strlen(place);
            const lede_article a = {.key = key,
                                    .key_len = (size_t)snprintf(key, sizeof key, "k%u", n++),
                                    .body = "simla",
                                    .body_len = 5,
                                    .dateline = place,
                                    .dateline_len = len,
                                    .byline = place,
                                    .byline_len = len,
                                    .credit = place,
                                    .credit_len = len};
            MUST(lede_writer_add_article(w, &a, err));
        }
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&index, folder_entry(&folder, "i.lede"), err));
    MUST(lede_query_parse(&q, index, "simla", 5, NULL, err));
    for (size_t f = 0; f < sizeof facets / sizeof *facets; f++) {
        lede_facets *counts;
        size_t distinct;
        MUST(lede_index_facets(&counts, index, q, &(lede_facet_options){.facet = facets[f], .limit = 7}, err));
        assert_int_equal(lede_facets_total(counts, &distinct).articles, n);
        assert_int_equal(distinct, sizeof expected / sizeof *expected);
        assert_int_equal(lede_facets_count(counts), 7);
        for (size_t i = 0; i < lede_facets_count(counts); i++) {
            assert_string_equal(lede_facets_value(counts, i)->value, expected[i].shown);
            assert_int_equal(lede_facets_value(counts, i)->articles, expected[i].articles);
            assert_int_equal(lede_facets_value(counts, i)->passages, expected[i].articles);
        }
        lede_facets_free(counts);
    }
    /* What the filter finds is what the facet counts. */
    lede_query_free(q);
    lede_results *results;
    bool exact;
    MUST(lede_query_parse(&q, index, "simla byline:moscow", 19, NULL, err));
    MUST(lede_search(&results, index, q, &(lede_search_options){.count = true}, err));
    assert_int_equal(lede_results_total(results, &exact), 7);
    lede_results_free(results);
    lede_query_free(q);
    lede_index_close(index);
    folder_remove(&folder);
}

/* Every match, by date, whatever the page; scores are those of BM25. */
static void order_by_date_is_over_all_matches(void **state) {
    struct model *m = *state;
    lede_query *q = parse(m, "simla rain");
    for (int oldest = 0; oldest < 2; oldest++)
        for (int group = 0; group < 2; group++) {
            lede_search_options o = {
                .sort = oldest ? LEDE_SORT_OLDEST : LEDE_SORT_NEWEST, .limit = 1000, .rerank = true};
            o.group = group ? LEDE_GROUP_ARTICLE : LEDE_GROUP_NONE;
            lede_results *whole, *page, *plain;
            const lede_search_options all = {.limit = 1000};
            MUST(lede_search(&plain, m->index, q, &all, err));
            MUST(lede_search(&whole, m->index, q, &o, err));
            size_t count = lede_results_count(whole);
            assert_int_equal(count, lede_results_count(plain));
            lede_date before = oldest ? 0 : UINT32_MAX;
            double score = 1e9;
            for (size_t i = 0; i < count; i++) {
                const lede_passage_view *view;
                MUST(lede_results_passage(&view, whole, i, err));
                lede_date date = view->article.date;
                double here = lede_results_hit(whole, i)->score;
                assert_true(date == 0 || (oldest ? date >= before : date <= before));
                assert_true(date == 0 || before != 0 || oldest);
                assert_true(i == 0 || date != before || here <= score);
                size_t n = 0;
                while (lede_results_hit(plain, n)->passage != lede_results_hit(whole, i)->passage)
                    n++;
                assert_true(lede_results_hit(plain, n)->score == here);
                before = date;
                score = here;
            }
            o.limit = 7;
            o.offset = 11;
            MUST(lede_search(&page, m->index, q, &o, err));
            assert_int_equal(lede_results_count(page), 7);
            for (size_t i = 0; i < 7; i++) {
                assert_int_equal(lede_results_hit(page, i)->passage, lede_results_hit(whole, 11 + i)->passage);
                assert_true(lede_results_hit(page, i)->score == lede_results_hit(whole, 11 + i)->score);
            }
            lede_results_free(page);
            lede_results_free(whole);
            lede_results_free(plain);
        }
    lede_query_free(q);
}

static lede_index *index_of(struct folder *folder, const char *const (*articles)[2], size_t count) {
    lede_index *index;
    const char *path = folder_entry(folder, "t.lede");
    lede_writer *w = writer_on(path, NULL);
    for (size_t i = 0; i < count; i++)
        put_article(w, articles[i][0], articles[i][1]);
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&index, path, err));
    return index;
}

static const char *const archive[][2] = {
    {"a", "The treaty of Simla was signed by ministers."},
    {"b", "Ministers signed the Simla treaty in the rain."},
    {"c", "The treaty was signed in Simla, ministers said."},
    {"d", "Simla: ministers speak of a treaty, signed or not."},
    {"e", "The rain in the hills. The cows in the meadow, the hay in the barn."},
    {"f", "The barn by the meadow, the cows, the rain, the hay."},
    {"g", "The price of the wheat, the price of the rye, the barn."},
    {"h", "The music of the spheres, the dance of the bees."},
    {"i", "The ships in the harbour, the fish in the nets."},
    {"j", "The clock of the church, the hour of the night."},
    {"k", "The letters of the alphabet, the numbers of the table."},
};

static void telling_words_are_frequent_here_and_rare_elsewhere(void **state) {
    (void)state;
    struct folder folder;
    folder_make(&folder);
    lede_index *index = index_of(&folder, archive, sizeof archive / sizeof *archive);
    lede_query *q;
    lede_results *results;
    const lede_telling_word *words;
    size_t count;
    MUST(lede_query_parse(&q, index, "meadow", 6, NULL, err));
    MUST(lede_search(&results, index, q, NULL, err));
    MUST(lede_results_terms(&words, &count, results, 3, err));
    assert_int_equal(count, 3);
    assert_true(words[0].weight >= words[1].weight && words[1].weight >= words[2].weight);
    assert_string_equal(words[0].word, "cows");
    assert_int_equal(words[0].hits, 2);
    assert_int_equal(words[0].passages, 2);
    assert_string_equal(words[1].word, "hay");
    assert_string_equal(words[2].word, "barn");
    assert_int_equal(words[2].passages, 3);
    lede_results_free(results);
    lede_query_free(q);
    lede_index_close(index);
    folder_remove(&folder);
}

static void similar_articles_share_telling_words(void **state) {
    (void)state;
    struct folder folder;
    folder_make(&folder);
    lede_index *index = index_of(&folder, archive, sizeof archive / sizeof *archive);
    lede_query *q;
    lede_results *results;
    lede_error error;
    const char *key;
    size_t len;
    MUST(lede_query_similar(&q, index, "e", 1, 0, err));
    const lede_search_options o = {.group = LEDE_GROUP_ARTICLE, .without = "e", .without_len = 1, .limit = 2};
    MUST(lede_search(&results, index, q, &o, err));
    assert_int_equal(lede_results_count(results), 2);
    MUST(lede_results_key(&key, &len, results, 0, err));
    assert_string_equal(key, "f");
    lede_results_free(results);
    const lede_search_options all = {.limit = 100};
    MUST(lede_search(&results, index, q, &all, err));
    MUST(lede_results_key(&key, &len, results, 0, err));
    assert_string_equal(key, "e");
    lede_results_free(results);
    lede_query_free(q);
    assert_int_equal(lede_query_similar(&q, index, "none", 4, 0, &error), LEDE_NOT_FOUND);
    assert_null(q);
    lede_index_close(index);
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(facets_equal_a_count_by_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(order_by_date_is_over_all_matches, setup, teardown),
        cmocka_unit_test(spellings_are_one_name),
        cmocka_unit_test(telling_words_are_frequent_here_and_rare_elsewhere),
        cmocka_unit_test(similar_articles_share_telling_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
