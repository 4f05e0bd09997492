/* sentence.h - where a sentence may end: rules for choosing a place to cut, cheap and without ICU. */
#ifndef LEDE_CORE_SENTENCE_H
#define LEDE_CORE_SENTENCE_H

#include "span.h"

/* How good a place is to cut a text at; lower is better. */
enum cut {
    CUT_PARAGRAPH = 0, /* a blank line follows */
    CUT_SENTENCE,
    CUT_CLAUSE, /* behind a comma, semicolon, colon or dash */
    CUT_WORD,
    CUT_INSIDE, /* in the midst of a run without white space */
};

/* What kind of place it is behind the word that ends at `end`, where the next one begins at `next` (t.n: none). */
enum cut sentence_cut(struct span t, size_t end, size_t next);

/* Whether a sentence ends between a word that ends at `end` and the next one, which starts at `start`. */
bool sentence_ends_between(struct span t, size_t end, size_t start);

/* Whether t, trimmed, ends as a sentence does: with a full stop (not one of an abbreviation such as U.S.), a question
 * or exclamation mark, in any script, then maybe closing quotes or brackets. An ellipsis does not end it. */
bool sentence_is_whole(struct span t);

#endif
