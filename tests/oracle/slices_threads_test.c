/* One search on several threads against one on one: ids and scores must be equal to the last bit, whatever the query,
 * its filters, what is deleted, how many hits there are and how many score the same; with several searches at once, and
 * with postings that are damaged. A search that is asked to stop stops, and is asked by the thread that began it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>

#include "core/segment/segment_map.h"
#include "searcher/search.h"
#include "support/dated_articles.h"
#include "support/overwritten.h"

enum { PASSAGES = 150000, SMALL = 70000, WORDS = 16, QUERY = 256, SEARCHING = 3, QUERIES = 40, DAMAGES = 60 };

static struct built_index built;

/* Word n is in one passage of so many. Few words and lengths, so that many passages score the same. */
static const uint32_t rarities[WORDS] = {2, 2, 3, 5, 7, 9, 12, 20, 30, 50, 80, 200, 1000, 5000, 20000, 60000};

static void add_passage(struct random *r, uint32_t number) {
    char text[1024];
    size_t len = (size_t)sprintf(text, "x ");
    bool far = number % 65536 < 20000; /* where the best are differs from slice to slice */
    for (uint32_t w = 0; w < WORDS; w++)
        for (uint32_t k = random_below(r, rarities[w]) ? 0 : 1 + random_below(r, far ? 5 : 2); k > 0; k--)
            len += (size_t)sprintf(text + len, "w%u ", w);
    for (uint32_t k = random_below(r, 6) * 4; k > 0; k--)
        len += (size_t)sprintf(text + len, "x ");
    add_dated_article(&built, r, number, text, (uint32_t)len, false);
}

static int make(void **state) {
    static struct random random;
    random.state = random_seed();
    *state = &random;
    built_index_init(&built, "none");
    for (uint32_t i = 0; i < PASSAGES + SMALL; i++) {
        add_passage(&random, i);
        if (i == PASSAGES - 1)
            built_index_flush(&built);
    }
    built_index_flush(&built);
    for (uint32_t i = 0; i < PASSAGES / 20; i++)
        built_index_delete(&built, 0, random_below(&random, PASSAGES));
    return 0;
}

static int clean_up(void **state) {
    (void)state;
    built_index_release(&built);
    return 0;
}

static void make_query(struct random *r, char *text) {
    static const char *const ends[] = {"", "\""};
    uint32_t kind = random_below(r, 4); /* any of them, all, a phrase, near each other */
    size_t len = (size_t)sprintf(text, "%s", kind == 2 ? "\"" : kind == 3 ? "NEAR/4(" : "");
    for (uint32_t n = 1 + random_below(r, kind ? 3 : 5); n > 0; n--)
        len += (size_t)sprintf(text + len, "%sw%u ", kind == 1 ? "+" : "", random_below(r, 1 + random_below(r, WORDS)));
    len += (size_t)sprintf(text + len, "%s", kind == 3 ? ")" : ends[kind == 2]);
    if (random_below(r, 4) == 0)
        random_filter(r, text + len);
}

static lede_query *parse(const char *text) {
    lede_query *query;
    lede_error err;
    built_check(lede_query_parse(&query, &built.index, text, strlen(text), NULL, &err), &err);
    return query;
}

static lede_results *find(const lede_query *query, const lede_search_options *o, enum strategy strategy) {
    lede_results *results;
    lede_error err;
    built_check(search_by(&results, &built.index, query, o, strategy, &err), &err);
    return results;
}

static void compare(const char *text, size_t limit) {
    const lede_search_options o = {.limit = limit};
    lede_query *query = parse(text);
    team_set_threads(built.index.team, 1);
    lede_results *expected = find(query, &o, STRATEGY_DOCUMENTS);
    for (unsigned threads = 1; threads <= 4; threads++) {
        bool exact;
        team_set_threads(built.index.team, threads);
        lede_results *found = find(query, &o, STRATEGY_AUTO);
        uint64_t count = lede_results_total(found, &exact), total = lede_results_total(expected, NULL);
        assert_same_hits(expected, found, text);
        assert_true(exact ? count == total : count <= total);
        lede_results_free(found);
    }
    lede_results_free(expected);
    lede_query_free(query);
}

static void slices_equal_the_whole(void **state) {
    static const size_t limits[] = {1, 2, 10, 10, 60, 100, 1000};
    struct random *r = *state;
    char text[QUERY];
    built_index_share(&built, 1);
    for (unsigned i = 0; i < 250; i++) {
        make_query(r, text);
        compare(text, limits[random_below(r, 7)]);
        if (i % 50 == 0) /* words are kept in memory again */
            hot_budget_set_limit(&built.snapshot.hot, i % 100 ? 0 : LEDE_DEFAULT_CACHE);
    }
}

/* ------------------------------------------------------------------------------- several at once -- */

struct searching {
    struct random random;
    char (*texts)[QUERY];
    lede_results **expected;
    bool is_right;
};

static void *search_again(void *ctx) {
    struct searching *s = ctx;
    const lede_search_options o = {.limit = 20};
    for (unsigned i = 0; i < 4 * QUERIES; i++) {
        unsigned q = random_below(&s->random, QUERIES);
        lede_query *query = NULL;
        lede_results *found = NULL;
        bool ok = lede_query_parse(&query, &built.index, s->texts[q], strlen(s->texts[q]), NULL, NULL) == LEDE_OK &&
                  lede_search(&found, &built.index, query, &o, NULL) == LEDE_OK;
        ok = ok && lede_results_count(found) == lede_results_count(s->expected[q]);
        for (size_t k = 0; ok && k < lede_results_count(found); k++) {
            const lede_hit *x = lede_results_hit(found, k), *y = lede_results_hit(s->expected[q], k);
            ok = x->passage == y->passage && x->score == y->score;
        }
        s->is_right &= ok;
        lede_results_free(found);
        lede_query_free(query);
        if (random_below(&s->random, 30) == 0)
            lede_index_set_threads(&built.index, 1 + random_below(&s->random, 4));
    }
    return NULL;
}

static void searches_share_helpers(void **state) {
    struct random *r = *state;
    const lede_search_options o = {.limit = 20};
    static char texts[QUERIES][QUERY];
    lede_results *expected[QUERIES];
    struct searching searching[SEARCHING];
    pthread_t threads[SEARCHING];
    built_index_share(&built, 1);
    hot_budget_set_limit(&built.snapshot.hot, LEDE_DEFAULT_CACHE);
    for (unsigned i = 0; i < QUERIES; i++) {
        make_query(r, texts[i]);
        lede_query *query = parse(texts[i]);
        expected[i] = find(query, &o, STRATEGY_DOCUMENTS);
        lede_query_free(query);
    }
    lede_index_set_threads(&built.index, 3);
    for (unsigned i = 0; i < SEARCHING; i++) {
        searching[i] = (struct searching){{random_next(r)}, texts, expected, true};
        assert_int_equal(pthread_create(&threads[i], NULL, search_again, &searching[i]), 0);
    }
    for (unsigned i = 0; i < SEARCHING; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(searching[i].is_right);
    }
    for (unsigned i = 0; i < QUERIES; i++)
        lede_results_free(expected[i]);
}

/* ------------------------------------------------------------------------------------ the end -- */

struct asked {
    pthread_t caller;
    int times, most;
    bool by_others;
};

static int ask(void *ctx) {
    struct asked *a = ctx;
    if (!pthread_equal(pthread_self(), a->caller))
        a->by_others = true;
    return ++a->times > a->most;
}

static lede_status search_asked(const char *text, struct asked *a) {
    const lede_search_options o = {.limit = 1000, .interrupt = ask, .interrupt_ctx = a};
    lede_results *results;
    lede_error err;
    lede_query *query = parse(text);
    lede_status status = search_by(&results, &built.index, query, &o, STRATEGY_AUTO, &err);
    lede_results_free(status ? NULL : results);
    lede_query_free(query);
    return status;
}

static void the_caller_alone_is_asked(void **state) {
    static const char *const queries[] = {"w0 w3 w8", "+w0 +w1", "\"w0 w1\""};
    (void)state;
    built_index_share(&built, 3);
    for (unsigned i = 0; i < 3; i++) {
        struct asked never = {pthread_self(), 0, INT_MAX, false};
        assert_int_equal(search_asked(queries[i], &never), LEDE_OK);
        if (never.by_others || never.times == 0)
            fail_msg("%s: asked %d times", queries[i], never.times);
        for (int most = 0; most < 6 && most < never.times / 2; most++) {
            struct asked some = {pthread_self(), 0, most, false};
            assert_int_equal(search_asked(queries[i], &some), LEDE_INTERRUPTED);
            assert_true(!some.by_others);
            assert_int_equal(some.times, most + 1);
        }
    }
}

/* Of what is found until time is over each hit has its own score. */
static void time_is_over(void **state) {
    (void)state;
    lede_query *query = parse("w0 w3 w8");
    built_index_share(&built, 1);
    lede_results *all = find(query, &(lede_search_options){.limit = PASSAGES + SMALL}, STRATEGY_DOCUMENTS);
    double *scores = calloc(PASSAGES + SMALL, sizeof *scores);
    for (size_t i = 0; i < lede_results_count(all); i++)
        scores[lede_results_hit(all, i)->passage] = lede_results_hit(all, i)->score;
    built_index_share(&built, 3);
    for (double within = 1e-6; within < 1; within *= 4) {
        lede_results *found = find(query, &(lede_search_options){.limit = 100, .within = within}, STRATEGY_AUTO);
        for (size_t i = 0; i < lede_results_count(found); i++)
            assert_true(scores[lede_results_hit(found, i)->passage] == lede_results_hit(found, i)->score);
        if (lede_results_complete(found))
            assert_int_equal(lede_results_count(found), 100);
        lede_results_free(found);
    }
    free(scores);
    lede_results_free(all);
    lede_query_free(query);
}

/* ------------------------------------------------------------------------------------- damage -- */

static void damage_is_told(void **state) {
    enum { BYTES = 256 };
    struct random *r = *state;
    char *path = strdup(folder_entry(&built.folder, "0"));
    const struct section *postings = segment_section(built.segments[0].segment, SECTION_POSTINGS);
    int fd = open(path, O_RDWR);
    unsigned errors = 0;
    assert_true(fd >= 0);
    hot_budget_set_limit(&built.snapshot.hot, 0);
    built_index_share(&built, 3);
    for (unsigned i = 0; i < DAMAGES; i++) {
        char text[QUERY];
        off_t at;
        uint8_t *old = overwrite_randomly(fd, r, BYTES, postings->offset, postings->size, &at);
        for (unsigned k = 0; k < 20; k++) {
            lede_error err = {.status = LEDE_OK};
            lede_results *results = NULL;
            make_query(r, text);
            lede_query *query = parse(text);
            const lede_search_options o = {.limit = 1000};
            if (search_by(&results, &built.index, query, &o, STRATEGY_AUTO, &err)) {
                assert_int_equal(err.status, LEDE_CORRUPT);
                assert_non_null(strstr(err.message, path));
                errors++;
            }
            lede_results_free(results);
            lede_query_free(query);
        }
        free(overwrite(fd, old, BYTES, at));
        free(old);
    }
    assert_true(errors > 0);
    close(fd);
    free(path);
    compare("w0 w3 w8", 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_equal_the_whole),
        cmocka_unit_test(searches_share_helpers),
        cmocka_unit_test(the_caller_alone_is_asked),
        cmocka_unit_test(time_is_over),
        cmocka_unit_test(damage_is_told),
    };
    return cmocka_run_group_tests(tests, make, clean_up);
}
