/* Units of a block's passages: every processor's version is equal to the plain one, no sum is below the score that it
 * stands for, and blocks laid out in memory are read as they were put there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "searcher/ranges/block_sums.h"
#include "support/random.h"

enum { WORDS = 6 };

struct block {
    struct block_freqs freqs[WORDS];
    struct word_gift gifts[WORDS];
    const struct word_gift *each[WORDS];
    uint8_t classes[HOT_BLOCK];
};

/* Together the words give no more than 16 bits hold. */
static void random_block(struct block *b, struct random *r) {
    uint32_t sparse = 1 + random_below(r, 4);
    bool no_norm = random_below(r, 8) == 0; /* as k1 = 0 makes it */
    float base = no_norm ? 0 : 0.01F * (float)random_below(r, 100);
    float slope = no_norm ? 0 : 0.001F * (float)random_below(r, 100);
    for (unsigned i = 0; i < HOT_BLOCK; i++)
        b->classes[i] = (uint8_t)random_below(r, LENGTH_CLASSES);
    for (unsigned k = 0; k < WORDS; k++) {
        uint32_t most = 2 + random_below(r, UINT16_MAX / WORDS - 2);
        b->gifts[k] = (struct word_gift){base, slope, (float)most * 1.01F, (uint16_t)most};
        b->each[k] = &b->gifts[k];
        for (unsigned i = 0; i < HOT_BLOCK; i++)
            b->freqs[k].of[i] = (uint8_t)(random_below(r, sparse) ? 0 : random_below(r, HOT_FREQ + 1));
    }
}

static uint32_t sum_of(const struct block *b, size_t n, unsigned i) {
    uint32_t sum = 0;
    for (size_t k = 0; k < n; k++) {
        uint32_t freq = b->freqs[k].of[i];
        if (freq)
            sum += freq < HOT_FREQ ? word_gift_of(&b->gifts[k], freq, b->classes[i]) : b->gifts[k].max;
    }
    return sum;
}

static void versions_are_equal_and_bounds(void **state) {
    struct random *r = *state;
    struct block b;
    for (int round = 0; round < 20000; round++) {
        random_block(&b, r);
        size_t n = random_below(r, WORDS + 1);
        uint16_t cut = (uint16_t)(1 + random_below(r, random_below(r, 2) ? UINT16_MAX : 20000));
        for (sum_block *const *sum = sum_block_all(); *sum; sum++) {
            uint16_t sums[HOT_BLOCK];
            uint32_t reach = (*sum)(sums, b.freqs, b.each, n, b.classes, cut);
            for (unsigned i = 0; i < HOT_BLOCK; i++) {
                assert_int_equal(sums[i], sum_of(&b, n, i));
                assert_int_equal(reach >> i & 1, sums[i] >= cut);
            }
            assert_int_equal(reach >> HOT_BLOCK, 0);
        }
    }
}

/* Never less than so many 255ths of a number that is not above `most`, nor more than 2 above those of `most`. */
static void shares_are_bounds(void **state) {
    (void)state;
    for (uint32_t most = 0; most < UINT16_MAX; most += most < 600 ? 1 : 97)
        for (uint32_t impact = 0; impact <= MAXIMA_PARTS; impact++) {
            double exact = (double)impact * most / MAXIMA_PARTS, share = hot_share((uint8_t)impact, (uint16_t)most);
            assert_true(impact ? share >= exact && share <= exact + 2 : share == 0);
        }
}

enum { RANGES = 20 };

/* A term with its own blocks, and with all of them, by turns: each block is as it was put there. */
static void blocks_are_read_as_they_were_put(void **state) {
    struct random *r = *state;
    uint8_t blocks[RANGES * HOT_BLOCKS], freqs[RANGES * HOT_BLOCKS * HOT_BLOCK / 2];
    uint32_t starts[RANGES];
    for (int round = 0; round < 1000; round++) {
        struct hot_term t = {.blocks = blocks, .freqs = freqs, .starts = round % 2 ? starts : NULL};
        uint32_t own = 0, sparse = 1 + random_below(r, 5);
        for (uint32_t b = 0; b < RANGES * HOT_BLOCKS; b++) {
            if (b % HOT_BLOCKS == 0)
                starts[b / HOT_BLOCKS] = own;
            blocks[b] = (uint8_t)(random_below(r, sparse) ? 0 : 1 + random_below(r, 255));
            own += !t.starts || blocks[b];
        }
        for (uint32_t i = 0; i < sizeof freqs; i++)
            freqs[i] = (uint8_t)random_below(r, 256);
        own = 0;
        for (uint32_t b = 0; b < RANGES * HOT_BLOCKS; own += !t.starts || blocks[b], b++) {
            struct block_freqs read;
            if (!blocks[b])
                continue;
            hot_block_freqs(&read, &t, b / HOT_BLOCKS, b % HOT_BLOCKS);
            for (uint32_t i = 0; i < HOT_BLOCK; i++)
                assert_int_equal(read.of[i], freqs[own * HOT_BLOCK / 2 + i / 2] >> i % 2 * 4 & 15);
        }
        for (uint32_t range = 0; range < RANGES; range++) {
            half_lanes shares = hot_block_shares(&t, range, 4321);
            for (uint32_t b = 0; b < HOT_BLOCKS; b++)
                assert_int_equal(shares[b], hot_share(blocks[range * HOT_BLOCKS + b], 4321));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_are_equal_and_bounds, random_setup, random_teardown),
        cmocka_unit_test(shares_are_bounds),
        cmocka_unit_test_setup_teardown(blocks_are_read_as_they_were_put, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
