/* Pieces of slabs are 0 and apart from each other, whatever others were there before; and all that slabs take is given
 * back with the last piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/slabs.h"
#include "support/random.h"

enum { HUGE_PAGE = 2 << 20, SLAB = 8 * HUGE_PAGE, PIECES = 60, ROUNDS = 2000, THREADS = 4 };

/* What is in it is the same byte everywhere. */
struct piece {
    uint8_t *bytes;
    size_t size;
    uint8_t value;
};

struct user {
    struct random random;
    struct piece pieces[PIECES];
    bool is_right;
};

static bool is_all(const uint8_t *bytes, size_t n, uint8_t value) {
    return n == 0 || (bytes[0] == value && memcmp(bytes, bytes + 1, n - 1) == 0);
}

/* Most are small, some have huge pages of their own, and a few don't fit into an ordinary slab. */
static size_t any_size(struct random *r) {
    static const uint32_t below[] = {100, 20000, 200000, 200000, 200000, 200000, HUGE_PAGE, 3 * HUGE_PAGE};
    return random_below(r, 400) ? random_below(r, below[random_below(r, sizeof below / sizeof *below)])
                                : SLAB - 100 + random_below(r, 200);
}

static bool make(struct piece *p, struct random *r) {
    p->size = any_size(r);
    p->value = (uint8_t)(1 + random_below(r, 255));
    p->bytes = slabs_new(p->size);
    if (!p->bytes || (uintptr_t)p->bytes % SLABS_LINE || !is_all(p->bytes, p->size, 0))
        return false;
    memset(p->bytes, p->value, p->size);
    return true;
}

static bool shrink(struct piece *p, struct random *r) {
    p->size = random_below(r, (uint32_t)p->size + 1);
    slabs_shrink(p->bytes, p->size);
    return is_all(p->bytes, p->size, p->value);
}

static bool end(struct piece *p) {
    bool is_right = !p->bytes || is_all(p->bytes, p->size, p->value);
    slabs_free(p->bytes);
    p->bytes = NULL;
    return is_right;
}

static void *use(void *ctx) {
    struct user *u = ctx;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct piece *p = &u->pieces[random_below(&u->random, PIECES)];
        if (!p->bytes)
            u->is_right &= make(p, &u->random);
        else if (random_below(&u->random, 3) == 0)
            u->is_right &= shrink(p, &u->random);
        else
            u->is_right &= end(p);
    }
    for (unsigned i = 0; i < PIECES; i++)
        u->is_right &= end(&u->pieces[i]);
    return NULL;
}

static void pieces_are_their_users(void **state) {
    struct user u = {.random = {random_next(*state)}, .is_right = true};
    use(&u);
    assert_true(u.is_right);
    assert_int_equal(slabs_size(), 0);
}

static void threads_have_pieces_of_their_own(void **state) {
    static struct user users[THREADS];
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        users[i] = (struct user){.random = {random_next(*state)}, .is_right = true};
        assert_int_equal(pthread_create(&threads[i], NULL, use, &users[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(users[i].is_right);
    }
    assert_int_equal(slabs_size(), 0);
}

/* Whatever the order in which neighbours are given back, there is room for one as large as they were. */
static void free_neighbours_are_one(void **state) {
    static const uint8_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    enum { PART = SLAB / 4 - SLABS_LINE };
    (void)state;
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
        uint8_t *parts[4];
        for (size_t i = 0; i < 4; i++)
            assert_non_null(parts[i] = slabs_new(PART));
        assert_int_equal(slabs_size(), SLAB);
        for (size_t i = 0; i < 3; i++)
            slabs_free(parts[orders[o][i]]);
        uint8_t *whole = slabs_new(3 * PART + 2 * SLABS_LINE);
        assert_ptr_equal(whole, parts[0]);
        slabs_free(whole);
        slabs_free(parts[3]);
        assert_int_equal(slabs_size(), 0);
    }
}

static void what_is_shrunk_has_room_behind(void **state) {
    (void)state;
    uint8_t *first = slabs_new(SLAB / 2), *rest = slabs_new(SLAB / 2 - 2 * SLABS_LINE);
    assert_non_null(first);
    assert_non_null(rest);
    assert_int_equal(slabs_size(), SLAB);
    slabs_shrink(first, 1000);
    uint8_t *behind = slabs_new(SLAB / 2 - 2000);
    assert_int_equal(slabs_size(), SLAB);
    assert_in_range(behind - first, 1000, 1000 + 2 * SLABS_LINE);
    slabs_free(first);
    slabs_free(rest);
    slabs_free(behind);
    slabs_free(NULL);
    assert_int_equal(slabs_size(), 0);
}

/* Headers of pieces that are no more, which begin at huge pages. */
static void no_header_is_left(void **state) {
    enum { PART = HUGE_PAGE - SLABS_LINE };
    (void)state;
    uint8_t *first = slabs_new(PART), *second = slabs_new(PART);
    slabs_free(second);
    second = slabs_new(2 * HUGE_PAGE);
    assert_non_null(second);
    assert_true(is_all(second, 2 * HUGE_PAGE, 0));
    slabs_free(second);
    slabs_free(first);
    assert_int_equal(slabs_size(), 0);
}

/* What is large enough, and the smallest of all that is, is taken: whichever was given back last. */
static void the_best_hole_is_taken(void **state) {
    static const size_t sizes[] = {2 * HUGE_PAGE, 1000, 100000, 1000, 200000, 1000};
    enum { PARTS = sizeof sizes / sizeof *sizes };
    static const uint8_t orders[][3] = {{0, 2, 4}, {4, 2, 0}, {2, 0, 4}};
    (void)state;
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
        uint8_t *parts[PARTS];
        for (size_t i = 0; i < PARTS; i++)
            assert_non_null(parts[i] = slabs_new(sizes[i]));
        for (size_t i = 0; i < 3; i++)
            slabs_free(parts[orders[o][i]]);
        uint8_t *small = slabs_new(100000), *larger = slabs_new(100001);
        assert_ptr_equal(small, parts[2]);
        assert_ptr_equal(larger, parts[4]);
        slabs_free(small);
        slabs_free(larger);
        for (size_t i = 1; i < PARTS; i += 2)
            slabs_free(parts[i]);
        assert_int_equal(slabs_size(), 0);
    }
}

static void what_is_too_much_is_not_there(void **state) {
    (void)state;
    assert_null(slabs_new(SIZE_MAX));
    assert_null(slabs_new(SIZE_MAX / 2));
    assert_int_equal(slabs_size(), 0);
}

#ifdef __linux__
/* Huge pages that have memory. */
static unsigned pages_there(uint8_t *from, size_t count) {
    unsigned there = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char page = 0;
        assert_int_equal(mincore(from + i * HUGE_PAGE, 1, &page), 0);
        there += page & 1;
    }
    return there;
}

static void what_is_free_takes_no_memory(void **state) {
    enum { PARTS = 4 };
    uint8_t *parts[PARTS];
    (void)state;
    for (size_t i = 0; i < PARTS; i++) {
        assert_non_null(parts[i] = slabs_new(HUGE_PAGE));
        memset(parts[i], 1, HUGE_PAGE);
    }
    uint8_t *slab = parts[0] - SLABS_LINE;
    assert_int_equal(pages_there(slab, PARTS + 1), PARTS + 1);
    slabs_free(parts[1]); /* in two pages, the others of which are used */
    assert_int_equal(pages_there(slab, PARTS + 1), PARTS + 1);
    slabs_free(parts[2]);
    assert_int_equal(pages_there(slab, PARTS + 1), PARTS);
    slabs_free(parts[3]); /* and so is the rest of the slab */
    assert_int_equal(pages_there(slab, PARTS + 1), 2);
    slabs_free(parts[0]);
    unsigned char page;
    assert_int_equal(mincore(slab, 1, &page), -1); /* not mapped any more */
    assert_int_equal(errno, ENOMEM);
    assert_int_equal(slabs_size(), 0);
}
#endif

static size_t address_space(void) {
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu", &pages), 1);
    fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Slabs are whole huge pages, and no more of the address space is taken than is told. */
static void no_more_is_mapped_than_told(void **state) {
    static const size_t sizes[] = {1000, SLAB - SLABS_LINE, SLAB, SLAB + 5 * HUGE_PAGE / 2};
    (void)state;
    address_space();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t before = address_space();
        uint8_t *piece = slabs_new(sizes[i]);
        assert_non_null(piece);
        assert_int_equal(slabs_size() % HUGE_PAGE, 0);
        assert_int_equal(address_space() - before, slabs_size());
        slabs_free(piece);
        assert_int_equal(address_space(), before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_are_their_users, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(threads_have_pieces_of_their_own, random_setup, random_teardown),
        cmocka_unit_test(free_neighbours_are_one),
        cmocka_unit_test(what_is_shrunk_has_room_behind),
        cmocka_unit_test(no_header_is_left),
        cmocka_unit_test(the_best_hole_is_taken),
        cmocka_unit_test(what_is_too_much_is_not_there),
#ifdef __linux__
        cmocka_unit_test(what_is_free_takes_no_memory),
        cmocka_unit_test(no_more_is_mapped_than_told),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
