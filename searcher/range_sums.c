#include "range_sums.h"

#include "../core/cpu.h"

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

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512bw"))) static void look_up(uint16_t *out, const uint16_t *row, const uint8_t *classes) {
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

__attribute__((target("avx512bw"))) static const uint16_t *impacts_of(struct range_lengths *lengths,
                                                                      const impact_table *table, unsigned freq) {
    if (!(lengths->known >> freq & 1))
        look_up(lengths->impacts[freq], table->of[freq], lengths->classes);
    lengths->known |= 1U << freq;
    return lengths->impacts[freq];
}

__attribute__((target("avx512bw"))) static void add_avx512(uint16_t *sums, struct range_lengths *lengths,
                                                           const impact_table *table,
                                                           const struct chunk_masks *postings, struct word_units word) {
    const uint16_t *impacts[] = {impacts_of(lengths, table, 1), NULL, NULL};
    for (unsigned p = 0; p < 2; p++)
        if (postings->above[p][0] | postings->above[p][1])
            impacts[p + 1] = impacts_of(lengths, table, p + 2);
    const __m512i weight = _mm512_set1_epi16((short)word.weight), max = _mm512_set1_epi16((short)word.max);
    for (unsigned i = 0; i < RANGE_DOCS; i += 32) {
        unsigned w = i / 64, bit = i % 64;
        __m512i impact = _mm512_loadu_si512(impacts[0] + i), sum = _mm512_loadu_si512(sums + i);
        for (unsigned p = 0; p < 2; p++)
            if (impacts[p + 1])
                impact = _mm512_mask_loadu_epi16(impact, (__mmask32)(postings->above[p][w] >> bit), impacts[p + 1] + i);
        __m512i units = _mm512_add_epi16(_mm512_mulhi_epu16(impact, weight), _mm512_set1_epi16(1));
        __mmask32 here = (__mmask32)((postings->set[w] & ~postings->above[2][w]) >> bit);
        _mm512_storeu_si512(sums + i, _mm512_mask_add_epi16(sum, here, sum, _mm512_min_epu16(units, max)));
    }
}

add_units *const *add_units_all(void) {
    static add_units *const all[] = {add_avx512, add_scalar, NULL};
    return __builtin_cpu_supports("avx512bw") ? all : all + 1;
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
