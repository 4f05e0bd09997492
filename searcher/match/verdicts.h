/* verdicts.h - which words of texts a word of the query stands for, remembered: most words of a text have been met
 * before, and to look one up takes a few nanoseconds, to fold and to compare it some tens.
 *
 * Entry h of the table is the word that was met last of those whose hash is h, 15 bytes at most: its bytes, and in the
 * last one its length and, in the highest bit, the verdict. Longer words are looked at each time. */
#ifndef LEDE_SEARCHER_VERDICTS_H
#define LEDE_SEARCHER_VERDICTS_H

#include "core/text/analyzer.h"
#include "needle.h"

struct verdict {
    uint64_t low, high;
};

struct verdicts {
    const struct node *word;       /* not a WORD_STEM; borrowed */
    const struct query_term *term; /* what else its forms have to come to, borrowed; NULL: any */
    struct needle needle;
    struct verdict *table; /* NULL until the first word is met */
};

#define VERDICTS_EMPTY(word, term) ((struct verdicts){(word), (term), needle_of(word), NULL})

void verdicts_release(struct verdicts *v);

/* Bytes behind a word that have to be readable. */
#define VERDICTS_PADDING 16

/* Whether the word of a text, 1 byte or more, is one that it stands for. */
bool verdicts_take(struct verdicts *v, struct analyzer *analyzer, const char *word, size_t len);

#endif
