/* The evaluator against cases worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/eval.h"

enum { DOCS = 6 };

static void a_ranking_has_the_values_worked_out_by_hand(void **state) {
    (void)state;
    static const struct {
        const char *spec;
        int found[DOCS];
        size_t found_count;
        int judged[DOCS];
        size_t judged_count;
        double expected;
    } cases[] = {
        /* (3 + 2/log2 3 + 3/2 + 0 + 1/log2 6 + 2/log2 7) / (3 + 3/log2 3 + 2/2 + 2/log2 5 + 1/log2 6) */
        {"ndcg@10", {3, 2, 3, 0, 1, 2}, 6, {3, 2, 3, 0, 1, 2}, 6, 6.861127 / 7.140995},
        /* the ideal knows what was not found: (1/log2 3) / (2 + 1/log2 3) */
        {"ndcg@10", {0, 1}, 2, {2, 1}, 2, 0.630930 / 2.630930},
        /* and stops at the depth: (0 + 1/log2 3) / (1 + 1/log2 3), three being relevant */
        {"ndcg@2", {0, 1, 1}, 3, {1, 1, 1}, 3, 0.630930 / 1.630930},
        /* negative degrees gain nothing */
        {"ndcg@10", {-2, 1}, 2, {1, -2}, 2, 0.630930},
        {"ndcg@10", {0}, 0, {1}, 1, 0},
        {"recall@2", {1, 0, 1}, 3, {1, 1, 2, 0}, 4, 1.0 / 3},
        {"recall@100", {1, 0, 1}, 3, {1, 1, 2, 0}, 4, 2.0 / 3},
        /* (1/1 + 2/3) / 3 */
        {"map", {1, 0, 2}, 3, {1, 1, 2, 0}, 4, 5.0 / 9},
        {"map@2", {1, 0, 2}, 3, {1, 1, 2, 0}, 4, 1.0 / 3},
        {"mrr", {0, 0, 1}, 3, {1}, 1, 1.0 / 3},
        {"mrr@2", {0, 0, 1}, 3, {1}, 1, 0},
        /* a short ranking is filled up with documents that are not relevant */
        {"p@5", {1, 0, 2}, 3, {1, 2}, 2, 2.0 / 5},
        {"p@1", {1, 0, 2}, 3, {1, 2}, 2, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct eval_spec spec;
        assert_true(eval_spec_parse(&spec, cases[i].spec));
        struct ranking r = {cases[i].found, cases[i].found_count, cases[i].judged, cases[i].judged_count};
        double value = eval_ranking(&r, spec);
        if (fabs(value - cases[i].expected) > 1e-6)
            fail_msg("case %zu, %s: %.7f, expected %.7f", i, cases[i].spec, value, cases[i].expected);
    }
}

static void names_of_measures_are_read_strictly(void **state) {
    (void)state;
    struct eval_spec spec;
    assert_true(eval_spec_parse(&spec, "recall@1000"));
    assert_int_equal(spec.measure, EVAL_RECALL);
    assert_int_equal(spec.depth, 1000);
    static const char *const wrong[] = {"", "ndcg@", "ndcg@0", "ndcg@-1", "ndcg@10x", "ndc@10", "p", "maps"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(eval_spec_parse(&spec, wrong[i]));
}

/* -------------------------------------------------------------------------------- whole files -- */

static void write_file(char path[32], const char *text) {
    strcpy(path, "/tmp/lede-eval-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static bool evaluate(struct eval_summary *out, const char *qrels, const char *run, struct eval_error *err) {
    static const struct eval_spec specs[] = {{EVAL_NDCG, 10}, {EVAL_MRR, 0}};
    const struct eval_wanted wanted = {.specs = specs, .count = 2};
    char qrels_path[32], run_path[32];
    struct eval_records j = {NULL, NULL, 0}, r = {NULL, NULL, 0};
    write_file(qrels_path, qrels);
    write_file(run_path, run);
    bool ok = eval_read_judgments(&j, qrels_path, err) && eval_read_run(&r, run_path, err) &&
              eval_run(out, &r, &j, &wanted, err);
    eval_records_release(&j);
    eval_records_release(&r);
    unlink(qrels_path);
    unlink(run_path);
    return ok;
}

static void means_are_over_the_queries_with_something_relevant(void **state) {
    (void)state;
    struct eval_summary s;
    struct eval_error err;
    /* q1: relevant at rank 2. q2: not in the run. q3: nothing relevant, left out. q4: not judged. */
    assert_true(evaluate(&s, "q1 0 a 0\nq1 0 b 1\nq2 0 a 1\nq3 0 a 0\n",
                         "q1 Q0 c 1 2.5 t\nq1 Q0 b 2 1.5 t\nq3 Q0 a 1 1 t\nq4 Q0 a 1 1 t\n", &err));
    assert_int_equal(s.queries, 2);
    assert_int_equal(s.missing, 1);
    assert_true(fabs(s.means[0] - 0.630930 / 2) < 1e-6);
    assert_true(fabs(s.means[1] - 0.25) < 1e-9);
}

static void documents_rank_by_score_and_ties_by_id_descending(void **state) {
    (void)state;
    struct eval_summary s;
    struct eval_error err;
    /* The ranks given are lies; b and a tie, also as floats, and b comes first. */
    const char *const runs[] = {"q Q0 a 1 1.0 t\nq Q0 b 2 1.0 t\n", "q Q0 b 7 1.0000000001 t\nq Q0 a 1 1.0 t\n",
                                "q Q0 a 1 1.0000000001 t\nq Q0 b 2 1.0 t\n"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(evaluate(&s, "q 0 a 1\n", runs[i], &err));
        assert_true(fabs(s.means[1] - 0.5) < 1e-9);
    }
    assert_true(evaluate(&s, "q 0 a 1\n", "q Q0 b 1 1.0 t\nq Q0 a 2 1.1 t\n", &err));
    assert_true(fabs(s.means[1] - 1) < 1e-9);
}

static void judgments_come_in_two_shapes(void **state) {
    (void)state;
    struct eval_summary s;
    struct eval_error err;
    const char *const shapes[] = {"q\t0\ta\t1\r\n", "query-id\tcorpus-id\tscore\nq\ta\t1\n", "\nq 0 a 1"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(evaluate(&s, shapes[i], "q Q0 a 1 1 t\n", &err));
        assert_int_equal(s.queries, 1);
        assert_true(fabs(s.means[0] - 1) < 1e-9);
    }
}

static void wrong_files_are_told_with_their_line(void **state) {
    (void)state;
    static const struct {
        const char *qrels, *run, *expected;
    } cases[] = {
        {"q 0 a 1\nq 0 a\n", "", ":2: not a judgment"},
        {"q 0 a one\n", "", ":1: not a judgment"},
        {"q 0 a 1.5\n", "", ":1: not a judgment"},
        {"q 0 a 1\n", "q Q0 a 1 1 t\nq a 1\n", ":2: not a line of a TREC run"},
        {"q 0 a 1\n", "q Q0 a 1 x t\n", ":1: not a line of a TREC run"},
        {"q 0 a 1\n", "q Q0 a 1 1 t\nq Q0 a 2 0.5 t\n", "query q: document a is in the run twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct eval_summary s;
        struct eval_error err;
        assert_false(evaluate(&s, cases[i].qrels, cases[i].run, &err));
        if (!strstr(err.message, cases[i].expected))
            fail_msg("case %zu: %s", i, err.message);
    }
    struct eval_records none;
    struct eval_error err;
    assert_false(eval_read_run(&none, "/nonexistent/run", &err));
    assert_string_equal(err.message, "/nonexistent/run: No such file or directory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ranking_has_the_values_worked_out_by_hand),
        cmocka_unit_test(names_of_measures_are_read_strictly),
        cmocka_unit_test(means_are_over_the_queries_with_something_relevant),
        cmocka_unit_test(documents_rank_by_score_and_ties_by_id_descending),
        cmocka_unit_test(judgments_come_in_two_shapes),
        cmocka_unit_test(wrong_files_are_told_with_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
