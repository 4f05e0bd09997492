#include "surface.h"

#include "../core/error.h"
#include "../core/file.h"
#include "../core/letters.h"
#include "../core/utf8.h"

#include <string.h>

struct surface_form {
    uint64_t hash;
    uint32_t term;
    uint32_t len;
    bool capital; /* as the query has it, other than at its beginning */
    const char *bytes;
};

enum { CAPITALS_LEAST = 9 }; /* times as often as in small letters */

/* Whether the character is a capital; false where that would take ICU to tell. */
static bool is_capital(const char *word, const char *end) {
    char folded[8];
    uint32_t c;
    size_t len, n = utf8_read(word, end, &c);
    return letters_casefold(word, n, folded, sizeof folded, &len) && (len != n || memcmp(word, folded, n) != 0);
}

static const struct surface_form *forms_of(const struct surface *s, size_t *count) {
    *count = s->forms.len / sizeof(struct surface_form);
    return (const struct surface_form *)(const void *)s->forms.data;
}

static bool is_form(const struct surface_form *f, uint64_t hash, const char *form, size_t len) {
    return f->hash == hash && f->len == len && memcmp(f->bytes, form, len) == 0;
}

static void add_form(struct surface *s, const struct surface_form *add) {
    struct surface_form new = *add;
    size_t count;
    new.hash = file_checksum(add->bytes, add->len);
    new.bytes = arena_strndup(&s->arena, add->bytes, add->len);
    const struct surface_form *forms = forms_of(s, &count);
    if (!new.bytes)
        s->forms.failed = true;
    for (size_t i = 0; i < count && new.bytes; i++)
        if (forms[i].term == new.term && is_form(&forms[i], new.hash, new.bytes, new.len))
            return;
    buffer_append(&s->forms, &new, sizeof new);
}

static bool has_names(const char *language) {
    static const char *const such[] = {"english", "porter",  "lovins",     "dutch",   "french",
                                       "italian", "spanish", "portuguese", "catalan", "indonesian"};
    const char *name = language ? analyzer_language(language) : "english";
    for (size_t i = 0; i < sizeof such / sizeof *such; i++)
        if (strcmp(name, such[i]) == 0)
            return true;
    return false;
}

/* The length of a form without a possessive ending. */
static size_t without_possessive(const struct surface *s, const char *form, size_t len) {
    size_t n = len > 2 && form[len - 1] == 's' ? len - 1 : len;
    return s->has_names && n > 1 && form[n - 1] == '\'' ? n - 1 : len;
}

lede_status surface_init(struct surface *s, const struct lede_query *query, const char *language, lede_error *err) {
    char term[TERM_MAX + 1], form[TERM_MAX + 1];
    struct word word;
    *s = (struct surface){.query = query, .arena = ARENA_EMPTY, .forms = BUFFER_EMPTY};
    s->has_names = has_names(language);
    lede_status status = analyzer_new(&s->analyzer, language, err);
    if (status != LEDE_OK)
        return status;
    analyzer_reset(s->analyzer, query->text, strlen(query->text));
    for (bool first = true; analyzer_next(s->analyzer, &word); first = false) {
        const char *bytes = query->text + word.start, *end = query->text + word.end;
        size_t len = analyzer_term(s->analyzer, bytes, word.end - word.start, term);
        uint32_t number = len ? query_find_term(query, term, len) : QUERY_NO_TERM;
        if (number == QUERY_NO_TERM)
            continue;
        len = without_possessive(s, form, analyzer_form(s->analyzer, bytes, word.end - word.start, form));
        add_form(s, &(struct surface_form){.term = number,
                                           .len = (uint32_t)len,
                                           .capital = is_capital(bytes, end) && (!first || query->term_count == 1),
                                           .bytes = form});
    }
    status = analyzer_status(s->analyzer, err);
    return status == LEDE_OK && s->forms.failed ? error_nomem(err) : status;
}

void surface_release(struct surface *s) {
    analyzer_free(s->analyzer);
    buffer_release(&s->forms);
    arena_release(&s->arena);
}

/* Words in capitals alone tell nothing: some texts have no others. */
static void count_case(struct surface_case *seen, const char *word, size_t len) {
    uint32_t c;
    size_t first = utf8_read(word, word + len, &c);
    if (!is_capital(word, word + len))
        seen->small++;
    else if (first < len && !is_capital(word + first, word + len))
        seen->capital++;
}

/* Looks at a word of the text that has one of the forms. Two words of one form may have other terms, where the stemmer
 * reads accents. */
static void see(struct surface *s, uint32_t term, const char *word, size_t len, const struct surface_report *report) {
    char stem[TERM_MAX + 1];
    const struct query_term *t = &s->query->terms[term];
    size_t n = analyzer_term(s->analyzer, word, len, stem);
    report->terms[term] = n == t->len && memcmp(stem, t->bytes, n) == 0;
    if (report->terms[term] && report->cases)
        count_case(&report->cases[term], word, len);
}

lede_status surface_read(struct surface *s, const struct surface_text *text, const struct surface_report *report,
                         lede_error *err) {
    char form[TERM_MAX + 1];
    struct word word;
    size_t count;
    const struct surface_form *forms = forms_of(s, &count);
    analyzer_reset(s->analyzer, text->bytes, text->len);
    for (uint32_t position = text->position; analyzer_next(s->analyzer, &word); position++) {
        const char *bytes = text->bytes + word.start;
        size_t n = analyzer_form(s->analyzer, bytes, word.end - word.start, form);
        if (n == 0)
            continue;
        uint64_t hash = file_checksum(form, n);
        if (report->hashes)
            buffer_append_u64(report->hashes, hash);
        if (report->visit)
            report->visit(report->ctx, form, n, position);
        size_t plain = without_possessive(s, form, n);
        hash = plain < n ? file_checksum(form, plain) : hash;
        for (size_t i = 0; i < count; i++)
            if (!report->terms[forms[i].term] && is_form(&forms[i], hash, form, plain))
                see(s, forms[i].term, bytes, word.end - word.start, report);
    }
    return analyzer_status(s->analyzer, err);
}

bool surface_is_name(const struct surface *s, uint32_t term, const struct surface_case *seen) {
    size_t count;
    const struct surface_form *forms = forms_of(s, &count);
    for (size_t i = 0; i < count && s->has_names; i++)
        if (forms[i].term == term && forms[i].capital)
            return true;
    return s->has_names && seen->capital > 0 && seen->capital >= CAPITALS_LEAST * seen->small;
}

size_t surface_form_of(const struct surface *s, uint32_t term, const char **form) {
    size_t count;
    const struct surface_form *forms = forms_of(s, &count);
    for (size_t i = 0; i < count; i++)
        if (forms[i].term == term) {
            *form = forms[i].bytes;
            return forms[i].len;
        }
    return 0;
}
