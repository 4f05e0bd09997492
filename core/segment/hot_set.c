#include "hot_set.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buffer.h"
#include "core/base/cpu.h"
#include "postings.h"
#include "segment_map.h"

static size_t words_of(uint32_t passages) {
    return ((size_t)passages + CHUNK_RANGE - 1) / CHUNK_RANGE * (CHUNK_RANGE / 64);
}

static uint32_t ranges_of(uint32_t passages) {
    return (uint32_t)(words_of(passages) / HOT_SET_RANGE_WORDS);
}

static size_t range_words_of(uint32_t passages) {
    return (ranges_of(passages) + (size_t)63) / 64;
}

/* Bytes of what the parts of a set have: of 64 ranges each, and of one. */
enum { PART_RANGES = sizeof(uint64_t), PART_BEFORE = sizeof(uint32_t), PART_RANGE = RANGE_DOCS / 8 };

static size_t head_size(uint32_t passages) {
    return hot_kept_part(sizeof(struct hot_set)) + hot_kept_part(range_words_of(passages) * PART_RANGES);
}

static size_t dense_size(uint32_t passages) {
    return head_size(passages) + hot_kept_part(words_of(passages) * sizeof(uint64_t));
}

static size_t sparse_size(uint32_t passages, uint32_t ranges) {
    return head_size(passages) + hot_kept_part((range_words_of(passages) + 1) * PART_BEFORE) +
           hot_kept_part(ranges * (size_t)PART_RANGE);
}

size_t hot_set_size(uint32_t passages, uint32_t doc_freq, bool sparse) {
    uint32_t ranges = ranges_of(passages);
    doc_freq = doc_freq < ranges ? doc_freq : ranges;
    return hot_kept_size(sparse ? sparse_size(passages, doc_freq) : dense_size(passages));
}

struct hot_set_maker {
    struct hot_set *set;   /* has the ranges, and of a dense one all */
    struct buffer parts;   /* of a sparse one: the bits of ranges that have the term */
    uint64_t *window;      /* and passages that are looked at together */
    uint32_t window_width; /* so many, whole groups of chunks */
    struct postings postings;
    uint32_t passages, at; /* those before `at` are marked */
    uint64_t count;        /* of these */
    bool is_broken;
};

static uint8_t *part_at(struct hot_set *s, size_t offset) {
    return (uint8_t *)s + hot_kept_part(sizeof *s) + offset;
}

/* A set of so many bytes, which has nothing yet. */
static struct hot_set *new_set(size_t size) {
    struct hot_set *s = (struct hot_set *)(void *)hot_kept_new(size);
    if (s)
        s->ranges = (uint64_t *)(void *)part_at(s, 0);
    return s;
}

static void *behind_ranges(struct hot_set *s, uint32_t passages) {
    return part_at(s, hot_kept_part(range_words_of(passages) * PART_RANGES));
}

static bool begin_dense(struct hot_set_maker *m) {
    m->set = new_set(dense_size(m->passages));
    if (m->set)
        m->set->bits = behind_ranges(m->set, m->passages);
    return m->set != NULL;
}

static bool begin_sparse(struct hot_set_maker *m) {
    enum { WINDOW_SHIFT = 16 };
    unsigned group = m->postings.chunks.shift + CHUNK_GROUP_SHIFT;
    m->window_width = UINT32_C(1) << (group > WINDOW_SHIFT ? group : WINDOW_SHIFT);
    m->window = malloc(m->window_width / 8);
    m->set = new_set(head_size(m->passages));
    return m->window && m->set;
}

struct hot_set_maker *hot_set_maker_new(const struct segment *segment, const struct term_info *info, bool sparse) {
    struct hot_set_maker *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->parts = BUFFER_EMPTY;
    m->passages = segment->counts.passages;
    postings_init(&m->postings, segment, info);
    m->is_broken = m->postings.status != LEDE_OK;
    bool made = m->postings.levels && (sparse ? begin_sparse(m) : begin_dense(m));
    if (!made && !m->is_broken) {
        hot_set_maker_free(m);
        return NULL;
    }
    return m;
}

void hot_set_maker_free(struct hot_set_maker *m) {
    if (!m)
        return;
    postings_release(&m->postings);
    buffer_release(&m->parts);
    hot_kept_free(m->set ? &m->set->kept : NULL);
    free(m->window);
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

/* Whether there is nothing behind the last passage in the words that end with its range. */
static bool is_nothing_behind(const struct hot_set_maker *m, const uint64_t *end_of_words) {
    uint64_t behind = 0;
    for (size_t p = m->passages; p < 64 * words_of(m->passages); p++)
        behind |= end_of_words[-(ptrdiff_t)(words_of(m->passages) - p / 64)] >> p % 64 & 1;
    return behind == 0;
}

/* Marks passages up to `end`; the ranges that have some are told, and of a sparse set appended. */
static bool mark(struct hot_set_maker *m, uint32_t end, uint64_t *bits) {
    const size_t words = words_of(end - m->at), first = m->at / RANGE_DOCS;
    if (!chunk_table_mark_part(&m->postings.chunks, m->at, end, bits))
        return false;
    m->count += count_bits(bits, words);
    for (size_t i = 0; i < words; i += HOT_SET_RANGE_WORDS) {
        size_t range = first + i / HOT_SET_RANGE_WORDS;
        bool has = (bits[i] | bits[i + 1]) != 0;
        m->set->ranges[range / 64] |= (uint64_t)has << range % 64;
        if (has && m->window)
            buffer_append(&m->parts, bits + i, PART_RANGE);
    }
    return end < m->passages || is_nothing_behind(m, bits + words);
}

static bool mark_in_windows(struct hot_set_maker *m, uint32_t end) {
    bool good = true;
    for (uint32_t next; good && m->at < end; m->at = next) {
        next = end - m->at > m->window_width ? m->at + m->window_width : end;
        memset(m->window, 0, m->window_width / 8);
        good = mark(m, next, m->window);
    }
    return good && !m->parts.failed;
}

bool hot_set_maker_go(struct hot_set_maker *m, uint32_t postings) {
    _Static_assert(HOT_SET_RANGE_WORDS == 2 && CHUNK_RANGE == RANGE_DOCS, "a range is two words");
    if (m->is_broken)
        return true;
    uint32_t end = end_of_step(m, postings);
    m->is_broken = m->window ? !mark_in_windows(m, end) : !mark(m, end, m->set->bits + m->at / 64);
    m->at = end;
    if (end == m->passages)
        m->is_broken |= m->count != m->postings.doc_freq;
    return m->is_broken || end == m->passages;
}

/* The sparse set as it is kept; NULL if there is no memory. */
static struct hot_set *lay_out(const struct hot_set_maker *m) {
    const size_t range_words = range_words_of(m->passages);
    const uint32_t ranges = (uint32_t)(m->parts.len / PART_RANGE);
    struct hot_set *s = new_set(sparse_size(m->passages, ranges));
    if (!s)
        return NULL;
    memcpy(s->ranges, m->set->ranges, range_words * PART_RANGES);
    s->before = behind_ranges(s, m->passages);
    s->parts = (uint64_t *)(void *)((uint8_t *)s->before + hot_kept_part((range_words + 1) * PART_BEFORE));
    for (size_t i = 0; i < range_words; i++)
        s->before[i + 1] = s->before[i] + (uint32_t)__builtin_popcountll(s->ranges[i]);
    if (m->parts.len > 0)
        memcpy(s->parts, m->parts.data, m->parts.len);
    return s;
}

struct hot_set *hot_set_maker_finish(struct hot_set_maker *m) {
    struct hot_set *s = NULL;
    if (!m->is_broken && m->window) {
        s = lay_out(m);
    } else if (!m->is_broken) {
        s = m->set;
        m->set = NULL;
    }
    hot_set_maker_free(m);
    return s;
}
