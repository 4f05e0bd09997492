#include "batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* One query. Returns its exit status. */
static int run_line(struct batch *batch, const char *line, size_t len, size_t number) {
    struct batch_line l;
    struct search search;
    lede_error err, placed;
    batch_split(&l, line, len, number);
    lede_status status = search_run(&search, batch->index, l.query, l.query_len, &batch->query, &batch->options, &err);
    if (status == LEDE_OK)
        status = report_print(batch->report, &search, &l.id, &err);
    bool found = status == LEDE_OK && lede_results_count(search.results) > 0;
    search_release(&search);
    if (status == LEDE_OK)
        return found ? EXIT_FOUND : EXIT_NOTHING;
    (void)error_write(&placed, status, "%.200s:%zu: %.700s", batch->path, number, err.message);
    return complain(&placed);
}

static int run_lines(struct batch *batch, FILE *file) {
    char *line = NULL;
    size_t capacity = 0, number = 0;
    ssize_t got;
    bool found = false, failed = false;
    while (!ferror(stdout) && (got = getline(&line, &capacity, file)) >= 0) {
        size_t len = (size_t)got;
        const char *start = line;
        while (len && (start[len - 1] == '\n' || start[len - 1] == '\r'))
            len--;
        if (++number == 1 && len >= 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0) {
            start += 3;
            len -= 3;
        }
        if (is_blank(start, len))
            continue;
        int status = run_line(batch, start, len, number);
        found = found || status == EXIT_FOUND;
        failed = failed || status == EXIT_ERROR;
    }
    free(line);
    return failed ? EXIT_ERROR : found ? EXIT_FOUND : EXIT_NOTHING;
}

int batch_run(struct batch *batch) {
    lede_error err;
    bool is_stdin = strcmp(batch->path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(batch->path, "re");
    int exit_status = EXIT_ERROR;
    if (file)
        exit_status = run_lines(batch, file);
    if (!file || ferror(file)) {
        (void)error_write(&err, LEDE_IO, "%s: the queries cannot be read: %s", batch->path, strerror(errno));
        exit_status = complain(&err);
    }
    if (file && !is_stdin)
        fclose(file);
    return exit_status;
}
