/* Maxima of ranges: no impact is above its range's, none of them is higher than need be, and stretching them covers
 * other parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "core/codecs/maxima.h"
#include "support/random.h"

enum { PASSAGES = 70000 };

static void levels_are_the_least_that_cover(void **state) {
    struct random *r = *state;
    static uint32_t lengths[PASSAGES], freqs[PASSAGES];
    for (unsigned round = 0; round < 8; round++) {
        uint64_t total = 0;
        uint32_t docs = 0, step = 1 + random_below(r, 12);
        for (uint32_t d = 0; d < PASSAGES; d++) {
            total += lengths[d] = 1 + random_below(r, random_below(r, 9) ? 150 : 2000);
            freqs[d] = random_below(r, step) ? 0 : 1 + random_below(r, 4);
            docs += freqs[d] > 0;
        }
        struct maxima_writer w;
        struct spool out = {.settled = 0};
        maxima_writer_init(&w, PASSAGES, total, NULL);
        for (uint32_t d = 0; d < PASSAGES; d++)
            if (freqs[d])
                maxima_writer_add(&w, &d, &freqs[d], &lengths[d], 1);
        maxima_writer_finish(&w, docs, &out);
        assert_int_equal(spool_size(&out), maxima_size(PASSAGES, docs));
        unsigned shift = maxima_shift(PASSAGES, docs);
        assert_true(maxima_ranges(PASSAGES, shift) <= 2 * docs + 1);
        float best;
        memcpy(&best, out.tail.data, sizeof best);
        const uint8_t *parts = out.tail.data + sizeof best;
        for (unsigned level = 1; level < MAXIMA_LEVELS; level++)
            assert_true(parts[level - 1] < parts[level] || parts[level] == MAXIMA_PARTS);
        assert_int_equal(parts[MAXIMA_LEVELS - 1], MAXIMA_PARTS);
        struct impact_norm norm = impact_norm_of(PASSAGES, total);
        for (uint32_t from = 0; from < PASSAGES; from += 1U << shift) {
            float impact = 0;
            for (uint32_t d = from; d < PASSAGES && d < from + (1U << shift); d++)
                if (freqs[d])
                    impact = fmaxf(impact, impact_of(norm, freqs[d], lengths[d]));
            unsigned level = maxima_level(out.tail.data + MAXIMA_HEADER, from >> shift);
            assert_true(impact <= best * (float)maxima_part(parts, level) / MAXIMA_PARTS * (1 + 1e-6F));
            assert_true(level == 0 ? impact == 0
                                   : impact > best * (float)maxima_part(parts, level - 1) / MAXIMA_PARTS * (1 - 1e-6F));
        }
        spool_release(&out);
        maxima_writer_release(&w);
    }
}

static void rare_terms_have_none(void **state) {
    (void)state;
    assert_int_equal(maxima_size(1000000, MAXIMA_DOCS - 1), 0);
    assert_true(maxima_size(1000000, MAXIMA_DOCS) > 0);
    assert_int_equal(maxima_shift(1000000, 500000), RANGE_SHIFT);
    assert_int_equal(maxima_shift(UINT32_MAX - 1, UINT32_MAX - 1), RANGE_SHIFT);
}

static void stretching_covers_other_parameters(void **state) {
    struct random *r = *state;
    for (unsigned round = 0; round < 100000; round++) {
        double k1 = random_below(r, 300) / 100.0, b = random_below(r, 101) / 100.0;
        double average = 1 + random_below(r, 500), own = 1 + random_below(r, 500);
        double stretch = maxima_stretch(1000, (uint64_t)own * 1000, k1 * (1 - b), k1 * b / average);
        double freq = 1 + random_below(r, 9), length = random_below(r, 3000);
        double impact = freq / (freq + MAXIMA_K1 * (1 - MAXIMA_B + MAXIMA_B * length / own));
        double other = freq / (freq + k1 * (1 - b + b * length / average));
        assert_true(stretch >= 1);
        assert_true(other <= impact * stretch || isinf(stretch));
        double shrink = maxima_shrink(1000, (uint64_t)own * 1000, k1 * (1 - b), k1 * b / average);
        assert_true(shrink > 0 && shrink <= 1);
        assert_true(other >= impact * shrink);
    }
    assert_true(isinf(maxima_stretch(10, 1000, 1.2, 0)));
    assert_true(maxima_stretch(10, 1000, MAXIMA_K1 * (1 - MAXIMA_B), MAXIMA_K1 * MAXIMA_B / 100) < 1.0001);
    assert_true(maxima_shrink(10, 1000, MAXIMA_K1 * (1 - MAXIMA_B), MAXIMA_K1 * MAXIMA_B / 100) > 0.9999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(levels_are_the_least_that_cover, random_setup, random_teardown),
        cmocka_unit_test(rare_terms_have_none),
        cmocka_unit_test_setup_teardown(stretching_covers_other_parameters, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
