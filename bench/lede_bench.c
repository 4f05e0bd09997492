/* lede-bench - speed and size, through the public API alone:
 *
 *     lede-bench index CORPUS DIR [--threads N] [--memory MIB] [--no-optimize|--keep-order]
 *     lede-bench query DIR QUERIES or|and|phrase|count|full K [--dump|--print|--times] [--warm N] [--passes N]
 *                      [--every N] [--filter TEXT] [--verbatim] [--cache MIB] [--threads N]
 *
 * `index` reads `id<TAB>text` lines, or JSON Lines if the name ends in .jsonl, each a passage, keeps positions but no
 * text, merges all into one segment, and prints one line of figures. `query` measures each line of QUERIES from its
 * text to the ids and scores of the K best, one after the other: the best of the passes after the warming ones, in
 * microseconds. `count` is `or` with the exact number of all matches, and those are its hits; `full` is `or` with the
 * second stage and copies put together, as the command ranks. Quotes, and signs in front of words, mean nothing, as to
 * other engines' harnesses, unless --verbatim is given. The filter is put behind each query. --cache is the memory
 * that frequent words may take, see lede_index_set_cache; 0: as if each query were the first. --threads is how many
 * threads one query may take, see lede_index_set_threads; by default one. --times prints `microseconds<TAB>query` lines
 * in front of the figures. --dump prints `query<TAB>id<TAB>rank<TAB>score` lines instead, once and unmeasured, and
 * --print `passage<TAB>score`. */
#include <ftw.h>
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include <lede.h>

static const char usage[] =
    "usage: lede-bench index CORPUS DIR [--threads N] [--memory MIB] [--no-optimize|--keep-order]\n"
    "       lede-bench query DIR QUERIES or|and|phrase|count|full K [--dump|--print|--times] [--warm N]\n"
    "                  [--passes N] [--every N] [--filter TEXT] [--verbatim] [--cache MIB] [--threads N]\n";

enum mode { MODE_OR, MODE_AND, MODE_PHRASE, MODE_COUNT, MODE_FULL, MODES };
static const char *const mode_names[MODES] = {"or", "and", "phrase", "count", "full"};

struct settings {
    const char *words[8]; /* arguments that are not options */
    int word_count;
    unsigned threads;
    uint64_t memory, cache;
    bool no_optimize, keep_order, dump, print, times, verbatim;
    int warm, passes;
    size_t every;
    const char *filter; /* behind each query */
};

_Noreturn static void die(const char *what) {
    fprintf(stderr, "lede-bench: %s\n", what);
    exit(2);
}

static void must(lede_status status, const lede_error *err) {
    if (status)
        die(err->message);
}

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double peak_memory_mb(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)r.ru_maxrss / 1024;
}

static unsigned long number(const char *text, unsigned long least) {
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (*end || end == text || *text == '-' || n < least)
        die("a number is wrong or too small");
    return n;
}

/* ----------------------------------------------------------------------------------- indexing -- */

/* The index stands in a folder of its own below DIR, so that making it again removes nothing else. */
static char *index_path(const char *folder) {
    char *path = NULL;
    if (asprintf(&path, "%s/bench.lede", folder) < 0)
        die("out of memory");
    return path;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void report_index(const lede_commit_info *info, const lede_stats *stats, double secs, double opt_secs) {
    double mb = (double)info->bytes_read / 1e6;
    printf("peer=lede op=index docs=%llu input_bytes=%llu secs=%.2f MB_per_s=%.2f opt_secs=%.2f total_secs=%.2f "
           "MB_per_s_total=%.2f rss_mb=%.1f bytes=%llu\n",
           (unsigned long long)stats->passages, (unsigned long long)info->bytes_read, secs, mb / secs, opt_secs,
           secs + opt_secs, mb / (secs + opt_secs), peak_memory_mb(), (unsigned long long)stats->bytes_total);
    printf("peer=lede terms=%llu postings=%llu tokens=%llu segments=%llu bytes_terms=%llu bytes_postings=%llu "
           "bytes_positions=%llu bytes_lengths=%llu bytes_words=%llu bytes_articles=%llu bytes_keys=%llu "
           "bytes_catalogue=%llu bytes_other=%llu\n",
           (unsigned long long)stats->terms, (unsigned long long)stats->postings, (unsigned long long)stats->positions,
           (unsigned long long)stats->segments, (unsigned long long)stats->bytes_terms,
           (unsigned long long)stats->bytes_postings, (unsigned long long)stats->bytes_positions,
           (unsigned long long)stats->bytes_lengths, (unsigned long long)stats->bytes_words,
           (unsigned long long)stats->bytes_articles, (unsigned long long)stats->bytes_keys,
           (unsigned long long)stats->bytes_catalogue, (unsigned long long)stats->bytes_other);
}

static lede_format format_of(const char *path) {
    size_t len = strlen(path);
    return len > 6 && strcmp(path + len - 6, ".jsonl") == 0 ? LEDE_FORMAT_JSONL : LEDE_FORMAT_TSV;
}

static int run_index(const struct settings *s) {
    lede_error err;
    lede_writer *writer = NULL;
    lede_index *index = NULL;
    lede_commit_info info;
    lede_stats stats;
    lede_writer_options options = {.omit_text = true,
                                   .passages = LEDE_PASSAGES_WHOLE,
                                   .memory = s->memory,
                                   .threads = s->threads,
                                   .format = format_of(s->words[1])};
    char *path = index_path(s->words[2]);
    mkdir(s->words[2], 0777);
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    double start = seconds_now();
    must(lede_writer_open(&writer, path, &options, &err), &err);
    must(lede_writer_add_path(writer, s->words[1], &err), &err);
    must(lede_writer_commit(writer, &info, &err), &err);
    double committed = seconds_now();
    if (!s->no_optimize)
        must(lede_writer_optimize(writer, &(lede_optimize_options){s->keep_order}, &err), &err);
    lede_writer_close(writer);
    double end = seconds_now();
    must(lede_index_open(&index, path, &err), &err);
    must(lede_index_stats(&stats, index, &err), &err);
    report_index(&info, &stats, committed - start, end - committed);
    lede_index_close(index);
    free(path);
    return 0;
}

/* ------------------------------------------------------------------------------------ queries -- */

struct queries {
    char **texts;
    size_t count;
};

static void make_plain(char *text) {
    for (char *p = text; *p; p++)
        if (*p == '"' || ((*p == '+' || *p == '-') && (p == text || p[-1] == ' ')))
            *p = ' ';
}

static void add_query(struct queries *q, const char *text, const char *filter, enum mode mode) {
    if ((q->count & (q->count + 1)) == 0) { /* full at 2^n - 1 */
        q->texts = realloc(q->texts, 2 * (q->count + 1) * sizeof *q->texts);
        if (!q->texts)
            die("out of memory");
    }
    if (asprintf(&q->texts[q->count++], mode == MODE_PHRASE ? "\"%s\" %s" : "%s %s", text, filter) < 0)
        die("out of memory");
}

static struct queries read_queries(const char *path, enum mode mode, const struct settings *s) {
    struct queries q = {NULL, 0};
    char *line = NULL;
    size_t room = 0, number = 0;
    FILE *f = fopen(path, "r");
    if (!f)
        die("the file of queries can't be read");
    for (ssize_t n; (n = getline(&line, &room, f)) > 0;) {
        if (number++ % s->every)
            continue;
        line[strcspn(line, "\n")] = 0;
        if (!s->verbatim)
            make_plain(line);
        add_query(&q, line, s->filter, mode);
    }
    free(line);
    fclose(f);
    if (q.count == 0)
        die("there are no queries");
    return q;
}

static void queries_release(struct queries *q) {
    for (size_t i = 0; i < q->count; i++)
        free(q->texts[i]);
    free(q->texts);
}

/* One search; what to do with its hits is the visitor's affair. */
struct bench {
    const struct settings *settings;
    lede_index *index;
    struct queries queries;
    enum mode mode;
    size_t k;
    uint64_t hits, answered, checksum; /* of a pass */
};

static lede_query *parse(struct bench *b, size_t i) {
    lede_error err;
    lede_query *query = NULL;
    lede_query_options options = {.default_operator = b->mode == MODE_AND ? LEDE_AND : LEDE_OR};
    const char *text = b->queries.texts[i];
    must(lede_query_parse(&query, b->index, text, strlen(text), &options, &err), &err);
    return query;
}

static void search(struct bench *b, size_t i, void (*visit)(struct bench *, size_t, lede_results *)) {
    lede_error err;
    lede_query *query = parse(b, i);
    lede_results *results = NULL;
    lede_search_options limits = {.limit = b->k,
                                  .count = b->mode == MODE_COUNT,
                                  .rerank = b->mode == MODE_FULL,
                                  .collapse = b->mode == MODE_FULL};
    must(lede_search(&results, b->index, query, &limits, &err), &err);
    visit(b, i, results);
    lede_results_free(results);
    lede_query_free(query);
}

static void count_hits(struct bench *b, size_t i, lede_results *results) {
    (void)i;
    size_t n = lede_results_count(results);
    b->hits += b->mode == MODE_COUNT ? lede_results_total(results, NULL) : n;
    b->answered += n > 0;
    for (size_t r = 0; r < n; r++)
        b->checksum += (lede_results_hit(results, r)->passage + 1) * UINT64_C(2654435761);
}

static void count_alone(struct bench *b, size_t i) {
    lede_error err;
    lede_query *query = parse(b, i);
    uint64_t count;
    must(lede_count(&count, b->index, query, NULL, &err), &err);
    b->hits += count;
    b->answered += count > 0;
    lede_query_free(query);
}

static void dump_hits(struct bench *b, size_t i, lede_results *results) {
    for (size_t r = 0; r < lede_results_count(results); r++) {
        const char *key;
        size_t key_len;
        lede_error err;
        must(lede_results_key(&key, &key_len, results, r, &err), &err);
        printf("%zu\t%s\t%zu\t%.6f\n", i * b->settings->every, key, r + 1, lede_results_hit(results, r)->score);
    }
}

static void print_hits(struct bench *b, size_t i, lede_results *results) {
    (void)b, (void)i;
    for (size_t r = 0; r < lede_results_count(results); r++) {
        const lede_hit *hit = lede_results_hit(results, r);
        printf("%llu\t%.6f\n", (unsigned long long)hit->passage, hit->score);
    }
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const double *sorted, size_t n, double p) {
    return sorted[(size_t)((double)(n - 1) * p + 0.5)];
}

static void report_queries(struct bench *b, double *best) {
    size_t n = b->queries.count;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += best[i];
    qsort(best, n, sizeof *best, compare_doubles);
    printf("peer=lede op=query mode=%s k=%zu nq=%zu mean_us=%.1f p50_us=%.1f p90_us=%.1f p99_us=%.1f max_us=%.1f "
           "hits=%llu nonzero=%llu checksum=%016llx rss_mb=%.1f\n",
           mode_names[b->mode], b->k, n, sum / (double)n, percentile(best, n, 0.5), percentile(best, n, 0.9),
           percentile(best, n, 0.99), best[n - 1], (unsigned long long)b->hits, (unsigned long long)b->answered,
           (unsigned long long)b->checksum, peak_memory_mb());
}

static void measure(struct bench *b) {
    size_t n = b->queries.count;
    double *best = calloc(n, sizeof *best);
    if (!best)
        die("out of memory");
    for (int pass = -b->settings->warm; pass < b->settings->passes; pass++) {
        b->hits = b->answered = b->checksum = 0;
        for (size_t i = 0; i < n; i++) {
            double start = seconds_now();
            if (b->mode == MODE_COUNT && b->k == 1)
                count_alone(b, i);
            else
                search(b, i, count_hits);
            double us = (seconds_now() - start) * 1e6;
            if (pass <= 0 || us < best[i])
                best[i] = us;
        }
    }
    for (size_t i = 0; b->settings->times && i < n; i++)
        printf("%.1f\t%s\n", best[i], b->queries.texts[i]);
    report_queries(b, best);
    free(best);
}

static enum mode parse_mode(const char *name) {
    for (int m = 0; m < MODES; m++)
        if (strcmp(name, mode_names[m]) == 0)
            return (enum mode)m;
    die("the mode is or, and, phrase, count, or full");
}

static int run_query(const struct settings *s) {
    lede_error err;
    struct bench b = {.settings = s, .mode = parse_mode(s->words[3]), .k = number(s->words[4], 1)};
    char *path = index_path(s->words[1]);
    b.queries = read_queries(s->words[2], b.mode, s);
    must(lede_index_open(&b.index, path, &err), &err);
    lede_index_set_cache(b.index, s->cache);
    lede_index_set_threads(b.index, s->threads);
    if (s->dump || s->print)
        for (size_t i = 0; i < b.queries.count; i++)
            search(&b, i, s->dump ? dump_hits : print_hits);
    else
        measure(&b);
    lede_index_close(b.index);
    queries_release(&b.queries);
    free(path);
    return 0;
}

/* --------------------------------------------------------------------------- the command line -- */

static void apply_option(struct settings *s, int option, const char *value) {
    switch (option) {
    case 't': s->threads = (unsigned)number(value, 1); break;
    case 'm': s->memory = (uint64_t)number(value, 1) << 20; break;
    case 'o': s->no_optimize = true; break;
    case 'k': s->keep_order = true; break;
    case 'd': s->dump = true; break;
    case 'p': s->print = true; break;
    case 'u': s->times = true; break;
    case 'v': s->verbatim = true; break;
    case 'w': s->warm = (int)number(value, 0); break;
    case 'n': s->passes = (int)number(value, 1); break;
    case 'e': s->every = number(value, 1); break;
    case 'f': s->filter = value; break;
    case 'c': s->cache = (uint64_t)number(value, 0) << 20; break;
    default: fputs(usage, stderr); exit(2);
    }
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"threads", required_argument, NULL, 't'}, {"memory", required_argument, NULL, 'm'},
        {"no-optimize", no_argument, NULL, 'o'},   {"keep-order", no_argument, NULL, 'k'},
        {"dump", no_argument, NULL, 'd'},          {"print", no_argument, NULL, 'p'},
        {"times", no_argument, NULL, 'u'},         {"verbatim", no_argument, NULL, 'v'},
        {"warm", required_argument, NULL, 'w'},    {"passes", required_argument, NULL, 'n'},
        {"every", required_argument, NULL, 'e'},   {"filter", required_argument, NULL, 'f'},
        {"cache", required_argument, NULL, 'c'},   {NULL, 0, NULL, 0}};
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 20); /* as the command has it: cli/main.c */
#endif
    struct settings s = {.threads = 1, .warm = 1, .passes = 3, .every = 1, .filter = "", .cache = LEDE_DEFAULT_CACHE};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        apply_option(&s, option, optarg);
    for (; optind < argc && s.word_count < 8; optind++)
        s.words[s.word_count++] = argv[optind];
    if (s.word_count == 3 && strcmp(s.words[0], "index") == 0)
        return run_index(&s);
    if (s.word_count == 5 && strcmp(s.words[0], "query") == 0)
        return run_query(&s);
    fputs(usage, stderr);
    return 2;
}
