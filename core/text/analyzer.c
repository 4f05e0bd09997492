#include "analyzer.h"

#include "core/base/error.h"
#include "scanner.h"
#include "utf8.h"

#include <libstemmer.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct analyzer {
    const char *language; /* canonical */
    struct scanner scanner;
    struct unicode *unicode;
    struct sb_stemmer *stemmer; /* NULL for no stemming */
    bool reads_accents;         /* of the stemmer: accents go after it, not before */
    const char *elisions;       /* what the language writes together with the next word, behind an apostrophe; or "" */
    bool turkish;
    lede_status status;
};

/* --------------------------------------------------------------------------------- languages -- */

/* ISO 639-1, 639-2 and 639-3 codes of the languages that have a Snowball stemmer in some release of libstemmer. */
static const struct {
    const char *language, *codes;
} language_codes[] = {
    {"arabic", "ar ara"},       {"armenian", "hy hye arm"}, {"basque", "eu eus baq"},
    {"catalan", "ca cat"},      {"danish", "da dan"},       {"dutch", "nl nld dut"},
    {"english", "en eng"},      {"esperanto", "eo epo"},    {"estonian", "et est"},
    {"finnish", "fi fin"},      {"french", "fr fra fre"},   {"german", "de deu ger"},
    {"greek", "el ell gre"},    {"hindi", "hi hin"},        {"hungarian", "hu hun"},
    {"indonesian", "id ind"},   {"irish", "ga gle"},        {"italian", "it ita"},
    {"lithuanian", "lt lit"},   {"nepali", "ne nep"},       {"norwegian", "no nor nb nob nn nno"},
    {"persian", "fa fas per"},  {"polish", "pl pol"},       {"portuguese", "pt por"},
    {"romanian", "ro ron rum"}, {"russian", "ru rus"},      {"serbian", "sr srp"},
    {"spanish", "es spa esl"},  {"swedish", "sv swe"},      {"tamil", "ta tam"},
    {"turkish", "tr tur"},      {"yiddish", "yi yid"},      {"none", "unicode"},
};

static const struct {
    const char *language, *elisions;
} language_elisions[] = {
    {"catalan", "d l m n s t"},
    {"french", "c d j jusqu l lorsqu m n puisqu qu quoiqu s t"},
    {"irish", "b d m"},
    {"italian", "agl all c d dagl dall degl dell gl l m negl nell s sugl sull t un v"},
};

static bool is_listed(const char *list, const char *name, size_t n) {
    for (const char *p = list; *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        if (len == n && strncasecmp(p, name, n) == 0)
            return true;
        p += len;
    }
    return false;
}

static const char *find_language(const char *name) {
    if (strcasecmp(name, "none") == 0)
        return "none";
    for (const char *const *p = (const char *const *)sb_stemmer_list(); *p; p++)
        if (strcasecmp(*p, name) == 0)
            return *p;
    return NULL;
}

/* No code is the name of a language, which is what most callers have. */
const char *analyzer_language(const char *name) {
    name = name ? name : "english";
    const char *language = find_language(name);
    for (size_t i = 0; !language && i < sizeof language_codes / sizeof *language_codes; i++)
        if (is_listed(language_codes[i].codes, name, strlen(name)))
            return find_language(language_codes[i].language);
    return language;
}

static lede_status unknown_language(const char *name, lede_error *err) {
    char list[LEDE_ERROR_MESSAGE_SIZE] = "";
    size_t n = 0;
    for (const char **p = sb_stemmer_list(); *p && n < sizeof list; p++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s, ", *p);
    return error_set(err, LEDE_INVALID, "unknown language \"%.40s\"; choose one of %snone", name, list);
}

const char *analyzer_elisions(const char *language) {
    for (size_t i = 0; i < sizeof language_elisions / sizeof *language_elisions; i++)
        if (strcmp(language_elisions[i].language, language) == 0)
            return language_elisions[i].elisions;
    return "";
}

/* Stemmers that know nothing of accents and work on English. */
static bool is_accent_blind(const char *language) {
    return is_listed("english porter lovins none", language, strlen(language));
}

/* The one that was given back last, for the next one who asks for the language: to make one takes as long as to parse a
 * short query. */
static _Atomic(struct analyzer *) spare;

static void destroy(struct analyzer *a) {
    if (!a)
        return;
    if (a->stemmer)
        sb_stemmer_delete(a->stemmer);
    unicode_free(a->unicode);
    free(a);
}

static struct analyzer *take_spare(const char *name) {
    struct analyzer *a = atomic_load_explicit(&spare, memory_order_relaxed) ? atomic_exchange(&spare, NULL) : NULL;
    if (!a || strcasecmp(a->language, name ? name : "english") == 0)
        return a;
    destroy(a);
    return NULL;
}

static lede_status make(struct analyzer **out, const char *name, lede_error *err) {
    const char *language = analyzer_language(name);
    if (!language)
        return unknown_language(name, err);
    struct analyzer *a = calloc(1, sizeof *a);
    if (!a)
        return error_nomem(err);
    lede_status status = unicode_new(&a->unicode, err);
    if (status)
        goto out;
    if (strcmp(language, "none") != 0) {
        a->stemmer = sb_stemmer_new(language, "UTF_8");
        if (!a->stemmer) {
            status = error_nomem(err);
            goto out;
        }
    }
    a->language = language;
    a->reads_accents = !is_accent_blind(language);
    a->elisions = analyzer_elisions(language);
    a->turkish = strcmp(language, "turkish") == 0;
    *out = a;
    a = NULL;
out:
    destroy(a);
    return status;
}

lede_status analyzer_new(struct analyzer **out, const char *name, lede_error *err) {
    *out = take_spare(name);
    lede_status status = *out ? LEDE_OK : make(out, name, err);
    if (status == LEDE_OK)
        scanner_init(&(*out)->scanner, (*out)->unicode);
    return status;
}

bool analyzer_stems(const struct analyzer *a) {
    return a->stemmer;
}

bool analyzer_stems_forms(const struct analyzer *a) {
    return !a->reads_accents;
}

void analyzer_free(struct analyzer *a) {
    if (!a)
        return;
    if (a->status == LEDE_OK && !unicode_failed(a->unicode))
        a = atomic_exchange(&spare, a);
    destroy(a);
}

lede_status analyzer_status(const struct analyzer *a, lede_error *err) {
    return a->status ? error_nomem(err) : unicode_status(a->unicode, err);
}

/* ------------------------------------------------------------------------------------- words -- */

void analyzer_reset(struct analyzer *a, const char *text, size_t len) {
    scanner_reset(&a->scanner, text, len);
}

bool analyzer_next(struct analyzer *a, struct word *word) {
    return scanner_next(&a->scanner, word);
}

/* ----------------------------------------------------------------------------- forms and terms -- */

static inline char lower(char c) {
    return (char)(c | ((unsigned char)(c - 'A') < 26) << 5);
}

/* Folds a word of ASCII and U+2018 or U+2019 (`Modi’s`), which by far the most are. False if it holds anything else. */
static bool fold_plain(const char *word, size_t len, char *form, size_t *form_len) {
    size_t n = 0;
    for (size_t i = 0; i < len && n < TERM_MAX; i++) {
        char c = word[i];
        if (c & (char)0x80) {
            if (len - i < 3 || memcmp(word + i, "\xe2\x80", 2) != 0 || (word[i + 2] & (char)0xfe) != (char)0x98)
                return false;
            c = '\'';
            i += 2;
        }
        form[n++] = lower(c);
    }
    form[n] = 0;
    *form_len = n;
    return true;
}

static size_t strip(struct analyzer *a, const char *s, size_t len, char form[TERM_MAX + 1]) {
    size_t n = unicode_strip(a->unicode, s, len, form, TERM_MAX);
    form[n] = 0;
    return n;
}

/* Turkish has two letters i: the capital of ı is I, that of i is İ. Elsewhere I is the capital of i. */
static size_t lower_turkish_i(const char *word, size_t len, char out[UNICODE_FOLD_MAX]) {
    size_t n = 0;
    for (size_t i = 0; i < len && n < UNICODE_FOLD_MAX - 2; i++)
        if (word[i] == 'I') {
            out[n++] = (char)0xc4;
            out[n++] = (char)0xb1;
        } else if (len - i >= 2 && memcmp(word + i, "\xc4\xb0", 2) == 0) {
            out[n++] = 'i';
            i++;
        } else {
            out[n++] = word[i];
        }
    return n;
}

/* Case folding alone, as the stemmers that read accents want it. */
static size_t casefold(struct analyzer *a, const char *word, size_t len, char form[TERM_MAX + 1]) {
    size_t n;
    char turkish[UNICODE_FOLD_MAX];
    if (a->turkish) {
        len = lower_turkish_i(word, len, turkish);
        word = turkish;
    }
    if (fold_plain(word, len, form, &n))
        return n;
    n = unicode_casefold(a->unicode, word, len, form, TERM_MAX);
    form[n] = 0;
    return n;
}

size_t analyzer_form(struct analyzer *a, const char *word, size_t len, char form[TERM_MAX + 1]) {
    size_t n;
    if (fold_plain(word, len, form, &n))
        return n;
    char folded[TERM_MAX];
    n = unicode_casefold(a->unicode, word, len, folded, sizeof folded);
    return strip(a, folded, n, form);
}

/* Replaces the form by its stem. Some stemmers take all of some words; such words are their own stem. */
static size_t stem(struct analyzer *a, size_t len, char form[TERM_MAX + 1]) {
    if (!a->stemmer || len == 0)
        return len;
    const sb_symbol *stemmed = sb_stemmer_stem(a->stemmer, (const sb_symbol *)form, (int)len);
    if (!stemmed) {
        a->status = LEDE_NOMEM;
        return 0;
    }
    size_t n = (size_t)sb_stemmer_length(a->stemmer);
    if (n == 0)
        return len;
    n = utf8_cut((const char *)stemmed, n, TERM_MAX);
    memcpy(form, stemmed, n);
    form[n] = 0;
    return n;
}

/* Takes what belongs to other words off a case-folded word: `l'accord` is accord, `Ankara'da` is ankara. */
static size_t drop_clitics(const struct analyzer *a, char *form, size_t len) {
    char *mark = memchr(form, '\'', len);
    size_t before = mark ? (size_t)(mark - form) : 0;
    if (before == 0)
        return len;
    if (a->turkish) {
        form[before] = 0;
        return before;
    }
    if (before + 1 == len || !is_listed(a->elisions, form, before))
        return len;
    len -= before + 1;
    memmove(form, mark + 1, len + 1);
    return len;
}

size_t analyzer_term(struct analyzer *a, const char *word, size_t len, char term[TERM_MAX + 1]) {
    if (!a->reads_accents)
        return stem(a, analyzer_form(a, word, len, term), term);
    char folded[TERM_MAX + 1];
    size_t n = casefold(a, word, len, folded);
    n = stem(a, drop_clitics(a, folded, n), folded);
    if (utf8_is_ascii(folded, n)) {
        memcpy(term, folded, n + 1);
        return n;
    }
    n = strip(a, folded, n, term);
    return n ? n : analyzer_form(a, word, len, term);
}
