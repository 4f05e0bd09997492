#include "by_all.h"

#include <string.h>

#include "../core/buffer.h"
#include "../core/counters.h"
#include "../core/cpu.h"
#include "../core/error.h"
#include "overlap.h"
#include "range_run.h"

/* Documents that are looked at together: when there are BATCH of them, to which come at most as many as are added at
 * once. */
enum { BATCH = 128, BATCH_ROOM = BATCH + CHUNK_RANGE };

/* Documents of the rarest word, which rise, and which have the words that were looked for so far. */
struct batch {
    uint32_t count;
    uint32_t docs[BATCH_ROOM];
    uint16_t bounds[BATCH_ROOM]; /* units that it has at most */
    uint8_t rows[BATCH_ROOM];    /* in the tables below */
};

/* What is known of the documents of a batch, by row. */
struct word_table {
    uint32_t indices[BATCH_ROOM]; /* where the word has them */
    uint32_t freqs[BATCH_ROOM];   /* how often, if it is known */
    bool known;
    bool found; /* else where it has them is to be looked up; that it has them is known */
};

/* A phrase: word i is terms[slots[i]]. */
struct phrase {
    uint32_t *slots;
    uint32_t *order; /* places of the phrase, that of the rarest word first */
    uint32_t count;  /* 0: none */
    /* Where it may start in the documents of the batch; and where a word stands in them. */
    struct position_masks masks, places;
    uint64_t hits[BATCH_ROOM];
    /* Of such as have positions that masks can't tell: so many, from begins[k] on. */
    struct batch others;
    struct buffer starts; /* u32 */
    uint32_t begins[BATCH_ROOM], counts[BATCH_ROOM];
};

/* A search for the documents that have all words. */
struct intersection {
    struct range_run *run;
    struct phrase phrase;
    struct batch batch;
    struct word_table *tables; /* as run->terms */
    bool leads;                /* where the rarest word has the documents of the batch is known */
    size_t sure;               /* so many of the words, in order, have them, as marks told */
    bool counts;               /* what matches is counted, and nothing else */
    /* All words are in so many documents that their postings are better read as sets: what they are in a range, as
     * run->terms; NULL if they are not. */
    struct chunk_masks *masks;
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

/* ---------------------------------------------------------------------------------- phrases -- */

/* Moves a document of the batch to the front. */
static inline void move(struct batch *b, uint32_t to, uint32_t from) {
    b->docs[to] = b->docs[from];
    b->bounds[to] = b->bounds[from];
    b->rows[to] = b->rows[from];
}

/* Leaves the documents that have the word, too; asks how often they do if that is wanted. */
static void intersect(struct intersection *x, uint32_t n, bool freqs_wanted) {
    struct batch *b = &x->batch;
    struct word_table *table = &x->tables[n];
    uint32_t found[BATCH_ROOM], freqs[BATCH_ROOM], left = 0;
    table->known = freqs_wanted;
    table->found = true;
    range_term_find(&x->run->terms[n], b->docs, b->count, found, table->known ? freqs : NULL);
    for (uint32_t k = 0; k < b->count; k++) {
        uint32_t row = b->rows[k];
        table->indices[row] = found[k];
        if (table->known)
            table->freqs[row] = freqs[k];
        move(b, left, k);
        left += found[k] != UINT32_MAX;
    }
    b->count = left;
}

/* Looks the documents up in a word that has them, unless that was done; false if the word is broken. */
static bool look_up(struct intersection *x, uint32_t n, bool freqs_wanted) {
    uint32_t count = x->batch.count;
    if (x->tables[n].found)
        return true;
    intersect(x, n, freqs_wanted);
    if (x->batch.count < count)
        x->run->terms[n].status = LEDE_CORRUPT;
    return x->batch.count == count;
}

/* Where word n has the documents left; false if it is broken. */
static bool find_places(struct intersection *x, uint32_t n, uint32_t *indices) {
    const struct batch *b = &x->batch;
    if (!look_up(x, n, false))
        return false;
    for (uint32_t k = 0; k < b->count; k++)
        indices[k] = x->tables[n].indices[b->rows[k]];
    return true;
}

/* The positions that place i of the phrase has in the documents left, one after the other, and how many each has. */
static const uint32_t *read_place(struct intersection *x, uint32_t i, uint32_t *counts) {
    const struct batch *b = &x->batch;
    uint32_t n = x->phrase.slots[i], indices[BATCH_ROOM];
    if (!find_places(x, n, indices))
        return NULL;
    return range_term_positions(&x->run->terms[n], b->docs, indices, b->count, counts);
}

/* Where the phrase may start, if the word at place i stands at these positions. */
static uint32_t find_starts(uint32_t *starts, const uint32_t *positions, uint32_t count, uint32_t i) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < count; k++) {
        starts[n] = positions[k] - i;
        n += positions[k] >= i;
    }
    return n;
}

/* Leaves the starts for which the word at place i of the phrase is where it should be. */
static uint32_t keep_starts(uint32_t *starts, uint32_t count, const uint32_t *positions, uint32_t n, uint32_t i) {
    uint32_t left = 0;
    for (uint32_t k = 0, at = 0; k < count && at < n;) {
        uint32_t wanted = starts[k] + i;
        starts[left] = starts[k];
        left += positions[at] == wanted;
        k += positions[at] >= wanted;
        at += positions[at] <= wanted;
    }
    return left;
}

/* Room for all starts that the first place allows. */
static bool make_room(struct intersection *x, const uint32_t *counts) {
    struct buffer *starts = &x->phrase.starts;
    size_t total = 0;
    for (uint32_t k = 0; k < x->batch.count; k++)
        total += counts[k];
    buffer_clear(starts);
    if (!buffer_reserve(starts, total * sizeof *counts))
        x->run->terms[0].status = LEDE_NOMEM;
    return !starts->failed;
}

/* Leaves the documents that have a start of the phrase, as far as place `order[o]` of it tells. */
static bool keep_following(struct intersection *x, uint32_t o) {
    struct batch *b = &x->batch;
    struct phrase *phrase = &x->phrase;
    uint32_t place = phrase->order[o], counts[BATCH_ROOM], left = 0;
    const uint32_t *positions = read_place(x, place, counts);
    if (!positions || (o == 0 && !make_room(x, counts)))
        return false;
    uint32_t *starts = (uint32_t *)(void *)phrase->starts.data, begin = 0;
    for (uint32_t k = 0; k < b->count; positions += counts[k++]) {
        uint32_t n = o == 0 ? find_starts(starts + begin, positions, counts[k], place)
                            : keep_starts(starts + phrase->begins[k], phrase->counts[k], positions, counts[k], place);
        phrase->begins[left] = o == 0 ? begin : phrase->begins[k];
        phrase->counts[left] = n;
        begin += n;
        move(b, left, k);
        left += n > 0;
    }
    b->count = left;
    return true;
}

/* Leaves the starts for which the word at place i of the phrase, which stands at `places`, is where it should be. */
FOR_EACH_CPU static void mask_starts(struct position_masks *starts, const struct position_masks *places, uint32_t count,
                                     uint32_t i) {
    for (uint32_t w = 0; w < POSITION_MASK_WORDS; w++) {
        const uint64_t *low = places->words[w], *high = places->words[w + 1 < POSITION_MASK_WORDS ? w + 1 : w];
        uint64_t keep = w + 1 < POSITION_MASK_WORDS ? UINT64_MAX : 0;
        for (uint32_t k = 0; k < count; k++)
            starts->words[w][k] &= low[k] >> i | (high[k] & keep) << 1 << (63 - i);
    }
}

FOR_EACH_CPU static void join_words(uint64_t *any, const struct position_masks *masks, uint32_t count) {
    for (uint32_t k = 0; k < count; k++)
        any[k] = masks->words[0][k] | masks->words[1][k] | masks->words[2][k] | masks->words[3][k];
}

/* Puts document k of a batch where it belongs in another one. */
static void insert(struct batch *into, const struct batch *from, uint32_t k) {
    uint32_t at = into->count++;
    for (; at > 0 && into->docs[at - 1] > from->docs[k]; at--)
        move(into, at, at - 1);
    into->docs[at] = from->docs[k];
    into->bounds[at] = from->bounds[k];
    into->rows[at] = from->rows[k];
}

/* Takes the documents out of the batch whose positions masks can't tell. */
static void set_apart(struct intersection *x) {
    struct batch *b = &x->batch, *others = &x->phrase.others;
    struct position_masks *masks = &x->phrase.masks, *places = &x->phrase.places;
    uint32_t left = 0;
    for (uint32_t k = 0; k < b->count; k++) {
        bool told = x->phrase.hits[k] != 0;
        if (!told)
            insert(others, b, k);
        move(b, left, k);
        for (uint32_t w = 0; w < POSITION_MASK_WORDS; w++) {
            masks->words[w][left] = masks->words[w][k];
            places->words[w][left] = places->words[w][k];
        }
        left += told;
    }
    b->count = left;
}

/* Leaves the documents that have a start of the phrase, as far as place `order[o]` of it tells. */
static bool mask_following(struct intersection *x, uint32_t o) {
    struct batch *b = &x->batch;
    struct phrase *phrase = &x->phrase;
    uint32_t place = phrase->order[o], n = phrase->slots[place], indices[BATCH_ROOM], left = 0, told = 0;
    if (!find_places(x, n, indices) ||
        !range_term_masks(&x->run->terms[n], b->docs, indices, b->count, &phrase->places))
        return false;
    join_words(phrase->hits, &phrase->places, b->count);
    for (uint32_t k = 0; k < b->count; k++)
        told += phrase->hits[k] != 0;
    if (told < b->count)
        set_apart(x);
    if (o == 0)
        memset(&phrase->masks, 0xff, sizeof phrase->masks);
    mask_starts(&phrase->masks, &phrase->places, b->count, place);
    join_words(phrase->hits, &phrase->masks, b->count);
    for (uint32_t k = 0; k < b->count; k++) {
        move(b, left, k);
        for (uint32_t w = 0; w < POSITION_MASK_WORDS; w++)
            phrase->masks.words[w][left] = phrase->masks.words[w][k];
        left += phrase->hits[k] != 0;
    }
    b->count = left;
    return true;
}

/* Leaves those that have the phrase, as lists of positions tell. */
static void keep_by_lists(struct intersection *x) {
    for (uint32_t o = 0; o < x->phrase.count && x->batch.count > 0; o++)
        if (!keep_following(x, o))
            x->batch.count = 0;
}

/* Adds those that were set apart, and have the phrase, to the batch. */
static void keep_others(struct intersection *x) {
    struct batch told = x->batch;
    x->batch = x->phrase.others;
    for (uint32_t n = 0; n < x->sure; n++) /* it was done without these */
        x->tables[x->run->order[n] - x->run->terms].found = false;
    keep_by_lists(x);
    for (uint32_t k = 0; k < told.count; k++)
        insert(&x->batch, &told, k);
}

/* A phrase of more words is not told by masks that are shifted by so much. */
enum { MASKED_WORDS = 64 };

/* Leaves those that have the phrase. The rarest words first: mostly the others' positions are not needed. */
static void keep_phrases(struct intersection *x) {
    if (x->phrase.count > MASKED_WORDS) {
        keep_by_lists(x);
        return;
    }
    x->phrase.others.count = 0;
    for (uint32_t o = 0; o < x->phrase.count && x->batch.count > 0; o++)
        if (!mask_following(x, o))
            x->batch.count = x->phrase.others.count = 0;
    if (x->phrase.others.count > 0)
        keep_others(x);
}

/* ------------------------------------------------------------------------------- one batch -- */

/* Asks how often word n is in the documents of the batch. */
static void read_freqs(struct intersection *x, uint32_t n) {
    struct batch *b = &x->batch;
    struct word_table *table = &x->tables[n];
    uint32_t indices[BATCH_ROOM], freqs[BATCH_ROOM];
    for (uint32_t k = 0; k < b->count; k++)
        indices[k] = table->indices[b->rows[k]];
    range_term_freqs_at(&x->run->terms[n], b->docs, indices, b->count, freqs);
    for (uint32_t k = 0; k < b->count; k++)
        table->freqs[b->rows[k]] = freqs[k];
    table->known = true;
}

/* The exact score of document k: what the words give, in the order of the query. */
static double score_of(struct intersection *x, uint32_t k) {
    const struct range_scorer *s = &x->run->scorer;
    double norm = bm25_norm(s->bm25, segment_length(s->segment, x->batch.docs[k])), score = 0;
    COUNT(scored, 1);
    for (uint32_t n = 0; n < x->run->count; n++)
        score += bm25_score(x->run->terms[n].weight, x->tables[n].freqs[x->batch.rows[k]], norm);
    return score;
}

/* Leaves those that are not deleted. */
static void keep_live(struct intersection *x) {
    struct batch *b = &x->batch;
    uint32_t n = 0;
    for (uint32_t k = 0; k < b->count; k++) {
        move(b, n, k);
        n += collector_accepts(x->run->collector, b->docs[k]);
    }
    b->count = n;
}

/* Takes in the documents of the batch that have all words. */
static void take_all(struct intersection *x) {
    struct range_run *r = x->run;
    keep_live(x);
    if (x->phrase.count > 0)
        keep_phrases(x);
    if (x->counts) {
        collector_count(r->collector, x->batch.count);
        return;
    }
    for (uint32_t n = 0; n < r->count && x->batch.count > 0; n++) {
        if (!look_up(x, n, true))
            x->batch.count = 0;
        else if (!x->tables[n].known)
            read_freqs(x, n);
    }
    for (uint32_t k = 0; k < x->batch.count; k++) {
        double score = score_of(x, k);
        /* Where none was passed over, all are counted. */
        if (r->cut <= 1 || score >= r->collector->top.threshold)
            range_run_push(r, x->batch.docs[k], score);
    }
}

/* Leaves the documents that can reach the threshold. */
static void keep_best(struct batch *b, uint32_t cut) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < b->count; k++) {
        move(b, n, k);
        n += b->bounds[k] >= cut;
    }
    b->count = n;
}

/* Leaves those that the query's filters let pass. */
static void keep_accepted(struct batch *b, const uint64_t *accepted) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < b->count; k++) {
        move(b, n, k);
        n += (uint32_t)(accepted[b->docs[k] / 64] >> b->docs[k] % 64 & 1);
    }
    b->count = n;
}

/* Puts the word's own units in place of what it can give at most to a passage of the range. */
static void tighten(struct intersection *x, uint32_t n) {
    struct batch *b = &x->batch;
    struct range_term *t = &x->run->terms[n];
    uint32_t freqs[BATCH_ROOM], units[BATCH_ROOM];
    if (!x->tables[n].known)
        read_freqs(x, n);
    for (uint32_t k = 0; k < b->count; k++)
        freqs[k] = x->tables[n].freqs[b->rows[k]];
    range_term_units_of_all(t, b->docs, freqs, b->count, units);
    for (uint32_t k = 0; k < b->count; k++)
        b->bounds[k] = (uint16_t)(b->bounds[k] + units[k] - range_term_bound(t, b->docs[k] >> RANGE_SHIFT));
    keep_best(b, x->run->cut);
}

/* Word by word, the rarest first, until no document that has them can reach the threshold with what is left. */
static void evaluate(struct intersection *x) {
    struct range_run *r = x->run;
    if (range_run_is_due(r))
        x->batch.count = 0;
    if (r->collector->accepted && !x->masks)
        keep_accepted(&x->batch, r->collector->accepted);
    keep_best(&x->batch, r->cut);
    for (size_t i = 0; !x->masks && i < r->count && x->batch.count > 0; i++) {
        uint32_t n = (uint32_t)(r->order[i] - r->terms);
        bool is_led = i == 0 && x->leads, is_sure = i < x->sure && r->cut <= 1;
        x->tables[n].found = !is_sure || is_led;
        if (!is_sure && !is_led)
            intersect(x, n, r->cut > 1);
        if (!x->tables[n].found)
            x->tables[n].known = false;
        if (r->cut > 1 && !(is_led && r->order[0]->docs))
            tighten(x, n);
    }
    if (x->batch.count > 0)
        take_all(x);
    x->batch.count = 0;
}

/* Puts a document of the rarest word, which has it at `index`, behind the others; it stays if it is counted. */
static inline void put(struct batch *b, struct word_table *table, uint32_t doc, uint32_t bound, uint32_t index) {
    uint32_t k = b->count;
    b->docs[k] = doc;
    b->bounds[k] = (uint16_t)bound;
    b->rows[k] = (uint8_t)k;
    table->indices[k] = index;
}

/* The lengths of the batch's documents from number `first` on, which are in no cache, are fetched before they are
 * needed. */
static void fetch_lengths(const struct intersection *x, uint32_t first) {
    const struct range_scorer *s = &x->run->scorer;
    for (uint32_t k = first; k < x->batch.count; k++)
        __builtin_prefetch(s->lengths + (size_t)x->batch.docs[k] * s->length_width);
}

static struct word_table *table_of_rarest(const struct intersection *x) {
    return &x->tables[x->run->order[0] - x->run->terms];
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

static void order_places(const struct range_run *r, struct phrase *phrase) {
    for (uint32_t i = 0; i < phrase->count; i++) {
        uint32_t k = i, doc_freq = r->terms[phrase->slots[i]].doc_freq;
        for (; k > 0 && r->terms[phrase->slots[phrase->order[k - 1]]].doc_freq > doc_freq; k--)
            phrase->order[k] = phrase->order[k - 1];
        phrase->order[k] = i;
    }
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
    return status;
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

/* ----------------------------------------------------------------------------------- candidates -- */

/* Documents that may have all words: those of a rare word, or those that several words have. */
struct candidates {
    uint32_t count;
    uint32_t *docs;
    uint32_t *indices; /* among the rarest word's documents, if it is rare and leads */
    uint16_t *bounds;  /* NULL: not known, and not needed */
};

/* Looks at those whose bound is at least `least`. */
static void look_at(struct intersection *x, const struct candidates *c, uint32_t least) {
    struct range_term *t = x->run->order[0];
    struct word_table *table = table_of_rarest(x);
    struct batch *b = &x->batch;
    table->known = x->leads;
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t k = x->leads ? c->indices[i] : 0, bound = c->bounds ? c->bounds[i] : UINT16_MAX;
        put(b, table, c->docs[i], bound, k);
        if (x->leads)
            table->freqs[b->count] = t->freqs[k];
        b->count += bound >= least;
        if (b->count == BATCH) {
            fetch_lengths(x, 0);
            evaluate(x);
        }
    }
    fetch_lengths(x, 0);
    evaluate(x);
}

/* Leaves those whose range has the word. */
static void require(struct candidates *c, const struct range_term *t) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        c->docs[n] = c->docs[i];
        c->indices[n] = c->indices[i];
        n += range_term_has(t, c->docs[i] >> RANGE_SHIFT);
    }
    c->count = n;
}

/* Takes these documents, as far as their ranges have all words from number `first` on. */
static bool take_candidates(struct candidates *c, struct range_run *r, const struct overlap *from, size_t first) {
    c->count = from->count;
    c->bounds = NULL;
    c->docs = arena_alloc(&r->arena, (c->count + (size_t)1) * sizeof *c->docs);
    c->indices = arena_alloc(&r->arena, (c->count + (size_t)1) * sizeof *c->indices);
    if (!c->docs || !c->indices)
        return false;
    memcpy(c->docs, from->docs, c->count * sizeof *c->docs);
    for (uint32_t i = 0; i < c->count; i++)
        c->indices[i] = i;
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

/* Adds what the word can give at most. */
static void add_bounds(struct candidates *c, struct range_term *t) {
    for (uint32_t i = 0; i < c->count; i++)
        c->bounds[i] = (uint16_t)(c->bounds[i] + range_term_bound(t, c->docs[i] >> RANGE_SHIFT));
}

static bool bound_candidates(struct intersection *x, struct candidates *c) {
    struct range_run *r = x->run;
    c->bounds = arena_zalloc(&r->arena, c->count + (size_t)1, sizeof *c->bounds);
    if (!c->bounds)
        return false;
    range_run_scale(r, false);
    if (x->leads)
        bound_by_lead(c, r->order[0]);
    for (size_t n = x->leads ? 1 : 0; n < r->count; n++)
        add_bounds(c, r->order[n]);
    return true;
}

/* A bound that about `want` of them reach. */
static uint32_t cut_of(const struct candidates *c, size_t want) {
    uint32_t counts[256] = {0}, class = 255;
    for (uint32_t i = 0; i < c->count; i++)
        counts[c->bounds[i] >> 8]++;
    for (size_t n = counts[255]; n<want &&class> 0; n += counts[--class])
        continue;
    return class << 8;
}

/* Leaves those that can reach the threshold, and that were not looked at before, as all were that reach `least`. */
static void leave_rest(struct candidates *c, uint32_t cut, uint32_t least) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        c->docs[n] = c->docs[i];
        c->indices[n] = c->indices[i];
        c->bounds[n] = c->bounds[i];
        n += (c->bounds[i] >= cut) & (c->bounds[i] < least);
    }
    c->count = n;
}

/* Leaves those that are among some documents, all of which were candidates. */
static void leave_docs(struct candidates *c, const struct overlap *o) {
    uint32_t n = 0;
    for (uint32_t i = 0; n < o->count && i < c->count; i++) {
        uint32_t doc = c->docs[i];
        c->docs[n] = doc;
        c->indices[n] = c->indices[i];
        if (c->bounds)
            c->bounds[n] = c->bounds[i];
        n += doc == o->docs[n];
    }
    c->count = n;
}

/* Leaves those that several words have, if it takes less time to mark these than to look all up. That they have the
 * `known` first words is known. Returns in *known how many these are then. */
static lede_status leave_overlap(struct candidates *c, struct range_run *r, size_t *known) {
    const struct overlap_search search = {r->order + *known - 1, r->count - *known + 1, c->docs, c->count, NULL};
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

/* About how many documents have all words. */
static double guess(const struct range_run *r) {
    const struct overlap_search search = {r->order, r->count, NULL, r->order[0]->doc_freq, NULL};
    return overlap_guess(&search);
}

/* Whether there will be a threshold that spares something. */
static bool is_bounded(const struct range_run *r, uint32_t candidates) {
    const struct topk *top = &r->collector->top;
    return top->threshold >= 0 || (candidates > BATCH && guess(r) > (double)top->limit);
}

/* Looks at all of them: if they are many the best first, so that not all need be looked up. */
static lede_status follow(struct intersection *x, struct candidates *c, size_t known) {
    struct range_run *r = x->run;
    lede_status status = LEDE_OK;
    size_t want = range_run_prime_count(r);
    COUNT(evaluated, c->count);
    x->sure = known;
    if (is_bounded(r, c->count)) {
        if (!bound_candidates(x, c))
            return LEDE_NOMEM;
        if (c->count > 2 * want) {
            uint32_t least = cut_of(c, want);
            look_at(x, c, least);
            leave_rest(c, r->cut, least);
            status = leave_overlap(c, r, &known);
            x->sure = known;
        }
    }
    look_at(x, c, 0);
    return status;
}

static lede_status follow_rarest(struct intersection *x, bool few) {
    struct range_run *r = x->run;
    const struct overlap all = {r->order[0]->docs, r->order[0]->doc_freq};
    struct candidates c;
    size_t known = 1;
    if (!take_candidates(&c, r, &all, 1))
        return LEDE_NOMEM;
    lede_status status = few ? leave_overlap(&c, r, &known) : LEDE_OK;
    return status == LEDE_OK ? follow(x, &c, known) : status;
}

/* The documents that the `width` first words have. */
static lede_status follow_overlap(struct intersection *x, size_t width) {
    struct range_run *r = x->run;
    const struct overlap_search search = {r->order, r->count, NULL, 0, NULL};
    struct overlap found = {0};
    struct candidates c;
    lede_status status = overlap_find(&found, &search, width, &r->arena);
    if (status != LEDE_OK)
        return status;
    x->leads = false;
    return take_candidates(&c, r, &found, width) ? follow(x, &c, width) : LEDE_NOMEM;
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
    struct word_table *table = table_of_rarest(x);
    uint32_t cut = cut_in(r, pass), before = b->count;
    table->known = r->cut > 1;
    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t bound = sums[run->docs[i] >> RANGE_SHIFT];
        put(b, table, run->docs[i], bound, index + i);
        table->freqs[b->count] = run->freqs[i];
        b->count += (bound >= cut) & (bound < pass.end);
    }
    fetch_lengths(x, before);
    if (b->count >= BATCH)
        evaluate(x);
}

static void add_chunk(struct intersection *x, uint32_t number, struct pass pass) {
    struct range_term *t = x->run->order[0];
    struct chunk_table *chunks = &t->postings.chunks;
    struct chunk_walk walk = {0};
    struct chunk_run run = {0};
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

/* The documents of a range that have all words: those that reach the threshold, if there is one, with their units. */
static void read_range(struct intersection *x, uint32_t range, uint64_t *left, uint16_t *sums) {
    struct range_run *r = x->run;
    struct range_lengths *lengths = range_lengths_of(r, range);
    const uint64_t *accepted = r->collector->accepted;
    for (uint32_t w = 0; w < RANGE_DOCS / 64; w++)
        left[w] = accepted ? accepted[range * (RANGE_DOCS / 64) + w] : UINT64_MAX;
    for (size_t i = 0; i < r->count && (left[0] | left[1]); i++) {
        struct range_term *t = r->order[i];
        struct chunk_masks *masks = &x->masks[t - r->terms];
        if (r->cut > 1)
            range_term_add_all(t, range, lengths, left, masks, sums);
        else
            range_term_read_set(t, range, masks->set);
        left[0] &= masks->set[0];
        left[1] &= masks->set[1];
    }
    for (uint32_t w = 0; r->cut > 1 && w < RANGE_DOCS / 64; w++)
        left[w] &= left[w] ? r->reach(sums + 64 * (size_t)w, (uint16_t)r->cut) : 0;
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
    read_range(x, range, left, sums);
    for (uint32_t w = 0; w < RANGE_DOCS / 64; w++)
        for (uint64_t bits = left[w]; bits; bits &= bits - 1)
            places[n++] = w * 64 + (uint32_t)__builtin_ctzll(bits);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = b->count++;
        b->docs[k] = (range << RANGE_SHIFT) + places[i];
        b->bounds[k] = x->run->cut > 1 ? sums[places[i]] : UINT16_MAX;
        b->rows[k] = (uint8_t)k;
    }
    for (size_t t = 0; t < x->run->count && n > 0; t++) {
        number_all(x->tables[t].indices + first, x->masks[t].set, places, n);
        x->tables[t].known = false;
        x->tables[t].found = true;
    }
    if (b->count >= BATCH)
        evaluate(x);
}

/* ------------------------------------------------------------------------------------- sweeps -- */

static void sweep(struct intersection *x, struct pass pass) {
    unsigned wide = x->run->order[0]->postings.chunks.shift - RANGE_SHIFT;
    uint32_t done = 0; /* ranges, whole chunks at a time */
    for (uint32_t first = 0; first < x->run->bounds.count; first += REACH_WIDTH) {
        if (x->masks && range_run_is_due(x->run)) /* sets may be gone through for long without a document */
            break;
        while (done < first + REACH_WIDTH) {
            uint64_t bits = ranges_in(x->run, first, pass) & UINT64_MAX << (done > first ? done - first : 0);
            if (bits == 0)
                break;
            uint32_t chunk = (first + (uint32_t)__builtin_ctzll(bits)) >> wide;
            if (x->masks)
                add_range(x, chunk);
            else
                add_chunk(x, chunk, pass);
            done = (chunk + 1) << wide;
        }
    }
    evaluate(x);
}

/* A bit for each range below `end` that can reach the threshold; returns how many these are. */
static uint32_t mark_rest(const struct range_run *r, uint32_t end, uint64_t *ranges) {
    uint32_t count = 0;
    for (uint32_t first = 0; first < r->bounds.count; first += REACH_WIDTH) {
        uint64_t bits = ranges_in(r, first, (struct pass){1, end});
        ranges[first / REACH_WIDTH] = bits;
        count += (uint32_t)__builtin_popcountll(bits);
    }
    return count;
}

/* Looks at the ranges below `end`, if it takes less time to mark words there than to look up what the rarest has: sets
 * *done then. */
static lede_status sweep_overlap(struct intersection *x, uint32_t end, bool *done) {
    struct range_run *r = x->run;
    uint64_t *ranges = arena_alloc(&r->arena, (r->bounds.count / REACH_WIDTH + 1) * sizeof *ranges);
    if (!ranges)
        return LEDE_NOMEM;
    uint32_t wanted = mark_rest(r, end, ranges), each = r->order[0]->doc_freq / r->bounds.count + 1;
    const struct overlap_search search = {r->order, r->count, NULL, wanted * each, ranges};
    size_t width = overlap_width(&search);
    struct overlap found = {0};
    struct candidates c = {0};
    if (width == 0)
        return LEDE_OK;
    lede_status status = overlap_find(&found, &search, width, &r->arena);
    c.docs = found.docs;
    c.count = found.count;
    c.bounds = arena_alloc(&r->arena, (c.count + (size_t)1) * sizeof *c.bounds);
    if (status != LEDE_OK || !c.bounds)
        return status == LEDE_OK ? LEDE_NOMEM : status;
    for (uint32_t i = 0; i < c.count; i++)
        c.bounds[i] = r->bounds.sums[c.docs[i] >> RANGE_SHIFT];
    x->leads = false;
    x->sure = width;
    look_at(x, &c, 0);
    *done = true;
    return LEDE_OK;
}

static lede_status sweep_bounds(struct intersection *x) {
    struct range_run *r = x->run;
    range_run_scale(r, false);
    if (!range_bounds_init(&r->bounds, &r->arena, segment_info(r->scorer.segment)->passages, r->scorer.scale))
        return LEDE_NOMEM;
    lede_status status = range_terms_find_ranges(r->terms, r->count, &r->arena);
    if (status != LEDE_OK)
        return status;
    /* The chunks of the more frequent words are no wider. */
    if (r->order[0]->postings.chunks.shift == RANGE_SHIFT) {
        x->masks = arena_alloc(&r->arena, r->count * sizeof *x->masks);
        if (!x->masks)
            return LEDE_NOMEM;
    }
    range_bounds_add(&r->bounds, r->order[0]);
    for (size_t i = 1; i < r->count; i++)
        range_bounds_require(&r->bounds, r->order[i]);
    if (r->collector->accepted)
        range_bounds_limit(&r->bounds, r->collector->accepted);
    uint32_t least = range_bounds_cut(&r->bounds, range_run_prime_count(r));
    sweep(x, (struct pass){least, UINT32_MAX});
    bool done = false;
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

/* ------------------------------------------------------------------------------------ segment -- */

static lede_status run(struct intersection *x) {
    enum { FEW = 1024 }; /* there is little that a threshold might save */
    struct range_run *r = x->run;
    const struct overlap_search search = {r->order, r->count, NULL, r->order[0]->doc_freq, NULL};
    bool few = guess(r) <= FEW || guess(r) <= (double)r->collector->top.limit;
    x->leads = true;
    if (r->order[0]->docs)
        return follow_rarest(x, few);
    /* Where all words are dense, they are taken as sets anyway. */
    bool dense = r->order[0]->postings.chunks.shift == RANGE_SHIFT;
    size_t width = few && !dense ? overlap_width(&search) : 0;
    return width > 0 ? follow_overlap(x, width) : sweep_bounds(x);
}

static lede_status run_segment(struct range_run *r, const struct plan *plan, size_t segment, bool counts) {
    struct intersection x = {.run = r, .counts = counts};
    lede_status status = open_terms(&x, plan, segment);
    if (status == LEDE_OK) {
        order_terms(r);
        status = run(&x);
    }
    buffer_release(&x.phrase.starts);
    return status == LEDE_OK ? range_terms_status(r->terms, r->count) : status;
}

static lede_status look_into(const struct plan *plan, size_t segment, struct collector *c, bool counts, bool *skipped,
                             lede_error *err) {
    if (!has_all(plan, segment))
        return LEDE_OK;
    struct range_run *r = range_run_new(plan, segment, c);
    if (!r)
        return error_nomem(err);
    lede_status status = run_segment(r, plan, segment, counts);
    *skipped |= r->cut > 1; /* there is a threshold, and what could not reach it was passed over */
    range_run_free(r);
    return range_error(status, segment_path(plan->snapshot->segments[segment].segment), err);
}

lede_status retrieve_by_all(const struct plan *plan, size_t segment, struct collector *c, bool *skipped,
                            lede_error *err) {
    return look_into(plan, segment, c, false, skipped, err);
}

lede_status count_by_all(const struct plan *plan, size_t segment, uint64_t *count, lede_error *err) {
    struct collector c;
    bool skipped = false;
    collector_init(&c, SIZE_MAX, LEDE_GROUP_NONE, plan);
    lede_status status = look_into(plan, segment, &c, true, &skipped, err);
    *count += c.total;
    return status == LEDE_OK ? c.status : status;
}
