#include "intersection.h"

#include <string.h>

#include "core/base/codec.h"
#include "core/base/counters.h"
#include "core/base/cpu.h"
#include "searcher/plan/passage_text.h"

uint32_t units_reached(const uint32_t *classes, double want) {
    uint32_t i = UNIT_CLASSES - 1;
    for (double n = classes[i]; n < want && i > 0; n += classes[--i])
        continue;
    return i << UNIT_CLASS_SHIFT;
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

static bool is_marked(const struct intersection *x, uint32_t n) {
    return x->marks && &x->run->terms[n] == x->run->order[0];
}

/* The same of the rarest word, which marks tell to have them. */
static void number_marked(struct intersection *x, uint32_t n) {
    const struct batch *b = &x->batch;
    struct word_table *table = &x->tables[n];
    uint32_t found[BATCH_ROOM];
    table->known = false;
    table->found = true;
    chunk_table_number(&x->run->terms[n].postings.chunks, x->marks, b->docs, b->count, found);
    for (uint32_t k = 0; k < b->count; k++)
        table->indices[b->rows[k]] = found[k];
}

/* Looks the documents up in a word that has them, unless that was done; false if the word is broken. */
static bool look_up(struct intersection *x, uint32_t n, bool freqs_wanted) {
    uint32_t count = x->batch.count;
    if (x->tables[n].found)
        return true;
    if (is_marked(x, n)) {
        number_marked(x, n);
        return true;
    }
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

/* Notes how often the documents left have word n. */
static void note_freqs(struct intersection *x, uint32_t n, const uint32_t *freqs) {
    for (uint32_t k = 0; k < x->batch.count; k++)
        x->tables[n].freqs[x->batch.rows[k]] = freqs[k];
}

/* The positions that place i of the phrase has in the documents left, one after the other, and how many each has. */
static const uint32_t *read_place(struct intersection *x, uint32_t i, uint32_t *counts) {
    const struct batch *b = &x->batch;
    uint32_t n = x->phrase.slots[i], indices[BATCH_ROOM];
    if (!find_places(x, n, indices))
        return NULL;
    const uint32_t *positions = range_term_positions(&x->run->terms[n], b->docs, indices, b->count, counts);
    if (positions)
        note_freqs(x, n, counts);
    return positions;
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

/* Adds to each place the one that is `by` before it, for by of 1 to 63. */
FOR_EACH_CPU static void spread_by(struct position_masks *masks, uint32_t count, uint32_t by) {
    for (uint32_t w = 0; w < POSITION_MASK_WORDS; w++) {
        const uint64_t *high = masks->words[w + 1 < POSITION_MASK_WORDS ? w + 1 : w];
        uint64_t *low = masks->words[w], keep = w + 1 < POSITION_MASK_WORDS ? UINT64_MAX : 0;
        for (uint32_t k = 0; k < count; k++)
            low[k] |= low[k] >> by | (high[k] & keep) << (64 - by);
    }
}

/* Adds to each place the `spread` ones before it. */
static void spread_places(struct position_masks *places, uint32_t count, uint32_t spread) {
    uint32_t left = spread < POSITION_MASK_BITS ? spread : POSITION_MASK_BITS;
    for (uint32_t width = 1, by; left > 0; left -= by, width += by) {
        by = width < left ? width : left;
        by = by < 63 ? by : 63;
        spread_by(places, count, by);
    }
}

/* Where the phrase starts if the word at its place i stands at `places`; of the starts there are, unless it is the
 * first word to tell. Tells of each document whether it has any, by a 1. */
static inline void join_starts(uint8_t *restrict hits, struct position_masks *restrict starts,
                               const struct position_masks *restrict places, uint32_t count, uint32_t i,
                               bool is_first) {
    _Static_assert(POSITION_MASK_WORDS == 4, "all words of a mask are joined at once");
    uint64_t(*all)[POSITION_MASKS] = starts->words;
    for (uint32_t k = 0; k < count; k++) {
        const uint64_t p[] = {places->words[0][k], places->words[1][k], places->words[2][k], places->words[3][k]};
        uint64_t a = p[0] >> i | p[1] << 1 << (63 - i), b = p[1] >> i | p[2] << 1 << (63 - i);
        uint64_t c = p[2] >> i | p[3] << 1 << (63 - i), d = p[3] >> i;
        all[0][k] = a &= is_first ? UINT64_MAX : all[0][k];
        all[1][k] = b &= is_first ? UINT64_MAX : all[1][k];
        all[2][k] = c &= is_first ? UINT64_MAX : all[2][k];
        all[3][k] = d &= is_first ? UINT64_MAX : all[3][k];
        hits[k] = (a | b | c | d) != 0;
    }
}

FOR_EACH_CPU static void mask_starts(uint8_t *hits, struct position_masks *starts, const struct position_masks *places,
                                     uint32_t count, uint32_t i, bool is_first) {
    if (is_first)
        join_starts(hits, starts, places, count, i, true);
    else
        join_starts(hits, starts, places, count, i, false);
}

/* The same of a phrase, NEAR or ADJ. In any order a start is that of a stretch, at its first word or before; else it is
 * where the first word stands. */
static void leave_starts(struct phrase *phrase, uint32_t count, uint32_t i, bool is_first) {
    const struct near *near = phrase->nearness ? &phrase->nearness->near : NULL;
    if (near && !near->ordered)
        spread_places(&phrase->places, count, near->width - 1);
    else if (near && i > 0)
        spread_places(&phrase->places, count, near->width - phrase->count);
    mask_starts(phrase->hits, &phrase->masks, &phrase->places, count, near && !near->ordered ? 0 : i, is_first);
}

/* How many of the numbers are 0. */
FOR_EACH_CPU static uint32_t count_zeros(const uint32_t *numbers, uint32_t n) {
    uint32_t count = 0;
    for (uint32_t k = 0; k < n; k++)
        count += numbers[k] == 0;
    return count;
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
        bool told = places->freqs[k] != 0;
        if (!told)
            insert(others, b, k);
        move(b, left, k);
        for (uint32_t w = 0; w < POSITION_MASK_WORDS; w++) {
            masks->words[w][left] = masks->words[w][k];
            places->words[w][left] = places->words[w][k];
        }
        masks->freqs[left] = masks->freqs[k];
        places->freqs[left] = places->freqs[k];
        left += told;
    }
    b->count = left;
}

/* Leaves the documents that have a start of the phrase, as far as place `order[o]` of it tells, which are few; and
 * where it starts, if more words are to come. Notes how often these have the word, and before that the first one, which
 * most of the others were asked for in vain. */
static void keep_hit(struct intersection *x, uint32_t o) {
    struct batch *b = &x->batch;
    const struct phrase *phrase = &x->phrase;
    const uint32_t *order = phrase->order, *slots = phrase->slots;
    struct position_masks *masks = &x->phrase.masks;
    uint32_t *freqs = x->tables[slots[order[o]]].freqs, *before = x->tables[slots[order[o - 1]]].freqs;
    uint32_t left = 0;
    bool starts_wanted = o + 1 < phrase->count;
    for (uint32_t first = 0; first < b->count; first += 8) {
        uint64_t hits = load_u64(x->phrase.hits + first);
        if (b->count - first < 8)
            hits &= (UINT64_C(1) << 8 * (b->count - first)) - 1;
        for (; hits; hits &= hits - 1, left++) {
            uint32_t k = first + (uint32_t)__builtin_ctzll(hits) / 8, row = b->rows[k];
            freqs[row] = phrase->places.freqs[k];
            if (o == 1)
                before[row] = masks->freqs[k];
            move(b, left, k);
            for (uint32_t w = 0; starts_wanted && w < POSITION_MASK_WORDS; w++)
                masks->words[w][left] = masks->words[w][k];
        }
    }
    b->count = left;
}

/* Where word n stands in the documents left, as masks. */
static bool read_masks(struct intersection *x, uint32_t n) {
    struct range_term *t = &x->run->terms[n];
    struct position_masks *places = &x->phrase.places;
    uint32_t indices[BATCH_ROOM];
    bool finds = t->positions || (!x->tables[n].found && range_term_finds_by_masks(t));
    return (finds || find_places(x, n, indices)) &&
           range_term_masks(t, x->batch.docs, finds ? NULL : indices, x->batch.count, places);
}

/* Leaves the documents that have a start of the phrase, as far as place `order[o]` of it tells. */
static bool mask_following(struct intersection *x, uint32_t o) {
    struct batch *b = &x->batch;
    struct phrase *phrase = &x->phrase;
    uint32_t place = phrase->order[o], n = phrase->slots[place];
    if (!read_masks(x, n))
        return false;
    if (count_zeros(phrase->places.freqs, b->count) > 0)
        set_apart(x);
    leave_starts(phrase, b->count, place, o == 0);
    if (o > 0) /* nearly all may have a start as far as one word tells */
        keep_hit(x, o);
    else
        memcpy(phrase->masks.freqs, phrase->places.freqs, b->count * sizeof *phrase->masks.freqs);
    return true;
}

/* The positions of all words in the documents left. */
static bool read_words(struct intersection *x) {
    struct nearness *n = x->phrase.nearness;
    for (uint32_t i = 0; i < x->run->count; i++) {
        uint32_t indices[BATCH_ROOM];
        if (!find_places(x, i, indices))
            return false;
        n->positions[i] = range_term_positions(&x->run->terms[i], x->batch.docs, indices, x->batch.count, n->counts[i]);
        if (!n->positions[i])
            return false;
        note_freqs(x, i, n->counts[i]);
    }
    return true;
}

/* Whether the words stand near each other in document k, whose positions are the next. */
static bool stand_near(struct intersection *x, uint32_t k) {
    const struct phrase *phrase = &x->phrase;
    struct nearness *n = phrase->nearness;
    const struct field_borders borders = field_borders_of(x->run->scorer.segment, x->batch.docs[k]);
    for (uint32_t i = 0; i < phrase->count; i++) {
        uint32_t word = phrase->slots[i];
        n->slots[i] = (struct phrase_slot){n->positions[word], n->counts[word][k], 0};
    }
    for (uint32_t i = 0; i < x->run->count; i++)
        n->positions[i] += n->counts[i][k];
    return near_matches(&n->near, &borders, n->slots, phrase->count);
}

/* Leaves the documents where the words stand near each other. */
static void keep_near(struct intersection *x) {
    struct batch *b = &x->batch;
    uint32_t left = 0, count = b->count > 0 && read_words(x) ? b->count : 0;
    for (uint32_t k = 0; k < count; k++) {
        bool near = stand_near(x, k);
        move(b, left, k);
        left += near;
    }
    b->count = left;
}

/* Leaves those that have the phrase, as lists of positions tell. */
static void keep_by_lists(struct intersection *x) {
    if (x->phrase.nearness)
        keep_near(x);
    for (uint32_t o = 0; !x->phrase.nearness && o < x->phrase.count && x->batch.count > 0; o++)
        if (!keep_following(x, o))
            x->batch.count = 0;
}

/* Takes the documents out of the batch of which masks don't tell all. */
static void set_unsure_apart(struct intersection *x) {
    struct batch *b = &x->batch;
    uint32_t left = 0;
    for (uint32_t k = 0; k < b->count; k++) {
        bool sure = x->phrase.nearness->by_masks && field_borders_of(x->run->scorer.segment, b->docs[k]).body == 0;
        if (!sure)
            insert(&x->phrase.others, b, k);
        move(b, left, k);
        left += sure;
    }
    b->count = left;
}

/* Adds those that were set apart, and have the phrase, to the batch. */
static void keep_others(struct intersection *x) {
    struct batch told = x->batch;
    x->batch = x->phrase.others;
    keep_by_lists(x);
    for (uint32_t k = 0; k < told.count; k++)
        insert(&x->batch, &told, k);
}

/* A phrase of more words is not told by masks that are shifted by so much. */
enum { MASKED_WORDS = 64 };

/* Leaves those that have the phrase. The rarest words first: mostly the others' positions are not needed. */
static void keep_phrases(struct intersection *x) {
    struct batch *others = &x->phrase.others;
    if (x->phrase.count > MASKED_WORDS) {
        keep_by_lists(x);
        return;
    }
    others->count = 0;
    for (uint32_t o = 0; o < x->phrase.count && x->batch.count > 0; o++)
        if (!mask_following(x, o))
            x->batch.count = others->count = 0;
    for (uint32_t n = 0; others->count > 0 && n < x->sure; n++) /* words were looked for without these */
        x->tables[x->run->order[n] - x->run->terms].found = false;
    if (x->phrase.nearness)
        set_unsure_apart(x);
    if (others->count > 0)
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
    const struct collector *c = x->run->collector;
    struct batch *b = &x->batch;
    uint32_t n = 0;
    if (!c->accepted && !c->segment.deleted)
        return;
    for (uint32_t k = 0; k < b->count; k++) {
        move(b, n, k);
        n += collector_accepts(c, b->docs[k]);
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
    /* Of a phrase it is known from the positions. */
    for (uint32_t n = 0; n < r->count && x->phrase.count == 0 && x->batch.count > 0; n++) {
        if (!look_up(x, n, true))
            x->batch.count = 0;
        else if (!x->tables[n].known)
            read_freqs(x, n);
    }
    for (uint32_t k = 0; x->classes && k < x->batch.count; k++)
        x->classes[units_class(x->batch.bounds[k])]++;
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

enum {
    GROUP_DOCS = CHUNK_GROUP * CHUNK_RANGE,
    MARKED_PART = 8, /* to mark a group takes as long as to look up so many documents */
    MARKED_GROUPS = BATCH_ROOM / MARKED_PART
};

/* Leaves the documents that have the word, of a phrase, as its marks tell. False if these would take more time than
 * look-ups. Where the word has them is not known then. */
static bool leave_marked(struct intersection *x, struct range_term *t) {
    struct batch *b = &x->batch;
    uint64_t bits[MARKED_GROUPS * GROUP_DOCS / 64];
    uint32_t passages = segment_info(t->scorer->segment)->passages, left = 0;
    uint32_t first = b->docs[0] / GROUP_DOCS * GROUP_DOCS, groups = (b->docs[b->count - 1] - first) / GROUP_DOCS + 1;
    if (x->phrase.count == 0 || !range_term_finds_by_masks(t) || groups * MARKED_PART > b->count ||
        b->docs[b->count - 1] >= passages)
        return false;
    uint32_t end = passages - first < groups * GROUP_DOCS ? passages : first + groups * GROUP_DOCS;
    memset(bits, 0, groups * GROUP_DOCS / 8);
    if (!chunk_table_mark_part(&t->postings.chunks, first, end, bits))
        t->status = LEDE_CORRUPT;
    for (uint32_t k = 0; k < b->count; k++) {
        uint32_t at = b->docs[k] - first; /* documents may not rise if bytes are corrupt */
        move(b, left, k);
        left += at < end - first && bits[at / 64] >> at % 64 & 1;
    }
    b->count = left;
    return true;
}

/* Nothing but that the documents have all words. */
static void know_nothing(const struct intersection *x) {
    for (size_t n = 0; n < x->run->count; n++)
        x->tables[n].known = x->tables[n].found = false;
}

/* Whether it is asked how often documents have the word before it is known where: not if it gives little, nor if it
 * takes less time to tell where all words stand, and how often with that. */
static bool is_asked(const struct intersection *x, const struct range_term *t) {
    return x->run->cut > 1 && !x->placed && !intersection_gives_little(x, t);
}

/* Word by word, the rarest first, until no document can reach the threshold. */
static void leave_all(struct intersection *x) {
    struct range_run *r = x->run;
    for (size_t i = 0; i < r->count && x->batch.count > 0; i++) {
        uint32_t n = (uint32_t)(r->order[i] - r->terms);
        bool is_led = i == 0 && x->leads, tells = is_asked(x, r->order[i]);
        bool is_sure = !tells && !is_led && (i < x->sure || leave_marked(x, r->order[i]));
        x->tables[n].found = !is_sure;
        if (!is_sure && is_marked(x, n))
            number_marked(x, n);
        else if (!is_sure && !is_led)
            intersect(x, n, tells || intersection_scores_most(x, &r->terms[n]));
        if (!x->tables[n].found)
            x->tables[n].known = false;
        if (tells && !(is_led && r->order[0]->docs))
            tighten(x, n);
    }
}

void intersection_evaluate(struct intersection *x) {
    struct range_run *r = x->run;
    bool asks = !x->masks && !x->exact;
    if (range_run_is_due(r))
        x->batch.count = 0;
    if (r->collector->accepted && asks)
        keep_accepted(&x->batch, r->collector->accepted);
    if (r->cut > 1)
        keep_best(&x->batch, r->cut);
    if (asks)
        leave_all(x);
    else if (x->exact)
        know_nothing(x);
    if (x->batch.count > 0)
        take_all(x);
    x->batch.count = 0;
}
