/* folder.h - a folder of a test's own, and files in it. */
#ifndef LEDE_TESTS_SUPPORT_FOLDER_H
#define LEDE_TESTS_SUPPORT_FOLDER_H

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Paths in tests are short. */
#define FOLDER_PATH 512

struct folder {
    char path[FOLDER_PATH];
};

static inline void folder_make(struct folder *f) {
    const char *base = getenv("TMPDIR");
    snprintf(f->path, sizeof f->path, "%s/lede-test-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(f->path));
}

static inline int folder_remove_entry(const char *path, const struct stat *st, int kind, struct FTW *where) {
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void folder_remove(struct folder *f) {
    nftw(f->path, folder_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of an entry, in one of a few buffers that are used in turn. */
static inline const char *folder_entry(const struct folder *f, const char *name) {
    static char paths[8][2 * FOLDER_PATH];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", f->path, name);
    return path;
}

static inline void folder_write(const struct folder *f, const char *name, const void *bytes, size_t len) {
    FILE *file = fopen(folder_entry(f, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static inline void folder_write_text(const struct folder *f, const char *name, const char *text) {
    folder_write(f, name, text, strlen(text));
}

static inline bool folder_has(const struct folder *f, const char *name) {
    return access(folder_entry(f, name), F_OK) == 0;
}

#endif
