/* A frequent word that is decoded whole: its postings are those of a cursor, whatever its chunks are like, and the list
 * keeps what is said of lists if bytes are broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/arena.h"
#include "searcher/ranges/join.h"
#include "searcher/ranges/range_term.h"
#include "support/built_index.h"
#include "support/copied_postings.h"
#include "support/made_set.h"
#include "support/random.h"

enum { PASSAGES = 100000, WORDS = 4, BUNCH = 30000, BUNCH_END = 34500 };

/* Of one passage in so many: with wide chunks, those of a range, and these as bitmaps. All of the last word's passages
 * stand together, so that its wide chunks have very many or none. */
static const uint32_t rarities[WORDS] = {20, 8, 2, 1};

static bool has(struct random *r, uint32_t word, uint32_t number) {
    return word == WORDS - 1 ? number >= BUNCH && number < BUNCH_END : random_below(r, rarities[word]) == 0;
}

static void make(struct built_index *b, struct random *r) {
    built_index_init(b, "none");
    for (uint32_t i = 0; i < PASSAGES; i++) {
        char text[256] = "x";
        size_t len = 1;
        for (uint32_t w = 0; w < WORDS; w++)
            for (uint32_t n = has(r, w, i) ? 1 + random_below(r, random_below(r, 8) ? 2 : 12) : 0; n > 0; n--)
                len += (size_t)sprintf(text + len, " w%u", w);
        built_index_add_text(b, i, text, len);
    }
    built_index_flush(b);
}

static struct term_info find_word(const struct segment *s, uint32_t word) {
    char text[8];
    struct term_info info;
    size_t len = (size_t)sprintf(text, "w%u", word);
    assert_int_equal(segment_find_term(s, text, len, &info, NULL), LEDE_OK);
    return info;
}

static void compare_with_cursor(const struct range_term *t, const struct segment *s, const struct term_info *info) {
    struct postings p;
    uint32_t n = 0;
    assert_non_null(t->docs);
    assert_int_equal(t->doc_freq, info->doc_freq);
    postings_init(&p, s, info);
    for (uint32_t doc = p.doc; doc != DOC_END; doc = postings_next(&p), n++) {
        assert_int_equal(t->docs[n], doc);
        assert_int_equal(t->freqs[n], p.freq);
    }
    assert_int_equal(n, info->doc_freq);
    for (uint32_t i = 0; i < JOIN_ROOM; i++)
        assert_int_equal(t->docs[n + i], DOC_END);
    postings_release(&p);
}

static void lists_are_what_cursors_find(void **state) {
    struct built_index b;
    struct range_scorer scorer;
    struct bm25 bm25;
    struct arena arena = ARENA_EMPTY;
    make(&b, *state);
    const struct segment *s = b.segments[0].segment;
    built_check(bm25_init(&bm25, 0, 0, PASSAGES, b.snapshot.total_length, NULL), NULL);
    range_scorer_init(&scorer, s, &bm25);
    for (uint32_t w = 0; w < WORDS; w++) {
        struct range_term t;
        struct term_info info = find_word(s, w);
        assert_int_equal(range_term_init(&t, &arena, &scorer, &info, 1), LEDE_OK);
        assert_null(t.docs);
        assert_int_equal(range_term_decode(&t, 0, UINT32_MAX, &arena), LEDE_OK);
        compare_with_cursor(&t, s, &info);
        range_term_release(&t);
    }
    arena_release(&arena);
    built_index_release(&b);
}

/* What is looked up is the same with the word's set at hand; the numbers are those of what it has. */
static void compare_finds(struct range_term *t, const struct hot_set *set, const uint32_t *docs, uint32_t n) {
    static uint32_t found[2][PASSAGES], freqs[2][PASSAGES], numbers[PASSAGES];
    uint32_t left = 0;
    t->set = NULL;
    range_term_find(t, docs, n, found[0], freqs[0]);
    t->set = set;
    range_term_find(t, docs, n, found[1], freqs[1]);
    assert_memory_equal(found[0], found[1], n * sizeof **found);
    for (int with = 0; with < 2; with++) {
        t->set = with ? set : NULL;
        uint32_t count = range_term_number(t, docs, n, numbers);
        left = 0;
        for (uint32_t i = 0; i < n; i++) {
            if (found[0][i] == UINT32_MAX)
                continue;
            assert_int_equal(numbers[left++], i);
            assert_int_equal(freqs[0][i], freqs[1][i]);
        }
        assert_int_equal(count, left);
    }
    assert_int_equal(t->status, LEDE_OK);
}

static void sets_find_what_chunks_do(void **state) {
    static uint32_t docs[PASSAGES];
    struct built_index b;
    struct bm25 bm25;
    struct range_scorer scorer;
    lede_error err;
    make(&b, *state);
    const struct segment *s = b.segments[0].segment;
    built_check(bm25_init(&bm25, 0, 0, PASSAGES, b.snapshot.total_length, &err), &err);
    range_scorer_init(&scorer, s, &bm25);
    for (uint32_t w = 0; w < WORDS; w++) {
        struct arena arena = ARENA_EMPTY;
        struct range_term t;
        struct term_info info = find_word(s, w);
        struct hot_set *set = made_set(s, &info, random_below(*state, 2), UINT32_MAX);
        assert_non_null(set);
        assert_int_equal(range_term_init(&t, &arena, &scorer, &info, 1), LEDE_OK);
        for (uint32_t round = 0; round < 20; round++) {
            uint32_t n = 0, part = 1 + random_below(*state, 1U << random_below(*state, 12));
            for (uint32_t doc = 0; doc < PASSAGES; doc++)
                if (random_below(*state, part) == 0)
                    docs[n++] = doc;
            compare_finds(&t, set, docs, n);
        }
        docs[0] = 17;
        docs[1] = UINT32_MAX - 1; /* as another word's broken bytes may tell */
        assert_true(range_term_number(&t, docs, 2, docs + 2) <= 1);
        assert_int_equal(t.status, LEDE_CORRUPT);
        t.set = NULL;
        range_term_release(&t);
        hot_kept_free(&set->kept);
        arena_release(&arena);
    }
    built_index_release(&b);
}

/* Refused, or a list that rises, of passages that there are. */
static void decode_broken(const struct range_scorer *scorer, const struct term_info *info) {
    struct arena arena = ARENA_EMPTY;
    struct range_term t;
    lede_status status = range_term_init(&t, &arena, scorer, info, 1);
    if (status == LEDE_OK)
        status = range_term_decode(&t, 0, UINT32_MAX, &arena);
    assert_true(status == LEDE_OK || status == LEDE_CORRUPT);
    assert_true(status == LEDE_CORRUPT || t.doc_freq == info->doc_freq);
    for (uint32_t i = 0; status == LEDE_OK && i < t.doc_freq; i++)
        assert_true(t.docs[i] < PASSAGES && (i == 0 || t.docs[i] > t.docs[i - 1]));
    range_term_release(&t);
    arena_release(&arena);
}

static void broken_lists_are_refused(void **state) {
    struct random *r = *state;
    struct built_index b;
    struct segment broken;
    struct range_scorer scorer;
    struct bm25 bm25;
    make(&b, r);
    uint8_t *bytes = copy_postings(&broken, b.segments[0].segment);
    built_check(bm25_init(&bm25, 0, 0, PASSAGES, b.snapshot.total_length, NULL), NULL);
    range_scorer_init(&scorer, &broken, &bm25);
    for (unsigned round = 0; round < 2000; round++) {
        struct term_info info = find_word(b.segments[0].segment, round % WORDS);
        uint8_t *byte = &bytes[info.postings + random_below(r, (uint32_t)info.postings_size)], right = *byte;
        *byte ^= (uint8_t)(round % 2 ? 1U << random_below(r, 8) : 1 + random_below(r, 255));
        decode_broken(&scorer, &info);
        *byte = right;
    }
    free(bytes);
    built_index_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_are_what_cursors_find, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(sets_find_what_chunks_do, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(broken_lists_are_refused, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
