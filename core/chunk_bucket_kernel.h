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
/* The index of the posting at an offset of a set that is no bitmap, if 57 bits tell where its bucket is, and this has
 * four postings at most; else *told is false. What a processor can't foresee is no branch. */
INLINE bool KERNEL(probe_parts_at_once)(const struct chunk *c, uint32_t offset, uint32_t *index, bool *told) {
    enum { PARTS = 4 };
    const unsigned width = c->low_width;
    const uint64_t each = low_parts[width], low = offset & (uint32_t)low_bits(width);
    uint32_t bucket = offset >> width;
    /* Ones for zeros, and one in front of the first, so that the first bucket is no other case: what is subtracted
     * there is borrowed from the one that ends the bucket, or from beyond what is known. */
    uint64_t zeros = ~load_u64(c->bits + (c->high >> 3)) >> (c->high & 7);
    uint64_t begin = _pdep_u64(UINT64_C(1) << (bucket & 63), zeros << 1 | 1), run = (zeros - begin) ^ zeros;
    uint32_t ones = (uint32_t)__builtin_popcountll(run) - 1, i = (uint32_t)_tzcnt_u64(begin) - bucket;
    *told = (int64_t)run > 0 && ones <= PARTS && i < c->count;
    if (!*told)
        return false;
    /* Parts that are equal become 0; only theirs have no bit at the top then, nor where the rest was added. */
    uint64_t top = each << (width - 1), rest = top - each;
    uint64_t parts = bits_at(c->bits, c->low + (uint64_t)i * width) ^ (each * low);
    uint64_t equal = _bzhi_u64(top & ~(((parts & rest) + rest) | parts), ones * width);
    *index = i + (uint32_t)__builtin_popcountll(each & (equal ^ (equal - 1))) - 1;
    return equal && *index < c->count;
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
    bool told, found = KERNEL(probe_parts_at_once)(c, offset, index, &told);
    if (told)
        return found;
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
    if (at >= c->high_size || width > 14)
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
