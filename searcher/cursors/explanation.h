/* explanation.h - a score taken apart: a tree in which each node is a word's part, or the sum of its children.
 *
 * Cursors tell their parts in the order in which they add them up, each sum from 0 on; so the numbers of the tree are
 * those of the score, to the last bit.
 */
#ifndef LEDE_SEARCHER_EXPLANATION_H
#define LEDE_SEARCHER_EXPLANATION_H

#include "core/base/buffer.h"
#include "cursor.h"

struct plan;

/* A tree that is being built: lede_score_part of every node, parents before their children. */
struct explanation {
    const struct plan *plan;
    struct buffer parts; /* its error is sticky */
    unsigned depth;
};

/* Begins a sum; what is told until it ends are its children. Names are static, or live as long as the results. */
size_t explanation_begin(struct explanation *e, const char *name);
void explanation_end(struct explanation *e, size_t sum);

/* A part that is a number. */
void explanation_add(struct explanation *e, lede_part_kind kind, const char *name, double value);

/* What a word is worth to a passage: weight * (freq / (freq + norm)). */
struct word_worth {
    const char *name;  /* the term, or what stands for several */
    uint64_t doc_freq; /* passages of the snapshot that count as having it */
    uint32_t freq, length;
    double weight, norm;
};
void explanation_word(struct explanation *e, const struct word_worth *worth);

/* Its nodes. */
size_t explanation_count(const struct explanation *e);

/* Tells the score of the cursor's document, which it stands on. */
static inline void cursor_explain(struct cursor *c, struct explanation *e) {
    if (c->ops->explain)
        c->ops->explain(c, e);
    else
        explanation_add(e, LEDE_PART_SUM, "score", cursor_score(c));
}

/* The same for the sum of the cursors' scores that stand on `doc`. */
void cursors_explain(struct cursor *const *cursors, size_t count, uint32_t doc, const char *name,
                     struct explanation *e);

#endif
