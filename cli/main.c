/* main.c - the command `lede`: finds the command and runs it. */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/common/command.h"
#include "cli/output/query_text.h"

static const struct command *const commands[] = {&index_command, &search_command,   &prompt_command, &stats_command,
                                                 &check_command, &optimize_command, &delete_command, &similar_command,
                                                 &terms_command, &timeline_command, &shard_command,  &parse_command};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static const char usage[] = "Usage: lede [OPTIONS] COMMAND ...\n"
                            "Full-text search over articles, passage by passage. Without a command: the\n"
                            "prompt, which searches as you type.\n";

static const char usage_end[] = "Options of every command; lede COMMAND --help tells the others:\n"
                                "  -i, --index INDEX   folder (default: $LEDE_INDEX, else the nearest .lede), or\n"
                                "                      shards: xapian://HOST:PORT,... (lede shard --help)\n"
                                "      --color WHEN    auto, always or never       --json   output for programs\n"
                                "  -q, --quiet         nothing but errors          --version\n"
                                "Examples: lede index ~/articles;  lede search Lavrov Simla;  lede help search\n"
                                "Exit status: 0 found or done, 1 nothing found, 2 error.\n";

static void print_usage(void) {
    fputs(usage, stdout);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    printf("  %-10s %s\n", "help", "tell how to use a command; help query: what can be asked");
    fputs(usage_end, stdout);
}

/* For completions, a line for each: "search<TAB>show the passages that match a query". */
static int list_commands(void) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("%s\t%s\n", commands[i]->name, commands[i]->summary);
    printf("help\ttell how to use a command\n");
    return finish_output(EXIT_FOUND);
}

static const struct command *find(const char *name) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int refuse_command(const char *name) {
    const char *near = NULL;
    size_t distance = 3;
    lede_error err;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        size_t d = edit_distance(commands[i]->name, name);
        if (d < distance) {
            distance = d;
            near = commands[i]->name;
        }
    }
    if (near)
        (void)error_write(&err, LEDE_INVALID, "unknown command '%.100s'; did you mean 'lede %s'?", name, near);
    else
        (void)error_write(&err, LEDE_INVALID,
                          "unknown command '%.100s'; 'lede help' lists them, 'lede search' searches", name);
    return complain(&err);
}

static int help(const char *topic) {
    const struct command *command = topic ? find(topic) : NULL;
    bool query = topic && strcmp(topic, "query") == 0;
    if (topic && !command && !query && strcmp(topic, "help") != 0)
        return refuse_command(topic);
    if (query)
        fputs(query_help, stdout);
    else if (command)
        fputs(command->help, stdout);
    else
        print_usage();
    return finish_output(EXIT_FOUND);
}

static int run_named(int argc, char **argv, struct globals *globals) {
    if (strcmp(argv[0], "help") == 0)
        return help(argc > 1 ? argv[1] : NULL);
    const struct command *command = find(argv[0]);
    return command ? command->run(argc, argv, globals) : refuse_command(argv[0]);
}

/* Large pieces go back to the system when they are freed. By itself glibc keeps ever larger ones for the thread that
 * had them, which takes half as much memory again where several index. */
static void settle_malloc(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

/* Takes the places of standard streams that are closed (`2>&-`), which a file of the index would have otherwise, and
 * what is printed would be in it. To read from the one and to write to the others is still an error. */
static void settle_streams(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* A file that may not grow any more (`ulimit -f`) is an error, as a full disk is, and not the end of the process. */
static void settle_signals(void) {
    signal(SIGXFSZ, SIG_IGN);
}

int main(int argc, char **argv) {
    struct globals globals = {NULL, COLOR_AUTO, false, false, false};
    bool version = false;
    const struct option_spec specs[] = {GLOBAL_OPTIONS(&globals),
                                        {"plain", 0, OPTION_FLAG, &globals.plain, NULL},
                                        {"version", 0, OPTION_FLAG, &version, NULL}};
    struct arguments rest;
    lede_error err;
    settle_streams();
    settle_signals();
    settle_malloc();
    if (argc == 2 && strcmp(argv[1], "--list-commands") == 0)
        return list_commands();
    if (argc == 2 && strcmp(argv[1], "--list-options") == 0) {
        options_list(stdout, specs, sizeof specs / sizeof *specs);
        return finish_output(EXIT_FOUND);
    }
    lede_status status =
        options_parse(&rest, (struct arguments){argv, argc}, specs, sizeof specs / sizeof *specs, OPTIONS_FIRST, &err);
    if (status == LEDE_INTERRUPTED)
        return help(NULL);
    if (status)
        return complain(&err);
    if (version) {
        printf("lede %s\n", lede_version());
        return finish_output(EXIT_FOUND);
    }
    if (rest.count > 0)
        return run_named(rest.count, rest.values, &globals);
    char *prompt[] = {(char[]){"prompt"}, NULL};
    return prompt_command.run(1, prompt, &globals);
}
