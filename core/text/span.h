/* span.h - a piece of text that lies in someone else's memory, and what the readers ask about it.
 *
 * Everything here works without ICU, as it runs over each byte of each article: cases are known of the Latin, Greek
 * and Cyrillic alphabets, and a word is what stands between white space, or (in scripts that write none) a share of
 * a run of characters. That is near enough for deciding where to cut. */
#ifndef LEDE_CORE_SPAN_H
#define LEDE_CORE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const char *s;
    size_t n;
};

#define SPAN(literal) ((struct span){literal, sizeof(literal) - 1})

/* Without white space at both ends: ASCII's with its control characters, no-break and ideographic spaces, zero width
 * ones, BOMs. */
struct span span_trim(struct span t);
/* The next line of *rest, trimmed, and *rest behind it; lines end with LF, CRLF or CR. False at the end. */
bool span_next_line(struct span *rest, struct span *line);
/* The next run without white space of *rest, and *rest behind it; false if there is none. */
bool span_next_word(struct span *rest, struct span *word);

/* The same bytes but for the case of ASCII letters. */
bool span_equal(struct span a, const char *b);
bool span_starts(struct span t, const char *prefix);
bool span_ends(struct span t, const char *suffix);
/* The same words but for white space and the case of ASCII letters. */
bool span_same_words(struct span a, struct span b);
/* Where `needle` begins in t, but for the case of ASCII letters; t.n if nowhere. */
size_t span_find(struct span t, const char *needle);

/* Words of text are counted in tenths. A run without white space is one word, and one more for each further
 * WORD_BYTES bytes of it; two ideographs or kana, or five letters of a South-East Asian script that writes no
 * spaces, make a word too. */
enum { WORD = 10, WORD_BYTES = 64 };
size_t span_words(struct span t);
/* Whether there are at least so many words (not tenths), without counting on. */
bool span_has_words(struct span t, size_t words);

/* One step of that count. `units` is what the step from byte `at` adds; `space` whether it is white space, `alone`
 * whether a line may break after the character, as after an ideograph. */
struct step {
    size_t len;
    unsigned units;
    bool space, alone;
};
struct step span_step(struct span t, size_t at, size_t *run);

enum letter { LETTER_NONE = 0, LETTER_LOWER, LETTER_UPPER, LETTER_OTHER };
/* What the character at t.s[at] is; *len gets its bytes. OTHER: a letter, or an ideograph, without case. */
enum letter span_letter(struct span t, size_t at, size_t *len);
/* The last character of t, which is not empty. */
uint32_t span_last(struct span t, size_t *len);
/* What the first letter or digit of t is; NONE for a digit, or if there is neither. */
enum letter span_first_letter(struct span t);
/* Whether t has a letter, and none in lower case. */
bool span_is_capitals(struct span t);

#endif
