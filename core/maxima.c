#include "maxima.h"

#include <math.h>

/* How many times as great a norm is at length 0, and where lengths are great. Norms are linear in the length, so their
 * ratio is least at one of these ends, and greatest at the other. */
static void norm_ratios(double *at_zero, double *at_infinity, uint32_t passages, uint64_t total_length, double base,
                        double slope) {
    double average = total_length ? (double)total_length / passages : 1;
    *at_zero = base / (MAXIMA_K1 * (1 - MAXIMA_B));
    *at_infinity = slope / (MAXIMA_K1 * MAXIMA_B / average);
}

double maxima_stretch(uint32_t passages, uint64_t total_length, double base, double slope) {
    double at_zero, at_infinity;
    norm_ratios(&at_zero, &at_infinity, passages, total_length, base, slope);
    double least = at_zero < at_infinity ? at_zero : at_infinity;
    if (!(least > 0))
        return INFINITY;
    /* freq / (freq + c norm) <= freq / (freq + norm) / c for c < 1. The rest is for rounding. */
    return (least < 1 ? 1 / least : 1) * (1 + 1e-6);
}

double maxima_shrink(uint32_t passages, uint64_t total_length, double base, double slope) {
    double at_zero, at_infinity;
    norm_ratios(&at_zero, &at_infinity, passages, total_length, base, slope);
    double greatest = at_zero > at_infinity ? at_zero : at_infinity;
    /* freq / (freq + c norm) >= freq / (freq + norm) / c for c > 1. */
    return (greatest > 1 ? 1 / greatest : 1) * (1 - 1e-6);
}

enum { NO_RANGE = UINT32_MAX >> RANGE_SHIFT };

void maxima_writer_init(struct maxima_writer *w, uint32_t passages, uint64_t total_length, struct scratch *scratch) {
    *w = (struct maxima_writer){
        .passages = passages,
        .norm = impact_norm_of(passages, total_length),
        .range = NO_RANGE,
    };
    spool_init(&w->ranges, scratch, SPOOL_ROOM);
}

void maxima_writer_release(struct maxima_writer *w) {
    spool_release(&w->ranges);
}

static void end_range(struct maxima_writer *w, uint32_t next) {
    uint8_t entry[8];
    if (w->range != NO_RANGE) {
        store_u32(entry, w->range);
        memcpy(entry + 4, &w->impact, sizeof w->impact);
        spool_append(&w->ranges, entry, sizeof entry);
        w->best = fmaxf(w->best, w->impact);
    }
    w->range = next;
    w->impact = 0;
}

void maxima_writer_add(struct maxima_writer *w, const uint32_t *docs, const uint32_t *freqs, const uint32_t *lengths,
                       uint32_t count) {
    float impacts[MAXIMA_BATCH];
    const struct impact_norm norm = w->norm;
    uint32_t range = w->range;
    float impact = w->impact;
    for (uint32_t i = 0; i < count; i++)
        impacts[i] = impact_of(norm, freqs[i], lengths[i]);
    for (uint32_t i = 0; i < count; i++) {
        if (docs[i] >> RANGE_SHIFT != range) {
            w->impact = impact;
            range = docs[i] >> RANGE_SHIFT;
            end_range(w, range);
            impact = 0;
        }
        impact = impacts[i] > impact ? impacts[i] : impact;
    }
    w->impact = impact;
}

static unsigned level_of(float impact, float best) {
    /* Rounded up, with what the division may have lost. */
    unsigned level = (unsigned)ceilf(impact / best * MAXIMA_LEVELS * (1 + 1e-6F));
    return level > MAXIMA_LEVELS ? MAXIMA_LEVELS : level < 1 ? 1 : level;
}

/* Levels in order, two a byte. */
struct level_writer {
    struct spool *out;
    uint32_t range; /* that the greatest level so far is of */
    unsigned level, lower;
};

static void put_level(struct level_writer *l) {
    if (l->range % 2)
        spool_append(l->out, &(uint8_t){(uint8_t)(l->lower | l->level << 4)}, 1);
    else
        l->lower = l->level;
    l->range++;
    l->level = 0;
}

static void append_levels(struct maxima_writer *w, unsigned shift, struct spool *out) {
    struct level_writer l = {.out = out};
    struct spool_reader r;
    size_t size;
    uint32_t count = maxima_ranges(w->passages, shift);
    spool_append(out, &w->best, sizeof w->best);
    spool_reader_init(&r, &w->ranges);
    for (const uint8_t *p; (p = spool_next(&r, &size));) {
        for (const uint8_t *end = p + size; p < end; p += 8) {
            float impact;
            memcpy(&impact, p + 4, sizeof impact);
            while (l.range < load_u32(p) >> (shift - RANGE_SHIFT))
                put_level(&l);
            unsigned level = level_of(impact, w->best);
            l.level = level > l.level ? level : l.level;
        }
    }
    spool_reader_release(&r);
    while (l.range < count + count % 2)
        put_level(&l);
}

void maxima_writer_finish(struct maxima_writer *w, uint32_t doc_freq, struct spool *out) {
    unsigned shift = maxima_shift(w->passages, doc_freq);
    end_range(w, NO_RANGE);
    if (shift)
        append_levels(w, shift, out);
    out->tail.failed |= spool_failed(&w->ranges);
    spool_clear(&w->ranges);
    w->best = 0;
}
