#include "range_term.h"

#include <math.h>
#include <string.h>

#include "../core/error.h"
#include "../core/segment_map.h"

/* Bounds that are wider than this are hardly ever below the threshold. */
#define MAX_STRETCH 3.0

static double stretch_of(const struct segment *segment, const struct bm25 *bm25) {
    const struct segment_counts *c = &segment->counts;
    return maxima_stretch(c->passages, c->total_length, bm25->norm_base, bm25->norm_slope);
}

bool range_maxima_help(const struct plan *plan) {
    for (size_t i = 0; i < plan->snapshot->segment_count; i++)
        if (stretch_of(plan->snapshot->segments[i].segment, &plan->bm25) > MAX_STRETCH)
            return false;
    return true;
}

lede_status range_terms_status(const struct range_term *terms, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (terms[i].postings.status != LEDE_OK)
            return terms[i].postings.status;
    return LEDE_OK;
}

lede_status range_error(lede_status status, const char *path, lede_error *err) {
    if (status == LEDE_NOMEM)
        return error_nomem(err);
    if (status != LEDE_OK)
        error_set(err, status, "%s: corrupt postings; run `lede check`, then restore the index or index again", path);
    return status;
}

void range_scorer_init(struct range_scorer *s, const struct segment *segment, const struct bm25 *bm25) {
    const struct segment_counts *counts = &segment->counts;
    s->segment = segment;
    s->bm25 = bm25;
    s->lengths = counts->length_width == 1 ? segment_section(segment, SECTION_LENGTHS)->data : NULL;
    s->stretch = stretch_of(segment, bm25);
    for (uint32_t i = 0; i < 256; i++)
        s->norms[i] = bm25_norm(bm25, i);
}

static inline double score_of(const struct range_term *t, uint32_t doc, uint32_t freq) {
    const struct range_scorer *s = t->scorer;
    double norm = s->lengths ? s->norms[s->lengths[doc]] : bm25_norm(s->bm25, segment_length(s->segment, doc));
    return bm25_score(t->weight, freq, norm);
}

static lede_status decode(struct range_term *t, struct arena *arena) {
    t->docs = arena_alloc(arena, (t->doc_freq + (size_t)1) * sizeof *t->docs);
    t->scores = arena_alloc(arena, (t->doc_freq + (size_t)1) * sizeof *t->scores);
    if (!t->docs || !t->scores)
        return LEDE_NOMEM;
    uint32_t n = 0;
    t->max_score = 0;
    for (uint32_t d = t->postings.doc; d != DOC_END && n < t->doc_freq; d = postings_next(&t->postings)) {
        t->docs[n] = d;
        t->scores[n] = score_of(t, d, t->postings.freq);
        t->max_score = fmax(t->max_score, t->scores[n++]);
    }
    t->docs[n] = DOC_END;
    return t->postings.status;
}

static void fill_levels(struct range_term *t) {
    double best = t->postings.best > 0 && t->postings.best <= 1 ? (double)t->postings.best : 1;
    t->max_score = t->postings.levels ? t->weight * best * t->scorer->stretch : t->weight;
    for (unsigned level = 1; level <= MAXIMA_LEVELS; level++)
        t->level_scores[level] = fmin(t->weight, t->max_score * level / MAXIMA_LEVELS);
    t->level_scores[0] = 0;
}

lede_status range_term_init(struct range_term *t, struct arena *arena, const struct range_scorer *scorer,
                            const struct term_info *info, double weight) {
    t->scorer = scorer;
    t->weight = weight;
    t->info = *info;
    t->doc_freq = info->doc_freq;
    t->docs = NULL;
    t->at = 0;
    memset(&t->here, 0, sizeof t->here);
    postings_init(&t->postings, scorer->segment, info);
    if (!t->postings.levels && arena)
        return decode(t, arena);
    fill_levels(t);
    return t->postings.status;
}

void range_term_release(struct range_term *t) {
    postings_release(&t->postings);
}

void range_term_rewind(struct range_term *t) {
    t->at = 0;
    if (t->docs)
        return;
    lede_status status = t->postings.status;
    postings_release(&t->postings);
    postings_init(&t->postings, t->scorer->segment, &t->info);
    if (status != LEDE_OK)
        t->postings.status = status;
}

/* Moves a rare word's place to the first document from `doc` on: by doubling steps, as it is mostly near. */
static void seek_decoded(struct range_term *t, uint32_t doc) {
    uint32_t low = t->at, step = 1;
    while (step <= t->doc_freq - low && t->docs[low + step - 1] < doc) {
        low += step;
        step *= 2;
    }
    uint32_t n = step < t->doc_freq - low ? step : t->doc_freq - low;
    while (n > 0) {
        uint32_t half = n / 2;
        if (t->docs[low + half] < doc) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    t->at = low;
}

double range_term_bound_decoded(struct range_term *t, uint32_t range) {
    double bound = 0;
    seek_decoded(t, range << RANGE_SHIFT);
    for (uint32_t i = t->at; t->docs[i] >> RANGE_SHIFT == range; i++)
        bound = fmax(bound, t->scores[i]);
    return bound;
}

uint32_t range_term_seek(struct range_term *t, uint32_t doc) {
    return postings_seek(&t->postings, doc);
}

double range_term_score(const struct range_term *t) {
    return score_of(t, t->postings.doc, t->postings.freq);
}

const uint32_t *range_term_positions(struct range_term *t, uint32_t *count) {
    *count = t->postings.freq;
    return postings_positions(&t->postings);
}

static inline void put(struct range_term *t, uint32_t i, double score, double *sums) {
    t->here.words[i / 64] |= UINT64_C(1) << i % 64;
    t->range_scores[i] = score;
    sums[i] += score;
}

/* The postings of the block that lie in the range; true if the range may go on in the next block. Stands on the last
 * one read, so that the block is not left, and the next one decoded, before a later range asks for it. */
static bool add_block(struct range_term *t, uint32_t first, uint32_t end, double *sums) {
    struct postings *p = &t->postings;
    uint32_t i = p->at;
    for (; i < p->block_len && p->docs[i] < end; i++)
        put(t, p->docs[i] - first, score_of(t, p->docs[i], p->freqs[i]), sums);
    p->at = i - 1;
    p->doc = p->docs[i - 1];
    return i == p->block_len && p->doc + 1 < end;
}

void range_term_add(struct range_term *t, uint32_t range, double *sums) {
    uint32_t first = range << RANGE_SHIFT, end = first + RANGE_DOCS;
    memset(&t->here, 0, sizeof t->here);
    if (t->docs) {
        if (t->docs[t->at] < first)
            seek_decoded(t, first);
        for (; t->docs[t->at] < end && t->docs[t->at] != DOC_END; t->at++)
            put(t, t->docs[t->at] - first, t->scores[t->at], sums);
        return;
    }
    uint32_t doc = postings_seek(&t->postings, first);
    while (doc < end && add_block(t, first, end, sums))
        doc = postings_next(&t->postings);
}

void range_term_find(struct range_term *t, uint32_t range, const struct range_bits *wanted, double *sums) {
    uint32_t first = range << RANGE_SHIFT;
    memset(&t->here, 0, sizeof t->here);
    for (unsigned w = 0; w < RANGE_DOCS / 64; w++) {
        for (uint64_t bits = wanted->words[w]; bits; bits &= bits - 1) {
            uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(bits), doc = first + i;
            if (t->docs) {
                if (t->docs[t->at] < doc)
                    seek_decoded(t, doc);
                if (t->docs[t->at] == doc)
                    put(t, i, t->scores[t->at], sums);
            } else if (postings_seek(&t->postings, doc) == doc) {
                put(t, i, score_of(t, doc, t->postings.freq), sums);
            }
        }
    }
}
