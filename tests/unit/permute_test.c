/* Merging with the articles in another order gives, byte for byte, the segment that inverting them in that order would
 * have given, whatever the memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "indexer/merge/permute.h"
#include "support/sample.h"

enum { PARTS = 3, PER_PART = 80, ALL = PARTS * PER_PART };

struct scene {
    struct folder folder;
    struct analyzer *analyzer;
    struct sample *samples;
    struct segment *parts[PARTS];
    uint8_t *deleted[PARTS];
    struct merge_input inputs[PARTS];
    uint32_t order[ALL], lives;
};

static void mark_deleted(uint8_t *bitmap, uint32_t from, uint32_t end) {
    for (uint32_t p = from; p < end; p++)
        bitmap[p / 8] |= (uint8_t)(1U << p % 8);
}

/* Segments of made-up articles, some of them deleted in all but the last, and a random order of the others. */
static void scene_make(struct scene *s, struct random *r, bool deleting, bool omit_text) {
    memset(s, 0, sizeof *s);
    folder_make(&s->folder);
    assert_int_equal(analyzer_new(&s->analyzer, "english", NULL), LEDE_OK);
    s->samples = malloc(ALL * sizeof *s->samples);
    assert_non_null(s->samples);
    struct inverter *inv = new_inverter(s->analyzer, omit_text);
    for (uint32_t i = 0; i < PARTS; i++) {
        char name[16];
        sprintf(name, "%u.seg", i);
        s->deleted[i] = calloc(1, PER_PART * MAX_PASSAGES / 8 + 1);
        assert_non_null(s->deleted[i]);
        for (uint32_t k = i * PER_PART; k < (i + 1) * PER_PART; k++) {
            uint32_t from = inverter_passages(inv);
            make_sample(r, &s->samples[k], k);
            assert_int_equal(inverter_add(inv, &s->samples[k].article, NULL), LEDE_OK);
            if (deleting && i + 1 < PARTS && random_below(r, 2))
                mark_deleted(s->deleted[i], from, inverter_passages(inv));
            else
                s->order[s->lives++] = k;
        }
        s->parts[i] = flush(inv, folder_entry(&s->folder, name));
        s->inputs[i] = (struct merge_input){s->parts[i], deleting && i + 1 < PARTS ? s->deleted[i] : NULL};
    }
    inverter_free(inv);
    for (uint32_t i = s->lives; i > 1; i--) {
        uint32_t k = random_below(r, i), x = s->order[k];
        s->order[k] = s->order[i - 1];
        s->order[i - 1] = x;
    }
}

static void scene_remove(struct scene *s) {
    for (uint32_t i = 0; i < PARTS; i++) {
        segment_close(s->parts[i]);
        free(s->deleted[i]);
    }
    analyzer_free(s->analyzer);
    free(s->samples);
    folder_remove(&s->folder);
}

static struct segment *invert_in_order(const struct scene *s, bool omit_text) {
    struct inverter *inv = new_inverter(s->analyzer, omit_text);
    for (uint32_t i = 0; i < s->lives; i++)
        assert_int_equal(inverter_add(inv, &s->samples[s->order[i]].article, NULL), LEDE_OK);
    struct segment *whole = flush(inv, folder_entry(&s->folder, "whole.seg"));
    inverter_free(inv);
    return whole;
}

static struct permute_job job_of(const struct scene *s, uint64_t memory) {
    return (struct permute_job){.merge = {.inputs = s->inputs, .count = PARTS, .memory = memory, .settled = true},
                                .order = s->order,
                                .articles = s->lives};
}

static int by_number(const void *a, const void *b) {
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Stretches of the parts, in turns: in each part articles stay as they are. */
static void interleave(struct scene *s, struct random *r) {
    uint32_t sorted[ALL + 1], next[PARTS] = {0}, taken = 0;
    memcpy(sorted, s->order, s->lives * sizeof *sorted);
    sorted[s->lives] = ALL;
    qsort(sorted, s->lives, sizeof *sorted, by_number);
    for (uint32_t i = 0; i < PARTS; i++)
        while (sorted[next[i]] < i * PER_PART)
            next[i]++;
    while (taken < s->lives) {
        uint32_t part = random_below(r, PARTS), most = 1 + random_below(r, 30);
        for (; most > 0 && sorted[next[part]] < (part + 1) * PER_PART; most--)
            s->order[taken++] = sorted[next[part]++];
    }
}

static void permuting_equals_inverting(struct random *r, bool deleting, bool omit_text, bool in_turns,
                                       uint64_t memory) {
    struct scene s;
    struct segment *permuted;
    struct segment_info info;
    lede_error err;
    scene_make(&s, r, deleting, omit_text);
    if (in_turns)
        interleave(&s, r);
    struct segment *whole = invert_in_order(&s, omit_text);
    const struct permute_job job = job_of(&s, memory);
    const char *path = folder_entry(&s.folder, "permuted.seg");
    if (permute_segments(&job, path, &info, &err) != LEDE_OK || segment_open(&permuted, path, &info, &err) != LEDE_OK)
        fail_msg("%s", err.message);
    assert_whole(permuted);
    for (unsigned kind = 1; kind <= SECTION_COUNT; kind++)
        if (!deleting || (kind != SECTION_WORDS && kind != SECTION_WORD_BLOCKS))
            assert_same_section(whole, permuted, kind);
    assert_true(permuted->counts.settled);
    assert_false(whole->counts.settled);
    segment_close(whole);
    segment_close(permuted);
    scene_remove(&s);
}

static void any_order_equals_inverting(void **state) {
    for (unsigned i = 0; i < 32; i++)
        permuting_equals_inverting(*state, i & 1, i & 2, i & 16, i & 4 ? 0 : i & 8 ? 100000 : 1 << 24);
}

static int stop_at_once(void *ctx) {
    ++*(int *)ctx;
    return 1;
}

static void a_stopped_one_leaves_no_file(void **state) {
    struct scene s;
    struct segment_info info;
    int asked = 0;
    scene_make(&s, *state, false, false);
    struct permute_job job = job_of(&s, 0);
    job.merge.stop = stop_at_once;
    job.merge.ctx = &asked;
    const char *path = folder_entry(&s.folder, "permuted.seg");
    assert_int_equal(permute_segments(&job, path, &info, NULL), LEDE_INTERRUPTED);
    assert_int_equal(asked, 1);
    assert_false(folder_has(&s.folder, "permuted.seg"));
    scene_remove(&s);
}

/* Keys of the two folders in turns, so that neighbours share nothing of theirs. */
static void alternate_folders(struct scene *s) {
    uint32_t of[2][ALL], count[2] = {0}, taken = 0;
    for (uint32_t i = 0; i < s->lives; i++) {
        unsigned folder = s->samples[s->order[i]].key[0] == 'w';
        of[folder][count[folder]++] = s->order[i];
    }
    for (uint32_t i = 0; taken < s->lives; i++)
        for (unsigned folder = 0; folder < 2; folder++)
            if (i < count[folder])
                s->order[taken++] = of[folder][i];
}

static void an_order_that_does_not_pay_is_refused(void **state) {
    struct scene s;
    struct segment_info info;
    scene_make(&s, *state, false, true);
    alternate_folders(&s);
    struct permute_job job = job_of(&s, 1 << 24);
    uint64_t gain = 0;
    job.gain = &gain;
    lede_error err = {.status = LEDE_OK};
    const char *path = folder_entry(&s.folder, "permuted.seg");
    assert_int_equal(permute_segments(&job, path, &info, &err), LEDE_NOT_FOUND);
    assert_int_equal(err.status, LEDE_OK);
    assert_false(folder_has(&s.folder, "permuted.seg"));
    gain = 100000;
    assert_int_equal(permute_segments(&job, path, &info, &err), LEDE_OK);
    scene_remove(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_order_equals_inverting, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(a_stopped_one_leaves_no_file, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(an_order_that_does_not_pay_is_refused, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
