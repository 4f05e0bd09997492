#include "byline.h"

#include <string.h>

#include "core/text/sentence.h"
#include "date.h"

static const struct span none = {"", 0};

static bool in_list(struct span t, const char *const *list) {
    for (; *list; list++)
        if (span_equal(t, *list))
            return true;
    return false;
}

/* Words that are not written in capitals within a byline. */
static const char *const particles[] = {"and", "&",  "und", "et",  "y",  "e",  "и",   "de",   "del", "der", "den",
                                        "di",  "da", "du",  "dos", "la", "le", "van", "von",  "zu",  "bin", "al",
                                        "ul",  "el", "ibn", "of",  "in", "at", "for", "with", NULL};

static const char *const unnamed[] = {"staff reporter",
                                      "our staff reporter",
                                      "a staff reporter",
                                      "staff correspondent",
                                      "our correspondent",
                                      "a correspondent",
                                      "correspondent",
                                      "special correspondent",
                                      "our special correspondent",
                                      "staff writer",
                                      "staff report",
                                      "news desk",
                                      "web desk",
                                      "monitoring desk",
                                      "online desk",
                                      "our reporter",
                                      "our news desk",
                                      "from our correspondent",
                                      "newspaper's staff reporter",
                                      "agencies",
                                      NULL};

/* Whether t could be names: a few words, in capitals but for particles, that don't end as a sentence. */
static bool is_names(struct span t) {
    enum { NAME_WORDS = 12 };
    size_t words = 0, len;
    struct span word, rest = t;
    if (sentence_is_whole(t))
        return false;
    for (; span_next_word(&rest, &word); words++) {
        enum letter letter = span_letter(word, 0, &len);
        bool capital = letter == LETTER_UPPER || letter == LETTER_OTHER;
        bool particle = words > 0 && in_list(word, particles);
        bool editors = words == 0 && span_equal(word, "the") && span_starts(span_trim(rest), "editor");
        if (!capital && !particle && !editors)
            return false;
    }
    return words > 0 && words <= NAME_WORDS;
}

/* "By" in some languages; what is behind it. */
static struct span behind_by(struct span line) {
    static const char *const words[] = {"by",  "written by", "reported by", "story by", "text by", "par",
                                        "von", "por",        "di",          "door",     "av",      NULL};
    for (size_t i = 0; words[i]; i++) {
        size_t n = strlen(words[i]);
        if (span_starts(line, words[i]) && line.n > n && (line.s[n] == ' ' || line.s[n] == ':'))
            return span_trim((struct span){line.s + n + 1, line.n - n - 1});
    }
    return none;
}

/* Where what is not a name begins: a bar, a dash or bullet between blanks, or "Published", "Updated". */
static size_t names_end(struct span t) {
    static const char *const marks[] = {"|",           " - ",       " – ",         " — ",       " • ", " · ",
                                        " Published ", " Updated ", " published ", " updated ", NULL};
    size_t end = t.n;
    for (size_t i = 0; marks[i]; i++) {
        size_t at = span_find(t, marks[i]);
        end = at < end ? at : end;
    }
    return end;
}

struct span byline_of_line(struct span line, lede_date *date) {
    enum { BYLINE_BYTES = 200 };
    *date = 0;
    line = span_trim(line);
    if (!line.n || line.n > BYLINE_BYTES)
        return none;
    struct span names = behind_by(line);
    bool by = names.n > 0;
    if (!by)
        names = line;
    size_t end = names_end(names);
    struct span rest = span_trim((struct span){names.s + end, names.n - end});
    names = span_trim((struct span){names.s, end});
    while (names.n && names.s[names.n - 1] == ',')
        names = span_trim((struct span){names.s, names.n - 1});
    if (!(by ? is_names(names) : in_list(names, unnamed)))
        return none;
    if (rest.n) {
        *date = date_of_line(rest);
        return *date || is_names(span_trim((struct span){rest.s + 1, rest.n - 1})) ? names : none;
    }
    return names;
}

static const char *const agencies[] = {
    "reuters",  "afp",       "ap",     "pti",    "ani",      "ians",        "uni",     "tass",   "itar-tass",
    "interfax", "xinhua",    "app",    "dpa",    "upi",      "efe",         "ansa",    "kyodo",  "bernama",
    "anadolu",  "bloomberg", "inp",    "nni",    "ria",      "apa",         "sputnik", "ritzau", "belga",
    "lusa",     "yonhap",    "antara", "agency", "agencies", "syndication", NULL};

/* Those whose words mean something else by themselves. */
static const char *const long_agencies[] = {"associated press",     "the associated press", "agence france-presse",
                                            "press trust of india", "ria novosti",          "al jazeera",
                                            "anadolu agency",       "kyodo news",           NULL};

/* Between the names of agencies. */
static const char *const joints[] = {"and", "&", "of", "the", "with", "inputs", "from", "other", "input", "und", NULL};

static bool is_punctuation(char c) {
    return c == '/' || c == ',' || c == ';' || c == '.' || c == '+';
}

/* The next word of *t between white space, slashes, commas. */
static bool next_name(struct span *t, struct span *name) {
    size_t at = 0, start;
    while (at < t->n && (t->s[at] == ' ' || is_punctuation(t->s[at])))
        at++;
    for (start = at; at < t->n && t->s[at] != ' ' && !is_punctuation(t->s[at]);)
        at++;
    *name = (struct span){t->s + start, at - start};
    *t = (struct span){t->s + at, t->n - at};
    return name->n > 0;
}

bool credit_is_agency(struct span t) {
    enum { AGENCY_BYTES = 60 };
    struct span name;
    bool any = false;
    if (t.n > AGENCY_BYTES || in_list(t, long_agencies))
        return t.n <= AGENCY_BYTES;
    while (next_name(&t, &name)) {
        bool agency = in_list(name, agencies);
        if (!agency && !in_list(name, joints))
            return false;
        any |= agency;
    }
    return any;
}

/* Brackets or a dash around a credit; what is inside. */
static struct span unwrapped(struct span line) {
    static const char *const dashes[] = {"-", "–", "—", "―", "~"};
    if (line.n > 2 &&
        ((line.s[0] == '(' && line.s[line.n - 1] == ')') || (line.s[0] == '[' && line.s[line.n - 1] == ']')))
        return span_trim((struct span){line.s + 1, line.n - 2});
    for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++)
        while (span_starts(line, dashes[i]))
            line = span_trim((struct span){line.s + strlen(dashes[i]), line.n - strlen(dashes[i])});
    return line;
}

/* What credits say besides the name of an agency. */
static bool speaks_of_credit(struct span t) {
    if (span_starts(t, "with ") || span_starts(t, "inputs from"))
        return span_find(t, "input") < t.n || span_find(t, "agenc") < t.n || span_find(t, "reporting by") < t.n;
    if (span_starts(t, "source:"))
        return credit_is_agency((struct span){t.s + 7, t.n - 7});
    return span_starts(t, "reporting by") || span_starts(t, "additional reporting by") ||
           span_starts(t, "this story has not been edited") || span_starts(t, "this story was originally published");
}

struct span credit_of_line(struct span line) {
    enum { CREDIT_WORDS = 40, SHORT_WORDS = 14 };
    size_t words = span_words(line);
    if (words > CREDIT_WORDS * WORD)
        return none;
    struct span inside = unwrapped(span_trim(line));
    bool brackets = inside.n < span_trim(line).n;
    if (credit_is_agency(inside))
        return inside;
    if (!speaks_of_credit(inside) || (!brackets && span_starts(inside, "with ") && words > SHORT_WORDS * WORD))
        return none;
    return inside;
}

struct span credit_take_suffix(struct span *paragraph) {
    struct span t = span_trim(*paragraph);
    size_t open = t.n;
    if (!t.n || t.s[t.n - 1] != ')')
        return none;
    while (open > 0 && t.s[open - 1] != '(' && t.n - open < 80)
        open--;
    if (open == 0 || t.s[open - 1] != '(')
        return none;
    struct span inside = span_trim((struct span){t.s + open, t.n - open - 1});
    struct span before = span_trim((struct span){t.s, open - 1});
    bool credit = credit_is_agency(inside) || (span_starts(inside, "with ") && speaks_of_credit(inside));
    if (!credit || !sentence_is_whole(before))
        return none;
    *paragraph = before;
    return inside;
}
