/* position_shape.h - how positions are laid out in bits, as far as positions.c and position_pick.c have to agree on it.
 */
#ifndef LEDE_CORE_POSITION_SHAPE_H
#define LEDE_CORE_POSITION_SHAPE_H

#include <stdint.h>

enum {
    QUAD = 4,
    /* The most positions that are numbered as a set. */
    SET_MAX = 4,
    /* Four numbers are one if it has no more bits than these. */
    JOINT_BITS = 52,
    /* What the exponent of a float needs, once it is divided by 3, and the best for the rest of it. */
    CUBE_ROOT_BITS = 0x2a5137a0,
};

/* Bits of so many positions, of more than SET_MAX, below a bound of POSITION_BOUND at most. */
uint32_t positions_rest_bits(uint32_t freq, uint32_t bound);

#endif
