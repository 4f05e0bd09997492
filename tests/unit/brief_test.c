/* The brief: it says what the catalogue says, readers use it, and it is never of another commit. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "core/index/brief.h"
#include "core/index/layout.h"
#include "core/index/snapshot.h"
#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

static void expect_same_segments(const struct brief *b, struct catalogue *c) {
    struct catalogue_segment *segments;
    size_t count;
    MUST(catalogue_segments(c, &segments, &count, err));
    assert_int_equal(b->segment_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct catalogue_segment *x = &b->segments[i], *y = &segments[i];
        assert_int_equal(x->id, y->id);
        assert_int_equal(x->info.size, y->info.size);
        assert_true(x->info.checksum == y->info.checksum);
        assert_int_equal(x->info.passages, y->info.passages);
        assert_int_equal(x->info.articles, y->info.articles);
        assert_int_equal(x->info.total_length, y->info.total_length);
        assert_int_equal(x->deleted_passages, y->deleted_passages);
        assert_int_equal(x->deleted_articles, y->deleted_articles);
        assert_int_equal(x->deleted == NULL, y->deleted == NULL);
        if (x->deleted)
            assert_memory_equal(x->deleted, y->deleted, catalogue_bitmap_size(y->info.passages));
    }
    catalogue_segments_free(segments, count);
}

static lede_status expect_source(void *ctx, const struct catalogue_source *source, lede_error *err) {
    (void)err;
    const char *path = brief_source_path(ctx, source->id);
    assert_non_null(path);
    assert_string_equal(path, source->path);
    return LEDE_OK;
}

/* Fails unless there is a brief that says what the catalogue says. */
static void expect_brief(const char *index) {
    struct brief b;
    struct catalogue *c;
    struct catalogue_settings settings;
    struct catalogue_counters counters;
    assert_true(brief_read(&b, index));
    MUST(catalogue_open(&c, index, err));
    MUST(catalogue_get_settings(c, &settings, err));
    MUST(catalogue_get_counters(c, &counters, err));
    assert_int_equal(b.commit, counters.commit);
    assert_string_equal(b.settings.language, settings.language);
    assert_int_equal(b.settings.passages, settings.passages);
    assert_int_equal(b.settings.omit_text, settings.omit_text);
    expect_same_segments(&b, c);
    MUST(catalogue_sources_below(c, "/", expect_source, &b, err));
    catalogue_settings_release(&settings);
    catalogue_close(c);
    brief_release(&b);
}

static void expect_none(const char *index) {
    struct brief b;
    assert_false(brief_read(&b, index));
}

static uint64_t faults_of(const char *index) {
    uint64_t faults = 0;
    (void)!lede_index_check(index, NULL, NULL, NULL, &faults, NULL);
    return faults;
}

static void write_texts(const struct folder *f, int count) {
    char name[64];
    mkdir(folder_entry(f, "texts"), 0777);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "texts/%d.txt", i);
        folder_write_text(f, name, "Lavrov met the delegation at Simla.\n");
    }
}

/* After each of many commits, of articles, files, deletions and merges, with the writer open and closed. */
static void it_is_of_the_last_commit(void **state) {
    struct random *seed = *state;
    struct folder f;
    uint64_t deleted;
    char key[32];
    folder_make(&f);
    const char *index = folder_entry(&f, "a.lede");
    char path[FOLDER_PATH * 2];
    snprintf(path, sizeof path, "%s", index);
    write_texts(&f, 5);
    lede_writer *w = writer_on(path, NULL);
    for (int i = 0; i < 60; i++) {
        switch (random_below(seed, 4)) {
        case 0: MUST(lede_writer_add_path(w, folder_entry(&f, "texts"), err)); break;
        case 1:
            snprintf(key, sizeof key, "key %d", (int)random_below(seed, 10));
            if (lede_writer_delete(w, key, strlen(key), &deleted, NULL))
                put_article(w, key, "It was not there.");
            break;
        case 2:
            snprintf(key, sizeof key, "texts/%d.txt", (int)random_below(seed, 5));
            folder_write_text(&f, key, i % 2 ? "The talks went on.\n" : "The talks ended.\n");
            break;
        default:
            snprintf(key, sizeof key, "key %d", (int)random_below(seed, 10));
            put_article(w, key, "The Line of Control shall be respected by both sides.");
        }
        MUST(lede_writer_commit(w, NULL, err));
        expect_brief(path);
        if (i % 10 == 9) {
            MUST(lede_writer_optimize(w, NULL, err));
            expect_brief(path);
            lede_writer_close(w);
            expect_brief(path);
            w = writer_on(path, NULL);
        }
    }
    lede_writer_close(w);
    folder_remove(&f);
}

static void make_index(const struct folder *f, int texts) {
    write_texts(f, texts);
    lede_writer *w = writer_on(folder_entry(f, "a.lede"), NULL);
    MUST(lede_writer_add_path(w, folder_entry(f, "texts"), err));
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
}

/* The catalogue is replaced by nonsense of the same size and time: a reader who opened it would fail. */
static void a_reader_does_without_the_catalogue(void **state) {
    (void)state;
    struct folder f;
    struct stat st;
    char *source;
    struct snapshot *s;
    folder_make(&f);
    make_index(&f, 2);
    const char *catalogue = folder_entry(&f, "a.lede/catalogue.db");
    assert_int_equal(stat(catalogue, &st), 0);
    char *nonsense = calloc(1, (size_t)st.st_size);
    assert_non_null(nonsense);
    folder_write(&f, "a.lede/catalogue.db", nonsense, (size_t)st.st_size);
    free(nonsense);
    expect_none(folder_entry(&f, "a.lede"));
    assert_int_equal(
        utimensat(AT_FDCWD, folder_entry(&f, "a.lede/catalogue.db"), (struct timespec[]){st.st_atim, st.st_mtim}, 0),
        0);
    MUST(snapshot_open(&s, folder_entry(&f, "a.lede"), err));
    assert_int_equal(s->passages, 2);
    MUST(snapshot_source_path(s, 1, &source, err));
    assert_non_null(strstr(source, "texts/"));
    free(source);
    snapshot_close(s);
    folder_remove(&f);
}

static void it_does_not_hold_when_the_catalogue_is_another(void **state) {
    (void)state;
    struct folder f;
    folder_make(&f);
    make_index(&f, 2);
    const char *index = folder_entry(&f, "a.lede");
    expect_brief(index);
    assert_int_equal(utimensat(AT_FDCWD, folder_entry(&f, "a.lede/catalogue.db"), NULL, 0), 0);
    expect_none(index);
    folder_write_text(&f, "a.lede/catalogue.db-wal", "frames");
    expect_none(index);
    folder_remove(&f);
}

static void a_damaged_one_is_none(void **state) {
    (void)state;
    struct folder f;
    uint8_t bytes[4096];
    folder_make(&f);
    make_index(&f, 3);
    FILE *file = fopen(folder_entry(&f, "a.lede/segments/brief"), "rb");
    assert_non_null(file);
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_in_range(n, 60, sizeof bytes - 1);
    for (size_t i = 0; i < n; i++) {
        bytes[i] ^= 0x10;
        folder_write(&f, "a.lede/segments/brief", bytes, n);
        expect_none(folder_entry(&f, "a.lede"));
        assert_int_equal(faults_of(folder_entry(&f, "a.lede")), 1);
        bytes[i] ^= 0x10;
        folder_write(&f, "a.lede/segments/brief", bytes, i);
        expect_none(folder_entry(&f, "a.lede"));
        assert_int_equal(faults_of(folder_entry(&f, "a.lede")), 1);
    }
    assert_int_equal(stats_of(folder_entry(&f, "a.lede")).passages, 3);
    folder_write(&f, "a.lede/segments/brief", bytes, n);
    expect_brief(folder_entry(&f, "a.lede"));
    assert_int_equal(faults_of(folder_entry(&f, "a.lede")), 0);
    folder_remove(&f);
}

/* Nor is one that is missing, or of a catalogue that was copied since. */
static void a_check_finds_what_contradicts_the_catalogue(void **state) {
    (void)state;
    struct folder f;
    struct catalogue *c;
    struct buffer body = BUFFER_EMPTY;
    folder_make(&f);
    make_index(&f, 3);
    const char *index = folder_entry(&f, "a.lede");
    MUST(catalogue_open(&c, index, err));
    brief_compose(&body, c);
    catalogue_close(c);
    assert_int_equal(body.data[body.len - 2], 't');
    body.data[body.len - 2] = 'x';
    brief_write(index, &body, UINT64_MAX);
    assert_int_equal(faults_of(index), 1);
    assert_int_equal(utimensat(AT_FDCWD, folder_entry(&f, "a.lede/catalogue.db"), NULL, 0), 0);
    assert_int_equal(faults_of(index), 0);
    MUST(brief_remove(index, err));
    assert_int_equal(faults_of(index), 0);
    buffer_release(&body);
    folder_remove(&f);
}

/* Its numbers say that more follows than does, and its checksum is right all the same. */
static void a_false_one_is_none(void **state) {
    struct random *seed = *state;
    struct folder f;
    folder_make(&f);
    make_index(&f, 3);
    const char *index = folder_entry(&f, "a.lede");
    struct buffer body = BUFFER_EMPTY;
    for (int i = 0; i < 2000; i++) {
        struct brief b;
        struct catalogue *c;
        if (i % 100 == 0) {
            MUST(catalogue_open(&c, index, err));
            brief_compose(&body, c);
            catalogue_close(c);
        }
        body.data[random_below(seed, (uint32_t)body.len)] = (uint8_t)random_below(seed, 256);
        brief_write(index, &body, UINT64_MAX);
        if (brief_read(&b, index)) /* under the sanitizers, no byte of another's */
            brief_release(&b);
    }
    buffer_release(&body);
    folder_remove(&f);
}

static void many_sources_are_asked_of_the_catalogue(void **state) {
    (void)state;
    struct folder f;
    struct brief b;
    struct snapshot *s;
    char *source;
    folder_make(&f);
    make_index(&f, 2500);
    assert_true(brief_read(&b, folder_entry(&f, "a.lede")));
    assert_int_equal(b.source_count, 0);
    brief_release(&b);
    MUST(snapshot_open(&s, folder_entry(&f, "a.lede"), err));
    MUST(snapshot_source_path(s, 1700, &source, err));
    assert_non_null(strstr(source, "texts/"));
    free(source);
    snapshot_close(s);
    folder_remove(&f);
}

/* Bitmaps of deletions that take longer to read than SQLite takes to open are left to it; the digest stays. */
static void many_deletions_are_asked_of_the_catalogue(void **state) {
    (void)state;
    struct folder f;
    struct brief b;
    struct catalogue *c;
    struct catalogue_counters counters;
    struct buffer body = BUFFER_EMPTY;
    folder_make(&f);
    make_index(&f, 1);
    const char *index = folder_entry(&f, "a.lede");
    struct catalogue_segment segment = {.id = 77, .info = {.size = 1, .passages = 40 << 20, .articles = 1}};
    segment.deleted = calloc(1, catalogue_bitmap_size(segment.info.passages));
    segment.deleted_passages = segment.deleted_articles = 1;
    MUST(catalogue_open_writer(&c, index, NULL, err));
    MUST(catalogue_begin(c, err));
    MUST(catalogue_put_segment(c, &segment, err));
    MUST(catalogue_commit(c, err));
    brief_compose(&body, c);
    MUST(catalogue_get_counters(c, &counters, err));
    catalogue_close(c);
    assert_int_equal(body.len, 1);
    assert_int_equal(body.data[0], counters.commit);
    brief_write(index, &body, UINT64_MAX);
    assert_false(brief_read(&b, index));
    assert_null(brief_denies(index));
    int fd = open(folder_entry(&f, "a.lede/catalogue.db"), O_RDWR);
    assert_int_equal(pwrite(fd, "x", 1, 27), 1);
    close(fd);
    assert_string_equal(brief_denies(index), "");
    free(segment.deleted);
    buffer_release(&body);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_of_the_last_commit, random_setup, random_teardown),
        cmocka_unit_test(a_reader_does_without_the_catalogue),
        cmocka_unit_test(it_does_not_hold_when_the_catalogue_is_another),
        cmocka_unit_test(a_damaged_one_is_none),
        cmocka_unit_test(a_check_finds_what_contradicts_the_catalogue),
        cmocka_unit_test_setup_teardown(a_false_one_is_none, random_setup, random_teardown),
        cmocka_unit_test(many_sources_are_asked_of_the_catalogue),
        cmocka_unit_test(many_deletions_are_asked_of_the_catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
