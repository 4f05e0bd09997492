/* key_sort.h - sorting strings by their bytes. */
#ifndef LEDE_INDEXER_KEY_SORT_H
#define LEDE_INDEXER_KEY_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Mostly decided by the first 8 bytes, which are kept as a big-endian number. */
struct sort_key {
    uint64_t prefix;
    const char *bytes; /* borrowed */
    uint32_t len;
    uint32_t number; /* the caller's */
};

struct sort_key sort_key_of(const char *bytes, size_t len, uint32_t number);

/* As memcmp does, the shorter first of two of which one begins with the other. */
int sort_key_compare(const void *a, const void *b);

/* Sorts ascending; equal ones in no order. False if memory ran out. */
bool key_sort(struct sort_key *keys, uint32_t n);

#endif
