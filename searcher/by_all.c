#include "by_all.h"

#include "../core/counters.h"
#include "../core/error.h"
#include "phrase.h"
#include "range_run.h"

/* A phrase: word i is terms[slots[i]]. */
struct phrase {
    uint32_t *slots;
    uint32_t *order; /* places of the phrase, that of the rarest word first */
    struct phrase_slot *places;
    uint32_t count; /* 0: none */
};

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

/* ------------------------------------------------------------------------------- one range -- */

/* Sums up what the words but the rarest can give in the range; 0 if one of them is not in it. */
static uint32_t sum_shares(struct range_run *r, uint32_t range) {
    uint32_t sum = 0;
    for (size_t i = 1; i < r->count; i++) {
        r->shares[i] = range_term_bound(r->order[i], range);
        if (r->shares[i] == 0)
            return 0;
        sum += r->shares[i];
    }
    return sum;
}

/* Leaves the documents that reach `cut`. */
static void keep(struct range_docs *alive, uint32_t cut) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < alive->count; i++) {
        alive->docs[n] = alive->docs[i];
        alive->units[n] = alive->units[i];
        n += alive->units[i] >= cut;
    }
    alive->count = n;
}

/* Leaves those that have the word, too. */
static void intersect(struct range_run *r, uint32_t range, struct range_term *t, uint32_t cut) {
    struct range_docs *alive = &r->alive;
    uint32_t n = 0, first = range << RANGE_SHIFT;
    for (uint32_t i = 0; i < alive->count; i++) {
        uint32_t freq, units = range_term_units(t, first + alive->docs[i], &freq), sum = alive->units[i] + units;
        alive->docs[n] = alive->docs[i];
        alive->units[n] = (uint16_t)sum;
        n += units > 0 && sum >= cut;
    }
    alive->count = n;
}

/* Starts of the phrase that are kept while its words are looked at; if there may be more, all are looked at at once. */
enum { STARTS = 128 };

static bool read_slot(struct range_run *r, const struct phrase *phrase, uint32_t i) {
    struct phrase_slot *slot = &phrase->places[i];
    slot->at = 0;
    slot->positions = range_term_positions(&r->terms[phrase->slots[i]], &slot->count);
    return slot->positions != NULL;
}

static bool all_follow(struct range_run *r, const struct phrase *phrase) {
    for (uint32_t i = 0; i < phrase->count; i++)
        if (!read_slot(r, phrase, i))
            return false;
    return phrase_matches(phrase->places, phrase->count);
}

/* Leaves the starts for which the word at place i of the phrase is where it should be. */
static uint32_t keep_starts(uint32_t *starts, uint32_t count, const struct phrase_slot *slot, uint32_t i) {
    uint32_t n = 0;
    for (uint32_t k = 0, at = 0; k < count; k++) {
        while (at < slot->count && slot->positions[at] < starts[k] + i)
            at++;
        if (at == slot->count)
            break;
        if (slot->positions[at] == starts[k] + i)
            starts[n++] = starts[k];
    }
    return n;
}

/* The rarest words first: mostly the others' positions are not needed. */
static bool follow_one_another(struct range_run *r, const struct phrase *phrase) {
    uint32_t starts[STARTS], count = 0, rarest = phrase->order[0];
    if (!read_slot(r, phrase, rarest))
        return false;
    const struct phrase_slot *slot = &phrase->places[rarest];
    if (slot->count > STARTS)
        return all_follow(r, phrase);
    for (uint32_t k = 0; k < slot->count; k++)
        if (slot->positions[k] >= rarest)
            starts[count++] = slot->positions[k] - rarest;
    for (uint32_t k = 1; k < phrase->count && count > 0; k++) {
        uint32_t i = phrase->order[k];
        if (!read_slot(r, phrase, i))
            return false;
        count = keep_starts(starts, count, &phrase->places[i], i);
    }
    return count > 0;
}

static void take(struct range_run *r, const struct phrase *phrase, uint32_t doc) {
    if (!collector_accepts(r->collector, doc))
        return;
    double score = range_run_score(r, doc);
    if (score < r->collector->top.threshold)
        return;
    if (!phrase->count || follow_one_another(r, phrase))
        range_run_push(r, doc, score);
}

/* Word by word, the rarest first, until no document that has them can reach the threshold with what is left. */
static void evaluate(struct range_run *r, void *ctx, uint32_t range) {
    if (range_run_accepted(r, range) == 0)
        return;
    uint32_t rest = sum_shares(r, range), cut = r->cut;
    if ((rest == 0 && r->count > 1) || rest + range_term_bound(r->order[0], range) < cut)
        return;
    range_term_read(r->order[0], range, &r->alive);
    range_run_limit(r, range);
    keep(&r->alive, cut > rest ? cut - rest : 0);
    for (size_t i = 1; i < r->count && r->alive.count > 0; i++) {
        rest -= r->shares[i];
        intersect(r, range, r->order[i], cut > rest ? cut - rest : 0);
    }
    for (uint32_t k = 0; k < r->alive.count; k++)
        if (r->alive.units[k] >= r->cut)
            take(r, ctx, (range << RANGE_SHIFT) + r->alive.docs[k]);
}

/* ------------------------------------------------------------------------------------ segment -- */

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

static void order_places(const struct range_run *r, struct phrase *phrase) {
    for (uint32_t i = 0; i < phrase->count; i++) {
        uint32_t k = i, doc_freq = r->terms[phrase->slots[i]].doc_freq;
        for (; k > 0 && r->terms[phrase->slots[phrase->order[k - 1]]].doc_freq > doc_freq; k--)
            phrase->order[k] = phrase->order[k - 1];
        phrase->order[k] = i;
    }
}

static lede_status open_phrase(struct range_run *r, struct phrase *phrase, const struct plan *plan, size_t segment) {
    const struct clause *c = &plan->query->clauses[0];
    uint32_t *numbers = arena_zalloc(&r->arena, 4 * (size_t)c->term_count, sizeof *numbers);
    phrase->places = arena_zalloc(&r->arena, c->term_count, sizeof *phrase->places);
    if (!numbers || !phrase->places)
        return LEDE_NOMEM;
    uint32_t *terms = numbers + c->term_count, *counts = terms + c->term_count;
    *phrase = (struct phrase){numbers, counts + c->term_count, phrase->places, c->term_count};
    uint32_t distinct = clause_words(c, phrase->slots, terms, counts);
    lede_status status = LEDE_OK;
    for (uint32_t n = 0; n < distinct && status == LEDE_OK; n++)
        status = range_run_add(r, plan, segment, terms[n], counts[n] * c->weight);
    if (status == LEDE_OK)
        order_places(r, phrase);
    return status;
}

static lede_status open_terms(struct range_run *r, struct phrase *phrase, const struct plan *plan, size_t segment) {
    const struct lede_query *q = plan->query;
    if (q->clauses[0].term_count > 1)
        return open_phrase(r, phrase, plan, segment);
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < q->clause_count && status == LEDE_OK; i++)
        status = range_run_add(r, plan, segment, q->clauses[i].terms[0], q->clauses[i].weight);
    return status;
}

static bool has_all(const struct plan *plan, size_t segment) {
    for (size_t t = 0; t < plan->query->term_count; t++)
        if (plan->infos[segment * plan->query->term_count + t].doc_freq == 0)
            return false;
    return true;
}

/* The ranges of a rare word, one after the other. */
static void follow_rarest(struct range_run *r, struct phrase *phrase) {
    const struct range_term *rarest = r->order[0];
    for (uint32_t i = 0; i < rarest->doc_freq;) {
        uint32_t range = rarest->docs[i] >> RANGE_SHIFT;
        COUNT(evaluated, 1);
        evaluate(r, phrase, range);
        while (i < rarest->doc_freq && rarest->docs[i] >> RANGE_SHIFT == range)
            i++;
    }
}

static lede_status sweep_bounds(struct range_run *r, struct phrase *phrase) {
    if (!range_bounds_init(&r->bounds, &r->arena, segment_info(r->scorer.segment)->passages, r->scorer.scale))
        return LEDE_NOMEM;
    range_bounds_add(&r->bounds, r->order[0]);
    for (size_t i = 1; i < r->count; i++)
        range_bounds_require(&r->bounds, r->order[i]);
    range_run_sweep(r, evaluate, phrase);
    return LEDE_OK;
}

static lede_status run_segment(struct range_run *r, const struct plan *plan, size_t segment) {
    struct phrase phrase = {0};
    lede_status status = open_terms(r, &phrase, plan, segment);
    if (status != LEDE_OK)
        return status;
    range_run_scale(r, false);
    order_terms(r);
    if (r->order[0]->docs)
        follow_rarest(r, &phrase);
    else
        status = sweep_bounds(r, &phrase);
    return status == LEDE_OK ? range_terms_status(r->terms, r->count) : status;
}

lede_status retrieve_by_all(const struct plan *plan, size_t segment, struct collector *c, bool *skipped,
                            lede_error *err) {
    if (!has_all(plan, segment))
        return LEDE_OK;
    struct range_run *r = range_run_new(plan, segment, c);
    if (!r)
        return error_nomem(err);
    lede_status status = run_segment(r, plan, segment);
    *skipped |= r->cut > 1; /* there is a threshold, and what could not reach it was passed over */
    range_run_free(r);
    return range_error(status, segment_path(plan->snapshot->segments[segment].segment), err);
}
