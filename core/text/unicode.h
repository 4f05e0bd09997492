/* unicode.h - what Lede takes from ICU. No other file calls it.
 *
 * A struct unicode serves one thread. ICU itself (modules/icu.h), its objects, and the data files that some of them
 * read, are loaded when they are first needed, so that work on plain ASCII never waits for them. Failures are sticky:
 * after one (no memory, no ICU, or ICU without its data) every function gives nothing, and unicode_status tells why.
 */
#ifndef LEDE_CORE_UNICODE_H
#define LEDE_CORE_UNICODE_H

#include <lede.h>

/* What a character is to UAX #29, as far as finding words takes. */
enum word_class {
    WORD_OTHER = 0,  /* no part of a word, and begins a piece of its own: spaces, signs, most punctuation */
    WORD_LETTER,     /* ALetter */
    WORD_NUMBER,     /* Numeric */
    WORD_CONNECTOR,  /* ExtendNumLet, such as '_' */
    WORD_EXTEND,     /* Extend, Format, ZWJ: belongs to what stands before it */
    WORD_MID_LETTER, /* joins two letters */
    WORD_MID_NUMBER, /* joins two numbers */
    WORD_MID_ANY,    /* MidNumLet, Single_Quote: joins two letters or two numbers */
    WORD_QUOTE,      /* Double_Quote: as WORD_OTHER, but between Hebrew letters */
    WORD_STICKY,     /* as WORD_OTHER, but may stick to what stands before: pictographs, flags, spaces, in Unicode */
    WORD_COMPLEX,    /* needs ICU: scripts that a dictionary cuts, Katakana, Hebrew, letters that are pictographs */
};

/* What is no part of a word here, whatever the rules of Unicode and the ICU at hand make of it, so that an index does
 * not depend on the release, nor a word on its neighbours:
 * - the ASCII signs that joined letters in some releases of CLDR and stood alone in others (':' up to 41, '@' in 42);
 *   `press@mfa.example` is found by its parts;
 * - the radicals of Chinese characters as such, symbols that ICU takes for words beside ideographs, but not alone. */
static inline bool is_separator(uint32_t c) {
    return c == '@' || c == ':' || c == 0xfe55 || c == 0xff1a || (c >= 0x2e80 && c <= 0x2fdf);
}

struct unicode;

LEDE_NODISCARD lede_status unicode_new(struct unicode **out, lede_error *err);
void unicode_free(struct unicode *u);

LEDE_NODISCARD lede_status unicode_status(const struct unicode *u, lede_error *err);

/* Tells why ICU can't be used, where all that is left of it is LEDE_UNSUPPORTED; returns that. */
lede_status unicode_unsupported(lede_error *err);
bool unicode_failed(const struct unicode *u);

/* Classes (enum word_class) of the 256 characters from `page` * 256, page <= 0x10ff. Lives as long as u; NULL on
 * failure. */
const uint8_t *unicode_word_classes(struct unicode *u, uint32_t page);

/* Starts cutting `text` (valid UTF-8, at most UNICODE_WORDS_MAX bytes, borrowed) by ICU's word break iterator of the
 * root locale. */
#define UNICODE_WORDS_MAX (UINT32_C(1) << 28)
void unicode_words_start(struct unicode *u, const char *text, size_t len);

/* The next piece with a rule status of number, letter, kana or ideograph, as offsets into that text; false at its end.
 */
bool unicode_words_next(struct unicode *u, uint32_t *start, uint32_t *end);

/* Writes s (valid UTF-8) after NFKC case folding, with typographic apostrophes made plain, to out, cut at a character
 * to at most `cap` bytes; returns the length. Of very long input the first UNICODE_FOLD_MAX bytes count. */
#define UNICODE_FOLD_MAX 1024
size_t unicode_casefold(struct unicode *u, const char *s, size_t n, char *out, size_t cap);

/* The same for removing accents from a case-folded s, so that what people leave out when they type does not matter:
 * - marks on letters of Latin, Greek, Cyrillic, Armenian and Hebrew go, but the breve and the diaeresis that make
 *   Cyrillic letters of their own (й, ў, ї) stay;
 * - in Arabic script the vowel signs and the tatweel go, and hamza and madda on alef; elsewhere hamza is a letter;
 * - æ, œ, ø, ł, đ, ð, þ, ħ, ŧ and ı, which do not decompose, become ae, oe, o, l, d, d, th, h, t and i;
 * - decimal digits of every script become 0 to 9;
 * - marks of all other scripts, many of them vowels, stay. The result is in NFC. */
size_t unicode_strip(struct unicode *u, const char *s, size_t n, char *out, size_t cap);

#endif
