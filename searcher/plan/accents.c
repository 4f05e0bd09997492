#include "accents.h"

#include <string.h>

enum { LAST_LETTERS = 10 };

static const struct {
    const char *language, *letters;
} alphabets[] = {
    {"basque", "ñ"},
    {"catalan", "àçéèíïóòúü"},
    {"danish", "åæéø"},
    {"dutch", "áäéëèíïóöúü"},
    {"esperanto", "ĉĝĥĵŝŭ"},
    {"estonian", "äöõüšž"},
    {"finnish", "äåö"},
    {"french", "àâæçéèêëîïôœùûüÿ"},
    {"german", "äöüß"},
    {"german2", "äöüß"},
    {"greek", "άέήίϊΐόύϋΰώ"},
    {"hungarian", "áéíóöőúüű"},
    {"irish", "áéíóú"},
    {"italian", "àáéèìíòóùú"},
    {"lithuanian", "ąčęėįšųūž"},
    {"norwegian", "åæéèêòø"},
    {"polish", "ąćęłńóśźż"},
    {"portuguese", "áâãàçéêíóôõúü"},
    {"romanian", "ăâîșşțţ"},
    {"russian", "ё"},
    {"serbian", "čćđšž"},
    {"spanish", "áéíñóúü"},
    {"swedish", "äåéö"},
    {"turkish", "âçğıîöşü"},
};

static size_t letter_len(const char *s) {
    size_t n = 1;
    while ((s[n] & 0xc0) == 0x80)
        n++;
    return n;
}

static void take_letter(struct accents *a, const char *letter, size_t len) {
    char plain[TERM_MAX + 1];
    struct accent *accent = &a->letters[a->count];
    size_t n = analyzer_form(a->analyzer, letter, len, plain);
    if (n == 0 || n >= sizeof accent->plain || (n == len && memcmp(plain, letter, n) == 0))
        return;
    memcpy(accent->letter, letter, len);
    memcpy(accent->plain, plain, n);
    accent->letter_len = (uint8_t)len;
    accent->plain_len = (uint8_t)n;
    a->count++;
}

void accents_init(struct accents *a, struct analyzer *analyzer, const char *language) {
    const char *letters = "";
    *a = (struct accents){.analyzer = analyzer};
    for (size_t i = 0; i < sizeof alphabets / sizeof *alphabets; i++)
        if (strcmp(alphabets[i].language, language) == 0)
            letters = alphabets[i].letters;
    for (size_t n; *letters && a->count < ACCENTS_MOST; letters += n)
        take_letter(a, letters, n = letter_len(letters));
}

static bool has_term(const struct accents_terms *t, const char *term, size_t len) {
    for (uint32_t i = 0; i < t->count; i++)
        if (t->lens[i] == len && memcmp(t->terms[i], term, len) == 0)
            return true;
    return false;
}

static void take_term(struct accents_terms *t, const struct accents *a, const char *word, size_t len) {
    if (t->count == ACCENTS_TERMS_MOST)
        return;
    char *term = t->terms[t->count];
    size_t n = analyzer_term(a->analyzer, word, len, term);
    if (n == 0 || has_term(t, term, n))
        return;
    t->lens[t->count++] = n;
}

/* Where the last letters begin. */
static size_t find_last(const char *form, size_t len) {
    uint32_t letters = 0;
    while (len > 0 && letters < LAST_LETTERS)
        letters += (form[--len] & 0xc0) != 0x80;
    return len;
}

/* Puts accents into what of the word stands from `from` on. */
static void vary(struct accents_terms *t, const struct accents *a, const char *word, size_t len, size_t from,
                 uint32_t most) {
    for (size_t at = from; at < len && most > 0; at++)
        for (uint32_t i = 0; i < a->count; i++) {
            const struct accent *accent = &a->letters[i];
            size_t n = accent->letter_len, plain = accent->plain_len;
            char other[TERM_MAX + 1];
            if (len - at < plain || memcmp(word + at, accent->plain, plain) != 0 || len - plain + n > TERM_MAX)
                continue;
            memcpy(other, word, at);
            memcpy(other + at, accent->letter, n);
            memcpy(other + at + n, word + at + plain, len - at - plain);
            take_term(t, a, other, len - plain + n);
            vary(t, a, other, len - plain + n, at + n, most - 1);
        }
}

void accents_find(struct accents_terms *out, struct accents *a, const char *form, size_t len, uint32_t most) {
    out->count = 0;
    take_term(out, a, form, len);
    vary(out, a, form, len, find_last(form, len), most);
}
