/* Buffers, varints and arenas: the bytes that everything else is made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/arena.h"
#include "core/base/buffer.h"

static void varint_keeps_every_width(void **state) {
    (void)state;
    for (unsigned bits = 0; bits <= 64; bits++) {
        uint64_t values[2] = {bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1,
                              bits == 64 ? 1 : UINT64_C(1) << bits};
        for (int i = 0; i < 2; i++) {
            uint8_t bytes[VARINT_MAX];
            size_t n = varint_put(bytes, values[i]);
            const uint8_t *p = bytes;
            uint64_t v = 0;
            assert_true(varint_get(&p, bytes + n, &v));
            assert_int_equal(v, values[i]);
            assert_ptr_equal(p, bytes + n);
            p = bytes;
            assert_false(varint_get(&p, bytes + n - 1, &v));
            assert_ptr_equal(p, bytes);
        }
    }
}

static void varint_refuses_more_than_64_bits(void **state) {
    (void)state;
    const uint8_t bytes[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
    const uint8_t *p = bytes;
    uint64_t v;
    assert_false(varint_get(&p, bytes + sizeof bytes, &v));
    const uint8_t wide[] = {0xff, 0xff, 0xff, 0xff, 0x10};
    uint32_t u;
    p = wide;
    assert_false(varint_get_u32(&p, wide + sizeof wide, &u));
    assert_ptr_equal(p, wide);
}

static void zigzag_turns_back(void **state) {
    (void)state;
    const int64_t values[] = {0, 1, -1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_true(zigzag_decode(zigzag_encode(values[i])) == values[i]);
}

static void buffer_grows_and_keeps(void **state) {
    (void)state;
    struct buffer b = BUFFER_EMPTY;
    for (uint32_t i = 0; i < 100000; i++)
        buffer_append_u32(&b, i);
    assert_false(b.failed);
    assert_int_equal(b.len, 400000);
    assert_int_equal(load_u32(b.data + 4 * 99999), 99999);
    assert_null(buffer_reserve(&b, SIZE_MAX));
    assert_true(b.failed);
    buffer_release(&b);
    assert_null(b.data);
}

static void arena_pieces_do_not_overlap(void **state) {
    (void)state;
    struct arena a = ARENA_EMPTY;
    enum { N = 2000 };
    uint8_t *pieces[N];
    for (size_t i = 0; i < N; i++) {
        size_t n = i % 7 == 0 ? 30000 : i % 100 + 1;
        pieces[i] = i % 2 ? arena_alloc(&a, n) : (uint8_t *)arena_bytes(&a, n);
        assert_non_null(pieces[i]);
        if (i % 2)
            assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i & 0xff), n);
    }
    for (size_t i = 0; i < N; i++) {
        size_t n = i % 7 == 0 ? 30000 : i % 100 + 1;
        for (size_t j = 0; j < n; j += n - 1 ? n - 1 : 1)
            assert_int_equal(pieces[i][j], i & 0xff);
    }
    assert_null(arena_zalloc(&a, SIZE_MAX / 2, 4));
    arena_release(&a);
    assert_int_equal(a.used, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varint_keeps_every_width),    cmocka_unit_test(varint_refuses_more_than_64_bits),
        cmocka_unit_test(zigzag_turns_back),           cmocka_unit_test(buffer_grows_and_keeps),
        cmocka_unit_test(arena_pieces_do_not_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
