/* What the public API promises of an index, held on every engine: a folder of segments, a Xapian database in a folder,
 * and three shards behind Debian's servers. Each test runs on each, and wants the same of all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/index.h"
#include "support/shard_server.h"
#include "support/xapian_check.h"

enum { SHARDS = 3, NAME = 3 * FOLDER_PATH };

enum engine_kind { SEGMENTS, DATABASE, SERVERS, ENGINES };
static const char *const engine_names[] = {"segments", "a database", "three servers"};

struct fixture {
    enum engine_kind kind;
    struct folder folder;
    char name[NAME];
    struct shard_server servers[SHARDS];
};

static void start_servers(struct fixture *f) {
    int len = snprintf(f->name, NAME, "xapian:/");
    for (int i = 0; i < SHARDS; i++) {
        char shard[8];
        snprintf(shard, sizeof shard, "s%d", i);
        shard_server_start(&f->servers[i], folder_entry(&f->folder, shard), true);
        len += snprintf(f->name + len, NAME - (size_t)len, "%s127.0.0.1:%u", i ? "," : "/", f->servers[i].port);
    }
}

static int make(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    const enum engine_kind *kind = *state;
    f->kind = *kind;
    folder_make(&f->folder);
    if (f->kind == SEGMENTS)
        snprintf(f->name, NAME, "%s/i.lede", f->folder.path);
    else if (f->kind == DATABASE)
        snprintf(f->name, NAME, "xapian:%s/i.x", f->folder.path);
    else
        start_servers(f);
    *state = f;
    return 0;
}

static int destroy(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < SHARDS; i++)
        shard_server_stop(&f->servers[i]);
    folder_remove(&f->folder);
    free(f);
    return 0;
}

static lede_index *open_index(const struct fixture *f) {
    lede_index *index = NULL;
    MUST(lede_index_open(&index, f->name, err));
    return index;
}

static lede_commit_info commit(lede_writer *w) {
    lede_commit_info info;
    MUST(lede_writer_commit(w, &info, err));
    return info;
}

/* ----------------------------------------------------------------------------------- searching -- */

struct found {
    lede_query *query;
    lede_results *results;
};

static struct found search(const lede_index *index, const char *text, const lede_search_options *options) {
    struct found f = {NULL, NULL};
    MUST(lede_query_parse(&f.query, index, text, strlen(text), NULL, err));
    MUST(lede_search(&f.results, index, f.query, options, err));
    return f;
}

static void release(struct found *f) {
    lede_results_free(f->results);
    lede_query_free(f->query);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys that are found, each behind a space; `sorted`: in order of the alphabet, else as they come. */
static const char *keys(const lede_index *index, const char *text, const lede_search_options *options, bool sorted) {
    static char all[4096];
    const char *found[64];
    struct found f = search(index, text, options);
    size_t count = lede_results_count(f.results), len;
    assert_true(count <= 64);
    assert_null(lede_results_missing(f.results));
    for (size_t i = 0; i < count; i++)
        MUST(lede_results_key(&found[i], &len, f.results, i, err));
    if (sorted)
        qsort(found, count, sizeof *found, by_text);
    all[0] = '\0';
    for (size_t i = 0; i < count; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), " %s", found[i]);
    release(&f);
    return all;
}

static void finds(const lede_index *index, const char *text, const char *wanted) {
    const lede_search_options options = {.limit = 64};
    const char *got = keys(index, text, &options, true);
    if (strcmp(got, wanted))
        fail_msg("'%s' finds%s, not%s", text, got, wanted);
}

static void ranks(const lede_index *index, const char *text, const lede_search_options *options, const char *wanted) {
    const char *got = keys(index, text, options, false);
    if (strcmp(got, wanted))
        fail_msg("'%s' ranks%s, not%s", text, got, wanted);
}

static void put_titled(lede_writer *w, const char *key, const char *title, const char *body) {
    lede_article a = {.key = key,
                      .key_len = strlen(key),
                      .title = title,
                      .title_len = strlen(title),
                      .body = body,
                      .body_len = strlen(body),
                      .date = 20250603};
    MUST(lede_writer_add_article(w, &a, err));
}

static void fill(const struct fixture *f) {
    lede_writer *w = writer_on(f->name, NULL);
    put_titled(w, "a", "Lavrov in Simla", "Lavrov spoke of the accord.");
    put_titled(w, "b", "", "Simla is a town in the hills; the accord of Simla is from 1972.");
    put_titled(w, "c", "Résumé", "Der Außenminister und die 外務大臣 in Delhi negotiated.");
    put_titled(w, "d d", "Wheat", "Nothing of the kind.\n\nA second line with wheat and a treaty of water.");
    put_titled(w, "e", "Water treaty", "");
    commit(w);
    lede_writer_close(w);
}

static void test_queries(void **state) {
    const struct fixture *f = *state;
    static const struct {
        const char *query, *keys;
    } cases[] = {
        {"simla", " a b"},
        {"Lavrov SIMLA", " a b"},
        {"+lavrov +simla", " a"},
        {"simla -lavrov", " b"},
        {"+simla wheat", " a b"},
        {"\"accord of simla\"", " b"},
        {"\"simla accord\"", ""},
        {"\"water treaty\"", " e"},
        {"\"in simla\" -hills", " a"},
        {"\"simla lavrov\"", ""},
        {"negotiation", " c"},
        {"resume", " c"},
        {"外務大臣", " c"},
        {"aussenminister", " c"},
        {"wheat wheat wheat", " d d"},
        {"treaty -\"treaty of water\"", " e"},
        {"nowhere", ""},
        {"nowhere simla", " a b"},
        {"+nowhere simla", ""},
        {"-simla", ""},
        {"", ""},
        {"the of in", " a b c d d"},
    };
    fill(f);
    lede_index *index = open_index(f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        finds(index, cases[i].query, cases[i].keys);
    lede_index_close(index);
}

static void test_words_count_as_often_as_the_query_has_them(void **state) {
    const struct fixture *f = *state;
    fill(f);
    lede_index *index = open_index(f);
    struct found once = search(index, "delhi", NULL), thrice = search(index, "delhi delhi delhi", NULL);
    double score = lede_results_hit(once.results, 0)->score;
    assert_true(score > 0);
    assert_true(lede_results_hit(thrice.results, 0)->score > score * 2.999);
    assert_true(lede_results_hit(thrice.results, 0)->score < score * 3.001);
    release(&once);
    release(&thrice);
    lede_index_close(index);
}

static void test_limits_offsets_and_totals(void **state) {
    const struct fixture *f = *state;
    lede_writer *w = writer_on(f->name, NULL);
    for (int i = 0; i < 50; i++) {
        char key[8], body[128];
        snprintf(key, sizeof key, "k%d", i);
        snprintf(body, sizeof body, "water%s in place %d", i % 2 ? " water" : "", i);
        put_article(w, key, body);
    }
    commit(w);
    lede_writer_close(w);
    lede_index *index = open_index(f);
    const lede_search_options all = {.limit = 100, .count = true}, few = {.limit = 7, .offset = 3, .count = true},
                              past = {.limit = 7, .offset = 48}, beyond = {.limit = 7, .offset = 1000};
    struct found whole = search(index, "water", &all), part = search(index, "water", &few);
    bool exact = false;
    assert_int_equal(lede_results_count(whole.results), 50);
    assert_int_equal(lede_results_total(part.results, &exact), 50);
    uint64_t counted;
    MUST(lede_count(&counted, index, part.query, NULL, err));
    assert_int_equal(counted, 50);
    assert_true(exact);
    assert_int_equal(lede_results_count(part.results), 7);
    for (size_t i = 0; i < 7; i++)
        assert_true(lede_results_hit(part.results, i)->passage == lede_results_hit(whole.results, i + 3)->passage);
    for (size_t i = 1; i < 50; i++)
        assert_true(lede_results_hit(whole.results, i - 1)->score >= lede_results_hit(whole.results, i)->score);
    assert_null(lede_results_hit(whole.results, 50));
    release(&whole);
    release(&part);
    whole = search(index, "water", &past);
    part = search(index, "water", &beyond);
    assert_int_equal(lede_results_count(whole.results), 2);
    assert_int_equal(lede_results_count(part.results), 0);
    release(&whole);
    release(&part);
    lede_index_close(index);
}

static void test_parameters_out_of_range(void **state) {
    const struct fixture *f = *state;
    fill(f);
    lede_index *index = open_index(f);
    lede_query *query = NULL;
    lede_results *results = NULL;
    const lede_search_options options = {.b = 1.5};
    MUST(lede_query_parse(&query, index, "simla", 5, NULL, err));
    assert_int_equal(lede_search(&results, index, query, &options, NULL), LEDE_INVALID);
    lede_query_free(query);
    lede_index_close(index);
}

/* -------------------------------------------------------------------------------- second stage -- */

static void put_dated(lede_writer *w, const char *key, lede_date date, const char *body) {
    const lede_article a = {.key = key, .key_len = strlen(key), .body = body, .body_len = strlen(body), .date = date};
    MUST(lede_writer_add_article(w, &a, err));
}

static void test_words_near_and_as_typed(void **state) {
    const struct fixture *f = *state;
    const lede_search_options full = {.rerank = true};
    lede_writer *w = writer_on(f->name, NULL);
    put_dated(w, "far", 0, "Lavrov flew home in the evening and said nothing more of what was signed in Simla.");
    put_dated(w, "near", 0, "Evening in Simla: Lavrov flew home and said nothing more of what was signed and sealed.");
    put_dated(w, "keats", 0, "Keats was a poet.");
    put_dated(w, "keating", 0, "Keating was a poet.");
    put_dated(w, "others", 0, "Nobody was there to see him off, and the rain had not ended.");
    put_dated(w, "more", 0, "The rain had not ended.");
    commit(w);
    lede_writer_close(w);
    lede_index *index = open_index(f);
    ranks(index, "lavrov simla", NULL, " far near");
    ranks(index, "lavrov simla", &full, " near far");
    ranks(index, "lavr* simla", NULL, " far near");
    ranks(index, "lavr* simla", &full, " near far");
    ranks(index, "lavrv~ sim?a", &full, " near far");
    ranks(index, "Keating", &full, " keating keats");
    ranks(index, "Keats", &full, " keats keating");
    lede_index_close(index);
}

static void test_copies(void **state) {
    const struct fixture *f = *state;
    const lede_search_options collapsed = {.collapse = true}, second = {.collapse = true, .offset = 1, .limit = 1};
    lede_writer *w = writer_on(f->name, NULL);
    put_dated(w, "wire1", 0,
              "Ministers of both sides met in Simla on Monday to talk about water, wheat and the line of control.");
    put_dated(w, "own", 0, "Simla is a town in the hills that sees many guests in summer.");
    put_dated(w, "wire2", 0,
              "ministers of both sides met in Simla on Monday, to talk about water, wheat and the line of control");
    put_dated(w, "wire3", 0,
              "Ministers of both sides met in Simla on Tuesday to talk about water, wheat and the line of control.");
    put_dated(w, "x", 0,
              "Ministers met in Delhi, said a speaker of one of the sides, and the talk was of the weather.");
    for (int i = 0; i < 4; i++) {
        char key[8];
        snprintf(key, sizeof key, "z%d", i);
        put_dated(w, key, 0, "Nothing of all that.");
    }
    commit(w);
    lede_writer_close(w);
    lede_index *index = open_index(f);
    struct found found = search(index, "simla ministers", &collapsed);
    assert_int_equal(lede_results_count(found.results), 3);
    assert_int_equal(lede_results_total(found.results, NULL), 5);
    assert_int_equal(lede_results_hit(found.results, 0)->copies, 2);
    const char *key;
    size_t len;
    const uint64_t *copies = lede_results_copies(found.results, 0);
    MUST(lede_results_key_at(&key, &len, found.results, copies[0], err));
    assert_string_equal(key, "wire2");
    MUST(lede_results_key_at(&key, &len, found.results, copies[1], err));
    assert_string_equal(key, "wire3");
    struct found page = search(index, "simla ministers", &second);
    assert_int_equal(lede_results_count(page.results), 1);
    assert_true(lede_results_hit(page.results, 0)->passage == lede_results_hit(found.results, 1)->passage);
    const lede_passage_view *one, *other;
    MUST(lede_results_passage(&one, page.results, 0, err));
    MUST(lede_results_passage(&other, found.results, 1, err));
    assert_string_equal(one->text, other->text);
    release(&page);
    release(&found);
    lede_index_close(index);
}

static void test_dates(void **state) {
    const struct fixture *f = *state;
    static const lede_search_options recent = {.recent = 30}, newest = {.sort = LEDE_SORT_NEWEST},
                                     oldest = {.sort = LEDE_SORT_OLDEST},
                                     last = {.sort = LEDE_SORT_OLDEST, .offset = 2},
                                     others = {.sort = LEDE_SORT_NEWEST, .without = "month", .without_len = 5};
    lede_writer *w = writer_on(f->name, NULL);
    put_dated(w, "undated", 0, "Simla in the rain.");
    put_dated(w, "old", 20240501, "Simla in the rain.");
    put_dated(w, "month", 20250501, "Simla in the rain.");
    put_dated(w, "new", 20250531, "Simla in the rain.");
    commit(w);
    lede_writer_close(w);
    lede_index *index = open_index(f);
    ranks(index, "simla", &recent, " new month old undated");
    ranks(index, "simla", &newest, " new month old undated");
    ranks(index, "simla", &oldest, " old month new undated");
    ranks(index, "simla", &last, " new undated");
    ranks(index, "simla", &others, " new old undated");
    struct found found = search(index, "simla", &newest);
    assert_true(lede_results_hit(found.results, 0)->score > 0 && lede_results_hit(found.results, 0)->score < 1);
    release(&found);
    lede_index_close(index);
}

/* --------------------------------------------------------------------------------------- words -- */

static int take_word(void *ctx, const char *word, size_t len, uint64_t frequency) {
    char *all = ctx;
    snprintf(all + strlen(all), 256 - strlen(all), " %.*s", (int)len, word);
    return frequency == 0;
}

static void completes(const lede_index *index, const char *prefix, size_t limit, const char *wanted) {
    char all[256] = "";
    MUST(lede_index_complete(index, prefix, strlen(prefix), limit, take_word, all, err));
    if (strcmp(all, wanted))
        fail_msg("'%s' is completed as%s, not%s", prefix, all, wanted);
}

static void test_completion(void **state) {
    const struct fixture *f = *state;
    fill(f);
    lede_index *index = open_index(f);
    completes(index, "s", 9, " simla second spoke");
    completes(index, "Tre", 9, " treaty");
    completes(index, "negot", 9, " negotiated");
    completes(index, "zz", 9, "");
    completes(index, "w", 2, " water wheat");
    lede_index_close(index);
}

static void suggests(const lede_index *index, const char *text, const char *wanted) {
    lede_query *query = NULL;
    char *got = NULL;
    MUST(lede_query_parse(&query, index, text, strlen(text), NULL, err));
    MUST(lede_index_suggest(&got, index, query, err));
    if (strcmp(got ? got : "nothing", wanted))
        fail_msg("for '%s' %s is suggested, not %s", text, got ? got : "nothing", wanted);
    free(got);
    lede_query_free(query);
}

static void test_suggestions(void **state) {
    static const char *const cases[][2] = {
        {"lavrov simla", "nothing"},
        {"lavrv", "lavrov"},
        {"Larvov -simlo \"indus treeaty\"", "Lavrov -simla \"indus treaty\""},
        {"avrov", "lavrov"},
        {"mavrov", "lavrov"},
        {"negociatoin", "negotiation"},
        {"smia", "nothing"},
        {"quartz", "nothing"},
        {"comon Lavrv", "common Lavrov"}, /* one in many passages, which any sample has, one that may not be there */
        {"Лавроф Павров", "лавров лавров"},
        {"commom", "common"},     /* known, but rare beside its neighbour */
        {"rarely", "nothing"},    /* known, its neighbour is not much more frequent */
        {"lovee", "nothing"},     /* found as "love", which is likelier than "lover" */
        {"the of in", "nothing"}, /* short ones */
    };
    const struct fixture *f = *state;
    lede_writer *w = writer_on(f->name, NULL);
    put_article(w, "a",
                "Lavrov spoke of Simla, of the Indus treaty and of negotiations; the negotiation took its time.");
    put_article(w, "b", "Лавров и Симла. Rain, sail. Talks were taken, rarely.");
    put_article(w, "d", "commom raraly raraly");
    for (int i = 0; i < 600; i++) {
        char key[8];
        snprintf(key, sizeof key, "k%d", i);
        put_article(w, key, i % 3 ? "common love" : "common lover");
    }
    commit(w);
    lede_writer_close(w);
    lede_index *index = open_index(f);
    for (int twice = 0; twice < 2; twice++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            suggests(index, cases[i][0], cases[i][1]);
    lede_index_close(index);
}

static void test_telling_words(void **state) {
    const struct fixture *f = *state;
    lede_writer *w = writer_on(f->name, NULL);
    for (int i = 0; i < 30; i++) {
        char key[8];
        snprintf(key, sizeof key, "k%d", i);
        put_article(w, key, i < 3 ? "The treaty on the water of the Indus" : "The weather of the day on the coast");
    }
    commit(w);
    lede_writer_close(w);
    lede_index *index = open_index(f);
    struct found found = search(index, "treaty", NULL);
    const lede_telling_word *words;
    size_t count;
    MUST(lede_results_terms(&words, &count, found.results, 5, err));
    assert_int_equal(count, 2);
    assert_string_equal(words[0].word, "indus");
    assert_string_equal(words[1].word, "water");
    assert_int_equal(words[0].passages, 3);
    release(&found);
    lede_query *similar = NULL;
    lede_results *results = NULL;
    const lede_search_options others = {.without = "k1", .without_len = 2};
    MUST(lede_query_similar(&similar, index, "k1", 2, 3, err));
    MUST(lede_search(&results, index, similar, &others, err));
    assert_int_equal(lede_results_count(results), 2);
    lede_results_free(results);
    lede_query_free(similar);
    lede_index_close(index);
}

/* ------------------------------------------------------------------------------------ passages -- */

#define SENTENCE                                                                                                       \
    "The minister spoke for an hour in the old hall above the river, and those who heard him say that he did not "     \
    "once look at his paper, nor at the clock, nor at the door by which he had come in with his guards. "

static const char story[] = "A hall above the river\n\n" SENTENCE SENTENCE "\n\n"
                            "What was said in it\n\n" SENTENCE "He named Simla twice. " SENTENCE "\n\n" SENTENCE
                            "He named Simla once more. " SENTENCE "\n";

static void index_story(const struct fixture *f) {
    folder_write_text(&f->folder, "story.txt", story);
    lede_writer *w = writer_on(f->name, NULL);
    MUST(lede_writer_add_path(w, folder_entry(&f->folder, "story.txt"), err));
    put_article(w, "other", "Nothing of it here.");
    lede_commit_info info = commit(w);
    assert_int_equal(info.articles_added, 2);
    assert_true(info.passages_added >= 4);
    lede_writer_close(w);
}

static void check_view(const lede_passage_view *view, const char *path) {
    assert_string_equal(view->article.title, "A hall above the river");
    assert_string_equal(view->article.key, path);
    assert_string_equal(view->article.path, path);
    assert_int_equal(view->article.body_len, 0);
    assert_string_equal(view->heading, "What was said in it");
    assert_int_equal(strlen(view->text), view->text_len);
    assert_non_null(strstr(view->text, "Simla"));
    assert_true(view->span_count > 0);
    for (size_t i = 0; i < view->span_count; i++)
        assert_memory_equal(view->text + view->spans[i].start, "Simla", 5);
    assert_true(view->line > 4);
}

static void test_passages(void **state) {
    const struct fixture *f = *state;
    index_story(f);
    const char *path = folder_entry(&f->folder, "story.txt");
    lede_index *index = open_index(f);
    struct found found = search(index, "simla", NULL);
    assert_int_equal(lede_results_count(found.results), 2);
    for (size_t i = 0; i < 2; i++) {
        const lede_passage_view *view, *again;
        const char *key;
        size_t len;
        MUST(lede_results_passage(&view, found.results, i, err));
        check_view(view, path);
        MUST(lede_results_passage_at(&again, found.results, view->passage, err));
        assert_string_equal(view->text, again->text);
        assert_int_equal(view->span_count, again->span_count);
        MUST(lede_results_passage_at(&again, found.results, view->passage - 1, err));
        assert_int_equal(again->number, view->number - 1);
        assert_string_equal(again->article.key, view->article.key);
        MUST(lede_results_key(&key, &len, found.results, i, err));
        assert_string_equal(key, path);
    }
    const lede_passage_view *none;
    assert_int_equal(lede_results_passage(&none, found.results, 2, NULL), LEDE_INVALID);
    assert_int_equal(lede_results_passage_at(&none, found.results, UINT64_MAX, NULL), LEDE_INVALID);
    release(&found);
    lede_index_close(index);
}

static void test_groups_and_more(void **state) {
    const struct fixture *f = *state;
    index_story(f);
    lede_index *index = open_index(f);
    const lede_search_options grouped = {.group = LEDE_GROUP_ARTICLE, .count = true};
    struct found found = search(index, "simla minister", &grouped), each = search(index, "simla minister", NULL);
    bool exact;
    assert_int_equal(lede_results_count(found.results), 1);
    assert_int_equal(lede_results_total(found.results, &exact), 1);
    assert_true(exact);
    size_t passages = lede_results_count(each.results), count = 0;
    assert_true(passages >= 3);
    assert_true(lede_results_hit(found.results, 0)->passage == lede_results_hit(each.results, 0)->passage);
    const lede_hit *more = NULL;
    MUST(lede_results_more(&more, &count, found.results, 0, 100, err));
    assert_int_equal(count, passages - 1);
    for (size_t i = 0; i < count; i++) {
        assert_true(more[i].passage == lede_results_hit(each.results, i + 1)->passage);
        assert_true(more[i].score == lede_results_hit(each.results, i + 1)->score);
    }
    MUST(lede_results_more(&more, &count, found.results, 0, 1, err));
    assert_int_equal(count, 1);
    assert_true(more[0].passage == lede_results_hit(each.results, 1)->passage);
    release(&found);
    release(&each);
    lede_index_close(index);
}

static void test_articles(void **state) {
    const struct fixture *f = *state;
    index_story(f);
    const char *path = folder_entry(&f->folder, "story.txt");
    lede_index *index = open_index(f);
    lede_article *article = NULL;
    MUST(lede_index_article(&article, index, path, strlen(path), err));
    assert_string_equal(article->title, "A hall above the river");
    assert_string_equal(article->path, path);
    assert_int_equal(article->body_len, strlen(article->body));
    struct found found = search(index, "simla", NULL);
    for (size_t i = 0; i < lede_results_count(found.results); i++) {
        const lede_passage_view *view;
        MUST(lede_results_passage(&view, found.results, i, err));
        size_t start = lede_index_passage_start(index, path, strlen(path), view->number);
        assert_true(start + view->text_len <= article->body_len);
        assert_memory_equal(article->body + start, view->text, view->text_len);
    }
    size_t end = lede_index_passage_start(index, path, strlen(path), article->passages + 1);
    assert_int_equal(end, article->body_len);
    release(&found);
    lede_article_free(article);
    article = NULL;
    assert_int_equal(lede_index_article(&article, index, "none", 4, NULL), LEDE_NOT_FOUND);
    assert_null(article);
    lede_index_close(index);
}

static void test_odd_articles(void **state) {
    const struct fixture *f = *state;
    static char key[4096], similar[4096], word[600];
    memset(key, 'k', sizeof key);
    memset(similar, 'k', sizeof similar);
    memset(word, 'w', sizeof word - 1);
    similar[4095] = 'x';
    lede_writer *w = writer_on(f->name, NULL);
    for (int round = 0; round < 2; round++) {
        lede_article a = {.key = key, .key_len = 4096, .body = "first water", .body_len = 11};
        MUST(lede_writer_add_article(w, &a, err));
        a.key = similar;
        a.body = word;
        a.body_len = strlen(word);
        MUST(lede_writer_add_article(w, &a, err));
    }
    put_titled(w, "title", "Only a titleword", "");
    lede_commit_info info = commit(w);
    assert_int_equal(info.articles_added, 3);
    assert_int_equal(info.articles_superseded, 2);
    lede_writer_close(w);
    lede_index *index = open_index(f);
    finds(index, "titleword", " title");
    struct found found = search(index, word, NULL);
    assert_int_equal(lede_results_count(found.results), 1);
    release(&found);
    lede_article *article = NULL;
    MUST(lede_index_article(&article, index, similar, 4096, err));
    assert_string_equal(article->body, word);
    lede_article_free(article);
    lede_index_close(index);
    check_index(f->name);
}

/* ------------------------------------------------------------------------------------- changing -- */

static void test_update_and_delete(void **state) {
    const struct fixture *f = *state;
    fill(f);
    lede_writer *w = writer_on(f->name, NULL);
    uint64_t deleted = 9;
    put_article(w, "a", "Now it is about stones.");
    put_article(w, "n", "A new one.");
    put_article(w, "n", "A newer one.");
    MUST(lede_writer_delete(w, "b", 1, &deleted, err));
    assert_int_equal(deleted, 1);
    assert_int_equal(lede_writer_delete(w, "never", 5, &deleted, NULL), LEDE_NOT_FOUND);
    assert_int_equal(deleted, 0);
    assert_int_equal(lede_writer_delete(w, "", 0, &deleted, NULL), LEDE_INVALID);
    lede_commit_info info = commit(w);
    assert_int_equal(info.articles_added, 1);
    assert_int_equal(info.articles_updated, 1);
    assert_int_equal(info.articles_superseded, 1);
    assert_int_equal(info.articles_deleted, 1);
    assert_int_equal(info.passages_added, 2);
    MUST(lede_writer_delete(w, "a", 1, &deleted, err));
    put_article(w, "a", "And back again.");
    info = commit(w);
    assert_int_equal(info.articles_added + info.articles_updated, 1);
    lede_writer_close(w);
    lede_index *index = open_index(f);
    finds(index, "simla", "");
    finds(index, "stones", "");
    finds(index, "again newer", " a n");
    lede_index_close(index);
    assert_int_equal(stats_of(f->name).articles, 5);
    check_index(f->name);
}

static void test_nothing_is_seen_before_the_commit(void **state) {
    const struct fixture *f = *state;
    fill(f);
    lede_index *index = open_index(f);
    assert_false(lede_index_is_stale(index));
    lede_index_set_cache(index, 1 << 20);
    lede_index_set_threads(index, 4);
    assert_int_equal(lede_index_cache_bytes(index), 0);
    lede_writer *w = writer_on(f->name, NULL);
    put_article(w, "z", "Stones of the zenana.");
    lede_index *meanwhile = open_index(f);
    finds(meanwhile, "zenana", "");
    lede_index_close(meanwhile);
    assert_false(lede_index_is_stale(index));
    commit(w);
    assert_true(lede_index_is_stale(index));
    lede_index *after = open_index(f);
    finds(after, "zenana", " z");
    lede_index_close(after);
    lede_index_close(index);
    put_article(w, "y", "Never to be committed: yonder.");
    lede_writer_close(w);
}

static void test_what_is_closed_without_commit(void **state) {
    const struct fixture *f = *state;
    /* A server does not hear of transactions. */
    if (f->kind == SERVERS)
        skip();
    fill(f);
    lede_writer *w = writer_on(f->name, NULL);
    put_article(w, "y", "Never to be committed: yonder.");
    lede_writer_close(w);
    lede_index *index = open_index(f);
    finds(index, "yonder", "");
    lede_index_close(index);
}

/* Files that changed long enough ago to be known by their times. */
static void age(const struct fixture *f, const char *name) {
    const struct timespec times[2] = {{1700000000, 0}, {1700000000 + (long)strlen(name), 0}};
    assert_int_equal(utimensat(AT_FDCWD, folder_entry(&f->folder, name), times, 0), 0);
}

static void write_aged(const struct fixture *f, const char *name, const char *text) {
    folder_write_text(&f->folder, name, text);
    age(f, name);
}

static lede_commit_info index_folder(const struct fixture *f) {
    lede_writer *w = writer_on(f->name, NULL);
    MUST(lede_writer_add_path(w, folder_entry(&f->folder, "in"), err));
    lede_commit_info info = commit(w);
    lede_writer_close(w);
    return info;
}

static void test_files(void **state) {
    const struct fixture *f = *state;
    mkdir(folder_entry(&f->folder, "in"), 0777);
    write_aged(f, "in/a.txt", "Alpha writes of stones.\n");
    write_aged(f, "in/b.txt", "Beta writes of water.\n");
    write_aged(f, "in/c.jsonl",
               "{\"id\": \"c1\", \"contents\": \"gamma one\"}\n{\"id\": \"c2\", \"contents\": \"gamma two\"}\n");
    lede_commit_info info = index_folder(f);
    assert_int_equal(info.files_indexed, 3);
    assert_int_equal(info.articles_added, 4);
    info = index_folder(f);
    assert_int_equal(info.files_unchanged, 3);
    assert_int_equal(info.files_indexed, 0);
    assert_int_equal(info.articles_added + info.articles_updated + info.articles_deleted, 0);

    write_aged(f, "in/a.txt", "Alpha writes of steel now.\n");
    write_aged(f, "in/c.jsonl",
               "{\"id\": \"c2\", \"contents\": \"gamma two\"}\n{\"id\": \"c3\", \"contents\": \"gamma three\"}\n");
    assert_int_equal(unlink(folder_entry(&f->folder, "in/b.txt")), 0);
    info = index_folder(f);
    assert_int_equal(info.files_indexed, 2);
    assert_int_equal(info.files_vanished, 1);
    assert_int_equal(info.articles_added, 1);
    assert_int_equal(info.articles_updated, 2);
    assert_int_equal(info.articles_deleted, 2);
    lede_index *index = open_index(f);
    finds(index, "gamma", " c2 c3");
    finds(index, "stones water", "");
    const lede_stats stats = stats_of(f->name);
    assert_int_equal(stats.articles, 3);
    assert_int_equal(stats.sources, 2);
    lede_index_close(index);

    lede_writer *w = writer_on(f->name, NULL);
    uint64_t deleted;
    const char *in = folder_entry(&f->folder, "in");
    MUST(lede_writer_delete(w, in, strlen(in), &deleted, err));
    assert_int_equal(deleted, 3);
    commit(w);
    lede_writer_close(w);
    assert_int_equal(stats_of(f->name).articles, 0);
    check_index(f->name);
}

/* ------------------------------------------------------------------------------------ settings -- */

static void test_settings_last(void **state) {
    const struct fixture *f = *state;
    const lede_writer_options german = {.language = "german", .omit_text = true, .passages = LEDE_PASSAGES_WHOLE};
    lede_writer *w = writer_on(f->name, &german);
    put_article(w, "a", "Die Häuser der Stadt.");
    commit(w);
    lede_writer_close(w);
    w = writer_on(f->name, NULL);
    put_article(w, "b", "Ein Haus am Fluss.");
    commit(w);
    lede_writer_close(w);
    const lede_writer_options english = {.language = "english"};
    lede_error refusal;
    w = NULL;
    assert_int_equal(lede_writer_open(&w, f->name, &english, &refusal), LEDE_INVALID);
    assert_null(w);
    assert_non_null(strstr(refusal.message, "german"));
    lede_index *index = open_index(f);
    finds(index, "Hauses", " a b");
    struct found found = search(index, "stadt", NULL);
    const lede_passage_view *view;
    MUST(lede_results_passage(&view, found.results, 0, err));
    assert_string_equal(view->text, "");
    release(&found);
    lede_stats stats;
    MUST(lede_index_stats(&stats, index, err));
    assert_string_equal(stats.language, "german");
    assert_false(stats.has_text);
    assert_int_equal(stats.passages_mode, LEDE_PASSAGES_WHOLE);
    lede_article *article = NULL;
    MUST(lede_index_article(&article, index, "a", 1, err));
    assert_int_equal(article->body_len, 0);
    lede_article_free(article);
    lede_index_close(index);
}

static void test_must_exist(void **state) {
    const struct fixture *f = *state;
    const lede_writer_options options = {.must_exist = true};
    lede_writer *w = NULL;
    lede_index *index = NULL;
    assert_int_equal(lede_writer_open(&w, f->name, &options, NULL), LEDE_NOT_FOUND);
    assert_null(w);
    assert_int_equal(lede_index_open(&index, f->name, NULL), LEDE_NOT_FOUND);
    assert_null(index);
}

static void test_one_writer_at_a_time(void **state) {
    const struct fixture *f = *state;
    fill(f);
    lede_writer *first = writer_on(f->name, NULL), *second = NULL;
    assert_int_equal(lede_writer_open(&second, f->name, NULL, NULL), LEDE_LOCKED);
    assert_null(second);
    lede_writer_close(first);
    second = writer_on(f->name, NULL);
    lede_writer_close(second);
}

/* Kills those that answer a server's clients, and tells whether there were any. */
static bool kill_children(const struct shard_server *server) {
    char path[64];
    int child;
    bool any = false;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", server->pid, server->pid);
    FILE *children = fopen(path, "r");
    assert_non_null(children);
    for (; fscanf(children, "%d", &child) == 1; any = true)
        kill(child, SIGKILL);
    fclose(children);
    return any;
}

/* What a server does with who asks nothing for a minute. */
static void hang_up(const struct shard_server *server) {
    for (int tries = 0; kill_children(server) && tries < 1000; tries++)
        usleep(10000);
}

static int hang_up_on_others(void *ctx, const lede_progress *progress) {
    const struct fixture *f = ctx;
    for (int i = 1; i < SHARDS && f->kind == SERVERS && progress->bytes_done <= 1; i++)
        hang_up(&f->servers[i]);
    return 0;
}

static void test_servers_that_hang_up(void **state) {
    const struct fixture *f = *state;
    uint64_t faults;
    fill(f);
    lede_index *index = open_index(f);
    finds(index, "simla", " a b");
    for (int i = 0; i < SHARDS && f->kind == SERVERS; i++)
        hang_up(&f->servers[i]);
    finds(index, "simla", " a b");
    lede_index_close(index);
    MUST(lede_index_check(f->name, NULL, hang_up_on_others, *state, &faults, err));
    assert_int_equal(faults, 0);
}

static void test_stats(void **state) {
    const struct fixture *f = *state;
    fill(f);
    lede_stats stats = stats_of(f->name);
    assert_int_equal(stats.articles, 5);
    assert_int_equal(stats.passages, 5);
    assert_true(stats.average_length > 8 && stats.average_length < 10);
    assert_int_equal(stats.shards, f->kind == SEGMENTS ? 0 : f->kind == DATABASE ? 1 : SHARDS);
    assert_true(stats.has_text);
    assert_int_equal(stats.commit, 1);
    check_index(f->name);
}

/* ---------------------------------------------------------------------------------------- main -- */

#define TEST(test)                                                                                                     \
    { #test, test }
static const struct {
    const char *name;
    CMUnitTestFunction run;
} suite[] = {
    TEST(test_queries),
    TEST(test_words_count_as_often_as_the_query_has_them),
    TEST(test_limits_offsets_and_totals),
    TEST(test_parameters_out_of_range),
    TEST(test_words_near_and_as_typed),
    TEST(test_copies),
    TEST(test_dates),
    TEST(test_completion),
    TEST(test_suggestions),
    TEST(test_telling_words),
    TEST(test_passages),
    TEST(test_groups_and_more),
    TEST(test_articles),
    TEST(test_odd_articles),
    TEST(test_update_and_delete),
    TEST(test_nothing_is_seen_before_the_commit),
    TEST(test_what_is_closed_without_commit),
    TEST(test_files),
    TEST(test_settings_last),
    TEST(test_must_exist),
    TEST(test_one_writer_at_a_time),
    TEST(test_servers_that_hang_up),
    TEST(test_stats),
};
enum { TESTS = sizeof suite / sizeof *suite };

int main(void) {
    static enum engine_kind kinds[ENGINES] = {SEGMENTS, DATABASE, SERVERS};
    static char names[ENGINES][TESTS][96];
    struct CMUnitTest tests[ENGINES * TESTS];
    size_t engines = shard_server_is_installed() ? ENGINES : SERVERS;
    if (engines == SERVERS)
        puts("left out: three servers, as there is no xapian-tcpsrv here (Debian package xapian-tools)");
    for (size_t e = 0; e < engines; e++)
        for (size_t t = 0; t < TESTS; t++) {
            snprintf(names[e][t], sizeof names[e][t], "%s on %s", suite[t].name, engine_names[e]);
            tests[e * TESTS + t] = (struct CMUnitTest){names[e][t], suite[t].run, make, destroy, &kinds[e]};
        }
    return _cmocka_run_group_tests("engines", tests, engines * TESTS, NULL, NULL);
}
