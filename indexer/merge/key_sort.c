#include "key_sort.h"

#include <stdlib.h>

#include "core/base/bytes.h"
#include "core/base/radix.h"

enum {
    /* Keys are sorted by their first five bytes as numbers, beside which the place of a key has room; then the few that
     * begin alike are compared. */
    PLACE_BITS = 24,
    /* Fewer are sorted by inserting. */
    FEW = 16,
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

static void insertion_sort(struct sort_key *keys, size_t n) {
    for (size_t i = 1; i < n; i++) {
        struct sort_key x = keys[i];
        size_t k = i;
        for (; k > 0 && sort_key_compare(&keys[k - 1], &x) > 0; k--)
            keys[k] = keys[k - 1];
        keys[k] = x;
    }
}

static void sort(struct sort_key *keys, size_t n) {
    if (n <= FEW)
        insertion_sort(keys, n);
    else
        qsort(keys, n, sizeof *keys, sort_key_compare);
}

/* Sorts those that begin with the same five bytes. */
static void sort_alike(struct sort_key *keys, size_t n) {
    for (size_t first = 0, end; first < n; first = end) {
        uint64_t head = keys[first].prefix >> PLACE_BITS;
        for (end = first + 1; end < n && keys[end].prefix >> PLACE_BITS == head;)
            end++;
        sort(keys + first, end - first);
    }
}

bool key_sort(struct sort_key *keys, uint32_t n) {
    if (n <= FEW || n >> PLACE_BITS) {
        sort(keys, n);
        return true;
    }
    uint64_t *order = malloc(n * sizeof *order), *scratch = malloc(n * sizeof *scratch);
    struct sort_key *sorted = malloc(n * sizeof *sorted);
    bool ok = order && scratch && sorted;
    if (ok) {
        for (uint32_t i = 0; i < n; i++)
            order[i] = keys[i].prefix >> PLACE_BITS << PLACE_BITS | i;
        radix_sort(order, scratch, n, PLACE_BITS, 64);
        for (uint32_t i = 0; i < n; i++)
            sorted[i] = keys[order[i] & ((1U << PLACE_BITS) - 1)];
        sort_alike(sorted, n);
        memcpy(keys, sorted, n * sizeof *keys);
    }
    free(order);
    free(scratch);
    free(sorted);
    return ok;
}
