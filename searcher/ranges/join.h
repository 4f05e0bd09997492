/* join.h - the documents that two lists of them have in common. */
#ifndef LEDE_SEARCHER_JOIN_H
#define LEDE_SEARCHER_JOIN_H

#include <stdbool.h>
#include <stdint.h>

/* Behind each list there are so many entries that are UINT32_MAX, which no document is. */
enum { JOIN_ROOM = 8 };

/* A list of documents, which rise. */
struct join_list {
    const uint32_t *docs;
    uint32_t count;
};

/* Tells which of a's documents are among b's: their numbers in a, which rise. `numbers` has room for all of the
 * shorter list, and JOIN_ROOM more. Returns how many these are. */
uint32_t join_lists(uint32_t *numbers, struct join_list a, struct join_list b);

/* Whether n documents rise, as they do unless a word is broken, parts of whose chunks may be in any order. */
bool docs_rise(const uint32_t *docs, uint32_t n);

#endif
