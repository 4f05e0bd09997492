/* The writer lock: one holder, told by number, gone with its process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>

#include "core/index/lock.h"
#include "support/folder.h"

static void second_holder_is_refused(void **state) {
    (void)state;
    struct folder f;
    struct lock a, b;
    lede_error err = {0};
    folder_make(&f);
    assert_int_equal(lock_take(&a, f.path, &err), LEDE_OK);
    assert_int_equal(lock_take(&b, f.path, &err), LEDE_LOCKED);
    assert_int_equal(err.status, LEDE_LOCKED);
    assert_non_null(strstr(err.message, "this process"));
    assert_int_equal(b.fd, -1);
    lock_release(&a);
    assert_int_equal(lock_take(&b, f.path, &err), LEDE_OK);
    lock_release(&b);
    lock_release(&b);
    folder_remove(&f);
}

/* A child that holds the lock until it is killed. */
static pid_t start_holder(const char *path) {
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct lock lock;
        char byte = lock_take(&lock, path, NULL) == LEDE_OK;
        if (write(ready[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    char byte = 0;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void killed_holder_lets_go(void **state) {
    (void)state;
    struct folder f;
    struct lock lock;
    lede_error err = {0};
    folder_make(&f);
    pid_t child = start_holder(f.path);
    assert_int_equal(lock_take(&lock, f.path, &err), LEDE_LOCKED);
    char number[32];
    snprintf(number, sizeof number, "process %ld ", (long)child);
    assert_non_null(strstr(err.message, number));
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(lock_take(&lock, f.path, &err), LEDE_OK);
    lock_release(&lock);
    folder_remove(&f);
}

static void missing_folder_is_an_error(void **state) {
    (void)state;
    struct folder f;
    struct lock lock;
    lede_error err = {0};
    folder_make(&f);
    folder_remove(&f);
    assert_int_equal(lock_take(&lock, f.path, &err), LEDE_NOT_FOUND);
    assert_non_null(strstr(err.message, f.path));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(second_holder_is_refused),
        cmocka_unit_test(killed_holder_lets_go),
        cmocka_unit_test(missing_folder_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
