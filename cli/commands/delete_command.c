/* delete_command.c - `lede delete`. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/common/command.h"
#include "cli/output/json.h"
#include "cli/output/progress.h"

static const char help[] = "Usage: lede delete [OPTIONS] KEY...\n"
                           "Takes articles out of the index. KEY is an article's key (\"key\" in the output of\n"
                           "lede search --json), or a file or folder that was indexed. The files stay as\n"
                           "they are; if they are indexed again, they are back.\n"
                           "\n"
                           "  -i, --index INDEX   --color WHEN   --json   -q, --quiet   see lede --help\n"
                           "\n"
                           "Examples:\n"
                           "  lede delete articles/2019\n"
                           "  lede delete -i papers.lede 4983 31715818\n"
                           "\n"
                           "Exit status: 0 all were deleted, 1 some key is not in the index, 2 error.\n";

/* A path from the current folder, made absolute. A file that is gone has no real path: then that of its folder
 * serves. To be freed; NULL if it can't be. */
static char *absolute(const char *path) {
    char folder[PATH_MAX], whole[2 * PATH_MAX];
    char *real = realpath(path, NULL);
    if (real)
        return real;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t len = (size_t)(name - path);
    if (len >= sizeof folder || !*name)
        return NULL;
    memcpy(folder, path, len);
    folder[len] = '\0';
    real = realpath(len ? folder : ".", NULL);
    if (!real)
        return NULL;
    int n = snprintf(whole, sizeof whole, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name);
    free(real);
    return n > 0 && (size_t)n < sizeof whole ? strdup(whole) : NULL;
}

/* By key, else as a path from here. */
static lede_status delete_one(lede_writer *writer, const char *key, uint64_t *deleted, lede_error *err) {
    lede_status status = lede_writer_delete(writer, key, strlen(key), deleted, err);
    if (status != LEDE_NOT_FOUND)
        return status;
    char *path = absolute(key);
    if (path)
        status = lede_writer_delete(writer, path, strlen(path), deleted, err);
    free(path);
    return status;
}

/* What came of it. */
struct outcome {
    uint64_t deleted;
    char **missing; /* borrowed keys; room for all */
    size_t missing_count;
};

static lede_status delete_all(lede_writer *writer, const struct arguments *keys, struct outcome *outcome,
                              lede_error *err) {
    for (int i = 0; i < keys->count; i++) {
        uint64_t deleted = 0;
        lede_status status = delete_one(writer, keys->values[i], &deleted, err);
        if (status == LEDE_NOT_FOUND)
            outcome->missing[outcome->missing_count++] = keys->values[i];
        else if (status)
            return status;
        else
            outcome->deleted += deleted;
    }
    return lede_writer_commit(writer, NULL, err);
}

static lede_status print_outcome(const struct globals *globals, const struct outcome *outcome, lede_error *err) {
    char number[32];
    lede_error missing;
    if (globals->json)
        return json_print_delete(stdout, outcome->deleted, outcome->missing, outcome->missing_count, err);
    if (!globals->quiet)
        printf("deleted %s article%s\n", number_format(number, outcome->deleted), outcome->deleted == 1 ? "" : "s");
    for (size_t i = 0; i < outcome->missing_count; i++) {
        (void)error_write(&missing, LEDE_NOT_FOUND, "%.800s: no article or file of this name in the index",
                          outcome->missing[i]);
        complain(&missing);
    }
    return LEDE_OK;
}

static int delete (const struct globals *globals, const struct arguments *keys) {
    struct outcome outcome = {0, calloc((size_t)keys->count, sizeof *outcome.missing), 0};
    lede_writer_options options = {.must_exist = true};
    lede_writer *writer = NULL;
    char *path = NULL;
    lede_error err;
    lede_status status = outcome.missing ? LEDE_OK : error_write(&err, LEDE_NOMEM, "out of memory");
    if (status == LEDE_OK)
        status = index_locate(&path, globals, false, &err);
    if (status == LEDE_OK)
        status = lede_writer_open(&writer, path, &options, &err);
    if (status == LEDE_OK)
        status = delete_all(writer, keys, &outcome, &err);
    lede_writer_close(writer);
    if (status == LEDE_OK)
        status = print_outcome(globals, &outcome, &err);
    free(path);
    free(outcome.missing);
    if (status)
        return complain(&err);
    return finish_output(outcome.missing_count ? EXIT_NOTHING : EXIT_FOUND);
}

static int run(int argc, char **argv, struct globals *globals) {
    const struct option_spec specs[] = {GLOBAL_OPTIONS(globals)};
    struct arguments keys;
    lede_error err;
    int settled = command_options(&keys, &delete_command, (struct arguments){argv, argc}, specs,
                                  sizeof specs / sizeof *specs, OPTIONS_ANYWHERE);
    if (settled >= 0)
        return settled;
    if (keys.count > 0)
        return delete (globals, &keys);
    (void)error_write(&err, LEDE_INVALID, "delete: no key; name articles, or files or folders that were indexed");
    return complain(&err);
}

const struct command delete_command = {"delete", "take articles out of the index", help, run};
