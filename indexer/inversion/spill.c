#include "spill.h"

#include <stdlib.h>

#include "core/segment/dictionary.h"

enum {
    /* Bytes of a spill that are in memory while it is read. */
    PLACES_ROOM = 32 * 1024,
    KEYS_ROOM = 8 * 1024,
    /* Places that are coded at once. */
    BATCH = 2048,
    /* A distance: one unit below TWO; else the higher half above TWO and the lower one; or FIVE and all 64 bits. */
    TWO = 0xc000,
    FIVE = 0xffff,
    UNITS_MAX = 5,
    /* Places that are read at once. */
    BATCH_PLACES = 512,
    /* Terms between two pulses. */
    PULSE_INTERVAL = 256,
};

/* ----------------------------------------------------------------------------------- writing -- */

void key_list_add(struct key_list *l, const char *key, size_t len, uint64_t tokens, uint64_t passages) {
    struct buffer *b = &l->spool.tail;
    size_t shared = 0, most = len < l->last_len ? len : l->last_len;
    while (shared < most && key[shared] == l->last[shared])
        shared++;
    buffer_append_varint(b, shared);
    buffer_append_string(b, key + shared, len - shared);
    buffer_append_varint(b, tokens);
    buffer_append_varint(b, passages);
    memcpy(l->last + shared, key + shared, len - shared);
    l->last_len = len;
    spool_settle(&l->spool);
}

void spill_init(struct spill *s, struct scratch *scratch, uint32_t first_passage, unsigned shift) {
    spool_init(&s->terms.spool, scratch, KEYS_ROOM);
    spool_init(&s->words.spool, scratch, KEYS_ROOM);
    spool_init(&s->places, scratch, PLACES_ROOM);
    s->terms.last_len = s->words.last_len = 0;
    s->first_passage = first_passage;
    s->shift = shift;
}

void spill_release(struct spill *s) {
    spool_release(&s->terms.spool);
    spool_release(&s->words.spool);
    spool_release(&s->places);
}

bool spill_failed(const struct spill *s) {
    return spool_failed(&s->terms.spool) || spool_failed(&s->words.spool) || spool_failed(&s->places);
}

size_t spill_memory(const struct spill *s) {
    return sizeof *s + spool_memory(&s->terms.spool) + spool_memory(&s->words.spool) + spool_memory(&s->places);
}

static inline uint8_t *put_unit(uint8_t *p, uint64_t unit) {
    store_u16(p, (uint16_t)unit);
    return p + 2;
}

static inline uint8_t *put_distance(uint8_t *p, uint64_t distance) {
    if (distance < TWO)
        return put_unit(p, distance);
    if (distance < (uint64_t)(FIVE - TWO) << 16)
        return put_unit(put_unit(p, TWO + (distance >> 16)), distance);
    p = put_unit(p, FIVE);
    for (unsigned shift = 0; shift < 64; shift += 16)
        p = put_unit(p, distance >> shift);
    return p;
}

/* Appends a place of a term; *p is where. */
static inline void put_place(uint8_t **p, uint64_t place, unsigned shift, struct spilled_term *term) {
    term->passages += term->passages == 0 || place >> shift != term->last >> shift;
    *p = put_distance(*p, place - term->last);
    term->last = place;
}

void spill_places(struct spill *s, const uint32_t *places, uint32_t n, struct spilled_term *term) {
    for (uint32_t end; n > 0; places += end, n -= end) {
        uint8_t *begin = buffer_reserve(&s->places.tail, (size_t)BATCH * UNITS_MAX * 2), *p = begin;
        struct spilled_term t = *term;
        end = n < BATCH ? n : BATCH;
        if (!begin)
            return;
        for (uint32_t i = 0; i < end; i++)
            put_place(&p, places[i], s->shift, &t);
        *term = t;
        s->places.tail.len += (size_t)(p - begin);
        spool_settle(&s->places);
    }
}

void spill_positions(struct spill *s, uint32_t passage, const uint32_t *positions, uint32_t n,
                     struct spilled_term *term) {
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *begin = buffer_reserve(&s->places.tail, UNITS_MAX * 2), *p = begin;
        if (!begin)
            return;
        put_place(&p, ((uint64_t)passage << s->shift) + positions[i], s->shift, term);
        s->places.tail.len += (size_t)(p - begin);
        spool_settle(&s->places);
    }
}

void spill_end(struct spill *s) {
    struct spool *const spools[] = {&s->terms.spool, &s->words.spool, &s->places};
    for (size_t i = 0; i < sizeof spools / sizeof *spools; i++) {
        bool failed = spools[i]->tail.failed;
        spool_spill(spools[i]);
        buffer_release(&spools[i]->tail);
        spools[i]->tail.failed = failed;
    }
}

/* ----------------------------------------------------------------------------------- reading -- */

struct key_reader {
    struct spool_reader spool;
    const uint8_t *next, *end;
    uint64_t tokens, passages;
    uint64_t prefix; /* the first bytes, so that most keys are told apart by it */
    size_t len;
    bool ended;
    char key[256 + 8]; /* zeros behind it */
};

static void read_key(struct key_reader *r) {
    uint64_t shared = 0, rest = 0;
    if (r->next == r->end) {
        size_t size;
        r->next = spool_next(&r->spool, &size);
        r->end = r->next + size;
    }
    if (!r->next || !varint_get(&r->next, r->end, &shared) || !varint_get(&r->next, r->end, &rest) ||
        shared + rest >= 256 || rest > (uint64_t)(r->end - r->next)) {
        r->ended = true;
        return;
    }
    memcpy(r->key + shared, r->next, rest);
    r->next += rest;
    r->len = shared + rest;
    memset(r->key + r->len, 0, 8);
    r->prefix = __builtin_bswap64(load_u64((const uint8_t *)r->key));
    r->ended = !varint_get(&r->next, r->end, &r->tokens) || !varint_get(&r->next, r->end, &r->passages);
}

static void key_reader_init(struct key_reader *r, struct key_list *l) {
    *r = (struct key_reader){.tokens = 0};
    spool_reader_init(&r->spool, &l->spool);
    read_key(r);
}

static int compare(const struct key_reader *a, const struct key_reader *b) {
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    int order = memcmp(a->key, b->key, a->len < b->len ? a->len : b->len);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* Those of the readers that stand on the smallest key of all; none at the end. */
struct key_choice {
    size_t count;
    uint32_t readers[SPILLS_MAX];
};

static void choose(struct key_choice *c, const struct key_reader *readers, size_t n) {
    c->count = 0;
    for (size_t i = 0; i < n; i++) {
        if (readers[i].ended)
            continue;
        int order = c->count ? compare(&readers[i], &readers[c->readers[0]]) : -1;
        if (order < 0)
            c->count = 0;
        if (order <= 0)
            c->readers[c->count++] = (uint32_t)i;
    }
}

/* The tokens of the terms, one after the other. */
struct place_reader {
    struct spool_reader spool;
    const uint8_t *next, *end;
};

static void load_places(struct place_reader *r) {
    size_t size;
    r->next = spool_next(&r->spool, &size);
    r->end = r->next ? r->next + size : NULL;
}

static inline uint64_t take_unit(struct place_reader *r) {
    uint64_t unit = load_u16(r->next);
    r->next += 2;
    return unit;
}

/* A distance is never divided between two pieces. 0 if there is none, as the spool has failed. */
static inline uint64_t take_distance(struct place_reader *r) {
    if (r->next == r->end) {
        load_places(r);
        if (!r->next)
            return 0;
    }
    uint64_t unit = take_unit(r), distance = 0;
    if (unit < TWO)
        return unit;
    if (unit < FIVE)
        return (unit - TWO) << 16 | take_unit(r);
    for (unsigned shift = 0; shift < 64; shift += 16)
        distance |= take_unit(r) << shift;
    return distance;
}

/* ------------------------------------------------------------------------------------- terms -- */

struct lane {
    struct place_reader places;
    unsigned shift;
    uint32_t first_passage;
};

/* Postings on their way. Whether a place begins a new one is hard to foresee, so nothing is done for that alone: each
 * place says what passage the last posting is of, and where it ends. Lengths are asked for then, and looked up when the
 * batch is full: so that the cache misses overlap with each other and with decoding. */
struct batch {
    uint32_t docs[BATCH_PLACES + 1], ends[BATCH_PLACES + 1], freqs[BATCH_PLACES + 1], lengths[BATCH_PLACES + 1];
    uint32_t count;
    uint32_t *positions; /* of all; a posting ends before positions[ends] */
    uint32_t positions_count, room;
};

struct gather {
    const struct spill_merge *job;
    struct lane *lanes;
    struct key_reader *keys; /* of the lanes */
    struct postings_writer postings;
    struct dictionary_writer dictionary;
    struct batch batch;
    uint64_t steps;
    bool failed;
};

static inline uint32_t length_of(const struct spill_merge *m, uint32_t passage) {
    switch (m->counts->length_width) {
    case 1: return m->lengths[passage];
    case 2: return load_u16(m->lengths + 2 * (size_t)passage);
    default: return load_u32(m->lengths + 4 * (size_t)passage);
    }
}

/* Room for so many more. */
static bool reserve_positions(struct batch *b, uint32_t n) {
    if (b->room - b->positions_count >= n)
        return true;
    uint64_t room = (uint64_t)b->room + b->room / 2 + n;
    uint32_t *grown = room > UINT32_MAX ? NULL : realloc(b->positions, room * sizeof *grown);
    if (!grown)
        return false;
    b->positions = grown;
    b->room = (uint32_t)room;
    return true;
}

/* Hands on the first n postings; the others, one or none, begin the next batch. If there is only the one under way,
 * which may have any number of positions, nothing is to be done. */
static void end_batch(struct gather *g, uint32_t n) {
    struct batch *b = &g->batch;
    if (n == 0)
        return;
    uint32_t taken = b->ends[n - 1];
    for (uint32_t i = 0, start = 0; i < n; start = b->ends[i++]) {
        b->lengths[i] = length_of(g->job, b->docs[i]);
        b->freqs[i] = b->ends[i] - start;
    }
    postings_writer_add_run(&g->postings, &(struct posting_run){b->docs, b->lengths, b->freqs, b->positions, n});
    b->positions_count -= taken;
    memmove(b->positions, b->positions + taken, b->positions_count * sizeof *b->positions);
    b->docs[0] = b->docs[n];
    b->ends[0] = b->positions_count;
    b->count -= n;
}

/* The term under way in a lane: its last place. */
struct gathered {
    uint64_t place, passage;
};

/* Reads n places, for which there is room. False if one lies outside of the segment. */
static inline bool read_places(struct gather *g, struct lane *lane, uint32_t n, struct gathered *last) {
    const struct spill_merge *m = g->job;
    const uint64_t mask = (UINT64_C(1) << lane->shift) - 1, passages = m->counts->passages;
    const unsigned shift = lane->shift, width = m->counts->length_width;
    struct batch *b = &g->batch;
    struct place_reader reader = lane->places;
    struct gathered at = *last;
    uint32_t *positions = b->positions + b->positions_count, count = b->count;
    bool outside = false;
    for (uint32_t i = 0; i < n; i++) {
        at.place += take_distance(&reader);
        uint64_t passage = (at.place >> shift) + lane->first_passage;
        passage = passage < passages ? passage : passages;
        outside |= passage == passages;
        count += passage != at.passage;
        at.passage = passage;
        __builtin_prefetch(m->lengths + passage * width);
        b->docs[count - 1] = (uint32_t)passage;
        b->ends[count - 1] = b->positions_count + i + 1;
        positions[i] = (uint32_t)(at.place & mask);
    }
    b->count = count;
    b->positions_count += n;
    lane->places = reader;
    *last = at;
    return !outside;
}

/* Hands on the postings of a term of `count` tokens. */
static void gather_places(struct gather *g, struct lane *lane, uint64_t count) {
    struct batch *b = &g->batch;
    struct gathered last = {0, UINT64_MAX};
    while (count > 0) {
        uint32_t n = count < BATCH_PLACES ? (uint32_t)count : BATCH_PLACES;
        if (!reserve_positions(b, n) || !read_places(g, lane, n, &last)) {
            g->failed = true;
            return;
        }
        count -= n;
        end_batch(g, count > 0 ? b->count - 1 : b->count);
    }
}

static bool gather_term(struct gather *g, const struct key_choice *choice) {
    struct segment_counts *counts = g->job->counts;
    const struct key_reader *key = &g->keys[choice->readers[0]];
    struct term_info info = {0};
    uint64_t passages = 0;
    for (size_t i = 0; i < choice->count; i++)
        passages += g->keys[choice->readers[i]].passages;
    postings_writer_expect(&g->postings, passages);
    for (size_t i = 0; i < choice->count; i++)
        gather_places(g, &g->lanes[choice->readers[i]], g->keys[choice->readers[i]].tokens);
    if (g->failed || !postings_writer_finish(&g->postings, g->job->out, &info))
        return false;
    dictionary_writer_add(&g->dictionary, key->key, key->len, &info);
    counts->postings += info.doc_freq;
    counts->positions += info.total_freq;
    counts->position_bytes += info.positions_size;
    return true;
}

static void pulse(struct gather *g) {
    if (++g->steps % PULSE_INTERVAL == 0 && g->job->pulse)
        g->job->pulse(g->job->ctx);
}

static void advance(struct gather *g, const struct key_choice *choice) {
    for (size_t i = 0; i < choice->count; i++)
        read_key(&g->keys[choice->readers[i]]);
    pulse(g);
}

static bool open_lanes(struct gather *g, const struct spill_merge *m, bool words) {
    *g = (struct gather){.job = m};
    g->lanes = calloc(m->count, sizeof *g->lanes);
    g->keys = calloc(m->count, sizeof *g->keys);
    for (size_t i = 0; g->lanes && g->keys && i < m->count; i++) {
        struct spill *s = &m->spills[i];
        g->lanes[i] = (struct lane){.shift = s->shift, .first_passage = s->first_passage};
        spool_reader_init(&g->lanes[i].places.spool, &s->places);
        key_reader_init(&g->keys[i], words ? &s->words : &s->terms);
    }
    return g->lanes && g->keys;
}

static bool close_lanes(struct gather *g) {
    bool ok = true;
    for (size_t i = 0; g->lanes && g->keys && i < g->job->count; i++) {
        spool_reader_release(&g->lanes[i].places.spool);
        spool_reader_release(&g->keys[i].spool);
        ok &= !spill_failed(&g->job->spills[i]);
    }
    free(g->lanes);
    free(g->keys);
    free(g->batch.positions);
    return ok;
}

bool spills_write_terms(const struct spill_merge *m) {
    struct gather g;
    struct key_choice choice;
    bool ok = open_lanes(&g, m, false);
    postings_writer_init(&g.postings, m->counts->passages, m->counts->total_length, m->term);
    dictionary_writer_init(&g.dictionary, DICTIONARY_TERMS, m->scratch);
    segment_writer_begin(m->out, SECTION_POSTINGS);
    while (ok && (choose(&choice, g.keys, m->count), choice.count > 0)) {
        ok = gather_term(&g, &choice);
        advance(&g, &choice);
    }
    segment_writer_end(m->out);
    ok = dictionary_writer_finish(&g.dictionary, m->out, m->counts) && ok;
    dictionary_writer_release(&g.dictionary);
    postings_writer_release(&g.postings);
    return close_lanes(&g) && ok;
}

/* ------------------------------------------------------------------------------------- words -- */

bool spills_write_words(const struct spill_merge *m) {
    struct gather g;
    struct key_choice choice;
    bool ok = open_lanes(&g, m, true);
    dictionary_writer_init(&g.dictionary, DICTIONARY_WORDS, m->scratch);
    while (ok && (choose(&choice, g.keys, m->count), choice.count > 0)) {
        const struct key_reader *key = &g.keys[choice.readers[0]];
        struct term_info info = {0};
        for (size_t i = 0; i < choice.count; i++)
            info.total_freq += g.keys[choice.readers[i]].tokens;
        dictionary_writer_add(&g.dictionary, key->key, key->len, &info);
        advance(&g, &choice);
    }
    ok = dictionary_writer_finish(&g.dictionary, m->out, m->counts) && ok;
    dictionary_writer_release(&g.dictionary);
    return close_lanes(&g) && ok;
}
