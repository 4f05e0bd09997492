/* chunk_parts_kernel.h - all postings of a group of wide chunks, 32 offsets at a time: the part of chunk_kernel.h that
 * marks and meets (chunk_mark_kernel.h, chunk_meet_kernel.h) have in common, for processors with AVX-512. No include
 * guard: this is no header in itself. */

/* Where the chunks of a group stand. */
struct KERNEL(parts) {
    const uint8_t *docs;
    unsigned shift;
    uint32_t start; /* the first passage */
    uint32_t counts[CHUNK_GROUP], highs[CHUNK_GROUP], lows[CHUNK_GROUP], widths[CHUNK_GROUP];
    unsigned left;    /* a bit for each chunk that is to be taken: at first all that have a posting */
    unsigned bitmaps; /* and that is a bitmap */
    bool too_wide;    /* low parts of one that is none */
    bool has_room;    /* 64 bytes can be read from everywhere in the group */
};

/* What is done with n <= 32 offsets of chunk i; and with 64 passages from `first` on, a bit each. */
typedef void KERNEL(offsets_function)(void *to, const struct KERNEL(parts) * p, uint32_t i, __m512i offsets,
                                      uint32_t n);
typedef void KERNEL(words_function)(void *to, const struct KERNEL(parts) * p, uint32_t first, uint64_t postings);

/* Where no counts stand in the sets. */
INLINE bool KERNEL(find_parts)(struct KERNEL(parts) * p, const struct chunk_group *g) {
    const __m256i one = _mm256_set1_epi32(1);
    __m256i count = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(g->data + 1)));
    __m256i k = _mm256_sub_epi32(_mm256_set1_epi32(32), _mm256_lzcnt_epi32(_mm256_sub_epi32(count, one)));
    __mmask8 some = _mm256_test_epi32_mask(count, count);
    __m256i width = _mm256_sub_epi32(_mm256_set1_epi32((int)p->shift), k);
    __m256i high_size = _mm256_sub_epi32(_mm256_add_epi32(count, _mm256_sllv_epi32(one, k)), one);
    __m256i size = _mm256_add_epi32(high_size, _mm256_mullo_epi32(count, width)),
            all = _mm256_set1_epi32(1 << p->shift);
    __mmask8 bitmap = some & _mm256_cmpge_epu32_mask(size, all);
    size = _mm256_maskz_min_epu32(some, size, all);
    __m256i ends = KERNEL(sums)(size), starts = _mm256_sub_epi32(ends, size);
    _mm256_storeu_si256((__m256i *)(void *)p->counts, count);
    _mm256_storeu_si256((__m256i *)(void *)p->highs, starts);
    _mm256_storeu_si256((__m256i *)(void *)p->lows, _mm256_add_epi32(starts, high_size));
    _mm256_storeu_si256((__m256i *)(void *)p->widths, width);
    p->left = some;
    p->bitmaps = bitmap;
    p->too_wide = (some & _mm256_cmpgt_epi32_mask(width, _mm256_set1_epi32(UNPACKING_MAX))) != 0;
    return (uint32_t)_mm256_extract_epi32(ends, 7) <= g->docs_size;
}

/* Chunk by chunk, as it is where some counts stand in the sets. */
INLINE bool KERNEL(find_parts_in_turn)(struct KERNEL(parts) * p, struct chunk_group *g) {
    if (!find_starts(g, p->shift))
        return false;
    p->left = p->bitmaps = 0;
    p->too_wide = false;
    for (uint32_t i = 0; i < CHUNK_GROUP; i++) {
        struct chunk c = {.count = 0};
        KERNEL(describe)(&c, g, i, p->shift);
        p->counts[i] = c.count;
        if (c.count == 0)
            continue;
        p->highs[i] = (uint32_t)c.high;
        p->lows[i] = (uint32_t)c.low;
        p->widths[i] = c.low_width;
        p->left |= 1U << i;
        p->bitmaps |= (unsigned)c.is_bitmap << i;
        p->too_wide |= c.low_width > UNPACKING_MAX;
    }
    return true;
}

/* Of the group in hand, whose first passage is `start`. False if it can't be one. */
INLINE bool KERNEL(open_parts)(struct KERNEL(parts) * p, struct chunk_table *t, uint32_t start) {
    enum { BEYOND = 64 };
    struct chunk_group *g = &t->group;
    p->docs = g->docs;
    p->shift = t->shift;
    p->start = start;
    p->has_room = t->groups_end - g->end >= BEYOND;
    return has_full_byte(load_u64(g->data + 1)) ? KERNEL(find_parts_in_turn)(p, g) : KERNEL(find_parts)(p, g);
}

/* Chunk i, a set of high and low parts, 64 bits of the high ones at a time; false if it has another number of ones. */
INLINE bool KERNEL(take_many)(const struct KERNEL(parts) * p, uint32_t i, KERNEL(offsets_function) * with, void *to) {
    const __m512i up = _mm512_load_si512(count_up_8), mask = _mm512_set1_epi16((short)low_bits(p->shift));
    const __m128i width = _mm_cvtsi32_si128((int)p->widths[i]);
    const uint32_t size = p->lows[i] - p->highs[i], all = p->counts[i];
    uint32_t done = 0, ones = 0;
    for (uint32_t at = 0; at < size; at += 64) {
        uint64_t word = long_bits_at(p->docs, p->highs[i] + at) & UINT64_MAX >> (size - at < 64 ? 64 - (size - at) : 0);
        uint32_t n = (uint32_t)__builtin_popcountll(word);
        ones += n;
        n = n < all - done ? n : all - done;
        __m512i places = _mm512_maskz_compress_epi8(word, up);
        for (uint32_t k = 0; k < n; k += 32) {
            uint32_t here = n - k < 32 ? n - k : 32;
            __m512i number = _mm512_add_epi16(_mm512_load_si512(count_up_16), _mm512_set1_epi16((short)(done + k)));
            __m512i high =
                _mm512_add_epi16(_mm512_cvtepu8_epi16(_mm512_castsi512_si256(places)), _mm512_set1_epi16((short)at));
            high = _mm512_sll_epi16(_mm512_sub_epi16(high, number), width);
            __m512i low =
                KERNEL(unpack_parts)(p->docs, p->lows[i] + (uint64_t)(done + k) * p->widths[i], here, p->widths[i]);
            with(to, p, i, _mm512_and_si512(_mm512_or_si512(high, low), mask), here);
            places = _mm512_castsi256_si512(_mm512_extracti64x4_epi64(places, 1));
        }
        done += n;
    }
    return ones == all;
}

/* Low parts, from bit `at` on, 32 at most, where 64 bytes can be read. */
INLINE __m512i KERNEL(unpack_at_once)(const uint8_t *bits, uint64_t at, unsigned width) {
    return KERNEL(unpack_bytes)(_mm512_loadu_si512(bits + at / 8), at % 8, width);
}

/* The offsets of 64 bits of the highs of chunk i, from bit `at` of these on, 32 of which are ones at most; and how many
 * before. */
INLINE __m512i KERNEL(few_offsets)(const struct KERNEL(parts) * p, uint32_t i, uint64_t bits, uint32_t at,
                                   uint32_t before) {
    const uint32_t width = p->widths[i];
    __m512i high = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(count_up_8));
    high = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(high));
    high = _mm512_add_epi16(high, _mm512_loadu_si512(count_down + 64 - at + before));
    high = _mm512_sllv_epi16(high, _mm512_set1_epi16((short)width));
    __m512i low = KERNEL(unpack_at_once)(p->docs, p->lows[i] + (uint64_t)before * width, width);
    return _mm512_and_si512(_mm512_or_si512(high, low), _mm512_set1_epi16((short)low_bits(p->shift)));
}

/* n or 64 bits from bit `at` on; there are 8 bytes behind the one they begin in. */
INLINE uint64_t KERNEL(word_at)(const uint8_t *bits, uint32_t at, uint32_t n) {
    const uint8_t *byte = bits + at / 8;
    return _bzhi_u64(load_u64(byte) >> at % 8 | (uint64_t)byte[8] << 1 << (63 - at % 8), n);
}

/* Chunk i if it has so few postings that it is gone through without loops, as most are; else false, as if it has
 * another number of ones. */
INLINE bool KERNEL(take_few)(const struct KERNEL(parts) * p, uint32_t i, KERNEL(offsets_function) * with, void *to) {
    enum { FEW = 32 };
    const uint32_t high = p->highs[i], size = p->lows[i] - high, count = p->counts[i];
    if (!p->has_room || count > 2 * FEW)
        return false;
    uint64_t first = KERNEL(word_at)(p->docs, high, size);
    uint32_t n = (uint32_t)__builtin_popcountll(first);
    if (count <= FEW) {
        if (n == count)
            with(to, p, i, KERNEL(few_offsets)(p, i, first, 0, 0), count);
        return n == count;
    }
    uint64_t second = KERNEL(word_at)(p->docs, high + 64, size - 64);
    uint32_t rest = (uint32_t)__builtin_popcountll(second);
    if (n > FEW || rest > FEW || n + rest != count)
        return false;
    with(to, p, i, KERNEL(few_offsets)(p, i, first, 0, 0), n);
    with(to, p, i, KERNEL(few_offsets)(p, i, second, 64, n), rest);
    return true;
}

/* All chunks that are left, of which none has low parts that are too wide; false if one can't be a chunk. */
INLINE bool KERNEL(take_parts)(const struct KERNEL(parts) * p, KERNEL(offsets_function) * with,
                               KERNEL(words_function) * with_words, void *to) {
    for (uint32_t i = 0; i < CHUNK_GROUP; i++) {
        if (!(p->left >> i & 1))
            continue;
        if (!(p->bitmaps >> i & 1)) {
            if (!KERNEL(take_few)(p, i, with, to) && !KERNEL(take_many)(p, i, with, to))
                return false;
            continue;
        }
        for (uint32_t at = 0; at < UINT32_C(1) << p->shift; at += 64)
            with_words(to, p, p->start + (i << p->shift) + at, long_bits_at(p->docs, p->highs[i] + at));
    }
    return true;
}
