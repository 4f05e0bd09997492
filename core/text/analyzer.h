/* analyzer.h - from text to terms.
 *
 *     text --UAX #29 words--> word --case and accent folding--> form --Snowball--> term
 *
 * Words are the pieces that ICU's word break iterator (root locale) returns with a rule status of number, letter, kana
 * or ideograph, but '@' and ':' join nothing (see unicode.h). A form is the word after Unicode NFKC case folding, with
 * typographic apostrophes made plain and accents removed (see unicode_strip for what counts as one). A term is the stem
 * of the form. Only core/text/unicode.c includes ICU; text that is ASCII, but for the commonest typographic signs,
 * needs nothing of ICU that has to be loaded, and gives exactly the words, forms and terms that it would.
 *
 * Two words are the same term, and find each other, if their terms are equal byte by byte: `Negotiations` and
 * `negotiating`, `India’s` and `india`, `Łódź` and `LODZ`, `Straße` and `strasse`, `ＴＡＳＳ` and `tass`,
 * `مُحَمَّد` and `محمد`, `२०२५` and `2025`. Folding a form again changes nothing.
 */
#ifndef LEDE_CORE_ANALYZER_H
#define LEDE_CORE_ANALYZER_H

#include <lede.h>

/* Longest form or term in bytes; longer ones are cut at a character, so that they are found all the same. */
#define TERM_MAX 255

struct analyzer;

/* A word of the text, in bytes. */
struct word {
    uint32_t start, end;
};

/* An analyzer for one thread. `language` is a name or ISO 639 code of a language that libstemmer has, in any case, or
 * "none" (or "unicode") for no stemming; NULL is english. LEDE_INVALID, with the list of languages in the message, for
 * one that libstemmer lacks. The one that was given back last is kept, for the next one of its language. */
LEDE_NODISCARD lede_status analyzer_new(struct analyzer **out, const char *language, lede_error *err);
void analyzer_free(struct analyzer *a);

/* The canonical name of the language: "de", "ger" and "german" are all "german". Static storage;
 * NULL if libstemmer does not have it. */
const char *analyzer_language(const char *name);

/* What the language writes together with the next word, before an apostrophe: words, with spaces between; "" if
 * nothing. The language is a canonical name. */
const char *analyzer_elisions(const char *language);

/* Starts on a text of at most UINT32_MAX bytes of valid UTF-8, which is borrowed until the next reset. */
void analyzer_reset(struct analyzer *a, const char *text, size_t len);

/* The next word, in order; false at the end. */
bool analyzer_next(struct analyzer *a, struct word *word);

/* The form of a word (any valid UTF-8), written to form[TERM_MAX + 1] with a NUL; its length, 0 if nothing is left. */
size_t analyzer_form(struct analyzer *a, const char *word, size_t len, char form[TERM_MAX + 1]);

/* The term of a word, written to term[TERM_MAX + 1] with a NUL; its length, 0 if nothing is left. Languages
 * whose stemmers read accents (all but english, porter, lovins and none) stem the case-folded word first and remove the
 * accents of the stem. For turkish I is the capital of ı, and İ that of i, and a suffix behind an
 * apostrophe is dropped; for french, italian, catalan and irish an elided word before one is: `l'accord`. A word of
 * which the stemmer leaves nothing is its own stem. */
size_t analyzer_term(struct analyzer *a, const char *word, size_t len, char term[TERM_MAX + 1]);

/* Whether the language has a stemmer. */
bool analyzer_stems(const struct analyzer *a);

/* Whether words of one form have one term, which is that of the form: so it is where the stemmer reads no accents. */
bool analyzer_stems_forms(const struct analyzer *a);

/* Sticky: LEDE_OK, or what ended the work (LEDE_NOMEM, or ICU missing its data). Terms given after
 * an error are not to be trusted. */
LEDE_NODISCARD lede_status analyzer_status(const struct analyzer *a, lede_error *err);

#endif
