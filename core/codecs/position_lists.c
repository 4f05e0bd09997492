#include "position_lists.h"

#include <string.h>

#include "position_lanes.h"
#include "position_shape.h"

/* Those of a run's passages, by a reader that has read none, from number `at` on. */
static bool read_each(struct position_reader *r, const struct position_run *run, struct position_lists *out,
                      size_t at) {
    _Static_assert((int)POSITION_LIST == (int)SET_MAX, "sets are listed");
    uint32_t positions[POSITION_LIST];
    for (uint32_t i = 0; i < run->count; i++, at++) {
        uint32_t freq = run->freqs[i];
        bool told = freq <= POSITION_LIST && (uint64_t)run->lengths[i] + r->slack <= POSITION_MASK_BITS;
        if (told && !position_read(r, run, i, positions))
            return false;
        out->freqs[at] = (uint8_t)(told ? freq : 0);
        for (uint32_t k = 0; told && k < freq; k++)
            out->of[at][k] = (uint8_t)positions[k];
    }
    return true;
}

/* Passage by passage: the scalar twin. */
static bool read_scalar(const struct mask_part *parts, uint32_t count, struct position_lists *out) {
    uint32_t lengths[POSITION_RUN_MAX], freqs[POSITION_RUN_MAX];
    size_t at = 0;
    for (uint32_t k = 0; k < count; at += parts[k++].n) {
        const struct position_bytes *bytes = parts[k].run;
        const struct position_run run = {lengths, freqs, bytes->count};
        struct position_reader r;
        for (uint32_t i = 0; i < bytes->count; i++) {
            lengths[i] = position_bytes_length(bytes, i);
            freqs[i] = bytes->freqs[i];
        }
        if (!position_reader_init(&r, parts[k].from, parts[k].to) || !read_each(&r, &run, out, at))
            return false;
    }
    return true;
}

#if defined(__x86_64__) && defined(__GNUC__)

/* The fours of some parts, as they are read. */
struct fours_read {
    struct packed packed;
    struct quads quads;
    uint32_t count;                      /* of fours */
    uint64_t bases[PARTS_QUADS + LANES]; /* of each four, the address of the bit that `start` counts from */
    uint8_t owners[PARTS_QUADS + LANES]; /* its part */
    struct position_lists out;           /* those of fours */
};

/* False if positions don't fit their bytes. */
static inline AVX512 bool place_fours(struct fours_read *f, uint32_t count) {
    uint32_t good = 1;
    for (uint32_t k = 0; k < count; k++) {
        const struct position_reader *r = &f->packed.readers[k];
        uint32_t begin = f->packed.begins[k], end = f->packed.begins[k + 1];
        uint32_t start = f->quads.fours[begin].start, size = f->quads.fours[end].start - start;
        __m512i base = _mm512_set1_epi64((long long)((uint64_t)(uintptr_t)r->bits * 8 + r->at - start));
        good &= r->at + size <= r->end;
        for (uint32_t i = begin; i < end; i += 8)
            _mm512_storeu_si512(f->bases + i, base);
        memset(f->owners + begin, (int)k, end - begin);
    }
    f->count = f->packed.begins[count];
    return good;
}

/* Sixteen fours whose numbers are read. */
struct lanes {
    __m512i freqs, bounds;
    __m512i counts[QUAD];  /* of sets of each passage */
    __m512i numbers[QUAD]; /* of the sets */
    __m512i starts, first, second;
    __mmask16 there, joint;
    __mmask16 large; /* those whose numbers are too large for this, or of which bytes don't tell all */
    bool bad;
};

static inline AVX512 __m512i load_bits(__mmask8 there, __m512i at, __m512i width) {
    __m512i word = _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), there, _mm512_srli_epi64(at, 3), NULL, 1);
    word = _mm512_srlv_epi64(word, _mm512_and_si512(at, _mm512_set1_epi64(7)));
    return _mm512_andnot_si512(_mm512_sllv_epi64(_mm512_set1_epi64(-1), width), word);
}

/* Of two passages, by the number of both. */
static inline AVX512 void part_pair(__m512d pair, __m512d first, __m256i *numbers) {
    __m512d high = quotient(pair, first);
    numbers[0] = _mm512_cvttpd_epu32(_mm512_fnmadd_pd(high, first, pair));
    numbers[1] = _mm512_cvttpd_epu32(high);
}

/* The numbers of eight fours, half h of sixteen. */
static inline AVX512 void read_half(struct lanes *l, const uint64_t *bases, unsigned h, __m256i *numbers) {
    const __m512d too_large = _mm512_set1_pd((double)(INT64_C(1) << JOINT_BITS));
    __mmask8 there = (__mmask8)(l->there >> 8 * h), joint = (__mmask8)(l->joint >> 8 * h);
    __m512i first = _mm512_cvtepu32_epi64(half_of(l->first, h)), second = _mm512_cvtepu32_epi64(half_of(l->second, h));
    __m512i at = _mm512_add_epi64(_mm512_loadu_si512(bases + 8 * h), _mm512_cvtepu32_epi64(half_of(l->starts, h)));
    __m512d counts[QUAD];
    for (unsigned i = 0; i < QUAD; i++)
        counts[i] = doubles_of(l->counts[i], h);
    __m512d front = _mm512_mul_pd(counts[0], counts[1]), back = _mm512_mul_pd(counts[2], counts[3]);
    __m512d all = _mm512_cvtepu64_pd(load_bits(there, at, first)), high = quotient(all, front);
    __mmask8 apart = (__mmask8)(there & ~joint);
    __m512d pairs[2] = {_mm512_mask_mov_pd(all, joint, _mm512_fnmadd_pd(high, front, all)), high};
    if (apart)
        pairs[1] = _mm512_mask_cvtepu64_pd(high, apart, load_bits(apart, _mm512_add_epi64(at, first), second));
    __mmask8 large =
        (__mmask8)(_mm512_cmp_pd_mask(front, too_large, _CMP_GE_OQ) | _mm512_cmp_pd_mask(back, too_large, _CMP_GE_OQ));
    __mmask8 bad =
        (__mmask8)(_mm512_cmp_pd_mask(pairs[0], front, _CMP_GE_OQ) | _mm512_cmp_pd_mask(pairs[1], back, _CMP_GE_OQ));
    l->large |= (__mmask16)(large << 8 * h);
    l->bad |= (bad & ~large & there) != 0;
    part_pair(pairs[0], counts[0], numbers);
    part_pair(pairs[1], counts[2], numbers + 2);
}

/* Fours of long passages: what is 0 is one, or none. */
static inline AVX512 void open_longs(struct lanes *l, __m512i widths, uint32_t large) {
    for (unsigned i = 0; i < QUAD; i++) {
        __mmask16 none = _mm512_testn_epi32_mask(l->counts[i], l->counts[i]);
        l->counts[i] = _mm512_mask_srli_epi32(l->counts[i], none, widths, 16);
        l->large |= none | _mm512_testn_epi32_mask(byte_of(l->freqs, i), byte_of(l->freqs, i));
    }
    l->large |= (__mmask16)large;
}

/* Opens the fours from number i on. */
static inline AVX512 void open_lanes(struct lanes *l, const struct fours_read *f, uint32_t i) {
    __m512i parts[4];
    __m256i numbers[2][QUAD];
    take_fours(parts, f->quads.fours + i);
    l->freqs = parts[0];
    l->bounds = parts[1];
    l->starts = parts[2];
    l->first = byte_of(parts[3], 0);
    l->second = byte_of(parts[3], 1);
    l->there = lanes_of(f->count - i);
    l->joint = _mm512_cmpeq_epi32_mask(l->second, _mm512_set1_epi32(JOINED));
    l->large = 0;
    l->bad = false;
    for (unsigned k = 0; k < QUAD; k++)
        l->counts[k] = count_sets(byte_of(l->freqs, k), byte_of(l->bounds, k));
    if (f->packed.longs >> i / LANES & 1)
        open_longs(l, parts[3], f->packed.large[i / LANES]);
    for (unsigned h = 0; h < 2; h++)
        read_half(l, f->bases + i, h, numbers[h]);
    for (unsigned k = 0; k < QUAD; k++)
        l->numbers[k] = _mm512_inserti64x4(_mm512_castsi256_si512(numbers[0][k]), numbers[1][k], 1);
    l->large &= l->there;
}

/* Those of passage k of each four, if it has a set: the first one in the lowest byte. */
static inline AVX512 __m512i list_sets(const struct lanes *l, unsigned k) {
    const __m512i one = _mm512_set1_epi32(1);
    struct sets s = {.freqs = byte_of(l->freqs, k), .bounds = byte_of(l->bounds, k), .numbers = l->numbers[k]};
    __m512i p[SET_MAX];
    __mmask16 some = _mm512_cmplt_epu32_mask(_mm512_sub_epi32(s.freqs, one), _mm512_set1_epi32(SET_MAX));
    read_sets(&s, some, p);
    __m512i list = byte_of(p[0], 0);
    for (unsigned i = 1; i < SET_MAX; i++)
        list = _mm512_or_si512(list, _mm512_slli_epi32(byte_of(p[i], 0), 8 * i));
    return list;
}

/* One after the other, those of passage k of each four in lists[k]. */
static inline AVX512 void put_lists(struct position_lists *out, size_t at, __m512i freqs, const __m512i *lists) {
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(LANES / 2));
    const __m512i front = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11),
                  back = _mm512_add_epi64(front, _mm512_set1_epi64(4));
    __mmask64 told = _mm512_cmple_epu8_mask(freqs, _mm512_set1_epi8(POSITION_LIST));
    _mm512_storeu_si512(out->freqs + at, _mm512_maskz_mov_epi8(told, freqs));
    for (unsigned h = 0; h < 2; h++) {
        __m512i first = _mm512_permutex2var_epi32(lists[0], h ? high : low, lists[1]);
        __m512i last = _mm512_permutex2var_epi32(lists[2], h ? high : low, lists[3]);
        _mm512_storeu_si512(out->of[at + 2 * LANES * h], _mm512_permutex2var_epi64(first, front, last));
        _mm512_storeu_si512(out->of[at + 2 * LANES * h + LANES], _mm512_permutex2var_epi64(first, back, last));
    }
}

/* Reads a four passage by passage. */
static bool read_large(struct fours_read *f, const struct mask_part *parts, uint32_t four) {
    uint32_t k = f->owners[four];
    const struct position_reader *r = &f->packed.readers[k];
    uint64_t start = f->bases[four] - (uint64_t)(uintptr_t)r->bits * 8 + f->quads.fours[four].start;
    struct part_four p;
    open_part_four(&p, parts[k].run, four - f->packed.begins[k], r, start);
    return read_each(&p.reader, &p.run, &f->out, (size_t)QUAD * four);
}

/* Reads the fours from number i on. */
static inline AVX512 bool read_lanes(struct fours_read *f, const struct mask_part *parts, uint32_t i) {
    struct lanes l;
    __m512i lists[QUAD];
    open_lanes(&l, f, i);
    bool good = !l.bad;
    for (unsigned k = 0; k < QUAD; k++)
        lists[k] = list_sets(&l, k);
    put_lists(&f->out, (size_t)QUAD * i, l.freqs, lists);
    for (uint32_t bits = l.large; good && bits; bits &= bits - 1)
        good = read_large(f, parts, i + (uint32_t)__builtin_ctz(bits));
    return good;
}

static inline AVX512 bool read_fours(struct fours_read *f, const struct mask_part *parts, uint32_t count, bool packs) {
    bool good = open_readers(&f->packed, parts, count) &&
                measure_parts(&f->quads, &f->packed, parts, count, NULL, packs) && place_fours(f, count);
    for (uint32_t i = 0; good && i < f->count; i += LANES)
        good = read_lanes(f, parts, i);
    return good;
}

/* What can't be read like this is not damaged, unless the scalar twin says so. */
static inline AVX512 bool read_lanes_of(const struct mask_part *parts, uint32_t count, struct position_lists *out,
                                        bool packs) {
    struct fours_read f;
    size_t at = 0;
    if (!read_fours(&f, parts, count, packs))
        return read_scalar(parts, count, out);
    for (uint32_t k = 0; k < count; at += parts[k++].n) {
        memcpy(out->freqs + at, f.out.freqs + (size_t)QUAD * f.packed.begins[k], parts[k].n);
        memcpy(out->of + at, f.out.of + (size_t)QUAD * f.packed.begins[k], parts[k].n * sizeof *out->of);
    }
    return true;
}

static AVX512 bool read_avx512(const struct mask_part *parts, uint32_t count, struct position_lists *out) {
    return read_lanes_of(parts, count, out, false);
}

static AVX512 bool read_packed(const struct mask_part *parts, uint32_t count, struct position_lists *out) {
    return read_lanes_of(parts, count, out, true);
}

lists_read *const *lists_read_all(void) {
    static lists_read *const all[] = {read_packed, read_avx512, read_scalar, NULL};
    if (cpu_has_avx512_vbmi2())
        return all;
    return cpu_has_avx512() ? all + 1 : all + 2;
}
#else
lists_read *const *lists_read_all(void) {
    static lists_read *const all[] = {read_scalar, NULL};
    return all;
}
#endif
