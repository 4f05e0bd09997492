/* query_command.h - what commands have in common that take a query and options. */
#ifndef LEDE_CLI_QUERY_COMMAND_H
#define LEDE_CLI_QUERY_COMMAND_H

#include "cli/common/command.h"

/* How the query is read, as options have it. */
struct query_flags {
    bool and, strict;
};

#define QUERY_OPTIONS(f)                                                                                               \
    {"and", 0, OPTION_FLAG, &(f)->and, NULL}, {                                                                        \
        "strict", 0, OPTION_FLAG, &(f)->strict, NULL                                                                   \
    }

/* What a command does with a query. */
struct query_work {
    const struct command *command;
    const struct globals *globals;
    const struct query_flags *flags;
    /* *found: whether anything matches */
    lede_status (*run)(void *ctx, const lede_index *index, const lede_query *query, bool *found, lede_error *err);
    void *ctx;
};

/* Runs a whole command: parses its options, opens the index, parses the query, does the work. Returns the exit
 * status. */
int command_on_query(const struct query_work *work, const struct arguments *line, const struct option_spec *specs,
                     size_t count);

/* The words joined by spaces, as the shell has split them, without a -- that ends the options among them; to be freed.
 * NULL: out of memory. */
char *words_join(const struct arguments *words);

/* Short options after the first word are words of the query: says so, as it may surprise, unless they are behind --.
 * Borrows the words as options_parse gave them. */
void remark_on_options(const struct arguments *words, const struct option_spec *specs, size_t count);

#endif
