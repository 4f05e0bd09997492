/* chunk_kernel.h - what a search runs through most: part of chunk_read.c, compiled once for each kind of processor.
 *
 * KERNEL(name) gives the names; KERNEL_BMI2 and KERNEL_AVX512 tell which instructions there are. Without them this is
 * the scalar twin, which the others equal. No include guard: this is no header in itself. */

#if defined(KERNEL_AVX512)
/* The first byte of each lane of 64 bits, in all of its bytes. */
INLINE __m512i KERNEL(first_bytes)(__m512i v) {
    const int64_t first = 0, second = INT64_C(0x0808080808080808);
    return _mm512_shuffle_epi8(v, _mm512_setr_epi64(first, second, first, second, first, second, first, second));
}

/* The eight bytes at eight places, or 0 for those that are not wanted; the first eight bytes can be read. One by one it
 * takes half of the time of a gather. */
INLINE __m512i KERNEL(load_eight)(const uint8_t *bytes, __mmask8 wanted, __m512i places) {
    uint64_t at[8] __attribute__((aligned(64)));
    __m128d pairs[4];
    _mm512_store_si512(at, _mm512_maskz_mov_epi64(wanted, places));
    __asm__("" : "+m"(at)); /* compilers would take each out of the vector, which costs more */
    for (unsigned i = 0; i < 4; i++) {
        pairs[i] = _mm_castsi128_pd(_mm_loadl_epi64((const __m128i *)(const void *)(bytes + at[2 * i])));
        pairs[i] = _mm_loadh_pd(pairs[i], (const double *)(const void *)(bytes + at[2 * i + 1]));
    }
    __m256i low = _mm256_castpd_si256(_mm256_insertf128_pd(_mm256_castpd128_pd256(pairs[0]), pairs[1], 1));
    __m256i high = _mm256_castpd_si256(_mm256_insertf128_pd(_mm256_castpd128_pd256(pairs[2]), pairs[3], 1));
    return _mm512_maskz_mov_epi64(wanted, _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1));
}

/* Numbers of `width` <= UNPACKING_MAX bits, from bit `begin` < 8 of some bytes on, in lanes of 16 bits. */
INLINE __m512i KERNEL(unpack_bytes)(__m512i bytes, unsigned begin, unsigned width) {
    const struct unpacking *u = &unpackings[width];
    __m512i places = _mm512_add_epi8(_mm512_load_si512(u->places), _mm512_load_si512(begun_at[begin]));
    bytes = _mm512_permutexvar_epi8(_mm512_load_si512(u->bytes), bytes);
    return _mm512_and_si512(_mm512_multishift_epi64_epi8(places, bytes), _mm512_set1_epi16((short)low_bits(width)));
}

/* The same of n <= 32 numbers, from bit `at` on, and some of those behind. */
INLINE __m512i KERNEL(unpack_parts)(const uint8_t *bits, uint64_t at, uint32_t n, unsigned width) {
    uint32_t used = ((uint32_t)(at & 7) + n * width + 7) / 8;
    __m512i bytes = _mm512_maskz_loadu_epi8(_bzhi_u64(UINT64_MAX, used), bits + (at >> 3));
    return KERNEL(unpack_bytes)(bytes, at & 7, width);
}

/* Offsets of n <= 32 postings from number i on, whose places in the highs are given, behind `before` others. */
INLINE __m512i KERNEL(join)(const struct chunk *c, __m256i places, uint32_t before, uint32_t i, uint32_t n) {
    __m512i number = _mm512_add_epi16(_mm512_load_si512(count_up_16), _mm512_set1_epi16((short)before));
    __m512i high = _mm512_sub_epi16(_mm512_cvtepu8_epi16(places), number);
    high = _mm512_sllv_epi16(high, _mm512_set1_epi16((short)c->low_width));
    __m512i parts = KERNEL(unpack_parts)(c->bits, c->low + (uint64_t)i * c->low_width, n, c->low_width);
    return _mm512_or_si512(high, parts);
}

/* Makes offsets of 32 places, of the one with number i on, in the highs. */
INLINE void KERNEL(join_parts)(struct chunk *c, __m256i places, uint32_t i) {
    uint32_t n = c->count - i < 32 ? c->count - i : 32;
    _mm512_storeu_si512(c->offsets + i, KERNEL(join)(c, places, i, i, n));
}

/* From the ones of the highs, `before` of which are in the first word. */
INLINE void KERNEL(decode_vectors)(struct chunk *c, uint64_t first, uint64_t second, uint32_t before) {
    __m512i up = _mm512_load_si512(count_up_8);
    __m512i packed = _mm512_maskz_compress_epi8(first, up);
    if (second) {
        __m512i others = _mm512_maskz_compress_epi8(second, _mm512_add_epi8(up, _mm512_set1_epi8(64)));
        packed = _mm512_or_si512(packed, _mm512_maskz_expand_epi8(UINT64_MAX << before, others));
    }
    KERNEL(join_parts)(c, _mm512_castsi512_si256(packed), 0);
    if (c->count > 32)
        KERNEL(join_parts)(c, _mm512_extracti64x4_epi64(packed, 1), 32);
}
#endif

/* The same, one after the other. */
static NOINLINE void KERNEL(decode_in_turn)(struct chunk *c, uint64_t first, uint64_t second) {
    uint32_t i = 0;
    for (; first; i++, first &= first - 1)
        c->offsets[i] = (uint16_t)(((uint32_t)__builtin_ctzll(first) - i) << c->low_width | low_part(c, i));
    for (; second; i++, second &= second - 1)
        c->offsets[i] = (uint16_t)((64 + (uint32_t)__builtin_ctzll(second) - i) << c->low_width | low_part(c, i));
}

/* The offsets of a set of at most CHUNK_SMALL of them that is no bitmap. False if it has another number of ones. */
INLINE bool KERNEL(decode_small)(struct chunk *c) {
    const uint8_t *p = c->bits + (c->high >> 3);
    const unsigned skip = c->high & 7, size = c->high_size;
    uint64_t first = load_u64(p) >> skip, second = 0;
    if (skip + size > 64)
        first |= load_u64(p + 8) << 1 << (63 - skip);
    if (size > 64)
        second = long_bits_at(c->bits, c->high + 64) & UINT64_MAX >> (128 - size);
    else
        first &= UINT64_MAX >> (64 - size);
    uint32_t before = (uint32_t)__builtin_popcountll(first);
    if (before + (uint32_t)__builtin_popcountll(second) != c->count)
        return false;
#if defined(KERNEL_AVX512)
    if (c->low_width <= UNPACKING_MAX) {
        KERNEL(decode_vectors)(c, first, second, before);
        return true;
    }
#endif
    KERNEL(decode_in_turn)(c, first, second);
    return true;
}

/* The lowest `count` <= 64 bits are set. */
#define KERNEL_FIRST(count) ((count) ? UINT64_MAX >> (64 - (count)) : 0)

#if defined(KERNEL_AVX512)
/* Each of eight numbers becomes the sum of those up to it. */
INLINE __m256i KERNEL(sums)(__m256i v) {
    const __m256i zero = _mm256_setzero_si256();
    v = _mm256_add_epi32(v, _mm256_alignr_epi32(v, zero, 7));
    v = _mm256_add_epi32(v, _mm256_alignr_epi32(v, zero, 6));
    return _mm256_add_epi32(v, _mm256_alignr_epi32(v, zero, 4));
}
#endif

/* Where the chunks begin in the docs, and where they end, where no counts follow. */
INLINE void KERNEL(sum_sizes)(struct chunk_group *g, unsigned shift) {
#if defined(KERNEL_AVX512)
    /* As set_size: count * (shift - k + 1) + 2^k - 1, where k is 32 less the zeros in front of count - 1. */
    const __m256i ones = _mm256_set1_epi32(-1);
    __m256i count = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(g->data + 1)));
    __m256i zeros = _mm256_lzcnt_epi32(_mm256_add_epi32(count, ones));
    __m256i each = _mm256_add_epi32(zeros, _mm256_set1_epi32((int)shift - 31));
    __m256i size = _mm256_add_epi32(_mm256_madd_epi16(count, each), _mm256_srlv_epi32(ones, zeros));
    size = _mm256_maskz_min_epu32(_mm256_test_epi32_mask(count, count), size, _mm256_set1_epi32(1 << shift));
    g->starts[0] = 0;
    _mm256_storeu_si256((__m256i *)(void *)(g->starts + 1), KERNEL(sums)(size));
#else
    uint32_t at = 0;
    for (uint32_t i = 0; i < CHUNK_GROUP; i++) {
        g->starts[i] = at;
        at += set_size(g->data[1 + i], shift);
    }
    g->starts[CHUNK_GROUP] = at;
#endif
}

/* Takes a group in hand whose bytes are at [begin, end) of the groups; false if it can't be one. */
INLINE bool KERNEL(set_group)(struct chunk_table *t, uint32_t begin, uint32_t end) {
    struct chunk_group *g = &t->group;
    if (begin > end || end > (size_t)(t->groups_end - t->groups))
        return false;
    g->data = begin < end ? t->groups + begin : NULL;
    if (begin == end)
        return true;
    if (end - begin < HEADER)
        return false;
    g->end = t->groups + end;
    g->docs = g->data + HEADER;
    g->docs_size = (uint64_t)(end - begin - HEADER) * 8;
    return true;
}

/* Finds a group; false if it can't be one. */
INLINE bool KERNEL(find_group)(struct chunk_table *t, uint32_t number) {
    uint32_t begin, end = slope_pair(&t->ends, number, &begin);
    return KERNEL(set_group)(t, begin, end);
}

/* Finds where the chunks of a group begin that is not empty; false if it can't be one. */
INLINE bool KERNEL(part_group)(struct chunk_group *g, unsigned shift) {
    if (has_full_byte(load_u64(g->data + 1)))
        return find_starts(g, shift);
    KERNEL(sum_sizes)(g, shift);
    return g->starts[CHUNK_GROUP] <= g->docs_size;
}

/* Of a chunk with `count` postings whose set begins at bit `start` of the docs. */
INLINE void KERNEL(describe_set)(struct chunk *c, const struct chunk_group *g, uint32_t count, uint64_t start,
                                 unsigned shift) {
    struct shape s = shape_of(count, shift);
    c->count = count;
    c->bits = g->docs;
    c->high = start;
    c->is_bitmap = s.is_bitmap;
    c->low_width = s.low_width;
    c->high_size = s.high_size;
    c->low = start + s.high_size;
    c->index_width = s.index_width;
}

/* What is known of a chunk without looking at its set, or its frequencies. */
INLINE void KERNEL(describe)(struct chunk *c, const struct chunk_group *g, uint32_t i, unsigned shift) {
    c->has_freqs = c->lacks_freqs = c->freqs_follow = c->knows_planes = false;
    c->count = g->data ? g->data[1 + i] : 0;
    if (c->count == 0)
        return;
    c->high = g->starts[i];
    if (c->count == COUNT_FOLLOWS)
        open_following(c, g, g->starts[i], shift);
    KERNEL(describe_set)(c, g, c->count, c->high, shift);
}

/* The same, and where its frequencies are; false if it can't be a chunk. */
INLINE bool KERNEL(describe_all)(struct chunk *c, const struct chunk_group *g, uint32_t i, unsigned shift) {
    KERNEL(describe)(c, g, i, shift);
    return c->count == 0 || c->freqs_follow || !(g->data[0] >> i & 1) || open_freqs(c, g, i);
}

/* Makes the set of a chunk ready that is described; false if it can't be one. */
INLINE bool KERNEL(open_set)(struct chunk *c, unsigned shift) {
    c->kind = CHUNK_IS_SMALL;
    if (c->count == 0)
        return true;
    if (c->is_bitmap && shift == CHUNK_SHIFT_MIN) {
        c->kind = CHUNK_IS_BITMAP;
        c->words[0] = long_bits_at(c->bits, c->high);
        c->words[1] = long_bits_at(c->bits, c->high + 64);
        return (uint32_t)(__builtin_popcountll(c->words[0]) + __builtin_popcountll(c->words[1])) == c->count;
    }
    if (!c->is_bitmap && c->count <= CHUNK_SMALL)
        return KERNEL(decode_small)(c);
    c->kind = CHUNK_IS_LARGE;
    return true;
}

/* The group is found, but in it counts stand before sets. */
static NOINLINE bool KERNEL(change_group_in_turn)(struct chunk_table *t, uint32_t group) {
    bool good = find_starts(&t->group, t->shift);
    t->group_number = good ? group : UINT32_MAX;
    return good;
}

/* The bytes of groups are in no cache, mostly. How many lines a group has can't be foreseen: what is behind a short one
 * is fetched as well. */
INLINE void KERNEL(fetch)(const struct chunk_table *t, uint32_t begin, uint32_t lines) {
    enum { LINE = 64 };
    for (uint32_t n = 0; n < lines; n++)
        fetch_line(t->groups + begin + LINE * n);
}

/* Takes another group in hand; false also if there is none of that number. Its first line tells where the chunks and
 * their frequencies are: lines of both are fetched while that is waited for. */
static NOINLINE bool KERNEL(change_group)(struct chunk_table *t, uint32_t group) {
    struct chunk_group *g = &t->group;
    enum { LINES = 12 };
    uint32_t begin, end;
    t->number = t->group_number = UINT32_MAX;
    if (group >= t->group_count)
        return false;
    end = slope_pair(&t->ends, group, &begin);
    KERNEL(fetch)(t, begin, LINES);
    if (!KERNEL(set_group)(t, begin, end))
        return false;
    if (g->data) {
        if (has_full_byte(load_u64(g->data + 1)))
            return KERNEL(change_group_in_turn)(t, group);
        KERNEL(sum_sizes)(g, t->shift);
        if (g->starts[CHUNK_GROUP] > g->docs_size)
            return false;
    }
    t->group_number = group;
    return true;
}

/* Takes in hand the group that a chunk is in. */
INLINE bool KERNEL(go_to_group)(struct chunk_table *t, uint32_t group) {
    return group == t->group_number || KERNEL(change_group)(t, group);
}

static NOINLINE bool KERNEL(change_set)(struct chunk_table *t, uint32_t number) {
    struct chunk *c = &t->chunk;
    uint32_t i = number % CHUNK_GROUP;
    t->number = UINT32_MAX;
    if (!KERNEL(go_to_group)(t, number / CHUNK_GROUP))
        return false;
    KERNEL(describe)(c, &t->group, i, t->shift);
    if (!KERNEL(open_set)(c, t->shift))
        return false;
    c->lacks_freqs = c->count > 0 && !c->freqs_follow && t->group.data[0] >> i & 1;
    t->number = number;
    return true;
}

/* Takes a chunk in hand, but for its frequencies: these are in another line of the cache. False also if there is none
 * of that number. */
INLINE bool KERNEL(go_to_set)(struct chunk_table *t, uint32_t number) {
    return number == t->number || KERNEL(change_set)(t, number);
}

/* Finds the frequencies of the chunk in hand, whose group is as well. */
INLINE bool KERNEL(find_freqs_of)(struct chunk_table *t) {
    if (!t->chunk.lacks_freqs)
        return true;
    t->chunk.lacks_freqs = false;
    if (open_freqs(&t->chunk, &t->group, t->number % CHUNK_GROUP))
        return true;
    t->number = UINT32_MAX;
    return false;
}

INLINE bool KERNEL(go)(struct chunk_table *t, uint32_t number) {
    return KERNEL(go_to_set)(t, number) && KERNEL(find_freqs_of)(t);
}

static bool KERNEL(go_to)(struct chunk_table *t, uint32_t number) {
    return KERNEL(go)(t, number);
}

/* -------------------------------------------------------------------------------- frequencies -- */

#if defined(KERNEL_BMI2) || defined(KERNEL_AVX512)
/* Where the planes, and the frequencies behind them, go on for posting `first`; false if they leave the chunk's bits.
 */
INLINE bool KERNEL(open_planes)(const struct chunk *c, uint32_t first, uint64_t *at, unsigned *width) {
    const uint8_t *bits = c->freq_bits;
    uint32_t all = c->count, before = first;
    at[0] = c->freqs + 1;
    for (unsigned p = 0; p < PLANES; p++) {
        if (at[p] + all > c->freqs_end)
            return false;
        uint32_t ones = count_ones(bits, at[p], before);
        at[p + 1] = at[p] + all;
        all = ones + count_ones(bits, at[p] + before, all - before);
        at[p] += before;
        before = ones;
    }
    *width = (unsigned)(bits_at(bits, at[PLANES]) & 31) + 1;
    at[PLANES] += 5 + (uint64_t)before * *width;
    return true;
}

/* The next n <= 64 postings side by side: a bit of a plane is put where the plane before has its one. */
INLINE void KERNEL(next_planes)(const uint8_t *bits, uint64_t *at, uint32_t n, uint64_t *planes) {
    planes[0] = long_bits_at(bits, at[0]) & UINT64_MAX >> (64 - n);
    planes[1] = _pdep_u64(long_bits_at(bits, at[1]), planes[0]);
    planes[2] = _pdep_u64(long_bits_at(bits, at[2]), planes[1]);
    at[0] += n;
    at[1] += (uint32_t)__builtin_popcountll(planes[0]);
    at[2] += (uint32_t)__builtin_popcountll(planes[1]);
}

/* As what of n postings has frequencies above 1 that are coded in planes. */
INLINE void KERNEL(plane_masks)(const struct chunk *c, uint32_t first, uint32_t n, struct chunk_masks *m) {
    const uint8_t *bits = c->freq_bits;
    uint64_t at[PLANES + 1], planes[PLANES];
    uint32_t found = 0;
    unsigned width = 1;
    if (!KERNEL(open_planes)(c, first, at, &width))
        return;
    for (uint32_t i = 0; i < n; i += 64) {
        KERNEL(next_planes)(bits, at, n - i < 64 ? n - i : 64, planes);
        for (unsigned p = 0; p < PLANES; p++)
            m->above[p][i / 64] = planes[p];
        for (uint64_t more = planes[2]; more; more &= more - 1, at[PLANES] += width) {
            bool there = at[PLANES] + width <= c->freqs_end;
            m->more[found++] = PLANES + 1 + (there ? (uint32_t)(bits_at(bits, at[PLANES]) & low_bits(width)) : 0);
        }
    }
}

INLINE uint32_t KERNEL(plane_repeats)(const struct chunk *c, uint32_t first, uint32_t n, uint8_t *indices,
                                      uint32_t *freqs) {
    const uint8_t *bits = c->freq_bits;
    uint64_t at[PLANES + 1], planes[PLANES];
    uint32_t found = 0;
    unsigned width = 1;
    if (!KERNEL(open_planes)(c, first, at, &width))
        return 0;
    for (uint32_t i = 0; i < n; i += 64) {
        KERNEL(next_planes)(bits, at, n - i < 64 ? n - i : 64, planes);
        uint64_t plane0 = planes[0], plane1 = planes[1], plane2 = planes[2];
        for (; plane0; plane0 &= plane0 - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(plane0);
            uint32_t freq = 2 + (uint32_t)(plane1 >> bit & 1);
            if (plane2 >> bit & 1 && at[PLANES] + width <= c->freqs_end) {
                freq = 4 + (uint32_t)(bits_at(bits, at[PLANES]) & low_bits(width));
                at[PLANES] += width;
            }
            indices[found] = (uint8_t)(i + bit);
            freqs[found++] = freq;
        }
    }
    return found;
}

/* The frequencies of m <= 64 postings, 4 where they are above. */
INLINE void KERNEL(add_planes)(const uint64_t *planes, uint32_t m, uint32_t *freqs) {
#if defined(KERNEL_AVX512)
    const __m512i one = _mm512_set1_epi32(1);
    for (uint32_t k = 0; k < m; k += 16) {
        __mmask16 there = (__mmask16)(m - k < 16 ? (1U << (m - k)) - 1 : UINT16_MAX);
        __m512i v = _mm512_mask_add_epi32(one, (__mmask16)(planes[0] >> k), one, one);
        v = _mm512_mask_add_epi32(v, (__mmask16)(planes[1] >> k), v, one);
        v = _mm512_mask_add_epi32(v, (__mmask16)(planes[2] >> k), v, one);
        _mm512_mask_storeu_epi32(freqs + k, there, v);
    }
#else
    for (uint32_t k = 0; k < m; k++)
        freqs[k] = 1 + (uint32_t)((planes[0] >> k & 1) + (planes[1] >> k & 1) + (planes[2] >> k & 1));
#endif
}

/* The frequencies of all n postings. */
INLINE void KERNEL(plane_freqs)(const struct chunk *c, uint32_t first, uint32_t n, uint32_t *freqs) {
    const uint8_t *bits = c->freq_bits;
    uint64_t at[PLANES + 1], planes[PLANES] = {0};
    unsigned width = 1;
    bool ok = KERNEL(open_planes)(c, first, at, &width);
    for (uint32_t i = 0; i < n; i += 64) {
        uint32_t m = n - i < 64 ? n - i : 64;
        if (ok)
            KERNEL(next_planes)(bits, at, m, planes);
        KERNEL(add_planes)(planes, m, freqs + i);
        for (uint64_t more = ok ? planes[2] : 0; more && at[PLANES] + width <= c->freqs_end; more &= more - 1) {
            freqs[i + (uint32_t)__builtin_ctzll(more)] += (uint32_t)(bits_at(bits, at[PLANES]) & low_bits(width));
            at[PLANES] += width;
        }
    }
}
#else
INLINE uint32_t KERNEL(plane_repeats)(const struct chunk *c, uint32_t first, uint32_t n, uint8_t *indices,
                                      uint32_t *freqs) {
    return plane_repeats(c, first, n, indices, freqs);
}
#endif

INLINE uint32_t KERNEL(repeats)(const struct chunk *c, uint32_t first, uint32_t n, uint8_t *indices, uint32_t *freqs) {
    if (first + n > c->count)
        return 0;
    if (c->has_freqs)
        return bits_at(c->freq_bits, c->freqs) & 1 ? KERNEL(plane_repeats)(c, first, n, indices, freqs)
                                                   : list_repeats(c, first, n, indices, freqs);
    uint32_t found = 0;
    for (uint32_t i = 0; c->freqs_follow && i < n; i++) {
        uint32_t freq = following_freq(c, first + i);
        if (freq > 1) {
            indices[found] = (uint8_t)i;
            freqs[found++] = freq;
        }
    }
    return found;
}

#include "chunk_bucket_kernel.h"

#if defined(KERNEL_AVX512)
/* The postings of a small set as distances from a passage, 128 or more for those that are before it or too far. */
INLINE __m512i KERNEL(distances)(const struct chunk *c, uint32_t from) {
    const __m512i start = _mm512_set1_epi16((short)from);
    __m512i first = _mm512_sub_epi16(_mm512_loadu_si512(c->offsets), start);
    __m512i second = _mm512_sub_epi16(_mm512_loadu_si512(c->offsets + 32), start);
    __m512i low = _mm512_castsi256_si512(_mm512_cvtusepi16_epi8(first));
    __m512i all = _mm512_inserti64x4(low, _mm512_cvtusepi16_epi8(second), 1);
    return _mm512_mask_mov_epi8(_mm512_set1_epi8(-1), KERNEL_FIRST(c->count), all);
}
#endif

/* Those of the small set that lie in a range; returns how many, and the index of the first. */
INLINE uint32_t KERNEL(read_small)(const struct chunk *c, uint32_t from, uint8_t *docs, uint32_t *first) {
#if defined(KERNEL_AVX512)
    __m512i distances = KERNEL(distances)(c, from);
    __mmask64 in = ~_mm512_movepi8_mask(distances);
    _mm512_storeu_si512(docs, _mm512_maskz_compress_epi8(in, distances));
    *first = (uint32_t)__builtin_ctzll(in | UINT64_C(1) << 63);
    return (uint32_t)__builtin_popcountll(in);
#else
    uint32_t i = 0, n = 0;
    while (i < c->count && c->offsets[i] < from)
        i++;
    *first = i;
    for (; i < c->count && c->offsets[i] - from < CHUNK_RANGE; i++)
        docs[n++] = (uint8_t)(c->offsets[i] - from);
    return n;
#endif
}

/* A small set of CHUNK_RANGE passages, whose chunk is the range, as a bitmap. How many it has can't be foreseen. */
INLINE void KERNEL(set_of_small)(const struct chunk *c, uint64_t *set) {
#if defined(KERNEL_AVX512)
    const __m512i one = _mm512_set1_epi64(1), half = _mm512_set1_epi64(64);
    __m512i low = _mm512_setzero_si512(), high = low;
    for (uint32_t i = 0; i < BITMAP_COUNT - 1; i += 8) {
        /* A shift by 64 and more, as that by less than 0 is, leaves nothing. */
        __mmask8 there = (__mmask8)(KERNEL_FIRST(c->count) >> i);
        __m512i at = _mm512_cvtepu16_epi64(_mm_loadu_si128((const __m128i *)(const void *)(c->offsets + i)));
        low = _mm512_mask_or_epi64(low, there, low, _mm512_sllv_epi64(one, at));
        high = _mm512_mask_or_epi64(high, there, high, _mm512_sllv_epi64(one, _mm512_sub_epi64(at, half)));
    }
    set[0] = (uint64_t)_mm512_reduce_or_epi64(low);
    set[1] = (uint64_t)_mm512_reduce_or_epi64(high);
#else
    set[0] = set[1] = 0;
    for (uint32_t i = 0; i < c->count; i++)
        set[c->offsets[i] / 64 % 2] |= UINT64_C(1) << c->offsets[i] % 64;
#endif
}

INLINE uint32_t KERNEL(read_bitmap)(const struct chunk *c, uint8_t *docs) {
#if defined(KERNEL_AVX512)
    __m512i places = _mm512_load_si512(count_up_8);
    uint32_t low = (uint32_t)__builtin_popcountll(c->words[0]);
    _mm512_storeu_si512(docs, _mm512_maskz_compress_epi8(c->words[0], places));
    places = _mm512_add_epi8(places, _mm512_set1_epi8(64));
    _mm512_storeu_si512(docs + low, _mm512_maskz_compress_epi8(c->words[1], places));
    return c->count;
#else
    uint32_t n = 0;
    for (unsigned w = 0; w < 2; w++)
        for (uint64_t bits = c->words[w]; bits; bits &= bits - 1)
            docs[n++] = (uint8_t)(w * 64 + (unsigned)__builtin_ctzll(bits));
    return n;
#endif
}

INLINE uint32_t KERNEL(read_large)(const struct chunk *c, uint32_t from, uint8_t *docs, uint32_t *first) {
    struct chunk_walk w = {0};
    uint32_t n = 0;
#if defined(KERNEL_AVX512)
    if (!c->is_bitmap && (n = KERNEL(read_buckets)(c, from, docs, first)) != UINT32_MAX)
        return n;
    n = 0;
#endif
    walk_seek(&w, c, from);
    *first = w.index;
    for (; w.offset - from < CHUNK_RANGE && n < CHUNK_RANGE; walk_next(&w, c))
        docs[n++] = (uint8_t)(w.offset - from);
    return n;
}

/* Of entry i of a list, or passage i; those above PLANES come in order. */
INLINE void KERNEL(note)(struct chunk_masks *m, uint32_t i, uint32_t freq, uint32_t *more) {
    m->set[i / 64] |= (uint64_t)(freq > 0) << i % 64;
    for (uint32_t p = 0; p < PLANES; p++)
        m->above[p][i / 64] |= (uint64_t)(freq > p + 1) << i % 64;
    if (freq > PLANES)
        m->more[(*more)++] = freq;
}

INLINE void KERNEL(clear)(struct chunk_masks *m) {
    memset(m, 0, offsetof(struct chunk_masks, more));
}

/* The postings of any chunk in a range. */
static NOINLINE void KERNEL(list_any)(const struct chunk *c, uint32_t from, struct chunk_list *out) {
    uint8_t repeats[CHUNK_RANGE];
    uint32_t freqs[CHUNK_RANGE], first = 0, more = 0;
    switch (c->kind) {
    case CHUNK_IS_SMALL: out->count = KERNEL(read_small)(c, from, out->docs, &first); break;
    case CHUNK_IS_BITMAP: out->count = KERNEL(read_bitmap)(c, out->docs); break;
    default: out->count = KERNEL(read_large)(c, from, out->docs, &first);
    }
    KERNEL(clear)(&out->masks);
    if (out->count == 0)
        return;
    out->masks.set[0] = up_to_all_bits(out->count);
    out->masks.set[1] = up_to_all_bits(out->count > 64 ? out->count - 64 : 0);
#if defined(KERNEL_BMI2) || defined(KERNEL_AVX512)
    if (c->has_freqs && first + out->count <= c->count && bits_at(c->freq_bits, c->freqs) & 1) {
        KERNEL(plane_masks)(c, first, out->count, &out->masks);
        return;
    }
#endif
    uint32_t found = KERNEL(repeats)(c, first, out->count, repeats, freqs);
    for (uint32_t i = 0; i < found; i++)
        KERNEL(note)(&out->masks, repeats[i], freqs[i], &more);
}

/* The index of the first posting that is not before an offset; true if it is at it. */
INLINE bool KERNEL(find_index)(const struct chunk *c, uint32_t offset, uint32_t *index) {
    if (c->kind == CHUNK_IS_SMALL) {
#if defined(KERNEL_AVX512)
        const __m512i wanted = _mm512_set1_epi16((short)offset);
        uint64_t less = 0, equal = 0;
        for (uint32_t i = 0; i < c->count; i += 32) {
            __m512i offsets = _mm512_loadu_si512(c->offsets + i);
            less |= (uint64_t)_mm512_cmplt_epu16_mask(offsets, wanted) << i;
            equal |= (uint64_t)_mm512_cmpeq_epi16_mask(offsets, wanted) << i;
        }
        *index = (uint32_t)__builtin_popcountll(less & KERNEL_FIRST(c->count));
        return (equal & KERNEL_FIRST(c->count)) != 0;
#else
        uint32_t i = 0;
        while (i < c->count && c->offsets[i] < offset)
            i++;
        *index = i;
        return i < c->count && c->offsets[i] == offset;
#endif
    }
    if (c->kind == CHUNK_IS_BITMAP) {
        uint64_t word = c->words[offset >> 6 & 1];
        *index = (uint32_t)__builtin_popcountll(word & low_bits(offset & 63)) +
                 (offset >= 64 ? (uint32_t)__builtin_popcountll(c->words[0]) : 0);
        return word >> (offset & 63) & 1;
    }
    struct chunk_walk w;
    walk_seek(&w, c, offset);
    *index = w.index;
    return w.offset == offset;
}

/* The index of the posting at an offset, if there is one. */
INLINE bool KERNEL(index_of)(const struct chunk *c, uint32_t offset, uint32_t *index) {
    if (c->kind != CHUNK_IS_LARGE)
        return KERNEL(find_index)(c, offset, index);
    return KERNEL(probe)(c, offset, index) && *index < c->count;
}

static bool KERNEL(find)(struct chunk_table *t, uint32_t doc, uint32_t *freq, uint32_t *index) {
    uint32_t offset = doc & ((UINT32_C(1) << t->shift) - 1), number = doc >> t->shift;
    *freq = 0;
    if (!KERNEL(go_to_set)(t, number))
        return false;
    if (!KERNEL(find_index)(&t->chunk, offset, index))
        return true;
    if (!KERNEL(find_freqs_of)(t))
        return false;
    *freq = freq_of(&t->chunk, *index);
    return true;
}

#include "chunk_range_kernel.h"

/* The second needs the first. */
#include "chunk_take_kernel.h"

#include "chunk_pick_kernel.h"

#include "chunk_find_kernel.h"
#if defined(KERNEL_AVX512)
#include "chunk_parts_kernel.h"
#endif
#include "chunk_mark_kernel.h"
#include "chunk_meet_kernel.h"

static const struct chunk_ops KERNEL(chunk_ops) = {
    .go = KERNEL(go_to),
    .read = KERNEL(read),
    .find = KERNEL(find),
    .freq_in = KERNEL(freq_in),
    .find_many = KERNEL(find_many),
    .read_set = KERNEL(read_set),
    .read_masks = KERNEL(read_masks),
    .take = KERNEL(take),
    .pick = KERNEL(pick),
    .take_stretch = KERNEL(take_stretch),
    .find_all = KERNEL(find_all),
    .freqs = KERNEL(freqs),
    .mark = KERNEL(mark),
    .mark_blocks = KERNEL(mark_blocks),
    .meet = KERNEL(meet),
    .gather = KERNEL(gather),
    .narrow = KERNEL(narrow),
    .gather_pairs = KERNEL(gather_pairs),
    .number = KERNEL(number),
};

#undef KERNEL_FIRST
