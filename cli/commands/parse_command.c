/* parse_command.c - `lede parse`. */
#include <stdlib.h>

#include "cli/output/query_text.h"
#include "query_command.h"

static const char help[] = "Usage: lede parse [OPTIONS] QUERY...\n"
                           "Shows what a query is read as: in canonical form, and as a tree.\n"
                           "\n"
                           "      --and           words side by side: all of them instead of any\n"
                           "      --strict        what would be guessed is an error\n"
                           "  -i, --index INDEX   --color WHEN   --json   -q, --quiet   see lede --help\n"
                           "\n"
                           "Examples:\n"
                           "  lede parse '+lavrov \"simla accord\" NEAR/5(india treaty)'\n"
                           "  lede parse --json 'date:2025-05 negoti*' | jq .tree\n"
                           "  lede help query       what can be asked\n"
                           "\n"
                           "Exit status: 0 done, 2 error.\n";

static int run(int argc, char **argv, struct globals *globals) {
    bool all = false, strict = false;
    const struct option_spec specs[] = {
        GLOBAL_OPTIONS(globals), {"and", 0, OPTION_FLAG, &all, NULL}, {"strict", 0, OPTION_FLAG, &strict, NULL}};
    struct arguments rest;
    lede_error err;
    lede_index *index = NULL;
    int settled = command_options(&rest, &parse_command, (struct arguments){argv, argc}, specs,
                                  sizeof specs / sizeof *specs, OPTIONS_OF_QUERY);
    if (settled >= 0)
        return settled;
    const lede_query_options options = {all ? LEDE_AND : LEDE_OR, strict};
    const struct report report = {.format = globals->json ? REPORT_JSON : REPORT_TEXT, .terminal = {.out = stdout}};
    char *text = words_join(&rest);
    lede_status status = text ? index_open(&index, globals, &err) : error_write(&err, LEDE_NOMEM, "out of memory");
    if (status == LEDE_OK)
        status = query_explain(&report, index, text, &options, &err);
    lede_index_close(index);
    free(text);
    return status == LEDE_OK ? finish_output(EXIT_FOUND) : complain(&err);
}

const struct command parse_command = {"parse", "show what a query is read as", help, run};
