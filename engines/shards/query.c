#include "query.h"

#include "../../core/error.h"
#include "../../searcher/query.h"
#include "documents.h"

#include <stdlib.h>

/* Queries in the making; the first failure stays. Each is owned by whoever has it, and combining consumes. */
struct making {
    const struct xapian *x;
    const struct lede_query *query;
    enum xapian_code code;
    struct xapian_error failure;
};

/* Operands of one kind, as they gather. */
struct operands {
    struct xapian_query **queries;
    size_t count;
};

static void add(struct operands *to, struct xapian_query *query) {
    if (query)
        to->queries[to->count++] = query;
}

static struct xapian_query *term(struct making *m, const char *bytes, size_t len) {
    struct xapian_query *q = NULL;
    if (!m->code)
        m->code = m->x->xapian_query_term(&q, bytes, documents_cut(bytes, len), &m->failure);
    return q;
}

/* One query of all operands, which are gone then; NULL if there are none. */
static struct xapian_query *combine(struct making *m, enum xapian_operator op, struct operands *operands) {
    struct xapian_query *q = NULL;
    if (!m->code && operands->count)
        m->code = m->x->xapian_query_combine(&q, op, (const struct xapian_query *const *)operands->queries,
                                             operands->count, 0, &m->failure);
    for (size_t i = 0; i < operands->count; i++)
        m->x->xapian_query_free(operands->queries[i]);
    operands->count = 0;
    return q;
}

static struct xapian_query *combine_two(struct making *m, enum xapian_operator op, struct xapian_query *a,
                                        struct xapian_query *b) {
    struct xapian_query *pair[2];
    struct operands operands = {pair, 0};
    if (!a || !b)
        return a ? a : b;
    add(&operands, a);
    add(&operands, b);
    return combine(m, op, &operands);
}

static struct xapian_query *weigh(struct making *m, struct xapian_query *q, double weight) {
    struct xapian_query *scaled = NULL;
    if (!q || weight == 1)
        return q;
    if (!m->code)
        m->code = m->x->xapian_query_scale(&scaled, q, weight, &m->failure);
    m->x->xapian_query_free(q);
    return scaled;
}

/* A word, or a phrase; `scratch` has room for its words. */
static struct xapian_query *clause(struct making *m, const struct clause *c, struct xapian_query **scratch) {
    struct operands words = {scratch, 0};
    for (uint32_t i = 0; i < c->term_count; i++) {
        const struct query_term *t = &m->query->terms[c->terms[i]];
        add(&words, term(m, t->bytes, t->len));
    }
    return weigh(m, combine(m, XAPIAN_PHRASE, &words), c->weight);
}

static struct xapian_query *clauses(struct making *m, enum clause_sign sign, enum xapian_operator op,
                                    struct xapian_query **scratch) {
    size_t count = m->query->clause_count;
    struct operands operands = {scratch, 0};
    for (size_t i = 0; i < count; i++)
        if (m->query->clauses[i].sign == sign)
            add(&operands, clause(m, &m->query->clauses[i], scratch + count));
    return combine(m, op, &operands);
}

/* What may be there besides, one clause after the other. Not as an OR of them: Xapian 1.4 then gives weight for phrases
 * that are not there. */
static struct xapian_query *add_maybe(struct making *m, struct xapian_query *found, struct xapian_query **scratch) {
    for (size_t i = 0; i < m->query->clause_count; i++)
        if (m->query->clauses[i].sign == CLAUSE_SHOULD)
            found = combine_two(m, XAPIAN_AND_MAYBE, found, clause(m, &m->query->clauses[i], scratch));
    return found;
}

static struct xapian_query *whole(struct making *m, struct xapian_query **scratch) {
    struct xapian_query *must = clauses(m, CLAUSE_MUST, XAPIAN_AND, scratch);
    struct xapian_query *found = must ? add_maybe(m, must, scratch) : clauses(m, CLAUSE_SHOULD, XAPIAN_OR, scratch);
    if (!found)
        return NULL;
    return combine_two(m, XAPIAN_AND_NOT, found, clauses(m, CLAUSE_MUST_NOT, XAPIAN_OR, scratch));
}

static struct xapian_query *restrict_to(struct making *m, struct xapian_query *q, const lede_article *within) {
    char key[SHARD_TERM_MAX];
    if (!within || !q)
        return q;
    size_t len = record_key_term(key, within->key, within->key_len);
    return combine_two(m, XAPIAN_FILTER, q, term(m, key, len));
}

/* Words and phrases with signs and weights are what shards are asked. */
static bool is_asked(const lede_query *query) {
    for (const struct node *c = query->root->first; c; c = c->next)
        if (node_is_filter(c))
            return false;
    return query->clause_count == query->root->count;
}

lede_status shards_query(struct xapian_query **out, const struct xapian *x, const lede_query *query,
                         const lede_article *within, lede_error *err) {
    struct making m = {.x = x, .query = query};
    struct xapian_query **scratch = calloc(query->clause_count + LEDE_QUERY_MAX_TERMS, sizeof(struct xapian_query *));
    *out = NULL;
    if (!scratch)
        return error_nomem(err);
    if (!is_asked(query)) {
        free(scratch);
        return error_set(err, LEDE_UNSUPPORTED,
                         "query: of an index in shards ask for words, phrases, + and - alone, not for %s",
                         lede_query_text(query));
    }
    struct xapian_query *q = lede_query_is_empty(query) ? NULL : whole(&m, scratch);
    if (!q && !m.code)
        m.code = x->xapian_query_nothing(&q, &m.failure);
    q = restrict_to(&m, q, within);
    free(scratch);
    if (!m.code) {
        *out = q;
        return LEDE_OK;
    }
    x->xapian_query_free(q);
    return m.code == XAPIAN_NOMEM           ? error_nomem(err)
           : m.code == XAPIAN_UNIMPLEMENTED ? error_set(err, LEDE_UNSUPPORTED, "query: %s", m.failure.message)
                                            : error_set(err, LEDE_INVALID, "query: %s", m.failure.message);
}
