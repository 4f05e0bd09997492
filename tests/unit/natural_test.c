/* The order of the input, found again in segments that have it in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/text/analyzer.h"
#include "indexer/inversion/inverter.h"
#include "indexer/merge/natural.h"
#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

enum { SEGMENTS = 4, ARTICLES = 300, SOURCES = 20, LINES = 1000 };

struct known {
    uint64_t source;
    uint32_t line, number; /* among all */
    bool live;
};

/* Runs of articles of a source; of two passages each, so that articles and passages have other numbers. */
static void make_segment(struct segment **out, struct known *known, uint32_t first, const char *path,
                         struct analyzer *analyzer, struct random *r) {
    struct inverter *inv;
    struct segment_info info;
    MUST(inverter_new(&inv, analyzer, true, NULL, err));
    uint64_t source = 1;
    for (uint32_t i = 0; i < ARTICLES; i++) {
        char key[32];
        source = random_below(r, 8) ? source : 1 + random_below(r, SOURCES);
        known[i] = (struct known){source, 1 + random_below(r, LINES), first + i, random_below(r, 5) > 0};
        const struct passage passages[] = {{.len = 5, .line = known[i].line}, {.start = 6, .len = 5}};
        struct article a = {.source = source, .passages = passages, .passage_count = 2};
        a.meta = (lede_article){.key = key, .body = "Simla talks", .body_len = 11, .line = known[i].line};
        a.meta.key_len = (size_t)sprintf(key, "%u", first + i);
        MUST(inverter_add(inv, &a, err));
    }
    MUST(inverter_flush(inv, path, NULL, &info, err));
    inverter_free(inv);
    MUST(segment_open(out, path, &info, err));
}

static int compare_known(const void *a, const void *b) {
    const struct known *x = a, *y = b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static void articles_are_sorted_by_source_and_line(void **state) {
    struct folder f;
    struct analyzer *analyzer;
    struct merge_input inputs[SEGMENTS];
    struct segment *segments[SEGMENTS];
    static struct known known[SEGMENTS * ARTICLES];
    static uint8_t deleted[SEGMENTS][2 * ARTICLES / 8 + 1];
    uint32_t *order, count = 0, lives = 0;
    folder_make(&f);
    MUST(analyzer_new(&analyzer, "none", err));
    for (uint32_t s = 0; s < SEGMENTS; s++) {
        char name[8];
        snprintf(name, sizeof name, "%u", s);
        make_segment(&segments[s], known + s * ARTICLES, s * ARTICLES, folder_entry(&f, name), analyzer, *state);
        for (uint32_t i = 0; i < ARTICLES; i++)
            for (uint32_t p = 2 * i; s > 0 && !known[s * ARTICLES + i].live && p < 2 * i + 2; p++)
                deleted[s][p / 8] |= (uint8_t)(1U << p % 8);
        inputs[s] = (struct merge_input){segments[s], s ? deleted[s] : NULL};
    }
    for (uint32_t i = 0; i < ARTICLES; i++)
        known[i].live = true;
    qsort(known, SEGMENTS * ARTICLES, sizeof *known, compare_known);
    const struct merge_job job = {.inputs = inputs, .count = SEGMENTS};
    MUST(natural_order(&order, &count, &job, err));
    assert_non_null(order);
    for (uint32_t i = 0; i < SEGMENTS * ARTICLES; i++)
        if (known[i].live)
            assert_int_equal(order[lives++], known[i].number);
    assert_int_equal(count, lives);
    free(order);
    for (uint32_t s = 0; s < SEGMENTS; s++)
        segment_close(segments[s]);
    analyzer_free(analyzer);
    folder_remove(&f);
}

/* --------------------------------------------------------------------------------- the whole -- */

/* So many lines that each thread has several batches; neighbours are alike. */
static void write_lines(const char *path, struct random *r) {
    enum { LINES_OF_FILE = 12000, ALIKE = 50 };
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (unsigned i = 0; i < LINES_OF_FILE; i++) {
        fprintf(file, "%u\tpassage", i);
        for (int k = 0; k < 12; k++)
            fprintf(file, " s%uw%u", i / ALIKE, random_below(r, 40));
        fprintf(file, "\n");
    }
    assert_int_equal(fclose(file), 0);
}

static char *optimized(const char *index, const char *input, unsigned threads, size_t *size) {
    char path[3 * FOLDER_PATH];
    lede_index *opened;
    lede_stats stats;
    lede_writer *w = writer_on(index, &(lede_writer_options){.threads = threads, .memory = 64 << 20});
    MUST(lede_writer_add_path(w, input, err));
    MUST(lede_writer_commit(w, NULL, err));
    MUST(lede_writer_optimize(w, NULL, err));
    lede_writer_close(w);
    check_index(index);
    MUST(lede_index_open(&opened, index, err));
    MUST(lede_index_stats(&stats, opened, err));
    assert_int_equal(stats.segments, 1);
    lede_index_close(opened);
    for (unsigned id = 1; id < 20; id++) {
        snprintf(path, sizeof path, "%s/segments/%08x.seg", index, id);
        FILE *file = fopen(path, "rb");
        if (!file)
            continue;
        char *bytes = malloc(1 << 24);
        *size = fread(bytes, 1, 1 << 24, file);
        fclose(file);
        return bytes;
    }
    fail_msg("%s: no segment", index);
    return NULL;
}

static void an_optimized_index_is_the_same_with_any_threads(void **state) {
    struct folder f;
    size_t one_size, three_size;
    folder_make(&f);
    write_lines(folder_entry(&f, "a.tsv"), *state);
    char input[2 * FOLDER_PATH], one[2 * FOLDER_PATH], three[2 * FOLDER_PATH];
    snprintf(input, sizeof input, "%s", folder_entry(&f, "a.tsv"));
    snprintf(one, sizeof one, "%s", folder_entry(&f, "one.lede"));
    snprintf(three, sizeof three, "%s", folder_entry(&f, "three.lede"));
    char *a = optimized(one, input, 1, &one_size), *b = optimized(three, input, 3, &three_size);
    assert_int_equal(one_size, three_size);
    assert_memory_equal(a, b, one_size);
    free(a);
    free(b);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(articles_are_sorted_by_source_and_line, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(an_optimized_index_is_the_same_with_any_threads, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
