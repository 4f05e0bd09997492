#include "range_blocks.h"

#include <string.h>

#include "waiting_ranges.h"

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

static inline void look_at_range(struct range_run *r, const struct waiting_range *w) {
    for (uint32_t blocks = waiting_blocks(r, w, r->cut); blocks; blocks &= blocks - 1)
        look_at_block(r, w->range, (unsigned)__builtin_ctz(blocks));
}

/* ---------------------------------------------------------------------------- all that wait -- */

FOR_EACH_CPU static void look_at_all(struct range_run *r) {
    for (size_t i = 0; i < r->blocks.count; i++) {
        waiting_fetch_lengths(r, i, r->cut);
        look_at_range(r, &r->blocks.waiting[i]);
    }
}

void range_blocks_finish(struct range_run *r) {
    look_at_all(r);
    r->blocks.count = 0;
}

void range_blocks_put(struct range_run *r, uint32_t range, half_lanes bounds) {
    for (size_t k = 0; k < r->count; k++)
        if (r->word_bounds[k].hot)
            hot_fetch_freqs(r->word_bounds[k].hot, range);
    if (waiting_put(&r->blocks, range, bounds))
        range_blocks_finish(r);
}
