/* The writer: what is added, replaced and deleted, and when readers see it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>

#include "support/folder.h"
#include "support/index.h"

static void articles_are_added_replaced_and_deleted(void **state) {
    (void)state;
    struct folder f;
    lede_commit_info info;
    uint64_t deleted;
    folder_make(&f);
    const char *path = folder_entry(&f, "a.lede");
    lede_writer *w = writer_on(path, NULL);
    put_article(w, "one", "The first article.");
    put_article(w, "two", "The second article.");
    put_article(w, "one", "The first article, better.");
    MUST(lede_writer_commit(w, &info, err));
    assert_int_equal(info.articles_added, 2);
    assert_int_equal(info.articles_updated, 0);
    expect_body(path, "one", "The first article, better.");
    check_index(path);

    put_article(w, "two", "The second article, better.");
    put_article(w, "three", "The third article.");
    expect_body(path, "three", NULL);
    MUST(lede_writer_commit(w, &info, err));
    assert_int_equal(info.articles_added, 1);
    assert_int_equal(info.articles_updated, 1);
    expect_body(path, "two", "The second article, better.");

    MUST(lede_writer_delete(w, "one", 3, &deleted, err));
    assert_int_equal(deleted, 1);
    assert_int_equal(lede_writer_delete(w, "one", 3, &deleted, NULL), LEDE_NOT_FOUND);
    put_article(w, "four", "The fourth article.");
    MUST(lede_writer_delete(w, "four", 4, &deleted, err));
    assert_int_equal(deleted, 0);
    put_article(w, "four", "The fourth article again.");
    MUST(lede_writer_commit(w, &info, err));
    assert_int_equal(info.articles_deleted, 1);
    assert_int_equal(info.articles_added, 1);
    expect_body(path, "one", NULL);
    expect_body(path, "four", "The fourth article again.");
    lede_writer_close(w);
    check_index(path);
    lede_stats stats = stats_of(path);
    assert_int_equal(stats.articles, 3);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(articles_are_added_replaced_and_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
