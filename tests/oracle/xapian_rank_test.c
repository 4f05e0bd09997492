/* Random passages in a folder of segments, in one Xapian database and in several shards: the same queries match the
 * same in all, and shards give the scores of the one database, made of the same parts. Not to the last bit: Xapian adds
 * the words of a passage up in an order that it takes from how frequent they are in each shard. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/explanation.h"
#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

enum { EXPLAINED = 3, ARTICLES = 500, WORDS = 30, TEXT = 2048, QUERIES = 300, INDEXES = 3, NAME = 3 * FOLDER_PATH };

struct fixture {
    struct random *random;
    struct folder folder;
    char names[INDEXES][NAME];
    lede_index *indexes[INDEXES]; /* segments, a database, shards */
    uint64_t passages;
};

static size_t append_word(struct random *r, char *text) {
    uint32_t word = random_below(r, 1 + random_below(r, WORDS));
    text[0] = (char)('a' + word % 26);
    text[1] = (char)('k' + word / 26);
    text[2] = 'x';
    return 3;
}

static size_t append_words(struct random *r, char *text, uint32_t count) {
    size_t len = 0;
    for (; count > 0; count--) {
        len += append_word(r, text + len);
        text[len++] = ' ';
    }
    text[len] = '\0';
    return len;
}

/* Shards in folders, by a shard file. */
static void write_places(struct fixture *f) {
    char text[128];
    size_t len = 0;
    for (uint32_t i = 0, count = 2 + random_below(f->random, 4); i < count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "./shard-%u  # a shard\n\n", i);
    folder_write_text(&f->folder, "places", text);
    snprintf(f->names[0], NAME, "%s/i.lede", f->folder.path);
    snprintf(f->names[1], NAME, "xapian:%s/one", f->folder.path);
    snprintf(f->names[2], NAME, "xapian:%s/places", f->folder.path);
}

static void fill(struct fixture *f) {
    const lede_writer_options options = {.language = "none"};
    lede_writer *writers[INDEXES];
    for (int i = 0; i < INDEXES; i++)
        writers[i] = writer_on(f->names[i], &options);
    for (uint32_t n = 0; n < ARTICLES; n++) {
        char key[16], title[TEXT], body[TEXT];
        lede_article a = {.key = key, .title = title, .body = body};
        a.key_len = (size_t)snprintf(key, sizeof key, "%u", random_below(f->random, 2 * ARTICLES));
        a.title_len = append_words(f->random, title, random_below(f->random, 4));
        a.body_len = append_words(f->random, body, random_below(f->random, 1U << random_below(f->random, 9)));
        for (int i = 0; i < INDEXES; i++)
            MUST(lede_writer_add_article(writers[i], &a, err));
    }
    for (int i = 0; i < INDEXES; i++) {
        MUST(lede_writer_commit(writers[i], NULL, err));
        /* Segments count what was replaced until it is merged away. */
        if (i == 0)
            MUST(lede_writer_optimize(writers[i], NULL, err));
        lede_writer_close(writers[i]);
        MUST(lede_index_open(&f->indexes[i], f->names[i], err));
    }
}

static int make(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    if (!f || random_setup(state))
        return -1;
    f->random = *state;
    folder_make(&f->folder);
    write_places(f);
    fill(f);
    f->passages = stats_of(f->names[0]).passages;
    *state = f;
    return 0;
}

static int destroy(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < INDEXES; i++)
        lede_index_close(f->indexes[i]);
    folder_remove(&f->folder);
    free(f->random);
    free(f);
    return 0;
}

/* Words and phrases, with signs. */
static void make_query(struct random *r, char *text) {
    size_t len = 0;
    for (uint32_t n = 1 + random_below(r, 5); n > 0; n--) {
        uint32_t sign = random_below(r, 6), words = random_below(r, 4) ? 1 : 2 + random_below(r, 2);
        if (sign < 2)
            text[len++] = sign ? '+' : '-';
        if (words > 1)
            text[len++] = '"';
        len += append_words(r, text + len, words);
        if (words > 1)
            text[len++] = '"';
        text[len++] = ' ';
    }
    text[len] = '\0';
}

/* A hit, as what it is of: ordinals differ. */
struct hit {
    double score, expected; /* of segments: what Xapian's formula gives, else 0 */
    uint32_t number;
    char key[16];
    struct buffer explanation; /* of the best ones */
};

struct hits {
    struct hit *hits;
    size_t count;
};

static int by_passage(const void *a, const void *b) {
    const struct hit *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* The score of hit i if its words had Xapian's idf. */
static double score_of_xapian(lede_results *results, size_t i, uint64_t passages) {
    const lede_score_part *parts;
    size_t count;
    double score = 0;
    MUST(lede_results_explain(&parts, &count, results, i, err));
    for (size_t p = 0; p < count; p++) {
        double df = (double)parts[p].doc_freq, n = (double)passages;
        if (parts[p].kind == LEDE_PART_WORD)
            score += parts[p].value / log((n + 1) / (df + 0.5)) * log((n + 1) / df);
    }
    return score;
}

static struct hits search(const struct fixture *f, int which, const char *text, lede_group group) {
    const lede_index *index = f->indexes[which];
    const lede_search_options options = {.limit = 100000, .count = true, .group = group};
    lede_query *query = NULL;
    lede_results *results = NULL;
    bool exact;
    MUST(lede_query_parse(&query, index, text, strlen(text), NULL, err));
    MUST(lede_search(&results, index, query, &options, err));
    struct hits found = {calloc(lede_results_count(results) + 1, sizeof(struct hit)), lede_results_count(results)};
    assert_int_equal(lede_results_total(results, &exact), found.count);
    assert_true(exact);
    for (size_t i = 0; i < found.count; i++) {
        const lede_passage_view *view;
        struct hit *hit = &found.hits[i];
        MUST(lede_results_passage(&view, results, i, err));
        *hit = (struct hit){.score = lede_results_hit(results, i)->score, .number = view->number};
        if (which == 0)
            hit->expected = score_of_xapian(results, i, f->passages);
        if (i < EXPLAINED)
            explanation_check(&hit->explanation, results, i, text);
        snprintf(hit->key, sizeof hit->key, "%s", view->article.key);
        assert_true(i == 0 || hit[-1].score >= hit->score);
    }
    lede_results_free(results);
    lede_query_free(query);
    qsort(found.hits, found.count, sizeof *found.hits, by_passage);
    return found;
}

static void same_parts(const char *text, const struct hit *one, const struct hit *shards) {
    const char *parts = (const char *)one->explanation.data, *others = (const char *)shards->explanation.data;
    if (parts && others && strcmp(parts, others))
        fail_msg("'%s': the parts of %s are\n%sin shards\n%s", text, one->key, parts, others);
}

static void release(struct hits *hits) {
    for (size_t i = 0; i < hits->count; i++)
        buffer_release(&hits->hits[i].explanation);
    free(hits->hits);
}

static void test_matches_and_scores(void **state) {
    struct fixture *f = *state;
    char text[TEXT];
    size_t matches = 0;
    for (int q = 0; q < QUERIES; q++) {
        make_query(f->random, text);
        struct hits segments = search(f, 0, text, LEDE_GROUP_NONE), one = search(f, 1, text, LEDE_GROUP_NONE),
                    shards = search(f, 2, text, LEDE_GROUP_NONE);
        if (segments.count != one.count || segments.count != shards.count)
            fail_msg("'%s': %zu, %zu and %zu matches", text, segments.count, one.count, shards.count);
        for (size_t i = 0; i < segments.count; i++) {
            if (by_passage(&segments.hits[i], &one.hits[i]) || by_passage(&segments.hits[i], &shards.hits[i]))
                fail_msg("'%s': passages %s, %s and %s", text, segments.hits[i].key, one.hits[i].key,
                         shards.hits[i].key);
            if (fabs(one.hits[i].score - segments.hits[i].expected) > 1e-6 * one.hits[i].score)
                fail_msg("'%s': %s has %.17g, by the formula %.17g", text, one.hits[i].key, one.hits[i].score,
                         segments.hits[i].expected);
            if (fabs(one.hits[i].score - shards.hits[i].score) > 1e-6 * one.hits[i].score)
                fail_msg("'%s': %s has %.17g, in shards %.17g", text, one.hits[i].key, one.hits[i].score,
                         shards.hits[i].score);
            same_parts(text, &one.hits[i], &shards.hits[i]);
        }
        matches += segments.count;
        release(&segments);
        release(&one);
        release(&shards);
    }
    assert_true(matches > QUERIES);
}

static void test_groups(void **state) {
    struct fixture *f = *state;
    char text[TEXT];
    for (int q = 0; q < QUERIES / 4; q++) {
        make_query(f->random, text);
        struct hits segments = search(f, 0, text, LEDE_GROUP_ARTICLE), shards = search(f, 2, text, LEDE_GROUP_ARTICLE);
        if (segments.count != shards.count)
            fail_msg("'%s': %zu and %zu articles", text, segments.count, shards.count);
        for (size_t i = 0; i < segments.count; i++)
            assert_string_equal(segments.hits[i].key, shards.hits[i].key);
        release(&segments);
        release(&shards);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_matches_and_scores, make, destroy),
        cmocka_unit_test_setup_teardown(test_groups, make, destroy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
