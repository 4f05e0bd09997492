#include "by_all.h"

#include <string.h>

#include "all_blocks.h"
#include "candidates.h"
#include "core/base/counters.h"
#include "core/base/cpu.h"
#include "core/base/error.h"
#include "intersection.h"
#include "searcher/ranges/overlap.h"

static bool is_simple(const struct lede_query *q) {
    if (q->clause_count == 1 && q->clauses[0].sign != CLAUSE_MUST_NOT)
        return q->clauses[0].term_count > 1;
    for (size_t i = 0; i < q->clause_count; i++)
        if (q->clauses[i].term_count != 1 || q->clauses[i].sign != CLAUSE_MUST)
            return false;
    return q->clause_count > 0;
}

bool can_run_by_all(const struct plan *plan) {
    return is_simple(plan->query) && range_maxima_help(plan);
}
/* ------------------------------------------------------------------------------------- words -- */

/* Puts the rarest word first. */
static void order_terms(struct range_run *r) {
    for (size_t i = 1; i < r->count; i++) {
        struct range_term *t = r->order[i];
        size_t k = i;
        for (; k > 0 && r->order[k - 1]->doc_freq > t->doc_freq; k--)
            r->order[k] = r->order[k - 1];
        r->order[k] = t;
    }
}

/* Holds the sets of words of which these tell sooner than postings who has them. */
static void hold_sets(struct range_run *r) {
    double left = r->order[0]->doc_freq;
    for (size_t i = 0; i < r->count; i++) {
        struct range_term *t = r->order[i];
        if (overlap_wants_set(t, left, i == 0))
            range_term_hold_set(t);
        left *= i > 0 ? overlap_part(t) : 1;
    }
}

/* Holds where the words of a phrase stand. */
static void hold_positions(struct intersection *x) {
    x->placed = x->phrase.count > 0;
    for (size_t i = 0; x->phrase.count > 0 && i < x->run->count; i++) {
        range_term_hold_positions(x->run->order[i]);
        x->placed = x->placed && x->run->order[i]->positions;
    }
}

static void order_places(const struct range_run *r, struct phrase *phrase) {
    for (uint32_t i = 0; i < phrase->count; i++) {
        uint32_t k = i, doc_freq = r->terms[phrase->slots[i]].doc_freq;
        for (; k > 0 && r->terms[phrase->slots[phrase->order[k - 1]]].doc_freq > doc_freq; k--)
            phrase->order[k] = phrase->order[k - 1];
        phrase->order[k] = i;
    }
}

/* Whether no word is in the phrase twice. */
static bool are_distinct(const struct intersection *x) {
    return x->run->count == x->phrase.count;
}

static lede_status open_nearness(struct intersection *x, const struct clause *c) {
    struct arena *arena = &x->run->arena;
    struct nearness *n = arena_zalloc(arena, 1, sizeof *n);
    uint32_t *numbers = arena_alloc(arena, 3 * (size_t)c->term_count * sizeof *numbers);
    x->phrase.nearness = n;
    if (!n || !numbers)
        return LEDE_NOMEM;
    for (uint32_t i = 0; i < c->term_count; i++)
        numbers[i] = 1;
    n->near = (struct near){numbers, c->width, c->ordered, numbers + c->term_count};
    n->by_masks = c->ordered ? c->term_count == 2 : are_distinct(x);
    n->positions = arena_alloc(arena, x->run->count * sizeof *n->positions);
    n->counts = arena_alloc(arena, x->run->count * sizeof *n->counts);
    n->slots = arena_alloc(arena, c->term_count * sizeof *n->slots);
    return n->positions && n->counts && n->slots ? LEDE_OK : LEDE_NOMEM;
}

static lede_status open_phrase(struct intersection *x, const struct plan *plan, size_t segment) {
    const struct clause *c = &plan->query->clauses[0];
    struct range_run *r = x->run;
    struct phrase *phrase = &x->phrase;
    uint32_t *numbers = arena_zalloc(&r->arena, 4 * (size_t)c->term_count, sizeof *numbers);
    if (!numbers)
        return LEDE_NOMEM;
    uint32_t *terms = numbers + c->term_count, *counts = terms + c->term_count;
    phrase->slots = numbers;
    phrase->order = counts + c->term_count;
    phrase->count = c->term_count;
    uint32_t distinct = clause_words(c, phrase->slots, terms, counts);
    lede_status status = LEDE_OK;
    for (uint32_t n = 0; n < distinct && status == LEDE_OK; n++)
        status = range_run_add(r, plan, segment, terms[n], counts[n] * c->weight);
    if (status == LEDE_OK)
        order_places(r, phrase);
    return status == LEDE_OK && c->width > 0 ? open_nearness(x, c) : status;
}

static lede_status open_terms(struct intersection *x, const struct plan *plan, size_t segment) {
    const struct lede_query *q = plan->query;
    x->tables = arena_alloc(&x->run->arena, (q->term_count + 1) * sizeof *x->tables);
    if (!x->tables)
        return LEDE_NOMEM;
    if (q->clauses[0].term_count > 1)
        return open_phrase(x, plan, segment);
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < q->clause_count && status == LEDE_OK; i++)
        status = range_run_add(x->run, plan, segment, q->clauses[i].terms[0], q->clauses[i].weight);
    return status;
}

static bool has_all(const struct plan *plan, size_t segment) {
    for (size_t t = 0; t < plan->query->term_count; t++)
        if (plan->infos[segment * plan->query->term_count + t].doc_freq == 0)
            return false;
    return true;
}
/* --------------------------------------------------------------------- a frequent word leads -- */

/* Between the best ranges and the rest: those in the better half of what reaches the threshold, so many times. */
enum { HALVES = 1 };

/* Which ranges to look at: those whose bounds are at least `least`, and below `end`. */
struct pass {
    uint32_t least, end;
};

struct chunk_run {
    uint32_t count, docs[CHUNK_RANGE], freqs[CHUNK_RANGE];
};

static inline uint32_t cut_in(const struct range_run *r, struct pass pass) {
    return r->cut > pass.least ? r->cut : pass.least;
}

/* Which of REACH_WIDTH ranges, from `first` on. */
static uint64_t ranges_in(const struct range_run *r, uint32_t first, struct pass pass) {
    const uint16_t *sums = r->bounds.sums + first;
    uint64_t below = pass.end <= UINT16_MAX ? ~r->reach(sums, (uint16_t)pass.end) : UINT64_MAX;
    return r->reach(sums, (uint16_t)cut_in(r, pass)) & below;
}

/* Takes the postings, of which the first one is number `index` of its chunk. */
static void add_postings(struct intersection *x, const struct chunk_run *run, uint32_t index, struct pass pass) {
    const struct range_run *r = x->run;
    const uint16_t *sums = r->bounds.sums;
    struct batch *b = &x->batch;
    struct word_table *table = intersection_lead(x);
    uint32_t cut = cut_in(r, pass), before = b->count;
    table->known = r->cut > 1;
    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t bound = sums[run->docs[i] >> RANGE_SHIFT];
        batch_put(b, table, run->docs[i], bound, index + i);
        table->freqs[b->count] = run->freqs[i];
        b->count += (bound >= cut) & (bound < pass.end);
    }
    intersection_fetch_lengths(x, before);
    if (b->count >= BATCH)
        intersection_evaluate(x);
}

static void add_chunk(struct intersection *x, uint32_t number, struct pass pass) {
    struct range_term *t = x->run->order[0];
    struct chunk_table *chunks = &t->postings.chunks;
    struct chunk_walk walk = {0};
    struct chunk_run run;
    uint32_t passages = segment_info(x->run->scorer.segment)->passages;
    COUNT(chunks, 1);
    do {
        uint32_t index = walk.index;
        bool ok = chunk_table_go(chunks, number);
        /* The threshold does not rise before all postings of the batch are evaluated. */
        uint32_t *freqs = x->run->cut > 1 ? run.freqs : NULL;
        run.count = ok ? chunk_table_take(chunks, &walk, run.docs, freqs, CHUNK_RANGE) : 0;
        if (!ok || (run.count > 0 && run.docs[run.count - 1] >= passages)) {
            t->status = LEDE_CORRUPT;
            return;
        }
        COUNT(postings, run.count);
        add_postings(x, &run, index, pass);
    } while (run.count == CHUNK_RANGE);
}

/* ------------------------------------------------------------------------ all words are dense -- */

/* Whether word number i, in order, is read with its frequencies: once there is a threshold, and it gives something. */
static bool is_added(const struct intersection *x, size_t i) {
    return x->run->cut > 1 && (i == 0 || !intersection_gives_little(x, x->run->order[i]));
}

/* What the words give at most in a range. */
static uint32_t bound_of_range(const struct range_run *r, uint32_t range) {
    uint32_t units = 0;
    for (size_t i = 0; i < r->count; i++)
        units += range_term_bound(r->order[i], range);
    return units;
}

/* Leaves those of a range's documents whose sums reach the threshold with what is left to come. */
static void leave_reaching(const struct range_run *r, const uint16_t *sums, uint32_t rest, uint64_t *left) {
    uint16_t cut = (uint16_t)(r->cut > rest ? r->cut - rest : 0);
    for (uint32_t w = 0; w < RANGE_DOCS / 64; w++)
        left[w] &= left[w] ? r->reach(sums + 64 * (size_t)w, cut) : 0;
}

/* The documents of a range that have all words: those that reach the threshold, if there is one, with their units.
 * Returns what words give at most that are not among these. */
static uint32_t read_range(struct intersection *x, uint32_t range, uint64_t *left, uint16_t *sums) {
    struct range_run *r = x->run;
    const uint64_t *accepted = r->collector->accepted;
    uint32_t rest = r->cut > 1 ? bound_of_range(r, range) : 0;
    range_run_know_lengths(r, range);
    for (uint32_t w = 0; w < RANGE_DOCS / 64; w++)
        left[w] = accepted ? accepted[range * (RANGE_DOCS / 64) + w] : UINT64_MAX;
    for (size_t i = 0; i < r->count && (left[0] | left[1]); i++) {
        struct range_term *t = r->order[i];
        struct chunk_masks *masks = &x->masks[t - r->terms];
        bool added = is_added(x, i);
        if (added)
            range_term_add_all(t, range, &r->lengths, left, masks, sums);
        else
            range_term_read_set(t, range, masks->set);
        left[0] &= masks->set[0];
        left[1] &= masks->set[1];
        if (added) {
            rest -= range_term_bound(t, range);
            leave_reaching(r, sums, rest, left);
        }
    }
    return rest;
}

/* Which of the set's documents n of them are, that it has, by their places in the range. */
FOR_EACH_CPU static void number_all(uint32_t *indices, const uint64_t *set, const uint32_t *places, uint32_t n) {
    uint32_t low = (uint32_t)__builtin_popcountll(set[0]);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t below = (UINT64_C(1) << places[i] % 64) - 1;
        uint32_t w = places[i] / 64 % 2;
        indices[i] = (w ? low : 0) + (uint32_t)__builtin_popcountll(set[w] & below);
    }
}

static void add_range(struct intersection *x, uint32_t range) {
    struct batch *b = &x->batch;
    uint64_t left[RANGE_DOCS / 64];
    uint16_t sums[RANGE_DOCS] = {0};
    uint32_t places[RANGE_DOCS], n = 0, first = b->count;
    bool bounded = x->run->cut > 1;
    uint32_t rest = read_range(x, range, left, sums);
    for (uint32_t w = 0; w < RANGE_DOCS / 64; w++)
        for (uint64_t bits = left[w]; bits; bits &= bits - 1, n++) {
            uint32_t place = places[n] = w * 64 + (uint32_t)__builtin_ctzll(bits), k = first + n;
            b->docs[k] = (range << RANGE_SHIFT) + place;
            b->bounds[k] = (uint16_t)(bounded ? sums[place] + rest : UINT16_MAX);
            b->rows[k] = (uint8_t)k;
        }
    b->count += n;
    bool wanted = x->phrase.count == 0; /* else it is found with the positions */
    for (size_t t = 0; t < x->run->count && n > 0; t++) {
        if (wanted)
            number_all(x->tables[t].indices + first, x->masks[t].set, places, n);
        x->tables[t].known = false;
        x->tables[t].found = wanted;
    }
    if (b->count >= BATCH)
        intersection_evaluate(x);
}

/* ------------------------------------------------------------------------------------- sweeps -- */

static void sweep(struct intersection *x, struct pass pass) {
    unsigned wide = x->run->order[0]->postings.chunks.shift - RANGE_SHIFT;
    uint32_t done = 0; /* ranges, whole chunks at a time */
    const struct range_run *r = x->run;
    for (uint32_t group = 0;; group++) {
        group = range_bounds_next(&r->bounds, r->reach, group, cut_in(r, pass));
        uint32_t first = group * REACH_WIDTH;
        if (first >= r->bounds.count)
            break;
        if (x->masks && range_run_is_due(x->run)) /* sets may be gone through for long without a document */
            break;
        while (done < first + REACH_WIDTH) {
            uint64_t bits = ranges_in(x->run, first, pass) & UINT64_MAX << (done > first ? done - first : 0);
            if (bits == 0)
                break;
            uint32_t chunk = (first + (uint32_t)__builtin_ctzll(bits)) >> wide;
            uint64_t ahead = bits & (bits - 1);
            if (x->masks && ahead)
                range_run_fetch_lengths(x->run, first + (uint32_t)__builtin_ctzll(ahead));
            if (x->masks)
                add_range(x, chunk);
            else
                add_chunk(x, chunk, pass);
            done = (chunk + 1) << wide;
        }
    }
    intersection_evaluate(x);
}

/* A bit for each range below `end` that can reach the threshold; returns how many these are. */
FOR_EACH_CPU static uint32_t mark_rest(const struct range_run *r, uint32_t end, uint64_t *ranges) {
    const struct pass pass = {1, end};
    uint32_t count = 0;
    for (uint32_t group = 0;; group++) {
        group = range_bounds_next(&r->bounds, r->reach, group, cut_in(r, pass));
        if (group * REACH_WIDTH >= r->bounds.count)
            return count;
        ranges[group] = ranges_in(r, group * REACH_WIDTH, pass);
        count += (uint32_t)__builtin_popcountll(ranges[group]);
    }
}

/* Finds what the `width` first words have in the ranges below `end`, if it takes less time to mark words there than to
 * look up what the rarest has; else width is 0. There is room for bounds. */
static lede_status find_overlap(struct intersection *x, uint32_t end, struct candidates *c, size_t *width) {
    struct range_run *r = x->run;
    uint64_t *ranges = range_run_new_set(r);
    if (!ranges)
        return LEDE_NOMEM;
    const uint32_t all = maxima_ranges(segment_info(r->scorer.segment)->passages, RANGE_SHIFT);
    /* As many in all slices, as the words' postings are. */
    double wanted = mark_rest(r, end, ranges) * range_run_parts(r), each = r->order[0]->doc_freq / all + 1;
    const struct overlap_search search = {.words = r->order,
                                          .count = r->count,
                                          .doc_count = (uint32_t)(wanted * each),
                                          .ranges = ranges,
                                          .marks = x->phrase.count > 0};
    struct overlap found = {0};
    *width = overlap_width(&search);
    if (*width == 0)
        return LEDE_OK;
    lede_status status = overlap_find(&found, &search, *width, &r->arena);
    *c = (struct candidates){.docs = found.docs, .count = found.count};
    c->bounds = arena_zalloc(&r->arena, c->count + (size_t)REACH_WIDTH, sizeof *c->bounds);
    x->leads = false;
    x->marks = found.marks;
    x->sure = *width;
    return status == LEDE_OK && !c->bounds ? LEDE_NOMEM : status;
}

/* Looks at the ranges below `end` so, if that takes less time: sets *done then. */
static lede_status sweep_overlap(struct intersection *x, uint32_t end, bool *done) {
    struct candidates c;
    size_t width;
    lede_status status = find_overlap(x, end, &c, &width);
    if (status != LEDE_OK || width == 0)
        return status;
    for (uint32_t i = 0; i < c.count; i++)
        c.bounds[i] = x->run->bounds.sums[c.docs[i] >> RANGE_SHIFT];
    candidates_look_at(x, &c);
    *done = true;
    return LEDE_OK;
}

/* The same where it is known in memory what all words give to blocks of passages, and where they stand: to look at one
 * passage takes no longer than one of many then, so that the best come first. */
static lede_status sweep_overlap_of_held(struct intersection *x, bool *done) {
    struct candidates c;
    size_t width;
    lede_status status = find_overlap(x, UINT32_MAX, &c, &width);
    if (status != LEDE_OK || width == 0)
        return status;
    x->exact = width == x->run->count;
    all_blocks_bound(x->run, &c);
    candidates_look_at_best(x, &c);
    x->exact = false;
    *done = true;
    return LEDE_OK;
}

/* Whether the chunks of all words are ranges. A word that more passages have than another one may have the wider ones,
 * if it stands less often where it is. */
static bool are_dense(const struct range_run *r) {
    bool dense = true;
    for (size_t i = 0; i < r->count; i++)
        dense = dense && !r->terms[i].docs && r->terms[i].postings.chunks.shift == RANGE_SHIFT;
    return dense;
}

/* The ranges with the best bounds first. */
static lede_status sweep_best_first(struct intersection *x) {
    struct range_run *r = x->run;
    uint32_t least = range_bounds_cut(&r->bounds, range_run_prime_count(r));
    lede_status status = LEDE_OK;
    bool done = false;
    sweep(x, (struct pass){least, UINT32_MAX});
    if (!x->masks)
        status = sweep_overlap(x, least, &done);
    for (int i = 0; !done && i < HALVES && least > r->cut; i++) {
        uint32_t end = least;
        least = r->cut + (end - r->cut) / 2;
        sweep(x, (struct pass){least, end});
    }
    if (!done)
        sweep(x, (struct pass){1, least});
    return status;
}

/* Those of words that are held, of which the best ones may tell that it is better to look at the others as they come.
 */
static lede_status sweep_held(struct intersection *x) {
    lede_status status = LEDE_OK;
    bool done = all_blocks_look(x);
    x->sure = x->masks ? x->run->count : 0;
    if (!done && !x->masks)
        status = x->placed ? sweep_overlap_of_held(x, &done) : sweep_overlap(x, UINT32_MAX, &done);
    if (!done)
        sweep(x, (struct pass){1, UINT32_MAX});
    return status;
}

static lede_status sweep_bounds(struct intersection *x) {
    struct range_run *r = x->run;
    bool held = !x->counts && candidates_guess(r) > (double)r->collector->top.limit && all_blocks_hold(r);
    range_run_scale(r, false);
    if (!range_run_begin_bounds(r))
        return LEDE_NOMEM;
    const uint64_t *part;
    if (!range_run_part_set(r, &part))
        return LEDE_NOMEM;
    lede_status status = range_terms_find_blocks(r->terms, r->count, 0, part, &r->arena);
    if (status != LEDE_OK)
        return status;
    if (are_dense(r)) {
        x->masks = arena_alloc(&r->arena, r->count * sizeof *x->masks);
        if (!x->masks)
            return LEDE_NOMEM;
        x->sure = r->count;
    }
    for (size_t i = 0; i < r->count; i++)
        r->word_bounds[i] =
            (struct word_bounds){.term = r->order[i], .hot = r->order[i]->hot, .most = range_term_most(r->order[i])};
    range_bounds_sum(&r->bounds, r->word_bounds, r->count, true);
    if (r->collector->accepted)
        range_bounds_limit(&r->bounds, r->collector->accepted);
    return held ? sweep_held(x) : sweep_best_first(x);
}

/* ------------------------------------------------------------------------------------ segment -- */

/* Whether the rarest word, whose passages are looked up in the others, is better decoded whole, as a rare one is: each
 * posting is read once then, and what it gives is known before others are asked, so that the best ones come first. If
 * it has very many for each that is wanted, chunks of the best ranges tell a threshold sooner. */
static bool is_better_listed(const struct intersection *x) {
    enum { PER_RESULT = 40 };
    uint32_t doc_freq = x->run->order[0]->doc_freq;
    if (x->phrase.count > 0 || x->counts || are_dense(x->run))
        return false;
    return doc_freq / PER_RESULT <= x->run->collector->top.limit || !candidates_are_bounded(x, doc_freq, 1);
}

static bool are_held_as_sets(const struct range_run *r) {
    bool held = true;
    for (size_t i = 0; i < r->count; i++)
        held = held && range_term_set(&r->terms[i]);
    return held;
}

static lede_status run(struct intersection *x) {
    enum { FEW = 4096, FEW_PER_RESULT = 8 }; /* so few that there is little that a threshold might save */
    struct range_run *r = x->run;
    const struct overlap_search search = {.words = r->order,
                                          .count = r->count,
                                          .doc_count = r->order[0]->doc_freq,
                                          .counts = x->counts && x->phrase.count == 0};
    double guess = candidates_guess(r);
    bool few = guess <= FEW || guess <= (x->phrase.count ? 1 : FEW_PER_RESULT) * (double)r->collector->top.limit;
    x->leads = true;
    if (r->order[0]->docs)
        return candidates_of_rarest(x, few);
    /* Where all words are dense, chunks are taken as sets anyway, a range at a time. */
    size_t width = few && (!are_dense(r) || are_held_as_sets(r)) ? overlap_width(&search) : 0;
    if (width > 0)
        return candidates_of_overlap(x, width);
    if (!is_better_listed(x))
        return sweep_bounds(x);
    lede_status status = range_term_decode(r->order[0], range_run_part(r).first, range_run_part(r).end, &r->arena);
    return status == LEDE_OK ? candidates_of_rarest(x, few) : status;
}

static lede_status run_segment(struct range_run *r, const struct plan *plan, size_t segment, bool counts) {
    struct intersection x;
    intersection_init(&x, r, counts);
    lede_status status = open_terms(&x, plan, segment);
    if (status == LEDE_OK) {
        order_terms(r);
        hold_sets(r);
        hold_positions(&x);
        status = run(&x);
    }
    buffer_release(&x.phrase.starts);
    return status == LEDE_OK ? range_terms_status(r->terms, r->count) : status;
}

static lede_status look_for_best(struct range_run *r, const struct plan *plan, size_t segment) {
    return run_segment(r, plan, segment, false);
}

static lede_status look_for_all(struct range_run *r, const struct plan *plan, size_t segment) {
    return run_segment(r, plan, segment, true);
}

/* Whether so many passages have the rarest word that other threads are a help. None of the words is a list then. */
static bool is_shared(const struct plan *plan, size_t segment) {
    uint32_t least = plan->team.least_postings > MAXIMA_DOCS ? plan->team.least_postings : MAXIMA_DOCS;
    for (size_t t = 0; t < plan->query->term_count; t++)
        if (plan->infos[segment * plan->query->term_count + t].doc_freq < least)
            return false;
    return true;
}

static lede_status look_into(const struct plan *plan, size_t segment, struct collector *c, look_function *look,
                             bool *skipped, lede_error *err) {
    lede_status status = LEDE_OK;
    if (has_all(plan, segment))
        status = is_shared(plan, segment) ? slices_look(look, plan, segment, c, skipped)
                                          : slices_look_alone(look, plan, segment, c, skipped);
    return range_error(status, segment_path(plan->snapshot->segments[segment].segment), err);
}

lede_status retrieve_by_all(const struct plan *plan, size_t segment, struct collector *c, bool *skipped,
                            lede_error *err) {
    return look_into(plan, segment, c, look_for_best, skipped, err);
}

lede_status count_by_all(const struct plan *plan, size_t segment, uint64_t *count, lede_error *err) {
    struct collector c;
    bool skipped = false;
    collector_init(&c, SIZE_MAX, LEDE_GROUP_NONE, plan);
    lede_status status = look_into(plan, segment, &c, look_for_all, &skipped, err);
    *count += c.total;
    return status == LEDE_OK ? c.status : status;
}
