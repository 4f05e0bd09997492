/* search_command.c - `lede search`. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "query_command.h"

static const char help[] = "Usage: lede search [OPTIONS] QUERY...\n"
                           "Shows the passages that match best: lavrov simla \"line of control\" +must -not\n"
                           "and more, see lede help query. Options stand before the query, long ones\n"
                           "behind it as well; if it begins with a dash, put -- before it.\n"
                           "\n"
                           "  -n, --limit N       hits (10; 0: count alone) --offset N    leave out so many\n"
                           "      --and           all words must be there   --strict      guess nothing\n"
                           "      --group article the best passage of each  --passages N  the best N of each\n"
                           "      --sort date     newest first, or oldest   --recent DAYS newer is better\n"
                           "      --rank bm25     BM25 alone, not full      --all-copies  show copies too\n"
                           "      --count         count matches exactly     --k1, --b X   BM25 (1.2, 0.75)\n"
                           "  -C, --context N     passages around it        --explain     parts of scores\n"
                           "      --facets LIST   year,month,day,source,folder,byline,place,credit or some\n"
                           "      --lines N       of a hit (6; 0: all)      --cache SIZE  for words (256M)\n"
                           "      --links WHEN    file names that can be clicked: auto, always or never\n"
                           "      --format F      text, json or trec        --tag T       of a TREC run\n"
                           "      --queries FILE  lines: [qid<TAB>]query    --threads N   to use (one a CPU)\n"
                           "      --within MS     the best found by then    --partial     shards that answer\n"
                           "  -i, --index INDEX   --color WHEN   --json   -q, --quiet     see lede --help\n"
                           "\n"
                           "Examples: lede search -n 3 Lavrov Simla\n"
                           "  lede search --sort date --facets month '\"line of control\"'\n"
                           "  lede search --queries topics.tsv --format trec >run.txt\n"
                           "Exit status: 0 something was found, 1 nothing, 2 error.\n";

static const struct option_choice format_choices[] = {
    {"text", REPORT_TEXT}, {"json", REPORT_JSON}, {"trec", REPORT_TREC}, {NULL, 0}};
static const struct option_choice group_choices[] = {
    {"none", LEDE_GROUP_NONE}, {"article", LEDE_GROUP_ARTICLE}, {NULL, 0}};

static const struct option_choice sort_choices[] = {
    {"score", LEDE_SORT_SCORE}, {"date", LEDE_SORT_NEWEST}, {"oldest", LEDE_SORT_OLDEST}, {NULL, 0}};
enum rank { RANK_BM25, RANK_FULL };
static const struct option_choice rank_choices[] = {{"full", RANK_FULL}, {"bm25", RANK_BM25}, {NULL, 0}};

enum { DEFAULT_LIMIT = 10, DEFAULT_TREC_LIMIT = 1000, DEFAULT_LINES = 6, UNSET = -1, THREADS_MAX = 256 };

/* What the command line asks for. */
struct request {
    struct globals *globals;
    lede_query_options query;
    lede_search_options options;
    const char *queries, *tag, *facets;
    int format, group;
    bool and, strict, count, partial;
    int links, rank, sort;
    bool all_copies;
    size_t limit, offset;
    size_t threads; /* 0: one for each processor */
    struct detail detail;
    size_t passages; /* of an article */
    double k1, b;
    double within; /* milliseconds */
    uint64_t cache;
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
    r->options.within = r->within / 1000;
    if (r->rank == UNSET)
        r->rank = r->format == REPORT_TREC ? RANK_BM25 : RANK_FULL;
    r->options.sort = (lede_sort)r->sort;
    r->options.rerank = r->rank == RANK_FULL;
    r->options.collapse = !r->all_copies && r->format != REPORT_TREC;
    if (r->passages > 1 || r->format == REPORT_TREC)
        r->group = LEDE_GROUP_ARTICLE;
    r->options.group = (lede_group)r->group;
    r->detail.no_hits = r->limit == 0;
    r->detail.total = r->count || r->limit == 0;
    if (r->limit == 0) {
        r->options.limit = 1;
        r->options.count = true;
        r->options.rerank = r->options.collapse = false;
    }
    r->detail.passages = r->passages ? r->passages - 1 : 0;
    /* To the library 0 means the default, and a negative number means 0. */
    r->options.k1 = r->k1 > 0 ? r->k1 : -1;
    r->options.b = r->b > 0 ? r->b : -1;
}

static int search_once(const lede_index *index, struct request *r, struct report *report,
                       const struct arguments *words) {
    struct search search = {0};
    lede_error err;
    char *text = words_join(words);
    lede_status status = text ? search_run(&search, index, text, strlen(text), &r->query, &r->options, &err)
                              : error_write(&err, LEDE_NOMEM, "out of memory");
    if (status == LEDE_OK)
        status = report_print(report, &search, NULL, &err);
    int exit_status = status ? complain(&err) : lede_results_count(search.results) ? EXIT_FOUND : EXIT_NOTHING;
    search_release(&search);
    free(text);
    return exit_status;
}

/* As many threads as were asked for, or one for each processor. */
static unsigned threads_of(size_t wanted) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (wanted)
        return wanted < THREADS_MAX ? (unsigned)wanted : THREADS_MAX;
    return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0 ? (unsigned)CPU_COUNT(&set) : 1;
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
    lede_index_set_cache(index, r->cache);
    if (r->queries) {
        struct batch batch = {.index = index,
                              .path = r->queries,
                              .query = r->query,
                              .options = r->options,
                              .report = &report,
                              .threads = threads_of(r->threads)};
        exit_status = batch_run(&batch);
    } else {
        lede_index_set_threads(index, threads_of(r->threads));
        exit_status = search_once(index, r, &report, words);
    }
    lede_index_close(index);
    return finish_output(exit_status);
}

/* The option that a run for trec_eval has no place for; NULL if there is none. */
static const char *left_over(const struct request *r) {
    if (r->globals->json)
        return "--json";
    if (r->detail.explain)
        return "--explain";
    if (r->facets)
        return "--facets";
    if (r->detail.context)
        return "--context";
    if (r->passages > 1)
        return "--passages";
    return r->count ? "--count" : NULL;
}

/* Options that don't go together. */
static lede_status check_format(const struct request *r, lede_error *err) {
    if (r->globals->json && r->format == REPORT_TEXT)
        return error_write(err, LEDE_INVALID, "search: --json and --format text exclude each other");
    if (r->format != REPORT_TREC)
        return LEDE_OK;
    if (left_over(r))
        return error_write(err, LEDE_INVALID,
                           "search: --format trec has a line for each hit and nothing else; leave out %s",
                           left_over(r));
    if (r->sort != LEDE_SORT_SCORE)
        return error_write(err, LEDE_INVALID,
                           "search: --format trec is in the order of the scores; leave out --sort %s",
                           r->sort == LEDE_SORT_NEWEST ? "date" : "oldest");
    if (r->limit == 0)
        return error_write(err, LEDE_INVALID, "search: --limit needs a number of 1 or more with --format trec");
    return LEDE_OK;
}

/* Whether it is a column of a run. */
static bool is_column(const char *text) {
    return *text && !text[strcspn(text, " \t\n\v\f\r")];
}

static int run(int argc, char **argv, struct globals *globals) {
    struct request r = {.globals = globals,
                        .format = UNSET,
                        .group = LEDE_GROUP_NONE,
                        .rank = UNSET,
                        .tag = "lede",
                        .limit = SIZE_MAX,
                        .detail = {.lines = DEFAULT_LINES, .facets = {.limit = FACET_VALUES}},
                        .k1 = LEDE_DEFAULT_K1,
                        .b = LEDE_DEFAULT_B,
                        .cache = LEDE_DEFAULT_CACHE};
    const struct option_spec specs[] = {
        GLOBAL_OPTIONS(globals),
        {"limit", 'n', OPTION_COUNT, &r.limit, NULL},
        {"offset", 0, OPTION_COUNT, &r.offset, NULL},
        {"and", 0, OPTION_FLAG, &r.and, NULL},
        {"group", 0, OPTION_CHOICE, &r.group, group_choices},
        {"count", 0, OPTION_FLAG, &r.count, NULL},
        {"strict", 0, OPTION_FLAG, &r.strict, NULL},
        {"partial", 0, OPTION_FLAG, &r.partial, NULL},
        {"within", 0, OPTION_NUMBER, &r.within, NULL},
        {"k1", 0, OPTION_NUMBER, &r.k1, NULL},
        {"b", 0, OPTION_NUMBER, &r.b, NULL},
        {"format", 0, OPTION_CHOICE, &r.format, format_choices},
        {"queries", 0, OPTION_FILE, &r.queries, NULL},
        {"threads", 0, OPTION_COUNT, &r.threads, NULL},
        {"cache", 0, OPTION_SIZE, &r.cache, NULL},
        {"tag", 0, OPTION_STRING, &r.tag, NULL},
        {"rank", 0, OPTION_CHOICE, &r.rank, rank_choices},
        {"all-copies", 0, OPTION_FLAG, &r.all_copies, NULL},
        {"recent", 0, OPTION_NUMBER, &r.options.recent, NULL},
        {"sort", 0, OPTION_CHOICE, &r.sort, sort_choices},
        {"facets", 0, OPTION_STRING, &r.facets, NULL},
        {"explain", 0, OPTION_FLAG, &r.detail.explain, NULL},
        {"context", 'C', OPTION_COUNT, &r.detail.context, NULL},
        {"passages", 0, OPTION_COUNT, &r.passages, NULL},
        {"lines", 0, OPTION_COUNT, &r.detail.lines, NULL},
        {"links", 0, OPTION_CHOICE, &r.links, color_choices},
    };
    enum { COUNT = sizeof specs / sizeof *specs };
    struct arguments words;
    lede_error err;
    int settled =
        command_options(&words, &search_command, (struct arguments){argv, argc}, specs, COUNT, OPTIONS_OF_QUERY);
    if (settled >= 0)
        return settled;
    settle(&r);
    if (check_format(&r, &err))
        return complain(&err);
    if (r.facets && facets_read(&r.detail.facets, r.facets, &err))
        return complain(&err);
    if (!r.queries && words.count == 0)
        (void)error_write(&err, LEDE_INVALID,
                          "search: no query; try 'lede search Lavrov Simla' or 'lede search --help'");
    else if (r.queries && words.count)
        (void)error_write(&err, LEDE_INVALID,
                          "search: --queries FILE and a query on the command line exclude each other");
    else if (!is_column(r.tag))
        (void)error_write(&err, LEDE_INVALID, "search: --tag needs a word without white space, not '%.100s'", r.tag);
    else {
        if (!globals->quiet)
            remark_on_options(&words, specs, COUNT);
        return search(&r, &words);
    }
    return complain(&err);
}

const struct command search_command = {"search", "show the passages that match a query", help, run};
