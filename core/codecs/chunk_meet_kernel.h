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
/* Which of the offsets have their bits set, of 2^shift from `bits` on. */
INLINE __mmask32 KERNEL(test_bits)(const uint64_t *bits, unsigned shift, __m512i offsets) {
    const uint8_t *table = (const uint8_t *)bits;
    if (shift <= 9) {
        __m512i bytes = shift < 9 ? _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(const void *)table))
                                  : _mm512_loadu_si512(table);
        bytes = _mm512_permutexvar_epi8(_mm512_srli_epi16(offsets, 3), bytes); /* the upper half of each is no matter */
        __m512i one = _mm512_set1_epi16(1), seven = _mm512_set1_epi16(7);
        return _mm512_test_epi16_mask(bytes, _mm512_sllv_epi16(one, _mm512_and_si512(offsets, seven)));
    }
    __m512i word = _mm512_srli_epi16(offsets, 4), found;
    __m512i bit = _mm512_sllv_epi16(_mm512_set1_epi16(1), _mm512_and_si512(offsets, _mm512_set1_epi16(15)));
    if (shift <= 12) {
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

/* Appends those that are met: none or one, mostly. */
INLINE void KERNEL(meet_offsets)(void *to, const struct KERNEL(parts) * p, uint32_t i, __m512i offsets, uint32_t n) {
    struct chunk_meeting *m = to;
    const uint32_t start = p->start + (i << p->shift);
    uint32_t met = KERNEL(test_bits)(m->bits + (start - m->first) / 64, p->shift, offsets) & (__mmask32)low_bits(n);
    uint32_t *docs = m->docs + m->count, count = (uint32_t)__builtin_popcount(met), room = m->room - m->count;
    uint16_t each[32] __attribute__((aligned(64)));
    if (!met)
        return;
    _mm512_store_si512(each, offsets);
    m->count += count < room ? count : room;
    for (; met; met &= met - 1)
        *docs++ = start + each[__builtin_ctz(met)];
}

INLINE void KERNEL(meet_postings)(void *to, const struct KERNEL(parts) * p, uint32_t first, uint64_t postings) {
    (void)p;
    KERNEL(meet_word)(to, postings, first);
}

/* A group of wide chunks in hand, as above. */
INLINE bool KERNEL(meet_wide)(struct chunk_table *t, uint32_t start, struct chunk_meeting *m) {
    struct KERNEL(parts) p;
    if (!KERNEL(open_parts)(&p, t, start))
        return false;
    if (p.too_wide)
        return KERNEL(meet_chunks)(t, start, m);
    return KERNEL(take_parts)(&p, KERNEL(meet_offsets), KERNEL(meet_postings), m);
}
#endif

static bool KERNEL(meet)(struct chunk_table *t, uint32_t end, struct chunk_meeting *m) {
    const unsigned wide = t->shift + CHUNK_GROUP_SHIFT;
    for (uint32_t group = m->first >> wide; group < groups_of(end, t->shift); group++) {
        if (!KERNEL(find_group)(t, group))
            return false;
        if (!t->group.data)
            continue;
        KERNEL(fetch_ahead)(t);
#if defined(KERNEL_AVX512)
        if (t->shift > CHUNK_SHIFT_MIN) {
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
