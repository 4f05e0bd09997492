#include "highlight.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/index/index.h"
#include "core/text/sentence.h"
#include "core/text/utf8.h"

/* A word of the text. */
struct token {
    uint32_t term; /* of the query; QUERY_NO_TERM */
    struct word word;
    size_t form; /* where its form begins in the forms, if the query asks for any */
    uint32_t form_len, sentence;
    bool lit;
};

struct lighting {
    const struct lede_query *query;
    enum text_field field;
    struct buffer buffer, forms;
    struct token *tokens;
    size_t count;
    bool *words; /* by term: searched for as a word, in this field */
};

/* ------------------------------------------------------------------------------------ tokens -- */

static void take_tokens(struct lighting *l, struct analyzer *a, const char *text, size_t len) {
    const struct span whole = {text, len};
    char term[TERM_MAX + 1];
    struct word word, before = {0, 0};
    uint32_t sentence = 0;
    analyzer_reset(a, text, len);
    while (analyzer_next(a, &word)) {
        size_t n = analyzer_term(a, text + word.start, word.end - word.start, term);
        sentence += before.end && sentence_ends_between(whole, before.end, word.start);
        before = word;
        /* A word of which nothing is left has its place in the index too. */
        struct token token = {n ? query_find_term(l->query, term, n) : QUERY_NO_TERM, word, 0, 0, sentence, false};
        if (l->query->pattern_count) {
            token.form = l->forms.len;
            token.form_len = (uint32_t)analyzer_form(a, text + word.start, word.end - word.start, term);
            buffer_append(&l->forms, term, token.form_len);
        }
        buffer_append(&l->buffer, &token, sizeof token);
    }
    l->tokens = (void *)l->buffer.data;
    l->count = l->buffer.len / sizeof *l->tokens;
}

/* In a text of any field all are looked for. */
static bool is_field(const struct lighting *l, const struct node *word) {
    return word->field == FIELD_ANY || l->field == FIELD_ANY || word->field == l->field;
}

static bool is_word(const struct lighting *l, const struct token *t, const struct node *word) {
    if (!is_field(l, word))
        return false;
    if (word->word == WORD_STEM)
        return t->term == word->term;
    return t->form_len && node_takes_form(word, (const char *)l->forms.data + t->form, t->form_len);
}

/* How many tokens from i on an operand takes up; 0 if it does not stand there. */
static size_t operand_at(const struct lighting *l, const struct node *operand, size_t i) {
    if (operand->kind == NODE_WORD)
        return is_word(l, &l->tokens[i], operand);
    size_t n = 0;
    for (const struct node *c = operand->first; c; c = c->next) {
        bool here = i + n < l->count && is_word(l, &l->tokens[i + n], c);
        if (operand->kind == NODE_SYNONYM && here)
            return 1;
        if (operand->kind == NODE_PHRASE && !here)
            return 0;
        n += operand->kind == NODE_PHRASE;
    }
    return n;
}

/* ---------------------------------------------------------------------------------- lighting -- */

static void light(struct lighting *l, size_t from, size_t n) {
    for (size_t i = from; i < from + n; i++)
        l->tokens[i].lit = true;
}

/* Lights the operands that stand in tokens [from, end), if all of them do. */
static void light_stretch(struct lighting *l, const struct node *operator, size_t from, size_t end) {
    for (unsigned pass = 0; pass < 2; pass++)
        for (const struct node *c = operator->first; c; c = c->next) {
            bool found = false;
            for (size_t i = from; i < end; i++) {
                size_t n = operand_at(l, c, i);
                found |= n && i + n <= end;
                if (pass && n && i + n <= end)
                    light(l, i, n);
            }
            if (!found)
                return;
        }
}

/* From token `from` on, the operands in their order; lights them if the last one ends before `end`. */
static void light_in_order(struct lighting *l, const struct node *operator, size_t from, size_t end) {
    for (unsigned pass = 0; pass < 2; pass++) {
        size_t i = from;
        for (const struct node *c = operator->first; c; c = c->next) {
            size_t n = 0;
            while (i < end && (n = operand_at(l, c, i)) == 0)
                i++;
            if (n == 0 || i + n > end)
                return;
            if (pass)
                light(l, i, n);
            i += n;
        }
    }
}

static bool begins_operand(const struct lighting *l, const struct node *operator, size_t i) {
    if (operator->kind == NODE_ADJ)
        return operand_at(l, operator->first, i);
    for (const struct node *c = operator->first; c; c = c->next)
        if (operand_at(l, c, i))
            return true;
    return false;
}

static void light_near(struct lighting *l, const struct node *operator) {
    size_t width = operator->distance - 1;
    for (const struct node *c = operator->first; c; c = c->next)
        width += c->kind == NODE_PHRASE ? c->count : 1;
    for (size_t i = 0; i < l->count; i++) {
        if (!begins_operand(l, operator, i))
            continue;
        size_t end = i + width < l->count ? i + width : l->count;
        if (operator->kind == NODE_ADJ)
            light_in_order(l, operator, i, end);
        else
            light_stretch(l, operator, i, end);
    }
}

static void light_sentences(struct lighting *l, const struct node *operator) {
    for (size_t i = 0, end; i < l->count; i = end) {
        for (end = i; end < l->count && l->tokens[end].sentence == l->tokens[i].sentence;)
            end++;
        light_stretch(l, operator, i, end);
    }
}

static void light_words(struct lighting *l, const struct node *operand) {
    for (size_t i = 0; i < l->count; i++)
        light(l, i, operand_at(l, operand, i));
}

static void light_node(struct lighting *l, const struct node *node) {
    switch (node->kind) {
    case NODE_GROUP:
        for (const struct node *c = node->first; c; c = c->next)
            if (c->occur == OCCUR_SHOULD || c->occur == OCCUR_MUST)
                light_node(l, c);
        break;
    case NODE_WORD: /* stems all at once */
        if (node->word != WORD_STEM)
            light_words(l, node);
        else if (is_field(l, node))
            l->words[node->term] = true;
        break;
    case NODE_PHRASE: light_words(l, node); break;
    case NODE_NEAR:
    case NODE_ADJ: light_near(l, node); break;
    case NODE_SENTENCE: light_sentences(l, node); break;
    default: break;
    }
}

/* -------------------------------------------------------------------------------------- spans -- */

static bool take_spans(struct highlight *out, struct arena *arena, const struct token *tokens, size_t count) {
    size_t lit = 0;
    for (size_t i = 0; i < count; i++)
        lit += tokens[i].lit;
    lede_span *spans = arena_zalloc(arena, lit + 1, sizeof *spans);
    if (!spans)
        return false;
    out->spans = spans;
    out->count = lit;
    for (size_t i = 0; i < count; i++)
        if (tokens[i].lit)
            *spans++ = (lede_span){tokens[i].word.start, tokens[i].word.end};
    return true;
}

lede_status highlight_text(struct highlight *out, struct arena *arena, struct analyzer *analyzer,
                           const struct lede_query *query, const struct field_text *text, lede_error *err) {
    struct lighting l = {query, text->field, BUFFER_EMPTY, BUFFER_EMPTY, NULL, 0, NULL};
    take_tokens(&l, analyzer, text->bytes, text->len);
    lede_status status = analyzer_status(analyzer, err);
    l.words = arena_zalloc(arena, query->term_count + 1, sizeof *l.words);
    bool ok = l.words && !l.buffer.failed && !l.forms.failed;
    if (ok && status == LEDE_OK) {
        light_node(&l, query->root);
        for (size_t i = 0; i < l.count; i++)
            l.tokens[i].lit |= l.tokens[i].term != QUERY_NO_TERM && l.words[l.tokens[i].term];
        ok = take_spans(out, arena, l.tokens, l.count);
    }
    if (status == LEDE_OK && !ok)
        status = error_nomem(err);
    buffer_release(&l.buffer);
    buffer_release(&l.forms);
    return status;
}

lede_status lede_query_highlight(lede_span **spans, size_t *count, const lede_query *query, const lede_index *index,
                                 const char *text, size_t len, lede_error *err) {
    struct arena arena = ARENA_EMPTY;
    struct analyzer *analyzer = NULL;
    struct highlight found = {0};
    *spans = NULL;
    *count = 0;
    if (len > UINT32_MAX || !utf8_valid(text, len))
        return error_set(err, LEDE_INVALID, "the text to highlight is not UTF-8, or larger than 4 GiB");
    lede_status status = analyzer_new(&analyzer, index->snapshot->language, err);
    if (status == LEDE_OK)
        status = highlight_text(&found, &arena, analyzer, query, &(struct field_text){FIELD_ANY, text, len}, err);
    if (status == LEDE_OK && found.count) {
        *spans = reallocarray(NULL, found.count, sizeof **spans);
        if (*spans)
            memcpy(*spans, found.spans, found.count * sizeof **spans);
        *count = *spans ? found.count : 0;
        status = *spans ? LEDE_OK : error_nomem(err);
    }
    analyzer_free(analyzer);
    arena_release(&arena);
    return status;
}
