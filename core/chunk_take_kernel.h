/* chunk_take_kernel.h - postings of a chunk one after the other, or all of them: part of chunk_kernel.h, compiled as
 * that is. No include guard: this is no header in itself. */

/* Offsets of up to n postings of the chunk from number w->index on, more by `start`. */
INLINE uint32_t KERNEL(take_docs)(const struct chunk *c, struct chunk_walk *w, uint32_t start, uint32_t *docs,
                                  uint32_t n) {
    uint32_t count = 0;
    if (c->kind == CHUNK_IS_SMALL) {
        n = n < c->count - w->index ? n : c->count - w->index;
#if defined(KERNEL_AVX512)
        for (; count + 16 <= n; count += 16) {
            __m256i offsets = _mm256_loadu_si256((const __m256i *)(const void *)(c->offsets + w->index + count));
            _mm512_storeu_si512(docs + count,
                                _mm512_add_epi32(_mm512_cvtepu16_epi32(offsets), _mm512_set1_epi32((int)start)));
        }
#endif
        for (; count < n; count++)
            docs[count] = start + c->offsets[w->index + count];
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
    for (uint32_t i = 0; i < n; i++)
        freqs[i] = 1;
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
        _mm512_storeu_si512(freqs + i, _mm512_mask_add_epi8(v, planes[2], v, one));
        for (uint64_t more = ok ? planes[2] : 0; more && at[PLANES] + width <= c->freqs_end; more &= more - 1) {
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

static bool KERNEL(take_all)(struct chunk_table *t, const uint8_t *bytes, uint8_t *freqs, uint8_t *out) {
    const struct chunk *c = &t->chunk;
    if (c->kind == CHUNK_IS_LARGE || c->count > CHUNK_RANGE)
        return false;
    KERNEL(take_bytes)(c, freqs);
    if (c->kind == CHUNK_IS_BITMAP)
        KERNEL(pick_bytes)(c, bytes, out);
    else
        for (uint32_t i = 0; i < c->count; i++)
            out[i] = bytes[c->offsets[i] & (CHUNK_RANGE - 1)];
    return true;
}
