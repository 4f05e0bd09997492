#include "maxima.h"

#include <math.h>

double maxima_stretch(uint32_t passages, uint64_t total_length, double base, double slope) {
    double average = total_length ? (double)total_length / passages : 1;
    /* Both norms are linear in the length, so their ratio is least at one of the ends. */
    double at_zero = base / (MAXIMA_K1 * (1 - MAXIMA_B));
    double at_infinity = slope / (MAXIMA_K1 * MAXIMA_B / average);
    double least = at_zero < at_infinity ? at_zero : at_infinity;
    if (!(least > 0))
        return INFINITY;
    /* freq / (freq + c norm) <= freq / (freq + norm) / c for c < 1. The rest is for rounding. */
    return (least < 1 ? 1 / least : 1) * (1 + 1e-6);
}

enum { NO_RANGE = UINT32_MAX >> RANGE_SHIFT };

void maxima_writer_init(struct maxima_writer *w, uint32_t passages, uint64_t total_length) {
    *w = (struct maxima_writer){
        .passages = passages,
        .norm = impact_norm_of(passages, total_length),
        .range = NO_RANGE,
    };
}

void maxima_writer_release(struct maxima_writer *w) {
    buffer_release(&w->ranges);
}

static void end_range(struct maxima_writer *w, uint32_t next) {
    uint8_t entry[8];
    if (w->range != NO_RANGE) {
        store_u32(entry, w->range);
        memcpy(entry + 4, &w->impact, sizeof w->impact);
        buffer_append(&w->ranges, entry, sizeof entry);
    }
    w->range = next;
    w->impact = 0;
}

void maxima_writer_add(struct maxima_writer *w, const uint32_t *docs, const uint32_t *freqs, const uint32_t *lengths,
                       uint32_t count) {
    float impacts[MAXIMA_BATCH];
    const struct impact_norm norm = w->norm;
    for (uint32_t i = 0; i < count; i++)
        impacts[i] = impact_of(norm, freqs[i], lengths[i]);
    for (uint32_t i = 0; i < count; i++) {
        if (docs[i] >> RANGE_SHIFT != w->range)
            end_range(w, docs[i] >> RANGE_SHIFT);
        w->impact = impacts[i] > w->impact ? impacts[i] : w->impact;
    }
}

static float impact_at(const struct buffer *ranges, size_t i) {
    float impact;
    memcpy(&impact, ranges->data + i + 4, sizeof impact);
    return impact;
}

static unsigned level_of(float impact, float best) {
    /* Rounded up, with what the division may have lost. */
    unsigned level = (unsigned)ceilf(impact / best * MAXIMA_LEVELS * (1 + 1e-6F));
    return level > MAXIMA_LEVELS ? MAXIMA_LEVELS : level < 1 ? 1 : level;
}

static void append_levels(const struct maxima_writer *w, unsigned shift, struct buffer *out) {
    float best = 0;
    for (size_t i = 0; i < w->ranges.len; i += 8)
        best = fmaxf(best, impact_at(&w->ranges, i));
    buffer_append(out, &best, sizeof best);
    size_t at = out->len;
    buffer_append_zeros(out, ((size_t)maxima_ranges(w->passages, shift) + 1) / 2);
    for (size_t i = 0; i < w->ranges.len && !out->failed; i += 8) {
        uint32_t range = load_u32(w->ranges.data + i) >> (shift - RANGE_SHIFT);
        unsigned level = level_of(impact_at(&w->ranges, i), best), before = maxima_level(out->data + at, range);
        if (level > before)
            out->data[at + range / 2] = (uint8_t)(out->data[at + range / 2] + ((level - before) << (range % 2 * 4)));
    }
}

void maxima_writer_finish(struct maxima_writer *w, uint32_t doc_freq, struct buffer *out) {
    unsigned shift = maxima_shift(w->passages, doc_freq);
    end_range(w, NO_RANGE);
    if (shift)
        append_levels(w, shift, out);
    out->failed |= w->ranges.failed;
    buffer_clear(&w->ranges);
}
