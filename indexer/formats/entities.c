#include "entities.h"

#include <stdio.h>
#include <string.h>

#include "core/text/charset.h"

/* Those that may go without it. None is the beginning of another. */
static const char *const names[] = {
    "AElig",  "Aacute", "Acirc",  "Agrave", "Aring",  "Atilde", "Auml",   "Ccedil", "ETH",    "Eacute",
    "Ecirc",  "Egrave", "Euml",   "Iacute", "Icirc",  "Igrave", "Iuml",   "Ntilde", "Oacute", "Ocirc",
    "Ograve", "Oslash", "Otilde", "Ouml",   "THORN",  "Uacute", "Ucirc",  "Ugrave", "Uuml",   "Yacute",
    "aacute", "acirc",  "acute",  "aelig",  "agrave", "amp",    "aring",  "atilde", "auml",   "brvbar",
    "ccedil", "cedil",  "cent",   "copy",   "curren", "deg",    "divide", "eacute", "ecirc",  "egrave",
    "eth",    "euml",   "frac12", "frac14", "frac34", "gt",     "iacute", "icirc",  "iexcl",  "igrave",
    "iquest", "iuml",   "laquo",  "lt",     "macr",   "micro",  "middot", "nbsp",   "not",    "ntilde",
    "oacute", "ocirc",  "ograve", "ordf",   "ordm",   "oslash", "otilde", "ouml",   "para",   "plusmn",
    "pound",  "quot",   "raquo",  "reg",    "sect",   "shy",    "sup1",   "sup2",   "sup3",   "szlig",
    "thorn",  "times",  "uacute", "ucirc",  "ugrave", "uml",    "uuml",   "yacute", "yen",    "yuml",
};
static const char *const capitals[] = {"AMP", "COPY", "GT", "LT", "QUOT", "REG"};

/* Names that begin with one of those, and have their semicolon. */
static const char *const longer[] = {
    "centerdot", "copysr",  "divideontimes", "gtcc",      "gtcir",      "gtdot",   "gtlPar",   "gtquest",
    "gtrapprox", "gtrarr",  "gtrdot",        "gtreqless", "gtreqqless", "gtrless", "gtrsim",   "ltcc",
    "ltcir",     "ltdot",   "lthree",        "ltimes",    "ltlarr",     "ltquest", "ltrPar",   "ltri",
    "ltrie",     "ltrif",   "notin",         "notinE",    "notindot",   "notinva", "notinvb",  "notinvc",
    "notni",     "notniva", "notnivb",       "notnivc",   "parallel",   "timesb",  "timesbar", "timesd",
};

static bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* The bytes of the name out of `count` that a word begins with; 0 if there is none. */
static size_t find_name(struct span word, const char *const *from, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(from[i]);
        if (n <= word.n && !memcmp(word.s, from[i], n))
            return n;
    }
    return 0;
}

static bool is_longer(struct span word) {
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++)
        if (strlen(longer[i]) == word.n && !memcmp(word.s, longer[i], word.n))
            return true;
    return false;
}

/* The bytes of a name that libxml2 does not read, with its semicolon if it has one, and what stands for it; 0 if there
 * is none. In attributes it is a part of an address if something goes on behind it. */
static size_t open_name(char text[16], struct span t, bool in_tag) {
    struct span word = {t.s, 0};
    while (word.n < t.n && is_alphanumeric(t.s[word.n]))
        word.n++;
    size_t capital = find_name(word, capitals, sizeof capitals / sizeof *capitals);
    size_t n = capital ? capital : find_name(word, names, sizeof names / sizeof *names);
    char behind = n < t.n ? t.s[n] : '\0';
    bool is_closed = word.n < t.n && t.s[word.n] == ';';
    if (!n || (n == word.n && is_closed && !capital) || (is_closed && is_longer(word)))
        return 0;
    if (in_tag && (n < word.n || behind == '='))
        return 0;
    snprintf(text, 16, "%.*s;", (int)n, t.s);
    for (size_t i = 0; i < capital; i++)
        text[i] = (char)(text[i] | 0x20);
    return n + (behind == ';');
}

/* Behind the tag, comment or declaration that opens here; t.s + 1 if it is but a sign. */
static const char *skip_tag(struct span t) {
    bool is_tag = t.n > 1 && (is_alphanumeric(t.s[1]) || t.s[1] == '/' || t.s[1] == '!' || t.s[1] == '?');
    const char *end = is_tag ? memchr(t.s, '>', t.n) : t.s;
    return end ? end + 1 : t.s + t.n;
}

/* "#146;" or "#x92": the bytes of a number that is one of a control, with its semicolon if it has one; 0 if it is not.
 */
static size_t control_number(struct span t, uint8_t *number) {
    size_t n = 0, start = t.n > 1 && (t.s[1] | 0x20) == 'x' ? 2 : 1;
    unsigned value = 0, base = start == 2 ? 16 : 10;
    for (n = start; n < t.n && value < 0x100; n++) {
        char c = t.s[n];
        unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : base;
        if (base == 16 && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (unsigned)((c | 0x20) - 'a' + 10);
        if (digit >= base)
            break;
        value = value * base + digit;
    }
    *number = (uint8_t)value;
    bool is_control = value >= 0x80 && value < 0xa0 && charset_windows_1252(*number);
    return is_control ? n + (n < t.n && t.s[n] == ';') : 0;
}

/* What is to stand for the reference behind the ampersand; *n are its bytes, 0 if it may stay. */
static const char *replacement(char text[16], struct span t, bool in_tag, size_t *n) {
    uint8_t number;
    if (t.n && t.s[0] == '#') {
        *n = control_number(t, &number);
        snprintf(text, 16, "#%u;", *n ? charset_windows_1252(number) : 0);
    } else {
        *n = open_name(text, t, in_tag);
    }
    return text;
}

struct span entities_mend(struct buffer *out, struct span page) {
    const char *end = page.s + page.n, *copied = page.s, *behind_tag = page.s;
    char text[16];
    buffer_clear(out);
    if (!memchr(page.s, '&', page.n))
        return page;
    for (const char *p = page.s; p < end;) {
        bool in_tag = p < behind_tag;
        if (*p == '<' && !in_tag)
            behind_tag = skip_tag((struct span){p, (size_t)(end - p)});
        if (*p++ != '&')
            continue;
        size_t n;
        const char *better = replacement(text, (struct span){p, (size_t)(end - p)}, in_tag, &n);
        if (n) {
            buffer_append(out, copied, (size_t)(p - copied));
            buffer_append(out, better, strlen(better));
            copied = p += n;
        }
    }
    if (copied == page.s)
        return page;
    buffer_append(out, copied, (size_t)(end - copied));
    return (struct span){(const char *)out->data, out->len};
}
