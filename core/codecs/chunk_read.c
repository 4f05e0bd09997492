/* The reader of chunks. What differs from processor to processor stands in chunk_kernel.h, which is compiled for each.
 */
#include "chunk_shape.h"
#include "core/base/cpu.h"

#include <stddef.h>
#include <string.h>

/* WORD_BITS bits from bit `at` on, and some of those behind. */
INLINE uint64_t bits_at(const uint8_t *bits, uint64_t at) {
    return load_u64(bits + (at >> 3)) >> (at & 7);
}

/* 64 bits from bit `at` on. There may be eight bytes behind the last bit and no more, so a ninth is not looked at where
 * it has no bits to give. */
INLINE uint64_t long_bits_at(const uint8_t *bits, uint64_t at) {
    const uint8_t *p = bits + (at >> 3);
    unsigned shift = at & 7;
    return load_u64(p) >> shift | (uint64_t)p[(shift + 63) >> 3] << 1 << (63 - shift);
}

INLINE uint64_t low_bits(unsigned n) {
    return (UINT64_C(1) << n) - 1;
}

/* The n lowest, or all. */
INLINE uint64_t up_to_all_bits(uint32_t n) {
    return n < 64 ? low_bits(n) : UINT64_MAX;
}

/* Whether a byte of v is 255. */
INLINE bool has_full_byte(uint64_t v) {
    uint64_t zeros = ~v;
    return ((zeros - UINT64_C(0x0101010101010101)) & ~zeros & UINT64_C(0x8080808080808080)) != 0;
}

/* Finds the frequencies of chunk i, which is flagged; false if they leave the group. */
INLINE bool open_freqs(struct chunk *c, const struct chunk_group *g, uint32_t i) {
    const uint8_t *head = g->docs + (g->starts[CHUNK_GROUP] + 7) / 8;
    unsigned flagged = (unsigned)__builtin_popcount(g->data[0]);
    unsigned before = (unsigned)__builtin_popcount(g->data[0] & ((1U << i) - 1));
    if ((uint64_t)(g->end - head) < flagged || *head > UNIT_MAX)
        return false;
    uint64_t sizes = load_u64(head + 1), all = (uint64_t)(g->end - head - flagged) * 8;
    c->has_freqs = true;
    c->freq_bits = head + flagged;
    c->freqs = (uint64_t)sum_bytes(sizes, before) << *head;
    c->freqs_end = before + 1 < flagged ? c->freqs + ((sizes >> 8 * before & 255) << *head) : all;
    return c->freqs <= c->freqs_end && c->freqs_end <= all;
}

/* Where chunks begin in the docs of a group in which counts stand before sets. */
static bool find_starts(struct chunk_group *g, unsigned shift) {
    uint64_t at = 0;
    for (uint32_t i = 0; i < CHUNK_GROUP; i++) {
        uint32_t count = g->data[1 + i];
        g->starts[i] = (uint32_t)at;
        if (count < COUNT_FOLLOWS) {
            at += set_size(count, shift);
            continue;
        }
        if (at + FOLLOWING_HEADER > g->docs_size)
            return false;
        count = (uint32_t)bits_at(g->docs, at);
        unsigned width = bits_at(g->docs, at + 32) & 255;
        if (count < COUNT_FOLLOWS || count > UINT32_C(1) << shift || width > 32)
            return false;
        at += FOLLOWING_HEADER + shape_of(count, shift).size + (uint64_t)count * width;
    }
    g->starts[CHUNK_GROUP] = (uint32_t)at;
    return at <= g->docs_size;
}

/* What a chunk has whose count stands before its set. */
static void open_following(struct chunk *c, const struct chunk_group *g, uint32_t start, unsigned shift) {
    c->count = (uint32_t)bits_at(g->docs, start);
    c->freq_width = bits_at(g->docs, start + 32) & 255;
    c->freqs_follow = true;
    c->freq_bits = g->docs;
    c->high = start + FOLLOWING_HEADER;
    c->freqs = c->high + shape_of(c->count, shift).size;
}

/* ---------------------------------------------------------------------------------------- walk -- */

/* Loads the word whose first bit is `at`. */
INLINE void load_word(struct chunk_walk *w, const struct chunk *c, uint32_t at) {
    uint32_t left = c->high_size - at;
    w->word = bits_at(c->bits, c->high + at) & low_bits(left < WORD_BITS ? left : WORD_BITS);
    w->next = at + (left < WORD_BITS ? left : WORD_BITS);
}

INLINE void end_walk(struct chunk_walk *w, const struct chunk *c) {
    w->index = c->count;
    w->offset = UINT32_MAX;
}

/* Stands on the next one of the set; the words start at next - WORD_BITS, but for a last one that is shorter. */
INLINE void take_one(struct chunk_walk *w, const struct chunk *c, uint32_t begin) {
    while (w->word == 0) {
        if (w->next >= c->high_size || w->index >= c->count) {
            end_walk(w, c);
            return;
        }
        begin = w->next;
        load_word(w, c, begin);
    }
    unsigned t = (unsigned)__builtin_ctzll(w->word);
    w->word = w->word >> t >> 1;
    w->at = begin + t;
    if (c->is_bitmap)
        w->offset = w->at;
    else
        w->offset = (w->at - w->index) << c->low_width |
                    (uint32_t)(bits_at(c->bits, c->low + (uint64_t)w->index * c->low_width) & low_bits(c->low_width));
}

INLINE void walk_next(struct chunk_walk *w, const struct chunk *c) {
    if (++w->index >= c->count)
        end_walk(w, c);
    else
        take_one(w, c, w->at + 1);
}

/* The place of one number r, from 0, of the word, which has so many. */
INLINE unsigned select_one(uint64_t word, unsigned r) {
    while (r--)
        word &= word - 1;
    return (unsigned)__builtin_ctzll(word);
}

/* Passes over `buckets` zeros of the highs. */
INLINE uint32_t pass_zeros(struct chunk_walk *w, const struct chunk *c, uint32_t buckets) {
    uint32_t begin = 0;
    load_word(w, c, 0);
    while (buckets > 0) {
        uint64_t zeros = ~w->word & low_bits(w->next - begin);
        unsigned n = (unsigned)__builtin_popcountll(zeros);
        if (n >= buckets) {
            unsigned skip = select_one(zeros, buckets - 1) + 1;
            w->word >>= skip;
            return begin + skip;
        }
        buckets -= n;
        begin = w->next;
        if (begin >= c->high_size) {
            w->word = 0;
            break;
        }
        load_word(w, c, begin);
    }
    return begin;
}

INLINE void walk_seek(struct chunk_walk *w, const struct chunk *c, uint32_t from) {
    w->index = 0;
    if (c->count == 0) {
        end_walk(w, c);
        return;
    }
    if (c->is_bitmap) {
        uint32_t begin = 0;
        for (load_word(w, c, 0); w->next <= from; load_word(w, c, begin)) {
            w->index += (uint32_t)__builtin_popcountll(w->word);
            begin = w->next;
        }
        w->index += (uint32_t)__builtin_popcountll(w->word & low_bits(from - begin));
        w->word >>= from - begin;
        if (w->index >= c->count) {
            end_walk(w, c);
            return;
        }
        take_one(w, c, from);
    } else {
        uint32_t bucket = from >> c->low_width, at = pass_zeros(w, c, bucket);
        w->index = at - bucket;
        if (w->index >= c->count) {
            end_walk(w, c);
            return;
        }
        take_one(w, c, at);
    }
    while (w->offset < from)
        walk_next(w, c);
}

/* -------------------------------------------------------------------------------- frequencies -- */

/* Ones of the n bits from `at` on. */
INLINE uint32_t count_ones(const uint8_t *bits, uint64_t at, uint32_t n) {
    const uint8_t *p = bits + (at >> 3);
    uint32_t before = at & 7, end = before + n;
    uint64_t word = load_u64(p) & UINT64_MAX << before;
    uint32_t ones = 0;
    for (; end > 64; end -= 64, word = load_u64(p += 8)) {
        ones += (uint32_t)__builtin_popcountll(word);
        __asm__("" : "+r"(ones)); /* compilers would make vectors of it, for a few words at most */
    }
    return ones + (uint32_t)__builtin_popcountll(word & up_to_all_bits(end));
}

/* From plane 1 on, at bit `at` and of n bits, for a posting that is `index` among those: its frequency, 2 or more. Does
 * not leave the chunk's bits, whatever these are. */
INLINE uint32_t read_planes(const struct chunk *c, uint64_t at, uint32_t n, uint32_t index) {
    const uint8_t *bits = c->freq_bits;
    uint32_t freq = 2;
    for (unsigned p = 1; p < PLANES; p++, freq++) {
        if (at + n > c->freqs_end || !(bits_at(bits, at + index) & 1))
            return freq;
        index = count_ones(bits, at, index);
        uint32_t ones = count_ones(bits, at, n);
        at += n;
        n = ones;
    }
    if (at + 5 > c->freqs_end)
        return freq;
    unsigned width = (unsigned)(bits_at(bits, at) & 31) + 1;
    at += 5 + (uint64_t)index * width;
    return at + width > c->freqs_end ? freq : freq + (uint32_t)(bits_at(bits, at) & low_bits(width));
}

INLINE uint32_t list_repeats(const struct chunk *c, uint32_t first, uint32_t n, uint8_t *indices, uint32_t *freqs) {
    uint64_t head = bits_at(c->freq_bits, c->freqs), at = c->freqs + LIST_HEADER;
    uint32_t r = (uint32_t)(head >> 1 & 7) + 1, found = 0;
    unsigned width = head >> 4 & 3;
    for (; r > 0 && at + c->index_width + width <= c->freqs_end; r--, at += c->index_width + width) {
        uint64_t entry = bits_at(c->freq_bits, at);
        uint32_t index = (uint32_t)(entry & low_bits(c->index_width)) - first;
        if (index < n) {
            indices[found] = (uint8_t)index;
            freqs[found++] = 2 + (uint32_t)(entry >> c->index_width & low_bits(width));
        }
    }
    return found;
}

INLINE uint32_t plane_repeats(const struct chunk *c, uint32_t first, uint32_t n, uint8_t *indices, uint32_t *freqs) {
    uint64_t plane = c->freqs + 1, next = plane + c->count;
    if (next > c->freqs_end)
        return 0;
    uint32_t index = count_ones(c->freq_bits, plane, first), found = 0,
             all = index + count_ones(c->freq_bits, plane + first, c->count - first);
    for (uint32_t i = 0; i < n; i += WORD_BITS) {
        uint64_t word = bits_at(c->freq_bits, plane + first + i) & low_bits(n - i < WORD_BITS ? n - i : WORD_BITS);
        for (; word; word &= word - 1) {
            indices[found] = (uint8_t)(i + (uint32_t)__builtin_ctzll(word));
            freqs[found++] = read_planes(c, next, all, index++);
        }
    }
    return found;
}

INLINE uint32_t following_freq(const struct chunk *c, uint32_t index) {
    return 1 + (uint32_t)(bits_at(c->freq_bits, c->freqs + (uint64_t)index * c->freq_width) & low_bits(c->freq_width));
}

INLINE uint32_t list_freq(const struct chunk *c, uint32_t wanted) {
    uint64_t head = bits_at(c->freq_bits, c->freqs), at = c->freqs + LIST_HEADER;
    uint32_t r = (uint32_t)(head >> 1 & 7) + 1;
    unsigned width = head >> 4 & 3;
    for (; r > 0 && at + c->index_width + width <= c->freqs_end; r--, at += c->index_width + width) {
        uint64_t entry = bits_at(c->freq_bits, at);
        if ((uint32_t)(entry & low_bits(c->index_width)) == wanted)
            return 2 + (uint32_t)(entry >> c->index_width & low_bits(width));
    }
    return 1;
}

INLINE uint32_t plane_freq(const struct chunk *c, uint32_t index) {
    uint64_t plane = c->freqs + 1, next = plane + c->count;
    if (next > c->freqs_end || !(bits_at(c->freq_bits, plane + index) & 1))
        return 1;
    uint32_t before = count_ones(c->freq_bits, plane, index);
    return read_planes(c, next, before + count_ones(c->freq_bits, plane + index, c->count - index), before);
}

/* The frequency of posting `index`, which the chunk has. */
INLINE uint32_t freq_of(const struct chunk *c, uint32_t index) {
    if (c->freqs_follow)
        return following_freq(c, index);
    if (!c->has_freqs)
        return 1;
    return bits_at(c->freq_bits, c->freqs) & 1 ? plane_freq(c, index) : list_freq(c, index);
}

/* ------------------------------------------------------------------------------------ marking -- */

INLINE bool mark(uint64_t *bits, uint32_t doc, uint32_t passages) {
    if (doc >= passages)
        return false;
    bits[doc / 64] |= UINT64_C(1) << doc % 64;
    return true;
}

/* The chunk is that of CHUNK_RANGE passages from `start` on. */
INLINE bool mark_bitmap(const struct chunk *c, uint32_t start, uint32_t passages, uint64_t *bits) {
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t first = start + i * 64;
        if (c->words[i] && (first >= passages || (passages - first < 64 && c->words[i] >> (passages - first))))
            return false;
        bits[first / 64] |= c->words[i];
    }
    return true;
}

INLINE bool mark_chunk(const struct chunk *c, uint32_t start, uint32_t passages, uint64_t *bits) {
    bool within = true;
    if (c->kind == CHUNK_IS_BITMAP)
        return mark_bitmap(c, start, passages, bits);
    if (c->kind == CHUNK_IS_SMALL) {
        for (uint32_t i = 0; i < c->count; i++)
            within &= mark(bits, start + c->offsets[i], passages);
        return within;
    }
    struct chunk_walk w;
    for (walk_seek(&w, c, 0); within && w.offset != UINT32_MAX; walk_next(&w, c))
        within = mark(bits, start + w.offset, passages);
    return within;
}

/* The blocks of a chunk's passages. */
INLINE bool mark_blocks_of(const struct chunk *c, uint32_t start, uint32_t passages, uint64_t *bits) {
    const uint32_t blocks = (passages + CHUNK_BLOCK - 1) / CHUNK_BLOCK;
    bool within = true;
    for (uint32_t i = 0; c->kind == CHUNK_IS_BITMAP && i < CHUNK_RANGE / CHUNK_BLOCK; i++)
        if ((uint16_t)(c->words[i / 4] >> i % 4 * CHUNK_BLOCK))
            within &= mark(bits, start / CHUNK_BLOCK + i, blocks);
    if (c->kind == CHUNK_IS_BITMAP)
        return within;
    if (c->kind == CHUNK_IS_SMALL) {
        for (uint32_t i = 0; i < c->count; i++)
            within &= mark(bits, (start + c->offsets[i]) / CHUNK_BLOCK, blocks);
        return within;
    }
    struct chunk_walk w;
    for (walk_seek(&w, c, 0); within && w.offset != UINT32_MAX; walk_next(&w, c))
        within = mark(bits, (start + w.offset) / CHUNK_BLOCK, blocks);
    return within;
}

/* ----------------------------------------------------------------------------------- kernels -- */

/* The part of offset number i that is not in the highs. */
INLINE uint32_t low_part(const struct chunk *c, uint32_t i) {
    return (uint32_t)(bits_at(c->bits, c->low + (uint64_t)i * c->low_width) & low_bits(c->low_width));
}

#define UP8(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
static const uint8_t count_up_8[64]
    __attribute__((aligned(64), unused)) = {UP8(0), UP8(8), UP8(16), UP8(24), UP8(32), UP8(40), UP8(48), UP8(56)};
static const uint16_t count_up_16[32] __attribute__((aligned(64), unused)) = {UP8(0), UP8(8), UP8(16), UP8(24)};

/* Of low parts of 3 bits, and of 2: where each of 32 begins in a word, twice; and the bit in 8, or 4, that one is. */
#define BY4(n, w)  (n) * (w)&63, ((n) + 1) * (w)&63, ((n) + 2) * (w)&63, ((n) + 3) * (w)&63
#define BY32(w)    BY4(0, w), BY4(4, w), BY4(8, w), BY4(12, w), BY4(16, w), BY4(20, w), BY4(24, w), BY4(28, w)
#define BITS_OF_8  1, 2, 4, 8, 16, 32, 64, 128
#define BITS_OF_4  1, 2, 4, 8, 1, 2, 4, 8
#define TIMES_8(x) x, x, x, x, x, x, x, x
static const uint8_t bucket_tables[2][2][64] __attribute__((aligned(64), unused)) = {
    {{BY32(3), BY32(3)}, {TIMES_8(BITS_OF_8)}}, {{BY32(2), BY32(2)}, {TIMES_8(BITS_OF_4)}}};

/* How parts of w bits are unpacked, four in each lane of 64 bits: the bytes that a lane takes, from the one on in which
 * its first part begins; and where its parts begin in these, 16 bits of each. */
struct unpacking {
    uint8_t bytes[64], places[64];
};
enum { UNPACKING_MAX = 14 }; /* wider, and begun at any bit of a byte, four parts are not in eight bytes */
#define LANE_BIT(w, l)    (4 * (l) * (w))
#define LANE_BYTES(w, l)  UP8(LANE_BIT(w, l) / 8)
#define PART_PLACE(at)    (at), (at) + 8
#define FOUR_PLACES(a, w) PART_PLACE(a), PART_PLACE((a) + (w)), PART_PLACE((a) + 2 * (w)), PART_PLACE((a) + 3 * (w))
#define LANE_PLACES(w, l) FOUR_PLACES(LANE_BIT(w, l) % 8, w)
#define ALL_LANES(of, w)  of(w, 0), of(w, 1), of(w, 2), of(w, 3), of(w, 4), of(w, 5), of(w, 6), of(w, 7)
#define UNPACKING(w)                                                                                                   \
    {                                                                                                                  \
        {ALL_LANES(LANE_BYTES, w)}, {                                                                                  \
            ALL_LANES(LANE_PLACES, w)                                                                                  \
        }                                                                                                              \
    }
static const struct unpacking unpackings[UNPACKING_MAX + 1] __attribute__((aligned(64), unused)) = {
    UNPACKING(0), UNPACKING(1), UNPACKING(2),  UNPACKING(3),  UNPACKING(4),  UNPACKING(5),  UNPACKING(6), UNPACKING(7),
    UNPACKING(8), UNPACKING(9), UNPACKING(10), UNPACKING(11), UNPACKING(12), UNPACKING(13), UNPACKING(14)};

/* Each bit of a byte that parts may begin at, for all their places. */
#define BEGUN_AT(bit)                                                                                                  \
    { TIMES_8((bit)*UINT64_C(0x0101010101010101)) }
static const uint64_t begun_at[8][8] __attribute__((aligned(64), unused)) = {
    BEGUN_AT(0), BEGUN_AT(1), BEGUN_AT(2), BEGUN_AT(3), BEGUN_AT(4), BEGUN_AT(5), BEGUN_AT(6), BEGUN_AT(7)};

/* Numbers that fall from 64 on, or from any one between that and 0. */
#define DOWN8(n) n, (n)-1, (n)-2, (n)-3, (n)-4, (n)-5, (n)-6, (n)-7
static const int16_t count_down[96]
    __attribute__((aligned(64), unused)) = {DOWN8(64), DOWN8(56), DOWN8(48), DOWN8(40), DOWN8(32),  DOWN8(24),
                                            DOWN8(16), DOWN8(8),  DOWN8(0),  DOWN8(-8), DOWN8(-16), DOWN8(-24)};

#define KERNEL(name) name##_scalar
#include "chunk_kernel.h"
#undef KERNEL

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("bmi,bmi2,popcnt,avx,avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("bmi,bmi2,lzcnt,popcnt,avx,avx2")
#endif
#define KERNEL(name) name##_avx2
#define KERNEL_BMI2
#include "chunk_kernel.h"
#undef KERNEL
#undef KERNEL_BMI2
#undef KERNEL_AVX512
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("bmi,bmi2,popcnt,avx,avx2,avx512f,avx512bw,avx512vl,"               \
                                                   "avx512cd,avx512dq,avx512vbmi,avx512vbmi2,avx512vpopcntdq,"         \
                                                   "avx512bitalg"))),                                                  \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("bmi,bmi2,lzcnt,popcnt,avx,avx2,avx512f,avx512bw,avx512vl,avx512cd,avx512dq")
#pragma GCC target("avx512vbmi,avx512vbmi2,avx512vpopcntdq,avx512bitalg")
#endif
#define KERNEL(name) name##_avx512
#define KERNEL_AVX512
#include "chunk_kernel.h"
#undef KERNEL
#undef KERNEL_BMI2
#undef KERNEL_AVX512
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const struct chunk_ops *const *chunk_ops_all(void) {
    static const struct chunk_ops *const all[] = {&chunk_ops_avx512, &chunk_ops_avx2, &chunk_ops_scalar, NULL};
    if (!cpu_has_avx2())
        return all + 2;
    return cpu_has_avx512_vbmi2() ? all : all + 1;
}
#else
const struct chunk_ops *const *chunk_ops_all(void) {
    static const struct chunk_ops *const all[] = {&chunk_ops_scalar, NULL};
    return all;
}
#endif

/* ------------------------------------------------------------------------------------ reading -- */

bool chunk_table_open(struct chunk_table *t, const uint8_t **p, const uint8_t *end, uint32_t passages) {
    if (*p == end)
        return false;
    t->shift = *(*p)++;
    if (t->shift < CHUNK_SHIFT_MIN || t->shift > CHUNK_SHIFT_MAX)
        return false;
    t->ops = chunk_ops_all()[0];
    t->group_count = groups_of(passages, t->shift);
    t->number = t->group_number = UINT32_MAX;
    return slope_open(&t->ends, p, end, t->group_count) && slope_open(&t->ranks, p, end, t->group_count);
}

/* Postings of chunk i of the group in hand. */
static uint32_t count_of(const struct chunk_group *g, uint32_t i) {
    if (!g->data)
        return 0;
    uint32_t count = g->data[1 + i];
    return count < COUNT_FOLLOWS ? count : (uint32_t)bits_at(g->docs, g->starts[i]);
}

uint32_t chunk_table_rank(struct chunk_table *t) {
    uint32_t rank = slope_before(&t->ranks, t->number / CHUNK_GROUP);
    for (uint32_t i = 0; i < t->number % CHUNK_GROUP; i++)
        rank += count_of(&t->group, i);
    return rank;
}

/* Where a group's postings begin among all; and how many its chunks have. False if they can't be. */
static bool count_group(const struct chunk_table *t, uint32_t group, uint32_t *first, uint64_t *counts) {
    uint32_t begin, end;
    if (group >= t->group_count)
        return false;
    end = slope_pair(&t->ends, group, &begin);
    if (begin > end || end > (size_t)(t->groups_end - t->groups) || end - begin < HEADER)
        return false;
    *counts = load_u64(t->groups + begin + 1);
    *first = slope_before(&t->ranks, group);
    return true;
}

bool chunk_table_ranks(struct chunk_table *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                       uint32_t *ranks) {
    uint32_t group = UINT32_MAX, first = 0;
    uint64_t counts = 0;
    bool follow = false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = docs[i] >> t->shift;
        if (number / CHUNK_GROUP != group) {
            group = number / CHUNK_GROUP;
            if (!count_group(t, group, &first, &counts))
                return false;
            follow = has_full_byte(counts);
        }
        if (!follow)
            ranks[i] = first + sum_bytes(counts, number % CHUNK_GROUP) + indices[i];
        else if (chunk_table_go(t, number))
            ranks[i] = chunk_table_rank(t) + indices[i];
        else
            return false;
    }
    return true;
}

bool chunk_table_go_to_rank(struct chunk_table *t, uint32_t rank, uint32_t *first) {
    uint32_t low = 0, n = t->group_count;
    while (n > 1) {
        uint32_t half = n / 2;
        low += slope_before(&t->ranks, low + half) <= rank ? half : 0;
        n -= half;
    }
    *first = slope_before(&t->ranks, low);
    if (!chunk_table_go(t, low * CHUNK_GROUP))
        return false;
    for (uint32_t i = 0; i < CHUNK_GROUP; i++) {
        uint32_t count = count_of(&t->group, i);
        if (rank >= *first && rank - *first < count)
            return chunk_table_go(t, low * CHUNK_GROUP + i);
        *first += count;
    }
    return false;
}

bool chunk_table_mark_part(struct chunk_table *t, uint32_t first, uint32_t end, uint64_t *bits) {
    unsigned wide = t->shift + CHUNK_GROUP_SHIFT;
    bool good = t->ops->mark(t, first >> wide, groups_of(end, t->shift), end - first, bits);
    t->number = t->group_number = UINT32_MAX;
    return good;
}

bool chunk_table_meet(struct chunk_table *t, uint32_t end, struct chunk_meeting *m) {
    bool good = t->ops->meet(t, end, m);
    t->number = t->group_number = UINT32_MAX;
    return good;
}

bool chunk_table_mark(struct chunk_table *t, uint32_t passages, uint64_t *bits) {
    return chunk_table_mark_part(t, 0, passages, bits);
}

bool chunk_table_mark_blocks(struct chunk_table *t, uint32_t passages, const uint64_t *wanted, uint64_t *bits) {
    bool good = t->ops->mark_blocks(t, passages, wanted, bits);
    t->number = t->group_number = UINT32_MAX;
    return good;
}
