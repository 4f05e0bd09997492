/* prompt.c - `lede prompt`: queries typed one after the other. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "command.h"
#include "display.h"
#include "editor.h"
#include "history.h"
#include "json.h"
#include "progress.h"
#include "session.h"

static const char help[] = "Usage: lede [prompt] [OPTIONS]\n"
                           "Asks for queries and shows what matches, until ^D or :quit. TAB completes words that are\n"
                           "in the index; the history is kept. Without a terminal it reads queries from standard\n"
                           "input, one a line, and prints what each finds.\n"
                           "\n"
                           "  lavrov simla        any of the words; +must, -must not, \"words in a row\"\n"
                           "  :open N             the whole article of hit N, in $PAGER\n"
                           "  :more               the next hits\n"
                           "  :help               all that can be typed\n"
                           "\n"
                           "  -i, --index INDEX   --color WHEN   --json   -q, --quiet   see lede --help\n"
                           "\n"
                           "Examples:\n"
                           "  lede\n"
                           "  lede prompt -i news.lede\n"
                           "  printf '%s\\n' 'lavrov simla' 'indus treaty' | lede\n"
                           "\n"
                           "Exit status: on a terminal 0; else 0 if any query found something, 1 if none did.\n"
                           "2 error.\n";

static const char typed_help[] = "Type words to search. More of them is better.\n"
                                 "  lavrov simla         any of the words\n"
                                 "  \"line of control\"    these words in a row\n"
                                 "  +lavrov simla        must have lavrov\n"
                                 "  lavrov -delhi        must not have delhi\n"
                                 "Commands, which can be shortened (:o 2):\n";

/* The answer of a command typed at the prompt. */
enum { GO_ON, QUIT };

struct typed_command {
    const char *name, *argument, *summary;
    int (*run)(struct session *s, const char *argument);
};

static int type_help(struct session *s, const char *argument);

static int answer(lede_status status, const lede_error *err) {
    if (status)
        complain(err);
    return GO_ON;
}

static int type_quit(struct session *s, const char *argument) {
    (void)s, (void)argument;
    return QUIT;
}

static int type_more(struct session *s, const char *argument) {
    lede_error err;
    (void)argument;
    return answer(session_more(s, &err), &err);
}

/* A number of 1 or more; 0 if it is something else. */
static size_t read_number(const char *text) {
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    return *text < '0' || *text > '9' || *end || number > 1000000000 ? 0 : number;
}

static int type_open(struct session *s, const char *argument) {
    lede_error err;
    size_t rank = *argument ? read_number(argument) : 1;
    return answer(session_show_article(s, rank, &err), &err);
}

static int type_n(struct session *s, const char *argument) {
    lede_error err;
    size_t page = read_number(argument);
    if (page == 0)
        return answer(error_write(&err, LEDE_INVALID, ":n needs a number of hits, such as :n 20"), &err);
    s->page = page;
    return GO_ON;
}

static int type_and(struct session *s, const char *argument) {
    lede_error err;
    bool on = strcmp(argument, "on") == 0;
    if (!on && strcmp(argument, "off") != 0)
        return answer(error_write(&err, LEDE_INVALID, "':and on' asks for all the words, ':and off' for any"), &err);
    s->query_options.default_operator = on ? LEDE_AND : LEDE_OR;
    return GO_ON;
}

static int type_stats(struct session *s, const char *argument) {
    lede_error err;
    lede_stats stats;
    (void)argument;
    lede_status status = lede_index_stats(&stats, s->index, &err);
    if (status == LEDE_OK && s->report.format == REPORT_JSON)
        status = json_print_stats(stdout, s->path, &stats, &err);
    else if (status == LEDE_OK)
        display_stats(&s->report.terminal, s->path, &stats);
    return answer(status, &err);
}

static const struct typed_command typed_commands[] = {
    {"help", "", "this text", type_help},
    {"open", " N", "the whole article of hit N, at its passage, in $PAGER", type_open},
    {"more", "", "the next hits", type_more},
    {"n", " N", "show N hits at a time", type_n},
    {"and", " on|off", "ask for all the words, or for any of them", type_and},
    {"stats", "", "what the index holds", type_stats},
    {"quit", "", "leave, as ^D does", type_quit},
};
enum { TYPED_COUNT = sizeof typed_commands / sizeof *typed_commands };

static int type_help(struct session *s, const char *argument) {
    char usage[32];
    (void)s, (void)argument;
    fputs(typed_help, stdout);
    for (size_t i = 0; i < TYPED_COUNT; i++) {
        snprintf(usage, sizeof usage, ":%s%s", typed_commands[i].name, typed_commands[i].argument);
        printf("  %-20s %s\n", usage, typed_commands[i].summary);
    }
    return GO_ON;
}

/* By its name, or by the beginning of only one name. */
static const struct typed_command *find(const char *name, size_t len) {
    const struct typed_command *found = NULL;
    for (size_t i = 0; i < TYPED_COUNT; i++) {
        const struct typed_command *c = &typed_commands[i];
        if (strlen(c->name) == len && memcmp(c->name, name, len) == 0)
            return c;
        if (len && strncmp(c->name, name, len) == 0) {
            if (found)
                return NULL;
            found = c;
        }
    }
    return found;
}

/* ":open 2 " without the colon; `line` is ours to cut up. */
static int run_typed(struct session *s, char *line) {
    lede_error err;
    size_t len = strcspn(line, " \t");
    char *argument = line + len + strspn(line + len, " \t");
    char *end = argument + strlen(argument);
    while (end > argument && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = '\0';
    const struct typed_command *command = find(line, len);
    if (command)
        return command->run(s, argument);
    return answer(error_write(&err, LEDE_INVALID, "unknown command ':%.*s'; ':help' lists them",
                              len > 100 ? 100 : (int)len, line),
                  &err);
}

/* What was typed: a command, a query, or nothing. */
static int run_line(struct session *s, const char *line, size_t len) {
    lede_error err;
    while (len && (*line == ' ' || *line == '\t')) {
        line++;
        len--;
    }
    if (len == 0)
        return GO_ON;
    if (*line != ':')
        return answer(session_search(s, line, len, &err), &err);
    char *copy = strndup(line + 1, len - 1);
    if (!copy)
        return answer(error_write(&err, LEDE_NOMEM, "out of memory"), &err);
    int go_on = run_typed(s, copy);
    free(copy);
    return go_on;
}

enum { COMPLETIONS = 100 };

static int add_word(void *ctx, const char *word, size_t len, uint64_t frequency) {
    (void)frequency;
    return !candidates_add(ctx, word, len);
}

/* In lower case, as the words of the index are; to be freed. NULL if it is not valid in the locale. */
static char *lower(const char *text, size_t len) {
    char *copy = strndup(text, len), *out = NULL;
    size_t n = copy ? mbstowcs(NULL, copy, 0) : (size_t)-1;
    wchar_t *wide = n == (size_t)-1 ? NULL : calloc(n + 1, sizeof *wide);
    if (wide && mbstowcs(wide, copy, n + 1) == n) {
        for (size_t i = 0; i < n; i++)
            wide[i] = (wchar_t)towlower((wint_t)wide[i]);
        size_t size = wcstombs(NULL, wide, 0);
        out = size == (size_t)-1 ? NULL : malloc(size + 1);
        if (out)
            wcstombs(out, wide, size + 1);
    }
    free(wide);
    free(copy);
    return out;
}

static void complete(void *ctx, struct candidates *out, const char *prefix, size_t len, bool is_first) {
    struct session *s = ctx;
    char name[32];
    if (is_first && len && *prefix == ':') {
        for (size_t i = 0; i < TYPED_COUNT; i++) {
            int n = snprintf(name, sizeof name, ":%s", typed_commands[i].name);
            if (strncmp(name, prefix, len) == 0 && !candidates_add(out, name, (size_t)n))
                break;
        }
        out->kept = len;
        return;
    }
    char *low = len ? lower(prefix, len) : NULL;
    if (!low)
        return;
    out->kept = strlen(low);
    if (lede_index_complete(s->index, low, out->kept, COMPLETIONS, add_word, out, NULL))
        candidates_release(out);
    /* Accents may have been folded on the way: keep what continues the letters that were typed. */
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++) {
        if (strncmp(out->words[i], low, out->kept) == 0)
            out->words[kept++] = out->words[i];
        else
            free(out->words[i]);
    }
    out->count = kept;
    free(low);
}

static void greet(const struct session *s) {
    lede_stats stats;
    char articles[32], passages[32];
    if (s->report.quiet || lede_index_stats(&stats, s->index, NULL))
        return;
    printf("%s: %s article%s, %s passage%s. Type words to search, :help for help.\n", path_from_here(s->path),
           number_format(articles, stats.articles), stats.articles == 1 ? "" : "s",
           number_format(passages, stats.passages), stats.passages == 1 ? "" : "s");
}

static lede_status converse(struct session *s, lede_error *err) {
    char *path = history_path();
    struct editor_options options = {"lede> ", path, complete, s};
    struct editor *editor = NULL;
    enum editor_event event;
    const char *line;
    size_t len;
    int go_on = GO_ON;
    lede_status status = editor_new(&editor, &options, err);
    if (status == LEDE_OK)
        greet(s);
    while (status == LEDE_OK && go_on == GO_ON && (event = editor_read(editor, &line, &len)) != EDITOR_END) {
        if (event == EDITOR_CANCELLED || len == 0)
            continue;
        while (len && (line[len - 1] == ' ' || line[len - 1] == '\t'))
            len--;
        char *copy = strndup(line, len);
        if (!copy)
            break;
        editor_remember(editor, copy);
        go_on = run_line(s, copy, len);
        free(copy);
    }
    if (status == LEDE_OK && go_on == GO_ON)
        putchar('\n');
    editor_free(editor);
    free(path);
    return status;
}

static void read_lines(struct session *s) {
    char *line = NULL;
    size_t capacity = 0;
    ssize_t got;
    int go_on = GO_ON;
    while (go_on == GO_ON && !ferror(stdout) && (got = getline(&line, &capacity, stdin)) >= 0) {
        size_t len = (size_t)got;
        while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
            len--;
        go_on = run_line(s, line, len);
        fflush(stdout);
    }
    free(line);
}

static int run(int argc, char **argv, struct globals *globals) {
    const struct option_spec specs[] = {GLOBAL_OPTIONS(globals)};
    struct session session;
    lede_error err;
    int exit_status = command_no_operands(&prompt_command, argc, argv, specs, sizeof specs / sizeof *specs);
    if (exit_status >= 0)
        return exit_status;
    bool is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    lede_status status = session_open(&session, globals, &err);
    if (status == LEDE_OK && is_terminal)
        status = converse(&session, &err);
    else if (status == LEDE_OK)
        read_lines(&session);
    exit_status = status ? complain(&err) : is_terminal || session.found ? EXIT_FOUND : EXIT_NOTHING;
    session_release(&session);
    return finish_output(exit_status);
}

const struct command prompt_command = {"prompt", "ask for queries, one after the other", help, run};
