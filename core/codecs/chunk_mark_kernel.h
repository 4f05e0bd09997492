/* chunk_mark_kernel.h - all postings of a term as bits of a bitmap: the part of chunk_kernel.h that runs through whole
 * terms, group by group, and looks at no frequency. No include guard: this is no header in itself. */

/* Groups are read one after the other, and are in no near cache: about as many lines as one has are fetched of those
 * to come. */
INLINE void KERNEL(fetch_ahead)(const struct chunk_table *t) {
    enum { LINE = 64, LINES = 4, AHEAD = 16 };
    for (uint32_t n = AHEAD; n < AHEAD + LINES; n++)
        fetch_line(t->group.data + LINE * n);
}

#if defined(KERNEL_AVX512)
/* 64 bits from bit `at` on of 128 bytes, in each lane, and whatever beyond them. */
INLINE __m512i KERNEL(bits_in_lanes)(const __m512i bytes[2], __m512i at) {
    const __m512i up = _mm512_set1_epi64(0x0706050403020100), one = _mm512_set1_epi8(1);
    __m512i index = _mm512_add_epi8(KERNEL(first_bytes)(_mm512_srli_epi64(at, 3)), up);
    __m512i low = _mm512_permutex2var_epi8(bytes[0], index, bytes[1]);
    __m512i high = _mm512_permutex2var_epi8(bytes[0], _mm512_add_epi8(index, one), bytes[1]);
    __m512i bit = _mm512_and_si512(at, _mm512_set1_epi64(7));
    return _mm512_or_si512(_mm512_srlv_epi64(low, bit),
                           _mm512_sllv_epi64(high, _mm512_sub_epi64(_mm512_set1_epi64(8), bit)));
}

/* Each lane becomes the sum of those up to it. */
INLINE __m512i KERNEL(lane_sums)(__m512i v) {
    const __m512i zero = _mm512_setzero_si512();
    v = _mm512_add_epi64(v, _mm512_alignr_epi64(v, zero, 7));
    v = _mm512_add_epi64(v, _mm512_alignr_epi64(v, zero, 6));
    return _mm512_add_epi64(v, _mm512_alignr_epi64(v, zero, 4));
}

/* The chunks of a group of CHUNK_RANGE passages each, side by side. */
struct chunk_lanes {
    __m512i count, width;     /* of the low parts; 0 where the set is a bitmap */
    __m512i highs, lows;      /* the parts of sets that are none */
    __m512i bitmaps[2], ends; /* the others; where chunks end, in bits */
};

/* False if they can't be the group's. Sets of CHUNK_RANGE passages are shorter than these as highs and lows, or not
 * longer as a bitmap, so the group has 128 bytes of them at most. */
INLINE bool KERNEL(open_lanes)(struct chunk_lanes *l, const struct chunk_group *g) {
    const __m512i one = _mm512_set1_epi64(1), all = _mm512_set1_epi64(CHUNK_RANGE);
    l->count = _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(const void *)(g->data + 1)));
    __mmask8 some = _mm512_test_epi64_mask(l->count, l->count);
    __m512i k = _mm512_sub_epi64(_mm512_set1_epi64(64), _mm512_lzcnt_epi64(_mm512_sub_epi64(l->count, one)));
    __m512i width = _mm512_sub_epi64(_mm512_set1_epi64(CHUNK_SHIFT_MIN), k);
    __m512i high_size = _mm512_sub_epi64(_mm512_add_epi64(l->count, _mm512_sllv_epi64(one, k)), one);
    __m512i size = _mm512_add_epi64(high_size, _mm512_mul_epu32(l->count, width));
    __mmask8 bitmap = some & _mm512_cmpge_epi64_mask(size, all), parts = some & (__mmask8)~bitmap;
    size = _mm512_maskz_min_epi64(some, size, all);
    l->ends = KERNEL(lane_sums)(size);
    uint64_t used = (uint64_t)_mm_extract_epi64(_mm512_extracti64x2_epi64(l->ends, 3), 1);
    if (used > g->docs_size)
        return false;
    uint32_t n = (uint32_t)(used + 7) / 8; /* sets of CHUNK_GROUP ranges take 128 bytes at most */
    const __m512i bytes[2] = {_mm512_maskz_loadu_epi8(up_to_all_bits(n), g->docs),
                              _mm512_maskz_loadu_epi8(up_to_all_bits(n < 64 ? 0 : n - 64), g->docs + 64)};
    __m512i start = _mm512_sub_epi64(l->ends, size), first = KERNEL(bits_in_lanes)(bytes, start);
    __m512i second = KERNEL(bits_in_lanes)(
        bytes, _mm512_add_epi64(start, _mm512_mask_mov_epi64(high_size, bitmap, _mm512_set1_epi64(64))));
    l->bitmaps[0] = _mm512_maskz_mov_epi64(bitmap, first);
    l->bitmaps[1] = _mm512_maskz_mov_epi64(bitmap, second);
    l->highs = _mm512_maskz_and_epi64(parts, first, _mm512_sub_epi64(_mm512_sllv_epi64(one, high_size), one));
    l->lows = second;
    l->width = _mm512_maskz_mov_epi64(parts, width);
    __m512i ones = _mm512_add_epi64(_mm512_popcnt_epi64(l->bitmaps[0]), _mm512_popcnt_epi64(l->bitmaps[1]));
    ones = _mm512_add_epi64(ones, _mm512_popcnt_epi64(l->highs));
    return _mm512_cmpneq_epi64_mask(ones, l->count) == 0;
}

/* One posting of each lane that has one left: its bit goes to one of two words, as a shift by 64 or more, or by less
 * than none, gives 0; as of a lane that has none left. `place` is 63 less the number of postings before it. */
INLINE void KERNEL(mark_one_each)(struct chunk_lanes *l, __m512i place, __m512i *low, __m512i *high) {
    const __m512i one = _mm512_set1_epi64(1);
    __m512i bit = _mm512_and_si512(l->highs, _mm512_sub_epi64(_mm512_setzero_si512(), l->highs));
    __m512i bucket = _mm512_sub_epi64(place, _mm512_lzcnt_epi64(bit));
    __m512i rest = _mm512_andnot_si512(_mm512_sllv_epi64(_mm512_set1_epi64(-1), l->width), l->lows);
    __m512i offset = _mm512_or_si512(_mm512_sllv_epi64(bucket, l->width), rest);
    *low = _mm512_or_si512(*low, _mm512_sllv_epi64(one, offset));
    *high = _mm512_or_si512(*high, _mm512_sllv_epi64(one, _mm512_sub_epi64(offset, _mm512_set1_epi64(64))));
    l->highs = _mm512_xor_si512(l->highs, bit);
    l->lows = _mm512_srlv_epi64(l->lows, l->width);
}

/* The buckets of a set of 9 to 32 postings, or of none, as bytes: 16 of 8 passages, or 32 of 4. Each posting is a bit
 * in a byte of its own; those of a bucket, which follow one another and are 8 at most, come together in the first
 * one's, and these go where their buckets are. */
INLINE __m256i KERNEL(bucket_bytes)(uint64_t highs, uint64_t lows, bool by_4) {
    const __m512i places = _mm512_load_si512(count_up_8);
    const __m256i up = _mm512_castsi512_si256(places), one = _mm256_set1_epi8(1);
    __asm__("" : "+r"(highs)); /* masks come out of words: compilers would take them out of vectors, which costs more */
    const uint64_t next = highs & highs >> 1, next_2 = next & highs >> 2, next_4 = next_2 & next >> 3;
    const uint64_t starts = ~(highs << 1);
    const __m512i *tables = (const __m512i *)(const void *)bucket_tables[by_4];
    __m512i low = _mm512_multishift_epi64_epi8(tables[0], _mm512_set1_epi64((int64_t)lows));
    __m256i v = _mm512_castsi512_si256(_mm512_permutexvar_epi8(low, tables[1])), at = _mm256_add_epi8(up, one);
    v = _mm256_or_si256(v, _mm256_maskz_permutexvar_epi8((__mmask32)_pext_u64(next, highs), at, v));
    at = _mm256_add_epi8(up, _mm256_set1_epi8(2));
    v = _mm256_or_si256(v, _mm256_maskz_permutexvar_epi8((__mmask32)_pext_u64(next_2, highs), at, v));
    at = _mm256_add_epi8(up, _mm256_set1_epi8(4));
    v = _mm256_or_si256(v, _mm256_maskz_permutexvar_epi8((__mmask32)_pext_u64(next_4, highs), at, v));
    /* Of the places before a bucket, all are postings but one for each bucket before. */
    at = _mm256_sub_epi8(_mm512_castsi512_si256(_mm512_maskz_compress_epi8(starts, places)), up);
    return _mm256_maskz_permutexvar_epi8((__mmask32)_pext_u64(highs & starts, starts), at, v);
}

INLINE __m512i KERNEL(two_bucket_bytes)(const uint64_t *highs, const uint64_t *lows, unsigned by_4) {
    __m512i first = _mm512_castsi256_si512(KERNEL(bucket_bytes)(highs[0], lows[0], by_4 & 1));
    return _mm512_inserti64x4(first, KERNEL(bucket_bytes)(highs[1], lows[1], by_4 >> 1 & 1), 1);
}

/* Four such sets, as bits; those of buckets of 4 passages are told by bits. */
INLINE __m512i KERNEL(bucket_sets)(const uint64_t *highs, const uint64_t *lows, unsigned by_4) {
    const __m512i pair = _mm512_set1_epi16(0x1001), lower = _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13);
    __m512i first = KERNEL(two_bucket_bytes)(highs, lows, by_4);
    __m512i second = KERNEL(two_bucket_bytes)(highs + 2, lows + 2, by_4 >> 2);
    __m256i pairs = _mm512_cvtepi16_epi8(_mm512_maddubs_epi16(first, pair));
    __m256i others = _mm512_cvtepi16_epi8(_mm512_maddubs_epi16(second, pair));
    return _mm512_mask_mov_epi64(_mm512_permutex2var_epi64(first, lower, second), (__mmask8)(_pdep_u32(by_4, 0x55) * 3),
                                 _mm512_inserti64x4(_mm512_castsi256_si512(pairs), others, 1));
}

INLINE bool KERNEL(mark_lanes)(const struct chunk_group *g, uint64_t *bits) {
    struct chunk_lanes l;
    uint64_t highs[CHUNK_GROUP], lows[CHUNK_GROUP];
    if (!KERNEL(open_lanes)(&l, g))
        return false;
    __m512i low = l.bitmaps[0], high = l.bitmaps[1], place = _mm512_set1_epi64(63);
    __mmask8 few = _mm512_cmpgt_epi64_mask(l.width, _mm512_set1_epi64(3));
    unsigned by_4 = _mm512_cmpeq_epi64_mask(l.width, _mm512_set1_epi64(2));
    _mm512_storeu_si512(highs, _mm512_maskz_mov_epi64((__mmask8)~few, l.highs));
    _mm512_storeu_si512(lows, l.lows);
    l.highs = _mm512_maskz_mov_epi64(few, l.highs);
    while (_mm512_test_epi64_mask(l.highs, l.highs))
        for (unsigned i = 0; i < 4; i++, place = _mm512_sub_epi64(place, _mm512_set1_epi64(1)))
            KERNEL(mark_one_each)(&l, place, &low, &high);
    const __m512i front = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11),
                  back = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    __m512i first = _mm512_permutex2var_epi64(low, front, high), second = _mm512_permutex2var_epi64(low, back, high);
    first = _mm512_or_si512(first, KERNEL(bucket_sets)(highs, lows, by_4 & 15));
    second = _mm512_or_si512(second, KERNEL(bucket_sets)(highs + 4, lows + 4, by_4 >> 4));
    _mm512_storeu_si512(bits, _mm512_or_si512(_mm512_loadu_si512(bits), first));
    _mm512_storeu_si512(bits + 8, _mm512_or_si512(_mm512_loadu_si512(bits + 8), second));
    return true;
}

/* A group of bitmaps alone. */
INLINE bool KERNEL(is_dense)(const struct chunk_group *g) {
    const uint64_t counts = load_u64(g->data + 1), each = UINT64_C(0x0101010101010101);
    const uint64_t most = 0x7f * each, sparse = (0x80 - BITMAP_COUNT) * each;
    return ((((counts & most) + sparse) | counts) & ~most) == ~most;
}

INLINE bool KERNEL(mark_dense)(const struct chunk_group *g, uint64_t *bits) {
    const __m512i order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
    if (g->docs_size < CHUNK_GROUP * CHUNK_RANGE)
        return false;
    __m512i first = _mm512_loadu_si512(g->docs), second = _mm512_loadu_si512(g->docs + 64);
    __m512i ones = _mm512_popcnt_epi64(first), others = _mm512_popcnt_epi64(second);
    ones = _mm512_add_epi64(_mm512_unpacklo_epi64(ones, others), _mm512_unpackhi_epi64(ones, others));
    __m512i count = _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(const void *)(g->data + 1)));
    _mm512_storeu_si512(bits, _mm512_or_si512(_mm512_loadu_si512(bits), first));
    _mm512_storeu_si512(bits + 8, _mm512_or_si512(_mm512_loadu_si512(bits + 8), second));
    return _mm512_cmpneq_epi64_mask(ones, _mm512_permutexvar_epi64(order, count)) == 0;
}

/* Each word of the result has the bits of all words of one of four. */
INLINE __m256i KERNEL(join_words)(const __m512i *v) {
    __m512i a = _mm512_or_si512(_mm512_unpacklo_epi64(v[0], v[1]), _mm512_unpackhi_epi64(v[0], v[1]));
    __m512i b = _mm512_or_si512(_mm512_unpacklo_epi64(v[2], v[3]), _mm512_unpackhi_epi64(v[2], v[3]));
    __m256i x = _mm256_or_si256(_mm512_castsi512_si256(a), _mm512_extracti64x4_epi64(a, 1));
    __m256i y = _mm256_or_si256(_mm512_castsi512_si256(b), _mm512_extracti64x4_epi64(b, 1));
    return _mm256_or_si256(_mm256_permute2x128_si256(x, y, 0x20), _mm256_permute2x128_si256(x, y, 0x31));
}

/* Of a small set in four words: a posting's bit is shifted into one of them, and out of all others. */
INLINE void KERNEL(mark_four_words)(const uint16_t *offsets, uint32_t n, uint64_t *bits) {
    const __m512i one = _mm512_set1_epi64(1), next = _mm512_set1_epi64(64);
    __m512i all[4];
    for (uint32_t w = 0; w < 4; w++)
        all[w] = _mm512_setzero_si512();
    for (uint32_t i = 0; i < n; i += 8) {
        __m512i value = _mm512_maskz_mov_epi64((__mmask8)(n - i < 8 ? (1U << (n - i)) - 1 : 255), one);
        __m512i at = _mm512_cvtepu16_epi64(_mm_loadu_si128((const __m128i *)(const void *)(offsets + i)));
        for (uint32_t w = 0; w < 4; w++, at = _mm512_sub_epi64(at, next))
            all[w] = _mm512_or_si512(all[w], _mm512_sllv_epi64(value, at));
    }
    __m256i *out = (__m256i *)(void *)bits;
    _mm256_storeu_si256(out, _mm256_or_si256(_mm256_loadu_si256(out), KERNEL(join_words)(all)));
}
#endif

INLINE void KERNEL(mark_offset)(uint32_t offset, unsigned shift, uint64_t *bits) {
    offset &= (uint32_t)low_bits(shift);
    bits[offset / 64] |= UINT64_C(1) << offset % 64;
}

/* Of a small set. Neighbours are often in the same word, which takes a while until it can be read again: so four
 * places of the set are gone on from in turn. */
INLINE void KERNEL(mark_small)(const struct chunk *c, unsigned shift, uint64_t *bits) {
    uint32_t part = c->count / 4, i = 0;
    for (; i < part; i++) {
        KERNEL(mark_offset)(c->offsets[i], shift, bits);
        KERNEL(mark_offset)(c->offsets[i + part], shift, bits);
        KERNEL(mark_offset)(c->offsets[i + 2 * part], shift, bits);
        KERNEL(mark_offset)(c->offsets[i + 3 * part], shift, bits);
    }
    for (i = 4 * part; i < c->count; i++)
        KERNEL(mark_offset)(c->offsets[i], shift, bits);
}

INLINE void KERNEL(mark_large)(const struct chunk *c, unsigned shift, uint64_t *bits) {
    for (uint32_t at = 0; c->is_bitmap && at < c->high_size; at += 64)
        bits[at / 64] |= long_bits_at(c->bits, c->high + at);
    for (uint32_t at = 0, i = 0; !c->is_bitmap && at < c->high_size; at += WORD_BITS) {
        uint32_t left = c->high_size - at;
        uint64_t word = bits_at(c->bits, c->high + at) & low_bits(left < WORD_BITS ? left : WORD_BITS);
        for (; word && i < c->count; word &= word - 1, i++) {
            uint32_t high = at + (uint32_t)__builtin_ctzll(word) - i;
            KERNEL(mark_offset)(high << c->low_width | low_part(c, i), shift, bits);
        }
    }
}

/* Of a chunk whose set is ready, and which ends within the passages. */
INLINE bool KERNEL(mark_whole)(const struct chunk *c, unsigned shift, uint64_t *bits) {
    if (c->kind == CHUNK_IS_BITMAP) {
        bits[0] |= c->words[0];
        bits[1] |= c->words[1];
        return true;
    }
    if (c->kind == CHUNK_IS_LARGE) {
        KERNEL(mark_large)(c, shift, bits);
        return true;
    }
    KERNEL(mark_small)(c, shift, bits);
    return true;
}

/* Marks a chunk that is described, and whose first passage is `start`. */
typedef bool KERNEL(mark_function)(struct chunk *c, unsigned shift, uint32_t start, uint32_t passages, uint64_t *bits);

INLINE bool KERNEL(mark_passages_of)(struct chunk *c, unsigned shift, uint32_t start, uint32_t passages,
                                     uint64_t *bits) {
    if (!KERNEL(open_set)(c, shift))
        return false;
    if (passages - start < UINT32_C(1) << shift)
        return mark_chunk(c, start, passages, bits);
    return KERNEL(mark_whole)(c, shift, bits + start / 64);
}

#if defined(KERNEL_AVX512)
/* Numbers in two words, or of what is beyond, 32 of them: a bit is shifted into one of the words, or out of both. */
INLINE __m128i KERNEL(two_words_of)(const uint16_t *numbers) {
    const __m512i one = _mm512_set1_epi64(1), next = _mm512_set1_epi64(64);
    __m512i low[4], high[4];
    for (uint32_t i = 0; i < 4; i++) {
        __m512i at = _mm512_cvtepu16_epi64(_mm_load_si128((const __m128i *)(const void *)(numbers + 8 * i)));
        low[i] = _mm512_sllv_epi64(one, at);
        high[i] = _mm512_sllv_epi64(one, _mm512_sub_epi64(at, next));
    }
    low[0] = _mm512_or_si512(_mm512_or_si512(low[0], low[1]), _mm512_or_si512(low[2], low[3]));
    high[0] = _mm512_or_si512(_mm512_or_si512(high[0], high[1]), _mm512_or_si512(high[2], high[3]));
    __m512i both = _mm512_or_si512(_mm512_unpacklo_epi64(low[0], high[0]), _mm512_unpackhi_epi64(low[0], high[0]));
    __m256i half = _mm256_or_si256(_mm512_castsi512_si256(both), _mm512_extracti64x4_epi64(both, 1));
    return _mm_or_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}
#endif

#if defined(KERNEL_BMI2) || defined(KERNEL_AVX512)
/* Sets of this many bits at most, and low parts, have their blocks told by buckets: these are 64 at most then, and no
 * wider than a block, or than two where the upper bit of all low parts is seen at once. */
enum {
    KERNEL(BUCKETS_SHIFT) = 10,
#if defined(KERNEL_AVX512)
    KERNEL(BUCKETS_WIDTH) = 5,
#else
    KERNEL(BUCKETS_WIDTH) = 4,
#endif
};

/* Bits for 2^width things each become bits for 16 of these. */
INLINE uint64_t KERNEL(join_sixteen)(uint64_t bits, unsigned width) {
    static const uint64_t first[] = {UINT64_C(0x0001000100010001), UINT64_C(0x0101010101010101),
                                     UINT64_C(0x1111111111111111), UINT64_C(0x5555555555555555), UINT64_MAX};
    for (unsigned w = width, by = 1; w < 4; w++, by *= 2)
        bits |= bits >> by;
    return _pext_u64(bits, first[width]);
}

/* n bits from bit `at` on, or 64; as there are some, eight bytes behind the one they begin in can be read. */
INLINE uint64_t KERNEL(up_to_64_bits)(const uint8_t *bits, uint64_t at, uint32_t n) {
    const uint8_t *p = bits + (at >> 3);
    return _bzhi_u64(load_u64(p) >> (at & 7) | (uint64_t)p[8] << 1 << (63 - (at & 7)), n);
}

/* The blocks of a small set that is no bitmap; false if it has another number of ones. A bucket has a posting if the
 * bit before its zero is a one: so one instruction tells all buckets. */
INLINE bool KERNEL(blocks_of_buckets)(const struct chunk *c, uint64_t *blocks) {
    uint64_t first = KERNEL(up_to_64_bits)(c->bits, c->high, c->high_size);
    uint64_t buckets = _pext_u64(first << 1, ~first);
    uint32_t ones = (uint32_t)__builtin_popcountll(first), zeros = 64 - ones;
    if (c->high_size >= 64) { /* else the last bucket ends at the zero behind all */
        uint64_t second = c->high_size > 64 ? KERNEL(up_to_64_bits)(c->bits, c->high + 64, c->high_size - 64) : 0;
        uint64_t others = _pext_u64(second << 1 | first >> 63, ~second);
        buckets |= zeros < 64 ? others << zeros : 0;
        ones += (uint32_t)__builtin_popcountll(second);
    }
#if defined(KERNEL_AVX512)
    if (c->low_width == KERNEL(BUCKETS_WIDTH)) { /* 32 postings at most, whose low parts rise within a bucket */
        __m512i parts = KERNEL(unpack_parts)(c->bits, c->low, c->count, c->low_width);
        uint64_t late = _pdep_u64(_mm512_test_epi16_mask(parts, _mm512_set1_epi16(CHUNK_BLOCK)), first);
        uint64_t lower = _pext_u64(first & ~late, ~first << 1 | 1), upper = _pext_u64(late << 1, ~first);
        *blocks = _pdep_u64(lower, 0x5555555555555555) | _pdep_u64(upper, 0xaaaaaaaaaaaaaaaa);
        return ones == c->count;
    }
#endif
    *blocks = KERNEL(join_sixteen)(buckets, c->low_width); /* the passages of a block */
    return ones == c->count;
}
#endif

INLINE bool KERNEL(mark_blocks_of)(struct chunk *c, unsigned shift, uint32_t start, uint32_t passages, uint64_t *bits) {
#if defined(KERNEL_BMI2) || defined(KERNEL_AVX512)
    const bool whole = passages - start >= UINT32_C(1) << shift;
    uint64_t blocks = 0, *out = bits + start / CHUNK_BLOCK / 64;
    if (whole && shift <= KERNEL(BUCKETS_SHIFT) && !c->is_bitmap && c->low_width <= KERNEL(BUCKETS_WIDTH) &&
        c->count <= CHUNK_SMALL) {
        bool good = KERNEL(blocks_of_buckets)(c, &blocks);
        *out |= blocks << start / CHUNK_BLOCK % 64;
        return good;
    }
#endif
    if (!KERNEL(open_set)(c, shift))
        return false;
    return mark_blocks_of(c, start, passages, bits);
}

/* Whether one of 2^shift passages from `start` on is wanted. */
INLINE bool KERNEL(is_wanted)(const uint64_t *wanted, uint32_t start, unsigned shift) {
    uint32_t first = start / CHUNK_RANGE, n = UINT32_C(1) << (shift - CHUNK_SHIFT_MIN);
    return !wanted || n > 64 || (wanted[first / 64] >> first % 64 & UINT64_MAX >> (64 - n)) != 0;
}

/* The chunks of the group in hand, number `group` of those that are marked, as far as passages go. */
INLINE bool KERNEL(mark_group)(struct chunk_table *t, uint32_t group, uint32_t passages, const uint64_t *wanted,
                               uint64_t *bits, KERNEL(mark_function) * with) {
    const uint32_t last = (passages - 1) >> t->shift;
    if (!KERNEL(part_group)(&t->group, t->shift))
        return false;
    for (uint32_t i = 0; i < CHUNK_GROUP && group * CHUNK_GROUP + i <= last; i++) {
        uint32_t start = (group * CHUNK_GROUP + i) << t->shift;
        struct chunk c;
        if (t->group.data[1 + i] == 0 || !KERNEL(is_wanted)(wanted, start, t->shift))
            continue;
        KERNEL(describe)(&c, &t->group, i, t->shift);
        if (c.count > 0 && !with(&c, t->shift, start, passages, bits))
            return false;
    }
    return true;
}

#if defined(KERNEL_AVX512)
/* In bytes, as neighbours are often in the same word, which takes a while until it can be read again. Four at a time,
 * the last ones of which may be no bits at all: how many there are can't be foreseen. */
INLINE void KERNEL(mark_places)(uint64_t *to, __m512i offsets, uint32_t n) {
    enum { TOGETHER = 4 };
    uint8_t *bytes = (uint8_t *)to;
    uint16_t places[32] __attribute__((aligned(64))), bits[32] __attribute__((aligned(64)));
    __m512i bit = _mm512_sllv_epi16(_mm512_set1_epi16(1), _mm512_and_si512(offsets, _mm512_set1_epi16(7)));
    _mm512_store_si512(places, _mm512_srli_epi16(offsets, 3));
    _mm512_store_si512(bits, _mm512_maskz_mov_epi16((__mmask32)low_bits(n), bit));
    for (uint32_t k = 0; k < n; k += TOGETHER)
        for (uint32_t j = k; j < k + TOGETHER; j++)
            bytes[places[j]] |= (uint8_t)bits[j];
}

INLINE void KERNEL(mark_offsets)(void *to, const struct KERNEL(parts) * p, uint32_t i, __m512i offsets, uint32_t n) {
    uint64_t *bits = (uint64_t *)to + ((uint64_t)i << p->shift) / 64;
    uint16_t each[32] __attribute__((aligned(64)));
    if (p->shift > 8) {
        KERNEL(mark_places)(bits, offsets, n);
        return;
    }
    _mm512_store_si512(each, offsets);
    KERNEL(mark_four_words)(each, n, bits);
}

INLINE void KERNEL(mark_postings)(void *to, const struct KERNEL(parts) * p, uint32_t first, uint64_t postings) {
    ((uint64_t *)to)[(first - p->start) / 64] |= postings;
}

/* A group of wide chunks in hand, all of whose passages there are. */
INLINE bool KERNEL(mark_wide)(struct chunk_table *t, uint64_t *bits, bool *done) {
    struct KERNEL(parts) p;
    if (!KERNEL(open_parts)(&p, t, 0))
        return false;
    *done = !p.too_wide;
    return !*done || KERNEL(take_parts)(&p, KERNEL(mark_offsets), KERNEL(mark_postings), bits);
}
#endif

static bool KERNEL(mark)(struct chunk_table *t, uint32_t first, uint32_t end, uint32_t passages, uint64_t *bits) {
#if defined(KERNEL_AVX512)
    const uint32_t whole = passages >> (t->shift + CHUNK_GROUP_SHIFT);
#endif
    for (uint32_t group = 0; group < end - first; group++) {
        if (!KERNEL(find_group)(t, first + group))
            return false;
        if (!t->group.data)
            continue;
        KERNEL(fetch_ahead)(t);
#if defined(KERNEL_AVX512)
        if (group < whole && t->shift > CHUNK_SHIFT_MIN) {
            bool done;
            if (!KERNEL(mark_wide)(t, bits + (((size_t)group << (t->shift + CHUNK_GROUP_SHIFT)) / 64), &done))
                return false;
            if (done)
                continue;
        } else if (group < whole && !has_full_byte(load_u64(t->group.data + 1))) {
            uint64_t *at = bits + (size_t)group * (CHUNK_GROUP * CHUNK_RANGE / 64);
            if (!(KERNEL(is_dense)(&t->group) ? KERNEL(mark_dense)(&t->group, at) : KERNEL(mark_lanes)(&t->group, at)))
                return false;
            continue;
        }
#endif
        if (!KERNEL(mark_group)(t, group, passages, NULL, bits, KERNEL(mark_passages_of)))
            return false;
    }
    return true;
}

#if defined(KERNEL_AVX512)
INLINE void KERNEL(mark_offset_blocks)(void *to, const struct KERNEL(parts) * p, uint32_t i, __m512i offsets,
                                       uint32_t n) {
    const uint32_t first = (p->start + (i << p->shift)) / CHUNK_BLOCK;
    uint64_t *bits = (uint64_t *)to + first / 64;
    uint16_t blocks[32] __attribute__((aligned(64)));
    __m512i each = _mm512_srli_epi16(offsets, 4);
    if (p->shift > 12) {
        KERNEL(mark_places)(bits, each, n);
        return;
    }
    /* Where there is no offset, what is beyond all words. */
    _mm512_store_si512(blocks, _mm512_mask_mov_epi16(_mm512_set1_epi16(-1), (__mmask32)low_bits(n), each));
    if (p->shift == 12) {
        KERNEL(mark_four_words)(blocks, n, bits);
        return;
    }
    __m128i words = KERNEL(two_words_of)(blocks);
    if (p->shift == 11) {
        __m128i *out = (__m128i *)(void *)bits;
        _mm_storeu_si128(out, _mm_or_si128(_mm_loadu_si128(out), words));
    } else { /* one word has all of them, or more */
        bits[0] |= (uint64_t)_mm_cvtsi128_si64(words) << first % 64;
    }
}

INLINE void KERNEL(mark_postings_blocks)(void *to, const struct KERNEL(parts) * p, uint32_t first, uint64_t postings) {
    (void)p;
    for (uint32_t i = first / CHUNK_BLOCK; postings; i++, postings >>= CHUNK_BLOCK)
        ((uint64_t *)to)[i / 64] |= (uint64_t)((uint16_t)postings != 0) << i % 64;
}

/* Chunk i, of 2^BUCKETS_SHIFT passages at most, if buckets tell its blocks; else false. */
INLINE bool KERNEL(mark_bucket_blocks)(const struct KERNEL(parts) * p, uint32_t i, uint64_t *bits) {
    const uint32_t first = (p->start + (i << p->shift)) / CHUNK_BLOCK;
    const struct chunk c = {.count = p->counts[i],
                            .low_width = p->widths[i],
                            .high_size = p->lows[i] - p->highs[i],
                            .bits = p->docs,
                            .high = p->highs[i],
                            .low = p->lows[i]};
    uint64_t blocks;
    if (p->bitmaps >> i & 1 || c.low_width > KERNEL(BUCKETS_WIDTH) || c.count > CHUNK_SMALL ||
        !KERNEL(blocks_of_buckets)(&c, &blocks))
        return false;
    bits[first / 64] |= blocks << first % 64;
    return true;
}

/* A bit for each chunk of a group of 64 ranges at most: whether it has one that is wanted. */
INLINE unsigned KERNEL(wanted_chunks)(const uint64_t *wanted, uint32_t start, unsigned shift) {
    const uint32_t first = start / CHUNK_RANGE;
    return wanted ? (unsigned)KERNEL(join_sixteen)(wanted[first / 64] >> first % 64, 4 + CHUNK_SHIFT_MIN - shift)
                  : UINT32_MAX;
}

/* A group of wide chunks in hand, from passage `start` on, all of whose passages there are; *done is false if it is to
 * be marked as any. */
INLINE bool KERNEL(mark_wide_blocks)(struct chunk_table *t, uint32_t start, const uint64_t *wanted, uint64_t *bits,
                                     bool *done) {
    struct KERNEL(parts) p;
    if (!KERNEL(open_parts)(&p, t, start))
        return false;
    *done = !p.too_wide;
    if (!*done)
        return true;
    /* Wider chunks are hardly ever without a range that is wanted. */
    if (t->shift <= KERNEL(BUCKETS_SHIFT))
        p.left &= KERNEL(wanted_chunks)(wanted, start, t->shift);
    for (uint32_t left = t->shift <= KERNEL(BUCKETS_SHIFT) ? p.left : 0; left; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(left);
        if (KERNEL(mark_bucket_blocks)(&p, i, bits))
            p.left &= ~(1U << i);
    }
    return KERNEL(take_parts)(&p, KERNEL(mark_offset_blocks), KERNEL(mark_postings_blocks), bits);
}
#endif

/* How many of the first n bits are set, behind which there are more. */
INLINE uint32_t KERNEL(count_marks)(const uint64_t *bits, uint32_t n) {
    const uint32_t words = n / 64;
    uint32_t count = (uint32_t)__builtin_popcountll(bits[words] & low_bits(n % 64));
#if defined(KERNEL_AVX512)
    /* Up to eight words, which most chunks have, are no branch. */
    const __m512i end = _mm512_set1_epi64(words);
    __m512i number = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), counts = _mm512_setzero_si512();
    uint32_t i = 0;
    do {
        __mmask8 before = _mm512_cmplt_epi64_mask(number, end);
        counts = _mm512_add_epi64(counts, _mm512_popcnt_epi64(_mm512_maskz_loadu_epi64(before, bits + i)));
        number = _mm512_add_epi64(number, _mm512_set1_epi64(8));
        i += 8;
    } while (i < words);
    count += (uint32_t)_mm512_reduce_add_epi64(counts);
#else
    for (uint32_t i = 0; i < words; i++)
        count += (uint32_t)__builtin_popcountll(bits[i]);
#endif
    return count;
}

static void KERNEL(number)(const uint64_t *bits, unsigned shift, const uint32_t *docs, uint32_t n, uint32_t *indices) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t offset = docs[i] & (uint32_t)low_bits(shift);
        indices[i] = KERNEL(count_marks)(bits + (docs[i] - offset) / 64, offset);
    }
}

static bool KERNEL(mark_blocks)(struct chunk_table *t, uint32_t passages, const uint64_t *wanted, uint64_t *bits) {
    const uint32_t groups = groups_of(passages, t->shift);
    const unsigned shift = t->shift + CHUNK_GROUP_SHIFT;
    for (uint32_t group = 0; group < groups; group++) {
        if (!KERNEL(is_wanted)(wanted, group << shift, shift))
            continue;
        if (!KERNEL(find_group)(t, group))
            return false;
        bool done = !t->group.data;
#if defined(KERNEL_AVX512)
        if (!done && t->shift > CHUNK_SHIFT_MIN && ((uint64_t)group + 1) << shift <= passages &&
            !KERNEL(mark_wide_blocks)(t, group << shift, wanted, bits, &done))
            return false;
#endif
        if (!done && !KERNEL(mark_group)(t, group, passages, wanted, bits, KERNEL(mark_blocks_of)))
            return false;
    }
    return true;
}
