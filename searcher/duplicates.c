#include "duplicates.h"

#include <stdlib.h>
#include <string.h>

/* The last step of MurmurHash3, by which every bit of the input changes half of the output's. */
static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

static uint64_t hash_run(const uint64_t *words, size_t count) {
    uint64_t hash = 0;
    for (size_t i = 0; i < count; i++)
        hash = mix(hash * 31 + words[i]);
    return hash;
}

static int compare_hashes(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void sketch_make(struct sketch *out, const uint64_t *words, size_t word_count, uint64_t *scratch) {
    size_t run = word_count < SHINGLE_WORDS ? word_count : SHINGLE_WORDS;
    size_t count = word_count ? word_count - run + 1 : 0;
    out->count = 0;
    for (size_t i = 0; i < count; i++)
        scratch[i] = hash_run(words + i, run);
    if (count)
        qsort(scratch, count, sizeof *scratch, compare_hashes);
    for (size_t i = 0; i < count && out->count < SKETCH_SIZE; i++)
        if (i == 0 || scratch[i] != scratch[i - 1])
            out->hashes[out->count++] = scratch[i];
}

bool sketch_is_copy(const struct sketch *a, const struct sketch *b) {
    uint32_t i = 0, j = 0, either = 0, both = 0;
    /* Of the smallest hashes that either has; where one's sketch is cut off, the other's rest can't be compared. */
    while (either < SKETCH_SIZE && (i < a->count || j < b->count)) {
        bool a_done = i == a->count, b_done = j == b->count;
        if ((a_done && a->count == SKETCH_SIZE) || (b_done && b->count == SKETCH_SIZE))
            break;
        bool take_a = b_done || (!a_done && a->hashes[i] <= b->hashes[j]);
        bool take_b = a_done || (!b_done && b->hashes[j] <= a->hashes[i]);
        both += take_a && take_b;
        i += take_a;
        j += take_b;
        either++;
    }
    return either > 0 && both >= COPY_RESEMBLANCE * either;
}
