/* do_query DIR: answers `COMMAND<TAB>QUERY` lines on standard input, one line each, as the search-benchmark-game asks:
 *
 *     COUNT                                           how many articles match
 *     TOP_10, TOP_100, TOP_1000                       1, when the best are found
 *     TOP_10_COUNT, TOP_100_COUNT, TOP_1000_COUNT     both: the best are found, and the answer is the count
 *
 * Anything else, and a query that can't be read, is UNSUPPORTED. The game's queries are in Lede's language as they are:
 * words (any of them), +words (all of them), "phrases". */
#include <lede.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
    const char *name;
    size_t limit;
    bool count;
};

static const struct command commands[] = {{"COUNT", 0, true},           {"UNOPTIMIZED_COUNT", 0, true},
                                          {"TOP_10", 10, false},        {"TOP_100", 100, false},
                                          {"TOP_1000", 1000, false},    {"TOP_10_COUNT", 10, true},
                                          {"TOP_100_COUNT", 100, true}, {"TOP_1000_COUNT", 1000, true}};

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

static lede_status answer(uint64_t *out, const lede_index *index, const struct command *command, const char *text,
                          lede_error *err) {
    lede_query *query = NULL;
    lede_results *results = NULL;
    lede_search_options options = {.limit = command->limit, .count = command->count};
    lede_status status = lede_query_parse(&query, index, text, strlen(text), NULL, err);
    if (!status && command->limit == 0)
        status = lede_count(out, index, query, &options, err);
    else if (!status)
        status = lede_search(&results, index, query, &options, err);
    if (results)
        *out = command->count ? lede_results_total(results, NULL) : 1;
    lede_results_free(results);
    lede_query_free(query);
    return status;
}

/* Cuts the line at its tab. */
static lede_status answer_line(uint64_t *out, const lede_index *index, char *line, lede_error *err) {
    line[strcspn(line, "\r\n")] = 0;
    char *text = strchr(line, '\t');
    if (!text)
        return LEDE_UNSUPPORTED;
    *text++ = 0;
    const struct command *command = find_command(line);
    return command ? answer(out, index, command, text, err) : LEDE_UNSUPPORTED;
}

static lede_status serve(const lede_index *index, lede_error *err) {
    char *line = NULL;
    size_t room = 0;
    lede_status status = LEDE_OK;
    while (!status && getline(&line, &room, stdin) > 0) {
        uint64_t number = 0;
        status = answer_line(&number, index, line, err);
        if (status == LEDE_OK)
            printf("%llu\n", (unsigned long long)number);
        if (status == LEDE_UNSUPPORTED || status == LEDE_INVALID) {
            puts("UNSUPPORTED");
            status = LEDE_OK;
        }
        fflush(stdout);
    }
    free(line);
    return status;
}

int main(int argc, char **argv) {
    lede_index *index = NULL;
    lede_error err;
    if (argc != 2) {
        fputs("usage: do_query DIR\n", stderr);
        return 2;
    }
    lede_status status = lede_index_open(&index, argv[1], &err);
    if (!status)
        status = serve(index, &err);
    if (status)
        fprintf(stderr, "do_query: %s\n", err.message);
    lede_index_close(index);
    return status ? 2 : 0;
}
