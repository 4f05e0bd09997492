/* chunk_probe_kernel.h - looking for eight passages side by side, each in a chunk of its own: the part of
 * chunk_find_kernel.h for processors with AVX-512. Which kind of set a chunk has, how many postings share the high
 * bits, and whether one of them is it, is what a processor can't foresee; so there are no branches on it, and what does
 * not fit is left to the way one by one. No include guard: this is no header in itself.
 *
 * Lanes are of 64 bits, one for each passage. */

struct KERNEL(eight) {
    __mmask8 left;                /* those that are looked for */
    __m512i begin, end;           /* of their groups, in bytes */
    __m512i chunk, offset;        /* number in the group, and of the passage in the chunk */
    __m512i count, start, total;  /* of the chunk; bits before it, and of all chunks */
    __m512i low_width, high_size; /* as in struct chunk */
    __m512i index, sharing;       /* of the first posting of the bucket, and how many it has; of the posting */
    __mmask8 bitmaps, parts, found;
};

INLINE __m512i KERNEL(lanes_of)(uint64_t v) {
    return _mm512_set1_epi64((int64_t)v);
}

/* The least number of bits that each byte takes; 8 at most. */
INLINE __m512i KERNEL(byte_widths)(__m512i bytes) {
    const __m512i low = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4));
    const __m512i high = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 5, 6, 6, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 8, 8));
    const __m512i nibble = _mm512_set1_epi8(15);
    return _mm512_max_epu8(_mm512_shuffle_epi8(low, _mm512_and_si512(bytes, nibble)),
                           _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16(bytes, 4), nibble)));
}

/* Of four counts below COUNT_FOLLOWS in each lane, and of the widths of one less. */
INLINE __m512i KERNEL(set_sizes)(__m512i counts, __m512i widths, unsigned shift) {
    const __m512i one = _mm512_set1_epi16(1), all = _mm512_set1_epi16((short)(shift < 16 ? 1U << shift : UINT16_MAX));
    __m512i each = _mm512_sub_epi16(_mm512_set1_epi16((short)(shift + 1)), widths);
    __m512i size = _mm512_add_epi16(_mm512_mullo_epi16(counts, each), _mm512_sllv_epi16(one, widths));
    size = _mm512_min_epu16(_mm512_sub_epi16(size, one), all);
    return _mm512_maskz_mov_epi16(_mm512_test_epi16_mask(counts, counts), size);
}

/* The sum of four numbers below 2^15 in each lane. */
INLINE __m512i KERNEL(sum_of_four)(__m512i v) {
    v = _mm512_madd_epi16(v, _mm512_set1_epi16(1));
    return _mm512_and_si512(_mm512_add_epi64(v, _mm512_srli_epi64(v, 32)), KERNEL(lanes_of)(UINT32_MAX));
}

/* Where the chunks begin, from the counts of all in their groups. */
INLINE void KERNEL(place_eight)(struct KERNEL(eight) * e, __m512i counts, unsigned shift) {
    const __m512i byte = _mm512_set1_epi16(255), one = KERNEL(lanes_of)(1);
    const __m512i widths = KERNEL(byte_widths)(_mm512_sub_epi8(counts, _mm512_set1_epi8(1)));
    const __m512i at = _mm512_slli_epi64(e->chunk, 3), before = _mm512_sub_epi64(_mm512_sllv_epi64(one, at), one);
    __m512i even = KERNEL(set_sizes)(_mm512_and_si512(counts, byte), _mm512_and_si512(widths, byte), shift);
    __m512i odd = KERNEL(set_sizes)(_mm512_srli_epi16(counts, 8), _mm512_srli_epi16(widths, 8), shift);
    __mmask32 even_before = _mm512_test_epi16_mask(before, byte),
              odd_before = _mm512_test_epi16_mask(before, _mm512_set1_epi16((short)0xff00));
    e->total = KERNEL(sum_of_four)(_mm512_add_epi16(even, odd));
    e->start = KERNEL(sum_of_four)(
        _mm512_add_epi16(_mm512_maskz_mov_epi16(even_before, even), _mm512_maskz_mov_epi16(odd_before, odd)));
    e->count = _mm512_and_si512(_mm512_srlv_epi64(counts, at), KERNEL(lanes_of)(255));
}

/* How the sets are coded. */
INLINE void KERNEL(shape_eight)(struct KERNEL(eight) * e, unsigned shift) {
    const __m512i one = KERNEL(lanes_of)(1);
    __m512i k = _mm512_sub_epi64(KERNEL(lanes_of)(64), _mm512_lzcnt_epi64(_mm512_sub_epi64(e->count, one)));
    e->low_width = _mm512_sub_epi64(KERNEL(lanes_of)(shift), k);
    e->high_size = _mm512_sub_epi64(_mm512_add_epi64(e->count, _mm512_sllv_epi64(one, k)), one);
    __m512i size = _mm512_add_epi64(e->high_size, _mm512_mul_epu32(e->count, e->low_width));
    e->bitmaps = _mm512_cmpge_epu64_mask(size, KERNEL(lanes_of)(UINT64_C(1) << shift));
}

/* Eight bytes at bit `at` of the docs, and how many bits of them are before it; 0 where the group ends before, or that
 * are not wanted. */
INLINE __m512i KERNEL(gather_docs)(const struct chunk_table *t, const struct KERNEL(eight) * e, __mmask8 wanted,
                                   __m512i at) {
    __m512i place = _mm512_add_epi64(_mm512_add_epi64(e->begin, KERNEL(lanes_of)(HEADER)), _mm512_srli_epi64(at, 3));
    wanted &= _mm512_cmplt_epu64_mask(place, e->end);
    return KERNEL(load_eight)(t->groups, wanted, place);
}

/* How many bytes of each lane are at most r, which is below 256. */
INLINE __m512i KERNEL(count_up_to)(__m512i bytes, __m512i r) {
    __mmask64 up_to = _mm512_cmple_epu8_mask(bytes, KERNEL(first_bytes)(r));
    return _mm512_sad_epu8(_mm512_maskz_set1_epi8(up_to, 1), _mm512_setzero_si512());
}

/* The place of one number r in each lane, from 0, of those that have more than r. */
INLINE __m512i KERNEL(select_eight)(__m512i v, __m512i r) {
    __m512i sums = _mm512_popcnt_epi8(v);
    sums = _mm512_add_epi8(sums, _mm512_slli_epi64(sums, 8));
    sums = _mm512_add_epi8(sums, _mm512_slli_epi64(sums, 16));
    sums = _mm512_add_epi8(sums, _mm512_slli_epi64(sums, 32));
    __m512i at = _mm512_slli_epi64(KERNEL(count_up_to)(sums, r), 3);
    __m512i before = _mm512_srlv_epi64(_mm512_slli_epi64(sums, 8), at);
    r = _mm512_sub_epi64(r, _mm512_and_si512(before, KERNEL(lanes_of)(255)));
    __m512i byte = KERNEL(first_bytes)(_mm512_srlv_epi64(v, at));
    __m512i up_to = _mm512_and_si512(byte, KERNEL(lanes_of)(UINT64_C(0xff7f3f1f0f070301)));
    return _mm512_add_epi64(at, KERNEL(count_up_to)(_mm512_popcnt_epi8(up_to), r));
}

/* Which of the bitmaps have the passages; and their numbers there. */
INLINE __mmask8 KERNEL(probe_bitmaps)(const struct KERNEL(eight) * e, __m512i first, __m512i second, __m512i *index) {
    const __m512i one = KERNEL(lanes_of)(1), half = KERNEL(lanes_of)(64);
    __mmask8 late = _mm512_cmpge_epu64_mask(e->offset, half);
    __m512i bit = _mm512_sllv_epi64(one, _mm512_and_si512(e->offset, KERNEL(lanes_of)(63)));
    __m512i word = _mm512_mask_mov_epi64(first, late, second);
    *index = _mm512_popcnt_epi64(_mm512_and_si512(word, _mm512_sub_epi64(bit, one)));
    *index = _mm512_mask_add_epi64(*index, late, *index, _mm512_popcnt_epi64(first));
    return _mm512_test_epi64_mask(word, bit);
}

/* Where the buckets are that sets of high and low parts would have the passages in, the first `size` bits of the sets
 * being given; takes those out of *left that it can't tell. */
INLINE void KERNEL(find_buckets)(struct KERNEL(eight) * e, __m512i first, __m512i second, __m512i size,
                                 __mmask8 *left) {
    const __m512i one = KERNEL(lanes_of)(1), ones = KERNEL(lanes_of)(UINT64_MAX);
    __m512i bucket = _mm512_srlv_epi64(e->offset, e->low_width);
    /* A bucket begins behind so many zeros: one in front of the first one, so that it is no other case. */
    __m512i zeros = _mm512_xor_si512(_mm512_slli_epi64(first, 1), ones);
    __m512i others = _mm512_xor_si512(_mm512_shldi_epi64(second, first, 1), ones), n = _mm512_popcnt_epi64(zeros);
    __mmask8 late = _mm512_cmpge_epu64_mask(bucket, n);
    zeros = _mm512_mask_mov_epi64(zeros, late, others);
    __m512i r = _mm512_mask_sub_epi64(bucket, late, bucket, n);
    *left &= _mm512_cmplt_epu64_mask(r, _mm512_popcnt_epi64(zeros));
    __m512i at = KERNEL(select_eight)(zeros, r);
    __m512i run = _mm512_shrdv_epi64(_mm512_mask_mov_epi64(first, late, second),
                                     _mm512_maskz_mov_epi64((__mmask8)~late, second), at);
    at = _mm512_mask_add_epi64(at, late, at, KERNEL(lanes_of)(64));
    n = _mm512_popcnt_epi64(_mm512_sub_epi64(_mm512_andnot_si512(run, _mm512_add_epi64(run, one)), one));
    *left &= _mm512_cmplt_epu64_mask(_mm512_add_epi64(at, n), size);
    e->index = _mm512_sub_epi64(at, bucket);
    e->sharing = _mm512_min_epi64(n, _mm512_sub_epi64(e->count, e->index));
}

/* Looks into the buckets; takes those out of *left that have too many postings. Returns which have the passages. */
INLINE __mmask8 KERNEL(search_buckets)(const struct chunk_table *t, struct KERNEL(eight) * e, __mmask8 *left) {
    enum { PARTS = 4, WIDEST = 14 };
    const __m512i one = KERNEL(lanes_of)(1), width = e->low_width, first = e->index, n = e->sharing;
    const __m512i mask = _mm512_sub_epi64(_mm512_sllv_epi64(one, width), one), low = _mm512_and_si512(e->offset, mask);
    *left &= _mm512_cmple_epu64_mask(width, KERNEL(lanes_of)(WIDEST));
    __mmask8 found = 0, some = *left & _mm512_cmpgt_epi64_mask(n, _mm512_setzero_si512());
    __m512i at = _mm512_add_epi64(_mm512_add_epi64(e->start, e->high_size), _mm512_mul_epu32(first, width));
    __m512i parts = KERNEL(gather_docs)(t, e, some, at);
    parts = _mm512_srlv_epi64(parts, _mm512_and_si512(at, KERNEL(lanes_of)(7)));
    for (uint32_t k = 0; k < PARTS; k++, parts = _mm512_srlv_epi64(parts, width)) {
        __mmask8 here = _mm512_mask_cmpeq_epi64_mask(_mm512_mask_cmpgt_epi64_mask(some, n, KERNEL(lanes_of)(k)),
                                                     _mm512_and_si512(parts, mask), low);
        e->index = _mm512_mask_add_epi64(e->index, here, first, KERNEL(lanes_of)(k));
        found |= here;
    }
    *left &= found | _mm512_cmple_epi64_mask(n, KERNEL(lanes_of)(PARTS));
    return found;
}

/* Takes in hand the groups at [begins, ends), of n <= 8 passages; false if they can't be groups. Counts that don't
 * stand in the groups are not looked for. */
INLINE bool KERNEL(open_eight)(const struct chunk_table *t, struct KERNEL(eight) * e, const uint32_t *docs,
                               const uint32_t *begins, const uint32_t *ends, uint32_t n) {
    const __mmask8 all = (__mmask8)low_bits(n);
    __m512i doc = _mm512_cvtepu32_epi64(_mm256_maskz_loadu_epi32(all, docs));
    e->begin = _mm512_cvtepu32_epi64(_mm256_maskz_loadu_epi32(all, begins));
    e->end = _mm512_cvtepu32_epi64(_mm256_maskz_loadu_epi32(all, ends));
    e->chunk = _mm512_srl_epi64(doc, _mm_cvtsi32_si128((int)t->shift));
    e->chunk = _mm512_and_si512(e->chunk, KERNEL(lanes_of)(CHUNK_GROUP - 1));
    e->offset = _mm512_and_si512(doc, KERNEL(lanes_of)(low_bits(t->shift)));
    __mmask8 some = _mm512_cmpneq_epi64_mask(e->begin, e->end);
    __m512i size = _mm512_sub_epi64(e->end, e->begin); /* below 0 if it ends before it begins */
    __mmask8 bad = _mm512_cmpgt_epu64_mask(e->end, KERNEL(lanes_of)((uint64_t)(t->groups_end - t->groups)));
    bad |= _mm512_mask_cmple_epi64_mask(some, size, KERNEL(lanes_of)(HEADER - 1));
    if (bad)
        return false;
    __m512i counts = KERNEL(load_eight)(t->groups, some, _mm512_add_epi64(e->begin, KERNEL(lanes_of)(1)));
    __mmask64 full = _mm512_cmpeq_epi8_mask(counts, _mm512_set1_epi8((char)COUNT_FOLLOWS));
    __mmask8 follow = full ? _mm512_test_epi64_mask(_mm512_movm_epi8(full), _mm512_movm_epi8(full)) : 0;
    KERNEL(place_eight)(e, counts, t->shift);
    KERNEL(shape_eight)(e, t->shift);
    size = _mm512_slli_epi64(_mm512_sub_epi64(size, KERNEL(lanes_of)(HEADER)), 3);
    e->left = all & (__mmask8)~follow;
    return _mm512_mask_cmpgt_epi64_mask(some & e->left, e->total, size) == 0;
}

/* Reads the sets, as far as they are bitmaps or tell buckets. */
INLINE void KERNEL(read_eight)(const struct chunk_table *t, struct KERNEL(eight) * e) {
    const bool narrow = t->shift == CHUNK_SHIFT_MIN;
    const __m512i bit = _mm512_and_si512(e->start, KERNEL(lanes_of)(7));
    const __mmask8 some = e->left & _mm512_test_epi64_mask(e->count, e->count);
    __m512i first = KERNEL(gather_docs)(t, e, some, e->start), third = _mm512_setzero_si512();
    __m512i second = KERNEL(gather_docs)(t, e, some, _mm512_add_epi64(e->start, KERNEL(lanes_of)(64)));
    if (narrow)
        third = KERNEL(gather_docs)(t, e, some, _mm512_add_epi64(e->start, KERNEL(lanes_of)(128)));
    first = _mm512_shrdv_epi64(first, second, bit);
    second = _mm512_shrdv_epi64(second, third, bit);
    __m512i size = _mm512_sub_epi64(KERNEL(lanes_of)(128), narrow ? _mm512_setzero_si512() : bit), index;
    __mmask8 dense = some & e->bitmaps;
    e->parts = some & (__mmask8)~dense;
    e->left &= (__mmask8)~some;
    e->found = 0;
    e->index = _mm512_setzero_si512();
    if (e->parts) /* else all are bitmaps, as most are of a word that most passages have */
        KERNEL(find_buckets)(e, first, second, size, &e->parts);
    if (narrow) {
        e->found = dense & KERNEL(probe_bitmaps)(e, first, second, &index);
        e->index = _mm512_mask_mov_epi64(e->index, dense, index);
        e->left |= dense;
    }
}

#include "chunk_freq_kernel.h"

/* Looks for n <= SPANS passages, as chunk_table_find_all does; *left is then of those that are still to be looked for.
 * Each step is that of all, so that what the steps of one wait for is not waited for by the others. */
INLINE bool KERNEL(find_eights)(const struct chunk_table *t, const uint32_t *docs, const uint32_t *begins,
                                const uint32_t *ends, uint32_t n, uint32_t *indices, uint32_t *freqs, uint32_t *left) {
    struct KERNEL(eight) e[SPANS / 8];
    for (uint32_t i = 0; i < n; i += 8)
        if (!KERNEL(open_eight)(t, &e[i / 8], docs + i, begins + i, ends + i, n - i < 8 ? n - i : 8))
            return false;
    for (uint32_t i = 0; i < n; i += 8)
        KERNEL(read_eight)(t, &e[i / 8]);
    *left = 0;
    for (uint32_t i = 0; i < n; i += 8) {
        struct KERNEL(eight) *one = &e[i / 8];
        const __mmask8 all = (__mmask8)up_to_all_bits(n - i);
        if (one->parts)
            one->found |= KERNEL(search_buckets)(t, one, &one->parts);
        one->left |= one->parts;
        one->found &= one->left & _mm512_cmplt_epu64_mask(one->index, one->count);
        __m512i index = _mm512_mask_mov_epi64(KERNEL(lanes_of)(UINT32_MAX), one->found, one->index);
        _mm256_mask_storeu_epi32(indices + i, all, _mm512_cvtepi64_epi32(index));
        *left |= (uint32_t)(all & (__mmask8)~one->left) << i;
    }
    return !freqs || KERNEL(freqs_of_eights)(t, e, n, freqs);
}

/* How often n <= SPANS passages have the term, whose indices are known; *left is then of those whose chunks have their
 * counts elsewhere. */
INLINE bool KERNEL(freqs_by_eight)(const struct chunk_table *t, const uint32_t *docs, const uint32_t *begins,
                                   const uint32_t *ends, uint32_t n, const uint32_t *indices, uint32_t *freqs,
                                   uint32_t *left) {
    struct KERNEL(eight) e[SPANS / 8];
    *left = 0;
    for (uint32_t i = 0; i < n; i += 8) {
        struct KERNEL(eight) *one = &e[i / 8];
        const __mmask8 all = (__mmask8)up_to_all_bits(n - i);
        if (!KERNEL(open_eight)(t, one, docs + i, begins + i, ends + i, n - i < 8 ? n - i : 8))
            return false;
        one->index = _mm512_cvtepu32_epi64(_mm256_maskz_loadu_epi32(all, indices + i));
        one->found = one->left;
        if (_mm512_mask_cmpge_epu64_mask(one->found, one->index, one->count))
            return false;
        *left |= (uint32_t)(all & (__mmask8)~one->left) << i;
    }
    return KERNEL(freqs_of_eights)(t, e, n, freqs);
}
