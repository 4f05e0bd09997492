#include "hot_positions.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/codec.h"
#include "core/base/cpu.h"
#include "picks.h"
#include "segment_map.h"

enum { FREQ_BITS = 4, FREQ_MOST = PICKED_MANY };

static uint32_t ranges_of(uint32_t passages) {
    return maxima_ranges(passages, RANGE_SHIFT);
}

struct parts {
    size_t ranks, runs, of;
};

static struct parts parts_of(uint32_t passages, uint32_t doc_freq, uint64_t positions) {
    uint32_t ranges = ranges_of(passages);
    if (hot_set_is_sparse(passages, doc_freq) && doc_freq < ranges)
        ranges = doc_freq;
    return (struct parts){.ranks = hot_kept_part((ranges + (size_t)1) * sizeof(uint32_t)),
                          .runs = hot_kept_part(((size_t)doc_freq / HOT_RUN + 1) * sizeof(struct hot_run)),
                          .of = hot_kept_part(positions)};
}

static size_t sum_of(const struct parts *p) {
    return hot_kept_part(sizeof(struct hot_positions)) + p->ranks + p->runs + p->of;
}

size_t hot_positions_size(uint32_t passages, const struct term_info *info) {
    const struct parts p = parts_of(passages, info->doc_freq, info->total_freq);
    return hot_kept_size(sum_of(&p));
}

/* ------------------------------------------------------------------------------------- making -- */

struct hot_positions_maker {
    struct hot_positions *positions; /* ranks[i + 1] is known for each part i of the set that has a posting */
    struct postings postings;
    uint32_t passages;
    bool is_sparse, is_broken;
    uint32_t count;        /* postings that are read; */
    uint32_t length, room; /* their positions, and how many the term has */
    uint32_t next;         /* the least document that may come */
    uint32_t number;       /* chunk, or group of chunks, that the next one may be in */
    uint32_t part;         /* of a sparse set, that of the last posting; */
    uint32_t range;        /* and its range; UINT32_MAX: there is none yet */
};

static bool make_room(struct hot_positions_maker *m) {
    const struct parts parts = parts_of(m->passages, m->postings.doc_freq, m->room);
    struct hot_positions *p = m->positions = (struct hot_positions *)(void *)hot_kept_new(sum_of(&parts));
    if (!p)
        return false;
    p->ranks = (uint32_t *)(void *)((uint8_t *)p + hot_kept_part(sizeof *p));
    p->runs = (struct hot_run *)(void *)((uint8_t *)p->ranks + parts.ranks);
    p->of = (uint8_t *)p->runs + parts.runs;
    return true;
}

struct hot_positions_maker *hot_positions_maker_new(const struct segment *segment, const struct term_info *info) {
    struct hot_positions_maker *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->passages = segment->counts.passages;
    m->room = (uint32_t)info->total_freq;
    m->is_sparse = hot_set_is_sparse(m->passages, info->doc_freq);
    m->part = m->range = UINT32_MAX;
    postings_open(&m->postings, segment, info);
    m->is_broken = m->postings.status != LEDE_OK || info->total_freq > UINT32_MAX;
    if (!m->is_broken && (!m->postings.levels || !make_room(m))) {
        hot_positions_maker_free(m);
        return NULL;
    }
    return m;
}

void hot_positions_maker_free(struct hot_positions_maker *m) {
    if (!m)
        return;
    postings_release(&m->postings);
    hot_kept_free(m->positions ? &m->positions->kept : NULL);
    free(m);
}

/* Notes of n > 0 postings, which are the next, how many there are before parts of the set: each one tells that there
 * are more before the next part; the last of its part is the one that stays. False if they can't be. */
static bool note_docs(struct hot_positions_maker *m, const uint32_t *docs, uint32_t n) {
    uint32_t *ranks = m->positions->ranks + 1, rank = m->count + 1, part = m->part, last = m->range;
    if (n > m->postings.doc_freq - m->count || !postings_are_good(docs, n, m->next, m->passages))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t range = docs[i] / RANGE_DOCS;
        part += range != last;
        last = range;
        ranks[m->is_sparse ? part : range] = rank + i;
    }
    m->part = part;
    m->range = last;
    m->next = docs[n - 1] + 1;
    return true;
}

/* The same of chunks, all of which have some. */
static bool note_chunks(struct hot_positions_maker *m, const struct picked_run *run) {
    uint32_t *ranks = m->positions->ranks + 1, rank = m->count;
    if (run->count > m->postings.doc_freq - m->count)
        return false;
    for (uint32_t k = 0; k < run->parts; k++) {
        rank += run->counts[k];
        m->part++;
        ranks[m->is_sparse ? m->part : run->numbers[k]] = rank;
    }
    m->range = run->numbers[run->parts - 1];
    m->next = (m->range + 1) * CHUNK_RANGE;
    return true;
}

/* Appends one posting's positions, of which so many are told; 16 of them can be read. False if there are more than the
 * term has. */
static inline bool append(struct hot_positions_maker *m, const uint8_t *positions, uint32_t freq) {
    struct hot_run *run = &m->positions->runs[m->count / HOT_RUN];
    uint32_t k = m->count % HOT_RUN;
    if (freq > m->room - m->length)
        return false;
    if (k == 0)
        run->at = m->length;
    run->freqs[k / 2] |= (uint8_t)(freq << FREQ_BITS * (k % 2));
    memcpy(m->positions->of + m->length, positions, FREQ_MOST + 1);
    m->count++;
    m->length += freq;
    return true;
}

static bool append_run(struct hot_positions_maker *m, const struct picked_run *run) {
    bool good = true;
    for (uint32_t i = 0, more = 0; good && i < run->count; i++) {
        uint32_t freq = run->lists.freqs[i];
        good = append(m, freq > POSITION_LIST ? run->many[more++] : run->lists.of[i], freq);
    }
    return good;
}

/* Those of one posting as bytes; how many these are, 0 if they are not told. */
static uint32_t narrow(uint8_t *out, const uint32_t *positions, uint32_t freq) {
    if (freq == 0 || freq > FREQ_MOST || positions[freq - 1] >= POSITION_MASK_BITS)
        return 0;
    for (uint32_t i = 0; i < freq; i++)
        out[i] = (uint8_t)positions[i];
    return freq;
}

/* Reads a block, or a chunk, in a way that tells all. */
static bool go_slowly(struct hot_positions_maker *m) {
    struct postings *p = &m->postings;
    const uint32_t *docs, *freqs;
    uint8_t bytes[FREQ_MOST + 1];
    if (postings_go(p, m->count) == DOC_END)
        return false;
    const uint32_t *positions = postings_run_positions(p);
    uint32_t n = postings_run(p, &docs, &freqs);
    if (!positions || !note_docs(m, docs, n))
        return false;
    if (p->by_chunks)
        m->number = docs[n - 1] / CHUNK_RANGE + 1;
    bool good = true;
    for (uint32_t i = 0; good && i < n; positions += freqs[i++])
        good = append(m, bytes, narrow(bytes, positions, freqs[i]));
    return good;
}

static bool go_on(struct hot_positions_maker *m) {
    struct picked_run run;
    if (!picks_read_run(&m->postings, m->count, &m->number, &run))
        return false;
    if (run.count == 0)
        return go_slowly(m);
    return (m->postings.by_chunks ? note_chunks(m, &run) : note_docs(m, run.docs, run.count)) && append_run(m, &run);
}

/* Fills in the ranks of parts that have no posting. */
static void end(struct hot_positions_maker *m) {
    struct hot_positions *p = m->positions;
    uint32_t parts = m->is_sparse ? m->part + 1 : ranges_of(m->passages);
    const struct parts sizes = parts_of(m->passages, m->postings.doc_freq, m->length);
    for (uint32_t i = 1; i <= parts; i++)
        p->ranks[i] = p->ranks[i] > p->ranks[i - 1] ? p->ranks[i] : p->ranks[i - 1];
    hot_kept_shrink(&p->kept, sum_of(&sizes));
}

bool hot_positions_maker_go(struct hot_positions_maker *m, uint32_t postings) {
    uint32_t before = m->count, all = m->postings.doc_freq;
    while (!m->is_broken && m->count < all && m->count - before < postings)
        m->is_broken = !go_on(m);
    if (m->is_broken || m->count < all)
        return m->is_broken;
    end(m);
    return true;
}

struct hot_positions *hot_positions_maker_finish(struct hot_positions_maker *m) {
    struct hot_positions *p = m->is_broken ? NULL : m->positions;
    m->positions = p ? NULL : m->positions;
    hot_positions_maker_free(m);
    return p;
}

/* ------------------------------------------------------------------------------------ reading -- */

/* The sum of numbers of FREQ_BITS. */
static inline uint32_t sum_freqs(uint64_t freqs) {
    const uint64_t low = UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (uint32_t)(((freqs & low) + (freqs >> FREQ_BITS & low)) * UINT64_C(0x0101010101010101) >> 56);
}

/* Which posting each document is; UINT32_MAX: none. */
static inline void number_all(uint32_t *numbers, const struct hot_positions *p, const struct hot_set *set,
                              const uint32_t *docs, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t range = docs[i] / RANGE_DOCS, high = docs[i] / 64 % 2, bit = docs[i] % 64;
        const uint64_t *bits = hot_set_range(set, range);
        uint64_t before = bits[0] & -(uint64_t)high; /* without a branch, which would be missed every other time */
        uint32_t number = p->ranks[hot_set_part(set, range)] + (uint32_t)__builtin_popcountll(before) +
                          (uint32_t)__builtin_popcountll(bits[high] & ((UINT64_C(1) << bit) - 1));
        bool has = hot_set_has_range(set, range) & (bits[high] >> bit);
        numbers[i] = has ? number : UINT32_MAX;
        fetch_line(&p->runs[(has ? number : 0) / HOT_RUN]);
    }
}

/* Where the positions of each posting are; and how many there are. */
static inline void find_all(uint32_t *at, uint32_t *freqs, const struct hot_positions *p, const uint32_t *numbers,
                            uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        bool has = numbers[i] != UINT32_MAX;
        uint32_t number = has ? numbers[i] : 0, shift = FREQ_BITS * (number % HOT_RUN);
        const struct hot_run *run = &p->runs[number / HOT_RUN];
        uint64_t all = load_u64(run->freqs);
        at[i] = run->at + sum_freqs(all & ((UINT64_C(1) << shift) - 1));
        freqs[i] = has ? (uint32_t)(all >> shift) & FREQ_MOST : 0;
        fetch_line(p->of + at[i]);
    }
}

static inline void put_mask(struct position_masks *out, uint32_t i, const uint8_t *positions, uint32_t freq) {
    for (uint32_t w = 0; w < POSITION_MASK_WORDS; w++)
        out->words[w][i] = 0;
    for (uint32_t k = 0; k < freq; k++)
        out->words[positions[k] / 64][i] |= UINT64_C(1) << positions[k] % 64;
}

FOR_EACH_CPU void hot_positions_read(const struct hot_positions *p, const struct hot_set *set, const uint32_t *docs,
                                     uint32_t n, struct position_masks *out) {
    uint32_t numbers[POSITION_MASKS], at[POSITION_MASKS];
    for (uint32_t i = 0; i < n; i++) {
        fetch_line(&p->ranks[hot_set_part(set, docs[i] / RANGE_DOCS)]);
        fetch_line(hot_set_range(set, docs[i] / RANGE_DOCS));
    }
    number_all(numbers, p, set, docs, n);
    find_all(at, out->freqs, p, numbers, n);
    for (uint32_t i = 0; i < n; i++)
        put_mask(out, i, p->of + at[i], out->freqs[i]);
}
