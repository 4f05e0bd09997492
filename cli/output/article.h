/* article.h - the whole article of a hit, with what matched in it. */
#ifndef LEDE_CLI_ARTICLE_H
#define LEDE_CLI_ARTICLE_H

#include "cli/common/text.h"
#include "search.h"

struct article {
    lede_article *article;
    struct marked_text body; /* with what the query would match in it */
    lede_span *spans;        /* those of the body */
    size_t start, end;       /* the bytes of the body that the hit's passage is */
    bool has_text;           /* false: the index keeps none, and the body is empty */
};

/* Reads the article of a hit of the search. `article` is zeroed or released storage, to be released whatever happens.
 */
LEDE_NODISCARD lede_status article_read(struct article *article, const struct search *search,
                                        const lede_passage_view *view, size_t around, lede_error *err);
void article_release(struct article *article);

#endif
