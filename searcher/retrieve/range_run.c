#include "range_run.h"

#include <float.h>
#include <string.h>

#include "core/base/counters.h"

/* Ranges evaluated first: enough that the threshold is near its final height, few enough not to count. More for longer
 * lists of results, which need more passages to be full. */
enum { PRIME = 48, PRIME_PER_RESULT = 16 };

struct range_run *range_run_new(const struct plan *plan, size_t segment, struct collector *collector) {
    struct arena arena = ARENA_EMPTY;
    size_t room = plan->query->term_count + 1;
    struct range_run *r = arena_alloc(&arena, sizeof *r);
    if (r) {
        r->terms = arena_alloc(&arena, room * sizeof *r->terms);
        r->order = arena_alloc(&arena, room * sizeof(struct range_term *));
        r->word_bounds = arena_alloc(&arena, room * sizeof *r->word_bounds);
        r->here = arena_alloc(&arena, room * sizeof(struct word_bounds *));
        r->shares = arena_alloc(&arena, room * sizeof *r->shares);
        r->found = arena_alloc(&arena, room * sizeof *r->found);
        r->freqs = arena_alloc(&arena, 2 * room * sizeof *r->freqs);
        r->weights = arena_alloc(&arena, room * sizeof *r->weights);
    }
    if (!r || !r->terms || !r->order || !r->word_bounds || !r->here || !r->shares || !r->found || !r->freqs ||
        !r->weights || !range_blocks_init(&r->blocks, &arena, room)) {
        arena_release(&arena);
        return NULL;
    }
    r->has_hot = false;
    r->count = 0;
    r->bounds = (struct range_bounds){0};
    r->collector = collector;
    r->slice = NULL;
    r->reach = reach_best();
    r->cut = 1;
    r->lengths_of = UINT32_MAX;
    collector_begin(collector, &plan->snapshot->segments[segment]);
    r->is_filtered = collector->accepted || collector->segment.deleted;
    range_scorer_init(&r->scorer, plan->snapshot->segments[segment].segment, &plan->bm25);
    r->arena = arena;
    return r;
}

void range_run_free(struct range_run *r) {
    if (!r)
        return;
    for (size_t i = 0; i < r->count; i++)
        range_term_release(&r->terms[i]);
    struct arena arena = r->arena; /* the run lies in it */
    arena_release(&arena);
}

void range_run_take_slice(struct range_run *r, struct slice *slice) {
    r->slice = slice;
}

lede_status range_run_add(struct range_run *r, const struct plan *plan, size_t segment, uint32_t term, double count) {
    double weight = bm25_weight(&plan->bm25, plan->doc_freqs[term], count);
    r->order[r->count] = &r->terms[r->count];
    r->weights[r->count] = weight;
    r->count++;
    return range_term_init(&r->terms[r->count - 1], &r->arena, &r->scorer,
                           &plan->infos[segment * plan->query->term_count + term], weight);
}

void range_run_scale(struct range_run *r, bool all) {
    range_terms_scale(&r->scorer, r->terms, r->count, all);
    r->bounds.scale = r->scorer.scale;
    r->cut = range_bounds_of(&r->bounds, r->collector->top.threshold);
}

static uint32_t ranges_of(const struct range_run *r) {
    return maxima_ranges(segment_info(r->scorer.segment)->passages, RANGE_SHIFT);
}

struct range_part range_run_part(const struct range_run *r) {
    return r->slice ? (struct range_part){r->slice->first, r->slice->end} : (struct range_part){0, ranges_of(r)};
}

double range_run_parts(const struct range_run *r) {
    struct range_part part = range_run_part(r);
    return (double)ranges_of(r) / (part.end - part.first);
}

uint64_t *range_run_new_set(struct range_run *r) {
    return arena_zalloc(&r->arena, ranges_of(r) / 64 + (size_t)1, sizeof(uint64_t));
}

bool range_run_part_set(struct range_run *r, const uint64_t **set) {
    *set = NULL;
    if (!r->slice)
        return true;
    uint64_t *part = range_run_new_set(r);
    for (uint32_t i = r->slice->first; part && i < r->slice->end; i += 64) /* a slice begins with a word */
        part[i / 64] = r->slice->end - i < 64 ? (UINT64_C(1) << (r->slice->end - i)) - 1 : UINT64_MAX;
    *set = part;
    return part != NULL;
}

bool range_run_begin_bounds(struct range_run *r) {
    const struct range_part part = range_run_part(r);
    if (!range_bounds_init(&r->bounds, &r->arena, segment_info(r->scorer.segment)->passages, r->scorer.scale))
        return false;
    r->bounds.first = part.first;
    r->bounds.count = part.end;
    return true;
}

/* In how many ranges one has a passage that the maxima of the word tell of. */
static unsigned width_of(const struct range_term *t) {
    return t->docs || t->hot ? 0 : t->postings.shift - RANGE_SHIFT;
}

lede_status range_run_foresee(struct range_run *r) {
    enum { LONG_LIST = 100, SPARE = 2 };
    const struct collector *c = r->collector;
    struct range_bounds known;
    unsigned width = 0;
    if (c->top.limit < LONG_LIST || c->accepted || c->segment.deleted)
        return LEDE_OK;
    if (!range_bounds_init(&known, &r->arena, segment_info(r->scorer.segment)->passages, r->scorer.scale))
        return LEDE_NOMEM;
    range_bounds_clear(&known);
    for (size_t i = 0; i < r->count; i++) {
        if (known.count >> width_of(&r->terms[i]) < SPARE * c->top.limit)
            continue;
        width = width_of(&r->terms[i]) > width ? width_of(&r->terms[i]) : width;
        range_bounds_raise(&known, &r->terms[i]);
    }
    range_bounds_fold(&known, width);
    double reached = range_bounds_cut(&known, c->top.limit) * (r->scorer.shrink / r->scorer.stretch);
    r->cut = reached > r->cut ? (uint32_t)reached : r->cut;
    return LEDE_OK;
}

void range_run_limit(struct range_run *r, uint32_t range) {
    struct range_docs *alive = &r->alive;
    uint32_t n = 0;
    for (uint32_t i = 0; i < alive->count; i++) {
        uint32_t place = alive->docs[i];
        alive->docs[n] = (uint8_t)place;
        alive->units[n] = alive->units[i];
        n += collector_accepts(r->collector, (range << RANGE_SHIFT) + place);
    }
    alive->count = n;
}

void range_run_take_accepted(struct range_run *r, uint32_t range, const block_units rest) {
    const uint64_t *accepted = r->collector->accepted + range * (RANGE_DOCS / 64);
    struct range_docs *alive = &r->alive;
    alive->count = 0;
    for (uint32_t w = 0; w < RANGE_DOCS / 64; w++)
        for (uint64_t bits = accepted[w]; bits; bits &= bits - 1) {
            uint32_t doc = 64 * w + (uint32_t)__builtin_ctzll(bits);
            alive->docs[alive->count] = (uint8_t)doc;
            alive->units[alive->count++] = rest[doc / CHUNK_BLOCK];
        }
}

static void raise_cut(struct range_run *r) {
    uint32_t cut = range_bounds_of(&r->bounds, r->collector->top.threshold);
    r->cut = cut > r->cut ? cut : r->cut; /* it may have been foreseen */
}

/* What other slices have found. */
static NOINLINE void take_over(struct range_run *r) {
    double threshold = r->collector->top.threshold;
    slice_update(r->slice);
    if (r->collector->top.threshold > threshold)
        raise_cut(r);
}

bool range_run_is_due(struct range_run *r) {
    if (r->slice)
        take_over(r);
    if (!collector_is_interrupted(r->collector))
        return false;
    r->cut = UINT16_MAX; /* no sum is that large, see range_terms_scale */
    return true;
}

void range_run_push(struct range_run *r, uint32_t doc, double score) {
    struct collector *c = r->collector;
    c->total++;
    double threshold = c->top.threshold;
    if (r->slice)
        slice_push(r->slice, score, c->segment.base + doc);
    else
        topk_push(&c->top, score, c->segment.base + doc);
    if (c->top.threshold > threshold)
        raise_cut(r);
}

/* Which words a document has is what a processor can't foresee: those that it has not add 0. */
double range_run_score(const struct range_run *r, uint32_t doc) {
    const struct range_scorer *s = &r->scorer;
    double score = 0, norm = bm25_norm(s->bm25, segment_length(s->segment, doc));
    norm = norm > DBL_MIN ? norm : DBL_MIN; /* the same beside a frequency; and 0 is not divided by 0 */
    COUNT(scored, 1);
    for (size_t k = 0; k < r->count; k++)
        score += bm25_score(r->weights[k], r->freqs[k], norm);
    return score;
}

size_t range_run_prime_count(const struct range_run *r) {
    size_t limit = r->collector->top.limit;
    size_t count = PRIME + (limit < SIZE_MAX / 2 ? limit : SIZE_MAX / 2) / PRIME_PER_RESULT;
    return r->slice ? (size_t)((double)count / range_run_parts(r)) + 1 : count; /* others find the rest of the best */
}
