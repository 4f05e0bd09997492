/* window.h - scores of a stretch of documents, summed up one cursor after the other.
 *
 * For queries of which any word will do this takes a fraction of the time of merging cursors document by document,
 * as each cursor runs on its own through a stretch that fits the first-level cache. The terms of a document's score
 * are added in the order of the cursors, so its score is the same to the last bit.
 */
#ifndef LEDE_SEARCHER_WINDOW_H
#define LEDE_SEARCHER_WINDOW_H

#include <stdint.h>

#define WINDOW_DOCS    4096
#define WINDOW_STRETCH 64

struct cursor;

struct window {
    uint32_t start, end;        /* documents [start, end); start is a multiple of WINDOW_STRETCH */
    uint64_t touched;           /* a bit for each stretch of the scores: there may be others than 0 in it */
    double scores[WINDOW_DOCS]; /* 0 where no document matched: those that do score more */
};

static inline uint64_t window_bit(uint32_t at) {
    return UINT64_C(1) << at / WINDOW_STRETCH;
}

static inline void window_add(struct window *w, uint32_t doc, double score) {
    uint32_t i = doc - w->start;
    w->touched |= window_bit(i);
    w->scores[i] += score;
}

static inline void window_remove(struct window *w, uint32_t doc) {
    w->scores[doc - w->start] = 0;
}

/* Lays an empty window so that it holds `doc`. It was empty before: cleared at first, and by who read it afterwards. */
static inline void window_move(struct window *w, uint32_t doc) {
    w->start = doc - doc % WINDOW_STRETCH;
    w->end = w->start + WINDOW_DOCS < w->start ? UINT32_MAX : w->start + WINDOW_DOCS;
}

/* Adds the cursor's documents before w->end to the window, one by one, and moves behind them. */
void window_add_all(struct cursor *c, struct window *w);

#endif
