#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/error.h"

/* A walk under way. Folders wait on a stack, so that depth costs memory and not file descriptors. */
struct walker {
    struct walk *out;
    size_t cap;
    char **folders;
    size_t folder_count, folder_cap;
    void (*warn)(void *ctx, lede_warning_kind kind, const char *where, const char *why);
    void *ctx;
};

static void report(struct walker *w, const char *path, const char *what, int code) {
    char why[256];
    if (code)
        snprintf(why, sizeof why, "%s: %s", what, strerror(code));
    if (w->warn)
        w->warn(w->ctx, LEDE_WARNING_SKIPPED, path, code ? why : what);
}

/* Room for one more element in an array that may be NULL; false if out of memory. */
static bool grow(void **array, size_t count, size_t *cap, size_t size) {
    if (count < *cap)
        return true;
    size_t more = *cap ? *cap * 2 : 64;
    void *p = reallocarray(*array, more, size);
    if (!p)
        return false;
    *array = p;
    *cap = more;
    return true;
}

/* Takes the path over, also on failure. */
static lede_status add_file(struct walker *w, char *path, const struct stat *st, lede_format format, lede_error *err) {
    void *files = w->out->files;
    bool room = grow(&files, w->out->count, &w->cap, sizeof *w->out->files);
    w->out->files = files;
    if (!room) {
        free(path);
        return error_nomem(err);
    }
    int64_t mtime = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    w->out->files[w->out->count++] = (struct walk_file){path, (uint64_t)st->st_size, mtime, format};
    return LEDE_OK;
}

/* Takes the path over, also on failure. */
static lede_status add_folder(struct walker *w, char *path, lede_error *err) {
    void *folders = w->folders;
    bool room = grow(&folders, w->folder_count, &w->folder_cap, sizeof *w->folders);
    w->folders = folders;
    if (!room) {
        free(path);
        return error_nomem(err);
    }
    w->folders[w->folder_count++] = path;
    return LEDE_OK;
}

static bool ends_with(const char *s, const char *suffix) {
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && strcmp(s + n - m, suffix) == 0;
}

/* Passed over in silence, whatever it is. */
static bool is_passed_over(const char *name) {
    return name[0] == '.';
}

static lede_status see_file(struct walker *w, const char *path, const char *name, bool is_link, lede_error *err) {
    struct stat st;
    lede_format format = format_of_name(name);
    if (format == LEDE_FORMAT_AUTO)
        return LEDE_OK;
    if (stat(path, &st)) {
        report(w, path, is_link ? "cannot follow the link" : "cannot read", errno);
        return LEDE_OK;
    }
    if (S_ISDIR(st.st_mode)) /* a link to a folder that is named like a file */
        return LEDE_OK;
    if (!S_ISREG(st.st_mode)) {
        report(w, path, "not a regular file; pipe it to standard input instead", 0);
        return LEDE_OK;
    }
    if (euidaccess(path, R_OK)) {
        report(w, path, "cannot read", errno);
        return LEDE_OK;
    }
    errno = 0;
    char *real = is_link ? realpath(path, NULL) : strdup(path);
    if (real)
        return add_file(w, real, &st, format, err);
    if (errno == ENOMEM)
        return error_nomem(err);
    report(w, path, "cannot follow the link", errno);
    return LEDE_OK;
}

/* The kind of an entry, without a system call where the file system tells; DT_UNKNOWN if it is gone. */
static unsigned char kind_of(const struct dirent *entry, const char *path) {
    struct stat st;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type;
    return lstat(path, &st) ? DT_UNKNOWN : (unsigned char)IFTODT(st.st_mode);
}

static lede_status see_entry(struct walker *w, const char *folder, const struct dirent *entry, lede_error *err) {
    char *path = NULL;
    if (is_passed_over(entry->d_name))
        return LEDE_OK;
    if (asprintf(&path, "%s/%s", strcmp(folder, "/") ? folder : "", entry->d_name) < 0)
        return error_nomem(err);
    unsigned char kind = kind_of(entry, path);
    w->out->others += kind == DT_REG && !format_of_name(entry->d_name);
    if (kind == DT_DIR && !ends_with(entry->d_name, ".lede"))
        return add_folder(w, path, err);
    lede_status status = kind == DT_DIR ? LEDE_OK : see_file(w, path, entry->d_name, kind == DT_LNK, err);
    free(path);
    return status;
}

static lede_status read_folder(struct walker *w, const char *path, lede_error *err) {
    DIR *dir = opendir(path);
    if (!dir) {
        report(w, path, "cannot read the folder", errno);
        return LEDE_OK;
    }
    lede_status status = LEDE_OK;
    const struct dirent *entry;
    while (!status && (errno = 0, entry = readdir(dir)) != NULL)
        status = see_entry(w, path, entry, err);
    if (!status && errno)
        report(w, path, "cannot read all of the folder", errno);
    closedir(dir);
    return status;
}

static lede_status read_folders(struct walker *w, lede_error *err) {
    lede_status status = LEDE_OK;
    while (!status && w->folder_count) {
        char *path = w->folders[--w->folder_count];
        status = read_folder(w, path, err);
        free(path);
    }
    return status;
}

static int compare_files(const void *a, const void *b) {
    return strcmp(((const struct walk_file *)a)->path, ((const struct walk_file *)b)->path);
}

/* A file that is there by itself and by a link is listed once. */
static void sort_files(struct walk *out) {
    size_t kept = 0;
    if (out->count)
        qsort(out->files, out->count, sizeof *out->files, compare_files);
    for (size_t i = 0; i < out->count; i++) {
        if (kept && !compare_files(&out->files[kept - 1], &out->files[i])) {
            free(out->files[i].path);
            continue;
        }
        out->bytes += out->files[i].size;
        out->files[kept++] = out->files[i];
    }
    out->count = kept;
}

/* `given` is the root as the caller named it: a link's name may tell what its target's does not. */
static lede_status walk_root_file(struct walker *w, const char *given, lede_format format, const struct stat *st,
                                  lede_error *err) {
    const char *root = w->out->root;
    if (!S_ISREG(st->st_mode))
        return error_set(err, LEDE_IO, "%s: neither a file nor a folder; pipe it to standard input instead", root);
    if (euidaccess(root, R_OK))
        return error_io(err, root, "cannot read");
    char *path = strdup(root);
    if (!path)
        return error_nomem(err);
    if (!format)
        format = format_of_name(given);
    if (!format)
        format = format_of_name(root);
    return add_file(w, path, st, format, err);
}

static lede_status walk_root_folder(struct walker *w, lede_error *err) {
    w->out->is_folder = true;
    if (euidaccess(w->out->root, R_OK | X_OK))
        return error_io(err, w->out->root, "cannot read the folder");
    char *path = strdup(w->out->root);
    if (!path)
        return error_nomem(err);
    lede_status status = add_folder(w, path, err);
    return status ? status : read_folders(w, err);
}

lede_status walk_path(struct walk *out, const char *path, lede_format format,
                      void (*warn)(void *ctx, lede_warning_kind kind, const char *where, const char *why), void *ctx,
                      lede_error *err) {
    struct walker w = {.out = out, .warn = warn, .ctx = ctx};
    struct stat st;
    *out = (struct walk){.files = NULL};
    lede_status status;
    out->root = realpath(path, NULL);
    if (!out->root || stat(out->root, &st))
        status = error_io(err, path, "cannot read");
    else if (S_ISDIR(st.st_mode))
        status = walk_root_folder(&w, err);
    else
        status = walk_root_file(&w, path, format, &st, err);
    while (w.folder_count)
        free(w.folders[--w.folder_count]);
    free(w.folders);
    if (status)
        walk_release(out);
    else
        sort_files(out);
    return status;
}

void walk_release(struct walk *w) {
    for (size_t i = 0; i < w->count; i++)
        free(w->files[i].path);
    free(w->files);
    free(w->root);
    *w = (struct walk){.files = NULL};
}
