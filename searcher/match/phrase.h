/* phrase.h - do words follow one another? */
#ifndef LEDE_SEARCHER_PHRASE_H
#define LEDE_SEARCHER_PHRASE_H

#include <stdbool.h>
#include <stdint.h>

/* Where word i of a phrase, or operand i of another operator, stands in a document: `count` positions that don't
 * fall. */
struct phrase_slot {
    const uint32_t *positions;
    uint32_t count, at; /* at: 0 to begin with */
};

/* The next place at which the phrase starts: one where word i stands i further on, for each i. False if there is none.
 * To be called again for the one behind it. */
bool phrase_next(struct phrase_slot *slots, uint32_t count, uint32_t *start);

/* Whether there is one. */
bool phrase_matches(struct phrase_slot *slots, uint32_t count);

#endif
