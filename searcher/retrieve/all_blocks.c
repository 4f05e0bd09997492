#include "all_blocks.h"

#include "candidates.h"
#include "waiting_ranges.h"

bool all_blocks_hold(struct range_run *r) {
    size_t held = 0;
    for (size_t i = 0; i < r->count; i++) {
        range_term_hold(&r->terms[i]);
        held += r->terms[i].hot != NULL;
    }
    for (size_t i = 0; held < r->count && i < r->count; i++)
        range_term_give_back(&r->terms[i]);
    return held == r->count;
}

/* What to look at: ranges that have a bound of so many units at least, and of these the passages that have at least
 * `least`, and less than `end`. The ranges are done then if that is from 1 on. */
struct pass {
    uint32_t bound, least, end;
};

/* No passage has as many. */
static const uint32_t no_end = UINT32_MAX;

struct look {
    struct intersection *x;
    struct pass pass;
    uint64_t tried; /* passages so far */
};

static inline uint32_t cut_of(const struct look *l) {
    uint32_t cut = l->x->run->cut;
    return cut > l->pass.least ? cut : l->pass.least;
}

/* ------------------------------------------------------------------------------- one block -- */

/* How often passage i of the block has word k, in order. */
static inline uint32_t freq_of(const struct range_run *r, size_t k, uint32_t doc) {
    uint32_t freq = r->blocks.freqs[k].of[doc % HOT_BLOCK];
    return freq < HOT_FREQ ? freq : range_term_freq(r->order[k], doc);
}

/* Takes in a passage that has all words, where that is all that is wanted. */
static void take_in(struct look *l, uint32_t doc, uint16_t units) {
    struct range_run *r = l->x->run;
    for (size_t k = 0; k < r->count; k++)
        r->freqs[r->order[k] - r->terms] = freq_of(r, k, doc);
    if (l->x->classes)
        l->x->classes[units_class(units)]++;
    range_run_push(r, doc, range_run_score(r, doc));
}

static void put_in_batch(struct batch *b, uint32_t doc, uint16_t units) {
    uint32_t k = b->count++;
    b->docs[k] = doc;
    b->bounds[k] = units;
    b->rows[k] = (uint8_t)k;
}

/* Takes those of a block's passages in, a bit each, that reach the threshold. Their sums may be above what is known to
 * be the most that there is in the block, as of high frequencies no more is known than that. */
static NOINLINE void push_block(struct look *l, uint32_t first, uint32_t reach, const uint16_t *sums, uint16_t most) {
    struct range_run *r = l->x->run;
    for (; reach; reach &= reach - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(reach), doc = first + i;
        uint16_t units = sums[i] < most ? sums[i] : most;
        if (units < r->cut || units >= l->pass.end || (r->is_filtered && !collector_accepts(r->collector, doc)))
            continue;
        l->tried++;
        if (l->x->phrase.count > 0)
            put_in_batch(&l->x->batch, doc, units);
        else
            take_in(l, doc, units);
    }
    if (l->x->batch.count >= BATCH)
        intersection_evaluate(l->x);
}

/* Which passages of the block have all words, a bit each. */
static inline uint32_t know_freqs(struct range_run *r, uint32_t range, unsigned block) {
    struct block_freqs *freqs = r->blocks.freqs;
    byte_lanes without = {0};
    for (size_t k = 0; k < r->count; k++) {
        byte_lanes each;
        hot_block_freqs(&freqs[k], r->order[k]->hot, range, block);
        memcpy(&each, freqs[k].of, sizeof each);
        without |= (byte_lanes)(each == 0);
    }
    return ~byte_lanes_bits(without) & UINT16_MAX;
}

static inline void look_at_block(struct look *l, uint32_t range, unsigned block, uint16_t most) {
    struct range_run *r = l->x->run;
    struct range_blocks *b = &r->blocks;
    uint16_t sums[HOT_BLOCK];
    uint32_t reach = know_freqs(r, range, block);
    if (!reach)
        return;
    COUNT(blocks, 1);
    const uint8_t *classes = block_classes(&r->scorer, range, block, b->classes);
    reach &= b->sum(sums, b->freqs, b->gifts, r->count, classes, (uint16_t)cut_of(l));
    if (reach)
        push_block(l, (range << RANGE_SHIFT) + block * HOT_BLOCK, reach, sums, most);
}

/* --------------------------------------------------------------------------------- all ranges -- */

FOR_EACH_CPU static void look_at_all(struct look *l) {
    struct range_run *r = l->x->run;
    for (size_t i = 0; i < r->blocks.count; i++) {
        const struct waiting_range *w = &r->blocks.waiting[i];
        waiting_fetch_lengths(r, i, cut_of(l));
        for (uint32_t blocks = waiting_blocks(r, w, cut_of(l)); blocks; blocks &= blocks - 1) {
            unsigned block = (unsigned)__builtin_ctz(blocks);
            look_at_block(l, w->range, block, w->bounds[block]);
        }
    }
    r->blocks.count = 0;
}

/* Looks at all that wait, and at all of the batch. */
static void finish(struct look *l) {
    look_at_all(l);
    intersection_evaluate(l->x);
}

/* What all words can give together to a passage of each block, or 0 where one is missing. */
static inline half_lanes bounds_of(const struct range_run *r, uint32_t range) {
    half_lanes all = half_lanes_of(0), every = half_lanes_of(UINT16_MAX);
    for (size_t k = 0; k < r->count; k++) {
        half_lanes share = hot_block_shares(r->order[k]->hot, range, range_term_most(r->order[k]));
        every &= (half_lanes)(share != half_lanes_of(0));
        all += share;
    }
    return all & every;
}

static inline void evaluate(struct look *l, uint32_t range) {
    struct range_run *r = l->x->run;
    half_lanes bounds = bounds_of(r, range);
    COUNT(evaluated, 1);
    if (!blocks_reaching(bounds, cut_of(l)))
        return;
    if (r->scorer.length_width == 1)
        range_run_fetch_lengths(r, range);
    for (size_t k = 0; k < r->count; k++)
        hot_fetch_freqs(r->order[k]->hot, range);
    if (waiting_put(&r->blocks, range, bounds))
        look_at_all(l);
}

FETCHING void fetch_bounds(const struct range_run *r, uint32_t range) {
    for (size_t k = 0; k < r->count; k++)
        hot_fetch_bounds(r->order[k]->hot, range);
}

/* Some ranges to look at: a bit each from `first` on; none behind all. */
struct group {
    uint32_t first;
    uint64_t bits;
};

/* The next ones from this group on, whose bounds are fetched. */
static inline struct group next_group(const struct look *l, uint32_t group) {
    const struct range_run *r = l->x->run;
    uint32_t cut = cut_of(l) > l->pass.bound ? cut_of(l) : l->pass.bound;
    struct group g = {range_bounds_next(&r->bounds, r->reach, group, cut) * REACH_WIDTH, 0};
    if (g.first < r->bounds.count)
        g.bits = r->reach(r->bounds.sums + g.first, (uint16_t)cut);
    for (uint64_t bits = g.bits; bits; bits &= bits - 1)
        fetch_bounds(r, g.first + (uint32_t)__builtin_ctzll(bits));
    return g;
}

FOR_EACH_CPU static void sweep(struct look *l, struct pass pass) {
    struct range_run *r = l->x->run;
    uint16_t *sums = r->bounds.sums;
    l->pass = pass;
    struct group after, g = next_group(l, 0);
    for (; g.first < r->bounds.count && !range_run_is_due(r); g = after) {
        after = next_group(l, g.first / REACH_WIDTH + 1);
        for (uint64_t bits = g.bits; bits; bits &= bits - 1) {
            uint32_t range = g.first + (uint32_t)__builtin_ctzll(bits);
            if (sums[range] >= r->cut)
                evaluate(l, range);
            sums[range] = pass.least > 1 ? sums[range] : 0;
        }
    }
    finish(l);
}

/* ----------------------------------------------------------------------------- a long list -- */

/* Many ranges have one of its passages: to look at the best ones first would go to most of them twice. So some ranges
 * are looked at, one of so many that there should be this many passages of the list in them; what matches there tells
 * which units as many as are wanted should have, and the passages that have these are looked at at once. A slice does
 * the same with its part of them. */
enum { SAMPLED = 32 };

/* Looks at each range of so many. */
static void sample(struct look *l, uint32_t stride) {
    enum { AHEAD = 8 };
    struct range_run *r = l->x->run;
    l->pass = (struct pass){1, 1, no_end};
    for (uint32_t range = r->bounds.first + stride / 2; range < r->bounds.count; range += stride) {
        if (r->bounds.count - range > AHEAD * stride)
            fetch_bounds(r, range + AHEAD * stride);
        if (r->bounds.sums[range] >= r->cut)
            evaluate(l, range);
        r->bounds.sums[range] = 0;
    }
    finish(l);
}

/* As what is sampled may be more than elsewhere, the others are to have some more than are wanted. */
static bool look_for_many(struct look *l) {
    struct range_run *r = l->x->run;
    const double spare = 1.3, fewest = 1.2, sampled = SAMPLED / range_run_parts(r);
    uint32_t classes[UNIT_CLASSES] = {0};
    l->x->classes = classes;
    sample(l, (uint32_t)(r->collector->top.limit / SAMPLED));
    l->x->classes = NULL;
    if (r->cut <= 1 && units_reached(classes, sampled * fewest) == 0)
        return false;
    uint32_t least = units_reached(classes, sampled * spare);
    least = least > 0 ? least : 1;
    sweep(l, (struct pass){least, least, no_end});
    if (least > r->cut)
        sweep(l, (struct pass){1, 1, least});
    return true;
}

/* ---------------------------------------------------------------------------- a short list -- */

/* Whether so many should match that there is a threshold before most ranges were looked at: of those with the best
 * bounds, of whose passages so many matched, more do than of others. */
static bool is_threshold_near(const struct look *l, uint64_t matched) {
    enum { PER_RESULT = 6 };
    const struct range_run *r = l->x->run;
    double part = l->tried ? (double)matched / (double)l->tried : 0;
    return part * candidates_guess(r) >= PER_RESULT * (double)r->collector->top.limit;
}

/* The best ranges, then some times as many, until there is a threshold; then the better half of what reaches it, and
 * the rest. */
static bool look_for_few(struct look *l) {
    enum { TRIES = 4, GROWTH = 4 };
    struct range_run *r = l->x->run;
    const uint64_t before = r->collector->total;
    size_t count = range_run_prime_count(r);
    uint32_t bound = 1;
    for (int i = 0; i < TRIES && (i == 0 || r->cut <= 1); i++, count *= GROWTH) {
        if (i > 0 && !is_threshold_near(l, r->collector->total - before))
            return false;
        bound = range_bounds_cut(&r->bounds, count);
        sweep(l, (struct pass){bound, 1, no_end});
    }
    if (bound > r->cut)
        sweep(l, (struct pass){r->cut + (bound - r->cut) / 2, 1, no_end});
    sweep(l, (struct pass){1, 1, no_end});
    return true;
}

/* ------------------------------------------------------------------------- some passages alone -- */

/* Of those that filters don't let pass. */
static void leave_no_bound(struct candidates *c, const uint64_t *accepted) {
    for (uint32_t i = 0; i < c->count; i++)
        c->bounds[i] = accepted[c->docs[i] / 64] >> c->docs[i] % 64 & 1 ? c->bounds[i] : 0;
}

FOR_EACH_CPU void all_blocks_bound(const struct range_run *r, struct candidates *c) {
    enum { AHEAD = 16 };
    for (uint32_t i = 0; i < c->count;) {
        uint32_t range = c->docs[i] >> RANGE_SHIFT;
        block_units each;
        if (i + AHEAD < c->count)
            fetch_bounds(r, c->docs[i + AHEAD] >> RANGE_SHIFT);
        half_lanes_store(each, bounds_of(r, range));
        for (; i < c->count && c->docs[i] >> RANGE_SHIFT == range; i++)
            c->bounds[i] = each[c->docs[i] / HOT_BLOCK % HOT_BLOCKS];
    }
    if (r->collector->accepted)
        leave_no_bound(c, r->collector->accepted);
}

/* ------------------------------------------------------------------------------------ segment -- */

bool all_blocks_look(struct intersection *x) {
    enum { LONG_LIST = 500 };
    struct range_run *r = x->run;
    struct look l = {.x = x};
    for (size_t k = 0; k < r->count; k++)
        r->blocks.gifts[k] = &r->order[k]->gift;
    x->exact = true;
    x->sure = r->count;
    bool done = r->collector->top.limit >= LONG_LIST && r->cut <= 1 ? look_for_many(&l) : look_for_few(&l);
    x->exact = false;
    return done;
}
