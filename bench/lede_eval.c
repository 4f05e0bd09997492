/* lede-eval - evaluates a TREC run against judgments: lede-eval [-q] [-m MEASURE,...] QRELS RUN */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval.h"

static const char usage[] = "usage: lede-eval [-q] [-m ndcg@10,recall@100,map,mrr,p@10] QRELS RUN\n"
                            "  -q  print each query's values, too\n"
                            "  -m  measures, at a depth: ndcg@K recall@K map[@K] mrr[@K] p@K\n";

struct wanted {
    struct eval_spec specs[EVAL_SPECS_MAX];
    char *names[EVAL_SPECS_MAX];
    size_t count;
};

static bool parse_measures(struct wanted *w, char *list) {
    for (char *save = NULL, *name = strtok_r(list, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
        if (w->count == EVAL_SPECS_MAX || !eval_spec_parse(&w->specs[w->count], name)) {
            fprintf(stderr, "lede-eval: %s: no such measure, or one too many\n%s", name, usage);
            return false;
        }
        w->names[w->count++] = name;
    }
    return true;
}

static void print_values(void *ctx, const char *query, const double *values) {
    const struct wanted *w = ctx;
    for (size_t i = 0; i < w->count; i++)
        printf("%s\t%s\t%.4f\n", w->names[i], query, values[i]);
}

static int evaluate(struct wanted *w, const char *qrels, const char *run_path, bool each) {
    int code = 2;
    struct eval_error err;
    struct eval_summary summary;
    struct eval_records judgments = {NULL, NULL, 0}, run = {NULL, NULL, 0};
    const struct eval_wanted wanted = {w->specs, w->count, each ? print_values : NULL, w};
    if (!eval_read_judgments(&judgments, qrels, &err) || !eval_read_run(&run, run_path, &err) ||
        !eval_run(&summary, &run, &judgments, &wanted, &err)) {
        fprintf(stderr, "lede-eval: %s\n", err.message);
        goto out;
    }
    printf("queries\tall\t%zu\nmissing\tall\t%zu\n", summary.queries, summary.missing);
    print_values(w, "all", summary.means);
    code = 0;
out:
    eval_records_release(&judgments);
    eval_records_release(&run);
    return code;
}

int main(int argc, char **argv) {
    char standard[] = "ndcg@10,recall@100,map,mrr,p@10", *list = standard;
    struct wanted w = {.count = 0};
    bool each = false;
    for (int option; (option = getopt(argc, argv, "qm:")) != -1;) {
        if (option == 'q')
            each = true;
        else if (option == 'm')
            list = optarg;
        else
            return fputs(usage, stderr), 2;
    }
    if (argc - optind != 2)
        return fputs(usage, stderr), 2;
    if (!parse_measures(&w, list))
        return 2;
    return evaluate(&w, argv[optind], argv[optind + 1], each);
}
