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
 *
 * That is a preference. A name is more: who asks for Keats wants no Keating, and names.h has what becomes of it. A word
 * is a name where texts write it with a capital in the midst of a sentence, 9 times in 10 at least, and more than once
 * if its singular or plural is written small as often; or where the query does, other than at its beginning, unless
 * texts write it small as often. Asked for by itself, with a capital, it is one. That is so in languages that naming.h
 * knows, whose endings of names make no other word. */
#ifndef LEDE_SEARCHER_SURFACE_H
#define LEDE_SEARCHER_SURFACE_H

#include "core/base/buffer.h"
#include "core/text/forms.h"
#include "searcher/query/naming.h"
#include "searcher/query/query.h"

/* The forms of a query's words. */
struct surface {
    const struct lede_query *query;
    bool has_names;               /* that the language tells by capitals, and leaves as they are but for */
    struct naming naming, number; /* the second one takes the plural for the same */
    struct analyzer *analyzer;
    struct forms words;   /* of the text that is read */
    struct buffer forms;  /* struct surface_form each */
    uint32_t begins[256]; /* by their first byte: a bit for each that their second may be, by its last bits */
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

/* How often a word that is written as in the query begins with a capital, in the midst of a sentence, and goes on in
 * small letters, and how often it is in small letters. */
struct surface_case {
    uint32_t capital, small;
    uint32_t number_capital, number_small; /* the same of its plural, or singular, for which capitals alone do, too */
};

/* What is to be told of the words of texts. */
struct surface_report {
    bool *terms;                /* set for each term of the query that is written there as in the query */
    struct surface_case *cases; /* added to, for each term that is set; NULL: not wanted */
    struct buffer *hashes;      /* appended to: a u64 hash of each word's form; NULL: not wanted */
    /* Called for each word's form; NULL: not wanted. */
    void (*visit)(void *ctx, const char *form, size_t len, uint32_t position);
    void *ctx;
};

LEDE_NODISCARD lede_status surface_read(struct surface *s, const struct surface_text *text,
                                        const struct surface_report *report, lede_error *err);

/* Whether the term's word is a name, from what texts have shown. */
bool surface_is_name(const struct surface *s, uint32_t term, const struct surface_case *seen);

/* Whether its plural, or singular, is one, too: Romans and Roman, but not Wells and "well". */
bool surface_has_number(const struct surface_case *seen);

/* The bare form of the term's word, which lives as long as the surface; its length, 0 if the query has none, or
 * several. */
size_t surface_form_of(const struct surface *s, uint32_t term, const char **form);

#endif
