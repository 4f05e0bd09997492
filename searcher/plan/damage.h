/* damage.h - where postings are corrupt, for the message of a search that has met some. */
#ifndef LEDE_SEARCHER_DAMAGE_H
#define LEDE_SEARCHER_DAMAGE_H

#include "plan.h"

/* Reads all postings of the plan's words to find the first that can't be read, and puts the file, the byte where that
 * word's begin, and the word, into *err. Leaves it as it is if it knows the place already, or all can be read. */
void damage_locate(const struct plan *plan, lede_error *err);

#endif
