/* pattern.h - wildcards and edit distances, over characters. */
#ifndef LEDE_SEARCHER_PATTERN_H
#define LEDE_SEARCHER_PATTERN_H

#include "core/text/analyzer.h"
#include "query.h"

/* Whether s is as the pattern has it: * stands for any characters, ? for one. */
bool pattern_matches(const char *pattern, size_t pattern_len, const char *s, size_t len);

/* The characters of valid UTF-8; TERM_MAX of them at most. */
uint32_t pattern_characters(const char *s, size_t len, uint32_t out[TERM_MAX]);

/* Larger distances are all the same. */
#define DISTANCE_FAR 100

/* Distances of a word to the beginnings of a text, character by character: rows[i][j] is that of the first i characters
 * of the text to the first j of the word. A text that shares a beginning with the one before keeps its rows. */
struct distance {
    uint32_t word[TERM_MAX], len, edits;
    uint8_t least[TERM_MAX + 1]; /* of each row */
    uint8_t rows[TERM_MAX + 1][TERM_MAX + 1];
};

void distance_init(struct distance *d, const char *word, size_t len, uint32_t edits);
/* Makes row i, 1 or more, of the text. */
void distance_put(struct distance *d, const uint32_t *text, uint32_t i);
/* Whether no text that begins with the first i characters is within d->edits of the word. */
bool distance_is_dead(const struct distance *d, uint32_t i);

#endif
