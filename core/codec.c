#include "codec.h"

#include "lanes.h"

#define INLINE static inline __attribute__((always_inline))

enum { ROWS = PACK_COUNT / 4 };

/* `width` is a constant where this is called, so that the loop unrolls into shifts by constants. */
INLINE void unpack_rows(uint32_t *out, const uint8_t *in, const unsigned width) {
    const uint32_t top = width == 32 ? UINT32_MAX : (UINT32_C(1) << width) - 1;
    const lanes mask = {top, top, top, top};
    lanes word = lanes_load(in);
    unsigned used = 0;
#pragma GCC unroll 32
    for (unsigned row = 0; row < ROWS; row++) {
        lanes v = word >> used;
        used += width;
        if (used >= 32) {
            used -= 32;
            if (row + 1 < ROWS) {
                in += sizeof word;
                word = lanes_load(in);
            }
            if (used > 0)
                v |= word << (width - used);
        }
        lanes_store(out + 4 * row, v & mask);
    }
}

INLINE void pack_rows(uint8_t *out, const uint32_t *in, const unsigned width) {
    lanes word = {0, 0, 0, 0};
    unsigned used = 0;
#pragma GCC unroll 32
    for (unsigned row = 0; row < ROWS; row++) {
        lanes v = lanes_load(in + 4 * row);
        word |= v << used;
        used += width;
        if (used >= 32) {
            used -= 32;
            lanes_store(out, word);
            out += sizeof word;
            word = used > 0 ? v >> (width - used) : (lanes){0, 0, 0, 0};
        }
    }
}

#define EACH_WIDTH(CASE)                                                                                               \
    FOUR_WIDTHS(CASE, 1);                                                                                              \
    FOUR_WIDTHS(CASE, 5);                                                                                              \
    FOUR_WIDTHS(CASE, 9);                                                                                              \
    FOUR_WIDTHS(CASE, 13);                                                                                             \
    FOUR_WIDTHS(CASE, 17);                                                                                             \
    FOUR_WIDTHS(CASE, 21);                                                                                             \
    FOUR_WIDTHS(CASE, 25);                                                                                             \
    FOUR_WIDTHS(CASE, 29)
#define FOUR_WIDTHS(CASE, w)                                                                                           \
    CASE(w);                                                                                                           \
    CASE(w + 1);                                                                                                       \
    CASE(w + 2);                                                                                                       \
    CASE(w + 3)

void unpack_block(uint32_t *out, const uint8_t *in, unsigned width) {
#define CASE(w)                                                                                                        \
    case w: unpack_rows(out, in, w); break
    switch (width) {
        EACH_WIDTH(CASE);
    default: memset(out, 0, PACK_COUNT * sizeof *out);
    }
#undef CASE
}

void pack_block(uint8_t *out, const uint32_t *in, unsigned width) {
#define CASE(w)                                                                                                        \
    case w: pack_rows(out, in, w); break
    switch (width) {
        EACH_WIDTH(CASE);
    default: break;
    }
#undef CASE
}

void pack_run(uint8_t *out, const uint32_t *in, size_t n, unsigned width) {
    uint64_t pending = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < n; i++) {
        pending |= (uint64_t)in[i] << bits;
        bits += width;
        /* At most 7 bits stay, so that the next number, of at most 32, always fits. */
        store_u64(out, pending);
        out += bits >> 3;
        pending >>= bits & ~7U;
        bits &= 7;
    }
    store_u64(out, pending);
}

/* --------------------------------------------------------------------------------------- unary -- */

static uint32_t sum_high(const uint32_t *in, size_t n, unsigned width) {
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += in[i] >> width;
    return sum;
}

unsigned rice_width(const uint32_t *in, size_t n, unsigned max) {
    if (n == 0)
        return 0;
    uint32_t sum = sum_high(in, n, 0);
    unsigned width = bit_width(sum / (uint32_t)n);
    width = width < max ? width : max;
    /* A wider one than that of the mean is no better: what a bit less saves in unary is below the sum, so below n. From
     * there down the cost falls, then rises. */
    uint64_t cost = width * n + sum_high(in, n, width);
    while (width > 0) {
        uint64_t next = (width - 1) * n + sum_high(in, n, width - 1);
        if (next > cost)
            break;
        cost = next;
        width--;
    }
    return width;
}

uint64_t unary_size(const uint32_t *in, size_t n, unsigned width) {
    return n + sum_high(in, n, width);
}

uint64_t unary_put(uint8_t *bits, uint64_t at, const uint32_t *in, size_t n, unsigned width) {
    for (size_t i = 0; i < n; i++) {
        at += in[i] >> width;
        bits[at >> 3] |= (uint8_t)(1U << (at & 7));
        at++;
    }
    return at;
}

/* The places of the ones in each byte, and how many these are, worked out by the compiler. */
#define REST(v)  ((v) & ((v)-1))
#define REST2(v) REST(REST(v))
#define PLACE(v) __builtin_ctz((v) | 256)
#define PLACES(v)                                                                                                      \
    {                                                                                                                  \
        PLACE(v), PLACE(REST(v)), PLACE(REST2(v)), PLACE(REST(REST2(v))), PLACE(REST2(REST2(v))),                      \
            PLACE(REST2(REST(REST2(v)))), PLACE(REST2(REST2(REST2(v)))), PLACE(REST(REST2(REST2(REST2(v)))))           \
    }
#define COUNT(v)         __builtin_popcount(v)
#define EACH_BYTE(CASE)  BYTES64(CASE, 0), BYTES64(CASE, 64), BYTES64(CASE, 128), BYTES64(CASE, 192)
#define BYTES64(CASE, v) BYTES16(CASE, v), BYTES16(CASE, v + 16), BYTES16(CASE, v + 32), BYTES16(CASE, v + 48)
#define BYTES16(CASE, v) BYTES4(CASE, v), BYTES4(CASE, v + 4), BYTES4(CASE, v + 8), BYTES4(CASE, v + 12)
#define BYTES4(CASE, v)  CASE(v), CASE(v + 1), CASE(v + 2), CASE(v + 3)

static const uint8_t byte_places[256][8] = {EACH_BYTE(PLACES)};
static const uint8_t byte_counts[256] = {EACH_BYTE(COUNT)};

typedef uint64_t word_lanes __attribute__((vector_size(16)));

bool unary_find(uint16_t *out, size_t count, const uint8_t *bits, const uint8_t *end) {
    const uint16_t *stop = out + count;
    const byte_lanes zero = {0};
    half_lanes at = {0};
    if (end - bits > UNARY_MAX / 8)
        end = bits + UNARY_MAX / 8;
    /* Eight places a byte are written, whether it has so many ones or not. */
    for (; out < stop; at += 8) {
        if (bits == end)
            return false;
        uint8_t byte = *bits++;
        byte_lanes places = (byte_lanes)(word_lanes){load_u64(byte_places[byte]), 0};
        half_lanes wide =
            (half_lanes)__builtin_shufflevector(places, zero, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        lanes_store(out, (lanes)(wide + at));
        out += byte_counts[byte];
    }
    return true;
}
