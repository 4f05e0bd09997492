/* chunk_find_kernel.h - looking for single passages: the part of chunk_kernel.h that finds the postings of some
 * passages without decoding what stands around them. No include guard: this is no header in itself. */

/* ------------------------------------------------------------------ in a group that is fetched -- */

/* Where the groups of some passages, which rise, begin and end. */
struct KERNEL(group_spans) {
    uint32_t begins[SPANS], ends[SPANS];
};

INLINE void KERNEL(find_spans)(const struct chunk_table *t, const uint32_t *docs, uint32_t n,
                               struct KERNEL(group_spans) * out) {
    const unsigned shift = t->shift + CHUNK_GROUP_SHIFT;
    const struct slope *s = &t->ends;
    uint32_t i = 0;
#if defined(KERNEL_AVX512)
    const __m512i one = _mm512_set1_epi64(1), width = _mm512_set1_epi64(s->width),
                  step = _mm512_set1_epi64((int64_t)s->step);
    const __m512i mask = _mm512_set1_epi64((int64_t)low_bits(s->width)), below = _mm512_set1_epi64(s->below);
    /* Two numbers of the slope are in one word, as in slope_pair. */
    for (; s->width <= 28 && i < n; i += 8) {
        __m256i eight = _mm256_maskz_loadu_epi32((__mmask8)up_to_all_bits(n - i), docs + i);
        __m512i number = _mm512_cvtepu32_epi64(_mm256_srl_epi32(eight, _mm_cvtsi32_si128((int)shift)));
        __mmask8 first = _mm512_testn_epi64_mask(number, number);
        __m512i bit = _mm512_mullo_epi64(_mm512_mask_sub_epi64(number, (__mmask8)~first, number, one), width);
        __m512i two = KERNEL(load_eight)(s->run, UINT8_MAX, _mm512_srli_epi64(bit, 3));
        two = _mm512_srlv_epi64(two, _mm512_and_si512(bit, _mm512_set1_epi64(7)));
        __m512i even = _mm512_mullo_epi64(step, number);
        __m512i begin = _mm512_sub_epi64(_mm512_srli_epi64(even, SLOPE_SHIFT), below);
        __m512i end = _mm512_sub_epi64(_mm512_srli_epi64(_mm512_add_epi64(even, step), SLOPE_SHIFT), below);
        begin = _mm512_add_epi64(begin, _mm512_and_si512(two, mask));
        two = _mm512_mask_srlv_epi64(two, (__mmask8)~first, two, width);
        end = _mm512_add_epi64(end, _mm512_and_si512(two, mask));
        begin = _mm512_maskz_mov_epi64((__mmask8)~first, begin);
        _mm256_storeu_si256((__m256i *)(void *)(out->begins + i), _mm512_cvtepi64_epi32(begin));
        _mm256_storeu_si256((__m256i *)(void *)(out->ends + i), _mm512_cvtepi64_epi32(end));
    }
#endif
    for (; i < n; i++)
        out->ends[i] = slope_pair(s, docs[i] >> shift, &out->begins[i]);
}

/* Takes in hand the group that a chunk is in, which is at [begin, end). */
INLINE bool KERNEL(take_group)(struct chunk_table *t, uint32_t group, uint32_t begin, uint32_t end) {
    if (group == t->group_number)
        return true;
    t->number = t->group_number = UINT32_MAX;
    if (!KERNEL(set_group)(t, begin, end) || (t->group.data && !KERNEL(part_group)(&t->group, t->shift)))
        return false;
    t->group_number = group;
    return true;
}

/* Looks for one passage in a chunk of the group in hand: for the posting's number in the chunk, unless `index` is NULL,
 * and its frequency, unless `freq` is NULL. */
static NOINLINE bool KERNEL(look_up_any)(const struct chunk_table *t, uint32_t doc, uint32_t *index, uint32_t *freq) {
    uint32_t i = (doc >> t->shift) % CHUNK_GROUP, offset = doc & ((UINT32_C(1) << t->shift) - 1), at = 0;
    struct chunk c;
    if (index)
        *index = UINT32_MAX;
    KERNEL(describe)(&c, &t->group, i, t->shift);
    if (c.count == 0)
        return true;
    bool found = c.is_bitmap ? KERNEL(probe_bitmap)(&c, offset, &at) : KERNEL(probe_parts_in_turn)(&c, offset, &at);
    if (!found || at >= c.count)
        return true;
    if (index)
        *index = at;
    if (!freq)
        return true;
    if (!c.freqs_follow && t->group.data[0] >> i & 1 && !open_freqs(&c, &t->group, i))
        return false;
    *freq = freq_of(&c, at);
    return true;
}

#if defined(KERNEL_BMI2) || defined(KERNEL_AVX512)
/* The frequency of posting number `index` of the chunk that a passage is in, of a group in hand, if it has that many,
 * and its count does not stand in the docs. */
static NOINLINE bool KERNEL(freq_at)(const struct chunk_table *t, uint32_t doc, uint32_t index, uint32_t *freq) {
    uint32_t i = (doc >> t->shift) % CHUNK_GROUP;
    struct chunk c = {.count = t->group.data[1 + i]};
    if (index >= c.count)
        return true;
    *freq = 1;
    if (!(t->group.data[0] >> i & 1))
        return true;
    c.index_width = width_below(c.count);
    if (!open_freqs(&c, &t->group, i))
        return false;
    *freq = freq_of(&c, index);
    return true;
}

/* What look and look_farther tell: as look_up_any. */
INLINE bool KERNEL(tell)(const struct chunk_table *t, uint32_t doc, enum KERNEL(outcome) outcome, uint32_t at,
                         uint32_t *index, uint32_t *freq) {
    if (outcome == KERNEL(NOT_TOLD))
        return KERNEL(look_up_any)(t, doc, index, freq);
    bool found = outcome == KERNEL(IS_THERE);
    if (index)
        *index = found && at < t->group.data[1 + (doc >> t->shift) % CHUNK_GROUP] ? at : UINT32_MAX;
    return !found || !freq || KERNEL(freq_at)(t, doc, at, freq);
}

/* Looks for a passage in a chunk of the group in hand, but not beyond the first bits of its set. Few registers are
 * needed for it. */
INLINE enum KERNEL(outcome) KERNEL(look)(const struct chunk_table *t, uint32_t doc, uint32_t *index) {
    const struct chunk_group *g = &t->group;
    uint32_t i = (doc >> t->shift) % CHUNK_GROUP, offset = _bzhi_u32(doc, t->shift);
    struct chunk c;
    if (!g->data)
        return KERNEL(NOT_THERE);
    uint32_t count = g->data[1 + i];
    if (count - 1 >= COUNT_FOLLOWS - 1)
        return count ? KERNEL(NOT_TOLD) : KERNEL(NOT_THERE);
    KERNEL(describe_set)(&c, g, count, g->starts[i], t->shift);
    if (c.is_bitmap)
        return bits_at(c.bits, c.high + offset) & 1 ? KERNEL(NOT_TOLD) : KERNEL(NOT_THERE);
    return KERNEL(probe_parts_at_once)(&c, offset, g->starts[CHUNK_GROUP], index);
}

/* The same where that did not tell. */
static NOINLINE bool KERNEL(look_farther)(const struct chunk_table *t, uint32_t doc, uint32_t *index, uint32_t *freq) {
    const struct chunk_group *g = &t->group;
    uint32_t i = (doc >> t->shift) % CHUNK_GROUP, count = g->data[1 + i], offset = _bzhi_u32(doc, t->shift), at = 0;
    enum KERNEL(outcome) outcome = KERNEL(NOT_TOLD);
    struct chunk c;
    if (count < COUNT_FOLLOWS) {
        KERNEL(describe_set)(&c, g, count, g->starts[i], t->shift);
        if (!c.is_bitmap)
            outcome = KERNEL(probe_parts_beyond)(&c, offset, g->starts[CHUNK_GROUP], &at);
        else if (KERNEL(probe_bitmap)(&c, offset, &at))
            outcome = KERNEL(IS_THERE);
    }
    return KERNEL(tell)(t, doc, outcome, at, index, freq);
}

INLINE bool KERNEL(look_up)(const struct chunk_table *t, uint32_t doc, uint32_t *index, uint32_t *freq) {
    uint32_t at = 0;
    enum KERNEL(outcome) outcome = KERNEL(look)(t, doc, &at);
    if (outcome == KERNEL(NOT_TOLD))
        return KERNEL(look_farther)(t, doc, index, freq);
    return KERNEL(tell)(t, doc, outcome, at, index, freq);
}

/* How often a passage has the term, whose group is in hand. */
static NOINLINE bool KERNEL(freq_in_hand)(const struct chunk_table *t, uint32_t doc, uint32_t *freq) {
    uint32_t at = 0;
    enum KERNEL(outcome) outcome = KERNEL(look)(t, doc, &at);
    if (outcome == KERNEL(NOT_THERE))
        return true;
    return outcome == KERNEL(IS_THERE) ? KERNEL(freq_at)(t, doc, at, freq) : KERNEL(look_farther)(t, doc, NULL, freq);
}
#else
INLINE bool KERNEL(look_up)(const struct chunk_table *t, uint32_t doc, uint32_t *index, uint32_t *freq) {
    return KERNEL(look_up_any)(t, doc, index, freq);
}

static bool KERNEL(freq_in_hand)(const struct chunk_table *t, uint32_t doc, uint32_t *freq) {
    return KERNEL(look_up_any)(t, doc, NULL, freq);
}
#endif

/* The same in another group. */
static NOINLINE bool KERNEL(freq_elsewhere)(struct chunk_table *t, uint32_t group, uint32_t doc, uint32_t *freq) {
    return KERNEL(change_group)(t, group) && KERNEL(freq_in_hand)(t, doc, freq);
}

/* How often a passage has the term. */
static bool KERNEL(freq_in)(struct chunk_table *t, uint32_t doc, uint32_t *freq) {
    uint32_t group = doc >> t->shift >> CHUNK_GROUP_SHIFT;
    *freq = 0;
    return group == t->group_number ? KERNEL(freq_in_hand)(t, doc, freq) : KERNEL(freq_elsewhere)(t, group, doc, freq);
}

/* --------------------------------------------------------------------- in a chunk that is open -- */

/* Where the chunk in hand has n passages, one after the other; and how often, unless `freqs` is NULL. */
INLINE void KERNEL(find_in_turn)(const struct chunk *c, uint32_t mask, const uint32_t *docs, uint32_t n,
                                 uint32_t *indices, uint32_t *freqs) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t offset = docs[i] & mask;
        if (!KERNEL(index_of)(c, offset, &indices[i]))
            indices[i] = UINT32_MAX;
        else if (freqs)
            freqs[i] = freq_of(c, indices[i]);
    }
}

#if defined(KERNEL_AVX512)
/* The same of a bitmap, or of a small set. Whether a posting is there is what a processor can't foresee. */
INLINE void KERNEL(find_set_bits)(const struct chunk *c, const uint32_t *docs, uint32_t n, uint32_t *indices) {
    uint32_t low = (uint32_t)__builtin_popcountll(c->words[0]);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t w = docs[i] / 64 % 2, bit = docs[i] % 64;
        uint64_t word = c->words[w];
        uint32_t index = (uint32_t)__builtin_popcountll(word & low_bits(bit)) + (w ? low : 0);
        indices[i] = word >> bit & 1 ? index : UINT32_MAX;
    }
}

INLINE void KERNEL(find_offsets)(const struct chunk *c, uint32_t mask, const uint32_t *docs, uint32_t n,
                                 uint32_t *indices) {
    const __m512i first = _mm512_loadu_si512(c->offsets), second = _mm512_loadu_si512(c->offsets + 32);
    const uint64_t all = KERNEL_FIRST(c->count);
    for (uint32_t i = 0; i < n; i++) {
        __m512i wanted = _mm512_set1_epi16((short)(docs[i] & mask));
        uint64_t at = _mm512_cmpeq_epi16_mask(first, wanted);
        at |= (uint64_t)_mm512_cmpeq_epi16_mask(second, wanted) << 32;
        at &= all;
        indices[i] = at ? (uint32_t)__builtin_ctzll(at) : UINT32_MAX;
    }
}

/* How often a bitmap or a small set has the passages that were found; any number for others. */
INLINE void KERNEL(find_freqs)(struct chunk *c, const uint32_t *docs, uint32_t n, const uint32_t *indices,
                               uint32_t *freqs) {
    bool is_bitmap = c->kind == CHUNK_IS_BITMAP;
    KERNEL(know_planes)(c);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = is_bitmap ? docs[i] % CHUNK_RANGE : indices[i] % 64, w = at / 64, bit = at % 64;
        freqs[i] =
            (uint32_t)(1 + (c->planes[0][w] >> bit & 1) + (c->planes[1][w] >> bit & 1) + (c->planes[2][w] >> bit & 1));
        if (freqs[i] > PLANES && indices[i] != UINT32_MAX)
            freqs[i] = KERNEL(more_at)(c, at);
    }
}
#endif

/* The same of n passages of the chunk in hand. */
INLINE void KERNEL(find_in_hand)(struct chunk_table *t, const uint32_t *docs, uint32_t n, uint32_t *indices,
                                 uint32_t *freqs) {
    struct chunk *c = &t->chunk;
    uint32_t mask = (UINT32_C(1) << t->shift) - 1;
#if defined(KERNEL_AVX512)
    if (c->count > 0 && c->kind != CHUNK_IS_LARGE) {
        if (c->kind == CHUNK_IS_BITMAP)
            KERNEL(find_set_bits)(c, docs, n, indices);
        else
            KERNEL(find_offsets)(c, mask, docs, n, indices);
        if (freqs)
            KERNEL(find_freqs)(c, docs, n, indices, freqs);
        return;
    }
#endif
    KERNEL(find_in_turn)(c, mask, docs, n, indices, freqs);
}

/* Looks for n passages whose groups are known, chunk by chunk. */
INLINE bool KERNEL(find_by_chunk)(struct chunk_table *t, const uint32_t *docs, const uint32_t *begins,
                                  const uint32_t *ends, uint32_t n, uint32_t *indices, uint32_t *freqs) {
    for (uint32_t i = 0, k; i < n; i = k) {
        uint32_t number = docs[i] >> t->shift;
        for (k = i + 1; k < n && docs[k] >> t->shift == number;)
            k++;
        if (!KERNEL(take_group)(t, number / CHUNK_GROUP, begins[i], ends[i]))
            return false;
        if (number != t->number && k == i + 1) {
            if (!KERNEL(look_up)(t, docs[i], &indices[i], freqs ? &freqs[i] : NULL))
                return false;
            continue;
        }
        if (!KERNEL(go)(t, number))
            return false;
        KERNEL(find_in_hand)(t, docs + i, k - i, indices + i, freqs ? freqs + i : NULL);
    }
    return true;
}

#if defined(KERNEL_AVX512)
#include "chunk_probe_kernel.h"

/* The same, eight passages side by side, and what is left one by one. */
INLINE bool KERNEL(find_by_eight)(struct chunk_table *t, const uint32_t *docs, const uint32_t *begins,
                                  const uint32_t *ends, uint32_t n, uint32_t *indices, uint32_t *freqs) {
    uint32_t left;
    if (!KERNEL(find_eights)(t, docs, begins, ends, n, indices, freqs, &left))
        return false;
    for (; left; left &= left - 1) {
        uint32_t k = (uint32_t)__builtin_ctz(left), number = docs[k] >> t->shift;
        if (!KERNEL(take_group)(t, number / CHUNK_GROUP, begins[k], ends[k]) ||
            !KERNEL(look_up)(t, docs[k], &indices[k], freqs ? &freqs[k] : NULL))
            return false;
    }
    return true;
}

/* Whether passages, that rise, are many enough for that, and less than `crowd` in a chunk, so that it is not better
 * decoded. */
INLINE bool KERNEL(are_apart)(const struct chunk_table *t, const uint32_t *docs, uint32_t n, uint32_t crowd) {
    enum { FEW = 2 };
    uint32_t chunks = (docs[n - 1] >> t->shift) - (docs[0] >> t->shift) + 1;
    return n > FEW && n < crowd * chunks;
}
#endif

INLINE bool KERNEL(find_some)(struct chunk_table *t, const uint32_t *docs, uint32_t n, uint32_t *indices,
                              uint32_t *freqs) {
    enum { CROWD = 4, CROWD_FREQS = 3, LINES = 4 };
    struct KERNEL(group_spans) spans;
    KERNEL(find_spans)(t, docs, n, &spans);
    for (uint32_t i = 0; i < n; i++)
        KERNEL(fetch)(t, spans.begins[i], LINES);
#if defined(KERNEL_AVX512)
    if (KERNEL(are_apart)(t, docs, n, freqs ? CROWD_FREQS : CROWD))
        return KERNEL(find_by_eight)(t, docs, spans.begins, spans.ends, n, indices, freqs);
#endif
    return KERNEL(find_by_chunk)(t, docs, spans.begins, spans.ends, n, indices, freqs);
}

static bool KERNEL(find_all)(struct chunk_table *t, const uint32_t *docs, uint32_t n, uint32_t *indices,
                             uint32_t *freqs) {
    if (n > 0 && docs[n - 1] >> t->shift >= chunk_table_count(t))
        return false;
    for (uint32_t i = 0; i < n; i += SPANS)
        if (!KERNEL(find_some)(t, docs + i, n - i < SPANS ? n - i : SPANS, indices + i, freqs ? freqs + i : NULL))
            return false;
    return true;
}

/* ----------------------------------------------------------------------------------- frequencies -- */

/* Frequencies of n postings of a chunk, one by one or, if these are many of its postings, out of all. */
INLINE bool KERNEL(pick_freqs)(const struct chunk *c, const uint32_t *indices, uint32_t n, uint32_t *freqs) {
    enum { MANY = 4 };
    uint32_t all[CHUNK_RANGE];
    bool bulk = n >= MANY && n * MANY >= c->count && c->count <= CHUNK_RANGE;
    if (bulk)
        KERNEL(take_freqs)(c, 0, c->count, all);
    for (uint32_t i = 0; i < n; i++) {
        if (indices[i] >= c->count)
            return false;
        freqs[i] = bulk ? all[indices[i]] : freq_of(c, indices[i]);
    }
    return true;
}

INLINE bool KERNEL(freqs_by_chunk)(struct chunk_table *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                                   uint32_t *freqs) {
    struct chunk c = {.count = 0};
    for (uint32_t i = 0, k; i < n; i = k) {
        uint32_t number = docs[i] >> t->shift;
        for (k = i + 1; k < n && docs[k] >> t->shift == number;)
            k++;
        if (!KERNEL(go_to_group)(t, number / CHUNK_GROUP))
            return false;
        if (!KERNEL(describe_all)(&c, &t->group, number % CHUNK_GROUP, t->shift) ||
            !KERNEL(pick_freqs)(&c, indices + i, k - i, freqs + i))
            return false;
    }
    return true;
}

/* The same of n <= SPANS postings: eight side by side where they are apart, but for chunks whose counts stand before
 * their sets. */
INLINE bool KERNEL(freqs_of_some)(struct chunk_table *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                                  uint32_t *freqs) {
#if defined(KERNEL_AVX512)
    enum { CROWD = 2 };
    if (KERNEL(are_apart)(t, docs, n, CROWD)) {
        struct KERNEL(group_spans) spans;
        uint32_t left;
        KERNEL(find_spans)(t, docs, n, &spans);
        bool good = KERNEL(freqs_by_eight)(t, docs, spans.begins, spans.ends, n, indices, freqs, &left);
        for (; good && left; left &= left - 1) {
            uint32_t k = (uint32_t)__builtin_ctz(left);
            good = KERNEL(freqs_by_chunk)(t, docs + k, indices + k, 1, freqs + k);
        }
        return good;
    }
#endif
    return KERNEL(freqs_by_chunk)(t, docs, indices, n, freqs);
}

static bool KERNEL(freqs)(struct chunk_table *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                          uint32_t *freqs) {
    if (n > 0 && docs[n - 1] >> t->shift >= chunk_table_count(t))
        return false;
    for (uint32_t i = 0; i < n; i += SPANS)
        if (!KERNEL(freqs_of_some)(t, docs + i, indices + i, n - i < SPANS ? n - i : SPANS, freqs + i))
            return false;
    return true;
}
