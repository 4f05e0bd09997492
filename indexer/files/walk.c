#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"

/* Bytes of the paths of folders that wait in memory. */
enum { FOLDERS_ROOM = 256 << 10 };

/* A walk under way: level by level. The folders of the level in hand are read, those of the next one wait. */
struct walker {
    struct walk *out;
    const struct walk_options *options;
    struct spool folders[2]; /* paths, each with its NUL */
    unsigned waiting;        /* which of them holds those that wait */
    bool stopped;
};

static void report(struct walker *w, const char *path, const char *what, int code) {
    char why[256];
    if (code)
        snprintf(why, sizeof why, "%s: %s", what, strerror(code));
    if (w->options->warn)
        w->options->warn(w->options->ctx, LEDE_WARNING_SKIPPED, path, code ? why : what);
}

static void add_file(struct walker *w, const char *path, const struct stat *st, lede_format format) {
    int64_t mtime = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    file_list_add(&w->out->files, &(struct listed_file){path, (uint64_t)st->st_size, mtime, format});
}

static void add_folder(struct walker *w, const char *path) {
    spool_append(&w->folders[w->waiting], path, strlen(path) + 1);
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
    char *real = is_link ? realpath(path, NULL) : NULL;
    if (is_link && !real && errno == ENOMEM)
        return error_nomem(err);
    if (is_link && !real)
        report(w, path, "cannot follow the link", errno);
    else
        add_file(w, real ? real : path, &st, format);
    free(real);
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
    lede_status status = LEDE_OK;
    if (kind != DT_DIR)
        status = see_file(w, path, entry->d_name, kind == DT_LNK, err);
    else if (!ends_with(entry->d_name, ".lede"))
        add_folder(w, path);
    free(path);
    return status;
}

static bool goes_on(struct walker *w) {
    if (!w->stopped && w->options->tick)
        w->stopped = w->options->tick(w->options->ctx);
    return !w->stopped;
}

static lede_status read_folder(struct walker *w, const char *path, lede_error *err) {
    DIR *dir = opendir(path);
    if (!dir) {
        report(w, path, "cannot read the folder", errno);
        return LEDE_OK;
    }
    lede_status status = LEDE_OK;
    const struct dirent *entry = NULL;
    while (!status && goes_on(w) && (errno = 0, entry = readdir(dir)) != NULL)
        status = see_entry(w, path, entry, err);
    if (!status && !entry && errno)
        report(w, path, "cannot read all of the folder", errno);
    closedir(dir);
    return status;
}

static lede_status read_level(struct walker *w, struct spool *level, lede_error *err) {
    struct spool_reader r;
    size_t n;
    lede_status status = LEDE_OK;
    spool_reader_init(&r, level);
    for (const char *p; !status && (p = (const char *)spool_next(&r, &n));)
        for (const char *end = p + n; !status && p < end; p += strlen(p) + 1)
            status = read_folder(w, p, err);
    spool_reader_release(&r);
    return !status && spool_failed(level) ? scratch_failure(&w->out->scratch, err) : status;
}

static lede_status read_folders(struct walker *w, lede_error *err) {
    lede_status status = LEDE_OK;
    while (!status && !w->stopped && spool_size(&w->folders[w->waiting]) > 0) {
        struct spool *level = &w->folders[w->waiting];
        w->waiting = !w->waiting;
        status = read_level(w, level, err);
        spool_clear(level);
    }
    return status;
}

/* `given` is the root as the caller named it: a link's name may tell what its target's does not. */
static lede_status walk_root_file(struct walker *w, const char *given, const struct stat *st, lede_error *err) {
    const char *root = w->out->root;
    lede_format format = w->options->format;
    if (euidaccess(root, R_OK))
        return error_io(err, root, "cannot read");
    if (!format)
        format = format_of_name(given);
    if (!format)
        format = format_of_name(root);
    add_file(w, root, st, format);
    return LEDE_OK;
}

static lede_status walk_root_folder(struct walker *w, lede_error *err) {
    w->out->is_folder = true;
    if (euidaccess(w->out->root, R_OK | X_OK))
        return error_io(err, w->out->root, "cannot read the folder");
    add_folder(w, w->out->root);
    return read_folders(w, err);
}

/* Looked at before its path is: that of a pipe, such as /dev/fd/63, leads nowhere. */
static lede_status find_root(struct walk *out, const char *path, struct stat *st, lede_error *err) {
    if (!*path)
        return error_set(err, LEDE_INVALID, "a file or folder without a name; name one");
    if (stat(path, st))
        return error_io(err, path, "cannot read");
    if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
        return error_set(err, LEDE_IO, "%s: neither a file nor a folder; pipe it to standard input instead", path);
    out->root = realpath(path, NULL);
    return out->root ? LEDE_OK : error_io(err, path, "cannot read");
}

lede_status walk_path(struct walk *out, const char *path, const struct walk_options *options, lede_error *err) {
    struct walker w = {.out = out, .options = options};
    struct stat st;
    *out = (struct walk){.root = NULL};
    scratch_init(&out->scratch, options->scratch);
    file_list_init(&out->files, &out->scratch);
    for (size_t i = 0; i < 2; i++)
        spool_init(&w.folders[i], &out->scratch, FOLDERS_ROOM);
    lede_status status = find_root(out, path, &st, err);
    if (!status)
        status = S_ISDIR(st.st_mode) ? walk_root_folder(&w, err) : walk_root_file(&w, path, &st, err);
    if (!status)
        status = file_list_finish(&out->files, err);
    for (size_t i = 0; i < 2; i++)
        spool_release(&w.folders[i]);
    if (status)
        walk_release(out);
    return status;
}

void walk_release(struct walk *w) {
    file_list_release(&w->files);
    scratch_release(&w->scratch);
    free(w->root);
    w->root = NULL;
}
