#include "range_bounds.h"

#include <math.h>

/* Loops over arrays that the compiler makes vectors of; where it can, for several processors, of which the loader
 * chooses. Plain C is their scalar twin: the results are the same. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__clang__)
#define FOR_EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_CPU
#endif

/* Adds step for each level of two ranges a byte, and 1 for rounding where there is a level. */
FOR_EACH_CPU static void add_levels(uint16_t *sums, const uint8_t *levels, size_t bytes, uint16_t step) {
    for (size_t i = 0; i < bytes; i++) {
        uint16_t low = levels[i] & 15, high = levels[i] >> 4;
        sums[2 * i] = (uint16_t)(sums[2 * i] + low * step);
        sums[2 * i + 1] = (uint16_t)(sums[2 * i + 1] + high * step);
    }
}

FOR_EACH_CPU static uint16_t greatest(const uint16_t *sums) {
    uint16_t max = 0;
    for (unsigned i = 0; i < RANGE_BOUNDS_STEP; i++)
        max = sums[i] > max ? sums[i] : max;
    return max;
}

static void add_frequent(struct range_bounds *b, const struct range_term *t) {
    uint16_t step = (uint16_t)(ceil(t->max_score / MAXIMA_LEVELS * b->scale) + 1);
    unsigned wider = t->postings.shift - RANGE_SHIFT;
    if (wider == 0) {
        add_levels(b->sums, t->postings.levels, (b->count + 1) / 2, step);
        return;
    }
    for (uint32_t i = 0; i < b->count; i++)
        b->sums[i] = (uint16_t)(b->sums[i] + maxima_level(t->postings.levels, i >> wider) * step);
}

static void add_rare(struct range_bounds *b, const struct range_term *t) {
    for (uint32_t i = 0; t->docs[i] != DOC_END;) {
        uint32_t range = t->docs[i] >> RANGE_SHIFT;
        double best = 0;
        for (; t->docs[i] >> RANGE_SHIFT == range && t->docs[i] != DOC_END; i++)
            best = fmax(best, t->scores[i]);
        b->sums[range] = (uint16_t)(b->sums[range] + (uint16_t)(ceil(best * b->scale) + 1));
    }
}

bool range_bounds_init(struct range_bounds *b, struct arena *arena, uint32_t passages, struct range_term *terms,
                       size_t count) {
    b->count = maxima_ranges(passages, RANGE_SHIFT);
    size_t room = ((size_t)b->count + 2 * RANGE_BOUNDS_STEP) / RANGE_BOUNDS_STEP * RANGE_BOUNDS_STEP;
    b->sums = arena_zalloc(arena, room, sizeof *b->sums);
    if (!b->sums)
        return false;
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += terms[i].max_score;
    /* Each word's share may be rounded up by 2 at each of 15 levels. */
    b->scale = total > 0 ? (UINT16_MAX - 2.0 * MAXIMA_LEVELS * (double)count - 1) / total : 1;
    for (size_t i = 0; i < count; i++) {
        if (terms[i].docs)
            add_rare(b, &terms[i]);
        else
            add_frequent(b, &terms[i]);
    }
    return true;
}

uint32_t range_bounds_of(const struct range_bounds *b, double score) {
    double sum = floor(score * b->scale);
    return sum < 1 ? 1 : sum > UINT16_MAX ? UINT16_MAX : (uint32_t)sum;
}

uint32_t range_bounds_cut(const struct range_bounds *b, size_t want) {
    enum { SHIFT = 7 };
    uint32_t histogram[(UINT16_MAX >> SHIFT) + 1] = {0};
    for (uint32_t i = 0; i < b->count; i++)
        histogram[b->sums[i] >> SHIFT]++;
    uint32_t bin = UINT16_MAX >> SHIFT;
    for (size_t sum = histogram[bin]; bin > 0 && sum < want; sum += histogram[bin])
        bin--;
    return bin ? bin << SHIFT : 1;
}

uint32_t range_bounds_next(const struct range_bounds *b, uint32_t range, uint32_t cut) {
    while (range < b->count) {
        if (range % RANGE_BOUNDS_STEP == 0 && greatest(b->sums + range) < cut)
            range += RANGE_BOUNDS_STEP;
        else if (b->sums[range] >= cut)
            return range;
        else
            range++;
    }
    return b->count;
}
