#include "gate.h"

#include <string.h>

#include "core/base/cpu.h"
#include "core/base/error.h"
#include "core/segment/segment_map.h"
#include "searcher/ranges/range_term.h"
#include "tally.h"

/* Sums of floats may lose this part of what they should be, a few times. */
#define FLOAT_SLACK 1.0001F

struct filling {
    struct gate *gate;
    struct arena *arena;
    const struct segment *segment;
    double stretch;
    lede_error *err;
};

static float *new_bounds(const struct filling *f) {
    return arena_zalloc(f->arena, f->gate->count, sizeof(float));
}

/* ------------------------------------------------------------------------------------ vectors -- */

FOR_EACH_CPU static void add_all(float *out, const float *part, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        out[i] += part[i];
}

FOR_EACH_CPU static void cap(float *out, float most, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        out[i] = out[i] < most ? out[i] : most;
}

FOR_EACH_CPU static void scale(float *out, float factor, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        out[i] *= factor;
}

FOR_EACH_CPU static void count_present(float *counts, const float *part, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        counts[i] += part[i] > 0 ? 1.0F : 0.0F;
}

FOR_EACH_CPU static void require_count(float *out, const float *counts, float least, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        out[i] = counts[i] >= least ? out[i] : 0;
}

static void fill(float *out, float value, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        out[i] = value;
}

/* -------------------------------------------------------------------------------------- words -- */

/* Levels that are unpacked at once. */
enum { BATCH_BITS = 8, BATCH = 1 << BATCH_BITS };

FOR_EACH_CPU static void unpack(float *out, const uint8_t *levels, const float *values) {
    for (unsigned i = 0; i < BATCH / 2; i++) {
        out[2 * i] = values[levels[i] & 15];
        out[2 * i + 1] = values[levels[i] >> 4];
    }
}

/* Adds the levels from number `first` on, a multiple of BATCH, to the 2^wider ranges of each. */
static void add_batch(float *out, uint32_t ranges, const uint8_t *levels, uint32_t count, unsigned wider,
                      const float *values) {
    uint8_t packed[BATCH / 2] = {0};
    float shares[BATCH];
    memcpy(packed, levels, (count + 1) / 2);
    unpack(shares, packed, values);
    if (wider == 0)
        add_all(out, shares, ranges);
    else
        for (uint32_t i = 0; i < ranges; i++)
            out[i] += shares[i >> wider];
}

static void add_levels(const struct filling *f, const struct postings *p, double weight, float *out) {
    unsigned wider = p->shift - RANGE_SHIFT;
    double best = p->best > 0 && p->best <= 1 ? (double)p->best : 1;
    float values[MAXIMA_LEVELS + 1], part = (float)(weight * best * f->stretch) / MAXIMA_PARTS;
    uint32_t ranges = f->gate->count, levels = ((ranges - 1) >> wider) + 1;
    for (unsigned level = 0; level <= MAXIMA_LEVELS; level++)
        values[level] = (float)maxima_part(p->parts, level) * part;
    for (uint32_t first = 0; first < levels; first += BATCH) {
        uint32_t n = levels - first < BATCH ? levels - first : BATCH, at = first << wider;
        uint32_t here = n << wider < ranges - at ? n << wider : ranges - at;
        add_batch(out + at, here, p->levels + first / 2, n, wider, values);
    }
}

static void add_postings(const struct filling *f, struct postings *p, double weight, float *out) {
    const struct bm25 *bm25 = &f->gate->plan->bm25;
    uint32_t range = UINT32_MAX, passages = segment_info(f->segment)->passages;
    const uint32_t *docs, *freqs;
    double best = 0;
    postings_go(p, 0);
    for (uint32_t n; (n = postings_run(p, &docs, &freqs)) > 0; postings_skip(p, n))
        for (uint32_t i = 0; i < n && docs[i] < passages; i++) {
            double score = bm25_score(weight, freqs[i], bm25_norm(bm25, segment_length(f->segment, docs[i])));
            if (docs[i] >> RANGE_SHIFT != range) {
                if (range != UINT32_MAX)
                    out[range] += (float)best;
                range = docs[i] >> RANGE_SHIFT;
                best = 0;
            }
            best = score > best ? score : best;
        }
    if (range != UINT32_MAX)
        out[range] += (float)best;
}

static lede_status add_term(const struct filling *f, const struct term_info *info, double weight, float *out) {
    struct postings p;
    if (info->doc_freq == 0)
        return LEDE_OK;
    postings_open(&p, f->segment, info);
    if (p.status == LEDE_OK && p.levels)
        add_levels(f, &p, weight, out);
    else if (p.status == LEDE_OK)
        add_postings(f, &p, weight, out);
    lede_status status = p.status;
    postings_release(&p);
    return range_error(status, segment_path(f->segment), f->err);
}

/* The terms added up, once for the bounds and the cursors. */
static lede_status add_tally(const struct filling *f, const struct node *word, double weight, float *out) {
    const struct plan *p = f->gate->plan;
    const struct word_scorer scorer = {.segment = f->segment, .bm25 = &p->bm25, .weight = weight};
    struct tally *tally;
    lede_status status = tally_of_word(&tally, f->arena, p, f->gate->number, word, f->err);
    if (status != LEDE_OK)
        return status;
    interrupt_stage(p->interrupt, SHARE_OF_BOUNDS);
    tally_bound(tally, &scorer, p->interrupt, out);
    f->gate->tallies[word->number] = tally;
    return interrupt_status(p->interrupt);
}

static lede_status fill_word(const struct filling *f, const struct node *word, double factor, bool positions,
                             float *out) {
    const struct plan *p = f->gate->plan;
    double weight = plan_weight(p, word, factor);
    lede_status status = LEDE_OK;
    memset(out, 0, f->gate->count * sizeof *out);
    if (word->word == WORD_STEM)
        return add_term(f, &p->infos[f->gate->number * p->query->term_count + word->term], weight, out);
    const struct expansion *e = &p->expansions[f->gate->number * p->query->pattern_count + word->number];
    if (e->count > PLAN_MERGED_TERMS || (!positions && plan_adds_up(p, f->gate->number, word)))
        status = add_tally(f, word, weight, out);
    else
        for (uint32_t i = 0; i < e->count && status == LEDE_OK; i++)
            status = add_term(f, &e->terms[i].info, weight, out);
    cap(out, (float)weight, f->gate->count);
    return status;
}

static lede_status fill_choice(const struct filling *f, const struct node *node, double factor, float *out) {
    const struct plan *p = f->gate->plan;
    float *part = new_bounds(f), weight = (float)plan_weight(p, node, factor);
    lede_status status = part ? LEDE_OK : error_nomem(f->err);
    memset(out, 0, f->gate->count * sizeof *out);
    for (const struct node *c = node->first; c && status == LEDE_OK; c = c->next) {
        double own = plan_weight(p, c, 1);
        status = fill_word(f, c, 1, true, part);
        scale(part, own > 0 ? weight / (float)own : 0, f->gate->count);
        add_all(out, part, f->gate->count);
    }
    cap(out, weight, f->gate->count);
    return status;
}

/* --------------------------------------------------------------------------------------- tree -- */

static lede_status fill_node(const struct filling *f, const struct node *node, double factor, bool positions,
                             float *out);

/* A phrase, NEAR and the like: as build.c joins their operands. */
static lede_status fill_operator(const struct filling *f, const struct node *node, double factor, float *out) {
    uint32_t *slots = arena_zalloc(f->arena, 2 * (size_t)node->count, sizeof *slots), *counts = slots + node->count;
    const struct node **operands = arena_alloc(f->arena, node->count * sizeof(struct node *));
    float *part = new_bounds(f), *present = new_bounds(f);
    if (!slots || !operands || !part || !present)
        return error_nomem(f->err);
    uint32_t distinct = node_operands(node, slots, operands, counts);
    lede_status status = LEDE_OK;
    memset(out, 0, f->gate->count * sizeof *out);
    for (uint32_t n = 0; n < distinct && status == LEDE_OK; n++) {
        status = fill_node(f, operands[n], factor * (counts[n] * node->weight), true, part);
        add_all(out, part, f->gate->count);
        count_present(present, part, f->gate->count);
    }
    require_count(out, present, (float)distinct, f->gate->count);
    return status;
}

static lede_status fill_group(const struct filling *f, const struct node *group, float *out) {
    float *part = new_bounds(f), *present = new_bounds(f);
    uint32_t musts = 0, searched = 0;
    lede_status status = part && present ? LEDE_OK : error_nomem(f->err);
    memset(out, 0, f->gate->count * sizeof *out);
    for (const struct node *c = group->first; c && status == LEDE_OK; c = c->next) {
        if (c->occur != OCCUR_SHOULD && c->occur != OCCUR_MUST)
            continue;
        status = fill_node(f, c, 1, false, part);
        add_all(out, part, f->gate->count);
        searched++;
        musts += c->occur == OCCUR_MUST;
        if (c->occur == OCCUR_MUST || group->least)
            count_present(present, part, f->gate->count);
    }
    if (status == LEDE_OK && (group->least || musts))
        require_count(out, present, (float)(group->least ? group->least : musts), f->gate->count);
    if (searched == 0) /* filters alone */
        fill(out, 1, f->gate->count);
    return status;
}

static lede_status fill_node(const struct filling *f, const struct node *node, double factor, bool positions,
                             float *out) {
    if (node->kind == NODE_ALL || node_is_filter(node)) {
        fill(out, 1, f->gate->count);
        return LEDE_OK;
    }
    switch (node->kind) {
    case NODE_WORD: return fill_word(f, node, factor, positions, out);
    case NODE_SYNONYM: return fill_choice(f, node, factor, out);
    case NODE_GROUP: return fill_group(f, node, out);
    default: return fill_operator(f, node, factor, out);
    }
}

static void limit(struct gate *g) {
    const uint64_t *accepted = g->plan->accepted ? g->plan->accepted[g->number] : NULL;
    for (uint32_t i = 0; i < g->count && accepted; i++)
        g->bounds[i] = accepted[2 * (size_t)i] | accepted[2 * (size_t)i + 1] ? g->bounds[i] : 0;
}

lede_status gate_new(struct gate **out, struct arena *arena, const struct plan *plan, size_t segment, lede_error *err) {
    const struct segment *s = plan->snapshot->segments[segment].segment;
    struct gate *g = arena_zalloc(arena, 1, sizeof *g);
    const struct filling f = {
        g, arena, s,
        maxima_stretch(s->counts.passages, s->counts.total_length, plan->bm25.norm_base, plan->bm25.norm_slope), err};
    *out = g;
    if (!g)
        return error_nomem(err);
    g->plan = plan;
    g->number = segment;
    g->count = maxima_ranges(segment_info(s)->passages, RANGE_SHIFT);
    g->tallies = arena_zalloc(arena, plan->query->pattern_count + (size_t)1, sizeof(struct tally *));
    g->bounds = new_bounds(&f);
    if (!g->tallies || !g->bounds)
        return error_nomem(err);
    lede_status status = fill_group(&f, plan->query->root, g->bounds);
    limit(g);
    return status;
}

/* ------------------------------------------------------------------------------------- asking -- */

static bool is_wanted(struct gate *g, uint32_t range) {
    float bound = g->bounds[range];
    if (bound <= 0 || bound < g->least)
        return false;
    if (g->all || (double)(bound * FLOAT_SLACK) >= g->threshold)
        return true;
    g->skipped = true;
    return false;
}

uint32_t gate_next(struct gate *g, uint32_t doc) {
    uint32_t range = doc >> RANGE_SHIFT;
    if (doc == DOC_END || (range < g->count && is_wanted(g, range)))
        return doc;
    for (range++; range < g->count; range++)
        if (is_wanted(g, range))
            return range << RANGE_SHIFT;
    return DOC_END;
}

uint32_t gate_end(struct gate *g, uint32_t doc) {
    uint32_t range = doc >> RANGE_SHIFT;
    while (range < g->count && is_wanted(g, range))
        range++;
    return range << RANGE_SHIFT;
}

struct tally *gate_tally(const struct gate *g, const struct node *word) {
    return g->tallies[word->number];
}
