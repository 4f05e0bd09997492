#include "span.h"

#include <string.h>

#include "core/base/bytes.h"

static uint8_t byte_at(struct span t, size_t i) {
    return i < t.n ? (uint8_t)t.s[i] : 0;
}

/* White space and control characters. */
static bool is_ascii_space(uint8_t c) {
    return c <= ' ';
}

/* The length of the white space character at t.s[i]; 0 if it is none. */
static size_t space_length(struct span t, size_t i) {
    uint8_t c = byte_at(t, i);
    if (is_ascii_space(c))
        return 1;
    if (c == 0xc2)
        return byte_at(t, i + 1) == 0xa0 || byte_at(t, i + 1) == 0x85 ? 2 : 0;
    if (c < 0xe2)
        return 0;
    uint8_t second = byte_at(t, i + 1), third = byte_at(t, i + 2);
    bool wide = (c == 0xe3 && second == 0x80 && third == 0x80) || (c == 0xef && second == 0xbb && third == 0xbf);
    /* U+2000 to U+200B, U+2028 and U+2029 (separators of lines and paragraphs), U+202F, U+205F, U+2060 */
    bool general =
        c == 0xe2 &&
        ((second == 0x80 && ((third >= 0x80 && third <= 0x8b) || third == 0xa8 || third == 0xa9 || third == 0xaf)) ||
         (second == 0x81 && (third == 0x9f || third == 0xa0)));
    return wide || general ? 3 : 0;
}

/* The length of the white space that ends at t.s[t.n - 1]. */
static size_t trailing_space_length(struct span t) {
    if (t.n >= 1 && is_ascii_space((uint8_t)t.s[t.n - 1]))
        return 1;
    if (t.n >= 3 && space_length(t, t.n - 3) == 3)
        return 3;
    return t.n >= 2 && space_length(t, t.n - 2) == 2 ? 2 : 0;
}

struct span span_trim(struct span t) {
    size_t n;
    while (t.n && (n = space_length(t, 0)) != 0) {
        t.s += n;
        t.n -= n;
    }
    while (t.n && (n = trailing_space_length(t)) != 0)
        t.n -= n;
    return t;
}

bool span_next_line(struct span *rest, struct span *line) {
    if (!rest->n)
        return false;
    const char *feed = memchr(rest->s, '\n', rest->n);
    size_t n = feed ? (size_t)(feed - rest->s) : rest->n;
    const char *ret = memchr(rest->s, '\r', n);
    size_t end = n + (feed ? 1 : 0);
    if (ret && ret + 1 < rest->s + n) { /* a CR on its own */
        n = (size_t)(ret - rest->s);
        end = n + 1;
    }
    *line = span_trim((struct span){rest->s, n});
    *rest = (struct span){rest->s + end, rest->n - end};
    return true;
}

bool span_next_word(struct span *rest, struct span *word) {
    size_t n, i = 0;
    while (i < rest->n && (n = space_length(*rest, i)) != 0)
        i += n;
    size_t start = i;
    while (i < rest->n && !space_length(*rest, i))
        i++;
    *word = (struct span){rest->s + start, i - start};
    *rest = (struct span){rest->s + i, rest->n - i};
    return word->n > 0;
}

static uint8_t fold(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool equal_bytes(const char *a, const char *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (fold((uint8_t)a[i]) != fold((uint8_t)b[i]))
            return false;
    return true;
}

bool span_starts(struct span t, const char *prefix) {
    for (size_t i = 0; prefix[i]; i++)
        if (i == t.n || fold((uint8_t)t.s[i]) != fold((uint8_t)prefix[i]))
            return false;
    return true;
}

bool span_equal(struct span a, const char *b) {
    return span_starts(a, b) && strlen(b) == a.n;
}

bool span_ends(struct span t, const char *suffix) {
    size_t n = strlen(suffix);
    return t.n >= n && equal_bytes(t.s + t.n - n, suffix, n);
}

bool span_same_words(struct span a, struct span b) {
    struct span x, y;
    for (;;) {
        bool more = span_next_word(&a, &x);
        if (span_next_word(&b, &y) != more)
            return false;
        if (!more)
            return true;
        if (x.n != y.n || !equal_bytes(x.s, y.s, x.n))
            return false;
    }
}

size_t span_find(struct span t, const char *needle) {
    uint8_t first = fold((uint8_t)needle[0]);
    for (size_t i = 0; i < t.n; i++)
        if (fold((uint8_t)t.s[i]) == first && span_starts((struct span){t.s + i, t.n - i}, needle))
            return i;
    return t.n;
}

/* How many units a character of a script without spaces adds, by its first bytes; 0 for other scripts. */
static unsigned unspaced_units(uint8_t first, uint8_t second) {
    if (first == 0xe0)
        return second >= 0xb8 && second <= 0xbb ? WORD / 5 : 0; /* Thai, Lao */
    if (first == 0xe1)                                          /* Myanmar, Khmer */
        return (second >= 0x80 && second <= 0x82) || second == 0x9e || second == 0x9f ? WORD / 5 : 0;
    if (first >= 0xe3 && first <= 0xe9)
        return WORD / 2; /* kana, ideographs */
    return first == 0xf0 && second >= 0xa0 && second <= 0xaf ? WORD / 2 : 0;
}

static size_t character_length(struct span t, size_t at) {
    uint8_t c = byte_at(t, at);
    size_t len = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return len <= t.n - at ? len : t.n - at;
}

struct step span_step(struct span t, size_t at, size_t *run) {
    struct step step = {character_length(t, at), 0, false, false};
    uint8_t c = (uint8_t)t.s[at];
    step.space = c < 0x80 ? is_ascii_space(c) : space_length(t, at) != 0;
    if (step.space) {
        *run = 0;
        return step;
    }
    step.units = c < 0xe0 ? 0 : unspaced_units(c, byte_at(t, at + 1));
    if (step.units) {
        *run = 0;
        step.alone = true;
        return step;
    }
    size_t before = *run;
    *run += step.len;
    step.units = before == 0 || before / WORD_BYTES != *run / WORD_BYTES ? WORD : 0;
    return step;
}

/* Eight bytes of ASCII at once: how many words begin in them, where `run` bytes of a word stand before. The run is
 * too short to grow into a second word. */
static size_t count_ascii(uint64_t bytes, size_t *run) {
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t dark = (bytes + UINT64_C(0x5f5f5f5f5f5f5f5f)) & high; /* above ' ' */
    uint64_t starts = dark & ~(dark << 8 | (*run ? 0x80U : 0U));
    *run = dark == high ? *run + 8 : (size_t)__builtin_clzll(~dark & high) / 8;
    return (size_t)((starts >> 7) * UINT64_C(0x0101010101010101) >> 56); /* the sum of the bytes */
}

/* Words up to a limit, beyond which counting stops. */
static size_t count_words(struct span t, size_t limit) {
    const uint64_t high = UINT64_C(0x8080808080808080);
    size_t units = 0, run = 0;
    for (size_t at = 0; at < t.n && units < limit;) {
        if (t.n - at >= 8 && run + 8 < WORD_BYTES) {
            uint64_t bytes = load_u64((const uint8_t *)t.s + at);
            if (!(bytes & high)) {
                units += WORD * count_ascii(bytes, &run);
                at += 8;
                continue;
            }
        }
        struct step step = span_step(t, at, &run);
        units += step.units;
        at += step.len;
    }
    return units;
}

size_t span_words(struct span t) {
    return count_words(t, SIZE_MAX);
}

bool span_has_words(struct span t, size_t words) {
    return count_words(t, words * WORD) >= words * WORD;
}

static uint32_t read_character(struct span t, size_t at, size_t *len) {
    *len = character_length(t, at);
    uint32_t c = byte_at(t, at);
    if (*len > 1)
        c &= 0x7fU >> *len;
    for (size_t i = 1; i < *len; i++)
        c = c << 6 | (byte_at(t, at + i) & 0x3f);
    return c;
}

uint32_t span_last(struct span t, size_t *len) {
    size_t at = t.n - 1;
    while (at > 0 && t.n - at < 4 && (byte_at(t, at) & 0xc0) == 0x80)
        at--;
    return read_character(t, at, len);
}

static enum letter cased(bool upper) {
    return upper ? LETTER_UPPER : LETTER_LOWER;
}

enum letter span_letter(struct span t, size_t at, size_t *len) {
    uint32_t c = read_character(t, at, len);
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? cased(c <= 'Z') : LETTER_NONE;
    if (c < 0xc0)
        return c == 0xaa || c == 0xb5 || c == 0xba ? LETTER_LOWER : LETTER_NONE;
    if (c < 0x100)
        return c == 0xd7 || c == 0xf7 ? LETTER_NONE : cased(c < 0xdf);
    if (c < 0x180) /* pairs, which fall out of step between U+0139 and U+0148, and from U+0179 on */
        return cased((c & 1) == ((c >= 0x139 && c <= 0x148) || c >= 0x179 ? 1U : 0U));
    if (c >= 0x386 && c < 0x3d0)
        return cased(c < 0x3ac && c != 0x390);
    if (c >= 0x400 && c < 0x460)
        return cased(c < 0x430);
    if (c >= 0x460 && c < 0x530)
        return cased((c & 1) == 0);
    bool sign = (c >= 0x2000 && c < 0x2c00) || (c >= 0x3000 && c < 0x3040) || (c >= 0xfe00 && c < 0xfe70) ||
                (c >= 0xff00 && c < 0xff21) || c == 0x60c || c == 0x61b || c == 0x61f || c == 0x6d4 ||
                (c >= 0x660 && c < 0x66e) || (c >= 0x6f0 && c < 0x6fa) || (c >= 0x964 && c <= 0x96f) || c >= 0xfff0;
    return sign ? LETTER_NONE : LETTER_OTHER;
}

enum letter span_first_letter(struct span t) {
    for (size_t at = 0, len = 0; at < t.n; at += len) {
        enum letter letter = span_letter(t, at, &len);
        if (letter != LETTER_NONE || (t.s[at] >= '0' && t.s[at] <= '9'))
            return letter;
    }
    return LETTER_NONE;
}

bool span_is_capitals(struct span t) {
    bool any = false;
    for (size_t at = 0, len = 0; at < t.n; at += len) {
        enum letter letter = span_letter(t, at, &len);
        if (letter == LETTER_LOWER)
            return false;
        any |= letter == LETTER_UPPER;
    }
    return any;
}
