#include "range_docs.h"

#include "../core/cpu.h"

static void give_scalar(uint16_t *units, const uint8_t *docs, uint32_t n, const struct chunk_masks *found,
                        const struct word_impacts *word) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t w = i / 64, bit = i % 64;
        bool here = (found->set[w] & ~found->above[2][w]) >> bit & 1;
        uint32_t freq = 1 + (uint32_t)((found->above[0][w] >> bit & 1) + (found->above[1][w] >> bit & 1));
        uint32_t given = word_units_of(word->units, word->table->of[here ? freq : 0][word->classes[docs[i]]]);
        units[i] = (uint16_t)(here ? given : 0);
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

static void add_scalar(struct range_docs *docs, const struct chunk_masks *found, const struct word_impacts *word,
                       const struct range_bar *bar) {
    uint16_t units[RANGE_DOCS];
    give_scalar(units, docs->docs, docs->count, found, word);
    for (uint32_t i = 0; i < docs->count; i++)
        docs->units[i] = (uint16_t)(docs->units[i] + units[i]);
    range_docs_keep(docs, bar);
}

static void take_scalar(struct range_docs *docs, const struct chunk_list *found, const struct word_impacts *word,
                        const struct range_bar *bar) {
    docs->count = found->count;
    memcpy(docs->docs, found->docs, found->count);
    give_scalar(docs->units, docs->docs, docs->count, &found->masks, word);
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

/* The impacts of 32 classes. */
AVX512 static inline __m512i impacts_avx512(const uint16_t *row, __m512i class) {
    __mmask32 odd = _mm512_test_epi16_mask(class, _mm512_set1_epi16(64));
    __mmask32 high = _mm512_test_epi16_mask(class, _mm512_set1_epi16(128));
    __m512i a = _mm512_permutex2var_epi16(_mm512_loadu_si512(row), class, _mm512_loadu_si512(row + 32));
    __m512i b = _mm512_permutex2var_epi16(_mm512_loadu_si512(row + 64), class, _mm512_loadu_si512(row + 96));
    __m512i c = _mm512_permutex2var_epi16(_mm512_loadu_si512(row + 128), class, _mm512_loadu_si512(row + 160));
    __m512i d = _mm512_permutex2var_epi16(_mm512_loadu_si512(row + 192), class, _mm512_loadu_si512(row + 224));
    a = _mm512_mask_mov_epi16(a, odd, b);
    c = _mm512_mask_mov_epi16(c, odd, d);
    return _mm512_mask_mov_epi16(a, high, c);
}

/* What a word gives, in registers. */
struct gift {
    __m512i low, high, weight, max; /* classes of the first 64 documents, and of the others */
    const impact_table *table;
};

AVX512 static inline struct gift gift_of(const struct word_impacts *word) {
    return (struct gift){_mm512_loadu_si512(word->classes), _mm512_loadu_si512(word->classes + 64),
                         _mm512_set1_epi16((short)word->units.weight), _mm512_set1_epi16((short)word->units.max),
                         word->table};
}

/* What it gives to 32 documents, from number i on. */
AVX512 static inline __m512i given_avx512(const struct gift *g, __m256i docs, const struct chunk_masks *found,
                                          uint32_t i) {
    uint32_t w = i / 64, bit = i % 64;
    __m512i class = _mm512_permutex2var_epi8(g->low, _mm512_castsi256_si512(docs), g->high);
    class = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(class));
    __m512i impact = impacts_avx512(g->table->of[1], class);
    impact =
        _mm512_mask_mov_epi16(impact, (__mmask32)(found->above[0][w] >> bit), impacts_avx512(g->table->of[2], class));
    impact =
        _mm512_mask_mov_epi16(impact, (__mmask32)(found->above[1][w] >> bit), impacts_avx512(g->table->of[3], class));
    __m512i given = _mm512_add_epi16(_mm512_mulhi_epu16(impact, g->weight), _mm512_set1_epi16(1));
    __mmask32 here = (__mmask32)((found->set[w] & ~found->above[2][w]) >> bit);
    return _mm512_maskz_min_epu16(here, given, g->max);
}

AVX512 static inline __m256i docs_avx512(const uint8_t *docs) {
    return _mm256_loadu_si256((const __m256i *)(const void *)docs);
}

AVX512 static void give_avx512(uint16_t *units, const uint8_t *docs, uint32_t n, const struct chunk_masks *found,
                               const struct word_impacts *word) {
    const struct gift gift = gift_of(word);
    for (uint32_t i = 0; i < n; i += 32)
        _mm512_storeu_si512(units + i, given_avx512(&gift, docs_avx512(docs + i), found, i));
}

/* What it takes to tell who reaches the bar. */
struct bar {
    __m512i blocks, least;
};

AVX512 static inline struct bar bar_of(const struct range_bar *b) {
    return (struct bar){_mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(const void *)b->more)),
                        _mm512_set1_epi16((short)b->cut)};
}

/* Puts those of 32 documents that stay behind n others; returns how many these are then. */
AVX512 static inline uint32_t put_avx512(struct range_docs *out, uint32_t n, __m256i docs, __m512i units,
                                         __mmask32 stay) {
    _mm256_storeu_si256((__m256i *)(void *)(out->docs + n), _mm256_maskz_compress_epi8(stay, docs));
    _mm512_storeu_si512(out->units + n, _mm512_maskz_compress_epi16(stay, units));
    return n + (uint32_t)__builtin_popcount(stay);
}

/* The same of those that reach the bar, of 32 or of `left` of them. */
AVX512 static inline uint32_t put_best_avx512(struct range_docs *out, uint32_t n, __m256i docs, __m512i units,
                                              uint32_t left, const struct bar *bar) {
    __mmask32 there = left < 32 ? (UINT32_C(1) << left) - 1 : UINT32_MAX;
    __m512i block = _mm512_srli_epi16(_mm512_cvtepu8_epi16(docs), 4);
    units = _mm512_add_epi16(units, _mm512_permutexvar_epi16(block, bar->blocks));
    return put_avx512(out, n, docs, units, _mm512_mask_cmpge_epu16_mask(there, units, bar->least));
}

/* What is put is never ahead of what is read. */
AVX512 static void add_avx512(struct range_docs *docs, const struct chunk_masks *found, const struct word_impacts *word,
                              const struct range_bar *bar) {
    const struct gift gift = gift_of(word);
    const struct bar b = bar_of(bar);
    uint32_t n = 0, count = docs->count;
    for (uint32_t i = 0; i < count; i += 32) {
        __m256i some = docs_avx512(docs->docs + i);
        __m512i units = _mm512_add_epi16(_mm512_loadu_si512(docs->units + i), given_avx512(&gift, some, found, i));
        n = put_best_avx512(docs, n, some, units, count - i, &b);
    }
    docs->count = n;
}

AVX512 static void take_avx512(struct range_docs *docs, const struct chunk_list *found, const struct word_impacts *word,
                               const struct range_bar *bar) {
    const struct gift gift = gift_of(word);
    const struct bar b = bar_of(bar);
    uint32_t n = 0;
    for (uint32_t i = 0; i < found->count; i += 32) {
        __m256i some = docs_avx512(found->docs + i);
        n = put_best_avx512(docs, n, some, given_avx512(&gift, some, &found->masks, i), found->count - i, &b);
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
        n = put_avx512(docs, n, some, units, _mm512_cmpge_epu16_mask(units, least));
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
