#include "surface.h"

#include "core/base/error.h"
#include "core/text/letters.h"
#include "core/text/utf8.h"

#include <string.h>

/* Its functions are made part of this file: most words are so short that a call takes as long as their hash. */
#define XXH_INLINE_ALL
#include <xxhash.h>

struct surface_form {
    uint32_t term;
    uint32_t len, number_len;   /* of it, and of what is left without an ending of number */
    const char *bytes, *number; /* in the arena, and within it */
    bool capital;               /* as the query has it, other than at its beginning */
};

enum { OFTEN = 9 }; /* times as often as otherwise */

/* A form without what names take, where there are such. */
static size_t bare_form(const struct surface *s, const char *form, size_t len, const char **bare) {
    *bare = form;
    return s->has_names ? naming_bare(&s->naming, form, len, bare) : len;
}

/* Whether the character is a capital; false where that would take ICU to tell. */
static bool is_capital(const char *word, const char *end) {
    char folded[8];
    uint32_t c;
    size_t len, n = utf8_read(word, end, &c);
    return letters_casefold(word, n, folded, sizeof folded, &len) && (len != n || memcmp(word, folded, n) != 0);
}

/* Whether any but the first letter is small. */
static bool has_small(const char *word, const char *end) {
    uint32_t c;
    for (word += utf8_read(word, end, &c); word < end; word += utf8_read(word, end, &c))
        if (!is_capital(word, end) && c != '\'')
            return true;
    return false;
}

/* A capital with small letters: of words in capitals alone some texts have no others. */
static bool is_telling(const char *word, const char *end) {
    return is_capital(word, end) && has_small(word, end);
}

/* Where a word begins that is written together with an elided one. */
static const char *begin_of(const struct surface *s, const char *word, const char *end) {
    return s->has_names ? word + naming_elided(&s->naming, word, (size_t)(end - word)) : word;
}

static const struct surface_form *forms_of(const struct surface *s, size_t *count) {
    *count = s->forms.len / sizeof(struct surface_form);
    return (const struct surface_form *)(const void *)s->forms.data;
}

static bool is_equal(const char *a, size_t a_len, const char *b, size_t b_len) {
    return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* A form that begins so may be one of the query's. */
static void add_beginning(struct surface *s, const char *form, size_t len) {
    if (len)
        s->begins[(uint8_t)form[0]] |= UINT32_C(1) << ((len > 1 ? form[1] : 0) & 31);
}

/* False of most words of a text: a form without apostrophe is bare but for its end, and the endings leave two bytes
 * where there are more. */
static inline bool may_begin(const struct surface *s, const struct form_word *w) {
    return w->apostrophe || s->begins[(uint8_t)w->form[0]] >> ((w->len > 1 ? w->form[1] : 0) & 31) & 1;
}

static void add_form(struct surface *s, const struct surface_form *add) {
    struct surface_form new = *add;
    size_t count;
    const struct surface_form *forms = forms_of(s, &count);
    for (size_t i = 0; i < count; i++)
        if (forms[i].term == new.term && is_equal(forms[i].bytes, forms[i].len, new.bytes, new.len))
            return;
    new.bytes = arena_strndup(&s->arena, add->bytes, add->len);
    if (!new.bytes) {
        s->forms.failed = true;
        return;
    }
    new.number_len = (uint32_t)naming_bare(&s->number, new.bytes, new.len, &new.number);
    add_beginning(s, new.bytes, new.len);
    add_beginning(s, new.number, new.number_len);
    buffer_append(&s->forms, &new, sizeof new);
}

lede_status surface_init(struct surface *s, const struct lede_query *query, const char *language, lede_error *err) {
    char term[TERM_MAX + 1], form[TERM_MAX + 1];
    struct word word;
    *s = (struct surface){.query = query, .arena = ARENA_EMPTY, .forms = BUFFER_EMPTY};
    s->has_names = naming_init(&s->naming, language);
    s->number = s->naming;
    s->number.number = s->has_names;
    lede_status status = analyzer_new(&s->analyzer, language, err);
    if (status != LEDE_OK)
        return status;
    s->words = FORMS_EMPTY(s->analyzer);
    analyzer_reset(s->analyzer, query->text, strlen(query->text));
    for (bool first = true; analyzer_next(s->analyzer, &word); first = false) {
        const char *bytes = query->text + word.start, *end = query->text + word.end;
        size_t len = analyzer_term(s->analyzer, bytes, word.end - word.start, term);
        uint32_t number = len ? query_find_term(query, term, len) : QUERY_NO_TERM;
        if (number == QUERY_NO_TERM)
            continue;
        const char *bare;
        len = bare_form(s, form, analyzer_form(s->analyzer, bytes, word.end - word.start, form), &bare);
        add_form(s, &(struct surface_form){.term = number,
                                           .len = (uint32_t)len,
                                           .capital = is_telling(begin_of(s, bytes, end), end) &&
                                                      (!first || query->term_count == 1),
                                           .bytes = bare});
    }
    status = analyzer_status(s->analyzer, err);
    return status == LEDE_OK && s->forms.failed ? error_nomem(err) : status;
}

void surface_release(struct surface *s) {
    analyzer_free(s->analyzer);
    forms_release(&s->words);
    buffer_release(&s->forms);
    arena_release(&s->arena);
}

/* Whether a word that stands behind another, with this between them, is in the midst of a sentence for certain. */
static bool is_amid(const char *gap, const char *end) {
    static const char inside[] = " ,-\t\r\n";
    bool line = false;
    for (; gap < end; gap++) {
        if (!strchr(inside, *gap) || *gap == '\0' || (*gap == '\n' && line))
            return false;
        line = line || *gap == '\n';
    }
    return true;
}

/* A word of a text, and where the one before it ended; NULL if there is none. */
struct seen_word {
    const char *bytes, *end, *before;
};

/* Where a sentence may begin a capital tells nothing. */
static void count_case(const struct surface *s, struct surface_case *seen, const struct seen_word *w) {
    const char *word = begin_of(s, w->bytes, w->end);
    if (!is_capital(word, w->end))
        seen->small++;
    else if (w->before && is_telling(word, w->end) && is_amid(w->before, w->bytes))
        seen->capital++;
}

static void count_number(const struct surface *s, struct surface_case *seen, const struct seen_word *w) {
    if (!is_capital(begin_of(s, w->bytes, w->end), w->end))
        seen->number_small++;
    else if (w->before && is_amid(w->before, w->bytes))
        seen->number_capital++;
}

/* Looks at a word of the text that has one of the forms. Two words of one form may have other terms, where the stemmer
 * reads accents: the first of a text is looked at. */
static void see(struct surface *s, uint32_t term, const struct seen_word *w, const struct surface_report *report) {
    char stem[TERM_MAX + 1];
    const struct query_term *t = &s->query->terms[term];
    if (!report->terms[term]) {
        size_t n = analyzer_term(s->analyzer, w->bytes, (size_t)(w->end - w->bytes), stem);
        report->terms[term] = n == t->len && memcmp(stem, t->bytes, n) == 0;
    }
    if (report->terms[term] && report->cases)
        count_case(s, &report->cases[term], w);
}

/* Where there is room for it. */
static inline void put_hash(struct buffer *hashes, uint64_t hash) {
    store_u64(hashes->data + hashes->len, hash);
    hashes->len += sizeof hash;
}

/* Looks at a word that begins as one of the query's. */
static void meet(struct surface *s, const struct form_word *w, const struct seen_word *seen,
                 const struct surface_report *report) {
    const char *bare, *number = NULL;
    size_t count, len = bare_form(s, w->form, w->len, &bare), number_len = 0;
    const struct surface_form *forms = forms_of(s, &count);
    const bool numbers = report->cases && s->has_names;
    if (numbers)
        number_len = naming_bare(&s->number, bare, len, &number);
    for (size_t i = 0; i < count; i++)
        if (is_equal(forms[i].bytes, forms[i].len, bare, len))
            see(s, forms[i].term, seen, report);
        else if (numbers && is_equal(forms[i].number, forms[i].number_len, number, number_len))
            count_number(s, &report->cases[forms[i].term], seen);
}

lede_status surface_read(struct surface *s, const struct surface_text *text, const struct surface_report *report,
                         lede_error *err) {
    struct form_word word;
    const char *before = NULL;
    struct buffer *hashes = report->hashes;
    /* No word is of less than a byte. */
    if ((hashes && !buffer_reserve(hashes, (text->len + 1) * sizeof(uint64_t))) ||
        !forms_reset(&s->words, text->bytes, text->len))
        return error_nomem(err);
    for (uint32_t position = text->position; forms_next(&s->words, &word); position++) {
        const struct seen_word seen = {text->bytes + word.start, text->bytes + word.end, before};
        before = seen.end;
        if (word.len == 0)
            continue;
        if (hashes)
            put_hash(hashes, XXH3_64bits(word.form, word.len));
        if (report->visit)
            report->visit(report->ctx, word.form, word.len, position);
        if (may_begin(s, &word))
            meet(s, &word, &seen, report);
    }
    return analyzer_status(s->analyzer, err);
}

static bool is_often(uint32_t times, uint32_t other) {
    return times > 0 && times >= OFTEN * other;
}

bool surface_is_name(const struct surface *s, uint32_t term, const struct surface_case *seen) {
    size_t count;
    const struct surface_form *forms = forms_of(s, &count);
    bool is_plural = is_often(seen->number_small, seen->number_capital);
    if (!s->has_names || (is_often(seen->capital, seen->small) && seen->capital > is_plural))
        return s->has_names;
    for (size_t i = 0; i < count; i++)
        if (forms[i].term == term && forms[i].capital)
            return s->query->term_count == 1 || !is_often(seen->small, seen->capital);
    return false;
}

bool surface_has_number(const struct surface_case *seen) {
    return is_often(seen->number_capital, seen->number_small);
}

size_t surface_form_of(const struct surface *s, uint32_t term, const char **form) {
    size_t count, len = 0;
    const struct surface_form *forms = forms_of(s, &count);
    for (size_t i = 0; i < count; i++)
        if (forms[i].term == term) {
            if (len)
                return 0;
            *form = forms[i].bytes;
            len = forms[i].len;
        }
    return len;
}
