/* chunk_take_kernel.h - postings of a chunk one after the other: part of chunk_kernel.h, compiled as that is. No
 * include guard: this is no header in itself. */

/* Makes documents of n offsets, more by `start`. */
INLINE void KERNEL(take_offsets)(const uint16_t *offsets, uint32_t start, uint32_t *docs, uint32_t n) {
#if defined(KERNEL_AVX512)
    for (uint32_t i = 0; i < n; i += 16) {
        __mmask16 there = (__mmask16)up_to_all_bits(n - i);
        __m512i wide = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(there, offsets + i));
        _mm512_mask_storeu_epi32(docs + i, there, _mm512_add_epi32(wide, _mm512_set1_epi32((int)start)));
    }
#else
    for (uint32_t i = 0; i < n; i++)
        docs[i] = start + offsets[i];
#endif
}

/* Offsets of up to n postings of the chunk from number w->index on, more by `start`. */
INLINE uint32_t KERNEL(take_docs)(const struct chunk *c, struct chunk_walk *w, uint32_t start, uint32_t *docs,
                                  uint32_t n) {
    uint32_t count = 0;
    if (c->kind == CHUNK_IS_SMALL) {
        n = n < c->count - w->index ? n : c->count - w->index;
        KERNEL(take_offsets)(c->offsets + w->index, start, docs, n);
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
