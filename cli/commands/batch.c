#include "batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch_pool.h"
#include "cli/common/command.h"

void batch_split(struct batch_line *out, const char *line, size_t len, size_t number) {
    const char *tab = memchr(line, '\t', len);
    out->query = tab ? tab + 1 : line;
    out->query_len = len - (size_t)(out->query - line);
    out->id = (struct query_id){line, tab ? (size_t)(tab - line) : 0};
    if (out->id.len == 0) {
        snprintf(out->number, sizeof out->number, "%zu", number);
        out->id = (struct query_id){out->number, strlen(out->number)};
    }
}

static bool is_blank(const char *line, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (line[i] != ' ' && line[i] != '\t')
            return false;
    return true;
}

/* A way through the lines. */
struct run {
    struct batch *batch;
    struct batch_pool *pool; /* NULL: one after the other */
    struct batch_job job;    /* then */
};

static void search_job(const struct batch *batch, struct batch_job *job) {
    const struct batch_line *l = &job->parts;
    job->status =
        search_run(&job->search, batch->index, l->query, l->query_len, &batch->query, &batch->options, &job->err);
}

/* Shows what was found, and notes it, or complains. */
static void show_job(struct batch *batch, struct batch_job *job) {
    lede_error placed;
    if (job->status == LEDE_OK && !atomic_load(&batch->is_cut_off))
        job->status = report_print(batch->report, &job->search, &job->parts.id, &job->err);
    if (job->status == LEDE_OK) {
        batch->has_found = batch->has_found || lede_results_count(job->search.results) > 0;
    } else {
        (void)error_write(&placed, job->status, "%.200s:%zu: %.700s", batch->path, job->number, job->err.message);
        batch->has_failed = true;
        (void)complain(&placed);
    }
    search_release(&job->search);
    if (ferror(stdout))
        atomic_store(&batch->is_cut_off, true);
}

/* Whoever asked one query and waits for its answer before the next one gets it. */
static void pause_showing(struct batch *batch) {
    (void)batch;
    fflush(stdout);
}

static bool run_line(struct run *r, char *line, size_t len, size_t number) {
    if (r->pool)
        return batch_pool_add(r->pool, line, len, number);
    r->job.number = number;
    batch_split(&r->job.parts, line, len, number);
    search_job(r->batch, &r->job);
    show_job(r->batch, &r->job);
    if (strcmp(r->batch->path, "-") == 0)
        pause_showing(r->batch);
    return true;
}

static bool run_lines(struct run *r, FILE *file) {
    char *line = NULL;
    size_t capacity = 0, number = 0;
    ssize_t got = 0;
    bool has_room = true;
    while (has_room && !atomic_load(&r->batch->is_cut_off) && (got = getline(&line, &capacity, file)) >= 0) {
        size_t len = (size_t)got;
        char *start = line;
        while (len && (start[len - 1] == '\n' || start[len - 1] == '\r'))
            len--;
        if (++number == 1 && len >= 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0) {
            start += 3;
            len -= 3;
        }
        if (!is_blank(start, len))
            has_room = run_line(r, start, len, number);
    }
    free(line);
    /* Lines that end neither with the file nor with an error of it: there is no memory for the next. */
    return has_room && (got >= 0 || feof(file) || ferror(file));
}

static void run_file(struct batch *batch, FILE *file) {
    static const struct batch_steps steps = {search_job, show_job, pause_showing};
    lede_error err;
    struct run r = {.batch = batch};
    atomic_init(&batch->is_cut_off, false);
    if (batch->threads > 1)
        r.pool = batch_pool_new(batch, &steps, batch->threads);
    bool has_room = run_lines(&r, file);
    batch_pool_finish(r.pool);
    if (has_room)
        return;
    (void)error_write(&err, LEDE_NOMEM, "out of memory");
    batch->has_failed = true;
    (void)complain(&err);
}

int batch_run(struct batch *batch) {
    lede_error err;
    bool is_stdin = strcmp(batch->path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(batch->path, "re");
    if (file)
        run_file(batch, file);
    if (!file || ferror(file)) {
        (void)error_write(&err, LEDE_IO, "%s: the queries cannot be read: %s", batch->path, strerror(errno));
        batch->has_failed = true;
        (void)complain(&err);
    }
    if (file && !is_stdin)
        fclose(file);
    return batch->has_failed ? EXIT_ERROR : batch->has_found ? EXIT_FOUND : EXIT_NOTHING;
}
