/* Names among any other words: of two passages that are alike but for the name in one and another word of its stem in
 * the other, the one with the name comes first; and scores are those of the query that names.h says is run. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

enum { PAIRS = 150, PASSAGES = 2 * PAIRS, QUERIES = 250, NAMES = 2 };

static const char *const names[NAMES] = {"Morales", "Keats"}, *const others[NAMES] = {"moral", "keating"};
static const char *const words[] = {"gas", "rain", "treaty", "palace", "water", "letter", "poem", "river"};

struct fixture {
    struct folder folder;
    lede_index *index;
    struct random *random;
    lede_query *query;
    lede_results *results;
};

static const char *any_word(struct random *r) {
    return words[random_below(r, 8)];
}

/* Passage 2n has the name where 2n + 1 has the other word. */
static void write_pair(char texts[2][1024], struct random *r) {
    size_t at = (size_t)snprintf(texts[0], 1024, "on that day "), n = 3 + random_below(r, 25);
    memcpy(texts[1], texts[0], at + 1);
    size_t ends[2] = {at, at}, name = random_below(r, NAMES), times = 1 + random_below(r, 2);
    for (size_t i = 0; i < n; i++) {
        const char *word = any_word(r);
        bool is_name = i < times;
        for (int side = 0; side < 2; side++)
            ends[side] += (size_t)snprintf(texts[side] + ends[side], 1024 - ends[side], "%s ",
                                           is_name ? (side ? others : names)[name] : word);
    }
}

static void put(lede_writer *w, int number, const char *body) {
    char key[16];
    snprintf(key, sizeof key, "%d", number);
    const lede_article a = {.key = key,
                            .key_len = strlen(key),
                            .body = body,
                            .body_len = strlen(body),
                            .date = (lede_date)(20250101 + number / 2 % 28)};
    MUST(lede_writer_add_article(w, &a, err));
}

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    char texts[2][1024];
    if (!f || random_setup((void **)&f->random) != 0)
        return -1;
    folder_make(&f->folder);
    lede_writer *w = writer_on(folder_entry(&f->folder, "a.lede"), NULL);
    for (int i = 0; i < PAIRS; i++) {
        write_pair(texts, f->random);
        put(w, 2 * i, texts[0]);
        put(w, 2 * i + 1, texts[1]);
        if (random_below(f->random, 60) == 0)
            MUST(lede_writer_commit(w, NULL, err));
    }
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&f->index, folder_entry(&f->folder, "a.lede"), err));
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    lede_results_free(f->results);
    lede_query_free(f->query);
    lede_index_close(f->index);
    folder_remove(&f->folder);
    random_teardown((void **)&f->random);
    free(f);
    return 0;
}

static void search(struct fixture *f, const char *text, const lede_search_options *options) {
    lede_results_free(f->results);
    lede_query_free(f->query);
    f->results = NULL;
    f->query = NULL;
    MUST(lede_query_parse(&f->query, f->index, text, strlen(text), NULL, err));
    MUST(lede_search(&f->results, f->index, f->query, options, err));
}

/* A query with a name, and the one that it comes to; small letters, which tell nothing. */
static void write_query(char asked[256], char run[512], struct random *r) {
    static const struct {
        const char *asked, *run; /* name, word, word; the same with the name three times */
    } shapes[] = {
        {"%1$s", "(=%1$s OR %1$s^0.2)"},
        {"%1$s %2$s", "(=%1$s OR %1$s^0.2) %2$s"},
        {"%2$s %1$s %3$s", "%2$s (=%1$s OR %1$s^0.2) %3$s"},
        {"+%1$s %2$s", "+(=%1$s OR %1$s^0.2) %2$s"},
        {"%2$s OR (%1$s AND %3$s)", "%2$s OR ((=%1$s OR %1$s^0.2) AND %3$s)"},
        {"(%1$s %2$s %3$s)/2", "((=%1$s OR %1$s^0.2) %2$s %3$s)/2"},
        {"%1$s^2 %2$s", "(=%1$s^2 OR %1$s^0.4) %2$s"},
        {"%1$s %2$s -%3$s", "(=%1$s OR %1$s^0.2) %2$s -%3$s"},
        {"%1$s %2$s date:2025-01-03..2025-01-20", "(=%1$s OR %1$s^0.2) %2$s date:2025-01-03..2025-01-20"},
        {"NEAR/9(%1$s %2$s) %3$s", "(NEAR/9(=%1$s %2$s) OR NEAR/9(%1$s %2$s)^0.2) %3$s"},
        {"body:%1$s %2$s", "(body:=%1$s OR body:%1$s^0.2) %2$s"},
    };
    size_t shape = random_below(r, sizeof shapes / sizeof *shapes), first = random_below(r, 8);
    const char *name = random_below(r, 2) ? "morales" : "keats", *a = words[first], *b = words[(first + 3) % 8];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(asked, 256, shapes[shape].asked, name, a, b);
    snprintf(run, 512, shapes[shape].run, name, a, b);
#pragma GCC diagnostic pop
}

/* By hits: at which place each passage is, PASSAGES if at none. */
static void take_places(struct fixture *f, size_t places[PASSAGES]) {
    for (size_t i = 0; i < PASSAGES; i++)
        places[i] = PASSAGES;
    for (size_t i = 0; i < lede_results_count(f->results); i++) {
        const char *key;
        size_t len;
        MUST(lede_results_key(&key, &len, f->results, i, err));
        places[atoi(key)] = i;
        assert_true(i == 0 || lede_results_hit(f->results, i)->score <= lede_results_hit(f->results, i - 1)->score);
    }
}

static bool has(const struct fixture *f, const char *asked, int number) {
    lede_article *a;
    char key[16];
    snprintf(key, sizeof key, "%d", number);
    MUST(lede_index_article(&a, f->index, key, strlen(key), err));
    bool found = strstr(a->body, strstr(asked, "morales") ? "Morales" : "Keats") != NULL;
    lede_article_free(a);
    return found;
}

/* The score by BM25 of hit i; all parts add up to the whole. */
static double bm25_of(struct fixture *f, size_t i) {
    const lede_score_part *parts;
    size_t count;
    MUST(lede_results_explain(&parts, &count, f->results, i, err));
    assert_true(parts[0].value == lede_results_hit(f->results, i)->score);
    bool gains = parts[count - 1].kind == LEDE_PART_SURFACE || parts[count - 1].kind == LEDE_PART_PROXIMITY;
    return gains ? parts[1].value : parts[0].value;
}

static void the_name_comes_first_in_any_query(void **state) {
    struct fixture *f = *state;
    size_t places[PASSAGES], compared = 0;
    for (int q = 0; q < QUERIES; q++) {
        char asked[256], run[512];
        lede_search_options o = {.rerank = true, .limit = 2 * PASSAGES};
        write_query(asked, run, f->random);
        o.group = random_below(f->random, 2) ? LEDE_GROUP_ARTICLE : LEDE_GROUP_NONE;
        search(f, asked, &o);
        take_places(f, places);
        for (int i = 0; i < PASSAGES; i += 2) {
            if (!has(f, asked, i) || places[i + 1] == PASSAGES)
                continue;
            if (places[i] >= places[i + 1])
                fail_msg("%s: %d is at %zu, %d at %zu", asked, i, places[i], i + 1, places[i + 1]);
            compared++;
        }
    }
    assert_in_range(compared, QUERIES * 5, QUERIES * PAIRS);
}

static void scores_are_those_of_the_query_that_is_run(void **state) {
    struct fixture *f = *state;
    size_t places[PASSAGES];
    double scores[PASSAGES];
    for (int q = 0; q < QUERIES; q++) {
        char asked[256], run[512];
        write_query(asked, run, f->random);
        search(f, asked, &(lede_search_options){.rerank = true, .limit = 2 * PASSAGES});
        take_places(f, places);
        uint64_t total = lede_results_total(f->results, NULL);
        for (size_t i = 0; i < PASSAGES; i++)
            scores[i] = places[i] < PASSAGES ? bm25_of(f, places[i]) : 0;
        search(f, run, &(lede_search_options){.limit = 2 * PASSAGES});
        take_places(f, places);
        assert_int_equal(lede_results_count(f->results), total);
        for (size_t i = 0; i < PASSAGES; i++) {
            double expected = places[i] < PASSAGES ? lede_results_hit(f->results, places[i])->score : 0;
            if (fabs(scores[i] - expected) > 1e-9)
                fail_msg("%s: passage %zu has %.12g, by %s %.12g", asked, i, scores[i], run, expected);
        }
    }
}

/* Any page is a part of the whole. */
static void pages_are_those_of_one_list(void **state) {
    struct fixture *f = *state;
    uint64_t whole[PASSAGES];
    for (int q = 0; q < QUERIES / 5; q++) {
        char asked[256], run[512];
        write_query(asked, run, f->random);
        search(f, asked, &(lede_search_options){.rerank = true, .limit = 2 * PASSAGES});
        size_t count = lede_results_count(f->results), first = random_below(f->random, PASSAGES);
        for (size_t i = 0; i < count; i++)
            whole[i] = lede_results_hit(f->results, i)->passage;
        search(f, asked, &(lede_search_options){.rerank = true, .limit = 7, .offset = first});
        for (size_t i = 0; i < lede_results_count(f->results); i++)
            assert_int_equal(lede_results_hit(f->results, i)->passage, whole[first + i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_name_comes_first_in_any_query, setup, teardown),
        cmocka_unit_test_setup_teardown(scores_are_those_of_the_query_that_is_run, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_are_those_of_one_list, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
