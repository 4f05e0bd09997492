/* Indexes as they were written: those of this version of the format, and of the one before it that is read, are found
 * to be whole; of an older one, of a newer one and broken: three different answers.
 *
 * If it fails because the format was changed on purpose: a released format needs a new number (SEGMENT_VERSION
 * in core/segment/segment_map.h, CATALOGUE_VERSION in core/index/catalogue.h), one not yet released does not; then
 * scripts/make-golden. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/index/catalogue.h"
#include "core/segment/segment_map.h"
#include "support/folder.h"
#include "support/index.h"

#define GOLDEN LEDE_SOURCE_DIR "/tests/golden/"

static const char *const REMEDY = "changed the format on purpose? See the head of tests/golden/golden_test.c";

enum { SEGMENT_VERSION_AT = 8, CATALOGUE_VERSION_AT = 60 };

/* A copy of the index of a version, which is looked into, and damaged, in its stead. */
struct copy {
    struct folder folder;
    const char *path;
};

static void copy_make(struct copy *c, int version) {
    char command[2 * FOLDER_PATH];
    folder_make(&c->folder);
    snprintf(command, sizeof command, "cp -r '" GOLDEN "%d' '%s/a.lede'", version, c->folder.path);
    if (system(command)) /* paths of ours */
        fail_msg("tests/golden has no index of version %d: %s", version, REMEDY);
    c->path = folder_entry(&c->folder, "a.lede");
}

static void copy_remove(struct copy *c) {
    folder_remove(&c->folder);
}

/* ---------------------------------------------------------------------------------- what it is -- */

static void assert_whole_index(int version) {
    struct copy c;
    uint64_t faults = 0;
    lede_error err;
    copy_make(&c, version);
    if (lede_index_check(c.path, print_fault, NULL, NULL, &faults, &err))
        fail_msg("%s; %s", err.message, REMEDY);
    lede_stats stats = stats_of(c.path);
    assert_int_equal(stats.articles, 17);
    assert_int_equal(stats.passages, 21);
    assert_int_equal(stats.deleted_passages, 2);
    assert_int_equal(stats.segments, 2);
    copy_remove(&c);
}

static void indexes_that_are_read_are_whole(void **state) {
    (void)state;
    for (int version = SEGMENT_VERSION_BEFORE; version <= SEGMENT_VERSION; version++)
        assert_whole_index(version);
}

/* The key of the best hit; "" if there is none. */
static void best_of(char *key, size_t size, const lede_index *index, const char *text) {
    const lede_search_options options = {.limit = 1};
    const lede_passage_view *view;
    lede_query *query;
    lede_results *results;
    MUST(lede_query_parse(&query, index, text, strlen(text), NULL, err));
    MUST(lede_search(&results, index, query, &options, err));
    *key = '\0';
    if (lede_results_count(results)) {
        MUST(lede_results_passage(&view, results, 0, err));
        snprintf(key, size, "%.*s", (int)view->article.key_len, view->article.key);
    }
    lede_results_free(results);
    lede_query_free(query);
}

static void assert_finds_what_it_holds(int version) {
    static const struct {
        const char *query, *best;
    } cases[] = {
        {"Lavrov Sinhala Sri Lanka", "brief-lavrov"}, /* a word of each segment, dictionary and postings */
        {"nuclear tests Rajasthan Balochistan", "t1998"},
        {"\"Line of Control\" Simla", "t1972"}, /* positions */
        {"+Samjhauta +Lahore", "brief-samjhauta"},
        {"\"signed in the presence of\"", "t1966"},
        {"treaties -Tashkent Nehru", "t1960"},
        {"\"Northern Light Infantry\"", ""}, /* deleted */
        {"voice in Moscow", "brief-lavrov"}, /* a title */
    };
    struct copy c;
    lede_index *index;
    char key[64];
    copy_make(&c, version);
    MUST(lede_index_open(&index, c.path, err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        best_of(key, sizeof key, index, cases[i].query);
        if (strcmp(key, cases[i].best))
            fail_msg("%s: found %s, not %s; %s", cases[i].query, key, cases[i].best, REMEDY);
    }
    char *body = body_of(index, "t1966");
    assert_non_null(body);
    assert_string_equal(body, "10 January 1966. The Tashkent Declaration is signed in the presence of Alexei Kosygin."
                              " Shastri dies hours later.");
    free(body);
    lede_index_close(index);
    copy_remove(&c);
}

static void indexes_that_are_read_tell_what_they_hold(void **state) {
    (void)state;
    for (int version = SEGMENT_VERSION_BEFORE; version <= SEGMENT_VERSION; version++)
        assert_finds_what_it_holds(version);
}

/* ------------------------------------------------------------------------- what it is not -- */

/* One file of the index is another: the byte at `at` changed by so much, the file cut off there, or removed. */
struct change {
    const char *file;
    enum { ADD, TRUNCATE, REMOVE } kind;
    int at, by;
};

static void apply(const struct copy *c, const struct change *change) {
    char file[2 * FOLDER_PATH + 32];
    uint8_t byte;
    snprintf(file, sizeof file, "%s/%s", c->path, change->file);
    int fd = open(file, O_RDWR);
    assert_true(fd >= 0);
    switch (change->kind) {
    case ADD:
        assert_int_equal(pread(fd, &byte, 1, change->at), 1);
        byte = (uint8_t)(byte + change->by);
        assert_int_equal(pwrite(fd, &byte, 1, change->at), 1);
        break;
    case TRUNCATE: assert_int_equal(ftruncate(fd, change->at), 0); break;
    case REMOVE: assert_int_equal(unlink(file), 0); break;
    }
    close(fd);
}

static bool is_one_line_about(const lede_error *err, const struct copy *c) {
    return strstr(err->message, c->path) && !strchr(err->message, '\n');
}

/* The same answer to a reader, to a writer and to the check. */
static void expect(const struct copy *c, lede_status status, const char *remedy) {
    lede_index *index = NULL;
    lede_writer *writer = NULL;
    uint64_t faults;
    lede_error err;
    assert_int_equal(lede_index_open(&index, c->path, &err), status);
    assert_null(index);
    if (!is_one_line_about(&err, c) || !strstr(err.message, remedy))
        fail_msg("no help: %s", err.message);
    assert_int_equal(lede_writer_open(&writer, c->path, NULL, &err), status);
    assert_null(writer);
    if (!is_one_line_about(&err, c) || !strstr(err.message, remedy))
        fail_msg("no help: %s", err.message);
    assert_int_not_equal(lede_index_check(c->path, NULL, NULL, NULL, &faults, &err), LEDE_OK);
}

static void older_index_is_too_old(void **state) {
    (void)state;
    for (int version = 1; version < SEGMENT_VERSION_BEFORE; version++) {
        struct copy c;
        copy_make(&c, version);
        expect(&c, LEDE_TOO_OLD, "index again");
        copy_remove(&c);
    }
}

static void others_are_told_apart(void **state) {
    (void)state;
#define SEGMENT "segments/00000001.seg"
    static const struct {
        struct change change;
        lede_status status;
        const char *remedy;
    } cases[] = {
        {{"catalogue.db", ADD, CATALOGUE_VERSION_AT + 3, 1}, LEDE_TOO_NEW, "upgrade"},
        {{"catalogue.db", ADD, CATALOGUE_VERSION_AT + 3, -1}, LEDE_TOO_OLD, "index again"},
        {{SEGMENT, ADD, SEGMENT_VERSION_AT, 1}, LEDE_TOO_NEW, "upgrade"},
        {{SEGMENT, ADD, SEGMENT_VERSION_AT, -2}, LEDE_TOO_OLD, "index again"},
        {{SEGMENT, ADD, SEGMENT_VERSION_AT, -1}, LEDE_CORRUPT, "index again"}, /* its checksum tells */
        {{SEGMENT, ADD, 0, 1}, LEDE_CORRUPT, "index again"},
        {{SEGMENT, ADD, 200, 1}, LEDE_CORRUPT, "index again"}, /* the table of sections */
        {{SEGMENT, TRUNCATE, 1000, 0}, LEDE_CORRUPT, "index again"},
        {{SEGMENT, TRUNCATE, 0, 0}, LEDE_CORRUPT, "index again"},
        {{SEGMENT, REMOVE, 0, 0}, LEDE_CORRUPT, "index again"},
        {{"catalogue.db", TRUNCATE, 4096, 0}, LEDE_CORRUPT, "index again"},
        {{"catalogue.db", ADD, 0, 1}, LEDE_NOT_INDEX, "not a Lede index"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct copy c;
        copy_make(&c, SEGMENT_VERSION);
        apply(&c, &cases[i].change);
        expect(&c, cases[i].status, cases[i].remedy);
        copy_remove(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes_that_are_read_are_whole),
        cmocka_unit_test(indexes_that_are_read_tell_what_they_hold),
        cmocka_unit_test(older_index_is_too_old),
        cmocka_unit_test(others_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
