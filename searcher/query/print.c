/* A query's tree as a query that is read as the same. */
#include "parser.h"

#include <stdio.h>
#include <string.h>

struct printer {
    struct buffer *out;
    bool all_required;
};

static void append(struct printer *p, const char *text) {
    buffer_append(p->out, text, strlen(text));
}

static void append_number(struct printer *p, const char *before, uint32_t number) {
    char text[32];
    snprintf(text, sizeof text, "%s%u", before, number);
    append(p, text);
}

/* A multiple of 0.001. */
static void append_weight(struct printer *p, double weight) {
    if (weight == 1)
        return;
    uint32_t units = (uint32_t)(weight * 1000 + 0.5);
    char text[32];
    size_t n = (size_t)snprintf(text, sizeof text, "^%u.%03u", units / 1000, units % 1000);
    while (text[n - 1] == '0')
        n--;
    buffer_append(p->out, text, text[n - 1] == '.' ? n - 1 : n);
}

/* ------------------------------------------------------------------------------------ leaves -- */

static void append_field(struct printer *p, enum text_field field) {
    static const char *const names[] = {"", "title:", "heading:", "body:"};
    append(p, names[field]);
}

/* A word that would be an operator is written in small letters, which say the same. */
static void append_shown(struct printer *p, const struct node *word) {
    static const char *const operators[] = {"AND", "OR", "NOT", "NEAR", "ADJ", "SENTENCE", "PASSAGE"};
    static const char *const words[] = {"and", "or", "not", "near", "adj", "sentence", "passage"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (word->shown_len == strlen(operators[i]) && memcmp(word->shown, operators[i], word->shown_len) == 0) {
            append(p, words[i]);
            return;
        }
    buffer_append(p->out, word->shown, word->shown_len);
}

static void print_word(struct printer *p, const struct node *word) {
    append_field(p, word->field);
    if (word->word == WORD_FORM)
        append(p, "=");
    append_shown(p, word);
    if (word->word == WORD_FUZZY) {
        append(p, "~");
        if (word->edits > 1)
            append_number(p, "", word->edits);
    }
}

static void print_phrase(struct printer *p, const struct node *phrase) {
    append_field(p, phrase->first->field);
    bool exact = false;
    for (const struct node *c = phrase->first; c; c = c->next)
        exact |= c->word == WORD_FORM;
    append(p, exact ? "=\"" : "\"");
    for (const struct node *c = phrase->first; c; c = c->next) {
        buffer_append(p->out, c->shown, c->shown_len);
        append(p, c->next ? " " : "\"");
    }
}

static void append_date(struct buffer *out, lede_date date, bool last) {
    char text[32];
    uint32_t year = date / 10000, month = date / 100 % 100, day = date % 100;
    size_t n = (size_t)snprintf(text, sizeof text, "%04u-%02u-%02u", year, month, day);
    bool whole_month = day == (last ? 31U : 1U), whole_year = whole_month && month == (last ? 12U : 1U);
    buffer_append(out, text, whole_year ? 4 : whole_month ? 7 : n);
}

/* A day, a month, a year; else both ends, each short if it reads as the same. */
void print_dates(struct buffer *out, lede_date from, lede_date to) {
    bool year = from / 10000 == to / 10000 && from % 10000 == 101 && to % 10000 == 1231;
    bool month = from / 100 == to / 100 && from % 100 == 1 && to % 100 == 31;
    char text[32];
    snprintf(text, sizeof text, "%04u-%02u-%02u", from / 10000, from / 100 % 100, from % 100);
    if (year || month || from == to) {
        buffer_append(out, text, year ? 4 : month ? 7 : strlen(text));
        return;
    }
    if (from > 1)
        append_date(out, from, false);
    buffer_append(out, "..", 2);
    if (to < 99991231)
        append_date(out, to, true);
}

static void print_filter(struct printer *p, const struct node *f) {
    static const char *const names[] = {
        [FILTER_DATE] = "date:", [FILTER_BYLINE] = "byline:", [FILTER_PATH] = "path:", [FILTER_LANGUAGE] = "lang:"};
    append(p, names[f->filter]);
    if (f->filter == FILTER_DATE) {
        print_dates(p->out, f->from, f->to);
        return;
    }
    append(p, "\"");
    buffer_append(p->out, f->shown, f->shown_len);
    append(p, "\"");
}

/* ------------------------------------------------------------------------------------ groups -- */

static void print_node(struct printer *p, const struct node *node);

/* Filters of one kind side by side would be a choice. */
static bool needs_sign(const struct node *group, const struct node *filter) {
    uint32_t found = 0;
    for (const struct node *c = group->first; c; c = c->next)
        found += c->occur == OCCUR_FILTER && c->kind == NODE_FILTER && c->filter == filter->filter;
    return filter->kind == NODE_FILTER && found > 1;
}

static void print_children(struct printer *p, const struct node *group) {
    bool choice = node_is_choice(group, p->all_required);
    for (const struct node *c = group->first; c; c = c->next) {
        if (c->occur == OCCUR_MUST || (c->occur == OCCUR_FILTER && needs_sign(group, c)))
            append(p, "+");
        else if (c->occur == OCCUR_MUST_NOT)
            append(p, "-");
        print_node(p, c);
        if (c->next)
            append(p, choice ? " OR " : " ");
    }
}

static void print_operands(struct printer *p, const struct node *near) {
    static const char *const names[] = {[NODE_NEAR] = "NEAR", [NODE_ADJ] = "ADJ", [NODE_SENTENCE] = "SENTENCE"};
    append(p, names[near->kind]);
    if (near->distance)
        append_number(p, "/", near->distance);
    append(p, "(");
    for (const struct node *c = near->first; c; c = c->next) {
        print_node(p, c);
        append(p, c->next ? " " : ")");
    }
}

static void print_synonyms(struct printer *p, const struct node *synonym) {
    append(p, "(");
    for (const struct node *c = synonym->first; c; c = c->next) {
        print_node(p, c);
        append(p, c->next ? " OR " : ")");
    }
}

static void print_node(struct printer *p, const struct node *node) {
    switch (node->kind) {
    case NODE_WORD: print_word(p, node); break;
    case NODE_SYNONYM: print_synonyms(p, node); break;
    case NODE_PHRASE: print_phrase(p, node); break;
    case NODE_FILTER: print_filter(p, node); break;
    case NODE_ALL: append(p, "*"); break;
    case NODE_GROUP:
        append(p, "(");
        print_children(p, node);
        append(p, ")");
        if (node->least)
            append_number(p, "/", node->least);
        break;
    default: print_operands(p, node);
    }
    append_weight(p, node->weight);
}

void print_query(struct buffer *out, const struct node *root, bool all_required) {
    struct printer p = {out, all_required};
    print_children(&p, root);
}
