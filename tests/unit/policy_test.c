/* Which segments are merged, and that an index that grows stays an index of few segments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "indexer/merge/policy.h"
#include "support/random.h"

#define MIB          (UINT64_C(1) << 20)
#define NO_LIMIT     POLICY_PASSAGES_MAX
#define SEGMENTS_MAX 64

static size_t pick(const struct policy_segment *s, size_t count, uint64_t max, size_t *picked) {
    size_t n = policy_pick(s, count, max, picked);
    assert_true(n <= count);
    for (size_t i = 1; i < n; i++)
        assert_true(picked[i] > picked[i - 1]);
    return n;
}

static void few_segments_are_left_alone(void **state) {
    (void)state;
    struct policy_segment s[SEGMENTS_MAX] = {{.size = 0}};
    size_t picked[SEGMENTS_MAX];
    assert_int_equal(pick(s, 0, NO_LIMIT, picked), 0);
    for (size_t i = 0; i < POLICY_TIER - 1; i++)
        s[i] = (struct policy_segment){.size = 1000 + i, .passages = 10};
    assert_int_equal(pick(s, POLICY_TIER - 1, NO_LIMIT, picked), 0);
    s[POLICY_TIER - 1] = (struct policy_segment){.size = 100 * MIB, .passages = 1000000};
    assert_int_equal(pick(s, POLICY_TIER, NO_LIMIT, picked), 0);
}

static void full_tier_is_merged_the_lowest_first(void **state) {
    (void)state;
    struct policy_segment s[SEGMENTS_MAX];
    size_t picked[SEGMENTS_MAX], n = 0;
    for (size_t i = 0; i < POLICY_TIER; i++)
        s[n++] = (struct policy_segment){.size = 20 * MIB, .passages = 1000};
    for (size_t i = 0; i < POLICY_TIER + 3; i++)
        s[n++] = (struct policy_segment){.size = 1000, .passages = 10};
    assert_int_equal(pick(s, n, NO_LIMIT, picked), POLICY_TIER + 3);
    assert_int_equal(picked[0], POLICY_TIER);
    assert_int_equal(pick(s, POLICY_TIER + 1, NO_LIMIT, picked), POLICY_TIER);
    assert_int_equal(picked[0], 0);
}

static void mostly_deleted_segment_is_rewritten(void **state) {
    (void)state;
    struct policy_segment s[2] = {{.size = 100 * MIB, .passages = 1001, .deleted = 500},
                                  {.size = 100 * MIB, .passages = 1001, .deleted = 501}};
    size_t picked[2];
    assert_int_equal(pick(s, 2, NO_LIMIT, picked), 1);
    assert_int_equal(picked[0], 1);
    assert_int_equal(pick(s, 1, NO_LIMIT, picked), 0);
}

static void merge_stays_within_its_memory(void **state) {
    (void)state;
    struct policy_segment s[SEGMENTS_MAX];
    size_t picked[SEGMENTS_MAX];
    for (size_t i = 0; i < SEGMENTS_MAX; i++)
        s[i] = (struct policy_segment){.size = 1000, .passages = 100};
    assert_int_equal(pick(s, SEGMENTS_MAX, 2000, picked), 20);
    assert_int_equal(pick(s, SEGMENTS_MAX, 700, picked), 0);
    assert_int_equal(policy_passages_max(10), 10 * POLICY_MERGE_PASSAGES);
    assert_true(policy_passages_max(UINT64_MAX) == POLICY_PASSAGES_MAX);
}

static void runs_are_as_long_as_one_merge_allows(void **state) {
    struct policy_segment s[2 * POLICY_FAN];
    (void)state;
    for (size_t i = 0; i < 2 * (size_t)POLICY_FAN; i++)
        s[i] = (struct policy_segment){.size = 1000, .passages = 100, .deleted = 10};
    assert_int_equal(policy_run(s, 1, 1000), 1);
    assert_int_equal(policy_run(s, 5, 450), 5);
    assert_int_equal(policy_run(s, 5, 449), 4);
    assert_int_equal(policy_run(s, 5, 10), 1);
    assert_int_equal(policy_run(s, 2 * POLICY_FAN, NO_LIMIT), POLICY_FAN);
}

/* Bylines of a segment are addressed by 32 bits. */
static void segments_with_too_many_bylines_stay_apart(void **state) {
    (void)state;
    struct policy_segment s[POLICY_TIER + 1];
    size_t picked[POLICY_TIER + 1];
    for (size_t i = 0; i <= POLICY_TIER; i++)
        s[i] = (struct policy_segment){.size = 1000, .passages = 100, .strings = POLICY_STRINGS_MAX / POLICY_TIER};
    assert_int_equal(policy_run(s, POLICY_TIER + 1, 1 << 20), POLICY_TIER);
    assert_int_equal(pick(s, POLICY_TIER, 1 << 20, picked), POLICY_TIER);
    s[3].strings++;
    assert_int_equal(policy_run(s, POLICY_TIER + 1, 1 << 20), POLICY_TIER - 1);
    assert_int_equal(pick(s, POLICY_TIER, 1 << 20, picked), 0);
}

/* Replaces the picked segments by their merge; bytes rewritten are counted. */
static size_t apply(struct policy_segment *s, size_t count, const size_t *picked, size_t n, uint64_t *written) {
    struct policy_segment merged = {.size = 0};
    size_t kept = 0, next = 0;
    for (size_t i = 0; i < count; i++) {
        if (next < n && picked[next] == i) {
            next++;
            uint64_t live = s[i].passages - s[i].deleted;
            merged.size += s[i].size * live / s[i].passages;
            merged.passages += (uint32_t)live;
        } else {
            s[kept++] = s[i];
        }
    }
    *written += merged.size;
    s[kept++] = merged;
    return kept;
}

static void growing_index_stays_small_in_segments_and_work(void **state) {
    (void)state;
    struct policy_segment s[256];
    size_t picked[256], count = 0, most = 0;
    uint64_t written = 0, total = 0;
    srandom((unsigned)random_seed());
    for (int i = 0; i < 5000; i++) {
        uint64_t size = 100000 + (uint64_t)(random() % 400000);
        s[count++] = (struct policy_segment){.size = size, .passages = (uint32_t)(size / 400)};
        total += size;
        for (size_t n; (n = pick(s, count, NO_LIMIT, picked)) > 0;)
            count = apply(s, count, picked, n, &written);
        if (count > most)
            most = count;
    }
    /* 1.5 GB in four tiers: below 8 of each, and each byte written at most once a tier. */
    assert_true(most < 4 * POLICY_TIER);
    assert_true(written < 5 * total);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_with_too_many_bylines_stay_apart),
        cmocka_unit_test(few_segments_are_left_alone),
        cmocka_unit_test(full_tier_is_merged_the_lowest_first),
        cmocka_unit_test(mostly_deleted_segment_is_rewritten),
        cmocka_unit_test(merge_stays_within_its_memory),
        cmocka_unit_test(runs_are_as_long_as_one_merge_allows),
        cmocka_unit_test(growing_index_stays_small_in_segments_and_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
