#include "range_bounds.h"

#include <math.h>

#include "core/base/counters.h"
#include "core/base/cpu.h"
#include "reach.h"

FOR_EACH_CPU static void raise_to_shares(uint16_t *sums, const uint16_t *shares, size_t n) {
    for (size_t i = 0; i < n; i++)
        sums[i] = sums[i] > shares[i] ? sums[i] : shares[i];
}

FOR_EACH_CPU static void keep_marked(uint16_t *shares, const uint8_t *blocks, size_t n) {
    for (size_t i = 0; i < n; i++)
        shares[i] = blocks[i] ? shares[i] : 0;
}

/* Gives each of n shares to 2^wider ranges. */
FOR_EACH_CPU static void spread(uint16_t *out, const uint16_t *shares, size_t n, unsigned wider) {
    switch (wider) {
    case 1:
        for (size_t i = 0; i < n; i++)
            out[2 * i] = out[2 * i + 1] = shares[i];
        break;
    case 2:
        for (size_t i = 0; i < n; i++)
            out[4 * i] = out[4 * i + 1] = out[4 * i + 2] = out[4 * i + 3] = shares[i];
        break;
    default:
        for (size_t i = 0; i < n << wider; i++)
            out[i] = shares[i >> wider];
    }
}

enum { BATCH_BITS = 8, BATCH = 1 << BATCH_BITS };
_Static_assert(BATCH == LEVEL_BATCH, "levels are unpacked in whole batches");

/* What the levels of a frequent word stand for in each of n <= BATCH ranges, from `first` on, a multiple of BATCH. */
static void share_out(uint16_t *out, const struct range_term *t, const uint16_t *table, uint32_t first, uint32_t n) {
    const uint8_t *levels = t->postings.levels;
    unsigned wider = t->postings.shift - RANGE_SHIFT;
    uint32_t level = first >> wider, count = ((n - 1) >> wider) + 1;
    if (wider >= BATCH_BITS) {
        uint16_t share = table[maxima_level(levels, level)];
        for (uint32_t i = 0; i < n; i++)
            out[i] = share;
        return;
    }
    uint8_t packed[BATCH / 2] = {0};
    uint16_t shares[BATCH];
    memcpy(packed, levels + level / 2, (count + 1) / 2);
    unpack_levels_best()(wider ? shares : out, packed, table);
    if (wider)
        spread(out, shares, count, wider);
}

/* The same, and nothing in ranges that are known not to have it. Returns n. */
static uint32_t share_batch(uint16_t *out, const struct range_term *t, const uint16_t *table, uint32_t first,
                            uint32_t ranges) {
    uint32_t n = ranges - first < BATCH ? ranges - first : BATCH;
    share_out(out, t, table, first, n);
    if (t->blocks && t->postings.shift > RANGE_SHIFT)
        keep_marked(out, t->blocks + first, n);
    return n;
}

/* The greatest units of a rare word in the range that its document i is in; *i is then its first one behind that. */
static uint32_t next_share(const struct range_term *t, uint32_t *i) {
    uint32_t range = t->docs[*i] >> RANGE_SHIFT, best = 0;
    for (; *i < t->doc_freq && t->docs[*i] >> RANGE_SHIFT == range; ++*i)
        best = t->doc_units[*i] > best ? t->doc_units[*i] : best;
    return best;
}

/* Rounded up to what is compared at once. */
static inline uint32_t padded(uint32_t n) {
    return (n + REACH_WIDTH - 1) / REACH_WIDTH * REACH_WIDTH;
}

static inline uint32_t group_count(const struct range_bounds *b) {
    return (b->count + REACH_WIDTH - 1) / REACH_WIDTH;
}

bool range_bounds_init(struct range_bounds *b, struct arena *arena, uint32_t passages, double scale) {
    b->count = maxima_ranges(passages, RANGE_SHIFT);
    b->first = 0;
    b->scale = scale;
    b->sums = arena_alloc(arena, padded(b->count) * sizeof *b->sums);
    b->groups = arena_zalloc(arena, padded(group_count(b)), sizeof *b->groups);
    return b->sums && b->groups;
}

void range_bounds_clear(struct range_bounds *b) {
    memset(b->sums, 0, padded(b->count) * sizeof *b->sums);
    memset(b->groups, 0, group_count(b) * sizeof *b->groups);
}

/* The greatest of REACH_WIDTH sums each. */
FOR_EACH_CPU static void find_groups(uint16_t *groups, const uint16_t *sums, uint32_t n) {
    for (uint32_t g = 0; g < n; g++, sums += REACH_WIDTH) {
        uint16_t most = 0;
        for (uint32_t i = 0; i < REACH_WIDTH; i++)
            most = sums[i] > most ? sums[i] : most;
        groups[g] = most;
    }
}

/* --------------------------------------------------------------------------------- rare words -- */

/* The number of its first document in a range from this one on. */
static uint32_t number_from(const struct range_term *t, uint32_t range) {
    uint32_t low = 0;
    for (uint32_t n = t->doc_freq; n > 0;) {
        uint32_t half = n / 2;
        bool is_before = t->docs[low + half] >> RANGE_SHIFT < range;
        low += is_before ? half + 1 : 0;
        n = is_before ? n - half - 1 : half;
    }
    return low;
}

/* Its documents in the ranges that are summed up: [first, end). */
struct rare_part {
    uint32_t first, end;
};

static struct rare_part part_of(const struct range_bounds *b, const struct range_term *t) {
    return (struct rare_part){b->first ? number_from(t, b->first) : 0, number_from(t, b->count)};
}

/* Adds the best of a rare word in each range. Whether its next document is in the same range is what a processor can't
 * foresee: so the range's sum is raised for each, by what it has more than those before it there. */
static void add_decoded(uint16_t *sums, const struct range_term *t, struct rare_part part) {
    uint32_t last = UINT32_MAX, best = 0;
    for (uint32_t i = part.first; i < part.end; i++) {
        uint32_t range = t->docs[i] >> RANGE_SHIFT, before = range == last ? best : 0, own = t->doc_units[i];
        best = own > before ? own : before;
        sums[range] = (uint16_t)(sums[range] + best - before);
        last = range;
    }
}

/* The same, and notes what it is, the range's blocks, and where its documents start. */
static void note_decoded(uint16_t *sums, const struct range_term *t, struct rare_part part, uint16_t *units) {
    const uint32_t *docs = t->docs, n = part.end;
    const uint16_t *doc_units = t->doc_units;
    uint16_t *starts = t->starts;
    uint8_t *blocks = t->blocks;
    for (uint32_t i = part.first, last = UINT32_MAX, best = 0, first = 0, found = 0; i < n; i++) {
        uint32_t range = docs[i] >> RANGE_SHIFT, again = range == last ? UINT32_MAX : 0, before = best & again;
        first = again ? first : i;
        found = (found & again) | range_block_bit(docs[i]);
        best = doc_units[i] > before ? doc_units[i] : before;
        sums[range] = (uint16_t)(sums[range] + best - before);
        units[range] = (uint16_t)best;
        starts[range] = (uint16_t)first;
        blocks[range] = (uint8_t)found;
        last = range;
    }
}

/* Adds it, and leaves nothing to ranges that don't have it. */
static void require_decoded(struct range_bounds *b, const struct range_term *t, struct rare_part part) {
    uint32_t next = b->first;
    for (uint32_t i = part.first; i < part.end;) {
        uint32_t range = t->docs[i] >> RANGE_SHIFT;
        for (; next < range; next++)
            b->sums[next] = 0;
        uint32_t share = next_share(t, &i);
        b->sums[range] = (uint16_t)(b->sums[range] ? b->sums[range] + share : 0);
        next = range + 1;
    }
    for (; next < b->count; next++)
        b->sums[next] = 0;
}

/* Sums up the rare ones among the words; false if there are none. */
static bool sum_rare(struct range_bounds *b, const struct word_bounds *words, size_t n, bool all) {
    bool some = false;
    for (const struct word_bounds *w = words; w < words + n; w++) {
        if (!w->term->docs)
            continue;
        const struct rare_part part = part_of(b, w->term);
        if (!some)
            memset(b->sums + b->first, 0, (padded(b->count) - b->first) * sizeof *b->sums);
        if (all && some)
            require_decoded(b, w->term, part);
        else if (w->units)
            note_decoded(b->sums, w->term, part, w->units);
        else
            add_decoded(b->sums, w->term, part);
        some = true;
    }
    return some;
}

/* ----------------------------------------------------------------------------- frequent words -- */

FOR_EACH_CPU static void add_shares(uint16_t *sums, const uint16_t *shares, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        sums[i] = (uint16_t)(sums[i] + shares[i]);
}

FOR_EACH_CPU static void require_shares(uint16_t *sums, const uint16_t *shares, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        sums[i] = (uint16_t)(sums[i] && shares[i] ? sums[i] + shares[i] : 0);
}

FOR_EACH_CPU static void add_hot(uint16_t *sums, const uint8_t *impacts, uint32_t n, uint16_t most) {
    for (uint32_t i = 0; i < n; i++)
        sums[i] = (uint16_t)(sums[i] + hot_share(impacts[i], most));
}

FOR_EACH_CPU static void require_hot(uint16_t *sums, const uint8_t *impacts, uint32_t n, uint16_t most) {
    for (uint32_t i = 0; i < n; i++)
        sums[i] = (uint16_t)(sums[i] && impacts[i] ? sums[i] + hot_share(impacts[i], most) : 0);
}

/* Adds what the word can give to n <= BATCH sums, of ranges from `first` on, a multiple of BATCH. */
static void add_word(uint16_t *sums, const struct word_bounds *w, uint32_t first, uint32_t n, bool required) {
    uint16_t room[BATCH], *shares = w->units ? w->units + first : room;
    if (w->hot) {
        (required ? require_hot : add_hot)(sums, w->hot->ranges + first, n, w->most);
        return;
    }
    share_batch(shares, w->term, w->term->level_units, first, first + n);
    (required ? require_shares : add_shares)(sums, shares, n);
}

/* What is summed up of a batch stays in the nearest cache until all words are. */
static void sum_batch(struct range_bounds *b, const struct word_bounds *words, size_t count, uint32_t first, bool all,
                      bool some) {
    uint32_t n = b->count - first < BATCH ? b->count - first : BATCH, all_n = padded(n);
    uint16_t *sums = b->sums + first;
    if (!some)
        memset(sums, 0, all_n * sizeof *sums);
    for (const struct word_bounds *w = words; w < words + count; w++) {
        if (w->term->docs)
            continue;
        add_word(sums, w, first, n, all && some);
        some = true;
    }
    find_groups(b->groups + first / REACH_WIDTH, sums, all_n / REACH_WIDTH);
}

void range_bounds_sum(struct range_bounds *b, const struct word_bounds *words, size_t n, bool all) {
    bool some = sum_rare(b, words, n, all);
    for (uint32_t first = b->first; first < b->count; first += BATCH)
        sum_batch(b, words, n, first, all, some);
    for (const struct word_bounds *w = words; w < words + n; w++)
        COUNT(bounds, w->term->docs ? 0 : b->count - b->first);
}

/* --------------------------------------------------------------------- what passages reach -- */

/* A passage's own units are rounded up. */
static uint16_t least_units(uint32_t units) {
    enum { ROUNDED = 4 };
    return (uint16_t)(units > ROUNDED ? units - ROUNDED : 0);
}

FOR_EACH_CPU static void least_hot(uint16_t *out, const uint8_t *impacts, uint32_t n, uint16_t most) {
    for (uint32_t i = 0; i < n; i++)
        out[i] = impacts[i] ? least_units((impacts[i] - 1U) * 257 * most >> 16) : 0;
}

void range_bounds_raise(struct range_bounds *b, const struct range_term *t) {
    uint16_t shares[BATCH];
    for (uint32_t first = 0, n; t->hot && first < b->count; first += n) {
        n = b->count - first < BATCH ? b->count - first : BATCH;
        least_hot(shares, t->hot->ranges + first, n, range_term_most(t));
        raise_to_shares(b->sums + first, shares, n);
    }
    for (uint32_t first = 0; !t->hot && !t->docs && first < b->count; first += BATCH) {
        uint32_t n = share_batch(shares, t, t->level_least, first, b->count);
        raise_to_shares(b->sums + first, shares, n);
    }
    /* Classes of several lengths are taken for the shortest. */
    for (uint32_t i = 0; t->docs && t->scorer->length_shift == 0 && i < t->doc_freq; i++) {
        uint16_t *sum = &b->sums[t->docs[i] >> RANGE_SHIFT], share = least_units(t->doc_units[i]);
        *sum = *sum > share ? *sum : share;
    }
}

void range_bounds_fold(struct range_bounds *b, unsigned k) {
    uint32_t count = maxima_ranges(b->count, k);
    for (uint32_t i = 0; k > 0 && i < count; i++) {
        uint16_t most = 0;
        for (uint32_t from = i << k, end = from + (1U << k); from < end && from < b->count; from++)
            most = b->sums[from] > most ? b->sums[from] : most;
        b->sums[i] = most;
    }
    b->count = count;
    memset(b->sums + count, 0, (padded(count) - count) * sizeof *b->sums);
    find_groups(b->groups, b->sums, group_count(b));
}

void range_bounds_limit(struct range_bounds *b, const uint64_t *accepted) {
    uint32_t group = b->first / REACH_WIDTH;
    for (uint32_t i = b->first; i < b->count; i++)
        b->sums[i] = accepted[2 * (size_t)i] | accepted[2 * (size_t)i + 1] ? b->sums[i] : 0;
    find_groups(b->groups + group, b->sums + b->first, group_count(b) - group);
}

uint32_t range_bounds_of(const struct range_bounds *b, double score) {
    double sum = floor(score * b->scale);
    return sum < 1 ? 1 : sum > UINT16_MAX ? UINT16_MAX : (uint32_t)sum;
}

/* Whether so many ranges have a sum that is no less. */
FOR_EACH_CPU static bool do_reach(const struct range_bounds *b, reach_function *reach, uint32_t cut, size_t want) {
    size_t count = 0;
    for (uint32_t group = range_bounds_next(b, reach, 0, cut); group < group_count(b) && count < want;
         group = range_bounds_next(b, reach, group + 1, cut))
        count += (unsigned)__builtin_popcountll(reach(b->sums + (size_t)group * REACH_WIDTH, (uint16_t)cut));
    return count >= want;
}

uint32_t range_bounds_cut(const struct range_bounds *b, size_t want) {
    reach_function *reach = reach_best();
    /* The highest cut that enough ranges reach, to one part in 256. */
    uint32_t low = 0;
    for (uint32_t step = 1U << 15; step >= 1U << 8; step /= 2)
        if (do_reach(b, reach, low + step, want))
            low += step;
    return low ? low : 1;
}
