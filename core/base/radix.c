#include "radix.h"

#include <string.h>

enum {
    /* Counts of that many bits fit the first-level cache, and are worth clearing from MANY numbers on. */
    WIDE = 11,
    NARROW = 7,
    MANY = 4096,
    FEW = 48,
};

static void insertion_sort(uint64_t *numbers, size_t n, unsigned low) {
    for (size_t i = 1; i < n; i++) {
        uint64_t x = numbers[i];
        size_t k = i;
        for (; k > 0 && numbers[k - 1] >> low > x >> low; k--)
            numbers[k] = numbers[k - 1];
        numbers[k] = x;
    }
}

/* Scatters by one digit. False if all have the same, and stay where they are. */
static int sort_digit(const uint64_t *in, uint64_t *out, size_t n, unsigned shift, unsigned width) {
    uint32_t mask = (1U << width) - 1;
    size_t starts[(1 << WIDE) + 1];
    memset(starts, 0, (mask + 2) * sizeof *starts);
    for (size_t i = 0; i < n; i++)
        starts[(in[i] >> shift & mask) + 1]++;
    if (starts[(in[0] >> shift & mask) + 1] == n)
        return 0;
    for (uint32_t d = 0; d < mask; d++)
        starts[d + 1] += starts[d];
    for (size_t i = 0; i < n; i++)
        out[starts[in[i] >> shift & mask]++] = in[i];
    return 1;
}

void radix_sort(uint64_t *numbers, uint64_t *scratch, size_t n, unsigned low, unsigned high) {
    if (n <= FEW) {
        insertion_sort(numbers, n, low);
        return;
    }
    unsigned width = n < MANY ? NARROW : WIDE;
    uint64_t *from = numbers, *to = scratch;
    for (unsigned shift = low; shift < high; shift += width) {
        if (!sort_digit(from, to, n, shift, width))
            continue;
        uint64_t *other = from;
        from = to;
        to = other;
    }
    if (from != numbers)
        memcpy(numbers, from, n * sizeof *numbers);
}
