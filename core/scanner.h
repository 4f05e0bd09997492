/* scanner.h - finding the words of a text, the hottest loop of the indexer.
 *
 * Words are the pieces that ICU's word break iterator (root locale) gives a status of number, letter, kana or
 * ideograph, with two signs apart: see is_unstable_sign in unicode.h. The text is taken 64 bytes at a time, as masks
 * with one bit a byte; three tiers find the words in them:
 *
 *     1  runs of ASCII letters, digits and '_'   by counting zeros in the masks
 *     2  other letters, marks, apostrophes,      by the rules of UAX #29 over a table of character classes
 *        "3.14", "U.S."
 *     3  what a dictionary has to cut, Hebrew    by ICU, for the stretch of such text alone
 *
 * All three restart at any boundary: UAX #29 as ICU implements it finds the next boundary from the last one and what
 * follows, never from what stands before.
 */
#ifndef LEDE_CORE_SCANNER_H
#define LEDE_CORE_SCANNER_H

#include "analyzer.h"
#include "unicode.h"

/* One bit for each of 64 bytes of text, lowest first. */
struct scanner_masks {
    uint64_t word; /* ASCII letters, digits and '_', and every byte of other characters */
    uint64_t high; /* every byte of characters that are not ASCII */
    uint64_t mid;  /* signs that may join what stands on their sides: ' , . ; */
};

struct scanner {
    struct unicode *unicode; /* borrowed */
    const uint8_t *text;     /* borrowed */
    size_t len, pos;
    size_t block; /* offset of the 64 bytes that masks describes */
    struct scanner_masks masks;
    size_t region; /* where ICU's stretch of text starts; NO_REGION if it is not at work */
};

void scanner_init(struct scanner *s, struct unicode *unicode);

/* Starts on a text. */
void scanner_reset(struct scanner *s, const char *text, size_t len);

/* The next word; false at the end of the text, or when `unicode` has failed. */
bool scanner_next(struct scanner *s, struct word *word);

/* The masks of the 64 bytes at p: with the vector unit of the machine where there is one, and without. */
struct scanner_masks scanner_classify(const uint8_t *p);
struct scanner_masks scanner_classify_plainly(const uint8_t *p);

#endif
