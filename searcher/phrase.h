/* phrase.h - do words follow one another? */
#ifndef LEDE_SEARCHER_PHRASE_H
#define LEDE_SEARCHER_PHRASE_H

#include <stdbool.h>
#include <stdint.h>

/* Where word i of a phrase stands in a document: `count` positions that don't fall. */
struct phrase_slot {
    const uint32_t *positions;
    uint32_t count, at; /* at: 0 to begin with */
};

/* Whether there is a place at which the phrase starts: one where word i stands i further on, for each i. */
bool phrase_matches(struct phrase_slot *slots, uint32_t count);

#endif
