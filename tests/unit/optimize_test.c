/* What optimizing does to an index large enough to be put in order: searches find the same, articles are whole, and it
 * can be written on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

enum { ARTICLES = 6000, SUBJECTS = 16, QUERIES = 40, HITS = 50, BODY = 4000 };

/* A body of one to three passages, by words of its subject and words of all. Always the same for a number. */
static void make_body(char body[BODY], uint32_t number, uint32_t edition) {
    struct random r = {number * 7919 + edition};
    uint32_t subject = random_below(&r, SUBJECTS), paragraphs = 1 + random_below(&r, 3);
    size_t n = 0;
    for (uint32_t p = 0; p < paragraphs; p++) {
        for (uint32_t i = 0; i < 50; i++) {
            uint32_t word = random_below(&r, 1U << random_below(&r, 10));
            if (random_below(&r, 2))
                n += (size_t)snprintf(body + n, BODY - n, "s%ux%u ", subject, word);
            else
                n += (size_t)snprintf(body + n, BODY - n, "c%u ", word);
        }
        n += (size_t)snprintf(body + n, BODY - n, "\n\n");
    }
}

static void put_number(lede_writer *w, uint32_t number, uint32_t edition) {
    char key[32], body[BODY];
    snprintf(key, sizeof key, "article %u", number);
    make_body(body, number, edition);
    put_article(w, key, body);
}

/* In several commits, with some updates, so that there are segments and deleted articles. */
static lede_writer *write_index(const char *path, const lede_writer_options *options) {
    lede_writer *w = writer_on(path, options);
    for (uint32_t i = 0; i < ARTICLES; i++) {
        put_number(w, i, 0);
        if (i % 2500 == 2499)
            MUST(lede_writer_commit(w, NULL, err));
        if (i % 10 == 9)
            put_number(w, i / 2, 1);
    }
    MUST(lede_writer_commit(w, NULL, err));
    return w;
}

struct answers {
    size_t counts[QUERIES];
    double scores[QUERIES][HITS];
};

static void make_query(char text[64], uint32_t i) {
    uint32_t subject = i % SUBJECTS;
    switch (i % 4) {
    case 0: snprintf(text, 64, "s%ux%u s%ux%u", subject, i, subject, i / 3); break;
    case 1: snprintf(text, 64, "+s%ux%u +c%u", subject, i / 8, i / 2); break;
    case 2: snprintf(text, 64, "\"c0 c%u\"", i / 8); break;
    default: snprintf(text, 64, "c%u s%ux1 c2 -c7", i, subject); break;
    }
}

static void search_all(const char *path, struct answers *out) {
    lede_index *index;
    MUST(lede_index_open(&index, path, err));
    for (uint32_t i = 0; i < QUERIES; i++) {
        char text[64];
        lede_query *query;
        lede_results *results;
        make_query(text, i);
        const lede_search_options options = {.limit = HITS};
        MUST(lede_query_parse(&query, index, text, strlen(text), NULL, err));
        MUST(lede_search(&results, index, query, &options, err));
        out->counts[i] = lede_results_count(results);
        for (size_t k = 0; k < out->counts[i]; k++)
            out->scores[i][k] = lede_results_hit(results, k)->score;
        lede_results_free(results);
        lede_query_free(query);
    }
    lede_index_close(index);
}

static void assert_same_answers(const struct answers *a, const struct answers *b) {
    size_t hits = 0;
    for (uint32_t i = 0; i < QUERIES; i++) {
        assert_int_equal(a->counts[i], b->counts[i]);
        for (size_t k = 0; k < a->counts[i]; k++)
            assert_true(a->scores[i][k] == b->scores[i][k]);
        hits += a->counts[i];
    }
    assert_true(hits > QUERIES * HITS / 4);
}

static void expect_number(const char *path, uint32_t number, uint32_t edition) {
    char key[32], body[BODY];
    snprintf(key, sizeof key, "article %u", number);
    make_body(body, number, edition);
    expect_body(path, key, body);
}

static uint64_t commit_of(const char *path) {
    return stats_of(path).commit;
}

static void make_place(char path[FOLDER_PATH + 16], struct folder *f) {
    folder_make(f);
    snprintf(path, FOLDER_PATH + 16, "%s/a.lede", f->path);
}

static void searches_find_the_same(void **state) {
    (void)state;
    struct folder f;
    char path[FOLDER_PATH + 16];
    static struct answers before, kept, after;
    make_place(path, &f);
    lede_writer *w = write_index(path, NULL);
    assert_true(stats_of(path).segments > 1);
    const lede_optimize_options keep = {.keep_order = true};
    MUST(lede_writer_optimize(w, &keep, err));
    assert_int_equal(stats_of(path).segments, 1);
    search_all(path, &before);
    uint64_t commit = commit_of(path);
    MUST(lede_writer_optimize(w, &keep, err));
    assert_int_equal(commit_of(path), commit);
    search_all(path, &kept);
    assert_same_answers(&before, &kept);
    MUST(lede_writer_optimize(w, NULL, err));
    assert_int_equal(commit_of(path), commit + 1);
    check_index(path);
    search_all(path, &after);
    assert_same_answers(&before, &after);
    /* It is in order now. */
    MUST(lede_writer_optimize(w, NULL, err));
    assert_int_equal(commit_of(path), commit + 1);
    lede_writer_close(w);
    folder_remove(&f);
}

static void it_can_be_written_on(void **state) {
    (void)state;
    struct folder f;
    char path[FOLDER_PATH + 16];
    uint64_t deleted;
    make_place(path, &f);
    lede_writer *w = write_index(path, NULL);
    MUST(lede_writer_optimize(w, NULL, err));
    assert_int_equal(stats_of(path).articles, ARTICLES);
    for (uint32_t i = 0; i < ARTICLES; i += 97)
        expect_number(path, i, i % 5 == 4 && i < ARTICLES / 2);
    MUST(lede_writer_delete(w, "article 100", 11, &deleted, err));
    assert_int_equal(deleted, 1);
    put_number(w, 200, 2);
    put_number(w, ARTICLES, 0);
    MUST(lede_writer_commit(w, NULL, err));
    check_index(path);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(stats_of(path).articles, ARTICLES);
        expect_body(path, "article 100", NULL);
        expect_number(path, 101, 0);
        expect_number(path, 200, 2);
        expect_number(path, ARTICLES, 0);
        MUST(lede_writer_optimize(w, NULL, err));
        check_index(path);
    }
    assert_int_equal(stats_of(path).deleted_passages, 0);
    lede_writer_close(w);
    folder_remove(&f);
}

/* Asks to stop in a phase. */
struct brake {
    const char *phase;
    bool pulled;
};

static int pull(void *ctx, const lede_progress *progress) {
    struct brake *b = ctx;
    b->pulled |= b->phase && strcmp(progress->phase, b->phase) == 0;
    return b->pulled;
}

static void stopping_leaves_the_index_as_it_was(void **state) {
    (void)state;
    static const char *const phases[] = {"reordering", "merging"};
    struct folder f;
    char path[FOLDER_PATH + 16];
    struct brake brake = {NULL, false};
    const lede_writer_options options = {.progress = pull, .ctx = &brake};
    make_place(path, &f);
    lede_writer *w = write_index(path, &options);
    uint64_t commit = commit_of(path);
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        brake = (struct brake){phases[i], false};
        assert_int_equal(lede_writer_optimize(w, NULL, NULL), LEDE_INTERRUPTED);
        assert_int_equal(commit_of(path), commit);
        check_index(path);
    }
    brake = (struct brake){NULL, false};
    MUST(lede_writer_optimize(w, NULL, err));
    assert_int_equal(commit_of(path), commit + 1);
    check_index(path);
    lede_writer_close(w);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_find_the_same),
        cmocka_unit_test(it_can_be_written_on),
        cmocka_unit_test(stopping_leaves_the_index_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
