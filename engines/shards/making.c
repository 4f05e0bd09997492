#include "making.h"

/* ----------------------------------------------------------------------------------- operands -- */

void operands_add(struct making *m, struct operands *to, xquery *query) {
    if (!query)
        return;
    buffer_append(&to->queries, &query, sizeof query);
    if (to->queries.failed) {
        m->code = XAPIAN_NOMEM;
        m->x->xapian_query_free(query);
    }
}

void operands_release(struct making *m, struct operands *o) {
    for (size_t i = 0; i < operands_count(o); i++)
        m->x->xapian_query_free(operands_all(o)[i]);
    buffer_release(&o->queries);
}

/* ------------------------------------------------------------------------------- combinations -- */

xquery *making_combine_in(struct making *m, enum xapian_operator op, struct operands *o, uint32_t window) {
    xquery *q = NULL;
    size_t count = operands_count(o);
    if (!m->code && count)
        m->code =
            m->x->xapian_query_combine(&q, op, (const xquery *const *)operands_all(o), count, window, &m->failure);
    for (size_t i = 0; i < count; i++)
        m->x->xapian_query_free(operands_all(o)[i]);
    buffer_release(&o->queries);
    return q;
}

xquery *making_combine(struct making *m, enum xapian_operator op, struct operands *o) {
    if (operands_count(o) == 1 && !m->code) {
        xquery *only = operands_all(o)[0];
        buffer_release(&o->queries);
        return only;
    }
    return making_combine_in(m, op, o, 0);
}

xquery *making_combine_two(struct making *m, enum xapian_operator op, xquery *a, xquery *b) {
    struct operands o = OPERANDS_EMPTY;
    operands_add(m, &o, a);
    operands_add(m, &o, b);
    return making_combine(m, op, &o);
}

xquery *making_both(struct making *m, enum xapian_operator op, xquery *a, xquery *b) {
    if (a && b)
        return making_combine_two(m, op, a, b);
    m->x->xapian_query_free(a);
    m->x->xapian_query_free(b);
    return NULL;
}

xquery *making_besides(struct making *m, enum xapian_operator op, xquery *a, xquery *b) {
    if (a && b)
        return making_combine_two(m, op, a, b);
    m->x->xapian_query_free(a ? NULL : b);
    return a;
}

xquery *making_weigh(struct making *m, xquery *q, double weight) {
    xquery *scaled = NULL;
    if (!q || weight == 1)
        return q;
    if (!m->code)
        m->code = m->x->xapian_query_scale(&scaled, q, weight, &m->failure);
    m->x->xapian_query_free(q);
    return scaled;
}

xquery *making_term(struct making *m, const char *bytes, size_t len) {
    xquery *q = NULL;
    if (!m->code && len)
        m->code = m->x->xapian_query_term(&q, bytes, len, &m->failure);
    return q;
}

/* Where Xapian 1.4 only asks whether an OR has a document, as the operands of an AND are asked, it takes phrases in it
 * for there that are not, or leaves others out. The lists of OP_AND_MAYBE are read on to where they match, and so are
 * right. */
xquery *making_settle(struct making *m, xquery *q) {
    if (!q || !m->has_phrases)
        return q;
    xquery *nothing = making_weigh(m, making_term(m, TERM_ARTICLE, strlen(TERM_ARTICLE)), 0);
    return nothing ? making_combine_two(m, XAPIAN_AND_MAYBE, q, nothing) : q;
}

xquery *making_any(struct making *m, struct operands *o) {
    struct operands settled = OPERANDS_EMPTY;
    if (operands_count(o) < 2)
        return making_combine(m, XAPIAN_OR, o);
    for (size_t i = 0; i < operands_count(o); i++)
        operands_add(m, &settled, making_settle(m, operands_all(o)[i]));
    buffer_release(&o->queries);
    return making_combine(m, XAPIAN_OR, &settled);
}

/* -------------------------------------------------------------------------------------- words -- */

/* What its terms begin with, see record.h. The body's are those of anywhere, of which only these have positions. */
static const struct {
    const char *stem, *form;
} prefixes[PLACES] = {{"", "F"}, {"", "F"}, {"T", "TF"}, {"H", "HF"}, {"N", "NF"}};

size_t making_term_there(char term[SHARD_TERM_MAX], const struct meaning *t, enum where where) {
    return record_word_term(term, t->is_stem ? prefixes[where].stem : prefixes[where].form, t->bytes, t->len);
}

enum where making_where(enum text_field field) {
    switch (field) {
    case FIELD_TITLE: return IN_TITLE;
    case FIELD_HEADING: return IN_HEADING;
    case FIELD_BODY: return IN_BODY;
    default: return ANYWHERE;
    }
}

void making_each_term(struct making *m, const struct node *word, struct operands *out, make_term *make,
                      enum where where) {
    const struct expansions *all = &m->parts->expansions;
    struct meaning t;
    if (word->word == WORD_STEM) {
        const struct query_term *q = &m->query->terms[word->term];
        t = (struct meaning){true, q->bytes, q->bytes, q->len, q->len, all->doc_freqs ? all->doc_freqs[word->term] : 0};
        operands_add(m, out, make(m, &t, where));
        return;
    }
    for (size_t at = 0; !m->code && expansion_next(all, word->number, &at, &t);)
        operands_add(m, out, make(m, &t, where));
}

void making_each_there(struct making *m, const struct node *node, struct operands *out, make_term *make,
                       enum where where) {
    const struct node *w = node->kind == NODE_WORD ? node : node->first;
    for (; w; w = node->kind == NODE_WORD ? NULL : w->next)
        if (w->field == FIELD_ANY || making_where(w->field) == where)
            making_each_term(m, w, out, make, where);
}
