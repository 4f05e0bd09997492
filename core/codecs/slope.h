/* slope.h - a table of numbers that rise nearly evenly, such as where the blocks of a term end: each is coded as its
 * distance from a straight line, all in the same few bits, so that any of them can be read for itself.
 *
 *     slope := v last number, v below, u8 width, packed run of the n numbers' distances, more by `below`, from
 *              (i + 1) * (2^16 * last / n) / 2^16, rounded down, for i from 0
 */
#ifndef LEDE_CORE_SLOPE_H
#define LEDE_CORE_SLOPE_H

#include "core/base/codec.h"
#include "core/base/spool.h"

/* The steps of a slope are counted in 2^-SLOPE_SHIFT. */
#define SLOPE_SHIFT 16

struct slope {
    const uint8_t *run;
    uint64_t step;
    uint32_t below;
    unsigned width;
};

/* Opens the table of n > 0 numbers at *p, and passes over it; false if that passes `end`. */
bool slope_open(struct slope *s, const uint8_t **p, const uint8_t *end, uint32_t n);

/* Entry i. */
static inline uint32_t slope_get(const struct slope *s, uint32_t i) {
    return (uint32_t)(s->step * (i + UINT64_C(1)) >> SLOPE_SHIFT) - s->below + run_get(s->run, i, s->width);
}

/* Entry i - 1; 0 for the first. */
static inline uint32_t slope_before(const struct slope *s, uint32_t i) {
    return i ? slope_get(s, i - 1) : 0;
}

/* Entry i, and in *before what slope_before gives. */
static inline uint32_t slope_pair(const struct slope *s, uint32_t i, uint32_t *before) {
    if (i == 0 || s->width > 28) {
        *before = slope_before(s, i);
        return slope_get(s, i);
    }
    uint64_t bit = (i - UINT64_C(1)) * s->width, two = load_u64(s->run + (bit >> 3)) >> (bit & 7), even = s->step * i;
    uint32_t mask = (UINT32_C(1) << s->width) - 1;
    *before = (uint32_t)(even >> SLOPE_SHIFT) - s->below + ((uint32_t)two & mask);
    return (uint32_t)((even + s->step) >> SLOPE_SHIFT) - s->below + ((uint32_t)(two >> s->width) & mask);
}

/* Appends the table of u32 `numbers`, at least one. */
void slope_put(struct spool *out, struct spool *numbers);

/* Appends u32 `numbers` as a packed run. */
void numbers_put(struct buffer *out, const struct buffer *numbers, unsigned width);

#endif
