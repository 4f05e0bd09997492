/* Whether a form is one that a word of the query stands for. Characters count, not bytes. */
#include <string.h>

#include "core/text/utf8.h"
#include "naming.h"
#include "pattern.h"

/* -------------------------------------------------------------------------------- wildcards -- */

static size_t character_len(const char *s, size_t left) {
    size_t n = 1;
    while (n < left && (s[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* Whether the n bytes are the same; they are those of a character, so that to call memcmp would take longer. */
static bool is_same(const char *a, const char *b, size_t n) {
    size_t i = 0;
    while (i < n && a[i] == b[i])
        i++;
    return i == n;
}

/* The last star takes up one character more where what is behind it does not match. */
bool pattern_matches(const char *pattern, size_t pattern_len, const char *s, size_t len) {
    size_t p = 0, i = 0, star = SIZE_MAX, from = 0;
    while (i < len) {
        size_t n = character_len(s + i, len - i);
        if (p < pattern_len && pattern[p] == '*') {
            star = p++;
            from = i;
            if (p == pattern_len)
                return true;
        } else if (p < pattern_len && pattern[p] == '?') {
            p++;
            i += n;
        } else if (p < pattern_len && pattern_len - p >= n && is_same(pattern + p, s + i, n)) {
            p += n;
            i += n;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            from += character_len(s + from, len - from);
            i = from;
        } else {
            return false;
        }
    }
    while (p < pattern_len && pattern[p] == '*')
        p++;
    return p == pattern_len;
}

/* ---------------------------------------------------------------------------------- distance -- */

uint32_t pattern_characters(const char *s, size_t len, uint32_t out[TERM_MAX]) {
    const char *end = s + len;
    uint32_t n = 0;
    while (s < end && n < TERM_MAX)
        s += utf8_read(s, end, &out[n++]);
    return n;
}

void distance_init(struct distance *d, const char *word, size_t len, uint32_t edits) {
    d->len = pattern_characters(word, len, d->word);
    d->edits = edits;
    for (uint32_t j = 0; j <= d->len; j++)
        d->rows[0][j] = (uint8_t)(j < DISTANCE_FAR ? j : DISTANCE_FAR);
    d->least[0] = 0;
}

static inline uint8_t least_of(uint8_t a, uint8_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment: a transposition of neighbours counts as one (Damerau, A technique for computer detection
 * and correction of spelling errors, 1964). */
void distance_put(struct distance *d, const uint32_t *text, uint32_t i) {
    const uint8_t *above = d->rows[i - 1], *before = i > 1 ? d->rows[i - 2] : NULL;
    uint8_t *row = d->rows[i], least;
    least = row[0] = (uint8_t)(i < DISTANCE_FAR ? i : DISTANCE_FAR);
    for (uint32_t j = 1; j <= d->len; j++) {
        uint8_t v = least_of((uint8_t)(least_of(above[j], row[j - 1]) + 1),
                             (uint8_t)(above[j - 1] + (text[i - 1] != d->word[j - 1])));
        if (before && j > 1 && text[i - 1] == d->word[j - 2] && text[i - 2] == d->word[j - 1])
            v = least_of(v, (uint8_t)(before[j - 2] + 1));
        row[j] = least_of(v, DISTANCE_FAR);
        least = least_of(least, row[j]);
    }
    d->least[i] = least;
}

bool distance_is_dead(const struct distance *d, uint32_t i) {
    return d->least[i] > d->edits && (i == 0 || d->least[i - 1] >= d->edits);
}

/* The letters of a text of ASCII, a bit each, 32 for all; false if it is none. */
static bool letters_of(uint32_t *letters, const char *s, size_t len) {
    unsigned char any = 0;
    *letters = 0;
    for (size_t i = 0; i < len; i++) {
        any |= (unsigned char)s[i];
        *letters |= UINT32_C(1) << (s[i] & 31);
    }
    return any < 0x80;
}

/* An edit takes one letter away at most, and brings one. */
static bool is_far(const char *word, size_t word_len, uint32_t edits, const char *s, size_t len) {
    uint32_t a, b;
    if (!letters_of(&a, word, word_len) || !letters_of(&b, s, len))
        return false;
    return len > word_len + edits || word_len > len + edits || (uint32_t)__builtin_popcount(a & ~b) > edits ||
           (uint32_t)__builtin_popcount(b & ~a) > edits;
}

static bool is_near(const char *word, size_t word_len, uint32_t edits, const char *s, size_t len) {
    struct distance d;
    if (is_far(word, word_len, edits, s, len))
        return false;
    uint32_t text[TERM_MAX], n = pattern_characters(s, len, text);
    distance_init(&d, word, word_len, edits);
    if (n > d.len + edits || d.len > n + edits)
        return false;
    for (uint32_t i = 1; i <= n; i++) {
        distance_put(&d, text, i);
        if (distance_is_dead(&d, i))
            return false;
    }
    return d.rows[n][d.len] <= edits;
}

static bool takes_exactly(const struct node *word, const char *form, size_t len) {
    if (word->naming)
        len = naming_bare(word->naming, form, len, &form);
    return len == word->form_len && memcmp(form, word->form, len) == 0;
}

bool node_takes_form(const struct node *word, const char *form, size_t len) {
    switch (word->word) {
    case WORD_FORM: return takes_exactly(word, form, len);
    case WORD_PREFIX: return len >= word->form_len && memcmp(form, word->form, word->form_len) == 0;
    case WORD_WILDCARD: return pattern_matches(word->form, word->form_len, form, len);
    default: return is_near(word->form, word->form_len, word->edits, form, len);
    }
}
