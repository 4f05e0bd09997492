#include "making.h"
#include "near.h"

#include "core/base/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------- words -- */

static xquery *word_term(struct making *m, const char *prefix, const char *word, size_t len) {
    char bytes[SHARD_TERM_MAX];
    return making_term(m, bytes, record_word_term(bytes, prefix, word, len));
}

static xquery *there(struct making *m, const struct meaning *t, enum where where) {
    char bytes[SHARD_TERM_MAX];
    return making_term(m, bytes, making_term_there(bytes, t, where));
}

/* In the body, wherever else. */
static xquery *there_in_body(struct making *m, const struct meaning *t, enum where where) {
    (void)where;
    return making_combine_two(m, XAPIAN_AND_NOT, there(m, t, ANYWHERE), there(m, t, NOT_IN_BODY));
}

/* What Xapian weighs a term by that so many passages hold. */
static double idf(const struct making *m, double doc_freq) {
    return log((m->parts->expansions.passages + 1.0) / doc_freq);
}

/* What makes a term as rare as all that the word stands for together. Xapian's own OP_SYNONYM guesses how many passages
 * have any of them, two by two and rounding each time, in an order that a shard's own frequencies make: so a score
 * would depend on what else the shard has. */
static double rarity(const struct making *m, const struct meaning *t) {
    double all = m->doc_freq > m->parts->expansions.passages ? m->parts->expansions.passages : m->doc_freq;
    return t->doc_freq && m->doc_freq > t->doc_freq ? idf(m, all) / idf(m, t->doc_freq) : 1;
}

static xquery *as_one(struct making *m, const struct meaning *t, enum where where) {
    return making_weigh(m, there(m, t, where), rarity(m, t));
}

struct telling {
    shards_visit_meaning *visit;
    void *ctx;
};

static xquery *tell(struct making *m, const struct meaning *t, enum where where) {
    (void)where;
    m->telling->visit(m->telling->ctx, t, rarity(m, t));
    return NULL;
}

static xquery *count(struct making *m, const struct meaning *t, enum where where) {
    (void)where;
    m->doc_freq += t->doc_freq;
    return NULL;
}

/* What a word stands for, or words of which any counts as the word. */
static void each_meaning(struct making *m, const struct node *node, struct operands *out, make_term *make) {
    make_term *const passes[] = {count, make};
    m->doc_freq = 0;
    for (int i = 0; i < 2; i++) {
        if (node->kind == NODE_WORD)
            making_each_term(m, node, out, passes[i], ANYWHERE);
        for (const struct node *c = node->first; c; c = c->next)
            making_each_term(m, c, out, passes[i], ANYWHERE);
    }
}

/* The word wherever it stands: what gives to the score. */
static xquery *anywhere(struct making *m, const struct node *node) {
    struct operands o = OPERANDS_EMPTY;
    each_meaning(m, node, &o, as_one);
    return making_weigh(m, making_combine(m, XAPIAN_OR, &o), node->weight);
}

static xquery *word(struct making *m, const struct node *node) {
    struct operands o = OPERANDS_EMPTY;
    xquery *q = anywhere(m, node);
    enum where where = making_where(node->field);
    if (where == ANYWHERE)
        return q;
    making_each_term(m, node, &o, where == IN_BODY ? there_in_body : there, where);
    return making_both(m, XAPIAN_FILTER, q, making_combine(m, XAPIAN_OR, &o));
}

/* ----------------------------------------------------------------------------------- positions -- */

static xquery *operand(struct making *m, const struct node *node, enum where where) {
    struct operands o = OPERANDS_EMPTY;
    making_each_there(m, node, &o, there, where);
    return making_combine(m, XAPIAN_OR, &o);
}

static xquery *in_a_row(struct making *m, const struct node *node, enum where where) {
    struct operands o = OPERANDS_EMPTY;
    bool whole = true;
    for (const struct node *c = node->first; c && whole; c = c->next) {
        xquery *q = operand(m, c, where);
        whole = q != NULL;
        operands_add(m, &o, q);
    }
    if (whole)
        return making_combine_in(m, XAPIAN_PHRASE, &o, node->count + (node->kind == NODE_ADJ ? node->distance - 1 : 0));
    operands_release(m, &o);
    return NULL;
}

/* What its words give, where they stand so. */
static xquery *positional(struct making *m, const struct node *node) {
    struct operands words = OPERANDS_EMPTY, fields = OPERANDS_EMPTY;
    bool whole = true;
    for (const struct node *c = node->first; c; c = c->next) {
        xquery *q = anywhere(m, c);
        whole &= q != NULL;
        operands_add(m, &words, q);
    }
    for (enum where where = IN_BODY; where <= IN_HEADING && whole; where++)
        operands_add(m, &fields, node->kind == NODE_NEAR ? near_query(m, node, where) : in_a_row(m, node, where));
    xquery *scored = making_weigh(m, making_combine(m, XAPIAN_AND, &words), node->weight);
    return making_both(m, XAPIAN_FILTER, scored, making_any(m, &fields));
}

/* ------------------------------------------------------------------------------------- filters -- */

/* Less what is excluded. At the right of an AND_NOT Xapian 1.4 reads bounds of weights that it never set, and may take
 * one of an OR for all of them; what stands in a FILTER has them set. So where phrases make an OR hard to ask, what
 * every passage but these has is asked for. */
static xquery *leave_out(struct making *m, xquery *found, struct operands *excluded) {
    xquery *out = making_any(m, excluded), *all = NULL;
    if (!found || !out || !m->has_phrases)
        return making_besides(m, XAPIAN_AND_NOT, found, out);
    if (!m->code)
        m->code = m->x->xapian_query_all(&all, &m->failure);
    return making_both(m, XAPIAN_FILTER, found, making_combine_two(m, XAPIAN_XOR, all, out));
}

static xquery *dates(struct making *m, const struct node *filter) {
    char from[24], to[24];
    xquery *q = NULL;
    int from_len = snprintf(from, sizeof from, "%08u", filter->from ? filter->from : 1);
    int to_len = snprintf(to, sizeof to, "%08u", filter->to);
    if (!m->code)
        m->code = m->x->xapian_query_range(&q, SLOT_DATE, from, (size_t)from_len, to, (size_t)to_len, &m->failure);
    return q;
}

static xquery *byline(struct making *m, const struct node *filter) {
    struct operands o = OPERANDS_EMPTY;
    const char *at = filter->form, *end = at + filter->form_len;
    while (at < end) {
        const char *space = memchr(at, ' ', (size_t)(end - at));
        size_t len = (size_t)((space ? space : end) - at);
        operands_add(m, &o, word_term(m, "Y", at, len));
        at += len + (space != NULL);
    }
    return operands_count(&o) == 1 ? making_combine(m, XAPIAN_OR, &o) : making_combine_in(m, XAPIAN_PHRASE, &o, 0);
}

static xquery *path(struct making *m, const struct node *filter) {
    struct operands o = OPERANDS_EMPTY;
    const struct path_sources *p = m->parts->paths;
    while (p && p->filter != filter)
        p = p->next;
    for (size_t at = 0; p && at < p->ids.len; at += sizeof(uint64_t)) {
        char bytes[SHARD_TERM_MAX];
        operands_add(m, &o, making_term(m, bytes, record_source_term(bytes, 'S', load_u64(p->ids.data + at))));
    }
    return making_combine(m, XAPIAN_OR, &o);
}

static xquery *filter_leaf(struct making *m, const struct node *filter) {
    switch (filter->filter) {
    case FILTER_DATE: return dates(m, filter);
    case FILTER_BYLINE: return byline(m, filter);
    case FILTER_PATH: return path(m, filter);
    default: return word_term(m, "L", filter->form, filter->form_len);
    }
}

/* What a tree of filters lets pass: what it must be in, else what it should be in, less what it must not be in. */
static xquery *filter_tree(struct making *m, const struct node *node) {
    struct operands must = OPERANDS_EMPTY, should = OPERANDS_EMPTY, excluded = OPERANDS_EMPTY;
    bool all = false, hopeless = false;
    if (node->kind == NODE_FILTER)
        return filter_leaf(m, node);
    for (const struct node *c = node->first; c; c = c->next) {
        xquery *q = filter_tree(m, c);
        bool required = c->occur == OCCUR_MUST || c->occur == OCCUR_FILTER;
        all |= required;
        hopeless |= required && !q;
        operands_add(m, c->occur == OCCUR_MUST_NOT ? &excluded : required ? &must : &should, q);
    }
    xquery *musts = making_combine(m, XAPIAN_AND, &must), *shoulds = making_any(m, &should);
    m->x->xapian_query_free(all ? shoulds : musts);
    xquery *found = all ? musts : shoulds;
    if (hopeless) {
        m->x->xapian_query_free(found);
        found = NULL;
    }
    return leave_out(m, found, &excluded);
}

static xquery *everything(struct making *m) {
    xquery *q = NULL;
    if (!m->code)
        m->code = m->x->xapian_query_constant(&q, 1, &m->failure);
    return q;
}

/* Where nothing else gives to the score, a passage gets 1. */
static xquery *passing(struct making *m, xquery *filter) {
    return filter ? making_both(m, XAPIAN_FILTER, everything(m), filter) : NULL;
}

/* -------------------------------------------------------------------------------------- groups -- */

static xquery *make(struct making *m, const struct node *node);

static bool next_choice(size_t *chosen, size_t least, size_t count) {
    size_t i = least;
    while (i > 0 && chosen[i - 1] == count - least + i - 1)
        i--;
    if (i == 0)
        return false;
    for (size_t next = chosen[i - 1] + 1; i <= least; i++)
        chosen[i - 1] = next++;
    return true;
}

static bool are_few(size_t least, size_t count) {
    double choices = 1;
    for (size_t i = 0; i < least; i++)
        choices = choices * (double)(count - i) / (double)(i + 1);
    return choices <= CHOICES_MOST;
}

/* Every choice of `least` of the operands, which stay. */
static xquery *choices(struct making *m, const struct operands *from, size_t least) {
    struct operands all = OPERANDS_EMPTY;
    size_t count = operands_count(from);
    size_t *chosen = calloc(least + 1, sizeof *chosen);
    const xquery **some = calloc(least + 1, sizeof *some);
    if (!are_few(least, count))
        m->refusal = "some of so many words can't be asked for";
    if (!chosen || !some)
        m->code = XAPIAN_NOMEM;
    for (size_t i = 0; i < least && chosen; i++)
        chosen[i] = i;
    for (bool more = !m->code && !m->refusal; more; more = !m->code && next_choice(chosen, least, count)) {
        xquery *q = NULL;
        for (size_t i = 0; i < least; i++)
            some[i] = operands_all(from)[chosen[i]];
        m->code = m->x->xapian_query_combine(&q, XAPIAN_AND, some, least, 0, &m->failure);
        operands_add(m, &all, q);
    }
    free(chosen);
    free(some);
    return making_any(m, &all);
}

static xquery *some_of(struct making *m, struct operands *should, size_t least) {
    if (least > operands_count(should)) {
        m->x->xapian_query_free(making_any(m, should));
        return NULL;
    }
    xquery *q = choices(m, should, least);
    return making_both(m, XAPIAN_FILTER, making_any(m, should), q);
}

/* Xapian makes an OR of what is at the right of several in a row. */
static xquery *add_maybe(struct making *m, xquery *found, struct operands *should) {
    return making_besides(m, XAPIAN_AND_MAYBE, found, making_settle(m, making_any(m, should)));
}

struct members {
    struct operands must, should, excluded, filter;
    bool searched, filtered, hopeless;
};

static void take_members(struct making *m, const struct node *group, struct members *g) {
    for (const struct node *c = group->first; c; c = c->next) {
        bool filter = c->occur == OCCUR_FILTER;
        xquery *q = filter ? filter_tree(m, c) : make(m, c);
        g->searched |= c->occur == OCCUR_MUST || c->occur == OCCUR_SHOULD;
        g->filtered |= filter;
        g->hopeless |= (filter || c->occur == OCCUR_MUST) && !q;
        operands_add(m,
                     filter                     ? &g->filter
                     : c->occur == OCCUR_MUST   ? &g->must
                     : c->occur == OCCUR_SHOULD ? &g->should
                                                : &g->excluded,
                     q);
    }
}

static xquery *search(struct making *m, const struct node *group, struct members *g) {
    bool required = operands_count(&g->must) > 0;
    xquery *must = making_combine(m, XAPIAN_AND, &g->must);
    if (group->least && required)
        return making_both(m, XAPIAN_AND, must, some_of(m, &g->should, group->least));
    if (group->least)
        return some_of(m, &g->should, group->least);
    return required ? add_maybe(m, must, &g->should) : making_any(m, &g->should);
}

static xquery *group(struct making *m, const struct node *node) {
    struct members g = {.searched = false};
    take_members(m, node, &g);
    xquery *found = g.searched ? search(m, node, &g) : g.filtered ? everything(m) : NULL;
    xquery *filter = making_combine(m, XAPIAN_AND, &g.filter);
    if (g.hopeless) {
        m->x->xapian_query_free(found);
        found = NULL;
    }
    found = making_besides(m, XAPIAN_FILTER, found, filter);
    return leave_out(m, found, &g.excluded);
}

static xquery *make(struct making *m, const struct node *node) {
    if (node_is_filter(node))
        return passing(m, filter_tree(m, node));
    switch (node->kind) {
    case NODE_WORD: return word(m, node);
    case NODE_SYNONYM: return anywhere(m, node);
    case NODE_GROUP: return group(m, node);
    case NODE_ALL: return everything(m);
    default: return positional(m, node);
    }
}

/* --------------------------------------------------------------------------------------- whole -- */

static lede_status check(const lede_query *query, const struct node *node, lede_error *err) {
    lede_status status = LEDE_OK;
    if (node->kind == NODE_SENTENCE)
        return error_set(
            err, LEDE_UNSUPPORTED,
            "query: an index in shards can't tell sentences; ask for NEAR or PASSAGE in place of SENTENCE");
    for (const struct node *c = node->first; c && !status; c = c->next) {
        bool near = node->kind == NODE_NEAR || node->kind == NODE_ADJ;
        if (near && c->kind != NODE_WORD && c->kind != NODE_SYNONYM)
            return error_set(
                err, LEDE_UNSUPPORTED,
                "query: of an index in shards NEAR and ADJ take words and choices of words, no phrases: %s",
                lede_query_text(query));
        status = check(query, c, err);
    }
    return status;
}

lede_status shards_query_check(const lede_query *query, lede_error *err) {
    return check(query, query->root, err);
}

static bool has_phrases(const struct node *node) {
    bool has = node->kind == NODE_PHRASE || node->kind == NODE_NEAR || node->kind == NODE_ADJ ||
               (node->kind == NODE_FILTER && node->filter == FILTER_BYLINE);
    for (const struct node *c = node->first; c && !has; c = c->next)
        has = has_phrases(c);
    return has;
}

static xquery *article(struct making *m, const char *key, size_t key_len) {
    char bytes[SHARD_TERM_MAX];
    return making_term(m, bytes, record_key_term(bytes, key, key_len));
}

static xquery *restrict_to(struct making *m, xquery *q, const struct engine_search *search) {
    const lede_search_options *o = search->options;
    if (q && search->within)
        q = making_both(m, XAPIAN_FILTER, q, article(m, search->within->key, search->within->key_len));
    return q && o->without ? making_besides(m, XAPIAN_AND_NOT, q, article(m, o->without, o->without_len)) : q;
}

static lede_status refuse(const struct making *m, lede_error *err) {
    if (m->refusal)
        return error_set(err, LEDE_UNSUPPORTED, "query: of an index in shards %s: %s", m->refusal,
                         lede_query_text(m->query));
    if (m->code == XAPIAN_NOMEM)
        return error_nomem(err);
    return error_set(err, m->code == XAPIAN_UNIMPLEMENTED ? LEDE_UNSUPPORTED : LEDE_INVALID, "query: %s",
                     m->failure.message);
}

lede_status shards_query_part(struct xapian_query **out, const struct xapian *x, const lede_query *query,
                              const struct query_parts *parts, const struct node *node, lede_error *err) {
    struct making m = {.x = x, .query = query, .parts = parts, .has_phrases = has_phrases(query->root)};
    *out = make(&m, node);
    if (!m.code && !m.refusal)
        return LEDE_OK;
    x->xapian_query_free(*out);
    *out = NULL;
    return refuse(&m, err);
}

void shards_query_meanings(const lede_query *query, const struct query_parts *parts, const struct node *word,
                           shards_visit_meaning *visit, void *ctx) {
    const struct telling telling = {visit, ctx};
    struct making m = {.query = query, .parts = parts, .telling = &telling};
    struct operands none = OPERANDS_EMPTY;
    each_meaning(&m, word, &none, tell);
}

lede_status shards_query(struct xapian_query **out, const struct xapian *x, const struct engine_search *search,
                         const struct query_parts *parts, lede_error *err) {
    const lede_query *query = search->query;
    struct making m = {.x = x, .query = query, .parts = parts, .has_phrases = has_phrases(query->root)};
    *out = NULL;
    lede_status status = shards_query_check(query, err);
    if (status)
        return status;
    xquery *q = restrict_to(&m, lede_query_is_empty(query) ? NULL : make(&m, query->root), search);
    if (!q && !m.code)
        m.code = x->xapian_query_nothing(&q, &m.failure);
    if (!m.code && !m.refusal) {
        *out = q;
        return LEDE_OK;
    }
    x->xapian_query_free(q);
    return refuse(&m, err);
}
