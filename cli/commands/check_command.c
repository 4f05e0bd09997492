/* check_command.c - `lede check`. */
#include <stdlib.h>
#include <string.h>

#include "cli/common/command.h"
#include "cli/common/interrupt.h"
#include "cli/output/json.h"
#include "cli/output/progress.h"

static const char help[] = "Usage: lede check [OPTIONS]\n"
                           "Reads every byte of the index and verifies its checksums and its structure.\n"
                           "Tells each fault on a line.\n"
                           "\n"
                           "  -i, --index INDEX   --color WHEN   --json   -q, --quiet   see lede --help\n"
                           "\n"
                           "Example:\n"
                           "  lede check -i news.lede\n"
                           "\n"
                           "Exit status: 0 no fault, 2 faults or another error; 130 if stopped by ^C.\n";

/* The faults so far. For people they are printed as they come, for JSON they are kept. */
struct findings {
    struct progress progress;
    bool json, quiet;
    bool failed; /* out of memory */
    char **faults;
    size_t count;
};

static void keep(struct findings *f, const char *fault) {
    char **faults = realloc(f->faults, (f->count + 1) * sizeof *faults);
    char *copy = strdup(fault);
    if (faults)
        f->faults = faults;
    if (faults && copy)
        f->faults[f->count++] = copy;
    else
        free(copy);
    f->failed = f->failed || !faults || !copy;
}

static void report(void *ctx, const char *fault) {
    struct findings *f = ctx;
    progress_clear(&f->progress);
    if (f->json)
        keep(f, fault);
    else if (!f->quiet)
        printf("%s\n", fault);
}

static int show(void *ctx, const lede_progress *now) {
    struct findings *f = ctx;
    progress_show(&f->progress, now);
    return interrupt_signal();
}

static lede_status check(void *ctx, const char *path, lede_error *err) {
    const struct globals *globals = ctx;
    struct findings f = {.json = globals->json, .quiet = globals->quiet};
    uint64_t faults = 0;
    progress_init(&f.progress, globals->quiet);
    interrupt_watch();
    lede_status status = lede_index_check(path, report, show, &f, &faults, err);
    progress_clear(&f.progress);
    if (f.failed)
        status = error_write(err, LEDE_NOMEM, "out of memory");
    if (globals->json && (status == LEDE_OK || (status == LEDE_CORRUPT && f.count))) {
        lede_error printed;
        if (json_print_check(stdout, path, f.faults, f.count, &printed))
            status = error_write(err, LEDE_NOMEM, "out of memory");
    } else if (status == LEDE_OK && !globals->quiet) {
        printf("%s: no fault found\n", path);
    }
    for (size_t i = 0; i < f.count; i++)
        free(f.faults[i]);
    free(f.faults);
    return status;
}

static int run(int argc, char **argv, struct globals *globals) {
    const struct option_spec specs[] = {GLOBAL_OPTIONS(globals)};
    const struct index_work work = {globals, check, globals};
    const struct arguments line = {argv, argc};
    return command_on_index(&check_command, &line, specs, sizeof specs / sizeof *specs, &work);
}

const struct command check_command = {"check", "verify every byte of the index", help, run};
