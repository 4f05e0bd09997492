/* documents.h - an article as documents, one a passage. */
#ifndef LEDE_ENGINES_SHARDS_DOCUMENTS_H
#define LEDE_ENGINES_SHARDS_DOCUMENTS_H

#include "../../core/analyzer.h"
#include "../../core/buffer.h"
#include "../xapian/module.h"
#include "record.h"

/* What is kept from one article to the next, to save memory's coming and going. All zero to begin with. */
struct documents {
    struct buffer title, heading; /* terms: length as a byte, then the bytes; length 0 where a word has no term */
    struct buffer data;
};

void documents_release(struct documents *d);

/* What is the same for all of them. */
struct documents_of {
    const struct article *article;
    const char *path;
    bool omit_text;
    uint64_t commit;
    struct analyzer *analyzer;
};

/* Hands one document after the other to `take`, which borrows it. */
LEDE_NODISCARD lede_status documents_make(struct documents *d, const struct xapian *x, const struct documents_of *of,
                                          lede_status (*take)(void *ctx, const struct xapian_document *document,
                                                              lede_error *err),
                                          void *ctx, lede_error *err);

/* The term of a word as it stands in the databases, its length cut to what Xapian takes; 0 if it has none. */
size_t documents_term(struct analyzer *analyzer, const char *word, size_t len, char term[TERM_MAX + 1]);
/* The length that a term is cut to. */
size_t documents_cut(const char *term, size_t len);

#endif
