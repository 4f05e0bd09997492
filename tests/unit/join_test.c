/* Documents that two lists have: those that both have, whichever lists these are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "searcher/ranges/join.h"
#include "support/random.h"

enum { DOCS = 5000 };

struct list {
    uint32_t docs[DOCS + JOIN_ROOM], count;
    uint8_t has[DOCS];
};

/* About one in `part` of `room` documents, from some one on. */
static void make(struct list *l, struct random *r, uint32_t room, uint32_t part) {
    l->count = 0;
    for (uint32_t doc = 0, first = random_below(r, 100); doc < DOCS; doc++) {
        l->has[doc] = doc >= first && doc < room && random_below(r, part) == 0;
        if (l->has[doc])
            l->docs[l->count++] = doc;
    }
    for (uint32_t i = 0; i < JOIN_ROOM; i++)
        l->docs[l->count + i] = UINT32_MAX;
}

static void common_ones_are_found(void **state) {
    static struct list a, b;
    static uint32_t numbers[DOCS + JOIN_ROOM];
    static const uint32_t rooms[] = {100, 108, 120, 1000, DOCS}, parts[] = {1, 2, 7, 30, 200, 2000};
    for (int round = 0; round < 2000; round++) {
        make(&a, *state, rooms[random_below(*state, 5)], parts[random_below(*state, 6)]);
        make(&b, *state, rooms[random_below(*state, 5)], parts[random_below(*state, 6)]);
        uint32_t n = join_lists(numbers, (struct join_list){a.docs, a.count}, (struct join_list){b.docs, b.count});
        uint32_t at = 0;
        for (uint32_t i = 0; i < a.count; i++) {
            if (!b.has[a.docs[i]])
                continue;
            assert_true(at < n);
            assert_int_equal(numbers[at++], i);
        }
        assert_int_equal(at, n);
    }
}

static void lists_that_do_not_rise_are_told(void **state) {
    enum { MOST = 70 };
    uint32_t docs[MOST] = {0};
    (void)state;
    for (uint32_t n = 0; n <= MOST; n++) {
        for (uint32_t i = 0; i < n; i++)
            docs[i] = 3 * i;
        assert_true(docs_rise(docs, n));
        for (uint32_t i = 1; i < n; i++) {
            docs[i] = docs[i - 1];
            assert_false(docs_rise(docs, n));
            docs[i] = 3 * i;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(common_ones_are_found, random_setup, random_teardown),
        cmocka_unit_test(lists_that_do_not_rise_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
