/* The operators over cursors that stand on documents of an array, against what their definitions say; and the
 * contract that every cursor keeps: next, seek, score, window and status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "searcher/cursors/cursor.h"
#include "searcher/match/near.h"
#include "support/random.h"

/* ----------------------------------------------------------------------------- cursors on arrays -- */

enum { DOCS = 12000, PLACES = 6, MOST = 5 };

/* What a cursor should give, document by document. */
struct expected {
    bool matches[DOCS];
    double scores[DOCS];
    uint32_t places[DOCS][PLACES];
    uint32_t place_counts[DOCS];
};

struct array_cursor {
    struct cursor base;
    const struct expected *content;
    uint32_t fails_at; /* the first document that can't be read */
    bool *released;
};

static uint32_t array_settle(struct array_cursor *a, uint32_t doc) {
    while (doc < DOCS && doc < a->fails_at && !a->content->matches[doc])
        doc++;
    if (doc >= a->fails_at && doc < DOCS)
        a->base.status = LEDE_CORRUPT;
    return a->base.doc = doc >= DOCS || doc >= a->fails_at ? DOC_END : doc;
}

static uint32_t array_next(struct cursor *c) {
    return array_settle((struct array_cursor *)c, c->doc + 1);
}

static uint32_t array_seek(struct cursor *c, uint32_t target) {
    assert_true(target >= c->doc);
    return array_settle((struct array_cursor *)c, target);
}

static double array_score(struct cursor *c) {
    return ((struct array_cursor *)c)->content->scores[c->doc];
}

static const uint32_t *array_positions(struct cursor *c, uint32_t *count) {
    const struct expected *content = ((struct array_cursor *)c)->content;
    *count = content->place_counts[c->doc];
    return content->places[c->doc];
}

static uint32_t array_freq(struct cursor *c) {
    return ((struct array_cursor *)c)->content->place_counts[c->doc];
}

static void array_release(struct cursor *c) {
    bool *released = ((struct array_cursor *)c)->released;
    assert_false(*released);
    *released = true;
}

static const struct cursor_ops array_ops = {array_next,    array_seek, array_score, window_add_all, array_positions,
                                            array_release, NULL,       array_freq,  NULL,           NULL};

/* ------------------------------------------------------------------------------------- a fixture -- */

struct fixture {
    struct random *random;
    struct arena arena;
    struct window window;
    struct expected contents[MOST], expected;
    struct array_cursor arrays[MOST];
    struct cursor *cursors[MOST];
    bool released[MOST];
    size_t count;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    void *random = NULL;
    if (!f || random_setup(&random))
        return -1;
    f->random = random;
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    free(f->random);
    free(f);
    return 0;
}

static void fill(struct random *r, struct expected *e) {
    uint32_t rarity = 1U << random_below(r, 12);
    memset(e, 0, sizeof *e);
    for (uint32_t d = 0; d < DOCS; d++) {
        if (random_below(r, rarity))
            continue;
        e->matches[d] = true;
        e->scores[d] = 1.0 / (1 + random_below(r, 1000));
        e->place_counts[d] = 1 + random_below(r, PLACES);
        for (uint32_t i = 0, place = 0; i < e->place_counts[d]; i++)
            e->places[d][i] = place += random_below(r, 4);
    }
}

static void rewind_arrays(struct fixture *f, uint32_t fails_at) {
    f->arena = ARENA_EMPTY;
    for (size_t i = 0; i < f->count; i++) {
        const struct expected *content = &f->contents[i];
        uint64_t cost = 0;
        for (uint32_t d = 0; d < DOCS; d++)
            cost += content->matches[d];
        f->released[i] = false;
        f->arrays[i] = (struct array_cursor){{.ops = &array_ops, .doc = DOC_END, .cost = cost, .max_score = 1},
                                             content,
                                             i == 0 ? fails_at : UINT32_MAX,
                                             &f->released[i]};
        array_settle(&f->arrays[i], 0);
        f->cursors[i] = &f->arrays[i].base;
    }
}

static void fill_arrays(struct fixture *f, size_t count) {
    f->count = count;
    for (size_t i = 0; i < count; i++)
        fill(f->random, &f->contents[i]);
}

static void release_and_check(struct fixture *f, struct cursor *c) {
    cursor_release(c);
    for (size_t i = 0; i < f->count; i++)
        assert_true(f->released[i]);
    arena_release(&f->arena);
}

/* ---------------------------------------------------------------------------------- the contract -- */

typedef struct cursor *make_cursor(struct fixture *f);

static uint32_t expected_from(const struct expected *e, uint32_t doc) {
    while (doc < DOCS && !e->matches[doc])
        doc++;
    return doc < DOCS ? doc : DOC_END;
}

static void assert_stands_on(struct fixture *f, struct cursor *c, uint32_t doc) {
    assert_int_equal(c->doc, doc);
    assert_int_equal(c->status, LEDE_OK);
    if (doc != DOC_END) {
        assert_true(cursor_score(c) == f->expected.scores[doc]);
        assert_true(cursor_score(c) <= c->max_score);
    }
}

static void check_next(struct fixture *f, make_cursor *make) {
    rewind_arrays(f, UINT32_MAX);
    struct cursor *c = make(f);
    uint64_t count = 0;
    cursor_match(c);
    for (uint32_t d = expected_from(&f->expected, 0); d != DOC_END; d = expected_from(&f->expected, d + 1)) {
        assert_stands_on(f, c, d);
        cursor_next_match(c);
        count++;
    }
    assert_stands_on(f, c, DOC_END);
    assert_int_equal(cursor_next(c), DOC_END);
    assert_int_equal(cursor_seek(c, DOCS), DOC_END);
    assert_true(count <= c->cost);
    release_and_check(f, c);
}

/* Now and then without asking for the score: cursors that add to it alone must not lag or lead. */
static void check_seek(struct fixture *f, make_cursor *make) {
    rewind_arrays(f, UINT32_MAX);
    struct cursor *c = make(f);
    uint32_t reach = 1U << random_below(f->random, 13), expected = expected_from(&f->expected, 0);
    while (c->doc != DOC_END) {
        if (random_below(f->random, 2)) {
            uint32_t target = c->doc + random_below(f->random, reach);
            expected = expected_from(&f->expected, target);
            assert_int_equal(cursor_seek_match(c, target), expected);
        } else {
            expected = expected_from(&f->expected, c->doc + 1);
            assert_int_equal(cursor_next_match(c), expected);
        }
        if (random_below(f->random, 4))
            assert_stands_on(f, c, expected);
    }
    assert_int_equal(expected, DOC_END);
    release_and_check(f, c);
}

static void check_window(struct fixture *f, make_cursor *make) {
    rewind_arrays(f, UINT32_MAX);
    struct cursor *c = make(f);
    struct window *w = &f->window;
    for (uint32_t from = 0; c->doc != DOC_END;) {
        from = c->doc + random_below(f->random, 3000);
        if (cursor_seek_match(c, from) == DOC_END)
            break;
        from = c->doc;
        memset(w, 0, sizeof *w);
        window_move(w, from);
        cursor_accumulate(c, w);
        for (uint32_t d = w->start; d < w->end && d < DOCS; d++) {
            uint32_t i = d - w->start;
            bool expected = d >= from && f->expected.matches[d];
            assert_true(w->scores[i] == (expected ? f->expected.scores[d] : 0));
        }
        cursor_match(c);
        assert_stands_on(f, c, expected_from(&f->expected, w->end));
    }
    release_and_check(f, c);
}

static void check_failure(struct fixture *f, make_cursor *make) {
    rewind_arrays(f, random_below(f->random, DOCS));
    struct cursor *c = make(f);
    bool failed = f->cursors[0]->status != LEDE_OK;
    while (c->doc != DOC_END) {
        cursor_score(c);
        cursor_next(c);
        failed = f->cursors[0]->status != LEDE_OK;
    }
    assert_int_equal(c->status, failed ? LEDE_CORRUPT : LEDE_OK);
    release_and_check(f, c);
}

static void check_contract(struct fixture *f, make_cursor *make) {
    check_next(f, make);
    check_seek(f, make);
    check_window(f, make);
    check_failure(f, make);
}

/* ------------------------------------------------------------------------------------- operators -- */

static bool required[MOST];

static struct cursor *make_array(struct fixture *f) {
    return f->cursors[0];
}

static struct cursor *make_and(struct fixture *f) {
    return and_cursor_new(&f->arena, f->cursors, required, f->count);
}

static struct cursor *make_or(struct fixture *f) {
    return or_cursor_new(&f->arena, f->cursors, f->count);
}

static struct cursor *make_not(struct fixture *f) {
    return not_cursor_new(&f->arena, f->cursors[0], f->cursors + 1, f->count - 1);
}

/* Also as it comes in queries: some of the words, without others. */
static struct cursor *make_or_not(struct fixture *f) {
    return not_cursor_new(&f->arena, or_cursor_new(&f->arena, f->cursors, 2), f->cursors + 2, f->count - 2);
}

static uint32_t slots[8];
static uint32_t slot_count;

static struct cursor *make_phrase(struct fixture *f) {
    static const struct position_check phrase = {.matches = NULL};
    return position_cursor_new(&f->arena, f->cursors, f->count, slots, slot_count, &phrase);
}

static double sum_at(const struct fixture *f, size_t count, uint32_t doc) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (f->contents[i].matches[doc])
            sum += f->contents[i].scores[doc];
    return sum;
}

static bool any_at(const struct fixture *f, size_t from, size_t to, uint32_t doc) {
    for (size_t i = from; i < to; i++)
        if (f->contents[i].matches[doc])
            return true;
    return false;
}

static void arrays_keep_the_contract(void **state) {
    struct fixture *f = *state;
    fill_arrays(f, 1);
    f->expected = f->contents[0];
    check_contract(f, make_array);
}

static void and_stands_where_all_required_do(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 40; round++) {
        fill_arrays(f, 1 + random_below(f->random, MOST));
        for (size_t i = 0; i < f->count; i++)
            required[i] = i == 0 || random_below(f->random, 2);
        for (uint32_t d = 0; d < DOCS; d++) {
            bool all = true;
            for (size_t i = 0; i < f->count; i++)
                all = all && (!required[i] || f->contents[i].matches[d]);
            f->expected.matches[d] = all;
            f->expected.scores[d] = sum_at(f, f->count, d);
        }
        check_contract(f, make_and);
    }
}

static void or_stands_where_any_does(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 20; round++) {
        fill_arrays(f, 1 + random_below(f->random, MOST));
        for (uint32_t d = 0; d < DOCS; d++) {
            f->expected.matches[d] = any_at(f, 0, f->count, d);
            f->expected.scores[d] = sum_at(f, f->count, d);
        }
        check_contract(f, make_or);
    }
}

static void not_leaves_out(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 40; round++) {
        size_t included = 1 + (size_t)round % 2;
        fill_arrays(f, included + 1 + random_below(f->random, MOST - 2));
        for (uint32_t d = 0; d < DOCS; d++) {
            f->expected.matches[d] = any_at(f, 0, included, d) && !any_at(f, included, f->count, d);
            f->expected.scores[d] = sum_at(f, included, d);
        }
        check_contract(f, included == 1 ? make_not : make_or_not);
    }
}

static bool has_place(const struct expected *e, uint32_t doc, uint32_t place) {
    for (uint32_t i = 0; i < e->place_counts[doc]; i++)
        if (e->places[doc][i] == place)
            return true;
    return false;
}

static bool has_phrase(const struct fixture *f, uint32_t doc) {
    for (uint32_t start = 0; start < 4 * PLACES; start++) {
        uint32_t i = 0;
        while (i < slot_count && f->contents[slots[i]].matches[doc] &&
               has_place(&f->contents[slots[i]], doc, start + i))
            i++;
        if (i == slot_count)
            return true;
    }
    return false;
}

static void phrase_stands_where_words_follow_one_another(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 40; round++) {
        fill_arrays(f, 1 + random_below(f->random, 3));
        slot_count = (uint32_t)f->count + random_below(f->random, 3);
        for (uint32_t i = 0; i < slot_count; i++)
            slots[i] = i < f->count ? i : random_below(f->random, (uint32_t)f->count);
        for (uint32_t d = 0; d < DOCS; d++) {
            f->expected.matches[d] = has_phrase(f, d);
            f->expected.scores[d] = sum_at(f, f->count, d);
        }
        check_contract(f, make_phrase);
    }
}

static size_t least;

static struct cursor *make_quorum(struct fixture *f) {
    return quorum_cursor_new(&f->arena, f->cursors, f->count, least);
}

static void quorum_stands_where_enough_do(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 40; round++) {
        fill_arrays(f, 1 + random_below(f->random, MOST));
        least = 1 + random_below(f->random, (uint32_t)f->count);
        for (uint32_t d = 0; d < DOCS; d++) {
            size_t there = 0;
            for (size_t i = 0; i < f->count; i++)
                there += f->contents[i].matches[d];
            f->expected.matches[d] = there >= least;
            f->expected.scores[d] = sum_at(f, f->count, d);
        }
        check_contract(f, make_quorum);
    }
}

static uint64_t bits[DOCS / 64 + 1];

/* The array beside it is there to fail, and to be released. */
static struct cursor *make_bitset(struct fixture *f) {
    static const bool both[] = {true, true};
    struct cursor *pair[] = {f->cursors[0], bitset_cursor_new(&f->arena, bits, DOCS, 0.5)};
    return and_cursor_new(&f->arena, pair, both, 2);
}

/* The first of the arrays, which fails, among others that go on without it. */
static struct cursor *make_part(struct fixture *f) {
    return or_cursor_new(&f->arena, f->cursors, 2);
}

static struct cursor *make_and_of_part(struct fixture *f) {
    const bool both[] = {true, true};
    return and_cursor_new(&f->arena, (struct cursor *[]){make_part(f), f->cursors[2]}, both, 2);
}

static struct cursor *make_and_with_part(struct fixture *f) {
    const bool second[] = {false, true};
    return and_cursor_new(&f->arena, (struct cursor *[]){make_part(f), f->cursors[2]}, second, 2);
}

static struct cursor *make_not_part(struct fixture *f) {
    return not_cursor_new(&f->arena, f->cursors[2], (struct cursor *[]){make_part(f)}, 1);
}

static struct cursor *make_quorum_of_part(struct fixture *f) {
    return quorum_cursor_new(&f->arena, (struct cursor *[]){make_part(f), f->cursors[2]}, 2, 2);
}

/* Whatever is made of it: the other part may well end first. */
static void a_part_that_fails_is_told(void **state) {
    static make_cursor *const makes[] = {make_and_of_part, make_and_with_part, make_not_part, make_quorum_of_part};
    struct fixture *f = *state;
    for (int round = 0; round < 100; round++) {
        fill_arrays(f, 3);
        check_failure(f, makes[(size_t)round % (sizeof makes / sizeof *makes)]);
    }
}

/* Who leaves a cursor before its end asks it to finish. */
static void a_failure_is_told_before_the_end(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 40; round++) {
        fill_arrays(f, 3);
        rewind_arrays(f, random_below(f->random, DOCS));
        struct cursor *c = make_and_with_part(f);
        for (uint32_t steps = random_below(f->random, 100); steps > 0; steps--) {
            cursor_next(c);
            if (c->doc != DOC_END)
                cursor_score(c);
        }
        lede_status status = cursor_finish(c);
        assert_int_equal(status, f->cursors[0]->status);
        assert_int_equal(c->doc, DOC_END);
        release_and_check(f, c);
    }
}

static void bitset_stands_on_its_bits(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 20; round++) {
        uint32_t rarity = 1U << random_below(f->random, 12);
        fill_arrays(f, 1);
        memset(bits, 0, sizeof bits);
        for (uint32_t d = 0; d < DOCS; d++) {
            bool set = random_below(f->random, rarity) == 0;
            bits[d / 64] |= (uint64_t)set << d % 64;
            f->expected.matches[d] = set && f->contents[0].matches[d];
            f->expected.scores[d] = f->contents[0].scores[d] + 0.5;
        }
        check_contract(f, make_bitset);
    }
}

static uint32_t lengths[8], chosen[16];
static struct near nearness = {lengths, 0, false, chosen};

static bool stand_near(void *ctx, uint32_t doc, struct phrase_slot *places, uint32_t count, lede_status *status) {
    const struct field_borders borders = {0, 0};
    (void)doc, (void)status;
    return near_matches(ctx, &borders, places, count);
}

static struct cursor *make_near(struct fixture *f) {
    const struct position_check check = {.matches = stand_near, .ctx = &nearness};
    return position_cursor_new(&f->arena, f->cursors, f->count, slots, slot_count, &check);
}

/* Tries all choices of places. */
static bool stands_near(const struct fixture *f, uint32_t doc, uint32_t i, uint32_t *places) {
    if (i == slot_count) {
        uint32_t first = UINT32_MAX, last = 0;
        for (uint32_t k = 0; k < slot_count; k++) {
            first = places[k] < first ? places[k] : first;
            last = places[k] > last ? places[k] : last;
        }
        return last - first < nearness.width;
    }
    const struct expected *e = &f->contents[slots[i]];
    for (uint32_t n = 0; e->matches[doc] && n < e->place_counts[doc]; n++) {
        bool is_free = !nearness.ordered || i == 0 || e->places[doc][n] > places[i - 1];
        for (uint32_t k = 0; k < i; k++)
            is_free = is_free && places[k] != e->places[doc][n];
        places[i] = e->places[doc][n];
        if (is_free && stands_near(f, doc, i + 1, places))
            return true;
    }
    return false;
}

static void near_stands_where_operands_are_near(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 60; round++) {
        fill_arrays(f, 1 + random_below(f->random, 3));
        slot_count = (uint32_t)f->count + random_below(f->random, 2);
        for (uint32_t i = 0; i < slot_count; i++) {
            slots[i] = i < f->count ? i : random_below(f->random, (uint32_t)f->count);
            lengths[i] = 1;
        }
        nearness.ordered = round % 2;
        nearness.width = slot_count + random_below(f->random, 6);
        for (uint32_t d = 0; d < DOCS; d++) {
            uint32_t places[8];
            f->expected.matches[d] = stands_near(f, d, 0, places);
            f->expected.scores[d] = sum_at(f, f->count, d);
        }
        check_contract(f, make_near);
    }
}

/* How many documents a cursor was asked to verify. */
struct asked {
    uint32_t count, last; /* one more than the last of them */
};

static bool stand_near_and_count(void *ctx, uint32_t doc, struct phrase_slot *places, uint32_t count,
                                 lede_status *status) {
    struct asked *asked = ctx;
    asked->count += doc + 1 != asked->last;
    asked->last = doc + 1;
    return stand_near(&nearness, doc, places, count, status);
}

static struct asked asked;

static struct cursor *make_asked(struct fixture *f) {
    const struct position_check check = {.matches = stand_near_and_count, .ctx = &asked};
    static const uint32_t both[] = {0, 1};
    asked = (struct asked){0};
    return position_cursor_new(&f->arena, f->cursors + 1, 2, both, 2, &check);
}

static struct cursor *make_and_of_asked(struct fixture *f) {
    static const bool both[] = {true, true};
    return and_cursor_new(&f->arena, (struct cursor *[]){f->cursors[0], make_asked(f)}, both, 2);
}

static struct cursor *make_and_with_asked(struct fixture *f) {
    static const bool first[] = {true, false};
    return and_cursor_new(&f->arena, (struct cursor *[]){f->cursors[0], make_asked(f)}, first, 2);
}

static struct cursor *make_or_of_asked(struct fixture *f) {
    return or_cursor_new(&f->arena, (struct cursor *[]){f->cursors[0], make_asked(f)}, 2);
}

static struct cursor *make_not_asked(struct fixture *f) {
    return not_cursor_new(&f->arena, f->cursors[0], (struct cursor *[]){make_asked(f)}, 1);
}

static struct cursor *make_quorum_of_asked(struct fixture *f) {
    return quorum_cursor_new(&f->arena, (struct cursor *[]){f->cursors[0], make_asked(f)}, 2, 2);
}

/* What a cursor made of the array and the one that verifies gives in a document. */
static void expect_of_asked(struct fixture *f, make_cursor *make, uint32_t doc) {
    uint32_t places[8];
    const struct expected *own = &f->contents[0];
    bool near = stands_near(f, doc, 0, places), there = own->matches[doc];
    double pair = near ? f->contents[1].scores[doc] + f->contents[2].scores[doc] : 0;
    f->expected.scores[doc] = (there ? own->scores[doc] : 0) + (make == make_not_asked ? 0 : pair);
    f->expected.matches[doc] = make == make_or_of_asked      ? there || near
                               : make == make_and_with_asked ? there
                               : make == make_not_asked      ? there && !near
                                                             : there && near;
}

/* Whatever is made of it: what has to be verified is, and of an AND only where all else is there. */
static void what_is_verified_comes_last(void **state) {
    static make_cursor *const makes[] = {make_and_of_asked, make_and_with_asked, make_or_of_asked, make_not_asked,
                                         make_quorum_of_asked};
    struct fixture *f = *state;
    nearness = (struct near){lengths, 3, false, chosen};
    for (int round = 0; round < 50; round++) {
        make_cursor *make = makes[(size_t)round % (sizeof makes / sizeof *makes)];
        uint32_t all = 0;
        fill_arrays(f, 3);
        for (slot_count = 0; slot_count < 2; slot_count++) {
            slots[slot_count] = slot_count + 1;
            lengths[slot_count] = 1;
        }
        for (uint32_t d = 0; d < DOCS; d++) {
            expect_of_asked(f, make, d);
            all += f->contents[0].matches[d] && f->contents[1].matches[d] && f->contents[2].matches[d];
        }
        check_contract(f, make);
        rewind_arrays(f, UINT32_MAX);
        struct cursor *c = make(f);
        for (cursor_match(c); c->doc != DOC_END;)
            cursor_next_match(c);
        assert_true(make == make_or_of_asked || asked.count == all);
        release_and_check(f, c);
    }
}

/* Words that may all stand at the same places, but for one that needs the first of these, and one that can leave it. */
static void words_make_room_for_each_other(void **state) {
    enum { MANY = 16 };
    uint32_t places[MANY], ones[MANY], scratch[2 * MANY];
    struct phrase_slot words[MANY];
    const struct field_borders borders = {0, 0};
    (void)state;
    for (uint32_t i = 0; i < MANY; i++) {
        places[i] = i;
        ones[i] = 1;
    }
    for (uint32_t spare = 0; spare < 2; spare++) {
        const struct near near = {ones, MANY, false, scratch};
        for (uint32_t i = 0; i < MANY; i++)
            words[i] = (struct phrase_slot){.positions = places, .count = i == MANY - 1 ? 1 : MANY - 1};
        words[0].count += spare;
        assert_int_equal(near_matches(&near, &borders, words, MANY), spare);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arrays_keep_the_contract, setup, teardown),
        cmocka_unit_test_setup_teardown(and_stands_where_all_required_do, setup, teardown),
        cmocka_unit_test_setup_teardown(or_stands_where_any_does, setup, teardown),
        cmocka_unit_test_setup_teardown(not_leaves_out, setup, teardown),
        cmocka_unit_test_setup_teardown(quorum_stands_where_enough_do, setup, teardown),
        cmocka_unit_test_setup_teardown(a_part_that_fails_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_is_told_before_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(bitset_stands_on_its_bits, setup, teardown),
        cmocka_unit_test(words_make_room_for_each_other),
        cmocka_unit_test_setup_teardown(near_stands_where_operands_are_near, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_verified_comes_last, setup, teardown),
        cmocka_unit_test_setup_teardown(phrase_stands_where_words_follow_one_another, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
