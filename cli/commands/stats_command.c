/* stats_command.c - `lede stats`. */
#include "cli/common/command.h"
#include "cli/output/display.h"
#include "cli/output/json.h"

static const char help[] = "Usage: lede stats [OPTIONS]\n"
                           "Tells what the index holds, and how many bytes each part of it takes.\n"
                           "\n"
                           "  -i, --index INDEX   --color WHEN   --json   -q, --quiet   see lede --help\n"
                           "\n"
                           "Examples:\n"
                           "  lede stats\n"
                           "  lede stats --json | jq .bytes.postings\n"
                           "\n"
                           "Exit status: 0 done, 2 error.\n";

static lede_status print_stats(void *ctx, const char *path, lede_error *err) {
    const struct globals *globals = ctx;
    lede_index *index = NULL;
    lede_stats stats;
    struct terminal terminal;
    lede_status status = lede_index_open(&index, path, err);
    if (status == LEDE_OK)
        status = lede_index_stats(&stats, index, err);
    if (status == LEDE_OK && globals->json) {
        status = json_print_stats(stdout, path, &stats, err);
    } else if (status == LEDE_OK && !globals->quiet) {
        terminal_init(&terminal, stdout, (enum terminal_color)globals->color);
        display_stats(&terminal, path, &stats);
    }
    lede_index_close(index);
    return status;
}

static int run(int argc, char **argv, struct globals *globals) {
    const struct option_spec specs[] = {GLOBAL_OPTIONS(globals)};
    const struct index_work work = {globals, print_stats, globals};
    const struct arguments line = {argv, argc};
    return command_on_index(&stats_command, &line, specs, sizeof specs / sizeof *specs, &work);
}

const struct command stats_command = {"stats", "tell what the index holds", help, run};
