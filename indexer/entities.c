#include "entities.h"

#include <string.h>

/* Those that may go without it, but for capitals of some ("&COPY"), which libxml2 does not know. */
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

static bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* The bytes of a name that lacks its semicolon; 0 if there is none. A longer name that has one is itself: "&notin;".
 * None of the names is the beginning of another. */
static size_t open_name(struct span t) {
    size_t word = 0;
    while (word < t.n && is_alphanumeric(t.s[word]))
        word++;
    if (word < t.n && t.s[word] == ';')
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        if (n <= word && !memcmp(t.s, names[i], n))
            return n;
    }
    return 0;
}

/* Behind the tag, comment or declaration that opens here; t.s + 1 if it is but a sign. */
static const char *skip_tag(struct span t) {
    bool is_tag = t.n > 1 && (is_alphanumeric(t.s[1]) || t.s[1] == '/' || t.s[1] == '!' || t.s[1] == '?');
    const char *end = is_tag ? memchr(t.s, '>', t.n) : t.s;
    return end ? end + 1 : t.s + t.n;
}

struct span entities_close(struct buffer *out, struct span page) {
    const char *end = page.s + page.n, *copied = page.s;
    buffer_clear(out);
    if (!memchr(page.s, '&', page.n))
        return page;
    for (const char *p = page.s; p < end;) {
        struct span rest = {p, (size_t)(end - p)};
        if (*p == '<') {
            p = skip_tag(rest);
            continue;
        }
        size_t n = *p == '&' ? open_name((struct span){p + 1, rest.n - 1}) : 0;
        p += 1 + n;
        if (n) {
            buffer_append(out, copied, (size_t)(p - copied));
            buffer_append_u8(out, ';');
            copied = p;
        }
    }
    if (copied == page.s)
        return page;
    buffer_append(out, copied, (size_t)(end - copied));
    return (struct span){(const char *)out->data, out->len};
}
