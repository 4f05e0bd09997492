/* Logarithms and powers: near those of libm, and the same bits on every machine. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/reals.h"
#include "support/random.h"

static void assert_near(double found, double expected) {
    assert_true(fabs(found - expected) <= 2 * (nextafter(fabs(expected), INFINITY) - fabs(expected)));
}

static double random_share(struct random *r) {
    return (double)random_next(r) / 0x1p64;
}

static void logarithms_are_near(void **state) {
    struct random *r = *state;
    assert_true(real_log(1) == 0);
    assert_near(real_log(DBL_MIN), log(DBL_MIN));
    assert_near(real_log(DBL_TRUE_MIN), log(DBL_TRUE_MIN));
    assert_near(real_log(DBL_MAX), log(DBL_MAX));
    for (int round = 0; round < 1000000; round++) {
        double near_one = 0.5 + 1.5 * random_share(r), any = ldexp(near_one, (int)random_below(r, 2000) - 1000);
        assert_near(real_log(near_one), log(near_one));
        assert_near(real_log(any), log(any));
    }
}

static void powers_are_near(void **state) {
    struct random *r = *state;
    for (int whole = -1074; whole < 1024; whole++)
        assert_true(real_exp2(whole) == ldexp(1, whole));
    assert_true(real_exp2(-1e300) == 0 && real_exp2(-INFINITY) == 0 && real_exp2(1e300) == (double)INFINITY);
    for (int round = 0; round < 1000000; round++) {
        double x = (random_share(r) - 0.5) * (random_below(r, 2) ? 2 : 2040);
        assert_near(real_exp2(x), exp2(x));
    }
}

static uint64_t add_bits(uint64_t hash, double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return hash * 31 + bits;
}

/* libm gives others where there is no fused multiply-add: of log for one number in ten thousand. */
static void bits_are_the_same_everywhere(void **state) {
    uint64_t logs = 0, powers = 0;
    (void)state;
    for (uint32_t df = 1; df <= 1000000; df++) {
        logs = add_bits(logs, real_log(1 + (1e6 - df + 0.5) / (df + 0.5)));
        powers = add_bits(powers, real_exp2(-(double)df / 365.25));
    }
    assert_true(logs == UINT64_C(0x5546a698acb73e84));
    assert_true(powers == UINT64_C(0x3ee25ff81e019613));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(logarithms_are_near, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(powers_are_near, random_setup, random_teardown),
        cmocka_unit_test(bits_are_the_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
