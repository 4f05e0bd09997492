/* index.h - short ways to write an index in a test and to look into it. */
#ifndef LEDE_TESTS_SUPPORT_INDEX_H
#define LEDE_TESTS_SUPPORT_INDEX_H

#include <lede.h>
#include <stdio.h>
#include <string.h>

#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        lede_error must_err = {.status = LEDE_OK};                                                                     \
        lede_error *err = &must_err;                                                                                   \
        if ((call) != LEDE_OK)                                                                                         \
            fail_msg("%s: %s", #call, must_err.message);                                                               \
    } while (0)

static inline lede_writer *writer_on(const char *path, const lede_writer_options *options) {
    lede_writer *w = NULL;
    MUST(lede_writer_open(&w, path, options, err));
    return w;
}

static inline void put_article(lede_writer *w, const char *key, const char *body) {
    lede_article a = {.key = key, .key_len = strlen(key), .body = body, .body_len = strlen(body)};
    MUST(lede_writer_add_article(w, &a, err));
}

static inline void print_fault(void *ctx, const char *fault) {
    (void)ctx;
    print_error("%s\n", fault);
}

static inline void check_index(const char *path) {
    uint64_t faults;
    MUST(lede_index_check(path, print_fault, NULL, NULL, &faults, err));
    assert_int_equal(faults, 0);
}

static inline lede_stats stats_of(const char *path) {
    lede_index *index;
    lede_stats stats;
    MUST(lede_index_open(&index, path, err));
    MUST(lede_index_stats(&stats, index, err));
    lede_index_close(index);
    stats.language = NULL;
    return stats;
}

/* The body of an article, to be freed; NULL if the index does not have it. */
static inline char *body_of(lede_index *index, const char *key) {
    lede_article *a = NULL;
    lede_status status = lede_index_article(&a, index, key, strlen(key), NULL);
    if (status == LEDE_NOT_FOUND)
        return NULL;
    assert_int_equal(status, LEDE_OK);
    char *body = strndup(a->body, a->body_len);
    lede_article_free(a);
    return body;
}

/* Fails unless the article has this body; NULL: unless there is none. */
static inline void expect_body(const char *path, const char *key, const char *expected) {
    lede_index *index;
    MUST(lede_index_open(&index, path, err));
    char *body = body_of(index, key);
    if (!expected)
        assert_null(body);
    else if (!body)
        fail_msg("%s: not in the index", key);
    else
        assert_string_equal(body, expected);
    free(body);
    lede_index_close(index);
}

#endif
