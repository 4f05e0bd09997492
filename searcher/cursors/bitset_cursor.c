#include "cursor.h"
#include "explanation.h"

struct bitset_cursor {
    struct cursor base;
    const uint64_t *bits;
    uint32_t passages;
    double score;
};

static uint32_t settle(struct bitset_cursor *b, uint32_t doc) {
    if (doc >= b->passages)
        return b->base.doc = DOC_END;
    if (!b->bits)
        return b->base.doc = doc;
    uint32_t word = doc / 64, words = (b->passages + 63) / 64;
    uint64_t left = b->bits[word] >> doc % 64 << doc % 64;
    while (!left && ++word < words)
        left = b->bits[word];
    return b->base.doc = left ? word * 64 + (uint32_t)__builtin_ctzll(left) : DOC_END;
}

static uint32_t next(struct cursor *c) {
    return settle((struct bitset_cursor *)c, c->doc + 1);
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    return settle((struct bitset_cursor *)c, target);
}

static double score(struct cursor *c) {
    return ((struct bitset_cursor *)c)->score;
}

/* What is there to be required alone has no part in the score. */
static void explain(struct cursor *c, struct explanation *e) {
    if (score(c) > 0)
        explanation_add(e, LEDE_PART_SUM, "passage", score(c));
}

static void release(struct cursor *c) {
    (void)c;
}

static const struct cursor_ops bitset_ops = {
    .next = next, .seek = seek, .score = score, .accumulate = window_add_all, .release = release, .explain = explain};

struct cursor *bitset_cursor_new(struct arena *arena, const uint64_t *bits, uint32_t passages, double score) {
    struct bitset_cursor *b = arena_zalloc(arena, 1, sizeof *b);
    if (!b)
        return NULL;
    *b = (struct bitset_cursor){{.ops = &bitset_ops, .doc = DOC_END, .max_score = score}, bits, passages, score};
    for (uint32_t w = 0; bits && w < (passages + 63) / 64; w++)
        b->base.cost += (uint64_t)__builtin_popcountll(bits[w]);
    if (!bits)
        b->base.cost = passages;
    settle(b, 0);
    return &b->base;
}
