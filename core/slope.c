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

void slope_put(struct buffer *out, struct buffer *numbers) {
    uint32_t *v = (uint32_t *)(void *)numbers->data, n = (uint32_t)(numbers->len / 4), last = v[n - 1], below = 0;
    uint64_t step = ((uint64_t)last << SLOPE_SHIFT) / n;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t even = (uint32_t)(step * (i + UINT64_C(1)) >> SLOPE_SHIFT);
        below = even > v[i] && even - v[i] > below ? even - v[i] : below;
    }
    for (uint32_t i = 0; i < n; i++)
        v[i] = v[i] + below - (uint32_t)(step * (i + UINT64_C(1)) >> SLOPE_SHIFT);
    unsigned width = pack_width(v, n);
    buffer_append_varint(out, last);
    buffer_append_varint(out, below);
    buffer_append_u8(out, (uint8_t)width);
    numbers_put(out, numbers, width);
}
