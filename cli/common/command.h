/* command.h - what the commands of `lede` have in common.
 *
 * A command gets its own command line (argv[0] is its name), prints to standard output, says what
 * went wrong in one line on standard error, and returns the exit status.
 */
#ifndef LEDE_CLI_COMMAND_H
#define LEDE_CLI_COMMAND_H

#include "options.h"
#include "terminal.h"

/* Exit statuses, as grep has them. After ^C it is 128 + the number of the signal, as a shell would tell it. */
enum {
    EXIT_FOUND = 0,   /* found, or done */
    EXIT_NOTHING = 1, /* nothing found */
    EXIT_ERROR = 2,
};

/* Options that every command takes, and that may stand before its name, too. */
struct globals {
    const char *index; /* --index; NULL: to be found */
    int color;         /* a terminal_color */
    bool json;
    bool quiet; /* nothing but errors */
    bool plain; /* the prompt asks line by line: taken by main, too, as the prompt's name may be left out */
};

struct command {
    const char *name;
    const char *summary; /* for the list of commands */
    const char *help;    /* the whole text of --help */
    int (*run)(int argc, char **argv, struct globals *globals);
};

extern const struct command index_command, search_command, prompt_command, stats_command, check_command,
    optimize_command, delete_command, similar_command, terms_command, timeline_command, shard_command, parse_command;

extern const struct option_choice color_choices[];

/* The first entries of a command's table of options. */
#define GLOBAL_OPTIONS(g)                                                                                              \
    {"index", 'i', OPTION_FOLDER, &(g)->index, NULL}, {"color", 0, OPTION_CHOICE, &(g)->color, color_choices},         \
        {"json", 0, OPTION_FLAG, &(g)->json, NULL}, {                                                                  \
        "quiet", 'q', OPTION_FLAG, &(g)->quiet, NULL                                                                   \
    }

/* Parses a command's options. If that settles the matter (--help, a mistake, --list-options for completions) prints
 * what is to be said and returns the exit status, else -1. */
int command_options(struct arguments *rest, const struct command *command, struct arguments all,
                    const struct option_spec *specs, size_t count, enum options_order order);

/* The same for a command that takes nothing but options. */
int command_no_operands(const struct command *command, int argc, char **argv, const struct option_spec *specs,
                        size_t count);

/* What a command does to an index. */
struct index_work {
    const struct globals *globals; /* say which */
    lede_status (*run)(void *ctx, const char *path, lede_error *err);
    void *ctx;
};

/* Runs a whole command that takes nothing but options: parses them, finds the index, does the work on it. Returns the
 * exit status. */
int command_on_index(const struct command *command, const struct arguments *line, const struct option_spec *specs,
                     size_t count, const struct index_work *work);

/* As "lede: MESSAGE" on standard error; returns EXIT_ERROR. */
int complain(const lede_error *err);

/* "lede: KIND: MESSAGE" on standard error, where kind is "warning" or "note"; control characters are made harmless. */
void remark(const char *kind, const char *message);

/* The folder of the index to use: --index, else $LEDE_INDEX, else the nearest .lede. To be freed.
 * If there is none and `make` is true it is ".lede" in the current folder. */
LEDE_NODISCARD lede_status index_locate(char **path, const struct globals *globals, bool make, lede_error *err);

/* Locates and opens the index to be searched. */
LEDE_NODISCARD lede_status index_open(lede_index **out, const struct globals *globals, lede_error *err);

/* Flushes standard output. If it could not be written (a full disk) says so and returns EXIT_ERROR, else `status`. */
int finish_output(int status);

/* Seconds since some fixed moment. */
double clock_seconds(void);

#endif
