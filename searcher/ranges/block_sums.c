#include "block_sums.h"

#include "core/base/cpu.h"

FOR_EACH_CPU static void add_word(uint16_t *sums, const uint8_t *freqs, const struct word_gift *gift,
                                  const uint8_t *classes) {
    const float base = gift->base, slope = gift->slope, factor = gift->factor;
    const uint32_t max = gift->max;
    for (unsigned i = 0; i < HOT_BLOCK; i++) {
        /* Where k1 is 0, so is the norm: a passage without the word would have 0 / 0. */
        float f = (float)(freqs[i] ? freqs[i] : 1), norm = base + slope * (float)classes[i];
        uint32_t units = (uint32_t)(int32_t)(f / (f + norm) * factor) + 1;
        units = units < max && freqs[i] < HOT_FREQ ? units : max;
        sums[i] = (uint16_t)(sums[i] + (freqs[i] ? units : 0));
    }
}

static uint32_t sum_scalar(uint16_t *sums, const struct block_freqs *freqs, const struct word_gift *const *gifts,
                           size_t n, const uint8_t *classes, uint16_t cut) {
    uint32_t reach = 0;
    memset(sums, 0, HOT_BLOCK * sizeof *sums);
    for (size_t k = 0; k < n; k++)
        add_word(sums, freqs[k].of, gifts[k], classes);
    for (unsigned i = 0; i < HOT_BLOCK; i++)
        reach |= (uint32_t)(sums[i] >= cut) << i;
    return reach;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) static uint32_t sum_avx512(
    uint16_t *sums, const struct block_freqs *freqs, const struct word_gift *const *gifts, size_t n,
    const uint8_t *classes, uint16_t cut) {
    const __m512 lengths =
        _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)classes)));
    __m512i all = _mm512_setzero_si512();
    for (size_t k = 0; k < n; k++) {
        const struct word_gift *g = gifts[k];
        __m512i freq = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)freqs[k].of));
        __m512 f = _mm512_cvtepi32_ps(freq);
        __m512 norm = _mm512_add_ps(_mm512_set1_ps(g->base), _mm512_mul_ps(_mm512_set1_ps(g->slope), lengths));
        __m512 gift = _mm512_mul_ps(_mm512_div_ps(f, _mm512_add_ps(f, norm)), _mm512_set1_ps(g->factor));
        __m512i units = _mm512_add_epi32(_mm512_cvttps_epi32(gift), _mm512_set1_epi32(1));
        __m512i max = _mm512_set1_epi32(g->max);
        units = _mm512_min_epu32(units, max);
        units = _mm512_mask_mov_epi32(units, _mm512_cmpeq_epi32_mask(freq, _mm512_set1_epi32(HOT_FREQ)), max);
        all = _mm512_mask_add_epi32(all, _mm512_test_epi32_mask(freq, freq), all, units);
    }
    __m256i low = _mm512_cvtepi32_epi16(all);
    _mm256_storeu_si256((__m256i *)(void *)sums, low);
    return _mm256_cmpge_epu16_mask(low, _mm256_set1_epi16((short)cut));
}

sum_block *const *sum_block_all(void) {
    static sum_block *const all[] = {sum_avx512, sum_scalar, NULL};
    return cpu_has_avx512() ? all : all + 1;
}
#else
sum_block *const *sum_block_all(void) {
    static sum_block *const all[] = {sum_scalar, NULL};
    return all;
}
#endif

sum_block *sum_block_best(void) {
    return sum_block_all()[0];
}
