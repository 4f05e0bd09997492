/* A search that meets corrupt postings says in which file, at which byte, and of which word. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/index/layout.h"
#include "core/segment/segment_map.h"
#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

enum { ARTICLES = 700, TRIES = 400 };

static void make_index(const char *path) {
    char key[16], body[96];
    lede_writer *w = writer_on(path, NULL);
    for (int i = 0; i < ARTICLES; i++) {
        snprintf(key, sizeof key, "k%d", i);
        snprintf(body, sizeof body, "Simla%s treaty %d of the rivers%s, as Simla knows.", i % 3 ? " water" : "", i,
                 i % 7 ? "" : " and the hills");
        put_article(w, key, body);
    }
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
}

/* Where the postings stand in the segment's file. */
static void find_postings(const char *file, uint64_t *offset, uint64_t *size) {
    struct segment *segment;
    MUST(segment_open(&segment, file, NULL, err));
    *offset = segment_section(segment, SECTION_POSTINGS)->offset;
    *size = segment_section(segment, SECTION_POSTINGS)->size;
    segment_close(segment);
}

static lede_status search(const char *path, const char *text, lede_error *failure) {
    lede_index *index;
    lede_query *query = NULL;
    lede_results *results = NULL;
    MUST(lede_index_open(&index, path, err));
    MUST(lede_query_parse(&query, index, text, strlen(text), NULL, err));
    lede_status status = lede_search(&results, index, query, NULL, failure);
    lede_results_free(results);
    lede_query_free(query);
    lede_index_close(index);
    return status;
}

static void corrupt_postings_are_named(void **state) {
    struct random *r = *state;
    static const char *const queries[] = {"simla", "simla water", "+simla +hills", "\"simla water\""};
    struct folder f;
    uint64_t offset, size;
    size_t errors = 0;
    folder_make(&f);
    char *path = strdup(folder_entry(&f, "a.lede"));
    make_index(path);
    char *file = layout_segment(path, 1);
    find_postings(file, &offset, &size);
    int fd = open(file, O_RDWR);
    for (int i = 0; i < TRIES; i++) {
        lede_error err = {.status = LEDE_OK};
        uint8_t byte, other;
        off_t at = (off_t)(offset + random_below(r, (uint32_t)size));
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        other = byte ^ (uint8_t)(1 + random_below(r, 255));
        assert_int_equal(pwrite(fd, &other, 1, at), 1);
        if (search(path, queries[i % 4], &err)) {
            errors++;
            assert_int_equal(err.status, LEDE_CORRUPT);
            assert_in_range(err.offset, offset, at);
            if (!strstr(err.message, file) || !strstr(err.message, "the postings of '"))
                fail_msg("says too little: %s", err.message);
        }
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    printf("%zu of %d searches failed\n", errors, TRIES);
    assert_true(errors > 0);
    close(fd);
    free(file);
    free(path);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(corrupt_postings_are_named, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
