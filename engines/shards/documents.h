/* documents.h - an article as documents, one a passage. */
#ifndef LEDE_ENGINES_SHARDS_DOCUMENTS_H
#define LEDE_ENGINES_SHARDS_DOCUMENTS_H

#include "../xapian/module.h"
#include "core/base/buffer.h"
#include "core/text/analyzer.h"
#include "record.h"

/* What is kept from one article to the next, to save memory's coming and going. All zero to begin with. */
struct documents {
    struct buffer title, heading, body, byline; /* words of each, see documents.c */
    struct buffer article, data;
};

void documents_release(struct documents *d);

/* What is the same for all of them. */
struct documents_of {
    const struct article *article;
    const char *path;
    bool omit_text;
    uint64_t stamp;
    struct analyzer *analyzer;
};

/* Hands one document after the other to `take`, which owns it from then on, whatever it returns. */
LEDE_NODISCARD lede_status documents_make(struct documents *d, const struct xapian *x, const struct documents_of *of,
                                          lede_status (*take)(void *ctx, struct xapian_document *document,
                                                              lede_error *err),
                                          void *ctx, lede_error *err);

#endif
