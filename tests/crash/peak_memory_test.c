/* A process that indexes, merges and reorders stays below the memory that it was given, however many passages there
 * are: so many here that a few bytes for each would be too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lede.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "support/failing_malloc.h"
#include "support/folder.h"
#include "support/random.h"

enum { PASSAGES = 1200000, REPLACED = 100000, MEMORY = 32 << 20, MEMORY_REORDERED = 64 << 20, FAILED = 3 };

/* Lines `id<TAB>text` of a few words; the ids do not count, and some come from one subject after the other. */
static void write_passages(const char *path, uint32_t count) {
    struct random r = {1};
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t subject = i % 16;
        fprintf(file, "%x:%u\tthe w%u of s%ux%u\n", random_below(&r, 1 << 30), i, random_below(&r, 1 << 16), subject,
                random_below(&r, 200));
    }
    assert_int_equal(fclose(file), 0);
}

static void must(lede_status status, const lede_error *err) {
    if (status == LEDE_OK)
        return;
    fprintf(stderr, "%s\n", err->message);
    _exit(FAILED);
}

struct job {
    const char *index, *input; /* input: NULL, optimize instead */
    bool keep_order;
    lede_writer_options options;
};

static void work(const struct job *job) {
    lede_writer *w = NULL;
    lede_error err;
    must(lede_writer_open(&w, job->index, &job->options, &err), &err);
    if (job->input)
        must(lede_writer_add_path(w, job->input, &err), &err);
    if (job->input)
        must(lede_writer_commit(w, NULL, &err), &err);
    else
        must(lede_writer_optimize(w, &(lede_optimize_options){.keep_order = job->keep_order}, &err), &err);
    lede_writer_close(w);
}

/* In a process of its own, whose memory is at most that many bytes. */
static void assert_peak(const char *name, const struct job *job) {
    int status;
    struct rusage usage;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        work(job);
        _exit(0);
    }
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    print_message("%s: %ld KiB of %llu\n", name, usage.ru_maxrss, (unsigned long long)job->options.memory / 1024);
    assert_true((uint64_t)usage.ru_maxrss * 1024 <= job->options.memory);
}

static void assert_whole(const char *index) {
    lede_error err;
    lede_index *opened;
    lede_stats stats;
    uint64_t faults = 0;
    must(lede_index_check(index, NULL, NULL, NULL, &faults, &err), &err);
    must(lede_index_open(&opened, index, &err), &err);
    must(lede_index_stats(&stats, opened, &err), &err);
    lede_index_close(opened);
    assert_int_equal(stats.passages, PASSAGES);
}

static void memory_stays_below_the_limit(void **state) {
    struct folder f;
    (void)state;
    folder_make(&f);
    char index[2 * FOLDER_PATH], other_index[2 * FOLDER_PATH], input[2 * FOLDER_PATH], others[2 * FOLDER_PATH];
    snprintf(index, sizeof index, "%s", folder_entry(&f, "peak.lede"));
    snprintf(input, sizeof input, "%s", folder_entry(&f, "passages.tsv"));
    snprintf(others, sizeof others, "%s", folder_entry(&f, "others.tsv"));
    write_passages(input, PASSAGES);
    write_passages(others, REPLACED);
    const lede_writer_options small = {.threads = 1, .memory = MEMORY, .omit_text = true};
    const lede_writer_options two = {.threads = 2, .memory = MEMORY_REORDERED, .omit_text = true};
    snprintf(other_index, sizeof other_index, "%s", folder_entry(&f, "other.lede"));
    assert_peak("indexing with one thread", &(struct job){other_index, input, false, small});
    assert_whole(other_index);
    assert_peak("indexing with two", &(struct job){index, input, false, two});
    assert_peak("merging all", &(struct job){index, NULL, true, small});
    assert_peak("replacing many", &(struct job){index, others, false, two});
    assert_whole(index);
    assert_peak("reordering", &(struct job){index, NULL, false, two});
    assert_whole(index);
    folder_remove(&f);
}

/* --------------------------------------------------------------------------- unusual records -- */

enum { PIECES = 400000, ORDINARY = 5 };

/* `head`, many times the piece, `tail`. */
static void write_pieces(const char *path, const char *head, const char *piece, const char *tail) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s", head);
    for (int i = 0; i < PIECES; i++)
        fprintf(file, "%s", piece);
    fprintf(file, "%s", tail);
    assert_int_equal(fclose(file), 0);
}

/* Lines without an end, and what becomes trees of a hundred times its size; each beside something ordinary. */
static void write_unusual(const char *folder) {
    char path[3 * FOLDER_PATH];
    snprintf(path, sizeof path, "%s/objects.jsonl", folder);
    write_pieces(path, "{\"id\":\"a\",\"text\":\"T.\"}\n{\"id\":\"b\",\"text\":\"T.\",\"x\":[0", ",{}",
                 "]}\n{\"id\":\"c\",\"text\":\"T.\"}\n");
    snprintf(path, sizeof path, "%s/tags.html", folder);
    write_pieces(path, "<html><body><p>T.", "<p>", "</body></html>");
    snprintf(path, sizeof path, "%s/attributes.html", folder);
    write_pieces(path, "<html><body><p", " a=1", ">T.</body></html>");
    snprintf(path, sizeof path, "%s/endless.tsv", folder);
    write_pieces(path, "d\tT.\ne\t", "and so on without an end ", "\nf\tT.\n");
    snprintf(path, sizeof path, "%s/endless.jsonl", folder);
    write_pieces(path, "{\"id\":\"g\",\"text\":\"T.\"}\n{\"id\":\"h\",\"text\":\"", "and so on ", "");
}

static void unusual_records_take_no_more(void **state) {
    struct folder f;
    lede_error err;
    lede_index *opened;
    lede_stats stats;
    (void)state;
    folder_make(&f);
    char index[2 * FOLDER_PATH], input[2 * FOLDER_PATH];
    snprintf(index, sizeof index, "%s", folder_entry(&f, "unusual.lede"));
    snprintf(input, sizeof input, "%s", folder_entry(&f, "texts"));
    assert_int_equal(mkdir(input, 0777), 0);
    write_unusual(input);
    const lede_writer_options one = {.threads = 1, .memory = MEMORY};
    const lede_writer_options three = {.threads = 3, .memory = MEMORY_REORDERED};
    assert_peak("unusual records", &(struct job){index, input, false, one});
    snprintf(index, sizeof index, "%s", folder_entry(&f, "three.lede"));
    assert_peak("unusual records with three threads", &(struct job){index, input, false, three});
    must(lede_index_open(&opened, index, &err), &err);
    must(lede_index_stats(&stats, opened, &err), &err);
    lede_index_close(opened);
    assert_int_equal(stats.articles, ORDINARY);
    folder_remove(&f);
}

int main(void) {
    if (!FAILING_MALLOC)
        return 77; /* a sanitizer takes memory of its own */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unusual_records_take_no_more),
        cmocka_unit_test(memory_stays_below_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
