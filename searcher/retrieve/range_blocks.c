#include "range_blocks.h"

#include <string.h>

#include "core/base/counters.h"
#include "range_run.h"

bool range_blocks_init(struct range_blocks *b, struct arena *arena, size_t words) {
    b->count = 0;
    b->sum = sum_block_best();
    b->words = arena_alloc(arena, words * sizeof *b->words);
    b->gifts = arena_alloc(arena, words * sizeof(struct word_gift *));
    b->freqs = arena_alloc(arena, words * sizeof *b->freqs);
    return b->words && b->gifts && b->freqs;
}

bool range_blocks_can(const struct range_run *r) {
    for (size_t k = 0; k < r->here_count; k++)
        if (!r->here[k]->hot && !r->here[k]->term->docs)
            return false;
    return true;
}

/* ------------------------------------------------------------------------------- one block -- */

/* Of a word that is kept in memory, or rare: others are not in the range. */
static inline bool is_in_block(const struct word_bounds *w, uint32_t range, unsigned block) {
    if (w->hot)
        return w->hot->blocks[(size_t)range * HOT_BLOCKS + block] != 0;
    return w->term->docs && w->blocks[range] >> block & 1;
}

/* Of a rare word in the block. */
static void rare_freqs(struct block_freqs *freqs, const struct range_term *t, uint32_t range, unsigned block) {
    uint32_t first = (range << RANGE_SHIFT) + block * HOT_BLOCK, i = t->starts[range];
    memset(freqs, 0, sizeof *freqs);
    while (t->docs[i] < first)
        i++;
    for (; t->docs[i] - first < HOT_BLOCK; i++)
        freqs->of[t->docs[i] - first] = (uint8_t)(t->freqs[i] < HOT_FREQ ? t->freqs[i] : HOT_FREQ);
}

/* Takes in those of a block's passages that reach the threshold, a bit each. */
static NOINLINE void push_block(struct range_run *r, uint32_t first, uint32_t reach, size_t n, const uint16_t *sums) {
    const struct range_blocks *b = &r->blocks;
    for (; reach; reach &= reach - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(reach);
        if (sums[i] < r->cut || (r->is_filtered && !collector_accepts(r->collector, first + i)))
            continue;
        if (n < r->count)
            memset(r->freqs, 0, r->count * sizeof *r->freqs);
        for (size_t k = 0; k < n; k++) {
            const struct word_bounds *w = &r->word_bounds[b->words[k]];
            uint32_t freq = b->freqs[k].of[i];
            r->freqs[w->place] = freq < HOT_FREQ ? freq : range_term_freq(w->term, first + i);
        }
        range_run_push(r, first + i, range_run_score(r, first + i));
    }
}

static inline void look_at_block(struct range_run *r, uint32_t range, unsigned block) {
    struct range_blocks *b = &r->blocks;
    uint16_t sums[HOT_BLOCK];
    size_t n = 0;
    for (size_t k = 0; k < r->count; k++) {
        const struct word_bounds *w = &r->word_bounds[k];
        if (!is_in_block(w, range, block))
            continue;
        if (w->hot)
            hot_block_freqs(&b->freqs[n], w->hot, range, block);
        else
            rare_freqs(&b->freqs[n], w->term, range, block);
        b->gifts[n] = &w->term->gift;
        b->words[n++] = k;
    }
    COUNT(blocks, 1);
    const uint8_t *classes = block_classes(&r->scorer, range, block, b->classes);
    uint32_t reach = b->sum(sums, b->freqs, b->gifts, n, classes, (uint16_t)r->cut);
    if (reach)
        push_block(r, (range << RANGE_SHIFT) + block * HOT_BLOCK, reach, n, sums);
}

/* ------------------------------------------------------------------------------- one range -- */

/* The blocks whose bounds do, a bit each. */
static inline uint32_t reaching(half_lanes bounds, uint32_t cut) {
    return half_lanes_bits((half_lanes)(bounds >= half_lanes_of((uint16_t)cut)));
}

/* Those that filters leave a passage of, the same. */
static inline uint32_t accepted_blocks(const struct range_run *r, uint32_t range) {
    const uint64_t *accepted = r->collector->accepted;
    uint16_t each[HOT_BLOCKS];
    if (!accepted)
        return UINT8_MAX;
    memcpy(each, accepted + (size_t)range * (RANGE_DOCS / 64), sizeof each);
    return ~half_lanes_bits((half_lanes)(half_lanes_load(each) == half_lanes_of(0))) & UINT8_MAX;
}

static inline void look_at_range(struct range_run *r, const struct waiting_range *w) {
    uint32_t blocks = reaching(half_lanes_load(w->bounds), r->cut) & accepted_blocks(r, w->range);
    if (!blocks)
        return;
    COUNT(opened, 1);
    for (; blocks; blocks &= blocks - 1)
        look_at_block(r, w->range, (unsigned)__builtin_ctz(blocks));
}

/* ---------------------------------------------------------------------------- all that wait -- */

/* The lengths of a range's passages in blocks whose bounds do, which take several lines of the cache if they have two
 * bytes each. */
FETCHING void fetch_lengths(const struct range_run *r, const struct waiting_range *w) {
    const struct range_scorer *s = &r->scorer;
    const uint8_t *lengths = s->lengths + ((size_t)w->range << RANGE_SHIFT) * s->length_width;
    for (uint32_t blocks = reaching(half_lanes_load(w->bounds), r->cut); blocks; blocks &= blocks - 1)
        __builtin_prefetch(lengths + (size_t)__builtin_ctz(blocks) * HOT_BLOCK * s->length_width);
}

FOR_EACH_CPU static void look_at_all(struct range_run *r) {
    enum { AHEAD = 4 };
    const struct range_blocks *b = &r->blocks;
    for (size_t i = 0; i < b->count; i++) {
        if (r->scorer.length_width > 1 && i + AHEAD < b->count)
            fetch_lengths(r, &b->waiting[i + AHEAD]);
        look_at_range(r, &b->waiting[i]);
    }
}

void range_blocks_finish(struct range_run *r) {
    look_at_all(r);
    r->blocks.count = 0;
}

void range_blocks_put(struct range_run *r, uint32_t range, half_lanes bounds) {
    struct waiting_range *w = &r->blocks.waiting[r->blocks.count++];
    w->range = range;
    half_lanes_store(w->bounds, bounds);
    for (size_t k = 0; k < r->count; k++)
        if (r->word_bounds[k].hot)
            hot_fetch_freqs(r->word_bounds[k].hot, range);
    if (r->blocks.count == RANGES_WAITING)
        range_blocks_finish(r);
}
