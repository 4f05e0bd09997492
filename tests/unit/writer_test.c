/* The writer: what is added, replaced and deleted, and when readers see it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sqlite3.h>

#include "core/base/file.h"
#include "indexer/writer.h"
#include "support/folder.h"
#include "support/index.h"

/* Each test has a folder, and its index there, to begin with not made. */
static struct folder folder;
static char path[2 * FOLDER_PATH];

static int setup(void **state) {
    (void)state;
    folder_make(&folder);
    snprintf(path, sizeof path, "%s", folder_entry(&folder, "a.lede"));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    folder_remove(&folder);
    return 0;
}

/* In the midst of a test. */
static void renew(void) {
    teardown(NULL);
    setup(NULL);
}

static void articles_are_added_replaced_and_deleted(void **state) {
    (void)state;
    lede_commit_info info;
    uint64_t deleted;
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
}

/* Keys to delete among articles that are on their way wait for the commit, but not all of them in memory. */
static void deletions_that_wait_are_bounded(void **state) {
    enum { ARTICLES = 9000, AT_MOST = 4096 };
    (void)state;
    char key[16];
    size_t most = 0;
    lede_writer *w = writer_on(path, NULL);
    for (int i = 0; i < ARTICLES; i++) {
        snprintf(key, sizeof key, "%d", i);
        put_article(w, key, "An article.");
    }
    MUST(lede_writer_commit(w, NULL, err));
    for (int i = 0; i < ARTICLES; i++) {
        uint64_t deleted;
        size_t len = (size_t)snprintf(key, sizeof key, "%d", i);
        put_article(w, key, "The article, changed.");
        MUST(lede_writer_delete(w, key, len, &deleted, err));
        assert_int_equal(deleted, 1);
        if (i % 5 == 0)
            put_article(w, key, "The article, anew.");
        most = w->deletion_count > most ? w->deletion_count : most;
    }
    assert_in_range(most, 1, AT_MOST);
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    check_index(path);
    assert_int_equal(stats_of(path).articles, ARTICLES / 5);
    expect_body(path, "8999", NULL);
    expect_body(path, "8995", "The article, anew.");
}

/* ------------------------------------------------------------------------------ open and close -- */

static void unused_new_index_is_removed_again(void **state) {
    (void)state;
    lede_writer *w = writer_on(path, NULL);
    put_article(w, "one", "The first article.");
    lede_writer_close(w);
    assert_false(folder_has(&folder, "a.lede"));
    /* A folder that was there stays, as empty as it was. */
    assert_int_equal(mkdir(path, 0777), 0);
    lede_writer_close(writer_on(path, NULL));
    assert_true(folder_has(&folder, "a.lede"));
    assert_int_equal(rmdir(path), 0);
    /* A commit of nothing makes an empty index. */
    w = writer_on(path, NULL);
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    assert_int_equal(stats_of(path).commit, 1);
    check_index(path);
}

static void uncommitted_work_is_discarded(void **state) {
    (void)state;
    uint64_t deleted;
    lede_writer *w = writer_on(path, NULL);
    put_article(w, "one", "The first article.");
    MUST(lede_writer_commit(w, NULL, err));
    MUST(lede_writer_commit(w, NULL, err));
    put_article(w, "one", "The first article, changed.");
    put_article(w, "two", "The second article.");
    MUST(lede_writer_delete(w, "one", 3, &deleted, err));
    lede_writer_close(w);
    expect_body(path, "one", "The first article.");
    expect_body(path, "two", NULL);
    assert_int_equal(stats_of(path).commit, 1);
    check_index(path);
}

static void orphans_are_swept(void **state) {
    (void)state;
    lede_writer *w = writer_on(path, NULL);
    put_article(w, "one", "The first article.");
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    folder_write_text(&folder, "a.lede/segments/00000099.seg", "left behind");
    folder_write_text(&folder, "a.lede/segments/README", "somebody's");
    lede_writer_close(writer_on(path, NULL));
    assert_false(folder_has(&folder, "a.lede/segments/00000099.seg"));
    assert_true(folder_has(&folder, "a.lede/segments/README"));
    expect_body(path, "one", "The first article.");
}

static void second_writer_is_refused(void **state) {
    (void)state;
    lede_writer *second = NULL;
    lede_error err = {.status = LEDE_OK};
    lede_writer *first = writer_on(path, NULL);
    assert_int_equal(lede_writer_open(&second, path, NULL, &err), LEDE_LOCKED);
    assert_null(second);
    put_article(first, "one", "The first article.");
    assert_int_equal(lede_writer_commit(first, NULL, &err), LEDE_OK);
    lede_writer_close(first);
    expect_body(path, "one", "The first article.");
}

static void others_folders_are_left_alone(void **state) {
    (void)state;
    lede_writer *w = NULL;
    lede_error err = {.status = LEDE_OK};
    folder_write_text(&folder, "diary.txt", "not an index");
    assert_int_equal(lede_writer_open(&w, folder.path, NULL, &err), LEDE_NOT_INDEX);
    assert_non_null(strstr(err.message, folder.path));
    assert_false(folder_has(&folder, "write.lock"));
    assert_false(folder_has(&folder, "segments"));
    assert_int_equal(lede_writer_open(&w, folder_entry(&folder, "diary.txt"), NULL, &err), LEDE_NOT_INDEX);
    assert_int_equal(lede_writer_open(&w, folder_entry(&folder, "none/a.lede"), NULL, &err), LEDE_NOT_FOUND);
    lede_index *nameless;
    assert_int_equal(lede_writer_open(&w, "", NULL, &err), LEDE_INVALID);
    assert_string_equal(err.message, "an index without a name; name a folder");
    assert_int_equal(lede_index_open(&nameless, "", &err), LEDE_INVALID);
    assert_string_equal(err.message, "an index without a name; name a folder");
    assert_int_equal(lede_index_check("", NULL, NULL, NULL, NULL, &err), LEDE_INVALID);
    folder_write_text(&folder, "catalogue.db", "another program's");
    assert_int_equal(lede_writer_open(&w, folder.path, NULL, &err), LEDE_NOT_INDEX);
    assert_false(folder_has(&folder, "write.lock"));
}

static void options_have_to_fit_the_index(void **state) {
    (void)state;
    const lede_writer_options made = {.language = "de", .passages = LEDE_PASSAGES_WHOLE};
    lede_writer *w = writer_on(path, &made);
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    const struct {
        lede_writer_options options;
        lede_status status;
    } cases[] = {
        {{.language = NULL}, LEDE_OK},
        {{.language = "german", .passages = LEDE_PASSAGES_WHOLE, .must_exist = true}, LEDE_OK},
        {{.language = "english"}, LEDE_INVALID},
        {{.language = "klingon"}, LEDE_INVALID},
        {{.passages = LEDE_PASSAGES_CUT}, LEDE_INVALID},
        {{.omit_text = true}, LEDE_INVALID},
        {{.memory = 1 << 20}, LEDE_INVALID},
        {{.passages = (lede_passages)77}, LEDE_INVALID},
        {{.format = (lede_format)77}, LEDE_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(lede_writer_open(&w, path, &cases[i].options, NULL), cases[i].status);
        lede_writer_close(w);
    }
    const lede_writer_options existing = {.must_exist = true}, klingon = {.language = "klingon"};
    assert_int_equal(lede_writer_open(&w, folder_entry(&folder, "b.lede"), &existing, NULL), LEDE_NOT_FOUND);
    assert_int_equal(lede_writer_open(&w, folder_entry(&folder, "b.lede"), &klingon, NULL), LEDE_INVALID);
    assert_false(folder_has(&folder, "b.lede"));
}

static void bad_articles_are_refused(void **state) {
    (void)state;
    static const char text[] = "text", nul[] = "te\0t", broken[] = "te\xff";
    const struct {
        lede_article article;
        lede_status status;
    } cases[] = {
        {{.key = text, .key_len = 4}, LEDE_OK},
        {{.key = NULL, .body = text, .body_len = 4}, LEDE_INVALID},
        {{.key = text, .key_len = 0}, LEDE_INVALID},
        {{.key = nul, .key_len = 4}, LEDE_INVALID},
        {{.key = broken, .key_len = 3}, LEDE_INVALID},
        {{.key = text, .key_len = 4, .body = nul, .body_len = 4}, LEDE_INVALID},
        {{.key = text, .key_len = 4, .title = broken, .title_len = 3}, LEDE_INVALID},
        {{.key = text, .key_len = 4, .body = text, .body_len = SIZE_MAX / 2}, LEDE_INVALID},
        {{.key = text, .key_len = 4, .date = 20250400}, LEDE_OK},
        {{.key = text, .key_len = 4, .date = 20250000}, LEDE_OK},
        {{.key = text, .key_len = 4, .date = 20240229}, LEDE_OK},
        {{.key = text, .key_len = 4, .date = 20250229}, LEDE_INVALID},
        {{.key = text, .key_len = 4, .date = 20251301}, LEDE_INVALID},
        {{.key = text, .key_len = 4, .date = 20251300}, LEDE_INVALID},
        {{.key = text, .key_len = 4, .date = 20250001}, LEDE_INVALID},
        {{.key = text, .key_len = 4, .date = 1}, LEDE_INVALID},
        {{.key = text, .key_len = 4, .date = UINT32_MAX}, LEDE_INVALID},
    };
    lede_writer *w = writer_on(path, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(lede_writer_add_article(w, &cases[i].article, NULL), cases[i].status);
    char long_key[4097];
    memset(long_key, 'k', sizeof long_key);
    lede_article a = {.key = long_key, .key_len = 4097};
    assert_int_equal(lede_writer_add_article(w, &a, NULL), LEDE_INVALID);
    a.key_len = 4096;
    MUST(lede_writer_add_article(w, &a, err));
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    assert_int_equal(stats_of(path).articles, 2);
    check_index(path);
}

/* ------------------------------------------------------------------------------------ streams -- */

static void add_text(lede_writer *w, const char *text, size_t len, lede_format format) {
    folder_write(&folder, "stream", text, len);
    int fd = open(folder_entry(&folder, "stream"), O_RDONLY);
    assert_true(fd >= 0);
    MUST(lede_writer_add_stream(w, fd, format, err));
    close(fd);
}

static void streams_are_read_by_their_first_bytes(void **state) {
    (void)state;
    static const char tsv[] = "one\tThe first article.\ntwo\tThe second article.\n";
    static const char jsonl[] = "{\"_id\": \"three\", \"text\": \"The third article.\"}\n";
    static const char text[] = "Just a text.\n";
    /* "four<TAB>A<LF>five<TAB>B<LF>" in UTF-16. */
    static const char wide[] = "\xff\xfe"
                               "f\0o\0u\0r\0\t\0A\0\n\0f\0i\0v\0e\0\t\0B\0\n\0";
    lede_writer *w = writer_on(path, NULL);
    add_text(w, tsv, sizeof tsv - 1, LEDE_FORMAT_AUTO);
    add_text(w, jsonl, sizeof jsonl - 1, LEDE_FORMAT_AUTO);
    add_text(w, text, sizeof text - 1, LEDE_FORMAT_AUTO);
    add_text(w, wide, sizeof wide - 1, LEDE_FORMAT_AUTO);
    MUST(lede_writer_commit(w, NULL, err));
    add_text(w, "one\tThe first article, changed.", 31, LEDE_FORMAT_TSV);
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    expect_body(path, "one", "The first article, changed.");
    expect_body(path, "two", "The second article.");
    expect_body(path, "three", "The third article.");
    expect_body(path, "-", NULL);
    expect_body(path, "four", "A");
    expect_body(path, "five", "B");
    check_index(path);
}

static void streams_that_are_not_open_are_refused(void **state) {
    (void)state;
    int closed = dup(0);
    lede_writer *w = writer_on(path, NULL);
    assert_int_equal(close(closed), 0);
    assert_int_equal(lede_writer_add_stream(w, -1, LEDE_FORMAT_AUTO, NULL), LEDE_INVALID);
    assert_int_equal(lede_writer_add_stream(w, closed, LEDE_FORMAT_AUTO, NULL), LEDE_INVALID);
    add_text(w, "one\tAn article.\n", 16, LEDE_FORMAT_TSV);
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    expect_body(path, "one", "An article.");
}

static uint64_t articles_of_streams(const char *const *texts, size_t count) {
    lede_writer *w = writer_on(path, NULL);
    for (size_t i = 0; i < count; i++)
        add_text(w, texts[i], strlen(texts[i]), LEDE_FORMAT_AUTO);
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    check_index(path);
    return stats_of(path).articles;
}

/* What has no id is known by its text: none replaces another, and none is there twice. */
static void texts_of_streams_have_keys_of_their_own(void **state) {
    (void)state;
    static const char *const texts[] = {
        "A text.\n",
        "Another text.\n",
        "# A heading\n\nAnd a text.\n",
        "<html><p>A page.</html>\n",
        "{\"text\": \"One.\"}\n{\"text\": \"Two.\"}\n{\"_id\": \"three\", \"text\": \"Three.\"}\n",
        "{\"text\": \"Two.\"}\n{\"_id\": \"three\", \"text\": \"Three, changed.\"}\n{\"text\": \"Four.\"}\n",
    };
    char key[32];
    assert_int_equal(articles_of_streams(texts, 5), 7);
    assert_int_equal(articles_of_streams(texts, 5), 7);
    assert_int_equal(articles_of_streams(texts, 6), 8);
    expect_body(path, "three", "Three, changed.");
    snprintf(key, sizeof key, "-:%016llx", (unsigned long long)file_checksum(texts[1], strlen(texts[1])));
    expect_body(path, key, "Another text.");
    snprintf(key, sizeof key, "-:%016llx", (unsigned long long)file_checksum(texts[4], strcspn(texts[4], "\n")));
    expect_body(path, key, "One.");
}

/* A file of lines "kN<TAB>text", of more bytes than a batch has. */
static char *make_lines(size_t count, size_t *len) {
    char *text = malloc(count * 200);
    assert_non_null(text);
    *len = 0;
    for (size_t i = 0; i < count; i++)
        *len += (size_t)sprintf(
            text + *len, "k%zu\tThe %zuth of many lines, with word%zu and %.*s.\n", i, i, i * 7919, (int)(i % 100),
            "something of a length that differs from line to line, so that batches end anywhere in it");
    return text;
}

static void lines_are_cut_anywhere_and_none_is_lost(void **state) {
    (void)state;
    enum { COUNT = 30000 };
    size_t len;
    char *text = make_lines(COUNT, &len);
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        const lede_writer_options options = {.threads = threads, .memory = 64 << 20};
        lede_writer *w = writer_on(path, &options);
        add_text(w, text, len, LEDE_FORMAT_AUTO);
        MUST(lede_writer_commit(w, NULL, err));
        lede_writer_close(w);
        assert_int_equal(stats_of(path).articles, COUNT);
        lede_index *index;
        MUST(lede_index_open(&index, path, err));
        for (size_t i = 0; i < COUNT; i += 371) {
            char key[32], start[64];
            lede_article *a;
            snprintf(key, sizeof key, "k%zu", i);
            snprintf(start, sizeof start, "The %zuth of many lines, with word%zu", i, i * 7919);
            MUST(lede_index_article(&a, index, key, strlen(key), err));
            assert_memory_equal(a->body, start, strlen(start));
            assert_int_equal(a->line, i + 1);
            assert_string_equal(a->path, "-");
            lede_article_free(a);
        }
        lede_index_close(index);
        check_index(path);
        renew();
    }
    free(text);
}

static void count_skipped(void *ctx, lede_warning_kind kind, const char *where, const char *why) {
    (void)why;
    assert_int_equal(kind, LEDE_WARNING_SKIPPED);
    assert_string_equal(where, "-:2");
    ++*(int *)ctx;
}

static void huge_lines_are_read_and_too_huge_ones_left_out(void **state) {
    (void)state;
    enum { HUGE_LINE = 1 << 20, TOO_HUGE = 2 << 20 };
    char *text = malloc(HUGE_LINE + TOO_HUGE + 100), *p = text;
    assert_non_null(text);
    p += sprintf(p, "one\tThe first");
    for (size_t i = 0; i < HUGE_LINE / 8; i++)
        p += sprintf(p, " word%03zu", i % 1000);
    p += sprintf(p, "\ntwo\t");
    memset(p, 'x', TOO_HUGE);
    p += TOO_HUGE;
    p += sprintf(p, "\nthree\tThe third.\n");
    for (unsigned threads = 1; threads <= 2; threads++) {
        int skipped = 0;
        lede_commit_info info;
        const lede_writer_options options = {
            .threads = threads, .memory = 32 << 20, .warn = count_skipped, .ctx = &skipped};
        lede_writer *w = writer_on(path, &options);
        add_text(w, text, (size_t)(p - text), LEDE_FORMAT_AUTO);
        MUST(lede_writer_commit(w, &info, err));
        lede_writer_close(w);
        assert_int_equal(skipped, 1);
        assert_int_equal(info.records_skipped, 1);
        assert_int_equal(info.articles_added, 2);
        expect_body(path, "three", "The third.");
        check_index(path);
        renew();
    }
    free(text);
}

/* Reads all of a file; to be freed. */
static char *slurp(const char *name, size_t *len) {
    struct stat st;
    int fd = open(name, O_RDONLY);
    assert_true(fd >= 0 && !fstat(fd, &st));
    char *bytes = malloc((size_t)st.st_size);
    assert_non_null(bytes);
    *len = (size_t)st.st_size;
    assert_int_equal(read(fd, bytes, *len), st.st_size);
    close(fd);
    return bytes;
}

static void same_input_gives_the_same_segments(void **state) {
    (void)state;
    size_t len;
    char *text = make_lines(60000, &len);
    folder_write(&folder, "in.tsv", text, len);
    const lede_writer_options options = {.threads = 2, .memory = 32 << 20};
    for (int run = 0; run < 2; run++) {
        lede_writer *w = writer_on(folder_entry(&folder, run ? "b.lede" : "a.lede"), &options);
        MUST(lede_writer_add_path(w, folder_entry(&folder, "in.tsv"), err));
        MUST(lede_writer_commit(w, NULL, err));
        lede_writer_close(w);
    }
    int compared = 0;
    for (int id = 1; id < 200; id++) {
        char a[64], b[64];
        snprintf(a, sizeof a, "a.lede/segments/%08x.seg", (unsigned)id);
        snprintf(b, sizeof b, "b.lede/segments/%08x.seg", (unsigned)id);
        assert_true(folder_has(&folder, a) == folder_has(&folder, b));
        if (!folder_has(&folder, a))
            continue;
        size_t a_len, b_len;
        char *a_bytes = slurp(folder_entry(&folder, a), &a_len), *b_bytes = slurp(folder_entry(&folder, b), &b_len);
        assert_int_equal(a_len, b_len);
        assert_memory_equal(a_bytes, b_bytes, a_len);
        free(a_bytes);
        free(b_bytes);
        compared++;
    }
    assert_true(compared >= 1);
    free(text);
}

/* -------------------------------------------------------------------------- commit and optimize -- */

static void many_commits_leave_few_segments(void **state) {
    (void)state;
    lede_writer *w = writer_on(path, NULL);
    for (int i = 0; i < 100; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i % 60);
        put_article(w, key, "The same text again and again.");
        MUST(lede_writer_commit(w, NULL, err));
    }
    lede_stats stats = stats_of(path);
    assert_int_equal(stats.articles, 60);
    assert_true(stats.segments <= 8);
    check_index(path);
    MUST(lede_writer_optimize(w, NULL, err));
    MUST(lede_writer_optimize(w, NULL, err));
    lede_writer_close(w);
    stats = stats_of(path);
    assert_int_equal(stats.articles, 60);
    assert_int_equal(stats.segments, 1);
    assert_int_equal(stats.deleted_passages, 0);
    check_index(path);
}

/* Bitmaps of deleted passages have to fit into the memory: those of a billion passages, made up here. */
static void more_deletions_than_memory_are_refused(void **state) {
    (void)state;
    enum { MIB = 1 << 20 };
    char file[2 * FOLDER_PATH + 16];
    lede_writer *w;
    lede_error e;
    sqlite3 *db;
    w = writer_on(path, NULL);
    put_article(w, "one", "The first article.");
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    snprintf(file, sizeof file, "%s/catalogue.db", path);
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE segments SET deleted = zeroblob(8 << 20)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);

    assert_int_equal(lede_writer_open(&w, path, &(lede_writer_options){.memory = 32 * MIB}, &e), LEDE_INVALID);
    assert_non_null(strstr(e.message, "give 49 MiB"));
    /* With more it is read; and found to be no bitmap of one passage. */
    assert_int_equal(lede_writer_open(&w, path, &(lede_writer_options){.memory = 49 * MIB}, &e), LEDE_CORRUPT);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(articles_are_added_replaced_and_deleted),
        IN_A_FOLDER(deletions_that_wait_are_bounded),
        IN_A_FOLDER(unused_new_index_is_removed_again),
        IN_A_FOLDER(uncommitted_work_is_discarded),
        IN_A_FOLDER(orphans_are_swept),
        IN_A_FOLDER(second_writer_is_refused),
        IN_A_FOLDER(others_folders_are_left_alone),
        IN_A_FOLDER(options_have_to_fit_the_index),
        IN_A_FOLDER(bad_articles_are_refused),
        IN_A_FOLDER(streams_are_read_by_their_first_bytes),
        IN_A_FOLDER(streams_that_are_not_open_are_refused),
        IN_A_FOLDER(texts_of_streams_have_keys_of_their_own),
        IN_A_FOLDER(lines_are_cut_anywhere_and_none_is_lost),
        IN_A_FOLDER(huge_lines_are_read_and_too_huge_ones_left_out),
        IN_A_FOLDER(same_input_gives_the_same_segments),
        IN_A_FOLDER(many_commits_leave_few_segments),
        IN_A_FOLDER(more_deletions_than_memory_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
