/* Positions in memory are what postings say, of terms by chunks, by blocks, and of those whose sets are sparse, however
 * many steps they are made in; and there are none of damaged postings, or some that can be read. They are made once as
 * many postings were read without them as that takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/segment/postings.h"
#include "support/copied_postings.h"
#include "support/dated_articles.h"
#include "support/hot_words.h"
#include "support/made_positions.h"
#include "support/made_set.h"

/* Of lengths of one byte and no gaps; of two bytes, with gaps behind titles; and of four. */
enum lengths { SHORT, LONG, VERY_LONG, LENGTHS };

enum { PASSAGES = 70011, MANY_PASSAGES = 600011, WORDS = 7, SPARSE = 3, TEXT = 1 << 18, VERY_MANY = 70000 };

enum { TOLD = 15, SURELY_TOLD = 240 }; /* positions, if the passage has no more words; gaps are few */

/* Passages that have the word: one in so many of those between two, but for every other stretch if it has gaps. */
struct rarity {
    uint32_t part, begin, end;
    bool has_gaps;
};

enum { STRETCH = 4 * RANGE_DOCS };

static const struct rarity rarities[WORDS] = {
    {1, 0, PASSAGES, false},  {2, 0, PASSAGES, false},  {2, 0, PASSAGES, true}, {9, 0, PASSAGES, false},
    {7, 0, PASSAGES, true},   {1, 30000, 36000, false}, /* by blocks, but for a few of its chunks full */
    {10, 0, PASSAGES, false},
};

/* Some in ranges that stand together, of which others have none. */
static const struct rarity sparse_rarities[SPARSE] = {
    {137, 0, MANY_PASSAGES, false}, {1, 300000, 304500, false}, {23, 50000, 151000, false}};

static uint32_t times(struct random *r, enum lengths lengths) {
    if (lengths != SHORT && random_below(r, 3000) == 0)
        return 250 + random_below(r, 20);
    return 1 + random_below(r, random_below(r, 4) ? 4 : 20);
}

static size_t make_text(struct random *r, char *text, uint32_t number, const struct rarity *words, uint32_t count,
                        enum lengths lengths) {
    size_t len = (size_t)sprintf(text, "x");
    for (uint32_t w = 0; w < count; w++) {
        const struct rarity *word = &words[w];
        if (number < word->begin || number >= word->end || random_below(r, word->part) ||
            (word->has_gaps && number / STRETCH % 2))
            continue;
        for (uint32_t k = times(r, lengths); k > 0; k--)
            len += (size_t)sprintf(text + len, random_below(r, 3) ? " w%u" : " x w%u", w);
    }
    uint32_t more = lengths != SHORT && random_below(r, 200) == 0 ? 150 + random_below(r, 300) : 0;
    more = lengths == VERY_LONG && number == PASSAGES / 2 ? VERY_MANY : more;
    while (more--)
        len += (size_t)sprintf(text + len, " x");
    return len + (size_t)sprintf(text + len, number % 20 || count < WORDS ? "" : " rare w0 w6");
}

static void make(struct built_index *b, struct random *r, enum lengths lengths) {
    static char text[TEXT];
    built_index_init(b, "none");
    for (uint32_t i = 0; i < PASSAGES; i++) {
        size_t len = make_text(r, text, i, rarities, WORDS, lengths);
        if (lengths == SHORT)
            built_index_add_text(b, i, text, len);
        else
            add_dated_article(b, r, i, text, (uint32_t)len, false);
    }
    built_index_flush(b);
}

static void make_sparse(struct built_index *b, struct random *r) {
    static char text[TEXT];
    built_index_init(b, "none");
    for (uint32_t i = 0; i < MANY_PASSAGES; i++)
        built_index_add_text(b, i, text, make_text(r, text, i, sparse_rarities, SPARSE, LONG));
    built_index_flush(b);
}

static struct term_info find_word(const struct segment *s, uint32_t word) {
    struct term_info info;
    char text[8];
    sprintf(text, "w%u", word);
    assert_int_equal(segment_find_term(s, text, strlen(text), &info, NULL), LEDE_OK);
    return info;
}

/* What postings say of a passage. */
struct expected {
    uint64_t words[POSITION_MASK_WORDS];
    uint32_t freq, length;
    bool fits; /* masks tell all positions */
};

static struct expected expected[MANY_PASSAGES];

static void expect(const struct segment *s, const struct term_info *info) {
    struct postings p;
    memset(expected, 0, sizeof expected);
    for (postings_init(&p, s, info); p.doc != DOC_END; postings_next(&p)) {
        const uint32_t *positions = postings_positions(&p);
        struct expected *e = &expected[p.doc];
        assert_non_null(positions);
        e->freq = p.freq;
        e->length = segment_length(s, p.doc);
        e->fits = positions[p.freq - 1] < POSITION_MASK_BITS;
        for (uint32_t i = 0; e->fits && i < p.freq; i++)
            e->words[positions[i] / 64] |= UINT64_C(1) << positions[i] % 64;
    }
    assert_int_equal(p.status, LEDE_OK);
    postings_release(&p);
}

static void compare_document(const struct position_masks *masks, uint32_t i, const struct expected *e) {
    bool told = masks->freqs[i] > 0;
    assert_true(told || e->freq == 0 || e->freq > TOLD || e->length > SURELY_TOLD);
    assert_true(!told || (masks->freqs[i] == e->freq && e->freq <= TOLD && e->fits));
    for (unsigned w = 0; w < POSITION_MASK_WORDS; w++)
        assert_true(masks->words[w][i] == (told ? e->words[w] : 0));
}

/* One document in `part`, in order, some at once. */
static void compare_all(const struct hot_positions *p, const struct hot_set *set, uint32_t passages, struct random *r,
                        uint32_t part) {
    static struct position_masks masks;
    uint32_t docs[POSITION_MASKS];
    for (uint32_t doc = 0; doc < passages;) {
        uint32_t n = 0, most = 1 + random_below(r, POSITION_MASKS);
        for (; doc < passages && n < most; doc++)
            if (random_below(r, part) == 0)
                docs[n++] = doc;
        memset(&masks, 0xaa, sizeof masks);
        hot_positions_read(p, set, docs, n, &masks);
        for (uint32_t i = 0; i < n; i++)
            compare_document(&masks, i, &expected[docs[i]]);
    }
}

static void compare(const struct segment *s, const struct term_info *info, struct random *r, bool sparse) {
    static const uint32_t steps[] = {UINT32_MAX, 1, 5000};
    uint32_t passages = segment_info(s)->passages;
    struct hot_set *set = made_set(s, info, sparse, UINT32_MAX);
    assert_non_null(set);
    assert_int_equal(hot_set_is_sparse(passages, info->doc_freq), sparse);
    expect(s, info);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct hot_positions *made = made_positions(s, info, steps[i]);
        assert_non_null(made);
        assert_true(made->kept.size <= hot_positions_size(passages, info));
        compare_all(made, set, passages, r, 1);
        compare_all(made, set, passages, r, 40);
        hot_kept_free(&made->kept);
    }
    hot_kept_free(&set->kept);
}

static bool stands_by_chunks(const struct segment *s, const struct term_info *info) {
    struct postings p;
    postings_open(&p, s, info);
    assert_non_null(p.levels);
    bool by_chunks = p.by_chunks;
    postings_release(&p);
    return by_chunks;
}

static void positions_are_what_postings_say(void **state) {
    static const unsigned widths[LENGTHS] = {1, 2, 4};
    for (enum lengths lengths = SHORT; lengths < LENGTHS; lengths++) {
        struct built_index b;
        unsigned width;
        make(&b, *state, lengths);
        const struct segment *s = b.segments[0].segment;
        segment_lengths(s, &width);
        assert_int_equal(width, widths[lengths]);
        for (uint32_t w = 0; w < WORDS; w++) {
            struct term_info info = find_word(s, w);
            assert_int_equal(stands_by_chunks(s, &info), info.doc_freq > PASSAGES / DENSE_PART);
            compare(s, &info, *state, false);
        }
        built_index_release(&b);
    }
    hot_positions_maker_free(NULL);
}

static void positions_of_sparse_sets_are_what_postings_say(void **state) {
    struct built_index b;
    make_sparse(&b, *state);
    for (uint32_t w = 0; w < SPARSE; w++) {
        struct term_info info = find_word(b.segments[0].segment, w);
        compare(b.segments[0].segment, &info, *state, true);
    }
    built_index_release(&b);
}

/* Rare ones have none; and what is given up is free, before a step and between two. */
static void rare_terms_have_none(void **state) {
    struct built_index b;
    make(&b, *state, SHORT);
    const struct segment *s = b.segments[0].segment;
    struct term_info rare, info = find_word(s, 1);
    assert_int_equal(segment_find_term(s, "rare", 4, &rare, NULL), LEDE_OK);
    assert_null(hot_positions_maker_new(s, &rare));
    struct hot_positions_maker *m = hot_positions_maker_new(s, &info);
    hot_positions_maker_free(m);
    m = hot_positions_maker_new(s, &info);
    assert_false(hot_positions_maker_go(m, 1));
    hot_positions_maker_free(m);
    built_index_release(&b);
}

/* What can be made of damaged postings can be read, by the set that they give. */
static void read_damaged(const struct hot_positions *p, const struct hot_set *set) {
    static struct position_masks masks;
    uint32_t docs[POSITION_MASKS];
    for (uint32_t doc = 0; doc < PASSAGES;) {
        uint32_t n = 0;
        for (; doc < PASSAGES && n < POSITION_MASKS; doc++)
            docs[n++] = doc;
        hot_positions_read(p, set, docs, n, &masks);
        for (uint32_t i = 0; i < n; i++)
            assert_true(masks.freqs[i] <= TOLD);
    }
}

static void damage_is_no_crash(void **state) {
    struct random *r = *state;
    struct built_index b;
    struct segment broken;
    make(&b, r, LONG);
    uint8_t *bytes = copy_postings(&broken, b.segments[0].segment);
    unsigned refused = 0, read = 0;
    for (uint32_t round = 0; round < 1000; round++) {
        struct term_info info = find_word(b.segments[0].segment, round % WORDS);
        uint64_t at = random_below(r, 2) ? random_below(r, (uint32_t)info.postings_size)
                                         : info.postings_size + random_below(r, (uint32_t)info.positions_size);
        uint8_t *byte = &bytes[info.postings + at], right = *byte;
        *byte ^= (uint8_t)(1 + random_below(r, 255));
        if (round % 3 == 0) /* the dictionary is damaged, too */
            info.doc_freq = MAXIMA_DOCS + random_below(r, 2 * PASSAGES);
        if (round % 5 == 0)
            info.total_freq = random_below(r, 2) ? random_below(r, 4 * PASSAGES) : UINT64_MAX;
        struct hot_positions *p = made_positions(&broken, &info, 1 + random_below(r, 20000));
        struct hot_set *set =
            p ? made_set(&broken, &info, hot_set_is_sparse(PASSAGES, info.doc_freq), UINT32_MAX) : NULL;
        refused += p == NULL;
        read += set != NULL;
        if (set)
            read_damaged(p, set);
        hot_kept_free(set ? &set->kept : NULL);
        hot_kept_free(p ? &p->kept : NULL);
        *byte = right;
    }
    assert_true(refused > 0);
    assert_true(read > 0);
    free(bytes);
    built_index_release(&b);
}

/* ---------------------------------------------------------------------------------- hot terms -- */

/* Another search, which finds them, held, or reads so many postings. */
static const struct hot_positions *use(const struct hot_words *x, enum hot_segment s, const char *word,
                                       uint32_t reads) {
    const struct term_info info = hot_words_find(x, s, word);
    hot_budget_search(x->budget);
    const struct hot_positions *p = hot_terms_hold_positions(x->terms[s], x->segments[s], &info);
    hot_terms_read(x->terms[s], &info, reads);
    return p;
}

static void what_is_read_is_counted(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, 1 << 24);
    const struct term_info info = hot_words_find(&x, FIRST, "w0");
    uint32_t due = info.doc_freq / HOT_POSITIONS_PART;
    for (uint32_t i = 0; i < 100; i++)
        assert_null(use(&x, FIRST, "w0", 0));
    assert_null(use(&x, FIRST, "w0", due - 1));
    assert_null(use(&x, FIRST, "w1", due)); /* that is another word */
    assert_null(use(&x, FIRST, "w0", 0));
    assert_int_equal(x.budget->used, 0);
    assert_null(use(&x, FIRST, "w0", 1));
    const struct hot_positions *p = use(&x, FIRST, "w0", 0);
    assert_non_null(p);
    assert_int_equal(x.budget->used, p->kept.size);
    assert_true(p->kept.size <= hot_positions_size(HOT_FIRST_PASSAGES, &info));
    assert_ptr_equal(use(&x, FIRST, "w0", 0), p);
    hot_terms_give_back_positions(x.terms[FIRST], p);
    hot_terms_give_back_positions(x.terms[FIRST], p);
    assert_int_equal(x.budget->used, p->kept.size);
    hot_words_release(&x);
}

/* Uses of a term's set are none of its positions, and the other way round. */
static void kinds_are_counted_apart(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, 1 << 24);
    const struct term_info info = hot_words_find(&x, FIRST, "w0");
    hot_terms_read(x.terms[FIRST], &info, info.doc_freq); /* nobody asked for them */
    for (int i = 0; i < 2 * HOT_USES; i++) {
        assert_null(use(&x, FIRST, "w0", 0));
        hot_terms_give_back(x.terms[FIRST], hot_words_use(&x, FIRST, "w0"));
    }
    size_t term = hot_words_size(&x, FIRST, "w0");
    assert_int_equal(x.budget->used, term);
    assert_null(use(&x, FIRST, "w0", info.doc_freq));
    const struct hot_positions *p = use(&x, FIRST, "w0", 0);
    assert_non_null(p);
    assert_int_equal(x.budget->used, term + p->kept.size);
    hot_terms_give_back_positions(x.terms[FIRST], p);
    hot_words_release(&x);
}

static void positions_are_made_in_steps(void **state) {
    (void)state;
    struct hot_words x;
    hot_words_init(&x, 1 << 24);
    const struct term_info info = hot_words_find(&x, SECOND, "x");
    const uint32_t steps = (info.doc_freq + HOT_POSITIONS_STEP - 1) / HOT_POSITIONS_STEP;
    const struct hot_positions *p = NULL;
    assert_true(steps > 2);
    assert_null(use(&x, SECOND, "x", info.doc_freq));
    uint32_t uses = 1;
    for (; !(p = use(&x, SECOND, "x", 0)); uses++) /* room for all is there from the first step on */
        assert_int_equal(x.budget->used, hot_positions_size(HOT_SECOND_PASSAGES, &info));
    assert_in_range(uses, steps - 1, steps);
    assert_int_equal(x.budget->used, p->kept.size);
    hot_terms_give_back_positions(x.terms[SECOND], p);
    hot_budget_set_limit(x.budget, 0);
    assert_int_equal(x.budget->used, 0);
    /* What had to go is read as often again before it comes back; and what is half made goes as well. */
    hot_budget_set_limit(x.budget, 1 << 24);
    assert_null(use(&x, SECOND, "x", info.doc_freq));
    assert_int_equal(x.budget->used, 0);
    assert_null(use(&x, SECOND, "x", 0));
    assert_true(x.budget->used > 0);
    hot_budget_set_limit(x.budget, 0);
    assert_int_equal(x.budget->used, 0);
    hot_words_release(&x);
}

static void what_is_held_stays(void **state) {
    (void)state;
    static struct position_masks masks;
    struct hot_words x;
    hot_words_init(&x, 1 << 24);
    const struct term_info info = hot_words_find(&x, FIRST, "w0"), rare = hot_words_find(&x, FIRST, "rare");
    struct hot_set *set = made_set(x.segments[FIRST], &info, false, UINT32_MAX);
    assert_null(use(&x, FIRST, "w0", info.doc_freq));
    const struct hot_positions *p = use(&x, FIRST, "w0", 0);
    assert_non_null(p);
    hot_budget_set_limit(x.budget, 0);
    assert_int_equal(x.budget->used, p->kept.size);
    hot_positions_read(p, set, (const uint32_t[]){1, 2}, 2, &masks); /* asan tells otherwise */
    assert_int_equal(masks.freqs[0], 1);
    assert_int_equal(masks.words[0][0], 1);
    assert_int_equal(masks.freqs[1], 0);
    hot_terms_give_back_positions(x.terms[FIRST], p);
    assert_int_equal(x.budget->used, 0);
    hot_budget_set_limit(x.budget, hot_positions_size(HOT_FIRST_PASSAGES, &info) - 1);
    assert_null(use(&x, FIRST, "w0", 0)); /* no room */
    hot_budget_set_limit(x.budget, 1 << 24);
    for (int i = 0; i < 4; i++)
        assert_null(use(&x, FIRST, "rare", rare.doc_freq));
    assert_null(hot_terms_hold_positions(NULL, x.segments[FIRST], &info));
    hot_terms_give_back_positions(x.terms[FIRST], NULL);
    hot_terms_read(NULL, &info, 1);
    hot_kept_free(&set->kept);
    hot_words_release(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(positions_are_what_postings_say, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(positions_of_sparse_sets_are_what_postings_say, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(rare_terms_have_none, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(damage_is_no_crash, random_setup, random_teardown),
        cmocka_unit_test(what_is_read_is_counted),
        cmocka_unit_test(kinds_are_counted_apart),
        cmocka_unit_test(positions_are_made_in_steps),
        cmocka_unit_test(what_is_held_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
