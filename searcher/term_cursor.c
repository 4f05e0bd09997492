#include "term_cursor.h"

#include "../core/segment.h"

struct term_cursor {
    struct cursor base;
    const struct segment *segment;
    const struct bm25 *bm25;
    double weight;
    struct postings postings;
};

static uint32_t follow(struct term_cursor *t) {
    t->base.status = t->postings.status;
    return t->base.doc = t->postings.doc;
}

static uint32_t next(struct cursor *c) {
    struct term_cursor *t = (struct term_cursor *)c;
    postings_next(&t->postings);
    return follow(t);
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    struct term_cursor *t = (struct term_cursor *)c;
    postings_seek(&t->postings, target);
    return follow(t);
}

static double score_posting(const struct term_cursor *t) {
    double norm = bm25_norm(t->bm25, segment_length(t->segment, t->postings.doc));
    return bm25_score(t->weight, t->postings.freq, norm);
}

static double score(struct cursor *c) {
    return score_posting((struct term_cursor *)c);
}

static void accumulate(struct cursor *c, struct window *w) {
    struct term_cursor *t = (struct term_cursor *)c;
    for (uint32_t d = t->postings.doc; d < w->end; d = postings_next(&t->postings))
        window_add(w, d, score_posting(t));
    follow(t);
}

static const uint32_t *positions(struct cursor *c, uint32_t *count) {
    struct term_cursor *t = (struct term_cursor *)c;
    *count = t->postings.freq;
    const uint32_t *p = postings_positions(&t->postings);
    if (!p)
        follow(t);
    return p;
}

static void release(struct cursor *c) {
    postings_release(&((struct term_cursor *)c)->postings);
}

static const struct cursor_ops term_ops = {next, seek, score, accumulate, positions, release};

struct cursor *term_cursor_new(struct arena *arena, const struct segment *segment, const struct term_info *info,
                               const struct bm25 *bm25, double weight) {
    struct term_cursor *t = arena_alloc(arena, sizeof *t);
    if (!t)
        return NULL;
    t->base = (struct cursor){&term_ops, DOC_END, LEDE_OK, info->doc_freq, weight, true};
    t->segment = segment;
    t->bm25 = bm25;
    t->weight = weight;
    postings_init(&t->postings, segment, info);
    follow(t);
    return &t->base;
}
