#include "eval.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------------------------- one ranking -- */

static size_t depth_of(size_t count, size_t depth) {
    return depth && depth < count ? depth : count;
}

static size_t count_relevant(const int *degrees, size_t count) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += degrees[i] > 0;
    return n;
}

static double gain_of(const int *degrees, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (degrees[i] > 0)
            sum += degrees[i] / log2((double)i + 2);
    return sum;
}

static int compare_descending(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    return (x < y) - (x > y);
}

static double ndcg(const struct ranking *r, size_t depth) {
    int *ideal = malloc((r->judged_count + 1) * sizeof *ideal);
    if (!ideal)
        return NAN;
    memcpy(ideal, r->judged, r->judged_count * sizeof *ideal);
    qsort(ideal, r->judged_count, sizeof *ideal, compare_descending);
    double best = gain_of(ideal, depth_of(r->judged_count, depth));
    free(ideal);
    return best > 0 ? gain_of(r->found, depth_of(r->found_count, depth)) / best : 0;
}

static double recall(const struct ranking *r, size_t depth) {
    size_t all = count_relevant(r->judged, r->judged_count);
    return all ? (double)count_relevant(r->found, depth_of(r->found_count, depth)) / (double)all : 0;
}

static double average_precision(const struct ranking *r, size_t depth) {
    size_t all = count_relevant(r->judged, r->judged_count), seen = 0;
    double sum = 0;
    for (size_t i = 0; i < depth_of(r->found_count, depth); i++)
        if (r->found[i] > 0)
            sum += (double)++seen / (double)(i + 1);
    return all ? sum / (double)all : 0;
}

static double reciprocal_rank(const struct ranking *r, size_t depth) {
    for (size_t i = 0; i < depth_of(r->found_count, depth); i++)
        if (r->found[i] > 0)
            return 1 / (double)(i + 1);
    return 0;
}

/* Documents that are not there count as not relevant. */
static double precision(const struct ranking *r, size_t depth) {
    return (double)count_relevant(r->found, depth_of(r->found_count, depth)) / (double)depth;
}

static const struct {
    const char *name;
    double (*value)(const struct ranking *r, size_t depth);
} measures[] = {
    [EVAL_NDCG] = {"ndcg", ndcg},          [EVAL_RECALL] = {"recall", recall},  [EVAL_MAP] = {"map", average_precision},
    [EVAL_MRR] = {"mrr", reciprocal_rank}, [EVAL_PRECISION] = {"p", precision},
};

bool eval_spec_parse(struct eval_spec *out, const char *name) {
    size_t length = strcspn(name, "@");
    char *end = NULL;
    long depth = 0;
    if (name[length] == '@') {
        depth = strtol(name + length + 1, &end, 10);
        if (*end || depth < 1)
            return false;
    }
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        if (strlen(measures[i].name) == length && memcmp(name, measures[i].name, length) == 0) {
            *out = (struct eval_spec){(enum eval_measure)i, (size_t)depth};
            return depth > 0 || i != EVAL_PRECISION;
        }
    }
    return false;
}

double eval_ranking(const struct ranking *ranking, struct eval_spec spec) {
    return measures[spec.measure].value(ranking, spec.depth);
}

/* -------------------------------------------------------------------------------------- a run -- */

/* By query, best first. trec_eval keeps scores as floats: two that differ less tie. */
static int compare_hits(const void *a, const void *b) {
    const struct eval_record *x = a, *y = b;
    int order = strcmp(x->query, y->query);
    if (order)
        return order;
    float s = (float)x->value, t = (float)y->value;
    return s != t ? (s < t) - (s > t) : strcmp(y->doc, x->doc);
}

static int compare_judgments(const void *a, const void *b) {
    const struct eval_record *x = a, *y = b;
    int order = strcmp(x->query, y->query);
    return order ? order : strcmp(x->doc, y->doc);
}

/* The records of one query: the next `count` ones of a sorted array. */
struct group {
    const struct eval_record *items;
    size_t count;
};

static struct group group_at(const struct eval_records *records, size_t start) {
    struct group g = {records->items + start, 0};
    while (start + g.count < records->count && strcmp(g.items[g.count].query, g.items[0].query) == 0)
        g.count++;
    return g;
}

/* Moves *at to the run's group of this query and past it; the group is empty if there is none. */
static struct group hits_of(const struct eval_records *run, size_t *at, const char *query) {
    while (*at < run->count && strcmp(run->items[*at].query, query) < 0)
        ++*at;
    if (*at == run->count || strcmp(run->items[*at].query, query) != 0)
        return (struct group){NULL, 0};
    struct group g = group_at(run, *at);
    *at += g.count;
    return g;
}

/* Room for the degrees of one query. */
struct degrees {
    int *found, *judged;
    bool *taken; /* which judgments a document found has used up */
};

/* Fills in `found`; false at a document that is there twice. */
static bool judge(struct degrees *d, struct group hits, struct group judged, struct eval_error *err) {
    memset(d->taken, 0, judged.count * sizeof *d->taken);
    for (size_t i = 0; i < hits.count; i++) {
        const struct eval_record *j =
            bsearch(&hits.items[i], judged.items, judged.count, sizeof *judged.items, compare_judgments);
        d->found[i] = j ? (int)j->value : 0;
        if (!j)
            continue;
        size_t at = (size_t)(j - judged.items);
        if (d->taken[at]) {
            snprintf(err->message, sizeof err->message, "query %s: document %s is in the run twice", j->query, j->doc);
            return false;
        }
        d->taken[at] = true;
    }
    for (size_t i = 0; i < judged.count; i++)
        d->judged[i] = (int)judged.items[i].value;
    return true;
}

static bool add_query(struct eval_summary *out, struct degrees *d, struct group hits, struct group judged,
                      const struct eval_wanted *wanted, struct eval_error *err) {
    double values[EVAL_SPECS_MAX];
    if (!judge(d, hits, judged, err))
        return false;
    struct ranking ranking = {d->found, hits.count, d->judged, judged.count};
    out->queries++;
    out->missing += hits.count == 0;
    for (size_t i = 0; i < wanted->count; i++)
        out->means[i] += values[i] = eval_ranking(&ranking, wanted->specs[i]);
    if (wanted->visit)
        wanted->visit(wanted->ctx, judged.items[0].query, values);
    return true;
}

static bool has_relevant(struct group judged) {
    for (size_t i = 0; i < judged.count; i++)
        if (judged.items[i].value > 0)
            return true;
    return false;
}

bool eval_run(struct eval_summary *out, struct eval_records *run, struct eval_records *judgments,
              const struct eval_wanted *wanted, struct eval_error *err) {
    bool ok = false;
    struct degrees d = {malloc((run->count + 1) * sizeof(int)), malloc((judgments->count + 1) * sizeof(int)),
                        malloc((judgments->count + 1) * sizeof(bool))};
    *out = (struct eval_summary){.queries = 0};
    if (!d.found || !d.judged || !d.taken) {
        snprintf(err->message, sizeof err->message, "out of memory");
        goto out;
    }
    if (run->count)
        qsort(run->items, run->count, sizeof *run->items, compare_hits);
    if (judgments->count)
        qsort(judgments->items, judgments->count, sizeof *judgments->items, compare_judgments);
    for (size_t at = 0, hit = 0; at < judgments->count;) {
        struct group judged = group_at(judgments, at);
        at += judged.count;
        if (!has_relevant(judged))
            continue;
        struct group hits = hits_of(run, &hit, judged.items[0].query);
        if (!add_query(out, &d, hits, judged, wanted, err))
            goto out;
    }
    for (size_t i = 0; i < wanted->count && out->queries; i++)
        out->means[i] /= (double)out->queries;
    ok = true;
out:
    free(d.found);
    free(d.judged);
    free(d.taken);
    return ok;
}
