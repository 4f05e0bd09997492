/* Which entries of a column are taken: by the vector unit, without it, and one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "searcher/plan/marks.h"
#include "support/random.h"

enum { ENTRIES = 5000, VALUES = 700 };

static void put_entry(uint8_t *p, uint32_t width, uint32_t value) {
    for (uint32_t i = 0; i < width; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

/* Some runs of values, or scattered ones. */
static void take_some(struct random *r, uint8_t *taken, uint32_t count) {
    memset(taken, 0, VALUES);
    for (uint32_t n = random_below(r, 7); n > 0 && count > 0; n--) {
        uint32_t first = random_below(r, count), len = 1 + random_below(r, random_below(r, 2) ? 3 : count);
        memset(taken + first, 1, len < count - first ? len : count - first);
    }
    for (uint32_t i = 0; i < count && random_below(r, 3) == 0; i++)
        taken[i] = random_below(r, 2) == 0;
}

static void all_ways_take_the_same(void **state) {
    static const uint32_t widths[] = {0, 1, 2, 4};
    struct random *r = *state;
    for (int round = 0; round < 500; round++) {
        uint8_t entries[4 * ENTRIES], taken[VALUES];
        uint64_t bits[ENTRIES / 64 + 1], plain[ENTRIES / 64 + 1];
        uint32_t width = widths[random_below(r, 4)], n = random_below(r, random_below(r, 2) ? ENTRIES : 200);
        uint32_t count = random_below(r, width == 1 ? 257 : VALUES);
        struct column c = {.entries = entries, .width = width, .count = count};
        take_some(r, taken, count);
        /* Some entries are broken: there are no such values. */
        for (uint32_t i = 0; i < n; i++)
            put_entry(entries + (size_t)width * i, width, random_below(r, count + (random_below(r, 50) ? 1 : 9)));
        memset(bits, 0xa5, sizeof bits);
        memset(plain, 0xa5, sizeof plain);
        marks_take(bits, &c, n, taken, count);
        marks_take_plainly(plain, &c, n, taken, count);
        assert_memory_equal(bits, plain, (n + 63) / 64 * sizeof *bits);
        for (uint32_t i = 0; i < (n + 63) / 64 * 64; i++) {
            uint32_t entry = i < n ? column_entry(&c, i) : 0;
            assert_int_equal(bits[i / 64] >> i % 64 & 1, i < n && entry < count && taken[entry]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_ways_take_the_same, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
