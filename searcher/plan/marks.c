#include "marks.h"

#include <string.h>

#include "core/base/cpu.h"

/* Values that are taken are mostly a few runs, dates one, a language one. To compare with each run is faster than to
 * look each entry up, as the compiler makes vectors of it: for these many, at most. */
enum { RUNS = 4, BATCH = 1024 };

struct value_run {
    uint32_t first, span; /* values from first to first + span */
};

/* More than RUNS if there are more. */
static uint32_t find_runs(struct value_run runs[RUNS], const uint8_t *taken, uint32_t count) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!taken[i])
            continue;
        if (n == RUNS)
            return n + 1;
        uint32_t first = i;
        while (i + 1 < count && taken[i + 1])
            i++;
        runs[n++] = (struct value_run){first, i - first};
    }
    return n;
}

/* Each gives in[i] for n entries from `at` on. */

FOR_EACH_CPU static void compare_1(uint8_t *in, const uint8_t *entries, uint32_t n, struct value_run run) {
    uint8_t first = (uint8_t)run.first, span = (uint8_t)run.span;
    for (uint32_t i = 0; i < n; i++)
        in[i] |= (uint8_t)(entries[i] - first) <= span;
}

FOR_EACH_CPU static void compare_2(uint8_t *in, const uint8_t *entries, uint32_t n, struct value_run run) {
    uint16_t first = (uint16_t)run.first, span = (uint16_t)run.span;
    for (uint32_t i = 0; i < n; i++)
        in[i] |= (uint16_t)(load_u16(entries + 2 * (size_t)i) - first) <= span;
}

FOR_EACH_CPU static void compare_4(uint8_t *in, const uint8_t *entries, uint32_t n, struct value_run run) {
    for (uint32_t i = 0; i < n; i++)
        in[i] |= load_u32(entries + 4 * (size_t)i) - run.first <= run.span;
}

static void compare(uint8_t *in, const struct column *c, uint32_t at, uint32_t n, struct value_run run) {
    switch (c->width) {
    case 0: memset(in, run.first == 0 || in[0], n); break;
    case 1: compare_1(in, c->entries + at, n, run); break;
    case 2: compare_2(in, c->entries + 2 * (size_t)at, n, run); break;
    default: compare_4(in, c->entries + 4 * (size_t)at, n, run);
    }
}

static void look_up(uint8_t *in, const struct column *c, uint32_t at, uint32_t n, const uint8_t *taken,
                    uint32_t count) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t entry = column_entry(c, at + i);
        in[i] = taken[entry < count ? entry : 0] & (entry < count);
    }
}

/* Bytes of 0 and 1 to bits. */
FOR_EACH_CPU static void pack(uint64_t *bits, const uint8_t *in, uint32_t words) {
    for (uint32_t w = 0; w < words; w++) {
        uint64_t word = 0;
        for (uint32_t k = 0; k < 64; k += 8)
            word |= (load_u64(in + 64 * w + k) * UINT64_C(0x0102040810204080) >> 56) << k;
        bits[w] = word;
    }
}

/* Entries from `first` on, a multiple of 64. */
static void take_rest(uint64_t *bits, const struct column *c, uint32_t first, uint32_t entries, const uint8_t *taken,
                      uint32_t count) {
    struct value_run runs[RUNS];
    uint32_t run_count = find_runs(runs, taken, count);
    for (uint32_t at = first; at < entries; at += BATCH) {
        uint32_t n = entries - at < BATCH ? entries - at : BATCH;
        uint8_t in[BATCH] = {0};
        if (run_count > RUNS)
            look_up(in, c, at, n, taken, count);
        for (uint32_t i = 0; i < run_count && run_count <= RUNS; i++)
            compare(in, c, at, n, runs[i]);
        pack(bits + at / 64, in, (n + 63) / 64);
    }
}

void marks_take_plainly(uint64_t *bits, const struct column *c, uint32_t entries, const uint8_t *taken,
                        uint32_t count) {
    take_rest(bits, c, 0, entries, taken, count);
}

#if defined(__x86_64__)
#include <immintrin.h>

/* Of 64 entries each. */

__attribute__((target("avx512bw"))) static uint64_t marks_1(const uint8_t *p, struct value_run run) {
    const __m512i first = _mm512_set1_epi8((char)run.first), span = _mm512_set1_epi8((char)run.span);
    return _mm512_cmple_epu8_mask(_mm512_sub_epi8(_mm512_loadu_si512(p), first), span);
}

__attribute__((target("avx512bw"))) static uint64_t marks_2(const uint8_t *p, struct value_run run) {
    const __m512i first = _mm512_set1_epi16((short)run.first), span = _mm512_set1_epi16((short)run.span);
    uint64_t low = _mm512_cmple_epu16_mask(_mm512_sub_epi16(_mm512_loadu_si512(p), first), span);
    uint64_t high = _mm512_cmple_epu16_mask(_mm512_sub_epi16(_mm512_loadu_si512(p + 64), first), span);
    return low | high << 32;
}

__attribute__((target("avx512bw"))) static uint64_t marks_4(const uint8_t *p, struct value_run run) {
    const __m512i first = _mm512_set1_epi32((int)run.first), span = _mm512_set1_epi32((int)run.span);
    uint64_t bits = 0;
    for (unsigned i = 0; i < 4; i++) {
        __m512i entries = _mm512_loadu_si512(p + 64 * (size_t)i);
        bits |= (uint64_t)_mm512_cmple_epu32_mask(_mm512_sub_epi32(entries, first), span) << 16 * i;
    }
    return bits;
}

__attribute__((target("avx512bw"))) static void take_words(uint64_t *bits, const struct column *c, uint32_t words,
                                                           const struct value_run *runs, uint32_t run_count) {
    for (uint32_t w = 0; w < words; w++) {
        const uint8_t *p = c->entries + 64 * (size_t)w * c->width;
        uint64_t word = 0;
        for (uint32_t i = 0; i < run_count; i++)
            word |= c->width == 1 ? marks_1(p, runs[i]) : c->width == 2 ? marks_2(p, runs[i]) : marks_4(p, runs[i]);
        bits[w] = word;
    }
}

void marks_take(uint64_t *bits, const struct column *c, uint32_t entries, const uint8_t *taken, uint32_t count) {
    struct value_run runs[RUNS];
    uint32_t run_count = find_runs(runs, taken, count), words = 0;
    if (run_count <= RUNS && c->width > 0 && cpu_has_avx512()) {
        words = entries / 64;
        take_words(bits, c, words, runs, run_count);
    }
    take_rest(bits, c, 64 * words, entries, taken, count);
}
#else
void marks_take(uint64_t *bits, const struct column *c, uint32_t entries, const uint8_t *taken, uint32_t count) {
    marks_take_plainly(bits, c, entries, taken, count);
}
#endif
