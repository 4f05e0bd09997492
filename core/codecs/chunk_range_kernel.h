/* chunk_range_kernel.h - the postings of a range of CHUNK_RANGE passages, or of some passages of it, as lists and sets:
 * the part of chunk_kernel.h that queries read range by range. No include guard: this is no header in itself. */

/* From postings one by one. */
INLINE bool KERNEL(collect_masks)(struct chunk_table *t, uint32_t doc, const uint64_t *wanted,
                                  struct chunk_masks *out) {
    struct chunk_list list;
    uint32_t number = doc >> t->shift, more = 0;
    KERNEL(clear)(out);
    if (!KERNEL(go)(t, number))
        return false;
    KERNEL(list_any)(&t->chunk, doc & ((UINT32_C(1) << t->shift) - 1), &list);
    for (uint32_t i = 0; i < list.count; i++) {
        uint32_t at = list.docs[i], freq = chunk_masks_freq(&list.masks, i);
        bool is_wanted = wanted[at / 64] >> at % 64 & 1;
        KERNEL(note)(out, at, freq <= PLANES || is_wanted ? freq : PLANES, &more);
    }
    return true;
}

INLINE void KERNEL(find_each)(const struct chunk *c, uint32_t from, const uint8_t *offsets, uint32_t n,
                              struct chunk_masks *out) {
    uint32_t index, more = 0;
    for (uint32_t i = 0; i < n; i++)
        if (KERNEL(index_of)(c, from + offsets[i], &index))
            KERNEL(note)(out, i, freq_of(c, index), &more);
}

#if defined(KERNEL_BMI2) || defined(KERNEL_AVX512)
/* Puts the planes side by side: a bit of each goes where the plane before has its one. */
static NOINLINE void KERNEL(spread_planes)(struct chunk *c) {
    uint64_t at = c->freqs + 1, above[2];
    uint32_t n = c->count, low = n < 64 ? n : 64;
    above[0] = KERNEL_FIRST(low);
    above[1] = KERNEL_FIRST(n - low);
    for (unsigned p = 0; p < PLANES && at + n <= c->freqs_end; p++) {
        for (uint32_t w = 0; w < 2; w++) {
            /* Where nothing is wanted, the bits may end. */
            uint64_t bits = above[w] ? long_bits_at(c->freq_bits, at) : 0;
            at += (uint32_t)__builtin_popcountll(above[w]);
            c->planes[p][w] = above[w] = _pdep_u64(bits, above[w]);
        }
        n = (uint32_t)(__builtin_popcountll(above[0]) + __builtin_popcountll(above[1]));
    }
    c->more_width = (unsigned)(bits_at(c->freq_bits, at) & 31) + 1;
    c->more = at + 5;
}

#if defined(KERNEL_AVX512)
/* The entries of a list, 16 bits each. Nothing is read beyond the chunk's bits but what a load may. */
INLINE __m128i KERNEL(list_entries)(const struct chunk *c, uint64_t at, unsigned each) {
    uint64_t lanes = UINT64_C(0x0001000100010001), second = at + 4 * each;
    lanes = (lanes << each) - lanes;
    second = second < c->freqs_end ? second : c->freqs_end;
    __m128i low = _mm_cvtsi64_si128((int64_t)_pdep_u64(bits_at(c->freq_bits, at), lanes));
    return _mm_insert_epi64(low, (int64_t)_pdep_u64(bits_at(c->freq_bits, second), lanes), 1);
}

/* The bits of eight words become those of word w of the planes: of all, and of those with a frequency above 2, and 3.
 */
INLINE void KERNEL(put_planes)(struct chunk *c, uint32_t w, __m512i bits, __mmask8 above_2, __mmask8 above_3) {
    __m512i second = _mm512_maskz_mov_epi64(above_2, bits), third = _mm512_maskz_mov_epi64(above_3, bits);
    __m512i both = _mm512_or_si512(_mm512_unpacklo_epi64(bits, second), _mm512_unpackhi_epi64(bits, second));
    __m256i half = _mm256_or_si256(_mm512_castsi512_si256(both), _mm512_extracti64x4_epi64(both, 1));
    __m128i words = _mm_or_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    c->planes[0][w] = (uint64_t)_mm_cvtsi128_si64(words);
    c->planes[1][w] = (uint64_t)_mm_extract_epi64(words, 1);
    c->planes[2][w] = (uint64_t)_mm512_reduce_or_epi64(third);
}

/* All entries side by side; false if they leave the chunk's bits. */
INLINE bool KERNEL(list_planes_at_once)(struct chunk *c) {
    uint64_t head = bits_at(c->freq_bits, c->freqs), at = c->freqs + LIST_HEADER;
    uint32_t r = (uint32_t)(head >> 1 & 7) + 1;
    unsigned width = head >> 4 & 3, each = c->index_width + width;
    if (at + r * each > c->freqs_end)
        return false;
    __m128i entries = KERNEL(list_entries)(c, at, each);
    __m128i index = _mm_and_si128(entries, _mm_set1_epi16((short)low_bits(c->index_width)));
    __m128i more = _mm_srl_epi16(entries, _mm_cvtsi32_si128((int)c->index_width));
    __mmask8 there =
        _mm_mask_cmplt_epu16_mask((__mmask8)_bzhi_u32(UINT32_MAX, r), index, _mm_set1_epi16((short)c->count));
    __mmask8 above_2 = _mm_test_epi16_mask(more, more), above_3 = _mm_cmpgt_epu16_mask(more, _mm_set1_epi16(1));
    __m512i bit = _mm512_cvtepu16_epi64(index), one = _mm512_maskz_set1_epi64(there, 1);
    /* A shift by 64 and more, as that by less than 0 is, leaves nothing. */
    KERNEL(put_planes)(c, 0, _mm512_sllv_epi64(one, bit), above_2, above_3);
    if (c->count > 64) {
        bit = _mm512_sub_epi64(bit, _mm512_set1_epi64(64));
        KERNEL(put_planes)(c, 1, _mm512_sllv_epi64(one, bit), above_2, above_3);
    }
    return true;
}
#endif

static NOINLINE void KERNEL(list_planes_in_turn)(struct chunk *c) {
    uint8_t indices[LIST_MAX];
    uint32_t freqs[LIST_MAX];
    uint32_t found = list_repeats(c, 0, c->count, indices, freqs);
    for (uint32_t i = 0; i < found; i++)
        for (uint32_t p = 0; p < PLANES; p++)
            c->planes[p][indices[i] / 64] |= (uint64_t)(freqs[i] > p + 1) << indices[i] % 64;
}

INLINE void KERNEL(list_planes)(struct chunk *c) {
#if defined(KERNEL_AVX512)
    if (KERNEL(list_planes_at_once)(c))
        return;
#endif
    KERNEL(list_planes_in_turn)(c);
}

/* From a bit for each posting to a bit for each passage. */
INLINE void KERNEL(planes_to_passages)(struct chunk *c) {
    uint32_t low = (uint32_t)__builtin_popcountll(c->words[0]);
    for (unsigned p = 0; p < PLANES; p++) {
        uint64_t *plane = c->planes[p], rest = low < 64 ? plane[0] >> low | plane[1] << 1 << (63 - low) : plane[1];
        plane[0] = _pdep_u64(plane[0], c->words[0]);
        plane[1] = _pdep_u64(rest, c->words[1]);
    }
}

static NOINLINE void KERNEL(find_planes)(struct chunk *c) {
    c->knows_planes = true;
    memset(c->planes, 0, sizeof c->planes);
    if (!c->has_freqs)
        return;
    c->is_list = !(bits_at(c->freq_bits, c->freqs) & 1);
    if (c->is_list)
        KERNEL(list_planes)(c);
    else
        KERNEL(spread_planes)(c);
    if (c->kind == CHUNK_IS_BITMAP)
        KERNEL(planes_to_passages)(c);
}

/* Of a small set or a bitmap. */
INLINE void KERNEL(know_planes)(struct chunk *c) {
    if (!c->knows_planes)
        KERNEL(find_planes)(c);
}

/* The frequency at bit `at` of the planes, which is above 3. */
static NOINLINE uint32_t KERNEL(more_at)(const struct chunk *c, uint32_t at) {
    uint32_t index = at;
    if (c->is_list) {
        uint8_t indices[LIST_MAX];
        uint32_t freqs[LIST_MAX];
        if (c->kind == CHUNK_IS_BITMAP)
            KERNEL(find_index)(c, at, &index);
        return list_repeats(c, index, 1, indices, freqs) ? freqs[0] : PLANES + 1;
    }
    uint32_t before = (uint32_t)__builtin_popcountll(c->planes[2][at / 64] & low_bits(at % 64));
    before += at >= 64 ? (uint32_t)__builtin_popcountll(c->planes[2][0]) : 0;
    uint64_t place = c->more + (uint64_t)before * c->more_width;
    if (place + c->more_width > c->freqs_end)
        return PLANES + 1;
    return 4 + (uint32_t)(bits_at(c->freq_bits, place) & low_bits(c->more_width));
}

/* Of a small set, whose chunk is the range. */
INLINE void KERNEL(small_masks)(struct chunk *c, const uint64_t *wanted, struct chunk_masks *out) {
    memset(out, 0, offsetof(struct chunk_masks, more));
    if (c->count == 0)
        return;
    KERNEL(set_of_small)(c, out->set);
    KERNEL(know_planes)(c);
    uint32_t low = (uint32_t)__builtin_popcountll(out->set[0]), more = 0;
    for (unsigned p = 0; p < PLANES; p++) {
        out->above[p][0] = _pdep_u64(c->planes[p][0], out->set[0]);
        out->above[p][1] = _pdep_u64(low < 64 ? c->planes[p][0] >> low : 0, out->set[1]);
    }
    for (uint64_t bits = c->planes[2][0]; bits; bits &= bits - 1) {
        uint32_t index = (uint32_t)__builtin_ctzll(bits), at = c->offsets[index] % CHUNK_RANGE;
        if (wanted[at / 64] >> at % 64 & 1)
            out->more[more++] = KERNEL(more_at)(c, index);
    }
    out->above[2][0] &= wanted[0];
    out->above[2][1] &= wanted[1];
}

static bool KERNEL(read_masks)(struct chunk_table *t, uint32_t doc, const uint64_t *wanted, struct chunk_masks *out) {
    struct chunk *c = &t->chunk;
    if (!chunk_table_is_dense(t, doc)) {
        if (t->shift != CHUNK_SHIFT_MIN || t->number != doc / CHUNK_RANGE || c->kind != CHUNK_IS_SMALL)
            return KERNEL(collect_masks)(t, doc, wanted, out);
        KERNEL(small_masks)(c, wanted, out);
        return true;
    }
    KERNEL(know_planes)(c);
    memcpy(out->set, c->words, sizeof out->set);
    memcpy(out->above, c->planes, sizeof out->above);
    uint32_t more = 0;
    for (uint32_t w = 0; w < CHUNK_RANGE / 64; w++) {
        out->above[2][w] &= wanted[w];
        for (uint64_t bits = out->above[2][w]; bits; bits &= bits - 1)
            out->more[more++] = KERNEL(more_at)(c, w * 64 + (uint32_t)__builtin_ctzll(bits));
    }
    return true;
}

/* Whether a posting is there, and how often, is what a processor can't foresee; so there are no branches on it. */
#if defined(KERNEL_AVX512)
/* Which of 64 passages have their bit set. */
INLINE uint64_t KERNEL(bits_of)(__m512i offsets, const uint64_t *words) {
    const __m512i table = _mm512_castsi128_si512(_mm_set_epi64x((int64_t)words[1], (int64_t)words[0]));
    __m512i byte = _mm512_and_si512(_mm512_srli_epi16(offsets, 3), _mm512_set1_epi8(CHUNK_RANGE / 8 - 1));
    __m512i bit = _mm512_shuffle_epi8(_mm512_set1_epi64((int64_t)UINT64_C(0x8040201008040201)), offsets);
    return _mm512_test_epi8_mask(_mm512_permutexvar_epi8(byte, table), bit);
}

INLINE void KERNEL(find_in_bitmap)(const struct chunk *c, const uint8_t *offsets, uint32_t n, uint64_t *set) {
    for (uint32_t i = 0; i < n; i += 64)
        set[i / 64] = KERNEL(bits_of)(_mm512_loadu_si512(offsets + i), c->words) & up_to_all_bits(n - i);
}

/* How often those have it that were found. */
INLINE void KERNEL(freqs_in_bitmap)(const struct chunk *c, const uint8_t *offsets, uint32_t n,
                                    struct chunk_masks *out) {
    for (uint32_t i = 0; i < n; i += 64)
        for (uint32_t p = 0; p < PLANES; p++)
            out->above[p][i / 64] = KERNEL(bits_of)(_mm512_loadu_si512(offsets + i), c->planes[p]) & out->set[i / 64];
    for (uint32_t w = 0, more = 0; w < CHUNK_RANGE / 64; w++)
        for (uint64_t bits = out->above[2][w]; bits; bits &= bits - 1)
            out->more[more++] = KERNEL(more_at)(c, offsets[w * 64 + (uint32_t)__builtin_ctzll(bits)]);
}

/* Which of n <= 64 passages are among the distances; adds the postings that were found. */
INLINE uint64_t KERNEL(find_distances)(__m512i distances, const uint8_t *offsets, uint32_t n, uint64_t *found) {
    uint64_t set = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t at = _mm512_cmpeq_epi8_mask(distances, _mm512_set1_epi8((char)offsets[i]));
        set |= (uint64_t)(at != 0) << i;
        *found |= at;
    }
    return set;
}

/* Returns the set of postings that were found. */
INLINE uint64_t KERNEL(find_in_small)(const struct chunk *c, uint32_t from, const uint8_t *offsets, uint32_t n,
                                      uint64_t *set) {
    const __m512i distances = KERNEL(distances)(c, from);
    uint64_t found = 0;
    set[0] = KERNEL(find_distances)(distances, offsets, n < 64 ? n : 64, &found);
    if (n > 64)
        set[1] = KERNEL(find_distances)(distances, offsets + 64, n - 64, &found);
    return found;
}

/* How often those have it that were found: the postings, and the passages, are in the same order. */
INLINE void KERNEL(freqs_in_small)(const struct chunk *c, uint64_t found, struct chunk_masks *out) {
    uint32_t low = (uint32_t)__builtin_popcountll(out->set[0]), more = 0;
    for (uint32_t p = 0; p < PLANES; p++) {
        uint64_t plane = _pext_u64(c->planes[p][0], found);
        out->above[p][0] = _pdep_u64(plane, out->set[0]);
        out->above[p][1] = low < 64 ? _pdep_u64(plane >> low, out->set[1]) : 0;
    }
    for (uint64_t bits = c->planes[2][0] & found; bits; bits &= bits - 1)
        out->more[more++] = KERNEL(more_at)(c, (uint32_t)__builtin_ctzll(bits));
}

/* Makes the planes of the chunk in hand ready, whose frequencies may not be found yet; false if these leave the group.
 */
static NOINLINE bool KERNEL(learn_planes)(struct chunk_table *t) {
    if (!KERNEL(find_freqs_of)(t))
        return false;
    KERNEL(know_planes)(&t->chunk);
    return true;
}

/* Of a bitmap or a small set. */
INLINE bool KERNEL(find_at_once)(struct chunk_table *t, uint32_t from, const uint8_t *offsets, uint32_t n,
                                 struct chunk_masks *out) {
    struct chunk *c = &t->chunk;
    uint64_t found = 0;
    if (c->kind == CHUNK_IS_BITMAP)
        KERNEL(find_in_bitmap)(c, offsets, n, out->set);
    else
        found = KERNEL(find_in_small)(c, from, offsets, n, out->set);
    if (!(out->set[0] | out->set[1]))
        return true;
    if (!c->knows_planes && !KERNEL(learn_planes)(t))
        return false;
    if (c->kind == CHUNK_IS_BITMAP)
        KERNEL(freqs_in_bitmap)(c, offsets, n, out);
    else
        KERNEL(freqs_in_small)(c, found, out);
    return true;
}

/* The frequencies above 3, of postings from number `first` on. True, so that a caller may end with it. */
static NOINLINE bool KERNEL(list_more)(const struct chunk *c, uint32_t first, struct chunk_masks *out) {
    uint32_t more = 0;
    for (uint64_t bits = out->above[2][0]; bits; bits &= bits - 1)
        out->more[more++] = KERNEL(more_at)(c, first + (uint32_t)__builtin_ctzll(bits));
    return true;
}

/* The planes are known. */
INLINE bool KERNEL(list_small)(const struct chunk *c, uint32_t from, struct chunk_list *out) {
    struct chunk_masks *m = &out->masks;
    uint32_t first;
    KERNEL(clear)(m);
    out->count = KERNEL(read_small)(c, from, out->docs, &first);
    m->set[0] = _bzhi_u64(UINT64_MAX, out->count);
    for (uint32_t p = 0; p < PLANES; p++)
        m->above[p][0] = _bzhi_u64(c->planes[p][0] >> first, out->count);
    return !m->above[2][0] || KERNEL(list_more)(c, first, m);
}
#else
INLINE void KERNEL(find_in_bitmap)(const struct chunk *c, const uint8_t *offsets, uint32_t n, struct chunk_masks *out) {
    uint32_t more = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t w = offsets[i] / 64, bit = offsets[i] % 64;
        out->set[i / 64] |= (c->words[w] >> bit & 1) << i % 64;
        for (uint32_t p = 0; p < PLANES; p++)
            out->above[p][i / 64] |= (c->planes[p][w] >> bit & 1) << i % 64;
        if (c->planes[2][w] >> bit & 1)
            out->more[more++] = KERNEL(more_at)(c, offsets[i]);
    }
}
#endif
#else
static bool KERNEL(read_masks)(struct chunk_table *t, uint32_t doc, const uint64_t *wanted, struct chunk_masks *out) {
    return KERNEL(collect_masks)(t, doc, wanted, out);
}
#endif

#if defined(KERNEL_AVX512)
static bool KERNEL(read)(struct chunk_table *t, uint32_t doc, struct chunk_list *out);

/* Where the chunk is not in hand yet, or is to be read otherwise. */
static NOINLINE bool KERNEL(read_anew)(struct chunk_table *t, uint32_t doc, struct chunk_list *out) {
    out->count = 0;
    if (!KERNEL(go_to_set)(t, doc >> t->shift))
        return false;
    if (t->chunk.kind == CHUNK_IS_SMALL)
        return KERNEL(learn_planes)(t) && KERNEL(read)(t, doc, out);
    if (!KERNEL(find_freqs_of)(t))
        return false;
    KERNEL(list_any)(&t->chunk, doc & (uint32_t)low_bits(t->shift), out);
    return true;
}

static bool KERNEL(read)(struct chunk_table *t, uint32_t doc, struct chunk_list *out) {
    const struct chunk *c = &t->chunk;
    if (doc >> t->shift != t->number || !c->knows_planes || c->kind != CHUNK_IS_SMALL)
        return KERNEL(read_anew)(t, doc, out);
    return KERNEL(list_small)(c, doc & (uint32_t)low_bits(t->shift), out);
}
#else
static bool KERNEL(read)(struct chunk_table *t, uint32_t doc, struct chunk_list *out) {
    out->count = 0;
    if (!KERNEL(go)(t, doc >> t->shift))
        return false;
    KERNEL(list_any)(&t->chunk, doc & (uint32_t)low_bits(t->shift), out);
    return true;
}
#endif

static bool KERNEL(read_set)(struct chunk_table *t, uint32_t doc, uint64_t *set) {
    const struct chunk *c = &t->chunk;
    if (!KERNEL(go_to_set)(t, doc / CHUNK_RANGE) || c->kind == CHUNK_IS_LARGE)
        return false;
    if (c->kind == CHUNK_IS_BITMAP)
        memcpy(set, c->words, sizeof c->words);
    else
        KERNEL(set_of_small)(c, set);
    return true;
}

/* Where the chunk in hand is to be looked into otherwise. */
static NOINLINE bool KERNEL(find_many_any)(struct chunk_table *t, uint32_t from, const uint8_t *offsets, uint32_t n,
                                           struct chunk_masks *out) {
    struct chunk *c = &t->chunk;
    if (!KERNEL(find_freqs_of)(t))
        return false;
#if defined(KERNEL_BMI2)
    if (c->kind == CHUNK_IS_BITMAP) {
        KERNEL(know_planes)(c);
        KERNEL(find_in_bitmap)(c, offsets, n, out);
        return true;
    }
#endif
    KERNEL(find_each)(c, from, offsets, n, out);
    return true;
}

static bool KERNEL(find_many)(struct chunk_table *t, uint32_t first, const uint8_t *offsets, uint32_t n,
                              struct chunk_masks *out) {
    uint32_t from = first & (uint32_t)low_bits(t->shift);
    KERNEL(clear)(out);
    if (!KERNEL(go_to_set)(t, first >> t->shift))
        return false;
    if (t->chunk.count == 0)
        return true;
#if defined(KERNEL_AVX512)
    if (t->chunk.kind != CHUNK_IS_LARGE)
        return KERNEL(find_at_once)(t, from, offsets, n, out);
#endif
    return KERNEL(find_many_any)(t, from, offsets, n, out);
}
