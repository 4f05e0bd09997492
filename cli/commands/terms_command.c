/* terms_command.c - `lede terms`. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/common/text.h"
#include "cli/output/json.h"
#include "query_command.h"

static const char help[] = "Usage: lede terms [OPTIONS] QUERY...\n"
                           "Lists the words that tell most of what a query finds: those that are frequent in\n"
                           "the best passages and rare in others. They make good words to add to the query.\n"
                           "Columns: the word, its weight, how many of the passages looked at have it, and\n"
                           "how many of the whole index. Options stand before the query,\n"
                           "long ones behind it as well.\n"
                           "\n"
                           "  -n, --limit N       number of words (default 20)\n"
                           "      --from N        of so many of the best passages (default 50)\n"
                           "      --and           passages must have all the words\n"
                           "      --strict        unbalanced quotes are an error\n"
                           "  -i, --index INDEX   --color WHEN   --json   -q, --quiet   see lede --help\n"
                           "\n"
                           "Examples:\n"
                           "  lede terms Lavrov Simla\n"
                           "  lede terms -n 5 --json treaty | jq -r '.words[].word'\n"
                           "\n"
                           "Exit status: 0 something was found, 1 nothing, 2 error.\n";

struct request {
    const struct globals *globals;
    size_t limit, from;
};

static void print_words(const struct terminal *t, const lede_telling_word *words, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char *clean = text_clean(words[i].word, words[i].len, NULL);
        size_t columns = clean ? text_columns(clean, strlen(clean)) : 0;
        terminal_print(t, STYLE_TITLE, "%s", clean ? clean : "");
        fprintf(t->out, "%*s %8.2f %7" PRIu64 " %11" PRIu64 "\n", columns < 24 ? (int)(24 - columns) : 0, "",
                words[i].weight, words[i].hits, words[i].passages);
        free(clean);
    }
}

static lede_status show(void *ctx, const lede_index *index, const lede_query *query, bool *found, lede_error *err) {
    const struct request *r = ctx;
    const lede_search_options options = {.limit = r->from, .collapse = true};
    const lede_telling_word *words = NULL;
    size_t count = 0;
    lede_results *results = NULL;
    struct terminal terminal;
    lede_status status = lede_search(&results, index, query, &options, err);
    if (status == LEDE_OK)
        status = lede_results_terms(&words, &count, results, r->limit, err);
    const struct telling_words told = {words, count, results ? lede_results_count(results) : 0};
    if (status == LEDE_OK && r->globals->json) {
        status = json_print_terms(stdout, query, &told, err);
    } else if (status == LEDE_OK && !r->globals->quiet) {
        terminal_init(&terminal, stdout, (enum terminal_color)r->globals->color);
        print_words(&terminal, words, count);
    }
    *found = count > 0;
    lede_results_free(results);
    return status;
}

static int run(int argc, char **argv, struct globals *globals) {
    struct request r = {globals, 20, 50};
    struct query_flags flags = {false, false};
    const struct option_spec specs[] = {
        GLOBAL_OPTIONS(globals),
        {"limit", 'n', OPTION_COUNT, &r.limit, NULL},
        {"from", 0, OPTION_COUNT, &r.from, NULL},
        QUERY_OPTIONS(&flags),
    };
    const struct query_work work = {&terms_command, globals, &flags, show, &r};
    const struct arguments line = {argv, argc};
    return command_on_query(&work, &line, specs, sizeof specs / sizeof *specs);
}

const struct command terms_command = {"terms", "list the words that tell most of what a query finds", help, run};
