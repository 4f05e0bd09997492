/* cursor.h - the documents that match a part of a query, in order, with their scores.
 *
 * Documents are ordinals of passages in one segment. The contract is that of core/segment/postings.h: a cursor stands
 * on its first document from its creation on, and `doc` is DOC_END once it is exhausted:
 *
 *     for (uint32_t d = c->doc; d != DOC_END; d = cursor_next(c))
 *         sum += cursor_score(c);
 *     if (c->status != LEDE_OK) ...
 *
 * seek(t), for any t >= doc, equals: while (c->doc < t) cursor_next(c);
 * What has to be verified, by positions or by the text, is left for later (as Lucene's two-phase iteration does), so
 * that it is asked once of a document that has all else. The loop above is for cursors that are not lazy; of any:
 *
 *     for (uint32_t d = cursor_match(c); d != DOC_END; d = cursor_next_match(c))
 *         sum += cursor_score(c);
 *     for (uint32_t d = c->doc; d != DOC_END; d = cursor_next(c))
 *         if (cursor_score(c) > threshold && cursor_confirm(c))
 *             best = cursor_score(c);
 *
 * A cursor that fails (corrupt bytes, no memory) ends, with a sticky status; one made of others has theirs at its end,
 * at the latest: who leaves before asks cursor_finish.
 *
 * One operator, one file: term_cursor.c, and_cursor.c and so on. A cursor lies in an arena, with all that it is made
 * of, and owns the cursors it is made of; release the outermost one.
 */
#ifndef LEDE_SEARCHER_CURSOR_H
#define LEDE_SEARCHER_CURSOR_H

#include "core/base/arena.h"
#include "core/segment/postings.h"
#include "window.h"

struct cursor;
struct explanation;

struct cursor_ops {
    /* Both are called only while doc != DOC_END. */
    uint32_t (*next)(struct cursor *c);
    uint32_t (*seek)(struct cursor *c, uint32_t target);
    /* Of the current document; greater than 0, but for cursors that are there to be required alone. */
    double (*score)(struct cursor *c);
    /* Equals window_add_all. */
    void (*accumulate)(struct cursor *c, struct window *w);
    /* Of a cursor on a word, or on what stands like one, which alone has this: where the current document has it,
     * *count places that don't fall, borrowed until the cursor moves; NULL if it fails. Until it is confirmed, of one
     * that is not made of others in a row, places among which those are. */
    const uint32_t *(*positions)(struct cursor *c, uint32_t *count);
    void (*release)(struct cursor *c);
    /* Tells what the score of the current document is made of, see explanation.h; NULL: of nothing else. */
    void (*explain)(struct cursor *c, struct explanation *e);
    /* Of a cursor that has positions: how many there are, 1 or more. */
    uint32_t (*freq)(struct cursor *c);
    /* Of a lazy cursor: whether it matches the current document, which makes its score and positions exact. */
    bool (*confirm)(struct cursor *c);
    /* Of a lazy cursor: whether it is known to match the current document before it is confirmed; NULL: never. */
    bool (*is_certain)(struct cursor *c);
};

struct cursor {
    const struct cursor_ops *ops;
    uint32_t doc;
    lede_status status;
    uint64_t cost;     /* documents that it stands on, at most: the least costly leads */
    double max_score;  /* no document scores more */
    bool fits_windows; /* accumulate is faster than going document by document */
    bool lazy;         /* it stands on documents that may match, and its score is no less than theirs, until
                          cursor_confirm; freq and positions come behind that */
    bool reads;        /* to confirm it takes reading texts: what is told without comes first */
    uint32_t denied;   /* one more than the document that was found not to match; 0: none */
};

static inline uint32_t cursor_next(struct cursor *c) {
    return c->doc == DOC_END ? DOC_END : c->ops->next(c);
}

static inline uint32_t cursor_seek(struct cursor *c, uint32_t target) {
    return c->doc >= target ? c->doc : c->ops->seek(c, target);
}

/* Whether the current document matches. */
static inline bool cursor_confirm(struct cursor *c) {
    if (!c->lazy || c->doc == DOC_END)
        return c->doc != DOC_END;
    bool matches = c->ops->confirm(c);
    c->denied = matches ? 0 : c->doc + 1;
    return matches;
}

/* Moves on to the first document that matches, from the current one on; from the next one on; from `target` on. */
static inline uint32_t cursor_match(struct cursor *c) {
    while (c->doc != DOC_END && !cursor_confirm(c))
        cursor_next(c);
    return c->doc;
}

static inline uint32_t cursor_next_match(struct cursor *c) {
    cursor_next(c);
    return cursor_match(c);
}

static inline uint32_t cursor_seek_match(struct cursor *c, uint32_t target) {
    cursor_seek(c, target);
    return cursor_match(c);
}

/* Whether the current document matches for certain, though its score may not be exact yet: it can be counted. */
static inline bool cursor_is_certain(struct cursor *c) {
    return !c->lazy || (c->ops->is_certain && c->ops->is_certain(c));
}

/* Whether it stands on the document, and was not found not to match. */
static inline bool cursor_has(const struct cursor *c, uint32_t doc) {
    return c->doc == doc && c->denied != doc + 1;
}

/* Whether one of the cursors is lazy. */
static inline bool cursors_are_lazy(struct cursor *const *cursors, size_t count) {
    bool lazy = false;
    for (size_t i = 0; i < count; i++)
        lazy |= cursors[i]->lazy;
    return lazy;
}

static inline double cursor_score(struct cursor *c) {
    return c->ops->score(c);
}

static inline void cursor_accumulate(struct cursor *c, struct window *w) {
    c->ops->accumulate(c, w);
}

static inline uint32_t cursor_freq(struct cursor *c) {
    return c->ops->freq(c);
}

static inline const uint32_t *cursor_positions(struct cursor *c, uint32_t *count) {
    return c->ops->positions(c, count);
}

/* Ends it wherever it stands. Then its status tells of all that it is made of, which before, where it stands on a
 * document, it may not. */
static inline lede_status cursor_finish(struct cursor *c) {
    cursor_seek(c, DOC_END);
    return c->status;
}

/* Ends c, which is made of `part`, and the part, whose status it has then, if that failed; the first failure stays. */
static inline uint32_t cursor_end(struct cursor *c, struct cursor *part) {
    lede_status status = cursor_finish(part);
    if (c->status == LEDE_OK)
        c->status = status;
    return c->doc = DOC_END;
}

/* NULL is fine. */
static inline void cursor_release(struct cursor *c) {
    if (c)
        c->ops->release(c);
}

static inline void cursors_release(struct cursor *const *cursors, size_t count) {
    for (size_t i = 0; i < count; i++)
        cursor_release(cursors[i]);
}

/* Operators. They own the cursors they are given, even if they return NULL for lack of memory; arrays of cursors are
 * the caller's and copied. */

/* On the documents where all cursors stand whose `required` is set, at least one; the others add to the score. The
 * score is the sum of the scores of all cursors that stand there, in the order given. */
struct cursor *and_cursor_new(struct arena *arena, struct cursor *const *cursors, const bool *required, size_t count);

/* On the documents where at least one cursor stands, of one or more. The score is the sum of the scores of those that
 * do, in the order given. */
struct cursor *or_cursor_new(struct arena *arena, struct cursor *const *cursors, size_t count);

/* On the documents of `included` where no cursor of `excluded` stands. */
struct cursor *not_cursor_new(struct arena *arena, struct cursor *included, struct cursor *const *excluded,
                              size_t count);

/* On the documents where at least `least` cursors stand, 1 to `count`. The score is the sum of those that do. */
struct cursor *quorum_cursor_new(struct arena *arena, struct cursor *const *cursors, size_t count, size_t least);

/* On the documents below `passages` whose bits are set; all of them if bits is NULL. The bits are borrowed. Each scores
 * `score`. */
struct cursor *bitset_cursor_new(struct arena *arena, const uint64_t *bits, uint32_t passages, double score);

/* How operands have to stand in a document: slot i is where operand i does. */
struct phrase_slot;
struct gate;
struct position_check {
    /* Whether the operands stand so in the document; false also if it fails, with *status set. NULL: whether they
     * follow one another; then the cursor has positions, those of the first. */
    bool (*matches)(void *ctx, uint32_t doc, struct phrase_slot *slots, uint32_t count, lede_status *status);
    void *ctx;
    struct gate *gate; /* what the cursor passes over, see gate.h; NULL: nothing */
    bool reads;        /* texts; else where operands have more places they match as well */
};

/* On the documents where operands stand as they have to, lazily: operand i is the one of cursors[slots[i]], which have
 * positions, each used. The score is the sum of their scores, in the order given. */
struct cursor *position_cursor_new(struct arena *arena, struct cursor *const *cursors, size_t count,
                                   const uint32_t *slots, uint32_t slot_count, const struct position_check *check);

#endif
