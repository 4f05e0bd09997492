#include "command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "interrupt.h"
#include "text.h"

const struct option_choice color_choices[] = {
    {"auto", COLOR_AUTO}, {"always", COLOR_ALWAYS}, {"never", COLOR_NEVER}, {NULL, 0}};

void remark(const char *kind, const char *message) {
    char *clean = text_clean(message, strlen(message), NULL);
    fprintf(stderr, "lede: %s%s%s\n", kind, *kind ? ": " : "", clean ? clean : "out of memory");
    free(clean);
}

int complain(const lede_error *err) {
    fflush(stdout);
    remark("", err->message);
    return EXIT_ERROR;
}

int finish_output(int status) {
    lede_error err;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    /* Whoever reads our output has gone. libxapian lets the process ignore that; we end as without it. */
    if (errno == EPIPE) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    (void)error_write(&err, LEDE_IO, "standard output could not be written: %s", strerror(errno));
    return complain(&err);
}

double clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int command_options(struct arguments *rest, const struct command *command, struct arguments all,
                    const struct option_spec *specs, size_t count, enum options_order order) {
    lede_error err, named;
    if (all.count == 2 && strcmp(all.values[1], "--list-options") == 0) {
        options_list(stdout, specs, count);
        return finish_output(EXIT_FOUND);
    }
    lede_status status = options_parse(rest, all, specs, count, order, &err);
    if (status == LEDE_OK)
        return -1;
    if (status == LEDE_INTERRUPTED) {
        fputs(command->help, stdout);
        return finish_output(EXIT_FOUND);
    }
    (void)error_write(&named, status, "%s: %.*s", command->name, LEDE_ERROR_MESSAGE_SIZE / 2, err.message);
    return complain(&named);
}

int command_no_operands(const struct command *command, int argc, char **argv, const struct option_spec *specs,
                        size_t count) {
    struct arguments rest;
    lede_error err;
    int settled = command_options(&rest, command, (struct arguments){argv, argc}, specs, count, OPTIONS_ANYWHERE);
    if (settled >= 0 || rest.count == 0)
        return settled;
    (void)error_write(&err, LEDE_INVALID, "%s: takes no '%.100s'; see 'lede %s --help'", command->name, rest.values[0],
                      command->name);
    return complain(&err);
}

lede_status index_locate(char **path, const struct globals *globals, bool make, lede_error *err) {
    const char *variable = getenv("LEDE_INDEX");
    const char *named = globals->index ? globals->index : variable && *variable ? variable : NULL;
    lede_status status = LEDE_OK;
    *path = NULL;
    if (named && !*named)
        return error_write(err, LEDE_INVALID,
                           "the index has no name: --index is empty; name a folder, or leave it out");
    if (named) {
        *path = strdup(named);
    } else {
        status = lede_index_find(path, NULL, err);
        if (status == LEDE_NOT_FOUND && make) {
            status = LEDE_OK;
            *path = strdup(".lede");
        }
    }
    if (status == LEDE_OK && !*path)
        return error_write(err, LEDE_NOMEM, "out of memory");
    return status;
}

lede_status index_open(lede_index **out, const struct globals *globals, lede_error *err) {
    char *path = NULL;
    *out = NULL;
    lede_status status = index_locate(&path, globals, false, err);
    if (status == LEDE_OK)
        status = lede_index_open(out, path, err);
    free(path);
    return status;
}

int command_on_index(const struct command *command, const struct arguments *line, const struct option_spec *specs,
                     size_t count, const struct index_work *work) {
    char *path = NULL;
    lede_error err;
    int settled = command_no_operands(command, line->count, line->values, specs, count);
    if (settled >= 0)
        return settled;
    lede_status status = index_locate(&path, work->globals, false, &err);
    if (status == LEDE_OK)
        status = work->run(work->ctx, path, &err);
    free(path);
    if (status == LEDE_OK)
        return finish_output(EXIT_FOUND);
    complain(&err);
    return status == LEDE_INTERRUPTED ? 128 + interrupt_signal() : EXIT_ERROR;
}
