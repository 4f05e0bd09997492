#include "query.h"

#include "../../core/error.h"
#include "record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Choices of some of many that a query may spell out. */
enum { CHOICES_MOST = 1000 };

/* Queries in the making; the first failure stays. Each is owned by whoever has it, and combining consumes. NULL is one
 * that matches nothing. */
struct noting;
struct telling;

struct making {
    const struct xapian *x;
    const struct lede_query *query;
    const struct query_parts *parts;
    enum xapian_code code;
    struct xapian_error failure;
    const char *refusal; /* what can't be asked */
    double doc_freq;     /* of all that the word in hand stands for */
    struct noting *noting;
    const struct telling *telling;
    bool has_phrases; /* or other operators that look at positions */
};

typedef struct xapian_query xquery;

/* Operands of one kind, as they gather. */
struct operands {
    struct buffer queries; /* xquery * each */
};

#define OPERANDS_EMPTY ((struct operands){BUFFER_EMPTY})

static xquery **all_of(const struct operands *o) {
    return (xquery **)(void *)o->queries.data;
}

static size_t count_of(const struct operands *o) {
    return o->queries.len / sizeof(xquery *);
}

static void add(struct making *m, struct operands *to, xquery *query) {
    if (!query)
        return;
    buffer_append(&to->queries, &query, sizeof query);
    if (to->queries.failed) {
        m->code = XAPIAN_NOMEM;
        m->x->xapian_query_free(query);
    }
}

/* ------------------------------------------------------------------------------- combinations -- */

static xquery *combine_in(struct making *m, enum xapian_operator op, struct operands *o, uint32_t window) {
    xquery *q = NULL;
    size_t count = count_of(o);
    if (!m->code && count)
        m->code = m->x->xapian_query_combine(&q, op, (const xquery *const *)all_of(o), count, window, &m->failure);
    for (size_t i = 0; i < count; i++)
        m->x->xapian_query_free(all_of(o)[i]);
    buffer_release(&o->queries);
    return q;
}

/* One query of all operands, which are gone then; NULL if there are none. */
static xquery *combine(struct making *m, enum xapian_operator op, struct operands *o) {
    if (count_of(o) == 1 && !m->code) {
        xquery *only = all_of(o)[0];
        buffer_release(&o->queries);
        return only;
    }
    return combine_in(m, op, o, 0);
}

static xquery *combine_two(struct making *m, enum xapian_operator op, xquery *a, xquery *b) {
    struct operands o = OPERANDS_EMPTY;
    add(m, &o, a);
    add(m, &o, b);
    return combine(m, op, &o);
}

/* Both, or nothing. */
static xquery *both(struct making *m, enum xapian_operator op, xquery *a, xquery *b) {
    if (a && b)
        return combine_two(m, op, a, b);
    m->x->xapian_query_free(a);
    m->x->xapian_query_free(b);
    return NULL;
}

/* a, and what b does to it if there is a b. */
static xquery *besides(struct making *m, enum xapian_operator op, xquery *a, xquery *b) {
    if (a && b)
        return combine_two(m, op, a, b);
    m->x->xapian_query_free(a ? NULL : b);
    return a;
}

static xquery *weigh(struct making *m, xquery *q, double weight) {
    xquery *scaled = NULL;
    if (!q || weight == 1)
        return q;
    if (!m->code)
        m->code = m->x->xapian_query_scale(&scaled, q, weight, &m->failure);
    m->x->xapian_query_free(q);
    return scaled;
}

static xquery *term(struct making *m, const char *bytes, size_t len) {
    xquery *q = NULL;
    if (!m->code && len)
        m->code = m->x->xapian_query_term(&q, bytes, len, &m->failure);
    return q;
}

/* What may have phrases in it, as an operand of an OR. Where Xapian 1.4 only asks whether an OR has a document, as the
 * operands of an AND are asked, it takes phrases in it for there that are not, or leaves others out. The lists of
 * OP_AND_MAYBE are read on to where they match, and so are right. */
static xquery *settle(struct making *m, xquery *q) {
    if (!q || !m->has_phrases)
        return q;
    xquery *nothing = weigh(m, term(m, TERM_ARTICLE, strlen(TERM_ARTICLE)), 0);
    return nothing ? combine_two(m, XAPIAN_AND_MAYBE, q, nothing) : q;
}

static xquery *any(struct making *m, struct operands *o) {
    struct operands settled = OPERANDS_EMPTY;
    if (count_of(o) < 2)
        return combine(m, XAPIAN_OR, o);
    for (size_t i = 0; i < count_of(o); i++)
        add(m, &settled, settle(m, all_of(o)[i]));
    buffer_release(&o->queries);
    return combine(m, XAPIAN_OR, &settled);
}

/* ------------------------------------------------------------------------------------- words -- */

/* Where a word is looked for. */
enum place { ANYWHERE, IN_BODY, IN_TITLE, IN_HEADING, NOT_IN_BODY, PLACES };

/* What its terms begin with, see record.h. The body's are those of anywhere, of which only these have positions. */
static const struct {
    const char *stem, *form;
} prefixes[PLACES] = {{"", "F"}, {"", "F"}, {"T", "TF"}, {"H", "HF"}, {"N", "NF"}};

static xquery *word_term(struct making *m, const char *prefix, const char *word, size_t len) {
    char bytes[SHARD_TERM_MAX];
    return term(m, bytes, record_word_term(bytes, prefix, word, len));
}

typedef xquery *make_term(struct making *m, const struct meaning *t, enum place place);

/* Calls `make` with each stem or form that the word stands for. */
static void each_term(struct making *m, const struct node *word, struct operands *out, make_term *make,
                      enum place place) {
    const struct expansions *all = &m->parts->expansions;
    struct meaning t;
    if (word->word == WORD_STEM) {
        const struct query_term *q = &m->query->terms[word->term];
        t = (struct meaning){true, q->bytes, q->bytes, q->len, q->len, all->doc_freqs ? all->doc_freqs[word->term] : 0};
        add(m, out, make(m, &t, place));
        return;
    }
    for (size_t at = 0; !m->code && expansion_next(all, word->number, &at, &t);)
        add(m, out, make(m, &t, place));
}

static xquery *there(struct making *m, const struct meaning *t, enum place place) {
    return word_term(m, t->is_stem ? prefixes[place].stem : prefixes[place].form, t->bytes, t->len);
}

/* In the body, wherever else. */
static xquery *there_in_body(struct making *m, const struct meaning *t, enum place place) {
    (void)place;
    return combine_two(m, XAPIAN_AND_NOT, there(m, t, ANYWHERE), there(m, t, NOT_IN_BODY));
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

static xquery *as_one(struct making *m, const struct meaning *t, enum place place) {
    return weigh(m, there(m, t, place), rarity(m, t));
}

struct telling {
    shards_visit_meaning *visit;
    void *ctx;
};

static xquery *tell(struct making *m, const struct meaning *t, enum place place) {
    (void)place;
    m->telling->visit(m->telling->ctx, t, rarity(m, t));
    return NULL;
}

static xquery *count(struct making *m, const struct meaning *t, enum place place) {
    (void)place;
    m->doc_freq += t->doc_freq;
    return NULL;
}

static enum place place_of(enum text_field field) {
    switch (field) {
    case FIELD_TITLE: return IN_TITLE;
    case FIELD_HEADING: return IN_HEADING;
    case FIELD_BODY: return IN_BODY;
    default: return ANYWHERE;
    }
}

/* What a word stands for, or words of which any counts as the word. */
static void each_meaning(struct making *m, const struct node *node, struct operands *out, make_term *make) {
    make_term *const passes[] = {count, make};
    m->doc_freq = 0;
    for (int i = 0; i < 2; i++) {
        if (node->kind == NODE_WORD)
            each_term(m, node, out, passes[i], ANYWHERE);
        for (const struct node *c = node->first; c; c = c->next)
            each_term(m, c, out, passes[i], ANYWHERE);
    }
}

/* The word wherever it stands: what gives to the score. */
static xquery *anywhere(struct making *m, const struct node *node) {
    struct operands o = OPERANDS_EMPTY;
    each_meaning(m, node, &o, as_one);
    return weigh(m, combine(m, XAPIAN_OR, &o), node->weight);
}

static xquery *word(struct making *m, const struct node *node) {
    struct operands o = OPERANDS_EMPTY;
    xquery *q = anywhere(m, node);
    enum place place = place_of(node->field);
    if (place == ANYWHERE)
        return q;
    each_term(m, node, &o, place == IN_BODY ? there_in_body : there, place);
    return both(m, XAPIAN_FILTER, q, combine(m, XAPIAN_OR, &o));
}

/* ----------------------------------------------------------------------------------- positions -- */

/* An operand of a phrase or NEAR in a field: its terms there, if it may stand there. */
static xquery *operand(struct making *m, const struct node *node, enum place place) {
    struct operands o = OPERANDS_EMPTY;
    const struct node *w = node->kind == NODE_WORD ? node : node->first;
    for (; w; w = node->kind == NODE_WORD ? NULL : w->next)
        if (w->field == FIELD_ANY || place_of(w->field) == place)
            each_term(m, w, &o, there, place);
    return combine(m, XAPIAN_OR, &o);
}

static void release_all(struct making *m, struct operands *o) {
    for (size_t i = 0; i < count_of(o); i++)
        m->x->xapian_query_free(all_of(o)[i]);
    buffer_release(&o->queries);
}

static xquery *in_a_row(struct making *m, const struct node *node, enum place place) {
    struct operands o = OPERANDS_EMPTY;
    bool whole = true;
    for (const struct node *c = node->first; c && whole; c = c->next) {
        xquery *q = operand(m, c, place);
        whole = q != NULL;
        add(m, &o, q);
    }
    if (whole)
        return combine_in(m, XAPIAN_PHRASE, &o, node->count + (node->kind == NODE_ADJ ? node->distance - 1 : 0));
    release_all(m, &o);
    return NULL;
}

/* ---------------------------------------------------------------------------------------- near -- */

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

static xquery *note(struct making *m, const struct meaning *t, enum place place) {
    struct noting *n = m->noting;
    char bytes[SHARD_TERM_MAX];
    uint32_t len =
        (uint32_t)record_word_term(bytes, t->is_stem ? prefixes[place].stem : prefixes[place].form, t->bytes, t->len);
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
static struct near_term *note_all(struct making *m, const struct node *node, enum place place, struct noting *n) {
    struct operands none = OPERANDS_EMPTY;
    m->noting = n;
    for (const struct node *c = node->first; c; c = c->next, n->operand++) {
        const struct node *w = c->kind == NODE_WORD ? c : c->first;
        for (; w; w = c->kind == NODE_WORD ? NULL : w->next)
            if (w->field == FIELD_ANY || place_of(w->field) == place)
                each_term(m, w, &none, note, place);
    }
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
                add(m, &(shared ? choices : rests)[terms[k].operand], term(m, bytes + t->bytes, t->len));
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
        add(m, &choices[i], combine(m, XAPIAN_OR, &rests[i]));
}

/* The next choice of one for each operand; false behind the last. */
static bool turn(size_t *chosen, const struct operands *choices, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (++chosen[i] < count_of(&choices[i]))
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
        product *= (double)count_of(&choices[i]);
    if (product > CHOICES_MOST)
        m->refusal = "NEAR can't be asked for so many words of which two may be the same";
    if (!chosen || !some)
        m->code = XAPIAN_NOMEM;
    for (bool more = product >= 1 && !m->refusal && !m->code; more; more = !m->code && turn(chosen, choices, count)) {
        xquery *q = NULL;
        for (uint32_t i = 0; i < count; i++)
            some[i] = all_of(&choices[i])[chosen[i]];
        m->code = m->x->xapian_query_combine(&q, XAPIAN_NEAR, some, count, window, &m->failure);
        add(m, &all, q);
    }
    free(chosen);
    free(some);
    return any(m, &all);
}

static xquery *nearby(struct making *m, const struct node *node, enum place place) {
    struct noting n = {BUFFER_EMPTY, BUFFER_EMPTY, 0};
    struct operands *choices = calloc(node->count, sizeof *choices), *rests = calloc(node->count, sizeof *rests);
    xquery *q = NULL;
    if (!choices || !rests)
        m->code = XAPIAN_NOMEM;
    const struct near_term *terms = m->code ? NULL : note_all(m, node, place, &n);
    if (!m->code)
        find_choices(m, &n, terms, choices, rests);
    if (!m->code)
        q = each_choice(m, choices, node->count, node->count + node->distance - 1);
    for (uint32_t i = 0; i < node->count && choices && rests; i++) {
        release_all(m, &choices[i]);
        release_all(m, &rests[i]);
    }
    free(choices);
    free(rests);
    buffer_release(&n.terms);
    buffer_release(&n.bytes);
    return q;
}

/* What its words give, where they stand so. */
static xquery *positional(struct making *m, const struct node *node) {
    struct operands words = OPERANDS_EMPTY, fields = OPERANDS_EMPTY;
    bool whole = true;
    for (const struct node *c = node->first; c; c = c->next) {
        xquery *q = anywhere(m, c);
        whole &= q != NULL;
        add(m, &words, q);
    }
    for (enum place place = IN_BODY; place <= IN_HEADING && whole; place++)
        add(m, &fields, node->kind == NODE_NEAR ? nearby(m, node, place) : in_a_row(m, node, place));
    xquery *scored = weigh(m, combine(m, XAPIAN_AND, &words), node->weight);
    return both(m, XAPIAN_FILTER, scored, any(m, &fields));
}

/* ------------------------------------------------------------------------------------- filters -- */

/* Less what is excluded. At the right of an AND_NOT Xapian 1.4 reads bounds of weights that it never set, and may take
 * one of an OR for all of them; what stands in a FILTER has them set. So where phrases make an OR hard to ask, what
 * every passage but these has is asked for. */
static xquery *leave_out(struct making *m, xquery *found, struct operands *excluded) {
    xquery *out = any(m, excluded), *all = NULL;
    if (!found || !out || !m->has_phrases)
        return besides(m, XAPIAN_AND_NOT, found, out);
    if (!m->code)
        m->code = m->x->xapian_query_all(&all, &m->failure);
    return both(m, XAPIAN_FILTER, found, combine_two(m, XAPIAN_XOR, all, out));
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
        add(m, &o, word_term(m, "Y", at, len));
        at += len + (space != NULL);
    }
    return count_of(&o) == 1 ? combine(m, XAPIAN_OR, &o) : combine_in(m, XAPIAN_PHRASE, &o, 0);
}

static xquery *path(struct making *m, const struct node *filter) {
    struct operands o = OPERANDS_EMPTY;
    const struct path_sources *p = m->parts->paths;
    while (p && p->filter != filter)
        p = p->next;
    for (size_t at = 0; p && at < p->ids.len; at += sizeof(uint64_t)) {
        char bytes[SHARD_TERM_MAX];
        add(m, &o, term(m, bytes, record_source_term(bytes, 'S', load_u64(p->ids.data + at))));
    }
    return combine(m, XAPIAN_OR, &o);
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
        add(m, c->occur == OCCUR_MUST_NOT ? &excluded : required ? &must : &should, q);
    }
    xquery *musts = combine(m, XAPIAN_AND, &must), *shoulds = any(m, &should);
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
    return filter ? both(m, XAPIAN_FILTER, everything(m), filter) : NULL;
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
    size_t count = count_of(from);
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
            some[i] = all_of(from)[chosen[i]];
        m->code = m->x->xapian_query_combine(&q, XAPIAN_AND, some, least, 0, &m->failure);
        add(m, &all, q);
    }
    free(chosen);
    free(some);
    return any(m, &all);
}

static xquery *some_of(struct making *m, struct operands *should, size_t least) {
    if (least > count_of(should)) {
        m->x->xapian_query_free(any(m, should));
        return NULL;
    }
    xquery *q = choices(m, should, least);
    return both(m, XAPIAN_FILTER, any(m, should), q);
}

/* Xapian makes an OR of what is at the right of several in a row. */
static xquery *add_maybe(struct making *m, xquery *found, struct operands *should) {
    return besides(m, XAPIAN_AND_MAYBE, found, settle(m, any(m, should)));
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
        add(m,
            filter                     ? &g->filter
            : c->occur == OCCUR_MUST   ? &g->must
            : c->occur == OCCUR_SHOULD ? &g->should
                                       : &g->excluded,
            q);
    }
}

static xquery *search(struct making *m, const struct node *group, struct members *g) {
    bool required = count_of(&g->must) > 0;
    xquery *must = combine(m, XAPIAN_AND, &g->must);
    if (group->least && required)
        return both(m, XAPIAN_AND, must, some_of(m, &g->should, group->least));
    if (group->least)
        return some_of(m, &g->should, group->least);
    return required ? add_maybe(m, must, &g->should) : any(m, &g->should);
}

static xquery *group(struct making *m, const struct node *node) {
    struct members g = {.searched = false};
    take_members(m, node, &g);
    xquery *found = g.searched ? search(m, node, &g) : g.filtered ? everything(m) : NULL;
    xquery *filter = combine(m, XAPIAN_AND, &g.filter);
    if (g.hopeless) {
        m->x->xapian_query_free(found);
        found = NULL;
    }
    found = besides(m, XAPIAN_FILTER, found, filter);
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
    return term(m, bytes, record_key_term(bytes, key, key_len));
}

static xquery *restrict_to(struct making *m, xquery *q, const struct engine_search *search) {
    const lede_search_options *o = search->options;
    if (q && search->within)
        q = both(m, XAPIAN_FILTER, q, article(m, search->within->key, search->within->key_len));
    return q && o->without ? besides(m, XAPIAN_AND_NOT, q, article(m, o->without, o->without_len)) : q;
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
