/* accents.h - the terms that words of a form may have, where the stemmer reads accents.
 *
 * The index knows forms, which have no accents, and terms, which are stems of words with theirs: `tambem` is the form
 * of `também`, whose stem is tamb, while that of `tambem` would be tambem. So the form is stemmed with the accents of
 * the language put in every way, a few at a time: what stems depend on is the end of the word, and of its beginning
 * only which letters are vowels, which accents don't change. Most ways give the same term; those that no word has are
 * not in the index, or the text tells. */
#ifndef LEDE_SEARCHER_ACCENTS_H
#define LEDE_SEARCHER_ACCENTS_H

#include "core/text/analyzer.h"

/* Letters of a language that have accents, and what they are without. */
struct accent {
    char letter[5], plain[4];
    uint8_t letter_len, plain_len;
};

enum { ACCENTS_MOST = 16 };

struct accents {
    struct analyzer *analyzer; /* borrowed */
    struct accent letters[ACCENTS_MOST];
    uint32_t count;
};

/* `language` is a canonical name. There are none if its stemmer reads none. */
void accents_init(struct accents *a, struct analyzer *analyzer, const char *language);

/* Terms of a form, each once, as it stands and with accents. */
enum { ACCENTS_TERMS_MOST = 24 };
struct accents_terms {
    char terms[ACCENTS_TERMS_MOST][TERM_MAX + 1];
    size_t lens[ACCENTS_TERMS_MOST];
    uint32_t count;
};

/* With up to `most` accents in the last letters. */
void accents_find(struct accents_terms *out, struct accents *a, const char *form, size_t len, uint32_t most);

#endif
