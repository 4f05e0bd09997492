/* A process that indexes is killed at random moments: what it had committed is there, whole, and nothing else; the
 * index has no fault; the next process goes on as if nothing had happened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <lede.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "support/folder.h"
#include "support/random.h"

/* Each generation is a commit: it adds FRESH articles of its own, and replaces the SHARED ones of the one before. */
enum { ROUNDS = 40, FRESH = 60, SHARED = 7, WORDS = 120, DELAY_US = 60000, DELAY_MAX_US = 4000000 };

static void fail_on(lede_status status, const lede_error *err) {
    if (status != LEDE_OK)
        fail_msg("%s", err->message);
}

static lede_status add(lede_writer *w, const char *key, uint32_t generation, struct random *r, lede_error *err) {
    char body[WORDS * 12];
    size_t len = (size_t)sprintf(body, "generation%u ", generation);
    for (int i = 0; i < WORDS; i++)
        len += (size_t)sprintf(body + len, "w%u ", random_below(r, 5000));
    lede_article a = {
        .key = key, .key_len = strlen(key), .title = "Killed", .title_len = 6, .body = body, .body_len = len};
    return lede_writer_add_article(w, &a, err);
}

static lede_status commit_generation(lede_writer *w, uint32_t generation, struct random *r, lede_error *err) {
    lede_status status = LEDE_OK;
    char key[32];
    for (uint32_t i = 0; i < FRESH && status == LEDE_OK; i++) {
        sprintf(key, "fresh-%u-%u", generation, i);
        status = add(w, key, generation, r, err);
    }
    for (uint32_t i = 0; i < SHARED && status == LEDE_OK; i++) {
        sprintf(key, "shared-%u", i);
        status = add(w, key, generation, r, err);
    }
    return status == LEDE_OK ? lede_writer_commit(w, NULL, err) : status;
}

/* Commits one generation after the other, and tells `told` of each, until it is killed. */
_Noreturn static void index_until_killed(const char *index, uint32_t generation, struct random *r, int told) {
    lede_error err = {0};
    lede_writer *w = NULL;
    lede_writer_options options = {.threads = 1 + generation % 2};
    lede_status status = lede_writer_open(&w, index, &options, &err);
    for (; status == LEDE_OK; generation++) {
        status = commit_generation(w, generation, r, &err);
        if (status == LEDE_OK && generation % 5 == 4)
            status = lede_writer_optimize(w, NULL, &err);
        if (status == LEDE_OK && write(told, &generation, sizeof generation) != sizeof generation)
            break;
    }
    fprintf(stderr, "child: %s\n", err.message);
    _exit(1);
}

/* Lets a child commit from `generation` on for up to `delay` microseconds; returns the first one that it did not tell
 * of. */
static uint32_t run_and_kill(const char *index, uint32_t generation, uint32_t delay, struct random *r) {
    int told[2];
    assert_int_equal(pipe(told), 0);
    random_next(r);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(told[0]);
        index_until_killed(index, generation, r, told[1]);
    }
    close(told[1]);
    long us = random_below(r, delay);
    struct timespec pause = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    uint32_t done;
    while (read(told[0], &done, sizeof done) == sizeof done) {
        assert_int_equal(done, generation);
        generation++;
    }
    close(told[0]);
    return generation;
}

static uint64_t count_matches(lede_index *index, const char *text) {
    lede_error err;
    lede_query *query;
    lede_results *results;
    lede_search_options options = {.count = true};
    fail_on(lede_query_parse(&query, index, text, strlen(text), NULL, &err), &err);
    fail_on(lede_search(&results, index, query, &options, &err), &err);
    uint64_t total = lede_results_total(results, NULL);
    lede_results_free(results);
    lede_query_free(query);
    return total;
}

static void print_fault(void *ctx, const char *fault) {
    (void)ctx;
    print_message("fault: %s\n", fault);
}

/* Checks that the index holds generations 0 to n - 1 for n = generation, or one more that was committed but not told
 * of. Returns n. */
static uint32_t check_index(const char *path, uint32_t generation) {
    lede_error err;
    lede_index *index;
    uint64_t faults;
    char text[32];
    lede_status status = lede_index_open(&index, path, &err);
    if (generation == 0 && status == LEDE_NOT_FOUND)
        return 0; /* killed before there was an index */
    fail_on(status, &err);
    fail_on(lede_index_check(path, print_fault, NULL, NULL, &faults, &err), &err);
    sprintf(text, "generation%u", generation);
    generation += count_matches(index, text) > 0;
    lede_stats stats;
    fail_on(lede_index_stats(&stats, index, &err), &err);
    assert_int_equal(stats.articles, generation ? generation * FRESH + SHARED : 0);
    for (uint32_t g = 0; g < generation; g++) {
        sprintf(text, "generation%u", g);
        assert_int_equal(count_matches(index, text), FRESH + (g + 1 == generation ? SHARED : 0));
    }
    lede_index_close(index);
    return generation;
}

/* Files that a killed writer left are swept by the next one. */
static void check_sweeping(const char *path) {
    lede_error err;
    lede_writer *w;
    lede_index *index;
    lede_stats stats;
    fail_on(lede_writer_open(&w, path, NULL, &err), &err);
    lede_writer_close(w);
    fail_on(lede_index_open(&index, path, &err), &err);
    fail_on(lede_index_stats(&stats, index, &err), &err);
    lede_index_close(index);
    char segments[FOLDER_PATH * 3];
    snprintf(segments, sizeof segments, "%s/segments", path);
    DIR *folder = opendir(segments);
    assert_non_null(folder);
    uint64_t files = 0;
    for (struct dirent *e; (e = readdir(folder));)
        files += e->d_name[0] != '.' && strcmp(e->d_name, "brief") != 0;
    closedir(folder);
    assert_int_equal(files, stats.segments);
}

static void the_last_commit_survives(void **state) {
    struct folder f;
    folder_make(&f);
    char index[FOLDER_PATH * 2];
    snprintf(index, sizeof index, "%s", folder_entry(&f, "killed.lede"));
    uint32_t generation = 0, delay = DELAY_US;
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t before = generation;
        generation = check_index(index, run_and_kill(index, generation, delay, *state));
        /* A slow machine gets more time, so that there is something to kill. */
        if (generation == before && delay < DELAY_MAX_US)
            delay += delay / 4;
    }
    print_message("%u commits in %d rounds\n", generation, ROUNDS);
    assert_true(generation > 0);
    check_sweeping(index);
    assert_int_equal(check_index(index, generation), generation);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_commit_survives, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
