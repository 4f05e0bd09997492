#include "article.h"

#include <stdlib.h>
#include <string.h>

lede_status article_read(struct article *a, const struct search *search, const lede_passage_view *view,
                         lede_error *err) {
    const lede_article *meta = &view->article;
    memset(a, 0, sizeof *a);
    lede_status status = lede_index_article(&a->article, search->index, meta->key, meta->key_len, err);
    if (status == LEDE_OK)
        status = lede_query_highlight(&a->spans, &a->body.span_count, search->query, search->index, a->article->body,
                                      a->article->body_len, err);
    if (status)
        return status;
    a->has_text = view->text_len > 0;
    a->body.text = a->article->body;
    a->body.len = a->article->body_len;
    a->body.spans = a->spans;
    a->start = lede_index_passage_start(search->index, meta->key, meta->key_len, view->number);
    size_t left = a->body.len - a->start;
    a->end = a->start + (view->text_len < left ? view->text_len : left);
    return LEDE_OK;
}

void article_release(struct article *a) {
    free(a->spans);
    lede_article_free(a->article);
    memset(a, 0, sizeof *a);
}
