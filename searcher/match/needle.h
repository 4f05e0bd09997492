/* needle.h - letters in a row that a text has if it has a word: most texts that are asked for a word, because they have
 * another one of its stem, have it not, and are told so without being taken apart.
 *
 *     =wellness    "it is well known that ..."    no "wellness" in it, in whatever case: no such word
 *
 * Words of ASCII are folded letter by letter, and those with a typographic apostrophe as well (analyzer_form); so it is
 * no more than a matter of bytes in texts that have nothing else but signs which no word has. Of all others it is not
 * known. */
#ifndef LEDE_SEARCHER_NEEDLE_H
#define LEDE_SEARCHER_NEEDLE_H

#include "searcher/query/query.h"

struct needle {
    const char *bytes; /* small letters and digits, borrowed */
    size_t len;        /* 0: nothing is known of any text */
};

/* Of a word of the query, which is no WORD_STEM. */
struct needle needle_of(const struct node *word);

/* False only if the text, valid UTF-8 or not, has no word that the one of the query stands for. */
bool needle_may_be_in(const struct needle *n, const char *text, size_t len);

#endif
