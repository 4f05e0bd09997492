#include "plan.h"

#include "../core/error.h"
#include "term_cursor.h"

static lede_status find_terms(struct plan *p, size_t segment, lede_error *err) {
    for (size_t t = 0; t < p->query->term_count; t++) {
        const struct query_term *term = &p->query->terms[t];
        struct term_info *info = &p->infos[segment * p->query->term_count + t];
        lede_status status =
            segment_find_term(p->snapshot->segments[segment].segment, term->bytes, term->len, info, err);
        if (status == LEDE_NOT_FOUND)
            info->doc_freq = 0;
        else if (status != LEDE_OK)
            return status;
        p->doc_freqs[t] += info->doc_freq;
    }
    return LEDE_OK;
}

lede_status plan_init(struct plan *plan, const struct lede_query *query, const struct snapshot *snapshot, double k1,
                      double b, lede_error *err) {
    *plan = (struct plan){.arena = ARENA_EMPTY, .query = query, .snapshot = snapshot};
    lede_status status = bm25_init(&plan->bm25, k1, b, snapshot->passages, snapshot->total_length, err);
    if (status != LEDE_OK)
        return status;
    plan->infos = arena_zalloc(&plan->arena, snapshot->segment_count * query->term_count + 1, sizeof *plan->infos);
    plan->doc_freqs = arena_zalloc(&plan->arena, query->term_count + 1, sizeof *plan->doc_freqs);
    if (!plan->infos || !plan->doc_freqs)
        return error_nomem(err);
    for (size_t s = 0; s < snapshot->segment_count && status == LEDE_OK; s++)
        status = find_terms(plan, s, err);
    return status;
}

void plan_release(struct plan *plan) {
    arena_release(&plan->arena);
}

/* ----------------------------------------------------------------------------- one segment -- */

struct builder {
    const struct plan *plan;
    const struct segment *segment;
    const struct term_info *infos; /* by term */
    struct arena *arena;
};

static struct cursor *make_term(const struct builder *b, uint32_t term, uint32_t count) {
    double weight = bm25_weight(&b->plan->bm25, b->plan->doc_freqs[term], count);
    return term_cursor_new(b->arena, b->segment, &b->infos[term], &b->plan->bm25, weight, term);
}

static struct cursor *make_phrase(const struct builder *b, const struct clause *c) {
    uint32_t *numbers = arena_zalloc(b->arena, 3 * (size_t)c->term_count, sizeof *numbers);
    struct cursor **cursors = arena_zalloc(b->arena, c->term_count, sizeof(struct cursor *));
    if (!numbers || !cursors)
        return NULL;
    uint32_t *slots = numbers, *terms = numbers + c->term_count, *counts = terms + c->term_count;
    uint32_t distinct = clause_words(c, slots, terms, counts);
    for (uint32_t n = 0; n < distinct; n++) {
        cursors[n] = make_term(b, terms[n], counts[n] * c->weight);
        if (!cursors[n]) {
            cursors_release(cursors, n);
            return NULL;
        }
    }
    return phrase_cursor_new(b->arena, cursors, distinct, slots, c->term_count);
}

static bool can_match(const struct builder *b, const struct clause *c) {
    for (uint32_t i = 0; i < c->term_count; i++)
        if (b->infos[c->terms[i]].doc_freq == 0)
            return false;
    return true;
}

/* The cursors of a segment that a query comes down to. */
struct parts {
    struct cursor **searched, **excluded;
    bool *required; /* of the searched ones */
    size_t searched_count, excluded_count, required_count;
};

static lede_status add_clause(const struct builder *b, const struct clause *c, struct parts *parts, lede_error *err) {
    struct cursor *cursor = c->term_count == 1 ? make_term(b, c->terms[0], c->weight) : make_phrase(b, c);
    if (!cursor)
        return error_nomem(err);
    if (c->sign == CLAUSE_MUST_NOT) {
        parts->excluded[parts->excluded_count++] = cursor;
    } else {
        parts->required[parts->searched_count] = c->sign == CLAUSE_MUST;
        parts->required_count += c->sign == CLAUSE_MUST;
        parts->searched[parts->searched_count++] = cursor;
    }
    return LEDE_OK;
}

/* On failure the parts are whole as far as they go. */
static lede_status make_parts(const struct builder *b, struct parts *parts, lede_error *err) {
    const struct lede_query *q = b->plan->query;
    parts->searched = arena_zalloc(b->arena, 2 * q->clause_count + 1, sizeof(struct cursor *));
    parts->required = arena_zalloc(b->arena, q->clause_count + 1, sizeof *parts->required);
    if (!parts->searched || !parts->required)
        return error_nomem(err);
    parts->excluded = parts->searched + q->clause_count;
    for (size_t i = 0; i < q->clause_count; i++) {
        const struct clause *c = &q->clauses[i];
        lede_status status = can_match(b, c) ? add_clause(b, c, parts, err) : LEDE_OK;
        if (status != LEDE_OK)
            return status;
    }
    return LEDE_OK;
}

/* The cursor that joins the parts, which it owns; NULL if out of memory. */
static struct cursor *join(const struct builder *b, const struct parts *p) {
    struct cursor *root;
    if (p->searched_count == 1)
        root = p->searched[0];
    else if (p->required_count)
        root = and_cursor_new(b->arena, p->searched, p->required, p->searched_count);
    else
        root = or_cursor_new(b->arena, p->searched, p->searched_count);
    if (!p->excluded_count)
        return root;
    if (!root) {
        cursors_release(p->excluded, p->excluded_count);
        return NULL;
    }
    return not_cursor_new(b->arena, root, p->excluded, p->excluded_count);
}

static bool is_hopeless(const struct builder *b) {
    const struct lede_query *q = b->plan->query;
    bool any = false;
    for (size_t i = 0; i < q->clause_count; i++) {
        const struct clause *c = &q->clauses[i];
        bool possible = can_match(b, c);
        if (c->sign == CLAUSE_MUST && !possible)
            return true;
        any |= possible && c->sign != CLAUSE_MUST_NOT;
    }
    return !any;
}

lede_status plan_segment(const struct plan *plan, size_t segment, struct arena *arena, struct cursor **out,
                         lede_error *err) {
    struct builder b = {plan, plan->snapshot->segments[segment].segment,
                        plan->infos + segment * plan->query->term_count, arena};
    struct parts parts = {0};
    *out = NULL;
    if (is_hopeless(&b))
        return LEDE_OK;
    lede_status status = make_parts(&b, &parts, err);
    if (status != LEDE_OK) {
        cursors_release(parts.searched, parts.searched_count);
        cursors_release(parts.excluded, parts.excluded_count);
        return status;
    }
    *out = join(&b, &parts);
    return *out ? LEDE_OK : error_nomem(err);
}
