#include "sentence.h"

#include <string.h>

static bool is_closer(uint32_t c) {
    switch (c) {
    case '"':
    case '\'':
    case ')':
    case ']':
    case 0xbb:   /* » */
    case 0x2019: /* ’ */
    case 0x201d: /* ” */
    case 0x203a: /* › */
    case 0x300d: /* 」 */
    case 0x300f: /* 』 */
    case 0x3011: /* 】 */
    case 0xff09: /* ） */ return true;
    default: return false;
    }
}

/* A full stop of ASCII is not among them, as it has other uses. */
static bool is_stop(uint32_t c) {
    switch (c) {
    case '!':
    case '?':
    case 0x61f:  /* ؟ */
    case 0x6d4:  /* ۔ */
    case 0x964:  /* । */
    case 0x965:  /* ॥ */
    case 0x3002: /* 。 */
    case 0xff01: /* ！ */
    case 0xff0e: /* ． */
    case 0xff1f: /* ？ */
    case 0xff61: /* ｡ */ return true;
    default: return false;
    }
}

static bool is_clause_end(uint32_t c) {
    switch (c) {
    case ',':
    case ';':
    case ':':
    case 0x60c:  /* ، */
    case 0x61b:  /* ؛ */
    case 0x2013: /* – */
    case 0x2014: /* — */
    case 0x3001: /* 、 */
    case 0xff0c: /* ， */
    case 0xff1a: /* ： */
    case 0xff1b: /* ； */ return true;
    default: return false;
    }
}

/* Words that are written with a full stop inside a sentence, before a name or a number more often than not. */
static const char *const abbreviations[] = {
    "mr",   "mrs",  "ms",  "dr",   "prof", "gen",    "lt",  "col",  "sgt",  "capt", "maj",    "brig",
    "adm",  "cmdr", "sen", "rep",  "gov",  "pres",   "hon", "rev",  "st",   "mt",   "sr",     "jr",
    "inc",  "ltd",  "co",  "corp", "bros", "vs",     "no",  "nos",  "art",  "sec",  "ch",     "fig",
    "vol",  "pp",   "cf",  "ca",   "al",   "approx", "est", "dept", "univ", "jan",  "feb",    "mar",
    "apr",  "jun",  "jul", "aug",  "sep",  "sept",   "oct", "nov",  "dec",  "rs",   "messrs", "mme",
    "mlle", "viz",  "etc", "hr",   "fr",   "bzw",    "nr",  "str",  "dipl", "ing",  "usw",    "vgl",
};

static struct span without_closers(struct span t) {
    size_t len;
    while (t.n && is_closer(span_last(t, &len)))
        t.n -= len;
    return t;
}

static bool ends_in_ellipsis(struct span t) {
    return span_ends(t, "...") || span_ends(t, "…");
}

static bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

/* Of a word that is not empty. The last word of each sentence is looked for: most differ in the first letter. */
static bool in_abbreviations(struct span word) {
    const char first = (char)(word.s[0] | 0x20); /* small, if it is a letter of ASCII */
    for (size_t i = 0; i < sizeof abbreviations / sizeof *abbreviations; i++)
        if (abbreviations[i][0] == first && span_equal(word, abbreviations[i]))
            return true;
    return false;
}

/* Whether the full stop at the end of t belongs to an initial (S. Jaishankar), an acronym (U.S., a.m.) or one of the
 * abbreviations. */
static bool is_abbreviated(struct span t) {
    size_t end = t.n - 1, start = end;
    while (start > 0 && (is_alnum(t.s[start - 1]) || t.s[start - 1] == '.'))
        start--;
    struct span word = {t.s + start, end - start};
    size_t len = 0;
    if (!word.n)
        return false;
    if (span_letter(word, 0, &len) == LETTER_UPPER && len == word.n)
        return true;
    if (memchr(word.s, '.', word.n)) /* 3.5 is none */
        return word.s[word.n - 1] < '0' || word.s[word.n - 1] > '9';
    return in_abbreviations(word);
}

static bool ends_in_stop(struct span t) {
    if (!t.n || ends_in_ellipsis(t))
        return false;
    size_t len;
    uint32_t last = span_last(t, &len);
    return last == '.' ? !is_abbreviated(t) : is_stop(last);
}

bool sentence_is_whole(struct span t) {
    return ends_in_stop(without_closers(span_trim(t)));
}

/* White space with two line ends in it parts paragraphs. */
static bool has_blank_line(struct span gap) {
    const char *feed = memchr(gap.s, '\n', gap.n);
    return feed && memchr(feed + 1, '\n', gap.n - (size_t)(feed + 1 - gap.s));
}

enum cut sentence_cut(struct span t, size_t end, size_t next) {
    if (next >= t.n || has_blank_line((struct span){t.s + end, next - end}))
        return CUT_PARAGRAPH;
    struct span text = {t.s, end};
    size_t len;
    uint32_t last = end ? span_last(text, &len) : 0;
    if (last < 0x80 && is_alnum((char)last)) /* nearly always */
        return next > end ? CUT_WORD : CUT_INSIDE;
    struct span plain = without_closers(text);
    if (is_clause_end(last)) /* which is neither stop nor closer */
        return CUT_CLAUSE;
    bool stop = ends_in_stop(plain);
    if (stop || ends_in_ellipsis(plain)) {
        bool apart = plain.n >= 2 && plain.s[plain.n - 2] == ' '; /* " ." of tokenized text, which may be lower case */
        if (span_letter(t, next, &len) != LETTER_LOWER || (apart && stop))
            return CUT_SENTENCE;
    }
    return next > end ? CUT_WORD : CUT_INSIDE;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A blank alone behind a letter or digit of ASCII, as nearly always. */
static bool is_plain_gap(struct span t, size_t end, size_t start) {
    return start == end + 1 && t.s[end] == ' ' && end > 0 && !(t.s[end - 1] & 0x80) && is_alnum(t.s[end - 1]);
}

/* At each run of white space between them; where there is none, behind the signs. */
bool sentence_ends_between(struct span t, size_t end, size_t start) {
    bool blanks = false;
    if (is_plain_gap(t, end, start) && start < t.n)
        return false;
    for (size_t i = end; i < start; i++) {
        if (!is_blank(t.s[i]))
            continue;
        size_t next = i;
        while (next < start && is_blank(t.s[next]))
            next++;
        if (sentence_cut(t, i, next) <= CUT_SENTENCE)
            return true;
        blanks = true;
        i = next - 1;
    }
    return !blanks && start > end && sentence_cut(t, start, start) <= CUT_SENTENCE;
}
