/* timeline_command.c - `lede timeline`. */
#include "cli/output/json.h"
#include "cli/output/timeline.h"
#include "query_command.h"

static const char help[] = "Usage: lede timeline [OPTIONS] QUERY...\n"
                           "Draws how the passages that match spread over time, by the dates of their\n"
                           "articles. Options stand before the query, long ones behind it as well.\n"
                           "\n"
                           "      --by UNIT       day, month or year (default: what fits a page)\n"
                           "      --and           passages must have all the words\n"
                           "      --strict        unbalanced quotes are an error\n"
                           "  -i, --index INDEX   --color WHEN   --json   -q, --quiet   see lede --help\n"
                           "\n"
                           "Examples:\n"
                           "  lede timeline Lavrov Simla\n"
                           "  lede timeline --by month --json treaty | jq -r '.bins[] | .date'\n"
                           "\n"
                           "Exit status: 0 something was found, 1 nothing, 2 error.\n";

static const struct option_choice unit_choices[] = {
    {"day", CALENDAR_DAY}, {"month", CALENDAR_MONTH}, {"year", CALENDAR_YEAR}, {NULL, 0}};

struct request {
    const struct globals *globals;
    int unit;
};

static lede_status show(void *ctx, const lede_index *index, const lede_query *query, bool *found, lede_error *err) {
    const struct request *r = ctx;
    const lede_facet_options options = {.facet = LEDE_FACET_DAY};
    struct terminal terminal;
    struct timeline timeline = {.bins = NULL};
    lede_facets *days = NULL;
    lede_status status = lede_index_facets(&days, index, query, &options, err);
    if (status == LEDE_OK && !timeline_init(&timeline, days, r->unit))
        status = error_write(err, LEDE_INVALID, "that would be more than a million bars: take --by month or --by year");
    if (status == LEDE_OK && r->globals->json) {
        status = json_print_timeline(stdout, query, &timeline, err);
    } else if (status == LEDE_OK && !r->globals->quiet) {
        terminal_init(&terminal, stdout, (enum terminal_color)r->globals->color);
        timeline_draw(&timeline, &terminal);
    }
    *found = timeline.passages > 0;
    timeline_release(&timeline);
    lede_facets_free(days);
    return status;
}

static int run(int argc, char **argv, struct globals *globals) {
    struct request r = {globals, -1};
    struct query_flags flags = {false, false};
    const struct option_spec specs[] = {
        GLOBAL_OPTIONS(globals),
        {"by", 0, OPTION_CHOICE, &r.unit, unit_choices},
        QUERY_OPTIONS(&flags),
    };
    const struct query_work work = {&timeline_command, globals, &flags, show, &r};
    const struct arguments line = {argv, argc};
    return command_on_query(&work, &line, specs, sizeof specs / sizeof *specs);
}

const struct command timeline_command = {"timeline", "draw how matches spread over time", help, run};
