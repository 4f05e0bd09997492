#include "article.h"

#include <stdlib.h>
#include <string.h>

/* Not in the middle of a character. */
static size_t whole(const char *text, size_t len, size_t at) {
    while (at < len && ((unsigned char)text[at] & 0xC0) == 0x80)
        at++;
    return at;
}

static lede_status mark(struct article *a, const struct search *search, size_t around, lede_error *err) {
    const char *text = a->article->body;
    size_t len = a->article->body_len;
    size_t from = whole(text, len, a->start > around ? a->start - around : 0);
    size_t to = whole(text, len, len - a->end > around ? a->end + around : len);
    lede_status status =
        lede_query_highlight(&a->spans, &a->body.span_count, search->query, search->index, text + from, to - from, err);
    for (size_t i = 0; status == LEDE_OK && i < a->body.span_count; i++) {
        a->spans[i].start += (uint32_t)from;
        a->spans[i].end += (uint32_t)from;
    }
    return status;
}

lede_status article_read(struct article *a, const struct search *search, const lede_passage_view *view, size_t around,
                         lede_error *err) {
    const lede_article *meta = &view->article;
    memset(a, 0, sizeof *a);
    lede_status status = lede_index_article(&a->article, search->index, meta->key, meta->key_len, err);
    if (status)
        return status;
    a->has_text = view->text_len > 0;
    a->start = lede_index_passage_start(search->index, meta->key, meta->key_len, view->number);
    size_t left = a->article->body_len - a->start;
    a->end = a->start + (view->text_len < left ? view->text_len : left);
    status = mark(a, search, around, err);
    a->body.text = a->article->body;
    a->body.len = a->article->body_len;
    a->body.spans = a->spans;
    return status;
}

void article_release(struct article *a) {
    free(a->spans);
    lede_article_free(a->article);
    memset(a, 0, sizeof *a);
}
