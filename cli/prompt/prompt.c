/* prompt.c - `lede prompt`: queries typed one after the other. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/common/command.h"
#include "cli/output/display.h"
#include "cli/output/progress.h"
#include "complete.h"
#include "history.h"
#include "screen.h"
#include "typed.h"

static const char help[] = "Usage: lede [prompt] [OPTIONS]\n"
                           "Searches as you type; shows the hits and the article around the selected one.\n"
                           "  Up, Down, PgUp, PgDn   go through the hits\n"
                           "  Enter                  the whole article in $PAGER, at the passage\n"
                           "  Tab                    completes the word; Ctrl-R looks for an earlier query\n"
                           "  ? or F1                all keys;  Esc leaves\n"
                           "\n"
                           "With --plain, --json or on a dumb terminal it asks line by line, until ^D or\n"
                           ":quit; :help lists the commands. Without a terminal it reads queries from\n"
                           "standard input, one a line, and prints what each finds.\n"
                           "\n"
                           "      --plain   ask line by line\n"
                           "  -i, --index INDEX   --color WHEN   --json   -q, --quiet   see lede --help\n"
                           "\n"
                           "Examples:\n"
                           "  lede\n"
                           "  lede prompt -i news.lede\n"
                           "  printf '%s\\n' 'lavrov simla' 'indus treaty' | lede\n"
                           "\n"
                           "Exit status: on a terminal 0; else 0 if any query found something, 1 if none.\n"
                           "2 error.\n";

/* What was typed: a command, a query, or nothing. `line` ends in NUL. */
static void run_line(struct session *s, const char *line, size_t len) {
    lede_error err;
    lede_status status = LEDE_OK;
    size_t blanks = strspn(line, " \t");
    if (line[blanks] == ':')
        status = typed_run(s, line + blanks + 1, &err);
    else if (blanks < len)
        status = session_search(s, line + blanks, len - blanks, &err);
    if (status)
        complain(&err);
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
    struct editor_options options = {"lede> ", path, complete_word, s};
    struct editor *editor = NULL;
    enum editor_event event;
    const char *line;
    size_t len;
    lede_status status = editor_new(&editor, &options, err);
    if (status == LEDE_OK)
        greet(s);
    while (status == LEDE_OK && !s->is_over && (event = editor_read(editor, &line, &len)) != EDITOR_END) {
        if (event == EDITOR_CANCELLED || len == 0)
            continue;
        while (len && (line[len - 1] == ' ' || line[len - 1] == '\t'))
            len--;
        char *copy = strndup(line, len);
        if (!copy)
            break;
        editor_remember(editor, copy);
        run_line(s, copy, len);
        free(copy);
    }
    if (status == LEDE_OK && !s->is_over)
        putchar('\n');
    editor_free(editor);
    free(path);
    return status;
}

static void read_lines(struct session *s) {
    char *line = NULL;
    size_t capacity = 0;
    ssize_t got;
    while (!s->is_over && !ferror(stdout) && (got = getline(&line, &capacity, stdin)) >= 0) {
        size_t len = (size_t)got;
        while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
            line[--len] = '\0';
        run_line(s, line, len);
        fflush(stdout);
    }
    free(line);
}

/* Full screen where the terminal can do it and nothing was said against it. */
static lede_status converse_somehow(struct session *s, bool plain, lede_error *err) {
    bool is_plain = plain || s->report.format == REPORT_JSON || s->report.quiet || !s->report.terminal.can_move;
    lede_status status = is_plain ? LEDE_UNSUPPORTED : screen_run(s, err);
    if (!is_plain && status == LEDE_UNSUPPORTED)
        remark("note", err->message);
    return status == LEDE_UNSUPPORTED ? converse(s, err) : status;
}

static int run(int argc, char **argv, struct globals *globals) {
    const struct option_spec specs[] = {GLOBAL_OPTIONS(globals), {"plain", 0, OPTION_FLAG, &globals->plain, NULL}};
    struct session session;
    lede_error err;
    int exit_status = command_no_operands(&prompt_command, argc, argv, specs, sizeof specs / sizeof *specs);
    if (exit_status >= 0)
        return exit_status;
    bool is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    lede_status status = session_open(&session, globals, &err);
    if (status == LEDE_OK && is_terminal)
        status = converse_somehow(&session, globals->plain, &err);
    else if (status == LEDE_OK)
        read_lines(&session);
    exit_status = status ? complain(&err) : is_terminal || session.found ? EXIT_FOUND : EXIT_NOTHING;
    session_release(&session);
    return finish_output(exit_status);
}

const struct command prompt_command = {"prompt", "search as you type", help, run};
