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
#include "position_lanes.h"

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
