/* A term laid out in memory says of each passage what its postings do, and of each block and range the greatest impact
 * there, rounded up; however many steps it is made in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/segment/hot_term.h"
#include "core/segment/postings.h"
#include "core/segment/segment_map.h"
#include "support/built_index.h"
#include "support/copied_postings.h"
#include "support/random.h"

enum { PASSAGES = 70000, WORDS = 5, BUNCH = 30000, BUNCH_END = 35000 };

/* Of one passage in so many; from HOT_PART on they have blocks of their own alone. All of the last word's passages
 * stand together. */
static const uint32_t rarities[WORDS] = {1, 3, 9, 15, 1};

static bool has(struct random *r, uint32_t word, uint32_t number) {
    return word == WORDS - 1 ? number >= BUNCH && number < BUNCH_END : random_below(r, rarities[word]) == 0;
}

static uint32_t any_freq(struct random *r) {
    return 1 + random_below(r, random_below(r, 8) ? 3 : 2 * HOT_FREQ);
}

/* `long_passages`: some have so many words that a length takes two bytes. */
static void make(struct built_index *b, struct random *r, bool long_passages) {
    built_index_init(b, "none");
    for (uint32_t i = 0; i < PASSAGES; i++) {
        char text[4096] = "x";
        size_t len = 1;
        for (uint32_t w = 0; w < WORDS; w++)
            for (uint32_t n = has(r, w, i) ? any_freq(r) : 0; n > 0; n--)
                len += (size_t)sprintf(text + len, " w%u", w);
        for (uint32_t n = random_below(r, 20) ? 0 : random_below(r, long_passages ? 900 : 90); n > 0; n--)
            len += (size_t)sprintf(text + len, " x");
        if (i % 20 == 0)
            len += (size_t)sprintf(text + len, " rare");
        built_index_add_text(b, i, text, len);
    }
    built_index_flush(b);
    unsigned width;
    (void)segment_lengths(b->segments[0].segment, &width);
    assert_int_equal(width, long_passages ? 2 : 1);
}

static struct term_info find_word(const struct segment *s, uint32_t word) {
    char text[8];
    struct term_info info;
    size_t len = (size_t)sprintf(text, "w%u", word);
    assert_int_equal(segment_find_term(s, text, len, &info, NULL), LEDE_OK);
    return info;
}

/* In steps of so many postings, or less if `r` says so. */
static struct hot_term *make_term(const struct segment *s, const struct term_info *info, uint32_t step,
                                  struct random *r) {
    struct hot_maker *m = hot_maker_new(s, info);
    assert_non_null(m);
    while (!hot_maker_go(m, r ? 1 + random_below(r, step) : step))
        ;
    return hot_maker_finish(m);
}

/* What a cursor says: of each passage how often it has the term, at most HOT_FREQ, and its impact; and the greatest. */
struct expected {
    uint8_t freqs[PASSAGES];
    double impacts[PASSAGES], best;
};

static void read_postings(struct expected *e, const struct segment *s, const struct term_info *info) {
    struct postings p;
    memset(e, 0, sizeof *e);
    struct impact_norm norm = impact_norm_of(s->counts.passages, s->counts.total_length);
    postings_init(&p, s, info);
    e->best = (double)p.best;
    for (uint32_t doc = p.doc; doc != DOC_END; doc = postings_next(&p)) {
        e->freqs[doc] = p.freq < HOT_FREQ ? (uint8_t)p.freq : HOT_FREQ;
        e->impacts[doc] = (double)impact_of(norm, p.freq, segment_length(s, doc));
    }
    assert_int_equal(p.status, LEDE_OK);
    postings_release(&p);
}

/* Never below the greatest impact of `count` passages, and not much above it. */
static void compare_part(const struct expected *e, uint32_t first, uint32_t count, uint8_t part) {
    double most = 0;
    for (uint32_t d = first; d < first + count && d < PASSAGES; d++)
        most = most > e->impacts[d] ? most : e->impacts[d];
    double parts = most / e->best * MAXIMA_PARTS;
    assert_true(most > 0 ? part >= parts && part <= parts + 2 : part == 0);
}

static void compare_maxima(const struct hot_term *t, const struct expected *e) {
    uint32_t ranges = maxima_ranges(PASSAGES, RANGE_SHIFT);
    for (uint32_t i = 0; i < ranges; i++)
        compare_part(e, i * RANGE_DOCS, RANGE_DOCS, t->ranges[i]);
    for (uint32_t i = 0; i < ranges * HOT_BLOCKS; i++)
        compare_part(e, i * HOT_BLOCK, HOT_BLOCK, t->blocks[i]);
}

static bool has_block(const struct expected *e, uint32_t block) {
    for (uint32_t d = block * HOT_BLOCK; d < (block + 1) * HOT_BLOCK && d < PASSAGES; d++)
        if (e->freqs[d])
            return true;
    return false;
}

/* Of each block, or of those that have the term. */
static void compare_freqs(const struct hot_term *t, const struct expected *e) {
    uint32_t n = 0;
    for (uint32_t block = 0; block < (PASSAGES + HOT_BLOCK - 1) / HOT_BLOCK; block++) {
        if (t->starts && block % HOT_BLOCKS == 0)
            assert_int_equal(t->starts[block / HOT_BLOCKS], n);
        if (t->starts && !has_block(e, block))
            continue;
        const uint8_t *freqs = t->freqs + n++ * (HOT_BLOCK / 2);
        for (uint32_t i = 0; i < HOT_BLOCK && block * HOT_BLOCK + i < PASSAGES; i++)
            assert_int_equal(freqs[i / 2] >> i % 2 * 4 & 15, e->freqs[block * HOT_BLOCK + i]);
    }
}

/* Memory of slabs ends behind the last block. */
static void compare_size(const struct hot_term *t, const struct expected *e, uint32_t doc_freq) {
    uint32_t blocks = 0;
    for (uint32_t block = 0; block < (PASSAGES + HOT_BLOCK - 1) / HOT_BLOCK; block++)
        blocks += has_block(e, block);
    bool is_cut = t->starts && !t->kept.memory;
    assert_int_equal(t->kept.size, hot_term_size(PASSAGES, is_cut ? blocks : doc_freq));
}

static void compare_with_postings(struct random *r, bool long_passages) {
    struct built_index b;
    struct expected *e = malloc(sizeof *e);
    assert_non_null(e);
    make(&b, r, long_passages);
    const struct segment *s = b.segments[0].segment;
    for (uint32_t w = 0; w < WORDS; w++) {
        struct term_info info = find_word(s, w);
        struct hot_term *t = make_term(s, &info, UINT32_MAX, NULL);
        assert_non_null(t);
        read_postings(e, s, &info);
        compare_size(t, e, info.doc_freq);
        assert_int_equal(t->starts != NULL, info.doc_freq < PASSAGES / HOT_PART);
        compare_maxima(t, e);
        compare_freqs(t, e);
        hot_term_free(t);
    }
    free(e);
    built_index_release(&b);
}

static void terms_are_what_postings_say(void **state) {
    compare_with_postings(*state, false);
}

static void lengths_may_take_two_bytes(void **state) {
    compare_with_postings(*state, true);
}

/* From its first part on, all bytes; before it, and for it to begin at a line of the cache, there is some room. */
static void assert_same(const struct hot_term *a, const struct hot_term *b) {
    enum { LINE = 64 };
    size_t head = (size_t)(a->ranges - (const uint8_t *)a) + LINE;
    assert_int_equal(a->kept.size, b->kept.size);
    assert_memory_equal(a->ranges, b->ranges, a->kept.size - head);
}

static void steps_make_no_difference(void **state) {
    struct built_index b;
    make(&b, *state, false);
    const struct segment *s = b.segments[0].segment;
    for (uint32_t w = 0; w < WORDS; w++) {
        struct term_info info = find_word(s, w);
        struct hot_term *at_once = make_term(s, &info, UINT32_MAX, NULL);
        static const uint32_t steps[] = {1, 127, 129, 5000};
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            struct hot_term *t = make_term(s, &info, steps[i], i % 2 ? *state : NULL);
            assert_same(t, at_once);
            hot_term_free(t);
        }
        hot_term_free(at_once);
    }
    built_index_release(&b);
}

static void rare_terms_are_not_made(void **state) {
    struct built_index b;
    make(&b, *state, false);
    struct term_info info;
    const struct segment *s = b.segments[0].segment;
    assert_int_equal(segment_find_term(s, "rare", 4, &info, NULL), LEDE_OK);
    assert_null(hot_maker_new(s, &info));
    hot_maker_free(NULL);
    hot_term_free(NULL);
    built_index_release(&b);
}

/* Where starts lead to, whatever was read. */
static void look_through(const struct hot_term *t, uint32_t doc_freq) {
    uint32_t ranges = maxima_ranges(PASSAGES, RANGE_SHIFT);
    for (uint32_t i = 0; t->starts && i < ranges; i++)
        assert_true(t->starts[i] <= doc_freq && (i == 0 || t->starts[i - 1] <= t->starts[i]));
}

static void make_of_damaged(struct segment *s, uint8_t *bytes, const struct term_info *info, struct random *r) {
    uint8_t *byte = &bytes[info->postings + random_below(r, (uint32_t)info->postings_size)], right = *byte;
    *byte ^= (uint8_t)(1 + random_below(r, 255));
    struct hot_term *t = make_term(s, info, UINT32_MAX, NULL);
    if (t)
        look_through(t, info->doc_freq);
    hot_term_free(t);
    *byte = right;
}

static void damage_is_no_crash(void **state) {
    struct built_index b;
    make(&b, *state, false);
    struct segment broken;
    uint8_t *bytes = copy_postings(&broken, b.segments[0].segment);
    for (uint32_t round = 0; round < 500; round++) {
        struct term_info info = find_word(b.segments[0].segment, round % WORDS);
        if (round % 3 == 0) /* the dictionary is damaged, too */
            info.doc_freq = MAXIMA_DOCS + random_below(*state, 2 * PASSAGES);
        make_of_damaged(&broken, bytes, &info, *state);
    }
    for (uint32_t w = 0; w < WORDS; w++) {
        struct term_info info = find_word(b.segments[0].segment, w);
        memset(bytes + info.postings, 0xff, info.postings_size);
        assert_null(make_term(&broken, &info, UINT32_MAX, NULL));
    }
    free(bytes);
    built_index_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(terms_are_what_postings_say, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(lengths_may_take_two_bytes, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(steps_make_no_difference, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(rare_terms_are_not_made, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(damage_is_no_crash, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
