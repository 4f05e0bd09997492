#include "doc_block.h"

#include "core/base/codec.h"
#include "core/base/cpu.h"
#include "core/base/lanes.h"

/* Part of what is compiled for each processor. */
#define INLINE static inline __attribute__((always_inline))

enum {
    N = BLOCK_DOCS,
    /* 128 low parts of this width still add up to less than 2^32. */
    GAP_WIDTH_MAX = 25,
    FREQ_WIDTH_MAX = 7,
    HEADER = 2,
    /* More frequencies than these that are not 1 are no shorter coded by themselves, and take longer. */
    REPEATS_MAX = 48,
    ALL_FREQS = 254,
    AS_VARINTS = 255,
    /* What frequencies may take of the bit string; the rest is ample for the others. */
    FREQ_BITS_MAX = UNARY_MAX / 2,
};

_Static_assert(N == PACK_COUNT, "a block's gaps are a packed block");

/* The best width for the numbers passed over, if r repeating documents lie at random in the block. */
static inline unsigned skip_width(unsigned r) {
    return r ? bit_width((uint32_t)(N * 3 / 4) / r) - 1 : 0;
}

/* ------------------------------------------------------------------------------------- writer -- */

/* How a block's frequencies are coded. */
struct freq_code {
    unsigned mode; /* the second byte */
    uint32_t count;
    unsigned skip_width, width;
    uint32_t skips[N];  /* documents between one with a frequency that is coded and the one before */
    uint32_t values[N]; /* frequencies less one or two */
    uint64_t bits;      /* of the bit string */
};

static void find_repeats(struct freq_code *c, const uint32_t *freqs) {
    uint32_t next = 0;
    c->count = 0;
    for (uint32_t i = 0; i < N && c->count <= REPEATS_MAX; i++) {
        c->skips[c->count] = i - next;
        c->values[c->count] = freqs[i] - 2;
        if (freqs[i] > 1) {
            next = i + 1;
            c->count++;
        }
    }
}

static void choose_code(struct freq_code *c, const uint32_t *freqs) {
    find_repeats(c, freqs);
    c->mode = c->count;
    c->skip_width = skip_width(c->count);
    if (c->count > REPEATS_MAX) {
        c->mode = ALL_FREQS;
        c->count = N;
        for (uint32_t i = 0; i < N; i++)
            c->values[i] = freqs[i] - 1;
    }
    c->width = rice_width(c->values, c->count, FREQ_WIDTH_MAX);
    c->bits = unary_size(c->values, c->count, c->width);
    if (c->bits > FREQ_BITS_MAX) {
        c->mode = AS_VARINTS;
        c->bits = 0;
    } else if (c->mode <= REPEATS_MAX) {
        c->bits += unary_size(c->skips, c->count, c->skip_width);
    }
}

static const uint32_t *low_parts(uint32_t *low, const uint32_t *in, uint32_t n, unsigned width) {
    for (uint32_t i = 0; i < n; i++)
        low[i] = in[i] & ((UINT32_C(1) << width) - 1);
    return low;
}

static uint8_t *put_low_block(uint8_t *p, const uint32_t *in, unsigned width) {
    uint32_t low[N];
    pack_block(p, low_parts(low, in, N, width), width);
    return p + packed_size(width);
}

static uint8_t *put_low_run(uint8_t *p, const uint32_t *in, uint32_t n, unsigned width) {
    uint32_t low[N];
    pack_run(p, low_parts(low, in, n, width), n, width);
    return p + run_size(n, width);
}

static uint8_t *put_low_freqs(uint8_t *p, const struct freq_code *c, const uint32_t *freqs) {
    switch (c->mode) {
    case ALL_FREQS: return put_low_block(p, c->values, c->width);
    case AS_VARINTS:
        for (uint32_t i = 0; i < N; i++)
            p += varint_put(p, freqs[i]);
        return p;
    default:
        p = put_low_run(p, c->skips, c->count, c->skip_width);
        return put_low_run(p, c->values, c->count, c->width);
    }
}

/* The most bytes that a block takes besides the bit string: header, gaps, frequencies, and what packing a run
 * overwrites.
 */
enum { BYTES_MAX = HEADER + 16 * GAP_WIDTH_MAX + N * VARINT_MAX + 8 };

void doc_block_put(struct buffer *out, const uint32_t *docs, const uint32_t *freqs, uint32_t start) {
    uint32_t gaps[N];
    struct freq_code c;
    gaps[0] = docs[0] - start;
    for (uint32_t i = 1; i < N; i++)
        gaps[i] = docs[i] - docs[i - 1] - 1;
    choose_code(&c, freqs);
    unsigned width = rice_width(gaps, N, GAP_WIDTH_MAX);
    size_t size = (size_t)(unary_size(gaps, N, width) + c.bits + 7) / 8;
    uint8_t *p = buffer_reserve(out, BYTES_MAX + size), *begin = p;
    if (!p)
        return;
    *p++ = (uint8_t)(width | c.width << 5);
    *p++ = (uint8_t)c.mode;
    p = put_low_block(p, gaps, width);
    p = put_low_freqs(p, &c, freqs);
    memset(p, 0, size);
    uint64_t at = unary_put(p, 0, gaps, N, width);
    if (c.mode <= REPEATS_MAX)
        at = unary_put(p, at, c.skips, c.count, c.skip_width);
    if (c.mode != AS_VARINTS)
        unary_put(p, at, c.values, c.count, c.width);
    out->len += (size_t)(p - begin) + size;
}

/* ------------------------------------------------------------------------------------- reader -- */

/* Document i is start + i + the sum of the gaps up to its own: of their low parts, which are in docs, and of their
 * rests, which are the zeros before one i of the bit string. Returns the sum of all low parts. */
INLINE uint32_t sum_gaps(uint32_t *docs, const uint16_t *places, unsigned width, uint32_t start) {
    half_lanes index = {0, 1, 2, 3, 4, 5, 6, 7};
    lanes carry = {start, start, start, start}, index0 = {0, 1, 2, 3}, index1 = {4, 5, 6, 7};
    for (uint32_t i = 0; i < N; i += 8) {
        half_lanes zeros = (half_lanes)lanes_load(places + i) - index;
        lanes low = lanes_sum(lanes_load(docs + i), &carry);
        lanes_store(docs + i, low + ((lanes_first(zeros) << width) + index0));
        low = lanes_sum(lanes_load(docs + i + 4), &carry);
        lanes_store(docs + i + 4, low + ((lanes_last(zeros) << width) + index1));
        index += 8;
        index0 += 8;
        index1 += 8;
    }
    return carry[0] - start;
}

/* The same where the gaps have no low parts: the bit string is a bitmap of documents. */
static void spread_bitmap(uint32_t *docs, const uint16_t *places, uint32_t start) {
    for (uint32_t i = 0; i < N; i++)
        docs[i] = start + places[i];
}

/* How many zeros stand before one i of a bit string; place[-1] is that of the one before the first. */
static inline uint32_t zeros_before(const uint16_t *places, uint32_t i) {
    return (uint32_t)(places[i] - (places - 1)[i] - 1);
}

static void get_all_freqs(uint32_t *freqs, const uint16_t *places, const uint8_t *low, unsigned width) {
    unpack_block(freqs, low, width);
    for (uint32_t i = 0; i < N; i += 8) {
        half_lanes zeros = (half_lanes)lanes_load(places + i) - (half_lanes)lanes_load(places + i - 1) - 1;
        lanes_store(freqs + i, lanes_load(freqs + i) + (lanes_first(zeros) << width) + 1);
        lanes_store(freqs + i + 4, lanes_load(freqs + i + 4) + (lanes_last(zeros) << width) + 1);
    }
}

/* `places` of the ones of the r numbers passed over, which those of the values follow. */
static inline bool get_repeats(uint32_t *freqs, const uint16_t *places, uint32_t r, const uint8_t *low,
                               unsigned value_width) {
    unsigned width = skip_width(r);
    const uint8_t *values = low + run_size(r, width);
    uint32_t doc = 0;
    for (uint32_t i = 0; i < N; i++)
        freqs[i] = 1;
    for (uint32_t i = 0; i < r; i++) {
        doc += (zeros_before(places, i) << width) + run_get(low, i, width);
        if (doc >= N)
            return false;
        uint32_t value = zeros_before(places + r, i) << value_width;
        if (value_width)
            value += run_get(values, i, value_width);
        freqs[doc++] = 2 + value;
    }
    return true;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define HAS_WIDE 1
#define WIDE     __attribute__((target("bmi,bmi2,popcnt,avx512f,avx512bw,avx512vl,avx512cd,avx512dq"))) static

/* As sum_gaps, sixteen documents at a time. Not part of its caller, which would have a wide register in use when it
 * calls what is compiled for any processor: that takes long then. */
WIDE NOINLINE uint32_t sum_gaps_wide(uint32_t *docs, const uint16_t *places, unsigned width, uint32_t start) {
    const __m512i none = _mm512_setzero_si512(), last = _mm512_set1_epi32(15), next = _mm512_set1_epi32(16);
    const __m128i by = _mm_cvtsi32_si128((int)width);
    __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i carry = _mm512_set1_epi32((int)start);
    for (uint32_t i = 0; i < N; i += 16, index = _mm512_add_epi32(index, next)) {
        __m512i zeros = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(places + i)));
        zeros = _mm512_sll_epi32(_mm512_sub_epi32(zeros, index), by);
        __m512i sums = _mm512_loadu_si512(docs + i);
        sums = _mm512_add_epi32(sums, _mm512_alignr_epi32(sums, none, 15));
        sums = _mm512_add_epi32(sums, _mm512_alignr_epi32(sums, none, 14));
        sums = _mm512_add_epi32(sums, _mm512_alignr_epi32(sums, none, 12));
        sums = _mm512_add_epi32(sums, _mm512_alignr_epi32(sums, none, 8));
        zeros = _mm512_add_epi32(_mm512_add_epi32(zeros, index), carry);
        _mm512_storeu_si512(docs + i, _mm512_add_epi32(sums, zeros));
        carry = _mm512_add_epi32(carry, _mm512_permutexvar_epi32(last, sums));
    }
    return (uint32_t)_mm_cvtsi128_si32(_mm512_castsi512_si128(carry)) - start;
}

/* Eight numbers with low parts of at most 8 bits, from number i of a run on, a multiple of 8; and with `places` of the
 * ones of the rest. */
WIDE __m256i eight_numbers(const uint8_t *low, const uint16_t *places, uint32_t i, unsigned width) {
    const uint64_t mask = UINT64_C(0x0101010101010101) * ((UINT64_C(1) << width) - 1);
    __m256i parts = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)_pdep_u64(load_u64(low + i / 8 * width), mask)));
    __m128i ones = _mm_loadu_si128((const __m128i *)(const void *)(places + i)),
            before = _mm_loadu_si128((const __m128i *)(const void *)(places + i - 1));
    __m128i zeros = _mm_sub_epi16(_mm_sub_epi16(ones, before), _mm_set1_epi16(1));
    return _mm256_add_epi32(_mm256_sll_epi32(_mm256_cvtepu16_epi32(zeros), _mm_cvtsi32_si128((int)width)), parts);
}

/* As get_repeats, eight at a time. */
WIDE bool get_repeats_wide(uint32_t *freqs, const uint16_t *places, uint32_t r, const uint8_t *low,
                           unsigned value_width) {
    const __m256i none = _mm256_setzero_si256(), one = _mm256_set1_epi32(1), end = _mm256_set1_epi32(N);
    const unsigned width = skip_width(r);
    const uint8_t *values = low + run_size(r, width);
    __m256i carry = _mm256_set1_epi32(-1); /* the document of the last one */
    for (uint32_t i = 0; i < N; i++)
        freqs[i] = 1;
    for (uint32_t i = 0; i < r; i += 8) {
        const __mmask8 there = (__mmask8)(r - i < 8 ? (1U << (r - i)) - 1 : UINT8_MAX);
        __m256i docs = _mm256_add_epi32(eight_numbers(low, places, i, width), one);
        docs = _mm256_add_epi32(docs, _mm256_alignr_epi32(docs, none, 7));
        docs = _mm256_add_epi32(docs, _mm256_alignr_epi32(docs, none, 6));
        docs = _mm256_add_epi32(docs, _mm256_alignr_epi32(docs, none, 4));
        docs = _mm256_add_epi32(docs, carry);
        carry = _mm256_permutevar8x32_epi32(docs, _mm256_set1_epi32(7));
        if (_mm256_mask_cmpge_epu32_mask(there, docs, end))
            return false;
        __m256i freq = _mm256_add_epi32(eight_numbers(values, places + r, i, value_width), _mm256_set1_epi32(2));
        _mm256_mask_i32scatter_epi32(freqs, there, docs, freq, sizeof *freqs);
    }
    return true;
}
#else
#define HAS_WIDE         0
#define sum_gaps_wide    sum_gaps
#define get_repeats_wide get_repeats
#endif

INLINE bool get_docs(uint32_t *docs, const uint16_t *places, const uint8_t *low, unsigned width, uint64_t start,
                     uint32_t last, bool wide) {
    uint64_t end = start + (N - 1) + ((uint64_t)(places[N - 1] - (N - 1)) << width);
    if (width == 0) {
        spread_bitmap(docs, places, (uint32_t)start);
        return end == last;
    }
    unpack_block(docs, low, width);
    /* No part falls from one document to the next, so none of them leaves 32 bits if the last one doesn't. */
    uint32_t sum =
        wide ? sum_gaps_wide(docs, places, width, (uint32_t)start) : sum_gaps(docs, places, width, (uint32_t)start);
    return end + sum == last;
}

static bool get_varints(uint32_t *freqs, const uint8_t *in, const uint8_t *end, size_t *size) {
    const uint8_t *next = in;
    for (uint32_t i = 0; i < N; i++)
        if (!varint_get_u32(&next, end, &freqs[i]) || freqs[i] == 0)
            return false;
    *size = (size_t)(next - in);
    return true;
}

INLINE bool get_block(uint32_t *docs, uint32_t *freqs, const uint8_t *in, const uint8_t *end, uint64_t start,
                      uint32_t last, bool wide) {
    uint16_t places[2 * N + UNARY_ROOM];
    if (end - in < HEADER)
        return false;
    unsigned width = in[0] & 31, freq_width = in[0] >> 5, mode = in[1];
    const uint8_t *low = in + HEADER;
    if (width > GAP_WIDTH_MAX || packed_size(width) > (size_t)(end - low))
        return false;
    const uint8_t *low_freqs = low + packed_size(width);
    size_t size = 0, ones = N;
    if (mode <= REPEATS_MAX) {
        size = run_size(mode, skip_width(mode)) + run_size(mode, freq_width);
        ones += 2 * (size_t)mode;
    } else if (mode == ALL_FREQS) {
        size = packed_size(freq_width);
        ones += N;
    } else if (mode != AS_VARINTS || !get_varints(freqs, low_freqs, end, &size)) {
        return false;
    }
    if (size > (size_t)(end - low_freqs) || !unary_find(places, ones, low_freqs + size, end) ||
        !get_docs(docs, places, low, width, start, last, wide))
        return false;
    if (mode == ALL_FREQS)
        get_all_freqs(freqs, places + N, low_freqs, freq_width);
    if (mode > REPEATS_MAX)
        return true;
    return wide ? get_repeats_wide(freqs, places + N, mode, low_freqs, freq_width)
                : get_repeats(freqs, places + N, mode, low_freqs, freq_width);
}

FOR_EACH_CPU bool doc_block_get_lanes(uint32_t *docs, uint32_t *freqs, const uint8_t *in, const uint8_t *end,
                                      uint64_t start, uint32_t last) {
    return get_block(docs, freqs, in, end, start, last, false);
}

#if HAS_WIDE
WIDE bool get_wide(uint32_t *docs, uint32_t *freqs, const uint8_t *in, const uint8_t *end, uint64_t start,
                   uint32_t last) {
    return get_block(docs, freqs, in, end, start, last, true);
}

bool doc_block_get(uint32_t *docs, uint32_t *freqs, const uint8_t *in, const uint8_t *end, uint64_t start,
                   uint32_t last) {
    return cpu_has_avx512() ? get_wide(docs, freqs, in, end, start, last)
                            : doc_block_get_lanes(docs, freqs, in, end, start, last);
}
#else
bool doc_block_get(uint32_t *docs, uint32_t *freqs, const uint8_t *in, const uint8_t *end, uint64_t start,
                   uint32_t last) {
    return doc_block_get_lanes(docs, freqs, in, end, start, last);
}
#endif
