/* Passages that several words have: those that are marked are those that were made so, whichever words are asked for,
 * among all passages, some of them, or some ranges; and broken words do no harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/arena.h"
#include "searcher/ranges/overlap.h"
#include "support/built_index.h"
#include "support/made_set.h"
#include "support/random.h"

enum { PASSAGES = 150000, WORDS = 7 };

/* Words of one passage in so many, the rarest first: of these one is decoded whole, others have wide chunks or those
 * of a range, with bitmaps and without. */
static const uint32_t rarities[WORDS] = {300, 22, 16, 12, 7, 4, 2};

struct made {
    struct built_index index;
    uint8_t has[PASSAGES]; /* a bit for each word */
    struct bm25 bm25;
    struct range_scorer scorer;
    struct range_term terms[WORDS];
    struct hot_set *sets[2][WORDS]; /* of all but the first; the second ones are sparse */
    struct arena arena;
};

static void add_passage(struct made *m, struct random *r, uint32_t number) {
    char text[128] = "x";
    size_t len = 1;
    for (uint32_t w = 0; w < WORDS; w++)
        if (random_below(r, number / 5000 % 2 ? rarities[w] : 2 * rarities[w]) == 0) {
            m->has[number] |= (uint8_t)(1U << w);
            len += (size_t)sprintf(text + len, " w%u", w);
        }
    built_index_add_text(&m->index, number, text, len);
}

static void make(struct made *m, struct random *r) {
    lede_error err;
    built_index_init(&m->index, "none");
    m->arena = ARENA_EMPTY;
    for (uint32_t i = 0; i < PASSAGES; i++)
        add_passage(m, r, i);
    built_index_flush(&m->index);
    built_check(bm25_init(&m->bm25, 0, 0, PASSAGES, m->index.snapshot.total_length, &err), &err);
    range_scorer_init(&m->scorer, m->index.segments[0].segment, &m->bm25);
    for (uint32_t w = 0; w < WORDS; w++) {
        char word[8];
        struct term_info info;
        size_t len = (size_t)sprintf(word, "w%u", w);
        assert_int_equal(segment_find_term(m->index.segments[0].segment, word, len, &info, NULL), LEDE_OK);
        assert_int_equal(range_term_init(&m->terms[w], &m->arena, &m->scorer, &info, 1), LEDE_OK);
        for (int sparse = 0; sparse < 2; sparse++)
            m->sets[sparse][w] = w > 0 ? made_set(m->index.segments[0].segment, &info, sparse, UINT32_MAX) : NULL;
    }
    assert_non_null(m->terms[0].docs);
    assert_true(m->terms[1].postings.chunks.shift > CHUNK_SHIFT_MIN);
    assert_int_equal(m->terms[WORDS - 1].postings.chunks.shift, CHUNK_SHIFT_MIN);
}

/* Where the first word has what was found, as its marks tell. */
static void compare_numbers(const struct overlap_search *s, const struct overlap *found) {
    static uint32_t told[PASSAGES], expected[PASSAGES];
    struct chunk_table *chunks = &s->words[0]->postings.chunks;
    assert_true(chunk_table_find_all(chunks, found->docs, found->count, expected, NULL));
    chunk_table_number(chunks, found->marks, found->docs, found->count, told);
    assert_memory_equal(told, expected, found->count * sizeof *told);
}

/* Bits of the first words. */
static uint8_t mask_of(const struct made *m, const struct overlap_search *s, size_t width) {
    uint8_t mask = 0;
    for (size_t i = 0; i < width; i++)
        mask |= (uint8_t)(1U << (s->words[i] - m->terms));
    return mask;
}

static void compare(struct made *m, const struct overlap_search *s, size_t width) {
    struct overlap found;
    uint32_t n = 0, at = 0;
    const uint8_t wanted = mask_of(m, s, width), all = mask_of(m, s, s->count);
    assert_int_equal(overlap_find(&found, s, width, &m->arena), LEDE_OK);
    for (uint32_t doc = 0; doc < PASSAGES; doc++) {
        uint32_t range = doc >> RANGE_SHIFT;
        while (s->docs && at < s->doc_count && s->docs[at] < doc)
            at++;
        bool is_asked = !(s->ranges && !(s->ranges[range / 64] >> range % 64 & 1)) &&
                        !(s->docs && (at == s->doc_count || s->docs[at] != doc));
        bool is_found = n < found.count && found.docs[n] == doc;
        assert_true(is_asked && (m->has[doc] & wanted) == wanted ? is_found || (m->has[doc] & all) != all : !is_found);
        n += is_found;
    }
    assert_int_equal(n, found.count);
    if (!s->words[0]->set || s->words[0]->set->bits)
        assert_int_equal(s->marks, found.marks != NULL); /* chunks are narrow here */
    if (found.marks)
        compare_numbers(s, &found);
}

static uint32_t pick_docs(const struct made *m, struct random *r, uint32_t word, uint32_t *docs) {
    uint32_t n = 0, part = 1 + random_below(r, 50);
    for (uint32_t doc = 0; doc < PASSAGES; doc++)
        if (m->has[doc] >> word & 1 && random_below(r, part) == 0)
            docs[n++] = doc;
    return n;
}

static void release(struct made *m) {
    for (uint32_t w = 0; w < WORDS; w++) {
        m->terms[w].set = NULL;
        range_term_release(&m->terms[w]);
        for (int sparse = 0; sparse < 2; sparse++)
            hot_kept_free(m->sets[sparse][w] ? &m->sets[sparse][w]->kept : NULL);
    }
    arena_release(&m->arena);
    built_index_release(&m->index);
}

static void marks_equal_what_was_made(void **state) {
    static struct made m;
    static uint32_t docs[PASSAGES];
    uint64_t ranges[PASSAGES / RANGE_DOCS / 64 + 1];
    struct random *r = *state;
    make(&m, r);
    for (int round = 0; round < 120; round++) {
        struct range_term *words[WORDS];
        size_t count = 0;
        uint32_t part = 1 + random_below(r, 60);
        uint32_t held = random_below(r, 3); /* none, some or all */
        for (uint32_t w = 0; w < WORDS; w++) {
            struct hot_set *set = m.sets[random_below(r, 2)][w];
            m.terms[w].set = held == 2 || (held == 1 && random_below(r, 2)) ? set : NULL;
            if (random_below(r, 2))
                words[count++] = &m.terms[w];
        }
        if (count == 0)
            continue;
        memset(ranges, 0, sizeof ranges);
        for (uint32_t i = 0; i < maxima_ranges(PASSAGES, RANGE_SHIFT); i++)
            ranges[i / 64] |= (uint64_t)(random_below(r, part) == 0) << i % 64;
        struct overlap_search s = {
            .words = words, .count = count, .docs = words[0]->docs, .doc_count = words[0]->doc_freq};
        s.marks = !s.docs;
        assert_true(overlap_width(&s) <= count && overlap_guess(&s) <= words[0]->doc_freq);
        compare(&m, &s, 1 + random_below(r, (uint32_t)count));
        s.ranges = ranges;
        compare(&m, &s, count);
        s.ranges = NULL;
        s.marks = false;
        s.docs = docs;
        s.doc_count = pick_docs(&m, r, (uint32_t)(words[0] - m.terms), docs);
        compare(&m, &s, count);
    }
    release(&m);
}

/* Of two words, the second of which is broken: refused, or documents that rise. */
static void find_broken(struct made *m, struct range_term *const *words) {
    const struct overlap_search s = {.words = words, .count = 2, .doc_count = words[0]->doc_freq};
    struct arena arena = ARENA_EMPTY;
    struct overlap found;
    lede_status status = overlap_find(&found, &s, 2, &arena);
    assert_true(status == LEDE_OK || status == LEDE_CORRUPT);
    for (uint32_t i = 0; status == LEDE_OK && i < found.count; i++)
        assert_true(found.docs[i] < PASSAGES && (i == 0 || found.docs[i] > found.docs[i - 1]));
    assert_int_equal(m->terms[0].status, LEDE_OK);
    arena_release(&arena);
}

static void broken_words_have_documents_that_rise(void **state) {
    static struct made m;
    struct random *r = *state;
    make(&m, r);
    for (uint32_t w = 1; w < WORDS; w++) {
        struct range_term *const words[] = {&m.terms[w == 1 ? 2 : 1], &m.terms[w]};
        struct chunk_table *chunks = &m.terms[w].postings.chunks;
        size_t size = (size_t)(chunks->groups_end - chunks->groups);
        const uint8_t *whole = chunks->groups;
        uint8_t *bytes = malloc(size + 8);
        assert_non_null(bytes);
        memcpy(bytes, chunks->groups, size + 8);
        chunks->groups = bytes;
        chunks->groups_end = bytes + size;
        for (int round = 0; round < 300; round++) {
            uint8_t *byte = &bytes[random_below(r, (uint32_t)size)], right = *byte;
            *byte ^= (uint8_t)(1U << random_below(r, 8));
            find_broken(&m, words);
            *byte = right;
        }
        chunks->groups = whole;
        chunks->groups_end = whole + size;
        free(bytes);
    }
    release(&m);
}

/* A document that there is not, in a list that a broken word gave, is told to be broken, not passed over. */
static void documents_that_are_not_there_are_told(void **state) {
    static struct made m;
    const uint32_t docs[] = {5, 7 * 64 * RANGE_DOCS * (PASSAGES / 64 / RANGE_DOCS + 1)};
    make(&m, *state);
    for (int sparse = 0; sparse < 2; sparse++) {
        struct range_term *const words[] = {&m.terms[0], &m.terms[3]};
        const struct overlap_search s = {.words = words, .count = 2, .docs = docs, .doc_count = 2};
        struct overlap found;
        m.terms[3].set = m.sets[sparse][3];
        m.terms[3].status = LEDE_OK;
        assert_int_equal(overlap_find(&found, &s, 2, &m.arena), LEDE_OK);
        assert_int_equal(m.terms[3].status, LEDE_CORRUPT);
        assert_true(found.count <= 1);
    }
    release(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(marks_equal_what_was_made, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(broken_words_have_documents_that_rise, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(documents_that_are_not_there_are_told, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
