/* chunk_freq_kernel.h - how often passages have the term, eight of them side by side: the part of chunk_find_kernel.h
 * that goes on where chunk_probe_kernel.h has found their postings. Whether a chunk has frequencies above 1, how they
 * are coded, and how often a passage has the term is what a processor can't foresee. No include guard: this is no
 * header in itself. */

/* The frequencies of the chunks of eight postings, a lane each. */
struct KERNEL(eight_freqs) {
    __mmask8 left;    /* postings whose frequencies may be above what is known so far */
    __m512i freqs;    /* what is known */
    __m512i at, end;  /* bits from the first group on: where those of the chunk go on, and end */
    __m512i n, index; /* of a plane: its bits, and which is that of the posting */
};

/* Bits in hand: 128 from `at` on, and as many as are left of them. */
struct KERNEL(bit_lanes) {
    __m512i at, first, second;
};

/* The n lowest bits, or all. */
INLINE __m512i KERNEL(low_lanes)(__m512i n) {
    return _mm512_andnot_si512(_mm512_sllv_epi64(KERNEL(lanes_of)(UINT64_MAX), n), KERNEL(lanes_of)(UINT64_MAX));
}

/* Eight bytes from the one on that bit `at` is in. */
INLINE __m512i KERNEL(load_freqs)(const struct chunk_table *t, __mmask8 wanted, __m512i at) {
    return KERNEL(load_eight)(t->groups, wanted, _mm512_srli_epi64(at, 3));
}

/* As open_freqs, of the chunks of the postings that were found, as far as they are flagged. */
INLINE bool KERNEL(open_freqs_of_eight)(const struct chunk_table *t, const struct KERNEL(eight) * e,
                                        struct KERNEL(eight_freqs) * f) {
    const __m512i one = KERNEL(lanes_of)(1), byte = KERNEL(lanes_of)(255);
    __m512i flags = _mm512_and_si512(KERNEL(load_freqs)(t, e->found, _mm512_slli_epi64(e->begin, 3)), byte);
    __m512i flag = _mm512_sllv_epi64(one, e->chunk), n = _mm512_popcnt_epi64(flags);
    __m512i before = _mm512_popcnt_epi64(_mm512_and_si512(flags, _mm512_sub_epi64(flag, one)));
    __m512i head = _mm512_srli_epi64(_mm512_add_epi64(e->total, KERNEL(lanes_of)(7)), 3);
    head = _mm512_add_epi64(head, _mm512_add_epi64(e->begin, KERNEL(lanes_of)(HEADER)));
    __m512i room = _mm512_sub_epi64(_mm512_sub_epi64(e->end, head), n); /* below 0 if there is none */
    f->left = e->found & _mm512_test_epi64_mask(flags, flag);
    f->freqs = one;
    f->n = e->count;
    f->index = e->index;
    if (_mm512_mask_cmplt_epi64_mask(f->left, room, _mm512_setzero_si512()))
        return false;
    __m512i sizes = KERNEL(load_freqs)(t, f->left, _mm512_slli_epi64(head, 3)), unit = _mm512_and_si512(sizes, byte);
    sizes = _mm512_srli_epi64(sizes, 8);
    __m512i at = _mm512_slli_epi64(before, 3), all = _mm512_slli_epi64(room, 3);
    __m512i start = _mm512_sad_epu8(_mm512_and_si512(sizes, KERNEL(low_lanes)(at)), _mm512_setzero_si512());
    __m512i size = _mm512_and_si512(_mm512_srlv_epi64(sizes, at), byte);
    start = _mm512_sllv_epi64(start, unit);
    __m512i end = _mm512_add_epi64(start, _mm512_sllv_epi64(size, unit));
    end = _mm512_mask_mov_epi64(end, _mm512_cmpeq_epi64_mask(_mm512_add_epi64(before, one), n), all);
    __mmask8 bad = _mm512_cmpgt_epu64_mask(unit, KERNEL(lanes_of)(UNIT_MAX));
    bad |= _mm512_cmpgt_epu64_mask(start, end) | _mm512_cmpgt_epu64_mask(end, all);
    __m512i base = _mm512_slli_epi64(_mm512_add_epi64(head, n), 3);
    f->at = _mm512_add_epi64(base, start);
    f->end = _mm512_add_epi64(base, end);
    return (bad & f->left) == 0;
}

/* Passes over less than 64 bits. */
INLINE void KERNEL(pass_bits)(struct KERNEL(bit_lanes) * b, __m512i n) {
    b->first = _mm512_shrdv_epi64(b->first, b->second, n);
    b->second = _mm512_srlv_epi64(b->second, n);
    b->at = _mm512_add_epi64(b->at, n);
}

/* What stands in lists, of entries of 11 bits at most. */
INLINE void KERNEL(list_freqs_of_eight)(struct KERNEL(eight_freqs) * f, struct KERNEL(bit_lanes) b, __mmask8 lists) {
    enum { SHORT_LIST = 4 }; /* most are no longer: how many there are is not to be foreseen then */
    const __m512i one = KERNEL(lanes_of)(1), head = b.first;
    __m512i r = _mm512_and_si512(_mm512_srli_epi64(head, 1), KERNEL(lanes_of)(LIST_MAX - 1));
    __m512i width = _mm512_and_si512(_mm512_srli_epi64(head, 4), KERNEL(lanes_of)(3));
    __m512i index_width = _mm512_sub_epi64(KERNEL(lanes_of)(64), _mm512_lzcnt_epi64(_mm512_sub_epi64(f->n, one)));
    const __m512i each = _mm512_add_epi64(index_width, width);
    const __m512i index_bits = KERNEL(low_lanes)(index_width), more_bits = KERNEL(low_lanes)(width);
    KERNEL(pass_bits)(&b, KERNEL(lanes_of)(LIST_HEADER));
    for (uint32_t k = 0; k < SHORT_LIST || lists; k++) {
        lists &= _mm512_cmple_epu64_mask(_mm512_add_epi64(b.at, each), f->end);
        __mmask8 here = _mm512_mask_cmpeq_epi64_mask(lists, _mm512_and_si512(b.first, index_bits), f->index);
        __m512i more = _mm512_and_si512(_mm512_srlv_epi64(b.first, index_width), more_bits);
        f->freqs = _mm512_mask_add_epi64(f->freqs, here, more, KERNEL(lanes_of)(2));
        lists &= (__mmask8)~here & _mm512_cmpgt_epu64_mask(r, KERNEL(lanes_of)(k));
        KERNEL(pass_bits)(&b, each);
    }
}

/* What stands in planes of less than 64 bits, all of which are in hand. */
INLINE void KERNEL(short_freqs_of_eight)(struct KERNEL(eight_freqs) * f, struct KERNEL(bit_lanes) b, __mmask8 left) {
    const __m512i one = KERNEL(lanes_of)(1), word = KERNEL(lanes_of)(64), five = KERNEL(lanes_of)(5);
    __m512i n = f->n, index = f->index;
    KERNEL(pass_bits)(&b, one);
    for (uint32_t p = 0; p < PLANES; p++) {
        __m512i bit = _mm512_sllv_epi64(one, index), all = KERNEL(low_lanes)(n);
        left &= _mm512_cmple_epu64_mask(_mm512_add_epi64(b.at, n), f->end) & _mm512_test_epi64_mask(b.first, bit);
        f->freqs = _mm512_mask_add_epi64(f->freqs, left, f->freqs, one);
        index = _mm512_popcnt_epi64(_mm512_and_si512(b.first, _mm512_sub_epi64(bit, one)));
        all = _mm512_popcnt_epi64(_mm512_and_si512(b.first, all));
        KERNEL(pass_bits)(&b, n);
        n = all;
    }
    if (!left)
        return;
    __m512i width = _mm512_add_epi64(_mm512_and_si512(b.first, KERNEL(lanes_of)(31)), one);
    __m512i skipped = _mm512_add_epi64(five, _mm512_mul_epu32(index, width));
    left &= _mm512_cmple_epu64_mask(_mm512_add_epi64(b.at, five), f->end);
    left &= _mm512_cmple_epu64_mask(_mm512_add_epi64(_mm512_add_epi64(b.at, skipped), width), f->end);
    __m512i more =
        _mm512_mask_srlv_epi64(_mm512_shrdv_epi64(b.first, b.second, skipped), _mm512_cmpge_epu64_mask(skipped, word),
                               b.second, _mm512_sub_epi64(skipped, word));
    f->freqs = _mm512_mask_add_epi64(f->freqs, left, f->freqs, _mm512_and_si512(more, KERNEL(low_lanes)(width)));
}

/* All that the first bits tell. */
INLINE void KERNEL(begin_freqs_of_eight)(const struct chunk_table *t, struct KERNEL(eight_freqs) * f) {
    const __m512i word = KERNEL(lanes_of)(64), bit = _mm512_and_si512(f->at, KERNEL(lanes_of)(7));
    const __m512i byte = _mm512_sub_epi64(f->at, bit), size = _mm512_sub_epi64(f->end, byte);
    if (!f->left)
        return;
    struct KERNEL(bit_lanes) b = {f->at, KERNEL(load_freqs)(t, f->left, f->at), _mm512_setzero_si512()};
    __mmask8 more = f->left & _mm512_cmpgt_epu64_mask(size, word);
    b.second = KERNEL(load_freqs)(t, more, _mm512_add_epi64(byte, word));
    b.first = _mm512_shrdv_epi64(b.first, b.second, bit);
    b.second = _mm512_srlv_epi64(b.second, bit);
    __mmask8 planes = f->left & _mm512_test_epi64_mask(b.first, KERNEL(lanes_of)(1));
    __mmask8 few = planes & _mm512_cmplt_epu64_mask(f->n, word) & _mm512_cmple_epu64_mask(size, KERNEL(lanes_of)(128));
    if (f->left != planes)
        KERNEL(list_freqs_of_eight)(f, b, f->left & (__mmask8)~planes);
    if (few)
        KERNEL(short_freqs_of_eight)(f, b, few);
    f->left = planes & (__mmask8)~few;
    f->at = _mm512_add_epi64(f->at, KERNEL(lanes_of)(1));
}

/* Of planes of n bits: leaves those whose bit number `index` is set; counts all ones in n, those before it in `index`.
 */
INLINE void KERNEL(rank_eight)(const struct chunk_table *t, struct KERNEL(eight_freqs) * f, __m512i *n,
                               __m512i *index) {
    const __m512i word = KERNEL(lanes_of)(64), zero = _mm512_setzero_si512();
    __m512i begin = _mm512_and_si512(f->at, KERNEL(lanes_of)(7)), place = f->at;
    __m512i end = _mm512_add_epi64(begin, *n), to = _mm512_add_epi64(begin, *index), bits = zero;
    f->at = _mm512_add_epi64(f->at, *n);
    *n = *index = zero;
    for (__mmask8 some = f->left; some; some &= _mm512_cmpgt_epi64_mask(end, zero)) {
        __m512i here = _mm512_andnot_si512(KERNEL(low_lanes)(begin), KERNEL(load_freqs)(t, some, place));
        bits = _mm512_or_si512(bits, _mm512_srlv_epi64(here, to));
        *n = _mm512_add_epi64(*n, _mm512_popcnt_epi64(_mm512_and_si512(here, KERNEL(low_lanes)(end))));
        __m512i before = KERNEL(low_lanes)(_mm512_max_epi64(to, zero));
        *index = _mm512_add_epi64(*index, _mm512_popcnt_epi64(_mm512_and_si512(here, before)));
        begin = zero;
        place = _mm512_add_epi64(place, word);
        end = _mm512_sub_epi64(end, word);
        to = _mm512_sub_epi64(to, word);
    }
    f->left &= _mm512_test_epi64_mask(bits, KERNEL(lanes_of)(1));
}

/* What the next planes tell. */
INLINE void KERNEL(next_plane_of_eight)(const struct chunk_table *t, struct KERNEL(eight_freqs) * f) {
    f->left &= _mm512_cmple_epu64_mask(_mm512_add_epi64(f->at, f->n), f->end);
    if (!f->left)
        return;
    KERNEL(rank_eight)(t, f, &f->n, &f->index);
    f->freqs = _mm512_mask_add_epi64(f->freqs, f->left, f->freqs, KERNEL(lanes_of)(1));
}

/* What stands behind the planes. */
INLINE void KERNEL(end_freqs_of_eight)(const struct chunk_table *t, struct KERNEL(eight_freqs) * f) {
    const __m512i one = KERNEL(lanes_of)(1), five = KERNEL(lanes_of)(5), seven = KERNEL(lanes_of)(7);
    f->left &= _mm512_cmple_epu64_mask(_mm512_add_epi64(f->at, five), f->end);
    if (!f->left)
        return;
    __m512i width = _mm512_srlv_epi64(KERNEL(load_freqs)(t, f->left, f->at), _mm512_and_si512(f->at, seven));
    width = _mm512_add_epi64(_mm512_and_si512(width, KERNEL(lanes_of)(31)), one);
    f->at = _mm512_add_epi64(_mm512_add_epi64(f->at, five), _mm512_mul_epu32(f->index, width));
    f->left &= _mm512_cmple_epu64_mask(_mm512_add_epi64(f->at, width), f->end);
    __m512i more = _mm512_srlv_epi64(KERNEL(load_freqs)(t, f->left, f->at), _mm512_and_si512(f->at, seven));
    f->freqs = _mm512_mask_add_epi64(f->freqs, f->left, f->freqs, _mm512_and_si512(more, KERNEL(low_lanes)(width)));
}

/* How often those that were found have the term, of n <= SPANS passages, eight after eight. */
INLINE bool KERNEL(freqs_of_eights)(const struct chunk_table *t, const struct KERNEL(eight) * e, uint32_t n,
                                    uint32_t *freqs) {
    struct KERNEL(eight_freqs) f[SPANS / 8];
    const uint32_t eights = (n + 7) / 8;
    for (uint32_t i = 0; i < eights; i++)
        if (!KERNEL(open_freqs_of_eight)(t, &e[i], &f[i]))
            return false;
    for (uint32_t i = 0; i < eights; i++)
        KERNEL(begin_freqs_of_eight)(t, &f[i]);
    for (uint32_t p = 0; p < PLANES; p++)
        for (uint32_t i = 0; i < eights; i++)
            KERNEL(next_plane_of_eight)(t, &f[i]);
    for (uint32_t i = 0; i < eights; i++) {
        KERNEL(end_freqs_of_eight)(t, &f[i]);
        _mm256_mask_storeu_epi32(freqs + 8 * i, e[i].found, _mm512_cvtepi64_epi32(f[i].freqs));
    }
    return true;
}
