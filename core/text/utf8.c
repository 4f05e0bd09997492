#include "utf8.h"

/* What may follow a lead byte: the range of the first continuation byte, and how many there are in all (RFC 3629). */
struct lead {
    uint8_t low, high, more;
};

static struct lead lead_of(uint8_t byte) {
    if (byte < 0xc2)
        return (struct lead){0, 0, 0};
    if (byte < 0xe0)
        return (struct lead){0x80, 0xbf, 1};
    if (byte < 0xf0)
        return (struct lead){byte == 0xe0 ? 0xa0 : 0x80, byte == 0xed ? 0x9f : 0xbf, 2};
    if (byte < 0xf5)
        return (struct lead){byte == 0xf0 ? 0x90 : 0x80, byte == 0xf4 ? 0x8f : 0xbf, 3};
    return (struct lead){0, 0, 0};
}

size_t utf8_read(const char *text, const char *text_end, uint32_t *c) {
    const uint8_t *p = (const uint8_t *)text, *end = (const uint8_t *)text_end;
    *c = *p;
    if (*p < 0x80)
        return 1;
    struct lead lead = lead_of(*p);
    uint32_t value = *p & (0x3fU >> lead.more);
    size_t n = 1;
    while (n <= lead.more && p + n < end && p[n] >= lead.low && p[n] <= lead.high) {
        value = value << 6 | (p[n++] & 0x3f);
        lead.low = 0x80;
        lead.high = 0xbf;
    }
    *c = lead.more && n > lead.more ? value : UTF8_BROKEN;
    return n;
}

size_t utf8_write(char *text, uint32_t c) {
    uint8_t *p = (uint8_t *)text;
    if (c < 0x80) {
        p[0] = (uint8_t)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        p[i] = (uint8_t)(0x80 | (c & 0x3f));
    p[0] = (uint8_t)(marks[n] | c);
    return n;
}

/* The length of the run of ASCII at the start, sixteen bytes at a time where there are as many. */
static size_t ascii_prefix(const uint8_t *s, size_t n) {
    const uint64_t high = UINT64_C(0x8080808080808080);
    size_t i = 0;
    while (n - i >= 16 && !((load_u64(s + i) | load_u64(s + i + 8)) & high))
        i += 16;
    while (i < n && s[i] < 0x80)
        i++;
    return i;
}

bool utf8_is_ascii(const char *s, size_t n) {
    return ascii_prefix((const uint8_t *)s, n) == n;
}

static inline bool is_continuation(uint8_t byte) {
    return (byte & 0xc0) == 0x80;
}

/* The length of the character at p if it is one of the plain many: of two bytes, or of three without the exceptions
 * for overlong forms and surrogates. 0 says nothing. */
static inline size_t plain_character(const uint8_t *p, size_t left) {
    if (left < 3 || !is_continuation(p[1]))
        return 0;
    if (p[0] >= 0xc2 && p[0] < 0xe0)
        return 2;
    return p[0] > 0xe0 && p[0] < 0xf0 && p[0] != 0xed && is_continuation(p[2]) ? 3 : 0;
}

size_t utf8_valid_prefix(const char *text, size_t n) {
    const uint8_t *s = (const uint8_t *)text;
    size_t i = 0;
    while (i < n) {
        if (s[i] < 0x80) {
            i += n - i > 1 && s[i + 1] >= 0x80 ? 1 : ascii_prefix(s + i, n - i);
            continue;
        }
        size_t len = plain_character(s + i, n - i);
        if (len == 0) {
            uint32_t c = 0;
            len = utf8_read(text + i, text + n, &c);
            if (c == UTF8_BROKEN)
                return i;
        }
        i += len;
    }
    return n;
}

bool utf8_valid(const char *s, size_t n) {
    return utf8_valid_prefix(s, n) == n;
}

size_t utf8_cut(const char *s, size_t n, size_t limit) {
    if (n <= limit)
        return n;
    while (limit > 0 && ((uint8_t)s[limit] & 0xc0) == 0x80)
        limit--;
    return limit;
}

uint64_t utf8_repair(struct buffer *out, const char *s, size_t n) {
    uint64_t replaced = 0;
    for (size_t i = 0; i < n;) {
        size_t good = utf8_valid_prefix(s + i, n - i);
        buffer_append(out, s + i, good);
        i += good;
        if (i == n)
            break;
        uint32_t c;
        size_t bad = utf8_read(s + i, s + n, &c);
        buffer_append(out, "\xef\xbf\xbd", 3);
        replaced += bad;
        i += bad;
    }
    return replaced;
}
