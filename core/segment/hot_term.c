#include "hot_term.h"

#include <stdlib.h>

#include "core/base/cpu.h"
#include "postings.h"
#include "segment_map.h"

struct parts {
    size_t ranges, blocks, starts, freqs;
};

static struct parts parts_of(uint32_t passages, uint32_t doc_freq) {
    size_t ranges = maxima_ranges(passages, RANGE_SHIFT), blocks = ranges * HOT_BLOCKS;
    struct parts p = {.ranges = hot_kept_part(ranges), .blocks = hot_kept_part(blocks)};
    if (doc_freq < passages / HOT_PART) {
        p.starts = hot_kept_part(ranges * sizeof(uint32_t));
        blocks = blocks < doc_freq ? blocks : doc_freq;
    }
    p.freqs = hot_kept_part(blocks * (HOT_BLOCK / 2));
    return p;
}

static size_t sum_of(const struct parts *p) {
    return hot_kept_part(sizeof(struct hot_term)) + p->ranges + p->blocks + p->starts + p->freqs;
}

size_t hot_term_size(uint32_t passages, uint32_t doc_freq) {
    const struct parts p = parts_of(passages, doc_freq);
    return hot_kept_size(sum_of(&p));
}

static struct hot_term *allocate(uint32_t passages, uint32_t doc_freq) {
    const struct parts p = parts_of(passages, doc_freq);
    struct hot_kept *kept = hot_kept_new(sum_of(&p));
    if (!kept)
        return NULL;
    struct hot_term *t = (struct hot_term *)(void *)kept;
    t->ranges = (uint8_t *)kept + hot_kept_part(sizeof *t);
    t->blocks = t->ranges + p.ranges;
    t->starts = p.starts ? (uint32_t *)(void *)(t->blocks + p.blocks) : NULL;
    t->freqs = t->blocks + p.blocks + p.starts;
    return t;
}

/* ------------------------------------------------------------------------------------- making -- */

struct hot_maker {
    const struct segment *segment;
    struct hot_term *term;
    struct postings postings;
    struct impact_norm norm;
    float parts;    /* of the best impact, in one */
    uint32_t count; /* postings so far */
    uint32_t next;  /* the least document that may come */
    uint32_t own;   /* blocks that have the term; */
    uint32_t block; /* the last of them; */
    uint32_t range; /* and the range up to which these have their starts */
    bool is_broken;
    /* Some postings, with what they give. */
    uint32_t freqs[BLOCK_DOCS], lengths[BLOCK_DOCS];
    uint8_t impacts[BLOCK_DOCS];
};

struct hot_maker *hot_maker_new(const struct segment *segment, const struct term_info *info) {
    const struct segment_counts *c = &segment->counts;
    struct hot_maker *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->segment = segment;
    postings_init(&m->postings, segment, info);
    m->is_broken = m->postings.status != LEDE_OK;
    m->term = m->postings.levels ? allocate(c->passages, info->doc_freq) : NULL;
    if (!m->term && !m->is_broken) {
        hot_maker_free(m);
        return NULL;
    }
    m->block = UINT32_MAX;
    m->norm = impact_norm_of(c->passages, c->total_length);
    /* The same as range_term.c takes for it; and rounding takes nothing from an impact. */
    m->parts = MAXIMA_PARTS * 1.000001F / (m->postings.best > 0 && m->postings.best <= 1 ? m->postings.best : 1);
    return m;
}

void hot_maker_free(struct hot_maker *m) {
    if (!m)
        return;
    postings_release(&m->postings);
    hot_term_free(m->term);
    free(m);
}

static void know_lengths(struct hot_maker *m, const uint32_t *docs, uint32_t n) {
    unsigned width;
    const uint8_t *lengths = segment_lengths(m->segment, &width);
    if (width == 1)
        for (uint32_t i = 0; i < n; i++)
            m->lengths[i] = lengths[docs[i]];
    else
        for (uint32_t i = 0; i < n; i++)
            m->lengths[i] = segment_length(m->segment, docs[i]);
}

FOR_EACH_CPU static void know_impacts(struct hot_maker *m) {
    for (uint32_t i = 0; i < BLOCK_DOCS; i++) {
        float impact = impact_of(m->norm, m->freqs[i], m->lengths[i]) * m->parts + 1;
        m->impacts[i] =
            (uint8_t)(impact < MAXIMA_PARTS ? impact : MAXIMA_PARTS); /* of a broken best it may be anything */
    }
}

static uint32_t capped(uint32_t freq) {
    return freq < HOT_FREQ ? freq : HOT_FREQ;
}

/* In the half of a byte that is its passage's. (A store of a byte may change anything but what is in variables of the
 * function's own: so loops count with these.) */
static inline void put_freq(uint8_t *freqs, uint32_t doc, uint32_t freq) {
    freqs[doc % HOT_BLOCK / 2] |= (uint8_t)(capped(freq) << doc % 2 * 4);
}

static void put_in_all_blocks(const struct hot_maker *m, const uint32_t *docs, uint32_t n) {
    uint8_t *freqs = m->term->freqs;
    for (uint32_t i = 0; i < n; i++)
        put_freq(freqs + (size_t)(docs[i] / HOT_BLOCK) * (HOT_BLOCK / 2), docs[i], m->freqs[i]);
}

static void put_in_own_blocks(struct hot_maker *m, const uint32_t *docs, uint32_t n) {
    uint8_t *freqs = m->term->freqs;
    uint32_t *starts = m->term->starts, own = m->own, last = m->block, range = m->range;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t block = docs[i] / HOT_BLOCK;
        while (range < docs[i] >> RANGE_SHIFT)
            starts[++range] = own;
        own += block != last;
        last = block;
        put_freq(freqs + (size_t)(own - 1) * (HOT_BLOCK / 2), docs[i], m->freqs[i]);
    }
    m->own = own;
    m->block = last;
    m->range = range;
}

/* The greatest of a block. */
static void raise_blocks(const struct hot_maker *m, const uint32_t *docs, uint32_t n) {
    uint8_t *blocks = m->term->blocks;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *best = &blocks[docs[i] / HOT_BLOCK], impact = m->impacts[i];
        *best = *best > impact ? *best : impact;
    }
}

/* Postings at hand, of which there are some; false if they can't be. */
static bool put(struct hot_maker *m, const uint32_t *docs, uint32_t n) {
    if (m->postings.status != LEDE_OK || n > m->postings.doc_freq - m->count)
        return false;
    if (!postings_are_good(docs, n, m->next, m->segment->counts.passages))
        return false;
    know_lengths(m, docs, n);
    know_impacts(m);
    raise_blocks(m, docs, n);
    if (m->term->starts)
        put_in_own_blocks(m, docs, n);
    else
        put_in_all_blocks(m, docs, n);
    m->count += n;
    m->next = docs[n - 1] + 1;
    return true;
}

FOR_EACH_CPU static void sum_up(struct hot_term *t, uint32_t ranges) {
    for (uint32_t i = 0; i < ranges; i++) {
        const uint8_t *blocks = t->blocks + (size_t)i * HOT_BLOCKS;
        uint8_t most = 0;
        for (unsigned b = 0; b < HOT_BLOCKS; b++)
            most = most > blocks[b] ? most : blocks[b];
        t->ranges[i] = most;
    }
}

/* There was room for as many blocks as postings; where some share theirs there are fewer. */
static void give_rest_back(struct hot_maker *m) {
    const struct parts p = parts_of(m->segment->counts.passages, m->own);
    hot_kept_shrink(&m->term->kept, sum_of(&p));
}

static void end(struct hot_maker *m) {
    uint32_t ranges = maxima_ranges(m->segment->counts.passages, RANGE_SHIFT);
    m->is_broken |= m->postings.status != LEDE_OK || m->count != m->postings.doc_freq;
    if (m->is_broken)
        return;
    while (m->term->starts && m->range + 1 < ranges)
        m->term->starts[++m->range] = m->own;
    sum_up(m->term, ranges);
    if (m->term->starts)
        give_rest_back(m);
}

bool hot_maker_go(struct hot_maker *m, uint32_t postings) {
    const uint32_t *docs, *freqs;
    for (uint32_t done = 0, n; done < postings; done += n) {
        n = m->is_broken ? 0 : postings_run(&m->postings, &docs, &freqs);
        if (n == 0) {
            end(m);
            return true;
        }
        memcpy(m->freqs, freqs, n * sizeof *freqs);
        m->is_broken = !put(m, docs, n);
        postings_skip(&m->postings, n);
    }
    return false;
}

struct hot_term *hot_maker_finish(struct hot_maker *m) {
    struct hot_term *t = m->is_broken ? NULL : m->term;
    m->term = t ? NULL : m->term;
    hot_maker_free(m);
    return t;
}
