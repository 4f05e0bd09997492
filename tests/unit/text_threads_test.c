/* Threads that read a segment's text at once, whose dictionaries are made when they are asked for first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "support/stored_text.h"

enum { THREADS = 4 };

struct reading {
    const struct segment *segment;
    const struct text *text;
    bool is_same;
};

static void *read_all(void *ctx) {
    struct reading *r = ctx;
    struct text_reader reader = TEXT_READER_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    text_reader_use(&reader, r->segment);
    r->is_same = text_reader_read(&reader, 0, r->text->bytes.len, &out, NULL) == LEDE_OK &&
                 out.len == r->text->bytes.len && memcmp(out.data, r->text->bytes.data, out.len) == 0;
    buffer_release(&out);
    text_reader_release(&reader);
    return NULL;
}

static void threads_share_dictionaries(void **state) {
    struct text *t = make_text(*state, 5 << 20);
    struct reading readings[THREADS];
    pthread_t threads[THREADS];
    struct made m;
    store(&m, t);
    assert_true(text_stretch_count(m.segment) > 1);
    for (size_t i = 0; i < THREADS; i++) {
        readings[i] = (struct reading){m.segment, t, false};
        assert_int_equal(pthread_create(&threads[i], NULL, read_all, &readings[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(readings[i].is_same);
    }
    made_release(&m);
    text_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(threads_share_dictionaries, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
