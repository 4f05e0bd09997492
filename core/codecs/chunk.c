#include "chunk.h"

#include "chunk_shape.h"

unsigned chunk_shift(uint32_t passages, uint64_t doc_freq) {
    unsigned shift = CHUNK_SHIFT_MIN;
    while (shift < CHUNK_SHIFT_MAX && doc_freq << shift < (uint64_t)CHUNK_AIM * passages)
        shift++;
    return shift;
}

/* ------------------------------------------------------------------------------------- writer -- */

/* Bits of a set that is put together before it is written. */
enum { SHORT_SET = 512 };

/* Bits that are appended to a buffer, four bytes at a time. */
struct bit_writer {
    struct buffer *out;
    uint64_t pending;
    unsigned bits; /* of pending, below 32 between two calls */
};

/* Of a value below 2^32. */
static inline void put_bits(struct bit_writer *b, uint64_t value, unsigned width) {
    b->pending |= (value & ((UINT64_C(1) << width) - 1)) << b->bits;
    b->bits += width;
    if (b->bits >= 32) {
        buffer_append_u32(b->out, (uint32_t)b->pending);
        b->pending >>= 32;
        b->bits -= 32;
    }
}

static void pad_bits(struct bit_writer *b) {
    for (; b->bits > 0; b->bits = b->bits < 8 ? 0 : b->bits - 8, b->pending >>= 8)
        buffer_append_u8(b->out, (uint8_t)b->pending);
}

/* Ones at places that rise, and zeros up to `size`. */
struct unary_writer {
    struct bit_writer *out;
    uint64_t at;
};

static void put_zeros(struct bit_writer *b, uint64_t n) {
    for (; n > 32; n -= 32)
        put_bits(b, 0, 32);
    put_bits(b, 0, (unsigned)n);
}

static void put_one_at(struct unary_writer *u, uint64_t place) {
    put_zeros(u->out, place - u->at);
    put_bits(u->out, 1, 1);
    u->at = place + 1;
}

/* As put_set does, the ones of a set of SHORT_SET bits at most. */
static void put_short_set(struct bit_writer *b, const uint32_t *docs, uint32_t count, uint32_t start, struct shape s) {
    uint32_t words[SHORT_SET / 32] = {0}, left = s.high_size;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = s.is_bitmap ? docs[i] - start : ((docs[i] - start) >> s.low_width) + i;
        words[place / 32] |= UINT32_C(1) << place % 32;
    }
    for (uint32_t i = 0; left > 0; i++) {
        uint32_t n = left < 32 ? left : 32;
        put_bits(b, words[i], n);
        left -= n;
    }
    for (uint32_t i = 0; s.low_width > 0 && i < count; i++)
        put_bits(b, docs[i] - start, s.low_width);
}

static void put_set(struct bit_writer *b, const uint32_t *docs, uint32_t count, uint32_t start, unsigned shift) {
    struct shape s = shape_of(count, shift);
    struct unary_writer u = {b, 0};
    if (s.high_size <= SHORT_SET) {
        put_short_set(b, docs, count, start, s);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t offset = docs[i] - start;
        put_one_at(&u, s.is_bitmap ? offset : (uint64_t)(offset >> s.low_width) + i);
    }
    put_zeros(b, s.high_size - u.at);
    for (uint32_t i = 0; i < count; i++)
        put_bits(b, docs[i] - start, s.low_width);
}

static uint32_t greatest(const uint32_t *freqs, uint32_t count) {
    uint32_t max = 0;
    for (uint32_t i = 0; i < count; i++)
        max = freqs[i] > max ? freqs[i] : max;
    return max;
}

static void put_following(struct bit_writer *b, const uint32_t *docs, const uint32_t *freqs, uint32_t count,
                          uint32_t start, unsigned shift) {
    unsigned width = bit_width(greatest(freqs, count) - 1);
    put_bits(b, count, 32);
    put_bits(b, width, 8);
    put_set(b, docs, count, start, shift);
    for (uint32_t i = 0; i < count; i++)
        put_bits(b, freqs[i] - 1, width);
}

/* How often the term has frequencies above 1, 2 ... in a chunk. */
struct repeats {
    uint32_t above[PLANES + 1]; /* [0]: all */
    uint32_t max;
};

static struct repeats count_repeats(const uint32_t *freqs, uint32_t count) {
    struct repeats r = {{count}, greatest(freqs, count)};
    for (uint32_t i = 0; i < count; i++)
        for (unsigned p = 1; p <= PLANES; p++)
            r.above[p] += freqs[i] > p;
    return r;
}

static uint32_t list_size(const struct repeats *r) {
    unsigned width = bit_width(r->max - 2);
    return r->above[1] <= LIST_MAX && width <= 3 ? LIST_HEADER + r->above[1] * (bit_width(r->above[0] - 1) + width)
                                                 : UINT32_MAX;
}

static uint32_t plane_size(const struct repeats *r) {
    uint32_t size = 1;
    for (unsigned p = 0; p < PLANES; p++)
        size += r->above[p];
    return size + (r->above[PLANES] ? 5 + r->above[PLANES] * (bit_width((r->max - 4) | 1)) : 0);
}

static void put_list(struct bit_writer *b, const uint32_t *freqs, const struct repeats *r) {
    unsigned width = bit_width(r->max - 2);
    put_bits(b, 0, 1);
    put_bits(b, r->above[1] - 1, 3);
    put_bits(b, width, 2);
    for (uint32_t i = 0; i < r->above[0]; i++) {
        if (freqs[i] > 1) {
            put_bits(b, i, bit_width(r->above[0] - 1));
            put_bits(b, freqs[i] - 2, width);
        }
    }
}

/* Of the frequencies from `p` on, whether they are above it. */
static void put_plane(struct bit_writer *b, const uint32_t *freqs, uint32_t count, uint32_t p) {
    uint64_t word = 0;
    unsigned n = 0;
    for (uint32_t i = 0; i < count; i++) {
        word |= (uint64_t)(freqs[i] > p) << n;
        n += freqs[i] >= p;
        if (n == 32) {
            put_bits(b, word, n);
            word = n = 0;
        }
    }
    put_bits(b, word, n);
}

static void put_planes(struct bit_writer *b, const uint32_t *freqs, const struct repeats *r) {
    put_bits(b, 1, 1);
    for (unsigned p = 1; p <= PLANES; p++)
        put_plane(b, freqs, r->above[0], p);
    if (!r->above[PLANES])
        return;
    unsigned width = bit_width((r->max - 4) | 1);
    put_bits(b, width - 1, 5);
    for (uint32_t i = 0; i < r->above[0]; i++)
        if (freqs[i] > PLANES)
            put_bits(b, freqs[i] - 4, width);
}

/* Where the chunks of a group begin in its postings; [CHUNK_GROUP] is the count of all. */
static void split(uint32_t *begins, const uint32_t *docs, uint32_t count, uint32_t first, unsigned shift) {
    uint32_t i = 0;
    for (uint32_t c = 0; c < CHUNK_GROUP; c++) {
        begins[c] = i;
        while (i < count && (docs[i] - first) >> shift == c)
            i++;
    }
    begins[CHUNK_GROUP] = count;
}

static uint32_t freqs_size(const struct repeats *r) {
    uint32_t list = list_size(r), planes = plane_size(r);
    return list < planes ? list : planes;
}

/* Of the chunks that are flagged; the last one goes to the end. */
static void put_freqs(struct buffer *out, const uint32_t *freqs, const uint32_t *begins, unsigned flags) {
    struct repeats repeats[CHUNK_GROUP];
    uint32_t most = 0, last = bit_width(flags) - 1;
    unsigned unit = 0;
    for (uint32_t c = 0; c <= last; c++) {
        if (!(flags >> c & 1))
            continue;
        repeats[c] = count_repeats(freqs + begins[c], begins[c + 1] - begins[c]);
        if (c < last && freqs_size(&repeats[c]) > most)
            most = freqs_size(&repeats[c]);
    }
    while ((most + (UINT32_C(1) << unit) - 1) >> unit > UINT8_MAX)
        unit++;
    buffer_append_u8(out, (uint8_t)unit);
    for (uint32_t c = 0; c < last; c++)
        if (flags >> c & 1)
            buffer_append_u8(out, (uint8_t)((freqs_size(&repeats[c]) + (UINT32_C(1) << unit) - 1) >> unit));
    struct bit_writer b = {out, 0, 0};
    for (uint32_t c = 0; c <= last; c++) {
        if (!(flags >> c & 1))
            continue;
        if (list_size(&repeats[c]) < plane_size(&repeats[c]))
            put_list(&b, freqs + begins[c], &repeats[c]);
        else
            put_planes(&b, freqs + begins[c], &repeats[c]);
        if (c < last)
            put_zeros(&b, -freqs_size(&repeats[c]) & ((UINT32_C(1) << unit) - 1));
    }
    pad_bits(&b);
}

static void put_group(struct buffer *out, const uint32_t *docs, const uint32_t *freqs, uint32_t count, uint32_t first,
                      unsigned shift) {
    uint32_t begins[CHUNK_GROUP + 1];
    uint8_t header[HEADER] = {0};
    if (count == 0)
        return;
    split(begins, docs, count, first, shift);
    for (uint32_t c = 0; c < CHUNK_GROUP; c++) {
        uint32_t n = begins[c + 1] - begins[c];
        header[1 + c] = (uint8_t)(n < COUNT_FOLLOWS ? n : COUNT_FOLLOWS);
        if (n && n < COUNT_FOLLOWS && greatest(freqs + begins[c], n) > 1)
            header[0] |= (uint8_t)(1U << c);
    }
    buffer_append(out, header, sizeof header);
    struct bit_writer b = {out, 0, 0};
    for (uint32_t c = 0; c < CHUNK_GROUP; c++) {
        uint32_t n = begins[c + 1] - begins[c], at = begins[c], start = first + (c << shift);
        if (n < COUNT_FOLLOWS)
            put_set(&b, docs + at, n, start, shift);
        else
            put_following(&b, docs + at, freqs + at, n, start, shift);
    }
    pad_bits(&b);
    if (header[0])
        put_freqs(out, freqs, begins, header[0]);
}

void chunk_writer_init(struct chunk_writer *w, struct scratch *scratch) {
    memset(w, 0, sizeof *w);
    spool_init(&w->groups, scratch, SPOOL_ROOM);
    spool_init(&w->ends, scratch, SPOOL_ROOM);
    spool_init(&w->ranks, scratch, SPOOL_ROOM);
}

void chunk_writer_start(struct chunk_writer *w, unsigned shift) {
    w->shift = shift;
    w->group = w->rank = 0;
}

static void end_group(struct chunk_writer *w) {
    uint32_t count = (uint32_t)(w->docs.len / 4);
    put_group(&w->groups.tail, (const void *)w->docs.data, (const void *)w->freqs.data, count,
              w->group << (w->shift + CHUNK_GROUP_SHIFT), w->shift);
    w->rank += count;
    w->group++;
    spool_settle(&w->groups);
    spool_append_u32(&w->ends, (uint32_t)spool_size(&w->groups));
    spool_append_u32(&w->ranks, w->rank);
    buffer_clear(&w->docs);
    buffer_clear(&w->freqs);
}

void chunk_writer_add(struct chunk_writer *w, const uint32_t *docs, const uint32_t *freqs, uint32_t count) {
    unsigned shift = w->shift + CHUNK_GROUP_SHIFT;
    for (uint32_t i = 0; i < count;) {
        while (w->group < docs[i] >> shift)
            end_group(w);
        uint32_t begin = i;
        while (i < count && docs[i] >> shift == w->group)
            i++;
        buffer_append(&w->docs, docs + begin, (i - begin) * sizeof *docs);
        buffer_append(&w->freqs, freqs + begin, (i - begin) * sizeof *freqs);
    }
}

bool chunk_writer_finish(struct chunk_writer *w, uint32_t passages, struct spool *out) {
    while (w->group < groups_of(passages, w->shift))
        end_group(w);
    if (w->docs.failed || w->freqs.failed || spool_failed(&w->groups) || spool_size(&w->groups) > UINT32_MAX)
        return false;
    buffer_append_u8(&out->tail, (uint8_t)w->shift);
    slope_put(out, &w->ends);
    slope_put(out, &w->ranks);
    return !spool_failed(&w->ends) && !spool_failed(&w->ranks);
}

void chunk_writer_clear(struct chunk_writer *w) {
    spool_clear(&w->groups);
    spool_clear(&w->ends);
    spool_clear(&w->ranks);
    buffer_clear(&w->docs);
    buffer_clear(&w->freqs);
}

void chunk_writer_release(struct chunk_writer *w) {
    spool_release(&w->groups);
    spool_release(&w->ends);
    spool_release(&w->ranks);
    buffer_release(&w->docs);
    buffer_release(&w->freqs);
}
