/* chunk_take_kernel.h - postings of a chunk one after the other, or all of them: part of chunk_kernel.h, compiled as
 * that is. No include guard: this is no header in itself. */

/* Offsets of n postings of a small set from number `first` on, more by `start`. */
INLINE void KERNEL(take_offsets)(const struct chunk *c, uint32_t first, uint32_t start, uint32_t *docs, uint32_t n) {
#if defined(KERNEL_AVX512)
    for (uint32_t i = 0; i < n; i += 16) {
        __mmask16 there = (__mmask16)up_to_all_bits(n - i);
        __m512i offsets = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(there, c->offsets + first + i));
        _mm512_mask_storeu_epi32(docs + i, there, _mm512_add_epi32(offsets, _mm512_set1_epi32((int)start)));
    }
#else
    for (uint32_t i = 0; i < n; i++)
        docs[i] = start + c->offsets[first + i];
#endif
}

/* Offsets of up to n postings of the chunk from number w->index on, more by `start`. */
INLINE uint32_t KERNEL(take_docs)(const struct chunk *c, struct chunk_walk *w, uint32_t start, uint32_t *docs,
                                  uint32_t n) {
    uint32_t count = 0;
    if (c->kind == CHUNK_IS_SMALL) {
        n = n < c->count - w->index ? n : c->count - w->index;
        KERNEL(take_offsets)(c, w->index, start, docs, n);
        w->index += n;
        return n;
    }
    if (c->kind == CHUNK_IS_BITMAP) {
        uint8_t all[CHUNK_RANGE];
        KERNEL(read_bitmap)(c, all);
        n = n < c->count - w->index ? n : c->count - w->index;
        for (; count < n; count++)
            docs[count] = start + all[w->index + count];
        w->index += n;
        return n;
    }
    if (!w->is_known) {
        uint32_t index = w->index;
        for (walk_seek(w, c, 0); w->index < index; walk_next(w, c))
            continue;
        w->is_known = true;
    }
    for (; count < n && w->offset != UINT32_MAX; walk_next(w, c))
        docs[count++] = start + w->offset;
    return count;
}

INLINE void KERNEL(put_ones)(uint32_t *freqs, uint32_t n) {
#if defined(KERNEL_AVX512)
    for (uint32_t i = 0; i < n; i += 16)
        _mm512_mask_storeu_epi32(freqs + i, (__mmask16)up_to_all_bits(n - i), _mm512_set1_epi32(1));
#else
    for (uint32_t i = 0; i < n; i++)
        freqs[i] = 1;
#endif
}

/* The frequencies of n <= CHUNK_RANGE postings, which there are, from number `first` on. */
INLINE void KERNEL(take_freqs)(const struct chunk *c, uint32_t first, uint32_t n, uint32_t *freqs) {
    uint8_t indices[CHUNK_RANGE];
    uint32_t values[CHUNK_RANGE];
#if defined(KERNEL_BMI2) || defined(KERNEL_AVX512)
    if (c->has_freqs && bits_at(c->freq_bits, c->freqs) & 1) {
        KERNEL(plane_freqs)(c, first, n, freqs);
        return;
    }
#endif
    KERNEL(put_ones)(freqs, n);
    uint32_t found = KERNEL(repeats)(c, first, n, indices, values);
    for (uint32_t i = 0; i < found; i++)
        freqs[indices[i]] = values[i];
}

static uint32_t KERNEL(take)(struct chunk_table *t, struct chunk_walk *w, uint32_t *docs, uint32_t *freqs, uint32_t n) {
    const struct chunk *c = &t->chunk;
    uint32_t first = w->index, count;
    if (first >= c->count)
        return 0;
    count = KERNEL(take_docs)(c, w, t->number << t->shift, docs, n < CHUNK_RANGE ? n : CHUNK_RANGE);
    if (freqs && count && first + count <= c->count)
        KERNEL(take_freqs)(c, first, count, freqs);
    return first + count <= c->count ? count : 0;
}

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
/* n <= 32 frequencies above 3 from bit `at` on, of `width` <= 14 bits each; what is greater than a byte becomes its
 * greatest number. Behind them is anything. */
INLINE __m256i KERNEL(more_bytes)(const uint8_t *bits, uint64_t at, uint32_t n, unsigned width) {
    __m512i more = KERNEL(unpack_parts)(bits, at, n, width);
    return _mm512_cvtusepi16_epi8(_mm512_add_epi16(more, _mm512_set1_epi16(PLANES + 1)));
}

/* Puts frequencies above 3 in their places, which are ones of `above`; false if they are to be read one by one. */
INLINE bool KERNEL(put_more_bytes)(const struct chunk *c, uint64_t at, unsigned width, uint64_t above, __m512i *freqs) {
    uint32_t n = (uint32_t)__builtin_popcountll(above);
    if (width > 14 || at + (uint64_t)n * width > c->freqs_end)
        return false;
    __m512i more = _mm512_castsi256_si512(KERNEL(more_bytes)(c->freq_bits, at, n < 32 ? n : 32, width));
    if (n > 32)
        more = _mm512_inserti64x4(more, KERNEL(more_bytes)(c->freq_bits, at + UINT64_C(32) * width, n - 32, width), 1);
    *freqs = _mm512_mask_expand_epi8(*freqs, above, more);
    return true;
}

/* The frequencies of all postings, by their planes. */
INLINE void KERNEL(plane_bytes)(const struct chunk *c, uint8_t *freqs) {
    const __m512i one = _mm512_set1_epi8(1);
    uint64_t at[PLANES + 1], planes[PLANES] = {0};
    unsigned width = 1;
    bool ok = KERNEL(open_planes)(c, 0, at, &width);
    for (uint32_t i = 0; i < c->count; i += 64) {
        if (ok)
            KERNEL(next_planes)(c->freq_bits, at, c->count - i < 64 ? c->count - i : 64, planes);
        __m512i v = _mm512_mask_add_epi8(one, planes[0], one, one);
        v = _mm512_mask_add_epi8(v, planes[1], v, one);
        v = _mm512_mask_add_epi8(v, planes[2], v, one);
        uint64_t more = ok ? planes[2] : 0;
        if (KERNEL(put_more_bytes)(c, at[PLANES], width, more, &v)) {
            at[PLANES] += (uint64_t)width * (uint32_t)__builtin_popcountll(more);
            more = 0;
        }
        _mm512_storeu_si512(freqs + i, v);
        for (; more && at[PLANES] + width <= c->freqs_end; more &= more - 1) {
            uint64_t freq = 4 + (bits_at(c->freq_bits, at[PLANES]) & low_bits(width));
            freqs[i + (uint32_t)__builtin_ctzll(more)] = (uint8_t)(freq < UINT8_MAX ? freq : UINT8_MAX);
            at[PLANES] += width;
        }
    }
}
#endif

INLINE void KERNEL(take_bytes)(const struct chunk *c, uint8_t *freqs) {
    uint8_t indices[CHUNK_RANGE];
    uint32_t values[CHUNK_RANGE];
#if defined(KERNEL_AVX512)
    if (c->has_freqs && bits_at(c->freq_bits, c->freqs) & 1) {
        KERNEL(plane_bytes)(c, freqs);
        return;
    }
#endif
    memset(freqs, 1, CHUNK_RANGE);
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

static bool KERNEL(take_all)(struct chunk_table *t, const uint8_t *bytes, uint8_t *freqs, uint8_t *out) {
    const struct chunk *c = &t->chunk;
    if (c->kind == CHUNK_IS_LARGE || c->count > CHUNK_RANGE)
        return false;
    KERNEL(take_bytes)(c, freqs);
    if (c->kind == CHUNK_IS_BITMAP)
        KERNEL(pick_bytes)(c, bytes, out);
    else
        KERNEL(pick_bytes_of_small)(c, bytes, out);
    return true;
}
