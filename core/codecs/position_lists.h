/* position_lists.h - where a term stands in all passages of some runs, as bytes: as they follow one another, four
 * neighbours are taken apart at once, which takes less time than one by one (position_mask.h). */
#ifndef LEDE_CORE_POSITION_LISTS_H
#define LEDE_CORE_POSITION_LISTS_H

#include "position_mask.h"

/* Positions of one passage, and passages of some parts. */
enum { POSITION_LIST = 4, POSITION_LISTS = MASK_PARTS * POSITION_RUN_MAX };

/* Passage by passage, those of one part after the other; and room for vectors. */
struct position_lists {
    uint8_t freqs[POSITION_LISTS + 64]; /* 0: more than a list has, or too far for a byte, as lengths and slack tell */
    uint8_t of[POSITION_LISTS + 64][POSITION_LIST]; /* the first freqs[i] of passage i */
};

/* Reads those of all passages of up to MASK_PARTS parts, each of which adds all that it has. False if the positions
 * don't fit their bits or passages. */
typedef bool lists_read(const struct mask_part *parts, uint32_t count, struct position_lists *out);

/* Those that this processor has, the best first, the scalar twin last, with NULL behind it. */
lists_read *const *lists_read_all(void);

#endif
