/* search_command.c - `lede search`. */
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "command.h"

static const char help[] =
    "Usage: lede search [OPTIONS] QUERY...\n"
    "       lede search [OPTIONS] --queries FILE\n"
    "Shows the passages that match best.\n"
    "\n"
    "  lavrov simla      any of the words; more of them is better\n"
    "  \"line of control\" these words in a row (quote it for the shell: '\"line of control\"')\n"
    "  +lavrov simla     must have lavrov\n"
    "  lavrov -delhi     must not have delhi\n"
    "Words match whatever their ending: negotiation finds negotiating. Beginnings, wildcards,\n"
    "NEAR, AND, OR, fields and dates: see 'lede help query'. Options stand before\n"
    "the query. If it begins with a dash, put -- before it: lede search -- -delhi lavrov\n"
    "\n"
    "  -n, --limit N       number of hits (default 10; 1000 for TREC runs)\n"
    "      --offset N      leave out the first N\n"
    "      --and           passages must have all the words\n"
    "      --group article the best passage of each article only; --passages N: the best N\n"
    "      --rank HOW      full, or bm25 alone (default full; bm25 for TREC runs)\n"
    "      --all-copies    show passages that say the same each by itself\n"
    "      --recent DAYS   more recent is better: days in which that halves\n"
    "  -C, --context N     show N passages before and after each\n"
    "      --explain       show what each score is made of\n"
    "      --lines N       lines of text a hit on a terminal (default 6; 0: all)\n"
    "      --links WHEN    file names are links: auto, always or never\n"
    "      --count         count all matches exactly, even where that takes longer\n"
    "      --strict        what would be guessed of a query is an error\n"
    "      --partial       of an index in shards, search those that answer\n"
    "      --k1 X, --b Y   parameters of BM25 (default 1.2 and 0.75)\n"
    "      --format F      text, json or trec (--tag T: its last column)\n"
    "      --queries FILE  a query a line, plain or as qid<TAB>query; - is standard input\n"
    "  -i, --index INDEX   --color WHEN   --json   -q, --quiet   see lede --help\n"
    "\n"
    "Examples:\n"
    "  lede search -n 3 Lavrov Simla\n"
    "  lede search --json lavrov | jq -r '.hits[].path'\n"
    "  lede search --queries topics.tsv --format trec >run.txt\n"
    "\n"
    "Exit status: 0 something was found, 1 nothing, 2 error.\n";

static const struct option_choice format_choices[] = {
    {"text", REPORT_TEXT}, {"json", REPORT_JSON}, {"trec", REPORT_TREC}, {NULL, 0}};
static const struct option_choice group_choices[] = {
    {"none", LEDE_GROUP_NONE}, {"article", LEDE_GROUP_ARTICLE}, {NULL, 0}};

enum rank { RANK_BM25, RANK_FULL };
static const struct option_choice rank_choices[] = {{"full", RANK_FULL}, {"bm25", RANK_BM25}, {NULL, 0}};

enum { DEFAULT_LIMIT = 10, DEFAULT_TREC_LIMIT = 1000, DEFAULT_LINES = 6, UNSET = -1 };

/* What the command line asks for. */
struct request {
    struct globals *globals;
    lede_query_options query;
    lede_search_options options;
    const char *queries, *tag;
    int format, group;
    bool and, strict, count, partial;
    int links, rank;
    bool all_copies;
    size_t limit, offset;
    struct detail detail;
    size_t passages; /* of an article */
    double k1, b;
};

static void settle(struct request *r) {
    if (r->format == UNSET)
        r->format = r->globals->json ? REPORT_JSON : REPORT_TEXT;
    if (r->limit == SIZE_MAX)
        r->limit = r->format == REPORT_TREC ? DEFAULT_TREC_LIMIT : DEFAULT_LIMIT;
    r->query.default_operator = r->and ? LEDE_AND : LEDE_OR;
    r->query.strict = r->strict;
    r->options.limit = r->limit;
    r->options.offset = r->offset;
    r->options.count = r->count;
    r->options.partial = r->partial;
    if (r->rank == UNSET)
        r->rank = r->format == REPORT_TREC ? RANK_BM25 : RANK_FULL;
    r->options.rerank = r->rank == RANK_FULL;
    r->options.collapse = !r->all_copies && r->format != REPORT_TREC;
    if (r->passages > 1 || r->format == REPORT_TREC)
        r->group = LEDE_GROUP_ARTICLE;
    r->options.group = (lede_group)r->group;
    r->detail.passages = r->passages ? r->passages - 1 : 0;
    /* To the library 0 means the default, and a negative number means 0. */
    r->options.k1 = r->k1 > 0 ? r->k1 : -1;
    r->options.b = r->b > 0 ? r->b : -1;
}

/* The words joined by spaces, as the shell has split them; to be freed. */
static char *join(const struct arguments *words) {
    size_t size = 1;
    for (int i = 0; i < words->count; i++)
        size += strlen(words->values[i]) + 1;
    char *text = malloc(size), *end = text;
    if (!text)
        return NULL;
    for (int i = 0; i < words->count; i++) {
        if (i)
            *end++ = ' ';
        end = stpcpy(end, words->values[i]);
    }
    *end = '\0';
    return text;
}

static int search_once(const lede_index *index, struct request *r, struct report *report,
                       const struct arguments *words) {
    struct search search = {0};
    lede_error err;
    char *text = join(words);
    lede_status status = text ? search_run(&search, index, text, strlen(text), &r->query, &r->options, &err)
                              : error_write(&err, LEDE_NOMEM, "out of memory");
    if (status == LEDE_OK)
        status = report_print(report, &search, NULL, &err);
    int exit_status = status ? complain(&err) : lede_results_count(search.results) ? EXIT_FOUND : EXIT_NOTHING;
    search_release(&search);
    free(text);
    return exit_status;
}

static int search(struct request *r, const struct arguments *words) {
    struct report report = {.format = (enum report_format)r->format, .quiet = r->globals->quiet};
    lede_index *index = NULL;
    lede_error err;
    int exit_status;
    terminal_init(&report.terminal, stdout, (enum terminal_color)r->globals->color);
    terminal_use_links(&report.terminal, (enum terminal_color)r->links);
    report.detail = r->detail;
    report.trec = (struct trec_run){stdout, r->tag, false};
    report.unit = r->options.group == LEDE_GROUP_ARTICLE ? "article" : "passage";
    if (index_open(&index, r->globals, &err))
        return complain(&err);
    if (r->queries) {
        struct batch batch = {index, r->queries, r->query, r->options, &report};
        exit_status = batch_run(&batch);
    } else {
        exit_status = search_once(index, r, &report, words);
    }
    lede_index_close(index);
    return finish_output(exit_status);
}

/* Options after the first word are words of the query: say so, as it may surprise. */
static void remark_on_options(const struct arguments *words, const struct option_spec *specs, size_t count) {
    char message[160];
    for (int i = 1; i < words->count; i++)
        if (options_knows(specs, count, words->values[i])) {
            snprintf(message, sizeof message, "'%.60s' is read as a word of the query: options go before it",
                     words->values[i]);
            remark("note", message);
        }
}

static int run(int argc, char **argv, struct globals *globals) {
    struct request r = {.globals = globals,
                        .format = UNSET,
                        .group = LEDE_GROUP_NONE,
                        .rank = UNSET,
                        .tag = "lede",
                        .limit = SIZE_MAX,
                        .detail = {.lines = DEFAULT_LINES},
                        .k1 = LEDE_DEFAULT_K1,
                        .b = LEDE_DEFAULT_B};
    const struct option_spec specs[] = {
        GLOBAL_OPTIONS(globals),
        {"limit", 'n', OPTION_COUNT, &r.limit, NULL},
        {"offset", 0, OPTION_COUNT, &r.offset, NULL},
        {"and", 0, OPTION_FLAG, &r.and, NULL},
        {"group", 0, OPTION_CHOICE, &r.group, group_choices},
        {"count", 0, OPTION_FLAG, &r.count, NULL},
        {"strict", 0, OPTION_FLAG, &r.strict, NULL},
        {"partial", 0, OPTION_FLAG, &r.partial, NULL},
        {"k1", 0, OPTION_NUMBER, &r.k1, NULL},
        {"b", 0, OPTION_NUMBER, &r.b, NULL},
        {"format", 0, OPTION_CHOICE, &r.format, format_choices},
        {"queries", 0, OPTION_STRING, &r.queries, NULL},
        {"tag", 0, OPTION_STRING, &r.tag, NULL},
        {"rank", 0, OPTION_CHOICE, &r.rank, rank_choices},
        {"all-copies", 0, OPTION_FLAG, &r.all_copies, NULL},
        {"recent", 0, OPTION_NUMBER, &r.options.recent, NULL},
        {"explain", 0, OPTION_FLAG, &r.detail.explain, NULL},
        {"context", 'C', OPTION_COUNT, &r.detail.context, NULL},
        {"passages", 0, OPTION_COUNT, &r.passages, NULL},
        {"lines", 0, OPTION_COUNT, &r.detail.lines, NULL},
        {"links", 0, OPTION_CHOICE, &r.links, color_choices},
    };
    enum { COUNT = sizeof specs / sizeof *specs };
    struct arguments words;
    lede_error err;
    int settled = command_options(&words, &search_command, argc, argv, specs, COUNT, OPTIONS_FIRST);
    if (settled >= 0)
        return settled;
    settle(&r);
    if (!r.queries && words.count == 0)
        (void)error_write(&err, LEDE_INVALID,
                          "search: no query; try 'lede search Lavrov Simla' or 'lede search --help'");
    else if (r.queries && words.count)
        (void)error_write(&err, LEDE_INVALID,
                          "search: --queries FILE and a query on the command line exclude each other");
    else if (r.limit == 0)
        (void)error_write(&err, LEDE_INVALID, "search: --limit needs a number of 1 or more");
    else {
        if (!globals->quiet && strcmp(argv[argc - words.count - 1], "--") != 0)
            remark_on_options(&words, specs, COUNT);
        return search(&r, &words);
    }
    return complain(&err);
}

const struct command search_command = {"search", "show the passages that match a query", help, run};
