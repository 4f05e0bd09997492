/* reach.h - which of many sums are large enough: the comparison that pruning comes down to.
 *
 * There is a version for each level of processor, chosen at run time; they give the same. */
#ifndef LEDE_SEARCHER_REACH_H
#define LEDE_SEARCHER_REACH_H

#include <stdint.h>

/* Sums that are compared at once. */
#define REACH_WIDTH 64

/* Bit i of the result is set if sums[i] >= cut. */
typedef uint64_t reach_function(const uint16_t *sums, uint16_t cut);

/* The fastest that this processor has. */
reach_function *reach_best(void);

/* In plain C. */
reach_function reach_scalar;

/* For tests: all that this processor has, ending with NULL. */
reach_function *const *reach_all(void);

#endif
