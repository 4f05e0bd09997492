/* chunk_meet_kernel.h - which of some passages have the term: the part of chunk_kernel.h that runs through a term's
 * postings and tests each against a bitmap. No include guard: this is no header in itself. */

INLINE void KERNEL(meet_one)(struct chunk_meeting *m, uint32_t doc) {
    bool there = m->bits[(doc - m->first) / 64] >> (doc - m->first) % 64 & 1;
    m->docs[m->count] = doc; /* there is room for one more */
    m->count += there & (m->count < m->room);
}

INLINE void KERNEL(meet_word)(struct chunk_meeting *m, uint64_t postings, uint32_t doc) {
    uint64_t both = postings & m->bits[(doc - m->first) / 64];
    for (; both && m->count < m->room; both &= both - 1)
        m->docs[m->count++] = doc + (uint32_t)__builtin_ctzll(both);
}

/* Of a chunk whose set is ready, and whose first passage is `start`. */
INLINE void KERNEL(meet_chunk)(struct chunk_meeting *m, const struct chunk *c, unsigned shift, uint32_t start) {
    const uint32_t mask = (uint32_t)low_bits(shift);
    if (c->kind == CHUNK_IS_BITMAP) {
        KERNEL(meet_word)(m, c->words[0], start);
        KERNEL(meet_word)(m, c->words[1], start + 64);
        return;
    }
    if (c->kind == CHUNK_IS_SMALL) {
        for (uint32_t i = 0; i < c->count; i++)
            KERNEL(meet_one)(m, start + (c->offsets[i] & mask));
        return;
    }
    for (uint32_t at = 0; c->is_bitmap && at < c->high_size; at += 64)
        KERNEL(meet_word)(m, long_bits_at(c->bits, c->high + at), start + at);
    for (uint32_t at = 0, i = 0; !c->is_bitmap && at < c->high_size; at += WORD_BITS) {
        uint32_t left = c->high_size - at;
        uint64_t word = bits_at(c->bits, c->high + at) & low_bits(left < WORD_BITS ? left : WORD_BITS);
        for (; word && i < c->count; word &= word - 1, i++) {
            uint32_t high = at + (uint32_t)__builtin_ctzll(word) - i;
            KERNEL(meet_one)(m, start + ((high << c->low_width | low_part(c, i)) & mask));
        }
    }
}

/* The group in hand, whose first passage is `start`. */
INLINE bool KERNEL(meet_chunks)(struct chunk_table *t, uint32_t start, struct chunk_meeting *m) {
    if (!KERNEL(part_group)(&t->group, t->shift))
        return false;
    for (uint32_t i = 0; i < CHUNK_GROUP; i++) {
        struct chunk c;
        if (t->group.data[1 + i] == 0)
            continue;
        KERNEL(describe)(&c, &t->group, i, t->shift);
        if (!KERNEL(open_set)(&c, t->shift))
            return false;
        KERNEL(meet_chunk)(m, &c, t->shift, start + (i << t->shift));
    }
    return true;
}

#if defined(KERNEL_AVX512)
/* Where the chunks of a group stand whose counts don't stand in the sets. */
struct KERNEL(parts) {
    uint32_t counts[CHUNK_GROUP], highs[CHUNK_GROUP], lows[CHUNK_GROUP], widths[CHUNK_GROUP];
    unsigned bitmaps; /* a bit for each chunk that is one, or whose low parts are too wide */
};

INLINE bool KERNEL(find_parts)(struct KERNEL(parts) * p, const struct chunk_group *g, unsigned shift) {
    const __m256i one = _mm256_set1_epi32(1);
    __m256i count = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(g->data + 1)));
    __m256i k = _mm256_sub_epi32(_mm256_set1_epi32(32), _mm256_lzcnt_epi32(_mm256_sub_epi32(count, one)));
    __mmask8 some = _mm256_test_epi32_mask(count, count);
    __m256i width = _mm256_sub_epi32(_mm256_set1_epi32((int)shift), k);
    __m256i high_size = _mm256_sub_epi32(_mm256_add_epi32(count, _mm256_sllv_epi32(one, k)), one);
    __m256i size = _mm256_add_epi32(high_size, _mm256_mullo_epi32(count, width)), all = _mm256_set1_epi32(1 << shift);
    __mmask8 bitmap =
        some & (_mm256_cmpge_epu32_mask(size, all) | _mm256_cmpgt_epi32_mask(width, _mm256_set1_epi32(14)));
    size = _mm256_maskz_min_epu32(some, size, all);
    __m256i ends = KERNEL(sums)(size), starts = _mm256_sub_epi32(ends, size);
    _mm256_storeu_si256((__m256i *)(void *)p->counts, count);
    _mm256_storeu_si256((__m256i *)(void *)p->highs, starts);
    _mm256_storeu_si256((__m256i *)(void *)p->lows, _mm256_add_epi32(starts, high_size));
    _mm256_storeu_si256((__m256i *)(void *)p->widths, width);
    p->bitmaps = bitmap;
    return (uint32_t)_mm256_extract_epi32(ends, 7) <= g->docs_size;
}

/* Which of the offsets have their bits set, of 2^shift from `bits` on. */
INLINE __mmask32 KERNEL(test_bits)(const uint64_t *bits, unsigned shift, __m512i offsets) {
    const uint8_t *table = (const uint8_t *)bits;
    __m512i word = _mm512_srli_epi16(offsets, 4), found;
    __m512i bit = _mm512_sllv_epi16(_mm512_set1_epi16(1), _mm512_and_si512(offsets, _mm512_set1_epi16(15)));
    if (shift <= 8) {
        found = _mm512_permutexvar_epi16(
            word, _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(const void *)table)));
    } else if (shift == 9) {
        found = _mm512_permutexvar_epi16(word, _mm512_loadu_si512(table));
    } else if (shift <= 12) {
        found = _mm512_permutex2var_epi16(_mm512_loadu_si512(table), word, _mm512_loadu_si512(table + 64));
        for (unsigned i = 1; i < 1U << (shift - 10); i++) {
            __m512i here = _mm512_permutex2var_epi16(_mm512_loadu_si512(table + 128 * i), word,
                                                     _mm512_loadu_si512(table + 128 * i + 64));
            found = _mm512_mask_mov_epi16(
                found, _mm512_cmpeq_epi16_mask(_mm512_srli_epi16(word, 6), _mm512_set1_epi16((short)i)), here);
        }
    } else {
        __m512i low = _mm512_cvtepu16_epi32(_mm512_castsi512_si256(word)),
                high = _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(word, 1));
        __m256i first = _mm512_cvtepi32_epi16(_mm512_i32gather_epi32(low, table, 2));
        __m256i second = _mm512_cvtepi32_epi16(_mm512_i32gather_epi32(high, table, 2));
        found = _mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1);
    }
    return _mm512_test_epi16_mask(found, bit);
}

/* Takes those of n <= 32 offsets from `start` on that are met. */
INLINE void KERNEL(meet_offsets)(struct chunk_meeting *m, __m512i offsets, uint32_t n, unsigned shift, uint32_t start) {
    __mmask32 met = KERNEL(test_bits)(m->bits + (start - m->first) / 64, shift, offsets);
    met &= (__mmask32)low_bits(n);
    uint32_t count = (uint32_t)__builtin_popcount(met), room = m->room - m->count;
    __m512i packed = _mm512_maskz_compress_epi16(met, offsets), base = _mm512_set1_epi32((int)start);
    uint32_t *docs = m->docs + m->count;
    _mm512_storeu_si512(docs, _mm512_add_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(packed)), base));
    if (count > 16)
        _mm512_storeu_si512(docs + 16,
                            _mm512_add_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(packed, 1)), base));
    m->count += count < room ? count : room;
}

/* Chunk i, a set of high and low parts, 64 bits of the high ones at a time. */
INLINE void KERNEL(meet_parts)(struct chunk_meeting *m, const struct chunk_group *g, const struct KERNEL(parts) * p,
                               uint32_t i, unsigned shift, uint32_t start) {
    const __m512i up = _mm512_load_si512(count_up_8), mask = _mm512_set1_epi16((short)low_bits(shift));
    const __m128i width = _mm_cvtsi32_si128((int)p->widths[i]);
    const uint32_t size = p->lows[i] - p->highs[i], all = p->counts[i];
    uint32_t done = 0;
    for (uint32_t at = 0; at < size; at += 64) {
        uint64_t word = long_bits_at(g->docs, p->highs[i] + at) & UINT64_MAX >> (size - at < 64 ? 64 - (size - at) : 0);
        uint32_t n = (uint32_t)__builtin_popcountll(word);
        n = n < all - done ? n : all - done;
        __m512i places = _mm512_maskz_compress_epi8(word, up);
        for (uint32_t k = 0; k < n; k += 32) {
            uint32_t here = n - k < 32 ? n - k : 32;
            __m512i number = _mm512_add_epi16(_mm512_load_si512(count_up_16), _mm512_set1_epi16((short)(done + k)));
            __m512i high =
                _mm512_add_epi16(_mm512_cvtepu8_epi16(_mm512_castsi512_si256(places)), _mm512_set1_epi16((short)at));
            high = _mm512_sll_epi16(_mm512_sub_epi16(high, number), width);
            __m512i low =
                KERNEL(unpack_parts)(g->docs, p->lows[i] + (uint64_t)(done + k) * p->widths[i], here, p->widths[i]);
            KERNEL(meet_offsets)(m, _mm512_and_si512(_mm512_or_si512(high, low), mask), here, shift, start);
            places = _mm512_castsi256_si512(_mm512_extracti64x4_epi64(places, 1));
        }
        done += n;
    }
}

/* A group of wide chunks in hand, as above. */
INLINE bool KERNEL(meet_wide)(struct chunk_table *t, uint32_t start, struct chunk_meeting *m) {
    struct KERNEL(parts) p;
    if (!KERNEL(find_parts)(&p, &t->group, t->shift))
        return false;
    if (p.bitmaps)
        return KERNEL(meet_chunks)(t, start, m);
    for (uint32_t i = 0; i < CHUNK_GROUP; i++)
        if (p.counts[i])
            KERNEL(meet_parts)(m, &t->group, &p, i, t->shift, start + (i << t->shift));
    return true;
}
#endif

static bool KERNEL(meet)(struct chunk_table *t, uint32_t end, struct chunk_meeting *m) {
    const unsigned wide = t->shift + CHUNK_GROUP_SHIFT;
    for (uint32_t group = m->first >> wide; group < groups_of(end, t->shift); group++) {
        if (!KERNEL(find_group)(t, group))
            return false;
        if (!t->group.data)
            continue;
#if defined(KERNEL_AVX512)
        if (t->shift > CHUNK_SHIFT_MIN && !has_full_byte(load_u64(t->group.data + 1))) {
            if (!KERNEL(meet_wide)(t, group << wide, m))
                return false;
            continue;
        }
#endif
        if (!KERNEL(meet_chunks)(t, group << wide, m))
            return false;
    }
    return true;
}
