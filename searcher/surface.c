#include "surface.h"

#include "../core/error.h"
#include "../core/file.h"

#include <string.h>

struct surface_form {
    uint64_t hash;
    uint32_t term;
    uint32_t len;
    const char *bytes;
};

static const struct surface_form *forms_of(const struct surface *s, size_t *count) {
    *count = s->forms.len / sizeof(struct surface_form);
    return (const struct surface_form *)(const void *)s->forms.data;
}

static bool is_form(const struct surface_form *f, uint64_t hash, const char *form, size_t len) {
    return f->hash == hash && f->len == len && memcmp(f->bytes, form, len) == 0;
}

static void add_form(struct surface *s, uint32_t term, const char *form, size_t len) {
    const struct surface_form new = {file_checksum(form, len), term, (uint32_t)len,
                                     arena_strndup(&s->arena, form, len)};
    size_t count;
    const struct surface_form *forms = forms_of(s, &count);
    if (!new.bytes)
        s->forms.failed = true;
    for (size_t i = 0; i < count && new.bytes; i++)
        if (forms[i].term == term && is_form(&forms[i], new.hash, form, len))
            return;
    buffer_append(&s->forms, &new, sizeof new);
}

lede_status surface_init(struct surface *s, const struct lede_query *query, const char *language, lede_error *err) {
    char term[TERM_MAX + 1], form[TERM_MAX + 1];
    struct word word;
    *s = (struct surface){.query = query, .arena = ARENA_EMPTY, .forms = BUFFER_EMPTY};
    lede_status status = analyzer_new(&s->analyzer, language, err);
    if (status != LEDE_OK)
        return status;
    analyzer_reset(s->analyzer, query->text, strlen(query->text));
    while (analyzer_next(s->analyzer, &word)) {
        const char *bytes = query->text + word.start;
        size_t len = analyzer_term(s->analyzer, bytes, word.end - word.start, term);
        uint32_t number = len ? query_find_term(query, term, len) : QUERY_NO_TERM;
        if (number != QUERY_NO_TERM)
            add_form(s, number, form, analyzer_form(s->analyzer, bytes, word.end - word.start, form));
    }
    status = analyzer_status(s->analyzer, err);
    return status == LEDE_OK && s->forms.failed ? error_nomem(err) : status;
}

void surface_release(struct surface *s) {
    analyzer_free(s->analyzer);
    buffer_release(&s->forms);
    arena_release(&s->arena);
}

/* Looks at a word of the text that has one of the forms. Two words of one form may have other terms, where the stemmer
 * reads accents. */
static void see(struct surface *s, uint32_t term, const char *word, size_t len, bool *seen) {
    char stem[TERM_MAX + 1];
    const struct query_term *t = &s->query->terms[term];
    size_t n = analyzer_term(s->analyzer, word, len, stem);
    seen[term] = n == t->len && memcmp(stem, t->bytes, n) == 0;
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
        uint64_t hash = file_checksum(form, n);
        if (n == 0)
            continue;
        if (report->hashes)
            buffer_append_u64(report->hashes, hash);
        if (report->visit)
            report->visit(report->ctx, form, n, position);
        for (size_t i = 0; i < count; i++)
            if (!report->terms[forms[i].term] && is_form(&forms[i], hash, form, n))
                see(s, forms[i].term, bytes, word.end - word.start, report->terms);
    }
    return analyzer_status(s->analyzer, err);
}
