#include "join.h"

#include <string.h>

#include "core/base/cpu.h"

typedef uint32_t eight __attribute__((vector_size(4 * JOIN_ROOM)));
typedef uint64_t four_pairs __attribute__((vector_size(4 * JOIN_ROOM)));

/* Notes which of eight documents, number `first` and those behind it, are marked as common. */
static uint32_t note(uint32_t *numbers, uint32_t first, const eight *common, uint32_t left) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < JOIN_ROOM && i < left; i++) {
        numbers[n] = first + i;
        n += (*common)[i] & 1;
    }
    return n;
}

/* JOIN_ROOM if a <= b, else 0: by arithmetic, as a compiler may make a branch of a comparison. */
static inline uint32_t room_if_at_most(uint32_t a, uint32_t b) {
    return (uint32_t)(((uint64_t)a - b - 1) >> 63) * JOIN_ROOM;
}

/* Eight documents of one list are compared with eight of the other, each with each, and the eight that end first are
 * passed over: which these are can't be foreseen. That there is one they have in common is seldom. */
FOR_EACH_CPU uint32_t join_lists(uint32_t *numbers, struct join_list a, struct join_list b) {
    uint32_t i = 0, j = 0, n = 0;
    while (i < a.count && j < b.count) {
        eight x, y;
        memcpy(&x, a.docs + i, sizeof x);
        memcpy(&y, b.docs + j, sizeof y);
        /* Four turns of each half, and the same with the halves the other way round. */
        eight z = __builtin_shufflevector(y, y, 4, 5, 6, 7, 0, 1, 2, 3), common = (eight)(x == y) | (eight)(x == z);
        common |= (eight)(x == __builtin_shufflevector(y, y, 1, 2, 3, 0, 5, 6, 7, 4));
        common |= (eight)(x == __builtin_shufflevector(z, z, 1, 2, 3, 0, 5, 6, 7, 4));
        common |= (eight)(x == __builtin_shufflevector(y, y, 2, 3, 0, 1, 6, 7, 4, 5));
        common |= (eight)(x == __builtin_shufflevector(z, z, 2, 3, 0, 1, 6, 7, 4, 5));
        common |= (eight)(x == __builtin_shufflevector(y, y, 3, 0, 1, 2, 7, 4, 5, 6));
        common |= (eight)(x == __builtin_shufflevector(z, z, 3, 0, 1, 2, 7, 4, 5, 6));
        four_pairs any = (four_pairs)common;
        any |= __builtin_shufflevector(any, any, 2, 3, 0, 1);
        if (any[0] | any[1])
            n += note(numbers + n, i, &common, a.count - i);
        uint32_t last_a = a.docs[i + JOIN_ROOM - 1], last_b = b.docs[j + JOIN_ROOM - 1];
        i += room_if_at_most(last_a, last_b);
        j += room_if_at_most(last_b, last_a);
    }
    return n;
}

FOR_EACH_CPU bool docs_rise(const uint32_t *docs, uint32_t n) {
    uint32_t falls = 0;
    for (uint32_t i = 1; i < n; i++)
        falls |= docs[i] <= docs[i - 1];
    return !falls;
}
