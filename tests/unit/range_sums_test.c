/* Units of a range's passages: every processor's version is equal to the plain one, and no sum is below what it bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "searcher/ranges/range_sums.h"
#include "support/random.h"

static void random_masks(struct chunk_masks *m, struct random *r) {
    uint32_t sparse = 1 + random_below(r, 10), more = 0;
    memset(m, 0, sizeof *m);
    for (unsigned i = 0; i < RANGE_DOCS; i++) {
        uint32_t freq = random_below(r, sparse) ? 0 : 1 + random_below(r, 1 + random_below(r, 6));
        m->set[i / 64] |= (uint64_t)(freq > 0) << i % 64;
        for (uint32_t p = 0; p < 3; p++)
            m->above[p][i / 64] |= (uint64_t)(freq > p + 1) << i % 64;
        if (freq > 3)
            m->more[more++] = freq;
    }
}

static uint32_t freq_in(const struct chunk_masks *m, unsigned i) {
    unsigned w = i / 64, bit = i % 64;
    return (uint32_t)((m->set[w] >> bit & 1) + (m->above[0][w] >> bit & 1) + (m->above[1][w] >> bit & 1) +
                      (m->above[2][w] >> bit & 1));
}

static void versions_are_equal_and_bounds(void **state) {
    struct random *r = *state;
    static impact_table table;
    float norms[LENGTH_CLASSES];
    for (int round = 0; round < 3000; round++) {
        uint8_t classes[RANGE_DOCS];
        uint16_t before[RANGE_DOCS], expected[RANGE_DOCS];
        struct chunk_masks masks;
        struct word_units word = {(uint16_t)random_below(r, 40000), (uint16_t)(1 + random_below(r, 40000))};
        for (unsigned i = 0; i < LENGTH_CLASSES && round % 100 == 0; i++)
            norms[i] = 0.01F * (float)random_below(r, 1000);
        if (round % 100 == 0)
            impact_table_fill(&table, norms);
        random_masks(&masks, r);
        for (unsigned i = 0; i < RANGE_DOCS; i++) {
            uint32_t freq = freq_in(&masks, i);
            classes[i] = (uint8_t)random_below(r, LENGTH_CLASSES);
            before[i] = expected[i] = (uint16_t)random_below(r, 20000);
            if (freq == 0 || freq > 3)
                continue;
            expected[i] = (uint16_t)(expected[i] + word_units_of(word, table.of[freq][classes[i]]));
            double exact = (double)word.weight * freq / ((double)freq + (double)norms[classes[i]]) * 65535 / 65536;
            assert_true(expected[i] - before[i] >= exact || expected[i] - before[i] == word.max);
        }
        for (add_units *const *add = add_units_all(); *add; add++) {
            struct range_lengths lengths = {.classes = classes};
            uint16_t sums[RANGE_DOCS];
            memcpy(sums, before, sizeof sums);
            (*add)(sums, &lengths, &table, &masks, word);
            assert_memory_equal(sums, expected, sizeof sums);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_are_equal_and_bounds, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
