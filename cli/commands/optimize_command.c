/* optimize_command.c - `lede optimize`. */
#include "cli/common/command.h"
#include "cli/common/interrupt.h"
#include "cli/output/json.h"
#include "cli/output/progress.h"

static const char help[] = "Usage: lede optimize [OPTIONS]\n"
                           "Merges the index into one segment, drops what was deleted and puts similar\n"
                           "articles side by side where that pays: faster to search. Searches go on\n"
                           "meanwhile.\n"
                           "\n"
                           "      --keep-order    leave the articles in the order in which they came\n"
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

static lede_status look_at(lede_stats *stats, const char *path, lede_error *err) {
    lede_index *index = NULL;
    *stats = (lede_stats){0};
    lede_status status = lede_index_open(&index, path, err);
    if (status == LEDE_OK)
        status = lede_index_stats(stats, index, err);
    lede_index_close(index);
    return status;
}

struct optimizing {
    const struct globals *globals;
    uint64_t memory;
    bool keep_order;
};

static lede_status merge(const struct optimizing *o, const char *path, lede_error *err) {
    struct progress progress;
    lede_writer *writer = NULL;
    lede_writer_options options = {.must_exist = true, .memory = o->memory, .progress = show, .ctx = &progress};
    progress_init(&progress, o->globals->quiet);
    lede_status status = lede_writer_open(&writer, path, &options, err);
    if (status == LEDE_OK) {
        interrupt_watch();
        status = lede_writer_optimize(writer, &(lede_optimize_options){o->keep_order}, err);
    }
    lede_writer_close(writer);
    progress_clear(&progress);
    return status;
}

static lede_status optimize(void *ctx, const char *path, lede_error *err) {
    const struct optimizing *o = ctx;
    lede_stats before, after;
    char from[32], to[32], into[32] = "one segment";
    double start = clock_seconds();
    lede_status status = look_at(&before, path, err);
    if (status == LEDE_OK)
        status = merge(o, path, err);
    if (status == LEDE_OK)
        status = look_at(&after, path, err);
    if (status)
        return status;
    double seconds = clock_seconds() - start;
    if (o->globals->json)
        return json_print_optimize(stdout, path, before.bytes_total, after.bytes_total, seconds, err);
    if (after.segments > 1)
        snprintf(into, sizeof into, "%llu segments", (unsigned long long)after.segments);
    if (!o->globals->quiet)
        printf("merged into %s in %.1f s: %s, was %s\n", into, seconds, bytes_format(to, after.bytes_total),
               bytes_format(from, before.bytes_total));
    return LEDE_OK;
}

static int run(int argc, char **argv, struct globals *globals) {
    struct optimizing optimizing = {globals, 0, false};
    const struct option_spec specs[] = {GLOBAL_OPTIONS(globals),
                                        {"memory", 0, OPTION_SIZE, &optimizing.memory, NULL},
                                        {"keep-order", 0, OPTION_FLAG, &optimizing.keep_order, NULL}};
    const struct index_work work = {globals, optimize, &optimizing};
    const struct arguments line = {argv, argc};
    return command_on_index(&optimize_command, &line, specs, sizeof specs / sizeof *specs, &work);
}

const struct command optimize_command = {"optimize", "merge the index into one segment", help, run};
