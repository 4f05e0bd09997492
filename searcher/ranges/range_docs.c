#include "range_docs.h"

#include "core/base/cpu.h"

static void give_scalar(uint16_t *units, const uint8_t *docs, uint32_t n, const struct chunk_masks *found,
                        const struct word_gift *word, const uint8_t *classes) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t freq = chunk_masks_freq(found, i);
        units[i] = (uint16_t)(freq ? word_gift_of(word, freq, classes[docs[i]]) : 0);
    }
}

void range_docs_keep(struct range_docs *docs, const struct range_bar *bar) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < docs->count; i++) {
        uint16_t units = (uint16_t)(docs->units[i] + bar->more[docs->docs[i] / CHUNK_BLOCK]);
        docs->docs[n] = docs->docs[i];
        docs->units[n] = units;
        n += units >= bar->cut;
    }
    docs->count = n;
}

static void add_scalar(struct range_docs *docs, const struct chunk_masks *found, const struct word_gift *word,
                       const uint8_t *classes, const struct range_bar *bar) {
    uint16_t units[RANGE_DOCS];
    give_scalar(units, docs->docs, docs->count, found, word, classes);
    for (uint32_t i = 0; i < docs->count; i++)
        docs->units[i] = (uint16_t)(docs->units[i] + units[i]);
    range_docs_keep(docs, bar);
}

static void take_scalar(struct range_docs *docs, const struct chunk_list *found, const struct word_gift *word,
                        const uint8_t *classes, const struct range_bar *bar) {
    docs->count = found->count;
    memcpy(docs->docs, found->docs, found->count);
    give_scalar(docs->units, docs->docs, docs->count, &found->masks, word, classes);
    range_docs_keep(docs, bar);
}

static void sift_scalar(struct range_docs *docs, const uint16_t *sums, uint16_t cut) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < RANGE_DOCS; i++) {
        docs->docs[n] = (uint8_t)i;
        docs->units[n] = sums[i];
        n += sums[i] >= cut;
    }
    docs->count = n;
}

static void freqs_scalar(uint32_t *freqs, const struct chunk_list *found, size_t n, uint8_t doc) {
    for (size_t k = 0; k < n; k++) {
        const struct chunk_list *list = &found[k];
        uint32_t i = 0;
        while (i < list->count && list->docs[i] != doc)
            i++;
        freqs[k] = i < list->count ? chunk_masks_freq(&list->masks, i) : 0;
    }
}

static const struct range_docs_ops scalar_ops = {give_scalar, add_scalar, take_scalar, sift_scalar, freqs_scalar};

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("bmi,bmi2,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2")))

/* What a word gives, in registers. */
struct gift {
    __m512i low, high; /* classes of the first 64 documents, and of the others */
    __m512 base, slope, factor;
    __m512i max;
};

AVX512 static inline struct gift gift_of(const struct word_gift *word, const uint8_t *classes) {
    return (struct gift){_mm512_loadu_si512(classes), _mm512_loadu_si512(classes + 64), _mm512_set1_ps(word->base),
                         _mm512_set1_ps(word->slope), _mm512_set1_ps(word->factor),     _mm512_set1_epi32(word->max)};
}

AVX512 static inline __m512 norms_avx512(const struct gift *g, __m128i docs) {
    __m512i class = _mm512_permutex2var_epi8(g->low, _mm512_castsi128_si512(docs), g->high);
    class = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(class));
    return _mm512_add_ps(g->base, _mm512_mul_ps(g->slope, _mm512_cvtepi32_ps(class)));
}

/* How often they have the word, of 16 documents from number i on, if they have it; *more goes along the frequencies
 * above 3. */
AVX512 static inline __m512 freqs_of_avx512(const struct chunk_masks *found, uint32_t i, const uint32_t **more) {
    const __m512 one = _mm512_set1_ps(1);
    uint32_t w = i / 64, bit = i % 64;
    __mmask16 above_3 = (__mmask16)(found->above[2][w] >> bit);
    __m512 freqs = _mm512_mask_add_ps(one, (__mmask16)(found->above[0][w] >> bit), one, one);
    freqs = _mm512_mask_add_ps(freqs, (__mmask16)(found->above[1][w] >> bit), freqs, one);
    __m512i others = _mm512_maskz_expand_epi32(above_3, _mm512_loadu_si512(*more));
    *more += __builtin_popcount(above_3);
    return _mm512_mask_cvtepu32_ps(freqs, above_3, others);
}

/* What it gives to 16 documents, from number i on. */
AVX512 static inline __m256i given_avx512(const struct gift *g, __m128i docs, const struct chunk_masks *found,
                                          uint32_t i, const uint32_t **more) {
    __m512 freqs = freqs_of_avx512(found, i, more);
    __m512 impacts = _mm512_div_ps(freqs, _mm512_add_ps(freqs, norms_avx512(g, docs)));
    __m512i units = _mm512_cvttps_epi32(_mm512_mul_ps(impacts, g->factor));
    units = _mm512_min_epu32(_mm512_add_epi32(units, _mm512_set1_epi32(1)), g->max);
    return _mm512_maskz_cvtepi32_epi16((__mmask16)(found->set[i / 64] >> i % 64), units);
}

AVX512 static inline __m128i docs_avx512(const uint8_t *docs) {
    return _mm_loadu_si128((const __m128i *)(const void *)docs);
}

AVX512 static inline __m256i load_units(const uint16_t *units) {
    return _mm256_loadu_si256((const __m256i *)(const void *)units);
}

AVX512 static inline void store_units(uint16_t *to, __m256i units) {
    _mm256_storeu_si256((__m256i *)(void *)to, units);
}

AVX512 static void give_avx512(uint16_t *units, const uint8_t *docs, uint32_t n, const struct chunk_masks *found,
                               const struct word_gift *word, const uint8_t *classes) {
    const struct gift gift = gift_of(word, classes);
    const uint32_t *more = found->more;
    for (uint32_t i = 0; i < n; i += 16)
        store_units(units + i, given_avx512(&gift, docs_avx512(docs + i), found, i, &more));
}

/* What it takes to tell who reaches the bar. */
struct bar {
    __m256i blocks, least;
};

AVX512 static inline struct bar bar_of(const struct range_bar *b) {
    return (struct bar){_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)b->more)),
                        _mm256_set1_epi16((short)b->cut)};
}

/* Puts those of 16 documents, or of `left` of them, that reach the bar behind n others; returns how many these are
 * then. */
AVX512 static inline uint32_t put_best_avx512(struct range_docs *out, uint32_t n, __m128i docs, __m256i units,
                                              uint32_t left, const struct bar *bar) {
    __mmask16 there = (__mmask16)_bzhi_u32(UINT16_MAX, left);
    __m256i block = _mm256_srli_epi16(_mm256_cvtepu8_epi16(docs), 4);
    units = _mm256_add_epi16(units, _mm256_permutexvar_epi16(block, bar->blocks));
    __mmask16 stay = _mm256_mask_cmpge_epu16_mask(there, units, bar->least);
    _mm_storeu_si128((__m128i *)(void *)(out->docs + n), _mm_maskz_compress_epi8(stay, docs));
    store_units(out->units + n, _mm256_maskz_compress_epi16(stay, units));
    return n + (uint32_t)__builtin_popcount(stay);
}

/* What is put is never ahead of what is read. */
AVX512 static void add_avx512(struct range_docs *docs, const struct chunk_masks *found, const struct word_gift *word,
                              const uint8_t *classes, const struct range_bar *bar) {
    const struct gift gift = gift_of(word, classes);
    const struct bar b = bar_of(bar);
    const uint32_t *more = found->more;
    uint32_t n = 0, count = docs->count;
    for (uint32_t i = 0; i < count; i += 16) {
        __m128i some = docs_avx512(docs->docs + i);
        __m256i units = _mm256_add_epi16(load_units(docs->units + i), given_avx512(&gift, some, found, i, &more));
        n = put_best_avx512(docs, n, some, units, count - i, &b);
    }
    docs->count = n;
}

AVX512 static void take_avx512(struct range_docs *docs, const struct chunk_list *found, const struct word_gift *word,
                               const uint8_t *classes, const struct range_bar *bar) {
    const struct gift gift = gift_of(word, classes);
    const struct bar b = bar_of(bar);
    const uint32_t *more = found->masks.more;
    uint32_t n = 0;
    for (uint32_t i = 0; i < found->count; i += 16) {
        __m128i some = docs_avx512(found->docs + i);
        n = put_best_avx512(docs, n, some, given_avx512(&gift, some, &found->masks, i, &more), found->count - i, &b);
    }
    docs->count = n;
}

AVX512 static void sift_avx512(struct range_docs *docs, const uint16_t *sums, uint16_t cut) {
    const __m512i least = _mm512_set1_epi16((short)cut);
    __m256i some = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
                                    23, 24, 25, 26, 27, 28, 29, 30, 31);
    uint32_t n = 0;
    for (uint32_t i = 0; i < RANGE_DOCS; i += 32) {
        __m512i units = _mm512_loadu_si512(sums + i);
        __mmask32 stay = _mm512_cmpge_epu16_mask(units, least);
        _mm256_storeu_si256((__m256i *)(void *)(docs->docs + n), _mm256_maskz_compress_epi8(stay, some));
        _mm512_storeu_si512(docs->units + n, _mm512_maskz_compress_epi16(stay, units));
        n += (uint32_t)__builtin_popcount(stay);
        some = _mm256_add_epi8(some, _mm256_set1_epi8(32));
    }
    docs->count = n;
}
_Static_assert(CHUNK_BLOCK == 1 << 4 && RANGE_DOCS / CHUNK_BLOCK == 8, "the block of a document is its upper bits");

/* 1 if a set has one of these. */
AVX512 static inline uint32_t has_any(const uint64_t *set, uint64_t low, uint64_t high) {
    return ((set[0] & low) | (set[1] & high)) != 0;
}

AVX512 static void freqs_avx512(uint32_t *freqs, const struct chunk_list *found, size_t n, uint8_t doc) {
    const __m512i wanted = _mm512_set1_epi8((char)doc);
    for (size_t k = 0; k < n; k++) {
        const struct chunk_list *list = &found[k];
        const struct chunk_masks *m = &list->masks;
        uint32_t first = list->count < 64 ? list->count : 64;
        uint64_t low = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(list->docs), wanted);
        uint64_t high = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(list->docs + 64), wanted);
        low = _bzhi_u64(low, first);
        high = _bzhi_u64(high, list->count - first);
        freqs[k] = has_any(m->set, low, high) + has_any(m->above[0], low, high) + has_any(m->above[1], low, high);
        if (has_any(m->above[2], low, high)) /* seldom */
            freqs[k] = chunk_masks_freq(m, (uint32_t)__builtin_ctzll(low ? low : high) + (low ? 0 : 64));
    }
}

static const struct range_docs_ops avx512_ops = {give_avx512, add_avx512, take_avx512, sift_avx512, freqs_avx512};

const struct range_docs_ops *const *range_docs_ops_all(void) {
    static const struct range_docs_ops *const all[] = {&avx512_ops, &scalar_ops, NULL};
    return cpu_has_avx512_vbmi2() ? all : all + 1;
}
#else
const struct range_docs_ops *const *range_docs_ops_all(void) {
    static const struct range_docs_ops *const all[] = {&scalar_ops, NULL};
    return all;
}
#endif

const struct range_docs_ops *range_docs_ops_best(void) {
    return range_docs_ops_all()[0];
}
