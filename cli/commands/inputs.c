#include "inputs.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static lede_status refuse(const char *path, lede_error *err) {
    return error_write(err, errno == ENOENT ? LEDE_NOT_FOUND : LEDE_IO, "%.700s: cannot be read: %s", path,
                       strerror(errno));
}

static lede_status check(const char *path, struct stat *info, lede_error *err) {
    if (!*path)
        return error_write(err, LEDE_INVALID,
                           "index: an empty name of a file or folder; name one, or - for standard input");
    if (stat(path, info))
        return refuse(path, err);
    if (!S_ISREG(info->st_mode) && !S_ISDIR(info->st_mode))
        return error_write(err, LEDE_IO, "%.700s: neither a file nor a folder; pipe it to standard input instead",
                           path);
    return euidaccess(path, S_ISDIR(info->st_mode) ? R_OK | X_OK : R_OK) ? refuse(path, err) : LEDE_OK;
}

static lede_status add(struct inputs *in, const char *path, lede_error *err) {
    struct stat info = {.st_mode = S_IFREG};
    bool is_stream = strcmp(path, "-") == 0;
    lede_status status = is_stream ? LEDE_OK : check(path, &info, err);
    if (status || S_ISDIR(info.st_mode))
        return status;
    char *file = is_stream ? strdup(path) : realpath(path, NULL);
    if (!file)
        return errno == ENOMEM ? error_write(err, LEDE_NOMEM, "out of memory") : refuse(path, err);
    in->files[in->count++].path = file;
    return LEDE_OK;
}

static int compare(const void *a, const void *b) {
    const struct input *x = a, *y = b;
    return strcmp(x->path, y->path);
}

/* Sorts them, and leaves one of those that were named more than once. */
static void settle(struct inputs *in) {
    size_t kept = 0;
    qsort(in->files, in->count, sizeof *in->files, compare);
    for (size_t i = 0; i < in->count; i++) {
        if (kept > 0 && !strcmp(in->files[kept - 1].path, in->files[i].path))
            free(in->files[i].path);
        else
            in->files[kept++] = in->files[i];
    }
    in->count = kept;
}

lede_status inputs_init(struct inputs *in, const struct arguments *paths, lede_error *err) {
    *in = (struct inputs){calloc((size_t)paths->count, sizeof *in->files), 0};
    lede_status status = in->files ? LEDE_OK : error_write(err, LEDE_NOMEM, "out of memory");
    for (int i = 0; i < paths->count && status == LEDE_OK; i++)
        status = add(in, paths->values[i], err);
    if (status)
        inputs_release(in);
    else
        settle(in);
    return status;
}

void inputs_release(struct inputs *in) {
    for (size_t i = 0; i < in->count; i++)
        free(in->files[i].path);
    free(in->files);
    *in = (struct inputs){NULL, 0};
}

struct input *inputs_find(const struct inputs *in, const char *path) {
    const struct input wanted = {.path = (char *)(uintptr_t)path};
    return bsearch(&wanted, in->files, in->count, sizeof *in->files, compare);
}
