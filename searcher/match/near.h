/* near.h - do words stand near each other? */
#ifndef LEDE_SEARCHER_NEAR_H
#define LEDE_SEARCHER_NEAR_H

#include "phrase.h"

/* What NEAR and ADJ ask: the operands, each of lengths[i] words, stand in a stretch of `width` words at most, none of
 * which is of two operands; ADJ: in their order. With n operands of one word each NEAR/d is a width of n + d - 1, as in
 * Xapian: at most d - 1 other words lie between them. */
struct near {
    const uint32_t *lengths;
    uint32_t width;
    bool ordered;
    uint32_t *chosen; /* scratch, of two numbers for each operand */
};

/* Where fields begin in a passage, see FIELDS in core/segment/segment.h: no stretch goes from one into another. */
struct field_borders {
    uint32_t heading, body; /* the title is before the heading, which begins where the body does if there is none */
};

/* Operands that are single words have places as they can be matched with, whatever the others take; where some are
 * phrases, which may overlap others, so many ways are tried for each stretch at most that it takes no time to tell. */
bool near_matches(const struct near *near, const struct field_borders *borders, struct phrase_slot *slots,
                  uint32_t count);

#endif
