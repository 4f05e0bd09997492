/* What levels stand for: every processor's version looks up what the plain one does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "searcher/ranges/range_levels.h"
#include "support/random.h"

static void versions_are_equal(void **state) {
    struct random *r = *state;
    for (int round = 0; round < 1000; round++) {
        level_table table;
        uint8_t levels[LEVEL_BATCH / 2];
        uint16_t out[LEVEL_BATCH];
        for (unsigned i = 0; i < LEVELS_ALL; i++)
            table[i] = (uint16_t)random_below(r, UINT16_MAX + 1);
        level_table_finish(table);
        for (unsigned i = 0; i < sizeof levels; i++)
            levels[i] = (uint8_t)random_below(r, 256);
        for (unpack_levels *const *unpack = unpack_levels_all(); *unpack; unpack++) {
            (*unpack)(out, levels, table);
            for (uint32_t i = 0; i < LEVEL_BATCH; i++)
                assert_int_equal(out[i], table[maxima_level(levels, i)]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_are_equal, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
