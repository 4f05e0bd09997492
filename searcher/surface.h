/* surface.h - which words of a text are written as the query has them, not only of the same stem.
 *
 * Stemming puts words together that are not the same, proper names above all (Keating and Keats, in English). So a word
 * that stands in a passage as it was typed, but for case and accents, is worth more than one of its stem alone:
 *
 *     gain = sum over words that stand there as typed of  LEDE_SURFACE_WEIGHT * what the word gives by BM25
 *
 * Where all passages have the words as typed, their order is that of BM25. It is the weighted sum of a field of stems
 * and one of forms (S. Robertson, H. Zaragoza, M. Taylor, Simple BM25 extension to multiple weighted fields, 2004),
 * with a form that counts once, however often it stands there.
 */
#ifndef LEDE_SEARCHER_SURFACE_H
#define LEDE_SEARCHER_SURFACE_H

#include "../core/analyzer.h"
#include "../core/buffer.h"
#include "query.h"

/* The forms of a query's words. */
struct surface {
    const struct lede_query *query;
    struct analyzer *analyzer;
    struct buffer forms; /* struct surface_form each */
    struct arena arena;
};

LEDE_NODISCARD lede_status surface_init(struct surface *s, const struct lede_query *query, const char *language,
                                        lede_error *err);
void surface_release(struct surface *s);

/* A text, valid UTF-8, and what its first word's position is. */
struct surface_text {
    const char *bytes;
    size_t len;
    uint32_t position;
};

/* What is to be told of the words of texts. */
struct surface_report {
    bool *terms;           /* set for each term of the query that is written there as in the query */
    struct buffer *hashes; /* appended to: a u64 hash of each word's form; NULL: not wanted */
    /* Called for each word's form; NULL: not wanted. */
    void (*visit)(void *ctx, const char *form, size_t len, uint32_t position);
    void *ctx;
};

LEDE_NODISCARD lede_status surface_read(struct surface *s, const struct surface_text *text,
                                        const struct surface_report *report, lede_error *err);

#endif
