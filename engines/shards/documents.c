#include "documents.h"

#include "../../core/error.h"
#include "../../core/utf8.h"

#include <stdio.h>

/* A document in the making. The first failure stays. */
struct making {
    const struct xapian *x;
    struct xapian_document *document;
    uint32_t position;
    enum xapian_code code;
    struct xapian_error failure;
};

void documents_release(struct documents *d) {
    buffer_release(&d->title);
    buffer_release(&d->heading);
    buffer_release(&d->data);
}

size_t documents_cut(const char *term, size_t len) {
    return len > SHARD_TERM_MAX ? utf8_cut(term, len, SHARD_TERM_MAX) : len;
}

size_t documents_term(struct analyzer *analyzer, const char *word, size_t len, char term[TERM_MAX + 1]) {
    return documents_cut(term, analyzer_term(analyzer, word, len, term));
}

/* ------------------------------------------------------------------------------------- terms -- */

static void put_term(struct making *m, const char *term, size_t len) {
    if (len && !m->code)
        m->code = m->x->xapian_document_add_posting(m->document, term, len, m->position, &m->failure);
    m->position++;
}

static void put_filter(struct making *m, const char *term, size_t len) {
    if (!m->code)
        m->code = m->x->xapian_document_add_filter(m->document, term, len, &m->failure);
}

static void put_value(struct making *m, uint32_t slot, const char *value, size_t len) {
    if (!m->code)
        m->code = m->x->xapian_document_set_value(m->document, slot, value, len, &m->failure);
}

/* The terms of a text, to be put into several documents. */
static void take_field(struct buffer *out, struct analyzer *analyzer, const char *text, size_t len) {
    struct word word;
    char term[TERM_MAX + 1];
    buffer_clear(out);
    analyzer_reset(analyzer, text, len);
    while (analyzer_next(analyzer, &word)) {
        size_t n = documents_term(analyzer, text + word.start, word.end - word.start, term);
        buffer_append_u8(out, (uint8_t)n);
        buffer_append(out, term, n);
    }
}

/* A field, with a gap behind it so that no phrase runs from it into what follows. */
static void put_field(struct making *m, const struct buffer *field) {
    for (size_t i = 0; i < field->len; i += 1U + field->data[i])
        put_term(m, (const char *)field->data + i + 1, field->data[i]);
    m->position += field->len > 0;
}

static void put_text(struct making *m, struct analyzer *analyzer, const char *text, size_t len) {
    struct word word;
    char term[TERM_MAX + 1];
    analyzer_reset(analyzer, text, len);
    while (analyzer_next(analyzer, &word))
        put_term(m, term, documents_term(analyzer, text + word.start, word.end - word.start, term));
}

/* -------------------------------------------------------------------------------- the document -- */

static void put_marks(struct making *m, const struct documents_of *of, bool first) {
    const lede_article *meta = &of->article->meta;
    char term[SHARD_TERM_MAX], number[24];
    size_t len = record_key_term(term, meta->key, meta->key_len);
    put_filter(m, term, len);
    put_value(m, SLOT_ARTICLE, term, len);
    put_filter(m, term, record_source_term(term, 'S', of->article->source));
    if (first) {
        put_filter(m, term, record_source_term(term, 'A', of->article->source));
        put_filter(m, TERM_ARTICLE, strlen(TERM_ARTICLE));
    }
    if (meta->date)
        put_value(m, SLOT_DATE, number, (size_t)snprintf(number, sizeof number, "%08u", meta->date));
    put_value(m, SLOT_COMMIT, number, (size_t)snprintf(number, sizeof number, "%llu", (unsigned long long)of->commit));
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

static lede_status judge(const struct documents *d, const struct making *m, struct analyzer *analyzer,
                         lede_error *err) {
    if (d->title.failed || d->heading.failed || d->data.failed || m->code == XAPIAN_NOMEM)
        return error_nomem(err);
    if (m->code)
        return error_set(err, LEDE_IO, "cannot make a document: %s", m->failure.message);
    return analyzer_status(analyzer, err);
}

lede_status documents_make(struct documents *d, const struct xapian *x, const struct documents_of *of,
                           lede_status (*take)(void *ctx, const struct xapian_document *document, lede_error *err),
                           void *ctx, lede_error *err) {
    const lede_article *meta = &of->article->meta;
    const struct passage empty = {.line = meta->line};
    const struct passage *passages = of->article->passage_count ? of->article->passages : &empty;
    uint32_t count = of->article->passage_count ? of->article->passage_count : 1;
    lede_status status = LEDE_OK;
    take_field(&d->title, of->analyzer, meta->title, meta->title_len);
    for (uint32_t i = 0; i < count && !status; i++) {
        struct making m = {.x = x, .position = 1}; /* Xapian misses phrases at 0 */
        const struct passage *p = &passages[i];
        m.code = x->xapian_document_new(&m.document, &m.failure);
        take_field(&d->heading, of->analyzer, meta->body + p->heading_start, p->heading_len);
        put_field(&m, &d->title);
        put_field(&m, &d->heading);
        put_text(&m, of->analyzer, meta->body + p->start, p->len);
        put_marks(&m, of, i == 0);
        put_data(d, &m, of, passages, count, i);
        status = judge(d, &m, of->analyzer, err);
        if (!status)
            status = take(ctx, m.document, err);
        x->xapian_document_free(m.document);
    }
    return status;
}
