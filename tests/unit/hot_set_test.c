/* A set in memory has the passages that a term's postings have, however many steps it is made in; and there is none of
 * damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/segment/hot_terms.h"
#include "core/segment/postings.h"
#include "core/segment/segment_map.h"
#include "support/built_index.h"
#include "support/copied_postings.h"
#include "support/hot_words.h"
#include "support/made_set.h"
#include "support/random.h"

enum { PASSAGES = 70011, WORDS = 5, BUNCH = 30000, BUNCH_END = 35000 };

/* Of one passage in so many. All of the last word's passages stand together. */
static const uint32_t rarities[WORDS] = {1, 2, 5, 15, 1};

static bool has(struct random *r, uint32_t word, uint32_t number) {
    return word == WORDS - 1 ? number >= BUNCH && number < BUNCH_END : random_below(r, rarities[word]) == 0;
}

static void make(struct built_index *b, struct random *r) {
    built_index_init(b, "none");
    for (uint32_t i = 0; i < PASSAGES; i++) {
        char text[64] = "x";
        size_t len = 1;
        for (uint32_t w = 0; w < WORDS; w++)
            if (has(r, w, i))
                len += (size_t)sprintf(text + len, " w%u", w);
        if (i % 20 == 0)
            len += (size_t)sprintf(text + len, " rare");
        built_index_add_text(b, i, text, len);
    }
    built_index_flush(b);
}

static struct term_info find_word(const struct segment *s, const char *word) {
    struct term_info info;
    assert_int_equal(segment_find_term(s, word, strlen(word), &info, NULL), LEDE_OK);
    return info;
}

static struct term_info find_word_number(const struct segment *s, uint32_t word) {
    char text[8];
    sprintf(text, "w%u", word);
    return find_word(s, text);
}

static void compare(const struct hot_set *set, const struct segment *s, const struct term_info *info) {
    struct postings p;
    postings_init(&p, s, info);
    for (uint32_t doc = 0; doc < PASSAGES; doc++) {
        assert_int_equal(hot_set_has(set, doc), p.doc == doc);
        if (p.doc == doc)
            postings_next(&p);
    }
    assert_int_equal(p.doc, DOC_END);
    postings_release(&p);
    /* Vectors may be read beyond the last passage, and find none there. */
    for (size_t i = PASSAGES; set->bits && i < (PASSAGES + 127) / 128 * 128 + 512; i++)
        assert_false(set->bits[i / 64] >> i % 64 & 1);
    assert_false(hot_set_has(set, PASSAGES));
}

/* Which ranges have the word, and what each of these has. */
static void compare_ranges(const struct hot_set *set, const struct hot_set *other) {
    for (uint32_t range = 0; range < (PASSAGES + RANGE_DOCS - 1) / RANGE_DOCS; range++) {
        const uint64_t *bits = hot_set_range(other, range);
        assert_int_equal(hot_set_has_range(set, range), (bits[0] | bits[1]) != 0);
        if (bits[0] | bits[1])
            assert_memory_equal(hot_set_range(set, range), bits, RANGE_DOCS / 8);
    }
}

static void sets_are_what_postings_say(void **state) {
    static const uint32_t steps[] = {UINT32_MAX, 1, 5000, 40000};
    struct built_index b;
    make(&b, *state);
    const struct segment *s = b.segments[0].segment;
    for (uint32_t w = 0; w < WORDS; w++) {
        struct term_info info = find_word_number(s, w);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            struct hot_set *set = made_set(s, &info, false, steps[i]), *sparse = made_set(s, &info, true, steps[i]);
            assert_non_null(set);
            assert_non_null(sparse);
            assert_int_equal(set->kept.size, hot_set_size(PASSAGES, info.doc_freq, false));
            assert_true(sparse->kept.size <= hot_set_size(PASSAGES, info.doc_freq, true));
            assert_int_equal((uintptr_t)set->bits % 64, 0);
            compare(set, s, &info);
            compare(sparse, s, &info);
            compare_ranges(set, set);
            compare_ranges(sparse, set);
            hot_kept_free(&set->kept);
            hot_kept_free(&sparse->kept);
        }
    }
    struct term_info rare = find_word(s, "rare");
    assert_null(hot_set_maker_new(s, &rare, true));
    hot_set_maker_free(NULL);
    built_index_release(&b);
}

static void damage_is_no_crash(void **state) {
    struct built_index b;
    struct segment broken;
    make(&b, *state);
    uint8_t *bytes = copy_postings(&broken, b.segments[0].segment);
    unsigned refused = 0;
    for (uint32_t round = 0; round < 1000; round++) {
        struct term_info info = find_word_number(b.segments[0].segment, round % WORDS);
        uint8_t *byte = &bytes[info.postings + random_below(*state, (uint32_t)info.postings_size)], right = *byte;
        *byte ^= (uint8_t)(1 + random_below(*state, 255));
        if (round % 3 == 0) /* the dictionary is damaged, too */
            info.doc_freq = MAXIMA_DOCS + random_below(*state, 2 * PASSAGES);
        struct hot_set *set = made_set(&broken, &info, round % 2, 1 + random_below(*state, 20000));
        refused += set == NULL;
        if (set) {
            uint32_t count = 0;
            for (uint32_t doc = 0; doc < PASSAGES; doc++)
                count += hot_set_has(set, doc);
            assert_int_equal(count, info.doc_freq);
            hot_kept_free(&set->kept);
        }
        *byte = right;
    }
    assert_true(refused > 0);
    free(bytes);
    built_index_release(&b);
}

static const struct hot_set *use_set(const struct hot_words *x, enum hot_segment s, const char *word) {
    struct term_info info = hot_words_find(x, s, word);
    hot_budget_search(x->budget);
    return hot_terms_hold_set(x->terms[s], x->segments[s], &info);
}

static void uses_of_sets_are_counted_apart(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, 1 << 24);
    for (int i = 1; i < HOT_SET_USES; i++) {
        assert_null(use_set(&x, FIRST, "w0"));
        assert_null(hot_words_use(&x, FIRST, "w0"));
    }
    const struct hot_set *set = use_set(&x, FIRST, "w0");
    assert_non_null(set);
    assert_int_equal(x.budget->used, hot_set_size(HOT_FIRST_PASSAGES, HOT_FIRST_PASSAGES, false));
    for (int i = HOT_SET_USES; i < HOT_USES; i++)
        assert_null(hot_words_use(&x, FIRST, "w0"));
    const struct hot_term *term = hot_words_use(&x, FIRST, "w0");
    assert_non_null(term);
    assert_int_equal(x.budget->used,
                     hot_set_size(HOT_FIRST_PASSAGES, HOT_FIRST_PASSAGES, false) + hot_words_size(&x, FIRST, "w0"));
    assert_ptr_equal(use_set(&x, FIRST, "w0"), set);
    hot_terms_give_back_set(x.terms[FIRST], set);
    hot_terms_give_back_set(x.terms[FIRST], set);
    hot_terms_give_back(x.terms[FIRST], term);
    hot_terms_give_back_set(x.terms[FIRST], NULL);
    hot_words_release(&x);
}

static void what_is_held_stays(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, 1 << 24);
    const struct hot_set *set = NULL;
    for (int i = 0; i < HOT_SET_USES; i++)
        set = use_set(&x, FIRST, "w0");
    assert_non_null(set);
    hot_budget_set_limit(x.budget, 0);
    assert_int_equal(x.budget->used, set->kept.size);
    assert_true(hot_set_has(set, 1)); /* asan tells otherwise */
    hot_terms_give_back_set(x.terms[FIRST], set);
    assert_int_equal(x.budget->used, 0);
    for (int i = 0; i < 2 * HOT_USES; i++)
        assert_null(use_set(&x, FIRST, "rare"));
    hot_words_release(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sets_are_what_postings_say, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(damage_is_no_crash, random_setup, random_teardown),
        cmocka_unit_test(uses_of_sets_are_counted_apart),
        cmocka_unit_test(what_is_held_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
