/* position_shape.h - how positions are laid out in bits, as far as positions.c and position_mask.c have to agree on it.
 */
#ifndef LEDE_CORE_POSITION_SHAPE_H
#define LEDE_CORE_POSITION_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "positions.h"

enum {
    QUAD = 4,
    /* The most positions that are numbered as a set. */
    SET_MAX = 4,
    /* The most that are numbered by themselves. */
    LONE_MAX = 8,
    /* The most positions whose bits stand in a table. */
    REST_TABLE = 16,
    /* Four numbers are one if it has no more bits than these. */
    JOINT_BITS = 52,
    /* What the exponent of a float needs, once it is divided by 3, and the best for the rest of it. */
    CUBE_ROOT_BITS = 0x2a5137a0,
};

/* Bits of more than SET_MAX positions, and of up to REST_TABLE, below a bound of POSITION_BOUND at most: by how many
 * they are, less one, and by the bound. 0 of fewer. The last row is there to be read beyond. */
extern const uint8_t position_rest_bits[REST_TABLE + 1][POSITION_BOUND + 1];

/* The same of any number of them. */
uint32_t position_rest_size(uint32_t freq, uint32_t bound);

/* The same of passages of any length; 0 if they are part of a joint number. */
uint64_t position_many_size(uint32_t freq, uint32_t bound);

/* Bits of the four passages from number i on, or of as many as there are, whatever they are. */
uint64_t position_quad_size(const struct position_run *run, size_t i, uint32_t slack);

/* Reads them from a bit on; false if they don't rise below the bound. */
bool position_read_rest(const uint8_t *bits, uint64_t at, uint32_t freq, uint32_t bound, uint32_t *out);

/* C(p, k) for k from SET_MAX + 1 on; and of each sixteenth p alone. */
#define LONE_STEP 16
extern const uint64_t position_lone_counts[LONE_MAX - SET_MAX][POSITION_BOUND + 1];
extern const uint64_t position_lone_steps[LONE_MAX - SET_MAX][(POSITION_BOUND + 1) / LONE_STEP];

#endif
