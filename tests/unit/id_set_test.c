/* Sets of numbers: they have what was added, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/id_set.h"
#include "support/random.h"

enum { IDS = 20000 };

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void add(struct id_set *set, uint64_t id) {
    lede_error err;
    assert_int_equal(id_set_add(set, id, &err), LEDE_OK);
}

static void a_set_has_what_was_added(void **state) {
    static const uint32_t spans[] = {3, 1000, 100000, UINT32_MAX};
    static uint64_t ids[IDS];
    struct random *r = *state;
    for (size_t k = 0; k < sizeof spans / sizeof *spans; k++) {
        struct id_set set = ID_SET_EMPTY;
        uint64_t distinct = 0, id = 0;
        for (size_t i = 0; i < IDS; i++) {
            ids[i] = (uint64_t)random_below(r, spans[k]) << (k == 3 ? 20 : 0);
            add(&set, ids[i]);
        }
        qsort(ids, IDS, sizeof *ids, by_value);
        id_set_number(&set);
        for (size_t i = 0; i < IDS; i++) {
            assert_true(id_set_has(&set, ids[i]));
            assert_int_equal(id_set_has(&set, ids[i] + 1),
                             bsearch(&(uint64_t){ids[i] + 1}, ids, IDS, sizeof *ids, by_value) != NULL);
            if (i > 0 && ids[i] == ids[i - 1])
                continue;
            assert_true(id_set_next(&set, &id));
            assert_int_equal(id++, ids[i]);
            assert_int_equal(id_set_rank(&set, ids[i]), distinct++);
        }
        assert_false(id_set_next(&set, &id));
        assert_int_equal(set.count, distinct);
        id_set_release(&set);
    }
}

static void numbers_side_by_side_take_little_more_than_a_bit_each(void **state) {
    struct id_set set = ID_SET_EMPTY;
    (void)state;
    for (uint64_t id = 0; id < 1 << 20; id += 2)
        add(&set, id);
    assert_int_equal(set.count, 1 << 19);
    assert_int_equal(set.page_count, (1 << 20) / 512);
    assert_true(set.page_count * sizeof *set.pages <= (1 << 20) / 8 * 5 / 4);
    id_set_release(&set);
}

static void what_is_removed_is_there_no_more(void **state) {
    struct id_set set = ID_SET_EMPTY, other = ID_SET_EMPTY;
    uint64_t id = 0;
    lede_error err;
    (void)state;
    for (uint64_t n = 0; n < 2000; n += 7)
        add(&other, n);
    assert_int_equal(id_set_add_all(&set, &other, &err), LEDE_OK);
    assert_int_equal(set.count, other.count);
    for (uint64_t n = 0; n < 2000; n++) /* of most it has nothing */
        if (n != 1400)
            id_set_remove(&set, n);
    id_set_remove(&set, UINT64_MAX);
    assert_int_equal(set.count, 1);
    assert_true(id_set_next(&set, &id));
    assert_int_equal(id, 1400);
    id_set_release(&set);
    id_set_release(&other);
}

static void an_empty_set_has_nothing(void **state) {
    struct id_set set = ID_SET_EMPTY;
    uint64_t id = 0;
    (void)state;
    assert_false(id_set_has(&set, 0));
    assert_false(id_set_next(&set, &id));
    id = UINT64_MAX;
    add(&set, UINT64_MAX);
    assert_true(id_set_next(&set, &id));
    assert_int_equal(id, UINT64_MAX);
    assert_false(id_set_has(&set, 0));
    id_set_release(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_set_has_what_was_added, random_setup, random_teardown),
        cmocka_unit_test(numbers_side_by_side_take_little_more_than_a_bit_each),
        cmocka_unit_test(what_is_removed_is_there_no_more),
        cmocka_unit_test(an_empty_set_has_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
