#include "surface.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/text/letters.h"
#include "core/text/utf8.h"

#include <string.h>

struct surface_form {
    uint64_t hash, number_hash; /* of it, and of what is left without an ending of number */
    uint32_t term;
    uint32_t len;
    bool capital; /* as the query has it, other than at its beginning */
    const char *bytes;
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

static bool is_form(const struct surface_form *f, uint64_t hash, const char *form, size_t len) {
    return f->hash == hash && f->len == len && memcmp(f->bytes, form, len) == 0;
}

/* Forms are the same but for their number if these are; where they differ by chance, that is never for one stem. */
static uint64_t number_hash(const struct surface *s, const char *form, size_t len) {
    const char *bare;
    size_t n = naming_bare(&s->number, form, len, &bare);
    return file_checksum(bare, n);
}

static void add_form(struct surface *s, const struct surface_form *add) {
    struct surface_form new = *add;
    size_t count;
    new.hash = file_checksum(add->bytes, add->len);
    new.number_hash = number_hash(s, add->bytes, add->len);
    new.bytes = arena_strndup(&s->arena, add->bytes, add->len);
    const struct surface_form *forms = forms_of(s, &count);
    if (!new.bytes)
        s->forms.failed = true;
    for (size_t i = 0; i < count && new.bytes; i++)
        if (forms[i].term == new.term && is_form(&forms[i], new.hash, new.bytes, new.len))
            return;
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

lede_status surface_read(struct surface *s, const struct surface_text *text, const struct surface_report *report,
                         lede_error *err) {
    char form[TERM_MAX + 1];
    struct word word;
    size_t count;
    const struct surface_form *forms = forms_of(s, &count);
    const char *before = NULL, *bare;
    analyzer_reset(s->analyzer, text->bytes, text->len);
    for (uint32_t position = text->position; analyzer_next(s->analyzer, &word); position++) {
        const struct seen_word seen = {text->bytes + word.start, text->bytes + word.end, before};
        size_t n = analyzer_form(s->analyzer, seen.bytes, word.end - word.start, form);
        before = seen.end;
        if (n == 0)
            continue;
        uint64_t hash = file_checksum(form, n);
        if (report->hashes)
            buffer_append_u64(report->hashes, hash);
        if (report->visit)
            report->visit(report->ctx, form, n, position);
        size_t plain = bare_form(s, form, n, &bare);
        hash = plain < n ? file_checksum(bare, plain) : hash;
        uint64_t number = report->cases && s->has_names ? number_hash(s, bare, plain) : 0;
        for (size_t i = 0; i < count; i++)
            if (is_form(&forms[i], hash, bare, plain))
                see(s, forms[i].term, &seen, report);
            else if (report->cases && number == forms[i].number_hash)
                count_number(s, &report->cases[forms[i].term], &seen);
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
