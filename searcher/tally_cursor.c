#include "term_cursor.h"

#include "../core/maxima.h"

enum { ASK_EVERY = 256 }; /* words of bits */

struct tally {
    const struct segment *segment;
    uint32_t passages;
    uint64_t *bits;  /* passages that have any of the words */
    uint32_t *freqs; /* how often, by passage */
};

struct tally *tally_new(struct arena *arena, const struct segment *segment) {
    struct tally *t = arena_zalloc(arena, 1, sizeof *t);
    uint32_t passages = segment_info(segment)->passages;
    if (!t)
        return NULL;
    *t = (struct tally){segment, passages, arena_zalloc(arena, passages / 64 + 1, sizeof *t->bits),
                        arena_zalloc(arena, passages, sizeof *t->freqs)};
    return t->bits && t->freqs ? t : NULL;
}

static inline void count(struct tally *t, uint32_t doc, uint32_t freq) {
    t->bits[doc / 64] |= UINT64_C(1) << doc % 64;
    t->freqs[doc] += freq;
}

lede_status tally_add_term(struct tally *t, const struct term_info *info) {
    struct postings p;
    const uint32_t *docs, *freqs;
    postings_init(&p, t->segment, info);
    for (uint32_t n; (n = postings_run(&p, &docs, &freqs)) > 0; postings_skip(&p, n))
        for (uint32_t i = 0; i < n; i++)
            count(t, docs[i], freqs[i]);
    lede_status status = p.status;
    postings_release(&p);
    return status;
}

void tally_bound(const struct tally *t, const struct word_scorer *scorer, struct interrupt *interrupt, float *bounds) {
    uint32_t looked_at = 0;
    for (uint32_t w = 0; w < t->passages / 64 + 1; w++) {
        double best = 0;
        if (interrupt_is_due_each(interrupt, &looked_at, ASK_EVERY))
            return;
        for (uint64_t left = t->bits[w]; left; left &= left - 1) {
            uint32_t doc = 64 * w + (uint32_t)__builtin_ctzll(left);
            double score = word_score(scorer, doc, t->freqs[doc]);
            best = score > best ? score : best;
        }
        uint32_t range = w / (RANGE_DOCS / 64);
        if (t->bits[w])
            bounds[range] = (float)best > bounds[range] ? (float)best : bounds[range];
    }
}

/* ------------------------------------------------------------------------------------ cursor -- */

struct tally_cursor {
    struct cursor base;
    struct cursor *docs;
    const uint32_t *freqs;
    struct word_scorer scorer;
};

static uint32_t next(struct cursor *c) {
    return c->doc = cursor_next(((struct tally_cursor *)c)->docs);
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    return c->doc = cursor_seek(((struct tally_cursor *)c)->docs, target);
}

static double score(struct cursor *c) {
    struct tally_cursor *t = (struct tally_cursor *)c;
    return word_score(&t->scorer, c->doc, t->freqs[c->doc]);
}

static void explain(struct cursor *c, struct explanation *e) {
    struct tally_cursor *t = (struct tally_cursor *)c;
    word_explain(&t->scorer, e, c->doc, t->freqs[c->doc]);
}

static void release(struct cursor *c) {
    cursor_release(((struct tally_cursor *)c)->docs);
}

static uint32_t freq(struct cursor *c) {
    return ((struct tally_cursor *)c)->freqs[c->doc];
}

static const struct cursor_ops tally_ops = {.next = next,
                                            .seek = seek,
                                            .score = score,
                                            .accumulate = window_add_all,
                                            .release = release,
                                            .explain = explain,
                                            .freq = freq};

struct cursor *tally_cursor_new(struct arena *arena, struct tally *tally, const struct word_scorer *scorer) {
    struct tally_cursor *t = arena_zalloc(arena, 1, sizeof *t);
    struct cursor *docs = bitset_cursor_new(arena, tally->bits, tally->passages, 1);
    if (!t || !docs)
        return NULL;
    t->base = (struct cursor){.ops = &tally_ops, .doc = docs->doc, .cost = docs->cost, .max_score = scorer->weight};
    t->docs = docs;
    t->freqs = tally->freqs;
    t->scorer = *scorer;
    return &t->base;
}
