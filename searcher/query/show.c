/* The tree of a query as the public API shows it. */
#include <string.h>

#include "parser.h"

static const char *kind_of(const struct node *n) {
    static const char *const kinds[] = {
        [NODE_SYNONYM] = "synonym",   [NODE_PHRASE] = "phrase", [NODE_NEAR] = "near",   [NODE_ADJ] = "adj",
        [NODE_SENTENCE] = "sentence", [NODE_ALL] = "all",       [NODE_GROUP] = "group",
    };
    static const char *const words[] = {[WORD_STEM] = "word",
                                        [WORD_FORM] = "form",
                                        [WORD_PREFIX] = "prefix",
                                        [WORD_WILDCARD] = "wildcard",
                                        [WORD_FUZZY] = "fuzzy"};
    static const char *const filters[] = {
        [FILTER_DATE] = "date", [FILTER_BYLINE] = "byline", [FILTER_PATH] = "path", [FILTER_LANGUAGE] = "lang"};
    return n->kind == NODE_WORD ? words[n->word] : n->kind == NODE_FILTER ? filters[n->filter] : kinds[n->kind];
}

static uint32_t number_of(const struct node *n) {
    return n->kind == NODE_WORD ? n->edits : n->kind == NODE_GROUP ? n->least : n->distance;
}

/* False if out of memory. */
static bool show_dates(struct lede_query *q, const struct node *n, lede_query_node *out) {
    struct buffer text = BUFFER_EMPTY;
    print_dates(&text, n->from, n->to);
    out->text = out->term = text.failed ? NULL : arena_strndup(&q->arena, (const char *)text.data, text.len);
    buffer_release(&text);
    return out->text;
}

static lede_query_node *show(struct lede_query *q, const struct node *n, bool in_group) {
    static const char *const occurs[] = {
        [OCCUR_SHOULD] = "should", [OCCUR_MUST] = "must", [OCCUR_MUST_NOT] = "must not", [OCCUR_FILTER] = "filter"};
    static const char *const fields[] = {
        [FIELD_ANY] = "", [FIELD_TITLE] = "title", [FIELD_HEADING] = "heading", [FIELD_BODY] = "body"};
    lede_query_node *out = arena_zalloc(&q->arena, 1, sizeof *out);
    if (!out)
        return NULL;
    bool stem = n->kind == NODE_WORD && n->word == WORD_STEM;
    *out = (lede_query_node){.kind = kind_of(n),
                             .occur = in_group ? occurs[n->occur] : "",
                             .field = n->kind == NODE_WORD ? fields[n->field] : "",
                             .text = n->shown,
                             .term = stem ? q->terms[n->term].bytes : n->form,
                             .weight = n->weight,
                             .number = number_of(n),
                             .from = n->from,
                             .to = n->to,
                             .offset = n->at};
    if (n->kind == NODE_FILTER && n->filter == FILTER_DATE && !show_dates(q, n, out))
        return NULL;
    const lede_query_node **place = &out->first;
    for (const struct node *c = n->first; c; c = c->next) {
        lede_query_node *child = show(q, c, n->kind == NODE_GROUP);
        if (!child)
            return NULL;
        *place = child;
        place = (const lede_query_node **)&child->next;
    }
    return out;
}

const lede_query_node *show_tree(struct lede_query *q) {
    return show(q, q->root, false);
}

const lede_query_node *lede_query_root(const lede_query *query) {
    return query->shown;
}
