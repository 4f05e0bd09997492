/* eval.h - how good a run is, by the definitions of trec_eval.
 *
 * A run lists, for each query, documents with scores; judgments (qrels) say how relevant a document is to
 * a query: 0 or less not at all, 1 and more to that degree. As trec_eval does it,
 * - the ranks in the file are ignored: documents rank by score as a float, equal ones by id, descending;
 * - a document without a judgment is not relevant;
 * - ndcg's gain is the degree and its discount log2(rank + 1), and the ideal ranking is made of all judged documents;
 * - queries without a relevant document are left out of the means;
 * - the means are over all other judged queries, and those that the run lacks count as 0 (trec_eval -c). */
#ifndef LEDE_BENCH_EVAL_H
#define LEDE_BENCH_EVAL_H

#include <stdbool.h>
#include <stddef.h>

/* -------------------------------------------------------------------------------- one ranking -- */

/* What is known of one query: the degrees of the documents found, in their order, and of all judged ones. */
struct ranking {
    const int *found;
    size_t found_count;
    const int *judged;
    size_t judged_count;
};

enum eval_measure { EVAL_NDCG = 0, EVAL_RECALL, EVAL_MAP, EVAL_MRR, EVAL_PRECISION };

/* A measure at a depth; depth 0 is the whole ranking. */
struct eval_spec {
    enum eval_measure measure;
    size_t depth;
};

/* Reads a name such as "ndcg@10", "recall@100", "map", "mrr@10" or "p@5". False if it is none; p needs a depth. */
bool eval_spec_parse(struct eval_spec *out, const char *name);

double eval_ranking(const struct ranking *ranking, struct eval_spec spec);

/* ----------------------------------------------------------------------------------- the files -- */

/* One line of either file: a run's score or a judgment's degree. */
struct eval_record {
    const char *query, *doc;
    double value;
};

/* A file's records. Their strings live as long as it does. */
struct eval_records {
    char *text;
    struct eval_record *items;
    size_t count;
};

struct eval_error {
    char message[512]; /* one line, with the file and line at fault */
};

/* Reads a TREC run: `query Q0 doc rank score tag` lines. */
bool eval_read_run(struct eval_records *out, const char *path, struct eval_error *err);

/* Reads judgments: `query 0 doc degree` lines, or BEIR's `query doc degree` ones below a header line. */
bool eval_read_judgments(struct eval_records *out, const char *path, struct eval_error *err);

void eval_records_release(struct eval_records *records);

enum { EVAL_SPECS_MAX = 16 };

/* Means over the judged queries, one for each spec. */
struct eval_summary {
    size_t queries; /* that have a relevant document */
    size_t missing; /* of them, without a single document in the run */
    double means[EVAL_SPECS_MAX];
};

/* What is asked of a run; `visit`, which may be NULL, gets each query's values. */
struct eval_wanted {
    const struct eval_spec *specs;
    size_t count;
    void (*visit)(void *ctx, const char *query, const double *values);
    void *ctx;
};

/* Evaluates a run; sorts both. False with a message if the run lists a document twice for a query, or out of memory. */
bool eval_run(struct eval_summary *out, struct eval_records *run, struct eval_records *judgments,
              const struct eval_wanted *wanted, struct eval_error *err);

#endif
