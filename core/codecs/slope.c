#include "slope.h"

bool slope_open(struct slope *s, const uint8_t **p, const uint8_t *end, uint32_t n) {
    uint32_t last;
    if (!varint_get_u32(p, end, &last) || !varint_get_u32(p, end, &s->below) || *p == end)
        return false;
    s->width = *(*p)++;
    s->step = ((uint64_t)last << SLOPE_SHIFT) / n;
    s->run = *p;
    if (s->width > 32 || run_size(n, s->width) > (size_t)(end - *p))
        return false;
    *p += run_size(n, s->width);
    return true;
}

void numbers_put(struct buffer *out, const struct buffer *numbers, unsigned width) {
    size_t n = numbers->len / 4, size = (size_t)run_size(n, width);
    uint8_t *p = buffer_reserve(out, size + 8);
    if (!p)
        return;
    pack_run(p, (const uint32_t *)(const void *)numbers->data, n, width);
    out->len += size;
}

/* What the table's numbers are coded by: an even rise to the last, and by how much they are below it and above, at
 * most. */
struct fit {
    uint64_t step, n; /* of `n` the numbers so far */
    uint32_t last, below, above;
};

static void find_last(struct fit *f, const uint8_t *numbers, size_t size) {
    f->last = load_u32(numbers + size - 4);
}

static uint32_t even_at(const struct fit *f) {
    return (uint32_t)(f->step * (f->n + 1) >> SLOPE_SHIFT);
}

static void find_distances(struct fit *f, const uint8_t *numbers, size_t size) {
    for (size_t i = 0; i < size; i += 4, f->n++) {
        uint32_t even = even_at(f), v = load_u32(numbers + i);
        f->below = even > v && even - v > f->below ? even - v : f->below;
        f->above = v > even && v - even > f->above ? v - even : f->above;
    }
}

static void pass(struct fit *f, struct spool *numbers, void (*look)(struct fit *f, const uint8_t *p, size_t size)) {
    struct spool_reader r;
    size_t size;
    spool_reader_init(&r, numbers);
    for (const uint8_t *p; (p = spool_next(&r, &size));)
        look(f, p, size);
    spool_reader_release(&r);
}

/* The distances, as they are coded. */
static void put_distances(struct spool *out, struct spool *numbers, struct fit *f, unsigned width) {
    struct run_packer packer;
    struct spool_reader r;
    size_t size;
    run_packer_init(&packer, out, width);
    spool_reader_init(&r, numbers);
    for (const uint8_t *p; (p = spool_next(&r, &size));)
        for (size_t i = 0; i < size; i += 4, f->n++)
            run_packer_add(&packer, load_u32(p + i) + f->below - even_at(f));
    spool_reader_release(&r);
    run_packer_flush(&packer);
}

void slope_put(struct spool *out, struct spool *numbers) {
    struct fit f = {.n = 0};
    pass(&f, numbers, find_last);
    f.step = ((uint64_t)f.last << SLOPE_SHIFT) / (spool_size(numbers) / 4);
    pass(&f, numbers, find_distances);
    unsigned width = bit_width(f.above + f.below);
    buffer_append_varint(&out->tail, f.last);
    buffer_append_varint(&out->tail, f.below);
    buffer_append_u8(&out->tail, (uint8_t)width);
    f.n = 0;
    put_distances(out, numbers, &f, width);
}
