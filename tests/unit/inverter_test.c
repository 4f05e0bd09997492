/* From tokens to postings, where passages are so many and one so long that they take more than a slot each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "indexer/inversion/spill.h"
#include "support/sample.h"

enum {
    LONG = 1 << 17, /* words of the long passage */
    SHORT = 3,      /* of the others */
    WORDS = 7,      /* different ones */
};

/* Word i of passage p. */
static uint32_t word_at(uint32_t p, uint32_t i) {
    return (p * 5 + i * i + i / 1000) % WORDS;
}

static void add_passage(struct inverter *inv, uint32_t p, uint32_t words) {
    char *body = malloc(words * 3 + 1), key[16];
    assert_non_null(body);
    for (uint32_t i = 0; i < words; i++)
        memcpy(body + 3 * (size_t)i, (char[]){'w', (char)('0' + word_at(p, i)), ' '}, 3);
    struct passage whole = {.len = words * 3};
    struct article a = {
        .meta = {.key = key, .key_len = (size_t)sprintf(key, "%u", p), .body = body, .body_len = words * 3},
        .passages = &whole,
        .passage_count = 1};
    assert_int_equal(inverter_add(inv, &a, NULL), LEDE_OK);
    free(body);
}

static void assert_positions(struct postings *c, uint32_t word, uint32_t length) {
    const uint32_t *positions = postings_positions(c);
    uint32_t n = 0;
    assert_non_null(positions);
    for (uint32_t i = 0; i < length; i++)
        if (word_at(c->doc, i) == word) {
            assert_true(n < c->freq);
            assert_int_equal(positions[n++], i);
        }
    assert_int_equal(n, c->freq);
}

static void assert_postings(const struct segment *s, uint32_t passages, uint32_t long_one) {
    for (uint32_t w = 0; w < WORDS; w++) {
        char term[] = {'w', (char)('0' + w)};
        struct term_info info;
        struct postings c;
        assert_int_equal(segment_find_term(s, term, 2, &info, NULL), LEDE_OK);
        postings_init(&c, s, &info);
        for (uint32_t d = c.doc; d != DOC_END; d = postings_next(&c)) {
            assert_true(d < passages);
            assert_positions(&c, w, d == long_one ? LONG : SHORT);
        }
        assert_int_equal(c.status, LEDE_OK);
        postings_release(&c);
    }
}

/* One long passage among as many others as fit slots of its length, and among more. */
static void long_passages_among_many(void **state) {
    const uint32_t counts[] = {1 << 15, (1 << 15) + 1}, places[] = {0, 777, 1 << 15};
    struct folder f;
    struct analyzer *a;
    (void)state;
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    for (size_t k = 0; k < 5; k++) {
        uint32_t count = counts[k / 3 ^ 1], long_one = places[k % 3];
        struct inverter *inv = new_inverter(a, true);
        for (uint32_t p = 0; p < count; p++)
            add_passage(inv, p, p == long_one ? LONG : SHORT);
        assert_true(inverter_memory(inv) > (LONG + SHORT * (size_t)count) * 4);
        struct segment *s = flush(inv, folder_entry(&f, "a.seg"));
        assert_whole(s);
        assert_postings(s, count, long_one);
        segment_close(s);
        inverter_free(inv);
    }
    analyzer_free(a);
    folder_remove(&f);
}

/* Passages of so many different words that their numbers take two units, and others of a single one, which no part of
 * the places can hold; word by word as they were added. */
static void many_words_and_few(void **state) {
    static const uint32_t different[] = {70000, 1, 2, 70000};
    enum { TOKENS = 90000 };
    struct folder f;
    struct analyzer *a;
    (void)state;
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "none", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, true);
    char *body = malloc(TOKENS * 8), key[2] = "a", term[16];
    assert_non_null(body);
    for (uint32_t p = 0; p < 4; p++) {
        size_t len = 0;
        for (uint32_t i = 0; i < TOKENS; i++)
            len += (size_t)sprintf(body + len, "x%u ", i % different[p]);
        struct passage whole = {.len = (uint32_t)len};
        struct article article = {
            .meta = {.key = key, .key_len = 1, .body = body, .body_len = len}, .passages = &whole, .passage_count = 1};
        key[0]++;
        assert_int_equal(inverter_add(inv, &article, NULL), LEDE_OK);
    }
    struct segment *s = flush(inv, folder_entry(&f, "a.seg"));
    assert_whole(s);
    for (uint32_t w = 0; w < 70000; w += w < 2 ? 1 : 997) {
        struct term_info info;
        struct postings c;
        assert_int_equal(segment_find_term(s, term, (size_t)sprintf(term, "x%u", w), &info, NULL), LEDE_OK);
        postings_init(&c, s, &info);
        for (uint32_t p = 0; p < 4; p++) {
            if (w >= different[p])
                continue;
            assert_int_equal(c.doc, p);
            const uint32_t *positions = postings_positions(&c);
            uint32_t n = 0;
            for (uint32_t i = w; i < TOKENS; i += different[p])
                assert_int_equal(positions[n++], i);
            assert_int_equal(n, c.freq);
            postings_next(&c);
        }
        assert_int_equal(c.doc, DOC_END);
        postings_release(&c);
    }
    segment_close(s);
    free(body);
    inverter_free(inv);
    analyzer_free(a);
    folder_remove(&f);
}

static struct inverter *spilling_inverter(struct analyzer *a, bool omit_text, const char *path) {
    struct inverter *inv;
    assert_int_equal(inverter_new(&inv, a, omit_text, path, NULL), LEDE_OK);
    return inv;
}

/* Flushes both, and compares the segments byte for byte. */
static void assert_same_flush(struct inverter *held, struct inverter *spilled, struct folder *f) {
    struct segment *a = flush(held, folder_entry(f, "held.seg")), *b = flush(spilled, folder_entry(f, "spilled.seg"));
    assert_whole(b);
    for (unsigned kind = 1; kind <= SECTION_COUNT; kind++)
        assert_same_section(a, b, kind);
    assert_int_equal(a->info.checksum, b->info.checksum);
    segment_close(a);
    segment_close(b);
}

static void count_pulse(void *ctx) {
    ++*(int *)ctx;
}

/* Whatever is spilled when, the segment is the one that is inverted at once; and the inverter can be used again. */
static void spilling_changes_nothing(void **state) {
    struct folder f;
    struct analyzer *a;
    struct sample sample;
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    for (unsigned omit_text = 0; omit_text < 2; omit_text++) {
        struct inverter *held = new_inverter(a, omit_text);
        struct inverter *spilled = spilling_inverter(a, omit_text, folder_entry(&f, "some.seg"));
        for (unsigned round = 0; round < 4; round++) {
            uint32_t often = 1 + random_below(*state, 200);
            for (uint32_t i = 0; i < 500; i++) {
                make_sample(*state, &sample, i);
                assert_int_equal(inverter_add(held, &sample.article, NULL), LEDE_OK);
                assert_int_equal(inverter_add(spilled, &sample.article, NULL), LEDE_OK);
                if (inverter_spills(spilled) + 2 < SPILLS_MAX && random_below(*state, often) == 0)
                    assert_int_equal(inverter_spill(spilled, NULL), LEDE_OK);
            }
            assert_int_equal(inverter_passages(held), inverter_passages(spilled));
            assert_same_flush(held, spilled, &f);
            assert_int_equal(inverter_passages(spilled), 0);
            assert_int_equal(inverter_spills(spilled), 0);
        }
        inverter_free(held);
        inverter_free(spilled);
    }
    analyzer_free(a);
    folder_remove(&f);
}

/* Passages in several slots, and places so far apart that their distance takes more than one unit, or than two. */
static void far_places_are_spilled(void **state) {
    enum { COUNT = 40000 };
    struct folder f;
    struct analyzer *a;
    int pulses = 0;
    (void)state;
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "none", NULL), LEDE_OK);
    struct inverter *held = new_inverter(a, true), *spilled = spilling_inverter(a, true, folder_entry(&f, "some.seg"));
    for (uint32_t p = 0; p < COUNT; p++) {
        char key[16], body[64];
        size_t len = (size_t)sprintf(body, "x%u y%u %s", p, p / 40, p % 19997 == 5 ? "rare" : "");
        struct passage whole = {.len = (uint32_t)len};
        struct article article = {
            .meta = {.key = key, .key_len = (size_t)sprintf(key, "k%u", p), .body = body, .body_len = len},
            .passages = &whole,
            .passage_count = 1};
        assert_int_equal(inverter_add(held, &article, NULL), LEDE_OK);
        assert_int_equal(inverter_add(spilled, &article, NULL), LEDE_OK);
        if (p == 777) {
            add_passage(held, p, LONG);
            add_passage(spilled, p, LONG);
        }
        if (p == 38000)
            assert_int_equal(inverter_spill(spilled, NULL), LEDE_OK);
    }
    const struct inverter_pulse pulse = {count_pulse, &pulses};
    struct segment_info info;
    struct segment *whole = flush(held, folder_entry(&f, "held.seg"));
    assert_int_equal(inverter_flush(spilled, folder_entry(&f, "spilled.seg"), &pulse, &info, NULL), LEDE_OK);
    assert_int_equal(info.checksum, whole->info.checksum);
    assert_true(pulses > COUNT / 1000);
    segment_close(whole);
    inverter_free(held);
    inverter_free(spilled);
    analyzer_free(a);
    folder_remove(&f);
}

/* Words that are many times in some of their passages: whether they are spilled or not, the width of their chunks is
 * told by how many passages these are. With a long one in the end each passage takes up several slots. */
static void repeated_words_are_spilled(void **state) {
    enum { COUNT = 40000, EVERY = 5, MANY = 20 };
    struct folder f;
    struct analyzer *a;
    (void)state;
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    struct inverter *held = new_inverter(a, true), *spilled = spilling_inverter(a, true, folder_entry(&f, "some.seg"));
    for (uint32_t has_long = 0; has_long < 2; has_long++) {
        for (uint32_t p = 0; p < COUNT + has_long; p++) {
            uint32_t words = p == COUNT ? LONG : p % EVERY ? 0 : MANY;
            add_passage(held, p, words);
            add_passage(spilled, p, words);
        }
        assert_int_equal(inverter_spill(spilled, NULL), LEDE_OK);
        assert_same_flush(held, spilled, &f);
    }
    inverter_free(held);
    inverter_free(spilled);
    analyzer_free(a);
    folder_remove(&f);
}

/* A folder that is not there: the spill fails, and says so. */
static void what_cannot_be_spilled_is_an_error(void **state) {
    struct analyzer *a;
    lede_error err;
    (void)state;
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    struct inverter *inv = spilling_inverter(a, true, "/nowhere/at/all/segments");
    add_passage(inv, 0, 3);
    assert_int_equal(inverter_spill(inv, &err), LEDE_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nowhere/at/all/segments"));
    inverter_free(inv);
    analyzer_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_passages_among_many),
        cmocka_unit_test(many_words_and_few),
        cmocka_unit_test_setup_teardown(spilling_changes_nothing, random_setup, random_teardown),
        cmocka_unit_test(far_places_are_spilled),
        cmocka_unit_test(repeated_words_are_spilled),
        cmocka_unit_test(what_cannot_be_spilled_is_an_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
