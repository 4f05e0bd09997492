/* Whole groups of the widest chunks: what every kernel marks, meets, and looks up in them. A group of eight has up to
 * half a million passages, more than chunk_test.c has. */
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
#include "support/random.h"

enum {
    PASSAGES = (3 << (CHUNK_SHIFT_MAX + CHUNK_GROUP_SHIFT)) + 12345, /* the last group is none */
    BITS = PASSAGES / 64 + 2,
    BLOCKS = PASSAGES / CHUNK_BLOCK / 64 + 2,
};

static struct {
    uint32_t count, docs[PASSAGES], freqs[PASSAGES];
    uint64_t bits[BITS], blocks[BLOCKS];
} term;

/* How many postings a chunk has: none, one, and about as many as ways of reading end at. */
static uint32_t random_count(struct random *r) {
    static const uint32_t ends[] = {0, 1, 2, 16, 32, 64, 128, 254};
    uint32_t end = ends[random_below(r, sizeof ends / sizeof *ends)];
    return random_below(r, 3) ? random_below(r, end + 1) : end + random_below(r, 3);
}

/* Marks postings, in the whole of a chunk or in a part of it. */
static void mark_chunk(struct random *r, uint32_t first, uint32_t span) {
    uint32_t width = span >> (random_below(r, 4) ? 0 : random_below(r, 6));
    uint32_t from = first + (random_below(r, 2) ? span - width : 0);
    for (uint32_t n = random_count(r); n > 0; n--) {
        uint32_t doc = from + random_below(r, width);
        if (doc < PASSAGES)
            term.bits[doc / 64] |= UINT64_C(1) << doc % 64;
    }
}

static void make_term(struct random *r, unsigned shift) {
    const uint32_t span = UINT32_C(1) << shift, ones = 1 + random_below(r, 12);
    memset(&term, 0, sizeof term);
    for (uint32_t first = 0; first < PASSAGES; first += span)
        mark_chunk(r, first, span);
    for (uint32_t w = 0; w < BITS; w++)
        for (uint64_t bits = term.bits[w]; bits; bits &= bits - 1) {
            uint32_t doc = 64 * w + (uint32_t)__builtin_ctzll(bits), block = doc / CHUNK_BLOCK;
            term.docs[term.count] = doc;
            term.freqs[term.count++] = random_below(r, ones) ? 1 : 1 + random_below(r, random_below(r, 5) ? 6 : 900);
            term.blocks[block / 64] |= UINT64_C(1) << block % 64;
        }
}

static void code(struct buffer *out, unsigned shift, struct chunk_table *table) {
    struct chunk_writer w;
    chunk_writer_init(&w, NULL);
    chunk_writer_start(&w, shift);
    chunk_writer_add(&w, term.docs, term.freqs, term.count);
    assert_true(chunks_open(table, out, &w, PASSAGES));
}

static void assert_marked(struct chunk_table *table) {
    static uint64_t bits[BITS];
    memset(bits, 0, sizeof bits);
    assert_true(chunk_table_mark(table, PASSAGES, bits));
    assert_memory_equal(bits, term.bits, sizeof bits);
}

static void assert_blocks_marked(struct chunk_table *table, struct random *r) {
    static uint64_t bits[BLOCKS], wanted[PASSAGES / CHUNK_RANGE / 64 + 1];
    const uint8_t *marked = (const uint8_t *)bits, *all = (const uint8_t *)term.blocks;
    memset(bits, 0, sizeof bits);
    assert_true(chunk_table_mark_blocks(table, PASSAGES, NULL, bits));
    assert_memory_equal(bits, term.blocks, sizeof bits);
    memset(wanted, 0, sizeof wanted);
    for (uint32_t n = random_below(r, 2000); n > 0; n--) {
        uint32_t range = random_below(r, PASSAGES / CHUNK_RANGE + 1);
        wanted[range / 64] |= UINT64_C(1) << range % 64;
    }
    memset(bits, 0, sizeof bits);
    assert_true(chunk_table_mark_blocks(table, PASSAGES, wanted, bits));
    for (uint32_t range = 0; range <= PASSAGES / CHUNK_RANGE; range++) {
        assert_int_equal(marked[range] & ~all[range], 0);
        if (wanted[range / 64] >> range % 64 & 1)
            assert_int_equal(marked[range], all[range]);
    }
}

/* All passages of one word of 64 in `sparse` are asked for. */
static void assert_meets(struct chunk_table *table, struct random *r, uint32_t sparse) {
    static uint64_t bits[BITS];
    static uint32_t docs[PASSAGES + CHUNK_MEETING_SPARE];
    uint32_t at = 0;
    for (uint32_t w = 0; w < BITS; w++)
        bits[w] = w <= PASSAGES / 64 && random_below(r, sparse) == 0 ? UINT64_MAX : 0;
    struct chunk_meeting m = {.bits = bits, .docs = docs, .room = PASSAGES};
    assert_true(chunk_table_meet(table, PASSAGES, &m));
    for (uint32_t i = 0; i < term.count; i++)
        if (bits[term.docs[i] / 64]) {
            assert_true(at < m.count);
            assert_int_equal(docs[at++], term.docs[i]);
        }
    assert_int_equal(at, m.count);
}

/* Postings, and the passages beside them. */
static void assert_found(struct chunk_table *table, struct random *r) {
    for (uint32_t n = 0; n < 20000; n++) {
        uint32_t i = random_below(r, term.count), doc = term.docs[i] + random_below(r, 2), freq;
        bool there = doc < PASSAGES && term.bits[doc / 64] >> doc % 64 & 1;
        if (doc == PASSAGES)
            continue;
        assert_true(chunk_table_freq_in(table, doc, &freq));
        assert_int_equal(freq > 0, there);
        if (doc == term.docs[i])
            assert_int_equal(freq, term.freqs[i]);
    }
}

static void whole_groups_of_wide_chunks(void **state) {
    struct random *r = *state;
    for (unsigned shift = 11; shift <= CHUNK_SHIFT_MAX; shift++) {
        struct buffer coded = BUFFER_EMPTY;
        struct chunk_table table;
        make_term(r, shift);
        code(&coded, shift, &table);
        for (const struct chunk_ops *const *ops = chunk_ops_all(); *ops; ops++) {
            table.ops = *ops;
            table.number = table.group_number = UINT32_MAX;
            assert_marked(&table);
            assert_blocks_marked(&table, r);
            assert_meets(&table, r, 1 + random_below(r, 8));
            assert_found(&table, r);
        }
        buffer_release(&coded);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_groups_of_wide_chunks, random_setup, random_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
