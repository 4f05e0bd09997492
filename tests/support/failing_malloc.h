/* failing_malloc.h - memory that runs out when a test says so. Include it in one source of a program, which then has
 * its own malloc, calloc and realloc:
 *
 *     for (long n = 0;; n++) {
 *         failing_malloc_after(n);      the next n allocations succeed, all after them fail
 *         status = ...
 *         failing_malloc_never();
 *         if (status != LEDE_NOMEM)
 *             break;
 *     }
 *
 * Sanitizers bring their own malloc: FAILING_MALLOC is then 0, and nothing ever fails. */
#ifndef LEDE_TESTS_FAILING_MALLOC_H
#define LEDE_TESTS_FAILING_MALLOC_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FAILING_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FAILING_MALLOC 0
#endif
#endif
#ifndef FAILING_MALLOC
#define FAILING_MALLOC 1
#endif

static long failing_malloc_left = -1;
static bool failing_malloc_recovers;

static inline void failing_malloc_after(long n) {
    failing_malloc_left = n;
    failing_malloc_recovers = false;
}

/* The same, but that all after the one that fails succeed again. */
static inline void failing_malloc_once(long n) {
    failing_malloc_left = n;
    failing_malloc_recovers = true;
}

static inline void failing_malloc_never(void) {
    failing_malloc_left = -1;
}

#if FAILING_MALLOC
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t n);

static bool failing_malloc_fails(void) {
    if (failing_malloc_left == 0) {
        errno = ENOMEM;
        failing_malloc_left = failing_malloc_recovers ? -1 : 0;
        return true;
    }
    if (failing_malloc_left > 0)
        failing_malloc_left--;
    return false;
}

void *malloc(size_t n) {
    return failing_malloc_fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t count, size_t size) {
    return failing_malloc_fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t n) {
    return failing_malloc_fails() ? NULL : __libc_realloc(p, n);
}
#endif

#endif
