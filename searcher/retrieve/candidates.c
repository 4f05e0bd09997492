#include "candidates.h"

#include <string.h>

#include "core/base/counters.h"
#include "searcher/ranges/join.h"
#include "searcher/ranges/overlap.h"

/* Puts candidates from number i on into the batch, until it is full or all are there; returns the number of the next
 * one. */
static uint32_t fill_batch(struct intersection *x, const struct candidates *c, uint32_t i) {
    const struct candidates from = *c; /* else it might be written over, for all that is known */
    const uint32_t *freqs = x->run->order[0]->freqs;
    const bool leads = x->leads;
    struct word_table *table = intersection_lead(x);
    struct batch *b = &x->batch;
    uint32_t n = b->count;
    for (; i < from.count && n < BATCH; i++, n++) {
        b->docs[n] = from.docs[i];
        b->bounds[n] = from.bounds ? from.bounds[i] : UINT16_MAX;
        b->rows[n] = (uint8_t)n;
        if (leads) {
            table->indices[n] = from.indices[i];
            table->freqs[n] = freqs[from.indices[i]];
        }
    }
    b->count = n;
    return i;
}

void candidates_look_at(struct intersection *x, const struct candidates *c) {
    struct word_table *table = intersection_lead(x);
    uint32_t i = 0;
    table->known = x->leads;
    do {
        i = fill_batch(x, c, i);
        intersection_fetch_lengths(x, 0);
        intersection_evaluate(x);
    } while (i < c->count);
}

/* Leaves those whose range has the word. A word in so many passages is in nearly all ranges; of a rare one it is not
 * known. */
static void require(struct candidates *c, const struct range_term *t) {
    enum { PART = 32 };
    uint32_t n = 0;
    if (t->docs || t->doc_freq >= segment_info(t->scorer->segment)->passages / PART)
        return;
    for (uint32_t i = 0; i < c->count; i++) {
        c->docs[n] = c->docs[i];
        c->indices[n] = c->indices[i];
        n += range_term_has(t, c->docs[i] >> RANGE_SHIFT);
    }
    c->count = n;
}

/* The first place from `at` on of some document or a later one, among those that rise to `last` at least. */
static inline uint32_t pass_to(const uint32_t *docs, uint32_t at, uint32_t last, uint32_t doc) {
    enum { AT_ONCE = 8 };
    while (last - at > AT_ONCE && docs[at + AT_ONCE] < doc)
        at += AT_ONCE;
    while (docs[at] < doc)
        at++;
    return at;
}

/* Where the rarest word, which is held as a list, has the documents. */
static void find_indices(struct candidates *c, const struct range_term *t) {
    for (uint32_t i = 0, at = 0; i < c->count; i++)
        c->indices[i] = at = pass_to(t->docs, at, t->doc_freq, c->docs[i]);
}

/* Takes these documents of the rarest word, as far as their ranges have all words from number `first` on. */
static bool take_candidates(struct candidates *c, struct range_run *r, const struct overlap *from, size_t first) {
    c->count = from->count;
    c->bounds = NULL;
    c->docs = arena_alloc(&r->arena, (c->count + (size_t)1) * sizeof *c->docs);
    c->indices = arena_alloc(&r->arena, (c->count + (size_t)1) * sizeof *c->indices);
    if (!c->docs || !c->indices)
        return false;
    memcpy(c->docs, from->docs, c->count * sizeof *c->docs);
    if (from->docs == r->order[0]->docs)
        for (uint32_t i = 0; i < c->count; i++)
            c->indices[i] = i;
    else if (r->order[0]->docs)
        find_indices(c, r->order[0]);
    for (; first < r->count; first++)
        require(c, r->order[first]);
    return true;
}

/* What the rare word that leads gives. */
static void bound_by_lead(struct candidates *c, const struct range_term *t) {
    uint32_t freqs[BATCH], units[BATCH];
    for (uint32_t i = 0, n; i < c->count; i += n) {
        n = c->count - i < BATCH ? c->count - i : BATCH;
        for (uint32_t k = 0; k < n; k++)
            freqs[k] = t->freqs[c->indices[i + k]];
        range_term_units_of_all(t, c->docs + i, freqs, n, units);
        for (uint32_t k = 0; k < n; k++)
            c->bounds[i + k] = (uint16_t)units[k];
    }
}

static bool bound_candidates(struct intersection *x, struct candidates *c) {
    struct range_run *r = x->run;
    c->bounds = arena_zalloc(&r->arena, c->count + (size_t)REACH_WIDTH, sizeof *c->bounds);
    if (!c->bounds)
        return false;
    range_run_scale(r, false);
    if (x->leads)
        bound_by_lead(c, r->order[0]);
    for (size_t n = x->leads ? 1 : 0; n < r->count; n++)
        range_term_add_bounds(r->order[n], c->docs, c->count, c->bounds);
    return true;
}

/* A bound that about `want` of them reach. */
static uint32_t cut_of(const struct candidates *c, size_t want) {
    uint32_t classes[UNIT_CLASSES] = {0};
    for (uint32_t i = 0; i < c->count; i++)
        classes[units_class(c->bounds[i])]++;
    return units_reached(classes, (double)want);
}

/* Puts those of c that have at least so many units, and less than `below`, into `out`, which may be c. */
static void put_reaching(struct candidates *out, const struct candidates *c, const struct range_run *r, uint32_t least,
                         uint32_t below) {
    const uint32_t count = c->count;
    uint32_t n = 0;
    for (uint32_t first = 0; first < count; first += REACH_WIDTH) {
        uint64_t bits = r->reach(c->bounds + first, (uint16_t)least);
        bits &= below <= UINT16_MAX ? ~r->reach(c->bounds + first, (uint16_t)below) : UINT64_MAX;
        bits &= count - first < REACH_WIDTH ? (UINT64_C(1) << (count - first)) - 1 : UINT64_MAX;
        for (; bits; bits &= bits - 1, n++) {
            uint32_t i = first + (uint32_t)__builtin_ctzll(bits);
            out->docs[n] = c->docs[i];
            out->indices[n] = c->indices[i];
            out->bounds[n] = c->bounds[i];
        }
    }
    out->count = n;
}

/* Looks at those that have at least so many units, and leaves those of the others that can reach the threshold then. */
static bool look_at_best(struct intersection *x, struct candidates *c, uint32_t least) {
    struct arena *arena = &x->run->arena;
    struct candidates best = {.docs = arena_alloc(arena, c->count * sizeof *best.docs),
                              .indices = arena_alloc(arena, c->count * sizeof *best.indices),
                              .bounds = arena_alloc(arena, c->count * sizeof *best.bounds)};
    if (!best.docs || !best.indices || !best.bounds)
        return false;
    put_reaching(&best, c, x->run, least, UINT32_MAX);
    candidates_look_at(x, &best);
    put_reaching(c, c, x->run, x->run->cut, least);
    return true;
}

/* Looks at those that have at least so many units, and less than `below`, as long as they reach the threshold. */
static void look_at_some(struct intersection *x, const struct candidates *c, uint32_t least, uint32_t below) {
    const struct range_run *r = x->run;
    struct batch *b = &x->batch;
    for (uint32_t first = 0; first < c->count; first += REACH_WIDTH) {
        uint64_t bits = r->reach(c->bounds + first, (uint16_t)(least > r->cut ? least : r->cut));
        bits &= below <= UINT16_MAX ? ~r->reach(c->bounds + first, (uint16_t)below) : UINT64_MAX;
        for (; bits; bits &= bits - 1) {
            uint32_t i = first + (uint32_t)__builtin_ctzll(bits), k = b->count++;
            b->docs[k] = c->docs[i];
            b->bounds[k] = c->bounds[i];
            b->rows[k] = (uint8_t)k;
        }
        if (b->count >= BATCH)
            intersection_evaluate(x);
    }
    intersection_evaluate(x);
}

void candidates_look_at_best(struct intersection *x, const struct candidates *c) {
    enum { FIRST = 512, GROWTH = 4 };
    uint32_t classes[UNIT_CLASSES] = {0}, below = UINT32_MAX;
    for (uint32_t i = 0; i < c->count; i++)
        classes[units_class(c->bounds[i])]++;
    for (double want = FIRST; below > x->run->cut && below > 1 && !range_run_is_due(x->run); want *= GROWTH) {
        uint32_t least = want < c->count ? units_reached(classes, want) : 0;
        least = least > 1 ? least : 1;
        look_at_some(x, c, least, below);
        below = least;
    }
}

/* Leaves those that are among some documents, all of which were candidates. */
static void leave_docs(struct candidates *c, const struct overlap *o) {
    for (uint32_t i = 0, n = 0; n < o->count; n++) {
        i = pass_to(c->docs, i, c->count - 1, o->docs[n]);
        c->docs[n] = c->docs[i];
        c->indices[n] = c->indices[i];
        if (c->bounds)
            c->bounds[n] = c->bounds[i];
    }
    c->count = o->count;
}

/* Leaves those that several words have, if it takes less time to mark these than to look all up. That they have the
 * `known` first words is known. Returns in *known how many these are then. */
static lede_status leave_overlap(struct candidates *c, struct range_run *r, size_t *known) {
    const struct overlap_search search = {
        .words = r->order + *known - 1, .count = r->count - *known + 1, .docs = c->docs, .doc_count = c->count};
    size_t width = overlap_width(&search);
    struct overlap both = {0};
    if (width == 0)
        return LEDE_OK;
    lede_status status = overlap_find(&both, &search, width, &r->arena);
    *known += width - 1;
    if (status == LEDE_OK)
        leave_docs(c, &both);
    return status;
}

/* Leaves those that have the word; room is for as many numbers as there are. */
static void leave_found(struct candidates *c, struct range_term *t, uint32_t *room) {
    uint32_t n = range_term_number(t, c->docs, c->count, room);
    for (uint32_t i = 0; i < n; i++) {
        c->docs[i] = c->docs[room[i]];
        c->indices[i] = c->indices[room[i]];
    }
    c->count = n;
}

/* Leaves those that have the next words, too, as long as they are more than one batch: word by word what is looked up
 * together waits together. What most have is looked up once it is known which documents have all else, and how often.
 */
static lede_status leave_all(const struct intersection *x, struct candidates *c, size_t *known) {
    struct range_run *r = x->run;
    uint32_t *room = c->count > BATCH ? arena_alloc(&r->arena, c->count * sizeof *room) : NULL;
    if (c->count > BATCH && !room)
        return LEDE_NOMEM;
    for (; *known < r->count && c->count > BATCH && !intersection_scores_most(x, r->order[*known]); ++*known)
        leave_found(c, r->order[*known], room);
    return LEDE_OK;
}

/* Leaves those that the query's filters let pass, before words are asked for them. */
static void leave_accepted(struct candidates *c, const uint64_t *accepted) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t doc = c->docs[i];
        c->docs[n] = doc;
        c->indices[n] = c->indices[i];
        n += (uint32_t)(accepted[doc / 64] >> doc % 64 & 1);
    }
    c->count = n;
}

double candidates_guess(const struct range_run *r) {
    const struct overlap_search search = {.words = r->order, .count = r->count, .doc_count = r->order[0]->doc_freq};
    return overlap_guess(&search);
}

/* Whether so many are wanted that it takes time to have as many; what phrases match can't be foreseen. */
static bool is_long(const struct intersection *x) {
    enum { LONG_LIST = 100 };
    return x->phrase.count == 0 && x->run->collector->top.limit >= LONG_LIST;
}

/* About how many of so many documents, which have the `known` first words, have all. */
static double expected(const struct range_run *r, uint32_t candidates, size_t known) {
    const struct overlap_search search = {
        .words = r->order + known - 1, .count = r->count - known + 1, .doc_count = candidates};
    return overlap_guess(&search);
}

/* How many of them to look at first, so that the threshold is near its final height then: of a long list, so many that
 * as many as are wanted, and a tenth more, should have all words. */
static size_t first_count(const struct intersection *x, uint32_t candidates, size_t known) {
    const double spare = 1.1;
    size_t least = range_run_prime_count(x->run);
    if (!is_long(x) || candidates == 0)
        return least;
    double all = spare * (double)x->run->collector->top.limit * candidates / expected(x->run, candidates, known);
    return all < (double)least ? least : all < UINT32_MAX ? (size_t)all : UINT32_MAX;
}

/* For a long list it does if what the rarest word gives is known, and if not nearly all have to be looked at before
 * there is a threshold. For a short one it spares look-ups of those that have all words: where these are few among the
 * candidates, it takes less time to look all of these up together than to bound them. */
bool candidates_are_bounded(const struct intersection *x, uint32_t candidates, size_t known) {
    enum { PART = 4, MANY_PER_RESULT = 40 };
    const struct range_run *r = x->run;
    const double wanted = (double)r->collector->top.limit;
    if (r->collector->top.threshold >= 0)
        return true;
    if (candidates <= BATCH || candidates <= wanted)
        return false;
    if (is_long(x))
        return x->leads && first_count(x, candidates, known) < candidates / 4 * 3;
    double guess = candidates_guess(r);
    if (guess <= wanted)
        return false;
    return x->phrase.count > 0 || guess > MANY_PER_RESULT * wanted ||
           PART * expected(r, candidates, known) > candidates;
}

/* Looks at all of them: if they are many the best first, so that not all need be looked up. */
static lede_status follow(struct intersection *x, struct candidates *c, size_t known) {
    struct range_run *r = x->run;
    lede_status status = LEDE_OK;
    if (r->collector->accepted)
        leave_accepted(c, r->collector->accepted);
    COUNT(evaluated, c->count);
    bool bounded = candidates_are_bounded(x, c->count, known);
    if (!bounded)
        status = leave_all(x, c, &known);
    x->sure = known;
    if (bounded) {
        if (!bound_candidates(x, c))
            return LEDE_NOMEM;
        size_t want = first_count(x, c->count, known);
        if (c->count > want) {
            if (!look_at_best(x, c, cut_of(c, want)))
                return LEDE_NOMEM;
            status = leave_overlap(c, r, &known);
            x->sure = known;
        }
    }
    candidates_look_at(x, c);
    return status;
}

/* Counts documents that have all words, where no more is wanted. */
static lede_status count_docs(const struct intersection *x, const struct overlap *o) {
    struct collector *c = x->run->collector;
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->count; i++)
        n += collector_accepts(c, o->docs[i]);
    collector_count(c, n);
    return LEDE_OK;
}

/* Whether it is all that is wanted of documents that have the `width` first words. */
static bool are_counted(const struct intersection *x, size_t width) {
    return x->counts && x->phrase.count == 0 && width == x->run->count;
}

/* Takes the documents that all rare words have, which are *known. */
static bool take_common(struct candidates *c, struct range_run *r, size_t *known) {
    const struct range_term *lead = r->order[0];
    const size_t room = lead->doc_freq + (size_t)JOIN_ROOM;
    struct join_list left = {lead->docs, lead->doc_freq};
    uint32_t *numbers = arena_alloc(&r->arena, 3 * room * sizeof *numbers);
    if (!numbers)
        return false;
    *c = (struct candidates){.docs = numbers + room, .indices = numbers + 2 * room};
    for (; *known < r->count && r->order[*known]->docs; ++*known) {
        const struct range_term *t = r->order[*known];
        c->count = join_lists(numbers, left, (struct join_list){t->docs, t->doc_freq});
        for (uint32_t k = 0; k < c->count; k++) {
            c->indices[k] = *known == 1 ? numbers[k] : c->indices[numbers[k]];
            c->docs[k] = left.docs[numbers[k]];
        }
        for (uint32_t k = 0; k < JOIN_ROOM; k++)
            c->docs[c->count + k] = DOC_END;
        left = (struct join_list){c->docs, c->count};
    }
    return true;
}

static lede_status candidates_of_common(struct intersection *x, bool few) {
    struct range_run *r = x->run;
    struct candidates c;
    size_t known = 1;
    if (!take_common(&c, r, &known))
        return LEDE_NOMEM;
    lede_status status = few && known < r->count && c.count > 0 ? leave_overlap(&c, r, &known) : LEDE_OK;
    if (status != LEDE_OK)
        return status;
    if (are_counted(x, known))
        return count_docs(x, &(struct overlap){.docs = c.docs, .count = c.count});
    for (size_t n = known; n < r->count; n++)
        require(&c, r->order[n]);
    return follow(x, &c, known);
}

lede_status candidates_of_rarest(struct intersection *x, bool few) {
    struct range_run *r = x->run;
    if (r->count > 1 && r->order[1]->docs)
        return candidates_of_common(x, few);
    struct overlap docs = {.docs = r->order[0]->docs, .count = r->order[0]->doc_freq};
    const struct overlap_search search = {
        .words = r->order, .count = r->count, .docs = docs.docs, .doc_count = docs.count};
    size_t width = few && !(is_long(x) && candidates_are_bounded(x, docs.count, 1)) ? overlap_width(&search) : 0;
    lede_status status = width > 0 ? overlap_find(&docs, &search, width, &r->arena) : LEDE_OK;
    struct candidates c;
    if (status != LEDE_OK)
        return status;
    if (are_counted(x, width))
        return count_docs(x, &docs);
    return take_candidates(&c, r, &docs, width > 0 ? width : 1) ? follow(x, &c, width > 0 ? width : 1) : LEDE_NOMEM;
}

lede_status candidates_of_overlap(struct intersection *x, size_t width) {
    struct range_run *r = x->run;
    struct overlap_search search = {.words = r->order, .count = r->count, .marks = x->phrase.count > 0};
    struct overlap found = {0};
    struct candidates c;
    if (!range_run_part_set(r, &search.ranges))
        return LEDE_NOMEM;
    lede_status status = overlap_find(&found, &search, width, &r->arena);
    if (status != LEDE_OK)
        return status;
    if (are_counted(x, width))
        return count_docs(x, &found);
    x->leads = false;
    x->marks = found.marks;
    return take_candidates(&c, r, &found, width) ? follow(x, &c, width) : LEDE_NOMEM;
}
