/* Positions in several passages of a run at once. Where the processor has what it takes, sizes are worked out for 16
 * passages at a time, and positions for 8: the numbers are divided as doubles, which is exact below 2^52, and the rest
 * is what positions.c does, in 32 bits. The scalar twin is position_read. */
#include "positions.h"

#include "position_shape.h"

/* For so few that are far apart, one after the other is faster. */
enum { FEW = 2 };

static bool pick_each(struct position_reader *r, const struct position_run *run, const uint32_t *which, uint32_t n,
                      uint32_t *out) {
    for (uint32_t i = 0; i < n; out += run->freqs[which[i++]])
        if (!position_read(r, run, which[i], out))
            return false;
    return true;
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("bmi,bmi2,lzcnt,popcnt,avx,avx2,fma,avx512f,avx512bw,avx512vl,avx512cd,avx512dq")

/* What is known of the fours of a run, as far as it was located. */
struct fours {
    uint32_t sets[POSITION_RUN_MAX];           /* how many there are of each passage */
    uint64_t pairs[POSITION_RUN_MAX / 2];      /* of each two */
    uint32_t starts[POSITION_RUN_MAX / 4 + 1]; /* bits before each four */
    uint32_t first[POSITION_RUN_MAX / 4];      /* bits of its number, or of that of its first two */
    uint32_t second[POSITION_RUN_MAX / 4];     /* of that of the last two; 0: it has one number */
};

#define THIRD 0xaaaaaaabU /* 3 times it is 1, modulo 2^32 */

/* C(p, 2), C(p, 3) from it and C(p, 4) from that, for p <= POSITION_BOUND + 1. */
static inline __m512i pairs_below(__m512i p) {
    return _mm512_srli_epi32(_mm512_mullo_epi32(p, _mm512_sub_epi32(p, _mm512_set1_epi32(1))), 1);
}

static inline __m512i triples_below(__m512i p, __m512i pairs) {
    pairs = _mm512_mullo_epi32(pairs, _mm512_sub_epi32(p, _mm512_set1_epi32(2)));
    return _mm512_mullo_epi32(pairs, _mm512_set1_epi32((int)THIRD));
}

static inline __m512i fours_below(__m512i p, __m512i triples) {
    return _mm512_srli_epi32(_mm512_mullo_epi32(triples, _mm512_sub_epi32(p, _mm512_set1_epi32(3))), 2);
}

/* How many sets there are of so many positions below a bound, 1 if they are not numbered; the bound is POSITION_BOUND
 * at most. */
static inline __m512i count_sets(__m512i freqs, __m512i bounds) {
    const __m512i one = _mm512_set1_epi32(1);
    __m512i two = pairs_below(bounds), three = triples_below(bounds, two), four = fours_below(bounds, three);
    __m512i sets = _mm512_mask_mov_epi32(one, _mm512_cmpeq_epi32_mask(freqs, one), bounds);
    sets = _mm512_mask_mov_epi32(sets, _mm512_cmpeq_epi32_mask(freqs, _mm512_set1_epi32(2)), two);
    sets = _mm512_mask_mov_epi32(sets, _mm512_cmpeq_epi32_mask(freqs, _mm512_set1_epi32(3)), three);
    return _mm512_mask_mov_epi32(sets, _mm512_cmpeq_epi32_mask(freqs, _mm512_set1_epi32(4)), four);
}

/* Bits of numbers below n. */
static inline __m512i bits_below(__m512i n) {
    n = _mm512_sub_epi64(_mm512_add_epi64(n, n), _mm512_set1_epi64(1));
    return _mm512_sub_epi64(_mm512_set1_epi64(63), _mm512_lzcnt_epi64(n));
}

/* The first of each two numbers of 64 bits, as 32 bits. */
static inline __m128i every_other(__m512i v) {
    __m256i both = _mm512_cvtepi64_epi32(v);
    return _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(both, _mm256_setr_epi32(0, 2, 4, 6, 0, 0, 0, 0)));
}

/* The fours from `quad` on, four of them, of which the sets are known. */
static inline void join_fours(struct fours *f, uint32_t quad, __m512i sets) {
    __m512i pairs = _mm512_mul_epu32(sets, _mm512_srli_epi64(sets, 32)), others = _mm512_shuffle_epi32(pairs, 0x4e);
    __m512i bits = bits_below(pairs), other_bits = _mm512_shuffle_epi32(bits, 0x4e);
    __m512i all = _mm512_mullo_epi64(pairs, others);
    /* If the bits are so few, the product has not left 64 bits. */
    __mmask8 joint = _mm512_cmplt_epu64_mask(_mm512_add_epi64(bits, other_bits), _mm512_set1_epi64(JOINT_BITS + 4)) &
                     _mm512_cmplt_epu64_mask(all, _mm512_set1_epi64(INT64_C(1) << JOINT_BITS));
    _mm512_storeu_si512(f->pairs + 2 * quad, pairs);
    _mm_storeu_si128((__m128i *)(void *)(f->first + quad),
                     every_other(_mm512_mask_mov_epi64(bits, joint, bits_below(all))));
    _mm_storeu_si128((__m128i *)(void *)(f->second + quad),
                     every_other(_mm512_maskz_mov_epi64((__mmask8)~joint, other_bits)));
}

/* Bits of those of 16 passages that have more positions than a set, for each four. */
static inline void add_rests(uint32_t *sums, __mmask16 rest, __m512i freqs, __m512i bounds) {
    if (_mm512_mask_cmpgt_epu32_mask(rest, freqs, _mm512_set1_epi32(REST_TABLE))) {
        uint32_t f[16], b[16];
        _mm512_storeu_si512(f, freqs);
        _mm512_storeu_si512(b, bounds);
        for (uint32_t bits = rest; bits; bits &= bits - 1) {
            uint32_t k = (uint32_t)__builtin_ctz(bits);
            sums[k / 4] += position_rest_size(f[k], b[k]);
        }
        return;
    }
    __m512i row = _mm512_sub_epi32(freqs, _mm512_set1_epi32(1));
    __m512i at = _mm512_add_epi32(_mm512_mullo_epi32(row, _mm512_set1_epi32(POSITION_BOUND + 1)), bounds);
    __m512i sizes = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), rest, at, position_rest_bits, 1);
    sizes = _mm512_and_si512(sizes, _mm512_set1_epi32(255));
    sizes = _mm512_add_epi32(sizes, _mm512_srli_epi64(sizes, 32));
    sizes = _mm512_add_epi32(sizes, _mm512_shuffle_epi32(sizes, 0x4e));
    _mm_storeu_si128((__m128i *)(void *)sums, every_other(sizes));
}

/* Finds the fours up to that of passage `last`. False if the passages don't have as many positions, or if one is too
 * long for this. */
static bool locate(struct fours *f, const struct position_reader *r, const struct position_run *run, uint32_t last) {
    const __m512i slack = _mm512_set1_epi32((int)r->slack), most = _mm512_set1_epi32(POSITION_BOUND);
    __mmask16 bad = 0;
    f->starts[0] = (uint32_t)r->at;
    for (uint32_t i = 0; i <= last; i += 16) {
        __mmask16 there = (__mmask16)(run->count - i < 16 ? (1U << (run->count - i)) - 1 : UINT16_MAX);
        __m512i freqs = _mm512_maskz_loadu_epi32(there, run->freqs + i);
        __m512i lengths = _mm512_maskz_loadu_epi32(there, run->lengths + i), bounds = _mm512_add_epi32(lengths, slack);
        __m512i sets = count_sets(freqs, bounds);
        uint32_t many[4] = {0};
        bad |= _mm512_cmpgt_epu32_mask(freqs, lengths) | _mm512_cmpgt_epu32_mask(bounds, most);
        if (bad)
            return false;
        _mm512_storeu_si512(f->sets + i, sets);
        join_fours(f, i / 4, sets);
        __mmask16 rest = _mm512_cmpgt_epu32_mask(freqs, _mm512_set1_epi32(SET_MAX));
        if (rest)
            add_rests(many, rest, freqs, bounds);
        for (uint32_t q = i / 4; q < i / 4 + 4; q++)
            f->starts[q + 1] = f->starts[q] + f->first[q] + f->second[q] + many[q % 4];
    }
    return f->starts[last / QUAD + 1] <= r->end;
}

/* Eight passages as they are read. */
struct eight {
    __m256i index, quad, place; /* in the run; its four, and the place in that */
    __m256i freqs, bounds;
    __m256i numbers; /* of their sets */
    __mmask8 large;  /* those whose numbers are too large for this */
};

static inline __m256i look_up(const uint32_t *table, __m256i index) {
    return _mm256_i32gather_epi32((const int *)(const void *)table, index, 4);
}

static inline __m512i quotient(__m512i a, __m512i b) {
    return _mm512_cvttpd_epu64(_mm512_div_pd(_mm512_cvtepu64_pd(a), _mm512_cvtepu64_pd(b)));
}

/* Takes the numbers of eight sets apart; false if they are none. */
static inline bool read_numbers(struct eight *e, const struct fours *f, const uint8_t *bits) {
    const __m256i one = _mm256_set1_epi32(1), two = _mm256_set1_epi32(2);
    __m256i first = look_up(f->first, e->quad), second = look_up(f->second, e->quad);
    __mmask8 joint = _mm256_testn_epi32_mask(second, second), behind = _mm256_test_epi32_mask(e->place, two);
    __mmask8 apart = (__mmask8)(behind & ~joint);
    __m256i start = _mm256_add_epi32(look_up(f->starts, e->quad), _mm256_maskz_mov_epi32(apart, first));
    __m512i at = _mm512_cvtepu32_epi64(start),
            width = _mm512_cvtepu32_epi64(_mm256_mask_mov_epi32(first, apart, second));
    __m512i word = _mm512_i64gather_epi64(_mm512_srli_epi64(at, 3), bits, 1);
    word = _mm512_srlv_epi64(word, _mm512_and_si512(at, _mm512_set1_epi64(7)));
    __m512i number = _mm512_andnot_si512(_mm512_sllv_epi64(_mm512_set1_epi64(-1), width), word);
    __m256i pair = _mm256_srli_epi32(e->index, 1);
    __m512i front = _mm512_i32gather_epi64(_mm256_slli_epi32(e->quad, 1), f->pairs, 8);
    __m512i own = _mm512_i32gather_epi64(pair, f->pairs, 8);
    __m512i high = quotient(number, front);
    number = _mm512_mask_mov_epi64(number, (__mmask8)(joint & behind), high);
    number = _mm512_mask_sub_epi64(number, (__mmask8)(joint & ~behind), number, _mm512_mullo_epi64(high, front));
    if (_mm512_cmpge_epu64_mask(number, own))
        return false;
    e->large = _mm512_cmpge_epu64_mask(own, _mm512_set1_epi64(INT64_C(1) << JOINT_BITS));
    front = _mm512_cvtepu32_epi64(look_up(f->sets, _mm256_slli_epi32(pair, 1)));
    high = quotient(number, front);
    __mmask8 odd = _mm256_test_epi32_mask(e->index, one);
    number = _mm512_sub_epi64(number, _mm512_mullo_epi64(high, front));
    e->numbers = _mm512_cvtepi64_epi32(_mm512_mask_mov_epi64(number, odd, high));
    return true;
}

static inline __m256i choose_3(__m256i p) {
    const __m256i one = _mm256_set1_epi32(1);
    __m256i q = _mm256_sub_epi32(p, one), pairs = _mm256_srli_epi32(_mm256_mullo_epi32(p, q), 1);
    pairs = _mm256_mullo_epi32(pairs, _mm256_sub_epi32(q, one));
    return _mm256_mullo_epi32(pairs, _mm256_set1_epi32((int)THIRD));
}

static inline __m256i choose_4(__m256i p) {
    __m256i product = _mm256_mullo_epi32(choose_3(p), _mm256_sub_epi32(p, _mm256_set1_epi32(3)));
    return _mm256_srli_epi32(product, 2);
}

/* As cube_root in positions.c. */
static inline __m256 cube_roots(__m256 x) {
    const __m256i third = _mm256_set1_epi32((int)THIRD);
    __m256i bits = _mm256_castps_si256(x);
    __m256i even = _mm256_srli_epi64(_mm256_mul_epu32(bits, third), 33);
    __m256i odd = _mm256_srli_epi64(_mm256_mul_epu32(_mm256_srli_epi64(bits, 32), third), 33);
    bits = _mm256_add_epi32(_mm256_or_si256(even, _mm256_slli_epi64(odd, 32)), _mm256_set1_epi32(CUBE_ROOT_BITS));
    __m256 y = _mm256_castsi256_ps(bits), two = _mm256_set1_ps(2);
    __m256 sum = _mm256_add_ps(_mm256_mul_ps(two, y), _mm256_div_ps(x, _mm256_mul_ps(y, y)));
    return _mm256_mul_ps(sum, _mm256_set1_ps(1.0F / 3));
}

/* As take_last there, for the lanes that are chosen; `least` is k - 1. */
#define TAKE_LAST(lanes, root, choose, least)                                                                          \
    __m256i p = _mm256_max_epu32(_mm256_cvttps_epi32(root), _mm256_set1_epi32(least));                                 \
    p = _mm256_mask_sub_epi32(p, _mm256_cmpgt_epu32_mask(choose(p), e->numbers), p, one);                              \
    __m256i next = _mm256_add_epi32(p, one);                                                                           \
    __mmask8 up = _mm256_cmple_epu32_mask(choose(next), e->numbers);                                                   \
    up &= _mm256_cmplt_epu32_mask(p, _mm256_set1_epi32(POSITION_BOUND));                                               \
    p = _mm256_mask_mov_epi32(p, up, next);                                                                            \
    e->numbers = _mm256_mask_sub_epi32(e->numbers, lanes, e->numbers, choose(p));                                      \
    e->bounds = _mm256_mask_mov_epi32(e->bounds, lanes, p);                                                            \
    return p

static inline __m256i take_fourths(struct eight *e, __mmask8 lanes) {
    const __m256i one = _mm256_set1_epi32(1);
    __m256 x = _mm256_mul_ps(_mm256_cvtepi32_ps(e->numbers), _mm256_set1_ps(24));
    __m256 root = _mm256_add_ps(_mm256_sqrt_ps(_mm256_sqrt_ps(x)), _mm256_set1_ps(1.4F));
    TAKE_LAST(lanes, root, choose_4, 3);
}

static inline __m256i take_thirds(struct eight *e, __mmask8 lanes) {
    const __m256i one = _mm256_set1_epi32(1);
    __m256 x = _mm256_mul_ps(_mm256_cvtepi32_ps(e->numbers), _mm256_set1_ps(6));
    __m256 root = _mm256_add_ps(cube_roots(x), _mm256_set1_ps(0.9F));
    TAKE_LAST(lanes, root, choose_3, 2);
}

/* The positions of the eight sets, four of each, of which as many as it has count. */
static inline void read_sets(struct eight *e, uint32_t (*out)[4]) {
    const __m256i one = _mm256_set1_epi32(1);
    __m256i last[2] = {one, one};
    __mmask8 three = _mm256_cmpge_epu32_mask(e->freqs, _mm256_set1_epi32(3));
    __mmask8 four = _mm256_cmpge_epu32_mask(e->freqs, _mm256_set1_epi32(4));
    if (four)
        last[1] = take_fourths(e, four);
    if (three)
        last[0] = take_thirds(e, three);
    __m256i row = _mm256_cvttps_epi32(_mm256_div_ps(_mm256_cvtepi32_ps(e->numbers), _mm256_cvtepi32_ps(e->bounds)));
    __m256i column = _mm256_sub_epi32(e->numbers, _mm256_mullo_epi32(row, e->bounds));
    __m256i length = _mm256_sub_epi32(_mm256_sub_epi32(e->bounds, one), row);
    __mmask8 mirrored = _mm256_cmpge_epu32_mask(column, length);
    __m256i a = _mm256_mask_sub_epi32(row, mirrored, length, one);
    column = _mm256_mask_sub_epi32(column, mirrored, column, length);
    __m256i b = _mm256_add_epi32(_mm256_add_epi32(a, one), column);
    a = _mm256_mask_mov_epi32(a, _mm256_cmpeq_epi32_mask(e->freqs, one), e->numbers);
    __m256i low_ab = _mm256_unpacklo_epi32(a, b), high_ab = _mm256_unpackhi_epi32(a, b);
    __m256i low_cd = _mm256_unpacklo_epi32(last[0], last[1]), high_cd = _mm256_unpackhi_epi32(last[0], last[1]);
    const __m256i rows[4] = {_mm256_unpacklo_epi64(low_ab, low_cd), _mm256_unpackhi_epi64(low_ab, low_cd),
                             _mm256_unpacklo_epi64(high_ab, high_cd), _mm256_unpackhi_epi64(high_ab, high_cd)};
    for (uint32_t i = 0; i < 4; i++) {
        _mm_storeu_si128((__m128i *)(void *)out[i], _mm256_castsi256_si128(rows[i]));
        _mm_storeu_si128((__m128i *)(void *)out[i + 4], _mm256_extracti128_si256(rows[i], 1));
    }
}

/* Where positions that are more than a set's stand. */
static inline uint64_t rest_start(const struct fours *f, const struct position_run *run, uint32_t slack,
                                  uint32_t passage) {
    uint32_t quad = passage / QUAD, at = f->starts[quad] + f->first[quad] + f->second[quad];
    for (uint32_t i = quad * QUAD; i < passage; i++)
        at += run->freqs[i] > SET_MAX ? position_rest_size(run->freqs[i], run->lengths[i] + slack) : 0;
    return at;
}

/* What of the positions of eight passages is not in sets of four. */
struct rests {
    __mmask8 lone, many;         /* those with a few more, and with many */
    uint32_t lones[8][LONE_MAX]; /* from number SET_MAX on */
    uint64_t starts[8];          /* of the many */
};

/* Reads the few more; what is left of them are numbers of sets. */
static bool read_lones(struct rests *rests, struct eight *e, const struct fours *f, const struct position_reader *r,
                       const struct position_run *run, const uint32_t *which, __mmask8 there) {
    __mmask8 all = _mm256_mask_cmpgt_epu32_mask(there, e->freqs, _mm256_set1_epi32(SET_MAX));
    rests->many = _mm256_mask_cmpgt_epu32_mask(there, e->freqs, _mm256_set1_epi32(LONE_MAX));
    rests->lone = (__mmask8)(all & ~rests->many);
    for (uint32_t bits = all; bits; bits &= bits - 1) {
        uint32_t k = (uint32_t)__builtin_ctz(bits), passage = which[k], freq = run->freqs[passage];
        rests->starts[k] = rest_start(f, run, r->slack, passage);
        if (freq > LONE_MAX)
            continue;
        uint32_t number =
            position_read_lone(r->bits, rests->starts[k], freq, run->lengths[passage] + r->slack, rests->lones[k]);
        if (number == UINT32_MAX)
            return false;
        e->numbers = _mm256_mask_set1_epi32(e->numbers, (__mmask8)(1U << k), (int)number);
    }
    return true;
}

/* A passage whose number is too large for this. */
static bool read_large(const struct position_reader *r, const struct position_run *run, const struct fours *f,
                       uint32_t passage, uint32_t *out) {
    struct position_reader here = *r;
    here.quad = passage / QUAD;
    here.at = f->starts[here.quad];
    return position_read(&here, run, passage, out);
}

/* Up to eight passages; returns the end of what was read, NULL if it is broken. */
static uint32_t *pick_eight(const struct position_reader *r, const struct position_run *run, const struct fours *f,
                            const uint32_t *which, uint32_t n, uint32_t *out) {
    uint32_t positions[8][4];
    __mmask8 there = (__mmask8)((1U << n) - 1);
    struct eight e = {.index = _mm256_maskz_loadu_epi32(there, which)};
    struct rests rests;
    e.quad = _mm256_srli_epi32(e.index, 2);
    e.place = _mm256_and_si256(e.index, _mm256_set1_epi32(3));
    e.freqs = look_up(run->freqs, e.index);
    e.bounds = _mm256_add_epi32(look_up(run->lengths, e.index), _mm256_set1_epi32((int)r->slack));
    if (!read_numbers(&e, f, r->bits) || !read_lones(&rests, &e, f, r, run, which, there))
        return NULL;
    read_sets(&e, positions);
    for (uint32_t k = 0; k < n; out += run->freqs[which[k++]]) {
        uint32_t i = which[k], bound = run->lengths[i] + r->slack;
        memcpy(out, positions[k], sizeof positions[k]);
        if (rests.lone >> k & 1) /* room for 3 more is enough */
            memcpy(out + SET_MAX, rests.lones[k] + SET_MAX, SET_MAX * sizeof *out);
        if (rests.many >> k & 1 && !position_read_rest(r->bits, rests.starts[k], run->freqs[i], bound, out))
            return NULL;
        if (e.large >> k & 1 && !read_large(r, run, f, i, out))
            return NULL;
    }
    return out;
}

static bool pick_avx512(struct position_reader *r, const struct position_run *run, const uint32_t *which, uint32_t n,
                        uint32_t *out) {
    struct fours f;
    if (n <= FEW || !locate(&f, r, run, which[n - 1]))
        return pick_each(r, run, which, n, out);
    for (uint32_t i = 0; i < n && out; i += 8)
        out = pick_eight(r, run, &f, which + i, n - i < 8 ? n - i : 8, out);
    return out != NULL;
}

#pragma GCC pop_options

static bool can_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq");
}
#else
#define pick_avx512 pick_each
static bool can_avx512(void) {
    return false;
}
#endif

bool positions_pick(struct position_reader *r, const struct position_run *run, const uint32_t *which, uint32_t n,
                    uint32_t *out) {
    return (can_avx512() ? pick_avx512 : pick_each)(r, run, which, n, out);
}
