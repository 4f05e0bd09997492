/* What is given back of a large piece is there for the next one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/slabs.h"
#include "core/segment/hot_kept.h"

static void what_is_shrunk_makes_room(void **state) {
    enum { LARGE = 15 << 20, SMALLER = 1 << 20 };
    (void)state;
    struct hot_kept *first = hot_kept_new(LARGE);
    assert_non_null(first);
    if (first->memory) { /* of malloc, under the address sanitizer */
        hot_kept_free(first);
        skip();
    }
    size_t size = slabs_size();
    hot_kept_shrink(first, SMALLER);
    assert_int_equal(first->size, hot_kept_size(SMALLER));
    struct hot_kept *second = hot_kept_new(LARGE - 2 * SMALLER);
    assert_non_null(second);
    assert_int_equal(slabs_size(), size);
    hot_kept_free(first);
    hot_kept_free(second);
    assert_int_equal(slabs_size(), 0);
}

static void small_ones_stay_as_they_are(void **state) {
    (void)state;
    struct hot_kept *small = hot_kept_new(1000);
    assert_non_null(small);
    hot_kept_shrink(small, 500);
    assert_int_equal(small->size, hot_kept_size(1000));
    hot_kept_free(small);
    hot_kept_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shrunk_makes_room),
        cmocka_unit_test(small_ones_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
