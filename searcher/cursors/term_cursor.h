/* term_cursor.h - cursors on what counts as one word of the query: a term's postings, those of its occurrences that
 * are wanted, or several terms as one word; scored by BM25.
 *
 * Several terms are one word as in Indri's #syn: the frequency in a passage is the sum of theirs, and so is the number
 * of passages that the word counts as being in (Lucene's SynonymQuery takes the greatest instead, which makes much of a
 * prefix that a thousand rare words share).
 */
#ifndef LEDE_SEARCHER_TERM_CURSOR_H
#define LEDE_SEARCHER_TERM_CURSOR_H

#include "core/segment/segment.h"
#include "cursor.h"
#include "explanation.h"
#include "searcher/plan/bm25.h"

/* What a word is worth. All that it points to is borrowed for the cursors' life. */
struct word_scorer {
    const struct segment *segment;
    const struct bm25 *bm25;
    double weight;     /* as of bm25_weight */
    uint64_t doc_freq; /* what the weight is made of */
    const char *name;
};

static inline double word_score(const struct word_scorer *s, uint32_t doc, uint32_t freq) {
    return bm25_score(s->weight, freq, bm25_norm(s->bm25, segment_length(s->segment, doc)));
}

static inline void word_explain(const struct word_scorer *s, struct explanation *e, uint32_t doc, uint32_t freq) {
    uint32_t length = segment_length(s->segment, doc);
    const struct word_worth worth = {s->name, s->doc_freq, freq, length, s->weight, bm25_norm(s->bm25, length)};
    explanation_word(e, &worth);
}

/* The makers give NULL if out of memory, and then have released the cursors they were given. */

struct cursor *term_cursor_new(struct arena *arena, const struct term_info *info, const struct word_scorer *scorer);

/* Keeps, of n positions in a document, those that are wanted, in order; returns how many. *status is set if it
 * fails. */
struct occurrence_filter {
    uint32_t (*keep)(void *ctx, uint32_t doc, uint32_t *positions, uint32_t n, lede_status *status);
    /* Instead, if nobody asks where they are: how many in a document are wanted. */
    uint32_t (*count)(void *ctx, uint32_t doc, lede_status *status);
    const uint64_t *most; /* no document has more; NULL: that is not known */
    void *ctx;
    struct gate *gate; /* as that of a position_check */
    bool reads;        /* texts */
};

/* On the documents where some of the word's occurrences are wanted, as if it had no others; lazily. */
struct cursor *occurrence_cursor_new(struct arena *arena, struct cursor *word, const struct occurrence_filter *filter,
                                     const struct word_scorer *scorer);

/* On the documents of any of the words, one or more, as one word. `overlap`: words may have the same occurrences. */
struct cursor *synonym_cursor_new(struct arena *arena, struct cursor *const *words, size_t count, bool overlap,
                                  const struct word_scorer *scorer);

#endif
