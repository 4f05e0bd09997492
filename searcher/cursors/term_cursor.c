#include "term_cursor.h"

#include "core/segment/segment.h"
#include "explanation.h"

struct term_cursor {
    struct cursor base;
    const uint8_t *lengths; /* of the segment's passages */
    unsigned length_width;
    struct word_scorer scorer;
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

static inline __attribute__((always_inline)) uint32_t length_of(const uint8_t *lengths, unsigned width, uint32_t doc) {
    switch (width) {
    case 1: return lengths[doc];
    case 2: return load_u16(lengths + (size_t)doc * 2);
    default: return load_u32(lengths + (size_t)doc * 4);
    }
}

static double score_posting(const struct term_cursor *t) {
    double norm = bm25_norm(t->scorer.bm25, length_of(t->lengths, t->length_width, t->postings.doc));
    return bm25_score(t->scorer.weight, t->postings.freq, norm);
}

static double score(struct cursor *c) {
    return score_posting((struct term_cursor *)c);
}

/* How many of n rising documents, the first of which does, come before `end`. */
static uint32_t count_before(const uint32_t *docs, uint32_t n, uint32_t end) {
    if (docs[n - 1] < end)
        return n;
    uint32_t low = 0;
    while (n > 1) {
        uint32_t half = n / 2;
        low += docs[low + half] < end ? half : 0;
        n -= half;
    }
    return low + 1;
}

/* Adds n postings. The width of a length is known where this is called, so that the loop is made for it. */
static inline __attribute__((always_inline)) void add_run(const struct term_cursor *t, struct window *w,
                                                          const uint32_t *docs, const uint32_t *freqs, uint32_t n,
                                                          unsigned width) {
    /* In variables of their own, which the compiler knows no store to change. */
    const struct bm25 bm25 = *t->scorer.bm25;
    const uint8_t *lengths = t->lengths;
    double weight = t->scorer.weight;
    uint64_t touched = w->touched;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = docs[i] - w->start;
        double norm = bm25_norm(&bm25, length_of(lengths, width, docs[i]));
        touched |= window_bit(at);
        w->scores[at] += bm25_score(weight, freqs[i], norm);
    }
    w->touched = touched;
}

static void accumulate(struct cursor *c, struct window *w) {
    struct term_cursor *t = (struct term_cursor *)c;
    const uint32_t *docs, *freqs;
    for (uint32_t n; t->postings.doc < w->end; postings_skip(&t->postings, n)) {
        n = postings_run(&t->postings, &docs, &freqs);
        n = count_before(docs, n, w->end);
        switch (t->length_width) {
        case 1: add_run(t, w, docs, freqs, n, 1); break;
        case 2: add_run(t, w, docs, freqs, n, 2); break;
        default: add_run(t, w, docs, freqs, n, 4); break;
        }
    }
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

static void explain(struct cursor *c, struct explanation *e) {
    struct term_cursor *t = (struct term_cursor *)c;
    word_explain(&t->scorer, e, c->doc, t->postings.freq);
}

static uint32_t freq(struct cursor *c) {
    return ((struct term_cursor *)c)->postings.freq;
}

static void release(struct cursor *c) {
    postings_release(&((struct term_cursor *)c)->postings);
}

static const struct cursor_ops term_ops = {next,    seek,    score, accumulate, positions,
                                           release, explain, freq,  NULL,       NULL};

struct cursor *term_cursor_new(struct arena *arena, const struct term_info *info, const struct word_scorer *scorer) {
    struct term_cursor *t = arena_alloc(arena, sizeof *t);
    if (!t)
        return NULL;
    t->base = (struct cursor){
        .ops = &term_ops, .doc = DOC_END, .cost = info->doc_freq, .max_score = scorer->weight, .fits_windows = true};
    t->scorer = *scorer;
    t->lengths = segment_lengths(scorer->segment, &t->length_width);
    postings_init(&t->postings, scorer->segment, info);
    follow(t);
    return &t->base;
}
