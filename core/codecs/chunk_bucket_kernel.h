/* chunk_bucket_kernel.h - what stands at some place of a set of highs and lows, without decoding the rest: part of
 * chunk_kernel.h, compiled as that is. No include guard: this is no header in itself. */

/* The place of one number r, from 0, of the word; 63 if it has not so many. */
INLINE unsigned KERNEL(select)(uint64_t word, unsigned r) {
#if defined(KERNEL_BMI2) || defined(KERNEL_AVX512)
    return (unsigned)__builtin_ctzll(_pdep_u64(r < 64 ? UINT64_C(1) << r : 0, word) | UINT64_C(1) << 63);
#else
    while (r-- && word)
        word &= word - 1;
    return (unsigned)__builtin_ctzll(word | UINT64_C(1) << 63);
#endif
}

/* Where the bucket begins in the highs: behind so many zeros; beyond them if they are broken. */
INLINE uint32_t KERNEL(bucket_start)(const struct chunk *c, uint32_t bucket) {
    const uint32_t skip = c->high & 7;
    const uint8_t *p = c->bits + (c->high >> 3);
    uint64_t wanted = UINT64_MAX << skip;
    if (bucket == 0)
        return 0;
    for (uint32_t at = 0; at < c->high_size + skip; at += 64, p += 8, wanted = UINT64_MAX) {
        uint64_t zeros = ~load_u64(p) & wanted;
        uint32_t n = (uint32_t)__builtin_popcountll(zeros);
        if (bucket <= n)
            return at - skip + KERNEL(select)(zeros, bucket - 1) + 1;
        bucket -= n;
    }
    return UINT32_MAX;
}

#if defined(KERNEL_BMI2) || defined(KERNEL_AVX512)
/* What is found out about a passage. */
enum KERNEL(outcome) { KERNEL(NOT_THERE), KERNEL(IS_THERE), KERNEL(NOT_TOLD) };

/* Whether one of four postings at most, from number i on, is at an offset with which they share the high parts, and
 * its number, if their low parts begin up to bit `end`. The number may be that of none where bytes are broken. How many
 * these are a processor can't foresee: so there is no branch on it. */
INLINE enum KERNEL(outcome) KERNEL(probe_few)(const struct chunk *c, uint32_t offset, uint32_t i, uint32_t ones,
                                              uint64_t end, uint32_t *index) {
    enum { PARTS = 4, WIDEST = 15 };
    const unsigned width = c->low_width;
    uint64_t low = c->low + i * width, each = UINT64_C(0x0001000100010001); /* one in each lane of 16 bits */
    if (ones > PARTS || low > end)
        return KERNEL(NOT_TOLD);
    __asm__("" : "+r"(each)); /* compilers would put products together of many shifts */
    uint64_t top = each << WIDEST, wanted = each * _bzhi_u64(offset, width);
    uint64_t parts = _pdep_u64(bits_at(c->bits, low), (each << width) - each);
    /* Of those that are equal alone the top bit stays. */
    uint64_t equal = _bzhi_u64((top - (parts ^ wanted)) & top, ones * 16);
    if (!equal)
        return KERNEL(NOT_THERE);
    *index = i + (uint32_t)_tzcnt_u64(equal) / 16;
    return width <= WIDEST ? KERNEL(IS_THERE) : KERNEL(NOT_TOLD);
}

/* The same of a set that is no bitmap, if 57 bits tell where the offset's bucket is. */
INLINE enum KERNEL(outcome)
    KERNEL(probe_parts_at_once)(const struct chunk *c, uint32_t offset, uint64_t end, uint32_t *index) {
    uint32_t bucket = offset >> c->low_width;
    /* Ones for zeros, and one in front of the first, so that the first bucket is no other case: what is subtracted
     * there is borrowed from the one that ends the bucket, or from beyond what is known. */
    uint64_t zeros = ~load_u64(c->bits + (c->high >> 3)) >> (c->high & 7);
    uint64_t begin = _pdep_u64(UINT64_C(1) << (bucket & 63), zeros << 1 | 1), run = (zeros - begin) ^ zeros;
    if ((int64_t)run <= 0)
        return KERNEL(NOT_TOLD);
    /* Of bucket 64 and more another one is found, with i below 0: its low parts are far beyond `end` then. */
    uint32_t ones = (uint32_t)__builtin_popcountll(run) - 1, i = (uint32_t)_tzcnt_u64(begin) - bucket;
    return KERNEL(probe_few)(c, offset, i, ones, end, index);
}

/* The same if they don't. */
INLINE enum KERNEL(outcome)
    KERNEL(probe_parts_beyond)(const struct chunk *c, uint32_t offset, uint64_t end, uint32_t *index) {
    uint32_t bucket = offset >> c->low_width, start = KERNEL(bucket_start)(c, bucket);
    if (start > c->high_size)
        return KERNEL(NOT_THERE);
    uint64_t ones = bits_at(c->bits, c->high + start);
    return KERNEL(probe_few)(c, offset, start - bucket, (uint32_t)_tzcnt_u64(~ones), end, index);
}
#endif

/* The same of any such set, without decoding other postings: only those that share the high bits are looked at. */
INLINE bool KERNEL(probe_parts_in_turn)(const struct chunk *c, uint32_t offset, uint32_t *index) {
    uint32_t bucket = offset >> c->low_width, low = offset & (uint32_t)low_bits(c->low_width);
    uint32_t start = KERNEL(bucket_start)(c, bucket), i = start - bucket;
    if (start > c->high_size)
        return false;
    uint64_t ones = bits_at(c->bits, c->high + start);
    for (; ones & 1 && i < c->count; i++) {
        uint32_t part = low_part(c, i);
        *index = i;
        if (part >= low)
            return part == low;
        ones = bits_at(c->bits, c->high + ++start);
    }
    return false;
}

INLINE bool KERNEL(probe_parts)(const struct chunk *c, uint32_t offset, uint32_t *index) {
#if defined(KERNEL_BMI2) || defined(KERNEL_AVX512)
    uint64_t end = c->low + (uint64_t)c->count * c->low_width;
    enum KERNEL(outcome) outcome = KERNEL(probe_parts_at_once)(c, offset, end, index);
    if (outcome != KERNEL(NOT_TOLD))
        return outcome == KERNEL(IS_THERE) && *index < c->count;
#endif
    return KERNEL(probe_parts_in_turn)(c, offset, index);
}

/* The same of a bitmap. */
INLINE bool KERNEL(probe_bitmap)(const struct chunk *c, uint32_t offset, uint32_t *index) {
    if (!(bits_at(c->bits, c->high + offset) & 1))
        return false;
    *index = count_ones(c->bits, c->high, offset);
    return true;
}

/* The same of any set. */
INLINE bool KERNEL(probe)(const struct chunk *c, uint32_t offset, uint32_t *index) {
    return c->is_bitmap ? KERNEL(probe_bitmap)(c, offset, index) : KERNEL(probe_parts)(c, offset, index);
}

#if defined(KERNEL_AVX512)
/* The postings of a set with highs and lows in the range that begins at an offset, from number *first on; returns how
 * many, or UINT32_MAX if 64 bits don't tell all of its buckets. */
INLINE uint32_t KERNEL(read_buckets)(const struct chunk *c, uint32_t from, uint8_t *docs, uint32_t *first) {
    const unsigned width = c->low_width;
    const uint32_t bucket = from >> width, buckets = width < CHUNK_SHIFT_MIN ? (uint32_t)CHUNK_RANGE >> width : 1;
    uint32_t at = KERNEL(bucket_start)(c, bucket), i = at - bucket, n = 0;
    if (at >= c->high_size || width > UNPACKING_MAX)
        return UINT32_MAX;
    /* The zero behind the last bucket, where others end, is none of the highs. */
    uint64_t highs = long_bits_at(c->bits, c->high + at) & up_to_all_bits(c->high_size - at);
    uint64_t end = _pdep_u64(UINT64_C(1) << (buckets - 1), ~highs), ones = highs & (end - 1), in = 0;
    uint32_t count = (uint32_t)__builtin_popcountll(ones);
    if (!end || i + count > c->count)
        return UINT32_MAX;
    __m512i packed = _mm512_maskz_compress_epi8(ones, _mm512_load_si512(count_up_8));
    for (uint32_t k = 0; k < count; k += 32, packed = _mm512_shuffle_i64x2(packed, packed, 0xee)) {
        uint32_t some = count - k < 32 ? count - k : 32;
        __m512i offsets = KERNEL(join)(c, _mm512_castsi512_si256(packed), k, i + k, some);
        offsets = _mm512_sub_epi16(offsets, _mm512_set1_epi16((short)(from & low_bits(width))));
        __mmask32 here =
            _mm512_mask_cmplt_epu16_mask((__mmask32)low_bits(some), offsets, _mm512_set1_epi16(CHUNK_RANGE));
        __m256i found = _mm256_maskz_compress_epi8(here, _mm512_cvtepi16_epi8(offsets));
        _mm256_storeu_si256((__m256i *)(void *)(docs + n), found);
        n += (uint32_t)__builtin_popcount(here);
        in |= (uint64_t)here << k;
    }
    *first = i + (uint32_t)_tzcnt_u64(in);
    return n;
}
#endif
