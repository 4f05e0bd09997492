#include "letters.h"

#include "unicode.h"
#include "utf8.h"

/* ------------------------------------------------------------------------------------ classes -- */

/* What is of another class than WORD_OTHER, in the pages that are known. */
static const struct {
    uint16_t first, last;
    uint8_t class;
} classed[] = {
    {0x0020, 0x0020, WORD_STICKY},     {0x0022, 0x0022, WORD_QUOTE},      {0x0027, 0x0027, WORD_MID_ANY},
    {0x002c, 0x002c, WORD_MID_NUMBER}, {0x002e, 0x002e, WORD_MID_ANY},    {0x0030, 0x0039, WORD_NUMBER},
    {0x003b, 0x003b, WORD_MID_NUMBER}, {0x0041, 0x005a, WORD_LETTER},     {0x005f, 0x005f, WORD_CONNECTOR},
    {0x0061, 0x007a, WORD_LETTER},     {0x00a9, 0x00a9, WORD_STICKY},     {0x00aa, 0x00aa, WORD_LETTER},
    {0x00ad, 0x00ad, WORD_EXTEND},     {0x00ae, 0x00ae, WORD_STICKY},     {0x00b5, 0x00b5, WORD_LETTER},
    {0x00b7, 0x00b7, WORD_MID_LETTER}, {0x00ba, 0x00ba, WORD_LETTER},     {0x00c0, 0x00d6, WORD_LETTER},
    {0x00d8, 0x00f6, WORD_LETTER},     {0x00f8, 0x00ff, WORD_LETTER},     {0x0100, 0x01ff, WORD_LETTER},
    {0x0200, 0x02d7, WORD_LETTER},     {0x02de, 0x02ff, WORD_LETTER},     {0x0300, 0x036f, WORD_EXTEND},
    {0x0370, 0x0374, WORD_LETTER},     {0x0376, 0x0377, WORD_LETTER},     {0x037a, 0x037d, WORD_LETTER},
    {0x037e, 0x037e, WORD_MID_NUMBER}, {0x037f, 0x037f, WORD_LETTER},     {0x0386, 0x0386, WORD_LETTER},
    {0x0387, 0x0387, WORD_MID_LETTER}, {0x0388, 0x038a, WORD_LETTER},     {0x038c, 0x038c, WORD_LETTER},
    {0x038e, 0x03a1, WORD_LETTER},     {0x03a3, 0x03f5, WORD_LETTER},     {0x03f7, 0x03ff, WORD_LETTER},
    {0x0400, 0x0481, WORD_LETTER},     {0x0483, 0x0489, WORD_EXTEND},     {0x048a, 0x04ff, WORD_LETTER},
    {0x2000, 0x2006, WORD_STICKY},     {0x2008, 0x200a, WORD_STICKY},     {0x200c, 0x200f, WORD_EXTEND},
    {0x2018, 0x2019, WORD_MID_ANY},    {0x2024, 0x2024, WORD_MID_ANY},    {0x2027, 0x2027, WORD_MID_LETTER},
    {0x202a, 0x202e, WORD_EXTEND},     {0x202f, 0x202f, WORD_CONNECTOR},  {0x203c, 0x203c, WORD_STICKY},
    {0x203f, 0x2040, WORD_CONNECTOR},  {0x2044, 0x2044, WORD_MID_NUMBER}, {0x2049, 0x2049, WORD_STICKY},
    {0x2054, 0x2054, WORD_CONNECTOR},  {0x205f, 0x205f, WORD_STICKY},     {0x2060, 0x2064, WORD_EXTEND},
    {0x2066, 0x206f, WORD_EXTEND},     {0x2071, 0x2071, WORD_LETTER},     {0x207f, 0x207f, WORD_LETTER},
    {0x2090, 0x209c, WORD_LETTER},     {0x20d0, 0x20f0, WORD_EXTEND},     {0x2102, 0x2102, WORD_LETTER},
    {0x2107, 0x2107, WORD_LETTER},     {0x210a, 0x2113, WORD_LETTER},     {0x2115, 0x2115, WORD_LETTER},
    {0x2119, 0x211d, WORD_LETTER},     {0x2122, 0x2122, WORD_STICKY},     {0x2124, 0x2124, WORD_LETTER},
    {0x2126, 0x2126, WORD_LETTER},     {0x2128, 0x2128, WORD_LETTER},     {0x212a, 0x212d, WORD_LETTER},
    {0x212f, 0x2138, WORD_LETTER},     {0x2139, 0x2139, WORD_COMPLEX},    {0x213c, 0x213f, WORD_LETTER},
    {0x2145, 0x2149, WORD_LETTER},     {0x214e, 0x214e, WORD_LETTER},     {0x2160, 0x2188, WORD_LETTER},
    {0x2194, 0x2199, WORD_STICKY},     {0x21a9, 0x21aa, WORD_STICKY},
};

bool letters_classes(uint8_t classes[256], uint32_t page) {
    if (page > 0x04 && (page < 0x20 || page > 0x22))
        return false;
    memset(classes, WORD_OTHER, 256);
    for (size_t i = 0; i < sizeof classed / sizeof *classed; i++)
        if (classed[i].first >> 8 == page)
            memset(classes + (classed[i].first & 0xff), classed[i].class, classed[i].last - classed[i].first + 1U);
    return true;
}

/* ----------------------------------------------------------------------------------- folding -- */

enum { UNKNOWN = 0, SHARP_S = 0xdf };

/* U+00C0 to U+017F. The capital letters of Latin Extended-A stand before their small ones, which have odd numbers in
 * one part of it and even ones in the other. Those that fold to something else are for ICU. */
static uint32_t lower_latin(uint32_t c) {
    if (c == 0xd7 || c == 0xf7 || c == 0x130 || c == 0x132 || c == 0x133 || c == 0x13f || c == 0x140 || c == 0x149 ||
        c == 0x17f)
        return UNKNOWN;
    if (c < 0x100)
        return c < SHARP_S ? c + 0x20 : c;
    if (c == 0x138 || c == 0x178)
        return c == 0x138 ? c : 0xff;
    bool odd = (c >= 0x139 && c <= 0x148) || c >= 0x179;
    return odd ? c + (c & 1) : c | 1;
}

/* The small letter of a letter, or UNKNOWN. */
static uint32_t lower(uint32_t c) {
    if (c < 0x80)
        return c - 'A' < 26 ? c + 0x20 : c;
    if (c >= 0xc0 && c < 0x180)
        return lower_latin(c);
    if (c >= 0x400 && c < 0x460)
        return c < 0x410 ? c + 0x50 : c < 0x430 ? c + 0x20 : c;
    if (c == 0x2018 || c == 0x2019)
        return '\'';
    return UNKNOWN;
}

/* The small letters from U+00E0 to U+017F without their accents; "" for what is none, or is for ICU. */
static const char stripped_latin[][3] = {
    "a", "a", "a", "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i", /* 00E0 */
    "d", "n", "o", "o",  "o", "o", "o",  "",  "o", "u", "u", "u", "u", "y", "th", "y", /* 00F0 */
    "",  "a", "",  "a",  "",  "a", "",   "c", "",  "c", "",  "c", "",  "c", "",   "d", /* 0100 */
    "",  "d", "",  "e",  "",  "e", "",   "e", "",  "e", "",  "e", "",  "g", "",   "g", /* 0110 */
    "",  "g", "",  "g",  "",  "h", "",   "h", "",  "i", "",  "i", "",  "i", "",   "i", /* 0120 */
    "",  "i", "",  "",   "",  "j", "",   "k", "",  "",  "l", "",  "l", "",  "l",  "",  /* 0130 */
    "",  "",  "l", "",   "n", "",  "n",  "",  "n", "",  "",  "",  "",  "o", "",   "o", /* 0140 */
    "",  "o", "",  "oe", "",  "r", "",   "r", "",  "r", "",  "s", "",  "s", "",   "s", /* 0150 */
    "",  "s", "",  "t",  "",  "t", "",   "t", "",  "u", "",  "u", "",  "u", "",   "u", /* 0160 */
    "",  "u", "",  "u",  "",  "w", "",   "y", "",  "",  "z", "",  "z", "",  "z",  "",  /* 0170 */
};

/* A small Cyrillic letter without its accent. */
static uint32_t strip_cyrillic(uint32_t c) {
    switch (c) {
    case 0x450:               /* ѐ */
    case 0x451: return 0x435; /* ё */
    case 0x453: return 0x433; /* ѓ */
    case 0x45c: return 0x43a; /* ќ */
    case 0x45d: return 0x438; /* ѝ */
    default: return c;
    }
}

/* Writes a small letter without its accents; how many bytes that took, 0 if it isn't known. */
static size_t put_stripped(char out[UTF8_MAX], uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return c - 'A' < 26 ? 0 : 1;
    }
    if (c >= 0xe0 && c < 0x180) {
        const char *plain = stripped_latin[c - 0xe0];
        memcpy(out, plain, 2);
        return strlen(plain);
    }
    return c >= 0x430 && c < 0x460 ? utf8_write(out, strip_cyrillic(c)) : 0;
}

static size_t put_casefolded(char out[UTF8_MAX], uint32_t c) {
    if (c == SHARP_S) {
        memcpy(out, "ss", 2);
        return 2;
    }
    uint32_t small = lower(c);
    return small == UNKNOWN ? 0 : utf8_write(out, small);
}

static bool fold(size_t (*put)(char *, uint32_t), const char *s, size_t n, char *out, size_t cap, size_t *len) {
    *len = 0;
    for (size_t i = 0; i < n;) {
        uint32_t c;
        i += utf8_read(s + i, s + n, &c);
        if (cap - *len < UTF8_MAX)
            return false;
        size_t written = put(out + *len, c);
        if (written == 0)
            return false;
        *len += written;
    }
    return true;
}

bool letters_casefold(const char *s, size_t n, char *out, size_t cap, size_t *len) {
    return fold(put_casefolded, s, n, out, cap, len);
}

bool letters_strip(const char *s, size_t n, char *out, size_t cap, size_t *len) {
    return fold(put_stripped, s, n, out, cap, len);
}
