#include "by_range.h"

#include <string.h>

#include "core/base/counters.h"
#include "core/base/cpu.h"
#include "core/base/error.h"
#include "core/base/lanes.h"
#include "range_run.h"

static bool is_simple(const struct lede_query *q) {
    for (size_t i = 0; i < q->clause_count; i++)
        if (q->clauses[i].term_count != 1 || q->clauses[i].sign != CLAUSE_SHOULD)
            return false;
    return q->clause_count > 0;
}

bool can_run_by_range(const struct plan *plan) {
    return is_simple(plan->query) && range_maxima_help(plan);
}

/* ------------------------------------------------------------------------------- one range -- */

/* Whether a document of some block can reach the threshold. */
static inline bool reaches(half_lanes units, uint32_t cut) {
    long_lanes hits = (long_lanes)(units >= half_lanes_of((uint16_t)cut));
    return (hits[0] | hits[1]) != 0;
}

/* Word number k of those that the range under way has, and what it can give to a document of each block. */
static inline struct range_term *word_of(const struct range_run *r, size_t k) {
    return r->here[k]->term;
}

static inline half_lanes share_of(const struct range_run *r, size_t k) {
    return half_lanes_load(r->shares[k]);
}

/* Takes a range, and finds its words; returns what these can give together to a document of each block. */
static inline half_lanes find_words(struct range_run *r, uint32_t range) {
    const struct word_bounds *word = r->word_bounds, *end = word + r->count, **here = r->here;
    block_units *shares = r->shares;
    size_t n = 0;
    half_lanes all = half_lanes_of(0);
    for (; word < end; word++) {
        half_lanes share = word->hot ? hot_block_shares(word->hot, range, word->most) : word_shares(word, range);
        here[n] = word;
        half_lanes_store(shares[n], share);
        all += share;
        n += word->hot ? word->hot->ranges[range] > 0 : (word->units[range] && word->blocks[range]);
    }
    r->here_count = n;
    r->range = range;
    return all;
}

/* Leaves the documents of the first word that reach the threshold with what is left. */
static void take(struct range_run *r, half_lanes rest) {
    struct range_bar bar = {.cut = (uint16_t)r->cut};
    half_lanes_store(bar.more, rest);
    range_term_take(word_of(r, 0), r->range, &r->lengths, &bar, &r->found[0], &r->alive);
}

/* Adds any word to the sums. */
static void add_to_sums(struct range_run *r, size_t k) {
    static const uint64_t all[] = {UINT64_MAX, UINT64_MAX};
    struct range_term *t = word_of(r, k);
    struct chunk_list *found = &r->found[k];
    uint16_t units[RANGE_DOCS + RANGE_SPARE];
    if (range_term_is_dense(t, r->range)) {
        range_term_add_all(t, r->range, &r->lengths, all, &found->masks, r->sums);
        found->count = RANGE_DOCS;
        for (uint32_t i = 0; i < RANGE_DOCS; i++)
            found->docs[i] = (uint8_t)i;
        return;
    }
    range_term_read(t, r->range, &r->lengths, found, units);
    for (uint32_t i = 0; i < found->count; i++)
        r->sums[found->docs[i]] = (uint16_t)(r->sums[found->docs[i]] + units[i]);
}

/* Adds the first n words up; leaves the documents that reach the threshold with what the others can give. */
static NOINLINE void add_up(struct range_run *r, size_t n, half_lanes rest) {
    block_units others;
    half_lanes_store(others, rest);
    for (unsigned doc = 0; doc < RANGE_DOCS; doc += 8)
        half_lanes_store(r->sums + doc, half_lanes_of(others[doc / CHUNK_BLOCK]));
    for (size_t k = 0; k < n; k++)
        add_to_sums(r, k);
    r->scorer.docs_ops->sift(&r->alive, r->sums, (uint16_t)r->cut);
}

/* Reads words until a document needs one of them to reach the threshold. Returns how many these are; leaves in
 * r->alive the documents that can still reach it, with what the other words can give. */
static inline size_t read_essential(struct range_run *r, half_lanes rest) {
    size_t n = 0;
    do
        rest -= share_of(r, n++);
    while (reaches(rest, r->cut));
    if (n == 1 && !range_term_is_dense(word_of(r, 0), r->range))
        take(r, rest);
    else
        add_up(r, n, rest);
    return n;
}

/* Of a range of which filters leave no more documents than these, it takes less time to look for each of them. */
enum { FEW_ACCEPTED = 4 };

/* Reads no word if filters leave few documents; else the same of those that they leave. */
static NOINLINE size_t read_filtered(struct range_run *r, half_lanes rest) {
    if (range_run_accepted(r, r->range) <= FEW_ACCEPTED) {
        block_units all;
        half_lanes_store(all, rest);
        range_run_take_accepted(r, r->range, all);
        return 0;
    }
    size_t n = read_essential(r, rest);
    range_run_limit(r, r->range);
    return n;
}

/* Puts what word number k of the range gives to the documents that are left in place of what it can give. */
static void add_other(struct range_run *r, size_t k) {
    struct range_bar bar = {.cut = (uint16_t)r->cut};
    half_lanes_store(bar.more, -share_of(r, k));
    range_term_add(word_of(r, k), r->range, &r->lengths, &bar, &r->found[k], &r->alive);
}

/* Takes in a document, of which r->freqs tells how often it has each of the range's words, behind those of all words;
 * those of the first ones stand in the lists that were read. */
static NOINLINE void push(struct range_run *r, uint32_t doc, size_t read) {
    uint32_t *freqs = r->freqs + r->count;
    r->scorer.docs_ops->freqs(freqs, r->found, read, (uint8_t)(doc % RANGE_DOCS));
    if (r->here_count < r->count)
        memset(r->freqs, 0, r->count * sizeof *r->freqs);
    for (size_t k = 0; k < r->here_count; k++)
        r->freqs[r->here[k]->place] = freqs[k];
    range_run_push(r, doc, range_run_score(r, doc));
}

/* The rest of the words, from number `read` on, for document number i of those that are left. */
static inline void ask(struct range_run *r, uint32_t i, size_t read) {
    const struct word_bounds *const *here = r->here;
    block_units *shares = r->shares;
    uint32_t *freqs = r->freqs + r->count, cut = r->cut, place = r->alive.docs[i], units = r->alive.units[i];
    uint32_t doc = (r->range << RANGE_SHIFT) + place, class = r->lengths.classes[place];
    for (size_t k = read, n = r->here_count; k < n && units >= cut; k++) {
        units = (uint16_t)(units - shares[k][place / CHUNK_BLOCK]);
        units = (uint16_t)(units + range_term_units(here[k]->term, doc, class, &freqs[k]));
    }
    if (units >= cut)
        push(r, doc, read);
}

/* So few are asked for one by one. */
enum { FEW = 2 };

/* Word by word, the weightiest first, until none of the documents can reach the threshold with what is left. */
static NOINLINE void look_into(struct range_run *r, half_lanes rest) {
    COUNT(opened, 1);
    range_run_know_lengths(r, r->range);
    size_t k = r->is_filtered ? read_filtered(r, rest) : read_essential(r, rest);
    for (; k < r->here_count && r->alive.count > FEW; k++)
        add_other(r, k);
    for (uint32_t i = 0; i < r->alive.count; i++)
        ask(r, i, k);
}

/* --------------------------------------------------------------------------------- all ranges -- */

/* Which ranges to evaluate. */
struct pass {
    uint32_t least; /* units of the ranges that it looks at */
    bool forget;    /* whether it sets their bounds to 0 */
};

/* Evaluates a range whose bound reaches the threshold. */
static inline void evaluate(struct range_run *r, uint32_t range) {
    half_lanes rest = find_words(r, range);
    COUNT(evaluated, 1);
    if (!reaches(rest, r->cut))
        return;
    if (r->has_hot && range_blocks_can(r))
        range_blocks_put(r, range, rest);
    else
        look_into(r, rest);
}

/* Fetches what words that are kept in memory can give to the range's blocks. */
FETCHING void fetch_bounds(const struct range_run *r, uint32_t range) {
    for (const struct word_bounds *w = r->word_bounds; r->has_hot && w < r->word_bounds + r->count; w++)
        if (w->hot)
            hot_fetch_bounds(w->hot, range);
}

/* So many ranges at least are fetched while as many others are evaluated. */
enum { AHEAD = 16 };

struct ahead {
    uint32_t count, ranges[AHEAD + REACH_WIDTH];
};

/* Takes the next ranges whose bounds reach the threshold, of groups from number `group` on, and fetches what they take.
 * Returns the group behind them. Where they are to be forgotten no group has others that reach as much. */
static inline uint32_t look_ahead(struct range_run *r, struct pass pass, uint32_t group, struct ahead *ahead) {
    struct range_bounds *b = &r->bounds;
    uint32_t cut = r->cut > pass.least ? r->cut : pass.least;
    for (ahead->count = 0; ahead->count < AHEAD; group++) {
        group = range_bounds_next(b, r->reach, group, cut);
        if (group * REACH_WIDTH >= b->count)
            break;
        uint64_t bits = r->reach(b->sums + (size_t)group * REACH_WIDTH, (uint16_t)cut);
        for (; bits; bits &= bits - 1) {
            uint32_t range = group * REACH_WIDTH + (uint32_t)__builtin_ctzll(bits);
            fetch_bounds(r, range);
            ahead->ranges[ahead->count++] = range;
        }
        if (pass.forget && b->groups[group] >= cut)
            b->groups[group] = (uint16_t)(cut - 1);
    }
    return group;
}

/* Evaluates the ranges whose bounds reach the threshold, in order. */
FOR_EACH_CPU static void sweep(struct range_run *r, struct pass pass) {
    uint16_t *sums = r->bounds.sums;
    struct ahead both[2];
    unsigned now = 0;
    uint32_t group = look_ahead(r, pass, 0, &both[now]);
    for (; both[now].count > 0 && !range_run_is_due(r); now = 1 - now) {
        group = look_ahead(r, pass, group, &both[1 - now]);
        for (uint32_t i = 0; i < both[now].count; i++) {
            uint32_t range = both[now].ranges[i];
            if (i + 1 < both[now].count && (!r->has_hot || r->scorer.length_width == 1))
                range_run_fetch_lengths(r, both[now].ranges[i + 1]);
            if (sums[range] < r->cut) /* it rose since */
                continue;
            evaluate(r, range);
            sums[range] = pass.forget ? 0 : sums[range];
        }
    }
    range_blocks_finish(r);
}

/* Evaluates the best ranges, to have a threshold; returns a sum that the bounds of those reach which were evaluated. */
static uint32_t prime(struct range_run *r) {
    if (r->collector->accepted)
        range_bounds_limit(&r->bounds, r->collector->accepted);
    uint32_t least = range_bounds_cut(&r->bounds, range_run_prime_count(r));
    sweep(r, (struct pass){least, true});
    return least;
}

/* Then so many times those in the upper half of what is left between their bounds and the threshold: nearly as good as
 * going by falling bounds, and neighbours are still looked at together. */
enum { HALVES = 2 };

/* Then the better half of the others, twice, then the rest; each time in order. */
static void sweep_others(struct range_run *r, uint32_t primed) {
    uint32_t least = primed;
    for (int i = 0; i < HALVES && least > r->cut; i++) {
        least = r->cut + (least - r->cut) / 2;
        sweep(r, (struct pass){least, true});
    }
    sweep(r, (struct pass){1, false});
}

/* ------------------------------------------------------------------------------------ segment -- */

/* Puts the weightiest word first. */
static void order_terms(struct range_run *r) {
    for (size_t i = 1; i < r->count; i++) {
        struct range_term *t = r->order[i];
        size_t k = i;
        for (; k > 0 && r->order[k - 1]->max_score < t->max_score; k--)
            r->order[k] = r->order[k - 1];
        r->order[k] = t;
    }
}

/* Notes where words may be, as far as that is known. */
static void know_blocks(struct range_run *r) {
    for (size_t i = 0; i < r->count; i++)
        r->word_bounds[i].blocks = r->order[i]->blocks ? r->order[i]->blocks : r->all_blocks;
}

/* Adds what the words can give, and notes it for each range. */
static lede_status add_bounds(struct range_run *r) {
    size_t count = range_bounds_room(&r->bounds);
    r->all_blocks = arena_alloc(&r->arena, count);
    if (!r->all_blocks)
        return LEDE_NOMEM;
    memset(r->all_blocks + r->bounds.first, UINT8_MAX, count - r->bounds.first);
    for (size_t i = 0; i < r->count; i++) {
        struct word_bounds *w = &r->word_bounds[i];
        struct range_term *t = r->order[i];
        w->term = t;
        w->place = (size_t)(t - r->terms);
        w->hot = t->hot;
        w->most = range_term_most(t);
        w->units = t->hot ? NULL : arena_alloc(&r->arena, count * sizeof *w->units);
        if (!w->units && !t->hot)
            return LEDE_NOMEM;
        r->has_hot |= t->hot != NULL;
    }
    range_bounds_sum(&r->bounds, r->word_bounds, r->count, false);
    know_blocks(r);
    return LEDE_OK;
}

/* The ranges that are left to be looked into, a bit each, and how many these are. */
FOR_EACH_CPU static uint64_t *ranges_left(struct range_run *r, size_t *count) {
    const struct range_bounds *b = &r->bounds;
    uint64_t *left = range_run_new_set(r);
    *count = 0;
    for (uint32_t g = 0; left && (g = range_bounds_next(b, r->reach, g, r->cut)) * REACH_WIDTH < b->count; g++) {
        left[g] = r->reach(b->sums + (size_t)g * REACH_WIDTH, (uint16_t)r->cut);
        *count += (unsigned)__builtin_popcountll(left[g]);
    }
    return left;
}

/* Finds the blocks of more words in the ranges that are left, of those that are in few blocks, where many ranges are
 * left: by blocks a quarter of these are passed over, or more, but for long lists, and a range takes as long as it
 * takes to mark some 64 postings. */
static lede_status mark_more(struct range_run *r) {
    enum { LONG_LIST = 100, POSTINGS = 16, PART = 16 };
    uint32_t passages = segment_info(r->scorer.segment)->passages;
    size_t count;
    if (r->collector->top.limit >= LONG_LIST)
        return LEDE_OK;
    const uint64_t *left = ranges_left(r, &count);
    if (!left)
        return LEDE_NOMEM;
    double worth = POSTINGS * (double)count * range_run_parts(r); /* a slice marks its own alone */
    uint32_t most = worth < passages / PART ? (uint32_t)worth : passages / PART;
    lede_status status = range_terms_find_blocks(r->terms, r->count, most, left, &r->arena);
    know_blocks(r);
    return status;
}

static lede_status run_segment(struct range_run *r, const struct plan *plan, size_t segment) {
    const struct lede_query *q = plan->query;
    for (size_t i = 0; i < q->clause_count; i++) {
        uint32_t term = q->clauses[i].terms[0];
        const struct term_info *info = &plan->infos[segment * q->term_count + term];
        if (!info->doc_freq)
            continue;
        lede_status status = range_run_add(r, plan, segment, term, q->clauses[i].weight);
        if (status != LEDE_OK)
            return status;
        range_term_hold(&r->terms[r->count - 1]);
    }
    const uint64_t *part;
    if (!range_run_part_set(r, &part))
        return LEDE_NOMEM;
    lede_status status = range_terms_make_room(r->terms, r->count, &r->arena);
    if (status == LEDE_OK)
        status = range_terms_find_blocks(r->terms, r->count, 0, part, &r->arena);
    if (status != LEDE_OK)
        return status;
    range_run_scale(r, true);
    order_terms(r);
    if (!range_run_begin_bounds(r))
        return LEDE_NOMEM;
    status = range_run_foresee(r);
    if (status == LEDE_OK)
        status = add_bounds(r);
    if (status != LEDE_OK)
        return status;
    uint32_t primed = prime(r);
    status = mark_more(r);
    if (status != LEDE_OK)
        return status;
    sweep_others(r, primed);
    return range_terms_status(r->terms, r->count);
}

lede_status retrieve_by_range(const struct plan *plan, size_t segment, struct collector *c, bool *skipped,
                              lede_error *err) {
    lede_status status = slices_look(run_segment, plan, segment, c, skipped);
    return range_error(status, segment_path(plan->snapshot->segments[segment].segment), err);
}
