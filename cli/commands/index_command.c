/* index_command.c - `lede index`. */
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "cli/common/command.h"
#include "cli/common/interrupt.h"
#include "cli/output/display.h"
#include "cli/output/json.h"
#include "cli/output/progress.h"
#include "cli/output/warnings.h"
#include "inputs.h"

static const char help[] = "Usage: lede index [OPTIONS] PATH...\n"
                           "Reads articles into the index, which is made if there is none. PATH is a file, a\n"
                           "folder with all below it (.txt .md .html .jsonl .tsv), or - for standard input.\n"
                           "Again, it updates: unchanged files are skipped, those gone from a folder go too.\n"
                           "\n"
                           "      --language L      of the articles, for stemming: a name or code, or none\n"
                           "                        (default english; settled when the index is made)\n"
                           "      --format F        auto, text, markdown, html, jsonl or tsv (default auto)\n"
                           "      --charset NAME    of texts that don't tell it: windows-1251, koi8-r, ...\n"
                           "      --passages P      cut articles at paragraphs, or keep them whole; auto:\n"
                           "                        whole for tsv, else cut (settled when the index is made)\n"
                           "      --no-text         keep no text: smaller, but hits show no passage\n"
                           "      --memory SIZE     stay below, such as 512M or 2G (default 256M)\n"
                           "      --threads N       (default: one for each processor)\n"
                           "  -i, --index INDEX     (default: $LEDE_INDEX, else nearest .lede, else ./.lede)\n"
                           "      --color WHEN   --json   -q, --quiet   see lede --help\n"
                           "\n"
                           "Examples:\n"
                           "  lede index ~/articles\n"
                           "  lede index -i news.lede --language german presse/ archiv.jsonl\n"
                           "  zcat corpus.jsonl.gz | lede index --format jsonl -\n"
                           "\n"
                           "^C stops and keeps what was read, a second ^C drops it.\n"
                           "Exit status: 0 done; 2 error, or a file PATH was left out; 130 if stopped by ^C.\n";

static const struct option_choice format_choices[] = {{"auto", LEDE_FORMAT_BY_NAME},
                                                      {"text", LEDE_FORMAT_TEXT},
                                                      {"markdown", LEDE_FORMAT_MARKDOWN},
                                                      {"jsonl", LEDE_FORMAT_JSONL},
                                                      {"tsv", LEDE_FORMAT_TSV},
                                                      {"html", LEDE_FORMAT_HTML},
                                                      {NULL, 0}};
static const struct option_choice passages_choices[] = {
    {"auto", LEDE_PASSAGES_AUTO}, {"cut", LEDE_PASSAGES_CUT}, {"whole", LEDE_PASSAGES_WHOLE}, {NULL, 0}};

/* A run of the indexer. */
struct indexing {
    const struct globals *globals;
    lede_writer_options options;
    struct progress progress;
    struct warnings warnings;
    struct inputs inputs;
    bool stoppable;    /* ^C stops the work in hand; not so while what was read is being committed */
    bool failed;       /* a file that was named itself was left out, as was told */
    uint64_t repeated; /* such files that were left out once more */
    struct index_summary summary;
};

static int show(void *ctx, const lede_progress *now) {
    struct indexing *run = ctx;
    progress_show(&run->progress, now);
    return run->stoppable && interrupt_signal();
}

/* In a folder a file that can't be used is passed over; of one that was asked for it is an error. The others are read
 * all the same. */
static void refuse_input(struct indexing *run, const char *where, const char *why) {
    lede_error err;
    (void)error_write(&err, LEDE_INVALID, "%.700s: %.300s", path_from_here(where), why);
    complain(&err);
    run->failed = true;
}

/* It may be read more than once, if it is named so or its folder is, too. */
static void refuse_input_once(struct indexing *run, struct input *input, const char *where, const char *why) {
    if (input->told)
        run->repeated++;
    else
        refuse_input(run, where, why);
    input->told = true;
}

static void warn(void *ctx, lede_warning_kind kind, const char *where, const char *why) {
    struct indexing *run = ctx;
    progress_clear(&run->progress);
    struct input *input = kind == LEDE_WARNING_SKIPPED ? inputs_find(&run->inputs, where) : NULL;
    if (input)
        refuse_input_once(run, input, where, why);
    else
        warnings_add(&run->warnings, kind, where, why);
}

/* All paths, one after the other; LEDE_INTERRUPTED after ^C. */
static lede_status add_paths(struct indexing *run, lede_writer *writer, const struct arguments *paths,
                             lede_error *err) {
    lede_status status = LEDE_OK;
    for (int i = 0; i < paths->count && status == LEDE_OK; i++) {
        if (strcmp(paths->values[i], "-") == 0)
            status = lede_writer_add_stream(writer, 0, run->options.format, err);
        else
            status = lede_writer_add_path(writer, paths->values[i], err);
        if (status == LEDE_OK && interrupt_signal())
            status = LEDE_INTERRUPTED;
    }
    return status;
}

/* Large blocks come and go with each segment that is built. From the heap they would leave holes that count as the
 * process's memory; as maps of their own they go back to the system when they are freed. */
static void return_memory(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
#endif
}

/* What a database of Xapian's on this host holds back until it is written, it counts in passages. One of 150 words, the
 * longest that are cut, takes some 25 kB meanwhile. */
static void bound_xapian(const struct indexing *run) {
    enum { PASSAGE = 25 * 1024 };
    uint64_t memory = run->options.memory ? run->options.memory : UINT64_C(256) << 20;
    char passages[24];
    snprintf(passages, sizeof passages, "%llu", (unsigned long long)memory / PASSAGE);
    setenv("XAPIAN_FLUSH_THRESHOLD", passages, 0);
}

/* Reads and commits. After ^C what was read is committed, too. */
static lede_status run_writer(struct indexing *run, const struct arguments *paths, lede_error *err) {
    lede_writer *writer = NULL;
    return_memory();
    bound_xapian(run);
    lede_status status = lede_writer_open(&writer, run->summary.path, &run->options, err);
    if (status)
        return status;
    interrupt_watch();
    run->stoppable = true;
    status = add_paths(run, writer, paths, err);
    run->stoppable = false;
    if (status == LEDE_OK || status == LEDE_INTERRUPTED) {
        run->summary.interrupted = status == LEDE_INTERRUPTED;
        status = lede_writer_commit(writer, &run->summary.info, err);
        uint64_t skipped = run->summary.info.files_skipped;
        run->summary.info.files_skipped = skipped - (run->repeated < skipped ? run->repeated : skipped);
    }
    lede_writer_close(writer);
    return status;
}

/* "  ; 3 unchanged, 1 removed": appends what there is any of. */
static void append(char *text, size_t size, const char **separator, uint64_t count, const char *what) {
    char number[32];
    size_t len = strlen(text);
    if (count == 0 || len >= size)
        return;
    snprintf(text + len, size - len, "%s%s %s", *separator, number_format(number, count), what);
    *separator = ", ";
}

static const char *plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

static void print_summary(const struct index_summary *summary) {
    const lede_commit_info *info = &summary->info;
    uint64_t articles = info->articles_added + info->articles_updated;
    char line[512], a[32], p[32], f[32], rest[256] = "";
    const char *separator = "; ";
    snprintf(line, sizeof line, "indexed %s article%s (%s passage%s)", number_format(a, articles), plural(articles),
             number_format(p, info->passages_added), plural(info->passages_added));
    append(rest, sizeof rest, &separator, info->files_unchanged, "unchanged");
    append(rest, sizeof rest, &separator, info->articles_updated, "updated");
    append(rest, sizeof rest, &separator, info->articles_deleted, "removed");
    append(rest, sizeof rest, &separator, info->articles_superseded, "replaced by later ones with the same id");
    append(rest, sizeof rest, &separator, info->files_skipped, "skipped");
    append(rest, sizeof rest, &separator, info->files_passed_over, "of other kinds");
    append(rest, sizeof rest, &separator, info->records_skipped,
           info->records_skipped == 1 ? "record skipped" : "records skipped");
    append(rest, sizeof rest, &separator, info->bytes_replaced,
           info->bytes_replaced == 1 ? "broken byte replaced" : "broken bytes replaced");
    printf("%s%s from %s file%s in %.1f s%s\n", summary->interrupted ? "stopped: " : "", line,
           number_format(f, info->files_indexed), plural(info->files_indexed), summary->seconds, rest);
}

static int index_paths(struct indexing *run, const struct arguments *paths, const char *index) {
    lede_error err;
    double start = clock_seconds();
    progress_init(&run->progress, run->globals->quiet);
    run->warnings.quiet = run->globals->quiet;
    run->summary.path = index;
    run->options.progress = show;
    run->options.warn = warn;
    run->options.ctx = run;
    lede_status status = run_writer(run, paths, &err);
    progress_clear(&run->progress);
    warnings_finish(&run->warnings);
    if (status)
        return complain(&err);
    run->summary.seconds = clock_seconds() - start;
    if (run->globals->json && json_print_index(stdout, &run->summary, &err))
        return complain(&err);
    if (!run->globals->json && !run->globals->quiet)
        print_summary(&run->summary);
    int done = run->failed ? EXIT_ERROR : EXIT_FOUND;
    return finish_output(run->summary.interrupted ? 128 + interrupt_signal() : done);
}

static int run(int argc, char **argv, struct globals *globals) {
    struct indexing indexing = {.globals = globals};
    int format = LEDE_FORMAT_AUTO, passages = LEDE_PASSAGES_AUTO;
    size_t threads = 0;
    const struct option_spec specs[] = {
        GLOBAL_OPTIONS(globals),
        {"language", 0, OPTION_STRING, &indexing.options.language, NULL},
        {"format", 0, OPTION_CHOICE, &format, format_choices},
        {"charset", 0, OPTION_STRING, &indexing.options.charset, NULL},
        {"passages", 0, OPTION_CHOICE, &passages, passages_choices},
        {"no-text", 0, OPTION_FLAG, &indexing.options.omit_text, NULL},
        {"memory", 0, OPTION_SIZE, &indexing.options.memory, NULL},
        {"threads", 0, OPTION_COUNT, &threads, NULL},
    };
    struct arguments paths;
    char *path = NULL;
    lede_error err;
    int status = command_options(&paths, &index_command, (struct arguments){argv, argc}, specs,
                                 sizeof specs / sizeof *specs, OPTIONS_ANYWHERE);
    if (status >= 0)
        return status;
    indexing.options.format = (lede_format)format;
    indexing.options.passages = (lede_passages)passages;
    indexing.options.threads = threads > 1024 ? 1024 : (unsigned)threads;
    if (paths.count == 0) {
        (void)error_write(&err, LEDE_INVALID,
                          "index: nothing to index; name files or folders, or - for standard input");
        return complain(&err);
    }
    if (inputs_init(&indexing.inputs, &paths, &err))
        return complain(&err);
    status = index_locate(&path, globals, true, &err) ? complain(&err) : index_paths(&indexing, &paths, path);
    inputs_release(&indexing.inputs);
    free(path);
    return status;
}

const struct command index_command = {"index", "read articles into the index, or update it", help, run};
