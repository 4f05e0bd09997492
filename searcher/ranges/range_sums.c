#include "range_sums.h"

#include "core/base/cpu.h"

FOR_EACH_CPU static void fill_row(uint16_t *row, const float *norms, float freq) {
    for (unsigned i = 0; i < LENGTH_CLASSES; i++) {
        /* The factor makes up for what rounding takes. */
        uint32_t impact = (uint32_t)(freq / (freq + norms[i]) * (UINT16_MAX * 1.000001F)) + 1;
        row[i] = (uint16_t)(impact < UINT16_MAX ? impact : UINT16_MAX);
    }
}

void impact_table_fill(impact_table *t, const float *norms) {
    memset(t->of[0], 0, sizeof t->of[0]);
    for (unsigned freq = 1; freq < IMPACT_FREQS; freq++)
        fill_row(t->of[freq], norms, (float)freq);
}

static void add_scalar(uint16_t *sums, struct range_lengths *lengths, const impact_table *table,
                       const struct chunk_masks *postings, struct word_units word) {
    for (unsigned i = 0; i < RANGE_DOCS; i++) {
        unsigned w = i / 64, bit = i % 64, freq = 1;
        if (!((postings->set[w] & ~postings->above[2][w]) >> bit & 1))
            continue;
        freq += (unsigned)(postings->above[0][w] >> bit & 1) + (unsigned)(postings->above[1][w] >> bit & 1);
        sums[i] = (uint16_t)(sums[i] + word_units_of(word, table->of[freq][lengths->classes[i]]));
    }
}

#if defined(__x86_64__) || defined(__aarch64__)
typedef void look_up_impacts(uint16_t *out, const uint16_t *row, const uint8_t *classes);

static inline const uint16_t *impacts_of(struct range_lengths *lengths, const impact_table *table, unsigned freq,
                                         look_up_impacts *look_up) {
    if (!(lengths->known >> freq & 1))
        look_up(lengths->impacts[freq], table->of[freq], lengths->classes);
    lengths->known |= 1U << freq;
    return lengths->impacts[freq];
}

/* Of the frequencies 1, 2 and 3; NULL where no posting has it. */
struct impacts {
    const uint16_t *of[3];
};

static inline struct impacts impacts_for(struct range_lengths *lengths, const impact_table *table,
                                         const struct chunk_masks *postings, look_up_impacts *look_up) {
    struct impacts all = {{impacts_of(lengths, table, 1, look_up), NULL, NULL}};
    for (unsigned p = 0; p < 2; p++)
        if (postings->above[p][0] | postings->above[p][1])
            all.of[p + 1] = impacts_of(lengths, table, p + 2, look_up);
    return all;
}

static void look_up_plainly(uint16_t *out, const uint16_t *row, const uint8_t *classes) {
    for (unsigned i = 0; i < RANGE_DOCS; i++)
        out[i] = row[classes[i]];
}

#endif

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512bw"))) static void look_up_avx512(uint16_t *out, const uint16_t *row,
                                                               const uint8_t *classes) {
    __m512i part[LENGTH_CLASSES / 32];
    for (unsigned i = 0; i < LENGTH_CLASSES / 32; i++)
        part[i] = _mm512_loadu_si512(row + 32 * i);
    for (unsigned i = 0; i < RANGE_DOCS; i += 32) {
        __m512i class = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(const void *)(classes + i)));
        __mmask32 odd = _mm512_test_epi16_mask(class, _mm512_set1_epi16(64));
        __mmask32 high = _mm512_test_epi16_mask(class, _mm512_set1_epi16(128));
        __m512i a = _mm512_permutex2var_epi16(part[0], class, part[1]);
        __m512i b = _mm512_permutex2var_epi16(part[2], class, part[3]);
        __m512i c = _mm512_permutex2var_epi16(part[4], class, part[5]);
        __m512i d = _mm512_permutex2var_epi16(part[6], class, part[7]);
        a = _mm512_mask_mov_epi16(a, odd, b);
        c = _mm512_mask_mov_epi16(c, odd, d);
        _mm512_storeu_si512(out + i, _mm512_mask_mov_epi16(a, high, c));
    }
}

__attribute__((target("avx512bw"))) static void add_avx512(uint16_t *sums, struct range_lengths *lengths,
                                                           const impact_table *table,
                                                           const struct chunk_masks *postings, struct word_units word) {
    const struct impacts impacts = impacts_for(lengths, table, postings, look_up_avx512);
    const __m512i weight = _mm512_set1_epi16((short)word.weight), max = _mm512_set1_epi16((short)word.max);
    for (unsigned i = 0; i < RANGE_DOCS; i += 32) {
        unsigned w = i / 64, bit = i % 64;
        __m512i impact = _mm512_loadu_si512(impacts.of[0] + i), sum = _mm512_loadu_si512(sums + i);
        for (unsigned p = 0; p < 2; p++)
            if (impacts.of[p + 1])
                impact =
                    _mm512_mask_loadu_epi16(impact, (__mmask32)(postings->above[p][w] >> bit), impacts.of[p + 1] + i);
        __m512i units = _mm512_add_epi16(_mm512_mulhi_epu16(impact, weight), _mm512_set1_epi16(1));
        __mmask32 here = (__mmask32)((postings->set[w] & ~postings->above[2][w]) >> bit);
        _mm512_storeu_si512(sums + i, _mm512_mask_add_epi16(sum, here, sum, _mm512_min_epu16(units, max)));
    }
}

/* All ones in lane i where bit i is set, of 16. */
__attribute__((target("avx2"))) static inline __m256i spread_avx2(uint64_t bits) {
    const __m256i each =
        _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, INT16_MIN);
    return _mm256_cmpeq_epi16(_mm256_and_si256(_mm256_set1_epi16((short)bits), each), each);
}

__attribute__((target("avx2"))) static inline __m256i load_avx2(const uint16_t *p) {
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

__attribute__((target("avx2"))) static void add_avx2(uint16_t *sums, struct range_lengths *lengths,
                                                     const impact_table *table, const struct chunk_masks *postings,
                                                     struct word_units word) {
    const struct impacts impacts = impacts_for(lengths, table, postings, look_up_plainly);
    const __m256i weight = _mm256_set1_epi16((short)word.weight), max = _mm256_set1_epi16((short)word.max);
    for (unsigned i = 0; i < RANGE_DOCS; i += 16) {
        unsigned w = i / 64, bit = i % 64;
        __m256i impact = load_avx2(impacts.of[0] + i);
        for (unsigned p = 0; p < 2; p++)
            if (impacts.of[p + 1])
                impact = _mm256_blendv_epi8(impact, load_avx2(impacts.of[p + 1] + i),
                                            spread_avx2(postings->above[p][w] >> bit));
        __m256i units = _mm256_add_epi16(_mm256_mulhi_epu16(impact, weight), _mm256_set1_epi16(1));
        units = _mm256_and_si256(_mm256_min_epu16(units, max),
                                 spread_avx2((postings->set[w] & ~postings->above[2][w]) >> bit));
        _mm256_storeu_si256((__m256i *)(void *)(sums + i), _mm256_add_epi16(load_avx2(sums + i), units));
    }
}

add_units *const *add_units_all(void) {
    static add_units *const all[] = {add_avx512, add_avx2, add_scalar, NULL};
    if (!cpu_has_avx2())
        return all + 2;
    return cpu_has_avx512() ? all : all + 1;
}
#elif defined(__aarch64__)
#include <arm_neon.h>

/* All ones in lane i where bit i is set, of 8. */
static inline uint16x8_t spread_neon(uint64_t bits) {
    static const uint16_t each[] = {1, 2, 4, 8, 16, 32, 64, 128};
    return vtstq_u16(vdupq_n_u16((uint16_t)bits), vld1q_u16(each));
}

static inline uint16x8_t multiply_high(uint16x8_t a, uint16x8_t b) {
    uint32x4_t low = vmull_u16(vget_low_u16(a), vget_low_u16(b)), high = vmull_high_u16(a, b);
    return vuzp2q_u16(vreinterpretq_u16_u32(low), vreinterpretq_u16_u32(high));
}

static void add_neon(uint16_t *sums, struct range_lengths *lengths, const impact_table *table,
                     const struct chunk_masks *postings, struct word_units word) {
    const struct impacts impacts = impacts_for(lengths, table, postings, look_up_plainly);
    const uint16x8_t weight = vdupq_n_u16(word.weight), max = vdupq_n_u16(word.max);
    for (unsigned i = 0; i < RANGE_DOCS; i += 8) {
        unsigned w = i / 64, bit = i % 64;
        uint16x8_t impact = vld1q_u16(impacts.of[0] + i);
        for (unsigned p = 0; p < 2; p++)
            if (impacts.of[p + 1])
                impact = vbslq_u16(spread_neon(postings->above[p][w] >> bit), vld1q_u16(impacts.of[p + 1] + i), impact);
        uint16x8_t units = vminq_u16(vaddq_u16(multiply_high(impact, weight), vdupq_n_u16(1)), max);
        uint16x8_t here = spread_neon((postings->set[w] & ~postings->above[2][w]) >> bit);
        vst1q_u16(sums + i, vaddq_u16(vld1q_u16(sums + i), vandq_u16(units, here)));
    }
}

add_units *const *add_units_all(void) {
    static add_units *const all[] = {add_neon, add_scalar, NULL};
    return all;
}
#else
add_units *const *add_units_all(void) {
    static add_units *const all[] = {add_scalar, NULL};
    return all;
}
#endif

add_units *add_units_best(void) {
    return add_units_all()[0];
}
