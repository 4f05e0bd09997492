/* Bit packing: what is packed is unpacked, at every width, and no byte beyond is touched. Unary numbers: their ones are
 * found where they were put. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/codec.h"

static uint64_t random_state = 1;

static uint32_t random_bits(unsigned width) {
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return width ? (uint32_t)(random_state >> 32) >> (32 - width) : 0;
}

/* A twin of unpack_block that follows the drawing in codec.h word by word. */
static uint32_t packed_number(const uint8_t *block, unsigned width, unsigned i) {
    uint32_t v = 0;
    for (unsigned b = 0; b < width; b++) {
        unsigned bit = i / 4 * width + b;
        uint32_t word = load_u32(block + 16 * (bit / 32) + 4 * (i % 4));
        v |= (word >> (bit % 32) & 1) << b;
    }
    return v;
}

static void blocks_of_every_width(void **state) {
    (void)state;
    for (unsigned width = 0; width <= 32; width++) {
        uint32_t in[PACK_COUNT], out[PACK_COUNT];
        uint8_t bytes[PACK_COUNT * 4 + 1];
        for (unsigned i = 0; i < PACK_COUNT; i++)
            in[i] = random_bits(width);
        in[width % PACK_COUNT] = width == 32 ? UINT32_MAX : (UINT32_C(1) << width) - 1;
        bytes[packed_size(width)] = 0xa5;
        pack_block(bytes, in, width);
        assert_int_equal(bytes[packed_size(width)], 0xa5);
        unpack_block(out, bytes, width);
        assert_memory_equal(in, out, sizeof in);
        for (unsigned i = 0; i < PACK_COUNT; i++)
            assert_int_equal(packed_number(bytes, width, i), in[i]);
    }
}

static void unpacking_reads_no_byte_too_many(void **state) {
    (void)state;
    for (unsigned width = 0; width <= 32; width++) {
        uint8_t *bytes = calloc(1, packed_size(width) + (width == 0)); /* exactly, for the address sanitizer */
        uint32_t out[PACK_COUNT];
        assert_non_null(bytes);
        unpack_block(out, bytes, width);
        assert_int_equal(out[PACK_COUNT - 1], 0);
        free(bytes);
    }
}

static void runs_of_every_width(void **state) {
    (void)state;
    for (unsigned width = 0; width <= 32; width++) {
        for (size_t n = 0; n < 70; n++) {
            uint32_t in[70];
            uint8_t bytes[70 * 4 + 8];
            for (size_t i = 0; i < n; i++)
                in[i] = random_bits(width);
            pack_run(bytes, in, n, width);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(run_get(bytes, i, width), in[i]);
        }
    }
    assert_int_equal(run_size(0, 7), 0);
    assert_int_equal(run_size(8, 7), 7);
    assert_int_equal(run_size(9, 7), 8);
}

static void rice_width_is_the_best(void **state) {
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        uint32_t in[PACK_COUNT];
        size_t n = 1 + random_bits(7) % PACK_COUNT;
        unsigned bits = round % 26;
        for (size_t i = 0; i < n; i++)
            in[i] = random_bits(random_bits(2) ? bits / 2 : bits);
        unsigned max = round % 3 ? 25 : 4, width = rice_width(in, n, max);
        assert_true(width <= max);
        for (unsigned w = 0; w <= max; w++)
            assert_true(n * width + unary_size(in, n, width) <= n * w + unary_size(in, n, w));
    }
    assert_int_equal(rice_width(NULL, 0, 25), 0);
}

static void ones_are_found_where_they_were_put(void **state) {
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        uint32_t in[PACK_COUNT];
        uint16_t places[PACK_COUNT + UNARY_ROOM], twin[PACK_COUNT + UNARY_ROOM];
        size_t n = 1 + random_bits(7) % PACK_COUNT;
        unsigned width = round % 4;
        for (size_t i = 0; i < n; i++)
            in[i] = random_bits(round % 9);
        uint64_t size = unary_size(in, n, width);
        uint8_t *bits = calloc(1, (size_t)(size + 7) / 8); /* exactly, for the address sanitizer */
        assert_non_null(bits);
        assert_int_equal(unary_put(bits, 0, in, n, width), size);
        uint8_t *end = bits + (size + 7) / 8;
        assert_true(unary_find(places, n, bits, end));
        assert_true(unary_find_bytes(twin, n, bits, end));
        assert_memory_equal(places, twin, n * sizeof *places);
        uint32_t next = 0;
        for (size_t i = 0; i < n; next = places[i++] + 1U)
            assert_int_equal(places[i] - next, in[i] >> width);
        assert_false(unary_find(places, n, bits, end - 1));
        assert_false(unary_find_bytes(twin, n, bits, end - 1));
        free(bits);
    }
}

/* More zeros than a place can count are an end, too. */
static void no_place_is_beyond_the_longest_string(void **state) {
    (void)state;
    uint16_t places[1 + UNARY_ROOM];
    uint8_t *bits = calloc(1, 20000);
    assert_non_null(bits);
    bits[UNARY_MAX / 8 - 1] = 0x80;
    assert_true(unary_find(places, 1, bits, bits + 20000));
    assert_int_equal(places[0], UNARY_MAX - 1);
    bits[UNARY_MAX / 8 - 1] = 0;
    bits[UNARY_MAX / 8] = 1;
    assert_false(unary_find(places, 1, bits, bits + 20000));
    free(bits);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_every_width),
        cmocka_unit_test(unpacking_reads_no_byte_too_many),
        cmocka_unit_test(runs_of_every_width),
        cmocka_unit_test(rice_width_is_the_best),
        cmocka_unit_test(ones_are_found_where_they_were_put),
        cmocka_unit_test(no_place_is_beyond_the_longest_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
