#include "query.h"

#include "../core/file.h"

#include <stdlib.h>
#include <string.h>

/* Twice the most terms there can be, so that probing stays short. */
enum { TABLE_SIZE = 2 * LEDE_QUERY_MAX_TERMS };

struct lede_query *query_new(void) {
    struct arena arena = ARENA_EMPTY;
    struct lede_query *q = arena_zalloc(&arena, 1, sizeof *q);
    if (!q)
        return NULL;
    q->terms = arena_alloc(&arena, LEDE_QUERY_MAX_TERMS * sizeof *q->terms);
    q->clauses = arena_alloc(&arena, LEDE_QUERY_MAX_TERMS * sizeof *q->clauses);
    q->table = arena_zalloc(&arena, TABLE_SIZE, sizeof *q->table);
    if (!q->terms || !q->clauses || !q->table) {
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
    for (size_t i = 0; i < query->clause_count; i++)
        if (query->clauses[i].sign != CLAUSE_MUST_NOT)
            return false;
    return true;
}

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
    uint16_t number = *slot_of(q, term, len);
    return number ? number - 1U : QUERY_NO_TERM;
}

uint32_t query_add_term(struct lede_query *q, const char *term, size_t len) {
    uint16_t *slot = slot_of(q, term, len);
    if (*slot)
        return *slot - 1U;
    const char *bytes = arena_strndup(&q->arena, term, len);
    if (!bytes)
        return QUERY_NO_TERM;
    q->terms[q->term_count] = (struct query_term){bytes, (uint32_t)len, false};
    *slot = (uint16_t)++q->term_count;
    return *slot - 1U;
}

static struct clause *clause_with(const struct lede_query *q, bool excluded, const uint32_t *terms, uint32_t count) {
    for (size_t i = 0; i < q->clause_count; i++) {
        struct clause *c = &q->clauses[i];
        if ((c->sign == CLAUSE_MUST_NOT) == excluded && c->term_count == count &&
            memcmp(c->terms, terms, count * sizeof *terms) == 0)
            return c;
    }
    return NULL;
}

void query_add_clause(struct lede_query *q, enum clause_sign sign, const uint32_t *terms, uint32_t term_count) {
    struct clause *c = clause_with(q, sign == CLAUSE_MUST_NOT, terms, term_count);
    if (!c) {
        c = &q->clauses[q->clause_count++];
        *c = (struct clause){sign, 0, term_count, terms};
    }
    c->weight++;
    if (sign == CLAUSE_MUST)
        c->sign = CLAUSE_MUST;
    if (term_count == 1 && sign != CLAUSE_MUST_NOT)
        q->terms[terms[0]].is_word = true;
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
