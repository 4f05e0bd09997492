#include "range_term.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "core/base/counters.h"
#include "core/base/cpu.h"
#include "core/base/error.h"
#include "core/segment/hot_terms.h"
#include "core/segment/segment_map.h"
#include "core/text/unicode.h"
#include "join.h"

/* Bounds that are wider than this are hardly ever below the threshold. */
#define MAX_STRETCH 3.0

/* What rounding may take from a unit, as a part of it: those of floats, a few times. */
#define FLOAT_SLACK 1.000001F

static double stretch_of(const struct segment *segment, const struct bm25 *bm25) {
    const struct segment_counts *c = &segment->counts;
    return maxima_stretch(c->passages, c->total_length, bm25->norm_base, bm25->norm_slope);
}

bool range_maxima_help(const struct plan *plan) {
    for (size_t i = 0; i < plan->snapshot->segment_count; i++)
        if (stretch_of(plan->snapshot->segments[i].segment, &plan->bm25) > MAX_STRETCH)
            return false;
    return true;
}

lede_status range_terms_status(const struct range_term *terms, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (terms[i].status != LEDE_OK || terms[i].postings.status != LEDE_OK)
            return terms[i].status != LEDE_OK ? terms[i].status : terms[i].postings.status;
    return LEDE_OK;
}

lede_status range_error(lede_status status, const char *path, lede_error *err) {
    if (status == LEDE_NOMEM)
        return error_nomem(err);
    if (status == LEDE_UNSUPPORTED) /* a text that forms are looked for in takes ICU */
        return unicode_unsupported(err);
    if (status != LEDE_OK)
        error_set(err, status, "%s: corrupt postings; run `lede check`, then restore the index or index again", path);
    return status;
}

/* ---------------------------------------------------------------------------------- scorer -- */

FOR_EACH_CPU static void fill_norms(struct range_scorer *s) {
    for (uint32_t i = 0; i < 256; i++) {
        s->norms[i] = s->base + s->slope * (float)i;
        s->once[i] = 1 / (1 + s->norms[i]);
    }
}

void range_scorer_init(struct range_scorer *s, const struct segment *segment, const struct bm25 *bm25) {
    s->segment = segment;
    s->bm25 = bm25;
    s->lengths = segment_lengths(segment, &s->length_width);
    /* Lengths of two bytes and more are put into 256 classes, of which the longest are the last. */
    s->length_shift = s->length_width == 1 ? 0 : 2;
    s->stored = s->length_width == 1 ? segment->counts.passages >> RANGE_SHIFT : 0;
    s->stretch = stretch_of(segment, bm25);
    s->shrink =
        maxima_shrink(segment->counts.passages, segment->counts.total_length, bm25->norm_base, bm25->norm_slope);
    s->base = (float)bm25->norm_base;
    s->slope = (float)(bm25->norm_slope * (1 << s->length_shift));
    s->scale = 0;
    s->add = add_units_best();
    s->docs_ops = range_docs_ops_best();
}

static inline unsigned class_of(const struct range_scorer *s, uint32_t doc) {
    if (s->length_width == 1)
        return s->lengths[doc];
    uint32_t length =
        s->length_width == 2 ? load_u16(s->lengths + 2 * (size_t)doc) : load_u32(s->lengths + 4 * (size_t)doc);
    length >>= s->length_shift;
    return length < 255 ? length : 255;
}

/* The same of n lengths, which take two bytes. */
static inline __attribute__((always_inline)) void class_shorts(uint8_t *classes, const uint8_t *lengths, unsigned shift,
                                                               uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        uint16_t length = (uint16_t)(load_u16(lengths + 2 * (size_t)i) >> shift);
        classes[i] = (uint8_t)(length < 255 ? length : 255);
    }
}

FOR_EACH_CPU static void class_range(uint8_t *classes, const uint8_t *lengths, unsigned shift) {
    class_shorts(classes, lengths, shift, RANGE_DOCS);
}

FOR_EACH_CPU static void class_block(uint8_t *classes, const uint8_t *lengths, unsigned shift) {
    class_shorts(classes, lengths, shift, HOT_BLOCK);
}

const uint8_t *range_classes_put(const struct range_scorer *s, uint32_t range, uint8_t *room) {
    uint32_t first = range << RANGE_SHIFT, passages = s->segment->counts.passages;
    uint32_t n = passages - first < RANGE_DOCS ? passages - first : RANGE_DOCS;
    if (s->length_width == 2 && n == RANGE_DOCS) {
        class_range(room, s->lengths + 2 * (size_t)first, s->length_shift);
        return room;
    }
    for (uint32_t i = 0; i < RANGE_DOCS; i++)
        room[i] = i < n ? (uint8_t)class_of(s, first + i) : 0;
    return room;
}

const uint8_t *block_classes_put(const struct range_scorer *s, uint32_t range, unsigned block, uint8_t *room) {
    uint32_t first = (range << RANGE_SHIFT) + block * HOT_BLOCK, passages = s->segment->counts.passages;
    if (s->length_width == 2 && passages - first >= HOT_BLOCK) {
        class_block(room, s->lengths + 2 * (size_t)first, s->length_shift);
        return room;
    }
    return range_classes_put(s, range, room) + block * HOT_BLOCK;
}

/* ------------------------------------------------------------------------------------- opening -- */

/* With room for whole words of 64 bits. */
static uint8_t *new_blocks(const struct range_term *t, struct arena *arena) {
    return arena_zalloc(arena, maxima_ranges(t->scorer->segment->counts.passages, RANGE_SHIFT) + sizeof(uint64_t), 1);
}

static bool make_list(struct range_term *t, struct arena *arena) {
    size_t room = t->doc_freq + (size_t)JOIN_ROOM;
    t->docs = arena_alloc(arena, room * sizeof *t->docs);
    t->freqs = arena_alloc(arena, room * sizeof *t->freqs);
    t->knows_units = false;
    return t->docs && t->freqs;
}

static void end_list(struct range_term *t, uint32_t n) {
    COUNT(postings, n);
    t->doc_freq = n;
    for (uint32_t i = 0; i < JOIN_ROOM; i++)
        t->docs[n + i] = DOC_END;
}

static lede_status decode(struct range_term *t, struct arena *arena) {
    t->doc_units = arena_alloc(arena, (t->doc_freq + (size_t)JOIN_ROOM) * sizeof *t->doc_units);
    if (!make_list(t, arena) || !t->doc_units)
        return t->status = LEDE_NOMEM;
    const uint32_t *docs, *freqs;
    uint32_t n = postings_take_blocks(&t->postings, t->docs, t->freqs);
    /* The last ones stay in the cursor, too, for their positions. */
    postings_go(&t->postings, n);
    uint32_t k = postings_run(&t->postings, &docs, &freqs);
    memcpy(t->docs + n, docs, k * sizeof *docs);
    memcpy(t->freqs + n, freqs, k * sizeof *freqs);
    end_list(t, n + k);
    return t->postings.status;
}

/* The postings of the chunk in hand; false if they can't be. */
static bool take_chunk(struct range_term *t, uint32_t *docs, uint32_t *freqs) {
    struct chunk_table *chunks = &t->postings.chunks;
    struct chunk_walk walk = {0};
    uint32_t n = 0, count = chunks->chunk.count;
    for (uint32_t k; n < count; n += k) {
        uint32_t most = count - n < CHUNK_RANGE ? count - n : CHUNK_RANGE;
        k = chunk_table_take(chunks, &walk, docs + n, freqs + n, most);
        if (k == 0)
            return false;
    }
    return true;
}

/* Whether documents rise, and are some that there are. */
static bool are_documents(const uint32_t *docs, uint32_t n, uint32_t passages) {
    return docs_rise(docs, n) && (n == 0 || docs[n - 1] < passages);
}

lede_status range_term_decode(struct range_term *t, uint32_t first, uint32_t end, struct arena *arena) {
    struct chunk_table *chunks = &t->postings.chunks;
    const unsigned wide = chunks->shift - RANGE_SHIFT;
    uint32_t n = 0, number = first >> wide, behind = ((end - 1) >> wide) + 1;
    if (!make_list(t, arena))
        return t->status = LEDE_NOMEM;
    for (; number < behind && number < chunk_table_count(chunks); number++, n += chunks->chunk.count)
        if (!chunk_table_go(chunks, number) || chunks->chunk.count > t->doc_freq - n ||
            !take_chunk(t, t->docs + n, t->freqs + n))
            return t->status = LEDE_CORRUPT;
    bool is_part = first > 0 || behind < chunk_table_count(chunks);
    if ((n < t->doc_freq && !is_part) || !are_documents(t->docs, n, t->scorer->segment->counts.passages))
        return t->status = LEDE_CORRUPT;
    end_list(t, n);
    return LEDE_OK;
}

lede_status range_term_init(struct range_term *t, struct arena *arena, const struct range_scorer *scorer,
                            const struct term_info *info, double weight) {
    t->scorer = scorer;
    t->info = info;
    t->weight = t->max_score = weight;
    t->doc_freq = info->doc_freq;
    t->status = LEDE_OK;
    t->docs = NULL;
    t->hot = NULL;
    t->set = NULL;
    t->positions = NULL;
    t->numbers = NULL;
    t->reads = 0;
    t->blocks = NULL;
    t->at = 0;
    postings_open(&t->postings, scorer->segment, info);
    if (t->postings.status != LEDE_OK)
        return t->postings.status;
    if (!t->postings.levels)
        return decode(t, arena);
    double best = t->postings.best > 0 && t->postings.best <= 1 ? (double)t->postings.best : 1;
    /* This may be above the weight, but the levels are parts of it. */
    t->max_score = weight * best * scorer->stretch;
    return LEDE_OK;
}

void range_term_hold(struct range_term *t) {
    const struct segment *s = t->scorer->segment;
    t->hot = t->docs ? NULL : hot_terms_hold(segment_hot(s), s, t->info);
}

void range_term_give_back(struct range_term *t) {
    hot_terms_give_back(segment_hot(t->scorer->segment), t->hot);
    t->hot = NULL;
}

void range_term_hold_set(struct range_term *t) {
    const struct segment *s = t->scorer->segment;
    t->set = t->docs ? NULL : hot_terms_hold_set(segment_hot(s), s, t->info);
}

static void give_positions_back(struct range_term *t) {
    struct hot_terms *hot = segment_hot(t->scorer->segment);
    hot_terms_read(hot, t->info, t->reads);
    hot_terms_give_back_positions(hot, t->positions);
    hot_terms_give_back_set(hot, t->numbers);
    t->positions = NULL;
    t->numbers = NULL;
    t->reads = 0;
}

void range_term_hold_positions(struct range_term *t) {
    const struct segment *s = t->scorer->segment;
    t->positions = t->docs ? NULL : hot_terms_hold_positions(segment_hot(s), s, t->info);
    t->numbers = t->positions ? hot_terms_hold_set(segment_hot(s), s, t->info) : NULL;
    if (!t->numbers)
        give_positions_back(t);
}

void range_term_release(struct range_term *t) {
    range_term_give_back(t);
    give_positions_back(t);
    hot_terms_give_back_set(segment_hot(t->scorer->segment), t->set);
    t->set = NULL;
    postings_release(&t->postings);
}

FOR_EACH_CPU static void fill_units(struct range_term *t, const float *once, float factor) {
    uint32_t max = t->max_units;
    for (unsigned i = 0; i < 256; i++) {
        uint32_t units = (uint32_t)(once[i] * factor) + 1;
        t->units[i] = (uint16_t)(units < max ? units : max);
    }
}

_Static_assert(MAXIMA_DOCS <= UINT16_MAX, "a rare word's documents are numbered in 16 bits");

/* Marks the blocks of a rare word's documents, a bit each, and where those of each range start. */
static void mark_blocks(const struct range_term *t) {
    for (uint32_t i = t->doc_freq; i-- > 0;) {
        uint32_t range = t->docs[i] >> RANGE_SHIFT;
        t->blocks[range] |= range_block_bit(t->docs[i]);
        t->starts[range] = (uint16_t)i;
    }
}

/* Of a rare word, whose documents are not marked. */
static lede_status make_room(struct range_term *t, struct arena *arena) {
    t->blocks = new_blocks(t, arena);
    t->starts = arena_alloc(arena, maxima_ranges(t->scorer->segment->counts.passages, RANGE_SHIFT) * sizeof *t->starts);
    return t->blocks && t->starts ? LEDE_OK : (t->status = LEDE_NOMEM);
}

lede_status range_terms_make_room(struct range_term *terms, size_t count, struct arena *arena) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < count && status == LEDE_OK; i++)
        status = terms[i].docs ? make_room(&terms[i], arena) : LEDE_OK;
    return status;
}

static lede_status find_blocks(struct range_term *t, const uint64_t *wanted, struct arena *arena) {
    if (t->docs) {
        lede_status status = make_room(t, arena);
        if (status == LEDE_OK)
            mark_blocks(t);
        return status;
    }
    uint8_t *blocks = new_blocks(t, arena);
    if (!blocks)
        return t->status = LEDE_NOMEM;
    uint64_t *bits = (uint64_t *)(void *)blocks;
    if (!chunk_table_mark_blocks(&t->postings.chunks, t->scorer->segment->counts.passages, wanted, bits))
        return t->status = LEDE_CORRUPT;
    t->blocks = blocks;
    return LEDE_OK;
}

lede_status range_terms_find_blocks(struct range_term *terms, size_t count, uint32_t most, const uint64_t *wanted,
                                    struct arena *arena) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < count && status == LEDE_OK; i++) {
        struct range_term *t = &terms[i];
        if (!t->blocks && !t->hot && (t->docs || t->postings.shift > RANGE_SHIFT || t->doc_freq <= most))
            status = find_blocks(t, wanted, arena);
    }
    return status;
}

/* The classes of the lengths of n documents. */
static inline void classes_of(const struct range_scorer *s, const uint32_t *docs, uint32_t n, uint8_t *classes) {
    for (uint32_t i = 0; i < n; i++)
        classes[i] = (uint8_t)class_of(s, docs[i]);
}

/* The frequencies are not needed beside them, but for exact scores. */
FOR_EACH_CPU static void fill_doc_units(struct range_term *t) {
    enum { BATCH = 128 };
    const struct word_gift gift = t->gift;
    uint8_t classes[BATCH];
    for (uint32_t first = 0, n; first < t->doc_freq; first += n) {
        n = t->doc_freq - first < BATCH ? t->doc_freq - first : BATCH;
        classes_of(t->scorer, t->docs + first, n, classes);
        for (uint32_t i = 0; i < n; i++)
            t->doc_units[first + i] = (uint16_t)word_gift_of(&gift, t->freqs[first + i], classes[i]);
    }
    t->knows_units = true;
}

/* So that an impact of 65535 gives what the word can. */
static double weight_units(double score) {
    return ceil(score * ((UINT16_MAX + 1.0) / UINT16_MAX) * (1 + 1e-6));
}

/* Units are rounded up: those of a level by no more than 2, and a passage's own by less than 4. */
enum { ROUNDED = 4 };

static void fill_levels(struct range_term *t) {
    double each = t->max_score / MAXIMA_PARTS * t->scorer->scale;
    for (unsigned level = 0, least = 0; level <= MAXIMA_LEVELS; level++) {
        unsigned part = maxima_part(t->postings.parts, level), units = (unsigned)ceil(part * each) + 1;
        t->level_units[level] = (uint16_t)(level ? units : 0);
        t->level_least[level] = (uint16_t)least;
        least = units > ROUNDED ? units - ROUNDED : 0;
    }
    level_table_finish(t->level_units);
    level_table_finish(t->level_least);
}

void range_terms_scale(struct range_scorer *scorer, struct range_term *terms, size_t count, bool all) {
    double total = 0, heaviest = 0;
    fill_norms(scorer);
    impact_table_fill(&scorer->impacts, scorer->norms);
    for (size_t i = 0; i < count; i++) {
        total += terms[i].max_score;
        heaviest = fmax(heaviest, terms[i].weight);
    }
    /* Each word's share may be rounded up by 2. */
    scorer->scale = total > 0 ? (UINT16_MAX - 2.0 * (double)count - 1) / total : 1;
    /* Nor may a weight leave 16 bits, though no document may have all of it. */
    if (heaviest * scorer->scale > UINT16_MAX - 2)
        scorer->scale = (UINT16_MAX - 2) / heaviest;
    for (size_t i = 0; i < count; i++) {
        struct range_term *t = &terms[i];
        t->max_units = (uint32_t)ceil(t->max_score * scorer->scale) + 1;
        if (!t->docs)
            fill_levels(t);
        float factor = (float)(t->weight * scorer->scale) * FLOAT_SLACK;
        t->gift = (struct word_gift){scorer->base, scorer->slope, factor, (uint16_t)t->max_units};
        t->word = (struct word_units){(uint16_t)weight_units(t->weight * scorer->scale), (uint16_t)t->max_units};
        fill_units(t, scorer->once, factor);
        if (t->docs && all)
            fill_doc_units(t);
    }
}

/* ------------------------------------------------------------------------------- a rare word -- */

/* The first of its documents from `doc` on: by doubling steps, as it is mostly near. */
static void seek_decoded(struct range_term *t, uint32_t doc) {
    uint32_t low = t->at, step = 1;
    if (low > 0 && t->docs[low - 1] >= doc)
        low = 0;
    while (step <= t->doc_freq - low && t->docs[low + step - 1] < doc) {
        low += step;
        step *= 2;
    }
    uint32_t n = step < t->doc_freq - low ? step : t->doc_freq - low;
    while (n > 0) {
        uint32_t half = n / 2;
        if (t->docs[low + half] < doc) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    t->at = low;
}

uint32_t range_term_bound_decoded(const struct range_term *t, uint32_t range) {
    uint32_t bound = 0;
    if (!t->knows_units)
        return t->max_units;
    for (uint32_t i = t->starts[range]; t->docs[i] >> RANGE_SHIFT == range && i < t->doc_freq; i++)
        bound = t->doc_units[i] > bound ? t->doc_units[i] : bound;
    return bound;
}

/* Stands on its first document from `doc` on. */
static inline void stand_on(struct range_term *t, uint32_t doc) {
    if (t->docs[t->at] < doc || (t->at > 0 && t->docs[t->at - 1] >= doc))
        seek_decoded(t, doc);
}

/* Which of its documents it is; UINT32_MAX: none. */
static inline uint32_t index_of(struct range_term *t, uint32_t doc) {
    uint32_t range = doc >> RANGE_SHIFT, i;
    if (t->blocks) {
        if (!t->blocks[range])
            return UINT32_MAX;
        for (i = t->starts[range]; t->docs[i] < doc;)
            i++;
    } else {
        stand_on(t, doc);
        i = t->at;
    }
    return t->docs[i] == doc ? i : UINT32_MAX;
}

/* Of number i of a list, which are noted in order, by sets that were cleared. */
static void note_freq(struct chunk_masks *m, uint32_t i, uint32_t freq) {
    uint64_t bit = UINT64_C(1) << i % 64;
    if (freq > 3)
        m->more[__builtin_popcountll(m->above[2][0]) + __builtin_popcountll(m->above[2][1])] = freq;
    m->set[i / 64] |= freq > 0 ? bit : 0;
    for (uint32_t p = 0; p < 3; p++)
        m->above[p][i / 64] |= freq > p + 1 ? bit : 0;
}

static void clear_masks(struct chunk_masks *m) {
    memset(m, 0, offsetof(struct chunk_masks, more));
}

/* Of all of a list of n <= RANGE_DOCS; which have a high one can't be foreseen. */
static void note_freqs(struct chunk_masks *m, const uint32_t *freqs, uint32_t n) {
    uint32_t more = 0;
    clear_masks(m);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t freq = freqs[i], w = i / 64;
        m->set[w] |= UINT64_C(1) << i % 64;
        for (uint32_t p = 0; p < 3; p++)
            m->above[p][w] |= (uint64_t)(freq > p + 1) << i % 64;
        m->more[more] = freq;
        more += freq > 3;
    }
}

/* The number of its first document in a range, or of one in another range. */
static inline uint32_t start_of(const struct range_term *t, uint32_t range) {
    return t->blocks[range] ? t->starts[range] : t->doc_freq;
}

static void read_decoded(const struct range_term *t, uint32_t range, struct chunk_list *out, uint16_t *units) {
    uint32_t first = start_of(t, range), n = 0;
    for (; t->docs[first + n] >> RANGE_SHIFT == range && n < RANGE_DOCS; n++) {
        out->docs[n] = (uint8_t)(t->docs[first + n] % RANGE_DOCS);
        units[n] = t->doc_units[first + n];
    }
    out->count = n;
    note_freqs(&out->masks, t->freqs + first, n);
}

/* --------------------------------------------------------------------------- a frequent word -- */

static void read_chunk(struct range_term *t, uint32_t range, struct chunk_list *out) {
    uint32_t first = range << RANGE_SHIFT;
    if (!chunk_table_read(&t->postings.chunks, first, out) ||
        (out->count > 0 && first + out->docs[out->count - 1] >= t->scorer->segment->counts.passages)) {
        out->count = 0;
        clear_masks(&out->masks);
        t->status = LEDE_CORRUPT;
    }
}

bool range_term_is_dense(struct range_term *t, uint32_t range) {
    return !t->docs && chunk_table_is_dense(&t->postings.chunks, range << RANGE_SHIFT);
}

/* The frequencies above those that the table of impacts has. */
static void add_more(const struct range_term *t, const uint8_t *classes, const struct chunk_masks *found,
                     uint16_t *sums) {
    const uint32_t *freq = found->more;
    for (unsigned w = 0; w < RANGE_DOCS / 64; w++) {
        for (uint64_t bits = found->above[2][w]; bits; bits &= bits - 1, freq++) {
            uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(bits);
            sums[i] = (uint16_t)(sums[i] + word_gift_of(&t->gift, *freq, classes[i]));
        }
    }
}

/* False if there are documents of the range that the segment has not. */
static bool is_within(const struct range_term *t, uint32_t first, const uint64_t *set) {
    uint32_t left = t->scorer->segment->counts.passages - first;
    return left >= RANGE_DOCS || !(set[left / 64] >> left % 64 || (left < 64 && set[1]));
}

static void count_read(const uint64_t *set) {
    (void)set;
    COUNT(chunks, 1);
    COUNT(postings, (unsigned)(__builtin_popcountll(set[0]) + __builtin_popcountll(set[1])));
}

void range_term_read_set(struct range_term *t, uint32_t range, uint64_t *set) {
    uint32_t first = range << RANGE_SHIFT;
    if (!chunk_table_read_set(&t->postings.chunks, first, set) || !is_within(t, first, set)) {
        t->status = LEDE_CORRUPT;
        set[0] = set[1] = 0;
    }
    count_read(set);
}

void range_term_add_all(struct range_term *t, uint32_t range, struct range_lengths *lengths, const uint64_t *wanted,
                        struct chunk_masks *out, uint16_t *sums) {
    uint32_t first = range << RANGE_SHIFT;
    if (!chunk_table_read_masks(&t->postings.chunks, first, wanted, out) || !is_within(t, first, out->set)) {
        t->status = LEDE_CORRUPT;
        memset(out, 0, offsetof(struct chunk_masks, more));
    }
    count_read(out->set);
    t->scorer->add(sums, lengths, &t->scorer->impacts, out, t->word);
    add_more(t, lengths->classes, out, sums);
}

/* -------------------------------------------------------------------------------------- both -- */

/* One by one. */
static NOINLINE void add_decoded(struct range_term *t, uint32_t range, const struct range_lengths *lengths,
                                 const struct range_bar *bar, struct chunk_list *out, struct range_docs *docs) {
    clear_masks(&out->masks);
    for (uint32_t i = 0; i < docs->count; i++) {
        uint32_t place = docs->docs[i], freq;
        uint32_t units = range_term_units(t, (range << RANGE_SHIFT) + place, lengths->classes[place], &freq);
        docs->units[i] = (uint16_t)(docs->units[i] + units);
        note_freq(&out->masks, i, freq);
    }
    range_docs_keep(docs, bar);
}

void range_term_add(struct range_term *t, uint32_t range, const struct range_lengths *lengths,
                    const struct range_bar *bar, struct chunk_list *out, struct range_docs *docs) {
    uint32_t n = docs->count;
    memcpy(out->docs, docs->docs, RANGE_DOCS);
    out->count = n;
    if (t->docs) {
        add_decoded(t, range, lengths, bar, out, docs);
        return;
    }
    COUNT(lookups, n);
    if (!chunk_table_find_many(&t->postings.chunks, range << RANGE_SHIFT, docs->docs, n, &out->masks))
        t->status = LEDE_CORRUPT;
    t->scorer->docs_ops->add(docs, &out->masks, &t->gift, lengths->classes, bar);
}

void range_term_read(struct range_term *t, uint32_t range, const struct range_lengths *lengths, struct chunk_list *out,
                     uint16_t *units) {
    COUNT(chunks, !t->docs);
    if (t->docs) {
        read_decoded(t, range, out, units);
        return;
    }
    read_chunk(t, range, out);
    t->scorer->docs_ops->give(units, out->docs, out->count, &out->masks, &t->gift, lengths->classes);
    COUNT(empty, !out->count);
    COUNT(postings, out->count);
}

static NOINLINE void take_decoded(const struct range_term *t, uint32_t range, const struct range_bar *bar,
                                  struct chunk_list *out, struct range_docs *docs) {
    uint32_t first = start_of(t, range), n = 0, left = 0;
    for (; t->docs[first + n] >> RANGE_SHIFT == range && n < RANGE_DOCS; n++) {
        uint8_t doc = (uint8_t)(t->docs[first + n] % RANGE_DOCS);
        uint16_t units = (uint16_t)(t->doc_units[first + n] + bar->more[doc / CHUNK_BLOCK]);
        out->docs[n] = docs->docs[left] = doc;
        docs->units[left] = units;
        left += units >= bar->cut;
    }
    out->count = n;
    docs->count = left;
    if (left)
        note_freqs(&out->masks, t->freqs + first, n);
}

void range_term_take(struct range_term *t, uint32_t range, const struct range_lengths *lengths,
                     const struct range_bar *bar, struct chunk_list *out, struct range_docs *docs) {
    if (t->docs) {
        take_decoded(t, range, bar, out, docs);
        return;
    }
    COUNT(chunks, 1);
    read_chunk(t, range, out);
    COUNT(empty, !out->count);
    COUNT(postings, out->count);
    t->scorer->docs_ops->take(docs, out, &t->gift, lengths->classes, bar);
}

static NOINLINE uint32_t freq_decoded(struct range_term *t, uint32_t doc) {
    uint32_t i = index_of(t, doc);
    return i < t->doc_freq ? t->freqs[i] : 0;
}

uint32_t range_term_freq(struct range_term *t, uint32_t doc) {
    uint32_t freq;
    COUNT(lookups, 1);
    if (t->docs)
        return freq_decoded(t, doc);
    if (!chunk_table_freq_in(&t->postings.chunks, doc, &freq))
        t->status = LEDE_CORRUPT;
    return freq;
}

uint32_t range_term_units(struct range_term *t, uint32_t doc, unsigned class, uint32_t *freq) {
    uint32_t n = *freq = range_term_freq(t, doc);
    if (n <= 1)
        return n ? t->units[class] : 0;
    return n < IMPACT_FREQS ? word_units_of(t->word, t->scorer->impacts.of[n][class])
                            : word_gift_of(&t->gift, n, class);
}

void range_term_add_bounds(const struct range_term *t, const uint32_t *docs, uint32_t n, uint16_t *bounds) {
    const uint8_t *levels = t->postings.levels;
    const unsigned shift = t->postings.shift;
    const bool known = t->docs || t->blocks || t->hot;
    for (uint32_t i = 0; known && i < n; i++)
        bounds[i] = (uint16_t)(bounds[i] + range_term_bound(t, docs[i] >> RANGE_SHIFT));
    for (uint32_t i = 0; !known && i < n; i++)
        bounds[i] = (uint16_t)(bounds[i] + t->level_units[maxima_level(levels, docs[i] >> shift)]);
}

void range_term_units_of_all(const struct range_term *t, const uint32_t *docs, const uint32_t *freqs, uint32_t n,
                             uint32_t *units) {
    const struct range_scorer *s = t->scorer;
    const struct word_units word = t->word;
    const uint8_t *lengths = s->lengths;
    const bool stored = s->length_width == 1; /* as their classes */
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t freq = freqs[i] < IMPACT_FREQS ? freqs[i] : 0;
        units[i] = word_units_of(word, s->impacts.of[freq][stored ? lengths[docs[i]] : class_of(s, docs[i])]);
        most = freqs[i] > most ? freqs[i] : most;
    }
    for (uint32_t i = 0; most >= IMPACT_FREQS && i < n; i++)
        if (freqs[i] >= IMPACT_FREQS)
            units[i] = word_gift_of(&t->gift, freqs[i], class_of(s, docs[i]));
}

static void find_decoded(struct range_term *t, const uint32_t *docs, uint32_t n, uint32_t *indices, uint32_t *freqs) {
    for (uint32_t i = 0; i < n; i++) {
        indices[i] = index_of(t, docs[i]);
        if (freqs && indices[i] < t->doc_freq)
            freqs[i] = t->freqs[indices[i]];
    }
}

static void find_in_chunks(struct range_term *t, const uint32_t *docs, uint32_t n, uint32_t *indices, uint32_t *freqs) {
    COUNT(lookups, n);
    if (!chunk_table_find_all(&t->postings.chunks, docs, n, indices, freqs)) {
        t->status = LEDE_CORRUPT;
        memset(indices, 0xff, n * sizeof *indices);
    }
}

/* The numbers of those of n documents, of `end` at most, that the set has; *most is raised to the last of them. */
FOR_EACH_CPU static uint32_t number_in(const struct hot_set *s, uint32_t end, const uint32_t *docs, uint32_t n,
                                       uint32_t *numbers, uint32_t *most) {
    const struct hot_set set = *s; /* else it might be written over, for all that is known */
    uint32_t count = 0, last = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t doc = docs[i] < end ? docs[i] : end;
        last = last > doc ? last : doc;
        numbers[count] = i;
        count += hot_set_has(&set, doc);
    }
    *most = last;
    return count;
}

/* The same; a document that there is not, whose bit is 0, tells that some word is broken. */
static uint32_t number_in_set(struct range_term *t, const uint32_t *docs, uint32_t n, uint32_t *numbers) {
    const uint32_t end = t->scorer->segment->counts.passages;
    uint32_t most, count = number_in(t->set, end, docs, n, numbers, &most);
    if (most == end)
        t->status = LEDE_CORRUPT;
    return count;
}

enum { AT_ONCE = 128 };

/* Up to AT_ONCE: those alone that the set has. */
static void find_in_set(struct range_term *t, const uint32_t *docs, uint32_t n, uint32_t *indices, uint32_t *freqs) {
    uint32_t numbers[AT_ONCE], left[AT_ONCE], found[AT_ONCE], known[AT_ONCE];
    uint32_t count = number_in_set(t, docs, n, numbers);
    memset(indices, 0xff, n * sizeof *indices);
    for (uint32_t k = 0; k < count; k++)
        left[k] = docs[numbers[k]];
    find_in_chunks(t, left, count, found, freqs ? known : NULL);
    for (uint32_t k = 0; k < count; k++)
        indices[numbers[k]] = found[k];
    for (uint32_t k = 0; freqs && k < count; k++)
        freqs[numbers[k]] = known[k];
}

void range_term_find(struct range_term *t, const uint32_t *docs, uint32_t n, uint32_t *indices, uint32_t *freqs) {
    if (t->docs)
        find_decoded(t, docs, n, indices, freqs);
    else if (!t->set)
        find_in_chunks(t, docs, n, indices, freqs);
    else
        for (uint32_t i = 0, some; i < n; i += some) {
            some = n - i < AT_ONCE ? n - i : AT_ONCE;
            find_in_set(t, docs + i, some, indices + i, freqs ? freqs + i : NULL);
        }
}

uint32_t range_term_number(struct range_term *t, const uint32_t *docs, uint32_t n, uint32_t *numbers) {
    uint32_t count = 0;
    if (!t->docs && t->set)
        return number_in_set(t, docs, n, numbers);
    range_term_find(t, docs, n, numbers, NULL);
    for (uint32_t i = 0; i < n; i++) {
        bool has = numbers[i] != UINT32_MAX;
        numbers[count] = i;
        count += has;
    }
    return count;
}

void range_term_freqs_at(struct range_term *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                         uint32_t *freqs) {
    for (uint32_t i = 0; i < n; i++)
        freqs[i] = t->docs ? t->freqs[indices[i]] : 1;
    if (!t->docs && !chunk_table_freqs(&t->postings.chunks, docs, indices, n, freqs))
        t->status = LEDE_CORRUPT;
}

const uint32_t *range_term_positions(struct range_term *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                                     uint32_t *counts) {
    COUNT(positions, n);
    return postings_pick(&t->postings, docs, indices, n, counts);
}

bool range_term_finds_by_masks(const struct range_term *t) {
    return !t->docs && t->postings.by_chunks;
}

bool range_term_masks(struct range_term *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                      struct position_masks *out) {
    COUNT(positions, n);
    if (t->positions) {
        hot_positions_read(t->positions, t->numbers, docs, n, out);
        return true;
    }
    t->reads += t->docs ? 0 : n;
    return postings_pick_masks(&t->postings, docs, indices, n, out);
}
