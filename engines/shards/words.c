#include "words.h"

#include "core/base/error.h"
#include "core/text/analyzer.h"
#include "record.h"
#include "searcher/query/naming.h"

#include <stdlib.h>

void words_forget(struct words *w) {
    for (size_t i = 0; i < w->list_count; i++) {
        free(w->lists[i].beginning);
        buffer_release(&w->lists[i].forms);
    }
    w->list_count = 0;
}

/* --------------------------------------------------------------------------------- dictionary -- */

/* Each: length as a byte, the form, passages that hold it as a varint. */
static int keep(void *ctx, const char *term, size_t len, uint32_t documents) {
    struct buffer *forms = ctx;
    buffer_append_u8(forms, (uint8_t)(len - 1));
    buffer_append(forms, term + 1, len - 1);
    buffer_append_varint(forms, documents);
    return forms->failed;
}

static lede_status fetch(struct words *w, const char *beginning, size_t len, struct xapian_error *failure,
                         lede_error *err) {
    char prefix[SHARD_TERM_MAX];
    size_t n = record_word_term(prefix, "F", beginning, len);
    if (w->list_count == WORD_LISTS)
        words_forget(w);
    struct word_list *list = &w->lists[w->list_count];
    *list = (struct word_list){malloc(len + 1), len, BUFFER_EMPTY};
    enum xapian_code code = XAPIAN_NOMEM;
    if (list->beginning) {
        memcpy(list->beginning, beginning, len);
        code = w->x->xapian_database_terms(w->db, prefix, n, keep, &list->forms, failure);
    }
    if (!code && !list->forms.failed) {
        w->list_count++;
        return LEDE_OK;
    }
    bool nomem = code == XAPIAN_NOMEM || list->forms.failed;
    free(list->beginning);
    buffer_release(&list->forms);
    return nomem ? error_nomem(err) : error_set(err, LEDE_IO, "%s", failure->message);
}

static bool begins(const char *word, size_t word_len, const char *beginning, size_t len) {
    return word_len >= len && memcmp(word, beginning, len) == 0;
}

static lede_status visit_list(const struct word_list *list, const char *beginning, size_t beginning_len,
                              engine_visit_word *visit, void *ctx, lede_error *err) {
    const uint8_t *at = list->forms.data, *end = at + list->forms.len;
    lede_status status = LEDE_OK;
    while (at < end && !status) {
        const char *form = (const char *)at + 1;
        size_t len = *at;
        uint64_t passages;
        at += 1 + len;
        if (!varint_get(&at, end, &passages))
            break;
        if (begins(form, len, beginning, beginning_len))
            status = visit(ctx, form, len, passages, err);
    }
    return status;
}

lede_status words_of(struct words *w, const struct engine_beginning *beginning, engine_visit_word *visit, void *ctx,
                     struct xapian_error *failure, lede_error *err) {
    lede_status status = LEDE_OK;
    const char *bytes = beginning->bytes;
    size_t i = 0, len = beginning->len;
    failure->code = XAPIAN_OK;
    while (i < w->list_count && !begins(bytes, len, w->lists[i].beginning, w->lists[i].len))
        i++;
    if (i == w->list_count) {
        status = fetch(w, bytes, len, failure, err);
        i = w->list_count - 1;
    }
    return status ? status : visit_list(&w->lists[i], bytes, len, visit, ctx, err);
}

/* --------------------------------------------------------------------------------- expansions -- */

struct finding {
    const struct node *word;
    struct expansion_of *out;
    struct analyzer *analyzer;
    bool stems; /* are what is taken, else forms */
};

/* What finding all of a query's words takes. */
struct finding_with {
    struct analyzer *analyzer;
    struct xapian_error *failure;
};

/* Bytes that all forms of the word begin with. */
static size_t beginning_of(const struct node *word) {
    size_t n = 0;
    if (word->word == WORD_FUZZY)
        return 0;
    while (n < word->form_len && (word->word == WORD_PREFIX || (word->form[n] != '*' && word->form[n] != '?')))
        n++;
    return n;
}

static const char *next_string(const uint8_t **at, const uint8_t *end, size_t *len) {
    *len = *at < end ? **at : 0;
    const char *bytes = (const char *)*at + 1;
    *at += *at < end ? 1 + *len : 0;
    return bytes;
}

static bool next_meaning(const struct expansion_of *e, size_t *at, struct meaning *out) {
    const uint8_t *next = e->terms.data + *at, *end = e->terms.data + e->terms.len;
    uint64_t doc_freq = 0;
    if (*at >= e->terms.len)
        return false;
    out->bytes = next_string(&next, end, &out->len);
    out->stem = next_string(&next, end, &out->stem_len);
    bool whole = varint_get(&next, end, &doc_freq);
    out->doc_freq = (uint32_t)doc_freq;
    *at = (size_t)(next - e->terms.data);
    return whole;
}

bool expansion_next(const struct expansions *e, uint32_t number, size_t *at, struct meaning *out) {
    out->is_stem = e->stems;
    return next_meaning(&e->of[number], at, out);
}

static bool has_term(const struct expansion_of *e, const char *term, size_t len) {
    struct meaning m;
    for (size_t at = 0; next_meaning(e, &at, &m);)
        if (m.len == len && memcmp(m.bytes, term, len) == 0)
            return true;
    return false;
}

static void append_meaning(struct buffer *terms, const struct meaning *m) {
    buffer_append_u8(terms, (uint8_t)m->len);
    buffer_append(terms, m->bytes, m->len);
    buffer_append_u8(terms, (uint8_t)m->stem_len);
    buffer_append(terms, m->stem, m->stem_len);
    buffer_append_varint(terms, m->doc_freq);
}

static lede_status take_form(void *ctx, const char *form, size_t len, uint64_t passages, lede_error *err) {
    struct finding *f = ctx;
    char stem[TERM_MAX + 1];
    if (!node_takes_form(f->word, form, len))
        return LEDE_OK;
    struct meaning m = {false, form, stem, len, analyzer_term(f->analyzer, form, len, stem), (uint32_t)passages};
    if (f->stems)
        m = (struct meaning){true, stem, stem, m.stem_len, m.stem_len, 0};
    if (!m.len || (f->stems && has_term(f->out, m.bytes, m.len)))
        return analyzer_status(f->analyzer, err);
    if (f->out->count == WORDS_MOST)
        return error_set(err, LEDE_UNSUPPORTED,
                         "query: '%.*s' stands for more than %d words; of an index in shards ask for fewer",
                         (int)f->word->shown_len, f->word->shown, WORDS_MOST);
    f->out->count++;
    append_meaning(&f->out->terms, &m);
    return f->out->terms.failed ? error_nomem(err) : LEDE_OK;
}

static lede_status take_name(struct finding *f, lede_error *err) {
    const struct node *word = f->word;
    char variant[NAMING_MAX];
    size_t len;
    lede_status status = LEDE_OK;
    for (unsigned i = 0; !status && (len = naming_variant(word->naming, word->form, word->form_len, i, variant)); i++)
        status = len > TERM_MAX ? LEDE_OK : take_form(f, variant, len, 0, err);
    return status;
}

static lede_status find_word(struct expansions *e, struct words *w, const struct node *word, struct analyzer *analyzer,
                             struct xapian_error *failure, lede_error *err) {
    struct finding f = {word, &e->of[word->number], analyzer, e->stems};
    if (word->word == WORD_FORM && word->naming)
        return take_name(&f, err);
    if (word->word == WORD_FORM)
        return take_form(&f, word->form, word->form_len, 0, err);
    const struct engine_beginning beginning = {word->form, beginning_of(word), ENGINE_ALL};
    return words_of(w, &beginning, take_form, &f, failure, err);
}

/* How many passages hold the words among choices, so that they can be weighed as one. */
static lede_status count_choices(struct expansions *e, const struct words *w, const struct lede_query *query,
                                 const struct node *choice, struct xapian_error *failure, lede_error *err) {
    for (const struct node *c = choice->first; c; c = c->next) {
        const struct query_term *t = &query->terms[c->term];
        if (c->word != WORD_STEM)
            continue;
        enum xapian_code code =
            w->x->xapian_database_frequency(&e->doc_freqs[c->term], NULL, w->db, t->bytes, t->len, failure);
        if (code)
            return error_set(err, LEDE_IO, "%s", failure->message);
    }
    return LEDE_OK;
}

static lede_status find_all(struct expansions *e, struct words *w, const struct lede_query *query,
                            const struct node *node, struct finding_with *with, lede_error *err) {
    lede_status status = LEDE_OK;
    if (node->kind == NODE_WORD && node->word != WORD_STEM)
        status = find_word(e, w, node, with->analyzer, with->failure, err);
    if (node->kind == NODE_SYNONYM)
        status = count_choices(e, w, query, node, with->failure, err);
    for (const struct node *c = node->first; c && !status; c = c->next)
        status = find_all(e, w, query, c, with, err);
    return status;
}

static bool has_choices(const struct node *node) {
    bool has = node->kind == NODE_SYNONYM;
    for (const struct node *c = node->first; c && !has; c = c->next)
        has = has_choices(c);
    return has;
}

lede_status expansions_find(struct expansions *e, struct words *w, const struct lede_query *query,
                            struct xapian_error *failure, lede_error *err) {
    struct finding_with with = {NULL, failure};
    struct xapian_totals totals;
    *e = (struct expansions){.count = query->pattern_count, .stems = !w->has_text};
    failure->code = XAPIAN_OK;
    if (!e->count && !has_choices(query->root))
        return LEDE_OK;
    e->of = calloc(e->count + 1, sizeof *e->of);
    e->doc_freqs = calloc(query->term_count + 1, sizeof *e->doc_freqs);
    if (!e->of || !e->doc_freqs)
        return error_nomem(err);
    if (w->x->xapian_database_totals(&totals, w->db, failure))
        return error_set(err, LEDE_IO, "%s", failure->message);
    e->passages = totals.documents;
    lede_status status = analyzer_new(&with.analyzer, w->language, err);
    if (!status)
        status = find_all(e, w, query, query->root, &with, err);
    analyzer_free(with.analyzer);
    return status;
}

void expansions_release(struct expansions *e) {
    for (size_t i = 0; i < e->count && e->of; i++)
        buffer_release(&e->of[i].terms);
    free(e->of);
    free(e->doc_freqs);
}
