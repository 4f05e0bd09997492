/* Groups in their normal form, see query.h: what is added to one is dissolved in it if that means the same. */
#include "parser.h"

#include <stdlib.h>
#include <string.h>

static bool all_are(const struct node *group, enum occur a, enum occur b) {
    for (const struct node *c = group->first; c; c = c->next)
        if (c->occur != a && c->occur != b)
            return false;
    return true;
}

static bool has(const struct node *group, enum occur occur) {
    for (const struct node *c = group->first; c; c = c->next)
        if (c->occur == occur)
            return true;
    return false;
}

static bool has_filter(const struct node *group) {
    for (const struct node *c = group->first; c; c = c->next)
        if (node_is_filter(c))
            return true;
    return false;
}

static bool is_exclusion(const struct node *node) {
    return node->kind == NODE_GROUP && node->count && all_are(node, OCCUR_MUST_NOT, OCCUR_MUST_NOT);
}

/* Whether a group's children can stand for it in a parent to which it is `occur`. */
static bool dissolves(const struct node *group, enum occur occur, bool implied) {
    if (group->kind != NODE_GROUP || group->least || group->kept)
        return false;
    switch (occur) {
    case OCCUR_SHOULD: return all_are(group, OCCUR_SHOULD, OCCUR_SHOULD) && !(implied && has_filter(group));
    case OCCUR_MUST: return !has(group, OCCUR_SHOULD) && has(group, OCCUR_MUST);
    case OCCUR_MUST_NOT: return all_are(group, OCCUR_SHOULD, OCCUR_SHOULD);
    default: return all_are(group, OCCUR_FILTER, OCCUR_FILTER);
    }
}

/* The only child of a group that says no more than the child. */
static struct node *unwrap(struct node *node) {
    while (node->kind == NODE_GROUP && node->count == 1 && node->first->occur != OCCUR_MUST_NOT)
        node = node->first;
    return node;
}

/* What was kept in a list for its filters may be free to dissolve in a choice, too. */
static void dissolve(struct parser *p, struct node *parent, struct node *group, bool excluded, bool implied) {
    for (struct node *c = group->first, *next; c; c = next) {
        next = c->next;
        if (c->occur == OCCUR_SHOULD)
            c->implied = implied;
        if (excluded)
            combine_add(p, parent, c, OCCUR_MUST_NOT, false);
        else if (c->occur == OCCUR_SHOULD && !implied)
            combine_add(p, parent, c, OCCUR_SHOULD, false);
        else
            node_add(parent, c);
    }
}

void combine_add(struct parser *p, struct node *group, struct node *child, enum occur occur, bool implied) {
    if (!child || (child->kind == NODE_GROUP && !child->count))
        return;
    child = unwrap(child);
    if (is_exclusion(child)) {
        if (occur == OCCUR_MUST || (occur == OCCUR_SHOULD && implied))
            dissolve(p, group, child, true, implied);
        else
            parser_guess(p, GUESS_EXCLUSION, child->at);
        return;
    }
    if (node_is_filter(child) && (occur == OCCUR_MUST || (occur == OCCUR_SHOULD && implied)))
        occur = OCCUR_FILTER;
    if (occur == OCCUR_MUST_NOT)
        node_unweigh(child);
    if (dissolves(child, occur, implied)) {
        dissolve(p, group, child, occur == OCCUR_MUST_NOT, implied);
        return;
    }
    child->occur = occur;
    child->implied = implied;
    node_add(group, child);
}

/* -------------------------------------------------------------------------------- repetitions -- */

/* Adds the weight of a node to that of an equal one, which stays. */
static bool merge(struct node *kept, const struct node *node) {
    if (node->kind == NODE_GROUP || (kept->occur == OCCUR_MUST_NOT) != (node->occur == OCCUR_MUST_NOT) ||
        (kept->occur == OCCUR_FILTER) != (node->occur == OCCUR_FILTER) || !node_equal(kept, node))
        return false;
    if (kept->occur != OCCUR_MUST_NOT && kept->kind != NODE_FILTER && kept->kind != NODE_ALL)
        kept->weight = weight_round(kept->weight + node->weight);
    if (node->occur == OCCUR_MUST)
        kept->occur = OCCUR_MUST;
    kept->implied = kept->implied && node->implied;
    return true;
}

static void merge_repeated(struct node *group) {
    struct node *rest = group->first;
    group->first = group->last = NULL;
    group->count = 0;
    for (struct node *c = rest, *next; c; c = next) {
        next = c->next;
        struct node *kept = group->first;
        while (kept && !merge(kept, c))
            kept = kept->next;
        if (!kept)
            node_add(group, c);
    }
}

/* Filters of one kind that stand side by side: as no article has two dates, any of them will do. */
static void merge_filters(struct parser *p, struct node *group, enum filter_kind kind) {
    struct node *choice = NULL, *first = NULL, *rest = group->first;
    uint32_t found = 0;
    for (struct node *c = rest; c; c = c->next)
        found += c->kind == NODE_FILTER && c->filter == kind && c->occur == OCCUR_FILTER && c->implied;
    if (found < 2)
        return;
    group->first = group->last = NULL;
    group->count = 0;
    for (struct node *c = rest, *next; c; c = next) {
        next = c->next;
        if (c->kind != NODE_FILTER || c->filter != kind || c->occur != OCCUR_FILTER || !c->implied) {
            node_add(group, c);
            continue;
        }
        if (!choice) {
            choice = first = parser_node(p, NODE_GROUP, c->at);
            if (!choice)
                return;
            choice->occur = OCCUR_FILTER;
            choice->implied = true;
            node_add(group, choice);
        }
        c->occur = OCCUR_SHOULD;
        node_add(choice, c);
    }
    merge_repeated(first);
}

void combine_finish(struct parser *p, struct node *group) {
    merge_repeated(group);
    for (unsigned kind = FILTER_DATE; kind <= FILTER_LANGUAGE; kind++)
        merge_filters(p, group, (enum filter_kind)kind);
}

/* Groups that were kept for the sake of a parent that did not come to ask for some of many are dissolved after all;
 * what that makes of their parents, too. From the leaves up. */
void combine_settle(struct parser *p, struct node *group) {
    struct node *rest = group->first;
    group->first = group->last = NULL;
    group->count = 0;
    for (struct node *c = rest, *next; c && p->status == LEDE_OK; c = next) {
        next = c->next;
        if (c->kind == NODE_GROUP)
            combine_settle(p, c);
        c->kept = c->kind == NODE_GROUP && c->count > 1 && group->least;
        combine_add(p, group, c, c->occur, c->implied);
    }
    combine_finish(p, group);
}

/* --------------------------------------------------------------------------------- operators -- */

struct node *combine_or(struct parser *p, struct node *a, struct node *b) {
    struct node *group = parser_node(p, NODE_GROUP, a ? a->at : 0);
    if (!group)
        return NULL;
    combine_add(p, group, a, OCCUR_SHOULD, false);
    combine_add(p, group, b, OCCUR_SHOULD, false);
    merge_repeated(group);
    if (group->count == 1 && node_is_filter(group->first)) /* as it would be by itself */
        group->first->occur = OCCUR_FILTER;
    else if (group->count == 1 && p->query->all_required)
        group->first->occur = OCCUR_MUST;
    return group;
}

struct node *combine_and(struct parser *p, struct node *a, struct node *b) {
    struct node *group = parser_node(p, NODE_GROUP, a ? a->at : 0);
    if (!group)
        return NULL;
    combine_add(p, group, a, OCCUR_MUST, false);
    combine_add(p, group, b, OCCUR_MUST, false);
    merge_repeated(group);
    return group;
}

/* A group to which an exclusion can be added, and that can be written so. */
static bool takes_exclusion(const struct parser *p, const struct node *group) {
    return !group->least && !node_is_choice(group, p->query->all_required) &&
           !(group->count == 1 && group->first->kind == NODE_GROUP);
}

struct node *combine_not(struct parser *p, struct node *a, struct node *b) {
    struct node *group = a && takes_exclusion(p, a) ? a : parser_node(p, NODE_GROUP, a ? a->at : b ? b->at : 0);
    if (!group)
        return NULL;
    if (a && group != a)
        combine_add(p, group, a, OCCUR_MUST, false);
    combine_add(p, group, b, OCCUR_MUST_NOT, false);
    merge_repeated(group);
    return group;
}

struct node *combine_quorum(struct parser *p, struct node *group, uint32_t least) {
    struct node *outer = parser_node(p, NODE_GROUP, group->at), *inner = parser_node(p, NODE_GROUP, group->at);
    if (!outer || !inner)
        return NULL;
    for (struct node *c = group->first, *next; c; c = next) {
        next = c->next;
        bool counts = c->occur == OCCUR_SHOULD || (c->occur == OCCUR_MUST && c->implied);
        if (counts)
            c->occur = OCCUR_SHOULD;
        node_add(counts ? inner : outer, c);
    }
    if (least == 0 || least > inner->count) {
        parser_guess(p, GUESS_LEAST, group->at);
        least = least ? inner->count : 1;
    }
    inner->least = least > 1 ? least : 0;
    for (struct node *c = inner->first; c && !inner->least; c = c->next)
        c->implied = false; /* one of them is a choice */
    if (!outer->count)
        return inner;
    combine_add(p, outer, inner, OCCUR_MUST, false);
    return outer;
}
