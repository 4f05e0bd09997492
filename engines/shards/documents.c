#include "documents.h"

#include "core/base/error.h"

#include <stdio.h>

/* A document in the making. The first failure stays. */
struct making {
    const struct xapian *x;
    struct xapian_document *document;
    uint32_t far; /* the position of the last word, wherever it is */
    enum xapian_code code;
    struct xapian_error failure;
};

void documents_release(struct documents *d) {
    buffer_release(&d->title);
    buffer_release(&d->heading);
    buffer_release(&d->body);
    buffer_release(&d->byline);
    buffer_release(&d->article);
    buffer_release(&d->data);
}

/* ------------------------------------------------------------------------------------- words -- */

/* A word of a field: the lengths of its stem and its form, a byte each, then their bytes. Length 0: it has none. */
struct field_word {
    const char *stem, *form;
    size_t stem_len, form_len;
};

/* Reads the word at an offset, which moves behind it; false at the end. */
static bool next_word(const struct buffer *field, size_t *at, struct field_word *out) {
    if (*at >= field->len)
        return false;
    const char *bytes = (const char *)field->data + *at + 2;
    *out = (struct field_word){bytes, bytes + field->data[*at], field->data[*at], field->data[*at + 1]};
    *at += 2 + out->stem_len + out->form_len;
    return true;
}

/* The words of a text, to be put into documents. */
static void take_field(struct buffer *out, struct analyzer *analyzer, const char *text, size_t len) {
    struct word word;
    char stem[TERM_MAX + 1], form[TERM_MAX + 1];
    buffer_clear(out);
    analyzer_reset(analyzer, text, len);
    while (analyzer_next(analyzer, &word)) {
        const char *bytes = text + word.start;
        size_t stem_len = analyzer_term(analyzer, bytes, word.end - word.start, stem);
        size_t form_len = analyzer_form(analyzer, bytes, word.end - word.start, form);
        buffer_append_u8(out, (uint8_t)stem_len);
        buffer_append_u8(out, (uint8_t)form_len);
        buffer_append(out, stem, stem_len);
        buffer_append(out, form, form_len);
    }
}

/* ------------------------------------------------------------------------------------- terms -- */

enum how { AT_PLACE, PLACE_ALONE, AS_FILTER };

static enum xapian_code add(const struct making *m, const char *term, size_t len, enum how how, uint32_t position,
                            struct xapian_error *failure) {
    switch (how) {
    case AT_PLACE: return m->x->xapian_document_add_posting(m->document, term, len, position, failure);
    case PLACE_ALONE: return m->x->xapian_document_add_place(m->document, term, len, position, failure);
    default: return m->x->xapian_document_add_filter(m->document, term, len, failure);
    }
}

static void put(struct making *m, const char *prefix, const char *word, size_t len, enum how how, uint32_t position) {
    char term[SHARD_TERM_MAX];
    if (len && !m->code)
        m->code = add(m, term, record_word_term(term, prefix, word, len), how, position, &m->failure);
}

static void put_filter(struct making *m, const char *term, size_t len) {
    if (!m->code)
        m->code = m->x->xapian_document_add_filter(m->document, term, len, &m->failure);
}

static void put_value(struct making *m, uint32_t slot, const char *value, size_t len) {
    if (!m->code && len)
        m->code = m->x->xapian_document_set_value(m->document, slot, value, len, &m->failure);
}

/* Whether a field has the word's stem, and its form. */
static void find_word(const struct buffer *field, const struct field_word *word, bool *stem, bool *form) {
    struct field_word w;
    *stem = *form = false;
    for (size_t at = 0; !(*stem && *form) && next_word(field, &at, &w);) {
        *stem |= w.stem_len == word->stem_len && memcmp(w.stem, word->stem, w.stem_len) == 0;
        *form |= w.form_len == word->form_len && memcmp(w.form, word->form, w.form_len) == 0;
    }
}

/* Title or heading. Their words stand behind the text and so far from it and from each other that no phrase or NEAR
 * reaches: Xapian 1.4 wants each term of a phrase to have a position. */
static void put_field(struct making *m, const struct buffer *field, const struct buffer *body, const char *stem_prefix,
                      const char *form_prefix) {
    struct field_word w;
    uint32_t position = 1;
    for (size_t at = 0; next_word(field, &at, &w); position++) {
        bool has_stem, has_form;
        find_word(body, &w, &has_stem, &has_form);
        m->far += RECORD_FAR;
        put(m, "", w.stem, w.stem_len, AT_PLACE, m->far);
        put(m, "F", w.form, w.form_len, AT_PLACE, m->far);
        put(m, stem_prefix, w.stem, w.stem_len, PLACE_ALONE, position);
        put(m, form_prefix, w.form, w.form_len, PLACE_ALONE, position);
        put(m, "N", w.stem, has_stem ? 0 : w.stem_len, AS_FILTER, 0);
        put(m, "NF", w.form, has_form ? 0 : w.form_len, AS_FILTER, 0);
    }
}

/* Positions are from 1, as Xapian misses phrases at 0. */
static void put_body(struct making *m, const struct buffer *body) {
    struct field_word w;
    uint32_t position = 1;
    for (size_t at = 0; next_word(body, &at, &w); position++) {
        put(m, "", w.stem, w.stem_len, AT_PLACE, position);
        put(m, "F", w.form, w.form_len, AT_PLACE, position);
    }
    m->far = position;
}

static void put_byline(struct making *m, const struct buffer *byline) {
    struct field_word w;
    uint32_t position = 1;
    for (size_t at = 0; next_word(byline, &at, &w); position += w.form_len > 0)
        put(m, "Y", w.form, w.form_len, PLACE_ALONE, position);
}

/* -------------------------------------------------------------------------------- the document -- */

static void put_date(struct making *m, lede_date date) {
    char number[24];
    if (!date || date > 99999999)
        return;
    put_value(m, SLOT_DATE, number, (size_t)snprintf(number, sizeof number, "%08u", date));
    put_value(m, SLOT_OLDEST, number, (size_t)snprintf(number, sizeof number, "%08u", 99999999 - date));
}

static void append_part(struct buffer *out, const char *part, size_t len) {
    buffer_append(out, part, len);
    buffer_append_u8(out, 0);
}

/* The value that tells articles apart, and what facets count. */
static void make_article(struct buffer *out, const struct documents_of *of) {
    const lede_article *meta = &of->article->meta;
    char term[SHARD_TERM_MAX], number[24];
    buffer_clear(out);
    append_part(out, term, record_key_term(term, meta->key, meta->key_len));
    append_part(out, number, (size_t)snprintf(number, sizeof number, "%u", meta->date));
    append_part(out, number, (size_t)snprintf(number, sizeof number, "%llx", (unsigned long long)of->article->source));
    append_part(out, meta->byline, meta->byline_len);
    append_part(out, meta->dateline, meta->dateline_len);
    append_part(out, meta->credit, meta->credit_len);
}

static void put_marks(const struct documents *d, struct making *m, const struct documents_of *of, bool first) {
    const lede_article *meta = &of->article->meta;
    char term[SHARD_TERM_MAX], number[24];
    put_filter(m, term, record_key_term(term, meta->key, meta->key_len));
    put_value(m, SLOT_ARTICLE, (const char *)d->article.data, d->article.len);
    put_filter(m, term, record_source_term(term, 'S', of->article->source));
    if (first) {
        put_filter(m, term, record_source_term(term, 'A', of->article->source));
        put_filter(m, TERM_ARTICLE, strlen(TERM_ARTICLE));
    }
    size_t len = record_language_term(term, meta->language, meta->language_len);
    if (len)
        put_filter(m, term, len);
    put_date(m, meta->date);
    put_value(m, SLOT_STAMP, number, (size_t)snprintf(number, sizeof number, "%llu", (unsigned long long)of->stamp));
}

/* The part of the body that is kept with passage i of the article. */
static void take_chunk(struct record *r, const struct article *a, const struct passage *passages, uint32_t count,
                       uint32_t i) {
    const lede_article *meta = &a->meta;
    size_t from = i ? passages[i].start : 0;
    size_t to = i + 1 < count ? passages[i + 1].start : meta->body_len;
    r->heading = meta->body + passages[i].heading_start;
    r->heading_len = passages[i].heading_len;
    r->chunk = meta->body + from;
    r->chunk_len = to - from;
    r->skip = passages[i].start - from;
    r->len = passages[i].len;
}

static void put_data(struct documents *d, struct making *m, const struct documents_of *of,
                     const struct passage *passages, uint32_t count, uint32_t i) {
    struct record r = {.article = of->article->meta,
                       .number = i + 1,
                       .line = passages[i].line,
                       .heading = "",
                       .start = passages[i].start,
                       .chunk = ""};
    r.article.path = of->path;
    r.article.passages = count;
    if (!of->omit_text)
        take_chunk(&r, of->article, passages, count, i);
    buffer_clear(&d->data);
    record_write(&d->data, &r);
    if (!m->code && !d->data.failed)
        m->code = m->x->xapian_document_set_data(m->document, (const char *)d->data.data, d->data.len, &m->failure);
}

static void put_words(struct documents *d, struct making *m, const struct documents_of *of, const struct passage *p) {
    const char *body = of->article->meta.body;
    take_field(&d->heading, of->analyzer, body + p->heading_start, p->heading_len);
    take_field(&d->body, of->analyzer, body + p->start, p->len);
    put_body(m, &d->body);
    put_field(m, &d->title, &d->body, "T", "TF");
    put_field(m, &d->heading, &d->body, "H", "HF");
    put_byline(m, &d->byline);
}

static lede_status judge(const struct documents *d, const struct making *m, struct analyzer *analyzer,
                         lede_error *err) {
    bool failed = d->title.failed || d->heading.failed || d->body.failed || d->byline.failed || d->article.failed ||
                  d->data.failed;
    if (failed || m->code == XAPIAN_NOMEM)
        return error_nomem(err);
    if (m->code)
        return error_set(err, LEDE_IO, "cannot make a document: %s", m->failure.message);
    return analyzer_status(analyzer, err);
}

lede_status documents_make(struct documents *d, const struct xapian *x, const struct documents_of *of,
                           lede_status (*take)(void *ctx, struct xapian_document *document, lede_error *err), void *ctx,
                           lede_error *err) {
    const lede_article *meta = &of->article->meta;
    const struct passage empty = {.line = meta->line};
    const struct passage *passages = of->article->passage_count ? of->article->passages : &empty;
    uint32_t count = of->article->passage_count ? of->article->passage_count : 1;
    lede_status status = LEDE_OK;
    take_field(&d->title, of->analyzer, meta->title, meta->title_len);
    take_field(&d->byline, of->analyzer, meta->byline, meta->byline_len);
    make_article(&d->article, of);
    for (uint32_t i = 0; i < count && !status; i++) {
        struct making m = {.x = x};
        m.code = x->xapian_document_new(&m.document, &m.failure);
        put_words(d, &m, of, &passages[i]);
        put_marks(d, &m, of, i == 0);
        put_data(d, &m, of, passages, count, i);
        status = judge(d, &m, of->analyzer, err);
        if (!status)
            status = take(ctx, m.document, err);
        else
            x->xapian_document_free(m.document);
    }
    return status;
}
