/* chunk_pick_kernel.h - all postings of some chunks as bytes: part of chunk_kernel.h, compiled as that is. No include
 * guard: this is no header in itself. */

/* Of a bitmap: the bytes of its passages. */
INLINE void KERNEL(pick_bytes)(const struct chunk *c, const uint8_t *bytes, uint8_t *out) {
#if defined(KERNEL_AVX512)
    uint32_t low = (uint32_t)__builtin_popcountll(c->words[0]);
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(c->words[0], _mm512_loadu_si512(bytes)));
    _mm512_storeu_si512(out + low, _mm512_maskz_compress_epi8(c->words[1], _mm512_loadu_si512(bytes + 64)));
#else
    uint32_t n = 0;
    for (unsigned w = 0; w < 2; w++)
        for (uint64_t bits = c->words[w]; bits; bits &= bits - 1)
            out[n++] = bytes[w * 64 + (unsigned)__builtin_ctzll(bits)];
#endif
}

#if defined(KERNEL_AVX512)
/* n <= 32 frequencies above 3 from bit `at` on, of `width` <= UNPACKING_MAX bits each; what is greater than a byte
 * becomes its greatest number. Behind them is anything. */
INLINE __m256i KERNEL(more_bytes)(const uint8_t *bits, uint64_t at, uint32_t n, unsigned width) {
    __m512i more = KERNEL(unpack_parts)(bits, at, n, width);
    return _mm512_cvtusepi16_epi8(_mm512_add_epi16(more, _mm512_set1_epi16(PLANES + 1)));
}

/* Puts frequencies above 3 in their places, which are ones of `above`; false if they are to be read one by one. */
INLINE bool KERNEL(put_more_bytes)(const struct chunk *c, uint64_t at, unsigned width, uint64_t above, __m512i *freqs) {
    uint32_t n = (uint32_t)__builtin_popcountll(above);
    if (width > UNPACKING_MAX || at + (uint64_t)n * width > c->freqs_end)
        return false;
    __m512i more = _mm512_castsi256_si512(KERNEL(more_bytes)(c->freq_bits, at, n < 32 ? n : 32, width));
    if (n > 32)
        more = _mm512_inserti64x4(more, KERNEL(more_bytes)(c->freq_bits, at + UINT64_C(32) * width, n - 32, width), 1);
    *freqs = _mm512_mask_expand_epi8(*freqs, above, more);
    return true;
}

/* The frequencies of all postings, by their planes, which are of no use then. */
INLINE void KERNEL(plane_bytes)(struct chunk *c, uint8_t *freqs) {
    const __m512i one = _mm512_set1_epi8(1);
    memset(c->planes, 0, sizeof c->planes);
    KERNEL(spread_planes)(c);
    uint64_t at = c->more;
    for (uint32_t w = 0; 64 * w < c->count; w++) {
        uint64_t more = c->planes[2][w];
        __m512i v = _mm512_mask_add_epi8(one, c->planes[0][w], one, one);
        v = _mm512_mask_add_epi8(v, c->planes[1][w], v, one);
        v = _mm512_mask_add_epi8(v, more, v, one);
        if (more && KERNEL(put_more_bytes)(c, at, c->more_width, more, &v)) {
            at += (uint64_t)c->more_width * (uint32_t)__builtin_popcountll(more);
            more = 0;
        }
        _mm512_storeu_si512(freqs + 64 * w, v);
        for (; more && at + c->more_width <= c->freqs_end; more &= more - 1, at += c->more_width) {
            uint64_t freq = 4 + (bits_at(c->freq_bits, at) & low_bits(c->more_width));
            freqs[64 * w + (uint32_t)__builtin_ctzll(more)] = (uint8_t)(freq < UINT8_MAX ? freq : UINT8_MAX);
        }
    }
}
#endif

#if defined(KERNEL_AVX512)
/* Puts frequencies of a list in their places; false if they leave the chunk's bits. How many there are can't be
 * foreseen: those that are not there, or of no posting, go behind all. */
INLINE bool KERNEL(put_list)(const struct chunk *c, uint8_t *freqs) {
    enum { BEHIND = CHUNK_RANGE + 63 };
    uint64_t head = bits_at(c->freq_bits, c->freqs), at = c->freqs + LIST_HEADER;
    uint32_t r = (uint32_t)(head >> 1 & 7) + 1;
    unsigned width = head >> 4 & 3, each = c->index_width + width;
    if (at + r * each > c->freqs_end)
        return false;
    __m128i entries = _mm512_castsi512_si128(KERNEL(unpack_parts)(c->freq_bits, at, r, each));
    __m128i index = _mm_and_si128(entries, _mm_set1_epi16((short)low_bits(c->index_width)));
    __m128i more = _mm_add_epi16(_mm_srl_epi16(entries, _mm_cvtsi32_si128((int)c->index_width)), _mm_set1_epi16(2));
    __mmask8 there = _mm_mask_cmplt_epu16_mask((__mmask8)((1U << r) - 1), index, _mm_set1_epi16((short)c->count));
    index = _mm_mask_mov_epi16(_mm_set1_epi16(BEHIND), there, index);
    uint64_t places = (uint64_t)_mm_cvtsi128_si64(_mm_cvtepi16_epi8(index));
    uint64_t values = (uint64_t)_mm_cvtsi128_si64(_mm_cvtepi16_epi8(more));
    for (uint32_t i = 0; i < LIST_MAX; i++)
        freqs[places >> 8 * i & 255] = (uint8_t)(values >> 8 * i);
    return true;
}
#endif

/* The frequencies of all postings, as bytes, with room for 64 more. */
INLINE void KERNEL(take_bytes)(struct chunk *c, uint8_t *freqs) {
    uint8_t indices[CHUNK_RANGE];
    uint32_t values[CHUNK_RANGE];
#if defined(KERNEL_AVX512)
    if (c->has_freqs && bits_at(c->freq_bits, c->freqs) & 1) {
        KERNEL(plane_bytes)(c, freqs);
        return;
    }
#endif
    memset(freqs, 1, CHUNK_RANGE);
#if defined(KERNEL_AVX512)
    if (!c->freqs_follow && (!c->has_freqs || KERNEL(put_list)(c, freqs)))
        return;
#endif
    uint32_t found = KERNEL(repeats)(c, 0, c->count, indices, values);
    for (uint32_t i = 0; i < found; i++)
        freqs[indices[i]] = (uint8_t)(values[i] < UINT8_MAX ? values[i] : UINT8_MAX);
}

/* The same of a small set, whose chunk is the range. */
INLINE void KERNEL(pick_bytes_of_small)(const struct chunk *c, const uint8_t *bytes, uint8_t *out) {
#if defined(KERNEL_AVX512)
    __m256i first = _mm512_cvtepi16_epi8(_mm512_loadu_si512(c->offsets));
    __m256i second = _mm512_cvtepi16_epi8(_mm512_loadu_si512(c->offsets + 32));
    __m512i at = _mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1);
    __m512i picked = _mm512_permutex2var_epi8(_mm512_loadu_si512(bytes), at, _mm512_loadu_si512(bytes + 64));
    _mm512_storeu_si512(out, picked);
#else
    for (uint32_t i = 0; i < c->count; i++)
        out[i] = bytes[c->offsets[i] & (CHUNK_RANGE - 1)];
#endif
}

/* Takes a chunk in hand as its own copy; false if it has no posting, or too many. */
INLINE bool KERNEL(open_pick)(struct chunk_table *t, struct chunk *c, struct chunk_pick *pick) {
    if (pick->number >= chunk_table_count(t) || !KERNEL(go_to_group)(t, pick->number / CHUNK_GROUP) || !t->group.data)
        return false;
    pick->counts = load_u64(t->group.data + 1);
    if (!KERNEL(describe_all)(c, &t->group, pick->number % CHUNK_GROUP, t->shift) || !KERNEL(open_set)(c, t->shift))
        return false;
    pick->count = c->count;
    return c->count > 0 && c->count <= CHUNK_RANGE && c->kind != CHUNK_IS_LARGE;
}

/* Step by step for all of them: what comes next of one chunk waits for what was read of it, and the others don't. */
static bool KERNEL(pick)(struct chunk_table *t, struct chunk_pick *picks, uint32_t n) {
    struct chunk open[CHUNK_PICKS];
    for (uint32_t i = 0; i < n; i++)
        if (!KERNEL(open_pick)(t, &open[i], &picks[i]))
            return false;
    for (uint32_t i = 0; i < n; i++)
        KERNEL(take_bytes)(&open[i], picks[i].freqs);
    for (uint32_t i = 0; i < n; i++)
        if (open[i].kind == CHUNK_IS_BITMAP) {
            memcpy(picks[i].set, open[i].words, sizeof picks[i].set);
            KERNEL(pick_bytes)(&open[i], picks[i].bytes, picks[i].picked);
        } else {
            KERNEL(set_of_small)(&open[i], picks[i].set);
            KERNEL(pick_bytes_of_small)(&open[i], picks[i].bytes, picks[i].picked);
        }
    return true;
}

#if defined(KERNEL_AVX512)
/* Offsets of a set that is large, but has less than COUNT_FOLLOWS postings, with room for vectors. False if it has
 * another number of ones. */
INLINE bool KERNEL(decode_large)(const struct chunk *c, uint16_t *offsets) {
    const __m512i up = _mm512_load_si512(count_up_8);
    uint32_t size = c->high_size, n = 0;
    for (uint32_t at = 0; at < size && n < COUNT_FOLLOWS; at += 64) {
        uint64_t ones = long_bits_at(c->bits, c->high + at) & up_to_all_bits(size - at);
        __m512i places = _mm512_maskz_compress_epi8(ones, up), base = _mm512_set1_epi16((short)at);
        __m512i low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(places));
        __m512i high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(places, 1));
        _mm512_storeu_si512(offsets + n, _mm512_add_epi16(low, base));
        _mm512_storeu_si512(offsets + n + 32, _mm512_add_epi16(high, base));
        n += (uint32_t)__builtin_popcountll(ones);
    }
    for (uint32_t i = 0; !c->is_bitmap && i < c->count; i += 32) {
        __m512i number = _mm512_add_epi16(_mm512_load_si512(count_up_16), _mm512_set1_epi16((short)i));
        __m512i high = _mm512_sub_epi16(_mm512_loadu_si512(offsets + i), number);
        high = _mm512_sll_epi16(high, _mm_cvtsi32_si128((int)c->low_width));
        __m512i parts = KERNEL(unpack_parts)(c->bits, c->low + (uint64_t)i * c->low_width,
                                             c->count - i < 32 ? c->count - i : 32, c->low_width);
        _mm512_storeu_si512(offsets + i, _mm512_or_si512(high, parts));
    }
    return n == c->count;
}
#endif

/* Documents of n postings of a chunk from number `index` on, more by `start`. */
INLINE bool KERNEL(take_part_docs)(struct chunk *c, uint32_t start, uint32_t index, uint32_t n, uint32_t *docs) {
#if defined(KERNEL_AVX512)
    if (c->kind == CHUNK_IS_LARGE && c->count < COUNT_FOLLOWS) {
        uint16_t offsets[COUNT_FOLLOWS + 128];
        if (!KERNEL(decode_large)(c, offsets))
            return false;
        KERNEL(take_offsets)(offsets + index, start, docs, n);
        return true;
    }
#endif
    struct chunk_walk walk = {.index = index};
    return KERNEL(take_docs)(c, &walk, start, docs, n) == n;
}

/* Postings of a chunk from number `index` on: documents, more by `start`, and frequencies as bytes. */
INLINE bool KERNEL(take_part)(struct chunk *c, uint32_t start, uint32_t index, uint32_t n, struct chunk_stretch *out) {
    uint8_t freqs[2 * CHUNK_RANGE + 64];
    uint32_t *docs = out->docs + out->count, wide[CHUNK_RANGE];
    if (!KERNEL(take_part_docs)(c, start, index, n, docs))
        return false;
    if (c->count <= CHUNK_RANGE) {
        KERNEL(take_bytes)(c, freqs);
    } else {
        KERNEL(take_freqs)(c, index, n, wide);
        for (uint32_t i = 0; i < n; i++)
            freqs[i] = (uint8_t)(wide[i] < UINT8_MAX ? wide[i] : UINT8_MAX);
        index = 0;
    }
    memcpy(out->freqs + out->count, freqs + index, 64);
    if (n > 64)
        memcpy(out->freqs + out->count + 64, freqs + index + 64, 64);
    out->count += n;
    return true;
}

/* The greatest of n <= CHUNK_RANGE numbers. */
INLINE uint32_t KERNEL(greatest)(const uint32_t *numbers, uint32_t n) {
#if defined(KERNEL_AVX512)
    __m512i most = _mm512_setzero_si512();
    for (uint32_t i = 0; i < n; i += 16)
        most = _mm512_max_epu32(most, _mm512_maskz_loadu_epi32((__mmask16)up_to_all_bits(n - i), numbers + i));
    return _mm512_reduce_max_epu32(most);
#else
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        most = numbers[i] > most ? numbers[i] : most;
    return most;
#endif
}

/* Sixteen by one instruction, as all but the last bytes can be read four at a time. */
static void KERNEL(gather)(uint8_t *out, const uint8_t *bytes, uint32_t count, const uint32_t *docs, uint32_t n) {
    uint32_t i = 0;
    (void)count;
#if defined(KERNEL_AVX512)
    const __m512i last = _mm512_set1_epi32((int)(count - 4));
    for (; count >= 4 && count <= INT32_MAX && i < n; i += 16) {
        __mmask16 there = (__mmask16)up_to_all_bits(n - i);
        __m512i doc = _mm512_maskz_loadu_epi32(there, docs + i), at = _mm512_min_epu32(doc, last);
        __m512i four = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), there, at, bytes, 1);
        four = _mm512_srlv_epi32(four, _mm512_slli_epi32(_mm512_sub_epi32(doc, at), 3));
        _mm_storeu_si128((__m128i *)(void *)(out + i), _mm512_cvtepi32_epi8(four));
    }
#endif
    for (; i < n; i++)
        out[i] = bytes[docs[i]];
}

static void KERNEL(narrow)(uint8_t *out, uint64_t *longs, const uint8_t *pairs) {
#if defined(KERNEL_AVX512)
    const __m512i most = _mm512_set1_epi16(UINT8_MAX);
    for (unsigned i = 0; i < CHUNK_RANGE; i += 64) {
        __m512i low = _mm512_loadu_si512(pairs + 2 * i), high = _mm512_loadu_si512(pairs + 2 * i + 64);
        longs[i / 64] = _mm512_cmpge_epu16_mask(low, most) | (uint64_t)_mm512_cmpge_epu16_mask(high, most) << 32;
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm512_cvtusepi16_epi8(low));
        _mm256_storeu_si256((__m256i *)(void *)(out + i + 32), _mm512_cvtusepi16_epi8(high));
    }
#else
    longs[0] = longs[1] = 0;
    for (unsigned i = 0; i < CHUNK_RANGE; i++) {
        uint32_t number = load_u16(pairs + 2 * (size_t)i);
        out[i] = (uint8_t)(number < UINT8_MAX ? number : UINT8_MAX);
        longs[i / 64] |= (uint64_t)(number >= UINT8_MAX) << i % 64;
    }
#endif
}

static void KERNEL(gather_pairs)(uint16_t *out, const uint8_t *pairs, uint32_t count, const uint32_t *docs,
                                 uint32_t n) {
    uint32_t i = 0;
    (void)count;
#if defined(KERNEL_AVX512)
    const __m512i last = _mm512_set1_epi32((int)(count - 2));
    for (; count >= 2 && count <= INT32_MAX / 2 && i < n; i += 16) {
        __mmask16 there = (__mmask16)up_to_all_bits(n - i);
        __m512i doc = _mm512_maskz_loadu_epi32(there, docs + i), at = _mm512_min_epu32(doc, last);
        __m512i two = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), there, at, pairs, 2);
        two = _mm512_srlv_epi32(two, _mm512_slli_epi32(_mm512_sub_epi32(doc, at), 4));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm512_cvtepi32_epi16(two));
    }
#endif
    for (; i < n; i++)
        out[i] = load_u16(pairs + 2 * (size_t)docs[i]);
}

static bool KERNEL(take_stretch)(struct chunk_table *t, uint32_t group, uint32_t skip, uint32_t n,
                                 struct chunk_stretch *out) {
    struct chunk c;
    for (out->count = 0; out->count < n; group++) {
        if (group >= t->group_count || !KERNEL(go_to_group)(t, group))
            return false;
        for (uint32_t i = 0; t->group.data && i < CHUNK_GROUP && out->count < n; i++) {
            uint32_t count = t->group.data[1 + i];
            if (count < COUNT_FOLLOWS && skip >= count) {
                skip -= count;
                continue;
            }
            KERNEL(describe)(&c, &t->group, i, t->shift);
            if (skip >= c.count) {
                skip -= c.count;
                continue;
            }
            uint32_t left = c.count - skip < n - out->count ? c.count - skip : n - out->count;
            if (!KERNEL(open_set)(&c, t->shift) ||
                (!c.freqs_follow && t->group.data[0] >> i & 1 && !open_freqs(&c, &t->group, i)) ||
                !KERNEL(take_part)(&c, (group * CHUNK_GROUP + i) << t->shift, skip, left, out))
                return false;
            skip = 0;
        }
    }
    out->most = KERNEL(greatest)(out->docs, n);
    return true;
}
