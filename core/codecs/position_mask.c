/* Positions in several passages of a run at once, as bits. Where the processor has what it takes, sizes are worked out
 * for 64 passages at a time, and positions for 16. The scalar twin is position_read. */
#include "position_mask.h"

#include <string.h>

#include "core/base/cpu.h"
#include "position_shape.h"

static void put_bits(struct position_masks *out, uint32_t at, const uint32_t *positions, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        out->words[positions[i] / 64][at] |= UINT64_C(1) << positions[i] % 64;
}

static void clear_bits(struct position_masks *out, uint32_t at) {
    for (uint32_t w = 0; w < POSITION_MASK_WORDS; w++)
        out->words[w][at] = 0;
    out->freqs[at] = 0;
}

static bool mask_one(struct position_reader *r, const struct position_run *run, uint32_t passage,
                     struct position_masks *out, uint32_t at) {
    uint32_t positions[POSITION_MASK_BITS], freq = run->freqs[passage];
    clear_bits(out, at);
    if (freq > POSITION_MASK_BITS || (uint64_t)run->lengths[passage] + r->slack > POSITION_MASK_BITS)
        return true;
    if (!position_read(r, run, passage, positions))
        return false;
    put_bits(out, at, positions, freq);
    out->freqs[at] = freq;
    return true;
}

static bool mask_each(struct mask_reader *m, struct position_reader *r, const struct position_run *run,
                      const uint32_t *which, uint32_t n) {
    if (!mask_reader_finish(m))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!mask_one(r, run, which[i], m->out, m->end + i))
            return false;
    m->begin = m->end += n;
    return true;
}

static bool mask_each_of_bytes(struct mask_reader *m, struct position_reader *r, const struct position_bytes *run,
                               const uint32_t *which, uint32_t n) {
    uint32_t lengths[POSITION_RUN_MAX], freqs[POSITION_RUN_MAX];
    const struct position_run wide = {lengths, freqs, run->count};
    for (uint32_t i = 0; i < run->count; i++) {
        lengths[i] = position_bytes_length(run, i);
        freqs[i] = run->freqs[i];
    }
    return mask_each(m, r, &wide, which, n);
}

/* Part by part. */
static bool mask_parts(struct mask_reader *m, const struct mask_part *parts, uint32_t count, const uint32_t *which) {
    struct position_reader r;
    bool good = true;
    for (uint32_t k = 0; good && k < count; which += parts[k++].n)
        good = position_reader_init(&r, parts[k].from, parts[k].to) &&
               mask_each_of_bytes(m, &r, parts[k].run, which, parts[k].n);
    return good;
}

/* Nothing is only found. */
static bool finish_each(struct mask_reader *m) {
    return m->begin == m->end;
}

static const struct mask_ops mask_ops_scalar = {mask_each, mask_parts, finish_each};

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define AVX512 __attribute__((target("bmi,bmi2,popcnt,avx2,avx512f,avx512bw,avx512vl,avx512cd,avx512dq")))

/* And bytes that are packed. */
#define AVX512_VBMI2                                                                                                   \
    __attribute__((target("bmi,bmi2,popcnt,avx2,avx512f,avx512bw,avx512vl,avx512cd,avx512dq,avx512vbmi,avx512vbmi2")))

enum {
    LANES = 16,
    QUADS = POSITION_RUN_MAX / QUAD, /* 2 * LANES */
    /* As the bits of the last two passages of four: their number is part of the first two's; or all is read. */
    JOINED = 255,
    IS_READ = 254,
    NOWHERE = 1 << 16, /* a position that is none */
};

/* The fours of some runs, one after the other, as far as they were measured. The lowest byte of a four's widths has the
 * bits of its number, or of that of its first two; the next one those of that of the last two, or JOINED; and the next
 * two have the bound of a passage that is too long for a byte, and has one position, if there is such: the bound among
 * the others' is 0. One that has more positions is as if it was not there. */
struct quads {
    struct mask_four fours[MASK_PARTS * QUADS + LANES];
};

/* How they are measured. */
struct measure {
    uint32_t at; /* bits so far */
    bool packs;  /* as a processor does that has AVX512_VBMI2 */
};

static inline __mmask16 lanes_of(uint32_t n) {
    return (__mmask16)(n < LANES ? (1U << n) - 1 : UINT16_MAX);
}

/* ------------------------------------------------------------------------------------- sizes -- */

static inline AVX512 __m512i byte_of(__m512i bytes, unsigned i) {
    return _mm512_and_si512(_mm512_srli_epi32(bytes, 8 * i), _mm512_set1_epi32(255));
}

/* How many sets there are of the positions of passage i of each four, 1 if they are not numbered; off by 2^-21 of it at
 * most, and by nothing below 2^22. What has no position has a bound of 1. */
static inline AVX512 __m512 count_roughly(__m512i freqs, __m512i bounds, unsigned i) {
    const __m512 half = _mm512_set1_ps(0.5F), quarter = _mm512_set1_ps(0.25F), third = _mm512_set1_ps(1.0F / 3);
    const __m512 b = _mm512_cvtepi32_ps(byte_of(bounds, i));
    __m512i top = _mm512_slli_epi32(freqs, 24 - 8 * i); /* what is below the highest byte is less than one of it */
    __mmask16 two = _mm512_cmpgt_epu32_mask(top, _mm512_set1_epi32(0x1ffffff));
    __mmask16 three = _mm512_cmpgt_epu32_mask(top, _mm512_set1_epi32(0x2ffffff));
    __mmask16 four = _mm512_cmpgt_epu32_mask(top, _mm512_set1_epi32(0x3ffffff));
    __mmask16 none = _mm512_cmpgt_epu32_mask(top, _mm512_set1_epi32(0x4ffffff));
    __m512 sets = _mm512_mask_mul_ps(b, two, b, _mm512_fmsub_ps(b, half, half));
    __m512 up = _mm512_mul_ps(_mm512_mul_ps(sets, _mm512_sub_ps(b, _mm512_set1_ps(2))), third);
    sets = _mm512_mask_roundscale_ps(sets, three, up, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    sets = _mm512_mask_mul_ps(sets, four, sets, _mm512_fmsub_ps(b, quarter, _mm512_set1_ps(0.75F)));
    return _mm512_mask_mov_ps(sets, none, _mm512_set1_ps(1));
}

/* Bits of numbers below n. */
static inline AVX512 __m512i bits_below(__m512 n) {
    __m512i up = _mm512_add_epi32(_mm512_castps_si512(n), _mm512_set1_epi32((1 << 23) - 1));
    return _mm512_sub_epi32(_mm512_srli_epi32(up, 23), _mm512_set1_epi32(127));
}

/* How far numbers are above a power of two, less 16 of their last bits; far above where they are exact. */
static inline AVX512 __m512i distance(__m512 n) {
    const __m512i last = _mm512_set1_epi32((1 << 23) - 1);
    __mmask16 rounded = _mm512_cmp_ps_mask(n, _mm512_set1_ps(1 << 22), _CMP_GE_OQ);
    __m512i near = _mm512_add_epi32(_mm512_castps_si512(n), _mm512_set1_epi32(16));
    return _mm512_mask_and_epi32(last, rounded, near, last);
}

/* Numbers so near to a power of two that their bits are uncertain. */
static inline AVX512 __mmask16 uncertain(__m512 a, __m512 b, __m512 c) {
    __m512i least = _mm512_min_epu32(_mm512_min_epu32(distance(a), distance(b)), distance(c));
    return _mm512_cmple_epu32_mask(least, _mm512_set1_epi32(32));
}

/* Bits of positions that are more than a set's. */
static inline AVX512 __m512i rest_sizes(__m512i freqs, __m512i bounds) {
    __mmask16 rest = _mm512_cmpgt_epu32_mask(freqs, _mm512_set1_epi32(SET_MAX));
    __mmask16 beyond = _mm512_cmpgt_epu32_mask(freqs, _mm512_set1_epi32(REST_TABLE));
    __m512i row = _mm512_sub_epi32(freqs, _mm512_set1_epi32(1));
    __m512i at = _mm512_add_epi32(_mm512_slli_epi32(row, 8), bounds);
    __m512i sizes = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), (__mmask16)(rest & ~beyond), at,
                                                (const void *)position_rest_bits, 1);
    sizes = _mm512_and_si512(sizes, _mm512_set1_epi32(255));
    if (beyond) {
        uint32_t f[LANES], b[LANES], s[LANES];
        _mm512_storeu_si512(f, freqs);
        _mm512_storeu_si512(b, bounds);
        _mm512_storeu_si512(s, sizes);
        for (uint32_t bits = beyond; bits; bits &= bits - 1) {
            uint32_t k = (uint32_t)__builtin_ctz(bits);
            s[k] = position_rest_size(f[k], b[k]);
        }
        sizes = _mm512_loadu_si512(s);
    }
    return sizes;
}

/* The same of fours, `rest` of whose passages, of up to REST_TABLE positions, have more than a set's. No part of its
 * callers, as processors may have what these need alone. */
static __attribute__((noinline)) AVX512_VBMI2 __m512i pack_rest_sizes(__m512i freqs, __m512i bounds, __mmask64 rest) {
    const __m512i one = _mm512_set1_epi32(1);
    __m512i few = _mm512_maskz_compress_epi8(rest, freqs), below = _mm512_maskz_compress_epi8(rest, bounds);
    __m512i bytes = _mm512_setzero_si512();
    uint32_t n = (uint32_t)__builtin_popcountll(rest);
    for (uint32_t i = 0; i < n; i += LANES) {
        __m512i row = _mm512_sub_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(few)), one);
        __m512i at = _mm512_add_epi32(_mm512_slli_epi32(row, 8), _mm512_cvtepu8_epi32(_mm512_castsi512_si128(below)));
        __m512i sizes = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), lanes_of(n - i), at,
                                                    (const void *)position_rest_bits, 1);
        __mmask64 these = _pdep_u64(UINT64_C(0xffff) << i, rest);
        bytes = _mm512_mask_expand_epi8(bytes, these, _mm512_castsi128_si512(_mm512_cvtepi32_epi8(sizes)));
        few = _mm512_alignr_epi32(few, few, 4);
        below = _mm512_alignr_epi32(below, below, 4);
    }
    __m512i pairs = _mm512_maddubs_epi16(bytes, _mm512_set1_epi8(1));
    return _mm512_madd_epi16(pairs, _mm512_set1_epi16(1));
}

/* The same of fours of any passages. */
static inline AVX512 __m512i rest_sizes_of_fours(__m512i freqs, __m512i bounds, bool packs) {
    __mmask64 rest = _mm512_cmpgt_epu8_mask(freqs, _mm512_set1_epi8(SET_MAX));
    __m512i sizes = _mm512_setzero_si512();
    if (!rest)
        return sizes;
    if (packs && !_mm512_cmpgt_epu8_mask(freqs, _mm512_set1_epi8(REST_TABLE)))
        return pack_rest_sizes(freqs, bounds, rest);
    for (unsigned i = 0; i < QUAD; i++)
        sizes = _mm512_add_epi32(sizes, rest_sizes(byte_of(freqs, i), byte_of(bounds, i)));
    return sizes;
}

/* Each of 16 numbers becomes the sum of those up to it. */
static inline AVX512 __m512i sums_of(__m512i v) {
    const __m512i zero = _mm512_setzero_si512();
    v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, zero, 15));
    v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, zero, 14));
    v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, zero, 12));
    return _mm512_add_epi32(v, _mm512_alignr_epi32(v, zero, 8));
}

static inline AVX512 uint32_t last_of(__m512i v) {
    return (uint32_t)_mm_extract_epi32(_mm512_extracti32x4_epi32(v, 3), 3);
}

/* Sixteen fours one after the other, of which each vector has something. */
static inline AVX512 void put_fours(struct mask_four *out, __m512i freqs, __m512i bounds, __m512i starts,
                                    __m512i widths) {
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(LANES / 2));
    const __m512i front = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11),
                  back = _mm512_add_epi64(front, _mm512_set1_epi64(4));
    __m512i shapes[2] = {_mm512_permutex2var_epi32(freqs, low, bounds), _mm512_permutex2var_epi32(freqs, high, bounds)};
    __m512i places[2] = {_mm512_permutex2var_epi32(starts, low, widths),
                         _mm512_permutex2var_epi32(starts, high, widths)};
    for (unsigned h = 0; h < 2; h++) {
        _mm512_storeu_si512(out + LANES / 2 * h, _mm512_permutex2var_epi64(shapes[h], front, places[h]));
        _mm512_storeu_si512(out + LANES / 2 * h + LANES / 4, _mm512_permutex2var_epi64(shapes[h], back, places[h]));
    }
}

/* What passages too long for bytes have to do with sixteen fours. */
struct long_passages {
    uint32_t large;        /* a bit for each of the fours of which the rest does not tell all */
    const uint32_t *sizes; /* of these */
    /* Of the others bits that are to be added, below 2^16; and from there on the bound of the passage that has one
     * position. NULL if there are no such passages. */
    const uint32_t *rests;
};

/* Puts `longs` in place of no sets. */
static inline AVX512 void count_longs(__m512 *sets, __m512i longs) {
    const __m512i zero = _mm512_setzero_si512();
    for (unsigned i = 0; i < QUAD; i++) {
        __mmask16 none = _mm512_cmpeq_epi32_mask(_mm512_castps_si512(sets[i]), zero);
        sets[i] = _mm512_mask_cvtepi32_ps(sets[i], none, longs);
    }
}

/* Measures 16 fours from number `quad` on; false if sizes of others than large ones are uncertain. */
static inline AVX512 bool measure_lanes(struct quads *q, struct measure *m, uint32_t quad, __m512i freqs,
                                        __m512i bounds, const struct long_passages *l) {
    __m512i rests = l->rests ? _mm512_loadu_si512(l->rests) : _mm512_setzero_si512();
    __m512i longs = _mm512_srli_epi32(rests, 16);
    __m512 sets[QUAD];
    for (unsigned i = 0; i < QUAD; i++)
        sets[i] = count_roughly(freqs, bounds, i);
    if (l->rests)
        count_longs(sets, longs);
    __m512 front = _mm512_mul_ps(sets[0], sets[1]), back = _mm512_mul_ps(sets[2], sets[3]);
    __m512 all = _mm512_mul_ps(front, back);
    if (uncertain(all, front, back))
        return false;
    __mmask16 joint = _mm512_cmp_ps_mask(all, _mm512_set1_ps((float)(INT64_C(1) << JOINT_BITS)), _CMP_LT_OQ);
    __m512i first = _mm512_mask_mov_epi32(bits_below(front), joint, bits_below(all)), second = bits_below(back);
    __m512i sizes = _mm512_mask_add_epi32(first, (__mmask16)~joint, first, second);
    sizes = _mm512_add_epi32(sizes, rest_sizes_of_fours(freqs, bounds, m->packs));
    if (l->rests) {
        sizes = _mm512_add_epi32(sizes, _mm512_and_si512(rests, _mm512_set1_epi32(UINT16_MAX)));
        sizes = _mm512_mask_loadu_epi32(sizes, (__mmask16)l->large, l->sizes);
    }
    __m512i ends = sums_of(sizes);
    __m512i starts = _mm512_add_epi32(_mm512_sub_epi32(ends, sizes), _mm512_set1_epi32((int)m->at));
    second = _mm512_mask_mov_epi32(second, joint, _mm512_set1_epi32(JOINED));
    __m512i widths = _mm512_ternarylogic_epi32(first, _mm512_slli_epi32(second, 8), _mm512_slli_epi32(longs, 16), 0xfe);
    put_fours(q->fours + quad, freqs, bounds, starts, widths);
    m->at += last_of(ends);
    return true;
}

enum { PARTS_QUADS = MASK_PARTS * QUADS };

/* Parts that are measured together: the bytes of each begin behind those of the one before, at a four. */
struct packed {
    uint32_t begins[MASK_PARTS + 1]; /* fours before it */
    struct position_reader readers[MASK_PARTS];
    uint8_t freqs[QUAD * PARTS_QUADS + 64], bounds[QUAD * PARTS_QUADS + 64];
    /* As struct long_passages has them, of the groups of LANES fours, a bit each, that have a long passage. */
    uint64_t longs;
    uint16_t large[PARTS_QUADS / LANES + 1];
    uint32_t rests[PARTS_QUADS + LANES], sizes[PARTS_QUADS + LANES];
};

/* A four of a part, and where its bits begin. */
struct part_four {
    uint32_t lengths[QUAD], freqs[QUAD];
    struct position_run run;
    struct position_reader reader;
};

static void open_part_four(struct part_four *f, const struct position_bytes *run, uint32_t quad,
                           const struct position_reader *reader, uint64_t start) {
    uint32_t first = QUAD * quad;
    f->run = (struct position_run){f->lengths, f->freqs, run->count - first < QUAD ? run->count - first : QUAD};
    f->reader = *reader;
    f->reader.at = start;
    for (uint32_t i = 0; i < f->run.count; i++) {
        f->lengths[i] = position_bytes_length(run, first + i);
        f->freqs[i] = run->freqs[first + i];
    }
}

/* A four that is read passage by passage. Sizes of so few positions leave no 32 bits, whatever lengths and slack are.
 */
static void set_large(struct packed *p, const struct position_bytes *run, uint32_t k, uint32_t quad) {
    uint32_t at = p->begins[k] + quad;
    struct part_four four;
    open_part_four(&four, run, quad, &p->readers[k], 0);
    p->sizes[at] = (uint32_t)position_quad_size(&four.run, 0, four.reader.slack);
    p->large[at / LANES] |= (uint16_t)(1U << at % LANES);
}

/* Tells a four of passage i, which was put there as none. False if it is not to be told: there is another such one, a
 * mask may tell it, or positions of another one stand behind its own. */
static bool put_long(struct packed *p, const struct position_bytes *run, uint32_t k, uint32_t i) {
    uint32_t quad = p->begins[k] + i / QUAD, bound = position_bytes_length(run, i) + p->readers[k].slack;
    uint32_t freq = run->freqs[i], rests = 0;
    for (uint32_t n = QUAD * quad; n < QUAD * (quad + 1); n++)
        rests |= p->freqs[n] > SET_MAX;
    if (p->rests[quad] || bound <= POSITION_MASK_BITS || bound > UINT16_MAX || (freq > 1 && rests))
        return false;
    if (freq == 1) {
        p->freqs[QUAD * p->begins[k] + i] = 1;
        p->bounds[QUAD * p->begins[k] + i] = 0;
    }
    p->rests[quad] = freq == 1 ? bound << 16 : (uint32_t)position_many_size(freq, bound);
    return true;
}

/* Puts passages of part k among the others that are too long for bytes, from number `first` on a bit each. */
static NOINLINE AVX512 void put_longs(struct packed *p, const struct position_bytes *run, uint32_t k, uint32_t first,
                                      uint64_t passages) {
    for (uint64_t bits = passages; bits; bits &= bits - 1) {
        uint32_t i = first + (uint32_t)__builtin_ctzll(bits), group = (p->begins[k] + i / QUAD) / LANES;
        if (!(p->longs >> group & 1))
            memset(p->rests + (size_t)LANES * group, 0, LANES * sizeof *p->rests);
        p->longs |= UINT64_C(1) << group;
        if (!put_long(p, run, k, i))
            set_large(p, run, k, i / QUAD);
    }
}

/* Packs part k as far as its passages need it. False if that has to be done by itself: passages don't have as many
 * positions, or the slack is too much for this. */
static inline AVX512 bool pack_part(struct packed *p, const struct mask_part *part, uint32_t k, uint32_t last) {
    const struct position_bytes *run = part->run;
    uint32_t count = run->count < (last | 3) + 1 ? run->count : (last | 3) + 1;
    uint32_t at = QUAD * p->begins[k], longest = POSITION_BOUND - p->readers[k].slack;
    if (p->readers[k].slack > POSITION_BOUND)
        return false;
    longest -= run->has_longs && longest == UINT8_MAX; /* what has 255 may have more */
    const __m512i slack = _mm512_set1_epi8((char)p->readers[k].slack), one = _mm512_set1_epi8(1);
    const __m512i most = _mm512_set1_epi8((char)longest);
    p->begins[k + 1] = p->begins[k] + (count + QUAD - 1) / QUAD;
    for (uint32_t i = 0; i < count; i += 64) {
        __mmask64 there = count - i < 64 ? (UINT64_C(1) << (count - i)) - 1 : UINT64_MAX;
        __m512i freqs = _mm512_maskz_loadu_epi8(there, run->freqs + i);
        __m512i lengths = _mm512_maskz_loadu_epi8(there, run->lengths + i);
        if (_mm512_cmpgt_epu8_mask(freqs, lengths))
            return false;
        __mmask64 beyond = _mm512_cmpgt_epu8_mask(lengths, most);
        _mm512_storeu_si512(p->freqs + at + i, _mm512_maskz_mov_epi8(~beyond, freqs));
        _mm512_storeu_si512(p->bounds + at + i, _mm512_mask_add_epi8(one, there & ~beyond, lengths, slack));
        if (beyond)
            put_longs(p, run, k, i, beyond);
    }
    return true;
}

/* Measures parts, whose readers are known; false as above, or if sizes are uncertain. */
static inline AVX512 bool measure_parts(struct quads *q, struct packed *p, const struct mask_part *parts,
                                        uint32_t count, const uint32_t *which, bool packs) {
    struct measure by = {.packs = packs};
    p->begins[0] = 0;
    p->longs = 0;
    memset(p->large, 0, sizeof p->large);
    for (uint32_t k = 0; k < count; which += parts[k++].n)
        if (!pack_part(p, &parts[k], k, which[parts[k].n - 1]))
            return false;
    uint32_t fours = p->begins[count];
    _mm512_storeu_si512(p->freqs + QUAD * fours, _mm512_setzero_si512());
    _mm512_storeu_si512(p->bounds + QUAD * fours, _mm512_set1_epi8(1));
    for (uint32_t i = 0; i < fours; i += LANES) {
        bool any = p->longs >> i / LANES & 1;
        const struct long_passages longs = {p->large[i / LANES], p->sizes + i, any ? p->rests + i : NULL};
        if (!measure_lanes(q, &by, i, _mm512_loadu_si512(p->freqs + QUAD * i), _mm512_loadu_si512(p->bounds + QUAD * i),
                           &longs))
            return false;
    }
    q->fours[fours].start = by.at;
    return true;
}

/* -------------------------------------------------------------------------------------- sets -- */

/* Sixteen sets as they are read. */
struct sets {
    __m512i freqs, bounds; /* of the passages */
    __m512i numbers;
    __mmask16 large; /* those whose numbers are too large for this */
};

#define THIRD 0xaaaaaaabU /* 3 times it is 1, modulo 2^32 */

/* C(p, 2), C(p, 3) from it and C(p, 4) from that, for p <= POSITION_BOUND + 1. Products of 16 bits take half of the
 * time of others. */
static inline AVX512 __m512i pairs_below(__m512i p) {
    return _mm512_srli_epi32(_mm512_madd_epi16(p, _mm512_sub_epi32(p, _mm512_set1_epi32(1))), 1);
}

static inline AVX512 __m512i triples_below(__m512i p, __m512i pairs) {
    pairs = _mm512_madd_epi16(pairs, _mm512_sub_epi32(p, _mm512_set1_epi32(2)));
    return _mm512_mullo_epi32(pairs, _mm512_set1_epi32((int)THIRD));
}

static inline AVX512 __m512i fours_below(__m512i p, __m512i triples) {
    return _mm512_srli_epi32(_mm512_mullo_epi32(triples, _mm512_sub_epi32(p, _mm512_set1_epi32(3))), 2);
}

/* How many sets there are of so many positions below a bound, 1 if they are not numbered. */
static inline AVX512 __m512i count_sets(__m512i freqs, __m512i bounds) {
    const __m512i one = _mm512_set1_epi32(1);
    __m512i two = pairs_below(bounds), three = triples_below(bounds, two), four = fours_below(bounds, three);
    __m512i sets = _mm512_mask_mov_epi32(one, _mm512_cmpeq_epi32_mask(freqs, one), bounds);
    sets = _mm512_mask_mov_epi32(sets, _mm512_cmpeq_epi32_mask(freqs, _mm512_set1_epi32(2)), two);
    sets = _mm512_mask_mov_epi32(sets, _mm512_cmpeq_epi32_mask(freqs, _mm512_set1_epi32(3)), three);
    return _mm512_mask_mov_epi32(sets, _mm512_cmpeq_epi32_mask(freqs, _mm512_set1_epi32(4)), four);
}

/* Of the fours that sixteen passages are in. */
struct fours {
    __m512i counts[QUAD]; /* of sets of each passage */
    __m512i starts, widths;
    const uint8_t *const *bits;
    __mmask16 odd, behind, joint; /* second or fourth passage, third or fourth; their number is one */
    __mmask16 read;               /* nothing is left to be read */
};

/* Finds a passage, to be read later. */
static inline AVX512 void find_four(struct mask_reader *m, size_t at, const struct mask_four *four,
                                    const struct mask_four *behind, const uint8_t *bits, uint32_t which) {
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)four);
    v = _mm_add_epi32(v, _mm_loadu_si128((const __m128i *)(const void *)behind));
    _mm_storeu_si128((__m128i *)(void *)(m->found.fours + at), v);
    m->found.bits[at] = bits;
    m->found.places[at] = which % QUAD;
}

/* What sixteen fours have, one vector for each part of them. */
static inline AVX512 void take_fours(__m512i *out, const struct mask_four *fours) {
    const __m512i shapes = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const __m512i places = _mm512_add_epi32(shapes, _mm512_set1_epi32(2));
    __m512i v[4];
    for (unsigned i = 0; i < 4; i++)
        v[i] = _mm512_loadu_si512(fours + LANES / 4 * i);
    for (unsigned i = 0; i < 2; i++) {
        __m512i low = _mm512_permutex2var_epi32(v[0], i ? places : shapes, v[1]);
        __m512i high = _mm512_permutex2var_epi32(v[2], i ? places : shapes, v[3]);
        out[2 * i] = _mm512_shuffle_i64x2(low, high, 0x44);
        out[2 * i + 1] = _mm512_shuffle_i64x2(low, high, 0xee);
    }
}

static inline AVX512 void open_fours(struct fours *f, struct sets *s, const struct mask_reader *m, uint32_t at) {
    __m512i parts[4],
        places = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)(m->found.places + at)));
    take_fours(parts, m->found.fours + at);
    __m512i freqs = parts[0], bounds = parts[1], first = byte_of(parts[3], 0), second = byte_of(parts[3], 1);
    __m512i shift = _mm512_slli_epi32(places, 3);
    for (unsigned i = 0; i < QUAD; i++)
        f->counts[i] = count_sets(byte_of(freqs, i), byte_of(bounds, i));
    for (unsigned i = 0; m->any_long && i < QUAD; i++) {
        __mmask16 none = _mm512_testn_epi32_mask(f->counts[i], f->counts[i]);
        f->counts[i] = _mm512_mask_srli_epi32(f->counts[i], none, parts[3], 16);
    }
    s->freqs = byte_of(_mm512_srlv_epi32(freqs, shift), 0);
    s->bounds = byte_of(_mm512_srlv_epi32(bounds, shift), 0);
    f->odd = _mm512_test_epi32_mask(places, _mm512_set1_epi32(1));
    f->behind = _mm512_test_epi32_mask(places, _mm512_set1_epi32(2));
    f->joint = _mm512_cmpeq_epi32_mask(second, _mm512_set1_epi32(JOINED));
    __mmask16 apart = (__mmask16)(f->behind & ~f->joint);
    f->read = _mm512_cmpeq_epi32_mask(second, _mm512_set1_epi32(IS_READ));
    f->starts = _mm512_add_epi32(parts[2], _mm512_maskz_mov_epi32(apart, first));
    f->widths = _mm512_mask_mov_epi32(first, apart, second);
    f->bits = m->found.bits + at;
}

static inline AVX512 __m256i half_of(__m512i v, unsigned h) {
    return h ? _mm512_extracti64x4_epi64(v, 1) : _mm512_castsi512_si256(v);
}

static inline AVX512 __m512d doubles_of(__m512i v, unsigned h) {
    return _mm512_cvtepu32_pd(half_of(v, h));
}

/* a / b, rounded down: exact below 2^52. */
static inline AVX512 __m512d quotient(__m512d a, __m512d b) {
    return _mm512_roundscale_pd(_mm512_div_pd(a, b), _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
}

/* The numbers of eight sets, of half h; *bad are those that can't be, and *large those that are too large. */
static inline AVX512 __m256i read_numbers(const struct fours *f, unsigned h, __mmask8 there, __mmask8 *large,
                                          __mmask8 *bad) {
    __mmask8 odd = (__mmask8)(f->odd >> 8 * h), behind = (__mmask8)(f->behind >> 8 * h);
    __mmask8 joint = (__mmask8)(f->joint >> 8 * h);
    __m512i at = _mm512_cvtepu32_epi64(half_of(f->starts, h)), width = _mm512_cvtepu32_epi64(half_of(f->widths, h));
    __m512i from = _mm512_add_epi64(_mm512_loadu_si512(f->bits + 8 * h), _mm512_srli_epi64(at, 3));
    __m512i word = _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), there, from, NULL, 1);
    word = _mm512_srlv_epi64(word, _mm512_and_si512(at, _mm512_set1_epi64(7)));
    word = _mm512_andnot_si512(_mm512_sllv_epi64(_mm512_set1_epi64(-1), width), word);
    __m512d one = doubles_of(f->counts[0], h), three = doubles_of(f->counts[2], h);
    __m512d front = _mm512_mul_pd(one, doubles_of(f->counts[1], h));
    __m512d own = _mm512_mask_mul_pd(front, behind, three, doubles_of(f->counts[3], h));
    __m512d all = _mm512_cvtepu64_pd(word), high = quotient(all, front);
    __m512d pair = _mm512_mask_mov_pd(all, (__mmask8)(joint & behind), high);
    pair = _mm512_mask_mov_pd(pair, (__mmask8)(joint & ~behind), _mm512_fnmadd_pd(high, front, all));
    *large = _mm512_cmp_pd_mask(own, _mm512_set1_pd((double)(INT64_C(1) << JOINT_BITS)), _CMP_GE_OQ);
    *bad = (__mmask8)(_mm512_cmp_pd_mask(pair, own, _CMP_GE_OQ) & ~*large);
    one = _mm512_mask_mov_pd(one, behind, three);
    high = quotient(pair, one);
    return _mm512_cvttpd_epu32(_mm512_mask_mov_pd(_mm512_fnmadd_pd(high, one, pair), odd, high));
}

/* About the cube root; as cube_root in positions.c. */
static inline AVX512 __m512 cube_roots(__m512 x) {
    const __m512i third = _mm512_set1_epi32((int)THIRD);
    __m512i bits = _mm512_castps_si512(x);
    __m512i even = _mm512_srli_epi64(_mm512_mul_epu32(bits, third), 33);
    __m512i odd = _mm512_srli_epi64(_mm512_mul_epu32(_mm512_srli_epi64(bits, 32), third), 33);
    bits = _mm512_add_epi32(_mm512_or_si512(even, _mm512_slli_epi64(odd, 32)), _mm512_set1_epi32(CUBE_ROOT_BITS));
    __m512 y = _mm512_castsi512_ps(bits), two = _mm512_set1_ps(2);
    __m512 sum = _mm512_add_ps(_mm512_mul_ps(two, y), _mm512_div_ps(x, _mm512_mul_ps(y, y)));
    return _mm512_mul_ps(sum, _mm512_set1_ps(1.0F / 3));
}

/* What take_last in positions.c tells of positions that may be off by one: of how many sets there are below p - 1, p
 * and p + 1, from `counts` on. Each waits for p alone. Does so for the lanes that are chosen. */
static inline AVX512 __m512i settle_last(struct sets *s, __mmask16 lanes, __m512i p, const __m512i *counts) {
    const __m512i one = _mm512_set1_epi32(1);
    __mmask16 down = _mm512_cmpgt_epu32_mask(counts[1], s->numbers);
    __mmask16 up = _mm512_cmple_epu32_mask(counts[2], s->numbers);
    up &= _mm512_cmplt_epu32_mask(p, _mm512_set1_epi32(POSITION_BOUND));
    __m512i below = _mm512_mask_mov_epi32(_mm512_mask_mov_epi32(counts[1], down, counts[0]), up, counts[2]);
    p = _mm512_mask_add_epi32(_mm512_mask_sub_epi32(p, down, p, one), up, p, one);
    s->numbers = _mm512_mask_sub_epi32(s->numbers, lanes, s->numbers, below);
    s->bounds = _mm512_mask_mov_epi32(s->bounds, lanes, p);
    return _mm512_mask_mov_epi32(_mm512_set1_epi32(NOWHERE), lanes, p);
}

/* C(p, k) is C(p - 1, k) + C(p - 1, k - 1). */
static inline AVX512 __m512i take_fourths(struct sets *s, __mmask16 lanes) {
    __m512 x = _mm512_mul_ps(_mm512_cvtepi32_ps(s->numbers), _mm512_set1_ps(24));
    __m512 root = _mm512_add_ps(_mm512_sqrt_ps(_mm512_sqrt_ps(x)), _mm512_set1_ps(1.4F));
    __m512i p = _mm512_max_epu32(_mm512_cvttps_epi32(root), _mm512_set1_epi32(3));
    __m512i pairs = pairs_below(p), triples = triples_below(p, pairs), fours = fours_below(p, triples);
    __m512i before = _mm512_sub_epi32(pairs, _mm512_sub_epi32(p, _mm512_set1_epi32(1)));
    before = _mm512_sub_epi32(triples, before);
    const __m512i counts[3] = {_mm512_sub_epi32(fours, before), fours, _mm512_add_epi32(fours, triples)};
    return settle_last(s, lanes, p, counts);
}

static inline AVX512 __m512i take_thirds(struct sets *s, __mmask16 lanes) {
    __m512 x = _mm512_mul_ps(_mm512_cvtepi32_ps(s->numbers), _mm512_set1_ps(6));
    __m512 root = _mm512_add_ps(cube_roots(x), _mm512_set1_ps(0.9F));
    __m512i p = _mm512_max_epu32(_mm512_cvttps_epi32(root), _mm512_set1_epi32(2));
    __m512i pairs = pairs_below(p), triples = triples_below(p, pairs);
    __m512i before = _mm512_sub_epi32(pairs, _mm512_sub_epi32(p, _mm512_set1_epi32(1)));
    const __m512i counts[3] = {_mm512_sub_epi32(triples, before), triples, _mm512_add_epi32(triples, pairs)};
    return settle_last(s, lanes, p, counts);
}

/* The positions of the sets that are there, of which as many as each has count; the others are NOWHERE. */
static inline AVX512 void read_sets(struct sets *s, __mmask16 there, __m512i *out) {
    const __m512i one = _mm512_set1_epi32(1), nowhere = _mm512_set1_epi32(NOWHERE);
    __mmask16 two = _mm512_mask_cmpgt_epu32_mask(there, s->freqs, one);
    __mmask16 three = _mm512_mask_cmpgt_epu32_mask(there, s->freqs, _mm512_set1_epi32(2));
    __mmask16 four = _mm512_mask_cmpgt_epu32_mask(there, s->freqs, _mm512_set1_epi32(3));
    out[3] = four ? take_fourths(s, four) : nowhere;
    out[2] = three ? take_thirds(s, three) : nowhere;
    __m512i row = _mm512_cvttps_epi32(_mm512_div_ps(_mm512_cvtepi32_ps(s->numbers), _mm512_cvtepi32_ps(s->bounds)));
    __m512i column = _mm512_sub_epi32(s->numbers, _mm512_mullo_epi32(row, s->bounds));
    __m512i length = _mm512_sub_epi32(_mm512_sub_epi32(s->bounds, one), row);
    __mmask16 mirrored = _mm512_cmpge_epu32_mask(column, length);
    __m512i a = _mm512_mask_sub_epi32(row, mirrored, length, one);
    column = _mm512_mask_sub_epi32(column, mirrored, column, length);
    out[1] = _mm512_mask_mov_epi32(nowhere, two, _mm512_add_epi32(_mm512_add_epi32(a, one), column));
    out[0] = _mm512_mask_mov_epi32(nowhere, there, _mm512_mask_mov_epi32(s->numbers, two, a));
}

/* ------------------------------------------------------------------------------------- masks -- */

/* Of eight passages, half h of sixteen; only the first words may have any. */
static inline AVX512 void put_masks(const __m512i *positions, unsigned h, __mmask8 there, struct position_masks *out,
                                    uint32_t at, unsigned words) {
    const __m512i one = _mm512_set1_epi64(1);
    __m512i p[SET_MAX], bits[SET_MAX];
    for (unsigned i = 0; i < SET_MAX; i++)
        p[i] = _mm512_cvtepu32_epi64(half_of(positions[i], h));
    for (unsigned w = 0; w < POSITION_MASK_WORDS; w++) {
        __m512i word = _mm512_setzero_si512();
        /* What is shifted by less than 0, or by more than 63, is gone. */
        for (unsigned i = 0; w < words && i < SET_MAX; i++)
            bits[i] = _mm512_sllv_epi64(one, _mm512_sub_epi64(p[i], _mm512_set1_epi64(64 * w)));
        if (w < words)
            word = _mm512_or_si512(_mm512_ternarylogic_epi64(bits[0], bits[1], bits[2], 0xfe), bits[3]);
        _mm512_mask_storeu_epi64(out->words[w] + at, there, word);
    }
}

/* The same of n <= 16. Few passages are so long that the last word has any. */
static inline AVX512 void put_all_masks(const __m512i *positions, uint32_t n, __mmask16 there, bool far,
                                        struct position_masks *out, uint32_t at) {
    for (unsigned h = 0; 8 * h < n; h++)
        if (far)
            put_masks(positions, h, (__mmask8)(there >> 8 * h), out, at + 8 * h, POSITION_MASK_WORDS);
        else
            put_masks(positions, h, (__mmask8)(there >> 8 * h), out, at + 8 * h, POSITION_MASK_WORDS - 1);
}

/* By how many more, less one, passages are listed that have more positions than a set. The last list is of those that
 * have many. */
enum { LONES = LONE_MAX - SET_MAX };

/* Such passages among those that are read together. One after the other each would be branches that can't be foreseen:
 * how many more it has, and where these begin. */
struct rests {
    uint32_t counts[LONES + 1];
    uint8_t lists[LONES + 1][POSITION_MASKS];
    uint64_t numbers[POSITION_MASKS];
    uint32_t sets[POSITION_MASKS]; /* numbers of the sets that are left of the first lists' */
    uint8_t positions[LONES][POSITION_MASKS];
};

/* How many of sixteen numbers that don't fall are at most a number. */
static inline AVX512 uint32_t count_up_to(const uint64_t *numbers, uint64_t number) {
    __m512i most = _mm512_set1_epi64((long long)number);
    __mmask8 low = _mm512_cmple_epu64_mask(_mm512_loadu_si512(numbers), most);
    __mmask8 high = _mm512_cmple_epu64_mask(_mm512_loadu_si512(numbers + LONE_STEP / 2), most);
    return (uint32_t)__builtin_popcount(_mm512_kunpackb(high, low));
}

/* Lists those of sixteen that have more than a set. */
static inline void list_rests(struct rests *r, const struct mask_reader *m, uint32_t at, __mmask16 more) {
    for (uint32_t bits = more; bits; bits &= bits - 1) {
        uint32_t i = at + (uint32_t)__builtin_ctz(bits), freq = m->out->freqs[i];
        uint32_t list = freq <= LONE_MAX ? freq - SET_MAX - 1 : LONES;
        r->lists[list][r->counts[list]++] = (uint8_t)i;
    }
}

/* Where positions that are more than a set's stand. */
static inline uint64_t find_rest(const struct mask_reader *m, uint32_t at) {
    const struct mask_four *four = &m->found.fours[at];
    uint32_t second = four->widths >> 8 & 255, place = m->found.places[at];
    uint32_t start = four->start + (four->widths & 255) + (second == JOINED ? 0 : second);
    for (uint32_t i = 0; i + 1 < QUAD; i++) {
        uint32_t freq = four->freqs >> 8 * i & 255;
        start += position_rest_size(i < place && freq > SET_MAX ? freq : 1, four->bounds >> 8 * i & 255);
    }
    return start;
}

/* The bound of passage `at`. */
static inline uint32_t bound_of(const struct mask_reader *m, uint32_t at) {
    return m->found.fours[at].bounds >> 8 * m->found.places[at] & 255;
}

/* Reads the number of the positions of passage `at`, which has `more` more than a set, less one; false if there is none
 * such. */
static inline AVX512 bool read_lone(struct rests *r, const struct mask_reader *m, uint32_t at, uint32_t more) {
    uint64_t n = position_lone_counts[more][bound_of(m, at)], start = find_rest(m, at);
    unsigned width = 63U - (unsigned)__builtin_clzll((n - 1) * 2 + 1);
    r->numbers[at] = _bzhi_u64(load_u64(m->found.bits[at] + (start >> 3)) >> (start & 7), width);
    return r->numbers[at] < n;
}

/* Takes the last position of each of a list, of which there are `more` more than a set, less one. */
static inline AVX512 void take_lones(struct rests *r, const uint8_t *list, uint32_t n, uint32_t more) {
    const uint64_t *row = position_lone_counts[more], *steps = position_lone_steps[more];
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = list[i], p = (count_up_to(steps, r->numbers[at]) - 1) * LONE_STEP;
        p += count_up_to(row + p, r->numbers[at]) - 1;
        r->positions[more][at] = (uint8_t)p;
        r->numbers[at] -= row[p];
        r->sets[at] = (uint32_t)r->numbers[at];
    }
}

/* Reads the few more, the last ones of all first. */
static AVX512 bool read_lones(struct rests *r, const struct mask_reader *m) {
    bool good = true;
    for (uint32_t more = 0; more < LONES; more++)
        for (uint32_t i = 0; i < r->counts[more]; i++)
            good &= read_lone(r, m, r->lists[more][i], more);
    for (uint32_t more = LONES; good && more-- > 0;)
        for (uint32_t k = more; k < LONES; k++)
            take_lones(r, r->lists[k], r->counts[k], more);
    return good;
}

/* Adds to the masks what is not in sets. */
static bool put_rests(const struct rests *r, const struct mask_reader *m) {
    for (uint32_t more = 0; more < LONES; more++)
        for (uint32_t k = more; k < LONES; k++)
            for (uint32_t i = 0; i < r->counts[k]; i++) {
                uint32_t at = r->lists[k][i], p = r->positions[more][at];
                m->out->words[p / 64][at] |= UINT64_C(1) << p % 64;
            }
    for (uint32_t i = 0; i < r->counts[LONES]; i++) {
        uint32_t at = r->lists[LONES][i], freq = m->out->freqs[at], positions[POSITION_MASK_BITS];
        if (!position_read_rest(m->found.bits[at], find_rest(m, at), freq, bound_of(m, at), positions))
            return false;
        put_bits(m->out, at, positions, freq);
    }
    return true;
}

/* A passage by itself, as its number is too large for more. Its four were measured to be within the bits. */
static bool mask_at(const struct mask_reader *m, uint32_t at) {
    uint32_t bounds[QUAD], freqs[QUAD];
    const struct position_run four = {bounds, freqs, QUAD};
    struct position_reader r = {.bits = m->found.bits[at], .at = m->found.fours[at].start, .end = UINT64_MAX};
    for (uint32_t i = 0; i < QUAD; i++) {
        uint32_t bound = m->found.fours[at].bounds >> 8 * i & 255, freq = m->found.fours[at].freqs >> 8 * i & 255;
        bounds[i] = bound ? bound : m->found.fours[at].widths >> 16; /* with the slack */
        freqs[i] = freq ? freq : 1;                                  /* of one that is not there the bound is 1 */
    }
    return mask_one(&r, &four, m->found.places[at], m->out, at);
}

/* Up to sixteen passages whose numbers are read. */
struct lanes {
    struct sets sets;
    __mmask16 there, large; /* those that are to be read; and those whose numbers are too large */
    __mmask16 lone, many;   /* those that have a few more positions than a set, or many */
};

/* Reads the numbers of n passages; false if they can't be. */
static inline AVX512 bool open_lanes(struct lanes *l, struct rests *rests, const struct mask_reader *m, uint32_t at,
                                     uint32_t n) {
    __m256i numbers[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    __mmask8 large[2] = {0, 0}, bad[2] = {0, 0};
    struct fours f;
    open_fours(&f, &l->sets, m, at);
    l->there = (__mmask16)(lanes_of(n) & ~f.read);
    numbers[0] = read_numbers(&f, 0, (__mmask8)l->there, &large[0], &bad[0]);
    if (n > 8)
        numbers[1] = read_numbers(&f, 1, (__mmask8)(l->there >> 8), &large[1], &bad[1]);
    l->sets.numbers = _mm512_inserti64x4(_mm512_castsi256_si512(numbers[0]), numbers[1], 1);
    l->large = (__mmask16)((large[0] | large[1] << 8) & l->there);
    __mmask16 more = _mm512_mask_cmpgt_epu32_mask(l->there, l->sets.freqs, _mm512_set1_epi32(SET_MAX));
    l->many = _mm512_mask_cmpgt_epu32_mask(l->there, l->sets.freqs, _mm512_set1_epi32(LONE_MAX));
    l->lone = (__mmask16)(more & ~l->many);
    _mm512_mask_storeu_epi32(m->out->freqs + at, l->there, l->sets.freqs);
    list_rests(rests, m, at, more);
    return !((bad[0] | bad[1] << 8) & l->there);
}

/* Makes masks of them, but for what is not in sets; false if they can't be. */
static inline AVX512 bool close_lanes(struct lanes *l, const struct rests *rests, const struct mask_reader *m,
                                      uint32_t at, uint32_t n) {
    __m512i positions[SET_MAX], far = _mm512_set1_epi32(POSITION_MASK_BITS - 64);
    bool is_far = _mm512_mask_cmpgt_epu32_mask(l->there, l->sets.bounds, far);
    l->sets.numbers = _mm512_mask_loadu_epi32(l->sets.numbers, l->lone, rests->sets + at);
    read_sets(&l->sets, (__mmask16)(l->there & ~l->many), positions);
    put_all_masks(positions, n, l->there, is_far, m->out, at);
    for (uint32_t bits = l->large; bits; bits &= bits - 1)
        if (!mask_at(m, at + (uint32_t)__builtin_ctz(bits)))
            return false;
    return true;
}

/* Step by step for all: what comes next of one waits for what was worked out of it, and the others don't. */
static AVX512 bool finish_avx512(struct mask_reader *m) {
    struct lanes lanes[POSITION_MASKS / LANES + 1];
    struct rests rests;
    uint32_t begin = m->begin, end = m->end;
    m->begin = end;
    memset(rests.counts, 0, sizeof rests.counts);
    for (uint32_t i = 0; begin + i < end; i += LANES)
        if (!open_lanes(&lanes[i / LANES], &rests, m, begin + i, end - begin - i < LANES ? end - begin - i : LANES))
            return false;
    if (!read_lones(&rests, m))
        return false;
    for (uint32_t i = 0; begin + i < end; i += LANES)
        if (!close_lanes(&lanes[i / LANES], &rests, m, begin + i, end - begin - i < LANES ? end - begin - i : LANES))
            return false;
    return put_rests(&rests, m);
}

/* Where the passages of parts are to be found. */
struct found_parts {
    uint32_t count;                      /* of the passages */
    struct mask_four behind[MASK_PARTS]; /* what is to be added to what is told of their fours */
    uint8_t owners[POSITION_MASKS + 2 * 64];
};

/* Tells that of parts that were measured; false if positions don't fit their bytes. How many passages each has can't be
 * foreseen. */
static inline AVX512 bool find_parts(struct found_parts *f, const struct quads *q, const struct packed *p,
                                     const struct mask_part *parts, uint32_t count) {
    uint32_t at = 0, good = 1;
    for (uint32_t k = 0; k < count; at += parts[k++].n) {
        const struct position_reader *r = &p->readers[k];
        uint32_t start = q->fours[p->begins[k]].start, end = q->fours[p->begins[k + 1]].start;
        f->behind[k] = (struct mask_four){.start = (uint32_t)r->at - start};
        good &= r->at + (end - start) <= r->end;
        for (uint32_t i = 0; i < parts[k].n; i += 64)
            _mm512_storeu_si512(f->owners + at + i, _mm512_set1_epi8((char)k));
    }
    f->count = at;
    return good;
}

/* Reads those of n passages that were found last that are long, or whose fours are large. */
static NOINLINE AVX512 bool read_longs(struct mask_reader *m, const struct packed *p, const struct found_parts *f,
                                       const struct mask_part *parts, const uint32_t *which, uint32_t n) {
    uint8_t list[POSITION_MASKS];
    uint32_t count = 0, begin = m->end - n;
    for (uint32_t i = 0; i < n; i++) { /* without a branch, as it can't be foreseen */
        const struct mask_four *four = &m->found.fours[begin + i];
        uint32_t quad = p->begins[f->owners[i]] + which[i] / QUAD, shift = 8 * (which[i] % QUAD);
        uint32_t is_long = (four->freqs >> shift & 255) == 0 || (four->bounds >> shift & 255) == 0;
        list[count] = (uint8_t)i;
        count += is_long | (p->large[quad / LANES] >> quad % LANES & 1);
    }
    for (uint32_t c = 0; c < count; c++) {
        uint32_t i = list[c], k = f->owners[i];
        struct part_four four;
        open_part_four(&four, parts[k].run, which[i] / QUAD, &p->readers[k], m->found.fours[begin + i].start);
        if (!mask_one(&four.reader, &four.run, which[i] % QUAD, m->out, begin + i))
            return false;
        m->found.fours[begin + i].widths = IS_READ << 8;
    }
    return true;
}

/* Finds all passages of parts that are found. */
static inline AVX512 bool find_passages(struct mask_reader *m, const struct quads *q, const struct packed *p,
                                        const struct found_parts *f, const struct mask_part *parts,
                                        const uint32_t *which) {
    uint32_t n = f->count;
    for (size_t i = 0, begin = m->end; i < n; i++) {
        uint32_t k = f->owners[i], quad = p->begins[k] + which[i] / QUAD;
        find_four(m, begin + i, &q->fours[quad], &f->behind[k], p->readers[k].bits, which[i]);
    }
    m->end += n;
    m->any_long |= p->longs != 0;
    return !p->longs || read_longs(m, p, f, parts, which, n);
}

/* Opens the readers; false if the bytes can't be positions. */
static bool open_readers(struct packed *p, const struct mask_part *parts, uint32_t count) {
    for (uint32_t k = 0; k < count; k++)
        if (!position_reader_init(&p->readers[k], parts[k].from, parts[k].to))
            return false;
    return true;
}

static inline AVX512 bool add_parts(struct mask_reader *m, const struct mask_part *parts, uint32_t count,
                                    const uint32_t *which, bool packs) {
    struct packed p;
    struct quads q;
    struct found_parts f;
    if (!open_readers(&p, parts, count) || !measure_parts(&q, &p, parts, count, which, packs) ||
        !find_parts(&f, &q, &p, parts, count))
        return mask_parts(m, parts, count, which);
    return find_passages(m, &q, &p, &f, parts, which);
}

static AVX512 bool add_avx512(struct mask_reader *m, const struct mask_part *parts, uint32_t count,
                              const uint32_t *which) {
    return add_parts(m, parts, count, which, false);
}

static AVX512 bool add_packed(struct mask_reader *m, const struct mask_part *parts, uint32_t count,
                              const uint32_t *which) {
    return add_parts(m, parts, count, which, true);
}

/* The first passages of a run as bytes; false if these don't tell all of them. */
static AVX512 bool narrow(struct position_bytes *out, const struct position_run *run, uint32_t count) {
    __mmask16 untold = 0;
    out->count = count;
    out->has_longs = true;
    for (uint32_t i = 0; i < count; i += LANES) {
        __mmask16 there = lanes_of(count - i);
        __m512i freqs = _mm512_maskz_loadu_epi32(there, run->freqs + i);
        __m512i lengths = _mm512_maskz_loadu_epi32(there, run->lengths + i);
        untold |= _mm512_cmpgt_epu32_mask(freqs, _mm512_set1_epi32(UINT8_MAX));
        untold |= _mm512_cmpgt_epu32_mask(lengths, _mm512_set1_epi32(UINT16_MAX));
        _mm_storeu_si128((__m128i *)(void *)(out->freqs + i), _mm512_cvtepi32_epi8(freqs));
        _mm_storeu_si128((__m128i *)(void *)(out->lengths + i), _mm512_cvtusepi32_epi8(lengths));
        _mm256_storeu_si256((__m256i *)(void *)(out->longs + i), _mm512_cvtepi32_epi16(lengths));
    }
    return !untold;
}

static inline AVX512 bool add_narrow(struct mask_reader *m, struct position_reader *r, const struct position_run *run,
                                     const uint32_t *which, uint32_t n, bool packs) {
    struct position_bytes bytes;
    const struct mask_part part = {&bytes, r->bits, r->bits + r->end / 8, n};
    struct packed p;
    struct quads q;
    struct found_parts f;
    uint32_t end = (which[n - 1] | 3) + 1;
    p.readers[0] = *r;
    if (!narrow(&bytes, run, run->count < end ? run->count : end) || !measure_parts(&q, &p, &part, 1, which, packs) ||
        !find_parts(&f, &q, &p, &part, 1))
        return mask_each(m, r, run, which, n);
    return find_passages(m, &q, &p, &f, &part, which);
}

static AVX512 bool narrow_avx512(struct mask_reader *m, struct position_reader *r, const struct position_run *run,
                                 const uint32_t *which, uint32_t n) {
    return add_narrow(m, r, run, which, n, false);
}

static AVX512 bool narrow_packed(struct mask_reader *m, struct position_reader *r, const struct position_run *run,
                                 const uint32_t *which, uint32_t n) {
    return add_narrow(m, r, run, which, n, true);
}

static const struct mask_ops mask_ops_avx512 = {narrow_avx512, add_avx512, finish_avx512};
static const struct mask_ops mask_ops_vbmi2 = {narrow_packed, add_packed, finish_avx512};

const struct mask_ops *const *mask_ops_all(void) {
    static const struct mask_ops *const all[] = {&mask_ops_vbmi2, &mask_ops_avx512, &mask_ops_scalar, NULL};
    if (cpu_has_avx512_vbmi2())
        return all;
    return cpu_has_avx512() ? all + 1 : all + 2;
}
#else
const struct mask_ops *const *mask_ops_all(void) {
    static const struct mask_ops *const all[] = {&mask_ops_scalar, NULL};
    return all;
}
#endif

void mask_reader_init(struct mask_reader *m, struct position_masks *out) {
    m->ops = mask_ops_all()[0];
    m->out = out;
    m->begin = m->end = 0;
    m->any_long = false;
}

bool mask_reader_add(struct mask_reader *m, struct position_reader *r, const struct position_run *run,
                     const uint32_t *which, uint32_t n) {
    return m->ops->add(m, r, run, which, n);
}

bool mask_reader_add_parts(struct mask_reader *m, const struct mask_part *parts, uint32_t count,
                           const uint32_t *which) {
    return count == 0 || m->ops->add_parts(m, parts, count, which);
}

bool mask_reader_finish(struct mask_reader *m) {
    return m->begin == m->end || m->ops->finish(m);
}
