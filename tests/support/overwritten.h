/* overwritten.h - some bytes of a file overwritten for a while. To be included behind cmocka.h.
 *
 *     uint8_t *old = overwrite(fd, bad, size, at);      what was there; to be freed
 *     free(overwrite(fd, old, size, at)); */
#ifndef LEDE_TESTS_OVERWRITTEN_H
#define LEDE_TESTS_OVERWRITTEN_H

#include <stdlib.h>
#include <unistd.h>

#include "support/random.h"

static inline uint8_t *overwrite(int fd, const uint8_t *bytes, size_t size, off_t at) {
    uint8_t *old = malloc(size);
    assert_non_null(old);
    assert_int_equal(pread(fd, old, size, at), size);
    assert_int_equal(pwrite(fd, bytes, size, at), size);
    return old;
}

/* By random bytes, somewhere in the `room` from `first` on; *at tells where. */
static inline uint8_t *overwrite_randomly(int fd, struct random *r, size_t size, uint64_t first, uint64_t room,
                                          off_t *at) {
    uint8_t *bad = malloc(size);
    assert_non_null(bad);
    for (size_t i = 0; i < size; i++)
        bad[i] = (uint8_t)random_below(r, 256);
    *at = (off_t)(first + random_below(r, (uint32_t)(room - size)));
    uint8_t *old = overwrite(fd, bad, size, *at);
    free(bad);
    return old;
}

#endif
