/* naming.h - what a language makes of a proper name in a text, so that it is known for the same name.
 *
 *     english    Keats, Keats', Keats's           swedish    Putin, Putins
 *     french     Estaing, d'Estaing               dutch      Anna, Anna's; Rutte, Ruttes
 *
 * Of a form the rest is bare, without an elided word before it and an ending of possession: names are the same whose
 * bare forms are. Only for languages that tell names by a capital, and have no other endings for them:
 *
 *     English (also porter, lovins), Spanish, Portuguese, Indonesian    's and '
 *     French, Italian, Catalan                                          these, and elided words before
 *     Dutch, Swedish, Danish, Norwegian                                 these, and -s
 *
 * German writes all nouns with a capital, and so do they tell nothing. Armenian, Basque, Finnish, Greek, Hungarian,
 * Irish, Lithuanian, Romanian, Russian and Serbian decline names, Irish in front as well, and Turkish puts suffixes
 * behind an apostrophe, or does not; what is typed in one case would leave out what stands in others. Arabic, Hindi,
 * Nepali, Tamil and Yiddish have no capitals. */
#ifndef LEDE_SEARCHER_NAMING_H
#define LEDE_SEARCHER_NAMING_H

#include <stdbool.h>
#include <stddef.h>

struct naming {
    const char *elisions; /* words, with spaces between, that stand before an apostrophe; "" */
    bool genitive;        /* -s, without an apostrophe */
    bool number;          /* the plural, and the singular, are taken for the same: -s, -y and -ies are no part of it */
};

/* False for a language without. NULL is english. */
bool naming_init(struct naming *n, const char *language);

/* Bytes of the elided word before a word, and its apostrophe; 0 if there is none. */
size_t naming_elided(const struct naming *n, const char *word, size_t len);

/* The bare form, which is a part of the form; its length. */
size_t naming_bare(const struct naming *n, const char *form, size_t len, const char **bare);

/* Room for variant: a form of TERM_MAX bytes and what is added. */
#define NAMING_MAX 288

/* Variant i, from 0 on, of a bare form, all of which have it for theirs; its length, 0 if there are no more. */
size_t naming_variant(const struct naming *n, const char *bare, size_t len, unsigned i, char out[NAMING_MAX]);

#endif
