/* Snapshots: what a reader sees while a writer goes on, and what the check says of damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/index/catalogue_private.h"
#include "core/index/index.h"
#include "support/folder.h"
#include "support/index.h"

/* An index in a folder of its own, with a writer. */
struct fixture {
    struct folder folder;
    char path[FOLDER_PATH + 16];
    lede_writer *writer;
};

static void begin(struct fixture *x) {
    folder_make(&x->folder);
    snprintf(x->path, sizeof x->path, "%s/a.lede", x->folder.path);
    x->writer = writer_on(x->path, NULL);
}

static void end(struct fixture *x) {
    lede_writer_close(x->writer);
    folder_remove(&x->folder);
}

static void commit(struct fixture *x) {
    MUST(lede_writer_commit(x->writer, NULL, err));
}

static void readers_keep_what_they_opened(void **state) {
    (void)state;
    struct fixture x;
    lede_index *old;
    uint64_t deleted;
    begin(&x);
    put_article(x.writer, "one", "The first article.");
    put_article(x.writer, "two", "The second article.");
    commit(&x);
    MUST(lede_index_open(&old, x.path, err));
    assert_false(lede_index_is_stale(old));
    put_article(x.writer, "one", "The first article, changed.");
    MUST(lede_writer_delete(x.writer, "two", 3, &deleted, err));
    assert_false(lede_index_is_stale(old));
    commit(&x);
    /* The segment that the reader has mapped is gone from the folder by now. */
    MUST(lede_writer_optimize(x.writer, NULL, err));
    assert_true(lede_index_is_stale(old));
    char *body = body_of(old, "one");
    assert_string_equal(body, "The first article.");
    free(body);
    body = body_of(old, "two");
    assert_string_equal(body, "The second article.");
    free(body);
    lede_index_close(old);
    expect_body(x.path, "one", "The first article, changed.");
    expect_body(x.path, "two", NULL);
    end(&x);
}

/* Uses a term of the first segment once more; NULL, or held. */
static const struct hot_term *use_term(const lede_index *index, const char *term) {
    const struct segment *s = index->snapshot->segments[0].segment;
    struct term_info info;
    MUST(segment_find_term(s, term, strlen(term), &info, err));
    hot_budget_search(&index->snapshot->hot);
    return hot_terms_hold(segment_hot(s), s, &info);
}

static void frequent_terms_are_kept_within_the_limit(void **state) {
    (void)state;
    struct fixture x;
    lede_index *index;
    begin(&x);
    for (unsigned i = 0; i < MAXIMA_DOCS; i++) {
        char key[16];
        snprintf(key, sizeof key, "%u", i);
        put_article(x.writer, key, "Rain.");
    }
    commit(&x);
    MUST(lede_index_open(&index, x.path, err));
    assert_int_equal(index->snapshot->segment_count, 1);
    for (unsigned i = 1; i < HOT_USES; i++)
        assert_null(use_term(index, "rain"));
    assert_int_equal(lede_index_cache_bytes(index), 0);
    const struct hot_term *rain = use_term(index, "rain");
    assert_non_null(rain);
    assert_int_equal(lede_index_cache_bytes(index), rain->kept.size);
    lede_index_set_cache(index, 0);
    assert_null(use_term(index, "rain"));
    hot_terms_give_back(segment_hot(index->snapshot->segments[0].segment), rain);
    assert_int_equal(lede_index_cache_bytes(index), 0);
    lede_index_close(index);
    end(&x);
}

static unsigned count_threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    unsigned count = 0;
    for (assert_non_null(tasks); readdir(tasks); count++)
        ;
    closedir(tasks);
    return count;
}

static void search_for_rain(lede_index *index) {
    lede_query *query;
    lede_results *results;
    MUST(lede_query_parse(&query, index, "rain wind", 9, NULL, err));
    MUST(lede_search(&results, index, query, NULL, err));
    lede_results_free(results);
    lede_query_free(query);
}

/* Threads are started by the first search of a large segment, if they were asked for; and end with the index. */
static void threads_are_started_when_they_are_used(void **state) {
    struct fixture x;
    lede_index *index;
    (void)state;
    begin(&x);
    for (unsigned i = 0; i < 80000; i++) { /* some slices */
        char key[16];
        snprintf(key, sizeof key, "%u", i);
        put_article(x.writer, key, i % 2 ? "Rain." : "Wind and rain.");
    }
    commit(&x);
    unsigned before = count_threads();
    MUST(lede_index_open(&index, x.path, err));
    index->team_least = 1; /* as if it were large */
    search_for_rain(index);
    assert_int_equal(count_threads(), before);
    lede_index_set_threads(index, 3);
    index->team_least = TEAM_LEAST;
    search_for_rain(index);
    assert_int_equal(count_threads(), before);
    index->team_least = 1;
    search_for_rain(index);
    assert_int_equal(count_threads(), before + 2);
    lede_index_set_threads(index, 1);
    search_for_rain(index);
    lede_index_close(index);
    while (count_threads() > before) /* the system takes a moment to forget those that have ended */
        sched_yield();
    end(&x);
}

/* Another process, which commits an article once `go` is closed: within one process SQLite shares what it knows of a
 * file between all connections. */
static pid_t start_other_writer(const char *path, const int go[2]) {
    pid_t child = fork();
    if (child != 0)
        return child;
    char end;
    lede_writer *w;
    lede_article article = {.key = "two", .key_len = 3, .body = "The second article.", .body_len = 19};
    close(go[1]);
    bool committed = read(go[0], &end, 1) == 0 && !lede_writer_open(&w, path, NULL, NULL) &&
                     !lede_writer_add_article(w, &article, NULL) && !lede_writer_commit(w, NULL, NULL);
    _exit(committed ? 0 : 1);
}

/* Where SQLite can't write beside the catalogue it reads the file alone, and takes it to stay as it is. */
static void commits_are_noticed_where_only_others_can_write(void **state) {
    (void)state;
    struct fixture x;
    lede_index *old;
    int go[2], code;
    begin(&x);
    put_article(x.writer, "one", "The first article.");
    commit(&x);
    lede_writer_close(x.writer);
    x.writer = NULL;
    assert_int_equal(pipe(go), 0);
    pid_t child = start_other_writer(x.path, go);
    assert_true(child > 0);
    const char *obstacle = folder_entry(&x.folder, "a.lede/catalogue.db-shm");
    assert_int_equal(symlink("nowhere", obstacle), 0);
    MUST(lede_index_open(&old, x.path, err));
    assert_false(lede_index_is_stale(old));
    assert_int_equal(unlink(obstacle), 0);
    close(go[1]);
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    close(go[0]);
    assert_true(lede_index_is_stale(old));
    lede_index_close(old);
    end(&x);
}

static void path_of_a_vanished_file_is_still_told(void **state) {
    (void)state;
    struct fixture x;
    lede_index *old;
    lede_article *a;
    begin(&x);
    assert_int_equal(mkdir(folder_entry(&x.folder, "in"), 0777), 0);
    folder_write_text(&x.folder, "in/a.tsv", "one\tThe first article.\n");
    MUST(lede_writer_add_path(x.writer, folder_entry(&x.folder, "in"), err));
    commit(&x);
    MUST(lede_index_open(&old, x.path, err));
    unlink(folder_entry(&x.folder, "in/a.tsv"));
    MUST(lede_writer_add_path(x.writer, folder_entry(&x.folder, "in"), err));
    commit(&x);
    MUST(lede_index_article(&a, old, "one", 3, err));
    assert_non_null(strstr(a->path, "/in/a.tsv"));
    lede_article_free(a);
    lede_index_close(old);
    expect_body(x.path, "one", NULL);
    end(&x);
}

static void ordinals_lead_to_their_segments(void **state) {
    (void)state;
    struct fixture x;
    struct snapshot *s;
    begin(&x);
    MUST(lede_writer_commit(x.writer, NULL, err));
    MUST(snapshot_open(&s, x.path, err));
    assert_null(snapshot_segment_of(s, 0));
    snapshot_close(s);
    for (int i = 0; i < 5; i++) {
        char key[8];
        snprintf(key, sizeof key, "k%d", i);
        for (int j = 0; j <= i; j++, key[1]++)
            put_article(x.writer, key, "Text.");
        commit(&x);
    }
    MUST(snapshot_open(&s, x.path, err));
    assert_int_equal(s->segment_count, 5);
    uint64_t base = 0;
    for (size_t i = 0; i < s->segment_count; i++) {
        const struct snapshot_segment *segment = &s->segments[i];
        uint32_t passages = segment_info(segment->segment)->passages;
        assert_int_equal(segment->base, base);
        assert_ptr_equal(snapshot_segment_of(s, base), segment);
        assert_ptr_equal(snapshot_segment_of(s, base + passages - 1), segment);
        base += passages;
    }
    assert_int_equal(s->passages, base);
    assert_null(snapshot_segment_of(s, base));
    snapshot_close(s);
    end(&x);
}

static void nearest_index_is_found(void **state) {
    (void)state;
    struct folder f;
    char *path = NULL;
    folder_make(&f);
    assert_int_equal(mkdir(folder_entry(&f, "a"), 0777), 0);
    assert_int_equal(mkdir(folder_entry(&f, "a/b"), 0777), 0);
    assert_int_equal(mkdir(folder_entry(&f, "a/.lede"), 0777), 0); /* of this name, but no index */
    assert_int_equal(lede_index_find(&path, folder_entry(&f, "a/b"), NULL), LEDE_NOT_FOUND);
    assert_null(path);
    lede_writer *w = writer_on(folder_entry(&f, ".lede"), NULL);
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    assert_int_equal(lede_index_find(&path, folder_entry(&f, "a/b"), NULL), LEDE_OK);
    char *expected = realpath(folder_entry(&f, ".lede"), NULL);
    assert_string_equal(path, expected);
    free(expected);
    free(path);
    assert_int_equal(lede_index_find(&path, folder_entry(&f, "none"), NULL), LEDE_NOT_FOUND);
    folder_remove(&f);
}

/* ------------------------------------------------------------------- readers beside a writer -- */

struct race {
    const char *path;
    atomic_bool stop;
    atomic_int opened;
};

/* Each snapshot is whole: the two articles are always of the same age. */
static void *read_on(void *ctx) {
    struct race *race = ctx;
    while (!atomic_load(&race->stop)) {
        lede_index *index;
        lede_error err = {.status = LEDE_OK};
        if (lede_index_open(&index, race->path, &err))
            return strdup(err.message);
        char *one = body_of(index, "one"), *two = body_of(index, "two");
        bool same = one && two && !strcmp(one, two);
        free(one);
        free(two);
        lede_index_close(index);
        if (!same)
            return strdup("the snapshot is torn");
        atomic_fetch_add(&race->opened, 1);
    }
    return NULL;
}

static void readers_never_see_half_a_commit(void **state) {
    (void)state;
    enum { READERS = 3 };
    struct fixture x;
    struct race race = {.stop = false};
    pthread_t threads[READERS];
    begin(&x);
    race.path = x.path;
    put_article(x.writer, "one", "0");
    put_article(x.writer, "two", "0");
    commit(&x);
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &race), 0);
    for (int i = 0; i < 60 || atomic_load(&race.opened) < 20; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        put_article(x.writer, "one", text);
        put_article(x.writer, "two", text);
        commit(&x);
    }
    atomic_store(&race.stop, true);
    for (int i = 0; i < READERS; i++) {
        void *message;
        assert_int_equal(pthread_join(threads[i], &message), 0);
        if (message)
            print_error("%s\n", (char *)message);
        assert_null(message);
    }
    check_index(x.path);
    end(&x);
}

/* Whether another process finds a lock on the catalogue's file. */
static bool is_locked(const char *path) {
    pid_t child = fork();
    if (child == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        char file[FOLDER_PATH + 64];
        snprintf(file, sizeof file, "%s/catalogue.db", path);
        int fd = open(file, O_RDWR);
        _exit(fd >= 0 && !fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK ? 1 : 0);
    }
    int code = 0;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &code, 0), child);
    return WIFEXITED(code) && WEXITSTATUS(code) == 1;
}

/* A process loses its locks on a file as soon as it closes any descriptor of it. Without them, another process that
 * closes the index takes itself for the last one, and removes the log under those who use it. */
static void locks_are_kept(void **state) {
    (void)state;
    struct fixture x;
    begin(&x);
    put_article(x.writer, "one", "The first article.");
    commit(&x);
    assert_true(is_locked(x.path));
    check_index(x.path);
    expect_body(x.path, "one", "The first article.");
    assert_int_equal(stats_of(x.path).articles, 1);
    assert_true(is_locked(x.path));
    end(&x);
}

/* ------------------------------------------------------------------------------------- damage -- */

static void count_fault(void *ctx, const char *fault) {
    (void)fault;
    ++*(uint64_t *)ctx;
}

/* The faults that the check finds. */
static uint64_t faults_of(const char *path) {
    uint64_t faults = 0, reported = 0;
    lede_status status = lede_index_check(path, count_fault, NULL, &reported, &faults, NULL);
    assert_int_equal(reported, faults);
    assert_int_equal(status, faults ? LEDE_CORRUPT : LEDE_OK);
    return faults;
}

/* As a faulty writer would: with true digests, so that other checks have to find what is wrong. */
static void run_sql(const struct fixture *x, const char *statement) {
    const struct catalogue_settings none = {.language = NULL};
    struct catalogue *c;
    MUST(catalogue_open_writer(&c, x->path, &none, err));
    MUST(sql_run(c->sql, statement, err));
    catalogue_close(c);
}

static void make_damaged(struct fixture *x) {
    uint64_t deleted;
    begin(x);
    put_article(x->writer, "one", "The first article.");
    put_article(x->writer, "two", "The second article.");
    put_article(x->writer, "three", "The third article.");
    commit(x);
    put_article(x->writer, "four", "The fourth article.");
    MUST(lede_writer_delete(x->writer, "two", 3, &deleted, err));
    commit(x);
    lede_writer_close(x->writer);
    x->writer = NULL;
    assert_int_equal(faults_of(x->path), 0);
}

static void damage_to_the_catalogue_is_found(void **state) {
    (void)state;
    static const char *const damages[] = {
        "UPDATE segments SET total_length = total_length + 1 WHERE id = (SELECT min(id) FROM segments)",
        "UPDATE segments SET checksum = checksum + 1 WHERE id = (SELECT min(id) FROM segments)",
        "UPDATE segments SET size = size + 1 WHERE id = (SELECT min(id) FROM segments)",
        "UPDATE segments SET deleted_passages = 2 WHERE deleted_passages = 1",
        "UPDATE segments SET deleted = x'06' WHERE deleted_passages = 1",
        "UPDATE segments SET id = id + 100 WHERE id = (SELECT max(id) FROM segments)",
        "UPDATE settings SET value = 1 WHERE name = 'next_segment'",
        "UPDATE settings SET value = 7 WHERE name = 'passages'",
        "DELETE FROM settings WHERE name = 'language'",
        "UPDATE segments SET deleted = NULL",
        "UPDATE segments SET passages = 0",
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct fixture x;
        make_damaged(&x);
        run_sql(&x, damages[i]);
        if (faults_of(x.path) == 0)
            fail_msg("not found: %s", damages[i]);
        end(&x);
    }
}

/* A deleted article that comes to life again has a key that another one has. */
static void key_that_is_live_twice_is_found(void **state) {
    (void)state;
    struct fixture x;
    begin(&x);
    put_article(x.writer, "one", "The first article.");
    put_article(x.writer, "two", "The second article.");
    commit(&x);
    put_article(x.writer, "one", "The first article, changed.");
    commit(&x);
    assert_int_equal(faults_of(x.path), 0);
    run_sql(&x, "UPDATE segments SET deleted = NULL, deleted_passages = 0, deleted_articles = 0");
    assert_int_equal(faults_of(x.path), 1);
    end(&x);
}

static void article_of_an_unknown_file_is_found(void **state) {
    (void)state;
    struct fixture x;
    begin(&x);
    folder_write_text(&x.folder, "a.tsv", "one\tThe first article.\n");
    MUST(lede_writer_add_path(x.writer, folder_entry(&x.folder, "a.tsv"), err));
    commit(&x);
    assert_int_equal(faults_of(x.path), 0);
    run_sql(&x, "DELETE FROM sources");
    assert_int_equal(faults_of(x.path), 1);
    end(&x);
}

/* The path of the first segment file. */
static void first_segment(const struct fixture *x, char path[2 * FOLDER_PATH]) {
    char folder[FOLDER_PATH + 64];
    const struct dirent *entry;
    snprintf(folder, sizeof folder, "%s/segments", x->path);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    do /* the brief stands beside */
        assert_non_null(entry = readdir(dir));
    while (!strstr(entry->d_name, ".seg"));
    snprintf(path, 2 * FOLDER_PATH, "%s/%.32s", folder, entry->d_name);
    closedir(dir);
}

static void damage_to_a_segment_is_an_error_and_not_a_crash(void **state) {
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct fixture x;
        char segment[2 * FOLDER_PATH];
        struct stat st;
        lede_index *index = NULL;
        make_damaged(&x);
        first_segment(&x, segment);
        assert_int_equal(stat(segment, &st), 0);
        if (kind == 0)
            assert_int_equal(truncate(segment, st.st_size / 2), 0);
        else if (kind == 1)
            assert_int_equal(truncate(segment, 0), 0);
        else
            assert_int_equal(unlink(segment), 0);
        assert_true(faults_of(x.path) > 0);
        assert_int_equal(lede_index_open(&index, x.path, NULL), LEDE_CORRUPT);
        assert_null(index);
        assert_int_equal(lede_writer_open(&x.writer, x.path, NULL, NULL), LEDE_CORRUPT);
        end(&x);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_keep_what_they_opened),
        cmocka_unit_test(frequent_terms_are_kept_within_the_limit),
        cmocka_unit_test(threads_are_started_when_they_are_used),
        cmocka_unit_test(commits_are_noticed_where_only_others_can_write),
        cmocka_unit_test(path_of_a_vanished_file_is_still_told),
        cmocka_unit_test(ordinals_lead_to_their_segments),
        cmocka_unit_test(nearest_index_is_found),
        cmocka_unit_test(readers_never_see_half_a_commit),
        cmocka_unit_test(locks_are_kept),
        cmocka_unit_test(damage_to_the_catalogue_is_found),
        cmocka_unit_test(key_that_is_live_twice_is_found),
        cmocka_unit_test(article_of_an_unknown_file_is_found),
        cmocka_unit_test(damage_to_a_segment_is_an_error_and_not_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
