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

/* ------------------------------------------------------------------------------------- levels -- */

/* Of 2^shift passages each that have the term, in order: calls `take` with the number of the range and its impact. */
typedef void take_range(void *ctx, uint32_t range, float impact);

static void run_through(struct maxima_writer *w, unsigned shift, take_range *take, void *ctx) {
    struct spool_reader r;
    size_t size;
    uint32_t range = 0;
    float most = 0;
    spool_reader_init(&r, &w->ranges);
    for (const uint8_t *p; (p = spool_next(&r, &size));) {
        for (const uint8_t *end = p + size; p < end; p += 8) {
            float impact;
            memcpy(&impact, p + 4, sizeof impact);
            uint32_t next = load_u32(p) >> (shift - RANGE_SHIFT);
            if (next != range && most > 0)
                take(ctx, range, most);
            most = next != range || impact > most ? impact : most;
            range = next;
        }
    }
    spool_reader_release(&r);
    if (most > 0)
        take(ctx, range, most);
}

/* The least part that covers an impact. */
static unsigned part_of(float impact, float best) {
    /* Rounded up, with what the division may have lost. */
    unsigned part = (unsigned)ceilf(impact / best * MAXIMA_PARTS * (1 + 1e-6F));
    return part > MAXIMA_PARTS ? MAXIMA_PARTS : part < 1 ? 1 : part;
}

struct part_counts {
    float best;
    uint32_t of[MAXIMA_PARTS + 1];
};

static void count_part(void *ctx, uint32_t range, float impact) {
    struct part_counts *c = ctx;
    (void)range;
    c->of[part_of(impact, c->best)]++;
}

/* Chooses the parts: of those that there are, the one goes whose ranges are raised the least to the next one, again and
 * again until no more are left than there are levels. */
static void choose_parts(const struct part_counts *c, uint8_t *parts) {
    uint32_t values[MAXIMA_PARTS], counts[MAXIMA_PARTS], n = 0;
    for (uint32_t part = 1; part <= MAXIMA_PARTS; part++) {
        values[n] = part;
        counts[n] = c->of[part];
        n += c->of[part] > 0 || part == MAXIMA_PARTS;
    }
    for (; n > MAXIMA_LEVELS; n--) {
        uint32_t least = 0;
        uint64_t cost = UINT64_MAX;
        for (uint32_t i = 0; i + 1 < n; i++) {
            uint64_t raised = (uint64_t)counts[i] * (values[i + 1] - values[i]);
            least = raised < cost ? i : least;
            cost = raised < cost ? raised : cost;
        }
        counts[least + 1] += counts[least];
        memmove(values + least, values + least + 1, (n - least - 1) * sizeof *values);
        memmove(counts + least, counts + least + 1, (n - least - 1) * sizeof *counts);
    }
    for (uint32_t i = 0; i < MAXIMA_LEVELS; i++)
        parts[i] = (uint8_t)(i < n ? values[i] : MAXIMA_PARTS);
}

/* Levels in order, two a byte. */
struct level_writer {
    struct spool *out;
    float best;
    uint32_t range;                     /* the next one */
    unsigned lower;                     /* level of the one before, if that is the first of two */
    uint8_t level_of[MAXIMA_PARTS + 1]; /* a part */
};

static void put_level(struct level_writer *l, unsigned level) {
    if (l->range++ % 2)
        spool_append(l->out, &(uint8_t){(uint8_t)(l->lower | level << 4)}, 1);
    l->lower = level;
}

static void put_range(void *ctx, uint32_t range, float impact) {
    struct level_writer *l = ctx;
    while (l->range < range)
        put_level(l, 0);
    put_level(l, l->level_of[part_of(impact, l->best)]);
}

static void append_levels(struct maxima_writer *w, unsigned shift, struct spool *out) {
    struct part_counts counts = {.best = w->best};
    struct level_writer l = {.out = out, .best = w->best};
    uint8_t parts[MAXIMA_LEVELS];
    uint32_t ranges = maxima_ranges(w->passages, shift);
    run_through(w, shift, count_part, &counts);
    choose_parts(&counts, parts);
    for (unsigned part = 1, level = 1; part <= MAXIMA_PARTS; part++) {
        level += part > parts[level - 1];
        l.level_of[part] = (uint8_t)level;
    }
    spool_append(out, &w->best, sizeof w->best);
    spool_append(out, parts, sizeof parts);
    run_through(w, shift, put_range, &l);
    while (l.range < ranges + ranges % 2)
        put_level(&l, 0);
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
