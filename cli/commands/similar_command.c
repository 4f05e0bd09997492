/* similar_command.c - `lede similar`. */
#include <stdlib.h>
#include <string.h>

#include "cli/common/command.h"
#include "cli/output/report.h"

static const char help[] = "Usage: lede similar [OPTIONS] ARTICLE\n"
                           "Finds the articles most like one that is in the index, told by its key (an id,\n"
                           "or the path of its file): the article's most telling words are searched for.\n"
                           "\n"
                           "  -n, --limit N       number of articles (default 10)\n"
                           "      --words N       number of words to search for (default 25)\n"
                           "      --explain       show what each score is made of\n"
                           "      --lines N       lines of text a hit on a terminal (default 6; 0: all)\n"
                           "  -i, --index INDEX   --color WHEN   --json   -q, --quiet   see lede --help\n"
                           "\n"
                           "Examples:\n"
                           "  lede similar articles/001.txt\n"
                           "  lede similar -n 3 --json doc42 | jq -r '.hits[].title'\n"
                           "\n"
                           "Exit status: 0 something was found, 1 nothing, 2 error.\n";

struct request {
    size_t limit, words;
    struct detail detail;
};

/* *key is the key as it was given, or the absolute path of the file that it names; to be freed. */
static lede_status make_query(lede_query **out, char **key, const lede_index *index, const char *named, size_t words,
                              lede_error *err) {
    char *path = realpath(named, NULL);
    lede_status status = lede_query_similar(out, index, named, strlen(named), words, err);
    if (status == LEDE_NOT_FOUND && path &&
        lede_query_similar(out, index, path, strlen(path), words, NULL) == LEDE_OK) {
        *key = path;
        return LEDE_OK;
    }
    free(path);
    *key = strdup(named);
    return status == LEDE_OK && !*key ? error_write(err, LEDE_NOMEM, "out of memory") : status;
}

static int show(const struct request *r, const struct globals *globals, const lede_index *index, const char *named) {
    char *key = NULL;
    struct report report = {.format = globals->json ? REPORT_JSON : REPORT_TEXT,
                            .quiet = globals->quiet,
                            .unit = "article",
                            .detail = r->detail,
                            .no_suggestion = true};
    struct search search = {.index = index};
    lede_error err;
    double start = clock_seconds();
    terminal_init(&report.terminal, stdout, (enum terminal_color)globals->color);
    terminal_use_links(&report.terminal, COLOR_AUTO);
    lede_status status = make_query(&search.query, &key, index, named, r->words, &err);
    const lede_search_options options = {.limit = r->limit,
                                         .group = LEDE_GROUP_ARTICLE,
                                         .collapse = true,
                                         .without = key,
                                         .without_len = key ? strlen(key) : 0};
    if (status == LEDE_OK)
        status = lede_search(&search.results, index, search.query, &options, &err);
    search.seconds = clock_seconds() - start;
    if (status == LEDE_OK)
        status = report_print(&report, &search, NULL, &err);
    int exit_status = status ? complain(&err) : lede_results_count(search.results) ? EXIT_FOUND : EXIT_NOTHING;
    search_release(&search);
    free(key);
    return exit_status;
}

static int run(int argc, char **argv, struct globals *globals) {
    struct request r = {.limit = 10, .detail = {.lines = 6}};
    const struct option_spec specs[] = {
        GLOBAL_OPTIONS(globals),
        {"limit", 'n', OPTION_COUNT, &r.limit, NULL},
        {"words", 0, OPTION_COUNT, &r.words, NULL},
        {"explain", 0, OPTION_FLAG, &r.detail.explain, NULL},
        {"lines", 0, OPTION_COUNT, &r.detail.lines, NULL},
    };
    struct arguments rest;
    lede_index *index = NULL;
    lede_error err;
    int settled = command_options(&rest, &similar_command, (struct arguments){argv, argc}, specs,
                                  sizeof specs / sizeof *specs, OPTIONS_ANYWHERE);
    if (settled >= 0)
        return settled;
    if (rest.count != 1) {
        (void)error_write(&err, LEDE_INVALID, "similar: needs one article; see 'lede similar --help'");
        return complain(&err);
    }
    if (index_open(&index, globals, &err))
        return complain(&err);
    int exit_status = show(&r, globals, index, rest.values[0]);
    lede_index_close(index);
    return finish_output(exit_status);
}

const struct command similar_command = {"similar", "find articles like one", help, run};
