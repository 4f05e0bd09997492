#include "query.h"

#include "core/base/file.h"

#include <string.h>

/* Twice the most terms there can be, so that probing stays short. FEW terms take less time to be looked through than
 * the table to be cleared. */
enum { TABLE_SIZE = 2 * LEDE_QUERY_MAX_TERMS, FEW = 16 };

struct lede_query *query_new(void) {
    struct arena arena = ARENA_EMPTY;
    struct lede_query *q = arena_zalloc(&arena, 1, sizeof *q);
    if (!q)
        return NULL;
    q->terms = arena_alloc(&arena, LEDE_QUERY_MAX_TERMS * sizeof *q->terms);
    if (!q->terms) {
        arena_release(&arena);
        return NULL;
    }
    q->arena = arena;
    return q;
}

void lede_query_free(lede_query *query) {
    if (query) {
        /* The query lies in its own arena. */
        struct arena arena = query->arena;
        arena_release(&arena);
    }
}

const char *lede_query_note(const lede_query *query) {
    return query->note;
}

const char *lede_query_text(const lede_query *query) {
    return query->text;
}

bool lede_query_is_empty(const lede_query *query) {
    for (const struct node *c = query->root->first; c; c = c->next)
        if (c->occur != OCCUR_MUST_NOT)
            return false;
    return true;
}

/* ------------------------------------------------------------------------------------- terms -- */

/* The slot of the table that holds the term, or the free one where it belongs. */
static uint16_t *slot_of(const struct lede_query *q, const char *term, size_t len) {
    size_t i = (size_t)file_checksum(term, len) % TABLE_SIZE;
    for (; q->table[i]; i = (i + 1) % TABLE_SIZE) {
        const struct query_term *t = &q->terms[q->table[i] - 1];
        if (t->len == len && memcmp(t->bytes, term, len) == 0)
            break;
    }
    return &q->table[i];
}

uint32_t query_find_term(const struct lede_query *q, const char *term, size_t len) {
    if (q->table)
        return *slot_of(q, term, len) - 1U; /* none is 0: QUERY_NO_TERM */
    for (uint32_t t = 0; t < q->term_count; t++)
        if (q->terms[t].len == len && memcmp(q->terms[t].bytes, term, len) == 0)
            return t;
    return QUERY_NO_TERM;
}

static bool make_table(struct lede_query *q) {
    q->table = arena_zalloc(&q->arena, TABLE_SIZE, sizeof *q->table);
    for (uint32_t t = 0; q->table && t < q->term_count; t++)
        *slot_of(q, q->terms[t].bytes, q->terms[t].len) = (uint16_t)(t + 1);
    return q->table;
}

/* Puts a term that is new, and stays, behind the others. */
static uint32_t append_term(struct lede_query *q, const struct query_term *term) {
    if (q->term_count == FEW && !q->table && !make_table(q))
        return QUERY_NO_TERM;
    q->terms[q->term_count++] = *term;
    if (q->table)
        *slot_of(q, term->bytes, term->len) = (uint16_t)q->term_count;
    return (uint32_t)q->term_count - 1;
}

uint32_t query_add_term(struct lede_query *q, const char *term, size_t len) {
    uint32_t number = query_find_term(q, term, len);
    if (number != QUERY_NO_TERM)
        return number;
    const struct query_term added = {arena_strndup(&q->arena, term, len), (uint32_t)len};
    return added.bytes ? append_term(q, &added) : QUERY_NO_TERM;
}

/* --------------------------------------------------------------------------------- flat view -- */

static bool is_plain_word(const struct node *node) {
    return node->kind == NODE_WORD && node->word == WORD_STEM && node->field == FIELD_ANY && node->weight == 1;
}

static bool is_plain_operator(const struct node *node) {
    bool plain = node->kind == NODE_PHRASE || node->kind == NODE_NEAR || node->kind == NODE_ADJ;
    for (const struct node *c = node->first; c && plain; c = c->next)
        plain = is_plain_word(c);
    return plain;
}

/* Whether a child of the root is a clause, or none but no hindrance. */
static bool is_flat(const struct node *node) {
    if (node_is_filter(node))
        return node->occur == OCCUR_FILTER || node->occur == OCCUR_MUST_NOT;
    if (node->kind == NODE_WORD)
        return node->word == WORD_STEM && node->field == FIELD_ANY;
    return is_plain_operator(node);
}

static bool add_clause(struct lede_query *q, const struct node *node) {
    static const enum clause_sign signs[] = {
        [OCCUR_SHOULD] = CLAUSE_SHOULD, [OCCUR_MUST] = CLAUSE_MUST, [OCCUR_MUST_NOT] = CLAUSE_MUST_NOT};
    uint32_t count = node->kind == NODE_WORD ? 1 : node->count, n = 0;
    uint32_t *terms = arena_alloc(&q->arena, count * sizeof *terms);
    if (!terms)
        return false;
    if (node->kind == NODE_WORD)
        terms[n] = node->term;
    for (const struct node *c = node->first; c; c = c->next)
        terms[n++] = c->term;
    bool near = node->kind == NODE_NEAR || node->kind == NODE_ADJ;
    uint32_t width = near ? node->distance - 1 + count : 0;
    q->clauses[q->clause_count++] =
        (struct clause){signs[node->occur], node->weight, count, terms, width, node->kind == NODE_ADJ};
    return true;
}

static bool make_flat(struct lede_query *q) {
    for (const struct node *c = q->root->first; c; c = c->next)
        if (!is_flat(c))
            return true;
    q->clauses = arena_alloc(&q->arena, q->root->count * sizeof *q->clauses + 1);
    bool ok = q->clauses;
    for (const struct node *c = q->root->first; c && ok; c = c->next)
        ok = node_is_filter(c) || add_clause(q, c);
    return ok;
}

/* Numbers the patterns, and the terms anew: those of words that the tree has. `old` are the terms as they were, of
 * which there were as many at least, so that no table is made. */
static void number_words(struct lede_query *q, struct node *node, const struct query_term *old) {
    if (node->kind == NODE_WORD && node->word != WORD_STEM)
        node->number = q->pattern_count++;
    if (node->kind == NODE_WORD && (node->word == WORD_STEM || node->word == WORD_FORM)) {
        const struct query_term *term = &old[node->term];
        uint32_t number = query_find_term(q, term->bytes, term->len);
        node->term = number == QUERY_NO_TERM ? append_term(q, term) : number;
    }
    for (struct node *c = node->first; c; c = c->next)
        number_words(q, c, old);
}

bool query_finish(struct lede_query *q) {
    struct query_term *old = arena_alloc(&q->arena, q->term_count * sizeof *old + 1);
    if (!old)
        return false;
    memcpy(old, q->terms, q->term_count * sizeof *old);
    if (q->table)
        memset(q->table, 0, TABLE_SIZE * sizeof *q->table);
    q->term_count = 0;
    number_words(q, q->root, old);
    return make_flat(q);
}

uint32_t clause_words(const struct clause *c, uint32_t *slots, uint32_t *terms, uint32_t *counts) {
    uint32_t distinct = 0;
    for (uint32_t i = 0; i < c->term_count; i++) {
        uint32_t n = 0;
        while (n < distinct && terms[n] != c->terms[i])
            n++;
        if (n == distinct) {
            terms[distinct] = c->terms[i];
            counts[distinct++] = 0;
        }
        counts[n]++;
        slots[i] = n;
    }
    return distinct;
}
