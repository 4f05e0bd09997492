/* Spools: what was appended is what is read, in order, whether it was in memory or in the file; and a file that can't
 * be written is an error that says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/codec.h"
#include "core/base/spool.h"
#include "support/folder.h"
#include "support/random.h"

enum { ENTRIES = 60000, SPOOLS = 3 };

/* Reads a spool against the numbers that went into it. */
static void assert_numbers(struct spool *s, const uint32_t *numbers, size_t n) {
    struct spool_reader r;
    size_t size, at = 0;
    spool_reader_init(&r, s);
    for (const uint8_t *p; (p = spool_next(&r, &size));) {
        assert_int_equal(size % 4, 0);
        for (size_t i = 0; i < size; i += 4)
            assert_int_equal(load_u32(p + i), numbers[at++]);
    }
    spool_reader_release(&r);
    assert_int_equal(at, n);
    assert_int_equal(spool_size(s), 4 * n);
    assert_false(spool_failed(s));
}

static void what_was_appended_is_read(struct random *r, struct scratch *scratch, size_t room) {
    static uint32_t numbers[SPOOLS][ENTRIES];
    size_t counts[SPOOLS] = {0};
    struct spool spools[SPOOLS];
    for (size_t k = 0; k < SPOOLS; k++)
        spool_init(&spools[k], scratch, room);
    for (size_t i = 0; i < ENTRIES; i++) {
        size_t k = random_below(r, SPOOLS);
        uint32_t number = random_below(r, UINT32_MAX);
        numbers[k][counts[k]++] = number;
        spool_append_u32(&spools[k], number);
        assert_true(!scratch || spools[k].tail.len < room);
    }
    for (size_t k = 0; k < SPOOLS; k++) {
        assert_numbers(&spools[k], numbers[k], counts[k]);
        assert_numbers(&spools[k], numbers[k], counts[k]);
        spool_clear(&spools[k]);
        assert_numbers(&spools[k], NULL, 0);
        spool_append_u32(&spools[k], 7);
        assert_numbers(&spools[k], &(uint32_t){7}, 1);
        spool_release(&spools[k]);
    }
}

static void spools_share_a_file(void **state) {
    static const size_t rooms[] = {4, 8, 100, SPOOL_SMALL, SPOOL_ROOM};
    struct folder f;
    folder_make(&f);
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        struct scratch scratch;
        scratch_init(&scratch, folder_entry(&f, "a.seg"));
        what_was_appended_is_read(*state, &scratch, rooms[i]);
        scratch_release(&scratch);
    }
    what_was_appended_is_read(*state, NULL, SPOOL_SMALL);
    assert_false(folder_has(&f, "a.seg"));
    assert_false(folder_has(&f, "a.seg.scratch"));
    folder_remove(&f);
}

static void packed_runs_are_those_of_the_codec(void **state) {
    static uint32_t numbers[3000];
    static uint8_t expected[sizeof numbers + 8];
    for (unsigned width = 0; width <= 32; width++) {
        size_t n = random_below(*state, 3000);
        struct spool s;
        struct run_packer packer;
        spool_init(&s, NULL, 0);
        run_packer_init(&packer, &s, width);
        for (size_t i = 0; i < n; i++) {
            numbers[i] = (uint32_t)(random_below(*state, UINT32_MAX) & ((UINT64_C(1) << width) - 1));
            run_packer_add(&packer, numbers[i]);
        }
        run_packer_flush(&packer);
        pack_run(expected, numbers, n, width);
        assert_int_equal(spool_size(&s), run_size(n, width));
        assert_memory_equal(s.tail.data ? s.tail.data : expected, expected, s.tail.len);
        spool_release(&s);
    }
}

static void a_file_that_cannot_be_made_is_an_error(void **state) {
    struct scratch scratch;
    struct spool s;
    lede_error err;
    (void)state;
    scratch_init(&scratch, "/nowhere/at/all/a.seg");
    spool_init(&s, &scratch, 4);
    assert_false(spool_failed(&s));
    spool_append_u32(&s, 1);
    assert_true(spool_failed(&s));
    assert_int_equal(scratch_failure(&scratch, &err), LEDE_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nowhere/at/all/a.seg: cannot write a file beside it"));
    spool_release(&s);
    scratch_release(&scratch);
    scratch.code = 0;
    assert_int_equal(scratch_failure(&scratch, &err), LEDE_NOMEM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(spools_share_a_file, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(packed_runs_are_those_of_the_codec, random_setup, random_teardown),
        cmocka_unit_test(a_file_that_cannot_be_made_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
