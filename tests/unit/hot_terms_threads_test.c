/* Threads that use the same hot terms, which have room for few of them, while the room changes: what a thread holds is
 * the term, the set or the positions that it asked for, all of it, until it gives it back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>

#include "support/hot_words.h"
#include "support/made_positions.h"
#include "support/made_set.h"
#include "support/random.h"

enum { THREADS = 4, ROUNDS = 2000, TERMS = HOT_WORDS + 1, HELD = 3 };

static const struct {
    enum hot_segment segment;
    const char *word;
} terms[TERMS] = {{FIRST, "w0"}, {FIRST, "w1"}, {FIRST, "w2"}, {FIRST, "w3"},
                  {FIRST, "w4"}, {FIRST, "w5"}, {SECOND, "x"}};

/* All terms, their sets and positions, made by one thread. */
struct made {
    struct hot_words words;
    struct hot_term *terms[TERMS];
    struct hot_set *sets[TERMS];
    struct hot_positions *positions[TERMS];
    size_t largest;
};

struct using {
    const struct made *made;
    struct random random;
    uint64_t found, found_sets, found_positions;
    bool is_right;
};

static void make(struct made *m) {
    hot_words_init(&m->words, 0);
    m->largest = 0;
    for (unsigned i = 0; i < TERMS; i++) {
        const struct term_info info = hot_words_find(&m->words, terms[i].segment, terms[i].word);
        struct hot_maker *maker = hot_maker_new(m->words.segments[terms[i].segment], &info);
        assert_non_null(maker);
        assert_true(hot_maker_go(maker, UINT32_MAX));
        m->terms[i] = hot_maker_finish(maker);
        assert_non_null(m->terms[i]);
        m->sets[i] = made_set(m->words.segments[terms[i].segment], &info, false, UINT32_MAX);
        m->positions[i] = made_positions(m->words.segments[terms[i].segment], &info, UINT32_MAX);
        m->largest = m->largest > m->terms[i]->kept.size ? m->largest : m->terms[i]->kept.size;
    }
}

static void made_release(struct made *m) {
    for (unsigned i = 0; i < TERMS; i++) {
        hot_term_free(m->terms[i]);
        hot_kept_free(&m->sets[i]->kept);
        hot_kept_free(&m->positions[i]->kept);
    }
    hot_words_release(&m->words);
}

/* Whether what is kept is the same, from its first part on. */
static bool is_same(const struct hot_kept *k, const void *parts, const struct hot_kept *expected, const void *first) {
    enum { LINE = 64 }; /* it begins at one, for which there is room */
    size_t size = expected->size - (size_t)((const uint8_t *)first - (const uint8_t *)expected) - LINE;
    return k->size == expected->size && memcmp(parts, first, size) == 0;
}

/* What is behind the last position does not matter: each word stands once in its passages. */
static bool are_same_positions(const struct hot_positions *p, const struct hot_positions *expected, uint32_t doc_freq) {
    size_t size = (size_t)(expected->of - (const uint8_t *)(const void *)expected->ranks) + doc_freq;
    return p->kept.size == expected->kept.size && memcmp(p->ranks, expected->ranks, size) == 0;
}

/* One of the terms, as far as it is kept. */
struct held {
    unsigned which;
    const struct hot_term *term;
    const struct hot_set *set;
    const struct hot_positions *positions;
};

static void hold(struct held *h, struct using *u) {
    const struct hot_words *x = &u->made->words;
    h->which = random_below(&u->random, random_below(&u->random, 2) ? TERMS : 2);
    const enum hot_segment s = terms[h->which].segment;
    const struct term_info info = hot_words_find(x, s, terms[h->which].word);
    hot_budget_search(x->budget);
    h->term = hot_terms_hold(x->terms[s], x->segments[s], &info);
    h->set = random_below(&u->random, 2) ? hot_terms_hold_set(x->terms[s], x->segments[s], &info) : NULL;
    h->positions = random_below(&u->random, 2) ? hot_terms_hold_positions(x->terms[s], x->segments[s], &info) : NULL;
    if (!h->positions)
        hot_terms_read(x->terms[s], &info, random_below(&u->random, info.doc_freq / 4));
}

static void give_back(const struct held *h, struct using *u) {
    const struct made *m = u->made;
    const struct hot_term *term = m->terms[h->which];
    const struct hot_set *set = m->sets[h->which];
    const enum hot_segment s = terms[h->which].segment;
    const uint32_t doc_freq = hot_words_find(&m->words, s, terms[h->which].word).doc_freq;
    struct hot_terms *from = m->words.terms[s];
    u->found += h->term != NULL;
    u->found_sets += h->set != NULL;
    u->found_positions += h->positions != NULL;
    u->is_right &= !h->term || is_same(&h->term->kept, h->term->ranges, &term->kept, term->ranges);
    u->is_right &= !h->set || is_same(&h->set->kept, h->set->bits, &set->kept, set->bits);
    u->is_right &= !h->positions || are_same_positions(h->positions, m->positions[h->which], doc_freq);
    hot_terms_give_back(from, h->term);
    hot_terms_give_back_set(from, h->set);
    hot_terms_give_back_positions(from, h->positions);
}

/* Sometimes no room, or some, or for all. */
static void change_room(struct using *u) {
    uint64_t sizes[] = {0, u->made->largest / 3, u->made->largest, u->made->largest * 4 / 3, 100 << 20};
    hot_budget_set_limit(u->made->words.budget, sizes[random_below(&u->random, sizeof sizes / sizeof *sizes)]);
}

static void *use_them(void *ctx) {
    struct using *u = ctx;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct held held[HELD];
        for (unsigned i = 0; i < HELD; i++)
            hold(&held[i], u);
        if (random_below(&u->random, 50) == 0)
            change_room(u);
        for (unsigned i = 0; i < HELD; i++)
            give_back(&held[i], u);
    }
    return NULL;
}

static void threads_share_terms(void **state) {
    struct made m;
    struct using usings[THREADS];
    pthread_t threads[THREADS];
    make(&m);
    hot_budget_set_limit(m.words.budget, m.largest);
    for (size_t i = 0; i < THREADS; i++) {
        usings[i] = (struct using){&m, {random_next(*state)}, 0, 0, 0, true};
        assert_int_equal(pthread_create(&threads[i], NULL, use_them, &usings[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(usings[i].is_right);
        assert_true(usings[i].found > 0);
        assert_true(usings[i].found_sets > 0);
        assert_true(usings[i].found_positions > 0);
    }
    assert_true(m.words.budget->used <= m.words.budget->limit);
    hot_budget_set_limit(m.words.budget, 0);
    assert_int_equal(m.words.budget->used, 0);
    made_release(&m);
}

/* ----------------------------------------------------------------------------- a segment's end -- */

struct emptying {
    struct hot_budget *budget;
    uint64_t full; /* bytes that all words take */
    _Atomic bool is_over;
};

/* Lets all go as soon as they are there. */
static void *empty(void *ctx) {
    struct emptying *e = ctx;
    while (!e->is_over) {
        if (e->budget->used < e->full) {
            sched_yield();
            continue;
        }
        hot_budget_set_limit(e->budget, 0);
        hot_budget_set_limit(e->budget, e->full);
    }
    return NULL;
}

static void use_all(const struct hot_words *x, struct hot_terms *h) {
    for (unsigned i = 0; i < HOT_WORDS; i++) {
        const struct term_info info = hot_words_find(x, FIRST, terms[i].word);
        for (unsigned use = 0; use < HOT_USES; use++) {
            hot_budget_search(x->budget);
            hot_terms_give_back(h, hot_terms_hold(h, x->segments[FIRST], &info));
            hot_terms_give_back_set(h, hot_terms_hold_set(h, x->segments[FIRST], &info));
            hot_terms_give_back_positions(h, hot_terms_hold_positions(h, x->segments[FIRST], &info));
            hot_terms_read(h, &info, info.doc_freq);
        }
    }
}

/* A segment's words end while another thread lets what they keep go, which is no word's any more: sanitizers tell. */
static void words_end_while_room_is_made(void **state) {
    enum { ENDS = 1000 };
    (void)state;
    struct hot_words x;
    pthread_t thread;
    hot_words_init(&x, 0);
    struct emptying e = {.budget = x.budget};
    for (unsigned i = 0; i < HOT_WORDS; i++) {
        const struct term_info info = hot_words_find(&x, FIRST, terms[i].word);
        e.full += hot_words_size(&x, FIRST, terms[i].word) +
                  hot_set_size(HOT_FIRST_PASSAGES, HOT_FIRST_PASSAGES, false) +
                  hot_positions_size(HOT_FIRST_PASSAGES, &info);
    }
    hot_budget_set_limit(x.budget, e.full);
    assert_int_equal(pthread_create(&thread, NULL, empty, &e), 0);
    for (unsigned i = 0; i < ENDS; i++) {
        struct hot_terms *h = hot_terms_new(x.budget);
        assert_non_null(h);
        use_all(&x, h);
        hot_terms_free(h);
    }
    e.is_over = true;
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(x.budget->used, 0);
    hot_words_release(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(threads_share_terms, random_setup, random_teardown),
        cmocka_unit_test(words_end_while_room_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
