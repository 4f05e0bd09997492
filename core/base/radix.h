/* radix.h - sorting numbers by their digits: linear in their count, and stable. */
#ifndef LEDE_CORE_RADIX_H
#define LEDE_CORE_RADIX_H

#include <stddef.h>
#include <stdint.h>

/* Sorts ascending by the bits from `low` on, which are all 0 from `high` on; those below keep their order. `scratch`
 * has room for n. */
void radix_sort(uint64_t *numbers, uint64_t *scratch, size_t n, unsigned low, unsigned high);

#endif
