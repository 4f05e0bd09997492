#include "near.h"

#include <stdlib.h>

/* Xapian's OP_NEAR gives each place to the first operand that can have it, and misses what another choice would find.
 * So what two operands may both be is spelled out: an OP_NEAR for each choice of one of these, or of the rest, for each
 * operand. A stem and a form of it are terms at one place, too, of which neither is the other: these are refused. */
struct near_term {
    uint32_t operand, len, stem_len;
    bool is_stem;
    size_t bytes, stem; /* where they are */
};

struct noting {
    struct buffer terms, bytes; /* near_term each */
    uint32_t operand;
};

static xquery *note(struct making *m, const struct meaning *t, enum where where) {
    struct noting *n = m->noting;
    char bytes[SHARD_TERM_MAX];
    uint32_t len = (uint32_t)making_term_there(bytes, t, where);
    const struct near_term new = {n->operand, len, (uint32_t)t->stem_len, t->is_stem, n->bytes.len, n->bytes.len + len};
    buffer_append(&n->bytes, bytes, len);
    buffer_append(&n->bytes, t->stem, t->stem_len);
    buffer_append(&n->terms, &new, sizeof new);
    if (n->bytes.failed || n->terms.failed)
        m->code = XAPIAN_NOMEM;
    return NULL;
}

static int compare_bytes(const uint8_t *all, const size_t at[2], const uint32_t len[2]) {
    int order = memcmp(all + at[0], all + at[1], len[0] < len[1] ? len[0] : len[1]);
    return order ? order : (len[0] > len[1]) - (len[0] < len[1]);
}

/* By stem, then by term, then by operand. */
static int compare_terms(const void *a, const void *b, void *bytes) {
    const struct near_term *x = a, *y = b;
    int order = compare_bytes(bytes, (size_t[]){x->stem, y->stem}, (uint32_t[]){x->stem_len, y->stem_len});
    if (!order)
        order = compare_bytes(bytes, (size_t[]){x->bytes, y->bytes}, (uint32_t[]){x->len, y->len});
    return order ? order : (x->operand > y->operand) - (x->operand < y->operand);
}

/* The terms of all operands, sorted. */
static struct near_term *note_all(struct making *m, const struct node *node, enum where where, struct noting *n) {
    struct operands none = OPERANDS_EMPTY;
    m->noting = n;
    for (const struct node *c = node->first; c; c = c->next, n->operand++)
        making_each_there(m, c, &none, note, where);
    struct near_term *terms = (struct near_term *)(void *)n->terms.data;
    if (n->terms.len && !m->code)
        qsort_r(terms, n->terms.len / sizeof *terms, sizeof *terms, compare_terms, n->bytes.data);
    return terms;
}

/* Whether one operand may be a stem that another may be a form of. */
static bool are_mixed(const struct near_term *terms, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count && terms[i].is_stem; k++)
            if (!terms[k].is_stem && terms[k].operand != terms[i].operand)
                return true;
    return false;
}

/* Terms of one stem, for each operand that may be them: each term that others may be, too, and the rest as one. */
static void add_choices(struct making *m, const struct noting *n, const struct near_term *terms, size_t count,
                        struct operands *choices, struct operands *rests) {
    const char *bytes = (const char *)n->bytes.data;
    for (size_t i = 0, end; i < count && !m->code; i = end) {
        const struct near_term *t = &terms[i];
        for (end = i;
             end < count && terms[end].len == t->len && !memcmp(bytes + terms[end].bytes, bytes + t->bytes, t->len);)
            end++;
        bool shared = terms[end - 1].operand != t->operand;
        for (size_t k = i; k < end; k++)
            if (k == i || terms[k].operand != terms[k - 1].operand)
                operands_add(m, &(shared ? choices : rests)[terms[k].operand],
                             making_term(m, bytes + t->bytes, t->len));
    }
}

static void find_choices(struct making *m, const struct noting *n, const struct near_term *terms,
                         struct operands *choices, struct operands *rests) {
    size_t count = n->terms.len / sizeof *terms;
    for (size_t i = 0, end; i < count && !m->code; i = end) {
        const struct near_term *t = &terms[i];
        for (end = i; end < count && terms[end].stem_len == t->stem_len &&
                      !memcmp(n->bytes.data + terms[end].stem, n->bytes.data + t->stem, t->stem_len);)
            end++;
        if (are_mixed(t, end - i))
            m->refusal = "NEAR can't be asked for a word and a form of it";
        add_choices(m, n, t, end - i, choices, rests);
    }
    for (uint32_t i = 0; i < n->operand; i++)
        operands_add(m, &choices[i], making_combine(m, XAPIAN_OR, &rests[i]));
}

/* The next choice of one for each operand; false behind the last. */
static bool turn(size_t *chosen, const struct operands *choices, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (++chosen[i] < operands_count(&choices[i]))
            return true;
        chosen[i] = 0;
    }
    return false;
}

static xquery *each_choice(struct making *m, const struct operands *choices, uint32_t count, uint32_t window) {
    struct operands all = OPERANDS_EMPTY;
    size_t *chosen = calloc(count, sizeof *chosen);
    const xquery **some = calloc(count, sizeof *some);
    double product = 1;
    for (uint32_t i = 0; i < count; i++)
        product *= (double)operands_count(&choices[i]);
    if (product > CHOICES_MOST)
        m->refusal = "NEAR can't be asked for so many words of which two may be the same";
    if (!chosen || !some)
        m->code = XAPIAN_NOMEM;
    for (bool more = product >= 1 && !m->refusal && !m->code; more; more = !m->code && turn(chosen, choices, count)) {
        xquery *q = NULL;
        for (uint32_t i = 0; i < count; i++)
            some[i] = operands_all(&choices[i])[chosen[i]];
        m->code = m->x->xapian_query_combine(&q, XAPIAN_NEAR, some, count, window, &m->failure);
        operands_add(m, &all, q);
    }
    free(chosen);
    free(some);
    return making_any(m, &all);
}

xquery *near_query(struct making *m, const struct node *node, enum where where) {
    struct noting n = {BUFFER_EMPTY, BUFFER_EMPTY, 0};
    struct operands *choices = calloc(node->count, sizeof *choices), *rests = calloc(node->count, sizeof *rests);
    xquery *q = NULL;
    if (!choices || !rests)
        m->code = XAPIAN_NOMEM;
    const struct near_term *terms = m->code ? NULL : note_all(m, node, where, &n);
    if (!m->code)
        find_choices(m, &n, terms, choices, rests);
    if (!m->code)
        q = each_choice(m, choices, node->count, node->count + node->distance - 1);
    for (uint32_t i = 0; i < node->count && choices && rests; i++) {
        operands_release(m, &choices[i]);
        operands_release(m, &rests[i]);
    }
    free(choices);
    free(rests);
    buffer_release(&n.terms);
    buffer_release(&n.bytes);
    return q;
}
