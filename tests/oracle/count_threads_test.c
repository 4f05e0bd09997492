/* Counts against a look at each passage, in a segment of several windows and a small one: whether words are kept in
 * memory, all, some or none, whatever is deleted or filtered, and however many threads share the windows; several
 * counts at once; and with postings that are damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/segment/segment_map.h"
#include "searcher/retrieve/count_windows.h"
#include "searcher/search.h"
#include "support/built_index.h"
#include "support/overwritten.h"
#include "support/random.h"

enum {
    LARGE = 2 * COUNT_WINDOW + 100003,
    SMALL = 3001,
    PASSAGES = LARGE + SMALL,
    WORDS = 14,
    GERMAN = 1 << WORDS, /* a passage of a language that is filtered by */
    DELETED = 1 << (WORDS + 1),
    QUERY = 128,
    COUNTING = 3,
    DAMAGES = 40
};

static struct built_index built;
static uint16_t has[PASSAGES]; /* a bit for each word */

/* Word n is in one passage of so many, so that there are chunks of most widths, words that no set is kept of, and
 * lists; the last but one is in the first window alone, the last one in the last. */
static const uint32_t rarities[WORDS] = {2, 2, 3, 5, 9, 20, 60, 120, 140, 200, 1000, 20000, 40, 90};

static bool is_in(struct random *r, uint32_t passage, uint32_t word) {
    if ((word == WORDS - 2 && passage >= COUNT_WINDOW) || (word == WORDS - 1 && passage < 2 * COUNT_WINDOW))
        return false;
    if (passage / 4096 % 7 == word % 7) /* nowhere in a stretch */
        return false;
    return random_below(r, rarities[word]) == 0;
}

static void add_passage(struct random *r, uint32_t number) {
    char text[8 * WORDS + 8] = "x", key[16];
    size_t len = 1;
    for (uint32_t w = 0; w < WORDS; w++) {
        if (!is_in(r, number, w))
            continue;
        has[number] |= (uint16_t)(1U << w);
        len += (size_t)sprintf(text + len, random_below(r, 4) ? " w%u" : " w%u w%u", w, w);
    }
    bool german = random_below(r, 3) == 0;
    has[number] |= german ? GERMAN : 0;
    struct passage passage = {.len = (uint32_t)len, .line = 1};
    struct article a = {.meta = {.key = key,
                                 .key_len = (size_t)sprintf(key, "%u", number),
                                 .line = 1,
                                 .body = text,
                                 .body_len = passage.len,
                                 .language = german ? "de" : "en",
                                 .language_len = 2},
                        .passages = &passage,
                        .passage_count = 1};
    built_index_add(&built, &a);
}

static int make(void **state) {
    static struct random random;
    random.state = random_seed();
    *state = &random;
    built_index_init(&built, "none");
    for (uint32_t i = 0; i < PASSAGES; i++) {
        add_passage(&random, i);
        if (i == LARGE - 1)
            built_index_flush(&built);
    }
    built_index_flush(&built);
    return 0;
}

static int clean_up(void **state) {
    (void)state;
    built_index_release(&built);
    return 0;
}

/* What a query asks for, a bit for each word. */
struct asked {
    unsigned all, any, none; /* `any` is 0 if there are words that all have to be there */
    char text[QUERY];
};

static void filter(struct random *r, struct asked *a) {
    if (random_below(r, 4) == 0) {
        bool german = random_below(r, 2);
        strcat(a->text, german ? " lang:de" : " -lang:de");
        *(german ? &a->all : &a->none) |= GERMAN;
    }
}

/* Any of the words, or all; and often none of others. */
static struct asked ask(struct random *r) {
    struct asked a = {0, 0, 0, ""};
    bool all = random_below(r, 2);
    uint32_t least = random_below(r, 3) ? 0 : 8, words = WORDS - least;
    for (uint32_t n = 1 + random_below(r, all ? 3 : 5); n > 0; n--) {
        uint32_t w = least + random_below(r, 1 + random_below(r, words));
        *(all ? &a.all : &a.any) |= 1U << w;
        sprintf(a.text + strlen(a.text), all ? "+w%u " : "w%u ", w);
    }
    if (all && random_below(r, 3) == 0)
        sprintf(a.text + strlen(a.text), "w%u ", random_below(r, WORDS));
    for (uint32_t n = random_below(r, 2) ? 0 : 1 + random_below(r, 2); n > 0; n--) {
        uint32_t w = random_below(r, WORDS);
        a.none |= 1U << w;
        sprintf(a.text + strlen(a.text), "-w%u ", w);
    }
    filter(r, &a);
    return a;
}

static uint64_t count_each(const struct asked *a) {
    uint64_t count = 0;
    for (uint32_t i = 0; i < PASSAGES; i++)
        count += (has[i] & a->all) == a->all && (!a->any || has[i] & a->any) && !(has[i] & (a->none | DELETED));
    return count;
}

static lede_status count(uint64_t *out, const char *text, lede_error *err) {
    lede_query *query = NULL;
    lede_status status = lede_query_parse(&query, &built.index, text, strlen(text), NULL, err);
    if (status == LEDE_OK)
        status = lede_count(out, &built.index, query, NULL, err);
    lede_query_free(query);
    return status;
}

static void compare(struct random *r) {
    struct asked a = ask(r);
    uint64_t counted, expected = count_each(&a);
    lede_error err;
    built_check(count(&counted, a.text, &err), &err);
    if (counted != expected)
        fail_msg("%s: %llu are counted, and %llu match", a.text, (unsigned long long)counted,
                 (unsigned long long)expected);
}

/* None of the words, two of them, and all that may be. */
static const uint64_t limits[] = {0, 2 * (LARGE / 8 + 256), LEDE_DEFAULT_CACHE};

static void compare_many(struct random *r) {
    for (int k = 0; k < 3; k++) {
        hot_budget_set_limit(&built.snapshot.hot, limits[k]);
        for (int i = 0; i < 120; i++) {
            unsigned threads = 1 + random_below(r, 4), taken;
            built_index_share(&built, threads);
            compare(r);
            assert_int_equal(taken = team_take(built.index.team), threads); /* it was given back */
            team_give_back(built.index.team, taken);
        }
        assert_true((built.snapshot.hot.used > 0) == (limits[k] > 0));
    }
}

static void delete_some(struct random *r) {
    for (uint32_t i = 0; i < PASSAGES / 30; i++) {
        uint32_t p = random_below(r, PASSAGES);
        if (has[p] & DELETED)
            continue;
        built_index_delete(&built, p >= LARGE, p < LARGE ? p : p - LARGE);
        has[p] |= (uint16_t)DELETED;
    }
}

/* With words of all that a window goes through: sets, and none; chunks of its own width or less; lists. */
static void counts_equal_a_look_at_each(void **state) {
    struct random *r = *state;
    struct term_info info;
    assert_int_equal(segment_find_term(built.segments[0].segment, "w10", 3, &info, NULL), LEDE_OK);
    assert_true(info.doc_freq < MAXIMA_DOCS);
    assert_int_equal(segment_find_term(built.segments[0].segment, "w9", 2, &info, NULL), LEDE_OK);
    assert_true(info.doc_freq >= MAXIMA_DOCS && info.doc_freq < LARGE / HOT_SET_PART);
    assert_true(chunk_shift(LARGE, info.doc_freq) > CHUNK_SHIFT_MIN + 4);
    compare_many(r);
    delete_some(r);
    compare_many(r);
}

/* ------------------------------------------------------------------------------- several at once -- */

enum { QUERIES = 20 };

struct counting {
    struct random random;
    struct asked *asked;
    uint64_t *expected;
    bool is_right;
};

static void *count_again(void *ctx) {
    struct counting *c = ctx;
    for (unsigned i = 0; i < 4 * QUERIES; i++) {
        unsigned q = random_below(&c->random, QUERIES);
        uint64_t counted;
        c->is_right &= count(&counted, c->asked[q].text, NULL) == LEDE_OK && counted == c->expected[q];
        if (random_below(&c->random, 20) == 0)
            hot_budget_set_limit(&built.snapshot.hot, limits[random_below(&c->random, 3)]);
        if (random_below(&c->random, 10) == 0)
            lede_index_set_threads(&built.index, 1 + random_below(&c->random, 4));
    }
    return NULL;
}

static void counts_share_sets(void **state) {
    struct random *r = *state;
    struct asked asked[QUERIES];
    uint64_t expected[QUERIES];
    struct counting counting[COUNTING];
    pthread_t threads[COUNTING];
    for (unsigned i = 0; i < QUERIES; i++) {
        asked[i] = ask(r);
        expected[i] = count_each(&asked[i]);
    }
    for (unsigned i = 0; i < COUNTING; i++) {
        counting[i] = (struct counting){{random_next(r)}, asked, expected, true};
        assert_int_equal(pthread_create(&threads[i], NULL, count_again, &counting[i]), 0);
    }
    for (unsigned i = 0; i < COUNTING; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(counting[i].is_right);
    }
}

/* ------------------------------------------------------------------------------------- damage -- */

static void damage_is_told(void **state) {
    enum { BYTES = 4096 };
    struct random *r = *state;
    char *path = strdup(folder_entry(&built.folder, "0"));
    const struct section *postings = segment_section(built.segments[0].segment, SECTION_POSTINGS);
    int fd = open(path, O_RDWR);
    unsigned errors = 0;
    assert_true(fd >= 0);
    hot_budget_set_limit(&built.snapshot.hot, 0);
    for (unsigned i = 0; i < DAMAGES; i++) {
        off_t at;
        uint8_t *old = overwrite_randomly(fd, r, BYTES, postings->offset, postings->size, &at);
        for (unsigned k = 0; k < 10; k++) {
            lede_error err = {.status = LEDE_OK};
            uint64_t counted;
            struct asked a = ask(r);
            if (count(&counted, a.text, &err) != LEDE_OK) {
                assert_int_equal(err.status, LEDE_CORRUPT);
                assert_non_null(strstr(err.message, path));
                errors++;
            }
        }
        free(overwrite(fd, old, BYTES, at));
        free(old);
    }
    assert_true(errors > 0);
    close(fd);
    free(path);
    compare(r);
}

/* With the last quarter of the word's postings damaged, which threads but the first may come to. */
static lede_status count_damaged(int fd, const char *word, const char *text) {
    const struct segment *s = built.segments[0].segment;
    struct term_info info;
    assert_int_equal(segment_find_term(s, word, strlen(word), &info, NULL), LEDE_OK);
    size_t size = info.postings_size / 4;
    off_t at = (off_t)(segment_section(s, SECTION_POSTINGS)->offset + info.postings + info.postings_size - size);
    uint8_t *bad = malloc(size), *old;
    assert_non_null(bad);
    memset(bad, 0xff, size);
    old = overwrite(fd, bad, size, at);
    uint64_t counted;
    lede_error err = {.status = LEDE_OK};
    lede_status status = count(&counted, text, &err);
    free(overwrite(fd, old, size, at));
    free(old);
    free(bad);
    return status;
}

/* Whoever reads the end of a word's postings tells, wherever in the count that is. */
static void each_reader_tells(void **state) {
    static const struct {
        const char *word, *text;
    } cases[] = {{"w10", "w10 w11"},     {"w9", "w9 w11"},       {"w0", "w0 w11"},         {"w10", "w0 -w10"},
                 {"w9", "w0 -w9"},       {"w0", "w9 -w0"},       {"w10", "+w10 +w0 -w11"}, {"w9", "+w9 +w11 -w10"},
                 {"w0", "+w0 +w1 -w11"}, {"w1", "+w0 +w1 -w11"}, {"w0", "+w11 +w0 -w10"},  {"w0", "+w10 +w0 -w11"}};
    int fd = open(folder_entry(&built.folder, "0"), O_RDWR);
    (void)state;
    assert_true(fd >= 0);
    hot_budget_set_limit(&built.snapshot.hot, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned threads = 1; threads <= 3; threads += 2) {
            built_index_share(&built, threads);
            if (count_damaged(fd, cases[i].word, cases[i].text) != LEDE_CORRUPT)
                fail_msg("%s in %s, %u threads", cases[i].word, cases[i].text, threads);
        }
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_equal_a_look_at_each),
        cmocka_unit_test(counts_share_sets),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(each_reader_tells),
    };
    return cmocka_run_group_tests(tests, make, clean_up);
}
