/* The check of an index, beside what it finds (flipped_bit_test, snapshot_test): how it goes on, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "support/failing_malloc.h"
#include "support/folder.h"
#include "support/index.h"

enum { ARTICLES = 6000, WORDS = 30 };

static struct folder folder;
static const char *path;

/* One segment of some hundreds of kilobytes, with an article deleted. */
static int make(void **state) {
    (void)state;
    uint64_t deleted;
    folder_make(&folder);
    path = strdup(folder_entry(&folder, "i.lede"));
    lede_writer *w = writer_on(path, &(lede_writer_options){.threads = 1});
    for (int i = 0; i < ARTICLES; i++) {
        char key[16], body[16 * WORDS];
        size_t n = 0;
        for (int k = 0; k < WORDS; k++)
            n += (size_t)snprintf(body + n, sizeof body - n, "w%d ", i * (k + 1) % 3989);
        snprintf(key, sizeof key, "%d", i);
        put_article(w, key, body);
    }
    MUST(lede_writer_commit(w, NULL, err));
    MUST(lede_writer_delete(w, "7", 1, &deleted, err));
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    assert_int_equal(stats_of(path).segments, 1);
    return 0;
}

static int clean_up(void **state) {
    (void)state;
    free((char *)(uintptr_t)path);
    folder_remove(&folder);
    return 0;
}

struct followed {
    lede_progress last;
    unsigned calls, most; /* so many calls, then it is to stop */
    uint64_t longest;     /* bytes between two calls */
};

static int follow(void *ctx, const lede_progress *now) {
    struct followed *f = ctx;
    assert_true(now->bytes_done >= f->last.bytes_done && now->bytes_done <= now->bytes_total);
    assert_string_equal(now->phase, "checking");
    f->longest = now->bytes_done - f->last.bytes_done > f->longest ? now->bytes_done - f->last.bytes_done : f->longest;
    f->last = *now;
    return ++f->calls > f->most;
}

static void a_check_tells_how_far_it_has_come_within_a_segment(void **state) {
    (void)state;
    struct followed f = {.most = UINT32_MAX};
    MUST(lede_index_check(path, NULL, follow, &f, NULL, err));
    assert_true(f.calls > 10);
    assert_true(f.longest < f.last.bytes_total / 5);
    assert_int_equal(f.last.bytes_done, f.last.bytes_total);
}

static void a_check_stops_when_it_is_asked_to(void **state) {
    (void)state;
    struct followed all = {.most = UINT32_MAX};
    MUST(lede_index_check(path, NULL, follow, &all, NULL, err));
    for (unsigned most = 0; most < all.calls; most++) {
        struct followed f = {.most = most};
        uint64_t faults = 1;
        lede_error err;
        assert_int_equal(lede_index_check(path, print_fault, follow, &f, &faults, &err), LEDE_INTERRUPTED);
        assert_int_equal(faults, 0);
        assert_true(f.calls <= most + 2);
    }
}

/* Want of memory is no fault of the index. */
static void a_check_without_memory_finds_no_fault(void **state) {
    (void)state;
    enum { PATIENCE = 100000 };
    if (!FAILING_MALLOC)
        skip();
    lede_status status = LEDE_NOMEM;
    long n = 0;
    for (; status != LEDE_OK && n < PATIENCE; n += 1 + n / 64) {
        uint64_t faults = 0;
        lede_error err;
        failing_malloc_after(n);
        status = lede_index_check(path, print_fault, NULL, NULL, &faults, &err);
        failing_malloc_never();
        if (status != LEDE_OK && status != LEDE_NOMEM)
            fail_msg("allocation %ld: status %d instead of LEDE_NOMEM: %s", n, status, err.message);
        assert_int_equal(faults, 0);
    }
    assert_int_equal(status, LEDE_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_tells_how_far_it_has_come_within_a_segment),
        cmocka_unit_test(a_check_stops_when_it_is_asked_to),
        cmocka_unit_test(a_check_without_memory_finds_no_fault),
    };
    return cmocka_run_group_tests(tests, make, clean_up);
}
