#include "hot_set.h"

#include <stdlib.h>

#include "core/base/cpu.h"
#include "postings.h"
#include "segment_map.h"

static size_t words_of(uint32_t passages) {
    return ((size_t)passages + CHUNK_RANGE - 1) / CHUNK_RANGE * (CHUNK_RANGE / 64);
}

static size_t parts_of(uint32_t passages) {
    return hot_kept_part(sizeof(struct hot_set)) + hot_kept_part(words_of(passages) * sizeof(uint64_t));
}

size_t hot_set_size(uint32_t passages) {
    return hot_kept_size(parts_of(passages));
}

struct hot_set_maker {
    struct hot_set *set;
    struct postings postings;
    uint32_t passages, at; /* those before `at` are marked */
    uint64_t count;        /* of these */
    bool is_broken;
};

struct hot_set_maker *hot_set_maker_new(const struct segment *segment, const struct term_info *info) {
    struct hot_set_maker *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->passages = segment->counts.passages;
    postings_init(&m->postings, segment, info);
    m->is_broken = m->postings.status != LEDE_OK;
    struct hot_kept *kept = m->postings.levels ? hot_kept_new(parts_of(m->passages)) : NULL;
    if (!kept && !m->is_broken) {
        hot_set_maker_free(m);
        return NULL;
    }
    m->set = (struct hot_set *)(void *)kept;
    if (kept)
        m->set->bits = (uint64_t *)(void *)((uint8_t *)kept + hot_kept_part(sizeof *m->set));
    return m;
}

void hot_set_maker_free(struct hot_set_maker *m) {
    if (!m)
        return;
    postings_release(&m->postings);
    hot_kept_free(m->set ? &m->set->kept : NULL);
    free(m);
}

FOR_EACH_CPU static uint64_t count_bits(const uint64_t *bits, size_t words) {
    uint64_t count = 0;
    for (size_t i = 0; i < words; i++)
        count += (uint64_t)__builtin_popcountll(bits[i]);
    return count;
}

/* Where the step ends that reads so many postings: where a group of chunks does. */
static uint32_t end_of_step(const struct hot_set_maker *m, uint32_t postings) {
    unsigned wide = m->postings.chunks.shift + CHUNK_GROUP_SHIFT;
    uint64_t passages = (uint64_t)postings * m->passages / m->postings.doc_freq;
    uint64_t end = (((m->at + passages) >> wide) + 1) << wide;
    return end < m->passages ? (uint32_t)end : m->passages;
}

/* Whether there is nothing behind the last passage, and nothing is missing. */
static bool is_whole(const struct hot_set_maker *m) {
    const uint64_t *bits = m->set->bits;
    uint64_t behind = 0;
    for (size_t p = m->passages; p < 64 * words_of(m->passages); p++)
        behind |= bits[p / 64] >> p % 64 & 1;
    return behind == 0 && m->count == m->postings.doc_freq;
}

bool hot_set_maker_go(struct hot_set_maker *m, uint32_t postings) {
    if (m->is_broken)
        return true;
    uint32_t end = end_of_step(m, postings);
    uint64_t *bits = m->set->bits + m->at / 64;
    m->is_broken = !chunk_table_mark_part(&m->postings.chunks, m->at, end, bits);
    m->count += count_bits(bits, words_of(end - m->at));
    m->at = end;
    if (end == m->passages)
        m->is_broken |= !is_whole(m);
    return m->is_broken || end == m->passages;
}

struct hot_set *hot_set_maker_finish(struct hot_set_maker *m) {
    struct hot_set *s = m->is_broken ? NULL : m->set;
    m->set = s ? NULL : m->set;
    hot_set_maker_free(m);
    return s;
}
