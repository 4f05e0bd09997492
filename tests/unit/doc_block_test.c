/* Blocks of documents: what is coded is decoded, in as many bytes as the format says; and broken bytes give either
 * nothing or documents that rise to the last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/segment/doc_block.h"
#include "support/random.h"

struct block {
    uint32_t start;
    uint32_t docs[BLOCK_DOCS], freqs[BLOCK_DOCS];
};

static void make_block(struct random *r, struct block *b, uint32_t gap, uint32_t repeats, uint32_t freq) {
    uint64_t doc = b->start = random_below(r, 1000);
    for (uint32_t i = 0; i < BLOCK_DOCS; i++) {
        doc += random_below(r, random_below(r, 4) ? gap : gap * 8);
        b->docs[i] = (uint32_t)doc++;
        b->freqs[i] = random_below(r, 100) < repeats ? 2 + random_below(r, freq) : 1;
    }
}

/* Codes the block, with what may be read beyond it behind; returns its size. */
static size_t code(const struct block *b, struct buffer *out) {
    buffer_clear(out);
    doc_block_put(out, b->docs, b->freqs, b->start);
    assert_false(out->failed);
    size_t size = out->len;
    buffer_append_zeros(out, 8);
    return size;
}

/* As it is decoded, by either way. */
static bool decode(uint32_t *docs, uint32_t *freqs, const uint8_t *in, size_t size, const struct block *b) {
    uint32_t other_docs[BLOCK_DOCS], other_freqs[BLOCK_DOCS], last = b->docs[BLOCK_DOCS - 1];
    bool good = doc_block_get(docs, freqs, in, in + size, b->start, last);
    assert_int_equal(doc_block_get_lanes(other_docs, other_freqs, in, in + size, b->start, last), good);
    if (good) {
        assert_memory_equal(docs, other_docs, sizeof other_docs);
        assert_memory_equal(freqs, other_freqs, sizeof other_freqs);
    }
    return good;
}

static size_t assert_same(const struct block *b, struct buffer *out) {
    uint32_t docs[BLOCK_DOCS], freqs[BLOCK_DOCS];
    size_t size = code(b, out);
    assert_true(decode(docs, freqs, out->data, size, b));
    assert_memory_equal(docs, b->docs, sizeof docs);
    assert_memory_equal(freqs, b->freqs, sizeof freqs);
    return size;
}

static void blocks_of_any_kind(void **state) {
    static const uint32_t gaps[] = {1, 2, 3, 10, 1000, 100000, 4000000};
    static const uint32_t repeats[] = {0, 1, 10, 35, 40, 70, 100};
    static const uint32_t freqs[] = {1, 3, 20, 1000, 200000};
    struct block b;
    struct buffer out = BUFFER_EMPTY;
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        for (size_t r = 0; r < sizeof repeats / sizeof *repeats; r++) {
            for (size_t f = 0; f < sizeof freqs / sizeof *freqs; f++) {
                make_block(*state, &b, gaps[g], repeats[r], freqs[f]);
                assert_same(&b, &out);
            }
        }
    }
    buffer_release(&out);
}

static void known_sizes(void **state) {
    (void)state;
    struct block b = {.start = 7};
    struct buffer out = BUFFER_EMPTY;
    for (uint32_t i = 0; i < BLOCK_DOCS; i++) {
        b.docs[i] = 7 + i;
        b.freqs[i] = 1;
    }
    assert_int_equal(assert_same(&b, &out), 2 + 16); /* a bitmap */
    b.freqs[5] = 2;
    assert_int_equal(assert_same(&b, &out), 2 + 1 + 17); /* 6 bits, and a one for each of both numbers */
    b.freqs[5] = UINT32_MAX;
    assert_int_equal(assert_same(&b, &out), 2 + 127 + 5 + 16); /* varints */
    b.freqs[5] = 1;
    b.docs[BLOCK_DOCS - 1] = UINT32_MAX - 2;
    assert_same(&b, &out);
    for (uint32_t i = 0; i < BLOCK_DOCS; i++)
        b.docs[i] = 7 + i * (UINT32_MAX / 130);
    assert_same(&b, &out);
    buffer_release(&out);
}

static void broken_bytes(void **state) {
    struct random *r = *state;
    struct block b;
    struct buffer out = BUFFER_EMPTY;
    uint32_t docs[BLOCK_DOCS], freqs[BLOCK_DOCS];
    for (unsigned round = 0; round < 20000; round++) {
        make_block(r, &b, 1U << random_below(r, 20), random_below(r, 101), 1U << random_below(r, 18));
        uint32_t last = b.docs[BLOCK_DOCS - 1];
        size_t size = code(&b, &out), end = random_below(r, 3) ? size : random_below(r, (uint32_t)size + 1);
        for (unsigned k = random_below(r, 5); k > 0; k--)
            out.data[random_below(r, random_below(r, 2) ? 2 : (uint32_t)size)] = (uint8_t)random_below(r, 256);
        if (!decode(docs, freqs, out.data, end, &b))
            continue;
        assert_true(docs[0] >= b.start && docs[BLOCK_DOCS - 1] == last);
        for (uint32_t i = 0; i < BLOCK_DOCS; i++)
            assert_true((i == 0 || docs[i] > docs[i - 1]) && freqs[i] > 0);
    }
    buffer_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blocks_of_any_kind, random_setup, random_teardown),
        cmocka_unit_test(known_sizes),
        cmocka_unit_test_setup_teardown(broken_bytes, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
