#include "unicode.h"

#include "core/base/error.h"
#include "letters.h"
#include "modules/icu.h"
#include "utf8.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Characters of a page, and pages of a plane. */
#define PAGE_SIZE   256
#define PLANE_PAGES 256
#define PLANES      17

/* One character of NFKC grows to eighteen units at most (U+FDFA), of three bytes each; NFD after that to four. */
#define FOLD_UNITS (UNICODE_FOLD_MAX / 3 * 18 + 18)

struct unicode {
    const struct icu *icu; /* NULL: not needed yet */
    UErrorCode status;
    lede_error unloadable;    /* why, if it is not LEDE_OK */
    uint8_t **planes[PLANES]; /* of pages; as far as they were met, so that an analyzer for a query costs little */
    /* Cutting words: the text as UTF-16, and how far the iterator has come in both. */
    UBreakIterator *breaker;
    UChar *units;
    size_t unit_cap;
    const char *text;
    size_t text_len;
    int32_t unit_at;
    size_t text_at;
    /* Folding: ICU's own, never freed, and where it works. */
    const UNormalizer2 *casefold, *decompose, *compose;
    UChar from[FOLD_UNITS], to[FOLD_UNITS];
};

lede_status unicode_new(struct unicode **out, lede_error *err) {
    *out = malloc(sizeof **out);
    if (!*out)
        return error_nomem(err);
    memset(*out, 0, offsetof(struct unicode, from)); /* what is behind takes longer to clear than to parse a query */
    return LEDE_OK;
}

void unicode_free(struct unicode *u) {
    if (!u)
        return;
    for (size_t i = 0; i < PLANES; i++) {
        for (size_t k = 0; u->planes[i] && k < PLANE_PAGES; k++)
            free(u->planes[i][k]);
        free(u->planes[i]);
    }
    if (u->breaker)
        u->icu->ubrk_close(u->breaker);
    free(u->units);
    free(u);
}

bool unicode_failed(const struct unicode *u) {
    return U_FAILURE(u->status);
}

static const char no_data[] = "ICU fails with %s; is its data installed (package libicu, variable ICU_DATA)?";

lede_status unicode_status(const struct unicode *u, lede_error *err) {
    if (!unicode_failed(u))
        return LEDE_OK;
    if (u->status == U_MEMORY_ALLOCATION_ERROR)
        return error_nomem(err);
    if (u->unloadable.status)
        return error_set(err, u->unloadable.status, "%s", u->unloadable.message);
    return error_set(err, LEDE_UNSUPPORTED, no_data, u->icu->u_errorName(u->status));
}

lede_status unicode_unsupported(lede_error *err) {
    const struct icu *icu;
    if (icu_load(&icu, err) == LEDE_OK)
        error_set(err, LEDE_UNSUPPORTED, no_data, icu->u_errorName(U_MISSING_RESOURCE_ERROR));
    return LEDE_UNSUPPORTED;
}

/* To be called before anything else is of ICU. */
static bool load(struct unicode *u) {
    if (!u->icu && !unicode_failed(u) && icu_load(&u->icu, &u->unloadable))
        u->status = U_MISSING_RESOURCE_ERROR;
    return !unicode_failed(u);
}

/* ------------------------------------------------------------------------------------- words -- */

/* Characters that ICU does not cut by the plain rules: those of scripts for which it has a dictionary or a model,
 * Hangul syllables, which it counts among them, and rare classes with rules of their own. */
static bool is_complex(const struct icu *icu, UChar32 c, int32_t word_break) {
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = icu->uscript_getScript(c, &status);
    return icu->u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC) || script == USCRIPT_HAN || script == USCRIPT_HIRAGANA ||
           script == USCRIPT_KATAKANA || (c >= 0xac00 && c <= 0xd7a3) || word_break == U_WB_KATAKANA ||
           word_break == U_WB_HEBREW_LETTER ||
           icu->u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT ||
           (word_break == U_WB_ALETTER && icu->u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC));
}

static enum word_class class_of(const struct icu *icu, UChar32 c) {
    int32_t word_break = icu->u_getIntPropertyValue(c, UCHAR_WORD_BREAK);
    if (is_separator((uint32_t)c))
        return WORD_OTHER;
    if (is_complex(icu, c, word_break))
        return WORD_COMPLEX;
    switch (word_break) {
    case U_WB_ALETTER: return WORD_LETTER;
    case U_WB_NUMERIC: return WORD_NUMBER;
    case U_WB_EXTENDNUMLET: return WORD_CONNECTOR;
    case U_WB_EXTEND:
    case U_WB_FORMAT:
    case U_WB_ZWJ: return WORD_EXTEND;
    case U_WB_MIDLETTER: return WORD_MID_LETTER;
    case U_WB_MIDNUM: return WORD_MID_NUMBER;
    case U_WB_MIDNUMLET:
    case U_WB_SINGLE_QUOTE: return WORD_MID_ANY;
    case U_WB_DOUBLE_QUOTE: return WORD_QUOTE;
    case U_WB_REGIONAL_INDICATOR:
    case U_WB_WSEGSPACE: return WORD_STICKY;
    default: return icu->u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) ? WORD_STICKY : WORD_OTHER;
    }
}

const uint8_t *unicode_word_classes(struct unicode *u, uint32_t page) {
    uint8_t ***plane = &u->planes[page / PLANE_PAGES];
    if (*plane && (*plane)[page % PLANE_PAGES])
        return (*plane)[page % PLANE_PAGES];
    if (!*plane)
        *plane = calloc(PLANE_PAGES, sizeof **plane);
    uint8_t *classes = *plane ? malloc(PAGE_SIZE) : NULL;
    if (!classes) {
        u->status = U_MEMORY_ALLOCATION_ERROR;
        return NULL;
    }
    if (!letters_classes(classes, page)) {
        if (!load(u)) {
            free(classes);
            return NULL;
        }
        for (UChar32 i = 0; i < PAGE_SIZE; i++)
            classes[i] = (uint8_t)class_of(u->icu, (UChar32)page * PAGE_SIZE + i);
    }
    return (*plane)[page % PLANE_PAGES] = classes;
}

/* Appends c as UTF-16; returns how many units that took. */
static int32_t put_units(UChar *units, uint32_t c) {
    if (c < 0x10000) {
        units[0] = (UChar)(c == UTF8_BROKEN ? 0xfffd : c);
        return 1;
    }
    units[0] = U16_LEAD(c);
    units[1] = U16_TRAIL(c);
    return 2;
}

/* UTF-16 of s into units, which has room for one unit a byte. */
static int32_t to_units(UChar *units, const char *s, size_t n, bool hide_separators) {
    int32_t count = 0;
    for (size_t i = 0; i < n;) {
        uint32_t c;
        i += utf8_read(s + i, s + n, &c);
        if (c == UTF8_BROKEN)
            c = 0xfffd;
        count += put_units(units + count, hide_separators && is_separator(c) ? '#' : c);
    }
    return count;
}

static bool reserve_units(struct unicode *u, size_t n) {
    if (n <= u->unit_cap)
        return true;
    size_t cap = n < 1024 ? 1024 : n + n / 2;
    UChar *units = realloc(u->units, cap * sizeof *units);
    if (!units) {
        u->status = U_MEMORY_ALLOCATION_ERROR;
        return false;
    }
    u->units = units;
    u->unit_cap = cap;
    return true;
}

void unicode_words_start(struct unicode *u, const char *text, size_t len) {
    u->text = text;
    u->text_len = u->text_at = 0;
    u->unit_at = 0;
    if (!load(u) || !reserve_units(u, len))
        return;
    int32_t count = to_units(u->units, text, len, true);
    if (!u->breaker)
        u->breaker = u->icu->ubrk_open(UBRK_WORD, "", NULL, 0, &u->status);
    u->icu->ubrk_setText(u->breaker, u->units, count, &u->status);
    if (!unicode_failed(u))
        u->text_len = len;
}

/* Moves text_at on to the character at which the unit number `to` stands. */
static void follow(struct unicode *u, int32_t to) {
    while (u->unit_at < to) {
        uint32_t c;
        u->text_at += utf8_read(u->text + u->text_at, u->text + u->text_len, &c);
        u->unit_at += c >= 0x10000 && c != UTF8_BROKEN ? 2 : 1;
    }
}

/* Signs that repeat a character or go with one, and that ICU takes for words beside ideographs only, where its
 * dictionary has no word with them. */
static bool is_companion(uint32_t c) {
    return c == 0x3005 || c == 0x303b || (c >= 0x16fe2 && c <= 0x16fe3) || (c >= 0x16ff0 && c <= 0x16ff1);
}

static bool all_companions(const char *s, size_t n) {
    for (size_t i = 0; i < n;) {
        uint32_t c;
        i += utf8_read(s + i, s + n, &c);
        if (!is_companion(c))
            return false;
    }
    return true;
}

bool unicode_words_next(struct unicode *u, uint32_t *start, uint32_t *end) {
    if (!u->text_len)
        return false;
    for (int32_t to = u->icu->ubrk_next(u->breaker); to != UBRK_DONE; to = u->icu->ubrk_next(u->breaker)) {
        size_t from = u->text_at;
        follow(u, to);
        if (u->icu->ubrk_getRuleStatus(u->breaker) >= UBRK_WORD_NUMBER &&
            !all_companions(u->text + from, u->text_at - from)) {
            *start = (uint32_t)from;
            *end = (uint32_t)u->text_at;
            return true;
        }
    }
    u->text_len = 0;
    return false;
}

/* ----------------------------------------------------------------------------------- folding -- */

static bool load_normalizers(struct unicode *u) {
    if (!u->compose && load(u)) {
        u->casefold = u->icu->unorm2_getNFKCCasefoldInstance(&u->status);
        u->decompose = u->icu->unorm2_getNFDInstance(&u->status);
        u->compose = u->icu->unorm2_getNFCInstance(&u->status);
    }
    return !unicode_failed(u);
}

static uint32_t next_character(const UChar *units, int32_t *i, int32_t count) {
    uint32_t c = units[(*i)++];
    if (U16_IS_LEAD(c) && *i < count && U16_IS_TRAIL(units[*i]))
        c = (uint32_t)U16_GET_SUPPLEMENTARY(c, units[(*i)++]);
    return c;
}

/* As much of the units as fits, as UTF-8. */
static size_t from_units(const UChar *units, int32_t count, char *out, size_t cap) {
    size_t n = 0;
    for (int32_t i = 0; i < count;) {
        uint32_t c = next_character(units, &i, count);
        char bytes[UTF8_MAX];
        size_t len = utf8_write(bytes, U_IS_SURROGATE(c) ? 0xfffd : c);
        if (len > cap - n)
            break;
        memcpy(out + n, bytes, len);
        n += len;
    }
    return n;
}

static bool is_apostrophe(UChar c) {
    return c == 0x2018 || c == 0x2019 || c == 0x201b || c == 0x02bc;
}

size_t unicode_casefold(struct unicode *u, const char *s, size_t n, char *out, size_t cap) {
    size_t len;
    if (n <= UNICODE_FOLD_MAX && letters_casefold(s, n, out, cap, &len))
        return len;
    if (!load_normalizers(u))
        return 0;
    int32_t count = to_units(u->from, s, utf8_cut(s, n, UNICODE_FOLD_MAX), false);
    count = u->icu->unorm2_normalize(u->casefold, u->from, count, u->to, FOLD_UNITS, &u->status);
    if (unicode_failed(u))
        return 0;
    for (int32_t i = 0; i < count; i++)
        if (is_apostrophe(u->to[i]))
            u->to[i] = '\'';
    return from_units(u->to, count, out, cap);
}

static const char *plain_letters(uint32_t c) {
    switch (c) {
    case 0x00e6: return "ae";
    case 0x0153: return "oe";
    case 0x00f8: return "o";
    case 0x0142: return "l";
    case 0x0111:
    case 0x00f0: return "d";
    case 0x00fe: return "th";
    case 0x0127: return "h";
    case 0x0167: return "t";
    case 0x0131: return "i";
    default: return NULL;
    }
}

#define TATWEEL 0x0640
#define ALEF    0x0627

/* Whether a mark behind the letter `base` is one that people leave out at will. */
static bool is_accent(const struct icu *icu, uint32_t base, uint32_t mark) {
    UErrorCode status = U_ZERO_ERROR;
    switch (icu->uscript_getScript((UChar32)base, &status)) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_ARMENIAN:
    case USCRIPT_HEBREW:
    case USCRIPT_COMMON: return true;
    case USCRIPT_CYRILLIC: return mark != 0x0306 && !(base == 0x0456 && mark == 0x0308);
    case USCRIPT_ARABIC: return mark < 0x0653 || mark > 0x0655 || base == ALEF;
    default: return false;
    }
}

/* Copies `from` (in NFD) without accents to `to`. Returns the number of units, no more than there were but for a
 * letter that becomes two. */
static int32_t strip_units(const struct icu *icu, const UChar *from, int32_t count, UChar *to) {
    int32_t n = 0;
    uint32_t base = ' ';
    for (int32_t i = 0; i < count;) {
        uint32_t c = next_character(from, &i, count);
        int8_t type = icu->u_charType((UChar32)c);
        if (c == TATWEEL || (type == U_NON_SPACING_MARK && is_accent(icu, base, c)))
            continue;
        if (type == U_DECIMAL_DIGIT_NUMBER)
            c = '0' + (uint32_t)icu->u_charDigitValue((UChar32)c);
        if (type != U_NON_SPACING_MARK)
            base = c;
        const char *plain = plain_letters(c);
        if (!plain)
            n += put_units(to + n, c);
        else
            while (*plain)
                to[n++] = (UChar)*plain++;
    }
    return n;
}

size_t unicode_strip(struct unicode *u, const char *s, size_t n, char *out, size_t cap) {
    size_t len;
    if (n <= UNICODE_FOLD_MAX && letters_strip(s, n, out, cap, &len))
        return len;
    if (!load_normalizers(u))
        return 0;
    int32_t count = to_units(u->from, s, utf8_cut(s, n, UNICODE_FOLD_MAX), false);
    count = u->icu->unorm2_normalize(u->decompose, u->from, count, u->to, FOLD_UNITS / 2, &u->status);
    if (unicode_failed(u))
        return 0;
    count = strip_units(u->icu, u->to, count, u->from);
    count = u->icu->unorm2_normalize(u->compose, u->from, count, u->to, FOLD_UNITS, &u->status);
    return unicode_failed(u) ? 0 : from_units(u->to, count, out, cap);
}
