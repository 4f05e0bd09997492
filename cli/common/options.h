/* options.h - command lines read by a table.
 *
 *     size_t limit = 10;
 *     const struct option_spec specs[] = {
 *         {"limit", 'n', OPTION_COUNT, &limit, NULL},
 *     };
 *     struct arguments rest;
 *     if (options_parse(&rest, (struct arguments){argv, argc}, specs, 1, OPTIONS_ANYWHERE, &err)) ...
 */
#ifndef LEDE_CLI_OPTIONS_H
#define LEDE_CLI_OPTIONS_H

#include <lede.h>
#include <stdio.h>

/* A word that an option can have for its value. */
struct option_choice {
    const char *name; /* NULL ends the table */
    int value;
};

enum option_kind {
    OPTION_FLAG,   /* bool: takes no value */
    OPTION_STRING, /* const char *: borrowed from argv */
    OPTION_FILE,   /* the same, a name of a file */
    OPTION_FOLDER, /* or folder, for completions */
    OPTION_COUNT,  /* size_t: a decimal number */
    OPTION_SIZE,   /* uint64_t: bytes, with K, M, G or T for powers of 1024 */
    OPTION_NUMBER, /* double: not negative */
    OPTION_CHOICE, /* int: one of a table of words */
};

struct option_spec {
    const char *name; /* without the dashes */
    int letter;       /* 0: none */
    enum option_kind kind;
    void *value;                         /* where it goes; left as it is if the option is not given */
    const struct option_choice *choices; /* for OPTION_CHOICE */
};

enum { OPTIONS_MAX = 32 };

/* Where options may stand. */
enum options_order {
    OPTIONS_ANYWHERE, /* before, between and after the operands, up to "--" */
    OPTIONS_FIRST,    /* before the first operand only, as for words that may begin with a dash themselves */
    OPTIONS_OF_QUERY, /* the same; those that begin with two dashes, as no word does, after it, too, up to "--" */
};

/* Of a command line: all, its name first; or what is not an option, which is borrowed from all. */
struct arguments {
    char **values;
    int count;
};

/* Reads what is behind the first of `all` by the table of `count` specs, at most OPTIONS_MAX, and moves it about. An
 * error names the option and, for a misspelt one, the nearest that there is. --help and -h need not stand in the table:
 * they are LEDE_INTERRUPTED, and nothing is said. */
LEDE_NODISCARD lede_status options_parse(struct arguments *rest, struct arguments all, const struct option_spec *specs,
                                         size_t count, enum options_order order, lede_error *err);

/* Prints the table for completions, a line for each option: "--limit<TAB>-n<TAB>number". The third column is empty for
 * a flag, the choices as a|b|c, or the kind of value: text, file, folder, number or size. */
void options_list(FILE *out, const struct option_spec *specs, size_t count);

/* True if `word` is one of the options itself: "-n", "--limit", "--limit=5". */
bool options_knows(const struct option_spec *specs, size_t count, const char *word);

/* "64", "512M", "1.5G": a number of bytes. */
bool size_read(uint64_t *size, const char *text);

/* Writes the status and a formatted one-line message; returns the status. */
lede_status error_write(lede_error *err, lede_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* How many letters must be inserted, dropped, replaced or swapped with a neighbour to make `a` of `b`. */
size_t edit_distance(const char *a, const char *b);

#endif
