/* random.h - random numbers for tests. The seed is printed; LEDE_SEED=N in the environment gives it back.
 *
 *     cmocka_unit_test_setup_teardown(test, random_setup, random_teardown)     *state is a struct random *
 */
#ifndef LEDE_TESTS_RANDOM_H
#define LEDE_TESTS_RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct random {
    uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014). */
static inline uint64_t random_next(struct random *r) {
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* From 0 to n - 1. */
static inline uint32_t random_below(struct random *r, uint32_t n) {
    return (uint32_t)((random_next(r) >> 32) * n >> 32);
}

/* The seed for a test that has a generator of its own; printed. */
static inline uint64_t random_seed(void) {
    const char *given = getenv("LEDE_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("LEDE_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static inline int random_setup(void **state) {
    struct random *r = malloc(sizeof *r);
    if (!r)
        return -1;
    r->state = random_seed();
    *state = r;
    return 0;
}

static inline int random_teardown(void **state) {
    free(*state);
    return 0;
}

#endif
