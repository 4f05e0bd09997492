#include "surface.h"

#include "../core/error.h"
#include "../core/file.h"

#include <string.h>

struct surface_form {
    uint32_t term;
    uint32_t len;
    const char *bytes;
};

static const struct surface_form *forms_of(const struct surface *s, size_t *count) {
    *count = s->forms.len / sizeof(struct surface_form);
    return (const struct surface_form *)(const void *)s->forms.data;
}

static bool has_form(const struct surface *s, uint32_t term, const char *form, size_t len) {
    size_t count;
    const struct surface_form *forms = forms_of(s, &count);
    for (size_t i = 0; i < count; i++)
        if (forms[i].term == term && forms[i].len == len && memcmp(forms[i].bytes, form, len) == 0)
            return true;
    return false;
}

static void add_form(struct surface *s, uint32_t term, const char *form, size_t len) {
    const struct surface_form new = {term, (uint32_t)len, arena_strndup(&s->arena, form, len)};
    if (!new.bytes)
        s->forms.failed = true;
    else if (!has_form(s, term, form, len))
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

lede_status surface_read(struct surface *s, const char *text, size_t len, bool *seen, struct buffer *hashes,
                         lede_error *err) {
    char term[TERM_MAX + 1], form[TERM_MAX + 1];
    struct word word;
    analyzer_reset(s->analyzer, text, len);
    while (analyzer_next(s->analyzer, &word)) {
        const char *bytes = text + word.start;
        size_t n = analyzer_term(s->analyzer, bytes, word.end - word.start, term);
        if (n == 0)
            continue;
        if (hashes)
            buffer_append_u64(hashes, file_checksum(term, n));
        uint32_t number = query_find_term(s->query, term, n);
        if (number == QUERY_NO_TERM || seen[number])
            continue;
        n = analyzer_form(s->analyzer, bytes, word.end - word.start, form);
        seen[number] = has_form(s, number, form, n);
    }
    return analyzer_status(s->analyzer, err);
}
