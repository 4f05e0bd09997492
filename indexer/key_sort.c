#include "key_sort.h"

#include <stdlib.h>

#include "../core/bytes.h"

enum {
    /* Keys are put into a bucket by their first two bytes, and each bucket is sorted by itself: its few keys are in the
     * cache, and comparing them takes half as many steps. */
    BUCKET_BITS = 16,
    BUCKETS = 1 << BUCKET_BITS,
    /* Fewer are not worth clearing the counts. */
    FEW = 4096,
};

struct sort_key sort_key_of(const char *bytes, size_t len, uint32_t number) {
    uint8_t head[8] = {0};
    memcpy(head, bytes, len < 8 ? len : 8);
    return (struct sort_key){__builtin_bswap64(load_u64(head)), bytes, (uint32_t)len, number};
}

int sort_key_compare(const void *a, const void *b) {
    const struct sort_key *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    int order = memcmp(x->bytes, y->bytes, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void sort(struct sort_key *keys, uint32_t n) {
    if (n > 1)
        qsort(keys, n, sizeof *keys, sort_key_compare);
}

static uint32_t bucket_of(const struct sort_key *key) {
    return (uint32_t)(key->prefix >> (64 - BUCKET_BITS));
}

bool key_sort(struct sort_key *keys, uint32_t n) {
    if (n < FEW) {
        sort(keys, n);
        return true;
    }
    uint32_t *ends = calloc(BUCKETS + 1, sizeof *ends);
    struct sort_key *sorted = malloc(n * sizeof *sorted);
    for (uint32_t i = 0; ends && sorted && i < n; i++)
        ends[bucket_of(&keys[i]) + 1]++;
    for (uint32_t b = 0; ends && b < BUCKETS; b++)
        ends[b + 1] += ends[b];
    bool ok = ends && sorted;
    if (ok) {
        for (uint32_t i = 0; i < n; i++)
            sorted[ends[bucket_of(&keys[i])]++] = keys[i];
        memcpy(keys, sorted, n * sizeof *keys);
        /* ends[b] is where bucket b ends now, and the next one begins. */
        for (uint32_t b = 0, first = 0; b < BUCKETS; first = ends[b++])
            sort(keys + first, ends[b] - first);
    }
    free(ends);
    free(sorted);
    return ok;
}
