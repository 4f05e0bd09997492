#include "tally.h"

#include "core/base/cpu.h"
#include "core/base/error.h"
#include "core/codecs/maxima.h"
#include "core/segment/segment_map.h"
#include "searcher/plan/plan.h"
#include "searcher/ranges/range_term.h"

#include <string.h>

enum { ASK_EVERY = 64 /* ranges */ };

/* ------------------------------------------------------------------------------------- adding -- */

struct tally *tally_new(struct arena *arena, const struct segment *segment, bool has_maybe) {
    struct tally *t = arena_zalloc(arena, 1, sizeof *t);
    uint32_t passages = segment_info(segment)->passages;
    size_t words = passages / 64 + 1;
    if (!t)
        return NULL;
    *t = (struct tally){.segment = segment, .passages = passages};
    t->sure = arena_zalloc(arena, 64 * words, sizeof *t->sure);
    t->maybe = has_maybe ? arena_zalloc(arena, 64 * words, sizeof *t->maybe) : NULL;
    t->bits = arena_zalloc(arena, words, sizeof *t->bits);
    return t->sure && t->bits && (t->maybe || !has_maybe) ? t : NULL;
}

static inline uint32_t least_of(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* The occurrences that a run of postings has in a field. */
static void add_in_field(const struct tally *t, struct postings *p, uint32_t n, enum text_field field,
                         const struct expanded_term *term, uint32_t *to) {
    const uint32_t *docs, *freqs, *positions = postings_run_positions(p);
    const uint32_t most = term->most;
    postings_run(p, &docs, &freqs);
    for (uint32_t i = 0; i < n && positions; i++) {
        const struct field_borders borders = field_borders_of(t->segment, docs[i]);
        uint32_t count = 0;
        for (uint32_t k = 0; k < freqs[i]; k++)
            count += field_borders_have(&borders, field, positions[k]);
        to[docs[i]] += least_of(count, most);
        positions += freqs[i];
    }
}

lede_status tally_add_term(struct tally *t, const struct expanded_term *term, enum text_field field) {
    struct postings p;
    const uint32_t *docs, *freqs;
    uint32_t *to = term->whole ? t->sure : t->maybe, most = term->most;
    postings_init(&p, t->segment, &term->info);
    for (uint32_t n; (n = postings_run(&p, &docs, &freqs)) > 0; postings_skip(&p, n)) {
        if (field != FIELD_ANY)
            add_in_field(t, &p, n, field, term, to);
        else
            for (uint32_t i = 0; i < n; i++)
                to[docs[i]] += least_of(freqs[i], most);
    }
    lede_status status = p.status;
    postings_release(&p);
    return status;
}

FOR_EACH_CPU static uint64_t pack(const uint32_t *sure, const uint32_t *maybe) {
    uint8_t any[64];
    uint64_t word = 0;
    for (unsigned i = 0; i < 64; i++)
        any[i] = (sure[i] | (maybe ? maybe[i] : 0)) != 0;
    for (unsigned i = 0; i < 64; i += 8)
        word |= (load_u64(any + i) * UINT64_C(0x0102040810204080) >> 56) << i;
    return word;
}

void tally_finish(struct tally *t) {
    for (size_t w = 0; w < t->passages / 64 + 1; w++)
        t->bits[w] = pack(t->sure + 64 * w, t->maybe ? t->maybe + 64 * w : NULL);
}

static bool has_maybe(const struct expansion *e) {
    bool found = false;
    for (uint32_t i = 0; i < e->count; i++)
        found |= !e->terms[i].whole;
    return found;
}

lede_status tally_of_word(struct tally **out, struct arena *arena, const struct plan *plan, size_t segment,
                          const struct node *word, lede_error *err) {
    const struct segment *s = plan->snapshot->segments[segment].segment;
    const struct expansion *e = &plan->expansions[segment * plan->query->pattern_count + word->number];
    struct tally *t = tally_new(arena, s, has_maybe(e));
    lede_status status = t ? LEDE_OK : LEDE_NOMEM;
    interrupt_stage(plan->interrupt, SHARE_OF_TALLIES);
    for (uint32_t i = 0; i < e->count && status == LEDE_OK && !interrupt_is_due(plan->interrupt); i++)
        status = tally_add_term(t, &e->terms[i], word->field);
    if (status == LEDE_OK)
        tally_finish(t);
    *out = t;
    return status == LEDE_OK ? interrupt_status(plan->interrupt) : range_error(status, segment_path(s), err);
}

lede_status tally_of_passage(struct tally **out, struct arena *arena, const struct segment *segment, uint32_t doc,
                             lede_error *err) {
    struct tally *t = tally_new(arena, segment, true);
    *out = t;
    if (!t)
        return error_nomem(err);
    t->maybe[doc] = 1;
    t->bits[doc / 64] = UINT64_C(1) << doc % 64;
    return LEDE_OK;
}

/* ------------------------------------------------------------------------------------- bounds -- */

/* The greatest tf / (tf + norm) of a range. */
FOR_EACH_CPU static float best_of(const float *freqs, const float *norms) {
    float shares[RANGE_DOCS], best = 0;
    for (unsigned i = 0; i < RANGE_DOCS; i++)
        shares[i] = freqs[i] > 0 ? freqs[i] / (freqs[i] + norms[i]) : 0;
    for (unsigned i = 0; i < RANGE_DOCS; i++)
        best = shares[i] > best ? shares[i] : best;
    return best;
}

/* Norms of passages, by their lengths if these take a byte each. */
struct norms {
    const struct segment *segment;
    const struct bm25 *bm25;
    const uint8_t *lengths; /* NULL: they take more */
    float of[256];
};

static void fill_norms(struct norms *n, const struct segment *segment, const struct bm25 *bm25) {
    unsigned width;
    const uint8_t *lengths = segment_lengths(segment, &width);
    n->segment = segment;
    n->bm25 = bm25;
    n->lengths = width == 1 ? lengths : NULL;
    for (uint32_t length = 0; length < 256; length++)
        n->of[length] = (float)bm25_norm(bm25, length);
}

static inline float norm_of(const struct norms *n, uint32_t doc) {
    return n->lengths ? n->of[n->lengths[doc]] : (float)bm25_norm(n->bm25, segment_length(n->segment, doc));
}

static float bound_of(const struct tally *t, const struct norms *all, double weight, uint32_t first) {
    float freqs[RANGE_DOCS] = {0}, norms[RANGE_DOCS] = {0};
    uint32_t n = t->passages - first < RANGE_DOCS ? t->passages - first : RANGE_DOCS;
    for (uint32_t i = 0; i < n; i++) {
        freqs[i] = (float)t->sure[first + i] + (t->maybe ? (float)t->maybe[first + i] : 0);
        norms[i] = norm_of(all, first + i);
    }
    return (float)weight * best_of(freqs, norms);
}

void tally_bound(const struct tally *t, const struct word_scorer *scorer, struct interrupt *interrupt, float *bounds) {
    uint32_t looked_at = 0;
    struct norms norms;
    fill_norms(&norms, t->segment, scorer->bm25);
    for (uint32_t first = 0; first < t->passages; first += RANGE_DOCS) {
        const uint64_t *bits = &t->bits[first / 64];
        if (interrupt_is_due_each(interrupt, &looked_at, ASK_EVERY))
            return;
        if (bits[0] | (first + 64 < t->passages ? bits[1] : 0))
            bounds[first / RANGE_DOCS] = bound_of(t, &norms, scorer->weight, first);
    }
}
