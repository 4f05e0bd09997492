#include "highlight.h"

#include "../core/buffer.h"
#include "../core/error.h"
#include "../core/index.h"
#include "../core/utf8.h"

#include <stdlib.h>
#include <string.h>

/* A word of the text. */
struct token {
    uint32_t term; /* of the query; QUERY_NO_TERM */
    struct word word;
    bool lit;
};

static void take_tokens(struct buffer *tokens, struct analyzer *a, const struct lede_query *q, const char *text) {
    char term[TERM_MAX + 1];
    struct word word;
    while (analyzer_next(a, &word)) {
        size_t len = analyzer_term(a, text + word.start, word.end - word.start, term);
        /* A word of which nothing is left has its place in the index too. */
        uint32_t number = len ? query_find_term(q, term, len) : QUERY_NO_TERM;
        struct token token = {number, word, number != QUERY_NO_TERM && q->terms[number].is_word};
        buffer_append(tokens, &token, sizeof token);
    }
}

static bool stands_at(const struct clause *phrase, const struct token *tokens) {
    for (uint32_t i = 0; i < phrase->term_count; i++)
        if (tokens[i].term != phrase->terms[i])
            return false;
    return true;
}

static void light_phrase(const struct clause *phrase, struct token *tokens, size_t count) {
    for (size_t i = 0; i + phrase->term_count <= count; i++)
        if (stands_at(phrase, tokens + i))
            for (uint32_t n = 0; n < phrase->term_count; n++)
                tokens[i + n].lit = true;
}

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
                           const struct lede_query *query, const char *text, size_t len, lede_error *err) {
    struct buffer buffer = BUFFER_EMPTY;
    analyzer_reset(analyzer, text, len);
    take_tokens(&buffer, analyzer, query, text);
    struct token *tokens = (void *)buffer.data;
    size_t count = buffer.len / sizeof *tokens;
    lede_status status = analyzer_status(analyzer, err);
    for (size_t i = 0; i < query->clause_count; i++)
        if (query->clauses[i].sign != CLAUSE_MUST_NOT && query->clauses[i].term_count > 1)
            light_phrase(&query->clauses[i], tokens, count);
    if (status == LEDE_OK && (buffer.failed || !take_spans(out, arena, tokens, count)))
        status = error_nomem(err);
    buffer_release(&buffer);
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
        status = highlight_text(&found, &arena, analyzer, query, text, len, err);
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
