#include "needle.h"

#include "core/base/bytes.h"
#include "core/base/cpu.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

static bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The longest run of plain letters. A form that has others may stand in a text in many ways; of patterns, * and ? are
 * no letters. */
struct needle needle_of(const struct node *word) {
    struct needle n = {word->form, 0};
    if (word->word == WORD_FUZZY)
        return n;
    for (size_t i = 0, first = 0; i < word->form_len; i++) {
        if ((unsigned char)word->form[i] >= 0x80)
            return (struct needle){word->form, 0};
        first = is_plain(word->form[i]) ? first : i + 1;
        if (i + 1 - first > n.len)
            n = (struct needle){word->form + first, i + 1 - first};
    }
    return n;
}

/* Makes a letter small, and leaves a digit; other bytes may become one, which does no harm. */
static inline uint8_t lower(uint8_t c) {
    return c | 0x20;
}

FOR_EACH_CPU static bool is_ascii(const uint8_t *text, size_t n) {
    uint8_t all = 0;
    for (size_t i = 0; i < n; i++)
        all |= text[i];
    return all < 0x80;
}

/* Whether all that is not ASCII are dashes, quotes and apostrophes, U+2013, 14, 18, 19, 1C and 1D, of which apostrophes
 * alone are parts of words. */
static bool has_signs_alone(const uint8_t *text, size_t n) {
    enum { FIRST = 0x93, SIGNS = 0x663 }; /* a bit each, from U+2013 on */
    for (size_t i = 0; i < n; i++) {
        while (n - i > sizeof(uint64_t) && (load_u64(text + i) & HIGH_BITS) == 0)
            i += sizeof(uint64_t);
        if (text[i] < 0x80)
            continue;
        unsigned sign = n - i > 2 && text[i] == 0xe2 && text[i + 1] == 0x80 ? text[i + 2] - (unsigned)FIRST : 16;
        if (sign >= 16 || !(SIGNS >> sign & 1))
            return false;
        i += 2;
    }
    return true;
}

/* Whether some place of n has the first two letters of the needle, and behind them its last two. */
FOR_EACH_CPU static bool has_ends(const uint8_t *text, size_t n, const uint8_t *needle, size_t len) {
    const uint8_t *last = text + len - 1, *next = text + (len > 1), *other = len > 1 ? last - 1 : last;
    uint8_t a = needle[0], b = needle[len > 1], y = needle[len > 1 ? len - 2 : 0], z = needle[len - 1], found = 0;
    for (size_t i = 0; i < n; i++)
        found |= (uint8_t)(lower(text[i]) == a) & (uint8_t)(lower(next[i]) == b) & (uint8_t)(lower(other[i]) == y) &
                 (uint8_t)(lower(last[i]) == z);
    return found;
}

static bool stands_at(const struct needle *n, const uint8_t *at) {
    size_t i = 0;
    while (i < n->len && lower(at[i]) == (uint8_t)n->bytes[i])
        i++;
    return i == n->len;
}

static bool is_in(const struct needle *n, const uint8_t *text, size_t len) {
    enum { BATCH = 256 };
    size_t places = len < n->len ? 0 : len - n->len + 1;
    for (size_t first = 0, end; first < places; first = end) {
        end = places - first < BATCH ? places : first + BATCH;
        if (!has_ends(text + first, end - first, (const uint8_t *)n->bytes, n->len))
            continue;
        for (size_t i = first; i < end; i++)
            if (stands_at(n, text + i))
                return true;
    }
    return false;
}

bool needle_may_be_in(const struct needle *n, const char *text, size_t len) {
    const uint8_t *bytes = (const uint8_t *)text;
    if (n->len == 0)
        return true;
    return is_in(n, bytes, len) || !(is_ascii(bytes, len) || has_signs_alone(bytes, len));
}
