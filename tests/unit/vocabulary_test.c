/* Words of all lengths find their terms again, however many there are; and sorting is what memcmp says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "indexer/inversion/vocabulary.h"
#include "indexer/merge/key_sort.h"
#include "support/random.h"

enum { WORDS = 30000, LENGTH = 40 };

struct sample_word {
    char bytes[LENGTH + 8];
    uint32_t len, term, count;
};

/* Words that differ in a few bytes, at any place, and in their lengths. */
static void make_word(struct random *r, struct sample_word *w) {
    static const uint32_t lengths[] = {1, 2, 3, 4, 7, 8, 9, 10, 15, 16, 17, 18, 24, LENGTH};
    w->len = lengths[random_below(r, sizeof lengths / sizeof *lengths)];
    memset(w->bytes, 'a', sizeof w->bytes);
    for (uint32_t i = 0, n = 1 + random_below(r, 4); i < n; i++)
        w->bytes[random_below(r, w->len)] = (char)('a' + random_below(r, 26));
}

static uint32_t find(struct vocabulary *v, struct analyzer *a, const struct sample_word *w, size_t room) {
    struct lookup l;
    uint32_t term = 0;
    /* Only so many bytes may be read. */
    char *exact = malloc(room);
    assert_non_null(exact);
    memcpy(exact, w->bytes, room);
    lookup_init(&l, v, exact, w->len, room);
    lookup_prefetch(&l, v);
    assert_true(vocabulary_find(v, a, &l, &term));
    free(exact);
    return term;
}

static void assert_term(struct vocabulary *v, struct analyzer *a, const struct sample_word *w, uint32_t term) {
    char expected[TERM_MAX + 1];
    size_t len, expected_len = analyzer_term(a, w->bytes, w->len, expected);
    const char *found = vocabulary_term(v, term, &len);
    assert_int_equal(len, expected_len);
    assert_memory_equal(found, expected, len);
}

static uint64_t count_all(const struct vocabulary *v, uint32_t *different) {
    uint64_t sum = 0;
    *different = 0;
    for (uint32_t i = 0; i < vocabulary_words(v); i++) {
        const char *bytes;
        size_t len;
        uint32_t count;
        if (!vocabulary_word(v, i, &bytes, &len, &count))
            continue;
        assert_true(len > 0 && len <= LENGTH);
        ++*different;
        sum += count;
    }
    return sum;
}

static void words_are_found_again(void **state) {
    struct vocabulary v;
    struct analyzer *a;
    struct sample_word *words = calloc(WORDS, sizeof *words);
    uint32_t different, again;
    assert_non_null(words);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    assert_true(vocabulary_init(&v));
    for (uint32_t i = 0; i < WORDS; i++) {
        make_word(*state, &words[i]);
        words[i].term = find(&v, a, &words[i], words[i].len);
        assert_term(&v, a, &words[i], words[i].term);
    }
    assert_int_equal(count_all(&v, &different), WORDS);
    vocabulary_reset_counts(&v);
    for (uint32_t i = 0; i < WORDS; i++)
        assert_int_equal(find(&v, a, &words[i], words[i].len + i % 9), words[i].term);
    assert_int_equal(count_all(&v, &again), WORDS);
    assert_int_equal(again, different);
    vocabulary_clear(&v);
    assert_int_equal(count_all(&v, &different), 0);
    assert_int_equal(different, 0);
    vocabulary_release(&v);
    analyzer_free(a);
    free(words);
}

static void keys_are_sorted(void **state) {
    static const uint32_t counts[] = {0, 1, 100, 4095, 4096, WORDS};
    struct sample_word *words = calloc(WORDS, sizeof *words);
    struct sort_key *keys = calloc(WORDS, sizeof *keys);
    assert_true(words && keys);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        uint64_t sum = 0;
        for (uint32_t i = 0; i < counts[c]; i++) {
            make_word(*state, &words[i]);
            if (random_below(*state, 2))
                words[i].bytes[0] = (char)random_below(*state, 256);
            keys[i] = sort_key_of(words[i].bytes, words[i].len, i);
            sum += i;
        }
        assert_true(key_sort(keys, counts[c]));
        for (uint32_t i = 0; i < counts[c]; i++) {
            const struct sort_key *k = &keys[i], *before = &keys[i - (i > 0)];
            sum -= k->number;
            assert_true(k->bytes == words[k->number].bytes && k->len == words[k->number].len);
            size_t n = k->len < before->len ? k->len : before->len;
            int order = memcmp(before->bytes, k->bytes, n);
            assert_true(order < 0 || (order == 0 && before->len <= k->len));
        }
        assert_int_equal(sum, 0);
    }
    free(words);
    free(keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_are_found_again, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(keys_are_sorted, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
