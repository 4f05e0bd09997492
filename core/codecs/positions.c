#include "positions.h"

#include <math.h>

#include "position_shape.h"

enum {
    SLACK_ESCAPE = 16,
    /* C(POSITION_BOUND, SET_MAX) has so many bits: two numbers and a bit's place in its byte fit 64 bits. */
    NUMBER_BITS = 28,
};

/* ---------------------------------------------------------------------------------------- sets -- */

/* C(p, k), for k up to SET_MAX and p up to POSITION_BOUND: below 2^32. */
#define CHOOSE1(p) (p)
#define CHOOSE2(p) ((p) < 2 ? 0 : (p) * ((p)-1) / 2)
#define CHOOSE3(p) ((p) < 3 ? 0 : (p) * ((p)-1) * ((p)-2) / 6)
#define CHOOSE4(p) ((p) < 4 ? 0 : (uint32_t)(UINT64_C(1) * (p) * ((p)-1) * ((p)-2) * ((p)-3) / 24))

#define ONE(p) 1

#define ROW(CHOOSE)                                                                                                    \
    { ROW64(CHOOSE, 0U), ROW64(CHOOSE, 64U), ROW64(CHOOSE, 128U), ROW64(CHOOSE, 192U) }
#define ROW64(CHOOSE, p) ROW16(CHOOSE, p), ROW16(CHOOSE, p + 16), ROW16(CHOOSE, p + 32), ROW16(CHOOSE, p + 48)
#define ROW16(CHOOSE, p) ROW4(CHOOSE, p), ROW4(CHOOSE, p + 4), ROW4(CHOOSE, p + 8), ROW4(CHOOSE, p + 12)
#define ROW4(CHOOSE, p)  CHOOSE(p), CHOOSE(p + 1), CHOOSE(p + 2), CHOOSE(p + 3)

/* The last row is for positions that are not numbered. */
static const uint32_t choose[SET_MAX + 1][POSITION_BOUND + 1] = {ROW(CHOOSE1), ROW(CHOOSE2), ROW(CHOOSE3), ROW(CHOOSE4),
                                                                 ROW(ONE)};

/* The same for more than SET_MAX and up to LONE_MAX: products of eight stay below 2^64. */
#define DOWN5(p)   (UINT64_C(1) * (p) * ((p)-1) * ((p)-2) * ((p)-3) * ((p)-4))
#define CHOOSE5(p) ((p) < 5 ? 0 : DOWN5(p) / 120)
#define CHOOSE6(p) ((p) < 6 ? 0 : DOWN5(p) * ((p)-5) / 720)
#define CHOOSE7(p) ((p) < 7 ? 0 : DOWN5(p) * ((p)-5) * ((p)-6) / 5040)
#define CHOOSE8(p) ((p) < 8 ? 0 : DOWN5(p) * ((p)-5) * ((p)-6) * ((p)-7) / 40320)

#define STEPS(CHOOSE)                                                                                                  \
    { STEPS4(CHOOSE, 0U), STEPS4(CHOOSE, 64U), STEPS4(CHOOSE, 128U), STEPS4(CHOOSE, 192U) }
#define STEPS4(CHOOSE, p) CHOOSE(p), CHOOSE(p + 16), CHOOSE(p + 32), CHOOSE(p + 48)

const uint64_t position_lone_counts[LONE_MAX - SET_MAX][POSITION_BOUND + 1] = {ROW(CHOOSE5), ROW(CHOOSE6), ROW(CHOOSE7),
                                                                               ROW(CHOOSE8)};
const uint64_t position_lone_steps[LONE_MAX - SET_MAX][(POSITION_BOUND + 1) / LONE_STEP] = {
    STEPS(CHOOSE5), STEPS(CHOOSE6), STEPS(CHOOSE7), STEPS(CHOOSE8)};

/* Bits of positions that are not part of a joint number, up to REST_TABLE of them; 0 of those that are. */
#define LONE(n)    (uint8_t)((n) > 1 ? 64U - (unsigned)__builtin_clzll((n)-1) : 0U)
#define BITS(n)    ((n) ? 32U - (unsigned)__builtin_clz(n) : 0U)
#define OVER(k, p) ((p) > (k) ? (p) - (k) : 0U)
#define LOW(k, p)  (BITS(OVER(k, p)) > BITS(k) ? BITS(OVER(k, p)) - BITS(k) : 0U)
#define MANY(k, p) ((k)*LOW(k, p) + (k) + (OVER(k, p) >> LOW(k, p)))
#define NONE(p)    0
#define MANY5(p)   LONE(CHOOSE5(p))
#define MANY6(p)   LONE(CHOOSE6(p))
#define MANY7(p)   LONE(CHOOSE7(p))
#define MANY8(p)   LONE(CHOOSE8(p))
#define MANY9(p)   MANY(9U, p)
#define MANY10(p)  MANY(10U, p)
#define MANY11(p)  MANY(11U, p)
#define MANY12(p)  MANY(12U, p)
#define MANY13(p)  MANY(13U, p)
#define MANY14(p)  MANY(14U, p)
#define MANY15(p)  MANY(15U, p)
#define MANY16(p)  MANY(16U, p)

const uint8_t position_rest_bits[REST_TABLE + 1][POSITION_BOUND + 1] = {
    ROW(NONE),  ROW(NONE),   ROW(NONE),   ROW(NONE),   ROW(MANY5),  ROW(MANY6),  ROW(MANY7),  ROW(MANY8),
    ROW(MANY9), ROW(MANY10), ROW(MANY11), ROW(MANY12), ROW(MANY13), ROW(MANY14), ROW(MANY15), ROW(MANY16),
};

static inline bool is_numbered(uint32_t freq, uint32_t bound) {
    return bound <= POSITION_BOUND ? freq <= SET_MAX : freq == 1 && bound >> NUMBER_BITS == 0;
}

/* How many sets there are of freq positions below bound; 1 if they are not numbered. */
static inline uint64_t set_count(uint32_t freq, uint32_t bound) {
    if (bound <= POSITION_BOUND)
        return choose[freq <= SET_MAX ? freq - 1 : SET_MAX][bound];
    return is_numbered(freq, bound) ? bound : 1;
}

/* Pairs a < b < bound in a rectangle: the row of those with a, which are bound - 1 - a, and behind it the row of those
 * with bound - 2 - a, which are a + 1, make a row of `bound`. */
static inline uint32_t pair_number(uint32_t a, uint32_t b, uint32_t bound) {
    uint32_t mirror = bound - 2 - a, column = b - a - 1;
    return a <= mirror ? a * bound + column : mirror * bound + (bound - 1 - mirror) + column;
}

static inline void pair_positions(uint32_t *out, uint32_t number, uint32_t bound) {
    uint32_t a = number / bound, column = number - a * bound, length = bound - 1 - a;
    bool mirrored = column >= length;
    a = mirrored ? bound - 2 - a : a;
    column -= mirrored ? length : 0;
    out[0] = a;
    out[1] = a + 1 + column;
}

static inline uint32_t set_number(const uint32_t *positions, uint32_t freq, uint32_t bound) {
    uint32_t number = 0;
    for (uint32_t k = freq; k > 2; k--) {
        bound = positions[k - 1];
        number += choose[k - 1][bound];
    }
    return number + (freq == 1 ? positions[0] : pair_number(positions[0], positions[1], bound));
}

/* About the cube root, to half a percent: a third of the exponent, and a step of Newton's. */
static inline float cube_root(float x) {
    uint32_t bits;
    float y;
    memcpy(&bits, &x, sizeof bits);
    bits = bits / 3 + CUBE_ROOT_BITS;
    memcpy(&y, &bits, sizeof y);
    return (2 * y + x / (y * y)) / 3;
}

/* The greatest position of a set of k, 3 or 4, whose number becomes that of the others: the greatest p with C(p, k) <=
 * number. */
static inline uint32_t take_last(uint32_t k, uint32_t *number) {
    const uint32_t *row = choose[k - 1];
    /* C(p, k) is about (p - (k - 1) / 2)^k / k!, so this is off by one at most. */
    float x = (float)(int32_t)*number;
    float root = k == 3 ? cube_root(x * 6) + 0.9F : sqrtf(sqrtf(x * 24)) + 1.4F;
    uint32_t p = (uint32_t)(int32_t)root;
    p = p > k - 1 ? p : k - 1;
    p -= row[p] > *number;
    p += p < POSITION_BOUND && row[p + 1] <= *number;
    *number -= row[p];
    return p;
}

static inline void set_positions(uint32_t *out, uint32_t freq, uint32_t bound, uint32_t number) {
    if (freq == 1) {
        out[0] = number;
        return;
    }
    if (freq == 4)
        out[3] = bound = take_last(4, &number);
    if (freq >= 3)
        out[2] = bound = take_last(3, &number);
    pair_positions(out, number, bound);
}

/* Bits of a number below n; 1 or more, as n is 0 only where the bytes are broken. */
static inline unsigned number_bits(uint64_t n) {
    return 63U - (unsigned)__builtin_clzll((n - 1) * 2 + 1);
}

static inline bool is_lone(uint32_t freq, uint32_t bound) {
    return bound <= POSITION_BOUND && freq > SET_MAX && freq <= LONE_MAX;
}

static inline uint64_t lone_number(const uint32_t *positions, uint32_t freq) {
    uint64_t number = set_number(positions, SET_MAX, 0);
    for (uint32_t k = SET_MAX; k < freq; k++)
        number += position_lone_counts[k - SET_MAX][positions[k]];
    return number;
}

/* Those behind the first SET_MAX, whose number it gives. */
static inline uint32_t take_lone(uint32_t *out, uint32_t freq, uint64_t number) {
    for (uint32_t k = freq; k > SET_MAX; k--) {
        const uint64_t *row = position_lone_counts[k - SET_MAX - 1];
        uint32_t p = 0;
        for (uint32_t step = (POSITION_BOUND + 1) / 2; step > 0; step /= 2)
            p += row[p + step] <= number ? step : 0;
        out[k - 1] = p;
        number -= row[p];
    }
    return (uint32_t)number;
}

/* The width of the low parts of positions that are not numbered at all, and the bits of their rests. */
static inline unsigned low_width(uint32_t freq, uint32_t bound) {
    unsigned range = bit_width(bound - freq), count = bit_width(freq);
    return range > count ? range - count : 0;
}

static inline uint64_t high_bits(uint32_t freq, uint32_t bound, unsigned width) {
    return (uint64_t)freq + ((bound - freq) >> width);
}

/* ------------------------------------------------------------------------------------- writer -- */

struct bit_writer {
    uint8_t *p;
    uint64_t pending;
    unsigned count; /* of pending bits, below 8 between two calls */
};

/* Adds n <= 56 bits; writes 8 bytes, of which the whole ones stay. */
static inline void put_bits(struct bit_writer *w, uint64_t v, unsigned n) {
    w->pending |= v << w->count;
    w->count += n;
    store_u64(w->p, w->pending);
    w->p += w->count >> 3;
    w->pending >>= w->count & ~7U;
    w->count &= 7;
}

static void put_zeros(struct bit_writer *w, uint64_t n) {
    for (; n > 32; n -= 32)
        put_bits(w, 0, 32);
    put_bits(w, 0, (unsigned)n);
}

static void put_many(struct bit_writer *w, const uint32_t *positions, uint32_t freq, uint32_t bound) {
    if (is_lone(freq, bound)) {
        put_bits(w, lone_number(positions, freq), number_bits(position_lone_counts[freq - SET_MAX - 1][bound]));
        return;
    }
    unsigned width = low_width(freq, bound);
    uint64_t at = 0;
    for (uint32_t i = 0; i < freq; i++)
        put_bits(w, (positions[i] - i) & ((UINT64_C(1) << width) - 1), width);
    for (uint32_t i = 0; i < freq; i++) {
        uint64_t one = ((positions[i] - i) >> width) + (uint64_t)i;
        put_zeros(w, one - at);
        put_bits(w, 1, 1);
        at = one + 1;
    }
    put_zeros(w, high_bits(freq, bound, width) - at);
}

static uint32_t slack_of(const struct position_run *run, const uint32_t *positions) {
    uint32_t slack = 0;
    for (uint32_t i = 0; i < run->count; i++) {
        positions += run->freqs[i];
        uint32_t end = positions[-1] + 1, length = run->lengths[i];
        slack = end > length && end - length > slack ? end - length : slack;
    }
    return slack;
}

static void put_slack(struct bit_writer *w, uint32_t slack) {
    if (slack < SLACK_ESCAPE) {
        put_bits(w, (UINT64_C(1) << slack) - 1, slack + 1);
        return;
    }
    put_bits(w, (UINT64_C(1) << SLACK_ESCAPE) - 1, SLACK_ESCAPE);
    put_bits(w, slack, 32);
}

/* How the numbers of four passages are put together, by how many sets there are of each. */
struct joint {
    uint64_t counts[2]; /* of the first two, and of the last two */
    unsigned bits[2];   /* of the number of all four, and 0; or of each two */
    bool of_four;
};

static inline struct joint join(uint64_t first, uint64_t last) {
    struct joint j = {.counts = {first, last}};
    uint64_t all;
    j.of_four = !__builtin_mul_overflow(first, last, &all) && all >> JOINT_BITS == 0;
    j.bits[0] = number_bits(j.of_four ? all : first);
    j.bits[1] = j.of_four ? 0 : number_bits(last);
    return j;
}

/* The passages from i on, four of them or as many as there are; returns the positions behind theirs. */
static inline const uint32_t *put_quad(struct bit_writer *w, const struct position_run *run, uint32_t i, uint32_t slack,
                                       const uint32_t *positions) {
    uint32_t count = run->count - i < QUAD ? run->count - i : QUAD, bounds[QUAD];
    const uint32_t *freqs = run->freqs + i, *next = positions;
    uint64_t sets[2] = {1, 1}, numbers[2] = {0, 0};
    for (uint32_t k = 0; k < count; next += freqs[k++]) {
        bounds[k] = run->lengths[i + k] + slack;
        numbers[k / 2] += is_numbered(freqs[k], bounds[k]) ? set_number(next, freqs[k], bounds[k]) * sets[k / 2] : 0;
        sets[k / 2] *= set_count(freqs[k], bounds[k]);
    }
    struct joint j = join(sets[0], sets[1]);
    put_bits(w, j.of_four ? numbers[0] + sets[0] * numbers[1] : numbers[0], j.bits[0]);
    put_bits(w, j.of_four ? 0 : numbers[1], j.bits[1]);
    next = positions;
    for (uint32_t k = 0; k < count; next += freqs[k++])
        if (!is_numbered(freqs[k], bounds[k]))
            put_many(w, next, freqs[k], bounds[k]);
    return next;
}

void positions_put(struct buffer *out, const struct position_run *run, const uint32_t *positions) {
    uint64_t total = 0;
    for (uint32_t i = 0; i < run->count; i++)
        total += run->freqs[i];
    /* A position takes no more than 32 bits, nor does a bound above its positions; the slack at most 6 bytes. */
    uint8_t *begin = buffer_reserve(out, (total + run->count) * 4 + 8 + 8);
    if (!begin)
        return;
    struct bit_writer w = {.p = begin};
    uint32_t slack = slack_of(run, positions);
    put_slack(&w, slack);
    for (uint32_t i = 0; i < run->count; i += QUAD)
        positions = put_quad(&w, run, i, slack, positions);
    out->len += (size_t)(w.p - begin) + (w.count > 0);
}

/* ------------------------------------------------------------------------------------- reader -- */

/* The 57 bits or more from a bit on. */
static inline uint64_t bits_at(const uint8_t *bits, uint64_t at) {
    return load_u64(bits + (at >> 3)) >> (at & 7);
}

bool position_reader_init(struct position_reader *r, const uint8_t *in, const uint8_t *end) {
    *r = (struct position_reader){.bits = in, .end = (uint64_t)(end - in) * 8};
    if (in == end)
        return false;
    r->slack = (uint32_t)__builtin_ctzll(~bits_at(in, 0) | UINT64_C(1) << SLACK_ESCAPE);
    r->at = r->slack + 1;
    if (r->slack == SLACK_ESCAPE) {
        r->at = SLACK_ESCAPE + 32;
        if (r->at > r->end)
            return false;
        r->slack = (uint32_t)bits_at(in, SLACK_ESCAPE);
    }
    return r->at <= r->end;
}

/* Bits of positions that are no part of a joint number; 0 if they are. */
static inline uint64_t many_size(uint32_t freq, uint32_t bound) {
    if (is_lone(freq, bound))
        return number_bits(position_lone_counts[freq - SET_MAX - 1][bound]);
    unsigned width = low_width(freq, bound);
    uint64_t size = (uint64_t)freq * width + high_bits(freq, bound, width);
    return is_numbered(freq, bound) ? 0 : size;
}

uint64_t position_many_size(uint32_t freq, uint32_t bound) {
    return many_size(freq, bound);
}

uint32_t position_rest_size(uint32_t freq, uint32_t bound) {
    return freq <= REST_TABLE ? position_rest_bits[freq - 1][bound] : (uint32_t)many_size(freq, bound);
}

/* A frequency of 0 is one of broken bytes. */
static inline bool fits(uint32_t freq, uint32_t length, uint32_t slack) {
    return freq - 1 < length && length <= UINT32_MAX - slack;
}

static inline unsigned joint_size(uint64_t first, uint64_t last) {
    struct joint j = join(first, last);
    return j.bits[0] + j.bits[1];
}

uint64_t position_quad_size(const struct position_run *run, size_t i, uint32_t slack) {
    uint64_t sets[QUAD] = {1, 1, 1, 1}, size = 0;
    for (uint32_t k = 0; k < QUAD && i + k < run->count; k++) {
        uint32_t bound = run->lengths[i + k] + slack;
        sets[k] = set_count(run->freqs[i + k], bound);
        size += many_size(run->freqs[i + k], bound);
    }
    return size + joint_size(sets[0] * sets[1], sets[2] * sets[3]);
}

static inline uint32_t greater(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* The same by tables, where these have them. */
static inline uint64_t quad_size(const struct position_run *run, size_t i, uint32_t slack) {
    const uint32_t *f = run->freqs + i, *l = run->lengths + i;
    uint32_t k[QUAD] = {f[0] - 1, f[1] - 1, f[2] - 1, f[3] - 1}, any = k[0] | k[1] | k[2] | k[3];
    uint64_t sets[QUAD], size = 0;
    if (any >= REST_TABLE || slack > POSITION_BOUND ||
        greater(greater(l[0], l[1]), greater(l[2], l[3])) > POSITION_BOUND - slack)
        return position_quad_size(run, i, slack);
    for (uint32_t n = 0; n < QUAD; n++) {
        uint32_t bound = l[n] + slack;
        sets[n] = choose[k[n] < SET_MAX ? k[n] : SET_MAX][bound];
        size += position_rest_bits[k[n]][bound];
    }
    return size + joint_size(sets[0] * sets[1], sets[2] * sets[3]);
}

/* Passes over the fours before `quad`; false if they leave the bits. Where a passage is not as long as its positions
 * need, the place is wrong, as it would be after any broken bit. */
static inline bool pass_over(struct position_reader *r, const struct position_run *run, uint32_t quad) {
    for (; r->quad < quad; r->quad++)
        r->at += quad_size(run, QUAD * (size_t)r->quad, r->slack);
    return r->at <= r->end;
}

/* The places of ones from bit `at` on, one after the other. */
struct one_reader {
    const uint8_t *bits;
    uint64_t word, base, end; /* the ones ahead; of which bit the lowest is; of all bits */
};

/* 57 bits are there from any bit on. */
static inline uint64_t ones_at(const uint8_t *bits, uint64_t at) {
    return bits_at(bits, at) & ((UINT64_C(1) << 57) - 1);
}

/* `end` or a place beyond if there is none. */
static inline uint64_t next_one(struct one_reader *r) {
    while (!r->word) {
        r->base += 57;
        if (r->base >= r->end)
            return r->end;
        r->word = ones_at(r->bits, r->base);
    }
    uint64_t one = r->base + (uint64_t)__builtin_ctzll(r->word);
    r->word &= r->word - 1;
    return one;
}

static bool read_lone(const uint8_t *bits, uint64_t at, uint32_t freq, uint32_t bound, uint32_t *out) {
    uint64_t n = position_lone_counts[freq - SET_MAX - 1][bound];
    uint64_t number = bits_at(bits, at) & ((UINT64_C(1) << number_bits(n)) - 1);
    if (number >= n)
        return false;
    set_positions(out, SET_MAX, 0, take_lone(out, freq, number));
    return true;
}

/* Positions that are no part of a joint number; false if they don't rise below bound. */
static bool read_many(const uint8_t *bits, uint64_t at, uint32_t freq, uint32_t bound, uint32_t *out) {
    if (is_lone(freq, bound))
        return read_lone(bits, at, freq, bound, out);
    unsigned width = low_width(freq, bound);
    uint64_t high = at + (uint64_t)freq * width, next = 0, mask = (UINT64_C(1) << width) - 1;
    struct one_reader r = {bits, ones_at(bits, high), high, high + high_bits(freq, bound, width)};
    bool rising = true;
    for (uint32_t i = 0; i < freq; i++) {
        uint64_t one = next_one(&r);
        if (one >= r.end)
            return false;
        uint64_t position = ((one - high - i) << width) + (bits_at(bits, at) & mask) + i;
        rising &= position >= next;
        out[i] = (uint32_t)position;
        next = position + 1;
        at += width;
    }
    return rising && next <= bound;
}

bool position_read_rest(const uint8_t *bits, uint64_t at, uint32_t freq, uint32_t bound, uint32_t *out) {
    return read_many(bits, at, freq, bound, out);
}

/* Most are short, which some processors divide in a third of the time. */
static inline uint64_t divide(uint64_t number, uint64_t by) {
    return (number | by) >> 32 ? number / by : (uint32_t)number / (uint32_t)by;
}

static inline uint64_t rest_of(uint64_t number, uint64_t by) {
    return (number | by) >> 32 ? number % by : (uint32_t)number % (uint32_t)by;
}

/* Four passages, or as many as there are from some on, as they are read. */
struct quad {
    const uint32_t *freqs;
    uint32_t count, bounds[QUAD];
    uint64_t sets[QUAD];
    uint64_t numbers[2]; /* of each two */
    uint64_t at;         /* bit behind the numbers */
};

/* Reads the numbers; false if they are none. */
static inline bool open_quad(struct quad *q, const struct position_reader *r, const struct position_run *run) {
    uint32_t i = r->quad * QUAD;
    q->freqs = run->freqs + i;
    q->count = run->count - i < QUAD ? run->count - i : QUAD;
    for (uint32_t k = 0; k < QUAD; k++) {
        q->sets[k] = 1;
        if (k >= q->count)
            continue;
        if (!fits(q->freqs[k], run->lengths[i + k], r->slack))
            return false;
        q->bounds[k] = run->lengths[i + k] + r->slack;
        q->sets[k] = set_count(q->freqs[k], q->bounds[k]);
    }
    struct joint j = join(q->sets[0] * q->sets[1], q->sets[2] * q->sets[3]);
    uint64_t number = bits_at(r->bits, r->at) & ((UINT64_C(1) << j.bits[0]) - 1);
    q->at = r->at + j.bits[0] + j.bits[1];
    if (q->at > r->end)
        return false;
    if (j.of_four) {
        q->numbers[1] = divide(number, j.counts[0]);
        q->numbers[0] = number - q->numbers[1] * j.counts[0];
    } else {
        q->numbers[0] = number;
        q->numbers[1] = bits_at(r->bits, r->at + j.bits[0]) & ((UINT64_C(1) << j.bits[1]) - 1);
    }
    return q->numbers[0] < j.counts[0] && q->numbers[1] < j.counts[1];
}

/* The set of passage k, which is numbered. */
static inline void quad_positions(const struct quad *q, uint32_t k, uint32_t *out) {
    uint64_t pair = q->numbers[k / 2], first = q->sets[k & 2];
    set_positions(out, q->freqs[k], q->bounds[k], (uint32_t)(k & 1 ? divide(pair, first) : rest_of(pair, first)));
}

bool position_read(struct position_reader *r, const struct position_run *run, uint32_t passage, uint32_t *out) {
    struct quad q;
    uint32_t k = passage % QUAD;
    if (!pass_over(r, run, passage / QUAD) || !open_quad(&q, r, run))
        return false;
    if (is_numbered(q.freqs[k], q.bounds[k])) {
        quad_positions(&q, k, out);
        return true;
    }
    uint64_t at = q.at;
    for (uint32_t i = 0; i < k; i++)
        at += many_size(q.freqs[i], q.bounds[i]);
    return at <= r->end && many_size(q.freqs[k], q.bounds[k]) <= r->end - at &&
           read_many(r->bits, at, q.freqs[k], q.bounds[k], out);
}

bool positions_pick(struct position_reader *r, const struct position_run *run, const uint32_t *which, uint32_t n,
                    uint32_t *out) {
    for (uint32_t i = 0; i < n; out += run->freqs[which[i++]])
        if (!position_read(r, run, which[i], out))
            return false;
    return true;
}

bool positions_read_all(struct position_reader *r, const struct position_run *run, uint32_t *out) {
    for (; r->quad * QUAD < run->count; r->quad++) {
        struct quad q;
        if (!open_quad(&q, r, run))
            return false;
        r->at = q.at;
        for (uint32_t k = 0; k < q.count; out += q.freqs[k++]) {
            if (is_numbered(q.freqs[k], q.bounds[k])) {
                quad_positions(&q, k, out);
                continue;
            }
            uint64_t size = many_size(q.freqs[k], q.bounds[k]);
            if (size > r->end - r->at || !read_many(r->bits, r->at, q.freqs[k], q.bounds[k], out))
                return false;
            r->at += size;
        }
    }
    return true;
}
