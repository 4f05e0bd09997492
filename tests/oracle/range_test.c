/* Retrieval by ranges against retrieval of everything, on segments large enough that frequent words have maxima: ids
 * and scores must be equal to the last bit, whatever the query, its filters, the number of results, the parameters and
 * how many threads take part.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/codecs/maxima.h"
#include "searcher/search.h"
#include "support/dated_articles.h"

enum { WORDS = 40, TEXT = 4096 };

/* Word n is in about one passage of n * rarity, in bunches: near passages have the same subjects. */
static size_t make_text(struct random *r, char *text, uint32_t number, uint32_t rarity) {
    size_t len = 0;
    uint32_t subject = number / 500 % WORDS;
    for (uint32_t w = 0; w < WORDS; w++) {
        bool here = random_below(r, rarity * w + 1) == 0 || (w == subject && random_below(r, 2 * rarity) == 0);
        for (uint32_t k = here ? 1 + random_below(r, random_below(r, 8) ? 2 : 7) : 0; k > 0; k--)
            len += (size_t)sprintf(text + len, "w%u ", w);
    }
    for (uint32_t k = random_below(r, random_below(r, 20) ? 60 : 400); k > 0; k--)
        len += (size_t)sprintf(text + len, "x ");
    return len;
}

static void add_passages(struct built_index *b, struct random *r, uint32_t count, uint32_t rarity, bool split) {
    for (uint32_t i = 0; i < count; i++) {
        char text[TEXT];
        uint32_t len = (uint32_t)make_text(r, text, i, rarity);
        add_dated_article(b, r, i, text, len, split);
    }
    built_index_flush(b);
}

/* NEAR or ADJ of words below `words`, of which some may be the same. */
static size_t random_nearness(struct random *r, char *text, uint32_t words) {
    static const uint32_t distances[] = {1, 2, 3, 5, 10, 30, 64, 100, 300};
    size_t len = (size_t)sprintf(text, "%s/%u(", random_below(r, 2) ? "NEAR" : "ADJ", distances[random_below(r, 9)]);
    for (uint32_t n = 2 + random_below(r, random_below(r, 2) ? 1 : 4); n > 0; n--)
        len += (size_t)sprintf(text + len, "w%u ", random_below(r, words));
    return len + (size_t)sprintf(text + len, ") ");
}

static void random_words(struct random *r, char *text) {
    size_t len = 0;
    bool all = random_below(r, 2);
    if (random_below(r, 4) == 0) {
        random_nearness(r, text, random_below(r, 2) ? 4 : WORDS);
        return;
    }
    if (random_below(r, 4) == 0) {
        uint32_t w = random_below(r, random_below(r, 2) ? 3 : WORDS - 2);
        sprintf(text, random_below(r, 2) ? "\"w%u w%u\"" : "\"w%u w%u w%u x\"", w, w + random_below(r, 3), w + 2);
        return;
    }
    text[0] = 0;
    for (uint32_t n = 1 + random_below(r, random_below(r, 6) ? 4 : 20); n > 0; n--)
        len += (size_t)sprintf(text + len, "%sw%u ", all ? "+" : "", random_below(r, 1 + random_below(r, WORDS + 2)));
}

/* Words with and without signs. */
static void random_signs(struct random *r, char *text) {
    static const char *const signs[] = {"", "", "+", "+", "-"};
    size_t len = 0;
    for (uint32_t n = 1 + random_below(r, 5); n > 0; n--)
        len += (size_t)sprintf(text + len, "%sw%u ", signs[random_below(r, 5)], random_below(r, WORDS + 2));
}

static void compare_count(struct built_index *b, const char *text) {
    lede_query *query;
    lede_results *all;
    lede_error err;
    uint64_t counted;
    const lede_search_options o = {.limit = 1, .count = true};
    built_check(lede_query_parse(&query, &b->index, text, strlen(text), NULL, &err), &err);
    built_check(search_by(&all, &b->index, query, &o, STRATEGY_DOCUMENTS, &err), &err);
    built_check(lede_count(&counted, &b->index, query, NULL, &err), &err);
    if (counted != lede_results_total(all, NULL))
        fail_msg("query %s: %llu are counted, and %llu match", text, (unsigned long long)counted,
                 (unsigned long long)lede_results_total(all, NULL));
    lede_results_free(all);
    lede_query_free(query);
}

/* Words are kept in memory for counts as well, of which each is a use. */
static void count_again(struct built_index *b) {
    lede_query *query;
    lede_error err;
    uint64_t first, again;
    hot_budget_set_limit(&b->snapshot.hot, 0);
    hot_budget_set_limit(&b->snapshot.hot, LEDE_DEFAULT_CACHE);
    built_check(lede_query_parse(&query, &b->index, "w0 w1 -w2", 9, NULL, &err), &err);
    built_check(lede_count(&first, &b->index, query, NULL, &err), &err);
    for (int i = 0; i < HOT_USES; i++) {
        built_check(lede_count(&again, &b->index, query, NULL, &err), &err);
        assert_int_equal(again, first);
    }
    assert_true(b->snapshot.hot.used > 0);
    lede_query_free(query);
}

static void random_query(struct random *r, char *text) {
    random_words(r, text);
    for (uint32_t n = random_below(r, 2) ? 0 : 1 + random_below(r, 2); n > 0; n--)
        random_filter(r, text + strlen(text));
}

/* Whether ranges give what everything gives. `o` is changed. */
static void compare_query(struct built_index *b, struct random *r, const char *text, lede_search_options *o) {
    lede_query *query;
    lede_results *all, *best;
    lede_error err;
    built_check(lede_query_parse(&query, &b->index, text, strlen(text), NULL, &err), &err);
    built_check(search_by(&all, &b->index, query, o, STRATEGY_DOCUMENTS, &err), &err);
    uint64_t counted;
    built_check(lede_count(&counted, &b->index, query, NULL, &err), &err);
    assert_int_equal(counted, lede_results_total(all, NULL));
    built_index_share(b, 1 + random_below(r, 3));
    for (enum strategy strategy = STRATEGY_RANGES; strategy <= STRATEGY_ALL; strategy++) {
        bool exact;
        o->count = random_below(r, 2);
        built_check(search_by(&best, &b->index, query, o, strategy, &err), &err);
        assert_same_hits(all, best, text);
        uint64_t total = lede_results_total(all, NULL), found = lede_results_total(best, &exact);
        assert_true(exact ? found == total : found <= total && !o->count);
        lede_results_free(best);
    }
    lede_results_free(all);
    lede_query_free(query);
}

static const uint64_t hot_limits[] = {0, 1 << 18, LEDE_DEFAULT_CACHE};
static const double k1s[] = {0, 0, 0, 0.9, 2, -1}, bs[] = {0, 0, 0, 0.4, 1, -1};

static void compare(struct built_index *b, struct random *r) {
    static const size_t limits[] = {1, 10, 10, 100, 1000, 30000};
    char text[512];
    if (random_below(r, 16) == 0) /* words that were kept in memory no longer are, and some will be again */
        hot_budget_set_limit(&b->snapshot.hot, hot_limits[random_below(r, 3)]);
    random_signs(r, text);
    compare_count(b, text);
    random_query(r, text);
    lede_search_options o = {
        .limit = limits[random_below(r, 6)], .k1 = k1s[random_below(r, 6)], .b = bs[random_below(r, 6)]};
    compare_query(b, r, text, &o);
}

/* Other parameters than those that the maxima were made for can raise a word's greatest impact, and that of all ranges
 * with it, above 1. */
static void compare_parameters(struct built_index *b, struct random *r) {
    static const char *const words[] = {"w0", "w2", "w5", "w3 w9"};
    for (unsigned i = 0; i < 4 * 6 * 6; i++) {
        lede_search_options o = {.limit = 1000, .k1 = k1s[i / 6 % 6], .b = bs[i % 6]};
        compare_query(b, r, words[i / 36], &o);
    }
}

static void ranges_equal_everything(void **state) {
    struct random *r = *state;
    struct built_index b;
    built_index_init(&b, "none");
    add_passages(&b, r, 20000, 1, false);
    add_passages(&b, r, 5000, 1, true);
    add_passages(&b, r, 300, 1, false);
    struct term_info info;
    assert_int_equal(segment_find_term(b.segments[0].segment, "w1", 2, &info, NULL), LEDE_OK);
    assert_true(maxima_shift(20000, info.doc_freq) > 0);
    count_again(&b);
    for (int i = 0; i < 300; i++)
        compare(&b, r);
    hot_budget_set_limit(&b.snapshot.hot, LEDE_DEFAULT_CACHE);
    for (int i = 0; i < HOT_USES; i++)
        compare_query(&b, r, "w0 w1", &(lede_search_options){.limit = 10});
    assert_true(b.snapshot.hot.used > 0);
    for (int i = 0; i < 3000; i++)
        built_index_delete(&b, (size_t)i % 3, random_below(r, 300) * (i % 3 == 2 ? 1 : 16));
    for (int i = 0; i < 300; i++)
        compare(&b, r);
    built_index_release(&b);
}

/* Frequent words that are in one passage of twenty and less, so that their chunks span several ranges, two or four. */
static void wide_chunks_equal_everything(void **state) {
    struct random *r = *state;
    struct built_index b;
    struct term_info info;
    built_index_init(&b, "none");
    add_passages(&b, r, 120000, 8, false);
    assert_int_equal(segment_find_term(b.segments[0].segment, "w2", 2, &info, NULL), LEDE_OK);
    assert_true(maxima_shift(120000, info.doc_freq) > 0 && chunk_shift(120000, info.doc_freq) > RANGE_SHIFT);
    for (int i = 0; i < 200; i++)
        compare(&b, r);
    compare_parameters(&b, r);
    built_index_release(&b);
}

/* Words that are in fewer than one range of four, so that their maxima are of several. */
static void sparse_words_equal_everything(void **state) {
    enum { PASSAGES = 1200000, SPARSE = 4 };
    struct random *r = *state;
    struct built_index b;
    struct term_info info;
    built_index_init(&b, "none");
    for (uint32_t i = 0; i < PASSAGES; i++) {
        char text[64] = "y";
        size_t len = 1;
        /* The first ones in bunches, so that many ranges have none. */
        for (uint32_t w = 0; w < SPARSE; w++)
            if (random_below(r, w > 1 ? 274 : 136) == 0 && (w > 1 || i / 4096 % 2))
                len += (size_t)sprintf(text + len, " w%u%s", w, random_below(r, 4) ? "" : " w1 z z");
        if (random_below(r, 3) == 0)
            len += (size_t)sprintf(text + len, " y y");
        built_index_add_text(&b, i, text, len);
    }
    built_index_flush(&b);
    assert_int_equal(segment_find_term(b.segments[0].segment, "w2", 2, &info, NULL), LEDE_OK);
    assert_true(maxima_shift(PASSAGES, info.doc_freq) > RANGE_SHIFT);
    for (int i = 0; i < 100; i++)
        compare(&b, r);
    built_index_release(&b);
}

/* A rare word in passages so long that bounds don't tell their lengths apart. */
static void long_passages_equal_everything(void **state) {
    enum { PASSAGES = 40000, RARE_IN = 40, LONG_TEXT = 16384 };
    static const char *const words[] = {"rare", "rare w0", "w0 rare w1", "w1 w0"};
    struct random *r = *state;
    struct built_index b;
    char text[LONG_TEXT];
    built_index_init(&b, "none");
    for (uint32_t i = 0; i < PASSAGES; i++) {
        size_t len = (size_t)sprintf(text, "%s", random_below(r, 4) ? "y " : "w0 ");
        uint32_t rest = random_below(r, 20);
        for (uint32_t k = i % RARE_IN == 0 ? 1 + random_below(r, 3) : 0; k > 0; k--, rest = 900 + random_below(r, 3000))
            len += (size_t)sprintf(text + len, "rare ");
        for (; rest > 0; rest--)
            len += (size_t)sprintf(text + len, random_below(r, 50) ? "x " : "w1 ");
        add_dated_article(&b, r, i, text, (uint32_t)len, false);
    }
    built_index_flush(&b);
    for (unsigned i = 0; i < 4 * 4; i++) {
        lede_search_options o = {.limit = i % 4 ? 50 * (i % 4) : 1};
        compare_query(&b, r, words[i / 4], &o);
    }
    built_index_release(&b);
}

enum { DENSE_WORDS = 12, LONG_RUN = 70 };

static size_t make_dense_text(struct random *r, char *text, uint32_t most) {
    size_t len = 0;
    for (uint32_t n = 1 + random_below(r, most); n > 0; n--)
        len += (size_t)sprintf(text + len, "w%u ", random_below(r, 1 + random_below(r, DENSE_WORDS)));
    return len;
}

static size_t make_run(char *text, uint32_t count) {
    size_t len = (size_t)sprintf(text, "w1 ");
    for (; count > 0; count--)
        len += (size_t)sprintf(text + len, "w0 ");
    return len;
}

/* A phrase of very many words. */
static void compare_run(struct built_index *b, struct random *r, uint32_t count) {
    lede_search_options o = {.limit = 10};
    char run[TEXT], text[TEXT + 8];
    make_run(run, count);
    sprintf(text, "\"%s\"", run);
    compare_query(b, r, text, &o);
}

static size_t random_phrase(struct random *r, char *text, bool phrase) {
    size_t len = (size_t)sprintf(text, phrase ? "\"" : "");
    for (uint32_t n = 2 + random_below(r, 3); n > 0; n--)
        len += (size_t)sprintf(text + len, phrase ? "w%u " : "+w%u ", random_below(r, DENSE_WORDS));
    return len + (size_t)sprintf(text + len, phrase ? "\" " : "");
}

/* Phrases, NEAR and ADJ, and words that are all required, as most passages have them. */
static void compare_dense(struct built_index *b, struct random *r) {
    static const size_t limits[] = {1, 10, 100, 1000, 30000};
    lede_search_options o = {.limit = limits[random_below(r, 5)]};
    char text[512];
    uint32_t kind = random_below(r, 5);
    size_t len = kind < 2 ? random_nearness(r, text, DENSE_WORDS) : random_phrase(r, text, kind < 4);
    if (random_below(r, 3) == 0)
        random_filter(r, text + len);
    compare_query(b, r, text, &o);
}

/* Words whose chunks are single ranges, and whose positions stand by chunks; in passages of lengths of one byte or of
 * two, of which some are deleted. */
static void dense_words_equal_everything(void **state) {
    struct random *r = *state;
    for (uint32_t most = 100; most < 1000; most += 600) {
        struct built_index b;
        struct term_info info;
        built_index_init(&b, "none");
        for (uint32_t i = 0; i < 6000; i++) {
            char text[TEXT];
            uint32_t len = i % LONG_RUN ? (uint32_t)make_dense_text(r, text, random_below(r, 50) ? 100 : most)
                                        : (uint32_t)make_run(text, random_below(r, 2 * LONG_RUN));
            add_dated_article(&b, r, i, text, len, false);
        }
        built_index_flush(&b);
        assert_int_equal(segment_find_term(b.segments[0].segment, "w3", 2, &info, NULL), LEDE_OK);
        assert_true(info.doc_freq >= MAXIMA_DOCS && info.doc_freq > 6000 / DENSE_PART);
        for (int i = 0; i < 150; i++)
            compare_dense(&b, r);
        for (uint32_t words = 60; words < 68; words++)
            compare_run(&b, r, words);
        for (int i = 0; i < 1000; i++)
            built_index_delete(&b, 0, random_below(r, 6000));
        for (int i = 0; i < 50; i++)
            compare_dense(&b, r);
        built_index_release(&b);
    }
}

static struct postings open_word(const struct built_index *b, const char *word) {
    struct term_info info;
    struct postings p;
    assert_int_equal(segment_find_term(b->segments[0].segment, word, strlen(word), &info, NULL), LEDE_OK);
    postings_open(&p, b->segments[0].segment, &info);
    assert_non_null(p.levels);
    return p;
}

static void compare_queries(struct built_index *b, struct random *r, const char *const *queries) {
    static const size_t limits[] = {1, 10, 1000, 30000};
    for (; *queries; queries++)
        for (unsigned i = 0; i < 4; i++) {
            lede_search_options o = {.limit = limits[i]};
            compare_query(b, r, *queries, &o);
        }
}

/* A word that fewer passages have than another one, with narrower chunks: these were chosen when more passages had it,
 * most of which are deleted. */
static void narrower_chunks_of_rarer_words_equal_everything(void **state) {
    enum { PASSAGES = 62000, EVERY = 10 };
    static const char *const queries[] = {"+often +once", "\"often once\"", "NEAR/3(often once)", NULL};
    struct random *r = *state;
    struct built_index b;
    built_index_init(&b, "none");
    for (uint32_t i = 0; i < PASSAGES; i++) {
        char text[64];
        bool stays = i % 3 > 0;
        size_t len = (size_t)sprintf(text, "%s%s%s", stays && i % EVERY ? "x " : "often x often ",
                                     stays && i % 17 < 2 ? "once " : "", random_below(r, 2) ? "y" : "y y");
        built_index_add_text(&b, i, text, len);
    }
    built_index_flush(&b);
    for (uint32_t i = 0; i < PASSAGES; i += 3)
        built_index_delete(&b, 0, i);
    built_index_merge(&b);
    struct postings often = open_word(&b, "often"), once = open_word(&b, "once");
    assert_true(often.doc_freq < once.doc_freq && often.chunks.shift < once.chunks.shift);
    assert_int_equal(often.chunks.shift, CHUNK_SHIFT_MIN);
    compare_queries(&b, r, queries);
    built_index_release(&b);
}

/* Words whose chunks are single ranges, and whose positions stand by blocks all the same, as an eighth of the passages
 * has them and no more; some of these are so long that masks don't tell positions. */
static void blocks_of_dense_words_equal_everything(void **state) {
    enum { PASSAGES = MAXIMA_DOCS * DENSE_PART, LONG_IN = 13 * DENSE_PART, LONG = 300 };
    static const char *const queries[] = {"\"left right\"", "NEAR/2(left right)", "ADJ/3(left right)", NULL};
    static const char *const both[] = {"left right ", "right left ", "left y right "};
    struct random *r = *state;
    struct built_index b;
    built_index_init(&b, "none");
    for (uint32_t i = 0; i < PASSAGES; i++) {
        char text[TEXT];
        size_t len = (size_t)sprintf(text, "%s", i % DENSE_PART ? "x " : both[random_below(r, 3)]);
        for (uint32_t k = i % LONG_IN ? random_below(r, 5) : LONG; k > 0; k--)
            len += (size_t)sprintf(text + len, "x ");
        built_index_add_text(&b, i, text, len);
    }
    built_index_flush(&b);
    struct postings left = open_word(&b, "left"), right = open_word(&b, "right");
    assert_true(left.chunks.shift == CHUNK_SHIFT_MIN && right.chunks.shift == CHUNK_SHIFT_MIN);
    assert_true(!left.by_chunks && !right.by_chunks);
    compare_queries(&b, r, queries);
    built_index_release(&b);
}

/* How often words are in a passage, beyond what is kept of it in memory: of frequent ones, with all blocks and with
 * their own, of a rare one, and of one whose postings are read meanwhile. */
static size_t make_often(struct random *r, char *text, uint32_t i, uint32_t most) {
    const uint32_t rarities[] = {2, 10, 11, 300, 1};
    size_t len = (size_t)sprintf(text, "y ");
    for (uint32_t w = 0; w < sizeof rarities / sizeof *rarities; w++) {
        bool here = w == 4 ? i > 39000 || i % 64 < 8 : random_below(r, rarities[w]) == 0;
        for (uint32_t k = here ? 1 + random_below(r, random_below(r, 3) ? 3 : 40) : 0; k > 0; k--)
            len += (size_t)sprintf(text + len, "w%u ", w);
    }
    for (uint32_t k = random_below(r, random_below(r, 20) ? 40 : most); k > 0; k--)
        len += (size_t)sprintf(text + len, "x ");
    return len;
}

static struct term_info find_term(const struct segment *s, const char *word) {
    struct term_info info;
    assert_int_equal(segment_find_term(s, word, strlen(word), &info, NULL), LEDE_OK);
    return info;
}

/* What a word's set and positions take at most. */
static size_t most_of_phrase(const struct segment *s, const char *word) {
    const struct term_info info = find_term(s, word);
    uint32_t passages = segment_info(s)->passages;
    return hot_set_size(passages, info.doc_freq, false) + hot_positions_size(passages, &info);
}

static bool has_positions(const struct segment *s, const char *word) {
    const struct term_info info = find_term(s, word);
    const struct hot_positions *p = hot_terms_hold_positions(segment_hot(s), s, &info);
    hot_terms_give_back_positions(segment_hot(s), p);
    return p;
}

/* The words of a phrase are held, if not all that may have it are wanted, or no more than how many these are; else no
 * more than the sets of their passages, and where they stand in these. */
static void hold_where_more_match(struct built_index *b, struct random *r) {
    const char *const phrase = "\"y w0\"";
    hot_budget_set_limit(&b->snapshot.hot, LEDE_DEFAULT_CACHE);
    for (unsigned i = 0; i < 2 * HOT_USES; i++) {
        compare_query(b, r, phrase, &(lede_search_options){.limit = 30000});
        compare_count(b, phrase);
    }
    size_t sets = 0;
    for (size_t i = 0; i < b->snapshot.segment_count; i++)
        sets += most_of_phrase(b->segments[i].segment, "y") + most_of_phrase(b->segments[i].segment, "w0");
    uint64_t used = b->snapshot.hot.used;
    assert_true(used <= sets);
    for (int i = 0; i < HOT_USES; i++)
        compare_query(b, r, phrase, &(lede_search_options){.limit = 10});
    assert_true(b->snapshot.hot.used > used);
    assert_true(has_positions(b->segments[0].segment, "y"));
    assert_true(has_positions(b->segments[0].segment, "w0"));
}

/* Counts what phrases match, by positions, until it is in memory where their words stand. */
static void place_words(struct built_index *b, const char *const *phrases, uint32_t rounds) {
    for (; *phrases; phrases++) {
        lede_query *query;
        lede_error err;
        uint64_t count;
        compare_count(b, *phrases);
        built_check(lede_query_parse(&query, &b->index, *phrases, strlen(*phrases), NULL, &err), &err);
        for (uint32_t i = 0; i < rounds; i++)
            built_check(lede_count(&count, &b->index, query, NULL, &err), &err);
        lede_query_free(query);
        compare_count(b, *phrases);
    }
}

static void high_frequencies_equal_everything(void **state) {
    enum { PASSAGES = 45003, QUERIES = 24 };
    static const char *const words[QUERIES] = {
        "w0 w1",           "w3 w1 w2",    "w0 w3 w4",       "w1 w2 w4 w0", "w2",       "w4 w3",     "w0 w0 w1",
        "w1^3 w2 w3",      "x w0 w3",     "y w1",           "\"y w0\"",    "\"w0 x\"", "\"w0 w4\"", "\"w0 w0\"",
        "\"w0 w0 w4\"",    "\"y w0 w0\"", "\"y w1\"",       "\"y w0 x\"",  "+y +w0",   "+w0 +w4",   "NEAR/12(w4 y w0)",
        "NEAR/3(w0 w0 y)", "ADJ/5(y w4)", "ADJ/3(w0 w1 w4)"};
    struct random *r = *state;
    for (uint32_t most = 100; most < 2000; most += 1500) {
        struct built_index b;
        char text[TEXT * 4];
        built_index_init(&b, "none");
        for (uint32_t i = 0; i < PASSAGES; i++)
            add_dated_article(&b, r, i, text, (uint32_t)make_often(r, text, i, most), false);
        built_index_flush(&b);
        for (uint32_t i = 0; i < 6007; i++)
            add_dated_article(&b, r, PASSAGES + i, text, (uint32_t)make_often(r, text, i, most), false);
        built_index_flush(&b);
        hold_where_more_match(&b, r);
        place_words(&b, (const char *const[]){"\"x w0\"", "\"w4 w0\"", "\"w0 w0 w4\"", NULL}, 40);
        assert_true(has_positions(b.segments[0].segment, "x"));
        for (int round = 0; round < 2; round++) {
            for (unsigned i = 0; i < 600; i++) {
                static const size_t limits[] = {1, 10, 100, 500, 1000, 3000, 30000};
                lede_search_options o = {
                    .limit = limits[random_below(r, 7)], .k1 = k1s[random_below(r, 5)], .b = bs[random_below(r, 5)]};
                char query[256];
                size_t len = (size_t)sprintf(query, "%s ", words[random_below(r, QUERIES)]);
                if (random_below(r, 4) == 0)
                    random_filter(r, query + len);
                if (random_below(r, 12) == 0)
                    hot_budget_set_limit(&b.snapshot.hot,
                                         random_below(r, 3) ? LEDE_DEFAULT_CACHE : random_below(r, 500000));
                compare_query(&b, r, query, &o);
            }
            for (int i = 0; i < 2000; i++)
                built_index_delete(&b, (size_t)i % 2, random_below(r, 6000));
        }
        built_index_release(&b);
    }
}

/* Words that stand together in few of the passages that have them, of which some are long. */
enum { PLACED_WORDS = 9, OTHERS_FROM = 4 };
static const struct {
    const char *word;
    uint32_t part;
} placed[PLACED_WORDS] = {{"w1", 3}, {"w3", 2}, {"w4", 14}, {"w5", 14}, {"w6", 3},
                          {"w7", 3}, {"w8", 3}, {"w9", 3},  {"w10", 3}};

static size_t put_joined(struct random *r, char *text, const char *words, uint32_t part) {
    return random_below(r, part) == 0 ? (size_t)sprintf(text, "%s x ", words) : 0;
}

static size_t make_placed(struct random *r, char *text) {
    size_t len = 0;
    uint32_t first = random_below(r, PLACED_WORDS), times = random_below(r, 60) ? 3 : 20;
    for (uint32_t k = random_below(r, 150) ? random_below(r, 3) : 200 + random_below(r, 100); k > 0; k--)
        len += (size_t)sprintf(text + len, "x ");
    for (uint32_t i = 0; i < PLACED_WORDS; i++) {
        uint32_t w = (first + i) % PLACED_WORDS;
        for (uint32_t k = random_below(r, placed[w].part) ? 0 : 1 + random_below(r, times); k > 0; k--)
            len += (size_t)sprintf(text + len, "%s x ", placed[w].word);
    }
    len += put_joined(r, text + len, "w4 w1", 2000);
    len += put_joined(r, text + len, "w5 w1", 15000);
    len += put_joined(r, text + len, "w1 w5", 100000);
    len += put_joined(r, text + len, "w5 w3 w1", 5000);
    for (uint32_t w = OTHERS_FROM; w < PLACED_WORDS; w++) {
        char words[32];
        sprintf(words, "w4 w1 %s w4 %s", placed[w].word, placed[w].word);
        len += put_joined(r, text + len, words, 3000);
    }
    for (uint32_t k = random_below(r, 300) ? random_below(r, 10) : 300; k > 0; k--)
        len += (size_t)sprintf(text + len, "x ");
    return len;
}

/* Where some words of a phrase stand is in memory, where another one does is not: which is a new one each time. */
static void compare_mixed(struct built_index *b, struct random *r) {
    static const char *const begins[] = {"\"w4 ", "\"w4 w1 ", "NEAR/1(w4 ", "ADJ/3(w1 w4 ", "\"w4 "};
    static const size_t limits[] = {10, 1000, 10, 1000, 1};
    const struct segment *s = b->segments[0].segment;
    for (uint32_t w = OTHERS_FROM, i = 0; w < PLACED_WORDS; w++, i++) {
        char query[64];
        sprintf(query, "%s%s%s", begins[i], placed[w].word, begins[i][0] == '"' ? "\"" : ")");
        assert_true(has_positions(s, "w4") && has_positions(s, "w1"));
        compare_query(b, r, query, &(lede_search_options){.limit = limits[i]});
        assert_false(has_positions(s, placed[w].word));
    }
}

/* Phrases that few of many passages have that have their words, of which it is in memory what they give, and where they
 * stand: those with the best blocks are looked at first, several times as many each time. */
static void placed_words_equal_everything(void **state) {
    enum { PASSAGES = 200000, DELETED = 3000 };
    static const char *const phrases[] = {"\"w4 w1\"", "\"w5 w1\"", "\"w1 w5\"", "\"w5 w3 w1\"", "\"w3 w4\"", NULL};
    static const char *const queries[] = {
        "\"w4 w1\"",     "\"w5 w1\"",    "\"w1 w5\"",    "\"w5 w3 w1\"",     "\"w1 w4\"",         "\"w4 x w1\"",
        "NEAR/1(w4 w1)", "ADJ/1(w5 w1)", "ADJ/3(w1 w5)", "NEAR/2(w1 w5 w3)", "\"w5 w1\" lang:ru", "\"w4 w1\" -lang:en"};
    static const size_t limits[] = {1, 10, 30, 1000};
    struct random *r = *state;
    struct built_index b;
    char text[TEXT];
    built_index_init(&b, "none");
    for (uint32_t i = 0; i < PASSAGES; i++)
        add_dated_article(&b, r, i, text, (uint32_t)make_placed(r, text), false);
    built_index_flush(&b);
    struct postings w4 = open_word(&b, "w4");
    assert_true(w4.chunks.shift > RANGE_SHIFT); /* nor are all words dense */
    place_words(&b, phrases, 40);
    for (uint32_t w = 0; w < OTHERS_FROM; w++)
        assert_true(has_positions(b.segments[0].segment, placed[w].word));
    compare_mixed(&b, r);
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 4 * sizeof queries / sizeof *queries; i++) {
            lede_search_options o = {
                .limit = limits[i % 4], .k1 = k1s[random_below(r, 5)], .b = bs[random_below(r, 5)]};
            compare_query(&b, r, queries[i / 4], &o);
        }
        for (int i = 0; i < DELETED; i++)
            built_index_delete(&b, 0, random_below(r, PASSAGES));
    }
    assert_true(has_positions(b.segments[0].segment, "w4"));
    built_index_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(placed_words_equal_everything, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(high_frequencies_equal_everything, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(dense_words_equal_everything, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(wide_chunks_equal_everything, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(ranges_equal_everything, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(sparse_words_equal_everything, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(long_passages_equal_everything, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(narrower_chunks_of_rarer_words_equal_everything, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(blocks_of_dense_words_equal_everything, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
