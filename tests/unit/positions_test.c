/* Positions: what is coded is decoded, in any passages and in any forward order; every kind of set keeps its number;
 * and broken bits give either nothing or positions that rise below the bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/codecs/position_lists.h"
#include "core/codecs/position_mask.h"
#include "support/random.h"

enum { PASSAGES = 128, POSITIONS = 200000 };

struct sample {
    struct position_run run;
    uint32_t lengths[PASSAGES], freqs[PASSAGES], starts[PASSAGES];
    uint32_t positions[POSITIONS];
};

static struct sample sample;

/* freq rising numbers below bound, by a draw without putting back. */
static void draw(struct random *r, uint32_t *out, uint32_t freq, uint32_t bound) {
    for (uint32_t p = 0, left = freq; left > 0; p++)
        if (random_below(r, bound - p) < left)
            out[freq - left--] = p;
}

static void make_sample(struct random *r, uint32_t max_length, uint32_t max_freq, uint32_t slack) {
    struct sample *s = &sample;
    uint32_t at = 0;
    s->run = (struct position_run){s->lengths, s->freqs, 1 + random_below(r, PASSAGES)};
    for (uint32_t i = 0; i < s->run.count; i++) {
        uint32_t length = 1 + random_below(r, max_length);
        uint32_t freq = 1 + random_below(r, random_below(r, 3) ? 2 : max_freq);
        s->lengths[i] = length;
        s->freqs[i] = freq < length ? freq : length;
        s->starts[i] = at;
        draw(r, s->positions + at, s->freqs[i], length + slack);
        at += s->freqs[i];
    }
}

/* Codes the sample, with what may be read beyond behind; returns the size. */
static size_t code(struct buffer *out) {
    buffer_clear(out);
    positions_put(out, &sample.run, sample.positions);
    assert_false(out->failed);
    size_t size = out->len;
    buffer_append_zeros(out, 8);
    return size;
}

static void assert_same(struct random *r, struct buffer *out) {
    static uint32_t positions[POSITIONS];
    size_t size = code(out);
    struct position_reader reader;
    assert_true(position_reader_init(&reader, out->data, out->data + size));
    for (uint32_t i = 0; i < sample.run.count; i += r ? random_below(r, 4) * random_below(r, 4) : 1) {
        assert_true(position_read(&reader, &sample.run, i, positions));
        assert_memory_equal(positions, sample.positions + sample.starts[i], sample.freqs[i] * sizeof *positions);
        if (r && i == sample.run.count - 1)
            break;
    }
    uint32_t last = sample.run.count - 1, total = (uint32_t)sample.starts[last] + sample.freqs[last];
    assert_true(position_reader_init(&reader, out->data, out->data + size));
    assert_true(positions_read_all(&reader, &sample.run, positions));
    assert_memory_equal(positions, sample.positions, total * sizeof *positions);
}

/* Some of the passages at once, or all. */
static void assert_picked(struct random *r, struct buffer *out) {
    static uint32_t positions[POSITIONS + 4], wanted[POSITIONS];
    uint32_t which[PASSAGES], n = 0, total = 0, part = r ? 1 + random_below(r, 8) : 1;
    size_t size = code(out);
    for (uint32_t i = 0; i < sample.run.count; i++) {
        if (r && random_below(r, part) > 0)
            continue;
        which[n++] = i;
        memcpy(wanted + total, sample.positions + sample.starts[i], sample.freqs[i] * sizeof *wanted);
        total += sample.freqs[i];
    }
    struct position_reader reader;
    assert_true(position_reader_init(&reader, out->data, out->data + size));
    if (n == 0)
        return;
    assert_true(positions_pick(&reader, &sample.run, which, n, positions));
    assert_memory_equal(positions, wanted, total * sizeof *positions);
}

/* Passage i of the sample, with these positions; none of one with room for positions that can't be told. */
static void assert_mask(const struct position_masks *masks, uint32_t at, uint32_t i, uint32_t slack,
                        const uint32_t *positions) {
    uint64_t wanted[POSITION_MASK_WORDS] = {0};
    for (uint32_t k = 0; sample.lengths[i] + slack <= POSITION_MASK_BITS && k < sample.freqs[i]; k++)
        wanted[positions[k] / 64] |= UINT64_C(1) << positions[k] % 64;
    for (unsigned w = 0; w < POSITION_MASK_WORDS; w++)
        assert_true(masks->words[w][at] == wanted[w]);
    assert_true(!(wanted[0] | wanted[1] | wanted[2] | wanted[3]) || masks->freqs[at] == sample.freqs[i]);
}

/* The sample's run as bytes; false if it has greater numbers than they tell. Anything is told of what is not looked at.
 */
static bool make_bytes(struct position_bytes *bytes, bool has_longs) {
    bool fits = true;
    memset(bytes, 0xaa, sizeof *bytes);
    bytes->count = sample.run.count;
    bytes->has_longs = has_longs;
    for (uint32_t i = 0; i < bytes->count; i++) {
        bool is_long = has_longs && sample.lengths[i] >= UINT8_MAX;
        fits &= (is_long || sample.lengths[i] <= UINT8_MAX) && sample.freqs[i] <= UINT8_MAX;
        bytes->lengths[i] = is_long ? UINT8_MAX : (uint8_t)sample.lengths[i];
        bytes->freqs[i] = (uint8_t)sample.freqs[i];
        if (is_long)
            bytes->longs[i] = (uint16_t)sample.lengths[i];
    }
    return fits;
}

/* The same of bytes, in parts of `part` passages, as if each was of another run. */
static void assert_masked_parts(const struct mask_ops *ops, const struct position_masks *wanted,
                                const struct position_bytes *bytes, const struct buffer *in, const uint32_t *which,
                                uint32_t n, uint32_t part) {
    static struct position_masks same;
    static struct mask_reader m;
    struct mask_part parts[MASK_PARTS];
    uint32_t count = 0;
    mask_reader_init(&m, &same);
    m.ops = ops;
    for (uint32_t i = 0, end; i < n; i = end, count++) {
        end = n - i > part && count + 1 < MASK_PARTS ? i + part : n;
        parts[count] = (struct mask_part){bytes, in->data, in->data + in->len, end - i};
    }
    assert_true(mask_reader_add_parts(&m, parts, count, which));
    assert_true(mask_reader_finish(&m));
    for (unsigned w = 0; w < POSITION_MASK_WORDS; w++)
        assert_memory_equal(wanted->words[w], same.words[w], n * sizeof *same.words[w]);
    assert_memory_equal(wanted->freqs, same.freqs, n * sizeof *same.freqs);
}

/* Passages as masks, by one kind of processor. */
static void assert_masked_by(const struct mask_ops *ops, const struct buffer *in, const uint32_t *which, uint32_t n,
                             uint32_t part) {
    static struct position_masks masks;
    static struct mask_reader m;
    struct position_bytes bytes;
    struct position_reader reader;
    assert_true(position_reader_init(&reader, in->data, in->data + in->len));
    mask_reader_init(&m, &masks);
    m.ops = ops;
    assert_true(mask_reader_add(&m, &reader, &sample.run, which, n) && mask_reader_finish(&m));
    for (uint32_t i = 0; i < n; i++)
        assert_mask(&masks, i, which[i], reader.slack, sample.positions + sample.starts[which[i]]);
    for (int has_longs = 0; has_longs < 2; has_longs++)
        if (make_bytes(&bytes, has_longs))
            assert_masked_parts(ops, &masks, &bytes, in, which, n, part);
}

/* Lists of `count` passages from number `at` on. Those that are not told don't matter, but for their frequency. */
static void assert_lists(const struct position_lists *lists, size_t at, uint32_t count, uint32_t slack,
                         const uint32_t *positions) {
    for (uint32_t i = 0; i < count; positions += sample.freqs[i++]) {
        bool told = sample.freqs[i] <= POSITION_LIST && sample.lengths[i] + slack <= POSITION_MASK_BITS;
        assert_int_equal(lists->freqs[at + i], told ? sample.freqs[i] : 0);
        for (uint32_t k = 0; told && k < sample.freqs[i]; k++)
            assert_int_equal(lists->of[at + i][k], positions[k]);
    }
}

static void assert_same_lists(const struct position_lists *a, const struct position_lists *b, size_t count) {
    assert_memory_equal(a->freqs, b->freqs, count);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal(a->of[i], b->of[i], a->freqs[i]);
}

/* Lists of all passages of some parts, the even ones of the whole run, the odd ones of its first fours, by all kinds of
 * processors: all that can be read are as those of the first that could, and as the positions one after the other, if
 * all these could be read; else NULL. */
static void assert_listed_parts(const struct position_bytes *bytes, uint32_t count, const uint8_t *from,
                                const uint8_t *to, const uint32_t *positions) {
    static struct position_lists lists[2];
    struct mask_part parts[MASK_PARTS];
    struct position_bytes fours = *bytes;
    struct position_reader reader;
    size_t total = 0, good = 0;
    assert_true(position_reader_init(&reader, from, to));
    fours.count = bytes->count < 8 ? bytes->count : bytes->count / 8 * 4;
    for (uint32_t k = 0; k < count; total += parts[k++].n)
        parts[k] = (struct mask_part){k % 2 ? &fours : bytes, from, to, k % 2 ? fours.count : bytes->count};
    for (lists_read *const *read = lists_read_all(); *read; read++) {
        struct position_lists *out = &lists[good > 0];
        if (!(*read)(parts, count, out)) {
            assert_null(positions);
            continue;
        }
        if (good++)
            assert_same_lists(out, lists, total);
        size_t at = 0;
        for (uint32_t k = 0; positions && k < count; at += parts[k++].n)
            assert_lists(out, at, parts[k].n, reader.slack, positions);
    }
}

static void assert_listed(uint32_t count, const uint8_t *from, const uint8_t *to, const uint32_t *positions) {
    struct position_bytes bytes;
    for (int has_longs = 0; has_longs < 2; has_longs++)
        if (make_bytes(&bytes, has_longs))
            assert_listed_parts(&bytes, count, from, to, positions);
}

/* Some of the passages as masks, or all. */
static void assert_masked(struct random *r, struct buffer *out) {
    uint32_t which[PASSAGES], n = 0, part = r ? 1 + random_below(r, 8) : 1;
    size_t size = code(out);
    const struct buffer coded = {out->data, size, size, false};
    for (uint32_t i = 0; i < sample.run.count; i++)
        if (!r || random_below(r, part) == 0)
            which[n++] = i;
    assert_listed(r ? 1 + random_below(r, MASK_PARTS) : 1, out->data, out->data + size, sample.positions);
    if (n == 0)
        return;
    part = r ? 1 + random_below(r, n) : n;
    for (const struct mask_ops *const *ops = mask_ops_all(); *ops; ops++)
        assert_masked_by(*ops, &coded, which, n, part);
}

/* What was damaged as masks, by one kind of processor: as was read, or refused. Passages that are all read, at `every`.
 */
static void assert_damaged_masks(const struct mask_ops *ops, const struct position_reader *fresh, const uint32_t *which,
                                 bool all, const uint32_t *every) {
    static struct position_masks masks;
    static struct mask_reader m;
    struct position_bytes bytes;
    struct position_reader reader = *fresh;
    uint32_t at = 0;
    mask_reader_init(&m, &masks);
    m.ops = ops;
    bool masked = mask_reader_add(&m, &reader, &sample.run, which, sample.run.count) && mask_reader_finish(&m);
    assert_true(masked || !all);
    for (uint32_t i = 0; all && i < sample.run.count; at += sample.freqs[i++])
        assert_mask(&masks, i, i, fresh->slack, every + at);
    for (int has_longs = 0; has_longs < 2; has_longs++) {
        if (!make_bytes(&bytes, has_longs))
            continue;
        const struct mask_part part = {&bytes, fresh->bits, fresh->bits + fresh->end / 8, sample.run.count};
        at = 0;
        mask_reader_init(&m, &masks);
        m.ops = ops;
        masked = mask_reader_add_parts(&m, &part, 1, which) && mask_reader_finish(&m);
        assert_true(masked || !all);
        for (uint32_t i = 0; all && i < sample.run.count; at += sample.freqs[i++])
            assert_mask(&masks, i, i, fresh->slack, every + at);
    }
}

static void any_passages(void **state) {
    static const uint32_t lengths[] = {1, 2, 5, 60, 254, 255, 256, 300, 2000};
    static const uint32_t freqs[] = {1, 2, 3, 4, 5, 16, 17, 60, 1000};
    static const uint32_t slacks[] = {0, 1, 2, 15, 16, 300};
    struct buffer out = BUFFER_EMPTY;
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        for (size_t f = 0; f < sizeof freqs / sizeof *freqs; f++) {
            for (size_t s = 0; s < sizeof slacks / sizeof *slacks; s++) {
                make_sample(*state, lengths[l], freqs[f], slacks[s]);
                assert_same(*state, &out);
                assert_same(NULL, &out);
                assert_picked(*state, &out);
                assert_picked(NULL, &out);
                assert_masked(*state, &out);
                assert_masked(NULL, &out);
            }
        }
    }
    buffer_release(&out);
}

/* Passages of which one in `part` is longer than a byte tells, or than a mask, at any place of its four. Of the others
 * some have so many positions that not even two of their numbers are one. */
static void make_long_sample(struct random *r, uint32_t slack) {
    uint32_t part = 1 + random_below(r, 1 + random_below(r, 120)), at = 0, most = random_below(r, 2) ? 100 : 253;
    uint32_t longest = part > 64 ? UINT16_MAX : random_below(r, 2) ? 260 : 2000, usual = random_below(r, 5);
    sample.run = (struct position_run){sample.lengths, sample.freqs, 1 + random_below(r, PASSAGES)};
    for (uint32_t i = 0; i < sample.run.count; at += sample.freqs[i++]) {
        bool is_long = random_below(r, part) == 0;
        uint32_t length = is_long ? longest - random_below(r, 4) * random_below(r, (longest - 254) / 3) : most;
        uint32_t freq = 1 + random_below(r, is_long && random_below(r, 8) == 0 ? 300 : random_below(r, 4) ? 3 : 20);
        length -= is_long ? 0 : random_below(r, random_below(r, 2) ? 40 : most);
        freq = !is_long && usual > 0 ? usual : freq;
        sample.lengths[i] = length;
        sample.freqs[i] = freq < length ? freq : length;
        sample.starts[i] = at;
        draw(r, sample.positions + at, sample.freqs[i], length + random_below(r, slack + 1));
    }
}

static void long_passages_here_and_there(void **state) {
    static const uint32_t slacks[] = {0, 1, 3, 40, 254, 255, 256};
    struct buffer out = BUFFER_EMPTY;
    for (uint32_t round = 0; round < 2000; round++) {
        make_long_sample(*state, slacks[random_below(*state, sizeof slacks / sizeof *slacks)]);
        assert_masked(*state, &out);
        assert_masked(NULL, &out);
    }
    buffer_release(&out);
}

/* By itself, and as many times as passages are picked at once. */
static void put_one(uint32_t freq, uint32_t bound, const uint32_t *positions, struct buffer *out) {
    sample.run = (struct position_run){sample.lengths, sample.freqs, 1};
    sample.lengths[0] = bound;
    sample.freqs[0] = freq;
    sample.starts[0] = 0;
    memcpy(sample.positions, positions, freq * sizeof *positions);
    assert_same(NULL, out);
    for (uint32_t i = 1; i < 8; i++) {
        sample.lengths[i] = bound;
        sample.freqs[i] = freq;
        sample.starts[i] = i * freq;
        memcpy(sample.positions + (size_t)i * freq, positions, freq * sizeof *positions);
    }
    sample.run.count = 8;
    assert_picked(NULL, out);
    assert_masked(NULL, out);
}

/* Sizes that are powers of two, or nearly so: what rounds must not get one wrong. */
static void sizes_at_powers_of_two(void **state) {
    struct random *r = *state;
    struct buffer out = BUFFER_EMPTY;
    static const uint32_t lengths[] = {1, 2, 4, 8, 16, 32, 63, 64, 65, 127, 128, 129, 254, 255};
    for (unsigned round = 0; round < 20000; round++) {
        sample.run = (struct position_run){sample.lengths, sample.freqs, 1 + random_below(r, PASSAGES)};
        for (uint32_t i = 0, at = 0; i < sample.run.count; at += sample.freqs[i++]) {
            uint32_t length = lengths[random_below(r, round % 2 ? 14 : 8)], most = round % 3 ? 1 : 4;
            sample.lengths[i] = length;
            sample.freqs[i] = 1 + random_below(r, length < most ? length : most);
            sample.starts[i] = at;
            draw(r, sample.positions + at, sample.freqs[i], length);
        }
        assert_masked(r, &out);
    }
    buffer_release(&out);
}

/* Sets are found by the place of their last position, which a root tells but for rounding: the first and the last sets
 * of each place are the ones at risk. */
static void sets_at_the_edges(void **state) {
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    for (uint32_t bound = 4; bound <= POSITION_BOUND; bound += bound < 250 ? 9 : 1) {
        for (uint32_t p = 7; p < bound; p++) {
            for (uint32_t freq = 5; freq <= 8; freq++) {
                uint32_t first[8] = {0, 1, 2, 3, 4, 5, 6, 7},
                         last[8] = {p - 7, p - 6, p - 5, p - 4, p - 3, p - 2, p - 1, p};
                first[freq - 1] = p;
                put_one(freq, bound, first, &out);
                put_one(freq, bound, last + 8 - freq, &out);
            }
        }
        for (uint32_t p = 3; p < bound; p++) {
            put_one(2, bound, (uint32_t[]){0, p}, &out);
            put_one(2, bound, (uint32_t[]){p - 1, p}, &out);
            put_one(3, bound, (uint32_t[]){0, 1, p}, &out);
            put_one(3, bound, (uint32_t[]){p - 2, p - 1, p}, &out);
            put_one(4, bound, (uint32_t[]){0, 1, 2, p}, &out);
            put_one(4, bound, (uint32_t[]){p - 3, p - 2, p - 1, p}, &out);
        }
    }
    buffer_release(&out);
}

static void every_pair_and_triple(void **state) {
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    for (uint32_t bound = 3; bound <= 40; bound++) {
        for (uint32_t b = 1; b < bound; b++) {
            for (uint32_t a = 0; a < b; a++) {
                put_one(2, bound, (uint32_t[]){a, b}, &out);
                for (uint32_t c = b + 1; bound == 40 && c < bound; c++)
                    put_one(3, bound, (uint32_t[]){a, b, c}, &out);
            }
        }
    }
    buffer_release(&out);
}

static void known_sizes(void **state) {
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    sample.run = (struct position_run){sample.lengths, sample.freqs, 128};
    for (uint32_t i = 0; i < 128; i++) {
        sample.lengths[i] = 90;
        sample.freqs[i] = 1;
        sample.positions[i] = i % 90;
    }
    assert_int_equal(code(&out), (1 + 32 * 26 + 7) / 8); /* 90^4 is below 2^26 */
    sample.lengths[0] = sample.lengths[3] = 255;
    sample.run.count = 4;
    for (uint32_t i = 0; i < 4; i++) {
        sample.freqs[i] = i % 3 ? 1 : 5;
        sample.starts[i] = i ? sample.starts[i - 1] + sample.freqs[i - 1] : 0;
        for (uint32_t k = 0; k < sample.freqs[i]; k++)
            sample.positions[sample.starts[i] + k] = 10 + k;
    }
    assert_int_equal(code(&out), (1 + 13 + 2 * 34 + 7) / 8); /* C(255, 5) is below 2^34, and 90^2 below 2^13 */
    sample.freqs[0] = sample.freqs[3] = 4;
    for (uint32_t k = 0; k < 10; k++)
        sample.positions[k] = k < 4 || k > 5 ? k : 89;
    assert_int_equal(code(&out), (1 + 2 * 34 + 7) / 8); /* 90 C(255, 4) is below 2^34, and its square above 2^52 */
    sample.lengths[0] = sample.lengths[3] = 90;
    sample.freqs[0] = sample.freqs[3] = 1;
    sample.run.count = 3;
    sample.lengths[2] = sample.freqs[2] = 2;
    sample.positions[2] = 0;
    sample.positions[3] = 1;
    assert_int_equal(code(&out), (1 + 13 + 0 + 7) / 8); /* there is but one way to fill a passage */
    sample.run.count = 1;
    sample.positions[0] = 1000;
    assert_int_equal(code(&out), (16 + 32 + 10 + 7) / 8); /* slack of 911 */
    sample.lengths[0] = 1U << 30;
    sample.positions[0] = 1 << 29;
    assert_same(NULL, &out);
    buffer_release(&out);
}

static void broken_bits(void **state) {
    struct random *r = *state;
    struct buffer out = BUFFER_EMPTY;
    static uint32_t picked[POSITIONS + 4];
    uint32_t which[PASSAGES];
    for (uint32_t i = 0; i < PASSAGES; i++)
        which[i] = i;
    static uint32_t positions[POSITIONS], every[POSITIONS];
    for (unsigned round = 0; round < 20000; round++) {
        uint32_t slack = random_below(r, 3) ? 0 : 20;
        if (round % 16 == 0)
            make_long_sample(r, slack);
        else
            make_sample(r, 1 + random_below(r, random_below(r, 4) ? 120 : 400), 1U << random_below(r, 8), slack);
        size_t size = code(&out), end = random_below(r, 3) ? size : 1 + random_below(r, (uint32_t)size);
        for (unsigned k = random_below(r, 5); k > 0; k--)
            out.data[random_below(r, random_below(r, 2) ? (uint32_t)size : 1)] = (uint8_t)random_below(r, 256);
        if (random_below(r, 4) == 0)
            sample.lengths[random_below(r, sample.run.count)] = random_below(r, 300);
        struct position_reader reader, again;
        if (!position_reader_init(&reader, out.data, out.data + end))
            continue;
        uint32_t read = 0, at = 0;
        again = reader;
        bool all = positions_read_all(&again, &sample.run, every);
        for (; read < sample.run.count && position_read(&reader, &sample.run, read, positions); read++) {
            for (uint32_t k = 0; k < sample.freqs[read]; k++)
                assert_true(positions[k] < sample.lengths[read] + reader.slack &&
                            (k == 0 || positions[k] > positions[k - 1]));
            if (all)
                assert_memory_equal(positions, every + at, sample.freqs[read] * sizeof *positions);
            at += sample.freqs[read];
        }
        assert_int_equal(all, read == sample.run.count);
        assert_true(position_reader_init(&reader, out.data, out.data + end));
        for (const struct mask_ops *const *ops = mask_ops_all(); *ops; ops++)
            assert_damaged_masks(*ops, &reader, which, all, every);
        assert_listed(1 + round % 3, out.data, out.data + end, all ? every : NULL);
        assert_true(position_reader_init(&reader, out.data, out.data + end));
        bool some = positions_pick(&reader, &sample.run, which, sample.run.count, picked);
        assert_true(some || !all);
        for (uint32_t i = at = 0; some && i < sample.run.count; at += sample.freqs[i++])
            for (uint32_t k = 0; k < sample.freqs[i]; k++)
                assert_true(picked[at + k] < sample.lengths[i] + reader.slack &&
                            (k == 0 || picked[at + k] > picked[at + k - 1]));
        if (all)
            assert_memory_equal(picked, every, at * sizeof *picked);
    }
    buffer_release(&out);
}

static void no_passage_has_a_term_never(void **state) {
    (void)state;
    static const uint32_t lengths[] = {100, 300};
    const uint8_t bits[32] = {0};
    const uint32_t freq = 0;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const struct position_run run = {&lengths[i], &freq, 1};
        struct position_reader r;
        uint32_t out[4], which = 0;
        assert_true(position_reader_init(&r, bits, bits + 16));
        assert_false(positions_read_all(&r, &run, out));
        assert_true(position_reader_init(&r, bits, bits + 16));
        assert_false(positions_pick(&r, &run, &which, 1, out));
        assert_true(position_reader_init(&r, bits, bits + 16));
        assert_false(position_read(&r, &run, 0, out));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_passages, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(long_passages_here_and_there, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(sizes_at_powers_of_two, random_setup, random_teardown),
        cmocka_unit_test(sets_at_the_edges),
        cmocka_unit_test(every_pair_and_triple),
        cmocka_unit_test(known_sizes),
        cmocka_unit_test_setup_teardown(broken_bits, random_setup, random_teardown),
        cmocka_unit_test(no_passage_has_a_term_never),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
