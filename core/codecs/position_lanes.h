/* position_lanes.h - fours of passages measured, and positions that are sets read, sixteen at a time: what masks and
 * signatures of positions are made by where the processor has what it takes. */
#ifndef LEDE_CORE_POSITION_LANES_H
#define LEDE_CORE_POSITION_LANES_H

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#include <string.h>

#include "core/base/cpu.h"
#include "position_mask.h"
#include "position_shape.h"

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

/* Opens the readers; false if the bytes can't be positions. */
static bool open_readers(struct packed *p, const struct mask_part *parts, uint32_t count) {
    for (uint32_t k = 0; k < count; k++)
        if (!position_reader_init(&p->readers[k], parts[k].from, parts[k].to))
            return false;
    return true;
}

/* Measures parts, whose readers are known, as far as passages are asked for; all if `which` is NULL. False as above, or
 * if sizes are uncertain. */
static inline AVX512 bool measure_parts(struct quads *q, struct packed *p, const struct mask_part *parts,
                                        uint32_t count, const uint32_t *which, bool packs) {
    struct measure by = {.packs = packs};
    p->begins[0] = 0;
    p->longs = 0;
    memset(p->large, 0, sizeof p->large);
    for (uint32_t k = 0; k < count; which += which ? parts[k].n : 0, k++)
        if (!pack_part(p, &parts[k], k, which ? which[parts[k].n - 1] : parts[k].run->count - 1))
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

#endif
#endif
