/* JSON of which a piece can't be had for want of memory, while others can: the error is told, and nothing is used that
 * was freed. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "cli/output/json.h"
#include "support/failing_malloc.h"

static bool keeps; /* what is freed is kept, as an array that nobody can append to */

#if FAILING_MALLOC
void __libc_free(void *p);

void free(void *p) {
    const int array = JSON_ARRAY;
    if (!p || !keeps) {
        __libc_free(p);
        return;
    }
    memset(p, 0xff, malloc_usable_size(p));
    memcpy(p, &array, sizeof array);
}
#endif

static lede_status print_faults(FILE *out, lede_error *err) {
    char *faults[] = {(char[]){"one"}, (char[]){"two"}, (char[]){"three"}};
    return json_print_check(out, "news.lede", faults, 3, err);
}

static lede_status print_stats(FILE *out, lede_error *err) {
    const lede_stats stats = {.articles = 3, .language = "english"};
    return json_print_stats(out, "news.lede", &stats, err);
}

static lede_status print_deletion(FILE *out, lede_error *err) {
    char *missing[] = {(char[]){"one"}, (char[]){"two"}};
    return json_print_delete(out, 4, missing, 2, err);
}

static void a_piece_that_lacks_is_an_error(void **state) {
    static lede_status (*const prints[])(FILE *, lede_error *) = {print_faults, print_stats, print_deletion};
    enum { MOST = 1000, ROOM = 4096 };
    static char text[ROOM], room[ROOM];
    (void)state;
    if (!FAILING_MALLOC)
        skip();
    for (size_t i = 0; i < sizeof prints / sizeof *prints; i++) {
        FILE *out = fmemopen(text, sizeof text, "w");
        lede_status status = LEDE_NOMEM;
        lede_error err;
        assert_non_null(out);
        setvbuf(out, room, _IOFBF, sizeof room);
        for (long n = 0; status != LEDE_OK && n < MOST; n++) {
            keeps = true;
            failing_malloc_once(n);
            status = prints[i](out, &err);
            failing_malloc_never();
            keeps = false;
            assert_true(status == LEDE_OK || status == LEDE_NOMEM);
        }
        fclose(out);
        assert_int_equal(status, LEDE_OK);
        assert_int_equal(strlen(text), strcspn(text, "\n") + 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_piece_that_lacks_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
