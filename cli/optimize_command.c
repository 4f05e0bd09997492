/* optimize_command.c - `lede optimize`. */
#include "command.h"
#include "interrupt.h"
#include "json.h"
#include "progress.h"

static const char help[] = "Usage: lede optimize [OPTIONS]\n"
                           "Merges the index into one segment and drops what was deleted: smaller, and faster to\n"
                           "search. Searches go on meanwhile.\n"
                           "\n"
                           "      --memory SIZE   stay below, such as 512M or 2G (default 256M)\n"
                           "  -i, --index INDEX   --color WHEN   --json   -q, --quiet   see lede --help\n"
                           "\n"
                           "Example:\n"
                           "  lede optimize -i news.lede\n"
                           "\n"
                           "Exit status: 0 done, 2 error; 130 if stopped by ^C, with the index as it was.\n";

static int show(void *ctx, const lede_progress *now) {
    progress_show(ctx, now);
    return interrupt_signal();
}

static lede_status bytes_of(uint64_t *bytes, const char *path, lede_error *err) {
    lede_index *index = NULL;
    lede_stats stats = {0};
    lede_status status = lede_index_open(&index, path, err);
    if (status == LEDE_OK)
        status = lede_index_stats(&stats, index, err);
    lede_index_close(index);
    *bytes = stats.bytes_total;
    return status;
}

static lede_status merge(const char *path, uint64_t memory, bool quiet, lede_error *err) {
    struct progress progress;
    lede_writer *writer = NULL;
    lede_writer_options options = {.must_exist = true, .memory = memory, .progress = show, .ctx = &progress};
    progress_init(&progress, quiet);
    lede_status status = lede_writer_open(&writer, path, &options, err);
    if (status == LEDE_OK) {
        interrupt_watch();
        status = lede_writer_optimize(writer, err);
    }
    lede_writer_close(writer);
    progress_clear(&progress);
    return status;
}

struct optimizing {
    const struct globals *globals;
    uint64_t memory;
};

static lede_status optimize(void *ctx, const char *path, lede_error *err) {
    const struct optimizing *o = ctx;
    uint64_t before, after;
    char from[32], to[32];
    double start = clock_seconds();
    lede_status status = bytes_of(&before, path, err);
    if (status == LEDE_OK)
        status = merge(path, o->memory, o->globals->quiet, err);
    if (status == LEDE_OK)
        status = bytes_of(&after, path, err);
    if (status)
        return status;
    double seconds = clock_seconds() - start;
    if (o->globals->json)
        return json_print_optimize(stdout, path, before, after, seconds, err);
    if (!o->globals->quiet)
        printf("merged into one segment in %.1f s: %s, was %s\n", seconds, bytes_format(to, after),
               bytes_format(from, before));
    return LEDE_OK;
}

static int run(int argc, char **argv, struct globals *globals) {
    struct optimizing optimizing = {globals, 0};
    const struct option_spec specs[] = {GLOBAL_OPTIONS(globals), {"memory", 0, OPTION_SIZE, &optimizing.memory, NULL}};
    const struct index_work work = {globals, optimize, &optimizing};
    const struct arguments line = {argv, argc};
    return command_on_index(&optimize_command, &line, specs, sizeof specs / sizeof *specs, &work);
}

const struct command optimize_command = {"optimize", "merge the index into one segment", help, run};
