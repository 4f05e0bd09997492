/* The tree of a query: making it and comparing its parts. */
#include "query.h"

#include <math.h>
#include <string.h>

enum { WEIGHT_UNITS = 1000, WEIGHT_MOST = 1000 };

struct node *node_new(struct arena *arena, enum node_kind kind, size_t at) {
    struct node *n = arena_zalloc(arena, 1, sizeof *n);
    if (n) {
        n->kind = kind;
        n->at = at;
        n->weight = 1;
        n->shown = "";
        n->form = "";
    }
    return n;
}

void node_add(struct node *parent, struct node *child) {
    child->next = NULL;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

double weight_round(double weight) {
    double units = nearbyint(weight * WEIGHT_UNITS);
    units = units < 1 ? 1 : units > WEIGHT_MOST * WEIGHT_UNITS ? WEIGHT_MOST * WEIGHT_UNITS : units;
    return units / WEIGHT_UNITS;
}

void node_multiply(struct node *node, double factor) {
    switch (node->kind) {
    case NODE_FILTER:
    case NODE_ALL: return;
    case NODE_GROUP:
        for (struct node *c = node->first; c; c = c->next)
            if (c->occur == OCCUR_SHOULD || c->occur == OCCUR_MUST)
                node_multiply(c, factor);
        return;
    default: node->weight = weight_round(node->weight * factor);
    }
}

void node_unweigh(struct node *node) {
    node->weight = 1;
    for (struct node *c = node->first; c; c = c->next)
        node_unweigh(c);
}

static bool same_form(const struct node *a, const struct node *b) {
    return a->form_len == b->form_len && memcmp(a->form, b->form, a->form_len) == 0;
}

static bool same_word(const struct node *a, const struct node *b) {
    if (a->word != b->word || a->field != b->field)
        return false;
    if (a->word == WORD_STEM)
        return a->term == b->term;
    return same_form(a, b) && a->edits == b->edits && (a->word != WORD_FORM || a->term == b->term);
}

static bool same_filter(const struct node *a, const struct node *b) {
    return a->filter == b->filter && a->from == b->from && a->to == b->to && same_form(a, b);
}

bool node_equal(const struct node *a, const struct node *b) {
    if (a->kind != b->kind || a->count != b->count || a->distance != b->distance || a->least != b->least)
        return false;
    if (a->kind == NODE_WORD)
        return same_word(a, b);
    if (a->kind == NODE_FILTER)
        return same_filter(a, b);
    const struct node *x = a->first, *y = b->first;
    for (; x; x = x->next, y = y->next)
        if (x->weight != y->weight || (a->kind == NODE_GROUP && x->occur != y->occur) || !node_equal(x, y))
            return false;
    return true;
}

bool node_is_filter(const struct node *node) {
    if (node->kind != NODE_GROUP)
        return node->kind == NODE_FILTER;
    for (const struct node *c = node->first; c; c = c->next)
        if (!node_is_filter(c))
            return false;
    return node->count > 0 && node->least == 0;
}

bool node_is_choice(const struct node *group, bool all_required) {
    bool filter = false;
    for (const struct node *c = group->first; c; c = c->next) {
        if (c->occur != OCCUR_SHOULD)
            return false;
        filter |= node_is_filter(c);
    }
    return group->count > 1 && (filter || all_required);
}

uint32_t node_operands(const struct node *node, uint32_t *slots, const struct node **nodes, uint32_t *counts) {
    uint32_t distinct = 0, i = 0;
    for (const struct node *c = node->first; c; c = c->next) {
        uint32_t n = 0;
        while (n < distinct && (nodes[n]->weight != c->weight || !node_equal(nodes[n], c)))
            n++;
        if (n == distinct) {
            nodes[distinct] = c;
            counts[distinct++] = 0;
        }
        counts[n]++;
        slots[i++] = n;
    }
    return distinct;
}
