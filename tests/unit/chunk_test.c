/* Chunks: what the writer codes is what every kernel reads, range by range, posting by posting and in one go; whatever
 * bytes do not make them crash. And the table of offsets beneath, which rises nearly evenly or does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/codecs/chunk.h"
#include "core/codecs/chunk_shape.h"
#include "support/chunks.h"
#include "support/folder.h"
#include "support/random.h"

enum { PASSAGES = 70000 };

struct term {
    uint32_t count;
    uint32_t docs[PASSAGES], freqs[PASSAGES];
};

/* Mostly 1, the more so the more there is of `ones`; or, where the term is there `often`, mostly more than 3. */
static uint32_t random_freq(struct random *r, bool often, uint32_t ones) {
    if (often)
        return 1 + random_below(r, random_below(r, 60) ? 12 : 1000);
    switch (random_below(r, ones)) {
    case 0: return 2 + random_below(r, 3);
    case 1: return 1 + random_below(r, random_below(r, 40) ? 12 : 70000);
    default: return 1;
    }
}

/* One passage in `sparse` has the term; in some stretches nearly all do, in others none. */
static void make_term(struct term *t, struct random *r, uint32_t sparse) {
    bool often = random_below(r, 4) == 0;
    t->count = 0;
    for (uint32_t d = 0, left = 0, mood = 0, ones = 2; d < PASSAGES; d++) {
        if (left-- == 0) {
            left = random_below(r, 4000);
            mood = random_below(r, 6);
            ones = 2 + random_below(r, 14);
        }
        bool here = mood == 0 ? random_below(r, 10) > 0 : mood > 1 && random_below(r, sparse) == 0;
        if (here) {
            t->docs[t->count] = d;
            t->freqs[t->count++] = random_freq(r, often, ones);
        }
    }
}

static bool code(struct buffer *out, const struct term *t, unsigned shift, struct chunk_table *table) {
    struct chunk_writer w;
    chunk_writer_init(&w, NULL);
    chunk_writer_start(&w, shift);
    for (uint32_t i = 0; i < t->count; i += 100)
        chunk_writer_add(&w, t->docs + i, t->freqs + i, t->count - i < 100 ? t->count - i : 100);
    return chunks_open(table, out, &w, PASSAGES);
}

/* The postings of each range, whose order is `step` at a time. */
static void assert_ranges(struct chunk_table *table, const struct term *t, uint32_t step) {
    uint32_t ranges = PASSAGES / CHUNK_RANGE + 1, i = 0;
    for (uint32_t k = 0; k < ranges; k++) {
        uint32_t range = (k * step) % ranges, first = range * CHUNK_RANGE;
        struct chunk_list found;
        assert_true(chunk_table_read(table, first, &found));
        i = k == 0 || step > 1 ? 0 : i;
        while (i < t->count && t->docs[i] < first)
            i++;
        uint32_t n = 0;
        for (; i + n < t->count && t->docs[i + n] < first + CHUNK_RANGE; n++) {
            assert_true(n < found.count && first + found.docs[n] == t->docs[i + n]);
            assert_int_equal(chunk_masks_freq(&found.masks, n), t->freqs[i + n]);
        }
        assert_int_equal(found.count, n);
    }
}

static void assert_finds(struct chunk_table *table, const struct term *t, struct random *r) {
    for (int k = 0; k < 2000 && t->count; k++) {
        uint32_t i = random_below(r, t->count), freq, index, first;
        assert_true(chunk_table_find(table, t->docs[i], &freq, &index));
        assert_int_equal(freq, t->freqs[i]);
        assert_int_equal(chunk_table_rank(table) + index, i);
        uint32_t doc = t->docs[i] + 1;
        if (doc < PASSAGES && (i + 1 == t->count || t->docs[i + 1] != doc)) {
            assert_true(chunk_table_find(table, doc, &freq, &index));
            assert_int_equal(freq, 0);
            assert_int_equal(chunk_table_rank(table) + index, i + 1);
            assert_true(chunk_table_freq_in(table, doc, &freq));
            assert_int_equal(freq, 0);
        }
        assert_true(chunk_table_freq_in(table, t->docs[i], &freq));
        assert_int_equal(freq, t->freqs[i]);
        assert_true(chunk_table_go_to_rank(table, i, &first));
        assert_true(first <= i && i - first < table->chunk.count);
    }
}

/* All of some chunks at once, with a byte for each passage: those that have a posting, from that of posting i on.
 * Returns how many postings these are. */
static uint32_t assert_picks(struct chunk_table *table, const struct term *t, uint32_t i, uint32_t wanted) {
    uint8_t bytes[CHUNK_RANGE], freqs[CHUNK_PICKS][CHUNK_RANGE + 64], picked[CHUNK_PICKS][CHUNK_RANGE + 64];
    struct chunk_pick picks[CHUNK_PICKS];
    uint32_t n = 0, first = i;
    for (uint32_t k = 0; k < CHUNK_RANGE; k++)
        bytes[k] = (uint8_t)(k * 37 + 5);
    for (uint32_t k = i; n < wanted && k < t->count; k++)
        if (n == 0 || picks[n - 1].number != t->docs[k] / CHUNK_RANGE) {
            picks[n] = (struct chunk_pick){.number = t->docs[k] / CHUNK_RANGE, .bytes = bytes};
            picks[n].freqs = freqs[n];
            picks[n].picked = picked[n];
            n++;
        }
    assert_true(chunk_table_pick(table, picks, n));
    for (uint32_t c = 0; c < n; c++) {
        uint64_t set[CHUNK_RANGE / 64] = {0};
        for (uint32_t k = 0; k < picks[c].count; k++, i++) {
            assert_true(i < t->count && t->docs[i] / CHUNK_RANGE == picks[c].number);
            assert_int_equal(freqs[c][k], t->freqs[i] < UINT8_MAX ? t->freqs[i] : UINT8_MAX);
            assert_int_equal(picked[c][k], bytes[t->docs[i] % CHUNK_RANGE]);
            assert_int_equal(picks[c].counts >> t->docs[i] / CHUNK_RANGE % CHUNK_GROUP * 8 & 255, picks[c].count);
            set[t->docs[i] / 64 % 2] |= UINT64_C(1) << t->docs[i] % 64;
        }
        assert_memory_equal(picks[c].set, set, sizeof set);
    }
    assert_true(i == t->count || t->docs[i] / CHUNK_RANGE != t->docs[i - 1] / CHUNK_RANGE);
    return i - first;
}

static void assert_picks_all(struct chunk_table *table, const struct term *t, struct random *r) {
    for (uint32_t i = 0; table->shift == CHUNK_SHIFT_MIN && i < t->count;)
        i += assert_picks(table, t, i, 1 + random_below(r, CHUNK_PICKS));
}

/* Numbers of two bytes as bytes. */
static void assert_narrowed(struct chunk_table *table, struct random *r) {
    uint8_t pairs[2 * CHUNK_RANGE], bytes[CHUNK_RANGE];
    uint64_t longs[CHUNK_RANGE / 64];
    for (uint32_t i = 0; i < CHUNK_RANGE; i++)
        store_u16(pairs + 2 * (size_t)i, (uint16_t)random_below(r, random_below(r, 2) ? 257 : 65536));
    chunk_table_narrow(table, bytes, longs, pairs);
    for (uint32_t i = 0; i < CHUNK_RANGE; i++) {
        uint32_t number = load_u16(pairs + 2 * (size_t)i);
        assert_int_equal(bytes[i], number < UINT8_MAX ? number : UINT8_MAX);
        assert_int_equal(longs[i / 64] >> i % 64 & 1, number >= UINT8_MAX);
    }
}

/* Those of each range as a set. */
static void assert_sets(struct chunk_table *table, const struct term *t) {
    uint64_t set[CHUNK_RANGE / 64];
    for (uint32_t doc = 0, i = 0; table->shift == CHUNK_SHIFT_MIN && doc < PASSAGES; doc += CHUNK_RANGE) {
        uint64_t wanted[CHUNK_RANGE / 64] = {0};
        for (; i < t->count && t->docs[i] < doc + CHUNK_RANGE; i++)
            wanted[t->docs[i] / 64 % 2] |= UINT64_C(1) << t->docs[i] % 64;
        assert_true(chunk_table_read_set(table, doc, set));
        assert_memory_equal(set, wanted, sizeof set);
    }
}

/* Postings one after the other, from anywhere on; and what number each has. */
static void assert_stretches(struct chunk_table *table, const struct term *t, struct random *r) {
    static uint8_t bytes[2 * PASSAGES], gathered[CHUNK_RANGE + 64];
    static uint16_t pairs[CHUNK_RANGE + 64];
    for (uint32_t i = 0; i < 2 * PASSAGES; i++)
        bytes[i] = (uint8_t)random_below(r, 256);
    for (int k = 0; k < 200 && t->count; k++) {
        uint32_t i = random_below(r, t->count), n = 1 + random_below(r, CHUNK_RANGE), indices[CHUNK_RANGE], freq, first;
        uint32_t ranks[CHUNK_RANGE];
        struct chunk_stretch run;
        n = n < t->count - i ? n : t->count - i;
        assert_true(chunk_table_go_to_rank(table, i, &first));
        uint32_t group = table->number / CHUNK_GROUP;
        assert_true(chunk_table_go(table, group * CHUNK_GROUP));
        assert_true(chunk_table_take_stretch(table, group, i - chunk_table_rank(table), n, &run));
        assert_int_equal(run.count, n);
        assert_int_equal(run.most, t->docs[i + n - 1]);
        for (uint32_t m = 0; m < n; m++) {
            assert_int_equal(run.docs[m], t->docs[i + m]);
            assert_int_equal(run.freqs[m], t->freqs[i + m] < UINT8_MAX ? t->freqs[i + m] : UINT8_MAX);
            assert_true(chunk_table_find(table, t->docs[i + m], &freq, &indices[m]));
        }
        chunk_table_gather(table, gathered, bytes, PASSAGES, run.docs, n);
        for (uint32_t m = 0; m < n; m++)
            assert_int_equal(gathered[m], bytes[run.docs[m]]);
        chunk_table_gather_pairs(table, pairs, bytes, PASSAGES, run.docs, n);
        for (uint32_t m = 0; m < n; m++)
            assert_int_equal(pairs[m], load_u16(bytes + (size_t)2 * run.docs[m]));
        assert_true(chunk_table_ranks(table, run.docs, indices, n, ranks));
        for (uint32_t m = 0; m < n; m++)
            assert_int_equal(ranks[m], i + m);
    }
}

/* Passages that rise, a few or many at a time, in steps that are mostly within a chunk, or mostly beyond it. */
static void assert_finds_all(struct chunk_table *table, const struct term *t, struct random *r, uint32_t step) {
    uint32_t docs[CHUNK_RANGE], indices[CHUNK_RANGE], found[CHUNK_RANGE], freqs[CHUNK_RANGE];
    uint32_t also[CHUNK_RANGE];
    for (uint32_t doc = 0, i = 0; doc < PASSAGES;) {
        uint32_t n = 0, m = 0, first = i, most = 1 + random_below(r, random_below(r, 2) ? 12 : CHUNK_RANGE);
        for (; n < most && doc < PASSAGES; doc += 1 + random_below(r, step))
            docs[n++] = doc;
        bool asks = random_below(r, 2);
        assert_true(chunk_table_find_all(table, docs, n, indices, asks ? also : NULL));
        for (uint32_t k = 0; k < n; k++) {
            while (i < t->count && t->docs[i] < docs[k])
                i++;
            bool here = i < t->count && t->docs[i] == docs[k];
            assert_true(here == (indices[k] != UINT32_MAX));
            assert_true(!asks || !here || also[k] == t->freqs[i]);
            docs[m] = docs[k];
            found[m] = indices[k];
            m += here;
        }
        assert_true(chunk_table_freqs(table, docs, found, m, freqs));
        for (uint32_t k = 0; k < m; k++, first++) {
            while (t->docs[first] != docs[k])
                first++;
            assert_int_equal(freqs[k], t->freqs[first]);
            assert_true(chunk_table_go(table, docs[k] >> table->shift));
            assert_int_equal(chunk_table_rank(table) + found[k], first);
        }
    }
}

/* How often the term is in each passage, every `step` passages asked for together. */
static void assert_freqs(struct chunk_table *table, const struct term *t, struct random *r, uint32_t step) {
    uint32_t docs[CHUNK_RANGE], indices[CHUNK_RANGE], freqs[CHUNK_RANGE], also[CHUNK_RANGE];
    for (uint32_t begin = 0; begin < step; begin++)
        for (uint32_t i = begin, n = 0; i < t->count; i += n * step) {
            uint32_t most = 1 + random_below(r, CHUNK_RANGE);
            for (n = 0; n < most && i + n * step < t->count; n++)
                docs[n] = t->docs[i + n * step];
            assert_true(chunk_table_find_all(table, docs, n, indices, freqs));
            assert_true(chunk_table_freqs(table, docs, indices, n, also));
            for (uint32_t k = 0; k < n; k++) {
                assert_int_equal(freqs[k], t->freqs[i + k * step]);
                assert_int_equal(also[k], t->freqs[i + k * step]);
            }
        }
}

/* How often the term is in passages of a range, asked for together, and the same as sets. */
static void assert_many(struct chunk_table *table, const struct term *t, struct random *r) {
    for (int k = 0; k < 500; k++) {
        uint32_t first = random_below(r, PASSAGES / CHUNK_RANGE + 1) * CHUNK_RANGE, n = 0, more = 0, i = 0;
        uint32_t expected[CHUNK_RANGE] = {0}, sparse = 1 + random_below(r, 20);
        uint8_t offsets[CHUNK_RANGE + CHUNK_SPARE];
        struct chunk_masks masks;
        for (; i < t->count && t->docs[i] < first + CHUNK_RANGE; i++)
            if (t->docs[i] >= first)
                expected[t->docs[i] - first] = t->freqs[i];
        for (uint32_t d = 0; d < CHUNK_RANGE; d++)
            if (random_below(r, sparse) == 0)
                offsets[n++] = (uint8_t)d;
        assert_true(chunk_table_find_many(table, first, offsets, n, &masks));
        for (uint32_t d = 0; d < n; d++)
            assert_int_equal(chunk_masks_freq(&masks, d), expected[offsets[d]]);
        uint64_t wanted[2] = {0};
        for (uint32_t d = 0; d < CHUNK_RANGE; d++)
            wanted[d / 64] |= (uint64_t)(random_below(r, sparse) == 0) << d % 64;
        assert_true(chunk_table_read_masks(table, first, wanted, &masks));
        for (uint32_t d = 0; d < CHUNK_RANGE; d++) {
            assert_int_equal(masks.set[d / 64] >> d % 64 & 1, expected[d] > 0);
            bool is_wanted = wanted[d / 64] >> d % 64 & 1;
            for (uint32_t p = 0; p < 3; p++)
                assert_int_equal(masks.above[p][d / 64] >> d % 64 & 1, expected[d] > p + 1 && (p < 2 || is_wanted));
            if (expected[d] > 3 && is_wanted)
                assert_int_equal(masks.more[more++], expected[d]);
        }
    }
}

static void assert_takes(struct chunk_table *table, const struct term *t, struct random *r) {
    uint32_t docs[CHUNK_RANGE], freqs[CHUNK_RANGE], i = 0;
    for (uint32_t number = 0; number < chunk_table_count(table); number++) {
        struct chunk_walk walk = {0};
        assert_true(chunk_table_go(table, number));
        for (uint32_t n; (n = chunk_table_take(table, &walk, docs, freqs, 1 + random_below(r, CHUNK_RANGE))) > 0;
             i += n) {
            assert_true(i + n <= t->count);
            assert_memory_equal(docs, t->docs + i, n * sizeof *docs);
            assert_memory_equal(freqs, t->freqs + i, n * sizeof *freqs);
        }
    }
    assert_int_equal(i, t->count);
}

/* Marks tell the numbers of postings that are found else. */
static void assert_numbers(struct chunk_table *table, const struct term *t, const uint64_t *bits) {
    uint32_t *found = malloc((2 * (size_t)t->count + 1) * sizeof *found), *told = found + t->count;
    assert_non_null(found);
    assert_true(chunk_table_find_all(table, t->docs, t->count, found, NULL));
    chunk_table_number(table, bits, t->docs, t->count, told);
    assert_memory_equal(told, found, t->count * sizeof *found);
    free(found);
}

static void assert_marks(struct chunk_table *table, const struct term *t) {
    static uint64_t bits[PASSAGES / 64 + 2];
    uint32_t ones = 0;
    memset(bits, 0, sizeof bits);
    assert_true(chunk_table_mark(table, PASSAGES, bits));
    for (uint32_t i = 0; i < t->count; i++)
        assert_true(bits[t->docs[i] / 64] >> t->docs[i] % 64 & 1);
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        ones += (uint32_t)__builtin_popcountll(bits[i]);
    assert_int_equal(ones, t->count);
    assert_numbers(table, t, bits);
    /* The same postings, where there are too few passages for the last one, and its chunk is looked into: it is not if
     * the passages end where it begins. */
    uint32_t last = t->count ? t->docs[t->count - 1] : 0;
    if (last % (UINT32_C(1) << table->shift) > 0)
        assert_false(chunk_table_mark(table, last, bits));
}

/* Part after part of some groups each gives what marking all at once does. */
static void assert_parts_marked(struct chunk_table *table, const struct term *t, struct random *r) {
    static uint64_t bits[PASSAGES / 64 + 2], part[PASSAGES / 64 + 2];
    uint32_t wide = UINT32_C(1) << (table->shift + CHUNK_GROUP_SHIFT);
    memset(bits, 0, sizeof bits);
    for (uint32_t first = 0, end; first < PASSAGES; first = end) {
        end = first + (1 + random_below(r, 3)) * wide;
        end = end < PASSAGES ? end : PASSAGES;
        memset(part, 0, sizeof part);
        assert_true(chunk_table_mark_part(table, first, end, part));
        for (uint32_t w = 0; w < sizeof part / sizeof *part; w++) {
            assert_true(!part[w] || first + 64 * w < end);
            bits[part[w] ? first / 64 + w : 0] |= part[w];
        }
    }
    uint32_t ones = 0;
    for (uint32_t i = 0; i < t->count; i++)
        assert_true(bits[t->docs[i] / 64] >> t->docs[i] % 64 & 1);
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        ones += (uint32_t)__builtin_popcountll(bits[i]);
    assert_int_equal(ones, t->count);
}

/* One in `sparse` passages is asked for, a part of some groups after the other. */
static void assert_meets(struct chunk_table *table, const struct term *t, struct random *r, uint32_t sparse) {
    static uint64_t bits[2 * PASSAGES / 64 + 3 * (CHUNK_GROUP << CHUNK_SHIFT_MAX) / 64];
    static uint32_t docs[PASSAGES + CHUNK_MEETING_SPARE];
    uint32_t wide = UINT32_C(1) << (table->shift + CHUNK_GROUP_SHIFT), asked = 0, at = 0, met = 0;
    memset(bits, 0, sizeof bits);
    for (uint32_t d = 0; d < PASSAGES; d++) {
        bool wanted = random_below(r, sparse) == 0;
        bits[d / 64] |= (uint64_t)wanted << d % 64;
        asked += wanted;
    }
    struct chunk_meeting m = {.docs = docs, .room = asked};
    for (uint32_t first = 0, end; first < PASSAGES; first = end) {
        end = first + (1 + random_below(r, 3)) * wide;
        end = end < PASSAGES ? end : PASSAGES;
        m.first = first;
        m.bits = bits + first / 64;
        assert_true(chunk_table_meet(table, end, &m));
        for (; at < t->count && t->docs[at] < end; at++)
            if (bits[t->docs[at] / 64] >> t->docs[at] % 64 & 1)
                assert_int_equal(docs[met++], t->docs[at]);
        assert_int_equal(m.count, met);
    }
}

/* Where one range in `sparse` is wanted, what is marked of others may be less. */
static void assert_wanted_blocks_marked(struct chunk_table *table, const uint64_t *expected, struct random *r,
                                        uint32_t sparse) {
    uint64_t bits[PASSAGES / CHUNK_BLOCK / 64 + 1] = {0}, wanted[PASSAGES / CHUNK_RANGE / 64 + 1] = {0};
    for (uint32_t range = 0; range <= PASSAGES / CHUNK_RANGE; range++)
        wanted[range / 64] |= (uint64_t)(random_below(r, sparse) == 0) << range % 64;
    assert_true(chunk_table_mark_blocks(table, PASSAGES, wanted, bits));
    for (uint32_t range = 0; range <= PASSAGES / CHUNK_RANGE; range++) {
        uint8_t marked = ((const uint8_t *)bits)[range], all = ((const uint8_t *)expected)[range];
        assert_int_equal(marked & ~all, 0);
        if (wanted[range / 64] >> range % 64 & 1)
            assert_int_equal(marked, all);
    }
}

static void assert_blocks_marked(struct chunk_table *table, const struct term *t, struct random *r) {
    uint64_t bits[PASSAGES / CHUNK_BLOCK / 64 + 1] = {0}, expected[PASSAGES / CHUNK_BLOCK / 64 + 1] = {0};
    for (uint32_t i = 0; i < t->count; i++)
        expected[t->docs[i] / CHUNK_BLOCK / 64] |= UINT64_C(1) << t->docs[i] / CHUNK_BLOCK % 64;
    assert_true(chunk_table_mark_blocks(table, PASSAGES, NULL, bits));
    assert_memory_equal(bits, expected, sizeof bits);
    assert_wanted_blocks_marked(table, expected, r, 1 + random_below(r, 40));
}

/* Of one passage in `sparse`, in chunks of 2^shift. */
static void assert_kernels_read_what_was_written(struct random *r, unsigned shift, uint32_t sparse) {
    static struct term t;
    struct chunk_table table;
    struct buffer coded = BUFFER_EMPTY;
    make_term(&t, r, sparse);
    assert_true(code(&coded, &t, shift, &table));
    for (const struct chunk_ops *const *ops = chunk_ops_all(); *ops; ops++) {
        table.ops = *ops;
        assert_ranges(&table, &t, 1);
        assert_ranges(&table, &t, 37);
        assert_finds(&table, &t, r);
        assert_picks_all(&table, &t, r);
        assert_narrowed(&table, r);
        assert_sets(&table, &t);
        assert_stretches(&table, &t, r);
        assert_freqs(&table, &t, r, 1);
        assert_freqs(&table, &t, r, 60);
        assert_finds_all(&table, &t, r, 1);
        assert_finds_all(&table, &t, r, 40);
        assert_finds_all(&table, &t, r, 4000);
        assert_many(&table, &t, r);
        assert_takes(&table, &t, r);
        assert_marks(&table, &t);
        assert_parts_marked(&table, &t, r);
        assert_blocks_marked(&table, &t, r);
        assert_meets(&table, &t, r, 1);
        assert_meets(&table, &t, r, 20);
        assert_meets(&table, &t, r, 1000);
    }
    buffer_release(&coded);
}

/* Of terms as they come; and of such as have a few postings in most chunks of each size. */
static void kernels_read_what_was_written(void **state) {
    struct random *r = *state;
    for (unsigned shift = CHUNK_SHIFT_MIN; shift <= CHUNK_SHIFT_MAX; shift++) {
        assert_kernels_read_what_was_written(r, shift, 1 + random_below(r, random_below(r, 2) ? 20 : 400));
        assert_kernels_read_what_was_written(r, shift, (1U << shift) / (CHUNK_SMALL / 4));
    }
}

/* The chunks and stretches from everywhere on. */
static void read_together(struct chunk_table *table) {
    static const uint8_t bytes[CHUNK_RANGE];
    static uint8_t freqs[CHUNK_PICKS][CHUNK_RANGE + 64], picked[CHUNK_PICKS][CHUNK_RANGE + 64];
    struct chunk_pick picks[CHUNK_PICKS];
    struct chunk_stretch run;
    uint64_t set[CHUNK_RANGE / 64];
    for (uint32_t doc = 0; table->shift == CHUNK_SHIFT_MIN && doc < PASSAGES; doc += CHUNK_RANGE)
        if (chunk_table_read_set(table, doc, set))
            assert_true((uint32_t)(__builtin_popcountll(set[0]) + __builtin_popcountll(set[1])) <= table->chunk.count);
    for (uint32_t number = 0; table->shift == CHUNK_SHIFT_MIN && number < chunk_table_count(table); number++)
        for (uint32_t n = 1; n <= CHUNK_PICKS; n += CHUNK_PICKS - 1) {
            for (uint32_t k = 0; k < n; k++) {
                picks[k] = (struct chunk_pick){.number = number + k, .bytes = bytes};
                picks[k].freqs = freqs[k];
                picks[k].picked = picked[k];
            }
            bool good = chunk_table_pick(table, picks, n);
            for (uint32_t k = 0; good && k < n; k++)
                assert_true(picks[k].count > 0 && picks[k].count <= CHUNK_RANGE);
        }
    for (uint32_t group = 0; group < table->group_count; group++)
        for (uint32_t skip = 0; skip < 300; skip += 37)
            if (chunk_table_take_stretch(table, group, skip, CHUNK_RANGE - skip % 3, &run))
                assert_int_equal(run.count, CHUNK_RANGE - skip % 3);
}

/* What numbers the passages have that were found. */
static void rank_found(struct chunk_table *table, const uint32_t *docs, const uint32_t *indices, uint32_t n) {
    uint32_t ranks[CHUNK_RANGE], there[CHUNK_RANGE], at[CHUNK_RANGE], count = 0;
    for (uint32_t i = 0; i < n; i++) {
        there[count] = docs[i];
        at[count] = indices[i];
        count += indices[i] != UINT32_MAX;
    }
    chunk_table_ranks(table, there, at, count, ranks);
}

static void read_all(struct chunk_table *table) {
    struct chunk_list found;
    uint32_t docs[CHUNK_RANGE], freqs[CHUNK_RANGE], indices[CHUNK_RANGE], freq, index, first;
    for (uint32_t doc = 0; doc < PASSAGES; doc += CHUNK_RANGE) {
        if (chunk_table_read(table, doc, &found))
            assert_true(found.count <= CHUNK_RANGE);
        if (chunk_table_find(table, doc + 5, &freq, &index))
            chunk_table_rank(table);
        chunk_table_freq_in(table, doc + 5, &freq);
        static const uint8_t offsets[6 + CHUNK_SPARE] = {0, 3, 63, 64, 100, 127};
        struct chunk_masks masks;
        chunk_table_find_many(table, doc, offsets, 6, &masks);
        chunk_table_read_masks(table, doc, (const uint64_t[]){UINT64_MAX, UINT64_MAX}, &masks);
    }
    for (uint32_t number = 0; number < chunk_table_count(table); number++) {
        struct chunk_walk walk = {0};
        uint32_t n = 0;
        while (chunk_table_go(table, number) && chunk_table_take(table, &walk, docs, freqs, CHUNK_RANGE) &&
               n < PASSAGES)
            n++;
    }
    for (uint32_t step = 1; step < 1000; step *= 31) {
        for (uint32_t i = 0; i < CHUNK_RANGE; i++)
            docs[i] = 500 + i * step / 2;
        if (chunk_table_find_all(table, docs, CHUNK_RANGE, indices, freqs)) {
            chunk_table_freqs(table, docs, indices, CHUNK_RANGE, freqs);
            rank_found(table, docs, indices, CHUNK_RANGE);
        }
    }
    read_together(table);
    chunk_table_go_to_rank(table, 1000, &first);
    uint64_t *bits = calloc((PASSAGES + CHUNK_RANGE - 1) / CHUNK_RANGE * (CHUNK_RANGE / 64), sizeof *bits);
    assert_non_null(bits);
    if (chunk_table_mark(table, PASSAGES, bits))
        assert_int_equal(bits[PASSAGES / 64] >> PASSAGES % 64, 0);
    uint64_t *all = calloc(2 * PASSAGES / 64 + (CHUNK_GROUP << CHUNK_SHIFT_MAX) / 64, sizeof *all);
    uint32_t *met = calloc(100 + CHUNK_MEETING_SPARE, sizeof *met);
    assert_true(all && met);
    memset(all, 0x55, PASSAGES / 8);
    struct chunk_meeting m = {.bits = all, .docs = met, .room = 100};
    chunk_table_meet(table, PASSAGES, &m);
    assert_true(m.count <= m.room);
    for (uint32_t i = 0; i < m.count; i++)
        assert_true(met[i] < PASSAGES);
    free(all);
    free(met);
    memset(bits, 0, (PASSAGES / CHUNK_BLOCK / 64 + 1) * sizeof *bits);
    const uint32_t blocks = (PASSAGES + CHUNK_BLOCK - 1) / CHUNK_BLOCK;
    if (chunk_table_mark_blocks(table, PASSAGES, NULL, bits))
        assert_int_equal(bits[blocks / 64] >> blocks % 64, 0);
    free(bits);
}

static void broken_bytes_do_no_harm(void **state) {
    struct random *r = *state;
    static struct term t;
    for (int round = 0; round < 60; round++) {
        struct chunk_table table;
        struct buffer coded = BUFFER_EMPTY;
        unsigned shift = CHUNK_SHIFT_MIN + random_below(r, CHUNK_SHIFT_MAX - CHUNK_SHIFT_MIN + 1);
        make_term(&t, r, 1 + random_below(r, 100));
        code(&coded, &t, shift, &table);
        for (uint32_t k = 1 + random_below(r, 200); k > 0; k--)
            coded.data[random_below(r, (uint32_t)coded.len - 16)] ^= (uint8_t)(1 + random_below(r, 255));
        /* In memory of its own, so that a sanitizer sees a step beyond what may be read. */
        size_t size = coded.len - 8, head = (size_t)(table.groups - coded.data), used = coded.len - 16;
        uint8_t *copy = malloc(size);
        assert_non_null(copy);
        memcpy(copy, coded.data, size);
        const uint8_t *p = copy;
        for (const struct chunk_ops *const *ops = chunk_ops_all(); *ops; ops++, p = copy) {
            if (!chunk_table_open(&table, &p, copy + head, PASSAGES))
                break;
            table.ops = *ops;
            table.groups = copy + head;
            table.groups_end = copy + used;
            read_all(&table);
        }
        free(copy);
        buffer_release(&coded);
    }
}

/* Of such as can be of bytes that are broken alone, nothing is read but what is behind a section. */
static void groups_of_no_bytes_do_no_harm(void **state) {
    static struct term none;
    (void)state;
    for (unsigned shift = CHUNK_SHIFT_MIN; shift <= CHUNK_SHIFT_MAX; shift++) {
        struct chunk_table table;
        struct buffer coded = BUFFER_EMPTY;
        uint8_t *behind = calloc(1, 8);
        assert_non_null(behind);
        assert_true(code(&coded, &none, shift, &table));
        table.groups = table.groups_end = behind;
        for (const struct chunk_ops *const *ops = chunk_ops_all(); *ops; ops++) {
            table.ops = *ops;
            table.number = table.group_number = UINT32_MAX;
            read_all(&table);
        }
        free(behind);
        buffer_release(&coded);
    }
}

static void slopes_give_their_numbers_back(void **state) {
    struct random *r = *state;
    struct folder f;
    struct scratch scratch;
    folder_make(&f);
    scratch_init(&scratch, folder_entry(&f, "scratch"));
    for (int round = 0; round < 200; round++) {
        struct spool numbers, put = {.settled = 0};
        uint32_t expected[600], n = 1 + random_below(r, 600), sum = 0;
        spool_init(&numbers, random_below(r, 2) ? &scratch : NULL, (size_t)4 << random_below(r, 9));
        for (uint32_t i = 0; i < n; i++) {
            expected[i] = sum += random_below(r, 1U << random_below(r, 20));
            spool_append_u32(&numbers, sum);
        }
        slope_put(&put, &numbers);
        struct buffer *coded = &put.tail;
        size_t size = coded->len;
        buffer_append_zeros(coded, 8);
        struct slope s;
        const uint8_t *p = coded->data;
        assert_true(slope_open(&s, &p, coded->data + size, n));
        assert_ptr_equal(p, coded->data + size);
        for (uint32_t i = 0; i < n; i++)
            assert_int_equal(slope_get(&s, i), expected[i]);
        assert_int_equal(slope_before(&s, 0), 0);
        p = coded->data;
        assert_false(slope_open(&s, &p, coded->data + random_below(r, (uint32_t)size), n));
        spool_release(&numbers);
        spool_release(&put);
    }
    scratch_release(&scratch);
    folder_remove(&f);
}

static void shift_makes_chunks_of_the_right_size(void **state) {
    (void)state;
    assert_int_equal(chunk_shift(1000000, 500000), CHUNK_SHIFT_MIN);
    assert_int_equal(chunk_shift(1000000, 4096), 12);
    assert_int_equal(chunk_shift(UINT32_MAX - 1, 4096), CHUNK_SHIFT_MAX);
    for (uint32_t docs = 4096; docs < 1000000; docs += 997) {
        uint64_t mean = ((uint64_t)docs << chunk_shift(1000000, docs)) / 1000000;
        assert_true(mean >= CHUNK_AIM && (mean <= 2 * CHUNK_AIM || chunk_shift(1000000, docs) == CHUNK_SHIFT_MIN));
    }
}

/* Of highs and lows, and a bitmap, the shorter one; as the sum of sizes has it, too. */
static void sets_have_the_shorter_shape(void **state) {
    (void)state;
    for (unsigned shift = CHUNK_SHIFT_MIN; shift <= CHUNK_SHIFT_MAX; shift++)
        for (uint32_t count = 1, k = 0; count <= UINT32_C(1) << shift; count++) {
            k += count > UINT32_C(1) << k;
            uint32_t high = count + (UINT32_C(1) << k) - 1, size = high + count * (shift - k);
            bool is_bitmap = size >= UINT32_C(1) << shift;
            struct shape s = shape_of(count, shift);
            assert_int_equal(s.is_bitmap, is_bitmap);
            assert_int_equal(s.index_width, k);
            assert_int_equal(s.low_width, is_bitmap ? 0 : shift - k);
            assert_int_equal(s.high_size, is_bitmap ? UINT32_C(1) << shift : high);
            assert_int_equal(s.size, is_bitmap ? UINT32_C(1) << shift : size);
            assert_true(count >= COUNT_FOLLOWS || set_size(count, shift) == s.size);
        }
}

/* A chunk of few postings, which lie anywhere, or at the ends of buckets. */
static void make_few(struct term *t, struct random *r, unsigned shift) {
    uint32_t span = UINT32_C(1) << shift, end = random_below(r, 3) ? random_below(r, 16) : 0,
             docs = 1 + random_below(r, 5);
    t->count = 0;
    for (uint32_t d = 0, n = 0; n < docs && d < span; n++) {
        d = (d + random_below(r, span / docs)) | end;
        if (d < span && (t->count == 0 || d > t->docs[t->count - 1])) {
            t->docs[t->count] = d;
            t->freqs[t->count++] = 1 + random_below(r, 2);
        }
    }
}

/* Visits chunks of few postings, of all widths in turn. */
static void visit_few(struct random *r, unsigned rounds,
                      void (*visit)(struct chunk_table *table, const struct term *t, const struct buffer *coded)) {
    static struct term t;
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned shift = CHUNK_SHIFT_MIN; shift <= CHUNK_SHIFT_MAX; shift++) {
            struct buffer coded = BUFFER_EMPTY;
            struct chunk_table table;
            make_few(&t, r, shift);
            assert_true(code(&coded, &t, shift, &table));
            visit(&table, &t, &coded);
            buffer_release(&coded);
        }
}

/* Each is looked up alone, by a table that has nothing in hand; and what stands beside it is not found. */
static void find_few(struct chunk_table *table, const struct term *t, const struct buffer *coded) {
    (void)coded;
    for (const struct chunk_ops *const *ops = chunk_ops_all(); *ops; ops++) {
        table->ops = *ops;
        for (uint32_t i = 0; i < t->count; i++) {
            uint32_t freq, index, next = t->docs[i] + 1;
            bool follows = i + 1 < t->count && t->docs[i + 1] == next;
            table->number = table->group_number = UINT32_MAX;
            assert_true(chunk_table_freq_in(table, t->docs[i], &freq));
            assert_int_equal(freq, t->freqs[i]);
            assert_true(chunk_table_find_all(table, &t->docs[i], 1, &index, NULL));
            assert_int_equal(index, i);
            assert_true(next >> table->shift || (chunk_table_freq_in(table, next, &freq) && (freq > 0) == follows));
        }
    }
}

static void few_postings_are_found(void **state) {
    visit_few(*state, 800, find_few);
}

/* A table in memory of its own, with no more behind its last group than there has to be. */
static uint8_t *copy_exactly(const struct buffer *coded, struct chunk_table *table) {
    enum { CODED = 16, PADDING = 8 };
    size_t head = (size_t)(table->groups - coded->data), size = coded->len - CODED + PADDING;
    uint8_t *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, coded->data, size);
    const uint8_t *p = copy;
    assert_true(chunk_table_open(table, &p, copy + head, PASSAGES));
    table->groups = copy + head;
    table->groups_end = copy + size - PADDING;
    return copy;
}

/* Look-ups in sets whose bits are all ones, up to the end of what can be read. */
static void look_into_ones(struct chunk_table *table, const struct term *t, const struct buffer *coded) {
    enum { HEAD = 9, PADDING = 8 };
    uint8_t *copy = copy_exactly(coded, table);
    size_t size = (size_t)(table->groups_end - table->groups);
    memset(copy + (table->groups - copy) + HEAD, UINT8_MAX, size - HEAD + PADDING);
    for (const struct chunk_ops *const *ops = chunk_ops_all(); *ops; ops++) {
        table->ops = *ops;
        for (uint32_t i = 0, freq, index; i < t->count; i++) {
            table->number = table->group_number = UINT32_MAX;
            (void)chunk_table_freq_in(table, t->docs[i], &freq);
            (void)chunk_table_find_all(table, &t->docs[i], 1, &index, &freq);
        }
    }
    free(copy);
}

static void sets_without_zeros_do_no_harm(void **state) {
    visit_few(*state, 400, look_into_ones);
}

/* A set that has lost a posting is told by all kernels that run through it. */
static void lost_postings_are_told(void **state) {
    enum { HEAD = 9, EACH = 24 };
    static struct term t;
    static uint64_t bits[PASSAGES / 64 + 4];
    struct random *r = *state;
    for (unsigned shift = CHUNK_SHIFT_MIN + 1; shift <= 12; shift++) {
        struct buffer coded = BUFFER_EMPTY;
        struct chunk_table table;
        t.count = 0;
        for (uint32_t d = 0; d < PASSAGES; d++)
            if (d == 0 || random_below(r, 1U << shift) < EACH) {
                t.docs[t.count] = d;
                t.freqs[t.count++] = 1;
            }
        assert_true(code(&coded, &t, shift, &table));
        coded.data[table.groups - coded.data + HEAD] ^= 1; /* passage 0 */
        for (const struct chunk_ops *const *ops = chunk_ops_all(); *ops; ops++) {
            table.ops = *ops;
            table.number = table.group_number = UINT32_MAX;
            assert_false(chunk_table_mark(&table, PASSAGES, bits));
            assert_false(chunk_table_mark_blocks(&table, PASSAGES, NULL, bits));
        }
        buffer_release(&coded);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(few_postings_are_found, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(sets_without_zeros_do_no_harm, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(lost_postings_are_told, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(kernels_read_what_was_written, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(broken_bytes_do_no_harm, random_setup, random_teardown),
        cmocka_unit_test(groups_of_no_bytes_do_no_harm),
        cmocka_unit_test_setup_teardown(slopes_give_their_numbers_back, random_setup, random_teardown),
        cmocka_unit_test(shift_makes_chunks_of_the_right_size),
        cmocka_unit_test(sets_have_the_shorter_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
