/* The comparisons that pruning comes down to: every processor's version is equal to the plain one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "searcher/ranges/reach.h"
#include "support/random.h"

static void versions_are_equal(void **state) {
    struct random *r = *state;
    static const uint16_t edges[] = {0, 1, 2, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff};
    uint16_t sums[REACH_WIDTH];
    for (int round = 0; round < 20000; round++) {
        for (unsigned i = 0; i < REACH_WIDTH; i++)
            sums[i] = random_below(r, 3) ? (uint16_t)random_below(r, 0x10000) : edges[random_below(r, 8)];
        uint16_t cut = random_below(r, 2) ? sums[random_below(r, REACH_WIDTH)] : edges[random_below(r, 8)];
        uint64_t expected = 0;
        for (unsigned i = 0; i < REACH_WIDTH; i++)
            expected |= sums[i] >= cut ? UINT64_C(1) << i : 0;
        for (reach_function *const *reach = reach_all(); *reach; reach++)
            assert_true((*reach)(sums, cut) == expected);
        assert_true(reach_best()(sums, cut) == expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_are_equal, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
