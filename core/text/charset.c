#include "charset.h"

#include "core/base/error.h"

/* Bytes 0x80 to 0x9f in windows-1252; 0 for the five that it leaves undefined. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

#define REPLACEMENT 0xfffdU

uint32_t charset_windows_1252(uint8_t byte) {
    return byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80] : byte;
}

static bool begins_with(const char *bytes, size_t n, const char *prefix, size_t len) {
    return n >= len && memcmp(bytes, prefix, len) == 0;
}

bool text_is_utf16(const char *bytes, size_t n) {
    return begins_with(bytes, n, "\xff\xfe", 2) || begins_with(bytes, n, "\xfe\xff", 2);
}

/* Well-formed sequences of two bytes or more are hard to come by in any other charset, so a text with half as many of
 * them as stray bytes is UTF-8 that was damaged. */
static enum charset detect_broken(const char *bytes, size_t n) {
    size_t sequences = 0, stray = 0;
    for (size_t i = 0; i < n;) {
        uint32_t c;
        size_t len = utf8_read(bytes + i, bytes + n, &c);
        if (c == UTF8_BROKEN)
            stray += len;
        else if (len > 1)
            sequences++;
        i += len;
    }
    return sequences > 0 && sequences >= stray / 2 ? CHARSET_BROKEN_UTF8 : CHARSET_WINDOWS_1252;
}

enum charset charset_detect(const char *bytes, size_t n) {
    if (text_is_utf16(bytes, n))
        return (uint8_t)bytes[0] == 0xff ? CHARSET_UTF16_LE : CHARSET_UTF16_BE;
    if (utf8_valid(bytes, n))
        return CHARSET_UTF8;
    if (begins_with(bytes, n, "\xef\xbb\xbf", 3))
        return CHARSET_BROKEN_UTF8;
    return detect_broken(bytes, n);
}

static void append_character(struct buffer *out, uint32_t c) {
    char *p = (char *)buffer_reserve(out, UTF8_MAX);
    if (p)
        out->len += utf8_write(p, c);
}

static uint64_t append_windows_1252(struct buffer *out, const char *bytes, size_t n) {
    uint64_t replaced = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = charset_windows_1252((uint8_t)bytes[i]);
        if (!c && bytes[i]) {
            c = REPLACEMENT;
            replaced++;
        }
        append_character(out, c);
    }
    return replaced;
}

static uint32_t utf16_unit(const char *bytes, bool big) {
    uint16_t unit = load_u16((const uint8_t *)bytes);
    return big ? __builtin_bswap16(unit) : unit;
}

/* `bytes` is behind the BOM. Surrogates that are not a pair, and an odd byte at the end, are replaced. */
static uint64_t append_utf16(struct buffer *out, const char *bytes, size_t n, bool big) {
    uint64_t replaced = 0;
    size_t i = 0;
    for (; n - i >= 2; i += 2) {
        uint32_t c = utf16_unit(bytes + i, big);
        if ((c & 0xf800) == 0xd800) {
            uint32_t low = c < 0xdc00 && n - i >= 4 ? utf16_unit(bytes + i + 2, big) : 0;
            if ((low & 0xfc00) == 0xdc00) {
                c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
                i += 2;
            } else {
                c = REPLACEMENT;
                replaced += 2;
            }
        }
        append_character(out, c);
    }
    if (i < n) {
        append_character(out, REPLACEMENT);
        replaced++;
    }
    return replaced;
}

lede_status text_to_utf8_from(struct buffer *out, enum charset charset, const char *bytes, size_t n, uint64_t *replaced,
                              lede_error *err) {
    size_t bom = text_is_utf16(bytes, n) ? 2 : begins_with(bytes, n, "\xef\xbb\xbf", 3) ? 3 : 0;
    uint64_t bad = 0;
    switch (charset) {
    case CHARSET_UTF8:
    case CHARSET_BROKEN_UTF8: bad = utf8_repair(out, bytes + (bom == 3 ? 3 : 0), n - (bom == 3 ? 3 : 0)); break;
    case CHARSET_UTF16_LE:
    case CHARSET_UTF16_BE:
        bom = bom == 2 ? 2 : 0;
        bad = append_utf16(out, bytes + bom, n - bom, charset == CHARSET_UTF16_BE);
        break;
    case CHARSET_WINDOWS_1252: bad = append_windows_1252(out, bytes, n); break;
    }
    if (replaced)
        *replaced += bad;
    return out->failed ? error_nomem(err) : LEDE_OK;
}

lede_status text_to_utf8(struct buffer *out, const char *bytes, size_t n, uint64_t *replaced, lede_error *err) {
    return text_to_utf8_from(out, charset_detect(bytes, n), bytes, n, replaced, err);
}
